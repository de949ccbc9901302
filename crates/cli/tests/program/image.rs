//! The container image, as far as it can be checked without a container engine.

use crate::common::repository_file;
use std::collections::BTreeSet;

/// The instructions of the Dockerfile: a word and what stands behind it.
fn instructions() -> Vec<(String, String)> {
    let joined = repository_file("Dockerfile").replace("\\\n", " ");
    let lines = joined.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| line.split_once(' ').unwrap())
        .map(|(word, rest)| (word.to_owned(), rest.to_owned()))
        .collect()
}

#[test]
fn the_last_stage_holds_a_program_that_runs_as_nobody() {
    let all = instructions();
    let last = all.iter().rposition(|(word, _)| word == "FROM").unwrap();
    assert_eq!(all[last].1, "scratch");
    let of = |wanted: &str| -> Vec<&str> {
        all[last..].iter().filter(|(word, _)| word == wanted).map(|(_, rest)| rest.as_str()).collect()
    };
    // By number: there is no file in which a name could be looked up, and Kubernetes wants to see that it is not 0.
    assert_eq!(of("USER"), ["65532:65532"]);
    let entry: Vec<String> = serde_json::from_str(of("ENTRYPOINT")[0]).unwrap();
    let copied: BTreeSet<&str> = of("COPY").iter().filter_map(|copy| copy.split(' ').next_back()).collect();
    assert!(copied.contains(entry[0].as_str()), "{entry:?} {copied:?}");
}

#[test]
fn the_image_is_built_by_the_rust_that_the_workspace_asks_for() {
    let manifest: toml::Table = repository_file("Cargo.toml").parse().unwrap();
    let version = manifest["workspace"]["package"]["rust-version"].as_str().unwrap();
    assert_eq!(instructions()[0], ("FROM".to_owned(), format!("rust:{version}-alpine AS build")));
}

/// Cargo reads the manifest of every member, also where it builds one of them.
#[test]
fn every_member_of_the_workspace_is_sent_to_the_build() {
    let ignore = repository_file(".dockerignore");
    let sent: BTreeSet<&str> = ignore.lines().filter_map(|line| line.strip_prefix('!')).collect();
    assert!(ignore.lines().any(|line| line == "*"));
    let manifest: toml::Table = repository_file("Cargo.toml").parse().unwrap();
    let members = manifest["workspace"]["members"].as_array().unwrap();
    let tops = members.iter().filter_map(|member| member.as_str()?.split('/').next());
    let missing: Vec<&str> =
        tops.chain(["Cargo.toml", "Cargo.lock"]).filter(|top| !sent.contains(top)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
