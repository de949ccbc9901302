//! The lines of an input that a span covers, with the span underlined.

use crate::colour::Tone;
use crate::page::{Page, WIDTH, clean};
use crate::{Colour, Inputs};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use watertight_base::{Position, Span};

/// A span over more lines than this is shown by its first line: a whole object underlined helps nobody.
const LINES_MAX: usize = 4;
/// The most bytes of a line that are shown before and after the place, for dumps on one endless line.
const AROUND_MAX: usize = 160;

/// The excerpt, or `None` if the span is in no input. `label` stands under the underlined text.
pub(crate) fn excerpt(inputs: &Inputs<'_>, span: Span, label: &str, colour: Colour) -> Option<String> {
    let located = inputs.locate(span)?;
    let cut = Cut::of(inputs, span)?;
    let label = clean(label);
    let gutter = located.start.line.to_string().len() + 3;
    let fits = gutter + cut.column_end() + 1 + label.chars().count() <= WIDTH;
    let mut annotation = AnnotationKind::Primary.span(cut.marked());
    if fits && !label.is_empty() {
        annotation = annotation.label(label.as_str());
    }
    let snippet = Snippet::source(cut.text()).line_start(located.start.line).annotation(annotation);
    let group = Group::with_level(Level::ERROR).element(snippet);
    let renderer = match colour {
        Colour::Plain => Renderer::plain(),
        Colour::Ansi => Renderer::styled(),
    };
    // The place is written here and not by the renderer, which would count columns from where a long line is cut.
    let Position { line, column } = located.start;
    let arrow = Tone::Place.paint(&format!("{:>1$}", "--> ", gutter + 1), colour);
    let mut text = format!("{arrow}{}:{line}:{column}\n", clean(located.file));
    text.push_str(&renderer.term_width(WIDTH).render(&[group]));
    if !fits {
        // The label is too long for the line of the excerpt: it follows, wrapped like all other prose.
        let mut page = Page::new(colour);
        page.entry(gutter - 2, Tone::Strong, "= ", &label);
        text.push('\n');
        text.push_str(page.finish().trim_end());
    }
    Some(text)
}

/// The part of an input that is shown: what comes before the marked text on its line, that text, and what follows.
struct Cut {
    before: String,
    marked: String,
    after: String,
}

impl Cut {
    fn of(inputs: &Inputs<'_>, span: Span) -> Option<Self> {
        let bytes = inputs.bytes(span)?;
        let start = span.start.min(bytes.len());
        let mut end = span.end.clamp(start, bytes.len());
        // A span of a block often runs on to the next token: blank lines at its end mark nothing.
        while end > start && bytes.get(end - 1).is_some_and(u8::is_ascii_whitespace) {
            end -= 1;
        }
        let newlines = |bytes: &[u8]| bytes.iter().filter(|&&byte| byte == b'\n').count();
        let marked = bytes.get(start..end).unwrap_or_default();
        if newlines(marked) >= LINES_MAX || marked.len() > LINES_MAX * AROUND_MAX {
            let first_line = marked.iter().position(|&byte| byte == b'\n').unwrap_or(marked.len());
            end = start + first_line.min(AROUND_MAX);
        }
        let head = bytes.get(..start).unwrap_or_default();
        let line_start = head.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
        let tail = bytes.get(end..).unwrap_or_default();
        let line_length = tail.iter().take(AROUND_MAX).position(|&byte| byte == b'\n');
        let line_end = end + line_length.unwrap_or(tail.len().min(AROUND_MAX));
        // At the cuts, code points may fall apart; they are shown as what is not UTF-8.
        let text = |range: std::ops::Range<usize>| {
            inputs.shown(Span::new(span.source, range.start, range.end)).replace('\r', " ")
        };
        Some(Self {
            before: text(line_start.max(start.saturating_sub(AROUND_MAX))..start),
            marked: text(start..end),
            after: text(end..line_end),
        })
    }

    fn text(&self) -> String {
        format!("{}{}{}", self.before, self.marked, self.after)
    }

    fn marked(&self) -> std::ops::Range<usize> {
        self.before.len()..self.before.len() + self.marked.len()
    }

