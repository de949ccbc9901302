//! The pages of the rules: each has the fixed headings, its cases are well formed, and every name that the code emits
//! has one.

use super::Problem;
use crate::repository::Repository;
use std::collections::BTreeSet;

/// The headings of a page below its title, in order.
const HEADINGS: [&str; 4] = ["What it finds", "Why it matters", "How to fix it", "Examples"];

/// The profiles that a case may choose, before any settings: `cilium,cidr-match=pods`.
const PROFILES: [&str; 8] = [
    "conservative",
    "calico",
    "cilium",
    "kube-router",
    "antrea",
    "kube-network-policies",
    "none",
    "declared",
];

/// The keys of an expectation behind which rules stand that are found.
const LISTS: [&str; 5] = ["assumptions", "blind-spots", "breaches", "diagnostics", "steps"];

pub(super) fn check(repository: &Repository) -> Vec<Problem> {
    let pages: Vec<Page> = repository
        .with_ending(".md")
        .filter_map(|(file, text)| {
            let name = file.strip_prefix("rules/")?.strip_suffix(".md").filter(|name| *name != "README")?;
            Some(Page { file, name, text })
        })
        .collect();
    let names: BTreeSet<&str> = pages.iter().map(|page| page.name).collect();
    let mut problems: Vec<Problem> = pages.iter().flat_map(|page| page.check(&names)).collect();
    for (file, text) in repository.with_ending(".rs").filter(|(file, _)| may_emit(file)) {
        for (line, name) in emitted(file, text) {
            if !names.contains(name) {
                problems.push(Problem::at(
                    file,
                    line,
                    format!("emits the rule `{name}`, which has no page in rules/"),
                ));
            }
        }
    }
    problems
}

struct Page<'a> {
    file: &'a str,
    name: &'a str,
    text: &'a str,
}

impl Page<'_> {
    fn check(&self, names: &BTreeSet<&str>) -> Vec<Problem> {
        let mut problems = self.headings();
        if !is_kebab_case(self.name) {
            problems.push(Problem::in_file(
                self.file,
                "is named otherwise than in lower-case words joined by `-`",
            ));
        }
        let (cases, malformed) = self.cases();
        problems.extend(malformed);
        for case in &cases {
            problems.extend(case.check(self.file, names));
        }
        let shows = |case: &Case| case.findings.iter().any(|(_, name)| *name == self.name);
        if !cases.is_empty() && !cases.iter().any(shows) {
            problems.push(Problem::in_file(self.file, "has no case in which its rule is found"));
        }
        let breaches =
            |case: &Case| case.findings.iter().any(|(key, name)| *key == "breaches" && *name == self.name);
        if cases.iter().any(breaches) && cases.iter().all(shows) {
            problems.push(Problem::in_file(self.file, "has no case in which its rule is mended"));
        }
        problems
    }

    fn headings(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut lines = self.text.lines();
        if lines.next() != Some(&format!("# {}", self.name)) {
            problems.push(Problem::at(self.file, 1, format!("must begin with `# {}`", self.name)));
        }
        if lines.next() != Some("")
            || lines.next().is_none_or(|line| line.is_empty() || line.starts_with('#'))
            || lines.next() != Some("")
        {
            problems.push(Problem::at(self.file, 3, "must say in one line what the rule is about"));
        }
        let headings = unfenced(self.text).filter_map(|(_, line)| line.strip_prefix("## "));
        if !headings.eq(HEADINGS) {
            let expected = HEADINGS.map(|heading| format!("`{heading}`")).join(", ");
            problems.push(Problem::in_file(
                self.file,
                format!("must have the headings {expected}, in this order"),
            ));
        }
        problems
    }

    /// The cases, and the headings below which there is none.
    fn cases(&self) -> (Vec<Case<'_>>, Vec<Problem>) {
        let mut cases = Vec::new();
        let mut problems = Vec::new();
        let titles: Vec<(usize, &str)> = unfenced(self.text)
            .filter_map(|(number, line)| Some((number, line.strip_prefix("### ")?)))
            .collect();
        for (index, &(line, title)) in titles.iter().enumerate() {
            let end = titles.get(index + 1).map_or(usize::MAX, |&(next, _)| next);
            let section: Vec<&str> = self.text.lines().skip(line).take(end - line - 1).collect();
            match Case::read(line, &section) {
                Ok(case) => cases.push(case),
                Err(what) => {
                    problems.push(Problem::at(self.file, line, format!("the case `{title}` {what}")))
                }
            }
        }
        (cases, problems)
    }
}

/// One literate test case: manifests, and what the proof says of them.
struct Case<'a> {
    line: usize,
    /// The key and the value of each line of the expectation.
    expectations: Vec<(&'a str, &'a str)>,
    /// The rules that are expected, each with the key under which it stands.
    findings: Vec<(&'a str, &'a str)>,
}

