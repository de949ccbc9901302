//! Laws on random clusters, whose policies mean everything that policies can mean.

#![expect(clippy::disallowed_methods, reason = "a longer run is asked for by the environment")]

use super::{applied, asked, fixed, holds, options, verdict};
use crate::Fix;
use crate::candidates::{Ground, objects};
use crate::input::Input;
use crate::judge::{Judge, breaches, is_enough};
use crate::search::{Losses, search};
use crate::state::State;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use watertight_api::{SUPPORTED, bootstrap};
use watertight_base::{AddressSet, Protocol, Source};
use watertight_ingest::read;
use watertight_model::{
    Attributes, Peer, PodSecurity, Principal, Relation, ResourceAttributes, Snapshot, SubjectKind, Verdict,
};
use watertight_network::connectivity;
use watertight_oracle::build;
use watertight_oracle::generate::{self, Size, rbac::Shape};
use watertight_oracle::manifests::to_yaml;
use watertight_oracle::rbac::{self, Rbac};
use watertight_prove::{Question, prove};

/// The clusters of some seeds: 40, or as many as `WATERTIGHT_CLUSTERS` says, of which a law has the first one of its own.
fn clusters(first: u64) -> impl Iterator<Item = (u64, Vec<Source>)> {
    let asked = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let first = asked("WATERTIGHT_FIRST_SEED").unwrap_or(first);
    let size = Size { namespaces: 4, pods: 2, policies: 3, nodes: 2, cluster_policies: 2 };
    (first..first + asked("WATERTIGHT_CLUSTERS").unwrap_or(40)).map(move |seed| {
        let mut snapshot = generate::snapshot(seed, size);
        // Of each three clusters, one is as it comes, one keeps its pods off the nodes' network, so that all can be closed,
        // and one has rights.
        if !seed.is_multiple_of(3) {
            for namespace in &mut snapshot.namespaces {
                if namespace.labels.is_none() {
                    *namespace = build::namespace(&namespace.name, &[]);
                }
                let labels = namespace.labels.get_or_insert_default();
                labels.insert(PodSecurity::ENFORCE.to_owned(), "baseline".to_owned());
                labels.remove(PodSecurity::ENFORCE_VERSION);
            }
            snapshot.pods.iter_mut().for_each(|pod| pod.host_network = None);
        }
        if seed % 3 == 2 {
            snapshot = generate::rbac::add(&snapshot, seed, Shape::Any);
        }
        (seed, vec![Source { name: "cluster.yaml".to_owned(), bytes: to_yaml(&snapshot).into_bytes() }])
    })
}

fn question() -> Question {
    let environments = ["staging", "production"].map(|name| (name.to_owned(), format!("{name}*")));
    Question { environments: environments.to_vec(), ..Question::between("staging", "production") }
}

#[test]
fn what_is_said_of_repairs_is_what_the_proof_says_of_the_repaired_files() {
    let (mut isolated, mut repaired) = (0, 0);
    for (seed, sources) in clusters(20_000) {
        if prove(&read(&sources, &options()).snapshot, &question()).is_err() {
            continue;
        }
        let fix = fixed(&sources, &question());
        holds(&sources, &fix, &question());
        let proved = prove(&read(&applied(&fix), &options()).snapshot, &question()).unwrap();
        let mut left: Vec<_> = breaches(&proved).iter().map(|it| (it.rule, it.message.clone())).collect();
        let named = fix.left.iter().filter(|left| left.is_breach);
        let mut named: Vec<_> = named.map(|left| (left.rule.as_str(), left.message.clone())).collect();
        // Several places of one sentence are one thing to do.
        for all in [&mut left, &mut named] {
            all.sort();
            all.dedup();
        }
        assert_eq!(named, left, "seed {seed}: what is left is not what was named");
        repaired += usize::from(!fix.repairs.is_empty());
        isolated += usize::from(!fix.repairs.is_empty() && verdict(&fix.after) == Verdict::Isolated);
    }
    // The law must not hold for lack of clusters.
    assert!(repaired > 10 && isolated > 5, "{repaired} repaired, {isolated} isolated");
}

#[test]
fn what_worked_and_was_no_breach_works_afterwards() {
    let (mut ways, mut rights) = (0, 0);
    for (seed, sources) in clusters(30_000) {
        let before = read(&sources, &options()).snapshot;
        if prove(&before, &question()).is_err() {
            continue;
        }
        let fix = fixed(&sources, &question());
        if fix.repairs.is_empty() {
            continue;
        }
        let after = read(&applied(&fix), &options()).snapshot;
        let known = watertight_network::AddressSpace::of(&before).known;
        let (old, new) = (open(&before, &known), open(&after, &known));
        let lost: Vec<_> = old.difference(&new).collect();
        assert!(lost.is_empty(), "seed {seed}: {lost:#?} of {:#?}", fix.repairs);
        ways += old.len();
        let users = accounts(&before);
        let (old, new) = (allowed(&before, &users, &fix), allowed(&after, &users, &fix));
        let lost: Vec<_> = old.difference(&new).collect();
        assert!(lost.is_empty(), "seed {seed}: {lost:#?} of {:#?}", fix.repairs);
        rights += old.len();
    }
    assert!(ways > 100 && rights > 20, "{ways} ways, {rights} rights");
}

