//! Pictures of random maps: they say what the map says, and nothing lies on anything else.

use super::*;
use crate::fixtures;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{ConnectionSet, PortSet, Protocol};
use watertight_model::{Edge, NamespaceChoice, ObjectRef, Path, Peer, Relation};

const NAMESPACES: [&str; 6] = ["staging", "production", "prod-data", "kube-system", "monitoring", "ingress"];

fn environments() -> Vec<EnvironmentReport> {
    let environment = |name: &str, namespaces: &[&str]| EnvironmentReport {
        name: name.to_owned(),
        namespaces: namespaces
            .iter()
            .map(|name| NamespaceChoice { name: (*name).to_owned(), why: String::new() })
            .collect(),
        principals: Vec::new(),
    };
    vec![environment("staging", &["staging"]), environment("production", &["production", "prod-data"])]
}

fn peer(number: usize) -> Peer {
    match number {
        0 => Peer::Node { name: "node-1".to_owned() },
        1 => Peer::Cidrs(vec!["10.0.0.0/8".parse().unwrap()]),
        2 => Peer::Cidrs(vec!["192.0.2.0/24".parse().unwrap(), "198.51.100.0/24".parse().unwrap()]),
        number => Peer::Workload {
            namespace: NAMESPACES[number % NAMESPACES.len()].to_owned(),
            kind: "Deployment".to_owned(),
            name: format!("app-{number}{}", "x".repeat(number % 5 * 12)),
            labels: None,
        },
    }
}

fn ports(number: usize) -> ConnectionSet {
    match number {
        0 => ConnectionSet::full(),
        1 => ConnectionSet::of(Protocol::Tcp, PortSet::single(80)),
        2 => ConnectionSet::of(Protocol::Tcp, PortSet::range(80, 90)),
        _ => ConnectionSet::of(Protocol::Tcp, PortSet::range(1, 79))
            .union(&ConnectionSet::of(Protocol::Udp, PortSet::full().difference(&PortSet::single(53)))),
    }
}

/// An object that carries connections on, and the ports at which it begins.
fn way(number: usize) -> (ObjectRef, ConnectionSet) {
    let (kind, namespace) =
        [("Ingress", "production"), ("HTTPRoute", "staging"), ("Service", "production")][number % 3];
    let via = ObjectRef {
        api_version: "v1".to_owned(),
        kind: kind.to_owned(),
        namespace: Some(namespace.to_owned()),
        name: format!("way-{}", number / 2),
        uid: None,
    };
    (via, ports(1 + number % 2))
}

/// Maps with some connections between single peers, and some between all of two namespaces.
fn maps(most: usize) -> impl Strategy<Value = ConnectivityMap> {
    let pairs = prop::collection::vec((0..most, 0..most, 0_usize..4), 0..30);
    let blocks = prop::collection::vec((0..6_usize, 0..6_usize, 0_usize..4), 0..5);
    let single = prop::collection::vec((0..most, 0..most, 0_usize..6), 0..8);
    // What is published is reached from all of a namespace, or from all that is no workload.
    let published = prop::collection::vec((0..7_usize, 0..most, 0_usize..6), 0..4);
    (pairs, blocks, single, published).prop_map(move |(pairs, blocks, single, published)| {
        let all = published.iter().flat_map(|&(from, to, number)| {
            let of = (0..most)
                .filter(move |peer| if from == 6 { *peer < 3 } else { *peer > 2 && peer % 6 == from });
            of.map(move |from| (from, to, number))
        });
        let paths = single.iter().copied().chain(all).filter(|(from, to, _)| from != to);
        let paths: BTreeSet<Path> = paths
            .map(|(from, to, number)| {
                let (via, allow) = way(number);
                Path { from: peer(from), to: peer(to), via, allow }
            })
            .collect();
        let mut edges: BTreeMap<(Peer, Peer), ConnectionSet> = BTreeMap::new();
        let mut add = |from: usize, to: usize, number: usize| {
            let allow = edges.entry((peer(from), peer(to))).or_default();
            *allow = allow.union(&ports(number));
        };
        for (from, to, number) in pairs {
            add(from, to, number);
        }
        for (from, to, number) in blocks {
            for one in (3..most).filter(|peer| peer % 6 == from) {
                (3..most).filter(|peer| peer % 6 == to).for_each(|other| add(one, other, number));
            }
        }
        let edges = edges.into_iter().map(|((from, to), allow)| Edge { from, to, allow });
        ConnectivityMap {
            relation: Relation::May,
            edges: edges.collect(),
            paths: paths.into_iter().collect(),
        }
    })
}

