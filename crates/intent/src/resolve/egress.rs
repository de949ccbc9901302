//! What is left out of a block of addresses lies in it.
//!
//! Source: `ValidateIPBlock` of Kubernetes 1.36, which refuses the policy else.

use crate::findings::Findings;
use crate::intent::{Intent, Spanned};
use crate::rules;
use ipnet::IpNet;

pub(super) fn check(intent: &Intent, findings: &mut Findings) {
    for egress in intent.environments.iter().flat_map(|environment| &environment.egress) {
        for except in &egress.except {
            if !lies_in(except, &egress.cidr) {
                let (inner, outer) = (&except.value, &egress.cidr.value);
                let message = format!("`{inner}` is left out of `{outer}`, and is no part of it");
                let help = format!("leave out a smaller block inside of `{outer}`");
                findings.error(rules::INVALID_VALUE, message, except.span, "not inside", help);
            }
        }
    }
}

/// Whether one block is a part of another, and not all of it. What is no block has been reported.
fn lies_in(inner: &Spanned<String>, outer: &Spanned<String>) -> bool {
    match (inner.value.parse::<IpNet>(), outer.value.parse::<IpNet>()) {
        (Ok(inner), Ok(outer)) => outer.contains(&inner) && inner != outer,
        _ => true,
    }
}
