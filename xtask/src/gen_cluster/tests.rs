//! What a generated cluster promises.

use super::*;
use std::collections::{BTreeMap, BTreeSet};

fn text(arguments: &[&str]) -> Vec<u8> {
    let options = Options::try_parse_from(arguments).unwrap();
    let mut out = Vec::new();
    print(&options, &mut out).unwrap();
    out
}

fn items(arguments: &[&str]) -> Vec<Value> {
    let list: Value = serde_json::from_slice(&text(arguments)).unwrap();
    list["items"].as_array().unwrap().clone()
}

#[test]
fn the_same_seed_prints_the_same_bytes_and_another_seed_others() {
    let of = |seed| text(&["--pods", "60", "--seed", seed]);
    assert_eq!(of("3"), of("3"));
    assert_ne!(of("3"), of("4"));
}

#[test]
fn it_holds_as_many_pods_and_namespaces_as_were_asked_for_and_each_name_once() {
    let items = items(&["--pods", "700", "--namespaces", "20"]);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut names = BTreeSet::new();
    for item in &items {
        *counts.entry(item["kind"].as_str().unwrap()).or_default() += 1;
        let metadata = &item["metadata"];
        assert!(names.insert((
            item["kind"].to_string(),
            metadata["namespace"].to_string(),
            metadata["name"].to_string()
        )));
    }
    assert_eq!((counts["Pod"], counts["Namespace"]), (700, 20));
    assert_eq!((counts["Role"], counts["RoleBinding"]), (5 * 20, 8 * 20));
    assert_eq!((counts["ClusterRole"], counts["ClusterRoleBinding"]), (100, 30));
    for kind in ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "Service", "Ingress", "Node"]
    {
        assert!(counts.contains_key(kind), "{kind}");
    }
}

#[test]
fn pods_have_the_size_of_real_ones_and_an_owner_that_is_there() {
    let items = items(&["--pods", "300"]);
    let uids: BTreeSet<_> = items.iter().map(|item| item["metadata"]["uid"].as_str()).collect();
    for pod in items.iter().filter(|item| item["kind"] == "Pod") {
        assert!(uids.contains(&pod["metadata"]["ownerReferences"][0]["uid"].as_str()));
        let mut text = Vec::new();
        write::json(&mut text, [pod.clone()].into_iter()).unwrap();
        assert!((6_000..11_000).contains(&text.len()), "{} bytes", text.len());
    }
}

#[test]
fn a_leak_is_a_policy_more_on_either_side() {
    let policies = |arguments: &[&str]| {
        items(arguments).into_iter().filter(|item| item["kind"] == "NetworkPolicy").count()
    };
    assert_eq!(policies(&["--leak"]), policies(&[]) + 2);
}
