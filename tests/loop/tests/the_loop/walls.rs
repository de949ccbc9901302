//! Every pair of environments that share a cluster is isolated, in both directions, whoever enforces the policies.

use crate::cluster::{Cluster, findings, profiles};
use crate::fleet::Fleet;
use crate::generate::{Exceptions, intent};
use watertight_model::Verdict;

/// How many intents are tried: so many, or as many as `WATERTIGHT_INTENTS` says.
pub(crate) fn seeds(usual: u64) -> std::ops::Range<u64> {
    let asked = std::env::var("WATERTIGHT_INTENTS").ok().and_then(|text| text.parse().ok());
    0..asked.unwrap_or(usual)
}

#[test]
fn whatever_is_compiled_is_isolated() {
    let (mut proofs, mut unknown) = (0, 0);
    for seed in seeds(14) {
        let text = intent(seed, Exceptions::None).to_string();
        let Ok(fleet) = Fleet::of(&text) else { continue };
        for index in 0..fleet.intent.clusters.len() {
            let cluster = Cluster::of(&fleet, index, seed % 4 == 0);
            for pair in cluster.pairs() {
                for profile in profiles() {
                    let report = cluster.report(pair, profile);
                    let boundary = &report.boundaries[0];
                    assert!(
                        boundary.channels.iter().all(|channel| cluster.is_walled(channel)),
                        "seed {seed}, from {} to {} under {}:\n{}\n{text}",
                        boundary.from,
                        boundary.to,
                        report.profile,
                        findings(&report)
                    );
                    proofs += 1;
                    unknown += usize::from(boundary.verdict == Verdict::Unknown);
                }
            }
        }
    }
    println!("{proofs} proofs, {unknown} of them unknown");
    assert!(proofs > 100 && unknown * 4 < proofs, "{unknown} of {proofs} are unknown");
}
