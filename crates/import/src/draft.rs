//! An intent before it is text: what is known of it, and what is still to be filled in, which is written as a comment.

use watertight_base::{Diagnostic, Source, SourceId};
use watertight_intent::{Date, Intent, Read};
use watertight_yaml::{Value, document, mapping, texts};

/// The first line, by which editors find the schema.
const HEAD: &str = "# yaml-language-server: $schema=watertight.schema.json\n";

/// How the text is called where it is read back.
const NAME: &str = "watertight.yaml";

/// An intent to be.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    /// The name of the fleet.
    pub(crate) name: String,
    /// The clusters, if anything is to be said about one.
    pub(crate) clusters: Vec<Value>,
    /// The environments.
    pub(crate) environments: Vec<Environment>,
    /// Stores: known by name and engine, and not by where they are.
    pub(crate) stores: Vec<Store>,
    /// The applications.
    pub(crate) applications: Vec<Application>,
}

/// An environment to be: its name, and the fields behind it that are not the defaults.
#[derive(Debug, Clone)]
pub(crate) struct Environment {
    pub(crate) name: String,
    pub(crate) fields: Vec<(&'static str, Value)>,
}

/// A store of which nobody says where it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Store {
    pub(crate) name: String,
    pub(crate) engine: &'static str,
}

/// An application to be.
#[derive(Debug, Clone)]
pub(crate) struct Application {
    /// All that is known of it.
    pub(crate) value: Value,
    /// What is still to be done before it is more than a comment, a line each.
    pub(crate) to_do: Vec<String>,
    /// The stores that it uses, which are comments as long as the stores are.
    pub(crate) stores: Vec<String>,
}

impl Draft {
    /// Of the intent what is surely complete, with all its defaults: without applications and stores.
    pub(crate) fn bare(&self) -> Option<Intent> {
        let bare = Self { stores: Vec::new(), applications: Vec::new(), ..self.clone() };
        read(&bare.text()).intent
    }

    /// The text of the intent.
    pub(crate) fn text(&self) -> String {
        let head = mapping([
            ("apiVersion", "watertight.dev/v1alpha1".into()),
            ("kind", "Fleet".into()),
            ("metadata", mapping([("name", self.name.as_str().into())])),
        ]);
        let mut text = format!("{HEAD}{}spec:\n", document(&head));
        if !self.clusters.is_empty() {
            text += &section("clusters", Value::List(self.clusters.clone()));
        }
        let environments = self.environments.iter().map(Environment::value).collect();
        text += &section("environments", Value::List(environments));
        text += &self.stores();
        text += &self.applications();
        text
    }

    fn stores(&self) -> String {
        if self.stores.is_empty() {
            return String::new();
        }
        let endpoint = |environment: &Environment| {
            mapping([
                ("environment", environment.name.as_str().into()),
                ("host", "HOST".into()),
                ("cidrs", texts(["ADDRESSES"])),
            ])
        };
        let store = |store: &Store| {
            let endpoints = self.environments.iter().map(endpoint).collect();
            mapping([
                ("name", store.name.as_str().into()),
                ("engine", store.engine.into()),
                ("endpoints", Value::List(endpoints)),
            ])
        };
        let list = Value::List(self.stores.iter().map(store).collect());
        let lead = "  ## To do: fill in where these are for each environment, by name and by addresses.\n";
        format!("{lead}{}", commented(&section("stores", list), 2))
    }

    fn applications(&self) -> String {
        let (ready, open): (Vec<&Application>, Vec<&Application>) =
            self.applications.iter().partition(|application| application.to_do.is_empty());
        let mut text = String::new();
        let heading = "  applications:\n";
        match (ready.as_slice(), open.as_slice()) {
            ([], []) => return text,
            ([], _) => text += &commented(heading, 2),
            _ => text += heading,
        }
        text.extend(ready.into_iter().map(Application::text));
        for application in open {
            for line in &application.to_do {
                text += &format!("    ## To do: {line}\n");
            }
            text += &commented(&application.text(), 4);
        }
        text
    }
}

impl Environment {
    fn value(&self) -> Value {
        let name = ("name".to_owned(), self.name.as_str().into());
        let fields = self.fields.iter().map(|(key, value)| ((*key).to_owned(), value.clone()));
        Value::Mapping(std::iter::once(name).chain(fields).collect())
    }
}

impl Application {
    /// It, as an element of the list.
    fn text(&self) -> String {
        let mut text = indented(&document(&Value::List(vec![self.value.clone()])), 4);
        if !self.stores.is_empty() {
            let stores = mapping([("stores", texts(self.stores.iter().map(String::as_str)))]);
            text += &commented(&indented(&document(&stores), 6), 6);
        }
        text
    }
}

/// A field of the spec.
fn section(name: &str, value: Value) -> String {
    indented(&document(&mapping([(name, value)])), 2)
}

fn indented(text: &str, by: usize) -> String {
    text.lines().map(|line| format!("{}{line}\n", " ".repeat(by))).collect()
}

/// Lines as comments, with the marks in one column.
fn commented(text: &str, column: usize) -> String {
    let line = |line: &str| match line.split_at_checked(column) {
        Some((before, rest)) => format!("{before}# {rest}\n"),
        None => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

/// What `watertight_intent` says of a text. No exception is in it, so that any day may be today.
pub(crate) fn read(text: &str) -> Read {
    let source = Source { name: NAME.to_owned(), bytes: text.as_bytes().to_vec() };
    match Date::new(2000, 1, 1) {
        Some(today) => watertight_intent::read(SourceId(0), &source, today),
        None => Read { intent: None, diagnostics: Vec::new() },
    }
}

/// Why a text is no intent after all, as errors of no place: they are about what is not written. A namespace of the whole cluster
/// that somebody names as one of an environment leads here.
pub(crate) fn refusals(text: &str) -> Vec<Diagnostic> {
    let refused = |found: Diagnostic| Diagnostic { at: None, ..found };
    read(text).diagnostics.into_iter().map(refused).collect()
}
