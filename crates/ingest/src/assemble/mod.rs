//! From the objects of all sources to one snapshot.

mod blind_spots;
mod duplicates;
mod namespaces;
mod priorities;
mod rollup;

use crate::read::{Body, Found};
use crate::source::SourceRead;
use std::collections::BTreeMap;
use watertight_base::Diagnostic;
use watertight_model::{NamespaceId, Snapshot};

/// Puts the sources together, in their order.
pub(crate) fn assemble(sources: Vec<SourceRead>) -> (Snapshot, Vec<Diagnostic>) {
    let mut snapshot = Snapshot::default();
    let mut diagnostics = Vec::new();
    let mut found = Vec::new();
    for source in sources {
        found.extend(source.found);
        snapshot.blind_spots.extend(source.blind_spots);
        diagnostics.extend(source.diagnostics);
    }
    snapshot.kinds = kinds(&found);
    let found = duplicates::merge(found, &mut diagnostics, &mut snapshot.blind_spots);
    priorities::report(&found, &mut diagnostics);
    blind_spots::collect(&found, &mut snapshot.blind_spots);
    snapshot.namespaces = namespaces::collect(&found);
    snapshot.pods = rollup::pods(&found, &snapshot);
    fill(&mut snapshot, found);
    snapshot.blind_spots.sort();
    // One place is reported once, however many aliases lead there.
    diagnostics.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.cmp(b)));
    diagnostics.dedup();
    (snapshot, diagnostics)
}

fn place(diagnostic: &Diagnostic) -> Option<watertight_base::Span> {
    diagnostic.at.as_ref().map(|(span, _)| *span)
}

fn kinds(found: &[Found]) -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::new();
    for object in found {
        *kinds.entry(object.origin.object.kind.clone()).or_default() += 1;
    }
    kinds
}

/// The index of the namespace that an object lives in.
fn namespace_of(snapshot: &Snapshot, object: &Found) -> NamespaceId {
    let name = object.origin.object.namespace.as_deref().unwrap_or_default();
    // The namespaces were collected from these very objects.
    snapshot.namespace_named(name).unwrap_or(NamespaceId(0))
}

/// Moves everything but pods and namespaces into the snapshot.
fn fill(snapshot: &mut Snapshot, found: Vec<Found>) {
    let mut versions = Vec::new();
    for object in found {
        let namespace = namespace_of(snapshot, &object);
        match object.body {
            Body::Node(read) => {
                versions.extend(read.kubelet);
                snapshot.nodes.push(read.node);
            }
            Body::Service(mut service) => {
                service.namespace = namespace;
                snapshot.services.push(service);
            }
            Body::Policy(mut policy) => {
                policy.namespace = namespace;
                snapshot.policies.push(policy);
            }
            Body::ClusterPolicy(read) => snapshot.cluster_policies.push(read.policy),
            Body::Namespace(..) | Body::Pod(_) | Body::Workload(_) | Body::Unclear(_) | Body::Other(_) => {}
        }
    }
    snapshot.kubernetes_version = versions.into_iter().min().map(|(major, minor)| format!("{major}.{minor}"));
    snapshot.nodes.sort_by(|a, b| a.name.cmp(&b.name));
    snapshot.services.sort_by(|a, b| {
        (a.namespace, &a.origin.object.name, &a.origin).cmp(&(b.namespace, &b.origin.object.name, &b.origin))
    });
    snapshot.policies.sort_by(|a, b| {
        (a.namespace, &a.origin.object.name, &a.origin).cmp(&(b.namespace, &b.origin.object.name, &b.origin))
    });
    snapshot.cluster_policies.sort_by(|a, b| priorities::order(a).cmp(&priorities::order(b)));
}
