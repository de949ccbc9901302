//! What serves Ingresses and routes of production, where the input does not hold it.

use crate::by_hand::{
    CLOSED, accepted, admitting_all_of, forged, of_rights, question, rejected, right, third, verdict,
};
use watertight_model::{Channel, Verdict};
use watertight_prove::Question;

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

/// An ingress-nginx for a namespace, with further fields of its metadata.
fn nginx(namespace: &str, mark: &str) -> String {
    format!(
        "---
apiVersion: v1
kind: Pod
metadata: {{name: proxy, namespace: edge, {mark}labels: {{app: proxy}}}}
spec: {{containers: [{{name: c, image: 'registry.k8s.io/ingress-nginx/controller:v1.15.1@sha256:1', args: [--watch-namespace={namespace}]}}]}}
"
    )
}

/// The same with another way in which it is started, or of another image.
fn started(how: &str) -> String {
    let usual = "image: 'registry.k8s.io/ingress-nginx/controller:v1.15.1@sha256:1', args: [--watch-namespace=production]";
    let text = nginx("production", "");
    assert!(text.contains(usual));
    match how.starts_with("image: ") {
        true => text.replace(usual, how),
        false => text.replace("args: [--watch-namespace=production]", how),
    }
}

/// An ingress-nginx with another flag.
fn without_class(flag: &str) -> String {
    started(&format!("args: [--watch-namespace=production, {flag}]"))
}

fn of_class(class: &str) -> String {
    INGRESS.replace("spec: {", &format!("spec: {{ingressClassName: {class}, "))
}

fn class(controller: &str, mark: &str) -> String {
    format!(
        "---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {{name: public{mark}}}
spec: {{controller: {controller}}}
"
    )
}

/// A class that Ingresses get which name none.
fn default_class(mark: &str) -> String {
    let annotation = "ingressclass.kubernetes.io/is-default-class: 'true'";
    let text = class("k8s.io/ingress-nginx", mark);
    match mark.contains("annotations: {") {
        true => text.replace("annotations: {", &format!("annotations: {{{annotation}, ")),
        false => text.replace("metadata: {", &format!("metadata: {{annotations: {{{annotation}}}, ")),
    }
}

const HOOK: &str = "annotations: {helm.sh/hook: pre-install}";

