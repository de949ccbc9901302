//! Further networks of pods, which no policy governs (rule N56).

use std::collections::BTreeSet;
use watertight_model::{NamespaceId, NetworkName, Pod, PodState, Snapshot};

/// A network by the namespace, which may not be known, and the name of its NetworkAttachmentDefinition.
type Network = (Option<String>, String);

/// A further network of a pod of a namespace that some others are on too, or that they could ask for as it does: one of
/// another namespace than its own.
pub(crate) fn shares_a_network(
    snapshot: &Snapshot,
    others: &[NamespaceId],
    of: NamespaceId,
) -> Option<String> {
    let all = |ids: &[NamespaceId]| {
        let pods = snapshot.pods.iter().filter(|pod| ids.contains(&pod.namespace));
        let live = pods.filter(|pod| pod.state != PodState::Finished);
        live.flat_map(|pod| networks(snapshot, pod)).collect::<BTreeSet<Network>>()
    };
    let own = &snapshot.namespace(of).name;
    let theirs = all(others);
    let shared = all(&[of]).into_iter().find(|network| {
        theirs.contains(network) || network.0.as_ref().is_some_and(|namespace| namespace != own)
    });
    shared.map(|(namespace, name)| match namespace {
        Some(namespace) => format!("{namespace}/{name}"),
        None => name,
    })
}

/// The networks that give a pod an interface, as far as its annotations were understood.
fn networks(snapshot: &Snapshot, pod: &Pod) -> Vec<Network> {
    let mut networks = Vec::new();
    for further in &pod.networks {
        for NetworkName { namespace, name } in further.names.iter().flatten() {
            let own = || snapshot.namespace(pod.namespace).name.clone();
            let namespace = namespace.clone().or_else(|| (!further.replaces_default).then(own));
            networks.push((namespace, name.clone()));
        }
    }
    networks.retain(|(namespace, name)| {
        let defines = |definition: &&watertight_model::NetworkAttachment| {
            let of = &snapshot.namespace(definition.namespace).name;
            definition.origin.object.name == *name && Some(of) == namespace.as_ref()
        };
        snapshot.network_attachments.iter().find(defines).is_none_or(|it| it.gives_interface)
    });
    networks
}
