//! The cases in `rules/` about what an intent compiles to are tests.
#![expect(clippy::disallowed_methods, reason = "a test that reads the pages where they are")]

use crate::support::compiled_with;
use std::collections::BTreeSet;
use std::path::PathBuf;
use watertight_compile::RULES;

/// A case of a page.
struct Case {
    intent: String,
    /// The files of its applications: each begins with a comment that is its path.
    files: Vec<(String, String)>,
    expected: String,
}

/// The cases of a page. The first block of a case is its intent.
fn cases(page: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    for section in page.split("\n### ").skip(1) {
        let blocks = |fence: &'static str| {
            let rest = section.split(fence).skip(1);
            rest.filter_map(|rest| rest.split_once("\n```").map(|(text, _)| format!("{text}\n")))
        };
        let mut yaml = blocks("```yaml\n");
        let (Some(intent), Some(expected)) = (yaml.next(), blocks("```expect\n").next()) else { continue };
        let path = |text: &str| Some(text.strip_prefix("# ")?.lines().next()?.trim().to_owned());
        let files = yaml.filter_map(|text| Some((path(&text)?, text))).collect();
        cases.push(Case { intent, files, expected });
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
        for Case { intent, files, expected } in cases(&page) {
            let value = |key: &str| expected.lines().find_map(|line| line.strip_prefix(key)).map(str::trim);
            let Some(wanted) = value("compiled:") else { continue };
            let listed = value("diagnostics:").unwrap_or_default().split(", ");
            let listed: BTreeSet<&str> = listed.filter(|rule| !rule.is_empty()).collect();
            let compiled = compiled_with(&intent, &files);
            let found: BTreeSet<&str> = compiled.diagnostics.iter().map(|found| found.rule).collect();
            assert_eq!(found, listed, "{}\n{intent}\n{:#?}", path.display(), compiled.diagnostics);
            assert_eq!(wanted == "refused", compiled.files.is_empty(), "{}\n{intent}", path.display());
            shown.extend(found);
        }
    }
    let missing: Vec<&&str> = RULES.iter().filter(|rule| !shown.contains(**rule)).collect();
    assert!(missing.is_empty(), "no page shows {missing:?}");
}
