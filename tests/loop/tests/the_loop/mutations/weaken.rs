//! Every way in which one rule of an object is made weaker, by its kind.

use serde_json::{Value, json};

/// A weaker object.
#[derive(Debug)]
pub(crate) struct Weakened {
    /// What was done to it.
    pub(crate) what: String,
    /// What it is now.
    pub(crate) object: Value,
}

/// All ways for an object. `strangers` are subjects of other environments.
pub(crate) fn weakened(object: &Value, strangers: &[Value]) -> Vec<Weakened> {
    let mut all = Vec::new();
    let mut add = |what: String, change: &dyn Fn(&mut Value)| {
        let mut changed = object.clone();
        change(&mut changed);
        assert_ne!(changed, *object, "`{what}` changes nothing");
        all.push(Weakened { what, object: changed });
    };
    match object["kind"].as_str().unwrap() {
        "NetworkPolicy" => network_policy(object, &mut add),
        "ClusterNetworkPolicy" => cluster_network_policy(object, &mut add),
        "Role" | "ClusterRole" => role(&mut add),
        "RoleBinding" | "ClusterRoleBinding" => binding(strangers, &mut add),
        "Namespace" => namespace(object, &mut add),
        "ValidatingAdmissionPolicy" => admission_policy(object, &mut add),
        "ValidatingAdmissionPolicyBinding" => admission_binding(object, &mut add),
        "Deployment" | "Job" => {
            let pod = "/spec/template/spec/hostNetwork";
            add("hostNetwork".to_owned(), &|object| set(object, pod, json!(true)));
        }
        _ => {}
    }
    all
}

type Add<'a> = dyn FnMut(String, &dyn Fn(&mut Value)) + 'a;

fn network_policy(object: &Value, add: &mut Add<'_>) {
    let types: Vec<&str> = object["spec"]["policyTypes"].as_array().unwrap().iter().map(text).collect();
    if types.len() > 1 {
        for (index, name) in types.iter().enumerate() {
            add(format!("policyTypes without {name}"), &|object| {
                drop_at(&mut object["spec"]["policyTypes"], index);
                // Rules without their type would bring it back.
                object["spec"].as_object_mut().unwrap().remove(&name.to_lowercase());
            });
        }
    }
    for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
        if types.iter().any(|name| name.to_lowercase() == direction) {
            add(format!("{direction}: a rule for everything"), &|object| {
                let rules = object["spec"].as_object_mut().unwrap().entry(direction).or_insert(json!([]));
                rules.as_array_mut().unwrap().push(json!({}));
            });
        }
        for (index, rule) in list(&object["spec"][direction]).iter().enumerate() {
            let at = format!("/spec/{direction}/{index}");
            add(format!("{direction}: an empty peer"), &|object| {
                let rule = object.pointer_mut(&at).unwrap();
                rule[peers].as_array_mut().unwrap().push(json!({"namespaceSelector": {}}));
            });
            if rule["ports"].is_array() {
                add(format!("{direction}: all ports"), &|object| {
                    object.pointer_mut(&at).unwrap().as_object_mut().unwrap().remove("ports");
                });
            }
            for (number, peer) in list(&rule[peers]).iter().enumerate() {
                let at = format!("{at}/{peers}/{number}");
                if peer["ipBlock"].is_object() {
                    add(format!("{direction}: all addresses"), &|object| {
                        object.pointer_mut(&at).unwrap()["ipBlock"] = json!({"cidr": "0.0.0.0/0"});
                    });
                }
                for selector in ["namespaceSelector", "podSelector"] {
                    if peer[selector].as_object().is_some_and(|selector| !selector.is_empty()) {
                        add(format!("{direction}: any {selector}"), &|object| {
                            object.pointer_mut(&at).unwrap()[selector] = json!({});
                        });
                    }
                }
            }
        }
    }
    add("podSelector: nobody".to_owned(), &|object| {
        object["spec"]["podSelector"] = json!({"matchLabels": {"nobody": "has-this"}});
    });
}

/// What the first rule says that fits is final, and `Accept` asks no NetworkPolicy any more.
fn cluster_network_policy(object: &Value, add: &mut Add<'_>) {
    for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
        for (index, rule) in list(&object["spec"][direction]).iter().enumerate() {
            let (name, action) = (text(&rule["name"]), text(&rule["action"]));
            if action == "Deny" {
                add(format!("{direction}: without {name}"), &|object| {
                    drop_at(&mut object["spec"][direction], index);
                });
            }
            add(format!("{direction}: {name} accepts"), &|object| {
                object["spec"][direction][index]["action"] = json!("Accept");
            });
            if rule["protocols"].is_array() {
                add(format!("{direction}: {name} at all ports"), &|object| {
                    object["spec"][direction][index].as_object_mut().unwrap().remove("protocols");
                });
            }
        }
        for action in ["Accept", "Pass"] {
            add(format!("{direction}: {action} everything"), &|object| {
                let rule = json!({"name": "all", "action": action, peers: [{"namespaces": {}}]});
                object["spec"][direction].as_array_mut().unwrap().insert(0, rule);
            });
        }
    }
    add("tier: Baseline".to_owned(), &|object| object["spec"]["tier"] = json!("Baseline"));
    add("subject: nobody".to_owned(), &|object| {
        let nobody = json!({"matchLabels": {"nobody": "has-this"}});
        object["spec"]["subject"] = json!({"namespaces": nobody});
    });
}

