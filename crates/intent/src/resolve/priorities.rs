//! In one cluster, production comes first.

use crate::findings::Findings;
use crate::intent::{Intent, Preemption};
use crate::rules;

pub(super) fn check(intent: &Intent, findings: &mut Findings) {
    for production in intent.environments.iter().filter(|environment| environment.production.value) {
        let others = intent.environments.iter();
        let others = others.filter(|other| !other.production.value && other.cluster == production.cluster);
        for other in others {
            let (value, least) = (other.priority.value, production.priority.value.value);
            let (own, name) = (&other.name.value, &production.name.value);
            if value.value >= least {
                let message = format!("`{own}` has the priority {}, and `{name}` has {least}", value.value);
                let help = format!("give `{own}` less than {least}, or `{name}` more than {}", value.value);
                findings.error(rules::INVERTED_PRIORITY, message, value.span, "not below production", help);
            }
            let policy = other.priority.preemption_policy;
            if policy.value == Preemption::PreemptLowerPriority && value.value > 0 {
                let message =
                    format!("pods of `{own}` may take the place of pods without a class beside `{name}`");
                let help = "write `preemptionPolicy: Never`, or a `value` of 0 or less";
                findings.error(rules::INVERTED_PRIORITY, message, policy.span, "preempts others", help);
            }
        }
    }
}
