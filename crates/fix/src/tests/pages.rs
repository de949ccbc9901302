//! The cases of the pages in `rules/`, repaired: which rules repairs close, and that `docs/fix.md` says so.

#![expect(clippy::disallowed_methods, reason = "the pages are read")]

use super::{applied, asked, fixed, options, verdict};
use crate::judge::breaches;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use watertight_base::Source;
use watertight_ingest::read;
use watertight_model::Report;
use watertight_prove::{Question, prove};

/// How many cases of a page are tried.
const CASES_MAX: usize = 3;

/// A case of a page that shows a breach: its heading, and its blocks as files.
struct Case {
    heading: String,
    sources: Vec<Source>,
}

/// The cases of a page that are breached as they are, by the usual profile.
fn cases(page: &str) -> Vec<Case> {
    let mut all = Vec::new();
    for text in page.split("\n### ").skip(1) {
        let mut sources = Vec::new();
        let mut expected = "";
        for block in text.split("\n```").skip(1).step_by(2) {
            let (sort, content) = block.split_once('\n').unwrap();
            match sort {
                "yaml" | "json" => {
                    let name = format!("{}.{sort}", sources.len());
                    sources.push(Source { name, bytes: format!("{content}\n").into_bytes() });
                }
                "expect" => expected = content,
                other => panic!("a block of {other}"),
            }
        }
        let is_usual = !["profile:", "intent:", "compiled:", "imported:", "initialised:"]
            .iter()
            .any(|key| expected.contains(key));
        if is_usual && expected.contains("verdict: breached") {
            all.push(Case { heading: text.lines().next().unwrap().to_owned(), sources });
        }
    }
    all
}

fn rules(report: &Report) -> BTreeSet<&'static str> {
    breaches(report).into_iter().map(|breach| breach.rule).collect()
}

fn folder(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)
}

/// Of each rule, in how many of the first cases of its page it shows, in how many of them repairs close all of it, and in how
/// many those do that may lose something.
fn closed() -> BTreeMap<&'static str, (usize, usize, usize)> {
    let mut pages: Vec<_> =
        std::fs::read_dir(folder("rules")).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    let question = Question::between("staging", "production");
    let mut counts: BTreeMap<&'static str, (usize, usize, usize)> = BTreeMap::new();
    for page in pages {
        let of_page = page.file_stem().unwrap().to_string_lossy().into_owned();
        let mut shown_here = 0;
        for Case { heading, sources } in cases(&std::fs::read_to_string(&page).unwrap()) {
            let Ok(before) = prove(&read(&sources, &options()).snapshot, &question) else { continue };
            let Some(rule) = rules(&before).into_iter().find(|rule| *rule == of_page) else { continue };
            shown_here += 1;
            if shown_here > CASES_MAX {
                break;
            }
            let closes = |accepts_losses| {
                let fix = asked(&sources, &question, accepts_losses);
                let after = read(&applied(&fix), &options());
                let proved = prove(&after.snapshot, &question).unwrap();
                assert_eq!(verdict(&proved), verdict(&fix.after), "{of_page}: {heading}");
                if !accepts_losses {
                    assert!(fix.repairs.iter().all(|repair| repair.loses.is_empty()), "{of_page}: {heading}");
                }
                usize::from(!rules(&proved).contains(rule))
            };
            let (shown, closed, with_losses) = counts.entry(rule).or_default();
            *shown += 1;
            *closed += closes(false);
            *with_losses += closes(true);
        }
    }
    counts
}

/// The rows of a table below a heading: the rules that its first cells name.
fn listed<'d>(document: &'d str, heading: &str) -> BTreeSet<&'d str> {
    let (_, below) = document.split_once(heading).unwrap();
    let section = below.split("\n## ").next().unwrap();
    let cells = section.lines().filter_map(|line| line.strip_prefix("| [`")?.split(" |").next());
    cells
        .flat_map(|cell| cell.split('`').step_by(2))
        .filter(|name| !name.contains(['[', ']', '|', ' ']))
        .collect()
}

#[test]
fn the_tables_of_repairs_are_what_they_do_on_the_pages() {
    let document = std::fs::read_to_string(folder("docs/fix.md")).unwrap();
    let counts = closed();
    let of = |wanted: &dyn Fn(usize, usize) -> bool| -> BTreeSet<&str> {
        let all = counts.iter().filter(|(_, (shown, closed, _))| wanted(*shown, *closed));
        all.map(|(rule, _)| *rule).collect()
    };
    assert_eq!(listed(&document, "\n## Repaired\n"), of(&|shown, closed| closed == shown));
    assert_eq!(
        listed(&document, "\n## Repaired in part\n"),
        of(&|shown, closed| closed > 0 && closed < shown)
    );
    assert_eq!(listed(&document, "\n## For people\n"), of(&|_, closed| closed == 0));
    let more = counts.iter().filter(|(_, (_, closed, with_losses))| with_losses > closed);
    let whole = |wanted: bool| -> BTreeSet<&str> {
        let all = more.clone().filter(|(_, (shown, _, with_losses))| (shown == with_losses) == wanted);
        all.map(|(rule, _)| *rule).collect()
    };
    assert_eq!(listed(&document, "\n## Repaired with losses\n"), whole(true));
    assert_eq!(listed(&document, "\n## Repaired in part with losses\n"), whole(false));
    assert!(counts.values().all(|(_, closed, with_losses)| with_losses >= closed), "{counts:?}");
}

/// Production needs the proxy too, so that it cannot be kept out: what leads it astray goes.
#[test]
fn an_alias_of_staging_goes() {
    let page = std::fs::read_to_string(folder("rules/shared-proxy.md")).unwrap();
    let case = cases(&page).into_iter().find(|case| case.heading == "An alias is there already").unwrap();
    let needed = "\
apiVersion: v1
kind: Service
metadata: {name: db, namespace: production}
spec: {selector: {app: db}, ports: [{port: 80, targetPort: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: db, namespace: production}
spec:
  rules:
    - host: production.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: db, port: {number: 80}}}}]}
";
    let mut sources = case.sources;
    sources.push(Source { name: "needed.yaml".to_owned(), bytes: needed.as_bytes().to_vec() });
    let question = Question::between("staging", "production");
    let fix = fixed(&sources, &question);
    super::holds(&sources, &fix, &question);
    let of: Vec<(String, bool)> =
        fix.repairs.iter().map(|it| (it.object.to_string(), it.is_removed)).collect();
    assert!(of.contains(&("Service staging/alias".to_owned(), true)), "{of:?} {:#?}", fix.left);
}
