//! The YAML that programs write, such as `kubectl get -o yaml`, read line by line: blocks, and scalars of few forms.
//! It gives the events that the parser gives. Whatever is not of these forms is no matter for it, and is parsed.

use super::builder::Builder;
use super::{YamlDocument, YamlError};
use granit_parser::{Event, ScalarStyle, StructureStyle};
use std::borrow::Cow;
use std::ops::Range;
use watertight_base::SourceId;

/// How deep ordinary documents nest at most.
const DEPTH: usize = 40;

/// How long a key may be, in bytes. The parser allows a little more than a thousand.
const KEY: usize = 500;

/// The document in a part of a text, from its marker, if it has one, to that of the next; `None` if it is not ordinary.
pub(super) fn ordinary<'t>(source: SourceId, text: &'t str, part: Range<usize>) -> Option<YamlDocument<'t>> {
    let bytes = text.as_bytes().get(..part.end)?;
    let part = bytes.get(part.start..)?;
    let start = bytes.len() - part.strip_prefix(b"---\n").unwrap_or(part).len();
    // What is behind the last line can only be the marker of the next document.
    let end = bytes.strip_suffix(b"---").unwrap_or(bytes).len();
    if !bytes.get(start..end)?.ends_with(b"\n") || !is_ordinary(text.get(start..end)?) {
        return None;
    }
    let bytes = bytes.get(..end)?;
    let builder = Builder::new(source, text);
    let mut lines = Ordinary { text, bytes, next: start, line: None, builder };
    lines.advance();
    lines.block(lines.line.filter(|line| line.indent == 0)?, DEPTH)?;
    if lines.line.is_some() {
        return None;
    }
    lines.builder.finish()?.ok()
}

/// Whether all characters are such that mean nothing to YAML, or are known here.
fn is_ordinary(text: &str) -> bool {
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n');
    let other = |c: char| matches!(c, '\u{a1}'..='\u{2027}' | '\u{2030}'..='\u{d7ff}' | '\u{10000}'..);
    // Without an early end, this is as quick as reading.
    let ascii = text.as_bytes().iter().fold(true, |all, byte| all & is_plain(byte));
    ascii || text.chars().all(|c| c.is_ascii() && is_plain(&(c as u8)) || other(c))
}

/// A line that says something, or the rest of one behind `- `.
#[derive(Clone, Copy)]
struct Line {
    indent: usize,
    /// The first byte that is no blank.
    start: usize,
    /// The line feed.
    end: usize,
}

struct Ordinary<'t> {
    text: &'t str,
    /// The text as far as it is read.
    bytes: &'t [u8],
    /// Where the line after this one begins.
    next: usize,
    line: Option<Line>,
    builder: Builder<'t>,
}

/// `None`: what comes is not ordinary.
type Step = Option<()>;

