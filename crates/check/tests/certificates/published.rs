//! Proxies that serve none of staging, but a third namespace in which it writes Ingresses.

use crate::by_hand::{
    CLOSED, accepted, admitting_all_of, facts, forged, needs_each_fact, question, rejected, right, third,
    verdict, with_rights_of,
};
use watertight_model::Verdict;

const WRITES: &str = "{apiGroups: [networking.k8s.io], resources: [ingresses], verbs: [update]}";

/// A proxy that watches some namespaces, with a third one.
fn cluster(watched: &str) -> String {
    format!(
        "{CLOSED}{}{}---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: proxy, namespace: ingress}}
spec:
  selector: {{matchLabels: {{app: proxy}}}}
  template:
    metadata: {{labels: {{app: proxy}}}}
    spec: {{containers: [{{name: c, image: haproxy-ingress, args: ['--watch-namespace={watched}']}}]}}
",
        third("shared"),
        third("ingress")
    )
}

#[test]
fn what_a_proxy_of_a_third_namespace_carries_is_closed() {
    for watched in ["shared", "production,shared"] {
        let text = cluster(watched) + &right("shared", WRITES);
        let certificate = accepted(&question(), &text);
        let mut certificate_facts = certificate.clone();
        let network = facts(&mut certificate_facts, "network");
        let source = "proxy ingress/Deployment/proxy";
        assert!(network.iter().any(|fact| fact["source"] == source), "{certificate:#}");
        assert!(needs_each_fact(&certificate, &text) > 5);
        // Without the proxy as a source, the certificate is that of a cluster in which staging writes no Ingresses there.
        let without = accepted(&question(), &cluster(watched));
        assert!(facts(&mut without.clone(), "network").iter().all(|fact| fact["source"] != source));
        rejected(&without, &text, "no fact says what rights yield by `change-ingresses");
        rejected(&with_rights_of(&without, &certificate), &text, &format!("direct from {source}"));
        // Where the right is not there, it says too much.
        rejected(&with_rights_of(&certificate, &without), &cluster(watched), "nothing that has to be shown");
    }
}

#[test]
fn a_proxy_that_production_admits_is_not_left_out() {
    for watched in ["shared", "production,shared"] {
        let admitted = cluster(watched) + &admitting_all_of("ingress");
        let without = accepted(&question(), &admitted);
        let text = admitted + &right("shared", WRITES);
        assert_eq!(verdict(&question(), &text), Verdict::Breached);
        let forgery = forged(&question(), &text);
        rejected(&forgery, &text, "is open");
        rejected(&without, &text, "no fact says what rights yield by `change-ingresses");
        rejected(&with_rights_of(&without, &forgery), &text, "direct from proxy ingress/Deployment/proxy");
    }
    // Ingresses of a namespace that it does not watch lead nowhere.
    let elsewhere = cluster("production") + &admitting_all_of("ingress") + &right("shared", WRITES);
    accepted(&question(), &elsewhere);
}

/// On the host network it reaches every pod of its node.
#[test]
fn a_proxy_on_the_host_network_reaches_everything() {
    let on_host = |text: String| {
        let text = text.replace("spec: {containers: [", "spec: {hostNetwork: true, containers: [");
        text.replace(
            "{name: ingress, labels: {pod-security.kubernetes.io/enforce: restricted}}",
            "{name: ingress}",
        )
    };
    let text = on_host(cluster("shared") + &right("shared", WRITES));
    let without = accepted(&question(), &on_host(cluster("shared")));
    assert_eq!(verdict(&question(), &text), Verdict::Breached);
    let forgery = forged(&question(), &text);
    rejected(&forgery, &text, "is on the host network");
    rejected(&with_rights_of(&without, &forgery), &text, "is on the host network");
}
