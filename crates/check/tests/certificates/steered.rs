//! Pods of a third namespace that go by what staging writes there (`rules/steered-pods.md`).

use crate::by_hand::{
    CLOSED, accepted, admitting_all_of, facts, forged, needs_each_fact, question, rejected, right, third,
    verdict, with_rights_of,
};
use serde_json::Value;
use watertight_model::Verdict;

const WRITES: &str = "{apiGroups: [''], resources: [configmaps], verbs: [patch]}";

fn cluster() -> String {
    CLOSED.to_owned() + &third("monitoring")
}

/// Whether the network's facts are about a namespace.
fn names(certificate: &Value, namespace: &str) -> bool {
    let facts = facts(&mut certificate.clone(), "network").clone();
    facts.iter().any(|fact| fact["namespaces"].as_array().is_some_and(|all| all.contains(&namespace.into())))
}

#[test]
fn what_production_does_not_admit_may_be_steered() {
    let text = cluster() + &right("monitoring", WRITES);
    let certificate = accepted(&question(), &text);
    assert!(names(&certificate, "monitoring"), "{certificate:#}");
    assert!(needs_each_fact(&certificate, &text) > 5);
    // What is shown of staging alone says nothing of the pods that it steers.
    let without = accepted(&question(), &cluster());
    assert!(!names(&without, "monitoring"));
    rejected(&without, &text, "no fact says what rights yield by `change-objects`");
    rejected(&with_rights_of(&without, &certificate), &text, "no fact says that `monitoring`");
}

#[test]
fn who_is_admitted_and_steered_is_not_left_out() {
    let admitted = cluster() + &admitting_all_of("monitoring");
    let steered = admitted.clone() + &right("monitoring", WRITES);
    assert_eq!(verdict(&question(), &steered), Verdict::Unknown);
    let without = accepted(&question(), &admitted);
    rejected(&without, &steered, "no fact says what rights yield by `change-objects`");
    let forgery = forged(&question(), &steered);
    rejected(&forgery, &steered, "is open");
    // With what it gains and with what its pods are free of, and yet the way in is closed for pods of staging alone.
    let mut grafted = with_rights_of(&without, &forgery);
    rejected(&grafted, &steered, "");
    for fact in facts(&mut grafted, "network") {
        if ["no-host-network", "no-dialed-host"].iter().any(|kind| fact["fact"] == *kind)
            && fact["namespaces"].as_array().unwrap().contains(&"staging".into())
        {
            fact["namespaces"].as_array_mut().unwrap().push("monitoring".into());
        }
    }
    rejected(&grafted, &steered, "is open");
}

/// Pods that may use the network of their node get in whatever policies say.
#[test]
fn who_is_steered_keeps_to_the_pod_network() {
    let text = CLOSED.to_owned()
        + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: monitoring}\n"
        + &right("monitoring", WRITES);
    assert_eq!(verdict(&question(), &text), Verdict::Unknown);
    rejected(&forged(&question(), &text), &text, "pods of `monitoring` can be on the host network");
}
