//! What is shared out: the attention of the API server, priorities, quotas.

use crate::primitive::{ActsAs, EVER, Need, Primitive, WRITE};
use watertight_model::Gain;

pub(super) const ROWS: &[Primitive] = &[
    // A41.
    Primitive {
        rule: "change-flow-control",
        needs: &[Need::cluster(WRITE, FLOWS)],
        gain: Gain::TakesResources,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "decide whom the API server serves first",
        fix: "let administrators alone write FlowSchemas and PriorityLevelConfigurations",
    },
    // A42.
    Primitive {
        rule: "change-priorities",
        needs: &[Need::cluster(WRITE, &[("scheduling.k8s.io", "priorityclasses")])],
        gain: Gain::TakesResources,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "make pods that come before those of production",
        fix: "let administrators alone write PriorityClasses",
    },
    // A42, for the namespaces of production. What staging does to its own quota is about capacity.
    Primitive {
        rule: "change-quotas",
        needs: &[Need::namespaced(WRITE, QUOTAS)],
        gain: Gain::TakesResources,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "change the quotas and limits of {}",
        fix: "let administrators alone write ResourceQuotas and LimitRanges",
    },
];

const FLOWS: &[(&str, &str)] = &[
    ("flowcontrol.apiserver.k8s.io", "flowschemas"),
    ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations"),
];
const QUOTAS: &[(&str, &str)] = &[("", "resourcequotas"), ("", "resourcequotas/status"), ("", "limitranges")];
