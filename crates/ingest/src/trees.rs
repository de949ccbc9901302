//! What other rooms see of YAML and JSON: the documents of a file as trees that know where they stand.
//!
//! Scalars mean what they mean to kubectl. What a file of our own must not hold, such as a key that is there twice, is an
//! error here, although kubectl lets it pass.

use crate::rules;
use crate::scalar::Scalar;
use crate::source::text_trees;
use crate::tree::{Entry, MAX_DEPTH, Mapping, Node, Value};
use watertight_base::{Diagnostic, Source, SourceId, Span};

/// A value, with all that is in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub content: Content,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Nothing.
    Null,
    /// A boolean.
    Boolean(bool),
    /// A number.
    Number {
        /// The whole number that it is, if it is one: `80.0` is.
        whole: Option<i128>,
        /// As it is written.
        written: String,
    },
    /// A string.
    Text(String),
    /// A list.
    List(Vec<Tree>),
    /// A mapping. No key is there twice.
    Mapping(Vec<Member>),
}

/// One `key: value`.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Tree,
}

/// The documents of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Trees {
    /// Those that could be read, without empty ones.
    pub documents: Vec<Tree>,
    /// What is wrong with the file: errors all.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a file as YAML or JSON.
#[must_use]
pub fn trees(id: SourceId, source: &Source) -> Trees {
    let mut trees = Trees { documents: Vec::new(), diagnostics: Vec::new() };
    trees.diagnostics = text_trees(id, source, &mut |root| {
        let mut builder = Builder::default();
        let tree = builder.tree(root, 1);
        if tree.content != Content::Null {
            trees.documents.push(tree);
        }
        builder.diagnostics
    });
    trees
}

/// Makes trees, and notes what is wrong with them.
#[derive(Default)]
struct Builder {
    diagnostics: Vec<Diagnostic>,
}

impl Builder {
    fn tree(&mut self, node: Node<'_>, depth: u32) -> Tree {
        let span = node.span();
        if depth > MAX_DEPTH {
            self.too_deep(span);
            return Tree { span, content: Content::Null };
        }
        let content = match node.value() {
            Value::Scalar(Scalar::Null) => Content::Null,
            Value::Scalar(Scalar::Bool(value)) => Content::Boolean(value),
            Value::Scalar(Scalar::Text(text)) => Content::Text(text.into_owned()),
            Value::Scalar(number) => Content::Number {
                whole: number.whole(),
                written: node.written().unwrap_or_default().into_owned(),
            },
            Value::Sequence(elements) => {
                Content::List(elements.into_iter().map(|element| self.tree(element, depth + 1)).collect())
            }
            Value::Mapping(mapping) => {
                self.duplicates(&mapping);
                let member = |entry: &Entry<'_>| Member {
                    key: entry.key.clone().into_owned(),
                    key_span: entry.key_span,
                    value: self.tree(entry.value, depth + 1),
                };
                Content::Mapping(mapping.entries().iter().map(member).collect())
            }
        };
        Tree { span, content }
    }

    fn too_deep(&mut self, span: Span) {
        if self.diagnostics.iter().any(|known| known.rule == rules::TOO_DEEP) {
            return;
        }
        let message = format!("a document nests deeper than {MAX_DEPTH} levels");
        self.diagnostics
            .push(Diagnostic::error(rules::TOO_DEEP, message).at(span, "too deep").help("flatten it"));
    }

    fn duplicates(&mut self, mapping: &Mapping<'_>) {
        for (entry, _) in mapping.duplicates() {
            let key = &entry.key;
            let message = format!("the key `{key}` is given more than once");
            let diagnostic = Diagnostic::error(rules::DUPLICATE_KEY, message)
                .at(entry.key_span, "a later one replaces this one")
                .help(format!("keep one `{key}`"));
            self.diagnostics.push(diagnostic);
        }
    }
}

impl Tree {
    /// How people call the type.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match &self.content {
            Content::Null => "null",
            Content::Boolean(_) => "a boolean",
            Content::Number { whole: Some(_), .. } => "a number",
            Content::Number { whole: None, .. } => "a fraction",
            Content::Text(_) => "a string",
            Content::List(_) => "a list",
            Content::Mapping(_) => "a mapping",
        }
    }

    /// The text, if it is a string.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let Content::Text(text) = &self.content { Some(text) } else { None }
    }

    /// The elements; none, if it is no list.
    #[must_use]
    pub fn elements(&self) -> &[Tree] {
        if let Content::List(elements) = &self.content { elements } else { &[] }
    }

    /// The members; none, if it is no mapping.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        if let Content::Mapping(members) = &self.content { members } else { &[] }
    }

    /// The value of a key, if it is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Tree> {
        self.members().iter().find(|member| member.key == key).map(|member| &member.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Trees {
        trees(SourceId(0), &Source { name: "x.yaml".to_owned(), bytes: text.as_bytes().to_vec() })
    }

    fn rules(text: &str) -> Vec<&'static str> {
        read(text).diagnostics.iter().map(|diagnostic| diagnostic.rule).collect()
    }

    #[test]
    fn yaml_and_json_are_the_same_trees() {
        let without_spans = |text: &str| {
            let tree = read(text).documents.remove(0);
            (tree.get("a").unwrap().elements().len(), tree.get("b").unwrap().text().map(str::to_owned))
        };
        assert_eq!(without_spans("a: [1, 2]\nb: on-call\n"), (2, Some("on-call".to_owned())));
        assert_eq!(without_spans("{\"a\": [1, 2], \"b\": \"on-call\"}"), (2, Some("on-call".to_owned())));
    }

    #[test]
    fn values_know_where_they_stand() {
        let text = "spec:\n  name: shop\n";
        let tree = read(text).documents.remove(0);
        let name = tree.get("spec").unwrap().get("name").unwrap();
        assert_eq!(&text[name.span.start..name.span.end], "shop");
        let key = tree.get("spec").unwrap().members()[0].key_span;
        assert_eq!(&text[key.start..key.end], "name");
    }

    #[test]
    fn numbers_keep_their_spelling() {
        let tree = read("a: 1.30\nb: 0x10").documents.remove(0);
        let number = |key: &str| tree.get(key).unwrap().content.clone();
        assert_eq!(number("a"), Content::Number { whole: None, written: "1.30".to_owned() });
        assert_eq!(number("b"), Content::Number { whole: Some(16), written: "0x10".to_owned() });
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        assert_eq!(rules("a: [1"), ["unparsable"]);
        assert_eq!(rules("{\"a\": 1,,}"), ["unparsable"]);
        assert_eq!(rules("a: 1\nb: 2\na: 3\n"), ["duplicate-key"]);
        assert_eq!(rules("a: {b: 1, b: 2}\n"), ["duplicate-key"]);
        assert_eq!(rules(&format!("{}{}", "[".repeat(200), "]".repeat(200))), ["too-deep"]);
        assert_eq!(rules("a: &a [*a]\n"), ["alias-bomb"]);
        assert_eq!(rules("a: \0"), ["not-text"]);
    }

    #[test]
    fn empty_documents_are_none() {
        assert_eq!(read("# nothing\n---\na: 1\n---\n").documents.len(), 1);
        assert_eq!(read("").documents.len(), 0);
    }
}
