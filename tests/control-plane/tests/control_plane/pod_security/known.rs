//! An object that a server showed, as a draft in which everything is known.

use serde_json::Value;
use watertight_admission::{Known, Others};

pub(super) fn known(value: &Value) -> Known {
    match value {
        Value::Null => Known::Absent,
        Value::Bool(value) => Known::Bool(*value),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => Known::Integer(integer),
            None => Known::Number(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => Known::text(text),
        Value::Array(elements) => {
            Known::List { elements: elements.iter().map(known).collect(), others: Others::None }
        }
        Value::Object(fields) => Known::Map {
            fields: fields.iter().map(|(name, value)| (name.clone(), known(value))).collect(),
            others: Others::None,
        },
    }
}
