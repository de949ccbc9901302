//! Whatever the engine calls isolated is accepted.

use crate::clusters::{fenced, proxies};
use crate::common::{answer, checked, clusters, profiles};
use std::collections::BTreeMap;
use watertight_oracle::manifests::to_yaml;

#[test]
fn what_the_engine_calls_isolated_is_accepted() {
    let mut accepted: BTreeMap<String, usize> = BTreeMap::new();
    let mut cut = 0;
    for seed in 0..clusters(60) {
        let text = to_yaml(&fenced(seed)) + proxies(seed);
        for profile in profiles() {
            let Some((_, Some(certificate))) = answer(&text, profile) else { continue };
            if let Err(why) = checked(&certificate, &text) {
                panic!("seed {seed}, {}: {why:?}\n{certificate}\n{text}", profile.label());
            }
            *accepted.entry(profile.label()).or_default() += 1;
            cut += usize::from(certificate.contains("\"cut\""));
        }
    }
    println!("{accepted:?}, {cut} cut");
    // Where nothing enforces policies, no fence is one.
    assert!(accepted.len() == profiles().len() - 1 && cut > 5, "{accepted:?}, {cut} cut");
}
