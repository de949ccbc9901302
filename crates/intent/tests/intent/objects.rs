//! What the API server would refuse of the objects that applications become is found in the intent.

use crate::support::{FULL, MINIMAL, read_text, rules};

const IMAGE: &str =
    "registry.example/web@sha256:8c1f0c2f1d2d2c7b6b1f8f6a2b7e0a4c9d5e3f1a7b6c5d4e3f2a1b0c9d8e7f60";

/// An intent of one environment with an ingress controller and these applications, a line for each.
fn intent_of(environment: &str, ingress: &str, applications: &[&str]) -> String {
    let (head, _) = MINIMAL.split_once("  environments").unwrap();
    let list: String = applications
        .iter()
        .map(|application| format!("    - {{image: \"{IMAGE}\", {application}}}\n"))
        .collect();
    format!(
        "{head}  clusters: [{{name: main, ingress: {{namespace: proxies, {ingress}}}}}]
  environments: [{{name: staging, {environment}}}]
  stores:
    - {{name: 1db, engine: redis, endpoints: [{{environment: staging, host: db.example.com, cidrs: [10.0.0.0/28]}}]}}
  applications:
{list}"
    )
}

/// What is said of one application of an environment without further words.
fn said(application: &str) -> Vec<&'static str> {
    rules(&intent_of("production: false", "className: nginx", &[application]))
}

#[test]
fn two_ports_of_one_number_are_refused_but_for_two_protocols() {
    let ports = |second: &str| {
        said(&format!(
            "name: web, ports: [{{name: a, containerPort: 80, port: 8000}}, {{name: b, {second}}}]"
        ))
    };
    assert_eq!(ports("containerPort: 81"), [""; 0]);
    assert_eq!(ports("containerPort: 80, port: 81"), ["repeated-name"]);
    assert_eq!(ports("containerPort: 81, port: 8000"), ["repeated-name"]);
    assert_eq!(ports("containerPort: 80, port: 8000, protocol: UDP"), [""; 0]);
}

#[test]
fn probes_and_routes_go_by_tcp() {
    let with = |protocol: &str, more: &str| {
        said(&format!("name: web, ports: [{{name: a, containerPort: 80, protocol: {protocol}}}], {more}"))
    };
    let probe = "probes: {liveness: {port: a}}";
    let route = "routes: [{host: a.example.com, port: a}]";
    for more in [probe, route] {
        assert_eq!(with("TCP", more), [""; 0]);
        assert_eq!(with("UDP", more), ["invalid-value"]);
    }
}

#[test]
fn a_route_is_one_that_every_server_takes() {
    let with = |routes: &str| {
        said(&format!("name: web, ports: [{{name: a, containerPort: 80}}], routes: [{routes}]"))
    };
    for path in ["/", "/shop", "/shop/", "/a-b/c.d_e~f"] {
        assert_eq!(with(&format!("{{host: a.example.com, port: a, path: {path}}}")), [""; 0], "{path}");
    }
    for path in ["/a//b", "/..", "/a/./b", "/a/../b", "/a?b", "/a%2fb", "/a;b", "/a$b", "/{a}"] {
        let route = format!("{{host: a.example.com, port: a, path: \"{path}\"}}");
        assert_eq!(with(&route), ["invalid-value"], "{path}");
    }
    assert_eq!(with("{host: 192.0.2.1, port: a}"), ["invalid-value"]);
    let twice = |first: &str, second: &str| {
        with(&format!(
            "{{host: a.example.com, port: a, {first}}}, {{host: a.example.com, port: a, {second}}}"
        ))
    };
    assert_eq!(twice("path: /a", "path: /b"), [""; 0]);
    assert_eq!(twice("path: /a", "path: /a"), ["repeated-name"]);
    assert_eq!(twice("path: /a, tlsSecret: own", "path: /b, tlsSecret: own"), [""; 0]);
    assert_eq!(twice("path: /a, tlsSecret: own", "path: /b, tlsSecret: other"), ["invalid-value"]);
    assert_eq!(twice("path: /a, tlsSecret: own", "path: /b"), ["invalid-value"]);
}

#[test]
fn certificates_are_those_of_the_gateway_where_there_is_one() {
    let with = |more: &str| {
        let web = format!(
            "name: web, ports: [{{name: a, containerPort: 80}}], routes: [{{host: a.example.com, port: a{more}}}]"
        );
        rules(&intent_of("production: false", "gateway: {namespace: gateways, name: public}", &[&web]))
    };
    assert_eq!(with(""), [""; 0]);
    assert_eq!(with(", tlsSecret: own"), ["invalid-value"]);
}

#[test]
fn a_host_has_no_more_paths_at_a_gateway_than_a_route_has_rules() {
    let with = |ingress: &str, count: usize| {
        let routes: String =
            (0..count).map(|number| format!("{{host: a.example.com, port: a, path: /{number}}}, ")).collect();
        let web = format!("name: web, ports: [{{name: a, containerPort: 80}}], routes: [{routes}]");
        rules(&intent_of("production: false", ingress, &[&web]))
    };
    let gateway = "gateway: {namespace: gateways, name: public}";
    assert_eq!(with(gateway, 16), [""; 0]);
    assert_eq!(with(gateway, 18), ["invalid-value"]);
    assert_eq!(with("className: nginx", 18), [""; 0]);
}

