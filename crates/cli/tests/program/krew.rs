//! The template of Krew's manifest: filled in as its bot does, it leads to the archives that the GitHub Action takes.

use crate::common::{repository_file, repository_yaml};
use serde_json::Value;
use std::collections::BTreeMap;

const TAG: &str = "v1.2.3";
const OWNER: &str = "owner";
const REPOSITORY: &str = "watertight";
const DIGEST: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The value of a field of a release in the bot's templates.
fn field(name: &str) -> &'static str {
    match name {
        ".TagName" => TAG,
        ".PluginOwner" => OWNER,
        ".PluginRepo" => REPOSITORY,
        _ => panic!("the bot knows no {name}"),
    }
}

/// What stands in place of an action of the template: a field, or the address of an archive and its digest.
fn action(text: &str) -> String {
    let Some(call) = text.strip_prefix("addURIAndSha ") else { return field(text).to_owned() };
    let (address, tag) = call.strip_prefix("(printf ").unwrap().split_once(") ").unwrap();
    assert_eq!(field(tag), TAG);
    let (format, fields) = address.strip_prefix('"').unwrap().split_once('"').unwrap();
    let mut address = format.to_owned();
    for name in fields.split_whitespace() {
        assert!(address.contains("%s"), "{address}");
        address = address.replacen("%s", field(name), 1);
    }
    assert!(!address.contains('%'), "{address}");
    // The bot's own indentation.
    format!("uri: {address}\n    sha256: {DIGEST}")
}

fn manifest() -> Value {
    let mut filled = String::new();
    let template = repository_file(".krew.yaml");
    let mut parts = template.split("{{");
    filled += parts.next().unwrap();
    for part in parts {
        let (inner, rest) = part.split_once("}}").unwrap();
        filled += &action(inner.trim());
        filled += rest;
    }
    serde_saphyr::from_str(&filled).unwrap()
}

/// The archives that the action takes, by what Krew calls the system and the processor.
fn archives() -> BTreeMap<(String, String), String> {
    let install = repository_yaml("action.yml")["runs"]["steps"][0]["run"].as_str().unwrap().to_owned();
    let rows = install.lines().filter_map(|line| line.trim().strip_suffix(" ;;")?.split_once(") target="));
    let rows = rows.filter_map(|(machine, target)| Some((machine.split_once('-')?, target)));
    rows.map(|((system, processor), target)| {
        let system = match system {
            "macOS" => "darwin".to_owned(),
            other => other.to_lowercase(),
        };
        let processor = if processor == "X64" { "amd64" } else { "arm64" };
        ((system, processor.to_owned()), format!("watertight-{target}.tar.gz"))
    })
    .collect()
}

#[test]
fn each_archive_that_the_action_takes_is_one_that_krew_installs() {
    let manifest = manifest();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut installed = BTreeMap::new();
    for platform in manifest["spec"]["platforms"].as_array().unwrap() {
        let labels = &platform["selector"]["matchLabels"];
        let (system, processor) = (text(&labels["os"]), text(&labels["arch"]));
        assert_eq!(platform["bin"], if system == "windows" { "watertight.exe" } else { "watertight" });
        assert_eq!(platform["sha256"], DIGEST);
        let address = text(&platform["uri"]);
        let (release, archive) = address.rsplit_once('/').unwrap();
        assert_eq!(release, format!("https://github.com/{OWNER}/{REPOSITORY}/releases/download/{TAG}"));
        installed.insert((system, processor), archive.to_owned());
    }
    assert_eq!(installed, archives());
    assert_eq!(installed.len(), 5);
}

#[test]
fn the_plugin_has_the_name_of_the_program_and_what_the_index_asks_for() {
    let manifest = manifest();
    assert_eq!(manifest["apiVersion"], "krew.googlecontainertools.github.com/v1alpha2");
    assert_eq!(manifest["kind"], "Plugin");
    assert_eq!(manifest["metadata"]["name"], env!("CARGO_PKG_NAME"));
    assert_eq!(manifest["spec"]["version"], TAG);
    let short = manifest["spec"]["shortDescription"].as_str().unwrap();
    assert!(short.len() <= 50 && !short.ends_with('.'), "{short}");
    let lines = manifest["spec"]["description"].as_str().unwrap().lines();
    assert!(lines.clone().count() > 1 && lines.clone().all(|line| line.len() <= 80));
}
