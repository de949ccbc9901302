//! No certificate is accepted for a cluster that is breached, whoever writes it.

use crate::clusters::{fenced, proxies};
use crate::common::{answer, checked, clusters, forged, profiles, question, source};
use crate::mutations::isolated;
use crate::plain::plain;
use serde_json::Value;
use watertight_check::Refusal;
use watertight_model::{NamespaceId, Relation, Snapshot, Verdict};
use watertight_network::Profile;
use watertight_oracle::candidates::{future_pods, namespace_labels, node_addresses, pod_addresses};
use watertight_oracle::generate::{Size, snapshot};
use watertight_oracle::manifests::to_yaml;
use watertight_oracle::placement::nodes_of;
use watertight_oracle::{ConcretePod, Endpoint, Evaluator, Identity, PolicySet, Random, probe};
use watertight_prove::{certify, prove};

fn is_isolated(text: &str, profile: Profile) -> bool {
    verdict(text, profile) == Some(Verdict::Isolated)
}

fn verdict(text: &str, profile: Profile) -> Option<Verdict> {
    answer(text, profile).map(|(report, _)| report.boundaries[0].verdict)
}

/// An engine that errs calls everything isolated, and writes down every policy as a reason.
#[test]
fn a_wrong_verdict_is_caught() {
    let (mut caught, mut right) = (0, 0);
    for seed in 0..clusters(24) {
        let size = if seed % 2 == 0 { Size::default() } else { Size::default().with_tiers() };
        for cluster in [fenced(seed), snapshot(seed, size)] {
            let text = to_yaml(&cluster) + proxies(seed);
            for profile in profiles() {
                let Some(certificate) = forged(&text, profile) else { continue };
                match (checked(&certificate, &text), is_isolated(&text, profile)) {
                    (Ok(_), true) => right += 1,
                    (Err(Refusal::Rejected(_)), _) => caught += 1,
                    (answer, isolated) => {
                        let name = profile.label();
                        panic!(
                            "seed {seed}, {name}, isolated: {isolated}: {answer:?}\n{certificate}\n{text}"
                        );
                    }
                }
            }
        }
    }
    assert!(caught > 200 && right > 50, "{caught} caught, {right} right");
}

/// The certificate of one cluster, with the digest of another.
#[test]
fn a_certificate_of_another_cluster_is_rejected_where_it_is_not_isolated() {
    let honest = isolated(20);
    let mut rejected = 0;
    for seed in 100..100 + clusters(25) {
        let cluster = fenced(seed);
        let text = to_yaml(&cluster);
        for (profile, _, _, certificate) in &honest {
            if is_isolated(&text, *profile) {
                continue;
            }
            let mut certificate = certificate.clone();
            rename_sides(&mut certificate, &cluster);
            let answer = checked(&certificate.to_string(), &text);
            assert!(
                matches!(answer, Err(Refusal::Rejected(_))),
                "seed {seed}: {answer:?}\n{certificate:#}\n{text}"
            );
            rejected += 1;
        }
    }
    assert!(rejected > 50, "{rejected}");
}

/// Makes a certificate say that it is about the namespaces of this cluster.
fn rename_sides(certificate: &mut Value, cluster: &Snapshot) {
    let names = |side: &str| -> Vec<Value> {
        let all = cluster.namespaces.iter().map(|namespace| namespace.name.clone());
        all.filter(|name| name.starts_with(side)).map(Value::from).collect()
    };
    let (from, to) = (names("staging"), names("production"));
    for fact in certificate["channels"][0]["facts"].as_array_mut().unwrap() {
        match fact["fact"].as_str() {
            Some("closed" | "no-shared-network") => {
                let list = if fact["fact"] == "closed" { "to" } else { "namespaces" };
                if fact[list].as_array().is_some_and(|list| list.contains(&Value::from("production"))) {
                    fact[list] = Value::from(to.clone());
                }
            }
            Some("no-dialed-host") => fact["namespaces"] = Value::from(from.clone()),
            Some("no-host-network") => fact["namespaces"] = Value::from([to.clone(), from.clone()].concat()),
            _ => {}
        }
    }
    certificate["from"]["namespaces"] = Value::from(from);
    certificate["to"]["namespaces"] = Value::from(to);
}

/// A random change of a certificate for a breached cluster never makes it one that is accepted.
#[test]
fn no_mutation_makes_a_certificate_for_a_breached_cluster() {
    let mut tried = 0;
    for seed in 0..clusters(60) {
        let text = to_yaml(&fenced(seed));
        let mut random = Random::new(seed ^ 0xf0f0);
        for profile in [Profile::CONSERVATIVE, Profile::DECLARED, Profile::CILIUM] {
            // What is not known may be closed: the checker needs no search to see that.
            if verdict(&text, profile) != Some(Verdict::Breached) {
                continue;
            }
            let Some(certificate) = forged(&text, profile) else { continue };
            for _ in 0..8 {
                let mut changed: Value = serde_json::from_str(&certificate).unwrap();
                for _ in 0..1 + random.below(4) {
                    mutate(&mut changed, &mut random);
                }
                let answer = checked(&changed.to_string(), &text);
                assert!(answer.is_err(), "seed {seed}, {}\n{changed:#}\n{text}", profile.label());
                tried += 1;
            }
        }
    }
    assert!(tried > 100, "{tried}");
}

