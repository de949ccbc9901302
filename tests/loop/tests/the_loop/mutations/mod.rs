//! Nothing that is compiled is there in vain: take an object away, or make one of its rules weaker, and either something gets
//! across, or something that must work does not, or `listed.rs` says why neither is so.

mod listed;
mod weaken;

use crate::cluster::{Cluster, findings, profiles};
use crate::fleet::{Fleet, called};
use crate::needs;
use crate::surroundings::is_of_a_proxy;
use listed::{LISTED, Why};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use watertight_model::{NeedState, Snapshot, SubjectKind, Verdict};
use watertight_network::Profile;
use watertight_prove::{Question, prove};
use weaken::{Weakened, weakened};

const FULL: &str = include_str!("../../../../../examples/intent-full/watertight.yaml");
const RICH: &str = include_str!("../../../intents/rich.yaml");

/// An example without what is let through on purpose, and without applications whose files are elsewhere.
fn walled(text: &str) -> Fleet {
    let mut intent: Value = serde_saphyr::from_str(text).unwrap();
    let spec = intent["spec"].as_object_mut().unwrap();
    spec.remove("boundaries");
    let applications = spec["applications"].as_array_mut().unwrap();
    applications.retain(|application| application["image"].is_string());
    // What is in private addresses may be a pod: nobody could say that it is open, nor that what leads there stays outside.
    let stores = spec["stores"].as_array_mut().unwrap().iter_mut();
    let endpoints = stores.flat_map(|store| store["endpoints"].as_array_mut().unwrap());
    for (number, endpoint) in endpoints.enumerate() {
        endpoint["cidrs"] = json!([format!("198.51.100.{}/28", 16 * number)]);
    }
    Fleet::of(&intent.to_string()).unwrap_or_else(|found| panic!("{found:#?}"))
}

/// What is seen of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// The walls stand, and what must work does.
    Nothing,
    /// Something gets across, or could.
    Across([usize; 2]),
    /// Something that must work does not.
    Closed,
}

/// What is proved of a snapshot in place of the cluster's, of some pairs.
fn across(
    cluster: &Cluster<'_>,
    snapshot: &Snapshot,
    profile: Profile,
    pairs: &[[usize; 2]],
) -> Option<[usize; 2]> {
    let is_open = |pair: &[usize; 2]| {
        // Who only reads something of the other side has come through a wall too.
        let question = Question { strict: true, ..cluster.question(*pair, profile) };
        prove(snapshot, &question).is_ok_and(|report| report.boundaries[0].verdict != Verdict::Isolated)
    };
    pairs.iter().copied().find(is_open)
}

fn seen(cluster: &Cluster<'_>, objects: &[Value]) -> Seen {
    let snapshot = cluster.with(objects);
    let pairs = cluster.pairs();
    if let Some(pair) = across(cluster, &snapshot, Profile::CONSERVATIVE, &pairs) {
        return Seen::Across(pair);
    }
    let is_closed = |pair: &[usize; 2]| match needs::answers(cluster, &snapshot, *pair, Profile::CONSERVATIVE)
    {
        Ok(needs) => needs.iter().any(|(_, need)| need.state == NeedState::Closed),
        Err(_) => true,
    };
    match pairs.iter().filter(|[from, to]| from < to).any(is_closed) {
        true => Seen::Closed,
        false => Seen::Nothing,
    }
}

/// Subjects of environments other than that of an object.
fn strangers(cluster: &Cluster<'_>, object: &Value) -> Vec<Value> {
    let own = object["metadata"]["labels"]["watertight.dev/environment"].as_str();
    let mut strangers = Vec::new();
    for (_, environment) in cluster.fleet.environments(cluster.index) {
        if own == Some(&environment.name.value) {
            continue;
        }
        let namespace = &environment.namespaces[0].value;
        strangers.push(json!({"kind": "ServiceAccount", "name": "default", "namespace": namespace}));
        for principal in cluster.fleet.principals(environment).into_iter().take(1) {
            let kind = if principal.kind == SubjectKind::User { "User" } else { "Group" };
            let group = "rbac.authorization.k8s.io";
            strangers.push(json!({"apiGroup": group, "kind": kind, "name": principal.name}));
        }
    }
    strangers
}

/// Pairs on whose one side an object is; all for one that is nobody's.
fn about(cluster: &Cluster<'_>, object: &Value) -> Vec<[usize; 2]> {
    let own = object["metadata"]["labels"]["watertight.dev/environment"].as_str();
    let is_own = |id: &usize| own == Some(&cluster.fleet.intent.environments[*id].name.value);
    let mut pairs = cluster.pairs();
    if own.is_some() {
        pairs.retain(|pair| pair.iter().any(is_own));
    }
    pairs
}

/// Whether a weaker object is found once other policies are gone too, while without it nothing would be.
fn is_second_fence(cluster: &Cluster<'_>, object: &Value, weaker: Option<&Value>, why: Why) -> bool {
    let environment = |object: &Value| object["metadata"]["labels"]["watertight.dev/environment"].clone();
    let goes = |other: &Value| {
        let is_beside = other["metadata"]["namespace"] == object["metadata"]["namespace"] && other != object;
        let is_of_others = environment(other) != environment(object);
        let is_policy = is_of_a_fence(other);
        is_policy && (is_of_others || why == Why::BesideIt && is_beside) || is_of_a_proxy(other)
    };
    let left = cluster.objects.iter().filter(|other| !goes(other)).cloned();
    let left: Vec<Value> = match why {
        Why::FirstFence => {
            let is_left = |other: &&Value| {
                let is_own =
                    other["kind"] != "ClusterNetworkPolicy" || environment(other) == environment(object);
                is_own && !is_of_a_proxy(other)
            };
            cluster.objects.iter().filter(is_left).map(opened).collect()
        }
        _ => left.collect(),
    };
    let pairs = about(cluster, object);
    // A proxy could carry on for whoever has routes, and no egress is fenced by its own side alone.
    let besides = cluster.besides.iter().filter(|object| !is_of_a_proxy(object)).cloned().collect();
    let cluster = &Cluster { besides, ..cluster.clone() };
    let before = cluster.with(&left);
    let after = cluster.with(&replaced(&left, object, weaker));
    // What one side's policies hold alone differs from one enforcer to the next.
    let enforcers = profiles().skip(1).chain([Profile::CONSERVATIVE]);
    let asked: Vec<Profile> = match why {
        Why::FirstFence => by_the_text().into(),
        _ => enforcers.collect(),
    };
    asked.into_iter().any(|profile| {
        let is_open = |snapshot: &Snapshot, pair| across(cluster, snapshot, profile, &[pair]).is_some();
        pairs.iter().any(|&pair| !is_open(&before, pair) && is_open(&after, pair))
    })
}

