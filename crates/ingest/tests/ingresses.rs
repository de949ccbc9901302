//! Ingresses and IngressClasses.

mod support;

use support::{Read, read};
use watertight_model::{Admission, BackendPort, Host, Ingress, IngressBackend, IngressBackendKind, PathType};

/// An Ingress `staging/i` with these annotations and this spec.
fn ingress(annotations: &str, spec: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\n\
         metadata: {{name: i, namespace: staging, annotations: {{{annotations}}}}}\nspec: {spec}\n"
    )
}

/// An Ingress with this backend for everything.
fn leading_to(backend: &str) -> Read {
    read(&ingress("", &format!("{{defaultBackend: {backend}}}")))
}

const BACKEND: &str = "{service: {name: web, port: {number: 80}}}";

/// An object that is not clear is a blind spot by the rule of what is wrong with it.
#[track_caller]
fn assert_left_out(read: &Read) {
    let blind: Vec<&str> = read.blind_spots().into_iter().map(|(rule, _)| rule).collect();
    assert!(!blind.is_empty() && blind.iter().all(|rule| read.rules().contains(rule)), "{blind:?}");
}

/// The one Ingress, of which nothing stays unseen.
#[track_caller]
fn only(read: &Read) -> &Ingress {
    assert_eq!(read.blind_spots(), []);
    assert_eq!(read.snapshot().ingresses.len(), 1, "{:?}", read.diagnostics());
    &read.snapshot().ingresses[0]
}

fn service(name: &str, port: BackendPort) -> IngressBackendKind {
    IngressBackendKind::Service { name: name.into(), port }
}

#[test]
fn an_ingress_is_read_in_full() {
    let read = read(
        &(ingress(
            "example.com/mirror: \"http://{{ x }}\", kubectl.kubernetes.io/last-applied-configuration: \"{}\"",
            &format!(
                "{{ingressClassName: shared, tls: [{{hosts: [a.example]}}], defaultBackend: {BACKEND}, rules: [\
                 {{host: \"*.example\", http: {{paths: [{{path: /a, pathType: Prefix, backend: {BACKEND}}}, \
                 {{path: /b, pathType: Exact, backend: {{service: {{name: api, port: {{name: http}}}}}}}}]}}}}, \
                 {{http: {{paths: [{{pathType: ImplementationSpecific, backend: {{resource: \
                 {{apiGroup: k8s.example, kind: Bucket, name: b}}}}}}]}}}}, {{host: empty.example}}]}}"
            ),
        ) + "status: {loadBalancer: {ingress: [{ip: 192.0.2.1}, {hostname: lb.example}]}}\n"),
    );
    assert_eq!(read.rules(), Vec::<&str>::new());
    let ingress = only(&read);
    assert_eq!(ingress.class.as_ref().map(|class| class.text.as_str()), Some("shared"));
    assert_eq!(ingress.class_annotation, None);
    assert_eq!(ingress.annotations.keys().collect::<Vec<_>>(), ["example.com/mirror"]);
    assert_eq!(ingress.annotations["example.com/mirror"].text, "http://{{ x }}");
    assert_eq!(ingress.published_at, ["192.0.2.1", "lb.example"].map(Host::of));
    let backend = |backend: &IngressBackend| (backend.kind.clone(), read.under(backend.span));
    let default = ingress.default_backend.as_ref().map(backend).unwrap();
    assert_eq!(default, (service("web", BackendPort::Number(80)), BACKEND.to_owned()));
    let [starred, open, empty] = ingress.rules.as_slice() else { panic!("three rules") };
    assert_eq!(
        [&starred.host, &open.host, &empty.host].map(Option::as_deref),
        [Some("*.example"), None, Some("empty.example")]
    );
    let [a, b] = starred.paths.as_slice() else { panic!("two paths") };
    assert_eq!((a.path.as_str(), a.kind), ("/a", PathType::Prefix));
    assert_eq!((b.path.as_str(), b.kind), ("/b", PathType::Exact));
    assert_eq!(b.backend.kind, service("api", BackendPort::Named("http".into())));
    let bucket =
        IngressBackendKind::Resource { group: "k8s.example".into(), kind: "Bucket".into(), name: "b".into() };
    assert_eq!((open.paths[0].path.as_str(), &open.paths[0].backend.kind), ("", &bucket));
    assert!(empty.paths.is_empty());
}

