//! Of each profile, the compiler says that it reads no ClusterNetworkPolicy if the proof goes by that.

use serde_json::json;
use watertight_base::{Source, SourceId};
use watertight_compile::{Question, compile};
use watertight_network::{Axis, Profile};

/// A profile with each value of each of its settings, by itself.
fn profiles() -> Vec<String> {
    let mut texts = Vec::new();
    for profile in Profile::ALL.into_iter().filter(|profile| profile.name != "none") {
        texts.push(profile.name.to_owned());
        for setting in profile.settings {
            texts.extend(
                setting
                    .values
                    .iter()
                    .map(|value| format!("{},{}={}", profile.name, setting.name, value.name)),
            );
        }
    }
    texts
}

#[test]
fn the_compiler_and_the_proof_agree_on_who_reads_the_kind() {
    let mut unread = 0;
    for text in profiles() {
        let spec = json!({
            "clusters": [{"name": "main", "cniProfile": text, "clusterNetworkPolicy": true}],
            "environments": [{"name": "staging"}, {"name": "production"}],
        });
        let metadata = json!({"name": "shop"});
        let intent = json!({"apiVersion": "watertight.dev/v1alpha1", "kind": "Fleet", "metadata": metadata, "spec": spec});
        let source = Source { name: "watertight.yaml".to_owned(), bytes: intent.to_string().into_bytes() };
        let today = watertight_intent::Date::new(2026, 11, 20).unwrap();
        let Some(intent) = watertight_intent::read(SourceId(0), &source, today).intent else {
            panic!("{text} is no profile of an intent")
        };
        let compiled = compile(Question { intent: &intent, sources: &[source], given: &[], beside: &[] });
        let is_told = compiled.diagnostics.iter().any(|found| found.rule == "unread-cluster-policies");
        let profile = Profile::parse(&text).unwrap();
        assert_eq!(is_told, profile.reads_cluster_network_policy.axis == Axis::Never, "{text}");
        unread += usize::from(is_told);
    }
    assert!(unread > 3, "{unread}");
}