/// As the specification is written, and the same where networks match no pods, as they do not everywhere.
fn by_the_text() -> [Profile; 2] {
    let mut matches_no_pods = Profile::DECLARED;
    matches_no_pods.networks_match_cluster = Profile::CILIUM.networks_match_cluster;
    [Profile::DECLARED, matches_no_pods]
}

/// Whether an object is of one of the two fences.
fn is_of_a_fence(object: &Value) -> bool {
    ["NetworkPolicy", "ClusterNetworkPolicy"].contains(&object["kind"].as_str().unwrap())
}

/// The object, or where it is of the first fence, one that lets everything through.
fn opened(object: &Value) -> Value {
    let mut opened = object.clone();
    if object["kind"] == "NetworkPolicy" {
        opened["spec"] = json!({
            "podSelector": {},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{}],
            "egress": [{}],
        });
    }
    opened
}

/// Objects of which one is another, or gone.
fn replaced(objects: &[Value], object: &Value, by: Option<&Value>) -> Vec<Value> {
    let replace = |other: &Value| if other == object { by.cloned() } else { Some(other.clone()) };
    objects.iter().filter_map(replace).collect()
}

/// What is not found although nothing says why, and which entries of the list were needed.
#[derive(Default)]
struct Found {
    unseen: Vec<String>,
    needed: BTreeSet<usize>,
    compiled: BTreeSet<usize>,
    met: BTreeMap<&'static str, usize>,
}

impl Found {
    fn add(&mut self, other: Self) {
        self.unseen.extend(other.unseen);
        self.needed.extend(other.needed);
        self.compiled.extend(other.compiled);
        for (word, count) in other.met {
            *self.met.entry(word).or_default() += count;
        }
    }
}

fn mutate(cluster: &Cluster<'_>, found: &mut Found) {
    for pair in cluster.pairs() {
        let report = cluster.report(pair, Profile::CONSERVATIVE);
        assert_eq!(report.boundaries[0].verdict, Verdict::Isolated, "{}", findings(&report));
    }
    assert_eq!(seen(cluster, &cluster.objects), Seen::Nothing);
    for object in &cluster.objects {
        for (number, listed) in LISTED.iter().enumerate() {
            if listed.is_compiled(object) {
                found.compiled.insert(number);
            }
        }
        let mut ways = weakened(object, &strangers(cluster, object));
        // A weaker guard refuses no less than none: where that is not found, no other way is.
        let is_guard = object["kind"].as_str().unwrap().starts_with("ValidatingAdmissionPolicy");
        if is_guard && seen(cluster, &replaced(&cluster.objects, object, None)) == Seen::Nothing {
            ways.clear();
        }
        let ways = ways.into_iter().map(|Weakened { what, object }| (what, Some(object)));
        for (what, weaker) in ways.chain([("gone".to_owned(), None)]) {
            let seen = seen(cluster, &replaced(&cluster.objects, object, weaker.as_ref()));
            let word = match seen {
                Seen::Nothing => "nothing",
                Seen::Across(_) => "across",
                Seen::Closed => "closed",
            };
            *found.met.entry(word).or_default() += 1;
            if seen != Seen::Nothing {
                continue;
            }
            let entry = LISTED.iter().enumerate().find(|(_, listed)| listed.is_about(object, &what));
            let holds = entry.is_some_and(|(_, listed)| {
                matches!(listed.why, Why::NoWall(_))
                    || is_second_fence(cluster, object, weaker.as_ref(), listed.why)
            });
            if let Some((number, _)) = entry.filter(|_| holds) {
                found.needed.insert(number);
                continue;
            }
            let fence = [Why::OtherSide, Why::BesideIt, Why::FirstFence]
                .into_iter()
                .find(|why| is_second_fence(cluster, object, weaker.as_ref(), *why));
            let listed = entry.map(|(_, listed)| listed.why);
            found.unseen.push(format!("{}: {what}: listed {listed:?}, it is {fence:?}", called(object)));
        }
    }
}

#[test]
fn nothing_is_compiled_in_vain() {
    let mut found = Found::default();
    let of_example = |text| {
        let mut found = Found::default();
        let fleet = walled(text);
        mutate(&Cluster::of(&fleet, 0, false), &mut found);
        found
    };
    std::thread::scope(|scope| {
        let examples = [FULL, RICH].map(|text| scope.spawn(move || of_example(text)));
        for one in examples {
            found.add(one.join().unwrap());
        }
    });
    println!("{:?}", found.met);
    assert!(found.unseen.is_empty(), "not found:\n{}", found.unseen.join("\n"));
    let stale: Vec<_> = found.compiled.difference(&found.needed).map(|&number| &LISTED[number]).collect();
    assert!(stale.is_empty(), "nothing needs {stale:#?}");
}
