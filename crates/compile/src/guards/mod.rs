//! What an environment may not ask the API server for, since it would lead to others in the same cluster:
//! ValidatingAdmissionPolicies, one for each concern, and their bindings to the environment's namespaces.
//!
//! Of what Pod Security refuses at `baseline`, that by which a pod gets at its node is said again (`pods.rs`). Services that take
//! ports or addresses of the cluster are counted by the quota. EndpointSlices and Endpoints, which could
//! name addresses of others, are written by controllers of the cluster, so that no policy refuses them: no role gives them.
//! Which node a pod asks for by its labels is not asked: it is one that the scheduler could have chosen as well.
//!
//! Expressions keep to what `prove` decides for every object (docs/admission.md).
//!
//! Source: <https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/>.

mod hosts;
mod pods;
mod services;

pub(crate) use hosts::REFERENCES;
pub(crate) use pods::OWN_TAINTS;

use crate::manifest::{Kind, Manifest, Serves};
use crate::neighbours::{names, neighbours};
use crate::network_policies::own_namespaces;
use std::collections::BTreeSet;
use watertight_base::Span;
use watertight_intent::{Environment, EnvironmentId, Intent};
use watertight_yaml::{Value, mapping, texts};

/// Objects that a guard is about.
struct About {
    group: &'static str,
    version: &'static str,
    resources: &'static [&'static str],
    operations: &'static [&'static str],
}

/// An object is new, or another one becomes it.
const WRITTEN: &[&str] = &["CREATE", "UPDATE"];
/// What is fixed once an object is there.
const CREATED: &[&str] = &["CREATE"];
/// What comes to an object that is there, by a subresource.
const CHANGED: &[&str] = &["UPDATE"];

/// One concern.
struct Guard {
    /// What it is called, behind `watertight-` and before the environment.
    concern: &'static str,
    serves: Serves,
    asked_by: Span,
    about: Vec<About>,
    /// What has to be true of an object, and what is said if it is not.
    validations: Vec<(String, String)>,
}

/// The guards of an environment, with their bindings. Alone in its cluster, an environment needs none. `hosts` are those that
/// it may publish.
pub(crate) fn guards(
    intent: &Intent,
    id: EnvironmentId,
    environment: &Environment,
    hosts: BTreeSet<String>,
) -> Vec<Manifest> {
    let Some(others) = others(intent, id) else { return Vec::new() };
    let mut guards = pods::guards(intent, environment);
    guards.push(services::guard(environment));
    guards.extend(hosts::guards(environment, hosts));
    let mut manifests = Vec::new();
    for guard in guards {
        let object = |kind, spec| Manifest {
            kind,
            namespace: None,
            name: format!("watertight-{}-{}", guard.concern, environment.name.value),
            environment: environment.name.value.clone(),
            labels: Vec::new(),
            annotations: Vec::new(),
            serves: guard.serves,
            asked_by: guard.asked_by,
            body: vec![("spec", spec)],
        };
        manifests.push(object(Kind::ValidatingAdmissionPolicy, policy(&guard, environment, &others)));
        manifests.push(object(Kind::ValidatingAdmissionPolicyBinding, binding(&guard, environment)));
    }
    manifests
}

fn policy(guard: &Guard, environment: &Environment, others: &str) -> Value {
    let rule = |about: &About| {
        mapping([
            ("apiGroups", texts([about.group])),
            ("apiVersions", texts([about.version])),
            ("operations", texts(about.operations.iter().copied())),
            ("resources", texts(about.resources.iter().copied())),
        ])
    };
    let rules = guard.about.iter().map(rule).collect();
    let promise = guard.serves.name();
    let own = &environment.name.value;
    let validation = |(expression, why): &(String, String)| {
        mapping([
            ("expression", expression.as_str().into()),
            ("message", format!("{own} is kept out of {others} (promise {promise}): {why}").into()),
            ("reason", "Forbidden".into()),
        ])
    };
    mapping([
        ("failurePolicy", "Fail".into()),
        ("matchConstraints", mapping([("resourceRules", Value::List(rules))])),
        ("validations", Value::List(guard.validations.iter().map(validation).collect())),
    ])
}

fn binding(guard: &Guard, environment: &Environment) -> Value {
    mapping([
        ("policyName", format!("watertight-{}-{}", guard.concern, environment.name.value).into()),
        ("validationActions", texts(["Deny"])),
        ("matchResources", mapping([("namespaceSelector", own_namespaces(environment))])),
    ])
}

/// So many neighbours are named in a message, so that policies do not grow with all that are in a cluster.
const NAMED_MAX: usize = 4;

/// Who is kept apart from an environment, in a sentence; production before others. `None` if it is alone in its cluster.
fn others(intent: &Intent, id: EnvironmentId) -> Option<String> {
    let count = neighbours(intent, id).count();
    let first = neighbours(intent, id).min_by_key(|(other, it)| (!it.production.value, *other));
    let (_, first) = first?;
    if count <= NAMED_MAX {
        return Some(names(intent, id));
    }
    Some(format!("{} and {} more environments", first.name.value, count - 1))
}

/// Texts as a list of CEL. None of them has a quote in it.
fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = texts.into_iter().map(|text| format!("'{text}'")).collect();
    format!("[{}]", quoted.join(", "))
}
