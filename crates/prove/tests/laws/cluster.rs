//! The clusters on which the laws are tried, and what is asked of them.

use std::ops::Range;
use watertight_model::{
    Breach, NamespaceId, NetworkPolicy, Pod, PodSecurity, PolicyTypes, Report, Snapshot, Verdict,
};
use watertight_network::Profile;
use watertight_oracle::generate::{self, Size};
use watertight_oracle::{Random, build};
use watertight_prove::{Question, prove};

/// The profiles under which something is enforced.
pub(crate) const ENFORCING: [Profile; 2] = [Profile::CONSERVATIVE, Profile::DECLARED];

/// The first seeds: 300, or as many as `WATERTIGHT_CLUSTERS` says.
pub(crate) fn seeds() -> Range<u64> {
    let asked = std::env::var("WATERTIGHT_CLUSTERS").ok().and_then(|text| text.parse().ok());
    0..asked.unwrap_or(300)
}

/// The cluster of a seed. Every other one is fenced as people do it, so that isolated ones are common: Pod Security
/// keeps pods off the host network, and all of `production` is denied what no rule allows.
pub(crate) fn cluster(seed: u64) -> Snapshot {
    let mut snapshot = generate::snapshot(seed / 2, Size::default());
    if seed.is_multiple_of(2) {
        return snapshot;
    }
    for namespace in &mut snapshot.namespaces {
        if namespace.labels.is_none() {
            *namespace = build::namespace(&namespace.name, &[]);
        }
        let labels = namespace.labels.get_or_insert_default();
        labels.insert(PodSecurity::ENFORCE.to_owned(), "baseline".to_owned());
        labels.remove(PodSecurity::ENFORCE_VERSION);
    }
    for pod in &mut snapshot.pods {
        pod.host_network = None;
    }
    for namespace in side(&snapshot, "production") {
        let deny = build::ingress("default-deny", Vec::new());
        snapshot = with_policy(&snapshot, namespace, deny);
    }
    snapshot
}

/// The same cluster with a policy more.
pub(crate) fn with_policy(
    snapshot: &Snapshot,
    namespace: NamespaceId,
    mut policy: NetworkPolicy,
) -> Snapshot {
    let mut snapshot = snapshot.clone();
    policy.namespace = namespace;
    policy.origin.object.namespace = Some(snapshot.namespace(namespace).name.clone());
    snapshot.policies.push(policy);
    snapshot.policies.sort_by_key(|policy| (policy.namespace, policy.origin.object.name.clone()));
    snapshot
}

/// The same cluster with a pod more.
pub(crate) fn with_pod(snapshot: &Snapshot, namespace: NamespaceId, mut pod: Pod) -> Snapshot {
    let mut snapshot = snapshot.clone();
    pod.namespace = namespace;
    pod.origin.object.namespace = Some(snapshot.namespace(namespace).name.clone());
    snapshot.pods.push(pod);
    snapshot.pods.sort_by_key(|pod| (pod.namespace, pod.workload.clone(), pod.origin.object.name.clone()));
    snapshot
}

/// A policy of another cluster, under a name of its own.
pub(crate) fn donated_policy(random: &mut Random) -> NetworkPolicy {
    loop {
        let donor = generate::snapshot(random.bits(), Size::default());
        if let Some(policy) = random.pick(&donor.policies) {
            let mut policy = policy.clone();
            policy.origin.object.name = "added".to_owned();
            return policy;
        }
    }
}

/// A pod of another cluster, under a name of its own and without an address.
pub(crate) fn donated_pod(random: &mut Random) -> Pod {
    loop {
        let donor = generate::snapshot(random.bits(), Size::default());
        if let Some(pod) = random.pick(&donor.pods) {
            let mut pod = pod.clone();
            pod.origin.object.name = "added".to_owned();
            pod.workload.name = "added".to_owned();
            pod.addresses.clear();
            return pod;
        }
    }
}

/// Whether two policies isolate in one direction.
pub(crate) fn share_a_direction(one: PolicyTypes, other: PolicyTypes) -> bool {
    (one.ingress && other.ingress) || (one.egress && other.egress)
}

/// The namespaces of an environment.
pub(crate) fn side(snapshot: &Snapshot, name: &str) -> Vec<NamespaceId> {
    snapshot.namespace_ids().filter(|&id| snapshot.namespace(id).name.starts_with(name)).collect()
}

/// From `staging` to `production`, whose namespaces are named outright: labels choose nothing.
pub(crate) fn question(profile: Profile) -> Question {
    let environments = ["staging", "production"].map(|name| (name.to_owned(), format!("{name}*")));
    Question {
        environments: environments.to_vec(),
        profile,
        all: true,
        ..Question::between("staging", "production")
    }
}

/// The report on a cluster.
pub(crate) fn report(snapshot: &Snapshot, profile: Profile) -> Report {
    prove(snapshot, &question(profile)).unwrap()
}

/// The verdict on a cluster.
pub(crate) fn verdict(snapshot: &Snapshot, profile: Profile) -> Verdict {
    report(snapshot, profile).boundaries[0].verdict
}

/// The breaches of the only boundary and channel.
pub(crate) fn breaches(report: &Report) -> &[Breach] {
    &report.boundaries[0].channels[0].breaches
}
