//! Nodes of which no address is known, which may be where a policy admits nodes (`rules/ipblock-holds-nodes.md`).

use crate::by_hand::{CLOSED, accepted, forged, question, rejected, verdict};
use watertight_model::{Channel, Verdict};
use watertight_prove::Question;

/// A node with an address, a pod of staging, and a policy that admits addresses of another private block.
const KNOWN: &str = "---
apiVersion: v1
kind: Node
metadata: {name: one}
spec: {podCIDRs: [10.244.0.0/24]}
status: {addresses: [{type: InternalIP, address: 172.31.16.11}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: staging}
spec: {nodeName: one, containers: [{name: web, image: web}]}
status: {podIP: 10.244.0.9, hostIP: 172.31.16.11, hostIPs: [{ip: 172.31.16.11}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: lan, namespace: production}
spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{ipBlock: {cidr: 192.168.40.0/24}}]}]}
";

/// The same input, in which something is not known any more, or is elsewhere.
const OPEN: [(&str, &str); 5] = [
    // Another node that says nothing, and one that says no address.
    (
        "---\napiVersion: v1\nkind: Node\n",
        "---\napiVersion: v1\nkind: Node\nmetadata: {name: two}\n---\napiVersion: v1\nkind: Node\n",
    ),
    ("address: 172.31.16.11}", "address: one.internal}"),
    // A pod on a node that is not there, which names its address, or none.
    ("nodeName: one, ", "nodeName: two, "),
    ("hostIP: 172.31.16.11", "hostIP: 192.168.40.5"),
    ("hostIPs: [{ip: 172.31.16.11}]", "hostIPs: [{ip: 172.31.16.11}, {ip: 192.168.40.5}]"),
];

fn network() -> Question {
    Question { channels: vec![Channel::Network], ..question() }
}

#[test]
fn what_is_not_known_of_one_node_is_not_known_of_nodes() {
    let known = CLOSED.to_owned() + KNOWN;
    let certificate = accepted(&network(), &known);
    for (from, to) in OPEN {
        let mut text = known.replace(from, to);
        assert_ne!(text, known, "{from}");
        if to.contains("one.internal") || to.contains("two, ") {
            text = text.replace("hostIP: 172.31.16.11, hostIPs: [{ip: 172.31.16.11}]", "phase: Running");
        }
        assert_ne!(verdict(&network(), &text), Verdict::Isolated, "{text}");
        rejected(&certificate, &text, "");
        rejected(&forged(&network(), &text), &text, "");
    }
}

#[test]
fn a_node_whose_address_a_pod_names_is_known() {
    let known = CLOSED.to_owned() + KNOWN;
    accepted(&network(), &known.replace("nodeName: one, ", "nodeName: two, "));
    accepted(
        &network(),
        &known.replace("status: {addresses: [{type: InternalIP, address: 172.31.16.11}]}", ""),
    );
}
