//! Pods: making them, entering them, and opening connections to them past every policy.

use crate::attack::primitive::{ActsAs, CHANGE, EDIT, EVER, Need, Primitive};
use watertight_model::Gain;

pub(super) const ROWS: &[Primitive] = &[
    Primitive {
        rule: "create-pods",
        needs: &[Need::namespaced(&["create"], &[("", "pods")])],
        gain: Gain::RunsPods,
        acts_as: ActsAs::ServiceAccounts,
        versions: EVER,
        does: "run any code in {}, with any ServiceAccount, Secret and volume there",
        fix: "let only production's own pipeline create pods there",
    },
    Primitive {
        rule: "exec-into-pods",
        needs: &[Need::namespaced(&["create"], &[("", "pods/exec")])],
        gain: Gain::EntersPods,
        acts_as: ActsAs::ServiceAccounts,
        versions: EVER,
        does: "run commands in the pods of {}",
        fix: "grant `pods/exec` to people on call alone, and for a while",
    },
    Primitive {
        rule: "change-pods",
        needs: &[Need::namespaced(EDIT, &[("", "pods")])],
        gain: Gain::EntersPods,
        acts_as: ActsAs::ServiceAccounts,
        versions: EVER,
        does: "change the image and the labels of the pods of {}",
        fix: "nobody needs to change pods: controllers replace them",
    },
    Primitive {
        rule: "create-workloads",
        needs: &[Need::namespaced(
            CHANGE,
            &[
                ("apps", "deployments"),
                ("apps", "daemonsets"),
                ("apps", "statefulsets"),
                ("apps", "replicasets"),
                ("batch", "jobs"),
                ("batch", "cronjobs"),
                ("", "replicationcontrollers"),
            ],
        )],
        gain: Gain::RunsPods,
        acts_as: ActsAs::ServiceAccounts,
        versions: EVER,
        does: "have controllers run any code in {}, with any ServiceAccount, Secret and volume there",
        fix: "let only production's own pipeline change workloads there",
    },
];
