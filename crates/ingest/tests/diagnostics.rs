//! Every diagnostic about a value: severity and rule, message, underlined text, label and help.

mod support;

use support::{deployment, policy, read};

/// The one diagnostic of a text.
#[track_caller]
fn check(text: &str, expected: [&str; 5]) {
    assert_eq!(read(text).diagnostics(), [expected.map(str::to_owned)]);
}

/// A policy with one ingress rule.
fn ingress(rule: &str) -> String {
    policy(&format!("{{ingress: [{rule}]}}"))
}

fn cidr(text: &str) -> String {
    ingress(&format!("{{from: [{{ipBlock: {{cidr: {text}}}}}]}}"))
}

#[test]
fn wrong_type() {
    check(
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {live: on}}\n",
        [
            "error wrong-type",
            "in Namespace a, `live` must be a string, not a boolean",
            "on",
            "this is a boolean",
            "put it in quotes: `\"on\"`",
        ],
    );
    check(
        &ingress("{ports: [{port: \"80\"}]}"),
        [
            "error wrong-type",
            "in NetworkPolicy staging/p, the port `\"80\"` is a string, so that it counts as a name",
            "\"80\"",
            "read as the number 80",
            "remove the quotes",
        ],
    );
    check(
        &ingress("{ports: [{port: 80.5}]}"),
        [
            "error wrong-type",
            "in NetworkPolicy staging/p, `port` must be a whole number or a name, not a number",
            "80.5",
            "this is a number",
            "write a port number or the name of a container port",
        ],
    );
    check(
        &policy("{podSelector: [a]}"),
        [
            "error wrong-type",
            "in NetworkPolicy staging/p, `podSelector` must be a mapping, not a list",
            "[a]",
            "this is a list",
            "write a mapping here",
        ],
    );
    check(
        &policy("{ingress: {from: []}}"),
        [
            "error wrong-type",
            "in NetworkPolicy staging/p, `ingress` must be a list, not a mapping",
            "{from: []}",
            "this is a mapping",
            "write a list here",
        ],
    );
    check(
        &deployment("replicas: \"2\"", ""),
        [
            "error wrong-type",
            "in Deployment staging/web, `replicas` must be a number, not a string",
            "\"2\"",
            "this is a string",
            "remove the quotes",
        ],
    );
    check(
        &deployment("replicas: 1.5", ""),
        [
            "error wrong-type",
            "in Deployment staging/web, `replicas` must be a whole number, not a fraction",
            "1.5",
            "this is a fraction",
            "write a whole number here",
        ],
    );
    check(
        &deployment("replicas: 1", "hostNetwork: \"true\""),
        [
            "error wrong-type",
            "in Deployment staging/web, `hostNetwork` must be a boolean, not a string",
            "\"true\"",
            "this is a string",
            "remove the quotes",
        ],
    );
    check(
        &policy("{}").replace("name: p", "name: p, annotations: {revision: 3}"),
        [
            "error wrong-type",
            "in NetworkPolicy staging/p, `revision` must be a string, not a number",
            "3",
            "this is a number",
            "put it in quotes: `\"3\"`",
        ],
    );
}