impl<'a> Case<'a> {
    fn read(line: usize, section: &[&'a str]) -> Result<Self, &'static str> {
        let blocks = fenced_blocks(section);
        let Some((("expect", expectation), manifests)) = blocks.split_last() else {
            return Err("does not end in an `expect` block");
        };
        if manifests.is_empty() || manifests.iter().any(|(info, _)| !["yaml", "json"].contains(info)) {
            return Err(
                "must have one or more `yaml` or `json` blocks and nothing else before its `expect` block",
            );
        }
        let pairs: Option<Vec<_>> = expectation.iter().map(|line| line.split_once(':')).collect();
        let pairs = pairs.ok_or("has an expectation that is not `key: value`")?;
        let expectations: Vec<_> = pairs.into_iter().map(|(key, value)| (key, value.trim())).collect();
        let sets = expectations.iter().filter(|(key, _)| LISTS.contains(key));
        let findings = sets.flat_map(|&(key, list)| split_list(list).map(move |name| (key, name))).collect();
        Ok(Self { line, expectations, findings })
    }

    fn check(&self, file: &str, names: &BTreeSet<&str>) -> Vec<Problem> {
        let mut whats = Vec::new();
        for (index, &(key, value)) in self.expectations.iter().enumerate() {
            let known = match key {
                "verdict" => ["breached", "isolated", "unknown"].contains(&value),
                "profile" => PROFILES.contains(&value.split(',').next().unwrap_or_default()),
                "channel" | "with" => value == "api",
                "strict" => value == "true",
                "not-assumed" => true,
                "intent" | "compiled" | "imported" | "initialised" => {
                    ["accepted", "refused"].contains(&value)
                }
                key => LISTS.contains(&key),
            };
            if !known {
                whats.push(format!("expects `{key}: {value}`, which means nothing"));
            }
            if self.expectations[..index].iter().any(|(earlier, _)| *earlier == key) {
                whats.push(format!("gives `{key}` twice"));
            }
        }
        // A case about an intent, about what one compiles to, or about what one is written from, asks for no proof.
        let of_intents = ["intent", "compiled", "imported", "initialised"];
        let about_an_intent = self.expectations.iter().any(|(key, _)| of_intents.contains(key));
        let needed: &[&str] = if about_an_intent { &["diagnostics"] } else { &["verdict", "breaches"] };
        for needed in needed {
            if !self.expectations.iter().any(|(key, _)| key == needed) {
                whats.push(format!("does not say `{needed}`"));
            }
        }
        for (_, name) in self.findings.iter().filter(|(_, name)| !names.contains(name)) {
            whats.push(format!("expects the rule `{name}`, which has no page"));
        }
        whats.into_iter().map(|what| Problem::at(file, self.line, format!("this case {what}"))).collect()
    }
}

fn split_list(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|name| !name.is_empty())
}

/// The fenced blocks of a piece of Markdown: what stands behind the opening fence, and the lines inside.
fn fenced_blocks<'a>(lines: &[&'a str]) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut blocks = Vec::new();
    let mut open: Option<(&str, Vec<&str>)> = None;
    for line in lines {
        match (line.strip_prefix("```"), open.take()) {
            (Some(info), None) => open = Some((info, Vec::new())),
            (Some(_), Some(block)) => blocks.push(block),
            (None, Some((info, mut inside))) => {
                inside.push(line);
                open = Some((info, inside));
            }
            (None, None) => {}
        }
    }
    blocks.extend(open);
    blocks
}

/// The lines outside fenced blocks, numbered from 1.
fn unfenced(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let fence = line.starts_with("```");
        fenced ^= fence;
        !fence && !fenced
    })
}

fn is_kebab_case(name: &str) -> bool {
    let word =
        |word: &str| !word.is_empty() && word.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    name.split('-').all(word)
}

/// Whether a file is the code, and not a test, of a crate that makes findings. The others only pass them on.
pub(super) fn may_emit(file: &str) -> bool {
    let crates = [
        "crates/admission/src/",
        "crates/kubernetes/src/",
        "crates/ingest/src/",
        "crates/intent/src/",
        "crates/compile/src/",
        "crates/prove/src/",
        "crates/cli/src/",
    ];
    let of_a_channel = file.starts_with("crates/channels/") && file.contains("/src/");
    let is_test = file.ends_with("/tests.rs") || file.contains("/tests/");
    (of_a_channel || crates.iter().any(|folder| file.starts_with(folder))) && !is_test
}

/// The names of rules that a source file emits, with their lines: those that it hands to a diagnostic, a blind spot or a
/// breach by name; those of its list `RULES` and of the constants of a `rules.rs`; and those of a method `rule`, which
/// names the cases of an enumeration. Numbers of the semantics, such as `N35`, are no names of pages.
pub(super) fn emitted<'a>(file: &str, text: &'a str) -> Vec<(usize, &'a str)> {
    const BEFORE: [&str; 3] = ["Diagnostic::error(\"", "Diagnostic::warning(\"", "rule: \""];
    let mut names = Vec::new();
    let mut list_end: Option<String> = None;
    for (number, line) in (1..).zip(text.lines()).take_while(|(_, line)| !line.starts_with("#[cfg(test)]")) {
        let code = line.trim_start();
        if code.starts_with("//") {
            continue;
        }
        let indent = &line[..line.len() - code.len()];
        if code.contains("const RULES:") {
            list_end = Some("];".to_owned());
        } else if code.contains("fn rule(") {
            list_end = Some(format!("{indent}}}"));
        }
        let constant = file.ends_with("/rules.rs") && code.contains("const ") && code.contains(": &str = \"");
        if list_end.is_some() || constant {
            names.extend(line.split('"').skip(1).step_by(2).map(|name| (number, name)));
            if list_end.as_ref().is_some_and(|end| line == end || (end == "];" && line.ends_with("];"))) {
                list_end = None;
            }
            continue;
        }
        for before in BEFORE {
            let rests = line.split(before).skip(1);
            names.extend(rests.filter_map(|rest| Some((number, rest.split_once('"')?.0))));
        }
    }
    names.retain(|(_, name)| is_kebab_case(name));
    names
}

#[cfg(test)]
mod tests;
