//! The inputs as they were read, and lines and columns in them.

use crate::Span;

/// One input: its name, as people gave it, and all of its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The path as it was given or found, or `-` for standard input.
    pub name: String,
    /// The content. Not always UTF-8: a binary file is read as what it is and reported.
    pub bytes: Vec<u8>,
}

/// A place in a text, for people: both count from 1, columns count Unicode code points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Source {
    /// The line and column of a byte. Costs a pass over the bytes before it: ask only for what is shown.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let before = &self.bytes[..offset.min(self.bytes.len())];
        let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
        let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
        // Every code point has just one byte that does not continue another.
        let column =
            before[line_start..].iter().filter(|&&byte| byte & 0b1100_0000 != 0b1000_0000).count() + 1;
        Position { line, column }
    }

    /// The first and the last place of a span. The end is one past the last code point, so that `start == end` only
    /// for an empty span.
    #[must_use]
    pub fn range(&self, span: Span) -> (Position, Position) {
        (self.position(span.start), self.position(span.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_code_points_from_one() {
        let source = Source { name: "x".into(), bytes: "a: é\nbü: c".into() };
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        let c = source.bytes.len() - 1;
        assert_eq!(source.position(c), Position { line: 2, column: 5 });
        assert_eq!(source.position(usize::MAX), Position { line: 2, column: 6 });
    }
}
