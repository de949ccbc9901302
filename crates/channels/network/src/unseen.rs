//! What this channel knows to be there and does not see: the proxy that serves Ingresses and routes, if the input does not
//! hold it (convention 8).

use crate::direction::Direction;
use crate::ends::some_pod;
use crate::rule::{PeerRef, rules_of_network_policy};
use crate::view::{Certainty, View};
use crate::{Reading, classes, crossing, gateways};
use std::collections::BTreeMap;
use watertight_base::{Labels, Selector};
use watertight_model::{
    Action, Admission, BlindScope, BlindSpot, Channel, ClusterPolicy, Namespace, NamespaceId, NamespaceScope,
    NetworkPolicy, Origin, PeerKind, Snapshot, TierPeerKind,
};

/// The blind spot of a proxy that the input shows by what it serves, and not itself; `None` if it would not matter, since
/// the `to` side admits nobody beside its own.
pub(crate) fn unseen_proxy(
    snapshot: &Snapshot,
    reading: &Reading,
    from: &[NamespaceId],
    to: &[NamespaceId],
) -> Option<BlindSpot> {
    let places = unseen_places(snapshot, &reading.published, from, to)?;
    let view = View::new(snapshot, reading);
    if !to.iter().any(|&id| some_pod(&view, id).is_some()) {
        return None;
    }
    let whom = match reading.profile.enforces {
        true => admitted_place(&view, reading, &places, to)?,
        false => unhindered_place(&view, &places, from)?,
    };
    let served = places.served;
    Some(BlindSpot {
        rule: "unseen-proxy",
        reason: format!(
            "the proxy that serves {} is not in the input, or not known as one, and the other side is open to {whom}; routes of the hostile side can make it connect to whatever it reaches",
            served.object
        ),
        object: Some(served.object.clone()),
        span: Some(served.span),
        help: "add the manifests of the ingress controller or gateway to the input".into(),
        scope: BlindScope::Everything,
        hides: &[Channel::Network],
    })
}

/// From where the `to` side lets a proxy in that may run there.
fn admitted_place(
    view: &View<'_>,
    reading: &Reading,
    places: &Places<'_>,
    to: &[NamespaceId],
) -> Option<String> {
    match places.namespaces.iter().find(|&&id| crossing::admits(view, &[id], to)) {
        Some(&id) => Some(here(view, id)),
        None if !places.anywhere => None,
        None => match dangling(view, to) {
            Some((policy, selector)) => Some(format!("{ELSEWHERE} ({selector}, in {policy})")),
            None => admits_strangers(view, reading, to).then(|| ELSEWHERE.to_owned()),
        },
    }
}

/// The same where nothing enforces policies, unless the `from` side has pods, which reach as much without a proxy.
fn unhindered_place(view: &View<'_>, places: &Places<'_>, from: &[NamespaceId]) -> Option<String> {
    let has_pods = |id: &NamespaceId| some_pod(view, *id).is_some();
    if from.iter().any(has_pods) {
        return None;
    }
    let place = places.namespaces.iter().copied().find(has_pods).map(|id| here(view, id));
    place.or_else(|| places.anywhere.then(|| ELSEWHERE.to_owned()))
}

const ELSEWHERE: &str = "namespaces that the input does not hold, where it may run";

fn here(view: &View<'_>, id: NamespaceId) -> String {
    format!("`{}`, where it may run", view.snapshot.namespace(id).name)
}

/// Something of Ingresses that a proxy serves, or that says that there is one.
fn of_ingresses(snapshot: &Snapshot) -> Option<&Origin> {
    let ingresses = snapshot.ingresses.iter().map(|ingress| &ingress.origin);
    ingresses.chain(snapshot.ingress_classes.iter().map(|class| &class.origin)).next()
}

/// The same of Gateways.
fn of_gateways(snapshot: &Snapshot) -> Option<&Origin> {
    let gateways = snapshot.gateways.iter().map(|gateway| &gateway.origin);
    let classes = snapshot.gateway_classes.iter().map(|class| &class.origin);
    gateways.chain(classes).chain(snapshot.routes.iter().map(|route| &route.origin)).next()
}

/// Where a proxy may run that the input does not show.
pub(crate) struct Places<'s> {
    /// Something that it serves.
    served: &'s Origin,
    /// Namespaces of the input, on neither side; and those of the `to` side in which controllers make proxies.
    pub(crate) namespaces: Vec<NamespaceId>,
    /// Whether it may also be in a namespace that the input does not hold.
    pub(crate) anywhere: bool,
}

