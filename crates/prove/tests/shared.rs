//! What both sides share by their objects, and whose credentials staging holds: the corners that the pages leave out.

#![expect(clippy::unwrap_used, reason = "a question without an answer is to be loud here")]

use watertight_base::Source;
use watertight_ingest::{Options, read};
use watertight_model::{Channel, ChannelReport, Principal, Report};
use watertight_prove::{GivenPrincipal, Question, prove};

const NAMESPACES: &str = "
{apiVersion: v1, kind: Namespace, metadata: {name: staging}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: tools}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: production}}
";

fn report(objects: &[&str]) -> Report {
    report_with(objects, Vec::new())
}

fn report_with(objects: &[&str], principals: Vec<GivenPrincipal>) -> Report {
    let text = format!("{NAMESPACES}---\n{}", objects.join("\n---\n"));
    let source = Source { name: "input.yaml".to_owned(), bytes: text.into_bytes() };
    let ingested = read(&[source], &Options { values: true, ..Options::default() });
    assert_eq!(ingested.diagnostics, []);
    let question = Question {
        channels: vec![Channel::Network, Channel::Api],
        principals,
        ..Question::between("staging", "production")
    };
    prove(&ingested.snapshot, &question).unwrap()
}

fn examine(objects: &[&str]) -> ChannelReport {
    let channels = report(objects).boundaries.into_iter().flat_map(|boundary| boundary.channels);
    channels.into_iter().find(|report| report.channel == Channel::Api).unwrap()
}

/// The rules of the breaches.
fn breaches(objects: &[&str]) -> Vec<&'static str> {
    examine(objects).breaches.into_iter().map(|breach| breach.rule).collect()
}

/// A certificate of `/O=deployers/O=team/CN=jane` in a Secret with its key.
fn certificate(with_key: bool) -> String {
    let pem = "-----BEGIN CERTIFICATE-----\\nMIIBuzCCAWGgAwIBAgIUe6Oe+0gYZ4Z3hZhwkvvaP1wqMfwwCgYIKoZIzj0EAwIw\\nMjESMBAGA1UECgwJZGVwbG95ZXJzMQ0wCwYDVQQKDAR0ZWFtMQ0wCwYDVQQDDARq\\nYW5lMCAXDTI2MTEyMjE2MzYwNVoYDzIxMjYxMDI5MTYzNjA1WjAyMRIwEAYDVQQK\\nDAlkZXBsb3llcnMxDTALBgNVBAoMBHRlYW0xDTALBgNVBAMMBGphbmUwWTATBgcq\\nhkjOPQIBBggqhkjOPQMBBwNCAAToODmhCbAYx4Ir9KqcNLNvS7/zsgfO6LNcc3+h\\n15XH1RhwTuDSgvg/E/Dp5gzYk7AvRq4zJO0mwDR1ZfLQEDGRo1MwUTAdBgNVHQ4E\\nFgQULgezt+AKln/1ecKBilrHmKULR1cwHwYDVR0jBBgwFoAULgezt+AKln/1ecKB\\nilrHmKULR1cwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEA2uNb\\nf3h7Ny6DsPPVfH1Sv47bzcjZxfQUmsyVOgmo6pgCIDAh4q9n39sya6cAZjhftvPL\\nhps6ZjO2BYT5zwK1eKMx\\n-----END CERTIFICATE-----\\n";
    let key = if with_key { ", tls.key: \"-----BEGIN EC PRIVATE KEY-----\"" } else { "" };
    format!(
        "{{apiVersion: v1, kind: Secret, metadata: {{name: c, namespace: staging}}, stringData: {{tls.crt: \"{pem}\"{key}}}}}"
    )
}

fn bound(role: &str, namespace: Option<&str>, group: &str) -> String {
    let (kind, place) = match namespace {
        Some(namespace) => ("RoleBinding", format!(", namespace: {namespace}")),
        None => ("ClusterRoleBinding", String::new()),
    };
    format!(
        "{{apiVersion: rbac.authorization.k8s.io/v1, kind: {kind}, metadata: {{name: b{place}}}, roleRef: {{apiGroup: \
         rbac.authorization.k8s.io, kind: ClusterRole, name: {role}}}, subjects: [{{apiGroup: rbac.authorization.k8s.io, kind: \
         Group, name: {group}}}]}}"
    )
}

#[test]
fn a_certificate_with_its_key_acts_as_its_user_and_groups() {
    let of_production = bound("view", Some("production"), "deployers");
    assert_eq!(breaches(&[&certificate(true), &of_production]), ["held-token"]);
    assert_eq!(breaches(&[&certificate(false), &of_production]), [] as [&str; 0]);
    assert_eq!(breaches(&[&certificate(true)]), [] as [&str; 0], "nobody knows them");
    // An administrator is on neither side, until staging holds what they log in with.
    let admin = bound("cluster-admin", None, "team");
    assert_eq!(breaches(&[&admin]), [] as [&str; 0]);
    assert!(!breaches(&[&certificate(true), &admin]).is_empty());
    // So is somebody who is bound between the two.
    let tools = bound("edit", Some("tools"), "team");
    let operator =
        bound("edit", Some("production"), "system:serviceaccounts:tools").replace("name: b,", "name: o,");
    assert_eq!(breaches(&[&tools, &operator]), [] as [&str; 0]);
    assert!(!breaches(&[&certificate(true), &tools, &operator]).is_empty());
}

