//! ValidatingAdmissionPolicies and objects by chance. Policies are well typed, or the server would not have them.

use fastrand::Rng;
use serde_json::{Value, json};

/// What may be true of an object. Of some it is an error.
const ATOMS: &[&str] = &[
    "has(object.metadata.labels)",
    "has(object.metadata.labels) && 'a' in object.metadata.labels",
    "object.metadata.labels['a'] == 'x'",
    "object.metadata.labels.a != 'y'",
    "object.?metadata.?labels.?a.orValue('none') == 'x'",
    "object.metadata.?labels[?'b'].hasValue()",
    "object.?data.?k.orValue(oldObject.data.k) == 'v'",
    "object.metadata.?labels.?a.or(oldObject.metadata.?labels.?a).value() == 'x'",
    "object.metadata.?labels[?'a'].orValue('z').matches('^[xz]$')",
    "object.metadata.labels.all(k, k != 'b')",
    "object.metadata.labels.exists(k, object.metadata.labels[k] == 'y')",
    "object.metadata.labels.exists_one(k, object.metadata.labels[k] == 'x')",
    "object.kind == 'Pod'",
    "object.apiVersion == 'v1'",
    "has(object.spec.hostNetwork) && object.spec.hostNetwork == true",
    "object.spec.containers.all(c, c.image.startsWith('good/'))",
    "object.spec.containers.exists(c, has(c.ports))",
    "object.spec.containers.map(c, c.name) == ['main']",
    "size(object.spec.containers) == 1",
    "object.spec.containers[0].image.contains('/')",
    "object.spec.containers[1].name == 'side'",
    "object.spec.restartPolicy in ['Always', 'Never']",
    "object.spec.type == 'ExternalName'",
    "has(object.spec.externalName) ? object.spec.externalName.endsWith('.example') : true",
    "object.spec.ports.map(p, p.port).exists(n, n > 100)",
    "object.spec.ports.filter(p, p.port == 80).size() == 1",
    "object.spec.ports[0].port + 1 == 81",
    "object.spec.ports[0].port * 2 - 1 >= 159",
    "object.spec.ports.all(p, p.port % 2 == 0)",
    "has(object.spec.selector) && 'app' in object.spec.selector",
    "object.spec.selector == {'app': 'web'}",
    "object.data['k'] == 'v'",
    "has(object.data) && size(object.data) < 2",
    "object.data.k.matches('^v[0-9]?$')",
    "object.data['k'] + object.data['l'] == 'vw'",
    "object.data['k'] < 'm'",
    "string(size(object.data)) == '2'",
    "request.operation == 'CREATE'",
    "request.resource.resource == 'pods'",
    "request.kind.kind in ['Service', 'ConfigMap']",
    "request.name.startsWith('n')",
    "has(request.subResource)",
    "oldObject == null",
    "oldObject != null && oldObject.data['k'] == object.data['k']",
    "request.namespace == namespaceObject.metadata.name",
    "namespaceObject.metadata.labels['team'] == 'a'",
    "'other' in namespaceObject.metadata.labels",
    "request.userInfo.username == 'nobody'",
    "'system:masters' in request.userInfo.groups",
    "object.metadata.name.matches('^[a-m]')",
    "dyn(1) == 1.0",
    "null == object.spec",
    "variables.v == 'x'",
    "variables.labels.size() > 1",
    "!(variables.v in ['y', 'z'])",
    "object.metadata.name.upperAscii() == 'N1'",
];

/// What costs more the bigger an object is.
const COSTLY: &[&str] = &[
    ".all(",
    ".exists",
    ".map(",
    ".filter(",
    "matches",
    "contains(",
    " + ",
    " - ",
    " * ",
    " % ",
    "size",
    "Ascii",
    ".or(",
    "in object.spec",
    "in request",
    "in namespaceObject.spec",
    "string(",
];

/// An expression that is a truth value, of atoms that can be used.
fn expression(random: &mut Rng, depth: usize, usable: &[&str]) -> String {
    let choice = if depth == 0 { 0 } else { random.u8(0..7) };
    let mut part = || expression(random, depth.saturating_sub(1), usable);
    match choice {
        1 | 2 => format!("({}) && ({})", part(), part()),
        3 | 4 => format!("({}) || ({})", part(), part()),
        5 => format!("!({})", part()),
        6 => format!("(({}) ? ({}) : ({}))", part(), part(), part()),
        _ => usable[random.usize(..usable.len())].to_owned(),
    }
}

/// The name of a policy.
pub(crate) fn name(namespace: &str, index: usize) -> String {
    format!("{namespace}-{index}")
}

