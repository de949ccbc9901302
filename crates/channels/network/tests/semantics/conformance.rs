//! The truth tables of the admin tiers, asked of the engine's map.

use watertight_model::{ConnectivityMap, Peer, Relation};
use watertight_network::{Axis, Point, Profile, connectivity};
use watertight_oracle::Endpoint;
use watertight_oracle::conformance::{Answer, Question, Table, tier_tables};

/// What the text leaves open, and no more: the tiers are read, `networks` mean pods and nodes, nobody has faults, and pods
/// and nodes are on the wire as they are.
fn as_the_text_says() -> Profile {
    let point = |axis| Point { axis, source: "the text of the API" };
    let mut profile = Profile::CONSERVATIVE;
    profile.reads_cluster_network_policy = point(Axis::Always);
    profile.reads_admin_network_policy = point(Axis::Always);
    profile.networks_match_cluster = point(Axis::Always);
    profile.pod_to_own_node = point(Axis::Never);
    profile.members = &[];
    profile
}

pub(crate) fn holds(map: &ConnectivityMap, question: &Question) -> bool {
    let is = |peer: &Peer, wanted: &str| match peer {
        Peer::Workload { namespace, name, .. } => format!("{namespace}/{name}") == wanted,
        Peer::Cidrs(cidrs) => wanted
            .parse()
            .is_ok_and(|wanted| cidrs.iter().any(|cidr| cidr.contains::<&std::net::IpAddr>(&wanted))),
        Peer::Node { name } => wanted == format!("node/{name}"),
        Peer::Future { .. } => false,
    };
    let mut edges =
        map.edges.iter().filter(|edge| is(&edge.from, &question.from) && is(&edge.to, &question.to));
    edges.any(|edge| edge.allow.contains(question.protocol, question.port))
}

/// Whether both ends of a question are pods with a network of their own: the others are something else to `declared`.
fn is_between_pods(table: &Table, question: &Question) -> bool {
    [&question.from, &question.to].iter().all(|name| {
        let end = table.endpoint(name).unwrap();
        matches!(end, Endpoint::Pod(_)) && !end.is_on_the_host()
    })
}

/// A profile that doubts no more than the text does says what the text says: what passes for all that conform must pass,
/// what passes for some of them may, and nothing else may. One doubt is left: who dials a node, or a pod on its network,
/// may do so at the address of the node's tunnel, which the tables don't speak of.
#[test]
fn n57_a_profile_that_only_follows_the_text_answers_each_cell_as_the_text_does() {
    let (mut seen, mut doubted) = ([0, 0, 0], 0);
    for table in tier_tables() {
        let [may, must] = [Relation::May, Relation::Must]
            .map(|relation| connectivity(&table.snapshot, as_the_text_says(), relation));
        for question in table.questions().unwrap() {
            let answer = match (holds(&may, &question), holds(&must, &question)) {
                (true, true) => Answer::Passes,
                (true, false) => Answer::Undefined,
                (false, false) => Answer::Blocked,
                (false, true) => panic!("{}: what must pass may not: {question:?}", table.name),
            };
            let dialled_on_host = table.endpoint(&question.to).unwrap().is_on_the_host();
            if dialled_on_host && answer == Answer::Undefined {
                doubted += 1;
                continue;
            }
            assert_eq!(answer, question.answer, "{}: {question:?}", table.name);
            seen[answer as usize] += 1;
        }
    }
    assert!(seen[0] > 200 && seen[1] > 100 && seen[2] >= 8 && doubted < 20, "{seen:?} {doubted}");
}

/// `conservative` doubts more: whether the tiers are read at all. So whatever the text lets pass, or does not settle, may
/// pass, and what must pass is what the text lets pass. What the text forbids it may let pass, for who reads no tiers.
#[test]
fn n57_the_default_profile_lets_pass_in_may_what_the_text_does_not_forbid_and_in_must_only_what_it_allows() {
    let mut doubted = 0;
    for table in tier_tables() {
        let [may, must] = [Relation::May, Relation::Must]
            .map(|relation| connectivity(&table.snapshot, Profile::CONSERVATIVE, relation));
        for question in table.questions().unwrap() {
            let [may, must] = [&may, &must].map(|map| holds(map, &question));
            assert!(may || question.answer == Answer::Blocked, "{}: {question:?}", table.name);
            assert!(!must || question.answer == Answer::Passes, "{}: {question:?}", table.name);
            doubted += usize::from(may != must);
        }
    }
    assert!(doubted > 100, "only {doubted} cells are doubted");
}

/// `declared` reads the policies alone, and has one answer where the text has two. About nodes and the host network it
/// does not ask.
#[test]
fn n57_the_profile_declared_answers_between_pods_what_the_text_settles() {
    let mut seen = 0;
    for table in tier_tables() {
        let map = connectivity(&table.snapshot, Profile::DECLARED, Relation::May);
        for question in table.questions().unwrap() {
            if question.answer == Answer::Undefined || !is_between_pods(&table, &question) {
                continue;
            }
            assert_eq!(
                holds(&map, &question),
                question.answer == Answer::Passes,
                "{}: {question:?}",
                table.name
            );
            seen += 1;
        }
    }
    assert!(seen > 300, "only {seen} cells");
}
