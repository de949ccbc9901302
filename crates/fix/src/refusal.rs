//! Policies of admission that are to be added: they refuse what the hostile side could make for a proxy that serves both sides,
//! and what it has not made.

use crate::change::{NewObject, named};
use crate::fence::file_name;
use crate::input::Input;
use crate::state::State;
use std::collections::BTreeSet;
use watertight_model::{Breach, Ingress, ObjectRef};
use watertight_yaml::{Value, mapping, texts};

const GROUP_VERSION: &str = "admissionregistration.k8s.io/v1";

/// What refuses Ingresses of the hostile side: first those that name hosts of the other side, and then each, if there is none.
///
/// Source: <https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/>.
pub(crate) fn of_ingresses(input: &Input<'_>, breach: &Breach) -> Vec<State> {
    if !["taken-host", "open-ingress-nginx"].contains(&breach.rule) {
        return Vec::new();
    }
    let of = |side: &'static str| {
        let namespaces = if side == "from" { &input.from } else { &input.to };
        let ingresses = input.snapshot.ingresses.iter();
        ingresses.filter(move |ingress| namespaces.contains(input.name(ingress.namespace)))
    };
    let mut all = Vec::new();
    let hosts: BTreeSet<&str> = of("to").flat_map(hosts).collect();
    let names_one_of_them = |ingress| self::hosts(ingress).any(|host| hosts.contains(host));
    if breach.rule == "taken-host" && !hosts.is_empty() && !of("from").any(names_one_of_them) {
        all.push(refusing(input, "ingress-hosts", &not_these(&hosts)));
    }
    if of("from").next().is_none() {
        all.push(refusing(input, "ingresses", &["false".to_owned()]));
    }
    all
}

fn hosts(ingress: &Ingress) -> impl Iterator<Item = &str> {
    ingress.rules.iter().filter_map(|rule| rule.host.as_deref())
}

/// The expressions that hold of an Ingress which names none of these hosts.
fn not_these(hosts: &BTreeSet<&str>) -> [String; 2] {
    let hosts: Vec<String> = hosts.iter().map(|host| format!("'{}'", host.replace('\'', ""))).collect();
    let hosts = hosts.join(", ");
    [
        format!(
            "!has(object.spec.rules) || object.spec.rules.all(r, !has(r.host) || !(r.host in [{hosts}]))"
        ),
        format!(
            "!has(object.spec.tls) || object.spec.tls.all(t, !has(t.hosts) || t.hosts.all(h, !(h in [{hosts}])))"
        ),
    ]
}

/// A policy of which each expression has to hold of Ingresses in the hostile side's namespaces, and its binding.
fn refusing(input: &Input<'_>, what: &str, expressions: &[String]) -> State {
    let names: Vec<String> = input.from.iter().cloned().collect();
    let name = format!("watertight-{}-{what}", names.first().map_or("", String::as_str));
    let rule = mapping([
        ("apiGroups", texts(["networking.k8s.io"])),
        ("apiVersions", texts(["*"])),
        ("operations", texts(["CREATE", "UPDATE"])),
        ("resources", texts(["ingresses"])),
    ]);
    let validation = |expression: &String| {
        mapping([
            ("expression", expression.as_str().into()),
            ("message", "its proxy serves another environment too".into()),
        ])
    };
    let policy = mapping([
        ("failurePolicy", "Fail".into()),
        ("matchConstraints", mapping([("resourceRules", Value::List(vec![rule]))])),
        ("validations", Value::List(expressions.iter().map(validation).collect())),
    ]);
    let binding = mapping([
        ("policyName", name.as_str().into()),
        ("validationActions", texts(["Deny"])),
        ("matchResources", mapping([("namespaceSelector", named(&names))])),
    ]);
    let home = input.to.first().map_or("", String::as_str);
    let object = |kind: &str, file: &str, spec: Value| {
        let value = mapping([
            ("apiVersion", GROUP_VERSION.into()),
            ("kind", kind.into()),
            ("metadata", mapping([("name", name.as_str().into())])),
            ("spec", spec),
        ]);
        let object = ObjectRef {
            api_version: GROUP_VERSION.to_owned(),
            kind: kind.to_owned(),
            namespace: None,
            name: name.clone(),
            uid: None,
        };
        NewObject { object, file: file_name(input, home, file), value }
    };
    State::adding(vec![
        object("ValidatingAdmissionPolicy", &name, policy),
        object("ValidatingAdmissionPolicyBinding", &format!("{name}-binding"), binding),
    ])
}

/// What such a policy or its binding does.
pub(crate) fn words(new: &NewObject) -> Option<&'static str> {
    match (new.object.kind.as_str(), new.object.name.ends_with("-ingress-hosts")) {
        ("ValidatingAdmissionPolicy", true) => Some("refuses Ingresses that name hosts of the other side"),
        ("ValidatingAdmissionPolicy", false) => Some(
            "refuses every Ingress: there is none now, and one that is to be needs an ingress controller of its own",
        ),
        ("ValidatingAdmissionPolicyBinding", _) => {
            Some("puts the policy of its name in force in the hostile side's namespaces")
        }
        _ => None,
    }
}
