//! The cases in `rules/` about what an intent is written from are tests.
#![expect(clippy::disallowed_methods, reason = "a test that reads the pages where they are")]

use crate::support::{both, initialised, intent, question, repository, rules, source};
use std::collections::BTreeSet;
use watertight_base::Source;
use watertight_import::{RULES, import};

/// The cases of a page: files, and what is expected of them.
fn cases(page: &str) -> Vec<(Vec<Source>, String)> {
    let mut cases = Vec::new();
    for section in page.split("\n### ").skip(1) {
        let mut files = Vec::new();
        let mut expected = None;
        for block in section.split("\n```").skip(1) {
            if let Some(text) = block.strip_prefix("yaml\n") {
                files.push(source(&format!("k8s/{}.yaml", files.len()), &format!("{text}\n")));
            } else if let Some(text) = block.strip_prefix("expect\n") {
                expected = Some(text.to_owned());
            }
        }
        cases.extend(expected.map(|expected| (files, expected)));
    }
    cases
}

#[test]
fn every_case_about_what_an_intent_is_written_from_holds() {
    let mut shown: BTreeSet<&str> = BTreeSet::new();
    for entry in std::fs::read_dir(repository("rules")).unwrap() {
        let path = entry.unwrap().path();
        let page = std::fs::read_to_string(&path).unwrap();
        for (files, expected) in cases(&page) {
            let value = |key: &str| expected.lines().find_map(|line| line.strip_prefix(key)).map(str::trim);
            let (written, wanted) = match (value("imported:"), value("initialised:")) {
                (Some(wanted), _) => (import(&question(&files, &both())), wanted),
                (_, Some(wanted)) => (initialised(&files, &[]).unwrap(), wanted),
                (None, None) => continue,
            };
            let listed = value("diagnostics:").unwrap_or_default().split(", ");
            let listed: BTreeSet<&str> = listed.filter(|rule| !rule.is_empty()).collect();
            let found: BTreeSet<&str> = rules(&written).into_iter().collect();
            assert_eq!(found, listed, "{}\n{:#?}", path.display(), written.diagnostics);
            assert_eq!(wanted == "accepted", written.text.is_some(), "{}", path.display());
            written.text.iter().for_each(|text| drop(intent(text)));
            shown.extend(found);
        }
    }
    // Those of single fields stand with manifests and intents, where they are found too.
    let shared = ["invalid-value", "missing-field", "repeated-name", "unknown-name", "wrong-type"];
    let missing: Vec<&&str> =
        RULES.iter().filter(|rule| !shown.contains(**rule) && !shared.contains(rule)).collect();
    assert!(missing.is_empty(), "no page shows {missing:?}");
}
