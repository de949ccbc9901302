//! Whatever stands in the file: nothing panics, every place that is told is inside of it, and what is accepted compiles, or the
//! compiler says why not.

use crate::support::{FULL, MINIMAL, today};
use proptest::prelude::*;
use proptest::sample::Index;
use watertight_base::{Diagnostic, Severity, Source, SourceId};
use watertight_compile::{Question, compile};
use watertight_intent::{RULES, read};
use watertight_render::{Colour, Detail, Inputs, diagnostics_text};

const SEEDS: [&str; 2] = [FULL, MINIMAL];

/// Values of each kind, and some that are near to the ends of what a field takes.
const VALUES: &[&str] = &[
    "",
    "~",
    "true",
    "0",
    "-1",
    "1.5",
    "9223372036854775808",
    "65536",
    "1e999",
    ".nan",
    "''",
    "\"\\0\"",
    "ä🔒",
    "500m",
    "-1Gi",
    "99999999999999999999Ei",
    "2027-02-30",
    "0.0.0.0/0",
    "::/0",
    "10.0.0.1/8",
    "../..",
    "* * * * *",
    "[]",
    "[[]]",
    "[~, 1, {}]",
    "{}",
    "{name: x}",
    "{name: {name: x}}",
    "[{name: x}, {name: x}]",
    "&a [*a]",
    "*a",
    "!!binary x",
    "!x {<<: {a: b}}",
    "|",
    "staging",
    "production",
    "default",
    "system:masters",
];

/// What is done to the text of an intent.
#[derive(Debug, Clone)]
enum Mutation {
    /// A line is not there.
    Drop(Index),
    /// A line and some below it are there twice, the second time elsewhere.
    Repeat { line: Index, count: usize, to: Index },
    /// The value of a line is another one.
    Replace { line: Index, value: Index },
    /// The value of a line is the one of another line.
    Exchange { line: Index, with: Index },
    /// Some lines stand further to the right.
    Indent { line: Index, count: usize, by: usize },
    /// The value of a line is a value in so many others.
    Nest { line: Index, depth: usize, list: bool },
    /// Some characters are others.
    Splice { at: Index, length: usize, text: String },
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let place = any::<Index>;
    prop_oneof![
        place().prop_map(Mutation::Drop),
        (place(), 1..12_usize, place()).prop_map(|(line, count, to)| Mutation::Repeat { line, count, to }),
        (place(), place()).prop_map(|(line, value)| Mutation::Replace { line, value }),
        (place(), place()).prop_map(|(line, with)| Mutation::Exchange { line, with }),
        (place(), 1..6_usize, 1..5_usize).prop_map(|(line, count, by)| Mutation::Indent { line, count, by }),
        (place(), prop_oneof![1..40_usize, 100..3000_usize], any::<bool>())
            .prop_map(|(line, depth, list)| Mutation::Nest { line, depth, list }),
        (place(), 0..8_usize, ".{0,6}").prop_map(|(at, length, text)| Mutation::Splice { at, length, text }),
    ]
}

/// A line up to its value, and the value.
fn parts(line: &str) -> (&str, &str) {
    let key = line.find(": ").map(|at| at + 2).or_else(|| line.find("- ").map(|at| at + 2));
    line.split_at(key.unwrap_or(line.len()))
}

fn mutated(text: &str, mutation: &Mutation) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if lines.is_empty() {
        return text.to_owned();
    }
    let count = lines.len();
    let at = |index: &Index| index.index(count);
    match mutation {
        Mutation::Drop(line) => drop(lines.remove(at(line))),
        Mutation::Repeat { line, count: many, to } => {
            let first = at(line);
            let copied = lines[first..(first + many).min(count)].to_vec();
            lines.splice(at(to)..at(to), copied);
        }
        Mutation::Replace { line, value } => {
            let line = &mut lines[at(line)];
            *line = format!("{}{}", parts(line).0, VALUES[value.index(VALUES.len())]);
        }
        Mutation::Exchange { line, with } => {
            let value = parts(&lines[at(with)]).1.to_owned();
            let line = &mut lines[at(line)];
            *line = format!("{}{value}", parts(line).0);
        }
        Mutation::Indent { line, count: many, by } => {
            for line in lines.iter_mut().skip(at(line)).take(*many) {
                *line = format!("{}{line}", " ".repeat(*by));
            }
        }
        Mutation::Nest { line, depth, list } => {
            let line = &mut lines[at(line)];
            let (open, close) = if *list { ("[", "]") } else { ("{name: ", "}") };
            *line = format!("{}{}x{}", parts(line).0, open.repeat(*depth), close.repeat(*depth));
        }
        Mutation::Splice { at, length, text: piece } => {
            let mut characters: Vec<char> = text.chars().collect();
            let start = at.index(characters.len() + 1);
            let end = (start + length).min(characters.len());
            characters.splice(start..end, piece.chars());
            return characters.into_iter().collect();
        }
    }
    lines.join("\n") + "\n"
}

