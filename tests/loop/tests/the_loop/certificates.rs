//! What is isolated has a certificate, which the checker accepts of the same files.

use crate::cluster::{Cluster, profiles};
use crate::fleet::Fleet;
use crate::generate::{Exceptions, intent};
use crate::walls::seeds;
use watertight_check::check;
use watertight_model::Verdict;
use watertight_network::Profile;
use watertight_prove::{certify, prove};
use watertight_render::{Bound, certificate_json};

/// The digest of whatever is given here.
const DIGEST: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

/// Whether what is proved of a pair has a certificate; if so, the checker accepts it of the same files.
pub(crate) fn is_certified(
    cluster: &Cluster<'_>,
    pair: [usize; 2],
    profile: Profile,
    told: &dyn Fn() -> String,
) -> bool {
    let question = cluster.question(pair, profile);
    let mut report = prove(&cluster.snapshot, &question).unwrap();
    if report.boundaries[0].verdict != Verdict::Isolated {
        return false;
    }
    let certificate = certify(&cluster.snapshot, &question, &mut report).unwrap();
    let told = || format!("{pair:?} under {}, {}", report.profile, told());
    let Some(certificate) = certificate else {
        // Certificates may say nothing of what admission policies refuse.
        assert!(!cluster.snapshot.admission_policies.is_empty(), "{}", told());
        return false;
    };
    let principals: Vec<_> = question
        .principals
        .iter()
        .map(|given| (given.environment.clone(), given.principal.clone()))
        .collect();
    let bound = Bound {
        version: "0.0.0",
        input_digest: DIGEST,
        default_namespace: "default",
        environments: &question.environments,
        principals: &principals,
        accepted: &[],
    };
    let written = certificate_json(&report, &certificate, bound).unwrap();
    if let Err(why) = check(written.as_bytes(), &cluster.sources, DIGEST) {
        panic!("{why:?}: {}", told());
    }
    true
}

#[test]
fn the_checker_accepts_what_is_isolated() {
    let (mut accepted, mut tried) = (0, 0);
    for seed in seeds(12) {
        let text = intent(seed, Exceptions::None).to_string();
        let Ok(fleet) = Fleet::of(&text) else { continue };
        for index in 0..fleet.intent.clusters.len() {
            let cluster = Cluster::of(&fleet, index, seed % 4 == 1);
            // Each pair under one profile, and each profile for some pairs.
            for (pair, profile) in
                cluster.pairs().into_iter().zip(profiles().cycle().skip(usize::try_from(seed).unwrap() % 6))
            {
                tried += 1;
                accepted +=
                    usize::from(is_certified(&cluster, pair, profile, &|| format!("seed {seed}\n{text}")));
            }
        }
    }
    println!("{accepted} certificates of {tried} proofs");
    assert!(accepted > 20, "{accepted}");
}
