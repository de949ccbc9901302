//! The reader and the schema are held to each other: what one knows, the other knows, and what one refuses, so does the
//! other, as far as a schema can say it.

mod docs;

use super::*;
use crate::check::check;
use crate::formats::Format;
use crate::schema::FLEET;
use crate::shape::{Object, Shape, Without, objects};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use watertight_ingest::Content;

const FULL: &str = include_str!("../../../examples/intent-full/watertight.yaml");
const MINIMAL: &str = include_str!("../../../examples/intent-minimal/watertight.yaml");

fn source(text: &str) -> Source {
    Source { name: "watertight.yaml".to_owned(), bytes: text.as_bytes().to_vec() }
}

fn tree(text: &str) -> Tree {
    trees(SourceId(0), &source(text)).documents.remove(0)
}

fn to_json(tree: &Tree) -> Value {
    match &tree.content {
        Content::Null => Value::Null,
        Content::Boolean(value) => json!(value),
        Content::Number { whole: Some(number), .. } => json!(i64::try_from(*number).unwrap()),
        Content::Number { written, .. } => json!(written.parse::<f64>().unwrap()),
        Content::Text(text) => json!(text),
        Content::List(elements) => Value::Array(elements.iter().map(to_json).collect()),
        Content::Mapping(members) => {
            let members = members.iter().map(|member| (member.key.clone(), to_json(&member.value)));
            Value::Object(members.collect())
        }
    }
}

fn validator() -> jsonschema::Validator {
    jsonschema::validator_for(&serde_json::from_str(&schema()).unwrap()).unwrap()
}

/// What the check of the shape alone says.
fn structure(document: &Value) -> Vec<Diagnostic> {
    let mut findings = Findings::default();
    check(&tree(&document.to_string()), &DOCUMENT, &mut findings);
    findings.into_diagnostics()
}

