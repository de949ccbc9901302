//! Pods of a third namespace that go by what staging writes there (`rules/steered-pods.md`).

use crate::by_hand::{
    CLOSED, accepted, admitting_all_of, binding, facts, forged, needs_each_fact, of_rights, question,
    rejected, right, third, verdict, with_rights_of,
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

const DEPLOYER: &str = "{kind: ServiceAccount, name: deployer, namespace: monitoring}";

/// Pods that staging may steer act as the ServiceAccounts of their namespace.
#[test]
fn who_is_steered_does_nothing_to_production_on_the_api() {
    for question in [question(), of_rights()] {
        let admin = cluster() + &binding("production", "ClusterRole", "edit", DEPLOYER);
        let steered = admin.clone() + &right("monitoring", WRITES);
        assert_eq!(verdict(&question, &steered), Verdict::Unknown);
        let without = accepted(&question, &admin);
        rejected(&without, &steered, "no fact says what rights yield by `change-objects`");
        rejected(&forged(&question, &steered), &steered, "no fact says");
        // With all that the hostile side surely comes to, and not as whom its writing may have pods act.
        let harmless = cluster() + &right("monitoring", WRITES);
        let without = accepted(&question, &harmless);
        rejected(&without, &steered, "no fact says that it can act as ServiceAccount monitoring/deployer");
    }
}

/// What pods that are steered may hold: credentials of production in their namespace.
#[test]
fn what_lies_beside_who_is_steered_is_no_credential_of_production() {
    let secret = |namespace: &str| {
        format!(
            "---\napiVersion: v1\nkind: Secret\nmetadata: {{name: db, namespace: {namespace}}}\nstringData: {{password: 0f9ab73c51de}}\n"
        )
    };
    let both = cluster() + &secret("production") + &secret("monitoring");
    let steered = both.clone() + &right("monitoring", WRITES);
    assert_eq!(verdict(&of_rights(), &steered), Verdict::Unknown);
    let apart = cluster() + &secret("production") + &right("monitoring", WRITES);
    rejected(&accepted(&of_rights(), &apart), &steered, "holds a credential of");
}
