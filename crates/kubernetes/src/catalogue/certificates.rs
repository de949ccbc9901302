//! Certificates: new credentials by a CertificateSigningRequest.

use crate::primitive::{ActsAs, EDIT, EVER, Need, Primitive};
use watertight_model::Gain;

pub(super) const ROWS: &[Primitive] = &[
    // A20. The admission plugin CertificateApproval asks for `approve` under the name of the signer, or of its domain with
    // `/*`; CertificateSubjectRestriction refuses `system:masters` alone.
    Primitive {
        rule: "approve-certificates",
        needs: &[
            Need::cluster(&["approve"], SIGNERS)
                .named(&["kubernetes.io/kube-apiserver-client", "kubernetes.io/*"]),
            Need::cluster(EDIT, APPROVAL).own_names().together(),
            Need::cluster(&["create"], REQUESTS).own_names(),
        ],
        gain: Gain::ActsAsAnybody,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "get a certificate as any user, in any group but `system:masters`",
        fix: "let nobody approve requests of this signer but the controllers of the cluster",
    },
    // A21. The signer asks for the subject of a node, and not which one.
    Primitive {
        rule: "approve-node-certificates",
        needs: &[
            Need::cluster(&["approve"], SIGNERS)
                .named(&["kubernetes.io/kube-apiserver-client-kubelet", "kubernetes.io/*"]),
            Need::cluster(EDIT, APPROVAL).own_names().together(),
            Need::cluster(&["create"], REQUESTS).own_names(),
        ],
        gain: Gain::MintsTokens,
        acts_as: ActsAs::ServiceAccounts,
        versions: EVER,
        does: "get a certificate as any node, with the tokens and Secrets of the pods on it",
        fix: "let nobody approve requests of this signer but the controllers of the cluster",
    },
    Primitive {
        rule: "approve-node-certificates",
        needs: &[
            Need::cluster(&["approve"], SIGNERS).named(&["kubernetes.io/kubelet-serving", "kubernetes.io/*"]),
            Need::cluster(EDIT, APPROVAL).own_names().together(),
            Need::cluster(&["create"], REQUESTS).own_names(),
        ],
        gain: Gain::TakesTraffic,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "get a certificate with which to stand in for any node",
        fix: "let nobody approve requests of this signer but the controllers of the cluster",
    },
    // A21. The controller of the cluster approves those of whoever may create `nodeclient`, and does not ask for which node.
    // Source: `pkg/controller/certificates/approver/sarapprove.go`. `selfnodeclient` is for who is that node already, and
    // nothing of Kubernetes goes by `selfnodeserver`.
    Primitive {
        rule: "approve-node-certificates",
        needs: &[
            Need::cluster(&["create"], NODE_CLIENT).own_names(),
            Need::cluster(&["create"], REQUESTS).own_names().together(),
        ],
        gain: Gain::MintsTokens,
        acts_as: ActsAs::ServiceAccounts,
        versions: EVER,
        does: "get a certificate as any node, which the cluster approves, with the tokens and Secrets of the pods on it",
        fix: "grant `certificatesigningrequests/nodeclient` to nobody but those who set up nodes of the cluster",
    },
    // A21. Without the key of the CA, what is signed is trusted by nobody: who asked for it is without a certificate.
    Primitive {
        rule: "sign-certificates",
        needs: &[Need::cluster(&["sign"], SIGNERS), Need::cluster(EDIT, STATUS).own_names().together()],
        gain: Gain::ChangesObjects,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "answer requests for certificates with ones of its own",
        fix: "let nobody sign but the controllers of the cluster",
    },
];

const SIGNERS: &[(&str, &str)] = &[("certificates.k8s.io", "signers")];
const REQUESTS: &[(&str, &str)] = &[("certificates.k8s.io", "certificatesigningrequests")];
const NODE_CLIENT: &[(&str, &str)] = &[("certificates.k8s.io", "certificatesigningrequests/nodeclient")];
const APPROVAL: &[(&str, &str)] = &[("certificates.k8s.io", "certificatesigningrequests/approval")];
const STATUS: &[(&str, &str)] = &[("certificates.k8s.io", "certificatesigningrequests/status")];
