//! The two example shops keep what their pages promise.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the manifests are files, and a test fails without them"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use watertight_base::Source;
use watertight_ingest::{Options, read};
use watertight_model::{Boundary, Channel, Verdict, When};
use watertight_network::Profile;
use watertight_prove::{Question, prove};

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name)
}

/// The manifests of a folder and of all below it.
fn manifests(folder: &Path, sources: &mut Vec<Source>) {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            manifests(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            let bytes = std::fs::read(&path).unwrap();
            sources.push(Source { name: path.display().to_string(), bytes });
        }
    }
}

/// The boundary from staging to production in a shop whose manifests are all in order.
fn boundary(name: &str, profile: Profile) -> Boundary {
    with_channels(name, profile, &[Channel::Network])
}

fn with_channels(name: &str, profile: Profile, channels: &[Channel]) -> Boundary {
    let mut sources = Vec::new();
    manifests(&example(name), &mut sources);
    let ingested = read(&sources, &Options { default_namespace: "default".to_owned(), values: false });
    assert_eq!(ingested.diagnostics, [], "{name}");
    let question =
        Question { profile, channels: channels.to_vec(), ..Question::between("staging", "production") };
    prove(&ingested.snapshot, &question).unwrap().boundaries.remove(0)
}

#[test]
fn the_leaky_shop_has_just_the_eight_leaks_of_its_page() {
    let boundary = boundary("shop-leaky", Profile::CONSERVATIVE);
    assert_eq!(boundary.verdict, Verdict::Breached);
    let breaches: Vec<_> = boundary.channels.iter().flat_map(|channel| &channel.breaches).collect();
    let rules: BTreeSet<&str> = breaches.iter().map(|breach| breach.rule).collect();
    assert_eq!(breaches.len(), 8);
    // What needs an object of staging's own to be carried through.
    let possible = breaches.iter().filter(|breach| breach.when == When::Possible).map(|breach| breach.rule);
    assert_eq!(possible.collect::<Vec<_>>(), ["shared-proxy"]);

    let page = page();
    let (network, _) = page.split_once("The network is not all.").unwrap();
    assert_eq!(rules, promised(network));
}

fn page() -> String {
    std::fs::read_to_string(example("shop-leaky").join("README.md")).unwrap()
}

/// The rules that a table of the page names.
fn promised(table: &str) -> BTreeSet<&str> {
    let rows = table.lines().filter_map(|line| line.strip_prefix("| [`")?.split_once('`'));
    rows.map(|(rule, _)| rule).collect()
}

#[test]
fn the_leaky_shop_has_just_the_rights_of_its_page() {
    let boundary = with_channels("shop-leaky", Profile::CONSERVATIVE, &[]);
    let api = boundary.channels.iter().find(|channel| channel.channel == Channel::Api).unwrap();
    let rules: BTreeSet<&str> = api.breaches.iter().map(|breach| breach.rule).collect();
    assert_eq!(api.breaches.len(), rules.len());
    let page = page();
    let (_, rights) = page.split_once("The network is not all.").unwrap();
    assert_eq!(rules, promised(rights));
}

#[test]
fn nobody_of_staging_has_a_right_in_the_watertight_shop() {
    let boundary = with_channels("shop-watertight", Profile::CONSERVATIVE, &[]);
    let verdicts: Vec<_> =
        boundary.channels.iter().map(|channel| (channel.channel, channel.verdict)).collect();
    assert_eq!(verdicts, [(Channel::Network, Verdict::Isolated), (Channel::Api, Verdict::Isolated)]);
}

#[test]
fn the_watertight_shop_is_isolated_although_it_is_published() {
    let boundary = boundary("shop-watertight", Profile::CONSERVATIVE);
    assert_eq!(boundary.verdict, Verdict::Isolated);
    let published: Vec<_> = boundary.channels.iter().flat_map(|channel| &channel.public).collect();
    assert_eq!(published.len(), 2);
}

#[test]
fn the_watertight_shop_is_isolated_on_every_network_plugin() {
    for profile in Profile::ENFORCERS {
        assert_eq!(boundary("shop-watertight", profile).verdict, Verdict::Isolated, "{}", profile.name);
    }
}

#[test]
fn the_watertight_shop_leaks_where_nothing_enforces_policies() {
    assert_eq!(boundary("shop-watertight", Profile::NONE).verdict, Verdict::Breached);
}
