//! Whatever the engine calls isolated is accepted.

use crate::common::{answer, checked, clusters, manifests_in, profiles};
use watertight_network::Profile;
use watertight_oracle::generate::{Size, snapshot};
use watertight_oracle::manifests::to_yaml;

#[test]
fn what_the_engine_calls_isolated_is_accepted() {
    let mut accepted = 0;
    for seed in 0..clusters(150) {
        let size = if seed % 2 == 0 { Size::default() } else { Size::default().with_tiers() };
        let mut cluster = snapshot(seed, size);
        if seed % 4 < 3 {
            cluster.pods.iter_mut().for_each(|pod| pod.host_network = None);
        }
        let text = to_yaml(&cluster);
        for profile in profiles() {
            let Some((_, Some(certificate))) = answer(&text, profile) else { continue };
            if let Err(why) = checked(&certificate, &text) {
                panic!("seed {seed}, {}: {why:?}\n{certificate}\n{text}", profile.label());
            }
            accepted += 1;
        }
    }
    println!("{accepted} were isolated");
    assert!(accepted > 5, "{accepted}");
}
