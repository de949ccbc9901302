//! A few manifests as a world to ask about: each answer comes from the map of the engine and from the plain evaluator,
//! which must agree.

use crate::plain::plain;
use std::collections::BTreeSet;
use watertight_base::{Protocol, Source};
use watertight_ingest::{Ingested, Options, read};
use watertight_model::{Assumption, BlindSpot, Peer, Relation, Snapshot};
use watertight_network::{Profile, connectivity, crossings};
use watertight_oracle::candidates::seen_as;
use watertight_oracle::{Endpoint, Evaluator};

/// Manifests that grow.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    yaml: String,
    profile: Option<Profile>,
    must: bool,
}

impl World {
    /// The usual two namespaces, `staging` (`env: stg`) and `production` (`env: prd`), with the pods `a`, `b` and `c` in
    /// each, labelled `app: a`…
    pub(crate) fn new() -> Self {
        Self::with_production("env: prd")
    }

    /// The same, with other labels of `production` as YAML lines.
    pub(crate) fn with_production(labels: &str) -> Self {
        let mut world = Self::default().namespace("staging", "env: stg").namespace("production", labels);
        for namespace in ["staging", "production"] {
            for name in ["a", "b", "c"] {
                world = world.pod(&format!("{namespace}/{name}"), &format!("app: {name}"), "");
            }
        }
        world
    }

    /// One more namespace, with labels as YAML lines.
    pub(crate) fn namespace(self, name: &str, labels: &str) -> Self {
        self.object("v1", "Namespace", &format!("name: {name}\nlabels:\n{}", indent(labels)), "")
    }

    /// One more pod, `NAMESPACE/NAME`, with labels and further lines of its spec as YAML.
    pub(crate) fn pod(self, name: &str, labels: &str, spec: &str) -> Self {
        let (namespace, name) = name.split_once('/').unwrap();
        let metadata = format!("name: {name}\nnamespace: {namespace}\nlabels:\n{}", indent(labels));
        let containers = if spec.contains("containers:") {
            ""
        } else {
            "containers: [{name: main, image: example.com/app}]\n"
        };
        self.object("v1", "Pod", &metadata, &format!("spec:\n{}", indent(&format!("{containers}{spec}"))))
    }

    /// A NetworkPolicy, `NAMESPACE/NAME`, with its spec as YAML.
    pub(crate) fn policy(self, name: &str, spec: &str) -> Self {
        let (namespace, name) = name.split_once('/').unwrap();
        let metadata = format!("name: {name}\nnamespace: {namespace}");
        self.object("networking.k8s.io/v1", "NetworkPolicy", &metadata, &format!("spec:\n{}", indent(spec)))
    }

    /// A ClusterNetworkPolicy about `production`, of that name, tier and priority, with its rules as YAML.
    pub(crate) fn tier(self, name: &str, tier: &str, priority: u16, rules: &str) -> Self {
        let subject = "namespaces: {matchLabels: {kubernetes.io/metadata.name: production}}";
        self.tier_about(name, tier, priority, subject, rules)
    }

    /// One with a subject of its own.
    pub(crate) fn tier_about(
        self,
        name: &str,
        tier: &str,
        priority: u16,
        subject: &str,
        rules: &str,
    ) -> Self {
        let spec = format!("tier: {tier}\npriority: {priority}\nsubject:\n{}{rules}", indent(subject));
        let rest = format!("spec:\n{}", indent(&spec));
        self.object(
            "policy.networking.k8s.io/v1alpha2",
            "ClusterNetworkPolicy",
            &format!("name: {name}"),
            &rest,
        )
    }

    /// Any object, from its `metadata` and the lines behind it.
    pub(crate) fn object(mut self, api_version: &str, kind: &str, metadata: &str, rest: &str) -> Self {
        let metadata = indent(metadata);
        self.yaml.push_str(&format!(
            "---\napiVersion: {api_version}\nkind: {kind}\nmetadata:\n{metadata}{rest}\n"
        ));
        self
    }

    /// The same manifests under a profile.
    pub(crate) fn under(&self, profile: Profile) -> Self {
        Self { profile: Some(profile), ..self.clone() }
    }

    /// The same manifests under the profile `declared`.
    pub(crate) fn declared(&self) -> Self {
        self.under(Profile::DECLARED)
    }

    /// The same manifests under the profile `none`.
    pub(crate) fn unenforced(&self) -> Self {
        self.under(Profile::NONE)
    }

    /// The same manifests, asked for what every implementation lets pass.
    pub(crate) fn must(&self) -> Self {
        Self { must: true, ..self.clone() }
    }

    /// What the reader makes of the manifests.
    pub(crate) fn ingest(&self) -> Ingested {
        let source = Source { name: "world.yaml".into(), bytes: self.yaml.clone().into_bytes() };
        read(&[source], &Options { default_namespace: "default".into(), values: false })
    }

