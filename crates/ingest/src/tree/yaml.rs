//! YAML: parser events into one small arena a document. Aliases stay aliases, so that no input grows in memory.

mod builder;
mod ordinary;
mod pieces;
mod refusals;

use super::mapping::Merged;
use super::{Entry, Mapping, Node, Value};
use crate::scalar::{Scalar, plain};
pub(crate) use pieces::pieces;

use builder::Builder;
use granit_parser::{ErrorKind, Event, Parser, ScanError, StrInput};
use ordinary::ordinary;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use watertight_base::{SourceId, Span};

/// The deepest nesting that is read, aliases followed. Kubernetes objects stay far below.
pub(crate) const MAX_DEPTH: u32 = 100;

/// Why a document cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct YamlError {
    /// What sort of failure.
    pub(crate) failure: YamlFailure,
    /// Where.
    pub(crate) span: Span,
}

/// The sorts of failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum YamlFailure {
    /// It is no YAML; what the parser says.
    Syntax(String),
    /// It nests deeper than [`MAX_DEPTH`].
    TooDeep,
    /// Its aliases stand for more than is reasonable, or for themselves.
    AliasBomb,
}

/// One document.
pub(crate) struct YamlDocument<'t> {
    source: SourceId,
    /// Children before parents; the root is last.
    nodes: Vec<Stored<'t>>,
}

struct Stored<'t> {
    start: usize,
    end: usize,
    kind: Kind<'t>,
    /// How large it is, aliases followed.
    size: u64,
    /// How deep it nests, aliases followed.
    depth: u32,
}

enum Kind<'t> {
    Scalar { text: Cow<'t, str>, style: Style },
    Sequence(Vec<u32>),
    Mapping(Vec<(u32, u32)>),
    Alias(u32),
}

/// How a scalar gets its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// By its spelling.
    Plain,
    /// It is text: quoted, a block, or tagged as text.
    Text,
    /// By its spelling although it is quoted: tagged as a number, a boolean or null.
    Tagged,
}

/// The documents of one YAML text, one after the other.
pub(crate) struct YamlStream<'t> {
    source: SourceId,
    text: &'t str,
    /// Where what is parsed begins in the text.
    start: usize,
    parser: Parser<'t, StrInput<'t>>,
    done: bool,
}

impl<'t> YamlStream<'t> {
    /// A stream over the whole text.
    pub(crate) fn new(source: SourceId, text: &'t str) -> Self {
        Self::part(source, text, 0..text.len())
    }

    /// A stream over whole documents of a text, as [`pieces`] finds them.
    fn part(source: SourceId, text: &'t str, part: Range<usize>) -> Self {
        let options = granit_parser::options! {
            emit_comments: false,
            flow_nesting_limit: MAX_DEPTH as usize,
            block_nesting_limit: MAX_DEPTH as usize,
        };
        let start = part.start;
        let parser = Parser::new_from_str_with_options(text.get(part).unwrap_or_default(), options);
        Self { source, text, start, parser, done: false }
    }

    /// One past the end of the text that the parser has seen for certain.
    fn span_at(&self, error: &ScanError) -> Span {
        let at = error.marker().byte_offset().map_or(self.text.len(), |at| self.start + at);
        let mut start = at.min(self.text.len());
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        let line_end = self.text[start..].find('\n').map_or(self.text.len(), |newline| start + newline);
        Span::new(self.source, start, line_end.max(start))
    }

    /// Leaves the rest of a document that cannot be read.
    fn skip_document(&mut self) {
        if !self.parser.proceed_next_document().unwrap_or(false) {
            self.done = true;
        }
    }
}

impl<'t> Iterator for YamlStream<'t> {
    type Item = Result<YamlDocument<'t>, YamlError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut builder = Builder::new(self.source, self.text);
        while !self.done {
            let (event, span) = match self.parser.next_event() {
                None => break,
                Some(Ok(event)) => event,
                Some(Err(error)) => {
                    let failure = match error.kind() {
                        ErrorKind::RecursionLimitExceeded => YamlFailure::TooDeep,
                        kind => YamlFailure::Syntax(kind.to_string()),
                    };
                    let span = self.span_at(&error);
                    self.skip_document();
                    return Some(Err(YamlError { failure, span }));
                }
            };
            let range = span.byte_range().unwrap_or(0..0);
            match event {
                Event::StreamEnd => self.done = true,
                Event::DocumentStart(..) => builder = Builder::new(self.source, self.text),
                Event::DocumentEnd => {
                    if let Some(result) = builder.finish() {
                        return Some(result);
                    }
                    builder = Builder::new(self.source, self.text);
                }
                event => {
                    let (start, end) = (self.start + range.start, self.start + range.end);
                    if let Err(error) = builder.event(event, start, end) {
                        self.skip_document();
                        return Some(Err(error));
                    }
                }
            }
        }
        None
    }
}

/// The documents of a piece of a text, as [`pieces`] finds them. Ordinary ones need no parser.
pub(crate) fn documents(
    source: SourceId,
    text: &str,
    piece: Range<usize>,
) -> impl Iterator<Item = Result<YamlDocument<'_>, YamlError>> {
    pieces(text, piece, 1).into_iter().flat_map(move |document| {
        let ordinary = ordinary(source, text, document.clone());
        let parsed = ordinary.is_none().then(|| YamlStream::part(source, text, document));
        ordinary.map(Ok).into_iter().chain(parsed.into_iter().flatten())
    })
}