/// A policy and its binding, which warns or refuses.
pub(crate) fn policy(random: &mut Rng, namespace: &str, index: usize, action: &str) -> [Value; 2] {
    let rule = |random: &mut Rng| {
        let resources = [
            json!(["pods"]),
            json!(["configmaps", "services"]),
            json!(["*"]),
            json!(["pods", "configmaps", "services"]),
        ];
        let operations = [json!(["CREATE"]), json!(["CREATE", "UPDATE"]), json!(["*"]), json!(["UPDATE"])];
        let versions = [json!(["v1"]), json!(["*"]), json!(["v1", "v2"])];
        json!({
            "apiGroups": [""],
            "apiVersions": random.choice(versions).unwrap_or_default(),
            "operations": random.choice(operations).unwrap_or_default(),
            "resources": random.choice(resources).unwrap_or_default(),
            "scope": random.choice(["*", "Namespaced"]).unwrap_or_default(),
        })
    };
    let selectors = [
        json!({}),
        json!({}),
        json!({}),
        json!({"matchLabels": {"a": "x"}}),
        json!({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["x"]}]}),
        json!({"matchExpressions": [{"key": "b", "operator": "Exists"}]}),
    ];
    let mut constraints = json!({
        "resourceRules": [rule(random)],
        "objectSelector": random.choice(selectors).unwrap_or_default(),
        "matchPolicy": random.choice(["Equivalent", "Exact"]).unwrap_or_default(),
    });
    if random.u8(0..6) == 0 {
        let mut left_out = rule(random);
        left_out["resourceNames"] = json!(["n1"]);
        constraints["excludeResourceRules"] = json!([left_out]);
    }
    let fails = random.choice(["Fail", "Fail", "Ignore"]).unwrap_or_default();
    // What costs too much to be asked is let pass, where errors are; that is not followed.
    let is_cheap = |atom: &&str| fails == "Fail" || !COSTLY.iter().any(|costly| atom.contains(costly));
    let usable: Vec<&str> = ATOMS.iter().copied().filter(is_cheap).collect();
    let of_conditions: Vec<&str> =
        usable.iter().copied().filter(|atom| !atom.contains("variables.")).collect();
    let conditions: Vec<Value> = (0..random.usize(0..3) / 2)
        .map(
            |index| json!({"name": format!("c{index}"), "expression": expression(random, 1, &of_conditions)}),
        )
        .collect();
    let validations: Vec<Value> = (0..random.usize(1..3))
        .map(|_| json!({"expression": expression(random, 3, &usable), "message": "m"}))
        .collect();
    let spec = json!({
        "failurePolicy": fails,
        "matchConstraints": constraints,
        "matchConditions": conditions,
        "variables": [
            {"name": "labels", "expression": "has(object.metadata.labels) ? object.metadata.labels : {'q': 'q'}"},
            {"name": "v", "expression": "variables.labels.a"},
        ],
        "validations": validations,
    });
    let own = json!({"matchLabels": {"kubernetes.io/metadata.name": namespace}});
    let name = name(namespace, index);
    let group = "admissionregistration.k8s.io/v1";
    [
        json!({"apiVersion": group, "kind": "ValidatingAdmissionPolicy", "metadata": {"name": name}, "spec": spec}),
        json!({"apiVersion": group, "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": name}, "spec": {
            "policyName": name,
            "validationActions": [action],
            "matchResources": {"namespaceSelector": own},
        }}),
    ]
}

/// An object, with its resource.
pub(crate) fn object(random: &mut Rng) -> (&'static str, Value) {
    let mut metadata = json!({"name": random.choice(["n1", "n2", "abc"]).unwrap_or_default()});
    let mut labels = serde_json::Map::new();
    for key in ["a", "b"] {
        if random.bool() {
            labels.insert(key.to_owned(), json!(random.choice(["x", "y", "z"]).unwrap_or_default()));
        }
    }
    if !labels.is_empty() {
        metadata["labels"] = Value::Object(labels);
    }
    match random.u8(0..3) {
        0 => {
            let container = |name: &str, random: &mut Rng| {
                let mut container = json!({"name": name, "image": random.choice(["good/a", "bad/b", "c"]).unwrap_or_default()});
                if random.bool() {
                    container["ports"] = json!([{"containerPort": if name == "main" { 80 } else { 81 }}]);
                }
                container
            };
            let mut containers = vec![container("main", random)];
            if random.bool() {
                containers.push(container("side", random));
            }
            let mut spec = json!({"containers": containers});
            if random.bool() {
                spec["hostNetwork"] = json!(random.bool());
            }
            if random.bool() {
                spec["restartPolicy"] =
                    json!(random.choice(["Always", "Never", "OnFailure"]).unwrap_or_default());
            }
            ("pods", json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}))
        }
        1 => {
            let ports: Vec<Value> = (0..random.usize(1..3))
                .map(|index| json!({"name": format!("p{index}"), "port": random.choice([80, 81, 8080]).unwrap_or(80) + index * 2}))
                .collect();
            let spec = match random.u8(0..3) {
                0 => {
                    json!({"type": "ExternalName", "externalName": random.choice(["a.example", "b.test"]).unwrap_or_default()})
                }
                1 => json!({"ports": ports}),
                _ => json!({"ports": ports, "selector": {"app": "web"}}),
            };
            ("services", json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}))
        }
        _ => {
            let mut object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata});
            for key in ["k", "l"] {
                if random.u8(0..3) > 0 {
                    object["data"][key] = json!(random.choice(["v", "v1", "w", ""]).unwrap_or_default());
                }
            }
            ("configmaps", object)
        }
    }
}
