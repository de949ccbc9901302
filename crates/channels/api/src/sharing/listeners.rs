//! Listeners of Gateways to which routes of both sides may attach: a route of the `from` side can name the hosts of the other.
//!
//! Source: <https://gateway-api.sigs.k8s.io/concepts/security-model/>; of two routes for one host and path the older one
//! wins, and of two paths the longer one.

use super::hosts::takes;
use super::{Finding, Sides, because, takes_traffic};
use watertight_base::Selector;
use watertight_model::{Gateway, Listener, ParentRef, Route, RouteNamespaces, When};

/// A listener of a Gateway, to which a route of the `to` side attaches.
struct Attached<'s> {
    gateway: &'s Gateway,
    listener: &'s Listener,
    route: &'s Route,
}

pub(super) fn findings(sides: &Sides<'_>) -> Vec<Finding> {
    let attached: Vec<Attached<'_>> = attached(sides);
    let mut findings: Vec<Finding> = attached.iter().flat_map(|attached| there(sides, attached)).collect();
    if findings.is_empty() {
        findings.extend(attached.iter().find_map(|attached| possible(sides, attached)));
    }
    findings
}

/// Where the routes of the `to` side attach.
fn attached<'s>(sides: &Sides<'s>) -> Vec<Attached<'s>> {
    let routes = sides.snapshot.routes.iter().filter(|route| sides.is_to(route.namespace));
    let mut attached = Vec::new();
    for route in routes {
        for gateway in &sides.snapshot.gateways {
            let listeners =
                gateway.listeners.iter().filter(|listener| attaches(sides, route, gateway, listener));
            attached.extend(listeners.map(|listener| Attached { gateway, listener, route }));
        }
    }
    attached
}

/// Whether a route names a listener as its parent.
fn attaches(sides: &Sides<'_>, route: &Route, gateway: &Gateway, listener: &Listener) -> bool {
    let names = |parent: &ParentRef| {
        parent.kind.is_gateway()
            && parent.name == gateway.origin.object.name
            && parent.namespace == sides.name(gateway.namespace)
            && parent.section.as_ref().is_none_or(|section| *section == listener.name)
            && parent.port.is_none_or(|port| port == listener.port)
    };
    route.parents.iter().any(names) || route.default_gateways.is_some() && gateway.is_default
}

/// Whether a Gateway lets objects of a namespace in. Labels that are not known, or that the `from` side may set, may match.
fn lets_in(sides: &Sides<'_>, gateway: &Gateway, namespaces: &RouteNamespaces, of: &str) -> bool {
    let selects = |selector: &Selector| {
        let labels =
            sides.snapshot.namespace_named(of).and_then(|id| sides.snapshot.namespace(id).labels.as_ref());
        labels.is_none_or(|labels| selector.matches(labels))
            || sides.may("relabel-namespaces", |scope| scope == of).is_some()
    };
    match namespaces {
        RouteNamespaces::All => true,
        RouteNamespaces::Same => sides.name(gateway.namespace) == of,
        RouteNamespaces::None => false,
        RouteNamespaces::Selected(selector) => selects(selector),
    }
}

/// The routes of the `from` side that take a host of one of the other.
fn there(sides: &Sides<'_>, at: &Attached<'_>) -> Vec<Finding> {
    let Attached { gateway, listener, route: ours } = at;
    if sides.is_from(gateway.namespace) {
        return vec![at_theirs(sides, at)];
    }
    let routes = sides.snapshot.routes.iter().filter(|route| sides.is_from(route.namespace));
    let mut findings = Vec::new();
    for theirs in routes.filter(|route| attaches(sides, route, gateway, listener)) {
        let is_let_in = lets_in(sides, gateway, &listener.routes.namespaces, sides.name(theirs.namespace));
        let taken = hosts(theirs).find(|claimed| hosts(ours).any(|owned| takes(*claimed, owned)));
        let Some(host) = taken.filter(|_| is_let_in) else { continue };
        let host = host.map_or("whatever the listener takes".to_owned(), |host| format!("`{host}`"));
        findings.push(Finding {
            rule: "taken-host",
            when: When::Now,
            message: format!(
                "{} takes requests for {host} at {}, as {} does",
                theirs.origin.object, gateway.origin.object, ours.origin.object
            ),
            help: HELP.to_owned(),
            fact: takes_traffic(sides.name(ours.namespace)),
            by: None,
            because: vec![
                because(&theirs.origin, "/spec/hostnames", theirs.origin.span),
                because(&gateway.origin, "/spec/listeners", listener.routes.span),
                because(&ours.origin, "/spec/hostnames", ours.origin.span),
            ],
            highlight: Some((theirs.origin.span, "production's host".to_owned())),
            similar: format!("{} {}", theirs.origin.object, ours.origin.object),
        });
    }
    findings
}

/// A route of the `to` side on a Gateway of the `from` side, which gets all of its requests.
fn at_theirs(sides: &Sides<'_>, at: &Attached<'_>) -> Finding {
    let Attached { gateway, listener, route } = at;
    Finding {
        rule: "taken-host",
        when: When::Now,
        message: format!(
            "{} takes the requests of {}, which attaches to it",
            gateway.origin.object, route.origin.object
        ),
        help: "attach production's routes to a Gateway that staging cannot change".to_owned(),
        fact: takes_traffic(sides.name(route.namespace)),
        by: None,
        because: vec![
            because(&gateway.origin, "/spec/listeners", listener.span),
            because(&route.origin, "/spec/parentRefs", route.origin.span),
        ],
        highlight: Some((route.origin.span, "attaches to staging's Gateway".to_owned())),
        similar: format!("{} {}", gateway.origin.object, route.origin.object),
    }
}

/// The hosts of a route, `None` for every one.
fn hosts(route: &Route) -> impl Iterator<Item = Option<&str>> {
    let every = route.hostnames.is_empty().then_some(None);
    route.hostnames.iter().map(|host| Some(host.as_str())).chain(every)
}

/// What the `from` side could attach.
fn possible(sides: &Sides<'_>, at: &Attached<'_>) -> Option<Finding> {
    let Attached { gateway, listener, route } = at;
    let lets = |of: &str| {
        lets_in(sides, gateway, &listener.routes.namespaces, of)
            || lets_in(sides, gateway, &gateway.listener_sets, of)
    };
    let power = sides.may("change-routes", lets)?;
    Some(Finding {
        rule: "taken-host",
        when: When::Possible,
        message: format!(
            "{}, and so take requests from {}: the listener `{}` of {} lets its routes in",
            power.message, route.origin.object, listener.name, gateway.origin.object
        ),
        help: HELP.to_owned(),
        fact: takes_traffic(sides.name(route.namespace)),
        because: vec![
            because(&gateway.origin, "/spec/listeners", listener.routes.span),
            because(&route.origin, "/spec/parentRefs", route.origin.span),
        ],
        highlight: Some((listener.routes.span, "staging's routes may attach".to_owned())),
        similar: "possible at a listener".to_owned(),
        by: Some(power),
    })
}

const HELP: &str = "let only production's namespaces attach to that listener (`allowedRoutes`), and give staging a Gateway, or a \
                    listener for hosts of its own";