#[test]
fn invalid_cidr() {
    check(
        &cidr("10.0.0.1"),
        [
            "error invalid-cidr",
            "in NetworkPolicy staging/p, `10.0.0.1` is no CIDR",
            "10.0.0.1",
            "no CIDR",
            "for one address write `10.0.0.1/32`",
        ],
    );
    check(
        &cidr("10.0.0.0/33"),
        [
            "error invalid-cidr",
            "in NetworkPolicy staging/p, `10.0.0.0/33` is no CIDR",
            "10.0.0.0/33",
            "no CIDR",
            "write an address, a slash and a prefix length, such as `10.0.0.0/8`",
        ],
    );
    check(
        &cidr("010.0.0.0/8"),
        [
            "error invalid-cidr",
            "in NetworkPolicy staging/p, `010.0.0.0/8` has leading zeros",
            "010.0.0.0/8",
            "read as `10.0.0.0/8`",
            "write `10.0.0.0/8`: some programs read leading zeros as octal",
        ],
    );
    check(
        &cidr("\"::ffff:10.0.0.0/104\""),
        [
            "error invalid-cidr",
            "in NetworkPolicy staging/p, `::ffff:10.0.0.0/104` is an IPv4 network written as IPv6",
            "\"::ffff:10.0.0.0/104\"",
            "read as `10.0.0.0/8`",
            "write `10.0.0.0/8`",
        ],
    );
    check(
        &cidr("10.0.0.0/8, except: [11.0.0.0/8]"),
        [
            "error invalid-cidr",
            "in NetworkPolicy staging/p, the exception `11.0.0.0/8` is outside the `cidr` `10.0.0.0/8`",
            "11.0.0.0/8",
            "leaves nothing out",
            "name a network inside `10.0.0.0/8`, or remove the exception",
        ],
    );
    check(
        &cidr("10.0.0.0/8, except: [0.0.0.0/0]"),
        [
            "error invalid-cidr",
            "in NetworkPolicy staging/p, the exception `0.0.0.0/0` is wider than the `cidr` `10.0.0.0/8`",
            "0.0.0.0/0",
            "leaves nothing",
            "name a network inside `10.0.0.0/8`, or remove the exception",
        ],
    );
}

#[test]
fn host_bits_in_cidr() {
    check(
        &cidr("10.0.0.1/24"),
        [
            "error host-bits-in-cidr",
            "in NetworkPolicy staging/p, `10.0.0.1/24` has bits set after its prefix",
            "10.0.0.1/24",
            "means the whole of `10.0.0.0/24`",
            "write `10.0.0.0/24`, or `10.0.0.1/32` for the one address; Kubernetes 1.36 refuses it in new objects",
        ],
    );
}

#[test]
fn invalid_port_range() {
    for (port, message, under, label, help) in [
        (
            "{port: 90, endPort: 80}",
            "the port range 90 to 80 is reversed",
            "80",
            "less than `port`",
            "write the lower number as `port` and the higher one as `endPort`",
        ),
        (
            "{port: http, endPort: 80}",
            "`endPort` stands beside the named port `http`",
            "80",
            "needs a number as `port`",
            "give `port` as a number, or remove `endPort`",
        ),
        (
            "{endPort: 80}",
            "`endPort` stands without `port`",
            "80",
            "needs `port`",
            "give the first port as `port`",
        ),
        ("{port: 65536}", "there is no port 65536", "65536", "no port", "ports go from 1 to 65535"),
    ] {
        let message = format!("in NetworkPolicy staging/p, {message}");
        check(
            &ingress(&format!("{{ports: [{port}]}}")),
            ["error invalid-port-range", &message, under, label, help],
        );
    }
}

#[test]
fn invalid_name() {
    check(
        &policy("{}").replace("name: p", "name: allow_db"),
        [
            "error invalid-name",
            "in NetworkPolicy staging/allow_db, the name `allow_db` has the character `_`; only lower-case letters, digits, `-` and `.` are allowed",
            "allow_db",
            "the API server refuses this name",
            "use lower-case letters, digits and `-`, with a letter or a digit at both ends",
        ],
    );
    check(
        &policy("{}").replace("staging", "Staging"),
        [
            "error invalid-name",
            "in NetworkPolicy Staging/p, the namespace `Staging` has the character `S`; only lower-case letters, digits and `-` are allowed",
            "Staging",
            "the API server refuses this name",
            "use lower-case letters, digits and `-`, with a letter or a digit at both ends",
        ],
    );
    check(
        &ingress("{ports: [{port: a-very-long-name}]}"),
        [
            "error invalid-name",
            "in NetworkPolicy staging/p, the port name `a-very-long-name` is longer than 15 characters",
            "a-very-long-name",
            "the API server refuses this name",
            "use at most 15 lower-case letters, digits and `-`, with at least one letter",
        ],
    );
}