/// With losses accepted, what is lost stands at a repair, by its ends; and nothing is lost where no repair says so.
#[test]
fn nothing_is_lost_that_is_not_listed() {
    let (mut listed, mut closed_more) = (0, 0);
    for (seed, sources) in clusters(50_000) {
        let before = read(&sources, &options()).snapshot;
        if prove(&before, &question()).is_err() {
            continue;
        }
        let without = fixed(&sources, &question());
        let fix = asked(&sources, &question(), true);
        assert!(without.repairs.iter().all(|repair| repair.loses.is_empty()), "seed {seed}");
        let after = read(&applied(&fix), &options()).snapshot;
        assert_eq!(
            verdict(&prove(&after, &question()).unwrap()),
            verdict(&fix.after),
            "seed {seed}: the files say something else"
        );
        let losses: Vec<&String> = fix.repairs.iter().flat_map(|repair| &repair.loses).collect();
        let is_listed = |lost: &String| {
            let (ends, _) = lost.split_once(" on ").unwrap();
            let (from, to) = ends.split_once(" to ").unwrap();
            let of = |end: &str, loss: &str, at_start: bool| {
                let end = if end.parse::<IpAddr>().is_ok() { "addresses outside" } else { end };
                if at_start { loss.starts_with(end) } else { loss.contains(&format!(" to {end}")) }
            };
            losses.iter().any(|loss| of(from, loss, true) && of(to, loss, false))
        };
        let known = watertight_network::AddressSpace::of(&before).known;
        for lost in open(&before, &known).difference(&open(&after, &known)) {
            assert!(is_listed(lost), "seed {seed}: {lost} is lost, and only {losses:#?} is listed");
            listed += 1;
        }
        let breaches_of = |fix: &Fix| fix.left.iter().filter(|left| left.is_breach).count();
        if breaches_of(&fix) < breaches_of(&without) {
            assert!(!losses.is_empty(), "seed {seed}: more is closed for nothing");
            closed_more += 1;
        }
    }
    assert!(listed > 20 && closed_more > 5, "{listed} lost, {closed_more} closed more");
}

/// What is surely open on some ports between workloads, and between them and some addresses outside, but for what crosses, and
/// for what comes under the addresses of nodes, as what is on a node's network does.
fn open(snapshot: &Snapshot, known: &AddressSet) -> BTreeSet<String> {
    let map = connectivity(snapshot, question().profile, Relation::Must);
    let outside: Vec<IpAddr> = ["198.51.100.7", "203.0.113.9", "8.8.8.8", "2001:4860::1"]
        .map(|text| text.parse().unwrap())
        .into_iter()
        .filter(|&address| !known.contains(address))
        .collect();
    let ends = |peer: &Peer| -> Vec<String> {
        match peer {
            Peer::Workload { namespace, kind, name, .. } => vec![format!("{kind} {namespace}/{name}")],
            Peer::Cidrs(nets) => {
                let within = outside.iter().filter(|&address| nets.iter().any(|net| net.contains(address)));
                within.map(ToString::to_string).collect()
            }
            Peer::Node { .. } | Peer::Future { .. } => Vec::new(),
        }
    };
    let is_on_host = |peer: &Peer| {
        let mut pods = snapshot.pods.iter().filter(|pod| pod.host_network.is_some());
        pods.any(|pod| {
            let of = &snapshot.namespace(pod.namespace).name;
            matches!(peer, Peer::Workload { namespace, name, .. } if namespace == of && *name == pod.workload.name)
        })
    };
    let is_of = |peer: &Peer, side: &str| matches!(peer, Peer::Workload { namespace, .. } if namespace.starts_with(side));
    let mut open = BTreeSet::new();
    for edge in &map.edges {
        let crosses = is_of(&edge.from, "staging") && is_of(&edge.to, "production");
        if crosses || is_on_host(&edge.from) {
            continue;
        }
        for (from, to) in
            ends(&edge.from).iter().flat_map(|from| ends(&edge.to).into_iter().map(move |to| (from, to)))
        {
            for (protocol, port) in
                Protocol::ALL.into_iter().flat_map(|it| [53, 80, 443, 8080].map(|port| (it, port)))
            {
                if edge.allow.contains(protocol, port) {
                    open.insert(format!("{from} to {to} on {protocol:?} {port}"));
                }
            }
        }
    }
    open
}

