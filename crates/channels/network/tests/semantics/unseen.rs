//! A proxy that the input does not hold, in a namespace that it does not hold either (convention 8).

use crate::world::World;
use watertight_network::Profile;

const SHUT: &str = "podSelector: {}\npolicyTypes: [Ingress]";

/// The usual world, in which no pod of production is on the host network, onto which every proxy reaches.
fn usual() -> World {
    World::with_production("env: prd\npod-security.kubernetes.io/enforce: baseline")
}

/// The usual world, in which production is shut and an Ingress asks for a proxy.
fn published() -> World {
    let spec = "spec: {defaultBackend: {service: {name: shop, port: {number: 80}}}}\n";
    usual().policy("production/shut", SHUT).object(
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
            "spec: {{containers: [{{name: c, image: \"traefik:v3\", args: [--providers.kubernetesIngress]}}]}}\nstatus: {{phase: {phase}, podIP: 10.244.1.9, podIPs: [{{ip: 10.244.1.9}}]}}\n"
        );
        let world = admitting(&named("ingress")).namespace("edge", "env: edge");
        reason(&world.object("v1", "Pod", "name: traefik\nnamespace: edge", &spec))
    };
    assert_eq!(with("Running"), None, "the proxy is known, and not let in");
    assert!(with("Succeeded").is_some(), "so another one serves");
}

const GATEWAY: &str = "gateway.networking.k8s.io/v1";

/// Production, whose pods reach each other, with a Gateway of its own: what a class is of, and which namespaces its listener admits.
fn at_gateway(controller: &str, admits: &str) -> World {
    let spec = format!(
        "spec:\n  gatewayClassName: public\n  listeners:\n  - {{name: http, port: 80, protocol: HTTP, allowedRoutes: {{namespaces: {admits}}}}}\n"
    );
    let class = format!("spec: {{controllerName: {controller}}}\n");
    with_own_pods().object(GATEWAY, "GatewayClass", "name: public", &class).object(
        GATEWAY,
        "Gateway",
        "name: public\nnamespace: production",
        &spec,
    )
}

/// A production that admits its own pods, and something that is known to serve Gateways and that nobody admits.
fn with_own_pods() -> World {
    let spec = "spec: {containers: [{name: c, image: \"ghcr.io/nginx/nginx-gateway-fabric:2.2.0\"}]}\nstatus: {phase: Running, podIP: 10.244.1.9, podIPs: [{ip: 10.244.1.9}]}\n";
    usual()
        .policy("production/own", "podSelector: {}\ningress: [{from: [{podSelector: {}}]}]")
        .namespace("edge", "env: edge")
        .object("v1", "Pod", "name: ngf\nnamespace: edge", spec)
}

#[test]
fn c8_what_is_made_for_a_gateway_of_the_other_side_goes_where_routes_lead_it() {
    let ours = "gateway.nginx.org/nginx-gateway-controller";
    let selected = |selector: &str| format!("{{from: Selector, selector: {selector}}}");
    let named_and =
        |key: &str| format!("{{matchLabels: {{kubernetes.io/metadata.name: production, {key}: x}}}}");
    for closed in [
        "{from: Same}".to_owned(),
        "{}".to_owned(),
        selected(&named("production")),
        selected(&named_and("env")),
    ] {
        assert_eq!(reason(&at_gateway(ours, &closed)), None, "{closed}");
    }
    for open in [
        "{from: All}".to_owned(),
        selected(&named("staging")),
        selected(&named("nobody-yet")),
        // Labels may change.
        selected("{matchLabels: {env: prd}}"),
        selected(&expression("kubernetes.io/metadata.name", "NotIn", "staging")),
    ] {
        assert!(reason(&at_gateway(ours, &open)).unwrap().contains("`production`"), "{open}");
    }
    // What Istio makes for one Gateway takes listeners of others.
    assert!(reason(&at_gateway("istio.io/gateway-controller", "{from: Same}")).is_some());
}

#[test]
fn c8_a_gateway_that_a_route_names_and_the_input_does_not_hold_may_admit_all() {
    let route = |parent: &str| {
        let spec = format!("spec: {{parentRefs: [{{name: public, namespace: {parent}}}]}}\n");
        with_own_pods().object(GATEWAY, "HTTPRoute", "name: web\nnamespace: production", &spec)
    };
    assert!(reason(&route("production")).is_some());
    assert_eq!(reason(&route("edge")), None, "nobody is admitted from there");
}

#[test]
fn c8_what_serves_ingresses_alone_serves_no_gateway() {
    let with = |image: &str, controller: &str| {
        let spec = format!(
            "spec: {{containers: [{{name: c, image: {image}}}]}}\nstatus: {{phase: Running, podIP: 10.244.1.9, podIPs: [{{ip: 10.244.1.9}}]}}\n"
        );
        let world = admitting(&named("gateways")).namespace("edge", "env: edge");
        let world = world.object(
            GATEWAY,
            "GatewayClass",
            "name: public",
            &format!("spec: {{controllerName: {controller}}}\n"),
        );
        reason(&world.object("v1", "Pod", "name: proxy\nnamespace: edge", &spec))
    };
    let nginx = "registry.k8s.io/ingress-nginx/controller, args: [--watch-ingress-without-class]";
    let found = with(nginx, "traefik.io/gateway-controller").unwrap();
    assert!(found.contains("GatewayClass public"), "{found}");
    let told = "traefik, args: [--providers.kubernetesGateway, --providers.kubernetesIngress]";
    assert_eq!(with(told, "traefik.io/gateway-controller"), None);
    assert!(with(told, "x.example/y").is_some(), "another controller");
    assert!(
        with("traefik, args: [--providers.kubernetesIngress]", "traefik.io/gateway-controller").is_some(),
        "no flag says that it serves Gateways"
    );
}
