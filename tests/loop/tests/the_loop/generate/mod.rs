//! Intents by chance, each of which makes sense: what is refused of them is an exception, and not the rule.

mod access;
mod applications;
mod boundaries;
mod clusters;
mod environments;
mod workload;

use serde_json::{Map, Value, json};
use watertight_oracle::Random;

/// How much is let through the walls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exceptions {
    /// Nothing.
    None,
    /// Something in some of them.
    Some,
}

/// The intent of a seed, as JSON, which is YAML too.
pub(crate) fn intent(seed: u64, exceptions: Exceptions) -> Value {
    let random = &mut Random::new(seed);
    let plan = clusters::plan(random);
    let environments = environments::environments(&plan, random);
    let stores = applications::stores(&plan, random);
    let applications = applications::applications(&plan, &stores, random);
    let said = boundaries::Said { plan: &plan, environments: &environments, applications: &applications };
    let boundaries = boundaries::boundaries(&said, exceptions, random);
    let mut spec = object([("environments", environments)]);
    optional(&mut spec, "clusters", clusters::clusters(&plan, random));
    optional(&mut spec, "boundaries", boundaries);
    optional(&mut spec, "stores", stores);
    optional(&mut spec, "applications", applications);
    json!({
        "apiVersion": "watertight.dev/v1alpha1",
        "kind": "Fleet",
        "metadata": {"name": random.one_of(["shop", "bank", "fleet-1"])},
        "spec": spec,
    })
}

/// What is fixed before anything is written: which environments there are, and where.
#[derive(Debug)]
struct Plan {
    clusters: Vec<Planned>,
    places: Vec<Place>,
}

/// A cluster.
#[derive(Debug)]
struct Planned {
    /// Its name, if it is listed: else it is the one that is there by default.
    name: Option<&'static str>,
    provider: Option<&'static str>,
    ingress: Option<Serves>,
}

/// An environment.
#[derive(Debug)]
struct Place {
    name: &'static str,
    production: bool,
    cluster: usize,
    namespaces: Vec<String>,
    /// Whether it has its cluster for itself.
    alone: bool,
    /// Who serves the routes of its applications, if they have some.
    routes: Option<Serves>,
    /// Whether that is said at the environment, and not at its cluster.
    has_own_ingress: bool,
}

/// Who serves routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Serves {
    Ingresses,
    Gateway,
}

/// A mapping.
fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>())
}

/// Adds a member that is not empty.
fn optional(object: &mut Value, key: &str, value: Value) {
    let is_empty = match &value {
        Value::Null => true,
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    };
    if !is_empty {
        object[key] = value;
    }
}

/// A value in so many of a hundred cases.
fn sometimes(random: &mut Random, percent: usize, value: impl Into<Value>) -> Value {
    if random.chance(percent) { value.into() } else { Value::Null }
}

/// Some of the items, in their order.
fn some_of<T: Clone>(random: &mut Random, items: &[T], percent: usize) -> Vec<T> {
    items.iter().filter(|_| random.chance(percent)).cloned().collect()
}
