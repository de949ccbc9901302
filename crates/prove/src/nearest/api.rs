//! What the hostile side may do beside the `to` side: a binding that holds in a namespace, and would be a breach if it held
//! everywhere, or over there.

use super::SHOWN;
use std::collections::BTreeSet;
use watertight_api::{Closure, Power};
use watertight_model::{Gain, NearWay, Step};

/// The worst of what each binding gives, where it stops short of the `to` side.
pub(crate) fn of_api(closure: &Closure, to: &str) -> Vec<NearWay> {
    let mut powers: Vec<Power> = closure.powers();
    powers.retain(|power| power.scope.is_some() && power.gain != Gain::ReadsObjects);
    powers.sort_by(|one, other| {
        (one.gain, one.steps.len(), &one.message).cmp(&(other.gain, other.steps.len(), &other.message))
    });
    let mut told = BTreeSet::new();
    powers.retain(|power| told.insert(power.root.clone()));
    powers.into_iter().take(SHOWN).map(|power| near_way(power, to)).collect()
}

fn near_way(power: Power, to: &str) -> NearWay {
    let Power { rule, scope, message, root, steps, .. } = power;
    let because = |step: Step| step.because.into_iter().filter(|because| because.object == root);
    let because: Vec<_> = steps.into_iter().rev().flat_map(because).take(1).collect();
    NearWay {
        rule,
        message,
        blocked: format!(
            "{root} holds in namespace `{}`, and no binding holds so in a namespace of `{to}`",
            scope.unwrap_or_default()
        ),
        because,
    }
}