#[test]
fn who_serves_another_class_is_not_seen() {
    let network = Question { channels: vec![Channel::Network], ..question() };
    let writes =
        right("staging", "{apiGroups: [networking.k8s.io], resources: [ingresses], verbs: [create]}");
    let usual = of_class("nginx") + &nginx("production", "");
    let served = [
        INGRESS.to_owned() + &without_class("--watch-ingress-without-class"),
        INGRESS.to_owned() + &nginx("production", "") + &default_class(""),
        INGRESS.to_owned() + &started("image: traefik:v3, args: [--providers.kubernetesIngress]"),
        INGRESS.to_owned() + &started("image: haproxytech/kubernetes-ingress"),
        INGRESS.to_owned()
            + &started(
                "image: haproxytech/kubernetes-ingress, args: [--ingress.class=a, --empty-ingress-class]",
            ),
        INGRESS.to_owned() + &started("image: ghcr.io/projectcontour/contour"),
        usual.clone(),
        of_class("public") + &nginx("production", "") + &class("k8s.io/ingress-nginx", ""),
        of_class("traefik") + &started("image: traefik:v3, args: [--providers.kubernetesIngress]"),
        of_class("kong")
            + &started("image: kong/kubernetes-ingress-controller, args: [--ingress-class=kong]"),
        of_class("contour") + &started("image: ghcr.io/projectcontour/contour"),
    ];
    let unserved = [
        INGRESS.to_owned() + &nginx("production", ""),
        INGRESS.to_owned() + &without_class("--watch-ingress-without-class=false"),
        INGRESS.to_owned()
            + &without_class("--watch-ingress-without-class, --watch-ingress-without-class=false"),
        INGRESS.to_owned() + &nginx("production", "") + &default_class(&format!(", {HOOK}")),
        // It was there before there was a default class.
        INGRESS.replace("{name: web", "{name: web, uid: 0-1") + &nginx("production", "") + &default_class(""),
        INGRESS.to_owned() + &started("image: traefik:v3"),
        INGRESS.to_owned()
            + &started("image: traefik:v3, args: [--providers.kubernetesIngress.ingressClass=a]"),
        INGRESS.to_owned() + &started("image: haproxytech/kubernetes-ingress, args: [--ingress.class=a]"),
        INGRESS.to_owned()
            + &started("image: ghcr.io/projectcontour/contour, args: [--ingress-class-name=a]"),
        INGRESS.to_owned() + &started("image: nginx/nginx-ingress"),
        of_class("alb") + &nginx("production", ""),
        of_class("nginx") + &nginx("edge", ""),
        of_class("nginx") + &nginx("production", &format!("{HOOK}, ")),
        of_class("public") + &nginx("production", "") + &class("ingress.k8s.aws/alb", ""),
        of_class("public") + &nginx("production", "") + &class("k8s.io/ingress-nginx", &format!(", {HOOK}")),
        // What tells it what to serve is not written there, or not followed.
        of_class("nginx")
            + &started("command: [sh, -c, exec /nginx-ingress-controller --ingress-class=other]"),
        of_class("nginx") + &started("args: [--watch-namespace=$(NAMESPACE)]"),
        of_class("nginx") + &started("args: [$(FLAGS)]"),
        of_class("nginx") + &started("args: [--watch-namespace-selector=a=b]"),
        of_class("nginx") + &started("args: [--watch-namespace=production, --watch-namespace=edge]"),
        of_class("traefik") + &started("image: traefik:v3"),
        of_class("traefik") + &started("image: traefik:v3, args: [--providers.kubernetesIngressNGINX=true]"),
        of_class("traefik")
            + &started(
                "image: traefik:v3, args: [--providers.kubernetesIngress=false, --providers.kubernetesIngress.allowEmptyServices]",
            ),
        of_class("traefik")
            + &started("image: traefik:v3, args: [--providers.kubernetesIngress.ingressClass=a]"),
        of_class("haproxy") + &started("image: haproxytech/kubernetes-ingress"),
        of_class("kong") + &started("image: kong/kubernetes-ingress-controller"),
        of_class("public")
            + &started("image: ghcr.io/projectcontour/contour")
            + &class("projectcontour.io/ingress-controller", ""),
        of_class("ambassador") + &started("image: emissaryingress/emissary"),
    ];
    let closed = CLOSED.to_owned() + &third("edge") + &admitting_all_of("balancers");
    let certificate = accepted(&network, &(closed.clone() + &usual));
    let of_api = accepted(&of_rights(), &(CLOSED.to_owned() + &third("edge") + &usual + &writes));
    for text in served {
        accepted(&network, &(closed.clone() + &text));
        accepted(&of_rights(), &(CLOSED.to_owned() + &third("edge") + &text + &writes));
    }
    for text in unserved {
        let alone = closed.clone() + &text;
        assert_eq!(verdict(&network, &alone), Verdict::Unknown, "{alone}");
        rejected(&certificate, &alone, "");
        rejected(&forged(&network, &alone), &alone, "");
        let written = CLOSED.to_owned() + &third("edge") + &text + &writes;
        assert_eq!(verdict(&of_rights(), &written), Verdict::Unknown, "{written}");
        rejected(&of_api, &written, "");
        rejected(&forged(&of_rights(), &written), &written, "what serves it is not seen");
    }
}

#[test]
fn a_gateway_that_is_not_there_to_stay_is_not_seen() {
    let gateway = |mark: &str| {
        format!(
            "---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {{name: outer, namespace: infra{mark}}}
spec: {{gatewayClassName: eg, listeners: [{{name: web, port: 80, protocol: HTTP, allowedRoutes: {{namespaces: {{from: Selector, selector: {{matchLabels: {{kubernetes.io/metadata.name: production}}}}}}}}}}]}}
"
        )
    };
    let routes = right(
        "staging",
        "{apiGroups: [gateway.networking.k8s.io], resources: [httproutes], verbs: [create]}",
    );
    let text = |mark: &str| {
        let ours = route("production", "shop.example.com", "{name: outer, namespace: infra}");
        CLOSED.to_owned() + &third("infra") + &gateway(mark) + &ours + &routes
    };
    let certificate = accepted(&of_rights(), &text(""));
    for mark in [", annotations: {helm.sh/hook: test}", ", deletionTimestamp: '2026-11-01T10:00:00Z'"] {
        assert_eq!(verdict(&of_rights(), &text(mark)), Verdict::Unknown, "{mark}");
        rejected(&certificate, &text(mark), "");
        rejected(&forged(&of_rights(), &text(mark)), &text(mark), "what it attaches to is not seen");
    }
}