/// What passes from one peer to another: ports that are open, or what an object carries on.
type Said = BTreeSet<(Peer, Peer, Option<ObjectRef>, ConnectionSet)>;

/// What arrows and notes say, peer by peer; only red arrows if `red`.
fn said(map: &ConnectivityMap, setting: Setting<'_>, picture: &Picture, red: bool) -> Said {
    let boxes = Boxes::of(&Peers::of(map), setting, picture.level);
    let mut open: BTreeMap<(Peer, Peer), ConnectionSet> = BTreeMap::new();
    let mut said = Said::new();
    let mut say = |from: usize, to: usize, says: &Says| {
        for one in picture.tree.leaves(from) {
            for other in picture.tree.leaves(to) {
                for from in &boxes.boxes[one].peers {
                    for to in boxes.boxes[other].peers.iter().filter(|&to| to != from) {
                        let (from, to) = (from.clone(), to.clone());
                        match says {
                            Says::Open(ports) => {
                                let all = open.entry((from, to)).or_default();
                                *all = all.union(ports);
                            }
                            Says::Carried(ways) => said.extend(ways.0.iter().map(|&way| {
                                let Way { via, allow } = &picture.ways[way];
                                (from.clone(), to.clone(), Some(via.clone()), allow.clone())
                            })),
                        }
                    }
                }
            }
        }
    };
    for arrow in picture.arrows.iter().filter(|arrow| !red || picture.is_red(arrow, setting)) {
        say(arrow.from, arrow.to, &arrow.says);
        if arrow.both {
            say(arrow.to, arrow.from, &arrow.says);
        }
    }
    picture.notes.iter().filter(|_| !red).for_each(|note| say(note.from, note.to, &note.says));
    said.extend(open.into_iter().map(|((from, to), ports)| (from, to, None, ports)));
    said
}

/// What the map itself says.
fn passes(map: &ConnectivityMap, keep: impl Fn(&Peer, &Peer, Option<&ObjectRef>) -> bool) -> Said {
    let edges = map.edges.iter().map(|Edge { from, to, allow }| (from, to, None, allow));
    let paths = map.paths.iter().map(|Path { from, to, via, allow }| (from, to, Some(via), allow));
    let kept = edges.chain(paths).filter(|&(from, to, via, _)| from != to && keep(from, to, via));
    kept.map(|(from, to, via, allow)| (from.clone(), to.clone(), via.cloned(), allow.clone())).collect()
}

fn is_in(peer: &Peer, namespaces: &[&str]) -> bool {
    matches!(peer, Peer::Workload { namespace, .. } | Peer::Future { namespace, .. } if namespaces.contains(&namespace.as_str()))
}

fn overlap(one: Rect, other: Rect) -> bool {
    one.x < other.x + other.width
        && other.x < one.x + one.width
        && one.y < other.y + other.height
        && other.y < one.y + one.height
}

/// The straight pieces of a way: both ends in order.
type Line = ((i32, i32), (i32, i32));

fn lines(points: &[(i32, i32)]) -> Vec<Line> {
    points.windows(2).map(|pair| (pair[0].min(pair[1]), pair[0].max(pair[1]))).collect()
}

/// Whether two lines lie on each other, and do not merely cross or touch.
fn coincide(one: Line, other: Line) -> bool {
    let upright = |line: Line| line.0.0 == line.1.0;
    let along = |a: (i32, i32), b: (i32, i32)| a.0.max(b.0) < a.1.min(b.1);
    match (upright(one), upright(other)) {
        (true, true) => one.0.0 == other.0.0 && along((one.0.1, one.1.1), (other.0.1, other.1.1)),
        (false, false) => one.0.1 == other.0.1 && along((one.0.0, one.1.0), (other.0.0, other.1.0)),
        _ => false,
    }
}

fn crosses_text(line: Line, label: Rect) -> bool {
    line.0.0 < label.x + label.width
        && label.x <= line.1.0
        && line.0.1 < label.y + label.height
        && label.y <= line.1.1
}

