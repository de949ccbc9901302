//! The cases of the rule pages and the examples: what is isolated there is accepted, and nothing else.

#![expect(clippy::disallowed_methods, reason = "a test that reads the pages where they are")]

use crate::common::{answer_about, checked_against, forged_about};
use crate::rights;
use std::path::{Path, PathBuf};
use watertight_base::Source;
use watertight_model::{Channel, Verdict};
use watertight_network::Profile;
use watertight_prove::Question;

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

pub(crate) fn files(folder: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(repository(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// The manifests of each case, with what is expected of them.
pub(crate) fn cases(page: &str) -> Vec<(Vec<Source>, String)> {
    let mut cases = Vec::new();
    let mut manifests: Vec<Source> = Vec::new();
    let mut fence: Option<(String, String)> = None;
    for line in page.lines() {
        match (&mut fence, line) {
            (None, line) if line.starts_with("### ") => manifests.clear(),
            (None, line) => {
                fence = line.strip_prefix("```").map(|language| (language.to_owned(), String::new()));
            }
            (Some((language, body)), "```") => {
                match language.as_str() {
                    "yaml" | "json" => manifests.push(Source {
                        name: format!("{}.yaml", manifests.len()),
                        bytes: std::mem::take(body).into_bytes(),
                    }),
                    "expect" => cases.push((manifests.clone(), std::mem::take(body))),
                    _ => {}
                }
                fence = None;
            }
            (Some((_, body)), line) => body.push_str(&format!("{line}\n")),
        }
    }
    cases
}

/// Whether the cluster is isolated, where the checker is held to the same.
fn agrees(sources: &[Source], profile: Profile, what: &str) -> Option<bool> {
    let (report, certificate) = answer_about(sources, profile)?;
    let isolated = report.boundaries[0].verdict == Verdict::Isolated;
    if let Some(certificate) = certificate {
        let answer = checked_against(&certificate, sources);
        assert!(answer.is_ok(), "{what}: {answer:?}\n{certificate}");
    }
    if let Some(forged) = forged_about(sources, profile) {
        let answer = checked_against(&forged, sources);
        assert!(answer.is_err() || isolated, "{what}: accepted\n{forged}");
    }
    Some(isolated)
}

#[test]
fn what_the_rule_pages_call_isolated_is_accepted_and_nothing_else() {
    let (mut isolated, mut other) = (0, 0);
    for path in files("rules").iter().filter(|path| path.extension().is_some_and(|ending| ending == "md")) {
        for (number, (sources, expect)) in cases(&std::fs::read_to_string(path).unwrap()).iter().enumerate() {
            let named = expect.lines().find_map(|line| line.strip_prefix("profile:")).map(str::trim);
            let profile = Profile::parse(named.unwrap_or("conservative")).unwrap();
            match agrees(sources, profile, &format!("{} {number}", path.display())) {
                Some(true) => isolated += 1,
                Some(false) => other += 1,
                None => {}
            }
        }
    }
    assert!(isolated > 20 && other > 60, "{isolated} isolated, {other} not");
}

/// A binding that every server makes by itself, so that a case about rights need not show one.
pub(crate) const OF_EVERY_SERVER: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: 'system:basic-user', uid: 5f2c9f0e-6d3f-4f7a-9f55-0a2f3d1c7b11}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: 'system:basic-user'}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: 'system:authenticated'}]
";

/// The same of rights, alone or with the network.
fn agrees_on_rights(sources: &[Source], channels: &[Channel], what: &str) -> Option<Verdict> {
    let question = Question { channels: channels.to_vec(), ..Question::between("staging", "production") };
    let (report, certificate) = rights::answer_about(sources, &question)?;
    let boundary = &report.boundaries[0];
    if let Some(certificate) = certificate {
        let answer = checked_against(&certificate, sources);
        assert!(answer.is_ok(), "{what}: {answer:?}\n{certificate}");
    } else {
        let mut spots = boundary.channels.iter().flat_map(|channel| &channel.blind_spots);
        let without = spots.find(|spot| spot.reason.starts_with("no certificate can be written"));
        assert_eq!(without, None, "{what}: isolated without a certificate");
    }
    if boundary.verdict == Verdict::Breached
        && let Some(forged) = rights::forged_about(sources, &question)
    {
        let answer = checked_against(&forged, sources);
        assert!(answer.is_err(), "{what}: accepted\n{forged}");
    }
    Some(boundary.verdict)
}

#[test]
fn what_the_pages_about_rights_call_isolated_is_accepted_and_nothing_else() {
    let (mut isolated, mut breached) = (0, 0);
    for path in files("rules").iter().filter(|path| path.extension().is_some_and(|ending| ending == "md")) {
        for (number, (mut sources, expect)) in
            cases(&std::fs::read_to_string(path).unwrap()).into_iter().enumerate()
        {
            if !expect.contains("channel: api") && !expect.contains("with: api") {
                continue;
            }
            sources.push(Source { name: "server.yaml".to_owned(), bytes: OF_EVERY_SERVER.into() });
            for channels in [&[Channel::Api][..], &[Channel::Network, Channel::Api]] {
                match agrees_on_rights(&sources, channels, &format!("{} {number}", path.display())) {
                    Some(Verdict::Isolated) => isolated += 1,
                    Some(Verdict::Breached) => breached += 1,
                    _ => {}
                }
            }
        }
    }
    assert!(isolated > 50 && breached > 100, "{isolated} isolated, {breached} breached");
}

#[test]
fn the_examples_are_what_their_names_say() {
    for (example, isolated) in [("shop-watertight", true), ("shop-leaky", false)] {
        let folders = files(&format!("examples/{example}")).into_iter().filter(|path| path.is_dir());
        let manifests = folders.flat_map(|folder| files(&folder.display().to_string()));
        let manifests = manifests.filter(|path| path.extension().is_some_and(|ending| ending == "yaml"));
        let sources: Vec<Source> = manifests
            .map(|path| Source { name: path.display().to_string(), bytes: std::fs::read(path).unwrap() })
            .collect();
        let verdict = agrees_on_rights(&sources, &[], example);
        assert_eq!(verdict == Some(Verdict::Isolated), isolated, "{example}");
        for profile in Profile::ALL {
            if profile != Profile::NONE {
                assert_eq!(agrees(&sources, profile, example), Some(isolated), "{example}, {}", profile.name);
            }
        }
    }
}
