//! What an attacker comes to, where pages of rules cannot show it.

use crate::cluster::Cluster;
use std::collections::BTreeSet;
use watertight_api::{Closure, Doubtful, Rank, Start};
use watertight_model::Principal;

/// What jane of staging can do by rules that are granted to her, each by a role of its own: in a namespace, or everywhere.
fn closure(rules: &[(&str, &str)]) -> Closure {
    let granted = |(index, &(namespace, rule)): (usize, &(&str, &str))| {
        let (kind, place) = match namespace {
            "" => ("ClusterRole", String::new()),
            namespace => ("Role", format!(", namespace: {namespace}")),
        };
        format!(
            "---
apiVersion: rbac.authorization.k8s.io/v1
kind: {kind}
metadata: {{name: role-{index}{place}}}
rules: [{{{rule}}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {kind}Binding
metadata: {{name: role-{index}{place}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {kind}, name: role-{index}}}
subjects: [{{apiGroup: rbac.authorization.k8s.io, kind: User, name: jane}}]
"
        )
    };
    let text: String = rules.iter().enumerate().map(granted).collect();
    let namespaces = ["staging", "production"]
        .map(|name| format!("---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n"));
    let cluster = Cluster::new(&(namespaces.concat() + &text));
    let start = Start {
        principal: Principal::user("jane"),
        why: "she is of staging".to_owned(),
        because: Vec::new(),
        rule: Start::OF_A_SIDE,
    };
    Closure::new(
        &cluster.access(),
        &(36..=36),
        vec![start],
        [&BTreeSet::from(["staging"]), &BTreeSet::from(["production"])],
        Doubtful::Without,
    )
}

/// The rules by which she comes to something, with the names to which that is bound.
fn powers(rules: &[(&str, &str)]) -> BTreeSet<(&'static str, Vec<String>)> {
    closure(rules).powers().into_iter().map(|power| (power.rule, power.names)).collect()
}

const CREATE_A_AND_B: &str = r#"apiGroups: [""], resources: [pods], verbs: [create], resourceNames: [a, b]"#;

#[test]
fn creating_by_name_needs_patch_on_the_same_names_at_the_same_place() {
    let creates = |place: &str, patch: &str| {
        let powers = powers(&[("production", CREATE_A_AND_B), (place, patch)]);
        powers.into_iter().find(|(rule, _)| *rule == "create-pods").map(|(_, names)| names)
    };
    let patch = |names: &str| format!(r#"apiGroups: [""], resources: [pods], verbs: [patch]{names}"#);
    let both = Some(vec!["a".to_owned(), "b".to_owned()]);
    assert_eq!(creates("production", &patch("")), both);
    // Everywhere, it lets her act as the controllers of the cluster too, which create any pod.
    let everywhere = powers(&[("production", CREATE_A_AND_B), ("", &patch(""))]);
    assert!(both.is_some_and(|both| everywhere.contains(&("create-pods", both))));
    assert_eq!(creates("production", &patch(", resourceNames: [b, c]")), Some(vec!["b".to_owned()]));
    assert_eq!(creates("production", &patch(", resourceNames: [c]")), None);
    assert_eq!(creates("staging", &patch("")), None);
    let status = r#"apiGroups: [""], resources: [pods/status], verbs: [patch]"#;
    assert_eq!(creates("production", status), None);
    let update = r#"apiGroups: [""], resources: [pods], verbs: [update]"#;
    assert_eq!(creates("production", update), None);
}

#[test]
fn every_verb_with_names_is_creating_by_name() {
    let everything = r#"apiGroups: [""], resources: [pods], verbs: ["*"], resourceNames: [a]"#;
    assert!(powers(&[("production", everything)]).contains(&("create-pods", vec!["a".to_owned()])));
}

#[test]
fn names_of_a_proxy_may_hold_a_port() {
    let status = r#"apiGroups: [""], resources: [pods/status], verbs: [patch], resourceNames: [a]"#;
    let proxy = r#"apiGroups: [""], resources: [pods/proxy], verbs: [get], resourceNames: ["a:8080"]"#;
    let rules: Vec<&str> =
        powers(&[("staging", status), ("staging", proxy)]).into_iter().map(|(rule, _)| rule).collect();
    assert!(rules.contains(&"proxy-to-any-address"));
}

#[test]
fn what_follows_from_a_breach_is_none_of_its_own() {
    // Who enters every pod acts as the controllers of the cluster, too.
    let closure = closure(&[("", r#"apiGroups: [""], resources: [pods/exec], verbs: [create]"#)]);
    let breaches = |all| closure.breaches(&BTreeSet::from(["production"]), all, Rank::Breach);
    for all in [false, true] {
        let rules: Vec<&str> = breaches(all).iter().map(|breach| breach.rule).collect();
        assert_eq!(rules, ["exec-into-pods"]);
    }
}

#[test]
fn what_may_be_written_follows_from_every_right_that_is_held() {
    let slices = ("discovery.k8s.io", "endpointslices");
    let in_staging = |rules: &[&str], (group, resource): (&str, &str)| {
        let rules: Vec<(&str, &str)> = rules.iter().map(|&rule| ("staging", rule)).collect();
        let closure = closure(&rules);
        assert!(!closure.may_write("production", group, resource), "{rules:?}");
        closure.may_write("staging", group, resource)
    };
    let named = r#"apiGroups: ["discovery.k8s.io"], resources: [endpointslices], verbs: [update], resourceNames: [a]"#;
    let read = r#"apiGroups: ["*"], resources: ["*"], verbs: [get, list, watch, delete]"#;
    let every_status = r#"apiGroups: [""], resources: ["*/status"], verbs: [patch]"#;
    let escalate = r#"apiGroups: [rbac.authorization.k8s.io], resources: [roles], verbs: [escalate, update]"#;
    assert!(in_staging(&[named], slices));
    assert!(!in_staging(&[named], ("", "endpoints")));
    assert!(!in_staging(&[named], ("discovery.k8s.io", "endpointslices/status")));
    assert!(!in_staging(&[read], slices));
    assert!(in_staging(&[every_status], ("", "pods/status")));
    assert!(!in_staging(&[every_status], ("", "pods")));
    assert!(in_staging(&[escalate], slices), "she grants herself what she likes");
    assert!(in_staging(&[r#"apiGroups: ["*"], resources: ["*"], verbs: ["*"]"#], slices));
    let everywhere = closure(&[("", named)]);
    assert!(everywhere.may_write("staging", slices.0, slices.1));
    assert!(everywhere.may_write("anywhere", slices.0, slices.1));
}

#[test]
fn a_namespace_is_relabelled_by_a_right_to_itself() {
    let patch = r#"apiGroups: [""], resources: [namespaces/status], verbs: [patch]"#;
    let closure = closure(&[("staging", patch)]);
    assert!(closure.may_relabel("staging"));
    assert!(!closure.may_relabel("production"));
}
