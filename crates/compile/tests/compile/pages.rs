//! The cases in `rules/` about what an intent compiles to are tests.
#![expect(clippy::disallowed_methods, reason = "a test that reads the pages where they are")]

use crate::support::compiled;
use std::collections::BTreeSet;
use std::path::PathBuf;
use watertight_compile::RULES;

/// The cases of a page: an intent, and what is expected of it.
fn cases(page: &str) -> Vec<(String, String)> {
    let mut cases = Vec::new();
    for section in page.split("\n### ").skip(1) {
        let block = |fence: &str| {
            let (_, rest) = section.split_once(fence)?;
            rest.split_once("\n```").map(|(text, _)| format!("{text}\n"))
        };
        if let (Some(intent), Some(expected)) = (block("```yaml\n"), block("```expect\n")) {
            cases.push((intent, expected));
        }
    }
    cases
}

#[test]
fn every_case_about_what_is_compiled_holds() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let mut shown: BTreeSet<&str> = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let page = std::fs::read_to_string(&path).unwrap();
        for (text, expected) in cases(&page) {
            let value = |key: &str| expected.lines().find_map(|line| line.strip_prefix(key)).map(str::trim);
            let Some(wanted) = value("compiled:") else { continue };
            let listed = value("diagnostics:").unwrap_or_default().split(", ");
            let listed: BTreeSet<&str> = listed.filter(|rule| !rule.is_empty()).collect();
            let compiled = compiled(&text);
            let found: BTreeSet<&str> = compiled.diagnostics.iter().map(|found| found.rule).collect();
            assert_eq!(found, listed, "{}\n{text}\n{:#?}", path.display(), compiled.diagnostics);
            assert_eq!(wanted == "refused", compiled.files.is_empty(), "{}\n{text}", path.display());
            shown.extend(found);
        }
    }
    let missing: Vec<&&str> = RULES.iter().filter(|rule| !shown.contains(**rule)).collect();
    assert!(missing.is_empty(), "no page shows {missing:?}");
}
