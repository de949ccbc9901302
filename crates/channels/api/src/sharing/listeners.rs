//! Listeners of Gateways to which routes of both sides may attach: a route of the `from` side can name the hosts of the other.
//!
//! Source: <https://gateway-api.sigs.k8s.io/concepts/security-model/>; of two routes for one host and path the older one
//! wins, and of two paths the longer one.

use super::hosts::takes;
use super::to_come::GATEWAY_GROUP;
use super::{Finding, Sides, because, may_write, takes_traffic};
use crate::attack::resources_of;
use watertight_admission::Known;
use watertight_base::{Labels, Selector};
use watertight_model::{
    Admission, BlindScope, BlindSpot, Channel, Gateway, Listener, ListenerSet, Namespace, NamespaceId,
    Origin, ParentRef, Route, RouteNamespaces, Snapshot, When,
};

/// What holds listeners: a Gateway, or a ListenerSet.
#[derive(Clone, Copy)]
enum Holder<'s> {
    Gateway(&'s Gateway),
    Set(&'s ListenerSet),
}

/// A listener to which a route of the `to` side attaches.
struct Attached<'s> {
    holder: Holder<'s>,
    listener: &'s Listener,
    route: &'s Route,
}

impl<'s> Holder<'s> {
    fn all(snapshot: &'s Snapshot) -> impl Iterator<Item = Self> {
        let gateways = snapshot.gateways.iter().map(Self::Gateway);
        gateways.chain(snapshot.listener_sets.iter().map(Self::Set))
    }

    fn origin(self) -> &'s Origin {
        match self {
            Self::Gateway(gateway) => &gateway.origin,
            Self::Set(set) => &set.origin,
        }
    }

    fn namespace(self) -> NamespaceId {
        match self {
            Self::Gateway(gateway) => gateway.namespace,
            Self::Set(set) => set.namespace,
        }
    }

    fn listeners(self) -> &'s [Listener] {
        match self {
            Self::Gateway(gateway) => &gateway.listeners,
            Self::Set(set) => &set.listeners,
        }
    }

    /// The namespaces whose ListenerSets may add listeners.
    fn sets(self) -> &'s RouteNamespaces {
        match self {
            Self::Gateway(gateway) => &gateway.listener_sets,
            Self::Set(_) => &RouteNamespaces::None,
        }
    }

    /// Whether it is there to stay. Whatever comes in its place may let others in.
    fn stays(self) -> bool {
        let admission = match self {
            Self::Gateway(gateway) => gateway.admission,
            Self::Set(set) => set.admission,
        };
        admission == Admission::Accepted
    }

    /// Whether something names it as its parent.
    fn is_named(self, sides: &Sides<'_>, parent: &ParentRef) -> bool {
        let is_kind = match self {
            Self::Gateway(_) => parent.kind.is_gateway(),
            Self::Set(_) => parent.kind.kind.ends_with("ListenerSet"),
        };
        is_kind
            && parent.name == self.origin().object.name
            && parent.namespace == sides.name(self.namespace())
    }
}

pub(super) fn findings(sides: &Sides<'_>) -> Vec<Finding> {
    let attached = attached(sides);
    let there =
        attached.iter().flat_map(|attached| there(sides, attached).into_iter().chain(added(sides, attached)));
    let mut findings: Vec<Finding> = there.collect();
    if findings.is_empty() {
        findings.extend(attached.iter().find_map(|attached| possible(sides, attached)));
    }
    findings
}

/// Where the routes of the `to` side attach.
fn attached<'s>(sides: &Sides<'s>) -> Vec<Attached<'s>> {
    let mut attached = Vec::new();
    for route in sides.snapshot.routes.iter().filter(|route| sides.is_to(route.namespace)) {
        for holder in Holder::all(sides.snapshot) {
            let listeners = holder.listeners().iter();
            let listeners = listeners.filter(|listener| attaches(sides, route, holder, listener));
            attached.extend(listeners.map(|listener| Attached { holder, listener, route }));
        }
    }
    attached
}

