//! A snapshot written as YAML and read again is the same snapshot.

use watertight_base::{Diagnostic, Protocol, Selector, Source};
use watertight_ingest::{Options, read};
use watertight_model::{
    Action, Admission, ClusterPolicy, ClusterSubject, Snapshot, Tier, TierPeer, TierPeerKind, TierPort,
    TierPortKind, TierRule,
};
use watertight_oracle::build::{origin, place};
use watertight_oracle::generate::rbac::Shape;
use watertight_oracle::generate::{self, Size};
use watertight_oracle::manifests::{to_yaml, without_places};

/// What is read of a snapshot's YAML, without the blind spots of kinds that no channel evaluates yet.
fn again(written: &Snapshot) -> (Snapshot, Vec<Diagnostic>) {
    let source = Source { name: "cluster.yaml".to_owned(), bytes: to_yaml(written).into_bytes() };
    let mut again = read(&[source], &Options::default());
    again.snapshot.blind_spots.retain(|spot| spot.rule != "unevaluated-kind");
    // Of two policies with one priority, both are there.
    again.diagnostics.retain(|diagnostic| diagnostic.rule != "shared-priority");
    (again.snapshot, again.diagnostics)
}

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
        let (again, diagnostics) = again(&written);
        assert_eq!(without_places(&again), without_places(&written), "seed {seed}");
        let admissions = written.policies.iter().map(|policy| policy.admission);
        let admissions = admissions.chain(written.cluster_policies.iter().map(|policy| policy.admission));
        refused += admissions.filter(|admission| *admission == Admission::Refused).count();
        assert_eq!(diagnostics.len(), refused, "seed {seed}: {diagnostics:#?}");
    }
}

/// Whether this is one of the levels and versions of Pod Security that the generator makes and the API server refuses.
fn is_refused((key, value): &(&String, &String)) -> bool {
    key.starts_with("pod-security.kubernetes.io/") && matches!(value.as_str(), "Baseline" | "1.30")
}

#[test]
fn random_roles_bindings_and_webhooks_survive_their_yaml() {
    for seed in 0..300 {
        let shape = if seed % 2 == 0 { Shape::Any } else { Shape::Chained };
        let with_roles = generate::rbac::add(&generate::snapshot(seed, Size::default()), seed, shape);
        let mut written = generate::webhooks::add(&with_roles, seed);
        let (again, _) = again(&written);
        for (again, written) in again.namespaces.iter().zip(&mut written.namespaces) {
            written.admission = again.admission;
        }
        // Which kinds rules name that are not evaluated is what the reader makes of them.
        written.other_kinds.clone_from(&again.other_kinds);
        assert_eq!(without_places(&again), without_places(&written), "seed {seed}");
    }
}

#[test]
fn random_policies_of_the_admin_tiers_survive_their_yaml() {
    for seed in 0..300 {
        let written = generate::snapshot(seed, Size::default().with_tiers());
        let (mut again, _) = again(&written);
        for (again, written) in again.namespaces.iter_mut().zip(&written.namespaces) {
            again.admission = written.admission;
        }
        // Unknown peers and protocols without a port are refused, and mean what they meant.
        for (again, written) in again.cluster_policies.iter_mut().zip(&written.cluster_policies) {
            again.admission = written.admission;
        }
        assert_eq!(without_places(&again), without_places(&written), "seed {seed}");
    }
}

/// A policy `name` in a tier, about the pods with a label.
fn policy(name: &str, tier: Tier, ingress: Vec<TierRule>, egress: Vec<TierRule>) -> ClusterPolicy {
    ClusterPolicy {
        origin: origin("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", "", name),
        tier,
        priority: 3,
        subject: ClusterSubject {
            span: place(),
            namespaces: Selector::everything(),
            pods: Selector::label("app", name),
        },
        ingress,
        egress,
        admission: Admission::Accepted,
    }
}

fn rule(action: Action, peers: Vec<TierPeerKind>, ports: Vec<TierPortKind>) -> TierRule {
    let peers = peers.into_iter().map(|kind| TierPeer { span: place(), kind }).collect();
    let ports: Vec<TierPort> = ports.into_iter().map(|kind| TierPort { span: place(), kind }).collect();
    TierRule { span: place(), action, peers, ports: Some(ports).filter(|ports| !ports.is_empty()) }
}

#[test]
fn every_sort_of_cluster_policy_survives_its_yaml() {
    let pods = |namespaces, pods| TierPeerKind::Pods { namespaces, pods };
    let namespaces = pods(Selector::label("env", "x"), Selector::everything());
    let both = pods(Selector::label("env", "x"), Selector::label("app", "web"));
    let networks = TierPeerKind::Networks(vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()]);
    let nodes = TierPeerKind::Nodes(Selector::label("pool", "a"));
    let names = TierPeerKind::DomainNames(vec!["*.example.com".to_owned()]);
    let ingress = vec![
        rule(Action::Pass, vec![namespaces.clone(), both], vec![TierPortKind::Named("http".to_owned())]),
        rule(Action::Deny, vec![namespaces.clone()], Vec::new()),
    ];
    let numbers =
        vec![TierPortKind::Number(Protocol::Udp, 53), TierPortKind::Range(Protocol::Sctp, 1, 65535)];
    let egress = vec![rule(Action::Accept, vec![networks, nodes, names], numbers)];
    let all_of_tcp = rule(Action::Deny, vec![namespaces], vec![TierPortKind::All(Protocol::Tcp)]);
    let unknown = rule(Action::Deny, vec![TierPeerKind::Unknown], Vec::new());
    let mut cluster_policies = vec![
        policy("a", Tier::Admin, ingress, Vec::new()),
        policy("b", Tier::Admin, Vec::new(), egress),
        policy("c", Tier::Baseline, vec![all_of_tcp], Vec::new()),
        policy("d", Tier::Baseline, vec![unknown], Vec::new()),
    ];
    for refused in &mut cluster_policies[2..] {
        refused.admission = Admission::Refused;
    }
    let kinds = [("ClusterNetworkPolicy".to_owned(), 4)].into();
    let written = Snapshot { cluster_policies, kinds, ..Snapshot::default() };
    let (again, diagnostics) = again(&written);
    assert_eq!(without_places(&again), without_places(&written));
    let rules: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.rule).collect();
    assert_eq!(rules, ["missing-field", "invalid-peer"]);
}
