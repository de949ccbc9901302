//! The inputs with an index of their lines, so that many places in a large file cost little each.

use std::sync::OnceLock;
use watertight_base::{Position, Source, Span};

/// How many bytes lie between two counts of code points. A dump on one line of many megabytes is then no slower than
/// one of many lines.
const STRIDE: usize = 16 * 1024;

/// The inputs, and where the lines of each begin.
#[derive(Debug)]
pub struct Inputs<'a> {
    sources: &'a [Source],
    indices: Vec<OnceLock<Index>>,
}

/// Where lines begin, and how many code points come before each stride.
#[derive(Debug)]
struct Index {
    line_starts: Vec<usize>,
    code_points: Vec<usize>,
}

/// A piece of one input with the lines that hold it.
pub(crate) struct Located<'a> {
    /// The input's name.
    pub(crate) file: &'a str,
    /// The first place.
    pub(crate) start: Position,
    /// The place after the last code point.
    pub(crate) end: Position,
}

impl<'a> Inputs<'a> {
    /// An index of `sources`, which is built for a source when its first place is asked for.
    #[must_use]
    pub fn new(sources: &'a [Source]) -> Self {
        Self { sources, indices: sources.iter().map(|_| OnceLock::new()).collect() }
    }

    /// The names of the inputs.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.sources.iter().map(|source| source.name.as_str())
    }

    /// Where a span stands; `None` for a span of an input that is not here.
    pub(crate) fn locate(&self, span: Span) -> Option<Located<'a>> {
        let (source, index) = self.source(span)?;
        let start = index.position(&source.bytes, span.start);
        let end = index.position(&source.bytes, span.end.max(span.start));
        Some(Located { file: &source.name, start, end })
    }

    /// `file:line:column` of the first byte of a span.
    pub(crate) fn place(&self, span: Span) -> Option<String> {
        let Located { file, start, .. } = self.locate(span)?;
        Some(format!("{file}:{}:{}", start.line, start.column))
    }

    /// The bytes of the input that holds a span.
    pub(crate) fn bytes(&self, span: Span) -> Option<&'a [u8]> {
        self.source(span).map(|(source, _)| source.bytes.as_slice())
    }

    fn source(&self, span: Span) -> Option<(&'a Source, &Index)> {
        let position = usize::try_from(span.source.0).ok()?;
        let source = self.sources.get(position)?;
        let index = self.indices.get(position)?.get_or_init(|| Index::of(&source.bytes));
        Some((source, index))
    }
}

impl Index {
    fn of(bytes: &[u8]) -> Self {
        let newlines = bytes.iter().enumerate().filter(|&(_, &byte)| byte == b'\n').map(|(at, _)| at + 1);
        let line_starts = std::iter::once(0).chain(newlines).collect();
        let mut total = 0;
        let code_points = bytes
            .chunks(STRIDE)
            .map(|chunk| {
                let before = total;
                total += count_code_points(chunk);
                before
            })
            .collect();
        Self { line_starts, code_points }
    }

    fn position(&self, bytes: &[u8], offset: usize) -> Position {
        let offset = offset.min(bytes.len());
        let line = self.line_starts.partition_point(|&start| start <= offset);
        let line_start =
            line.checked_sub(1).and_then(|line| self.line_starts.get(line)).copied().unwrap_or(0);
        let column = self.code_points_before(bytes, offset) - self.code_points_before(bytes, line_start) + 1;
        Position { line, column }
    }

    fn code_points_before(&self, bytes: &[u8], offset: usize) -> usize {
        let stride = (offset / STRIDE).min(self.code_points.len().saturating_sub(1));
        let counted = self.code_points.get(stride).copied().unwrap_or(0);
        counted + bytes.get(stride * STRIDE..offset).map_or(0, count_code_points)
    }
}

/// Every code point has just one byte that does not continue another.
fn count_code_points(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte & 0b1100_0000 != 0b1000_0000).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use watertight_base::SourceId;

    #[test]
    fn positions_are_those_of_the_source() {
        let text = "a: é\nbü: c\n\n".repeat(3000);
        let source = Source { name: "x".to_owned(), bytes: text.clone().into_bytes() };
        let sources = [source];
        let inputs = Inputs::new(&sources);
        for offset in
            [0, 1, 4, 5, 6, 7, 16_383, 16_384, 16_385, 20_000, text.len() - 1, text.len(), text.len() + 9]
        {
            let located = inputs.locate(Span::new(SourceId(0), offset, offset)).unwrap();
            assert_eq!(located.start, sources[0].position(offset), "{offset}");
        }
    }

    #[test]
    fn a_span_of_another_input_is_nowhere() {
        assert!(Inputs::new(&[]).locate(Span::new(SourceId(0), 0, 0)).is_none());
    }

    #[test]
    fn an_empty_input_has_one_place() {
        let sources = [Source { name: "x".to_owned(), bytes: Vec::new() }];
        let place = Inputs::new(&sources).place(Span::new(SourceId(0), 0, 0));
        assert_eq!(place.as_deref(), Some("x:1:1"));
    }
}