/// Whether a route names a listener as its parent.
fn attaches(sides: &Sides<'_>, route: &Route, holder: Holder<'_>, listener: &Listener) -> bool {
    let names = |parent: &ParentRef| {
        holder.is_named(sides, parent)
            && parent.section.as_ref().is_none_or(|section| *section == listener.name)
            && parent.port.is_none_or(|port| port == listener.port)
    };
    let is_default = matches!(holder, Holder::Gateway(gateway) if gateway.is_default);
    route.parents.iter().any(names) || route.default_gateways.is_some() && is_default
}

/// Whether a Gateway lets objects of a namespace in. Labels that are not known, or that the `from` side may set, may match;
/// that of the name is always known.
fn lets_in(sides: &Sides<'_>, holder: Holder<'_>, namespaces: &RouteNamespaces, of: &str) -> bool {
    let selects = |selector: &Selector| {
        let namespace = sides.snapshot.namespace_named(of).map(|id| sides.snapshot.namespace(id));
        let labels = namespace.and_then(Namespace::sure_labels);
        let is_open = labels.is_none() || sides.may("relabel-namespaces", |scope| scope == of).is_some();
        let name = Labels::from([(Namespace::NAME_LABEL.to_owned(), of.to_owned())]);
        selector.requirements.iter().all(|requirement| {
            if requirement.key == Namespace::NAME_LABEL {
                requirement.matches(&name)
            } else {
                is_open || labels.is_some_and(|labels| requirement.matches(labels))
            }
        })
    };
    match namespaces {
        RouteNamespaces::All => true,
        RouteNamespaces::Same => sides.name(holder.namespace()) == of,
        RouteNamespaces::None => false,
        RouteNamespaces::Selected(selector) => selects(selector),
    }
}

/// The routes of the `from` side that take a host of one of the other.
fn there(sides: &Sides<'_>, at: &Attached<'_>) -> Vec<Finding> {
    let Attached { holder, listener, route: ours } = at;
    if sides.is_from(holder.namespace()) {
        let message = format!(
            "{} takes the requests of {}, which attaches to it",
            holder.origin().object,
            ours.origin.object
        );
        let help = "attach production's routes to a Gateway that staging cannot change";
        return vec![now(sides, at, holder.origin(), message, help)];
    }
    let routes = sides.snapshot.routes.iter().filter(|route| sides.is_from(route.namespace));
    let mut findings = Vec::new();
    for theirs in routes.filter(|route| attaches(sides, route, *holder, listener)) {
        let is_let_in = lets_in(sides, *holder, &listener.routes.namespaces, sides.name(theirs.namespace));
        let taken = hosts(theirs).find(|claimed| hosts(ours).any(|owned| takes(*claimed, owned)));
        let Some(host) = taken.filter(|_| is_let_in) else { continue };
        let message = format!(
            "{} takes requests for {} at {}, as {} does",
            theirs.origin.object,
            named(host),
            holder.origin().object,
            ours.origin.object
        );
        findings.push(now(sides, at, &theirs.origin, message, HELP));
    }
    findings
}

/// The ListenerSets of the `from` side that add a listener for a host of a route of the other.
fn added(sides: &Sides<'_>, at: &Attached<'_>) -> Vec<Finding> {
    let Attached { holder, route: ours, .. } = at;
    let sets = sides.snapshot.listener_sets.iter().filter(|set| {
        sides.is_from(set.namespace)
            && holder.is_named(sides, &set.parent)
            && lets_in(sides, *holder, holder.sets(), sides.name(set.namespace))
    });
    let added = sets.filter_map(|set| {
        let mut claimed = set.listeners.iter().map(|listener| listener.hostname.as_deref());
        let host = claimed.find(|claimed| hosts(ours).any(|owned| takes(*claimed, owned)))?;
        let message = format!(
            "{} adds a listener for {} to {}, to which {} attaches",
            set.origin.object,
            named(host),
            holder.origin().object,
            ours.origin.object
        );
        Some(now(sides, at, &set.origin, message, HELP))
    });
    added.collect()
}

