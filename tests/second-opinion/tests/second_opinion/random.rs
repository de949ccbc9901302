//! Random small clusters: the same seeds in every run.

use crate::analyser::Analyser;
use crate::differences::DIFFERENCES;
use crate::{compare, limits, ours};
use std::collections::BTreeMap;
use watertight_oracle::generate::{self, Size};
use watertight_oracle::manifests;

/// How many clusters are compared, those of the first seeds.
const CLUSTERS: u64 = 1000;

#[test]
fn both_programs_say_the_same_of_random_clusters() {
    let Some(analyser) = Analyser::installed() else { return };
    let yamls: Vec<String> = (0..CLUSTERS)
        .map(|seed| {
            // Neither `declared` nor the other program looks at nodes.
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
        let plain = ours::answer(&snapshot);
        let mut as_they_read_it = snapshot.clone();
        for difference in DIFFERENCES {
            let mut apart = snapshot.clone();
            (difference.apply)(&mut apart);
            (difference.apply)(&mut as_they_read_it);
            if ours::answer(&apart) != plain {
                met.entry(difference.rule).and_modify(|count| *count += 1);
            }
        }
        let disagreements = compare::disagreements(&ours::answer(&as_they_read_it), &theirs);
        assert!(disagreements.is_empty(), "seed {seed}:\n{}\n\n{yaml}", disagreements.join("\n"));
        mixed += u32::from(compare::says_yes_and_no(&theirs));
    }
    println!("{CLUSTERS} clusters compared, {mixed} of them mixed; listed differences met: {met:?}");
    assert!(met.values().all(|&count| count > 0), "a listed difference was never met: {met:?}");
    assert!(
        u64::from(mixed) > CLUSTERS / 2,
        "in all but {mixed} clusters everything passes, or nothing does"
    );
}
