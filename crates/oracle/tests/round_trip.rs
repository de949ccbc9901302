//! A snapshot written as YAML and read again is the same snapshot.

use watertight_base::Source;
use watertight_ingest::{Options, read};
use watertight_model::Admission;
use watertight_oracle::generate::{self, Size};
use watertight_oracle::manifests::{to_yaml, without_places};

#[test]
fn random_clusters_survive_their_yaml() {
    for seed in 0..300 {
        let written = generate::snapshot(seed, Size::default());
        let source = Source { name: "cluster.yaml".to_owned(), bytes: to_yaml(&written).into_bytes() };
        let again = read(&[source], &Options::default());
        assert_eq!(without_places(&again.snapshot), without_places(&written), "seed {seed}");
        let refused = written.policies.iter().filter(|policy| policy.admission == Admission::Refused).count();
        assert_eq!(again.diagnostics.len(), refused, "seed {seed}: {:#?}", again.diagnostics);
    }
}
