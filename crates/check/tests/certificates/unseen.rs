//! What serves Ingresses and routes of production, where the input does not hold it.

use crate::by_hand::{CLOSED, accepted, forged, of_rights, rejected, right, verdict};
use watertight_model::Verdict;

const INGRESS: &str = "---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: production}
spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}
";

fn route(namespace: &str, host: &str, parents: &str) -> String {
    format!(
        "---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: web, namespace: {namespace}}}
spec: {{hostnames: [{host}], parentRefs: [{parents}], rules: [{{backendRefs: [{{name: web, port: 80}}]}}]}}
"
    )
}

#[test]
fn what_is_not_seen_may_serve_both_sides() {
    let parents = "{name: inner, namespace: infra}, {name: outer, namespace: infra}";
    let ours = || route("production", "shop.example.com", parents);
    let theirs =
        |host: &str, parent: &str| route("staging", host, &format!("{{name: {parent}, namespace: infra}}"));
    let may = |group: &str, resource: &str| {
        right("staging", &format!("{{apiGroups: [{group}], resources: [{resource}], verbs: [create]}}"))
    };
    for (text, reason) in [
        (INGRESS.to_owned() + &may("networking.k8s.io", "ingresses"), "what serves it is not seen"),
        (ours() + &theirs("shop.example.com", "outer"), "at what is not seen"),
        (ours() + &may("gateway.networking.k8s.io", "httproutes"), "what it attaches to is not seen"),
    ] {
        let text = CLOSED.to_owned() + &text;
        assert_eq!(verdict(&of_rights(), &text), Verdict::Unknown, "{text}");
        rejected(&forged(&of_rights(), &text), &text, reason);
    }
    for text in [
        INGRESS.to_owned() + &may("gateway.networking.k8s.io", "httproutes"),
        ours() + &may("networking.k8s.io", "ingresses"),
        ours() + &theirs("shop.staging.example.com", "outer"),
        ours() + &theirs("shop.example.com", "other"),
    ] {
        accepted(&of_rights(), &(CLOSED.to_owned() + &text));
    }
}