fn nothing_lies_on_anything_else(layout: &Layout, tree: &Tree) -> Result<(), TestCaseError> {
    for (index, label) in layout.labels.iter().enumerate() {
        let Rect { x, y, width, height } = label.rect;
        prop_assert!(
            x >= 0 && y >= 0 && x + width <= layout.width && y + height <= layout.height,
            "{label:?}"
        );
        for other in &layout.labels[index + 1..] {
            prop_assert!(!overlap(label.rect, other.rect), "{:?} and {:?}", label, other);
        }
        let in_frame = matches!(label.tone, Tone::Title | Tone::Name | Tone::Note);
        for frame in layout.frames.iter().filter(|_| !in_frame) {
            prop_assert!(!overlap(label.rect, frame.rect), "{:?} and {:?}", label, frame);
        }
        for line in layout.routes.iter().flat_map(|route| lines(&route.points)) {
            prop_assert!(!crosses_text(line, label.rect), "{:?} and {:?}", label, line);
        }
    }
    for (index, frame) in layout.frames.iter().enumerate() {
        for other in &layout.frames[index + 1..] {
            let nested = tree.is_within(other.node, frame.node);
            prop_assert!(nested || !overlap(frame.rect, other.rect), "{:?} and {:?}", frame, other);
        }
    }
    for (index, route) in layout.routes.iter().enumerate() {
        for other in &layout.routes[index + 1..] {
            for one in lines(&route.points) {
                for other in lines(&other.points) {
                    prop_assert!(!coincide(one, other), "{:?} and {:?}", one, other);
                }
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_picture_says_what_the_map_says_and_red_is_what_crosses(map in maps(24)) {
        let environments = environments();
        let setting = Setting { environments: &environments, boundary: Some(("staging", "production")), ..Setting::default() };
        let picture = Picture::of(&map, setting);
        prop_assert_eq!(picture.level, Level::Peers);
        prop_assert_eq!(said(&map, setting, &picture, false), passes(&map, |_, _, _| true));
        let crosses = |from: &Peer, to: &Peer| is_in(from, &["staging"]) && is_in(to, &["production", "prod-data"]);
        let red = said(&map, setting, &picture, true);
        prop_assert!(red.iter().all(|(from, to, _, _)| crosses(from, to)));
        // An arrow that says several ways is red if one of them is.
        let is_published = |via: &ObjectRef| via.kind == "Ingress";
        let must = passes(&map, |from, to, via| crosses(from, to) && !via.is_some_and(is_published));
        prop_assert!(red.is_superset(&must));
        let published = |one: &(_, _, Option<ObjectRef>, _)| one.2.as_ref().is_some_and(is_published);
        let beside = |one: &(Peer, Peer, Option<ObjectRef>, _)| {
            must.iter().any(|other| other.2.is_some() && (&other.0, &other.1) == (&one.0, &one.1))
        };
        prop_assert!(red.difference(&must).all(|one| published(one) && beside(one)));
    }

    #[test]
    fn nothing_in_a_picture_lies_on_anything_else(map in maps(40), environments_shown in 0_usize..3, boundary in any::<bool>()) {
        let environments = environments();
        let boundary = (boundary && environments_shown == 2).then_some(("staging", "production"));
        let setting = Setting { environments: &environments[..environments_shown], boundary, ..Setting::default() };
        let picture = Picture::of(&map, setting);
        let layout = Layout::of(&picture, setting);
        nothing_lies_on_anything_else(&layout, &picture.tree)?;
        prop_assert_eq!(layout.routes.len(), picture.arrows.len());
    }

    #[test]
    fn the_order_of_edges_never_shows(map in maps(16)) {
        let environments = environments();
        let setting = Setting { environments: &environments, ..Setting::default() };
        let mut reversed = map.clone();
        reversed.edges.reverse();
        reversed.paths.reverse();
        prop_assert_eq!(crate::map_svg(&map, setting), crate::map_svg(&reversed, setting));
    }
}

#[test]
fn peers_that_no_connection_tells_apart_are_one_box() {
    let edge = |from, to, number| Edge { from: peer(from), to: peer(to), allow: ports(number) };
    // 6 and 12 are in one namespace, and so is 18, which alone is reached by 7.
    let edges =
        vec![edge(6, 3, 1), edge(12, 3, 1), edge(18, 3, 1), edge(7, 18, 2), edge(6, 12, 1), edge(12, 6, 1)];
    let map = ConnectivityMap { relation: Relation::May, edges, paths: Vec::new() };
    let boxes = Boxes::of(
        &Peers::of(&map),
        Setting { environments: &environments(), ..Setting::default() },
        Level::Peers,
    );
    let peers: Vec<Vec<Peer>> = boxes.boxes.iter().map(|each| each.peers.clone()).collect();
    assert!(
        peers.contains(&vec![peer(12), peer(6)]) || peers.contains(&vec![peer(6), peer(12)]),
        "{peers:#?}"
    );
    assert!(peers.contains(&vec![peer(18)]));
}

#[test]
fn a_group_that_reaches_another_as_a_whole_is_one_arrow() {
    let one: Vec<usize> = vec![6, 12, 18];
    let other: Vec<usize> = vec![9, 15, 21];
    let pairs = one.iter().flat_map(|&from| other.iter().map(move |&to| (from, to)));
    let mut edges: Vec<Edge> =
        pairs.map(|(from, to)| Edge { from: peer(from), to: peer(to), allow: ports(1) }).collect();
    // What tells the peers apart.
    edges.extend([(6, 9), (12, 15), (18, 21)].map(|(from, to)| Edge {
        from: peer(to),
        to: peer(from),
        allow: ports(2),
    }));
    let map = ConnectivityMap { relation: Relation::May, edges, paths: Vec::new() };
    let setting = Setting { environments: &environments(), ..Setting::default() };
    let picture = Picture::of(&map, setting);
    assert_eq!(picture.tree.nodes.iter().filter(|node| node.of.is_some()).count(), 6);
    assert_eq!(picture.arrows.len(), 4, "{:#?}", picture.arrows);
}

#[test]
fn too_many_boxes_become_namespaces_and_too_many_namespaces_sides() {
    let workload = |namespace: String, name: usize| Peer::Workload {
        namespace,
        kind: "Pod".to_owned(),
        name: format!("p{name}"),
        labels: None,
    };
    let ring = |namespaces: usize| {
        let at = |number: usize| workload(format!("n{}", number % namespaces), number);
        let edges =
            (0..200).map(|number| Edge { from: at(number), to: at((number + 1) % 200), allow: ports(1) });
        ConnectivityMap { relation: Relation::May, edges: edges.collect(), paths: Vec::new() }
    };
    let setting = Setting { environments: &[], ..Setting::default() };
    for (namespaces, level, boxes) in [(5, Level::Namespaces, 5), (200, Level::Sides, 1)] {
        let map = ring(namespaces);
        let picture = Picture::of(&map, setting);
        assert_eq!(picture.level, level);
        assert_eq!(picture.tree.nodes.iter().filter(|node| node.of.is_some()).count(), boxes);
        let layout = Layout::of(&picture, setting);
        let says = layout
            .labels
            .iter()
            .any(|label| label.tone == Tone::LegendRed && label.text.starts_with("200 peers are too many"));
        assert!(says, "{:#?}", layout.labels);
    }
}

#[test]
fn a_picture_says_what_it_may_lack() {
    let environments = environments();
    let plain = Setting { environments: &environments, ..Setting::default() };
    let said = |setting: Setting<'_>, relation| {
        let map = ConnectivityMap { relation, ..fixtures::map() };
        let labels = Layout::of(&Picture::of(&map, setting), setting).labels.into_iter();
        let above = |label: &Label| matches!(label.tone, Tone::Heading | Tone::Legend | Tone::LegendRed);
        labels.filter(above).map(|label| label.text).collect::<Vec<_>>()
    };
    // The last is the way, below the picture.
    assert_eq!(said(plain, Relation::May).last().unwrap(), "1: TCP 30432 via Service production/db");
    let narrowed = Setting { focus: Some("db"), blind_spots: 2, ..plain };
    let says = said(narrowed, Relation::Must);
    assert_eq!(
        says[..4],
        [
            "Who can open a connection to whom for certain",
            "only what touches db",
            "2 blind spots: connections may be missing here, or too many shown",
            "an arrow to or from a group is about each box in it; ↻ is what passes among those in a group or box"
        ]
    );
    let reverse = Setting { boundary: Some(("production", "staging")), ..plain };
    assert!(
        said(reverse, Relation::May)[3]
            .starts_with("red would be from production to staging: no arrow here is")
    );
    assert!(said(reverse, Relation::May)[2].ends_with("; what staging publishes is not red"));
}

#[test]
fn the_map_of_the_fixtures_has_a_picture() {
    let environments = environments();
    let setting = Setting {
        environments: &environments,
        boundary: Some(("staging", "production")),
        ..Setting::default()
    };
    insta::assert_snapshot!(crate::map_svg(&fixtures::map(), setting));
}