/// Changes one thing somewhere in the facts.
fn mutate(certificate: &mut Value, random: &mut Random) {
    let facts = certificate["channels"][0]["facts"].as_array_mut().unwrap();
    let number = random.below(facts.len());
    let Some(cases) = facts[number]["cases"].as_array_mut() else { return };
    let (one, other) = (random.below(cases.len()), random.below(cases.len()));
    match random.below(4) {
        0 => {
            let taken = cases[other]["closedBy"].clone();
            if taken.is_array() && cases[one]["closedBy"].is_array() {
                cases[one]["closedBy"] = taken;
            }
        }
        1 => {
            cases[one] =
                serde_json::json!({"case": cases[one]["case"], "closedBy": cases[other]["closedBy"]});
        }
        2 => {
            let (yes, no) = (cases[one]["yes"].clone(), cases[one]["no"].clone());
            if yes.is_number() {
                cases[one]["yes"] = no;
                cases[one]["no"] = yes;
            }
        }
        _ => {
            if cases[one]["cut"].is_object() && cases[other]["cut"].is_object() {
                cases[one]["cut"] = cases[other]["cut"].clone();
            }
        }
    }
}

/// What is accepted holds against the plain evaluator, packet by packet, without the fences of the hostile side.
#[test]
fn what_is_accepted_lets_no_packet_pass() {
    let mut packets = 0_usize;
    for (profile, cluster, _, _) in isolated(clusters(20)) {
        let mut random = Random::new(7);
        let side = |name: &str| -> Vec<NamespaceId> {
            cluster.namespace_ids().filter(|&id| cluster.namespace(id).name.starts_with(name)).collect()
        };
        let (from, to) = (side("staging"), side("production"));
        let own: Vec<&str> = from.iter().map(|&id| cluster.namespace(id).name.as_str()).collect();
        let (sources, targets) =
            (ends(&cluster, &from, &mut random, true), ends(&cluster, &to, &mut random, false));
        let mut readings = vec![PolicySet::all().without(own.clone())];
        if profile.doubts_refused {
            readings.push(PolicySet::accepted().without(own));
        }
        for policies in readings {
            let relation = Relation::May;
            let evaluator = Evaluator { snapshot: &cluster, reading: plain(&profile), relation, policies };
            for source in &sources {
                for target in &targets {
                    for (protocol, port) in probe::ports(&cluster) {
                        let passes = evaluator.allowed(source, target, protocol, port);
                        assert!(
                            !passes,
                            "{}: {source:#?}\n{target:#?}\n{}",
                            profile.label(),
                            to_yaml(&cluster)
                        );
                        packets += 1;
                    }
                }
            }
        }
    }
    assert!(packets > 100_000, "{packets}");
}

fn ends(cluster: &Snapshot, of: &[NamespaceId], random: &mut Random, is_source: bool) -> Vec<Endpoint> {
    let mut ends = Vec::new();
    for &id in of {
        let name = &cluster.namespace(id).name;
        let today = (0..cluster.pods.len()).filter(|&pod| cluster.pods[pod].namespace == id);
        let today = today.filter_map(|pod| Some((Some(pod), ConcretePod::existing(cluster, pod, 0)?)));
        let future = future_pods(cluster, name, random, 8).into_iter().map(|pod| (None, pod));
        for (index, mut pod) in today.chain(future) {
            if let Identity::Future(number) = pod.identity {
                pod.identity = Identity::Future(2 * number + u32::from(is_source));
            }
            if pod.node.is_none() {
                pod.node = random.pick(&nodes_of(cluster, index)).cloned();
            }
            let labels = namespace_labels(cluster, name, random, 8);
            if let Some(labels) = random.pick(&labels) {
                pod.assumed_namespace_labels = labels.clone();
            }
            ends.push(Endpoint::Pod(pod.clone()));
            let addresses = pod_addresses(cluster);
            if let Some(&address) = random.pick(&addresses).filter(|_| pod.addresses.is_empty()) {
                ends.push(Endpoint::Pod(ConcretePod { seen_as: Some(address), ..pod.clone() }));
            }
            if let (true, Some(&address)) = (is_source, random.pick(&node_addresses(cluster))) {
                ends.push(Endpoint::Pod(ConcretePod { seen_as: Some(address), behind_node: true, ..pod }));
            }
        }
    }
    ends
}

/// What no search found and yet cannot be shown is not called isolated, and has no certificate: a pod to come may give one name to two ports, of which NetworkPolicies take one and the administrator's policies the other.
#[test]
fn an_answer_of_which_no_certificate_can_be_written_is_unknown() {
    let text = "\
apiVersion: v1
kind: Namespace
metadata: {name: staging, labels: {pod-security.kubernetes.io/enforce: restricted}}
---
apiVersion: v1
kind: Namespace
metadata: {name: production, labels: {pod-security.kubernetes.io/enforce: restricted}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: by-name, namespace: production}
spec:
  podSelector: {}
  ingress:
    - from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: staging}}}]
      ports: [{port: http}]
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: not-by-name}
spec:
  tier: Admin
  priority: 1
  subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: production}}}
  ingress:
    - action: Deny
      from: [{namespaces: {}}]
      protocols: [{destinationNamedPort: http}]
";
    let ingested = watertight_ingest::read(&source(text), &watertight_ingest::Options::default());
    assert_eq!(ingested.diagnostics, Vec::new());
    let question = question(Profile::parse("calico,admin-policies=true").unwrap());
    let mut report = prove(&ingested.snapshot, &question).unwrap();
    assert_eq!(report.boundaries[0].verdict, Verdict::Unknown);
    assert_eq!(certify(&ingested.snapshot, &question, &mut report), Ok(None));
    assert_eq!(report.boundaries[0].verdict, Verdict::Unknown);
    let channel = &report.boundaries[0].channels[0];
    assert_eq!(channel.verdict, Verdict::Unknown);
    assert_eq!(channel.blind_spots.iter().map(|spot| spot.rule).collect::<Vec<_>>(), ["undecided"]);
}
