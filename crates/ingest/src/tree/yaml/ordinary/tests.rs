//! Ordinary documents: what the parser makes of them is what is read.

use super::*;
use crate::tree::yaml::{Kind, Stored, YamlStream};
use proptest::prelude::*;

/// All that is known of a document.
fn told(document: &YamlDocument<'_>) -> Vec<String> {
    let told = |Stored { start, end, kind, size, depth }: &Stored<'_>| {
        let kind = match kind {
            Kind::Scalar { text, style } => format!("{text:?} {style:?}"),
            Kind::Sequence(elements) => format!("{elements:?}"),
            Kind::Mapping(pairs) => format!("{pairs:?}"),
            Kind::Alias(target) => format!("*{target}"),
        };
        format!("{start}..{end} {kind} {size} {depth}")
    };
    document.nodes.iter().map(told).collect()
}

fn as_ordinary(text: &str) -> Option<Vec<String>> {
    ordinary(SourceId(0), text, 0..text.len()).map(|document| told(&document))
}

fn parsed(text: &str) -> Vec<Result<Vec<String>, YamlError>> {
    let documents = YamlStream::new(SourceId(0), text);
    let mut told: Vec<_> = documents.map(|document| document.map(|document| told(&document))).collect();
    // Behind a last marker there is an empty document.
    let empty = format!("{0}..{0} \"~\" Plain 9 1", text.len());
    if text.ends_with("\n---") && told.last() == Some(&Ok(vec![empty])) {
        told.pop();
    }
    told
}

#[test]
fn what_programs_write_is_ordinary() {
    for text in [
        "a: 1\n",
        "---\na: b c\nd: {}\ne: []\n---",
        "a:\n- b: 1\n  c:\n    d: \"e \\\" f\"\n- - g\n  - 'it''s'\nh:\n  - ~\n",
        "# x\n\na: |\n  b\n\n    c\n\nd:\n  k:{\"type\":\"Ready\"}: {}\n  # y\n  \"k:{\\\"a\\\"}\": x\n",
        "a: 'one: ''\n    two\n  three'\nb: \"one\n  \\\"two\"\nc: é ü\n",
        "a: one\n  two\n  three\nb: http://c:80\ncommand:\n- -c\n- |-\n  echo a: b # c\n",
    ] {
        let ordinary = as_ordinary(text);
        assert!(ordinary.is_some(), "{text}");
        assert_eq!(vec![Ok(ordinary.unwrap())], parsed(text), "{text}");
    }
}

#[test]
fn what_people_write_may_be_of_other_forms() {
    for text in [
        "",
        "---",
        "a",
        "a:\n",
        "a: b # c\n",
        "a: &b c\n",
        "a: *b\n",
        "a: !!str b\n",
        "a: {b: c}\n",
        "a: [b]\n",
        "? a\n",
        "a: \"\\u0041\"\n",
        "a: >\n  b\n",
        "a:\tb\n",
        "a: b\r\n",
        "a: \u{2028}\n",
        "a: \u{a0}\n",
        "a: \u{feff}\n",
        "a: 'b\n\n  c'\n",
        "a: \"b\\\n  c\"\n",
        "a: b: c\n",
        "a: b:\n",
        "a: 'b\n",
        "<<: {}\n",
        "a:  b\n",
        "a: |\n\n  b\n",
        "a: |\n  b\n  \n  c\n",
        "a: b\n c: d\n",
        "  a: b\n c: d\n",
        "a: b\n...\n",
        "%YAML 1.2\n",
    ] {
        assert_eq!(as_ordinary(text), None, "{text:?}");
    }
}

/// Punctuation that means something where a scalar begins, and nothing inside of it.
const ODD: &str = "x\"y'z[a]{b},c&d*e!f|g>h%i@j`k?l=m~n\\o#p";

/// Keys, dashes and values: of ordinary documents, and of others.
const KEYS: [&str; 9] = ["a: ", "b:", "c: ", "f:d: ", "\"e\": ", "'f': ", "k:{\"g\"}: ", "null: ", "1:"];
const VALUES: [&str; 11] = ["x", "\"x\"", "{}", "'y z'", "[]", "x y", "|", "true", "-1", "1.5", "a/b:c"];
#[rustfmt::skip]
const OTHER_KEYS: [&str; 13] = [
    "<<: ", "? ", "a b: ", "\"a\\\"b\": ", "'a''b':", ": ", "a:  ", "\"a\" : ", "~: ", "-a: ", "_a:b:", "/: ", "é: ",
];
#[rustfmt::skip]
const OTHER_VALUES: [&str; 59] = [
    "|-", "|", ">", ">-", "|+", "|2", "\"a\\n\\\"b\"", "'it''s'", "\"\\u0041\"", "\"open", "'open", "'open ''", "\"open \\\"",
    "&x y", "*x", "!!str 1", "{a: b}", "[a, b]", "x # c", "x#c", "x:", "x: y", "x ", "~", "null", "é", "x é", "\u{a0}x",
    "x\u{2003}", "\u{3000}", "\u{85}", "\u{2028}", "\u{feff}", "\u{e000}", "\u{1f600} x", "\"é", "\tx", "x\ty", "\r", "%",
    "---", "...", "# c", "@", "`", "\"x\" y", "{} ", "<<", "-", "- x", ".", "!", "x\u{7f}", "(x", "x,y", "{{ x }}", ODD,
    "\"x\\n", "'",
];
#[rustfmt::skip]
const LINES: [&str; 15] = [
    "", "---", "...", "# c", "  # c", "    ", "%YAML 1.2", "  text", "      more", "      x'", "      y\"", "    z: '' w'",
    "     # \\\"\"", "  '", "      é",
];

