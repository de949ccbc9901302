//! A second opinion: network-config-analyzer, another project's analyser of NetworkPolicies, must say of the same YAML
//! what the network channel says under the profile `declared`, but for the differences that `DIFFERENCES.md` lists.
#![expect(
    clippy::disallowed_methods,
    reason = "it runs another program on files, and the environment says where"
)]

mod analyser;
mod answer;
mod compare;
mod differences;
mod limits;
mod ours;

use analyser::Analyser;
use differences::DIFFERENCES;
use std::collections::BTreeMap;
use watertight_oracle::generate::{self, Size};
use watertight_oracle::manifests;

/// How many random clusters are compared, those of the first seeds.
const CLUSTERS: u64 = 300;

#[test]
fn both_programs_say_the_same_of_random_clusters() {
    let Some(analyser) = Analyser::installed() else { return };
    let yamls: Vec<String> = (0..CLUSTERS)
        .map(|seed| {
            let mut snapshot = generate::snapshot(seed, Size { nodes: 0, ..Size::default() });
            limits::keep_within(&mut snapshot);
            manifests::to_yaml(&snapshot)
        })
        .collect();
    let answers = analyser.analyse("random", &yamls);
    let mut met: BTreeMap<&str, u32> = DIFFERENCES.iter().map(|difference| (difference.rule, 0)).collect();
    let mut mixed = 0;
    for (seed, (yaml, theirs)) in yamls.iter().zip(answers).enumerate() {
        let theirs = theirs.unwrap_or_else(|why| panic!("seed {seed}: it refuses the input: {why}\n{yaml}"));
        let snapshot = ours::read(yaml);
        let mut as_they_read_it = snapshot.clone();
        for difference in DIFFERENCES {
            let mut apart = snapshot.clone();
            (difference.apply)(&mut apart);
            (difference.apply)(&mut as_they_read_it);
            if ours::answer(&apart) != ours::answer(&snapshot) {
                met.entry(difference.rule).and_modify(|count| *count += 1);
            }
        }
        let ours = ours::answer(&as_they_read_it);
        let disagreements = compare::disagreements(&ours, &theirs);
        assert!(disagreements.is_empty(), "seed {seed}:\n{}\n\n{yaml}", disagreements.join("\n"));
        mixed += u32::from(compare::says_yes_and_no(&theirs));
    }
    println!("{CLUSTERS} clusters compared; listed differences met: {met:?}");
    assert!(met.values().all(|&count| count > 0), "a listed difference was never met: {met:?}");
    assert!(
        u64::from(mixed) > CLUSTERS / 2,
        "in all but {mixed} clusters everything passes, or nothing does"
    );
}