#[test]
fn invalid_label() {
    check(
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {a b: c}}\n",
        [
            "error invalid-label",
            "in Namespace a, the label key `a b` has the character ` `; only letters, digits, `-`, `_` and `.` are allowed",
            "a b",
            "the API server refuses this key",
            "write a name of letters, digits, `-`, `_` and `.`, with an optional DNS name and `/` before it",
        ],
    );
    check(
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {team: a/b}}\n",
        [
            "error invalid-label",
            "in Namespace a, the label value `a/b` has the character `/`; only letters, digits, `-`, `_` and `.` are allowed",
            "a/b",
            "the API server refuses this value",
            "use at most 63 letters, digits, `-`, `_` and `.`, with a letter or a digit at both ends",
        ],
    );
    check(
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {kubernetes.io/metadata.name: b}}\n",
        [
            "warning invalid-label",
            "in Namespace a, `kubernetes.io/metadata.name` says `b`, and the namespace is `a`",
            "b",
            "the API server makes this `a`",
            "remove the label: the API server sets it",
        ],
    );
}

#[test]
fn invalid_peer() {
    check(
        &ingress("{from: [{}]}"),
        [
            "error invalid-peer",
            "in NetworkPolicy staging/p, an element of `from` names no peer",
            "{}",
            "no peer here",
            "give it `podSelector`, `namespaceSelector` or `ipBlock`; for all pods of all namespaces write `namespaceSelector: {}`",
        ],
    );
    check(
        &ingress("{from: [{podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}]}"),
        [
            "error invalid-peer",
            "in NetworkPolicy staging/p, a peer has `ipBlock` and a selector",
            "ipBlock",
            "stands beside a selector",
            "make them two elements of `from`, each with a `-` of its own",
        ],
    );
}

#[test]
fn invalid_selector() {
    for (expression, message, under, label, help) in [
        (
            "{key: a, operator: in, values: [b]}",
            "there is no operator `in`",
            "in",
            "unknown operator",
            "the operators are `In`, `NotIn`, `Exists` and `DoesNotExist`",
        ),
        (
            "{key: a, operator: NotIn}",
            "`NotIn` has no values for `a`",
            "NotIn",
            "needs `values`",
            "give `values`, or use `Exists` or `DoesNotExist`",
        ),
        (
            "{key: a, operator: Exists, values: [b]}",
            "`Exists` takes no values, and has some for `a`",
            "[b]",
            "values without effect",
            "remove `values`, or use `In` or `NotIn`",
        ),
    ] {
        let message = format!("in NetworkPolicy staging/p, {message}");
        check(
            &policy(&format!("{{podSelector: {{matchExpressions: [{expression}]}}}}")),
            ["error invalid-selector", &message, under, label, help],
        );
    }
    check(
        &deployment("replicas: 1", "").replace("matchLabels: {app: web}", "matchLabels: {app: other}"),
        [
            "error invalid-selector",
            "in Deployment staging/web, the selector `app=other` does not select the pods of the template",
            "{matchLabels: {app: other}}",
            "selects none of its own pods",
            "make `spec.selector` and the labels of `spec.template` agree",
        ],
    );
}

#[test]
fn invalid_value() {
    check(
        &policy("{policyTypes: [ingress]}"),
        [
            "error invalid-value",
            "in NetworkPolicy staging/p, the policy type `ingress` is spelled wrong",
            "ingress",
            "read as `Ingress`",
            "write `Ingress`",
        ],
    );
    check(
        &policy("{policyTypes: [Inbound]}"),
        [
            "error invalid-value",
            "in NetworkPolicy staging/p, there is no policy type `Inbound`",
            "Inbound",
            "unknown policy type",
            "the policy types are `Ingress` and `Egress`",
        ],
    );
    check(
        &ingress("{ports: [{protocol: udp}]}"),
        [
            "error invalid-value",
            "in NetworkPolicy staging/p, the protocol `udp` is not in upper case",
            "udp",
            "read as `UDP`",
            "write `UDP`",
        ],
    );
    check(
        &ingress("{ports: [{protocol: ICMP}]}"),
        [
            "error invalid-value",
            "in NetworkPolicy staging/p, there is no protocol `ICMP`",
            "ICMP",
            "unknown protocol",
            "the protocols are `TCP`, `UDP` and `SCTP`",
        ],
    );
    check(
        "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {type: Internal}\n",
        [
            "error invalid-value",
            "in Service default/s, there is no Service type `Internal`",
            "Internal",
            "unknown type",
            "the types are `ClusterIP`, `NodePort`, `LoadBalancer` and `ExternalName`",
        ],
    );
}