fn named(host: Option<&str>) -> String {
    host.map_or("whatever it takes".to_owned(), |host| format!("`{host}`"))
}

/// What is there, by an object of the `from` side.
fn now(sides: &Sides<'_>, at: &Attached<'_>, theirs: &Origin, message: String, help: &str) -> Finding {
    let Attached { holder, listener, route: ours } = at;
    Finding {
        rule: "taken-host",
        when: When::Now,
        message,
        help: help.to_owned(),
        fact: takes_traffic(sides.name(ours.namespace)),
        by: None,
        because: vec![
            because(theirs, "", theirs.span),
            because(holder.origin(), "/spec/listeners", listener.routes.span),
            because(&ours.origin, "/spec/hostnames", ours.origin.span),
        ],
        highlight: Some((theirs.span, "production's requests come here".to_owned())),
        similar: format!("{} {}", theirs.object, ours.origin.object),
    }
}

/// The hosts of a route, `None` for every one.
fn hosts(route: &Route) -> impl Iterator<Item = Option<&str>> {
    let every = route.hostnames.is_empty().then_some(None);
    route.hostnames.iter().map(|host| Some(host.as_str())).chain(every)
}

/// What the `from` side could attach.
fn possible(sides: &Sides<'_>, at: &Attached<'_>) -> Option<Finding> {
    let Attached { holder, listener, route } = at;
    let lets = |of: &str| {
        let by_none = |owned: Option<&str>| takes(listener.hostname.as_deref(), owned);
        lets_in(sides, *holder, &listener.routes.namespaces, of) && could_attach(sides, route, of, by_none)
            || lets_in(sides, *holder, holder.sets(), of) && could_add(sides, route, of)
    };
    let power = sides.may("change-routes", lets)?;
    Some(Finding {
        rule: "taken-host",
        when: When::Possible,
        message: format!(
            "{}, and so take requests from {}: the listener `{}` of {} lets its routes in",
            may_write(&power, "routes"),
            route.origin.object,
            listener.name,
            holder.origin().object
        ),
        help: HELP.to_owned(),
        fact: takes_traffic(sides.name(route.namespace)),
        because: vec![
            because(holder.origin(), "/spec/listeners", listener.routes.span),
            because(&route.origin, "/spec/parentRefs", route.origin.span),
        ],
        highlight: Some((listener.routes.span, "staging's routes may attach".to_owned())),
        similar: "possible at a listener".to_owned(),
        by: Some(power),
    })
}

/// The kinds of routes that name hosts.
const WITH_HOSTS: [(&str, &str); 3] =
    [("HTTPRoute", "httproutes"), ("GRPCRoute", "grpcroutes"), ("TLSRoute", "tlsroutes")];

/// Those that name none: any such object may take requests.
const WITHOUT_HOSTS: [(&str, &str); 3] =
    [("TCPRoute", "tcproutes"), ("UDPRoute", "udproutes"), ("BackendTLSPolicy", "backendtlspolicies")];

/// What listens. Some implementations join the Gateways of one class.
const GATEWAY: (&str, &str) = ("Gateway", "gateways");
const LISTENER_SET: (&str, &str) = ("ListenerSet", "listenersets");

/// Whether something could come to be in a namespace that takes a host of the route: what somebody may write there, as far as
/// policies let it, and a route without hosts where it takes that one (`by_none`). Of kinds of other groups nothing is asked but
/// whether somebody may write them.
fn could_attach(sides: &Sides<'_>, ours: &Route, of: &str, by_none: impl Fn(Option<&str>) -> bool) -> bool {
    let written = resources_of("change-routes")
        .filter(|(group, resource)| sides.closure.may_write(of, group, resource));
    let could = |(group, resource): (&str, &str)| {
        let is_it = |(_, known): &&(&str, &str)| group == GATEWAY_GROUP && *known == resource;
        if let Some(&kind) = WITH_HOSTS.iter().find(is_it) {
            hosts(ours).any(|owned| sides.may_route(of, kind, owned, by_none(owned)))
        } else if let Some(&kind) = WITHOUT_HOSTS.iter().find(is_it) {
            sides.may_make(of, kind, &Known::with([]))
        } else if is_it(&&GATEWAY) {
            hosts(ours).any(|owned| sides.may_listen(of, GATEWAY, owned))
        } else {
            // Whether listeners may be added is another question.
            !is_it(&&LISTENER_SET)
        }
    };
    written.into_iter().any(could)
}

