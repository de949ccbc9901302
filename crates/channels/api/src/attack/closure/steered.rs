//! Pods of neither side that may go by objects which the attacker writes beside them: configuration, custom resources, scripts
//! (`rules/steered-pods.md`). If they do, they act for it, as the ServiceAccounts of their namespace and with what is there.

use super::{Doubtful, Search};
use crate::attack::fact::Derived;
use crate::attack::tokens;
use std::collections::BTreeSet;
use watertight_kubernetes::ActsAs;
use watertight_model::{Because, Evidence, EvidenceRole, Pod};

/// The rule by which they do.
pub(crate) const STEERED: &str = "steered-pods";

impl Search<'_, '_> {
    /// What follows from writing objects in a namespace of neither side, if pods go by them. That is never sure.
    ///
    /// As which ServiceAccount a pod runs may change, and so may who runs: each of the namespace counts.
    pub(super) fn steer(&mut self, namespace: &str, changes: usize) {
        if self.doubtful == Doubtful::Without {
            return;
        }
        let known = self.closure.facts.len();
        let (pods, because) = self.pods_of(namespace);
        let by = self.closure.root(changes);
        for (principal, _) in self.lets_act_as(ActsAs::ServiceAccounts, Some(namespace), &[]) {
            let text = format!("{pods} go by what it writes there ({by}), and act for it as {principal}");
            let (uses, because) = (vec![changes], because.clone());
            self.hold(principal, Derived { rule: STEERED, text, uses, because, ..Derived::given() }, false);
        }
        let snapshot = self.access.snapshot;
        let read =
            tokens::read(snapshot, Some(namespace), &[]).chain(tokens::mounted(snapshot, Some(namespace)));
        for (principal, derived) in read {
            self.hold(principal, Derived { uses: vec![changes], ..derived }, false);
        }
        self.sure &= self.closure.facts.len() == known;
    }

    /// The pods of a namespace, by the first workload that the input knows, and where that stands.
    fn pods_of(&self, namespace: &str) -> (String, Vec<Because>) {
        let snapshot = self.access.snapshot;
        let is_there = |pod: &&Pod| snapshot.namespace(pod.namespace).name == namespace;
        let there: Vec<&Pod> = snapshot.pods.iter().filter(is_there).collect();
        let workloads: BTreeSet<String> =
            there.iter().map(|pod| format!("{} {}", pod.workload.kind, pod.workload.name)).collect();
        let named = match (workloads.first(), workloads.len()) {
            (None, _) => String::new(),
            (Some(one), 1) => format!(" ({one})"),
            (Some(first), count) => format!(" ({first} and {} more)", count - 1),
        };
        let first = there
            .iter()
            .find(|pod| workloads.first() == Some(&format!("{} {}", pod.workload.kind, pod.workload.name)));
        let because = first.map(|pod| Because {
            role: EvidenceRole::Selects,
            object: pod.origin.object.clone(),
            path: String::new(),
            evidence: Some(Evidence::File(pod.origin.span)),
        });
        (format!("pods of `{namespace}`{named}"), because.into_iter().collect())
    }
}
