//! Random clusters in which both sides have something together, and webhooks of whoever serves them.

use crate::compare::ask;
use std::collections::BTreeMap;
use watertight_base::Source;
use watertight_ingest::{Options, read};
use watertight_model::Verdict;
use watertight_oracle::generate::rbac::Shape;
use watertight_oracle::generate::{self, Size};
use watertight_oracle::manifests::to_yaml;

fn cluster(seed: u64) -> String {
    let size = Size { pods: 2, policies: 0, nodes: 1, ..Size::default() };
    let shape = if seed.is_multiple_of(2) { Shape::Any } else { Shape::Chained };
    let cluster =
        generate::webhooks::add(&generate::rbac::add(&generate::snapshot(seed, size), seed, shape), seed);
    let names: Vec<String> = cluster.namespaces.iter().map(|namespace| namespace.name.clone()).collect();
    to_yaml(&cluster) + &generate::sharing::manifests(seed, &names)
}

#[test]
fn of_random_clusters_both_say_the_same() {
    let mut rules: BTreeMap<String, usize> = BTreeMap::new();
    let mut isolated = 0;
    for seed in 0..200 {
        let text = cluster(seed);
        let source = Source { name: "cluster.yaml".to_owned(), bytes: text.clone().into_bytes() };
        let snapshot = read(&[source], &Options { values: true, ..Options::default() }).snapshot;
        let said = ask(&snapshot).unwrap();
        said.agree(&format!("seed {seed}\n{text}"));
        isolated += usize::from(said.verdict == Verdict::Isolated);
        let rule = said.engine.as_ref().and_then(|engine| engine.split(':').next()).unwrap_or("none");
        *rules.entry(rule.to_owned()).or_default() += 1;
    }
    assert!(rules.len() >= 8 && rules["none"] >= 20 && isolated >= 5, "{isolated} isolated: {rules:?}");
}
