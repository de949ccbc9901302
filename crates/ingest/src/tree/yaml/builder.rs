//! From the events of one document to its arena, with the bounds on nesting and on aliases.

use super::refusals::{Written, refuses_anchor};
use super::{Kind, MAX_DEPTH, Stored, Style, YamlDocument, YamlError, YamlFailure};
use granit_parser::{Event, ScalarStyle, StructureStyle, Tag};
use std::collections::BTreeMap;
use watertight_base::{SourceId, Span};

/// What a value takes beside its text, in bytes: a measure, not a promise.
const VALUE_SIZE: u64 = 8;
/// A document may be this many times larger once its aliases are followed…
const EXPANSION_FACTOR: u64 = 20;
/// …and this many bytes more.
const FREE_EXPANSION: u64 = 4_000;

/// A collection that is not closed yet.
struct Open {
    start: usize,
    flow: bool,
    mapping: bool,
    anchor: usize,
    children: Vec<u32>,
}

/// Makes an arena out of the events of one document.
pub(super) struct Builder<'t> {
    text: &'t str,
    document: YamlDocument<'t>,
    open: Vec<Open>,
    anchors: BTreeMap<usize, u32>,
    root: Option<u32>,
    /// How large the document is as it is written.
    written: u64,
}

impl<'t> Builder<'t> {
    pub(super) fn new(source: SourceId, text: &'t str) -> Self {
        let document = YamlDocument { source, nodes: Vec::new() };
        Self { text, document, open: Vec::new(), anchors: BTreeMap::new(), root: None, written: 0 }
    }

    pub(super) fn event(&mut self, event: Event<'t>, start: usize, end: usize) -> Result<(), YamlError> {
        if let Event::Scalar(_, _, 1.., _) | Event::SequenceStart(_, 1.., _) | Event::MappingStart(_, 1.., _) =
            event
            && refuses_anchor(self.text.get(..start).unwrap_or_default())
        {
            let why = "the name of an anchor is not of letters, digits, `-` and `_`".to_owned();
            return Err(self.error(YamlFailure::Syntax(why), start, end));
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let parent = self.open.last();
                let written = Written {
                    before: self.text.get(..start).unwrap_or_default(),
                    raw: self.text.get(start..end).unwrap_or_default(),
                    text: &text,
                    style,
                    tag: tag.as_deref(),
                    in_flow: parent.is_some_and(|parent| parent.flow),
                    is_key: parent.is_some_and(|parent| parent.mapping && parent.children.len() % 2 == 0),
                };
                if let Some(why) = written.refusal() {
                    return Err(self.error(YamlFailure::Syntax(why), start, end));
                }
                let style = scalar_style(style, tag.as_deref());
                let trimmed = self.text.get(start..end).map_or(end, |text| start + text.trim_end().len());
                let size = VALUE_SIZE + text.len() as u64;
                self.written += size;
                let node = self.add(start, trimmed.max(start), Kind::Scalar { text, style }, size, 1);
                self.place(node, anchor);
            }
            Event::SequenceStart(style, anchor, _) => self.open(start, style, false, anchor),
            Event::MappingStart(style, anchor, _) => self.open(start, style, true, anchor),
            Event::SequenceEnd | Event::MappingEnd => self.close(end)?,
            Event::Alias(id) => {
                let Some(&target) = self.anchors.get(&id) else {
                    return Err(self.error(YamlFailure::AliasBomb, start, end));
                };
                let Stored { size, depth, .. } = self.document.nodes[target as usize];
                let node = self.add(start, end, Kind::Alias(target), size, depth);
                self.place(node, 0);
            }
            _ => {}
        }
        Ok(())
    }

    fn error(&self, failure: YamlFailure, start: usize, end: usize) -> YamlError {
        YamlError { failure, span: Span::new(self.document.source, start, end) }
    }

    fn add(&mut self, start: usize, end: usize, kind: Kind<'t>, size: u64, depth: u32) -> u32 {
        self.document.nodes.push(Stored { start, end, kind, size, depth });
        // Four billion values do not fit into memory; should they ever, the last ones are one.
        u32::try_from(self.document.nodes.len() - 1).unwrap_or(u32::MAX)
    }

    fn place(&mut self, node: u32, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, node);
        }
        match self.open.last_mut() {
            Some(parent) => parent.children.push(node),
            None => self.root = Some(node),
        }
    }

    fn open(&mut self, start: usize, style: StructureStyle, mapping: bool, anchor: usize) {
        let flow = style == StructureStyle::Flow;
        self.open.push(Open { start, flow, mapping, anchor, children: Vec::new() });
    }

    fn close(&mut self, end: usize) -> Result<(), YamlError> {
        let Some(Open { start, flow, mapping, anchor, children }) = self.open.pop() else { return Ok(()) };
        let nodes = &self.document.nodes;
        let of = |child: &u32| &nodes[*child as usize];
        self.written += VALUE_SIZE;
        let size = children.iter().fold(VALUE_SIZE, |size: u64, child| size.saturating_add(of(child).size));
        let depth = children.iter().map(|child| of(child).depth).max().unwrap_or(0) + 1;
        // A block collection is closed by what comes after it: it ends where its last part does.
        let end = if flow { end } else { children.last().map_or(start, |child| of(child).end) };
        let end = end.max(start);
        if depth > MAX_DEPTH {
            return Err(self.error(YamlFailure::TooDeep, start, end));
        }
        if mapping && children.chunks_exact(2).any(|pair| self.merges_a_scalar(pair)) {
            let why = "what `<<` merges is no mapping".to_owned();
            return Err(self.error(YamlFailure::Syntax(why), start, end));
        }
        let kind = if mapping {
            Kind::Mapping(children.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect())
        } else {
            Kind::Sequence(children)
        };
        let node = self.add(start, end, kind, size, depth);
        self.place(node, anchor);
        Ok(())
    }

    /// Whether a key and its value are a merge of something that has no entries.
    fn merges_a_scalar(&self, pair: &[u32]) -> bool {
        let kind = |node: u32| match &self.document.nodes[node as usize].kind {
            Kind::Alias(target) => &self.document.nodes[*target as usize].kind,
            kind => kind,
        };
        let is_mapping = |node: u32| matches!(kind(node), Kind::Mapping(_));
        let &[key, value] = pair else { return false };
        let is_merge = matches!(kind(key), Kind::Scalar { text, style: Style::Plain } if text == "<<");
        is_merge
            && match kind(value) {
                Kind::Sequence(elements) => !elements.iter().all(|&element| is_mapping(element)),
                _ => !is_mapping(value),
            }
    }

    /// The document; `None` if there is nothing in it.
    pub(super) fn finish(&mut self) -> Option<Result<YamlDocument<'t>, YamlError>> {
        let root = self.root?;
        let Stored { size, start, end, .. } = self.document.nodes[root as usize];
        if size > self.written.saturating_mul(EXPANSION_FACTOR).saturating_add(FREE_EXPANSION) {
            return Some(Err(self.error(YamlFailure::AliasBomb, start, end)));
        }
        let empty = YamlDocument { source: self.document.source, nodes: Vec::new() };
        Some(Ok(std::mem::replace(&mut self.document, empty)))
    }
}

fn scalar_style(style: ScalarStyle, tag: Option<&Tag>) -> Style {
    match tag.map(Tag::core_suffix) {
        Some(Some("int" | "float" | "bool" | "null")) => Style::Tagged,
        // A tag that means nothing makes text of a number.
        Some(_) => Style::Text,
        None if style == ScalarStyle::Plain => Style::Plain,
        None => Style::Text,
    }
}