/// Each place is in the source, between two of its characters, and can be shown.
fn check_places(diagnostics: &[Diagnostic], sources: &[Source]) -> Result<(), TestCaseError> {
    for (span, _) in diagnostics.iter().filter_map(|found| found.at.as_ref()) {
        prop_assert_eq!(span.source, SourceId(0));
        prop_assert!(span.start <= span.end && span.end <= sources[0].bytes.len(), "{:?}", span);
        if let Ok(text) = std::str::from_utf8(&sources[0].bytes) {
            prop_assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end), "{:?}", span);
        }
    }
    let shown = diagnostics_text(diagnostics, &Inputs::new(sources, &[]), Detail::All, Colour::Plain);
    prop_assert_eq!(shown.is_empty(), diagnostics.is_empty());
    Ok(())
}

/// Reads and, if it is an intent, compiles. Whether it was one.
fn check(bytes: &[u8]) -> Result<bool, TestCaseError> {
    let sources = [Source { name: "watertight.yaml".to_owned(), bytes: bytes.to_vec() }];
    let found = read(SourceId(0), &sources[0], today());
    check_places(&found.diagnostics, &sources)?;
    let errors = found.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    for error in errors.clone() {
        let known = RULES.contains(&error.rule) || watertight_ingest::RULES.contains(&error.rule);
        prop_assert!(known, "{}", error.rule);
    }
    prop_assert_eq!(found.intent.is_none(), errors.count() > 0);
    let Some(intent) = found.intent else { return Ok(false) };
    let compiled = compile(Question { intent: &intent, sources: &sources, given: &[], beside: &[] });
    check_places(&compiled.diagnostics, &sources)?;
    let refused = compiled.diagnostics.iter().any(|found| found.severity == Severity::Error);
    prop_assert_eq!(compiled.files.is_empty(), refused);
    Ok(true)
}

proptest! {
    // `PROPTEST_CASES` in the environment has more of them.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        check(&bytes)?;
    }

    #[test]
    fn any_bytes_in_an_intent_are_read_or_refused(
        at in any::<Index>(),
        bytes in prop::collection::vec(any::<u8>(), 1..8),
    ) {
        let mut text = MINIMAL.as_bytes().to_vec();
        let at = at.index(text.len() + 1);
        text.splice(at..at, bytes);
        check(&text)?;
    }

    #[test]
    fn a_mutated_intent_is_read_or_refused(
        seed in 0..SEEDS.len(),
        mutations in prop::collection::vec(mutation(), 1..6),
    ) {
        let text = mutations.iter().fold(SEEDS[seed].to_owned(), |text, mutation| mutated(&text, mutation));
        check(text.as_bytes())?;
    }
}

/// How many values each line is tried with; the next line is tried with the next ones.
const VALUES_A_LINE: usize = 4;

#[test]
fn each_line_with_other_values_is_read_or_refused() {
    let (mut accepted, mut refused) = (0, 0);
    for seed in SEEDS {
        let mut values = VALUES.iter().cycle();
        for line in 0..seed.lines().count() {
            for value in values.by_ref().take(VALUES_A_LINE) {
                let mut lines: Vec<String> = seed.lines().map(str::to_owned).collect();
                lines[line] = format!("{}{value}", parts(&lines[line]).0);
                let is_one = check(lines.join("\n").as_bytes()).unwrap();
                *(if is_one { &mut accepted } else { &mut refused }) += 1;
            }
        }
    }
    // Both happen, so that neither side of the check stands idle.
    assert!(accepted > 20 && refused > 200, "{accepted} accepted, {refused} refused");
}
