//! Whether a document has the shape of an intent: fields, types, words and formats, each by itself.

use crate::findings::{Findings, meant};
use crate::formats::{Format, PROFILES, image};
use crate::rules;
use crate::shape::{Object, Shape, Without, Words};
use watertight_base::words::{listed, nearest};
use watertight_base::{Quantity, Span};
use watertight_ingest::{Content, Member, Tree};

/// Fields that people look for where there are none: the mapping, the field, and what to do.
const LOOKED_FOR: [(&str, &str, &str); 4] = [
    ("Override", "image", "the image is the same in every environment: change it for the application"),
    ("EnvVar", "valueFrom", "list what comes from a Secret in `secrets`"),
    ("Application", "replicas", "write `scaling: {min: 3}`"),
    (
        "Environment",
        "context",
        "write it for a cluster in `clusters`, and the cluster's name here as `cluster`",
    ),
];

/// Reports where a document does not fit.
pub(crate) fn check(tree: &Tree, shape: &'static Shape, findings: &mut Findings) {
    Checker { findings, about: String::new() }.value(tree, shape, "intent");
}

struct Checker<'f> {
    findings: &'f mut Findings,
    /// The outermost thing with a name in which we are, for messages: ``environment `staging` ``.
    about: String,
}

impl Checker<'_> {
    fn error(
        &mut self,
        rule: &'static str,
        message: &str,
        span: Span,
        label: String,
        help: impl Into<String>,
    ) {
        let message =
            if self.about.is_empty() { message.to_owned() } else { format!("in {}, {message}", self.about) };
        self.findings.error(rule, message, span, label, help);
    }

    fn value(&mut self, tree: &Tree, shape: &'static Shape, name: &str) {
        match shape {
            Shape::Object(object) => match &tree.content {
                Content::Mapping(members) => self.mapping(tree, members, object),
                _ => self.wrong_type(tree, name, "a mapping"),
            },
            Shape::List { of, min, max } => match &tree.content {
                Content::List(elements) => {
                    self.length(tree, elements.len(), *min, *max, name);
                    for element in elements {
                        self.element(element, of, name);
                    }
                }
                _ => self.wrong_type(tree, name, "a list"),
            },
            Shape::Text(format) => match &tree.content {
                Content::Text(text) => self.text(tree, text, *format, name),
                _ => self.wrong_type(tree, name, "a string"),
            },
            Shape::Word(words) => match &tree.content {
                Content::Text(text) => self.word(tree, text, words, name),
                _ => self.wrong_type(tree, name, "a string"),
            },
            Shape::Integer { min, max } => match &tree.content {
                Content::Number { whole: Some(number), .. } => {
                    if !(i128::from(*min)..=i128::from(*max)).contains(number) {
                        let message = format!("`{name}` is {number}");
                        let help = format!("write a number from {min} to {max}");
                        self.error(
                            rules::INVALID_VALUE,
                            &message,
                            tree.span,
                            "out of bounds".to_owned(),
                            help,
                        );
                    }
                }
                _ => self.wrong_type(tree, name, "a whole number"),
            },
            Shape::Boolean => match &tree.content {
                Content::Boolean(_) => {}
                _ => self.wrong_type(tree, name, "a boolean"),
            },
            Shape::Quantity => match &tree.content {
                Content::Text(text) | Content::Number { written: text, .. } => {
                    self.quantity(tree, text, name)
                }
                _ => self.wrong_type(tree, name, "an amount"),
            },
        }
    }

    /// An element of a list: from here on, messages say which, if it is the first thing that has a name.
    fn element(&mut self, element: &Tree, of: &'static Shape, list: &str) {
        let named = match of {
            Shape::Object(object) if self.about.is_empty() => {
                element.get("name").and_then(Tree::text).map(|name| format!("{} `{name}`", object.noun))
            }
            _ => None,
        };
        let outer = named.map(|about| std::mem::replace(&mut self.about, about));
        self.value(element, of, list);
        if let Some(outer) = outer {
            self.about = outer;
        }
    }

    fn mapping(&mut self, tree: &Tree, members: &[Member], object: &'static Object) {
        let known: Vec<&str> = object.fields.iter().map(|field| field.name).collect();
        for member in members {
            match object.field(&member.key) {
                Some(field) => self.value(&member.value, &field.shape, field.name),
                None => self.unknown(member, object, &known),
            }
        }
        // A field that is misspelt is there.
        let unknown = members.iter().filter(|member| object.field(&member.key).is_none());
        let misspelt: Vec<&str> = unknown.filter_map(|member| nearest(&member.key, &known)).collect();
        for field in object.fields.iter().filter(|field| field.without == Without::Refused) {
            if tree.get(field.name).is_none() && !misspelt.contains(&field.name) {
                self.missing(tree, object.noun, field.name);
            }
        }
        self.choice(tree, members, object);
        for (field, needed) in object.needs {
            if let Some(member) = members.iter().find(|member| member.key == *field)
                && tree.get(needed).is_none()
            {
                self.error(
                    rules::UNKNOWN_FIELD,
                    &format!("`{field}` stands beside no `{needed}`"),
                    member.key_span,
                    format!("belongs to `{needed}`"),
                    format!(
                        "only the short form, with `{needed}`, has this field: elsewhere the manifests say it"
                    ),
                );
            }
        }
    }

    /// Of some fields, exactly one is there.
    fn choice(&mut self, tree: &Tree, members: &[Member], object: &'static Object) {
        if object.one_of.is_empty() {
            return;
        }
        let chosen: Vec<&Member> =
            members.iter().filter(|member| object.one_of.contains(&member.key.as_str())).collect();
        let all = listed(object.one_of);
        match chosen.as_slice() {
            [] => {
                let message = format!("the {} has none of {all}", object.noun);
                let label = "one of them belongs here".to_owned();
                self.error(rules::MISSING_FIELD, &message, tree.span, label, format!("give it one of {all}"));
            }
            [_] => {}
            [first, rest @ ..] => {
                for second in rest {
                    self.error(
                        rules::UNKNOWN_FIELD,
                        &format!("`{}` stands beside `{}`", second.key, first.key),
                        second.key_span,
                        "one too many".to_owned(),
                        format!("keep one of {all}"),
                    );
                }
            }
        }
    }

    fn unknown(&mut self, member: &Member, object: &Object, known: &[&str]) {
        let looked_for = LOOKED_FOR.iter().find(|(of, key, _)| *of == object.name && *key == member.key);
        let help = match looked_for {
            Some((_, _, help)) => (*help).to_owned(),
            None => meant(&member.key, known, "the fields here are"),
        };
        self.error(
            rules::UNKNOWN_FIELD,
            &format!("there is no field `{}` here", member.key),
            member.key_span,
            "unknown field".to_owned(),
            help,
        );
    }

    fn missing(&mut self, tree: &Tree, noun: &str, field: &str) {
        self.error(
            rules::MISSING_FIELD,
            &format!("the {noun} has no `{field}`"),
            tree.span,
            format!("no `{field}` here"),
            format!("give it the field `{field}`"),
        );
    }

    fn wrong_type(&mut self, tree: &Tree, name: &str, wanted: &str) {
        let help = match (&tree.content, wanted) {
            (Content::Null, _) => "leave the field out, or give it a value".to_owned(),
            (Content::Number { written, .. }, "a string") => format!("put it in quotes: `\"{written}\"`"),
            (Content::Boolean(_), "a string") => "put it in quotes".to_owned(),
            (Content::Text(text), "a whole number") if text.parse::<i64>().is_ok() => {
                "remove the quotes".to_owned()
            }
            _ => format!("write {wanted} here"),
        };
        let found = tree.type_name();
        let message = format!("`{name}` must be {wanted}, not {found}");
        self.error(rules::WRONG_TYPE, &message, tree.span, format!("this is {found}"), help);
    }

    fn length(&mut self, tree: &Tree, length: usize, min: usize, max: usize, name: &str) {
        if (min..=max).contains(&length) {
            return;
        }
        let message = format!("`{name}` has {length} elements");
        let help = if length < min {
            "leave the field out, or list something".to_owned()
        } else {
            format!("list at most {max}")
        };
        self.error(rules::INVALID_VALUE, &message, tree.span, "out of bounds".to_owned(), help);
    }

    fn text(&mut self, tree: &Tree, text: &str, format: Format, name: &str) {
        let Err(why) = format.check(text) else { return };
        let rule = match format {
            Format::Image if image::is_mutable(text) => rules::MUTABLE_IMAGE,
            _ => rules::INVALID_VALUE,
        };
        let help = match format {
            Format::CniProfile => meant(text, &PROFILES, "the profiles are"),
            _ => format.help().to_owned(),
        };
        let message = format!("`{name}` is `{text}`, which {why}");
        self.error(rule, &message, tree.span, why, help);
    }

    fn word(&mut self, tree: &Tree, text: &str, words: &Words, name: &str) {
        if words.words.contains(&text) {
            return;
        }
        if let Some((_, why)) = words.later.iter().find(|(word, _)| *word == text) {
            let message = format!("`{name}` is `{text}`: {why}");
            let help = format!("until then the values are {}", listed(words.words));
            self.error(rules::NOT_YET, &message, tree.span, "comes later".to_owned(), help);
            return;
        }
        let help = meant(text, words.words, "the values are");
        let message = format!("`{name}` is `{text}`");
        self.error(rules::INVALID_VALUE, &message, tree.span, "unknown value".to_owned(), help);
    }

    fn quantity(&mut self, tree: &Tree, text: &str, name: &str) {
        let why = match Quantity::parse(text) {
            Ok(_) if text.starts_with('-') => "is less than nothing".to_owned(),
            Ok(_) => return,
            Err(error) => error.to_string(),
        };
        let message = format!("`{name}` is `{text}`, which {why}");
        let help = if name == "cpu" {
            "write cores such as `2`, or thousandths of one such as `500m`"
        } else {
            "write bytes with a suffix of Kubernetes, such as `512Mi` or `10Gi`"
        };
        self.error(rules::INVALID_VALUE, &message, tree.span, why, help);
    }
}
