//! Gateway API: classes, Gateways, ListenerSets, routes and grants.

mod support;

use support::{Read, read, read_files};
use watertight_base::Selector;
use watertight_model::{
    Admission, BackendRole, Host, KindName, Listener, ListenerProtocol, Route, RouteKind, RouteNamespaces,
};

/// An object `staging/o` of this kind and spec.
fn object(version: &str, kind: &str, spec: &str) -> String {
    format!(
        "apiVersion: gateway.networking.k8s.io/{version}\nkind: {kind}\n\
         metadata: {{name: o, namespace: staging}}\nspec: {spec}\n"
    )
}

/// A Gateway whose one listener has these further fields.
fn listening(fields: &str) -> Read {
    read(&object(
        "v1",
        "Gateway",
        &format!(
            "{{gatewayClassName: shared, listeners: [{{name: web, port: 80, protocol: HTTP{fields}}}]}}"
        ),
    ))
}

/// An HTTPRoute with one rule.
fn routing(rule: &str) -> Read {
    read(&object("v1", "HTTPRoute", &format!("{{rules: [{rule}]}}")))
}

/// An object that is not clear is a blind spot by the rule of what is wrong with it.
#[track_caller]
fn assert_left_out(read: &Read) {
    let blind: Vec<&str> = read.blind_spots().into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(blind, read.rules());
}

#[track_caller]
fn assert_clear(read: &Read) {
    assert_eq!(read.blind_spots(), []);
}

/// The one route, of which nothing stays unseen.
#[track_caller]
fn only(read: &Read) -> &Route {
    assert_clear(read);
    assert_eq!(read.snapshot().routes.len(), 1, "{:?}", read.diagnostics());
    &read.snapshot().routes[0]
}

/// The one listener of the one Gateway, of which nothing stays unseen.
#[track_caller]
fn listener(read: &Read) -> &Listener {
    assert_clear(read);
    assert_eq!(read.snapshot().gateways.len(), 1, "{:?}", read.diagnostics());
    &read.snapshot().gateways[0].listeners[0]
}

fn kind(group: &str, kind: &str) -> KindName {
    KindName { group: group.into(), kind: kind.into() }
}

const GROUP: &str = "gateway.networking.k8s.io";

#[test]
fn a_gateway_class_tells_its_controller() {
    for version in ["v1", "v1beta1", "v1alpha2"] {
        let read = read(&object(version, "GatewayClass", "{controllerName: example.com/gateway}"));
        assert_eq!(read.rules(), Vec::<&str>::new());
        assert_clear(&read);
        let class = &read.snapshot().gateway_classes[0];
        assert_eq!(class.controller, "example.com/gateway");
        assert_eq!(class.origin.object.namespace, None, "it belongs to the cluster, whatever it says");
    }
}

#[test]
fn a_gateway_is_read_in_full() {
    let read = read(
        &(object(
            "v1",
            "Gateway",
            "{gatewayClassName: shared, addresses: [{value: 192.0.2.1}, {type: Hostname, value: gw.example}], \
             allowedListeners: {namespaces: {from: All}}, infrastructure: {labels: {env: shared}}, \
             defaultScope: All, listeners: [\
             {name: web, port: 443, protocol: HTTPS, hostname: \"*.example\", tls: {}}, \
             {name: own, port: 9000, protocol: example.com/own}]}",
        ) + "status: {addresses: [{type: IPAddress, value: 192.0.2.1}, {value: 192.0.2.2}]}\n"),
    );
    assert_eq!(read.rules(), Vec::<&str>::new());
    assert_clear(&read);
    let gateway = &read.snapshot().gateways[0];
    assert_eq!(
        (gateway.class.text.as_str(), read.under(gateway.class.span)),
        ("shared", "shared".to_owned())
    );
    assert_eq!(gateway.asked, ["192.0.2.1", "gw.example"].map(Host::of));
    assert!(gateway.asked_span.is_some_and(|span| read.under(span).contains("gw.example")));
    assert_eq!(gateway.addresses, ["192.0.2.1", "192.0.2.2"].map(Host::of));
    assert_eq!(gateway.listener_sets, RouteNamespaces::All);
    assert_eq!(gateway.infrastructure_labels["env"], "shared");
    assert!(gateway.is_default);
    let [web, own] = gateway.listeners.as_slice() else { panic!("two listeners") };
    assert_eq!((web.name.as_str(), web.port, &web.protocol), ("web", 443, &ListenerProtocol::Https));
    assert_eq!(web.hostname.as_deref(), Some("*.example"));
    assert_eq!(own.protocol, ListenerProtocol::Other("example.com/own".into()));
    assert_eq!(own.routes.namespaces, RouteNamespaces::Same);
    assert_eq!(gateway.admission, Admission::Accepted);
}

