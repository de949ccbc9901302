//! The cases about intents in `rules/` are tests.
#![expect(clippy::disallowed_methods, reason = "a test that reads the pages where they are")]

use crate::support::{intent, rendered, rules};
use std::collections::BTreeSet;
use std::path::PathBuf;
use watertight_intent::RULES;

/// The texts of the fenced blocks of a page, each with what stands behind its fence.
fn blocks(page: &str) -> Vec<(&str, String)> {
    let mut blocks: Vec<(&str, String)> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        match line.strip_prefix("```") {
            Some(_) if inside => inside = false,
            Some(language) => {
                blocks.push((language, String::new()));
                inside = true;
            }
            None if inside => {
                if let Some((_, text)) = blocks.last_mut() {
                    *text += line;
                    text.push('\n');
                }
            }
            None => {}
        }
    }
    blocks
}

#[test]
fn every_case_about_an_intent_holds() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let mut shown: BTreeSet<String> = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let page = std::fs::read_to_string(&path).unwrap();
        for pair in blocks(&page).windows(2) {
            let [("yaml", text), ("expect", expected)] = pair else { continue };
            let value = |key: &str| expected.lines().find_map(|line| line.strip_prefix(key)).map(str::trim);
            let Some(wanted) = value("intent:") else { continue };
            let listed = value("diagnostics:").unwrap_or_default().split(", ");
            let listed: BTreeSet<&str> = listed.filter(|rule| !rule.is_empty()).collect();
            assert_eq!(
                rules(text).into_iter().collect::<BTreeSet<_>>(),
                listed,
                "{}\n{}",
                path.display(),
                rendered(text)
            );
            assert_eq!(wanted == "refused", !listed.is_empty(), "{}", path.display());
            if listed.is_empty() {
                intent(text);
            }
            shown.extend(listed.into_iter().map(str::to_owned));
        }
    }
    // Those of a single field stand with manifests, where they are found too.
    let shared = ["invalid-value", "missing-field", "unknown-field", "wrong-type"];
    let missing: Vec<&&str> =
        RULES.iter().filter(|rule| !shown.contains(**rule) && !shared.contains(*rule)).collect();
    assert!(missing.is_empty(), "no page shows {missing:?}");
}
