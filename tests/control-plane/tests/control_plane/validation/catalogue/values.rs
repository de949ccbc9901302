//! Values that many fields share: names, labels, selectors, ports, addresses, and what is of another type.

use super::{MISSING, all_of};
use serde_json::{Value, json};

/// What stands where text should.
pub(super) fn no_texts() -> Value {
    json!([null, MISSING, 7, true, ["a"], { "a": "b" }])
}

/// What stands where a whole number should.
pub(super) fn no_numbers() -> Value {
    json!([null, MISSING, "7", "x", "", true, [7], {}, 7.5])
}

/// What stands where a boolean should.
pub(super) fn booleans() -> Value {
    json!([true, false, null, MISSING, "true", "false", "yes", "", 0, 1, [true], {}])
}

/// What stands where a mapping should.
pub(super) fn no_mappings() -> Value {
    json!([null, MISSING, "x", "", 7, true, [], [{}]])
}

/// What stands where a list should.
pub(super) fn no_lists() -> Value {
    json!([null, MISSING, "x", "", 7, true, {}, [[]], [null], [7], ["x"]])
}

/// Names of objects.
pub(super) fn names() -> Value {
    let names = json!([
        "a",
        "7",
        "web-1",
        "1web",
        "a.b",
        "a..b",
        ".a",
        "a.",
        "-a",
        "a-",
        "a.-b",
        "a-.b",
        "A",
        "web_1",
        "a b",
        "a/b",
        "a%b",
        ".",
        "..",
        "é",
        "",
        "kubernetes.io",
        "a--b",
        "a".repeat(52),
        "a".repeat(53),
        "a".repeat(63),
        "a".repeat(64),
        "a".repeat(253),
        "a".repeat(254),
        format!("{0}.{0}", "a".repeat(63)),
        format!("{}.a", "a".repeat(64)),
    ]);
    all_of([names, no_texts()])
}

/// Keys of labels.
pub(super) fn label_keys() -> Vec<String> {
    let keys = [
        "app",
        "A",
        "7",
        "a_b.c-d",
        "example.com/a",
        "Example.com/a",
        "example.com/A",
        "a/b/c",
        "/a",
        "a/",
        "",
        "-a",
        "a-",
        "_a",
        "a b",
        "é",
        "a..b",
        "..",
        "example..com/a",
        "-example/a",
        "a_b/c",
        ".com/a",
        "example.com./a",
    ];
    let long = |length: usize| "a".repeat(length);
    let lengths = [
        long(63),
        long(64),
        format!("{}/a", long(253)),
        format!("{}/a", long(254)),
        format!("{}.b/a", long(64)),
        format!("example.com/{}", long(63)),
        format!("example.com/{}", long(64)),
    ];
    keys.into_iter().map(str::to_owned).chain(lengths).collect()
}

/// Values of labels.
pub(super) fn label_values() -> Value {
    let values = json!([
        "",
        "a",
        "A",
        "7",
        "a.b_c-d",
        "a..b",
        "-a",
        "a-",
        "_a",
        "a_",
        ".a",
        "a.",
        "a b",
        " ",
        "a/b",
        "a,b",
        "é",
        "a\n",
        "a".repeat(63),
        "a".repeat(64),
    ]);
    all_of([values, no_texts()])
}

/// Mappings of labels.
pub(super) fn label_maps() -> Value {
    let keys = label_keys().into_iter().map(|key| json!({ key: "x" })).collect();
    let Value::Array(values) = label_values() else { return Value::Null };
    let values = values.into_iter().filter(|value| value != MISSING);
    let values = values.map(|value| json!({ "app": value })).collect();
    all_of([keys, values, no_mappings(), json!([{}])])
}

/// Elements of `matchExpressions`.
pub(super) fn expressions() -> Value {
    let keys = label_keys().into_iter().map(|key| json!({ "key": key, "operator": "Exists" })).collect();
    let Value::Array(values) = label_values() else { return Value::Null };
    let values = values.into_iter().filter(|value| value != MISSING);
    let values =
        values.map(|value| json!({ "key": "app", "operator": "In", "values": ["web", value] })).collect();
    let others = json!([
        {}, null, "x", 7, [],
        { "key": "app" },
        { "operator": "Exists" },
        { "key": null, "operator": "Exists" },
        { "key": 7, "operator": "Exists" },
        { "key": "app", "operator": null },
        { "key": "app", "operator": "" },
        { "key": "app", "operator": "in", "values": ["a"] },
        { "key": "app", "operator": "Gt", "values": ["1"] },
        { "key": "app", "operator": "Equals", "values": ["a"] },
        { "key": "app", "operator": 7 },
        { "key": "app", "operator": "In" },
        { "key": "app", "operator": "In", "values": [] },
        { "key": "app", "operator": "In", "values": null },
        { "key": "app", "operator": "In", "values": "a" },
        { "key": "app", "operator": "In", "values": {} },
        { "key": "app", "operator": "In", "values": ["a", "a"] },
        { "key": "app", "operator": "NotIn", "values": ["a"] },
        { "key": "app", "operator": "NotIn", "values": ["-a"] },
        { "key": "app", "operator": "NotIn" },
        { "key": "app", "operator": "Exists", "values": [] },
        { "key": "app", "operator": "Exists", "values": null },
        { "key": "app", "operator": "Exists", "values": ["a"] },
        { "key": "app", "operator": "DoesNotExist" },
        { "key": "app", "operator": "DoesNotExist", "values": ["a"] },
        { "key": "app", "operator": "DoesNotExist", "values": ["-a"] },
        { "key": "app", "operator": "In", "values": ["a"], "Values": ["b"] },
        { "Key": "app", "operator": "Exists" },
    ]);
    all_of([keys, values, others])
}