#[test]
fn a_gateway_takes_no_listener_sets_unless_it_says_so() {
    let read = listening("");
    assert_eq!(listener(&read).routes.namespaces, RouteNamespaces::Same);
    assert_eq!(read.snapshot().gateways[0].listener_sets, RouteNamespaces::None);
}

#[test]
fn a_listener_tells_which_routes_may_attach() {
    let selector = RouteNamespaces::Selected(Selector::label("env", "dev"));
    for (allowed, namespaces) in [
        ("{}", RouteNamespaces::Same),
        ("{namespaces: {}}", RouteNamespaces::Same),
        ("{namespaces: {from: Same}}", RouteNamespaces::Same),
        ("{namespaces: {from: All}}", RouteNamespaces::All),
        ("{namespaces: {from: None}}", RouteNamespaces::None),
        ("{namespaces: {from: Selector, selector: {matchLabels: {env: dev}}}}", selector),
        ("{namespaces: {from: Selector, selector: {}}}", RouteNamespaces::Selected(Selector::everything())),
    ] {
        let read = listening(&format!(", allowedRoutes: {allowed}"));
        assert_eq!(read.rules(), Vec::<&str>::new(), "{allowed}");
        let routes = &listener(&read).routes;
        assert_eq!((&routes.namespaces, &routes.kinds), (&namespaces, &None), "{allowed}");
        assert_eq!(read.under(routes.span), allowed);
    }
    let read = listening(", allowedRoutes: {kinds: [{kind: TCPRoute}, {group: x.example, kind: Own}]}");
    let kinds = Some(vec![kind(GROUP, "TCPRoute"), kind("x.example", "Own")]);
    assert_eq!(listener(&read).routes.kinds, kinds);
}

#[test]
fn a_gateway_that_is_not_clear_is_left_out() {
    for fields in [
        ", allowedRoutes: {namespaces: {from: all}}",
        ", allowedRoutes: {namespaces: {from: Selector}}",
        ", allowedRoutes: {kinds: [{}]}",
        ", allowedRoutes: {namespaces: {from: Selector, selector: {matchExpressions: [{key: a}]}}}",
    ] {
        let read = listening(fields);
        assert_eq!(read.rules().len(), 1, "{fields}");
        assert!(read.snapshot().gateways.is_empty(), "{fields}");
        assert_left_out(&read);
    }
    for spec in [
        "null",
        "{listeners: [{name: web, port: 80, protocol: HTTP}]}",
        "{gatewayClassName: c, listeners: [{port: 80, protocol: HTTP}]}",
        "{gatewayClassName: c, listeners: [{name: web, protocol: HTTP}]}",
        "{gatewayClassName: c, listeners: [{name: web, port: 80}]}",
        "{gatewayClassName: c, listeners: [{name: web, port: 0, protocol: HTTP}]}",
    ] {
        let read = read(&object("v1", "Gateway", spec));
        assert_eq!(read.rules().len(), 1, "{spec}");
        assert!(read.snapshot().gateways.is_empty(), "{spec}");
        assert_left_out(&read);
    }
}

#[test]
fn a_field_that_the_api_does_not_know_is_refused() {
    let read = listening(", allowedRoutes: {namespace: {from: All}}");
    assert_eq!(read.rules(), ["unknown-field"]);
    assert_eq!(listener(&read).routes.namespaces, RouteNamespaces::Same);
    assert_eq!(read.snapshot().gateways[0].admission, Admission::Refused);
}

#[test]
fn a_listener_set_adds_listeners_to_a_gateway() {
    let text = object(
        "v1",
        "ListenerSet",
        "{parentRef: {name: gw, namespace: infra}, listeners: [{name: web, port: 80, protocol: HTTP, \
         allowedRoutes: {namespaces: {from: All}}}]}",
    );
    let found = read(&text);
    assert_eq!(found.rules(), Vec::<&str>::new());
    assert_clear(&found);
    let set = &found.snapshot().listener_sets[0];
    assert_eq!((set.parent.namespace.as_str(), set.parent.name.as_str()), ("infra", "gw"));
    assert!(set.parent.kind.is_gateway());
    assert_eq!(set.listeners[0].routes.namespaces, RouteNamespaces::All);
    let orphan = read(&object("v1", "ListenerSet", "{listeners: []}"));
    assert!(orphan.snapshot().listener_sets.is_empty());
    assert_left_out(&orphan);
}

