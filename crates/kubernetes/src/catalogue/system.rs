//! Namespaces of the cluster itself, which belong to no side and serve all of them.

use crate::primitive::{ActsAs, EVER, Need, Of, Place, Primitive, WRITE};
use watertight_model::Gain;

pub(super) const ROWS: &[Primitive] = &[
    // A38: `coredns`, `kube-proxy`, `aws-auth`, `extension-apiserver-authentication`…
    Primitive {
        rule: "system-config",
        needs: &[Need::namespaced(WRITE, &[("", "configmaps")]).at(Place::In(&["kube-system"]))],
        gain: Gain::TakesTraffic,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "change the ConfigMaps of `kube-system`, by which names are resolved and nodes route",
        fix: "let administrators alone change what is in `kube-system`",
    },
    // A39.
    Primitive {
        rule: "system-leases",
        needs: &[Need::namespaced(WRITE, &[("coordination.k8s.io", "leases")])
            .at(Place::In(&["kube-system", "kube-node-lease"]))],
        gain: Gain::StopsPods,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "take the Leases of controllers and nodes, without which production does not run",
        fix: "let administrators alone change what is in `kube-system`",
    },
    Primitive {
        rule: "system-objects",
        needs: &[Need::namespaced(WRITE, &[]).of(Of::Objects).at(Place::In(SYSTEM))],
        gain: Gain::ChangesObjects,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "change what runs in `kube-system`, which serves production too",
        fix: "let administrators alone change what is in `kube-system`",
    },
];

/// The namespaces that every server makes by itself, except `default`.
const SYSTEM: &[&str] = &["kube-system", "kube-node-lease", "kube-public"];
