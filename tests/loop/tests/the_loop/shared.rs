//! One ingress-nginx that serves both sides: guards alone keep it from going where it is told, and each is needed for that.

use crate::certificates::is_certified;
use crate::cluster::{Cluster, findings, profiles};
use crate::fleet::Fleet;
use crate::surroundings::is_of_a_proxy;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use watertight_model::Verdict;
use watertight_network::Profile;
use watertight_prove::prove;

const INTENT: &str = "
apiVersion: watertight.dev/v1alpha1
kind: Fleet
metadata: {name: shop}
spec:
  clusters:
    - name: main
      kubernetesVersion: '1.33'
      ingress: {namespace: ingress-nginx, className: nginx, controller: ingress-nginx}
  environments:
    - name: staging
      access: {teams: [{name: shop, groups: [developers], role: edit}]}
    - name: production
      access: {teams: [{name: shop, groups: [operations], role: edit}]}
  applications:
    - name: web
      image: registry.example/web@sha256:8c1f0c2f1d2d2c7b6b1f8f6a2b7e0a4c9d5e3f1a7b6c5d4e3f2a1b0c9d8e7f60
      ports: [{name: http, containerPort: 8080}]
      routes: [{host: shop.example.com, port: http}]
      overrides:
        - environment: staging
          routes: [{host: shop.staging.example.com, port: http}]
";

/// The controller of a version, which watches all namespaces.
fn controller(version: &str) -> [Value; 2] {
    let labels = json!({"app.kubernetes.io/name": "ingress-nginx"});
    let container = json!({
        "name": "controller",
        "image": format!("registry.k8s.io/ingress-nginx/controller:{version}"),
        "args": ["/nginx-ingress-controller", "--ingress-class=nginx", "--configmap=$(POD_NAMESPACE)/controller"],
    });
    [
        json!({
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "controller", "namespace": "ingress-nginx"},
            "spec": {
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
            },
        }),
        json!({
            "apiVersion": "networking.k8s.io/v1",
            "kind": "IngressClass",
            "metadata": {"name": "nginx"},
            "spec": {"controller": "k8s.io/ingress-nginx"},
        }),
    ]
}

/// The verdict of a pair, and the rules of what was found.
fn found(
    cluster: &Cluster<'_>,
    objects: &[Value],
    pair: [usize; 2],
    profile: Profile,
) -> (Verdict, BTreeSet<&'static str>, String) {
    let report = prove(&cluster.with(objects), &cluster.question(pair, profile)).unwrap();
    let channels = report.boundaries[0].channels.iter();
    let rules = channels
        .flat_map(|channel| {
            let breaches = channel.breaches.iter().map(|breach| breach.rule);
            breaches.chain(channel.blind_spots.iter().map(|spot| spot.rule))
        })
        .collect();
    (report.boundaries[0].verdict, rules, findings(&report))
}

/// The cluster with such a controller, or without any.
fn served<'f>(fleet: &'f Fleet, version: Option<&str>) -> Cluster<'f> {
    let mut cluster = Cluster::of(fleet, 0, false);
    cluster.besides.retain(|object| object["kind"] == "Namespace" || !is_of_a_proxy(object));
    cluster.besides.extend(version.into_iter().flat_map(controller));
    cluster.sources = cluster.listed(&cluster.objects);
    cluster.snapshot = cluster.with(&cluster.objects);
    cluster
}

#[test]
fn an_ingress_nginx_without_faults_serves_both() {
    let fleet = Fleet::of(INTENT).unwrap_or_else(|found| panic!("{found:#?}"));
    let cluster = served(&fleet, Some("v1.15.1"));
    for pair in cluster.pairs() {
        for profile in profiles() {
            let (verdict, _, told) = found(&cluster, &cluster.objects, pair, profile);
            assert_eq!(verdict, Verdict::Isolated, "{pair:?} under {}: {told}", profile.label());
        }
        assert!(is_certified(&cluster, pair, Profile::CONSERVATIVE, &String::new), "{pair:?}");
        for (version, wanted, rule) in [
            (Some("v1.12.0"), Verdict::Breached, "open-ingress-nginx"),
            (None, Verdict::Unknown, "unseen-proxy"),
        ] {
            let cluster = served(&fleet, version);
            let (verdict, rules, told) = found(&cluster, &cluster.objects, pair, Profile::CONSERVATIVE);
            assert!(verdict == wanted && rules.contains(rule), "{version:?} {pair:?}: {told}");
        }
    }
}

/// Without one of these, something gets across. The others are about what is not examined yet, about Gateways, and about what Pod
/// Security refuses too.
const NEEDED: [(&str, &[&str]); 3] = [
    ("services", &["shared-proxy"]),
    ("ingresses", &["shared-proxy", "taken-host"]),
    // On a server of 1.33, Pod Security lets probes name hosts.
    ("probes", &["probe-host"]),
];

#[test]
fn without_a_guard_something_gets_across() {
    let fleet = Fleet::of(INTENT).unwrap_or_else(|found| panic!("{found:#?}"));
    let cluster = served(&fleet, Some("v1.15.1"));
    for [from, to] in cluster.pairs() {
        let own = &fleet.intent.environments[from].name.value;
        for (concern, wanted) in NEEDED {
            for kind in ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"] {
                let name = format!("watertight-{concern}-{own}");
                let mut left = cluster.objects.clone();
                left.retain(|object| object["kind"] != kind || object["metadata"]["name"] != name.as_str());
                assert_eq!(left.len() + 1, cluster.objects.len(), "{name}");
                let (verdict, rules, told) = found(&cluster, &left, [from, to], Profile::CONSERVATIVE);
                assert_eq!(verdict, Verdict::Breached, "without {kind} {name}: {told}");
                assert_eq!(rules, wanted.iter().copied().collect(), "without {kind} {name}: {told}");
            }
        }
    }
}
