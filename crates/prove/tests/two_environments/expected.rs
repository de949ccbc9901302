//! The breaches that a stack is expected to have, each with the reason why it is true, as a page lists them.

use std::collections::BTreeMap;
use std::path::Path;
use watertight_model::{Breach, Channel};

/// Where the list begins and ends on its page.
const FENCE: [&str; 2] = ["```breaches", "```"];

/// A breach as a page names it: its channel, its rule, and the binding that grants it or else what it is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    channel: &'static str,
    rule: String,
    about: String,
}

/// What is expected, with the reasons.
type Expected = BTreeMap<String, String>;

impl Found {
    pub(crate) fn of(channel: Channel, breach: &Breach) -> Self {
        let mut objects =
            breach.steps.iter().rev().flat_map(|step| &step.because).map(|because| &because.object);
        let binding = objects.find(|object| object.kind.ends_with("RoleBinding"));
        let binding = binding.filter(|_| channel == Channel::Api).map(ToString::to_string);
        let about = binding.unwrap_or_else(|| breach.message.clone());
        Self { channel: channel.name(), rule: breach.rule.to_owned(), about }
    }

    fn key(&self) -> String {
        format!("{} | {} | {}", self.channel, self.rule, self.about)
    }
}

/// Checks that a page lists just what was found, each with a reason. With `UPDATE` in the environment, the page is
/// rewritten first: reasons stay with what they are about, and what is new has none.
pub(crate) fn holds(page: &Path, found: &[Found]) {
    let keys: Vec<String> = found.iter().map(Found::key).collect();
    if std::env::var_os("UPDATE").is_some() {
        update(page, &keys);
    }
    let expected = read(page);
    let missing: Vec<&String> = keys.iter().filter(|key| !expected.contains_key(*key)).collect();
    assert!(missing.is_empty(), "{} does not list {missing:#?}", page.display());
    let gone: Vec<&String> = expected.keys().filter(|key| !keys.contains(key)).collect();
    assert!(gone.is_empty(), "{} lists what is no breach {gone:#?}", page.display());
    let without: Vec<_> =
        expected.iter().filter(|(_, reason)| reason.is_empty()).map(|(key, _)| key).collect();
    assert!(without.is_empty(), "{} does not say why this is true {without:#?}", page.display());
}

fn read(page: &Path) -> Expected {
    let text = std::fs::read_to_string(page).unwrap_or_default();
    let lines =
        text.lines().skip_while(|line| *line != FENCE[0]).skip(1).take_while(|line| *line != FENCE[1]);
    let entry = |line: &str| {
        let (key, reason) = line.rsplit_once(" |").unwrap();
        (key.to_owned(), reason.trim().to_owned())
    };
    lines.map(entry).collect()
}

fn update(page: &Path, keys: &[String]) {
    let reasons = read(page);
    let text = std::fs::read_to_string(page).unwrap_or_else(|_| format!("{}\n{}\n", FENCE[0], FENCE[1]));
    let (before, rest) = text.split_once(FENCE[0]).unwrap();
    let (_, after) = rest.split_once("\n```").unwrap();
    let mut keys = keys.to_vec();
    keys.sort();
    keys.dedup();
    let line = |key: &String| {
        let known = reasons.get(key).filter(|reason| !reason.is_empty());
        let reason = known.map_or(String::new(), |reason| format!(" {reason}"));
        format!("{key} |{reason}\n")
    };
    let lines: String = keys.iter().map(line).collect();
    std::fs::write(page, format!("{before}{}\n{lines}{}{after}", FENCE[0], FENCE[1])).unwrap();
}