#[test]
fn the_schema_is_one_of_draft_2020_12_and_accepts_the_examples() {
    let document: Value = serde_json::from_str(&schema()).unwrap();
    assert!(jsonschema::draft202012::meta::is_valid(&document));
    for text in [FULL, MINIMAL] {
        let errors: Vec<String> =
            validator().iter_errors(&to_json(&tree(text))).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn each_kind_of_mapping_has_a_name_of_its_own() {
    let all = objects(&FLEET);
    for object in &all {
        let same = all.iter().filter(|other| other.name == object.name);
        assert_eq!(same.count(), 1, "{}", object.name);
        // Names that two kinds share would be one definition in the schema.
        let mut known: Vec<*const Object> = Vec::new();
        for holder in &all {
            let held = holder.fields.iter().filter_map(|field| crate::shape::object_in(&field.shape));
            known.extend(held.filter(|held| held.name == object.name).map(std::ptr::from_ref));
        }
        let fields = |pointer: &*const Object| {
            all.iter().find(|known| std::ptr::from_ref(**known) == *pointer).map(|known| known.fields.len())
        };
        assert!(known.iter().all(|pointer| fields(pointer).is_none_or(|count| count == object.fields.len())));
    }
}

/// Texts of a format, all of them different.
fn good(format: Format) -> Vec<String> {
    let words: &[&str] = match format {
        Format::Text | Format::AnyText => &["some words", "x"],
        Format::Name => &["alpha", "bravo-2"],
        Format::Subdomain => &["alpha", "bravo.example.com"],
        Format::Label => &["app=dns", "example.com/part=x"],
        Format::PortName => &["http", "grpc-1"],
        Format::Date => &["2027-02-28", "2031-12-31"],
        Format::KubernetesVersion => &["1.36", "1.33"],
        Format::CniProfile => &["calico", "cilium,cidr-match=pods+nodes"],
        Format::Image => {
            return ["a", "b"].map(|digit| format!("r.example/x@sha256:{}", digit.repeat(64))).to_vec();
        }
        Format::FilePath => &["k8s/", "charts/shop"],
        Format::Pointer => &["/spec/type", "/metadata/annotations/example.com~1x"],
        Format::UrlPath => &["/healthz", "/live?x=1"],
        Format::Host => &["alpha.example.com", "*.example.com"],
        Format::Cidr => &["198.51.100.0/24", "2001:db8::/32"],
        Format::Schedule => &["@daily", "*/5 * * * *"],
        Format::TimeZone => &["Etc/UTC", "America/New_York"],
        Format::VariableName => &["ALPHA", "_bravo.2"],
        Format::SecretKey => &["tls.crt", "key_2"],
        Format::LabelKey => &["pool", "example.com/spot"],
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Texts that both the check and the pattern refuse.
fn bad(format: Format) -> Vec<String> {
    let words: &[&str] = match format {
        Format::AnyText => &[],
        Format::Text => &[""],
        Format::Name => &["", "Alpha", "-a", "a.b"],
        Format::Subdomain => &["", "a..b", "a_b"],
        Format::Label => &["", "app", "=dns", "app=a b"],
        Format::PortName => &["", "a--b", "waytoolongforaport"],
        Format::Date => &["31.12.2026", "2026-13-01"],
        Format::KubernetesVersion => &["1", "1.36.0", "v1.36", "1.036"],
        Format::CniProfile => &["flannel", "cilium,", "calico,x"],
        Format::Image => &["r.example/x:1", "r.example/x@sha256:ab", ""],
        Format::FilePath => &["", "a\nb"],
        Format::Pointer => &["", "spec/type", "/spec/a~b", "/spec~"],
        Format::UrlPath => &["healthz", "/a b", ""],
        Format::Host => &["exa mple", "*.*.com", ""],
        Format::Cidr => &["10.0.0.0", "x/8"],
        Format::Schedule => &["* * * *", "daily"],
        Format::TimeZone => &["Europe/", "+01:00"],
        Format::VariableName => &["1A", "A=B", ""],
        Format::SecretKey => &["", "a/b"],
        Format::LabelKey => &["", "Example.com/spot", "a/b/c"],
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Values of a shape that is no mapping and no list.
fn leaves(shape: &Shape) -> Vec<Value> {
    match shape {
        Shape::Object(_) | Shape::List { .. } => Vec::new(),
        Shape::Text(format) => good(*format).into_iter().map(Value::from).collect(),
        Shape::Word(words) => words.words.iter().map(|word| json!(word)).collect(),
        Shape::Integer { min, max } => vec![json!(min), json!(max), json!(min + (max - min) / 3)],
        Shape::Boolean => vec![json!(true), json!(false)],
        Shape::Quantity => {
            vec![json!("7500m"), json!("3Gi"), json!(2), json!(0.25), json!("1e3"), json!("+.5")]
        }
    }
}

/// Values that a shape refuses.
fn misfits(shape: &Shape) -> Vec<Value> {
    let mut misfits = vec![Value::Null];
    match shape {
        Shape::Object(_) => misfits.extend([json!("x"), json!([])]),
        Shape::List { .. } => misfits.extend([json!("x"), json!({}), json!(vec![1; 1001])]),
        Shape::Text(format) => {
            misfits.extend(bad(*format).into_iter().map(Value::from));
            misfits.extend([json!(1), json!(true), json!([])]);
        }
        Shape::Word(words) => {
            misfits.extend(words.later.iter().map(|(word, _)| json!(word)));
            misfits.extend([json!("nonesuch"), json!(1)]);
        }
        Shape::Integer { min, max } => {
            misfits.extend([json!(min - 1), json!(max + 1), json!("1"), json!(1.5)]);
        }
        Shape::Boolean => misfits.extend([json!("true"), json!(0)]),
        Shape::Quantity => {
            misfits.extend([
                json!("2 cores"),
                json!("Mi"),
                json!("-1"),
                json!(-1),
                json!(true),
                json!("1mi"),
            ]);
        }
    }
    misfits
}

/// Makes documents by chance.
struct Maker {
    rng: TestRng,
    /// One in so many values is a misfit; 0 for none.
    misfit_in: u32,
}

impl Maker {
    fn chance(&mut self, in_so_many: u32) -> bool {
        in_so_many > 0 && self.rng.random_range(0..in_so_many) == 0
    }

    fn one_of<T: Clone>(&mut self, values: &[T]) -> T {
        values[self.rng.random_range(0..values.len())].clone()
    }

    fn value(&mut self, shape: &'static Shape) -> Value {
        if self.chance(self.misfit_in) {
            return self.one_of(&misfits(shape));
        }
        match shape {
            Shape::Object(object) => self.mapping(object),
            Shape::List { of, min, .. } => {
                let length = self.rng.random_range(*min..min + 3);
                (0..length).map(|_| self.value(of)).collect()
            }
            leaf => self.one_of(&leaves(leaf)),
        }
    }

    fn mapping(&mut self, object: &'static Object) -> Value {
        let mut mapping = Map::new();
        let chosen = (!object.one_of.is_empty()).then(|| self.one_of(object.one_of));
        for field in object.fields {
            let wanted = match object.one_of.contains(&field.name) {
                true => chosen == Some(field.name) || self.chance(4 * self.misfit_in),
                false => field.without == Without::Refused || self.chance(3),
            };
            let needed = object.needs.iter().find(|(name, _)| *name == field.name);
            let alone = needed.is_some_and(|(_, needed)| chosen != Some(*needed));
            let dropped = self.chance(4 * self.misfit_in);
            if wanted && !dropped && (!alone || self.chance(4 * self.misfit_in)) {
                mapping.insert(field.name.to_owned(), self.value(&field.shape));
            }
        }
        if self.chance(4 * self.misfit_in) {
            mapping.insert("nonesuch".to_owned(), json!(1));
        }
        Value::Object(mapping)
    }
}

/// Documents by chance, the same in each run.
fn documents(count: usize, misfit_in: u32) -> impl Iterator<Item = Value> {
    let mut maker = Maker { rng: TestRng::deterministic_rng(RngAlgorithm::ChaCha), misfit_in };
    (0..count).map(move |_| maker.mapping(&FLEET))
}

#[test]
fn the_schema_and_the_reader_accept_what_fits() {
    let validator = validator();
    for document in documents(300, 0) {
        let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{document}\n{errors:#?}");
        let found = structure(&document);
        assert!(found.is_empty(), "{document}\n{found:#?}");
    }
}

#[test]
fn the_schema_and_the_reader_refuse_the_same() {
    let validator = validator();
    let (mut accepted, mut refused) = (0, 0);
    for document in documents(1500, 150) {
        let found = structure(&document);
        assert_eq!(validator.is_valid(&document), found.is_empty(), "{document}\n{found:#?}");
        *(if found.is_empty() { &mut accepted } else { &mut refused }) += 1;
    }
    assert!(accepted > 100 && refused > 100, "{accepted} {refused}");
}

#[test]
fn the_schema_and_the_reader_refuse_each_misfit_of_each_field() {
    let validator = validator();
    let full = to_json(&tree(FULL));
    let mut fields = 0;
    each_member(&full, &FLEET, &mut Vec::new(), &mut |path, _, shape| {
        fields += 1;
        for misfit in misfits(shape) {
            let document = with(&full, path, misfit);
            assert!(!validator.is_valid(&document), "the schema accepts {path:?} of {document}");
            assert!(!structure(&document).is_empty(), "the reader accepts {path:?} of {document}");
        }
    });
    assert!(fields > 100, "{fields}");
}

/// A step to a value: a key or an index.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

/// Visits each member of each mapping in a document, with the name of the mapping's kind and the member's shape, and each
/// element of a list that is no mapping.
fn each_member(
    value: &Value,
    object: &'static Object,
    path: &mut Vec<Step>,
    visit: &mut impl FnMut(&[Step], (&'static str, &'static str), &'static Shape),
) {
    let Value::Object(members) = value else { return };
    for (key, value) in members {
        let field = object.field(key).unwrap();
        path.push(Step::Key(key.clone()));
        visit(path, (object.name, field.name), &field.shape);
        match (&field.shape, value) {
            (Shape::Object(object), _) => each_member(value, object, path, visit),
            (Shape::List { of, .. }, Value::Array(elements)) => {
                for (index, element) in elements.iter().enumerate() {
                    path.push(Step::Index(index));
                    match of {
                        Shape::Object(object) => each_member(element, object, path, visit),
                        leaf => visit(path, (object.name, field.name), leaf),
                    }
                    path.pop();
                }
            }
            _ => {}
        }
        path.pop();
    }
}

/// A document with another value at a place.
fn with(document: &Value, path: &[Step], value: Value) -> Value {
    let mut changed = document.clone();
    let mut at = &mut changed;
    for step in path {
        at = match step {
            Step::Key(key) => &mut at[key.as_str()],
            Step::Index(index) => &mut at[*index],
        };
    }
    *at = value;
    changed
}

/// All that is read of a document but places.
fn outcome(document: &Value) -> String {
    let today = Date::new(2026, 11, 20).unwrap();
    let read = read(SourceId(0), &source(&document.to_string()), today);
    let said: Vec<String> = read.diagnostics.into_iter().map(|diagnostic| diagnostic.message).collect();
    let text = format!("{:?} {said:?}", read.intent);
    let mut parts = text.split("Span { source: SourceId(0), start: ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('}').map_or(part, |(_, rest)| rest))
}

#[test]
fn each_field_of_the_schema_is_in_the_full_example_and_means_something() {
    let full = to_json(&tree(FULL));
    let plain = outcome(&full);
    assert!(plain.starts_with("Some("), "{plain}");
    let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut meant: BTreeSet<(&str, &str)> = BTreeSet::new();
    each_member(&full, &FLEET, &mut Vec::new(), &mut |path, field, shape| {
        seen.insert(field);
        let leaves = leaves(shape);
        let nested = leaves.is_empty();
        if nested || leaves.into_iter().any(|leaf| outcome(&with(&full, path, leaf)) != plain) {
            meant.insert(field);
        }
    });
    let all: BTreeSet<(&str, &str)> = objects(&FLEET)
        .into_iter()
        .flat_map(|object| object.fields.iter().map(|field| (object.name, field.name)))
        .collect();
    assert_eq!(all.difference(&seen).collect::<Vec<_>>(), Vec::<&(&str, &str)>::new(), "not in the example");
    // These have one value.
    let fixed = BTreeSet::from([("Fleet", "apiVersion"), ("Fleet", "kind")]);
    let silent: Vec<_> = all.difference(&meant).filter(|field| !fixed.contains(field)).collect();
    assert_eq!(silent, Vec::<&(&str, &str)>::new(), "nobody reads these");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}") {
        let today = Date::new(2026, 11, 20).unwrap();
        let read = read(SourceId(0), &source(&text), today);
        prop_assert_eq!(read.intent.is_none(), !read.diagnostics.is_empty());
    }
}

#[test]
fn an_intent_that_fits_is_read_without_a_panic_whatever_is_wrong_in_it() {
    let today = Date::new(2026, 11, 20).unwrap();
    let all = documents(400, 0).chain(documents(400, 40));
    let given = all.filter(|document| {
        let read = read(SourceId(0), &source(&document.to_string()), today);
        assert_eq!(read.intent.is_none(), !read.diagnostics.is_empty(), "{document}");
        read.intent.is_some()
    });
    assert!(given.count() > 0);
}

#[test]
fn what_is_random_is_the_same_in_each_run() {
    assert_eq!(documents(3, 9).collect::<Vec<_>>(), documents(3, 9).collect::<Vec<_>>());
}
