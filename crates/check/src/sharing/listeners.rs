//! Listeners of Gateways to which routes of both sides attach, or could (`rules/taken-host.md`).

use super::Sides;
use super::hosts::takes;
use super::to_come::GATEWAY_GROUP;
use std::collections::BTreeSet;
use watertight_base::Labels;
use watertight_kubernetes::catalogue;
use watertight_model::{
    Admission, Gateway, Listener, ListenerSet, Namespace, NamespaceId, Origin, ParentRef, Route,
    RouteNamespaces,
};

/// The kinds of routes that name hosts, each with its resource, those that name none, and what listens.
const WITH_HOSTS: [(&str, &str); 3] =
    [("HTTPRoute", "httproutes"), ("GRPCRoute", "grpcroutes"), ("TLSRoute", "tlsroutes")];
const WITHOUT_HOSTS: [(&str, &str); 3] =
    [("TCPRoute", "tcproutes"), ("UDPRoute", "udproutes"), ("BackendTLSPolicy", "backendtlspolicies")];
const GATEWAY: (&str, &str) = ("Gateway", "gateways");
const LISTENER_SET: (&str, &str) = ("ListenerSet", "listenersets");

/// A Gateway or a ListenerSet.
#[derive(Clone, Copy)]
struct Holder<'a> {
    origin: &'a Origin,
    namespace: NamespaceId,
    listeners: &'a [Listener],
    /// Only a Gateway: the namespaces whose ListenerSets may add to it, and whether it is a default one.
    gateway: Option<(&'a RouteNamespaces, bool)>,
    /// Whether it is there to stay: no other comes in its place.
    stays: bool,
}

impl<'a> Holder<'a> {
    fn of_gateway(gateway: &'a Gateway) -> Self {
        let Gateway { origin, namespace, listeners, listener_sets, is_default, admission, .. } = gateway;
        let stays = *admission == Admission::Accepted;
        Self { stays, origin, namespace: *namespace, listeners, gateway: Some((listener_sets, *is_default)) }
    }