impl<'t> Ordinary<'t> {
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(b'\n')
    }

    fn slice(&self, start: usize, end: usize) -> Option<&'t str> {
        self.text.get(start..end)
    }

    /// The next line of the text, whatever it says.
    fn peek(&self) -> Option<Line> {
        let rest = self.bytes.get(self.next..).filter(|rest| !rest.is_empty())?;
        let indent = rest.iter().position(|&byte| byte != b' ')?;
        let end = self.next + memchr::memchr(b'\n', rest)?;
        Some(Line { indent, start: self.next + indent, end })
    }

    /// Goes to the next line that is neither empty nor a comment.
    fn advance(&mut self) {
        self.line = None;
        while let Some(line) = self.peek() {
            self.next = line.end + 1;
            if !matches!(self.byte(line.start), b'\n' | b'#') {
                self.line = Some(line);
                break;
            }
        }
    }

    fn emit(&mut self, event: Event<'t>, start: usize, end: usize) -> Step {
        let result: Result<(), YamlError> = self.builder.event(event, start, end);
        result.ok()
    }

    fn scalar(&mut self, text: Cow<'t, str>, style: ScalarStyle, start: usize, end: usize) -> Step {
        self.emit(Event::Scalar(text, style, 0, None), start, end)
    }

    /// A mapping or a sequence, which this line begins.
    fn block(&mut self, line: Line, depth: usize) -> Step {
        if self.is_item(line) { self.sequence(line, line.start, depth) } else { self.mapping(line, depth) }
    }

    fn is_item(&self, line: Line) -> bool {
        self.byte(line.start) == b'-' && self.byte(line.start + 1) == b' '
    }

    fn mapping(&mut self, first: Line, depth: usize) -> Step {
        let depth = depth.checked_sub(1)?;
        self.emit(Event::MappingStart(StructureStyle::Block, 0, None), first.start, first.start)?;
        let mut line = first;
        loop {
            let colon = self.key(line)?;
            let (text, style) = self.quoted_or_plain(line.start, colon)?;
            self.scalar(text, style, line.start, colon)?;
            if colon + 1 < line.end {
                self.inline(colon + 2, line)?;
            } else {
                self.advance();
                let below = self.line?;
                let is_block = below.indent > line.indent;
                let is_list = below.indent == line.indent && self.is_item(below);
                match is_list {
                    true => self.sequence(below, below.start + 2, depth)?,
                    false => is_block.then(|| self.block(below, depth))??,
                }
            }
            match self.line {
                Some(next) if next.indent == first.indent && !self.is_item(next) => line = next,
                Some(next) if next.indent >= first.indent => return None,
                _ => return self.emit(Event::MappingEnd, first.start, first.start),
            }
        }
    }

    /// A sequence. For the parser, one that is not indented deeper than its key starts behind its first dash.
    fn sequence(&mut self, first: Line, start: usize, depth: usize) -> Step {
        let depth = depth.checked_sub(1)?;
        self.emit(Event::SequenceStart(StructureStyle::Block, 0, None), start, start)?;
        let mut line = first;
        loop {
            let item = Line { indent: line.indent + 2, start: line.start + 2, end: line.end };
            if self.is_item(item) || self.key(item).is_some() {
                self.block(item, depth)?;
            } else {
                self.inline(item.start, line)?;
            }
            match self.line {
                Some(next) if next.indent == first.indent && self.is_item(next) => line = next,
                Some(next) if next.indent > first.indent => return None,
                _ => return self.emit(Event::SequenceEnd, start, start),
            }
        }
    }

    /// The colon behind the key that begins a line, if one does.
    fn key(&self, line: Line) -> Option<usize> {
        let line_bytes = self.bytes.get(line.start..line.end)?;
        let length = match line_bytes.first()? {
            b'"' | b'\'' => self.quoted_end(line.start, line.end)? - line.start,
            first if first.is_ascii_alphanumeric() || matches!(first, b'_' | b'/') => {
                let ends = |at: &usize| matches!(line_bytes.get(at + 1), None | Some(b' '));
                memchr::memchr_iter(b':', line_bytes).find(ends)?
            }
            _ => return None,
        };
        let is_plain = !matches!(line_bytes.first()?, b'"' | b'\'');
        let odd = |byte: &u8| matches!(byte, b' ' | b'#');
        let behind = line_bytes.get(length + 1).copied();
        let is_key = line_bytes.get(length) == Some(&b':')
            && length <= KEY
            && matches!(behind, None | Some(b' '))
            && !(is_plain && line_bytes.get(..length)?.iter().any(odd));
        is_key.then_some(line.start + length)
    }

    /// A value that begins in this line, at `start`. What it goes on with is indented deeper than the line is.
    fn inline(&mut self, start: usize, line: Line) -> Step {
        let end = line.end;
        match (self.byte(start), self.slice(start, end)?) {
            (_, "{}") => {
                self.emit(Event::MappingStart(StructureStyle::Flow, 0, None), start, start + 1)?;
                self.emit(Event::MappingEnd, end - 1, end)?;
            }
            (_, "[]") => {
                self.emit(Event::SequenceStart(StructureStyle::Flow, 0, None), start, start + 1)?;
                self.emit(Event::SequenceEnd, end - 1, end)?;
            }
            (_, "|" | "|-") => return self.literal(start, line),
            (b'"' | b'\'', _) => {
                match self.quoted_end(start, end) {
                    Some(at) if at == end => {}
                    Some(_) => return None,
                    None => return self.folded(start, line),
                }
                let (text, style) = self.quoted_or_plain(start, end)?;
                self.scalar(text, style, start, end)?;
            }
            _ => return self.plain(start, line),
        }
        self.advance();
        Some(())
    }

    /// Where a quoted scalar ends, behind its quote; `None` if not in this line.
    fn quoted_end(&self, start: usize, end: usize) -> Option<usize> {
        self.closed(self.byte(start), start + 1, end)?
    }

    /// Where quotes are closed, if in this line; `None` if something else than the usual is escaped.
    fn closed(&self, quote: u8, from: usize, end: usize) -> Option<Option<usize>> {
        let mut at = from;
        while at < end {
            match (self.byte(at), self.byte(at + 1)) {
                (b'\\', b'"' | b'\\' | b'n' | b't') if quote == b'"' => at += 2,
                (b'\\', _) if quote == b'"' => return None,
                (b'\'', b'\'') if quote == b'\'' => at += 2,
                (byte, _) if byte == quote => return Some(Some(at + 1)),
                _ => at += 1,
            }
        }
        Some(None)
    }

    /// A scalar in quotes that are not closed in the line in which they are opened.
    fn folded(&mut self, start: usize, line: Line) -> Step {
        let quote = self.byte(start);
        let style = if quote == b'"' { ScalarStyle::DoubleQuoted } else { ScalarStyle::SingleQuoted };
        let mut from = start + 1;
        let mut end = line.end;
        let mut text = String::new();
        let mut closed = self.closed(quote, from, end)?;
        while closed.is_none() {
            let part = self.slice(from, end).filter(|part| !part.is_empty() && !part.ends_with(' '))?;
            text.push_str(&unquoted(part, quote));
            text.push(' ');
            let next = self.peek().filter(|next| next.indent > line.indent)?;
            closed = self.closed(quote, next.start, next.end)?;
            (self.next, from, end) = (next.end + 1, next.start, next.end);
        }
        let last = self.slice(from, end - 1).filter(|last| closed == Some(end) && !last.is_empty())?;
        text.push_str(&unquoted(last, quote));
        self.scalar(text.into(), style, start, end)?;
        self.advance();
        Some(())
    }

    /// What a scalar on one line says, quotes taken off.
    fn quoted_or_plain(&self, start: usize, end: usize) -> Option<(Cow<'t, str>, ScalarStyle)> {
        let inner = || self.slice(start + 1, end - 1);
        Some(match self.byte(start) {
            b'"' => (unquoted(inner()?, b'"'), ScalarStyle::DoubleQuoted),
            b'\'' => (unquoted(inner()?, b'\''), ScalarStyle::SingleQuoted),
            _ => (self.slice(start, end)?.into(), ScalarStyle::Plain),
        })
    }

    /// A plain scalar, with the lines that it goes on in.
    fn plain(&mut self, start: usize, line: Line) -> Step {
        let is_first = |at: usize| match self.byte(at) {
            b'-' => self.byte(at + 1).is_ascii_alphanumeric(),
            byte => {
                byte.is_ascii_alphanumeric()
                    || matches!(byte, 0x80..|b'/'| b'_' | b'.' | b'+' | b'(' | b'<' | b'~')
            }
        };
        if !is_first(start) || !self.is_plain(start, line.end) {
            return None;
        }
        let (mut text, mut end) = (Cow::Borrowed(self.slice(start, line.end)?), line.end);
        while let Some(next) = self.peek()
            && next.indent > line.indent
            && !matches!(self.byte(next.start), b'\n' | b'#')
        {
            if !self.byte(next.start).is_ascii_alphanumeric() || !self.is_plain(next.start, next.end) {
                return None;
            }
            let folded = text.to_mut();
            folded.push(' ');
            folded.push_str(self.slice(next.start, next.end)?);
            (self.next, end) = (next.end + 1, next.end);
        }
        self.scalar(text, ScalarStyle::Plain, start, end)?;
        self.advance();
        Some(())
    }

    /// Whether a part of a line is a part of a plain scalar: no comment, no key, and no blank behind it.
    fn is_plain(&self, start: usize, end: usize) -> bool {
        let Some(bytes) = self.bytes.get(start..end) else { return false };
        let behind = |at: usize| bytes.get(at + 1).is_none_or(|&byte| byte == b' ');
        let before = |at: usize| at.checked_sub(1).and_then(|at| bytes.get(at)) == Some(&b' ');
        bytes.last().is_some_and(|&last| last != b' ')
            && !memchr::memchr_iter(b':', bytes).any(behind)
            && !memchr::memchr_iter(b'#', bytes).any(before)
    }

    /// A literal block whose header is at `start`.
    fn literal(&mut self, start: usize, line: Line) -> Step {
        let keeps_end = self.slice(start, line.end)? == "|";
        let first = self.peek().filter(|first| first.indent > line.indent && first.start < first.end)?;
        let (mut text, mut end) = (String::new(), line.end);
        while let Some(next) = self.peek()
            && (next.indent >= first.indent || next.start == next.end)
        {
            // A line of blanks may be a part of it or not.
            if next.start == next.end && next.indent > 0 {
                return None;
            }
            text.push_str(self.slice((next.start - next.indent + first.indent).min(next.end), next.end)?);
            text.push('\n');
            (self.next, end) = (next.end + 1, next.end);
        }
        text.truncate(text.trim_end_matches('\n').len());
        if keeps_end {
            text.push('\n');
        }
        self.scalar(text.into(), ScalarStyle::Literal, first.start, end)?;
        self.advance();
        Some(())
    }
}

/// What stands in quotes, without its escapes, of which `closed` lets some pass.
fn unquoted(inner: &str, quote: u8) -> Cow<'_, str> {
    if quote == b'\'' {
        return if inner.contains('\'') { inner.replace("''", "'").into() } else { inner.into() };
    }
    if !inner.contains('\\') {
        return inner.into();
    }
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let mut behind = rest[at + 1..].chars();
        match behind.next() {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            escaped => text.extend(escaped),
        }
        rest = behind.as_str();
    }
    text.push_str(rest);
    text.into()
}

#[cfg(test)]
mod tests;