    /// Whether it passes in may, in must and under `declared`.
    #[track_caller]
    pub(crate) fn answers(&self, from: &str, to: &str, port: &str) -> [bool; 3] {
        [self, &self.must(), &self.declared()].map(|world| world.passes(from, to, port))
    }

    /// What an answer about two namespaces rests on, under the profile at hand.
    pub(crate) fn assumptions(&self, from: &str, to: &str) -> Vec<Assumption> {
        let snapshot = self.ingest().snapshot;
        let reading =
            watertight_network::Reading::new(self.profile.unwrap_or_else(without_faults), Relation::May);
        let [from, to] = [from, to].map(|name| [snapshot.namespace_named(name).unwrap()]);
        watertight_network::assumptions(&snapshot, &reading, &from, &to)
    }

    /// What is known to be between two namespaces and not seen, under the profile at hand.
    pub(crate) fn blind_spots(&self, from: &str, to: &str) -> Vec<BlindSpot> {
        let snapshot = self.ingest().snapshot;
        let reading =
            watertight_network::Reading::new(self.profile.unwrap_or_else(without_faults), Relation::May);
        let [from, to] = [from, to].map(|name| [snapshot.namespace_named(name).unwrap()]);
        watertight_network::blind_spots(&snapshot, &reading, &from, &to)
    }

    /// The rules by which the search for ways across gets from one namespace into another, under the profile at hand.
    pub(crate) fn crossings(&self, from: &str, to: &str) -> BTreeSet<&'static str> {
        let snapshot = self.ingest().snapshot;
        let reading =
            watertight_network::Reading::new(self.profile.unwrap_or_else(without_faults), Relation::May);
        let [from, to] = [from, to].map(|name| [snapshot.namespace_named(name).unwrap()]);
        let found = crossings(&snapshot, &reading, &from, &to);
        assert!(found.undecided.is_empty());
        found.found.iter().map(|crossing| crossing.breach.rule).collect()
    }

    /// Whether a connection can be opened: ends are `NAMESPACE/NAME` of pods or addresses outside, `port` is `TCP/80`.
    /// Engine and plain evaluator must say the same.
    #[track_caller]
    pub(crate) fn passes(&self, from: &str, to: &str, port: &str) -> bool {
        let snapshot = self.ingest().snapshot;
        let (protocol, number) = port.split_once('/').unwrap();
        let (protocol, number) = (Protocol::from_name(protocol).unwrap(), number.parse().unwrap());
        let relation = if self.must { Relation::Must } else { Relation::May };
        let profile = self.profile.unwrap_or_else(without_faults);
        let map = connectivity(&snapshot, profile, relation);
        let is = |peer: &Peer, wanted: &str| match peer {
            Peer::Workload { namespace, name, .. } => format!("{namespace}/{name}") == wanted,
            Peer::Cidrs(cidrs) => wanted
                .parse::<std::net::IpAddr>()
                .is_ok_and(|wanted| cidrs.iter().any(|cidr| cidr.contains(&wanted))),
            Peer::Node { name } => wanted == format!("node/{name}"),
            Peer::Future { .. } => false,
        };
        let mut edges = map.edges.iter().filter(|edge| is(&edge.from, from) && is(&edge.to, to));
        let engine = edges.any(|edge| edge.allow.contains(protocol, number));
        let oracle = Evaluator::new(&snapshot, plain(&profile), relation);
        let [sources, destinations] = [from, to].map(|name| seen_as(&snapshot, &endpoint(&snapshot, name)));
        let ends = || sources.iter().flat_map(|from| destinations.iter().map(move |to| (from, to)));
        let mut answers = ends().map(|(from, to)| oracle.allowed(from, to, protocol, number));
        let allowed = if self.must { answers.all(|passes| passes) } else { answers.any(|passes| passes) };
        assert_eq!(
            engine, allowed,
            "engine and plain evaluator differ on {from} -> {to} {port}\n{}",
            self.yaml
        );
        engine
    }
}

/// The default profile without what enforcers are known to do against the rules, which are what is asked about here.
pub(crate) fn without_faults() -> Profile {
    let mut profile = Profile::CONSERVATIVE;
    profile.members = &[];
    profile
}

fn endpoint(snapshot: &Snapshot, name: &str) -> Endpoint {
    if let Ok(address) = name.parse() {
        return Endpoint::Outside(address);
    }
    if let Some(node) = name.strip_prefix("node/") {
        return Endpoint::node(node);
    }
    let named = |index: &usize| {
        let pod = &snapshot.pods[*index];
        format!("{}/{}", snapshot.namespace(pod.namespace).name, pod.workload.name) == name
    };
    let index = (0..snapshot.pods.len()).find(named).unwrap_or_else(|| panic!("no pod {name}"));
    Endpoint::existing(snapshot, index, 0).unwrap()
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}