/// Whether a ListenerSet for a host of the route could come to be in a namespace.
fn could_add(sides: &Sides<'_>, ours: &Route, of: &str) -> bool {
    let may_write = |group: &str, resource: &str| sides.closure.may_write(of, group, resource);
    may_write("gateway.networking.x-k8s.io", "xlistenersets")
        || may_write(GATEWAY_GROUP, LISTENER_SET.1)
            && hosts(ours).any(|owned| sides.may_listen(of, LISTENER_SET, owned))
}

/// What is there or could be made at a Gateway that routes of the `to` side name and the input does not hold: whom it lets in
/// is not seen.
pub(super) fn doubts(sides: &Sides<'_>) -> Vec<BlindSpot> {
    let routes = sides.snapshot.routes.iter().filter(|route| sides.is_to(route.namespace));
    let mut unseen = routes.flat_map(|route| unseen(sides, route).into_iter().map(move |at| (route, at)));
    unseen.find_map(|(ours, at)| doubt(sides, ours, &at)).into_iter().collect()
}

/// What the input does not hold and a route asks to attach to.
#[derive(PartialEq, Eq)]
enum Unseen<'s> {
    /// A Gateway or a ListenerSet, by its namespace and its name.
    Named(&'s str, &'s str),
    /// The Gateways that are the default.
    Default,
}

fn unseen<'s>(sides: &Sides<'s>, route: &'s Route) -> Vec<Unseen<'s>> {
    let named = route.parents.iter().filter(|parent| {
        let listens = parent.kind.is_gateway() || parent.kind.kind.ends_with("ListenerSet");
        listens && !Holder::all(sides.snapshot).any(|it| it.stays() && it.is_named(sides, parent))
    });
    let named = named.map(|parent| Unseen::Named(&parent.namespace, &parent.name));
    let is_default = |gateway: &Gateway| gateway.is_default && gateway.admission == Admission::Accepted;
    let has_default = sides.snapshot.gateways.iter().any(is_default);
    let default = (route.default_gateways.is_some() && !has_default).then_some(Unseen::Default);
    named.chain(default).collect()
}

fn doubt(sides: &Sides<'_>, ours: &Route, at: &Unseen<'_>) -> Option<BlindSpot> {
    let mut theirs = sides.snapshot.routes.iter().filter(|route| sides.is_from(route.namespace));
    let taking = theirs.find(|route| {
        let is_taken = |owned| hosts(route).any(|claimed| takes(claimed, owned));
        unseen(sides, route).contains(at) && hosts(ours).any(is_taken)
    });
    let how = match taking {
        Some(theirs) => format!("{} names hosts of it too", theirs.origin.object),
        None => {
            let could = |of: &str| could_attach(sides, ours, of, |_| true) || could_add(sides, ours, of);
            may_write(&sides.may("change-routes", could)?, "routes")
        }
    };
    let gateway = match at {
        Unseen::Named(namespace, name) => format!("`{namespace}/{name}`"),
        Unseen::Default => "the default Gateway".to_owned(),
    };
    Some(BlindSpot {
        rule: "taken-host",
        reason: format!(
            "{how}, and {gateway}, to which {} attaches, is not in the input: if it lets both in, requests can be taken",
            ours.origin.object
        ),
        object: Some(ours.origin.object.clone()),
        span: Some(ours.origin.span),
        help: "add the Gateway to the input, with its ListenerSets".to_owned(),
        scope: BlindScope::Everything,
        hides: &[Channel::Api],
    })
}

const HELP: &str = "let only production's namespaces attach to that listener (`allowedRoutes`), and give staging a Gateway, or a \
                    listener for hosts of its own";
