//! `DIFFERENCES.md` as a test: each section's cluster is given to both programs, and each row of its table holds.

use crate::analyser::Analyser;
use crate::answer::{Answer, End};
use crate::compare::workload;
use crate::differences::DIFFERENCES;
use crate::{limits, ours};

const PAGE: &str = include_str!("../../DIFFERENCES.md");

/// One `##` section.
struct Section<'a> {
    /// `N12: …`.
    title: &'a str,
    yaml: String,
    /// `from`, `to`, what we say, what they say.
    rows: Vec<[&'a str; 4]>,
}

#[test]
fn every_listed_difference_is_one() {
    let sections = sections();
    let Some(analyser) = Analyser::installed() else { return };
    let yamls: Vec<String> = sections.iter().map(|section| section.yaml.clone()).collect();
    for (section, theirs) in sections.iter().zip(analyser.analyse("listed", &yamls)) {
        let Section { title, yaml, rows } = section;
        let ours = ours::answer(&ours::read(yaml));
        assert!(!rows.is_empty(), "{title}: no row");
        for &[from, to, we_say, they_say] in rows {
            let said = match &theirs {
                Err(_) => "refuses".to_owned(),
                Ok(theirs) => ask(theirs, from, to),
            };
            assert_eq!(
                (ask(&ours, from, to).as_str(), said.as_str()),
                (we_say, they_say),
                "{title}: {from} → {to}"
            );
            assert_ne!(we_say, they_say, "{title}: {from} → {to}: this is no difference");
        }
    }
}

#[test]
fn every_edit_and_every_limit_is_listed() {
    let sections = sections();
    for rule in DIFFERENCES.iter().map(|difference| difference.rule).chain(limits::RULES) {
        let prefix = format!("{rule}: ");
        assert!(sections.iter().any(|section| section.title.starts_with(&prefix)), "{rule} has no section");
    }
}

/// What an answer says of the first pod of each workload, or of an address.
fn ask(answer: &Answer, from: &str, to: &str) -> String {
    let [from, to] = [from, to].map(|name| match name.parse() {
        Ok(address) => End::Outside(address),
        Err(_) => {
            let is_meant = |pod: &&String| pod.as_str() == name || workload(pod) == name;
            End::Pod(answer.pods.iter().find(is_meant).unwrap_or_else(|| panic!("nobody sees `{name}`")))
        }
    });
    answer.allowed(from, to).to_string()
}

fn sections() -> Vec<Section<'static>> {
    PAGE.split("\n## ").skip(1).map(section).collect()
}

fn section(text: &str) -> Section<'_> {
    let title = text.lines().next().unwrap_or_default();
    let (_, rest) = text.split_once("```yaml\n").unwrap_or_else(|| panic!("{title}: no YAML"));
    let (yaml, rest) = rest.split_once("```\n").unwrap_or_else(|| panic!("{title}: the YAML does not end"));
    let rows = rest.lines().filter(|line| line.starts_with('|')).skip(2).map(|line| {
        let cells: Vec<&str> =
            line.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        cells.try_into().unwrap_or_else(|_| panic!("{title}: a row has four cells: {line}"))
    });
    Section { title, yaml: yaml.to_owned(), rows: rows.collect() }
}
