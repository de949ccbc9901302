//! The pages in `rules/` are tests: each `expect` block says what the manifests before it, under the same heading, are
//! answered with. Every breach that they show replays in the plain evaluator.

#![expect(clippy::disallowed_methods, reason = "a test that reads the pages where they are")]

#[path = "../../channels/network/tests/support/plain.rs"]
mod plain;

use plain::plain;
use std::collections::BTreeSet;
use std::path::PathBuf;
use watertight_api::{Access, SUPPORTED, bootstrap};
use watertight_base::Source;
use watertight_ingest::{Options, read};
use watertight_model::{Breach, Channel};
use watertight_network::Profile;
use watertight_oracle::{PolicySet, replay};
use watertight_prove::{Question, admission_diagnostics, prove};

/// One literate case.
#[derive(Debug, Default, Clone)]
struct Case {
    page: String,
    heading: String,
    manifests: Vec<String>,
    expect: String,
}

/// A binding that every server makes by itself, so that a case about rights need not show one.
const OF_EVERY_SERVER: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: 'system:basic-user', uid: 5f2c9f0e-6d3f-4f7a-9f55-0a2f3d1c7b11}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: 'system:basic-user'}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: 'system:authenticated'}]
";

impl Case {
    /// The value behind `key:` in the `expect` block, if it is there.
    fn expected(&self, key: &str) -> Option<&str> {
        self.expect.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':')).map(str::trim)
    }

    /// The names behind `key:`. What a page does not list is not there: an answer has no more to say than it shows.
    fn expected_set(&self, key: &str) -> BTreeSet<String> {
        let list = self.expected(key).unwrap_or_default().split(',').map(str::trim);
        list.filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    /// Where the answer differs from what the page says.
    fn differences(&self) -> Vec<String> {
        let source = |(index, text): (usize, &String)| Source {
            name: format!("{index}.yaml"),
            bytes: text.clone().into_bytes(),
        };
        let mut sources: Vec<Source> = self.manifests.iter().enumerate().map(source).collect();
        if self.page != "rights-not-seen" {
            sources.push(Source { name: "server.yaml".to_owned(), bytes: OF_EVERY_SERVER.as_bytes().into() });
        }
        let ingested = read(&sources, &Options { default_namespace: "default".into(), values: true });
        let profile = match Profile::parse(self.expected("profile").unwrap_or("conservative")) {
            Ok(profile) => profile,
            Err(error) => return vec![error.to_string()],
        };
        let named = self.expected("channel").unwrap_or("network");
        let channel = Channel::ALL.into_iter().find(|channel| channel.name() == named);
        let with_api = (self.expected("with") == Some("api")).then_some(Channel::Api);
        let asked: BTreeSet<Channel> = channel.into_iter().chain(with_api).collect();
        let question = Question {
            profile,
            channels: asked.into_iter().collect(),
            strict: self.expected("strict") == Some("true"),
            ..Question::between("staging", "production")
        };
        let report = match prove(&ingested.snapshot, &question) {
            Ok(report) => report,
            Err(error) => return vec![format!("no answer: {error}")],
        };
        let boundary = &report.boundaries[0];
        let Some(channel) = boundary.channels.iter().find(|examined| Some(examined.channel) == channel)
        else {
            return vec![format!("the channel {named} is not examined")];
        };
        let names = |rules: Vec<&str>| rules.into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
        // What is a blind spot is a diagnostic too; that needs no second saying.
        let seen = |rule: &str| !channel.blind_spots.iter().any(|spot| spot.rule == rule);
        let access = Access::new(&ingested.snapshot, bootstrap(*SUPPORTED.end()));
        let of_access = if channel.channel == Channel::Api { access.findings() } else { Vec::new() };
        let of_admission = admission_diagnostics(&ingested.snapshot);
        let diagnostics = ingested.diagnostics.iter().chain(&of_access).chain(&of_admission);
        let diagnostics = diagnostics.map(|diagnostic| diagnostic.rule);
        let found = [
            ("breaches", names(channel.breaches.iter().map(|breach| breach.rule).collect())),
            ("blind-spots", names(channel.blind_spots.iter().map(|spot| spot.rule).collect())),
            ("diagnostics", names(diagnostics.filter(|rule| seen(rule)).collect())),
        ];
        let mut differences = Vec::new();
        let steps = channel.breaches.iter().flat_map(|breach| &breach.steps);
        let steps = names(steps.map(|step| step.rule).collect());
        for rule in self.expected_set("steps").difference(&steps) {
            differences.push(format!("no step is by {rule}"));
        }
        let is_assumed = |id: &String| channel.assumptions.iter().any(|assumption| assumption.id == *id);
        for id in self.expected_set("assumptions").iter().filter(|id| !is_assumed(id)) {
            differences.push(format!("{id} is not assumed"));
        }
        for id in self.expected_set("not-assumed").iter().filter(|id| is_assumed(id)) {
            differences.push(format!("{id} is assumed"));
        }
        // What the API opens is replayed where the player is.
        let of_network = |breach: &&Breach| breach.steps.iter().all(|step| step.channel == Channel::Network);
        for breach in channel.breaches.iter().filter(of_network) {
            if let Err(why) = replay(&ingested.snapshot, plain(&profile), &PolicySet::all(), breach) {
                differences.push(format!("{} does not replay: {why}", breach.rule));
            }
        }
        let verdict = channel.verdict.name();
        if self.expected("verdict") != Some(verdict) {
            differences.push(format!("the verdict is {verdict}"));
        }
        for (key, found) in found {
            let expected = self.expected_set(key);
            if expected != found {
                differences.push(format!("{key}: expected {expected:?}, found {found:?}"));
            }
        }
        differences
    }
}

fn cases(page: &str, text: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut case = Case { page: page.to_owned(), ..Case::default() };
    let mut fence: Option<(String, String)> = None;
    for line in text.lines() {
        match (&mut fence, line) {
            (None, line) if line.starts_with("### ") => {
                case = Case { page: page.to_owned(), heading: line[4..].to_owned(), ..Case::default() };
            }
            (None, line) => {
                if let Some(language) = line.strip_prefix("```") {
                    fence = Some((language.to_owned(), String::new()));
                }
            }
            (Some((language, body)), "```") => {
                match language.as_str() {
                    "yaml" | "json" => case.manifests.push(std::mem::take(body)),
                    "expect" => {
                        case.expect = std::mem::take(body);
                        cases.push(case.clone());
                    }
                    _ => {}
                }
                fence = None;
            }
            (Some((_, body)), line) => {
                body.push_str(line);
                body.push('\n');
            }
        }
    }
    cases
}

#[test]
fn every_case_in_the_rule_pages_holds() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let mut pages: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    let mut checked = 0;
    let mut failures = Vec::new();
    for path in pages.iter().filter(|path| path.extension().is_some_and(|extension| extension == "md")) {
        let page = path.file_stem().unwrap().to_string_lossy().into_owned();
        for case in cases(&page, &std::fs::read_to_string(path).unwrap()) {
            // What is said of intents is asked where they are read, compiled and written.
            let of_intents = ["intent", "compiled", "imported", "initialised"];
            if of_intents.iter().any(|key| case.expected(key).is_some()) {
                continue;
            }
            checked += 1;
            let differences = case.differences();
            if !differences.is_empty() {
                failures.push(format!(
                    "rules/{}.md, {}:\n  {}",
                    case.page,
                    case.heading,
                    differences.join("\n  ")
                ));
            }
        }
    }
    assert!(checked > 20, "only {checked} cases were found");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
