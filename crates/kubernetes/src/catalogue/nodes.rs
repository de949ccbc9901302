//! Nodes: their kubelets, and where pods run.

use crate::primitive::{ActsAs, CREATE, EDIT, EVER, Need, Primitive, WRITE};
use std::ops::RangeInclusive;
use watertight_model::Gain;

/// The versions in which the labels of a Binding become those of the pod (feature PodTopologyLabelsAdmission, on by default
/// from 1.35 on). Tried on 1.36.
const BINDINGS_BRING_LABELS: RangeInclusive<u32> = 35..=u32::MAX;

/// To bind a pod to a node; the name is in the path or in the object.
const BINDS: Need = Need::namespaced(&[CREATE], &[("", "pods/binding"), ("", "bindings")]);

pub(super) const ROWS: &[Primitive] = &[
    // A kubelet runs commands on POST to `/run` and `/exec`, and on a GET to `/exec` that becomes a stream
    // (`pkg/kubelet/server/server.go`). The API server passes both on in its own name, under these verbs.
    Primitive {
        rule: "reach-kubelets",
        needs: &[Need::cluster(&["get", CREATE], &[("", "nodes/proxy")])],
        gain: Gain::EntersPods,
        acts_as: ActsAs::ServiceAccounts,
        versions: EVER,
        does: "run commands in the pods of {} through their kubelets, which no admission sees",
        fix: "grant `nodes/metrics`, `nodes/stats`, `nodes/healthz` or `nodes/pods` instead of `nodes/proxy`",
    },
    // With the other methods a kubelet does next to nothing; but the name of the node may hold any port:
    // `nodes/node-1:8080/proxy` (`ResourceLocation` of `pkg/registry/core/node/strategy.go`).
    Primitive {
        rule: "proxy-to-nodes",
        needs: &[Need::cluster(&["update", "patch", "delete"], &[("", "nodes/proxy")])],
        gain: Gain::DialsPods,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "have the API server connect to any port of the nodes, and so to what pods of {} publish on them",
        fix: "take away `nodes/proxy`, whatever the verb",
    },
    // A checkpoint stays on the node's disk: nobody reads it, and nothing bounds how many there are.
    Primitive {
        rule: "checkpoint-containers",
        needs: &[Need::cluster(&[CREATE], &[("", "nodes/checkpoint")])],
        gain: Gain::TakesResources,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "write the memory of containers of {} to the disks of their nodes, until those are full",
        fix: "nobody but who debugs a node needs `nodes/checkpoint`",
    },
    Primitive {
        rule: "read-kubelets",
        needs: &[Need::cluster(
            &["get"],
            &[
                ("", "nodes/log"),
                ("", "nodes/pods"),
                ("", "nodes/configz"),
                ("", "nodes/stats"),
                ("", "nodes/metrics"),
            ],
        )],
        gain: Gain::ReadsObjects,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "read logs, pod specs and figures of {} from kubelets",
        fix: "let only monitoring of neither side read from kubelets",
    },
    Primitive {
        rule: "change-nodes",
        needs: &[Need::cluster(WRITE, &[("", "nodes")])],
        gain: Gain::MovesPods,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "taint, label, cordon or delete nodes, and so move or stop the pods of {}",
        fix: "let only what manages nodes write them",
    },
    // Labels, annotations, addresses and the kubelet's port can be changed by it, taints not. Tried on 1.36.
    Primitive {
        rule: "change-nodes",
        needs: &[Need::cluster(EDIT, &[("", "nodes/status")])],
        gain: Gain::MovesPods,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "label nodes, and change their addresses and what they can hold, and so move the pods of {}",
        fix: "nobody but kubelets needs to write `nodes/status`",
    },
    Primitive {
        rule: "label-by-binding",
        needs: &[BINDS],
        gain: Gain::TakesTraffic,
        acts_as: ActsAs::Nobody,
        versions: BINDINGS_BRING_LABELS,
        does: "choose the nodes and the labels of pods of {} that wait for a node",
        fix: "nobody but schedulers needs to create bindings",
    },
    Primitive {
        rule: "bind-pods",
        needs: &[BINDS],
        gain: Gain::MovesPods,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "choose the nodes of pods of {} that wait for one",
        fix: "nobody but schedulers needs to create bindings",
    },
];