#[test]
fn no_proxy_and_no_gateway_stands_in_another_environment() {
    let with = |of_cluster: &str, of_staging: &str| {
        let environments = format!(
            "  clusters: [{{name: main, ingress: {{{of_cluster}}}}}]
  environments: [{{name: staging, ingress: {{{of_staging}}}}}, {{name: production}}]
"
        );
        let (head, _) = MINIMAL.split_once("  environments").unwrap();
        rules(&format!("{head}{environments}"))
    };
    let class = |namespace: &str| format!("namespace: {namespace}, className: nginx");
    let gateway =
        |namespace: &str| format!("namespace: proxies, gateway: {{namespace: {namespace}, name: public}}");
    assert_eq!(with(&class("proxies"), &class("staging")), [""; 0]);
    assert_eq!(with(&gateway("gateways"), &gateway("staging")), [""; 0]);
    assert_eq!(with(&class("production"), &gateway("staging")), [""; 0]);
    for wrong in [class("production"), gateway("production")] {
        assert_eq!(with(&class("proxies"), &wrong), ["shared-namespace"]);
    }
    for wrong in [class("staging"), gateway("staging")] {
        assert_eq!(with(&wrong, &class("proxies")), ["shared-namespace"]);
    }
}

#[test]
fn names_are_those_that_objects_can_have() {
    let job = |application: &str, kind: &str, length: usize| {
        let job = "j".repeat(length);
        let schedule = if kind == "cron" { ", schedule: \"@daily\"" } else { "" };
        said(&format!("name: {application}, {kind}: [{{name: {job}{schedule}}}]"))
    };
    for kind in ["jobs", "cron"] {
        assert_eq!(job("web", kind, 48), [""; 0]);
        assert_eq!(job("web", kind, 49), ["invalid-value"]);
    }
    assert_eq!(said("name: default"), ["invalid-value"]);
    assert_eq!(said("name: 3d"), [""; 0]);
    assert_eq!(said("name: 3d, ports: [{name: a, containerPort: 80}]"), ["invalid-value"]);
    assert_eq!(said("name: web, stores: [1db]"), ["invalid-value"]);
    let two = [
        "name: a-b, cron: [{name: c, schedule: \"@daily\"}]",
        "name: a, cron: [{name: b-c, schedule: \"@daily\"}]",
    ];
    assert_eq!(rules(&intent_of("production: false", "className: nginx", &two)), ["repeated-name"]);
}

#[test]
fn a_quota_has_room_for_what_applications_become() {
    let web = "name: web, ports: [{name: a, containerPort: 80}], routes: [{host: a.example.com, port: a}], \
               jobs: [{name: j}], cron: [{name: c, schedule: \"@daily\"}]";
    let sorts =
        ["deployments.apps", "services", "ingresses.networking.k8s.io", "jobs.batch", "cronjobs.batch"];
    for sort in sorts {
        let with = |count: u8| {
            let quota = format!("quota: {{objects: {{{sort}: {count}}}}}");
            rules(&intent_of(&quota, "className: nginx", &[web]))
        };
        assert_eq!(with(1), [""; 0], "{sort}");
        assert_eq!(with(0), ["impossible-quota"], "{sort}");
    }
}

#[test]
fn an_identity_is_written_as_its_provider_names_them() {
    let with = |provider: &str, identity: &str| {
        let text = FULL.replace("provider: gke", &format!("provider: {provider}"));
        let text = text.replace("      identity: shop@shop-prod.iam.gserviceaccount.com\n", "");
        rules(&text.replace("shop-staging@shop-nonprod.iam.gserviceaccount.com", identity))
    };
    let good = [
        ("gke", "shop-staging@shop-nonprod.iam.gserviceaccount.com"),
        ("eks", "\"arn:aws:iam::123456789012:role/path/shop-staging\""),
        ("eks", "\"arn:aws-cn:iam::123456789012:role/shop\""),
        ("aks", "1b4e28ba-2fa1-11d2-883f-0016d3cca427"),
    ];
    for (provider, identity) in good {
        assert_eq!(with(provider, identity), [""; 0], "{provider} {identity}");
        for other in ["gke", "eks", "aks"].into_iter().filter(|other| *other != provider) {
            assert_eq!(with(other, identity), ["invalid-value"], "{other} {identity}");
        }
        for without in ["kind", "k3s", "openshift", "other"] {
            assert_eq!(with(without, identity), ["invalid-value"], "{without}");
        }
    }
    for (provider, identity) in [
        ("gke", "shop@example.com"),
        ("eks", "\"arn:aws:iam::123456789012:user/shop\""),
        ("eks", "\"arn:aws:iam::1234:role/shop\""),
        ("aks", "1b4e28ba-2fa1-11d2-883f"),
    ] {
        assert_eq!(with(provider, identity), ["invalid-value"], "{identity}");
    }
}

#[test]
fn the_case_of_letters_makes_no_other_identity() {
    let own = "shop-staging@shop-nonprod.iam.gserviceaccount.com";
    let text =
        FULL.replace("shop@shop-prod.iam.gserviceaccount.com", &own.replace("shop-staging", "Shop-Staging"));
    let found = read_text(&text).diagnostics;
    let messages: Vec<&str> = found.iter().map(|found| found.rule).collect();
    assert_eq!(messages, ["shared-identity"]);
}
