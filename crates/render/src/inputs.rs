//! The inputs with an index of their lines, so that many places in a large file cost little each.

use rayon::prelude::*;
use std::sync::OnceLock;
use watertight_base::{Position, Source, Span};

/// How many bytes lie between two counts of code points. A dump on one line of many megabytes is then no slower than
/// one of many lines.
const STRIDE: usize = 16 * 1024;

/// The inputs, and where the lines of each begin.
#[derive(Debug)]
pub struct Inputs<'a> {
    sources: &'a [Source],
    hidden: &'a [Span],
    indices: Vec<OnceLock<Index>>,
}

/// What comes before each stride. Where each line begins is not kept: a dump has more lines than fit in little memory.
#[derive(Debug)]
struct Index {
    strides: Vec<Before>,
}

/// What comes before a byte.
#[derive(Debug, Clone, Copy, Default)]
struct Before {
    /// How many line feeds.
    newlines: usize,
    /// How many code points.
    code_points: usize,
    /// Where the line begins in which the byte stands.
    line_start: usize,
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
    /// An index of `sources`, which is built for a source when its first place is asked for. What is `hidden` is never
    /// shown; it is sorted, and none meets another.
    #[must_use]
    pub fn new(sources: &'a [Source], hidden: &'a [Span]) -> Self {
        Self { sources, hidden, indices: sources.iter().map(|_| OnceLock::new()).collect() }
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

    /// A part of the input that holds `span`, as people may see it: what is hidden becomes an ellipsis on each line. What is
    /// not UTF-8 is shown as a replacement character.
    pub(crate) fn shown(&self, span: Span) -> String {
        let Some((source, _)) = self.source(span) else { return String::new() };
        let text = |start: usize, end: usize| {
            String::from_utf8_lossy(source.bytes.get(start..end).unwrap_or_default()).into_owned()
        };
        let first =
            self.hidden.partition_point(|hidden| (hidden.source, hidden.end) <= (span.source, span.start));
        let meets = |hidden: &&Span| hidden.source == span.source && hidden.start < span.end;
        let mut shown = String::new();
        let mut at = span.start;
        for hidden in self.hidden.iter().skip(first).take_while(meets) {
            let (start, end) = (hidden.start.max(at), hidden.end.min(span.end));
            shown.push_str(&text(at, start));
            for (number, line) in text(start, end).split('\n').enumerate() {
                shown.push_str(if number == 0 { "" } else { "\n" });
                let word = line.trim_start();
                shown.push_str(&line[..line.len() - word.len()]);
                shown.push_str(if word.is_empty() { "" } else { "…" });
            }
            at = end;
        }
        shown.push_str(&text(at, span.end));
        shown
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
        // Each stride by itself, on all cores; then all together.
        let strides = bytes.par_chunks(STRIDE).enumerate();
        let alone = strides.map(|(number, stride)| Before::default().after(stride, number * STRIDE));
        let mut before = Before::default();
        let strides = alone.collect::<Vec<Before>>().into_iter().map(|stride| {
            let here = before;
            before = Before {
                newlines: here.newlines + stride.newlines,
                code_points: here.code_points + stride.code_points,
                line_start: if stride.newlines > 0 { stride.line_start } else { here.line_start },
            };
            here
        });
        Self { strides: strides.collect() }
    }

    fn position(&self, bytes: &[u8], offset: usize) -> Position {
        let at = self.before(bytes, offset.min(bytes.len()));
        let line_start = self.before(bytes, at.line_start);
        Position { line: at.newlines + 1, column: at.code_points - line_start.code_points + 1 }
    }

    fn before(&self, bytes: &[u8], offset: usize) -> Before {
        let stride = (offset / STRIDE).min(self.strides.len().saturating_sub(1));
        let counted = self.strides.get(stride).copied().unwrap_or_default();
        let start = stride * STRIDE;
        bytes.get(start..offset).map_or(counted, |rest| counted.after(rest, start))
    }
}

impl Before {
    /// The same after some more bytes, which begin at `start`.
    fn after(self, bytes: &[u8], start: usize) -> Self {
        let last_newline = bytes.iter().rposition(|&byte| byte == b'\n');
        Self {
            newlines: self.newlines + count(bytes, |byte| byte == b'\n'),
            // Every code point has just one byte that does not continue another.
            code_points: self.code_points + count(bytes, |byte| byte & 0b1100_0000 != 0b1000_0000),
            line_start: last_newline.map_or(self.line_start, |at| start + at + 1),
        }
    }
}

/// How many bytes are so. Few enough at once that a byte holds the count, which processors do many at a time.
fn count(bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
    let of_block = |block: &[u8]| block.iter().map(|&byte| u8::from(is(byte))).sum::<u8>();
    bytes.chunks(128).map(|block| usize::from(of_block(block))).sum()
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
        let inputs = Inputs::new(&sources, &[]);
        for offset in
            [0, 1, 4, 5, 6, 7, 16_383, 16_384, 16_385, 20_000, text.len() - 1, text.len(), text.len() + 9]
        {
            let located = inputs.locate(Span::new(SourceId(0), offset, offset)).unwrap();
            assert_eq!(located.start, sources[0].position(offset), "{offset}");
        }
    }

    #[test]
    fn a_span_of_another_input_is_nowhere() {
        assert!(Inputs::new(&[], &[]).locate(Span::new(SourceId(0), 0, 0)).is_none());
    }

    #[test]
    fn an_empty_input_has_one_place() {
        let sources = [Source { name: "x".to_owned(), bytes: Vec::new() }];
        let place = Inputs::new(&sources, &[]).place(Span::new(SourceId(0), 0, 0));
        assert_eq!(place.as_deref(), Some("x:1:1"));
    }
}
