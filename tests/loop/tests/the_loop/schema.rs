//! What an intent may hold occurs in those that are generated: no field of the schema is left untried.

use crate::fleet;
use crate::generate::{Exceptions, intent};
use serde_json::Value;
use std::collections::BTreeSet;

/// Of how many seeds the fields are counted.
const SEEDS: u64 = 400;

#[test]
fn every_field_of_the_schema_occurs_in_an_intent_that_is_accepted() {
    let schema: Value = serde_json::from_str(&watertight_intent::schema()).unwrap();
    let mut wanted = BTreeSet::new();
    for (name, object) in schema["$defs"].as_object().unwrap() {
        let fields = object["properties"].as_object().into_iter().flatten();
        wanted.extend(fields.map(|(field, _)| (name.clone(), field.clone())));
    }
    assert!(wanted.len() > 100, "{wanted:?}");
    let mut found = BTreeSet::new();
    let mut refused = 0;
    for seed in 0..SEEDS {
        let intent = intent(seed, Exceptions::Some);
        if let Err(diagnostics) = fleet::intent(&intent.to_string()) {
            refused += 1;
            // To be seen when too many are refused.
            println!("seed {seed}: {}", diagnostics[0].message);
            continue;
        }
        fields(&schema, &schema, &intent, &mut found);
    }
    let missing: Vec<_> = wanted.difference(&found).collect();
    assert!(missing.is_empty(), "no accepted intent has {missing:?}");
    assert!(refused * 4 < SEEDS, "{refused} of {SEEDS} are refused");
}

/// Each field of a value, with the name of the mapping in which it stands.
fn fields(schema: &Value, shape: &Value, value: &Value, found: &mut BTreeSet<(String, String)>) {
    let name = shape["$ref"].as_str().and_then(|reference| reference.strip_prefix("#/$defs/"));
    let shape = name.map_or(shape, |name| &schema["$defs"][name]);
    if let Some(members) = value.as_object() {
        for (key, member) in members {
            found.extend(name.map(|name| (name.to_owned(), key.clone())));
            fields(schema, &shape["properties"][key], member, found);
        }
    }
    for element in value.as_array().into_iter().flatten() {
        fields(schema, &shape["items"], element, found);
    }
}