#[test]
fn routes_of_every_kind_are_read() {
    for (version, name, kind) in [
        ("v1", "HTTPRoute", RouteKind::Http),
        ("v1beta1", "HTTPRoute", RouteKind::Http),
        ("v1", "GRPCRoute", RouteKind::Grpc),
        ("v1alpha3", "TLSRoute", RouteKind::Tls),
        ("v1alpha2", "TCPRoute", RouteKind::Tcp),
        ("v1alpha2", "UDPRoute", RouteKind::Udp),
    ] {
        let read = read(&object(version, name, "{rules: [{backendRefs: [{name: web, port: 80}]}]}"));
        assert_eq!(read.rules(), Vec::<&str>::new(), "{name}");
        let route = only(&read);
        assert_eq!(route.kind, kind);
        let backend = &route.rules[0].backends[0];
        assert!(backend.kind.is_service());
        assert_eq!((backend.namespace.as_str(), backend.name.as_str()), ("staging", "web"));
        assert_eq!((backend.port, backend.weight, backend.role), (Some(80), 1, BackendRole::Forward));
        assert_eq!(read.under(backend.span), "{name: web, port: 80}");
    }
}

#[test]
fn a_route_names_its_parents_and_hosts() {
    let read = read(&object(
        "v1",
        "HTTPRoute",
        "{hostnames: [a.example, \"*.b.example\"], useDefaultGateways: All, parentRefs: [{name: gw}, \
         {name: gw, namespace: infra, sectionName: web, port: 443}, {group: \"\", kind: Service, name: web}]}",
    ));
    assert_eq!(read.rules(), Vec::<&str>::new());
    let route = only(&read);
    assert_eq!(route.hostnames, ["a.example", "*.b.example"]);
    assert_eq!(read.under(route.default_gateways.unwrap()), "All");
    let [own, other, mesh] = route.parents.as_slice() else { panic!("three parents") };
    assert!(own.kind.is_gateway());
    assert_eq!((own.namespace.as_str(), &own.section, own.port), ("staging", &None, None));
    assert_eq!(
        (other.namespace.as_str(), other.section.as_deref(), other.port),
        ("infra", Some("web"), Some(443))
    );
    assert!(mesh.kind.is_service());
}

#[test]
fn filters_lead_elsewhere_too() {
    let read = routing(
        "{matches: [{path: {value: /}}], filters: [\
         {type: RequestMirror, requestMirror: {backendRef: {name: copy, namespace: production, port: 80}}}, \
         {type: ExternalAuth, externalAuth: {protocol: HTTP, backendRef: {name: auth, port: 81}}}, \
         {type: RequestRedirect, requestRedirect: {hostname: other.example}}, \
         {type: ExtensionRef, extensionRef: {group: x.example, kind: Own, name: o}}], \
         backendRefs: [{name: web, port: 82, weight: 0, filters: [\
         {type: RequestMirror, requestMirror: {backendRef: {name: second, port: 83}}}]}, \
         {group: x.example, kind: Lambda, name: f}]}",
    );
    assert_eq!(read.rules(), Vec::<&str>::new());
    let rule = &only(&read).rules[0];
    let mut backends: Vec<_> = rule
        .backends
        .iter()
        .map(|it| (it.name.as_str(), it.role, it.namespace.as_str(), it.port, it.weight))
        .collect();
    backends.sort();
    assert_eq!(
        backends,
        [
            ("auth", BackendRole::Authorize, "staging", Some(81), 1),
            ("copy", BackendRole::Mirror, "production", Some(80), 1),
            ("f", BackendRole::Forward, "staging", None, 1),
            ("second", BackendRole::Mirror, "staging", Some(83), 1),
            ("web", BackendRole::Forward, "staging", Some(82), 0),
        ]
    );
    let extensions: Vec<_> =
        rule.extensions.iter().map(|it| (it.filter.as_str(), it.target.clone())).collect();
    assert_eq!(extensions, [("ExtensionRef", Some((kind("x.example", "Own"), "o".to_owned())))]);
}