fn line() -> impl Strategy<Value = String> {
    let lead = prop::sample::select(vec!["", "", "", "", "- ", "- ", "- - ", "-", "  - "]);
    let key = prop_oneof![
        8 => prop::sample::select(&KEYS[..]),
        4 => Just(""),
        1 => prop::sample::select(&OTHER_KEYS[..]),
    ];
    let value = prop_oneof![
        6 => prop::sample::select(&VALUES[..]),
        3 => Just(""),
        2 => prop::sample::select(&OTHER_VALUES[..]),
    ];
    let indent = prop::sample::select(vec![0, 0, 0, 2, 2, 2, 2, 4, 4, 4, 1, 3, 6]);
    (indent, lead, key, value)
        .prop_map(|(indent, lead, key, value)| format!("{}{lead}{key}{value}", " ".repeat(indent)))
}

fn text() -> impl Strategy<Value = String> {
    let special = prop::sample::select(&LINES[..]);
    let line = prop_oneof![9 => line(), 2 => special.prop_map(str::to_owned)];
    (prop::collection::vec(line, 1..9), any::<bool>())
        .prop_map(|(lines, ends)| lines.join("\n") + if ends { "\n" } else { "" })
}

fn below(margin: &str, line: &str) -> String {
    if line.is_empty() { String::new() } else { format!("{margin}{line}") }
}

#[rustfmt::skip]
const LEAVES: [&str; 14] = [
    " x", " \"x: y\"", " 'it''s'", " {}", " []", " |\n  a\n\n    b: c", " |-\n  # d\n", " 12", " null", " x y\n  z w",
    " 'x: y\n  z ''é\n  # w'", " \"x\n  - y\n  \\\"z\\n\"", " \"ü\\t\n  y\"", " x\n  é: \n",
];
const WRITTEN_KEYS: [&str; 9] =
    ["a", "b-c", "f:d", "\"e f\"", "'g'", "k:{\"h\":\"i\"}", "1", "on", "long/er.x"];

/// A value as programs write it, on the lines behind its key or dash, which has this indentation.
fn written() -> impl Strategy<Value = Vec<String>> {
    let leaf = prop::sample::select(&LEAVES[..]);
    let leaf = leaf.prop_map(|leaf| leaf.split('\n').map(str::to_owned).collect::<Vec<_>>());
    leaf.prop_recursive(5, 30, 4, |inner| {
        let key = prop::sample::select(&WRITTEN_KEYS[..]);
        let mapping = prop::collection::vec((key, inner.clone()), 1..4).prop_map(|entries| {
            let mut lines = vec![String::new()];
            for (key, value) in entries {
                lines.push(format!("  {key}:{}", value[0]));
                lines.extend(value[1..].iter().map(|line| below("  ", line)));
            }
            lines
        });
        let sequence = (prop::collection::vec(inner, 1..4), any::<bool>()).prop_map(|(items, indented)| {
            let mut lines = vec![String::new()];
            let margin = if indented { "  " } else { "" };
            for item in items {
                let (first, rest) = match item.split_first() {
                    Some((first, rest)) if first.is_empty() => {
                        (format!(" {}", rest[0].trim_start()), &rest[1..])
                    }
                    Some((first, rest)) => (first.clone(), rest),
                    None => unreachable!(),
                };
                lines.push(format!("{margin}-{first}"));
                lines.extend(rest.iter().map(|line| below(margin, line)));
            }
            lines
        });
        prop_oneof![2 => mapping, 1 => sequence]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn an_ordinary_document_is_what_the_parser_makes_of_it(text in text()) {
        if let Some(ordinary) = as_ordinary(&text) {
            prop_assert_eq!(vec![Ok(ordinary)], parsed(&text), "{}", text);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn what_is_written_as_programs_do_is_read_as_the_parser_reads_it(
        value in written(), at in 0..400_usize, odd in 0..9_usize
    ) {
        let mut text = format!("root:{}\n", value.join("\n"));
        if let Some(ordinary) = as_ordinary(&text) {
            prop_assert_eq!(vec![Ok(ordinary)], parsed(&text), "{}", text);
        }
        // And with one thing out of order.
        let at = text.floor_char_boundary(at % text.len());
        match ["", " ", "\n", "#", ":", "- ", "'", "\"", "x"][odd] {
            "" => drop(text.remove(at)),
            odd => text.insert_str(at, odd),
        }
        if let Some(ordinary) = as_ordinary(&text) {
            prop_assert_eq!(vec![Ok(ordinary)], parsed(&text), "{}", text);
        }
    }
}
