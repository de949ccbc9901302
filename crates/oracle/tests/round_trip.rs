//! A snapshot written as YAML and read again is the same snapshot.

use watertight_base::Source;
use watertight_ingest::{Options, read};
use watertight_model::Admission;
use watertight_oracle::generate::{self, Size};
use watertight_oracle::manifests::{to_yaml, without_places};

#[test]
fn random_clusters_survive_their_yaml() {
    for seed in 0..300 {
        let mut written = generate::snapshot(seed, Size::default());
        let mut refused = 0;
        for namespace in &mut written.namespaces {
            let odd = namespace.labels.iter().flatten().filter(is_refused).count();
            if odd > 0 {
                namespace.admission = Admission::Refused;
                refused += odd;
            }
        }
        let source = Source { name: "cluster.yaml".to_owned(), bytes: to_yaml(&written).into_bytes() };
        let again = read(&[source], &Options::default());
        assert_eq!(without_places(&again.snapshot), without_places(&written), "seed {seed}");
        refused += written.policies.iter().filter(|policy| policy.admission == Admission::Refused).count();
        assert_eq!(again.diagnostics.len(), refused, "seed {seed}: {:#?}", again.diagnostics);
    }
}

/// Whether this is one of the levels and versions of Pod Security that the generator makes and the API server refuses.
fn is_refused((key, value): &(&String, &String)) -> bool {
    key.starts_with("pod-security.kubernetes.io/") && matches!(value.as_str(), "Baseline" | "1.30")
}
