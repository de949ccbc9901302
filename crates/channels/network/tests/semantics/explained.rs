//! What the explanation of a pair says about the administrator's policies.

use crate::world::World;
use watertight_base::ConnectionSet;
use watertight_model::{Action, Relation, RuleEffect, Tier};
use watertight_network::{Profile, explain, peers_named};

/// What each rule on the destination's side, or on the source's, is said to decide, in the order in which they are shown.
fn effects(world: &World, is_egress: bool) -> Vec<RuleEffect> {
    let (snapshot, profile) = (world.ingest().snapshot, Profile::DECLARED);
    let [from, to] =
        ["staging/a", "production/b"].map(|name| peers_named(&snapshot, profile, name).remove(0));
    let explanation = explain(&snapshot, profile, Relation::May, &from, &to, None).unwrap();
    if is_egress { explanation.egress.rules } else { explanation.ingress.rules }
}

const DENY_ALL: &str = "ingress: [{action: Deny, from: [{namespaces: {}}]}]";

#[test]
fn n57_rules_are_shown_in_the_order_in_which_the_tiers_are_asked() {
    let pass =
        "{action: Pass, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 80}}}]}";
    let world = World::new()
        .tier("last", "Baseline", 0, DENY_ALL)
        .policy("production/p", "podSelector: {}\ningress: [{ports: [{port: 80}]}]")
        .tier(
            "first",
            "Admin",
            0,
            &format!("ingress: [{pass}, {{action: Deny, from: [{{namespaces: {{}}}}]}}]"),
        );
    let shown = effects(&world, false);
    let order: Vec<(Option<Tier>, Action)> =
        shown.iter().map(|effect| (effect.tier, effect.action)).collect();
    assert_eq!(
        order,
        [
            (Some(Tier::Admin), Action::Pass),
            (Some(Tier::Admin), Action::Deny),
            (None, Action::Accept),
            (Some(Tier::Baseline), Action::Deny),
        ]
    );
    assert_eq!(shown[0].matches, shown[2].matches);
    assert!(shown[1].matches.is_full());
    assert!(shown[3].matches.is_empty(), "NetworkPolicies have decided");
}

#[test]
fn n57_a_baseline_rule_counts_where_no_network_policy_isolates() {
    let shown = effects(&World::new().tier("last", "Baseline", 0, DENY_ALL), false);
    assert_eq!(shown.len(), 1);
    assert!(shown[0].matches.is_full());
}

#[test]
fn n67_networks_that_hold_a_pod_are_shown_to_be_about_it() {
    let about_staging = "namespaces: {matchLabels: {kubernetes.io/metadata.name: staging}}";
    let deny = |networks: &str| {
        let rules = format!("egress: [{{action: Deny, to: [{{networks: [{networks}]}}]}}]");
        effects(&World::new().tier_about("t", "Admin", 0, about_staging, &rules), true)
    };
    assert_eq!(deny("0.0.0.0/0")[0].matches, ConnectionSet::full());
    assert!(deny("8.8.8.0/24")[0].matches.is_empty());
}