/// Selectors, as a whole.
pub(super) fn selectors() -> Value {
    let selectors = json!([
        {},
        { "matchLabels": {} },
        { "matchLabels": null, "matchExpressions": null },
        { "matchExpressions": [] },
        { "matchExpressions": {} },
        { "matchExpressions": "x" },
        { "matchExpressions": [{ "key": "app", "operator": "Exists" }, { "key": "app", "operator": "DoesNotExist" }] },
        { "matchLabels": { "app": "web" }, "matchExpressions": [{ "key": "app", "operator": "NotIn", "values": ["db"] }] },
        { "matchlabels": { "app": "web" } },
        { "match_labels": { "app": "web" } },
    ]);
    all_of([selectors, no_mappings()])
}

/// `protocol` of a port.
pub(super) fn protocols() -> Value {
    all_of([json!(["TCP", "UDP", "SCTP", "tcp", "Udp", "ICMP", "ANY", "*", " TCP", "", "6"]), no_texts()])
}

/// Numbers of ports.
pub(super) fn port_numbers() -> Value {
    let numbers =
        json!([1, 80, 80.0, 65535, 0, -1, 65536, 70000, 2_147_483_648_u64, u64::MAX, i64::MIN, 1e3, 1e30,]);
    all_of([numbers, no_numbers()])
}

/// Names of ports.
pub(super) fn port_names() -> Value {
    let names = json!([
        "http",
        "web-1",
        "1web",
        "p80",
        "80",
        "0",
        "-80",
        "HTTP",
        "Http",
        "web_1",
        "a--b",
        "-a",
        "a-",
        "a.b",
        "a b",
        "é",
        "",
        "a",
        "7",
        "7-7",
        "a".repeat(15),
        "a".repeat(16),
        "a".repeat(63),
        "a".repeat(64),
    ]);
    all_of([names, no_texts()])
}

/// Ports by number or by name.
pub(super) fn numbers_or_names() -> Value {
    all_of([port_numbers(), port_names()])
}

/// CIDRs.
pub(super) fn cidrs() -> Value {
    let cidrs = json!([
        "10.0.0.0/8",
        "0.0.0.0/0",
        "1.2.3.4/32",
        "::/0",
        "fd00::/8",
        "FD00::/8",
        "::1/128",
        "2001:db8:0:0:0:0:0:0/32",
        "2001:0db8::/32",
        "0::0/0",
        "64:ff9b::1.2.3.4/128",
        // Host bits.
        "10.0.0.1/8",
        "1.2.3.4/0",
        "fd00::1/8",
        // Leading zeros.
        "010.0.0.0/8",
        "10.0.0.00/8",
        "00.0.0.0/0",
        "10.0.0.0/08",
        "10.0.0.0/00",
        "10.0.0.0/008",
        // IPv4 in IPv6.
        "::ffff:10.0.0.0/104",
        "::ffff:a00:0/104",
        "::ffff:10.0.0.0/96",
        "::ffff:0.0.0.0/96",
        "::ffff:0:0/95",
        "::1.2.3.4/128",
        // No CIDRs.
        "",
        "/",
        "/8",
        "10.0.0.0",
        "fd00::",
        "10.0.0.0/",
        "10.0.0.0/33",
        "::/129",
        "10.0.0.0/-1",
        "10.0.0.0/+8",
        "10.0.0.0/8/8",
        " 10.0.0.0/8",
        "10.0.0.0/8 ",
        "10.0.0.0 /8",
        "10.0.0/8",
        "10.0.0.0.0/8",
        "10.0.0.256/32",
        "0x0a.0.0.0/8",
        "10.0.0.0/255.0.0.0",
        "10.0.0.0/x",
        "fe80::1%eth0/64",
        "[::]/0",
        ":::/0",
        "fd00:/8",
        "167772160/8",
        "localhost/32",
        "*",
        "all",
    ]);
    all_of([cidrs, no_texts()])
}

/// IP addresses.
pub(super) fn addresses() -> Value {
    let addresses = json!([
        "192.0.2.1",
        "2001:db8::1",
        "2001:DB8::1",
        "2001:db8:0:0:0:0:0:1",
        "0.0.0.0",
        "::",
        "127.0.0.1",
        "::1",
        "169.254.0.1",
        "fe80::1",
        "224.0.0.1",
        "ff02::1",
        "255.255.255.255",
        "224.0.1.1",
        "192.0.2.01",
        "0192.0.2.1",
        "::ffff:192.0.2.1",
        "::ffff:c000:201",
        "",
        " 192.0.2.1",
        "192.0.2.1 ",
        "192.0.2",
        "192.0.2.256",
        "192.0.2.1/32",
        "fe80::1%eth0",
        "[::1]",
        "x",
        "None",
        "localhost",
    ]);
    all_of([addresses, no_texts()])
}
