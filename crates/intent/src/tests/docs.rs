//! The tables of `docs/intent.md` and the schema in `schemas/` are those of the program.
#![expect(clippy::disallowed_methods, reason = "a test that reads and writes pages where they are")]

use crate::json_schema::schema;
use crate::schema::FLEET;
use crate::shape::{Field, Object, Shape, Without, objects};
use std::path::PathBuf;

/// What stands before the tables.
const BEGIN: &str = "## Fields\n";

fn at_root(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(file)
}

/// A file as it must be: it is written where snapshots are, and else compared.
fn hold(file: &str, text: &str) {
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(at_root(file), text).unwrap();
    }
    let is_there = std::fs::read_to_string(at_root(file)).unwrap();
    assert!(is_there == text, "{file} is out of date: INSTA_UPDATE=always cargo test -p watertight-intent");
}

fn value(shape: &Shape) -> String {
    match shape {
        Shape::Object(object) => format!("[{}](#{})", object.name, object.name.to_lowercase()),
        Shape::List { of, min, .. } => {
            let some = if *min > 0 { ", at least one" } else { "" };
            format!("list of {}{some}", value(of))
        }
        Shape::Text(_) => "string".to_owned(),
        Shape::Word(words) => {
            let words: Vec<String> = words.words.iter().map(|word| format!("`{word}`")).collect();
            words.join(" or ")
        }
        Shape::Integer { min, max } => format!("number from {min} to {max}"),
        Shape::Boolean => "boolean".to_owned(),
        Shape::Quantity => "amount".to_owned(),
    }
}

fn row(field: &Field) -> String {
    let without = match field.without {
        Without::Refused => "refused",
        Without::Nothing => "none",
        Without::Default(default) => default,
    };
    format!("| `{}` | {} | {} | {without} |\n", field.name, value(&field.shape), field.about)
}

fn table(object: &Object) -> String {
    let mut text = format!("\n### {}\n\n{}", object.name, object.about);
    if !object.one_of.is_empty() {
        let choice: Vec<String> = object.one_of.iter().map(|name| format!("`{name}`")).collect();
        text += &format!(" It has exactly one of {}.", choice.join(", "));
    }
    if let Some((_, needed)) = object.needs.first() {
        let fields: Vec<String> = object.needs.iter().map(|(name, _)| format!("`{name}`")).collect();
        text += &format!(" Only beside `{needed}` stand {}.", fields.join(", "));
    }
    text += "\n\n| field | value | what it says | without it |\n|---|---|---|---|\n";
    text.extend(object.fields.iter().map(row));
    text
}

#[test]
fn the_page_has_a_row_for_each_field() {
    let page = std::fs::read_to_string(at_root("docs/intent.md")).unwrap();
    let (head, _) = page.split_once(BEGIN).unwrap();
    let tables: String = objects(&FLEET).into_iter().map(table).collect();
    hold("docs/intent.md", &format!("{head}{BEGIN}{tables}"));
}

#[test]
fn the_schema_in_the_repository_is_the_one_that_is_printed() {
    hold("schemas/intent-v1alpha1.schema.json", &schema());
}
