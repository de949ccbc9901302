//! A map for machines in its short form: `watertight.dev/classes/v1`, as `schemas/classes-v1.schema.json` has it. Peers
//! that no policy tells apart are one class.

use crate::Provenance;
use crate::json::{
    BlindSpotJson, DiagnosticJson, ObjectJson, PortsJson, ToolJson, allow_json, blind_spots, diagnostics,
    pretty,
};
use crate::map_json::{PeerJson, peer};
use serde::Serialize;
use watertight_model::{Channel, ClassMap};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ClassesJson<'a> {
    schema: &'static str,
    tool: ToolJson<'a>,
    input_digest: &'a str,
    profile: &'a str,
    relation: &'static str,
    classes: Vec<Vec<PeerJson<'a>>>,
    edges: Vec<EdgeJson<'a>>,
    own: Vec<OwnJson>,
    paths: Vec<PathJson>,
    blind_spots: Vec<BlindSpotJson>,
    diagnostics: Vec<DiagnosticJson>,
}

/// What each peer of a class can open to each other peer of some classes.
#[derive(Debug, Serialize)]
struct EdgeJson<'a> {
    from: usize,
    to: &'a [usize],
    allow: PortsJson,
}

/// What each peer of a class can open to itself.
#[derive(Debug, Serialize)]
struct OwnJson {
    class: usize,
    allow: PortsJson,
}

/// What an object carries on.
#[derive(Debug, Serialize)]
struct PathJson {
    from: usize,
    to: usize,
    via: ObjectJson,
    allow: PortsJson,
}

/// The map by class as one JSON document.
///
/// # Errors
/// Only if the serializer does.
pub fn map_classes(map: &ClassMap, profile: &str, provenance: Provenance<'_>) -> serde_json::Result<String> {
    let Provenance { version, input_digest, inputs, snapshot, diagnostics: findings, .. } = provenance;
    let peers =
        |class: &Vec<usize>| class.iter().filter_map(|&index| map.peers.get(index)).map(peer).collect();
    let edges = map.edges.iter();
    let paths = map.paths.iter();
    pretty(&ClassesJson {
        schema: "watertight.dev/classes/v1",
        tool: ToolJson::at(version),
        input_digest,
        profile,
        relation: map.relation.name(),
        classes: map.classes.iter().map(peers).collect(),
        edges: edges
            .map(|edge| EdgeJson { from: edge.from, to: &edge.to, allow: allow_json(&edge.allow) })
            .collect(),
        own: map
            .own
            .iter()
            .map(|(class, allow)| OwnJson { class: *class, allow: allow_json(allow) })
            .collect(),
        paths: paths
            .map(|path| PathJson {
                from: path.from,
                to: path.to,
                via: ObjectJson::from(&path.via),
                allow: allow_json(&path.allow),
            })
            .collect(),
        blind_spots: blind_spots(snapshot.blind_spots_of(Channel::Network), inputs),
        diagnostics: diagnostics(findings, inputs),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, document};
    use serde_json::json;
    use watertight_model::{ClassEdge, ClassPath};

    const SCHEMA: &str = include_str!("../../../schemas/classes-v1.schema.json");

    /// All sources of the map as one class and all destinations as another.
    fn classes() -> ClassMap {
        let map = fixtures::map();
        let allow = map.edges[0].allow.clone();
        let mut peers: Vec<_> =
            map.edges.iter().flat_map(|edge| [edge.from.clone(), edge.to.clone()]).collect();
        peers.sort();
        peers.dedup();
        let via = map.paths[0].via.clone();
        ClassMap {
            relation: map.relation,
            classes: vec![(0..peers.len()).collect(), vec![1]],
            peers,
            edges: vec![ClassEdge { from: 0, to: vec![0, 1], allow: allow.clone() }],
            own: vec![(1, allow.clone())],
            paths: vec![ClassPath { from: 0, to: 1, via, allow }],
        }
    }

    #[test]
    fn classes_are_as_the_schema_has_them() {
        let map = classes();
        let document = document(SCHEMA, |provenance| map_classes(&map, "declared", provenance));
        assert_eq!(document["classes"][0].as_array().unwrap().len(), map.peers.len());
        assert_eq!(document["edges"][0]["to"], json!([0, 1]));
        assert_eq!(document["own"][0]["class"], 1);
        assert_eq!(document["paths"][0]["via"]["kind"], "Service");
    }

    #[test]
    fn a_class_stands_for_each_of_its_peers() {
        let map = classes();
        let whole = map.expand();
        // Each to each other; and one to itself.
        let count = map.peers.len() * (map.peers.len() - 1) + 1;
        assert_eq!((whole.edges.len(), whole.paths.len()), (count, map.peers.len() - 1));
        assert_eq!(whole.edges.iter().filter(|edge| edge.from == edge.to).count(), 1);
    }
}