impl<'t> YamlDocument<'t> {
    /// The outermost value.
    pub(crate) fn root(&self) -> Node<'_> {
        let last = u32::try_from(self.nodes.len().saturating_sub(1)).unwrap_or(u32::MAX);
        Node::Yaml(Cursor { document: self, index: last })
    }

    /// The mappings that have a key twice, once each, however many aliases stand for them.
    pub(crate) fn mappings_with_equal_keys(&self) -> impl Iterator<Item = Mapping<'_>> {
        self.nodes.iter().enumerate().filter(|(_, node)| self.has_equal_keys(node)).filter_map(
            |(index, _)| Cursor { document: self, index: u32::try_from(index).ok()? }.into_mapping(),
        )
    }

    fn has_equal_keys(&self, node: &Stored<'t>) -> bool {
        let Kind::Mapping(pairs) = &node.kind else { return false };
        let spelling = |pair: &(u32, u32)| match &self.nodes[pair.0 as usize].kind {
            Kind::Scalar { text, .. } => Some(text.as_ref()),
            _ => None,
        };
        if pairs.len() <= 8 {
            // Most mappings are small, and comparing all pairs is cheaper than any set.
            let equal = |index: usize| {
                let key = spelling(&pairs[index]);
                key.is_some() && pairs[..index].iter().any(|earlier| spelling(earlier) == key)
            };
            (1..pairs.len()).any(equal)
        } else {
            let mut seen = BTreeSet::new();
            pairs.iter().filter_map(spelling).any(|key| !seen.insert(key))
        }
    }

    /// The first mapping or list that stands as a key: no JSON has that, but templates look like it.
    pub(crate) fn collection_as_key(&self) -> Option<Span> {
        self.nodes.iter().find_map(|node| match &node.kind {
            Kind::Mapping(pairs) => pairs.iter().find_map(|&(key, _)| {
                let key = Cursor { document: self, index: key };
                key.written().is_none().then(|| key.span())
            }),
            _ => None,
        })
    }
}

/// A place in a YAML document.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    document: &'a YamlDocument<'a>,
    index: u32,
}

impl<'a> Cursor<'a> {
    /// The node itself or, for an alias, what it stands for.
    fn stored(self) -> &'a Stored<'a> {
        let node = &self.document.nodes[self.index as usize];
        match node.kind {
            // An alias never stands for another alias: those have no anchors.
            Kind::Alias(target) => &self.document.nodes[target as usize],
            _ => node,
        }
    }

    pub(super) fn span(self) -> Span {
        let node = self.stored();
        Span::new(self.document.source, node.start, node.end)
    }

    fn at(self, index: u32) -> Self {
        Self { index, ..self }
    }

    pub(super) fn value(self) -> Value<'a> {
        match &self.stored().kind {
            Kind::Scalar { text, style } => Value::Scalar(match style {
                Style::Text => Scalar::Text(Cow::Borrowed(text)),
                Style::Plain | Style::Tagged => plain(text),
            }),
            Kind::Sequence(elements) => {
                Value::Sequence(elements.iter().map(|&element| Node::Yaml(self.at(element))).collect())
            }
            Kind::Mapping(pairs) => Value::Mapping(self.mapping(pairs)),
            Kind::Alias(_) => Value::Scalar(Scalar::Null),
        }
    }

    pub(super) fn written(self) -> Option<Cow<'a, str>> {
        match &self.stored().kind {
            Kind::Scalar { text, .. } => Some(Cow::Borrowed(text)),
            _ => None,
        }
    }

    fn into_mapping(self) -> Option<Mapping<'a>> {
        match self.value() {
            Value::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    fn is_merge_key(self) -> bool {
        matches!(&self.stored().kind, Kind::Scalar { text, style: Style::Plain } if text == "<<")
    }

    fn mapping(self, pairs: &'a [(u32, u32)]) -> Mapping<'a> {
        let mut entries = Vec::with_capacity(pairs.len());
        for &(key, value) in pairs {
            let (key, value) = (self.at(key), self.at(value));
            if key.is_merge_key() {
                value.merge_into(&mut entries);
            } else {
                let text = match key.value() {
                    Value::Scalar(Scalar::Text(text)) => text,
                    Value::Scalar(scalar) => Cow::Owned(scalar.into_key()),
                    // No JSON has such a key, and no reader asks for it.
                    Value::Sequence(_) | Value::Mapping(_) => Cow::Borrowed("?"),
                };
                entries
                    .push((Entry { key: text, key_span: key.span(), value: Node::Yaml(value) }, Merged::No));
            }
        }
        Mapping::new(self.span(), entries)
    }

    /// The entries of a merged mapping, or of a list of them, of which the first wins. As kubectl has it, a merge
    /// replaces the entries that stand before it and is replaced by those after it.
    fn merge_into(self, entries: &mut Vec<(Entry<'a>, Merged)>) {
        match self.value() {
            Value::Mapping(mapping) => {
                entries.extend(mapping.entries().iter().cloned().map(|entry| (entry, Merged::Yes)));
            }
            Value::Sequence(elements) => {
                for element in elements.into_iter().rev() {
                    if let Value::Mapping(mapping) = element.value() {
                        entries.extend(mapping.entries().iter().cloned().map(|entry| (entry, Merged::Yes)));
                    }
                }
            }
            Value::Scalar(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
