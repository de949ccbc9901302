//! Services of staging that claim addresses: none is shown to be nobody's.

use crate::by_hand::{CLOSED, accepted, forged, of_rights, question, rejected, third, verdict};
use watertight_model::Verdict;

/// A Service of a namespace, with more of its spec and its status.
fn service(namespace: &str, name: &str, port: u16, spec: &str, status: &str) -> String {
    format!(
        "---
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: {namespace}}}
spec: {{{spec}, selector: {{app: {name}}}, ports: [{{port: {port}}}]}}
status: {{{status}}}
"
    )
}

/// A load balancer at an address.
fn balanced(namespace: &str, name: &str, port: u16, address: &str) -> String {
    let status = format!("loadBalancer: {{ingress: [{{ip: {address}}}]}}");
    service(namespace, name, port, "type: LoadBalancer", &status)
}

fn claiming(address: &str) -> String {
    service("staging", "web", 443, &format!("externalIPs: [{address}]"), "")
}

#[test]
fn an_address_that_is_claimed_is_not_taken_for_nobodys() {
    let of_neither = third("infra") + &service("infra", "dns", 443, "clusterIP: 10.96.0.10", "");
    let of_production = service("production", "shop", 443, "clusterIP: 10.96.0.20", "");
    for (text, expected) in [
        // Of nobody that the input shows.
        (CLOSED.to_owned() + &claiming("10.96.0.10"), Verdict::Unknown),
        (CLOSED.to_owned() + &of_production + &claiming("203.0.113.9"), Verdict::Unknown),
        // Of somebody of neither side.
        (CLOSED.to_owned() + &of_neither + &claiming("10.96.0.10"), Verdict::Unknown),
        (CLOSED.to_owned() + &of_neither + &balanced("staging", "web", 443, "10.96.0.10"), Verdict::Unknown),
        // Of production.
        (CLOSED.to_owned() + &of_production + &claiming("10.96.0.20"), Verdict::Breached),
    ] {
        for question in [question(), of_rights()] {
            assert_eq!(verdict(&question, &text), expected, "{text}");
            rejected(&forged(&question, &text), &text, "Service staging/web takes what is sent to");
            let without = accepted(&question, CLOSED);
            rejected(&without, &text, "Service staging/web takes what is sent to");
        }
    }
}

#[test]
fn the_address_of_a_load_balancer_is_its_own_where_nobody_else_is_shown_at_its_port() {
    for others in [
        String::new(),
        balanced("production", "shop", 443, "203.0.113.9"),
        balanced("production", "shop", 80, "203.0.113.10"),
        third("infra") + &balanced("infra", "dns", 80, "203.0.113.10"),
    ] {
        let text = CLOSED.to_owned() + &others + &balanced("staging", "web", 443, "203.0.113.10");
        accepted(&question(), &text);
        accepted(&of_rights(), &text);
    }
}
