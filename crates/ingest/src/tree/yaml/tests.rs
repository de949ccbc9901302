//! YAML trees: places, aliases, merges, bounds.

use super::*;

fn documents(text: &str) -> Vec<Result<YamlDocument<'_>, YamlError>> {
    YamlStream::new(SourceId(0), text).collect()
}

fn document(text: &str) -> YamlDocument<'_> {
    let mut documents = documents(text);
    assert_eq!(documents.len(), 1);
    documents.remove(0).expect("YAML")
}

fn under(text: &str, span: Span) -> &str {
    &text[span.start..span.end]
}

/// The text under the value at the end of a path.
fn value_at<'t>(text: &'t str, path: &[&str]) -> &'t str {
    let document = document(text);
    under(text, document.root().mapping().unwrap().path(path).unwrap().span())
}

#[test]
fn spans_cover_plain_quoted_block_and_flow_values() {
    let text =
        "# é\na: plain value # comment\nb: \"quo ted\"\nc: |\n  block\n  text\n\nd: {x: [1, 2]} \ne:\n";
    assert_eq!(value_at(text, &["a"]), "plain value");
    assert_eq!(value_at(text, &["b"]), "\"quo ted\"");
    assert!(value_at(text, &["c"]).ends_with("block\n  text"));
    assert_eq!(value_at(text, &["d"]), "{x: [1, 2]}");
    assert_eq!(value_at(text, &["d", "x"]), "[1, 2]");
    assert_eq!(value_at(text, &["e"]), "");
}

#[test]
fn a_block_collection_ends_where_its_last_part_does() {
    let text = "spec:\n  from:\n    - a: 1\n    - b: 2\n\n# comment\nstatus: x\n";
    assert_eq!(value_at(text, &["spec"]), "from:\n    - a: 1\n    - b: 2");
    assert_eq!(value_at(text, &["spec", "from"]), "- a: 1\n    - b: 2");
}

#[test]
fn keys_have_places_and_are_text() {
    let text = "on: x\n1: y\n\"q\": z\n";
    let document = document(text);
    let map = document.root().mapping().unwrap();
    let keys: Vec<_> =
        map.entries().iter().map(|entry| (entry.key.as_ref(), under(text, entry.key_span))).collect();
    assert_eq!(keys, [("true", "on"), ("1", "1"), ("q", "\"q\"")]);
}

#[test]
fn tags_decide_about_the_type() {
    let text = "a: !!str 12\nb: !!int \"12\"\nc: '12'\n";
    let document = document(text);
    let map = document.root().mapping().unwrap();
    assert_eq!(map.get("a").unwrap().text().as_deref(), Some("12"));
    assert!(matches!(map.get("b").unwrap().value(), Value::Scalar(Scalar::Integer(12))));
    assert_eq!(map.get("c").unwrap().text().as_deref(), Some("12"));
}

#[test]
fn aliases_stand_for_their_anchor() {
    let text = "a: &x {k: v}\nb: *x\n";
    assert_eq!(value_at(text, &["b", "k"]), "v");
}

#[test]
fn merges_replace_what_stands_before_them_as_in_kubectl() {
    let text = "a: explicit\n<<: {a: merged, b: m}\nb: later\n";
    assert_eq!(value_at(text, &["a"]), "merged");
    assert_eq!(value_at(text, &["b"]), "later");
    assert!(document(text).root().mapping().unwrap().duplicates().is_empty());
}

#[test]
fn of_merged_mappings_the_first_wins() {
    assert_eq!(value_at("<<: [{a: one}, {a: two, b: three}]\n", &["a"]), "one");
    assert_eq!(value_at("<<: [{a: one}, {a: two, b: three}]\n", &["b"]), "three");
    assert_eq!(value_at("\"<<\": {a: one}\n", &["<<"]), "{a: one}");
}

#[test]
fn a_broken_document_does_not_hide_the_next() {
    let text = "a: [1\n---\nb: 2\n---\nc: }\n---\nd: 4\n";
    let read: Vec<bool> = documents(text).iter().map(Result::is_ok).collect();
    assert_eq!(read, [false, true, false, true]);
}

