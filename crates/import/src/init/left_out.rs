//! What applications leave out of the files that they point to.

use super::inventory::{Inventory, Object};
use crate::workload::owned;
use std::collections::BTreeSet;
use watertight_base::Span;
use watertight_ingest::{Content, Tree};
use watertight_yaml::{Value, texts};

/// `without` of an application that points to these files; nothing if it takes all of them. Parts that are none of an object are
/// passed over.
pub(crate) fn without(left_out: &[Span], inventory: &Inventory<'_>, files: &[usize]) -> Option<Value> {
    let objects = files.iter().filter_map(|file| inventory.files.get(*file)).flat_map(|file| &file.objects);
    let objects = objects.filter_map(|object| inventory.objects.get(*object));
    let values: Vec<Value> = objects.filter_map(|object| of_object(left_out, object)).collect();
    (!values.is_empty()).then_some(Value::List(values))
}

fn of_object(left_out: &[Span], object: &Object<'_>) -> Option<Value> {
    let within: Vec<Span> =
        left_out.iter().copied().filter(|span| object.tree.span.contains(*span)).collect();
    let mut named = vec![("kind", object.kind.into()), ("name", object.name.into())];
    if within.contains(&object.tree.span) {
        return Some(owned(named));
    }
    let pointers: BTreeSet<String> = within.iter().filter_map(|span| pointer(object.tree, *span)).collect();
    let is_below = |pointer: &str| {
        let below =
            |other: &String| pointer.strip_prefix(other.as_str()).is_some_and(|rest| rest.starts_with('/'));
        pointers.iter().any(below)
    };
    let outer = pointers.iter().map(String::as_str).filter(|pointer| !is_below(pointer));
    let fields: Vec<&str> = outer.collect();
    named.push(("fields", texts(fields.iter().copied())));
    (!fields.is_empty()).then(|| owned(named))
}

/// The JSON Pointer to what stands at a place.
///
/// Source: <https://www.rfc-editor.org/rfc/rfc6901>, section 3.
fn pointer(tree: &Tree, place: Span) -> Option<String> {
    if tree.span == place {
        return Some(String::new());
    }
    let below = |key: &str, value: &Tree| {
        let rest = value.span.contains(place).then(|| pointer(value, place))??;
        Some(format!("/{}{rest}", key.replace('~', "~0").replace('/', "~1")))
    };
    match &tree.content {
        Content::Mapping(members) => members.iter().find_map(|member| below(&member.key, &member.value)),
        Content::List(elements) => {
            elements.iter().enumerate().find_map(|(place, element)| below(&place.to_string(), element))
        }
        _ => None,
    }
}
