//! A map for machines: `watertight.dev/map/v1`, as `schemas/map-v1.schema.json` has it.

use crate::Provenance;
use crate::json::{
    BlindSpotJson, DiagnosticJson, ObjectJson, PortsJson, ToolJson, allow_json, blind_spots, diagnostics,
    pretty,
};
use serde::Serialize;
use watertight_base::Labels;
use watertight_model::{Channel, ConnectivityMap, Edge, Path, Peer};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MapJson<'a> {
    schema: &'static str,
    tool: ToolJson<'a>,
    input_digest: &'a str,
    profile: &'a str,
    relation: &'static str,
    edges: Vec<EdgeJson<'a>>,
    paths: Vec<PathJson<'a>>,
    blind_spots: Vec<BlindSpotJson>,
    diagnostics: Vec<DiagnosticJson>,
}

#[derive(Debug, Serialize)]
struct EdgeJson<'a> {
    from: PeerJson<'a>,
    to: PeerJson<'a>,
    allow: PortsJson,
}

#[derive(Debug, Serialize)]
struct PathJson<'a> {
    from: PeerJson<'a>,
    to: PeerJson<'a>,
    via: ObjectJson,
    allow: PortsJson,
}

/// One end of a connection.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum PeerJson<'a> {
    Workload {
        namespace: &'a str,
        kind: &'a str,
        name: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        labels: Option<&'a Labels>,
    },
    Cidrs(Vec<String>),
    Node {
        name: &'a str,
    },
    Future {
        namespace: &'a str,
        labels: &'a Labels,
    },
}

/// The map as one JSON document.
///
/// # Errors
/// Only if the serializer does.
pub fn map_json(
    map: &ConnectivityMap,
    profile: &str,
    provenance: Provenance<'_>,
) -> serde_json::Result<String> {
    let Provenance { version, input_digest, inputs, snapshot, diagnostics: findings, .. } = provenance;
    let mut edges: Vec<&Edge> = map.edges.iter().collect();
    edges.sort();
    let mut paths: Vec<&Path> = map.paths.iter().collect();
    paths.sort();
    pretty(&MapJson {
        schema: "watertight.dev/map/v1",
        tool: ToolJson::at(version),
        input_digest,
        profile,
        relation: map.relation.name(),
        edges: edges.into_iter().map(edge).collect(),
        paths: paths.into_iter().map(path).collect(),
        blind_spots: blind_spots(snapshot.blind_spots_of(Channel::Network), inputs),
        diagnostics: diagnostics(findings, inputs),
    })
}

fn edge(edge: &Edge) -> EdgeJson<'_> {
    EdgeJson { from: peer(&edge.from), to: peer(&edge.to), allow: allow_json(&edge.allow) }
}

fn path(path: &Path) -> PathJson<'_> {
    let via = ObjectJson::from(&path.via);
    PathJson { from: peer(&path.from), to: peer(&path.to), via, allow: allow_json(&path.allow) }
}

/// A peer of the map.
pub(crate) fn peer(peer: &Peer) -> PeerJson<'_> {
    match peer {
        Peer::Workload { namespace, kind, name, labels } => {
            PeerJson::Workload { namespace, kind, name, labels: labels.as_ref() }
        }
        Peer::Cidrs(cidrs) => PeerJson::Cidrs(cidrs.iter().map(ToString::to_string).collect()),
        Peer::Node { name } => PeerJson::Node { name },
        Peer::Future { namespace, labels } => PeerJson::Future { namespace, labels },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, document};
    use serde_json::json;

    const SCHEMA: &str = include_str!("../../../schemas/map-v1.schema.json");

    #[test]
    fn a_map_is_as_the_schema_has_it() {
        let document = document(SCHEMA, |provenance| map_json(&fixtures::map(), "declared", provenance));
        assert_eq!(document["relation"], "may");
        assert_eq!(document["edges"].as_array().unwrap().len(), fixtures::map().edges.len());
        assert_eq!(
            document["edges"][1],
            json!({
                "from": {"workload": {"namespace": "staging", "kind": "Deployment", "name": "api"}},
                "to": {"workload": {"namespace": "production", "kind": "StatefulSet", "name": "db"}},
                "allow": {"TCP": [[5432, 5432]]},
            })
        );
    }

    #[test]
    fn edges_are_sorted_whatever_their_order_was() {
        let mut map = fixtures::map();
        let sorted = document(SCHEMA, |provenance| map_json(&map, "declared", provenance));
        map.edges.reverse();
        assert_eq!(document(SCHEMA, |provenance| map_json(&map, "declared", provenance)), sorted);
    }
}