/// Where a proxy may run that serves the input's Ingresses and routes; `None` if there is nothing to serve.
///
/// What serves an Ingress is in the input, where a proxy is known that serves its class. What serves a Gateway is in the input or made
/// by a controller, where one is known that serves its class: and then it is where controllers put it.
pub(crate) fn unseen_places<'s>(
    snapshot: &'s Snapshot,
    published: &[NamespaceId],
    from: &[NamespaceId],
    to: &[NamespaceId],
) -> Option<Places<'s>> {
    let (ingresses, gateways) = (of_ingresses(snapshot), of_gateways(snapshot));
    let unknown = classes::unserved(snapshot);
    let provisioned = gateways::provisioned(snapshot, published, to);
    let may_be = |id: &NamespaceId| {
        !from.contains(id) && (provisioned.contains(id) || (unknown.is_some() && !to.contains(id)))
    };
    Some(Places {
        served: unknown.or(gateways).or(ingresses)?,
        namespaces: snapshot.namespace_ids().filter(may_be).collect(),
        anywhere: unknown.is_some(),
    })
}

/// Whether the `to` side admits pods of a namespace of which nothing is known but that it is there.
fn admits_strangers(view: &View<'_>, reading: &Reading, to: &[NamespaceId]) -> bool {
    let known = view.snapshot;
    // Whatever passes for pods of today passes for some that could be created.
    let imagined = Snapshot {
        namespaces: with_stranger(&known.namespaces),
        policies: known.policies.clone(),
        cluster_policies: known.cluster_policies.clone(),
        nodes: known.nodes.clone(),
        ..Snapshot::default()
    };
    let mut imagined_view = View::new(&imagined, reading);
    imagined_view.space = view.space.clone();
    crossing::admits(&imagined_view, &[NamespaceId(known.namespaces.len())], to)
}

/// These namespaces, and one of which nothing is known but that it is there. No namespace has its name, and it sorts behind
/// all that one can have.
pub(crate) fn with_stranger(known: &[Namespace]) -> Vec<Namespace> {
    let name = "~".to_owned();
    let labels = Labels::from([(Namespace::NAME_LABEL.to_owned(), name.clone())]);
    let stranger = Namespace {
        name,
        labels: Some(labels),
        admission: Admission::Accepted,
        label_spans: BTreeMap::new(),
        origin: None,
        first_seen: None,
    };
    known.iter().cloned().chain([stranger]).collect()
}

/// A selector by which the `to` side admits namespaces, and which selects none of the input, or every namespace that carries
/// nothing but a name of its own (rule N16).
fn dangling(view: &View<'_>, to: &[NamespaceId]) -> Option<(String, String)> {
    let selects_none = |selector: &Selector| {
        view.snapshot.namespace_ids().all(|id| view.namespace_certainty(selector, id) == Certainty::No)
    };
    // No namespace can be called so, and no selector can therefore mean it by its name.
    let stranger = Labels::from([(Namespace::NAME_LABEL.to_owned(), "*".to_owned())]);
    let policies = to.iter().flat_map(|&id| view.all_policies(id));
    let mut selectors = policies.flat_map(scopes_admitted).chain(scopes_of_tiers(view, to));
    let (policy, selector) =
        selectors.find(|(_, selector)| selects_none(selector) || selector.matches(&stranger))?;
    Some((policy.object.to_string(), selector.to_string()))
}

/// The same of the administrator's policies about the `to` side: what they do not deny, they may let in.
fn scopes_of_tiers<'a>(view: &View<'a>, to: &[NamespaceId]) -> Vec<(&'a Origin, &'a Selector)> {
    let about = |policy: &&ClusterPolicy| {
        to.iter().any(|&id| view.namespace_certainty(&policy.subject.namespaces, id) != Certainty::No)
    };
    let in_force = view.worlds.iter().flat_map(|world| &world.tiers).map(|active| active.policy);
    let policies = in_force.filter(about);
    let rules = policies.flat_map(|policy| policy.ingress.iter().map(move |rule| (&policy.origin, rule)));
    let opening = rules.filter(|(_, rule)| rule.action != Action::Deny);
    let scopes = opening.flat_map(|(origin, rule)| rule.peers.iter().map(move |peer| (origin, &peer.kind)));
    let scopes = scopes.filter_map(|(origin, kind)| match kind {
        TierPeerKind::Pods { namespaces, .. } => Some((origin, namespaces)),
        _ => None,
    });
    scopes.collect()
}

fn scopes_admitted(policy: &NetworkPolicy) -> Vec<(&Origin, &Selector)> {
    let rules = rules_of_network_policy(policy, Direction::Ingress);
    let scopes = rules.filter_map(|rule| match rule.peer?.1.kind {
        PeerRef::Network(PeerKind::Pods { namespaces: NamespaceScope::Selected(scope), .. }) => Some(scope),
        PeerRef::Network(_) | PeerRef::Tier(_) => None,
    });
    scopes.map(|scope| (&policy.origin, scope)).collect()
}
