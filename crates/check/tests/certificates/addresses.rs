//! Addresses for which Gateways ask (`rules/taken-address.md`), and who may write such Gateways (`rules/external-ips-denied.md`).

use crate::by_hand::{CLOSED, accepted, forged, of_rights, rejected, right, verdict};
use watertight_model::Verdict;

fn gateway(namespace: &str, addresses: &str) -> String {
    format!(
        "---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {{name: web, namespace: {namespace}}}
spec: {{gatewayClassName: eg, {addresses}listeners: [{{name: web, port: 80, protocol: HTTP}}]}}
"
    )
}

#[test]
fn what_a_gateway_asks_for_may_be_somebody_elses() {
    let without = CLOSED.to_owned()
        + &gateway("staging", "")
        + &gateway("production", "addresses: [{value: 192.0.2.1}], ");
    let certificate = accepted(&of_rights(), &without);
    for (asked, expected) in [
        ("{value: 192.0.2.1}", Verdict::Breached),
        ("{value: 192.0.2.2}", Verdict::Unknown),
        ("{type: Hostname, value: gw.example.com}", Verdict::Unknown),
        ("{type: NamedAddress, value: shop}", Verdict::Unknown),
    ] {
        let asks = gateway("staging", &format!("addresses: [{asked}], "));
        let text = without.replace(&gateway("staging", ""), &asks);
        assert_eq!(verdict(&of_rights(), &text), expected, "{text}");
        rejected(&certificate, &text, "");
        rejected(&forged(&of_rights(), &text), &text, "asks for what is sent to");
    }
    // One without a value gets what nobody has.
    accepted(
        &of_rights(),
        &without.replace(&gateway("staging", ""), &gateway("staging", "addresses: [{type: IPAddress}], ")),
    );
}

#[test]
fn who_may_write_gateways_may_ask_for_addresses() {
    let may = |resource: &str, verb: &str| {
        let rule =
            format!("{{apiGroups: [gateway.networking.k8s.io], resources: [{resource}], verbs: [{verb}]}}");
        CLOSED.to_owned() + &right("staging", &rule)
    };
    for (text, is_assumed) in [
        (may("gateways", "create"), true),
        (may("gateways", "update"), true),
        (may("gateways", "patch"), true),
        (may("gateways", "get"), false),
        (may("httproutes", "create"), false),
    ] {
        let mut certificate = accepted(&of_rights(), &text);
        let assumptions = certificate["assumptions"].as_array_mut().unwrap();
        let before = assumptions.len();
        assumptions.retain(|it| it["id"] != "external-ips-denied");
        assert_eq!(assumptions.len() < before, is_assumed, "{text}");
        if is_assumed {
            rejected(&certificate, &text, "external-ips-denied");
        }
    }
}
