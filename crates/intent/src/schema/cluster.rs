//! The shape of a cluster.

use crate::formats::Format;
use crate::shape::{Field, Object, Shape};

/// The providers that are told apart.
pub(crate) const PROVIDERS: &[&str] = &["aks", "eks", "gke", "k3s", "kind", "openshift", "other"];

pub(super) const CLUSTER: Object = Object {
    name: "Cluster",
    noun: "cluster",
    about: "One Kubernetes control plane with its nodes.",
    fields: &[
        Field::required("name", Shape::Text(Format::Name), "What environments call it."),
        Field::optional(
            "context",
            Shape::Text(Format::Text),
            "The context of the kubeconfig that leads to it.",
        ),
        Field::optional(
            "manifests",
            Shape::Text(Format::FilePath),
            "A file or folder below that of the intent with what else is in it, such as ingress controllers: `prove` reads it with what is compiled.",
        ),
        Field::default("provider", Shape::word(PROVIDERS), "Who runs it.", "`other`"),
        Field::default(
            "cniProfile",
            Shape::Text(Format::CniProfile),
            "The CNI profile, as `watertight prove --profile` takes it.",
            "`conservative`, which holds on any of them",
        ),
        Field::optional(
            "kubernetesVersion",
            Shape::Text(Format::KubernetesVersion),
            "Its minor version, in quotes. Without it, whatever is decided holds on all supported ones.",
        ),
        Field::default(
            "apiSeats",
            Shape::Integer { min: 1, max: 1_000_000 },
            "Requests that its API servers serve at a time: `--max-requests-inflight` and `--max-mutating-requests-inflight` together.",
            "600, the default of the two flags of one server",
        ),
        Field::default(
            "clusterNetworkPolicy",
            Shape::Boolean,
            "Whether it serves and enforces ClusterNetworkPolicy, `policy.networking.k8s.io/v1alpha2`: then environments that share it have a second fence.",
            "false: Kubernetes itself has no such kind",
        ),
        Field::optional(
            "ingress",
            Shape::Object(&INGRESS),
            "Who serves routes from outside, for environments that do not name their own.",
        ),
        Field::default(
            "dns",
            Shape::Object(&DNS),
            "The pods that resolve names, which every pod may ask.",
            "pods with `k8s-app=kube-dns` in `kube-system` on port 53; on `openshift` those of its DNS operator",
        ),
    ],
    one_of: &[],
    needs: &[],
};

const DNS: Object = Object {
    name: "Dns",
    noun: "dns",
    about: "The pods that resolve names.",
    fields: &[
        Field::required("namespace", Shape::Text(Format::Name), "Their namespace."),
        Field::required(
            "podLabel",
            Shape::Text(Format::Label),
            "A label that they have, and no other pods there.",
        ),
        Field::default(
            "port",
            Shape::Integer { min: 1, max: 65_535 },
            "The port of their containers, for UDP and TCP.",
            "53",
        ),
    ],
    one_of: &[],
    needs: &[],
};

pub(super) const INGRESS: Object = Object {
    name: "Ingress",
    noun: "ingress",
    about: "Who serves routes from outside.",
    fields: &[
        Field::required(
            "namespace",
            Shape::Text(Format::Name),
            "The namespace of the pods of the ingress controller or of the gateway, which may reach what has a route.",
        ),
        Field::optional(
            "className",
            Shape::Text(Format::Subdomain),
            "The IngressClass: routes become Ingresses.",
        ),
        Field::optional(
            "gateway",
            Shape::Object(&GATEWAY),
            "The Gateway: routes become HTTPRoutes, and certificates are its own.",
        ),
        Field::default(
            "controller",
            Shape::word(&["ingress-nginx", "other"]),
            "Which program serves the class. Environments may share an ingress-nginx: one without known faults, from 1.13.9, 1.14.5 or 1.15.1 on, as `prove` has to see by its manifests.",
            "`other`",
        ),
    ],
    one_of: &["className", "gateway"],
    needs: &[("controller", "className")],
};

const GATEWAY: Object = Object {
    name: "GatewayReference",
    noun: "gateway",
    about: "A Gateway of the Gateway API. Its listeners admit routes from the namespaces of the environments.",
    fields: &[
        Field::required("namespace", Shape::Text(Format::Name), "Its namespace."),
        Field::required("name", Shape::Text(Format::Subdomain), "Its name."),
    ],
    one_of: &[],
    needs: &[],
};
