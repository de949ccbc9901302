//! A context of the kubeconfig leads to one cluster: two clusters of one context are one, and nobody would know of both.

use crate::findings::Findings;
use crate::intent::Intent;
use crate::rules;
use std::collections::BTreeMap;

pub(super) fn check(intent: &Intent, findings: &mut Findings) {
    let mut known: BTreeMap<&str, &str> = BTreeMap::new();
    for cluster in &intent.clusters {
        let Some(context) = &cluster.context else { continue };
        let own = cluster.name.value.as_str();
        let other = *known.entry(&context.value).or_insert(own);
        if other != own {
            findings.error(
                rules::REPEATED_NAME,
                format!("`{}` is the context of the clusters `{other}` and `{own}`", context.value),
                context.span,
                format!("leads to `{other}` too"),
                "name the context of each, or make one cluster of the two: walls between clusters are none within one",
            );
        }
    }
}
