//! Where kubectl cuts a YAML text otherwise than the YAML specification does, so that it sees other documents.
//!
//! kubectl cuts documents at lines that begin with `---`, before any YAML is parsed, and of what lies between two of
//! them it reads the first document and says nothing of the others. Its parser is one for YAML 1.1, which has three more
//! line breaks than YAML 1.2. Sources: `k8s.io/apimachinery/pkg/util/yaml` and <https://yaml.org/spec/1.1/#b-char>.

/// What is cut otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Difference {
    /// A document begins here without a line of its own that says `---`.
    Document,
    /// A character that only YAML 1.1 takes as a line break: what follows may be text here and a field there.
    LineBreak,
}

/// The first place of each difference, in the order of the text.
pub(crate) fn differences(text: &str) -> Vec<(usize, Difference)> {
    let document = hidden_document(text).map(|at| (at, Difference::Document));
    let line_break = line_break(text).map(|at| (at, Difference::LineBreak));
    let mut found: Vec<_> = document.into_iter().chain(line_break).collect();
    found.sort_by_key(|&(at, _)| at);
    found
}

/// A line break of YAML 1.1.
fn line_break(text: &str) -> Option<usize> {
    // In UTF-8 they begin with one of these bytes.
    let mut candidates = memchr::memchr2_iter(0xc2, 0xe2, text.as_bytes());
    candidates.find(|&at| text[at..].starts_with(['\u{85}', '\u{2028}', '\u{2029}']))
}

/// A document that kubectl does not read, or refuses: one on the line of its `---`, after a `...`, or in lines that end
/// in carriage returns alone.
fn hidden_document(text: &str) -> Option<usize> {
    let holds = |what: &[u8]| memchr::memmem::find(text.as_bytes(), what).is_some();
    if text.starts_with("...") || holds(b"\n...") || holds(b"\r---") {
        return hidden_in_lines(text);
    }
    // Hardly any text holds those. Without them, only lines that begin with `---` count.
    let first = text.starts_with("---").then_some(0);
    let others = memchr::memmem::find_iter(text.as_bytes(), b"\n---").map(|at| at + 1);
    first
        .into_iter()
        .chain(others)
        .find(|&at| !is_blank(text[at + 3..].split('\n').next().unwrap_or_default()))
}

fn is_blank(rest: &str) -> bool {
    rest.trim().is_empty() || rest.trim_start().starts_with('#')
}

/// The same, line by line.
fn hidden_in_lines(text: &str) -> Option<usize> {
    let mut start = 0;
    let mut after_end = false;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        if let Some(inside) = line.find("\r---") {
            return Some(at + inside + 1);
        }
        if let Some(rest) = line.strip_prefix("---") {
            if !is_blank(rest) {
                return Some(at);
            }
            after_end = false;
        } else if line.trim_end() == "..." || line.starts_with("... ") || line.starts_with("...\t") {
            after_end = true;
        } else if after_end && !is_blank(line) {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_document_is_hidden_by_the_quick_look(
            text in prop::collection::vec(prop::sample::select(vec!["---", "...", "\n", "\r", " ", "#", "a"]), 0..12)
        ) {
            let text = text.concat();
            prop_assert_eq!(hidden_document(&text), hidden_in_lines(&text));
        }
    }

    #[test]
    fn documents_that_begin_with_a_line_of_their_own_are_seen_alike() {
        for text in ["a: 1", "---\na: 1\n---\nb: 2\n", "--- # one\na: 1\r\n---\r\nb: 2", "a: 1\n...\n# end\n"]
        {
            assert_eq!(differences(text), [], "{text:?}");
        }
        assert_eq!(differences("a: 1\n...\n---\nb: |\n  ---\n  ... and so on\n"), []);
    }

    #[test]
    fn a_document_that_kubectl_passes_over_is_found() {
        for (text, at) in
            [("a: 1\n...\nb: 2\n", 9), ("a: 1\n--- {b: 2}\n", 5), ("--- !x\na: 1", 0), ("a: 1\r---\rb: 2", 5)]
        {
            assert_eq!(differences(text), [(at, Difference::Document)], "{text:?}");
        }
    }

    #[test]
    fn a_line_break_of_yaml_1_1_is_found() {
        for character in ['\u{85}', '\u{2028}', '\u{2029}'] {
            assert_eq!(differences(&format!("a: 1 # {character}b: 2")), [(7, Difference::LineBreak)]);
        }
    }
}
