//! Listeners of Gateways to which routes of both sides attach, or could (`rules/taken-host.md`).

use super::Sides;
use super::hosts::takes;
use watertight_base::Labels;
use watertight_model::{
    Gateway, Listener, ListenerSet, Namespace, NamespaceId, Origin, ParentRef, Route, RouteNamespaces,
};

/// A Gateway or a ListenerSet.
#[derive(Clone, Copy)]
struct Holder<'a> {
    origin: &'a Origin,
    namespace: NamespaceId,
    listeners: &'a [Listener],
    /// Only a Gateway: the namespaces whose ListenerSets may add to it, and whether it is a default one.
    gateway: Option<(&'a RouteNamespaces, bool)>,
}

impl<'a> Holder<'a> {
    fn of_gateway(gateway: &'a Gateway) -> Self {
        let Gateway { origin, namespace, listeners, listener_sets, is_default, .. } = gateway;
        Self { origin, namespace: *namespace, listeners, gateway: Some((listener_sets, *is_default)) }
    }

    fn of_set(set: &'a ListenerSet) -> Self {
        let ListenerSet { origin, namespace, listeners, .. } = set;
        Self { origin, namespace: *namespace, listeners, gateway: None }
    }

    fn is_meant(&self, sides: &Sides<'_>, parent: &ParentRef) -> bool {
        let is_kind = if self.gateway.is_some() {
            parent.kind.is_gateway()
        } else {
            parent.kind.kind.ends_with("ListenerSet")
        };
        is_kind && parent.name == self.origin.object.name && parent.namespace == sides.name(self.namespace)
    }

    fn is_attached(&self, sides: &Sides<'_>, route: &Route, listener: &Listener) -> bool {
        let is_default = self.gateway.is_some_and(|(_, is_default)| is_default);
        let names = |parent: &ParentRef| {
            self.is_meant(sides, parent)
                && parent.section.as_ref().is_none_or(|name| *name == listener.name)
                && parent.port.is_none_or(|port| port == listener.port)
        };
        is_default && route.default_gateways.is_some() || route.parents.iter().any(names)
    }
}

pub(super) fn reason(sides: &Sides<'_>) -> Option<String> {
    let gateways = sides.snapshot.gateways.iter().map(Holder::of_gateway);
    let holders = gateways.chain(sides.snapshot.listener_sets.iter().map(Holder::of_set));
    for holder in holders {
        for listener in holder.listeners {
            let routes = sides.snapshot.routes.iter().filter(|route| sides.is_to(route.namespace));
            for theirs in routes.filter(|route| holder.is_attached(sides, route, listener)) {
                let reason = now(sides, holder, listener, theirs)
                    .or_else(|| added(sides, holder, theirs))
                    .or_else(|| to_come(sides, holder, listener, theirs));
                if reason.is_some() {
                    return reason;
                }
            }
        }
    }
    None
}

/// A Gateway of the `from` side, or a route of it for the same host.
fn now(sides: &Sides<'_>, holder: Holder<'_>, listener: &Listener, theirs: &Route) -> Option<String> {
    let (at, owner) = (&holder.origin.object, &theirs.origin.object);
    if sides.is_from(holder.namespace) {
        return Some(format!("{at} takes the requests of {owner}, which attaches to it"));
    }
    let mut routes = sides.snapshot.routes.iter().filter(|route| sides.is_from(route.namespace));
    let taking = routes.find(|route| {
        holder.is_attached(sides, route, listener)
            && lets_in(sides, holder.namespace, &listener.routes.namespaces, sides.name(route.namespace))
            && is_taken(&hosts(route), theirs)
    });
    let taking = &taking?.origin.object;
    Some(format!("{taking} takes requests for a host at {at}, as {owner} does"))
}

/// A ListenerSet of the `from` side for a host of the route.
fn added(sides: &Sides<'_>, holder: Holder<'_>, theirs: &Route) -> Option<String> {
    let (allowed, _) = holder.gateway?;
    let mut sets = sides.snapshot.listener_sets.iter().filter(|set| sides.is_from(set.namespace));
    let set = sets.find(|set| {
        let hosts: Vec<Option<&str>> =
            set.listeners.iter().map(|listener| listener.hostname.as_deref()).collect();
        holder.is_meant(sides, &set.parent)
            && lets_in(sides, holder.namespace, allowed, sides.name(set.namespace))
            && is_taken(&hosts, theirs)
    })?;
    let (set, at, owner) = (&set.origin.object, &holder.origin.object, &theirs.origin.object);
    Some(format!("{set} adds a listener for a host to {at}, to which {owner} attaches"))
}

/// A namespace from which routes or listeners could attach that the `from` side may write.
fn to_come(sides: &Sides<'_>, holder: Holder<'_>, listener: &Listener, theirs: &Route) -> Option<String> {
    let names = sides.snapshot.namespaces.iter().map(|namespace| namespace.name.as_str());
    let mut written = names.filter(|name| sides.may("change-routes", name));
    let may_attach = |name: &&str| {
        let is_let_in = |namespaces| lets_in(sides, holder.namespace, namespaces, name);
        is_let_in(&listener.routes.namespaces) || holder.gateway.is_some_and(|(sets, _)| is_let_in(sets))
    };
    let namespace = written.find(may_attach)?;
    Some(format!(
        "whoever may write routes in `{namespace}` takes requests from {}: the listener `{}` of {} lets them in",
        theirs.origin.object, listener.name, holder.origin.object
    ))
}

/// The hosts of a route; `None` is every one.
fn hosts(route: &Route) -> Vec<Option<&str>> {
    match route.hostnames.as_slice() {
        [] => vec![None],
        names => names.iter().map(|name| Some(name.as_str())).collect(),
    }
}

fn is_taken(claimed: &[Option<&str>], theirs: &Route) -> bool {
    claimed.iter().any(|claimed| hosts(theirs).iter().any(|owned| takes(*claimed, *owned)))
}

/// Whether what is in a namespace may attach. Only the label with its name is always what it is: others may not be known, or
/// the `from` side may set them.
fn lets_in(sides: &Sides<'_>, own: NamespaceId, allowed: &RouteNamespaces, of: &str) -> bool {
    let selector = match allowed {
        RouteNamespaces::All => return true,
        RouteNamespaces::None => return false,
        RouteNamespaces::Same => return sides.name(own) == of,
        RouteNamespaces::Selected(selector) => selector,
    };
    let labels =
        sides.snapshot.namespace_named(of).and_then(|id| sides.snapshot.namespace(id).labels.as_ref());
    let fixed = labels.filter(|_| !sides.may("relabel-namespaces", of));
    let name = Labels::from([(Namespace::NAME_LABEL.to_owned(), of.to_owned())]);
    selector.requirements.iter().all(|requirement| match fixed {
        _ if requirement.key == Namespace::NAME_LABEL => requirement.matches(&name),
        Some(labels) => requirement.matches(labels),
        None => true,
    })
}