    /// The column after the marked text on its last line.
    fn column_end(&self) -> usize {
        match self.marked.rsplit_once('\n') {
            Some((_, last)) => last.chars().count() + 2,
            None => self.before.chars().count() + self.marked.chars().count().max(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watertight_base::{Source, SourceId};

    fn show(text: &[u8], start: usize, end: usize, label: &str) -> String {
        let sources = [Source { name: "dir/a.yaml".to_owned(), bytes: text.to_vec() }];
        excerpt(&Inputs::new(&sources, &[]), Span::new(SourceId(0), start, end), label, Colour::Plain)
            .unwrap()
    }

    #[test]
    fn the_marked_text_is_underlined_with_its_label() {
        insta::assert_snapshot!(show(b"a: 1\nspec:\n  x: {}\nb: 2\n", 13, 18, "selects everything"), @r"
     --> dir/a.yaml:3:3
      |
    3 |   x: {}
      |   ^^^^^ selects everything
        ");
    }

    #[test]
    fn a_short_block_is_marked_whole_and_a_long_one_by_its_first_line() {
        insta::assert_snapshot!(show(b"a:\n  b: 1\n  c: 2\n\nd: 1\n", 0, 18, "here"), @r"
     --> dir/a.yaml:1:1
      |
    1 | / a:
    2 | |   b: 1
    3 | |   c: 2
      | |______^ here
        ");
        insta::assert_snapshot!(show(b"a:\n  b: 1\n  c: 2\n  d: 3\n  e: 4\n  f: 5\n", 0, 36, "here"), @r"
     --> dir/a.yaml:1:1
      |
    1 | a:
      | ^^ here
        ");
    }

    #[test]
    fn a_long_label_follows_the_excerpt() {
        insta::assert_snapshot!(show(b"key: value\n", 5, 10, &"some words that go on ".repeat(6)), @r"
     --> dir/a.yaml:1:6
      |
    1 | key: value
      |      ^^^^^
      = some words that go on some words that go on some words that go on some words
        that go on some words that go on some words that go on
        ");
    }

    #[test]
    fn an_endless_line_is_cut_around_the_place() {
        let mut text = vec![b'x'; 1_000_000];
        text[500_000] = b'Y';
        let shown = show(&text, 500_000, 500_001, "here");
        assert!(shown.contains("--> dir/a.yaml:1:500001"), "{shown}");
        assert!(shown.lines().all(|line| line.chars().count() <= WIDTH), "{shown}");
        assert!(shown.contains('Y'), "{shown}");
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_as_such() {
        let shown = show(b"a: \xff\xfe\x1b[31m\nb\n", 3, 5, "not UTF-8");
        assert!(!shown.contains('\u{1b}'), "{shown}");
        assert!(shown.contains('\u{fffd}'), "{shown}");
    }

    #[test]
    fn what_is_hidden_is_not_shown_wherever_the_place_is() {
        let text = b"kind: Secret\ndata:\n  key: aHVudGVyMg==\n  two: |\n    hunter2\n    more\n";
        let sources = [Source { name: "dir/a.yaml".to_owned(), bytes: text.to_vec() }];
        let hidden = [Span::new(SourceId(0), 26, 38), Span::new(SourceId(0), 46, 69)];
        let show = |start, end| {
            let inputs = Inputs::new(&sources, &hidden);
            excerpt(&inputs, Span::new(SourceId(0), start, end), "here", Colour::Plain).unwrap()
        };
        insta::assert_snapshot!(show(21, 24), @r"
     --> dir/a.yaml:3:3
      |
    3 |   key: …
      |   ^^^ here
        ");
        insta::assert_snapshot!(show(41, 69), @r"
     --> dir/a.yaml:4:3
      |
    4 | /   two: …
    5 | |     …
    6 | |     …
      | |_____^ here
        ");
        for start in 0..text.len() {
            for end in start..text.len() {
                let shown = show(start, end);
                assert!(
                    !["aHV", "dGV", "Mg=", "hunt", "ter2", "more"].iter().any(|part| shown.contains(part)),
                    "{shown}"
                );
            }
        }
    }

    #[test]
    fn a_span_past_the_end_and_an_empty_input_do_no_harm() {
        assert!(show(b"", 0, 0, "empty").contains("dir/a.yaml:1:1"));
        assert!(show(b"a\n", 7, 99, "past").contains("dir/a.yaml:2:1"));
    }
}