#[test]
fn a_filter_that_is_not_known_may_lead_anywhere() {
    for filter in ["{type: example.com/Own}", "{type: RequestMirror, copyTo: x}"] {
        let read = routing(&format!("{{filters: [{filter}]}}"));
        assert_eq!(only(&read).rules[0].extensions.len(), 1, "{filter}");
        assert_eq!(only(&read).rules[0].extensions[0].target, None, "{filter}");
    }
}

#[test]
fn a_route_that_the_server_refuses_leads_where_it_says() {
    for (rule, name) in [
        ("{backendRefs: [{name: web}]}", "missing-field"),
        ("{backendRefs: [{name: web, port: 80, weight: -1}]}", "invalid-value"),
        ("{backendRefs: [{name: web, port: 80, protocol: TCP}]}", "unknown-field"),
        ("{backendRefs: [{name: web, port: 80}], mirrors: []}", "unknown-field"),
    ] {
        let read = routing(rule);
        assert_eq!(read.rules(), [name], "{rule}");
        let route = only(&read);
        assert_eq!(route.admission, Admission::Refused, "{rule}");
        let backend = &route.rules[0].backends[0];
        assert_eq!((backend.name.as_str(), backend.weight), ("web", 1), "{rule}");
    }
}

#[test]
fn a_route_that_is_not_clear_is_left_out() {
    for rule in [
        "{backendRefs: [{port: 80}]}",
        "{backendRefs: [{name: web, port: 80000}]}",
        "{filters: [{type: RequestMirror, requestMirror: {}}]}",
        "{filters: [{requestRedirect: {}}]}",
        "{filters: [{type: ExtensionRef, extensionRef: {kind: Own}}]}",
        "oops",
    ] {
        let read = routing(rule);
        assert_eq!(read.rules().len(), 1, "{rule}");
        assert!(read.snapshot().routes.is_empty(), "{rule}");
        assert_left_out(&read);
    }
    let nameless = read(&object("v1", "HTTPRoute", "{parentRefs: [{namespace: infra}]}"));
    assert!(nameless.snapshot().routes.is_empty());
}

#[test]
fn a_grant_says_who_may_refer_to_what() {
    for version in ["v1", "v1beta1", "v1alpha2"] {
        let read = read(&object(
            version,
            "ReferenceGrant",
            &format!(
                "{{from: [{{group: {GROUP}, kind: HTTPRoute, namespace: dev}}], \
                 to: [{{group: \"\", kind: Service}}, {{group: \"\", kind: Secret, name: tls}}]}}"
            ),
        ));
        assert_eq!(read.rules(), Vec::<&str>::new());
        assert_clear(&read);
        let grant = &read.snapshot().reference_grants[0];
        assert_eq!(
            (&grant.from[0].kind, grant.from[0].namespace.as_str()),
            (&kind(GROUP, "HTTPRoute"), "dev")
        );
        let to: Vec<_> = grant.to.iter().map(|to| (to.kind.kind.as_str(), to.name.as_deref())).collect();
        assert_eq!(to, [("Service", None), ("Secret", Some("tls"))]);
    }
    let unclear = read(&object("v1", "ReferenceGrant", "{from: [{kind: HTTPRoute}], to: [{kind: Service}]}"));
    assert!(unclear.snapshot().reference_grants.is_empty());
    assert_left_out(&unclear);
}

#[test]
fn objects_are_alike_wherever_they_stand_and_sorted_whatever_their_order() {
    let gateway = "{gatewayClassName: c, listeners: [{name: web, port: 80, protocol: HTTP}]}";
    let route = "{parentRefs: [{name: gw}], rules: [{backendRefs: [{name: web, port: 80}]}]}";
    let one = [
        object("v1", "Gateway", gateway),
        object("v1", "HTTPRoute", route),
        object("v1", "HTTPRoute", route).replace("name: o", "name: a"),
    ];
    let moved: Vec<String> = one.iter().rev().map(|text| format!("# moved\n{text}")).collect();
    let twice = read_files(&[("1.yaml", &one.join("---\n")), ("2.yaml", &moved.join("---\n"))]);
    assert_eq!(twice.rules(), ["duplicate-object"; 3]);
    assert_eq!((twice.snapshot().gateways.len(), twice.snapshot().routes.len()), (1, 2));
    let names: Vec<_> =
        twice.snapshot().routes.iter().map(|route| route.origin.object.name.as_str()).collect();
    assert_eq!(names, ["a", "o"]);
}
