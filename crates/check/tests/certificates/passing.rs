//! Namespaces that are there for a moment only, or never, whose labels no fence may rest on (`rules/passing-policy.md`).

use crate::by_hand::{CLOSED, accepted, admitting, forged, question, rejected, third, verdict};
use watertight_model::{Channel, Verdict};
use watertight_prove::Question;

const MARKS: [&str; 4] = [
    "annotations: {helm.sh/hook: test}",
    "annotations: {argocd.argoproj.io/hook: PreSync}",
    "annotations: {config.kubernetes.io/local-config: 'true'}",
    "deletionTimestamp: '2026-11-01T10:00:00Z'",
];

fn network() -> Question {
    Question { channels: vec![Channel::Network], ..question() }
}

/// The same with a mark on the Namespace of that name.
fn marked(text: &str, name: &str, mark: &str) -> String {
    let marked =
        text.replace(&format!("metadata: {{name: {name}, "), &format!("metadata: {{name: {name}, {mark}, "));
    assert_ne!(marked, text);
    marked
}

#[test]
fn the_levels_of_a_passing_namespace_hold_nobody_back() {
    let certificate = accepted(&network(), CLOSED);
    for mark in MARKS {
        let text = marked(CLOSED, "staging", mark);
        assert_eq!(verdict(&network(), &text), Verdict::Unknown, "{text}");
        rejected(&certificate, &text, "");
        rejected(&forged(&network(), &text), &text, "");
    }
}

#[test]
fn labels_of_a_passing_namespace_may_be_those_that_a_policy_admits() {
    let text = CLOSED.to_owned() + &admitting("{kind: monitoring}");
    let text = text.replace("staging, labels: {", "staging, labels: {kind: web, ");
    let certificate = accepted(&network(), &text);
    for mark in MARKS {
        let text = marked(&text, "staging", mark);
        assert_eq!(verdict(&network(), &text), Verdict::Unknown, "{text}");
        rejected(&certificate, &text, "");
    }
}

#[test]
fn what_marks_a_passing_namespace_of_neither_side_costs_nothing() {
    let text = CLOSED.to_owned() + &third("other");
    for mark in MARKS {
        accepted(&network(), &marked(&text, "other", mark));
    }
}