#[test]
fn whom_somebody_says_to_be_productions_need_not_be_bound() {
    let environment = "production".to_owned();
    let jane = GivenPrincipal { environment, principal: Principal::user("jane") };
    let report = report_with(&[&certificate(true)], vec![jane]);
    let channels = report.boundaries.iter().flat_map(|boundary| &boundary.channels);
    let found: Vec<&str> = channels.flat_map(|channel| &channel.breaches).map(|breach| breach.rule).collect();
    assert!(found.contains(&"held-token"), "{found:?}");
}

#[test]
fn who_reads_a_token_is_in_the_groups_of_its_account() {
    let read =
        bound("edit", Some("tools"), "system:serviceaccounts:staging").replace("name: edit", "name: reader");
    let reader = "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: reader}, rules: [{apiGroups: \
                  [''], resources: [secrets], verbs: [get]}]}";
    let token = "{apiVersion: v1, kind: Secret, metadata: {name: t, namespace: tools, annotations: \
                 {kubernetes.io/service-account.name: x}}, type: kubernetes.io/service-account-token}";
    let group =
        bound("edit", Some("production"), "system:serviceaccounts:tools").replace("name: b,", "name: g,");
    assert_eq!(breaches(&[&read, reader, &group]), [] as [&str; 0]);
    assert_eq!(breaches(&[&read, reader, &group, token]), ["create-pods"]);
}

const INGRESS: &str = "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: w, namespace: NAMESPACE}, spec: \
                       {ingressClassName: nginx, rules: [{host: shop.example.com, http: {paths: [{path: /, pathType: Prefix, \
                       backend: {service: {name: w, port: {number: 80}}}}]}}]}}";

fn ingress(namespace: &str) -> String {
    INGRESS.replace("NAMESPACE", namespace)
}

fn controller(name: &str, watches: &str) -> String {
    format!(
        "{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: tools}}, spec: {{containers: [{{name: c, image: \
         'registry.k8s.io/ingress-nginx/controller:v1.15.1', args: ['--watch-namespace={watches}']}}]}}}}"
    )
}

#[test]
fn a_host_is_taken_unless_each_side_is_known_to_have_its_own_proxy() {
    let (theirs, ours) = (ingress("staging"), ingress("production"));
    let (of_staging, of_production) = (controller("a", "staging"), controller("b", "production"));
    assert_eq!(breaches(&[&theirs, &ours]), ["taken-host"]);
    assert_eq!(
        breaches(&[&theirs, &ours, &of_production]),
        ["taken-host"],
        "who serves staging is not known"
    );
    assert_eq!(
        breaches(&[&theirs, &ours, &of_staging]),
        ["taken-host"],
        "who serves production is not known"
    );
    assert_eq!(breaches(&[&theirs, &ours, &of_staging, &of_production]), [] as [&str; 0]);
    let [theirs_elsewhere, ours_elsewhere] = [&theirs, &ours].map(|it| it.replace("nginx", "alb"));
    assert_eq!(
        breaches(&[&theirs_elsewhere, &ours_elsewhere, &of_staging, &of_production]),
        ["taken-host"],
        "who serves the other class is not known"
    );
    assert_eq!(breaches(&[&theirs, &ours, &controller("c", "staging,production")]), ["taken-host"]);
}

#[test]
fn a_right_that_may_not_be_there_makes_what_staging_could_publish_a_doubt() {
    let shared = controller("c", "staging,production");
    let writer = bound("edit", Some("staging"), "system:serviceaccounts:staging");
    assert_eq!(breaches(&[&ingress("production"), &shared, &writer]), ["taken-host"]);
    // Helm deletes a hook when it is through.
    let hook = writer.replace(
        "name: b,",
        "name: b, annotations: {helm.sh/hook: pre-install, helm.sh/hook-delete-policy: hook-succeeded},",
    );
    let text = format!("{NAMESPACES}---\n{}\n---\n{shared}\n---\n{hook}", ingress("production"));
    let source = Source { name: "input.yaml".to_owned(), bytes: text.into_bytes() };
    let ingested = read(&[source], &Options { values: true, ..Options::default() });
    let question = Question {
        channels: vec![Channel::Network, Channel::Api],
        ..Question::between("staging", "production")
    };
    let report = prove(&ingested.snapshot, &question).unwrap();
    let channels = report.boundaries.iter().flat_map(|boundary| &boundary.channels);
    let api = channels.into_iter().find(|report| report.channel == Channel::Api).unwrap();
    assert_eq!(api.breaches, []);
    assert!(api.blind_spots.iter().any(|spot| spot.rule == "doubtful-right"), "{:?}", api.blind_spots);
}

