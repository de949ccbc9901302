//! Images and volumes that a node may fetch from a pod: no policy keeps a node from the pods on it (rule N35).

use crate::Reading;
use crate::view::View;
use watertight_base::AddressSet;
use watertight_model::{
    BlindScope, BlindSpot, Channel, DialedFor, DialedHost, Host, NamespaceId, Pod, PodState, Service,
    ServiceType, Snapshot,
};

/// The blind spots of what pods of the `from` side are made of and that may come from a pod or a Service of the `to` side.
pub(crate) fn blind_spots(
    snapshot: &Snapshot,
    reading: &Reading,
    from: &[NamespaceId],
    to: &[NamespaceId],
) -> Vec<BlindSpot> {
    if !reading.profile.nodes {
        return Vec::new();
    }
    let view = View::new(snapshot, reading);
    let of_from = snapshot.pods.iter().filter(|pod| from.contains(&pod.namespace));
    let live = of_from.filter(|pod| pod.state != PodState::Finished);
    let dialed = live.flat_map(|pod| pod.dialed.iter().map(move |dialed| (pod, dialed)));
    let contents = dialed.filter(|(_, dialed)| dialed.purpose == DialedFor::Contents);
    let matters = contents.filter(|(_, dialed)| may_lead_to(&view, &dialed.host, to));
    matters.map(|(pod, dialed)| blind_spot(pod, dialed)).collect()
}

/// Whether a host may lead to pods of the `to` side: as an address that a pod may have, as that of a Service there or of a
/// node that has a port for one, or as a name of the cluster.
fn may_lead_to(view: &View<'_>, host: &Host, to: &[NamespaceId]) -> bool {
    let Host::Address(address) = host else { return true };
    let mut services = view.snapshot.services.iter().filter(|service| to.contains(&service.namespace));
    // What the input does not show of a Service is some private address.
    let may_have = |service: &Service| {
        let is_hidden = service.cluster_ips.is_empty()
            && !service.is_headless
            && service.kind != ServiceType::ExternalName
            && AddressSet::private().contains(*address);
        let on_nodes = matches!(service.kind, ServiceType::NodePort | ServiceType::LoadBalancer)
            && view.space.nodes.contains(*address);
        is_hidden
            || on_nodes
            || service.cluster_ips.contains(address)
            || service.external_ips.contains(address)
            || service.load_balancers.contains(host)
    };
    view.space.pods.contains(*address) || services.any(may_have)
}

fn blind_spot(pod: &Pod, dialed: &DialedHost) -> BlindSpot {
    let DialedHost { host, field, span, .. } = dialed;
    BlindSpot {
        rule: "probe-host",
        reason: format!(
            "{} has its node dial `{host}` (`{field}`), which may be a pod, and NetworkPolicy does not keep a node from the pods on it",
            pod.origin.object
        ),
        object: Some(pod.origin.object.clone()),
        span: Some(*span),
        help: "take images and volumes from servers outside of the cluster, by their names".to_owned(),
        scope: BlindScope::Everything,
        hides: &[Channel::Network],
    }
}
