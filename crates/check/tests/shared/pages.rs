//! The cases of the rule pages that are about the api channel.

use crate::compare::ask;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use watertight_base::Source;
use watertight_ingest::{Options, read};
use watertight_model::Verdict;

/// A binding that every server makes by itself, so that a case about rights need not show one.
const OF_EVERY_SERVER: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: 'system:basic-user', uid: 5f2c9f0e-6d3f-4f7a-9f55-0a2f3d1c7b11}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: 'system:basic-user'}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: 'system:authenticated'}]
";

/// The manifests of each case of a page that ask about the api channel.
fn cases(page: &str) -> Vec<Vec<Source>> {
    let mut cases = Vec::new();
    let mut texts: Vec<String> = Vec::new();
    let mut fence: Option<(String, String)> = None;
    for line in page.lines() {
        match (&mut fence, line) {
            (None, line) if line.starts_with("### ") => texts.clear(),
            (None, line) => {
                fence = line.strip_prefix("```").map(|language| (language.to_owned(), String::new()));
            }
            (Some((language, body)), "```") => {
                if ["yaml", "json"].contains(&language.as_str()) {
                    texts.push(body.clone());
                } else if language == "expect" && body.contains("channel: api") {
                    let texts = texts.iter().cloned().chain([OF_EVERY_SERVER.to_owned()]);
                    let source = |(number, text): (usize, String)| Source {
                        name: number.to_string(),
                        bytes: text.into(),
                    };
                    cases.push(texts.enumerate().map(source).collect());
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
fn in_the_cases_of_the_rule_pages_both_say_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let mut pages: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    let mut shared: BTreeMap<String, usize> = BTreeMap::new();
    let mut isolated = 0;
    for path in pages.iter().filter(|path| path.extension().is_some_and(|ending| ending == "md")) {
        for (number, sources) in cases(&std::fs::read_to_string(path).unwrap()).iter().enumerate() {
            let options = Options { values: true, ..Options::default() };
            let Some(said) = ask(&read(sources, &options).snapshot) else { continue };
            said.agree(&format!("{} {number}", path.display()));
            isolated += usize::from(said.verdict == Verdict::Isolated);
            let rule = said.engine.as_ref().and_then(|engine| engine.split(':').next());
            let rule = rule.or(said.is_rewritten.then_some("rewritten-on-apply"));
            *shared.entry(rule.unwrap_or_default().to_owned()).or_default() += 1;
        }
    }
    for rule in [
        "",
        "api-served-by-staging",
        "conversion-served-by-staging",
        "extension-cut-off",
        "held-token",
        "login-to-production",
        "open-ingress-nginx",
        "production-credential-in-staging",
        "rewritten-on-apply",
        "same-cloud-identity",
        "same-credential",
        "staging-granted",
        "taken-address",
        "taken-host",
        "webhook-served-by-staging",
    ] {
        assert!(shared.contains_key(rule), "`{rule}` is in no case: {shared:?}");
    }
    assert!(isolated >= 30, "{isolated} are isolated");
}
