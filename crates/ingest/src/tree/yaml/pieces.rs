//! A YAML text, cut into pieces that can be parsed side by side.

use std::ops::Range;

/// Where a document begins.
const MARKER: &str = "---";

/// Pieces of a part of a text, of about so many bytes, each of whole documents; one piece, where it cannot be cut. A piece
/// ends with the marker that the next one begins with, so that its last document ends as it does in the text: the document
/// behind that marker is empty, and says nothing.
///
/// A line that begins with `---` and goes on with a blank, or ends, begins a document wherever it stands: no scalar may
/// hold one (<https://yaml.org/spec/1.2.2/#rule-c-forbidden>). Where a text breaks that rule, a piece of it cannot be
/// parsed, and what is right is found by parsing all of it.
pub(crate) fn pieces(text: &str, part: Range<usize>, size: usize) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let Range { mut start, end } = part;
    let bytes = text.as_bytes().get(..end).unwrap_or_default();
    let rest = bytes.get(start..).unwrap_or_default();
    // A directive belongs to the document behind it.
    let has_directives = rest.starts_with(b"%") || memchr::memmem::find(rest, b"\n%").is_some();
    while !has_directives && end - start > size {
        let Some(next) = next_document(bytes, start + size) else { break };
        pieces.push(start..next + MARKER.len());
        start = next;
    }
    pieces.push(start..end);
    pieces
}

/// The first document that begins behind a place.
fn next_document(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let mut markers = memchr::memmem::find_iter(rest, b"\n---").map(|at| from + at + 1);
    markers.find(|at| matches!(bytes.get(at + 3), None | Some(b' ' | b'\t' | b'\r' | b'\n')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str, size: usize) -> Vec<Range<usize>> {
        pieces(text, 0..text.len(), size)
    }

    #[test]
    fn a_text_is_cut_where_documents_begin_and_nowhere_else() {
        let text = "a: 1\n---\nb: 2\n---x: 3\n--- # c\nd: |\n  ---\n";
        let parts: Vec<&str> = whole(text, 1).into_iter().map(|piece| &text[piece]).collect();
        assert_eq!(parts, ["a: 1\n---", "---\nb: 2\n---x: 3\n---", "--- # c\nd: |\n  ---\n"]);
        assert_eq!(whole(text, text.len()).len(), 1);
        assert_eq!(whole("", 1).len(), 1);
    }

    #[test]
    fn a_text_with_a_directive_is_not_cut() {
        for text in ["%YAML 1.2\n---\na: 1\n---\nb: 2\n", "a: 1\n...\n%TAG ! !x\n---\nb: 2\n---\nc: 3\n"] {
            assert_eq!(whole(text, 1).len(), 1, "{text}");
        }
    }
}