/// Accounts that bindings name, and one more of each namespace; and whether they are of the hostile side.
fn accounts(snapshot: &Snapshot) -> BTreeSet<(bool, String)> {
    let bound = snapshot.role_bindings.iter().flat_map(|binding| &binding.subjects);
    let mut users: BTreeSet<(bool, String)> = bound
        .filter_map(|subject| match &subject.kind {
            SubjectKind::ServiceAccount(namespace) => {
                Some((namespace.starts_with("staging"), format!("{namespace}:{}", subject.name)))
            }
            _ => None,
        })
        .collect();
    let namespaces = snapshot.namespaces.iter().map(|namespace| &namespace.name);
    users.extend(namespaces.map(|name| (name.starts_with("staging"), format!("{name}:other"))));
    users
}

/// What accounts may do: those of the hostile side in their own namespaces, unless a repair says that it takes that too, and all
/// others anywhere.
fn allowed(snapshot: &Snapshot, users: &BTreeSet<(bool, String)>, fix: &Fix) -> BTreeSet<String> {
    let built_in = bootstrap(*SUPPORTED.end());
    let rbac = Rbac::new(snapshot, (&built_in.roles, &built_in.role_bindings), |_| true);
    let takes_all = fix.repairs.iter().any(|repair| {
        repair.object.kind == "ClusterRoleBinding"
            && !repair.changes.iter().all(|(text, _)| text.contains("stays theirs in "))
    });
    let namespaces: Vec<&str> = snapshot.namespaces.iter().map(|namespace| namespace.name.as_str()).collect();
    let mut allowed = BTreeSet::new();
    for (is_hostile, user) in users {
        let Some((home, name)) = user.split_once(':') else { continue };
        let account = rbac::account(home, name);
        for &namespace in &namespaces {
            if *is_hostile && (takes_all || !namespace.starts_with("staging")) {
                continue;
            }
            for (group, resource) in
                [("", "secrets"), ("", "pods"), ("", "configmaps"), ("apps", "deployments")]
            {
                for verb in ["get", "list", "create", "patch", "delete"] {
                    let asked = Attributes::Resource(ResourceAttributes {
                        verb: verb.to_owned(),
                        group: group.to_owned(),
                        resource: resource.to_owned(),
                        namespace: namespace.to_owned(),
                        ..ResourceAttributes::default()
                    });
                    if rbac.allows(&account, &asked) {
                        allowed.insert(format!("{user} may {asked}"));
                    }
                }
            }
        }
    }
    allowed
}

/// All sets of the candidates that touch fewer objects are tried: none of them suffices and keeps what worked.
#[test]
fn what_is_called_smallest_is_smallest_by_brute_force() {
    let mut tried = BTreeMap::from([(Losses::Refused, 0), (Losses::Accepted, 0)]);
    for (losses, (_, sources)) in [Losses::Refused, Losses::Accepted]
        .into_iter()
        .flat_map(|losses| clusters(10_000).map(move |cluster| (losses, cluster)))
    {
        let ingested = read(&sources, &options());
        let question = question();
        let Ok(report) = prove(&ingested.snapshot, &question) else { continue };
        let side = |index: usize| -> BTreeSet<String> {
            report.environments[index].namespaces.iter().map(|choice| choice.name.clone()).collect()
        };
        let principals = report.environments[0].principals.iter();
        let hostile: Vec<Principal> = principals.map(|choice| choice.principal.clone()).collect();
        let input = Input::new(&sources, &ingested.snapshot, side(0), side(1));
        let open = connectivity(&ingested.snapshot, question.profile, Relation::Must);
        let ground = Ground { input: &input, before: &open, hostile: &hostile };
        let options = options();
        let mut judge = Judge::new(&input, &options, &question, &open, &ingested, 1000);
        let (Some(found), _) = search(&ground, &mut judge, losses) else { continue };
        if !found.is_smallest || found.units.len() > 6 {
            continue;
        }
        if found.losses != losses {
            continue;
        }
        let size = found.state.objects(&input);
        for set in 0..1_usize << found.units.len() {
            let chosen = found.units.iter().enumerate().filter(|(index, _)| set >> index & 1 == 1);
            let state = chosen.fold(State::default(), |all, (_, unit)| all.with(unit));
            if state.objects(&input) >= size {
                continue;
            }
            let suffices = judge
                .mend(&state)
                .filter(|mended| is_enough(&mended.left, &found.goal))
                .is_some_and(|mended| losses == Losses::Accepted || judge.lost(&mended).is_none());
            assert!(!suffices, "{:#?} is smaller than {:#?}", objects(&state), objects(&found.state));
            *tried.entry(losses).or_default() += 1;
        }
    }
    assert!(tried.values().all(|tried| *tried > 20), "{tried:?} smaller sets");
}
