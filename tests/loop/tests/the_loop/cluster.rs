//! One cluster of a fleet, as it is once it is compiled: what is asked of it, and what is said.

use crate::fleet::Fleet;
use crate::surroundings::{OWN_CLASS, bootstrap, surroundings};
use serde_json::{Value, json};
use watertight_base::Source;
use watertight_ingest::{Options, read};
use watertight_intent::{Environment, Spanned};
use watertight_model::{Channel, ChannelReport, Report, Snapshot, Verdict};
use watertight_network::Profile;
use watertight_prove::{GivenPrincipal, Question, prove};

/// A cluster.
#[derive(Debug, Clone)]
pub(crate) struct Cluster<'f> {
    /// What it was compiled of.
    pub(crate) fleet: &'f Fleet,
    /// Which cluster of the intent.
    pub(crate) index: usize,
    /// What was compiled.
    pub(crate) objects: Vec<Value>,
    /// What is there besides.
    pub(crate) besides: Vec<Value>,
    /// All of it, as it is read.
    pub(crate) sources: Vec<Source>,
    /// What was read.
    pub(crate) snapshot: Snapshot,
}

impl<'f> Cluster<'f> {
    /// A cluster of a fleet, with or without what every server has by itself: it is known also where the input does not show it.
    pub(crate) fn of(fleet: &'f Fleet, index: usize, with_bootstrap: bool) -> Self {
        let objects = fleet.objects(index);
        let mut besides = surroundings(fleet, index, &objects);
        if with_bootstrap {
            besides.extend(bootstrap());
        }
        let mut sources = fleet.sources(index);
        sources.push(listed("besides.json", &besides));
        let ingested = read(&sources, &options());
        assert!(ingested.diagnostics.is_empty(), "{:#?}", ingested.diagnostics);
        let snapshot = ingested.snapshot;
        Self { fleet, index, objects, besides, sources, snapshot }
    }

    /// The same cluster with other objects in place of those that were compiled.
    pub(crate) fn with(&self, objects: &[Value]) -> Snapshot {
        read(&self.listed(objects), &options()).snapshot
    }

    /// The files of those.
    pub(crate) fn listed(&self, objects: &[Value]) -> Vec<Source> {
        vec![listed("compiled.json", objects), listed("besides.json", &self.besides)]
    }

    /// Every ordered pair of environments.
    pub(crate) fn pairs(&self) -> Vec<[usize; 2]> {
        let all: Vec<usize> = self.fleet.environments(self.index).map(|(id, _)| id).collect();
        let pairs = all.iter().flat_map(|&from| all.iter().map(move |&to| [from, to]));
        pairs.filter(|[from, to]| from != to).collect()
    }

    /// Whether one environment gets into another, on the network and by rights.
    pub(crate) fn question(&self, pair: [usize; 2], profile: Profile) -> Question {
        let [from, to] = pair.map(|id| &self.fleet.intent.environments[id]);
        let principals = |side: &Environment| {
            let given = |principal| GivenPrincipal { environment: side.name.value.clone(), principal };
            self.fleet.principals(side).into_iter().map(given).collect::<Vec<_>>()
        };
        Question {
            environments: [namespaces(from), namespaces(to)].concat(),
            profile,
            channels: vec![Channel::Network, Channel::Api],
            principals: self.fleet.intent.environments.iter().flat_map(principals).collect(),
            ..Question::between(&from.name.value, &to.name.value)
        }
    }

    /// Whether nothing gets across on a channel, as far as the proof can know. Of the proxies of a Gateway it does not know whom they
    /// serve, nor where they run, unless its controller puts one beside each, so that it says so; nothing else is unknown.
    pub(crate) fn is_walled(&self, report: &ChannelReport) -> bool {
        let at_gateway = self.snapshot.gateways.iter().any(|gateway| gateway.class.text != OWN_CLASS);
        let of_proxies = report.blind_spots.iter().all(|spot| spot.rule == "unseen-proxy");
        match report.verdict {
            Verdict::Isolated => true,
            Verdict::Unknown => report.channel == Channel::Network && at_gateway && of_proxies,
            Verdict::Breached => false,
        }
    }

    /// The answer.
    pub(crate) fn report(&self, pair: [usize; 2], profile: Profile) -> Report {
        prove(&self.snapshot, &self.question(pair, profile)).unwrap()
    }
}

/// The profiles of those that enforce policies: of those who read the administrator's, of those who do not, and of those who may.
pub(crate) fn profiles() -> impl Iterator<Item = Profile> + Clone {
    let reads = Profile::parse("cilium,cluster-network-policy=true").unwrap();
    std::iter::once(Profile::CONSERVATIVE).chain(Profile::ENFORCERS).chain([reads])
}

/// What a report says of a channel.
pub(crate) fn channel(report: &Report, which: Channel) -> &ChannelReport {
    report.boundaries[0].channels.iter().find(|channel| channel.channel == which).unwrap()
}

/// What was found, for people who read a failed test.
pub(crate) fn findings(report: &Report) -> String {
    let mut lines: Vec<String> = Vec::new();
    for channel in &report.boundaries[0].channels {
        lines.push(format!("{}: {}", channel.channel.name(), channel.verdict));
        for breach in channel.breaches.iter().take(3) {
            lines.push(format!("  {}: {}", breach.rule, breach.message));
            lines.extend(breach.steps.iter().map(|step| format!("    {}", step.text)));
        }
        lines.extend(channel.blind_spots.iter().take(3).map(|spot| format!("  {spot:?}")));
    }
    lines.join("\n")
}

/// Objects as `kubectl get -o json` lists them.
fn listed(name: &str, objects: &[Value]) -> Source {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
    Source { name: name.to_owned(), bytes: list.to_string().into_bytes() }
}

/// Whose credentials stand somewhere is seen by their values.
fn options() -> Options {
    Options { values: true, ..Options::default() }
}

fn namespaces(environment: &Environment) -> Vec<(String, String)> {
    let name = &environment.name.value;
    let pair = |namespace: &Spanned<String>| (name.clone(), namespace.value.clone());
    environment.namespaces.iter().map(pair).collect()
}