/// Rights that nobody has whom an intent names: all of them, and those on what the walls are made of.
const MORE: [(&str, &str, &[&str]); 3] = [
    ("*", "*", &["*"]),
    ("networking.k8s.io", "networkpolicies", &["create", "delete", "patch", "update"]),
    ("rbac.authorization.k8s.io", "roles", &["bind", "escalate", "patch", "update"]),
];

fn role(add: &mut Add<'_>) {
    for (group, resource, verbs) in MORE {
        add(format!("{} on {resource}", verbs[0]), &|object| {
            let rule = json!({"apiGroups": [group], "resources": [resource], "verbs": verbs});
            object["rules"].as_array_mut().unwrap().push(rule);
        });
    }
}

fn binding(strangers: &[Value], add: &mut Add<'_>) {
    let everybody =
        json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:authenticated"});
    for stranger in strangers.iter().chain([&everybody]) {
        add(format!("a {} of others", text(&stranger["kind"])), &|object| {
            object["subjects"].as_array_mut().unwrap().push(stranger.clone());
        });
    }
    add("to cluster-admin".to_owned(), &|object| {
        object["roleRef"] =
            json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"});
    });
}

fn namespace(object: &Value, add: &mut Add<'_>) {
    for (label, value) in object["metadata"]["labels"].as_object().unwrap() {
        let Some(mode) = label.strip_prefix("pod-security.kubernetes.io/") else { continue };
        add(format!("without {mode}"), &|object| {
            object["metadata"]["labels"].as_object_mut().unwrap().remove(label);
        });
        let other = if mode.ends_with("-version") { "v1.30" } else { "privileged" };
        if value != other {
            add(format!("{mode}: {other}"), &|object| object["metadata"]["labels"][label] = json!(other));
        }
    }
}

fn admission_policy(object: &Value, add: &mut Add<'_>) {
    for index in 0..list(&object["spec"]["validations"]).len() {
        add(format!("without validation {index}"), &|object| {
            drop_at(&mut object["spec"]["validations"], index);
        });
    }
    if object["spec"]["failurePolicy"] != "Ignore" {
        add("failurePolicy: Ignore".to_owned(), &|object| {
            object["spec"]["failurePolicy"] = json!("Ignore");
        });
    }
    let rules = list(&object["spec"]["matchConstraints"]["resourceRules"]);
    for (index, rule) in rules.iter().enumerate() {
        if rules.len() > 1 {
            add(format!("without resourceRule {index}"), &|object| {
                drop_at(&mut object["spec"]["matchConstraints"]["resourceRules"], index);
            });
        }
        for field in ["operations", "resources"] {
            let values = list(&rule[field]);
            for (number, value) in values.iter().enumerate().filter(|_| values.len() > 1) {
                add(format!("resourceRule {index} without {}", text(value)), &|object| {
                    drop_at(&mut object["spec"]["matchConstraints"]["resourceRules"][index][field], number);
                });
            }
        }
    }
    for index in 0..list(&object["spec"]["matchConditions"]).len() {
        add(format!("matchCondition {index}: never"), &|object| {
            object["spec"]["matchConditions"][index]["expression"] = json!("false");
        });
    }
    narrow("matchConstraints", add);
}

fn admission_binding(object: &Value, add: &mut Add<'_>) {
    for action in ["Audit", "Warn"] {
        if object["spec"]["validationActions"] != json!([action]) {
            add(format!("validationActions: {action}"), &|object| {
                object["spec"]["validationActions"] = json!([action]);
            });
        }
    }
    narrow("matchResources", add);
}

/// An admission policy or its binding that is about no namespace, or no object.
fn narrow(field: &str, add: &mut Add<'_>) {
    for selector in ["namespaceSelector", "objectSelector"] {
        add(format!("{selector}: nobody"), &|object| {
            set(object, &format!("/spec/{field}/{selector}"), json!({"matchLabels": {"nobody": "has-this"}}));
        });
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn drop_at(list: &mut Value, index: usize) {
    list.as_array_mut().unwrap().remove(index);
}

/// Sets a value, and what it stands in where that is not there.
fn set(object: &mut Value, pointer: &str, value: Value) {
    let mut at = object;
    for key in pointer.split('/').skip(1) {
        if at.is_null() {
            *at = json!({});
        }
        at = &mut at[key];
    }
    *at = value;
}
