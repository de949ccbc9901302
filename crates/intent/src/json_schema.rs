//! The JSON Schema of an intent (draft 2020-12), by which editors complete and check it.

use crate::schema::FLEET;
use crate::shape::{Field, Object, Shape, Without, objects};
use serde_json::{Map, Value, json};

/// Where the schema of an intent stands, and what it is called.
const ID: &str = "https://watertight.dev/schemas/intent-v1alpha1.schema.json";

/// What an amount matches, as a regular expression of ECMA-262.
pub(crate) const QUANTITY_PATTERN: &str =
    r"^[+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?$";

/// The schema, as text that ends in a newline.
#[must_use]
pub fn schema() -> String {
    let mut schema = of_object(&FLEET);
    let definitions: Map<String, Value> = objects(&FLEET)
        .into_iter()
        .skip(1)
        .map(|object| (object.name.to_owned(), Value::Object(of_object(object))))
        .collect();
    schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("$id".to_owned(), json!(ID));
    schema.insert("title".to_owned(), json!("The intent of Watertight: watertight.yaml"));
    schema.insert("$defs".to_owned(), Value::Object(definitions));
    format!("{:#}\n", Value::Object(schema))
}

fn of_object(object: &Object) -> Map<String, Value> {
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("description".to_owned(), json!(object.about));
    schema.insert("additionalProperties".to_owned(), json!(false));
    let properties: Map<String, Value> =
        object.fields.iter().map(|field| (field.name.to_owned(), of_field(field))).collect();
    schema.insert("properties".to_owned(), Value::Object(properties));
    let required: Vec<&str> = object
        .fields
        .iter()
        .filter(|field| field.without == Without::Refused)
        .map(|field| field.name)
        .collect();
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    if !object.one_of.is_empty() {
        let choices: Vec<Value> = object.one_of.iter().map(|name| json!({"required": [name]})).collect();
        schema.insert("oneOf".to_owned(), json!(choices));
    }
    if !object.needs.is_empty() {
        let needs: Map<String, Value> =
            object.needs.iter().map(|(field, needed)| ((*field).to_owned(), json!([needed]))).collect();
        schema.insert("dependentRequired".to_owned(), Value::Object(needs));
    }
    schema
}

fn of_field(field: &Field) -> Value {
    let mut schema = of_shape(&field.shape);
    let description = match field.without {
        Without::Default(default) => format!("{} Without it: {default}.", field.about),
        Without::Refused | Without::Nothing => field.about.to_owned(),
    };
    if let Value::Object(schema) = &mut schema {
        schema.insert("description".to_owned(), json!(description));
    }
    schema
}

fn of_shape(shape: &Shape) -> Value {
    match shape {
        Shape::Object(object) => json!({"$ref": format!("#/$defs/{}", object.name)}),
        Shape::List { of, min, max } => {
            let mut list = json!({"type": "array", "items": of_shape(of), "maxItems": max});
            if *min > 0 {
                list["minItems"] = json!(min);
            }
            list
        }
        Shape::Text(format) => {
            let mut text = json!({"type": "string"});
            if let Some(pattern) = format.pattern() {
                text["pattern"] = json!(pattern);
            }
            if let Some(max) = format.length_max() {
                text["maxLength"] = json!(max);
            }
            text
        }
        Shape::Word(words) => match words.words {
            [only] => json!({"const": only}),
            words => json!({"type": "string", "enum": words}),
        },
        Shape::Integer { min, max } => json!({"type": "integer", "minimum": min, "maximum": max}),
        Shape::Boolean => json!({"type": "boolean"}),
        Shape::Quantity => json!({
            "anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": QUANTITY_PATTERN}]
        }),
    }
}
