//! Objects from the catalogue: a valid one with up to two of its fields changed.

use crate::validation::catalogue::{Field, Kind, MISSING};
use serde_json::{Map, Value, json};
use std::fmt;
use watertight_oracle::Random;

/// A field's new value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    pub(crate) pointer: String,
    pub(crate) value: Value,
}

/// An object to ask both about.
#[derive(Debug, Clone)]
pub(crate) struct Case<'k> {
    pub(crate) kind: &'k Kind,
    pub(crate) base: usize,
    pub(crate) changes: Vec<Change>,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.pointer, self.value)
    }
}

impl Case<'_> {
    /// The same object with each of its changes by itself, if there are several.
    pub(crate) fn parts(&self) -> Vec<Self> {
        if self.changes.len() < 2 {
            return Vec::new();
        }
        self.changes.iter().map(|change| Self { changes: vec![change.clone()], ..self.clone() }).collect()
    }

    /// The object.
    pub(crate) fn object(&self) -> Value {
        let mut object = self.kind.bases[self.base].clone();
        object["apiVersion"] = json!(self.kind.api_version);
        object["kind"] = json!(self.kind.name);
        for Change { pointer, value } in &self.changes {
            put(&mut object, pointer, value);
        }
        object
    }
}

/// Every valid object as it is, and with each value of the catalogue by itself.
pub(crate) fn single_changes(kinds: &[Kind]) -> Vec<Case<'_>> {
    let mut cases = Vec::new();
    for kind in kinds {
        for base in 0..kind.bases.len() {
            cases.push(Case { kind, base, changes: Vec::new() });
            let fields =
                kind.fields.iter().filter(|field| field.always && (base == 0 || !is_metadata(field)));
            for field in fields {
                cases.extend(field.values.iter().map(|value| {
                    let change = Change { pointer: field.pointer.clone(), value: value.clone() };
                    Case { kind, base, changes: vec![change] }
                }));
            }
        }
    }
    cases
}

/// Whether a field means the same in every valid object of a kind.
fn is_metadata(field: &Field) -> bool {
    field.pointer.starts_with("/metadata/") && !field.pointer.to_lowercase().ends_with("name")
}

/// The object of a seed, with one or two changes.
pub(crate) fn by_chance(kinds: &[Kind], seed: u64) -> Case<'_> {
    let mut random = Random::new(seed);
    let kind = &kinds[random.below(kinds.len())];
    let base = random.below(kind.bases.len());
    let mut changes: Vec<Change> = Vec::new();
    for _ in 0..=random.below(2) {
        let field = &kind.fields[random.below(kind.fields.len())];
        let value = field.values[random.below(field.values.len())].clone();
        // A field in a field that is changed too could undo that change.
        if !changes.iter().any(|earlier| are_nested(&earlier.pointer, &field.pointer)) {
            changes.push(Change { pointer: field.pointer.clone(), value });
        }
    }
    Case { kind, base, changes }
}

fn are_nested(one: &str, other: &str) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

/// Puts a value at a pointer, together with what is missing on the way there.
fn put(object: &mut Value, pointer: &str, value: &Value) {
    let names: Vec<String> =
        pointer.split('/').skip(1).map(|name| name.replace("~1", "/").replace("~0", "~")).collect();
    let Some((last, path)) = names.split_last() else { return };
    let mut place = object;
    for name in path {
        place = step(place, name);
    }
    if value != MISSING {
        *step(place, last) = value.clone();
    } else if let Some(holder) = place.as_object_mut() {
        holder.remove(last);
    }
}

/// The place of that name or index, which is made if it is missing.
fn step<'v>(place: &'v mut Value, name: &str) -> &'v mut Value {
    let Ok(index) = name.parse::<usize>() else {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        return &mut place[name];
    };
    if !place.is_array() {
        *place = json!([]);
    }
    let elements = place.as_array_mut().expect("it was made one");
    if elements.len() <= index {
        elements.resize(index + 1, json!({}));
    }
    &mut elements[index]
}