#[test]
fn the_annotation_names_a_class_too() {
    let text = |class: &str| {
        ingress("kubernetes.io/ingress.class: nginx", &format!("{{defaultBackend: {BACKEND}{class}}}"))
    };
    let alone = read(&text(""));
    assert_eq!(alone.rules(), Vec::<&str>::new());
    let class = only(&alone).class_annotation.as_ref().unwrap();
    assert_eq!((class.text.as_str(), alone.under(class.span)), ("nginx", "nginx".to_owned()));
    let both = read(&text(", ingressClassName: shared"));
    assert_eq!(both.rules(), ["invalid-value"]);
    assert_eq!(only(&both).admission, Admission::Refused);
    assert!(only(&both).class.is_some() && only(&both).class_annotation.is_some());
}

#[test]
fn an_ingress_that_the_server_refuses_leads_where_it_says() {
    for (spec, rule, backends) in [
        ("{}".to_owned(), "missing-field", 0),
        (format!("{{rules: [{{http: {{paths: [{{path: /, backend: {BACKEND}}}]}}}}]}}"), "invalid-value", 1),
        (
            format!("{{rules: [{{http: {{paths: [{{path: /, pathType: prefix, backend: {BACKEND}}}]}}}}]}}"),
            "invalid-value",
            1,
        ),
        (
            format!("{{rules: [{{http: {{paths: [{{path: a, pathType: Exact, backend: {BACKEND}}}]}}}}]}}"),
            "invalid-value",
            1,
        ),
        (
            format!(
                "{{rules: [{{host: 192.0.2.1, http: {{paths: [{{path: /, pathType: Exact, backend: {BACKEND}}}]}}}}]}}"
            ),
            "invalid-value",
            1,
        ),
        (format!("{{defaultBackend: {BACKEND}, class: x}}"), "unknown-field", 0),
    ] {
        let read = read(&ingress("", &spec));
        assert_eq!(read.rules(), [rule], "{spec}");
        let ingress = only(&read);
        assert_eq!(ingress.admission, Admission::Refused, "{spec}");
        assert_eq!(ingress.rules.iter().map(|rule| rule.paths.len()).sum::<usize>(), backends, "{spec}");
    }
}

#[test]
fn an_ingress_whose_backend_is_not_clear_is_left_out() {
    for backend in [
        "{}",
        "{serviceName: web, servicePort: 80}",
        "{service: {name: web}}",
        "{service: {port: {number: 80}}}",
        "{service: {name: web, port: {}}}",
        "{service: {name: web, port: {number: 80, name: http}}}",
        "{service: {name: web, port: {number: 80000}}}",
        "{service: {name: web, port: {number: 80}}, resource: {kind: Bucket, name: b}}",
        "{resource: {kind: Bucket}}",
        "web",
    ] {
        let read = leading_to(backend);
        assert!(!read.rules().is_empty(), "{backend}");
        assert!(read.snapshot().ingresses.is_empty(), "{backend}");
        assert_left_out(&read);
    }
}

#[test]
fn an_ingress_class_tells_its_controller_and_whether_it_is_the_default() {
    for (default, controller, rules) in [
        ("\"true\"", "k8s.io/ingress-nginx", vec![]),
        ("\"false\"", "k8s.io/ingress-nginx", vec![]),
        ("\"false\"", "nginx", vec!["invalid-value"]),
    ] {
        let read = read(&format!(
            "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {{name: c, \
             annotations: {{ingressclass.kubernetes.io/is-default-class: {default}}}}}\n\
             spec: {{controller: {controller}}}\n"
        ));
        assert_eq!(read.rules(), rules, "{controller}");
        assert_eq!(read.blind_spots(), []);
        let class = &read.snapshot().ingress_classes[0];
        assert_eq!((class.controller.as_str(), class.is_default), (controller, default == "\"true\""));
        assert_eq!(class.admission == Admission::Accepted, rules.is_empty());
    }
}
