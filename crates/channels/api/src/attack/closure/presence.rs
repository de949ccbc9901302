//! Whether what a right names is there: who may change a workload of some name has it as soon as there is one.

use super::Search;
use crate::access::Held;
use crate::matching::ALL;
use watertight_model::{Fact, Principal, RoleRule, When};

/// Workloads that nobody else makes, of which the input holds all: by group and resource, with their kind.
const WORKLOADS: &[(&str, &str, &str)] = &[
    ("apps", "daemonsets", "DaemonSet"),
    ("apps", "deployments", "Deployment"),
    ("apps", "statefulsets", "StatefulSet"),
    ("batch", "cronjobs", "CronJob"),
];

impl Search<'_, '_> {
    /// When a gain is there: only possible, if all of its rights change workloads by names that none has there, and whoever
    /// has them makes none.
    pub(super) fn presence(&self, scope: Option<&str>, gain: usize) -> When {
        let uses = &self.closure.facts[gain].uses;
        let is_absent = |&used: &usize| match &self.closure.facts[used].fact {
            Fact::Granted { principal, rule, .. } => {
                self.names_nothing(scope, rule) && !self.makes(principal, rule)
            }
            _ => false,
        };
        if !uses.is_empty() && uses.iter().all(is_absent) { When::Possible } else { When::Now }
    }

    /// Whether a rule is about workloads alone, by names of which none is there.
    fn names_nothing(&self, scope: Option<&str>, rule: &RoleRule) -> bool {
        let mut kinds = Vec::new();
        for group in &rule.api_groups {
            for resource in &rule.resources {
                let known = WORKLOADS.iter().find(|(of, name, _)| of == group && name == resource);
                let Some((_, _, kind)) = known else { return false };
                kinds.push(*kind);
            }
        }
        let snapshot = self.access.snapshot;
        let is_there = |name: &str| match scope {
            Some(scope) => scope == name,
            None => self.to.contains(name),
        };
        let mut pods = snapshot.pods.iter().filter(|pod| is_there(&snapshot.namespace(pod.namespace).name));
        !rule.resource_names.is_empty()
            && !pods.any(|pod| {
                kinds.contains(&pod.workload.kind.as_str())
                    && rule.resource_names.contains(&pod.workload.name)
            })
    }

    /// Whether somebody may create what a rule is about, wherever and by whatever name.
    fn makes(&self, principal: &Principal, rule: &RoleRule) -> bool {
        let bound = self.bindings.get(principal).into_iter().flatten().copied();
        let held = bound.flat_map(|applies| {
            self.access.granted(applies.binding).iter().map(move |&rule| Held { applies, rule })
        });
        let mut rules = held.filter(|&held| self.counts(held)).map(|held| held.rule);
        let has = |list: &[String], texts: &[String]| {
            list.iter().any(|held| held == ALL || texts.iter().any(|text| text == held))
        };
        rules.any(|at| {
            let held = self.access.rule(at);
            has(&held.verbs, &["create".to_owned()])
                && has(&held.api_groups, &rule.api_groups)
                && has(&held.resources, &rule.resources)
        })
    }
}