    fn of_set(set: &'a ListenerSet) -> Self {
        let ListenerSet { origin, namespace, listeners, admission, .. } = set;
        let stays = *admission == Admission::Accepted;
        Self { stays, origin, namespace: *namespace, listeners, gateway: None }
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
    for holder in holders.clone() {
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
    let is_seen =
        |parent: &ParentRef| holders.clone().any(|holder| holder.stays && holder.is_meant(sides, parent));
    let has_default = holders.clone().any(|it| it.stays && it.gateway.is_some_and(|(_, default)| default));
    let routes = sides.snapshot.routes.iter().filter(|route| sides.is_to(route.namespace));
    routes.into_iter().find_map(|theirs| at_unseen(sides, theirs, &is_seen, has_default))
}

/// What takes requests of a route at a Gateway or a ListenerSet that the input does not hold, and may let everything in.
fn at_unseen(
    sides: &Sides<'_>,
    theirs: &Route,
    is_seen: &dyn Fn(&ParentRef) -> bool,
    has_default: bool,
) -> Option<String> {
    let listens = |parent: &&ParentRef| parent.kind.is_gateway() || parent.kind.kind.ends_with("ListenerSet");
    let unseen = |route: &Route| -> BTreeSet<(String, String)> {
        let parents = route.parents.iter().filter(listens).filter(|parent| !is_seen(parent));
        parents.map(|parent| (parent.namespace.clone(), parent.name.clone())).collect()
    };
    let asks = |route: &Route| !has_default && route.default_gateways.is_some();
    let (named, owner) = (unseen(theirs), &theirs.origin.object);
    if named.is_empty() && !asks(theirs) {
        return None;
    }
    let mut routes = sides.snapshot.routes.iter().filter(|route| sides.is_from(route.namespace));
    let taking = routes.find(|route| {
        let is_there = !unseen(route).is_disjoint(&named) || asks(theirs) && asks(route);
        is_there && is_taken(&hosts(route), theirs)
    });
    if let Some(taking) = taking {
        let taking = &taking.origin.object;
        return Some(format!("{taking} takes requests for a host where {owner} does, at what is not seen"));
    }
    let could = |of: &str| could_attach(sides, |_| true, theirs, of) | could_add(sides, theirs, of);
    let namespace = sides.may_somewhere("change-routes", could)?;
    Some(format!(
        "whoever may write routes in `{namespace}` takes requests from {owner}: what it attaches to is not seen"
    ))
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
        let takes_all = |owned: Option<&str>| takes(listener.hostname.as_deref(), owned);
        let by_routes =
            is_let_in(&listener.routes.namespaces) && could_attach(sides, takes_all, theirs, name);
        let by_sets =
            holder.gateway.is_some_and(|(sets, _)| is_let_in(sets)) && could_add(sides, theirs, name);
        by_routes | by_sets
    };
    let namespace = written.find(may_attach)?;
    Some(format!(
        "whoever may write routes in `{namespace}` takes requests from {}: the listener `{}` of {} lets them in",
        theirs.origin.object, listener.name, holder.origin.object
    ))
}

/// Whether something could come to be in a namespace that attaches and takes a host of the route. `takes_all` says of which host
/// a route without any takes requests too.
fn could_attach(
    sides: &Sides<'_>,
    takes_all: impl Fn(Option<&str>) -> bool,
    theirs: &Route,
    of: &str,
) -> bool {
    let written =
        changed("change-routes").filter(|(group, resource)| sides.kept.may_write(of, group, resource));
    // All of them are asked about: each that is refused is needed.
    let could = |(group, resource): (&str, &str)| {
        let known = |kinds: &[(&'static str, &'static str)]| {
            kinds.iter().copied().find(|(_, known)| group == GATEWAY_GROUP && *known == resource)
        };
        if let Some(kind) = known(&WITH_HOSTS) {
            let asked =
                hosts(theirs).into_iter().map(|host| sides.may_route(of, kind, host, takes_all(host)));
            asked.fold(false, |any, may| any | may)
        } else if let Some(kind) = known(&WITHOUT_HOSTS) {
            sides.may_make(of, kind, &[])
        } else if known(&[GATEWAY]).is_some() {
            listens(sides, GATEWAY, theirs, of)
        } else {
            // Whether listeners may be added is another question.
            known(&[LISTENER_SET]).is_none()
        }
    };
    written.map(could).fold(false, |any, may| any | may)
}

/// Whether a ListenerSet for a host of the route could come to be in a namespace.
fn could_add(sides: &Sides<'_>, theirs: &Route, of: &str) -> bool {
    let may_write = |group: &str, resource: &str| sides.kept.may_write(of, group, resource);
    may_write("gateway.networking.x-k8s.io", "xlistenersets")
        || may_write(GATEWAY_GROUP, LISTENER_SET.1) && listens(sides, LISTENER_SET, theirs, of)
}

fn listens(sides: &Sides<'_>, kind: (&str, &str), theirs: &Route, of: &str) -> bool {
    let asked = hosts(theirs).into_iter().map(|host| sides.may_listen(of, kind, host));
    asked.fold(false, |any, may| any | may)
}

/// The resources that the rows of a rule are about.
fn changed(rule: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = catalogue::named().map(|(_, row)| row).filter(move |row| row.rule == rule);
    let resources = rows.flat_map(|row| row.needs).flat_map(|need| need.resources);
    resources.copied().collect::<BTreeSet<_>>().into_iter()
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
    let labels = sides.snapshot.namespace_named(of).and_then(|id| sides.snapshot.namespace(id).sure_labels());
    let fixed = labels.filter(|_| !sides.may("relabel-namespaces", of));
    let name = Labels::from([(Namespace::NAME_LABEL.to_owned(), of.to_owned())]);
    selector.requirements.iter().all(|requirement| match fixed {
        _ if requirement.key == Namespace::NAME_LABEL => requirement.matches(&name),
        Some(labels) => requirement.matches(labels),
        None => true,
    })
}