#[test]
fn a_gateway_of_staging_takes_what_production_attaches_to_it() {
    let gateway = "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: g, namespace: staging}, spec: \
                   {gatewayClassName: c, listeners: [{name: h, protocol: HTTP, port: 80, allowedRoutes: {namespaces: {from: \
                   All}}}]}}";
    let route = "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r, namespace: production}, spec: \
                 {parentRefs: [{name: g, namespace: staging}], rules: [{backendRefs: [{name: w, port: 80}]}]}}";
    assert_eq!(breaches(&[gateway, route]), ["taken-host"]);
    let own = gateway.replace("namespace: staging", "namespace: production");
    let own_route = route.replace("namespace: staging", "namespace: production");
    assert_eq!(breaches(&[&own, &own_route]), [] as [&str; 0]);
}

#[test]
fn what_the_api_channel_answers_the_network_does_not_assume() {
    let report = report(&[]);
    let [network, api] = report.boundaries[0].channels.as_slice() else { panic!("two channels") };
    let ids = |channel: &ChannelReport| -> Vec<String> {
        channel.assumptions.iter().map(|assumption| assumption.id.clone()).collect()
    };
    for id in ["kubelet-bypass", "namespaces-fixed"] {
        assert!(!ids(network).contains(&id.to_owned()), "{id}");
    }
    assert!(ids(network).contains(&"cni-enforces".to_owned()));
    assert!(ids(api).contains(&"rbac-decides".to_owned()));
    let text = report
        .boundaries
        .iter()
        .flat_map(|boundary| &boundary.channels)
        .flat_map(|channel| &channel.assumptions);
    assert!(text.into_iter().all(|assumption| !assumption.text.contains("not examined")));
}

#[test]
fn a_listener_knows_namespaces_by_the_labels_that_they_may_have() {
    let gateway = |selector: &str, sets: &str| {
        format!(
            "{{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {{name: g, namespace: tools}}, spec: \
             {{gatewayClassName: c, allowedListeners: {{namespaces: {{from: {sets}}}}}, listeners: [{{name: h, protocol: HTTP, \
             port: 80, allowedRoutes: {{namespaces: {{from: Selector, selector: {{matchLabels: {selector}}}}}}}}}]}}}}"
        )
    };
    let route = "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r, namespace: production}, spec: \
                 {hostnames: [shop.example.com], parentRefs: [{name: g, namespace: tools}], rules: [{backendRefs: [{name: w, \
                 port: 80}]}]}}";
    let writer = "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: w, namespace: staging}, rules: \
                  [{apiGroups: [gateway.networking.k8s.io], resources: [httproutes], verbs: [create]}]}";
    let bound = bound("w", Some("staging"), "system:serviceaccounts:staging")
        .replace("kind: ClusterRole, name: w", "kind: Role, name: w");
    let with = |gateway: &str, more: &[&str]| {
        let mut objects = vec![gateway, route, writer, &bound];
        objects.extend(more);
        breaches(&objects)
    };
    let labelled = gateway("{tier: trusted}", "None");
    assert_eq!(with(&labelled, &[]), [] as [&str; 0]);
    let relabel = "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: l, namespace: staging}, rules: \
                   [{apiGroups: [''], resources: [namespaces], verbs: [patch]}]}";
    let may = bound.replace("name: b,", "name: l,").replace("kind: Role, name: w", "kind: Role, name: l");
    assert_eq!(with(&labelled, &[relabel, &may]), ["taken-host"]);
    let named = gateway("{kubernetes.io/metadata.name: production}", "None");
    assert_eq!(with(&named, &[relabel, &may]), [] as [&str; 0]);
    let open = gateway("{kubernetes.io/metadata.name: production}", "All");
    assert_eq!(with(&open, &[]), [] as [&str; 0], "it may write no listeners");
    let sets = writer.replace("name: w,", "name: s,").replace("[httproutes]", "[httproutes, listenersets]");
    let may = bound.replace("name: b,", "name: s,").replace("kind: Role, name: w", "kind: Role, name: s");
    assert_eq!(with(&open, &[&sets, &may]), ["taken-host"], "it may add a listener");
}

#[test]
fn a_listener_that_staging_adds_for_productions_host_takes_its_requests() {
    let objects = |host: &str| {
        [
            "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: g, namespace: tools}, spec: \
             {gatewayClassName: c, allowedListeners: {namespaces: {from: All}}, listeners: [{name: h, protocol: HTTP, port: 80, \
             allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {kubernetes.io/metadata.name: production}}}}}]}}"
                .to_owned(),
            "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r, namespace: production}, spec: \
             {hostnames: [shop.example.com], parentRefs: [{name: g, namespace: tools}], rules: [{backendRefs: [{name: w, \
             port: 80}]}]}}"
                .to_owned(),
            format!(
                "{{apiVersion: gateway.networking.k8s.io/v1, kind: ListenerSet, metadata: {{name: s, namespace: staging}}, \
                 spec: {{parentRef: {{name: g, namespace: tools}}, listeners: [{{name: h, protocol: HTTP, port: 80, hostname: {host}}}]}}}}"
            ),
        ]
    };
    for (host, expected) in [("shop.example.com", &["taken-host"][..]), ("staging.example.com", &[])] {
        let objects = objects(host);
        let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
        assert_eq!(breaches(&objects), expected, "{host}");
    }
}
