//! Everything else: network policies, classes, and objects of which no other row knows more.

use crate::primitive::{ALTER, ActsAs, EVER, Need, Of, Primitive, READ, WRITE};
use watertight_model::Gain;

pub(super) const ROWS: &[Primitive] = &[
    Primitive {
        rule: "change-network-policies",
        needs: &[Need::namespaced(WRITE, POLICIES)],
        gain: Gain::ChangesFence,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "change the network policies of {}",
        fix: "let nobody but production's own pipeline and administrators write network policies there",
    },
    Primitive {
        rule: "change-network-policies",
        needs: &[Need::cluster(WRITE, CLUSTER_POLICIES)],
        gain: Gain::ChangesFence,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "change the network policies of the whole cluster",
        fix: "let nobody but production's own pipeline and administrators write network policies there",
    },
    // A46 (convention 11). A new one can be the default.
    Primitive {
        rule: "change-classes",
        needs: &[Need::cluster(WRITE, CLASSES)],
        gain: Gain::ChangesObjects,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "change the classes by which production gets volumes, routes and sandboxes",
        fix: "let administrators alone write classes",
    },
    // Convention 11. Kinds that are not known may be there, and in namespaces.
    Primitive {
        rule: "change-objects",
        needs: &[Need::namespaced(WRITE, &[]).of(Of::Objects)],
        gain: Gain::ChangesObjects,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "change objects in {}",
        fix: "let only production's own pipeline change what is there",
    },
    // Convention 11. What is new is nothing that production depends on.
    Primitive {
        rule: "change-cluster-objects",
        needs: &[Need::cluster(ALTER, &[]).of(Of::ClusterObjects)],
        gain: Gain::ChangesObjects,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "change objects of the whole cluster on which production may depend",
        fix: "let administrators alone change objects that live in no namespace",
    },
    // Of lesser rank (convention 11).
    Primitive {
        rule: "read-objects",
        needs: &[Need::namespaced(READ, &[]).of(Of::Objects)],
        gain: Gain::ReadsObjects,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "read objects in {}",
        fix: "let only those of production read there",
    },
    // The same, and a breach where one of them holds a credential (convention 11).
    Primitive {
        rule: "read-configmaps",
        needs: &[Need::namespaced(READ, &[("", "configmaps")])],
        gain: Gain::ReadsObjects,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "read the ConfigMaps of {}",
        fix: "keep credentials in Secrets, and let only those of production read there",
    },
];

const POLICIES: &[(&str, &str)] = &[
    ("networking.k8s.io", "networkpolicies"),
    ("cilium.io", "ciliumnetworkpolicies"),
    ("crd.projectcalico.org", "networkpolicies"),
    ("projectcalico.org", "networkpolicies"),
];
const CLUSTER_POLICIES: &[(&str, &str)] = &[
    ("policy.networking.k8s.io", "adminnetworkpolicies"),
    ("policy.networking.k8s.io", "baselineadminnetworkpolicies"),
    ("policy.networking.k8s.io", "clusternetworkpolicies"),
    ("cilium.io", "ciliumclusterwidenetworkpolicies"),
    ("crd.projectcalico.org", "globalnetworkpolicies"),
    ("projectcalico.org", "globalnetworkpolicies"),
];
const CLASSES: &[(&str, &str)] = &[
    ("storage.k8s.io", "storageclasses"),
    ("storage.k8s.io", "csidrivers"),
    ("storage.k8s.io", "volumeattributesclasses"),
    ("snapshot.storage.k8s.io", "volumesnapshotclasses"),
    ("networking.k8s.io", "ingressclasses"),
    ("gateway.networking.k8s.io", "gatewayclasses"),
    ("node.k8s.io", "runtimeclasses"),
    ("resource.k8s.io", "deviceclasses"),
    ("cert-manager.io", "clusterissuers"),
];