#[test]
fn documents_begin_after_markers_comments_and_directives() {
    let text = "%YAML 1.2\n---\na: 1\n...\n# comment\n--- # another\nb: 2\n---\n";
    assert_eq!(documents(text).len(), 3);
}

#[test]
fn a_byte_order_mark_moves_no_span() {
    let text = "\u{feff}a: b\n";
    assert_eq!(value_at(text, &["a"]), "b");
}

#[test]
fn aliases_without_bound_are_refused() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let below = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{below}]\n"));
    }
    let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(10_000), vec!["*a"; 1000].join(", "));
    for text in [text.as_str(), "a: &a [*a]\n", long.as_str()] {
        let found = documents(text).remove(0).err().expect("an error");
        assert_eq!(found.failure, YamlFailure::AliasBomb);
    }
}

#[test]
fn aliases_as_people_use_them_are_fine() {
    let text = format!("a: &a {{k: {}}}\nb: [{}]\n", "v".repeat(200), vec!["*a"; 30].join(", "));
    assert!(documents(&text)[0].is_ok());
}

#[test]
fn nesting_without_end_is_refused() {
    let flow = "[".repeat(100_000);
    let block: String = (0..200).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    // Each level is small, and together they are deep.
    let mut aliased = format!("a0: &a0 {}x{}\n", "[".repeat(60), "]".repeat(60));
    aliased.push_str(&format!("a1: {}*a0{}\n", "[".repeat(60), "]".repeat(60)));
    for text in [flow, block, aliased] {
        let found = documents(&text).remove(0).err().expect("an error");
        assert_eq!(found.failure, YamlFailure::TooDeep);
    }
}

#[test]
fn a_mapping_as_key_is_found() {
    let text = "name: {{ .Values.name }}\n";
    assert_eq!(under(text, document(text).collection_as_key().unwrap()), "{ .Values.name }");
    assert_eq!(document("a: {b: c}\n").collection_as_key(), None);
}

#[test]
fn equal_keys_are_found_in_small_and_large_mappings() {
    let many: String = (0..20).map(|key| format!("k{key}: 1\n")).collect();
    assert_eq!(document("a: {b: 1, b: 2}\n").mappings_with_equal_keys().count(), 1);
    assert_eq!(document(&format!("{many}k3: 2\n")).mappings_with_equal_keys().count(), 1);
    assert_eq!(document(&many).mappings_with_equal_keys().count(), 0);
}

#[test]
fn what_the_parser_of_kubectl_refuses_is_no_yaml() {
    for text in [
        "a: !!int ''",
        "a: !!bool 1",
        "a: !!int 080",
        "a: !!null a",
        "a: !#b",
        "~: a",
        "18446744073709551615: a",
        "<<: a",
        "<<: [a]",
        "a: {b: ::1}",
        "a: [b?]",
        "a: {b: !!str}",
        "a: \"\\/\"",
        "a: \"\\ud83d\\ude00\"",
        "{\"a\n  b\": c}",
        "a: |\n  \tb",
        "\ta: b",
        "a: &b:c d",
    ] {
        let failures = documents(text);
        let is_syntax = |result: &Result<_, YamlError>| {
            result.as_ref().is_err_and(|error| matches!(error.failure, YamlFailure::Syntax(_)))
        };
        assert!(failures.iter().any(is_syntax), "{text:?}");
    }
    for text in [
        "a: !!float 1",
        "a: !!int '1'",
        "-1: a",
        "a: ::1",
        "a: b?",
        "a: \"\\\\/\"",
        "a: \"\\u00e9\"",
        "a: |\n  b\n  \tc",
        "a:\tb",
        "a: &b-1_c d # A & B\ne: &f\n  g: h",
        "x: &x {a: b}\n<<: *x",
        "<<: [{a: b}]",
    ] {
        document(text);
    }
}

#[test]
fn a_tag_that_means_nothing_makes_text() {
    let text = "a: ! 12\nb: !x on";
    let document = document(text);
    let map = document.root().mapping().unwrap();
    assert_eq!(map.get("a").unwrap().text().as_deref(), Some("12"));
    assert_eq!(map.get("b").unwrap().text().as_deref(), Some("on"));
}
