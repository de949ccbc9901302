//! Bindings whose role the input does not hold (`rules/missing-role.md`), and whom bindings name that the server would refuse.

use crate::by_hand::{
    CLOSED, REFUSED, accepted, binding, doubted, facts, forged, needs_each_fact, of_rights, question,
    rejected, right, third, verdict,
};
use serde_json::json;
use watertight_model::Verdict;

const CI: &str = "{kind: ServiceAccount, name: ci, namespace: staging}";
const JANE: &str = "{apiGroup: rbac.authorization.k8s.io, kind: User, name: jane}";

#[test]
fn a_missing_role_may_allow_anything_where_it_is_bound() {
    let without = accepted(&of_rights(), CLOSED);
    for kind in ["Role", "ClusterRole"] {
        let text = CLOSED.to_owned() + &binding("production", kind, "elsewhere", CI);
        assert_eq!(verdict(&of_rights(), &text), Verdict::Unknown);
        rejected(&without, &text, "no fact says what rights yield by");
        // The engine that errs leaves out what is a breach.
        rejected(&forged(&of_rights(), &text), &text, "no fact says what rights yield by");
        let mut admitted = forged(&of_rights(), &text);
        let breach = json!({"fact": "gains", "row": "create-pods", "scope": "production", "names": []});
        facts(&mut admitted, "api").push(breach);
        rejected(&admitted, &text, "");
    }
}

/// Once the role is not in the input any more, what stood in it says nothing. Some of what it may allow reaches every namespace.
#[test]
fn what_a_role_grants_is_known_while_it_is_there() {
    let cluster = CLOSED.to_owned() + &third("other");
    let there = right("other", "{apiGroups: [''], resources: [pods], verbs: [get]}");
    let missing = binding("other", "Role", "given", CI);
    for question in [of_rights(), question()] {
        let certificate = accepted(&question, &(cluster.clone() + &there));
        assert!(needs_each_fact(&certificate, &(cluster.clone() + &there)) > 3);
        let text = cluster.clone() + &missing;
        assert_eq!(verdict(&question, &text), Verdict::Unknown);
        rejected(&certificate, &text, "no fact says what rights yield by");
        rejected(&forged(&question, &text), &text, "no fact says what rights yield by");
    }
}

#[test]
fn a_missing_role_of_others_is_no_matter() {
    let cluster = CLOSED.to_owned() + &third("other");
    let without = accepted(&of_rights(), &cluster);
    for namespace in ["production", "other"] {
        let own = format!("{{kind: ServiceAccount, name: own, namespace: {namespace}}}");
        let text = cluster.clone() + &binding("production", "Role", "elsewhere", &own);
        let certificate = accepted(&of_rights(), &text);
        assert_eq!(certificate["channels"], without["channels"]);
        needs_each_fact(&certificate, &text);
    }
}

/// Jane, who may read Secrets of a namespace.
fn reads(namespace: &str) -> String {
    format!(
        "---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: reads, namespace: {namespace}}}
rules: [{{apiGroups: [''], resources: [secrets], verbs: [get]}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: reads, namespace: {namespace}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: reads}}
subjects: [{JANE}]
"
    )
}

/// A binding in staging that the server would refuse.
fn refused() -> String {
    doubted(&binding("staging", "ClusterRole", "view", JANE), REFUSED)
}

#[test]
fn whom_a_refused_binding_of_staging_names_is_hostile() {
    let hers = CLOSED.to_owned() + &reads("production");
    let text = hers.clone() + &refused();
    assert_ne!(verdict(&of_rights(), &text), Verdict::Isolated);
    let certificate = accepted(&of_rights(), &hers);
    rejected(&certificate, &text, "no fact says that it can act as User jane");
    let mut admitted = certificate.clone();
    facts(&mut admitted, "api").push(json!({"fact": "acts-as", "kind": "User", "name": "jane"}));
    rejected(&admitted, &text, "no fact says what rights yield by `read-secrets`");
    rejected(&forged(&of_rights(), &text), &text, "");
}

#[test]
fn whom_a_refused_binding_names_may_have_rights_elsewhere() {
    let hers = CLOSED.to_owned() + &third("other") + &reads("other");
    let text = hers.clone() + &refused();
    let certificate = accepted(&of_rights(), &text);
    assert!(certificate.to_string().contains("jane"));
    assert!(needs_each_fact(&certificate, &text) > 3);
    rejected(&accepted(&of_rights(), &hers), &text, "no fact says that it can act as User jane");
}
