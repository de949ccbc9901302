//! A proxy that the input does not hold, in a namespace that it does not hold either (convention 8).

use crate::world::World;
use watertight_network::Profile;

const SHUT: &str = "podSelector: {}\npolicyTypes: [Ingress]";

/// The usual world, in which production is shut and an Ingress asks for a proxy.
fn published() -> World {
    let spec = "spec: {defaultBackend: {service: {name: shop, port: {number: 80}}}}\n";
    World::new().policy("production/shut", SHUT).object(
        "networking.k8s.io/v1",
        "Ingress",
        "name: web\nnamespace: production",
        spec,
    )
}

/// A namespace selector.
fn named(name: &str) -> String {
    format!("{{matchLabels: {{kubernetes.io/metadata.name: {name}}}}}")
}

fn expression(key: &str, operator: &str, value: &str) -> String {
    format!("{{matchExpressions: [{{key: {key}, operator: {operator}, values: [{value}]}}]}}")
}

/// The blind spot's reason.
fn reason(world: &World) -> Option<String> {
    let found = world.blind_spots("staging", "production");
    assert!(found.len() < 2);
    found.into_iter().next().map(|spot| {
        assert_eq!(spot.rule, "unseen-proxy");
        spot.reason
    })
}

/// A policy that admits pods of some namespaces into production.
fn admitting(selector: &str) -> World {
    let peer = format!("podSelector: {{}}\ningress: [{{from: [{{namespaceSelector: {selector}}}]}}]");
    published().policy("production/admits", &peer)
}

#[test]
fn c8_a_selector_of_no_namespace_in_the_input_may_be_the_proxys() {
    assert!(reason(&admitting(&named("ingress"))).is_some_and(|reason| reason.contains("production/admits")));
    assert_eq!(reason(&admitting(&named("production"))), None, "its own");
    assert_eq!(reason(&published()), None, "nobody is admitted");
}

#[test]
fn c8_a_selector_that_leaves_some_namespaces_out_means_the_proxys_as_well() {
    let strangers = [
        expression("kubernetes.io/metadata.name", "NotIn", "staging"),
        expression("env", "NotIn", "stg"),
        "{matchExpressions: [{key: hostile, operator: DoesNotExist}]}".to_owned(),
        "{}".to_owned(),
    ];
    for selector in strangers {
        assert!(reason(&admitting(&selector)).is_some(), "{selector}");
    }
    let known = [
        expression("kubernetes.io/metadata.name", "In", "production"),
        expression("env", "In", "prd"),
        "{matchExpressions: [{key: env, operator: Exists}]}".to_owned(),
    ];
    for selector in known {
        assert_eq!(reason(&admitting(&selector)), None, "{selector}");
    }
}

#[test]
fn c8_what_the_tiers_let_in_may_be_the_proxys_where_they_are_read() {
    let rule = |action: &str, selector: &str| {
        format!("ingress:\n- {{action: {action}, from: [{{namespaces: {selector}}}]}}\n")
    };
    for tier in ["Admin", "Baseline"] {
        for action in ["Accept", "Pass"] {
            let world = published().tier("admits", tier, 0, &rule(action, &named("ingress")));
            let found = reason(&world).unwrap();
            assert!(found.contains("ClusterNetworkPolicy admits"), "{found}");
        }
        let denying = published().tier("denies", tier, 0, &rule("Deny", &named("ingress")));
        assert_eq!(reason(&denying), None, "{tier}");
        let own = published().tier("own", tier, 0, &rule("Accept", &named("production")));
        assert_eq!(reason(&own), None, "{tier}");
        let strangers = expression("kubernetes.io/metadata.name", "NotIn", "staging");
        assert!(reason(&published().tier("strangers", tier, 0, &rule("Accept", &strangers))).is_some());
    }
    let about_staging = "namespaces: {matchLabels: {kubernetes.io/metadata.name: staging}}";
    let elsewhere =
        published().tier_about("other", "Admin", 0, about_staging, &rule("Accept", &named("ingress")));
    assert_eq!(reason(&elsewhere), None, "about the other side");
    let admin = published().tier("admits", "Admin", 0, &rule("Accept", &named("ingress")));
    let read_by = Profile::ALL.into_iter().filter(|&profile| reason(&admin.under(profile)).is_some());
    let read_by: Vec<&str> = read_by.map(|profile| profile.name).collect();
    assert_eq!(read_by, ["conservative", "calico", "antrea", "kube-network-policies", "declared"]);
}

#[test]
fn c8_whoever_is_not_kept_out_by_name_may_be_the_proxy() {
    let deny = |from: &str| {
        let rule = format!("ingress: [{{action: Deny, from: [{{namespaces: {from}}}]}}]");
        let spec = "spec: {defaultBackend: {service: {name: shop, port: {number: 80}}}}\n";
        let world = World::new().tier("fence", "Admin", 1, &rule);
        let world = world
            .object("networking.k8s.io/v1", "Ingress", "name: web\nnamespace: production", spec)
            .declared();
        assert_eq!(world.crossings("staging", "production"), std::collections::BTreeSet::new(), "{from}");
        reason(&world)
    };
    assert!(deny("{matchLabels: {env: stg}}").is_some(), "only staging is kept out");
    assert_eq!(deny("{}"), None, "everyone is kept out");
}

#[test]
fn n55_a_proxy_that_has_ended_serves_nobody() {
    let with = |phase: &str| {
        let spec = format!(
            "spec: {{containers: [{{name: c, image: \"traefik:v3\"}}]}}\nstatus: {{phase: {phase}, podIP: 10.244.1.9, podIPs: [{{ip: 10.244.1.9}}]}}\n"
        );
        let world = admitting(&named("ingress")).namespace("edge", "env: edge");
        reason(&world.object("v1", "Pod", "name: traefik\nnamespace: edge", &spec))
    };
    assert_eq!(with("Running"), None, "the proxy is known, and not let in");
    assert!(with("Succeeded").is_some(), "so another one serves");
}
