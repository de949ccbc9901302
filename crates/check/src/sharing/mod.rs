//! What both sides share by their objects, and what the `from` side could lead or take of the other's by what it comes to:
//! written a second time from the pages of these rules, without the engine.
//!
//! Each part gives the first reason why the two are not apart, as a sentence that names the objects, or none. What the engine
//! holds for open is one as well. Values of Secrets are compared, and never shown.

mod addresses;
mod grants;
mod hosts;
mod identities;
mod listeners;
mod nginx;
mod to_come;

pub(crate) use nginx::{is_mended_nginx, is_unversioned};

use crate::admission::Kept;
use crate::mutation::{self, Rewrites};
use crate::{asked, classes, credentials, proxies};
use std::collections::BTreeSet;
use watertight_kubernetes::Primitive;
use watertight_model::{Channel, Gain, Ingress, NamespaceId, ObjectRef, Pod, Principal, Snapshot};

/// What lets the `from` side use what pods of a namespace hold: pods of its own mount anything. What is in one that it enters is
/// not known, nor whether one goes by objects that it writes beside it (`rules/steered-pods.md`).
const USING_PODS: [Gain; 3] = [Gain::RunsPods, Gain::EntersPods, Gain::ChangesObjects];

/// Something that the `from` side comes to by rights, with what is claimed to be all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gained<'a> {
    /// The row of the catalogue by which, which says what.
    pub row: &'static Primitive,
    /// The namespace; `None` is every one.
    pub scope: Option<&'a str>,
    /// The names to which it is bound; empty for every name.
    pub names: &'a [String],
}

impl Gained<'_> {
    /// Whether it is about what has this name.
    pub(crate) fn is_about(&self, name: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|of| of == name)
    }
}

/// Both sides of a boundary.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'a> {
    /// All objects, with their values.
    pub snapshot: &'a Snapshot,
    /// The namespaces of the `from` side.
    pub from: &'a [NamespaceId],
    /// The namespaces of the `to` side.
    pub to: &'a [NamespaceId],
    /// The users and groups of the `to` side.
    pub people: &'a [Principal],
    /// What the `from` side comes to, but for what is no more than a step to something else.
    pub gains: &'a [Gained<'a>],
    /// Whether what is of lesser rank counts.
    pub strict: bool,
    /// What admission policies are said to refuse.
    pub kept: &'a Kept<'a>,
}

/// The first reason why the two sides are not apart by their objects.
#[must_use]
pub fn shared(sides: &Sides<'_>) -> Option<String> {
    let parts = [
        identities::reason,
        addresses::reason,
        hosts::reason,
        listeners::reason,
        nginx::reason,
        grants::reason,
        credentials::reason,
        asked::reason,
    ];
    parts.into_iter().find_map(|reason| reason(sides))
}

/// Whether the `from` side may write Services that claim any address, or Gateways that ask for any, of those in whose namespaces
/// it is nobody else's.
pub(crate) fn may_claim_addresses(sides: &Sides<'_>) -> bool {
    let scopes = |rule: &str| -> BTreeSet<&str> {
        let named = sides.gains.iter().filter(|gained| gained.row.rule == rule);
        named.filter_map(|gained| gained.scope).collect()
    };
    let by_services = scopes("change-services").into_iter().map(|of| sides.may_claim_addresses(of));
    let by_gateways = scopes("change-routes").into_iter().map(|of| sides.may_ask_for_addresses(of));
    by_services.chain(by_gateways).fold(false, |any, may| any | may)
}

/// What mutating admission may make something else of while it is applied, of all that the api channel takes at its word
/// (`rules/rewritten-on-apply.md`): the kind of what does so, by which it can be accepted, and a sentence.
#[must_use]
pub fn rewritten<'a>(sides: &Sides<'a>) -> Vec<(&'a str, String)> {
    let of_a_side = [sides.from, sides.to].concat();
    let rewrites = mutation::rewrites(sides.snapshot, &of_a_side, Channel::Api);
    let told = |Rewrites { by, object }| {
        (by.kind.as_str(), format!("{by} may rewrite {object} while it is applied"))
    };
    rewrites.into_iter().map(told).collect()
}

impl<'a> Sides<'a> {
    pub(crate) fn name(&self, id: NamespaceId) -> &'a str {
        &self.snapshot.namespace(id).name
    }

    pub(crate) fn is_from(&self, id: NamespaceId) -> bool {
        self.from.contains(&id)
    }

    pub(crate) fn is_to(&self, id: NamespaceId) -> bool {
        self.to.contains(&id)
    }

    /// Whether a namespace of this name is one of the `from` side.
    pub(crate) fn is_named_from(&self, name: &str) -> bool {
        self.from.iter().any(|&id| self.name(id) == name)
    }

    /// Whether a namespace of this name is one of the `to` side.
    pub(crate) fn is_named_to(&self, name: &str) -> bool {
        self.to.iter().any(|&id| self.name(id) == name)
    }

    pub(crate) fn has_from(&self, object: &ObjectRef) -> bool {
        object.namespace.as_deref().is_some_and(|name| self.is_named_from(name))
    }

    pub(crate) fn has_to(&self, object: &ObjectRef) -> bool {
        object.namespace.as_deref().is_some_and(|name| self.is_named_to(name))
    }

    /// What the `from` side comes to in a namespace that is not the other's: there, everything is a breach by itself.
    pub(crate) fn gains_in(&self, namespace: &str) -> impl Iterator<Item = &'a Gained<'a>> {
        let is_there = move |scope: &str| scope == namespace;
        let is_theirs = self.is_named_to(namespace);
        self.gains.iter().filter(move |gained| !is_theirs && gained.scope.is_none_or(is_there))
    }

    /// Whether it comes to what a rule says in such a namespace.
    pub(crate) fn may(&self, rule: &str, namespace: &str) -> bool {
        self.gains_in(namespace).any(|gained| gained.row.rule == rule)
    }

    /// Whether it comes to read a Secret of a namespace of neither side, or may have pods use it.
    pub(crate) fn reads_secret(&self, object: &ObjectRef) -> bool {
        self.gains_of(object).any(|gained| match gained.row.gain {
            Gain::ReadsSecrets => gained.is_about(&object.name),
            gain => USING_PODS.contains(&gain),
        })
    }

    /// Whether it comes to read a ConfigMap or the environment of a container of a namespace of neither side.
    pub(crate) fn reads_settings(&self, object: &ObjectRef) -> bool {
        let reads = |gain: Gain| gain == Gain::ReadsObjects || USING_PODS.contains(&gain);
        self.gains_of(object).any(|gained| reads(gained.row.gain))
    }

    /// Whether pods of its own, or those that it enters or steers, may mount a ConfigMap of a namespace of neither side.
    pub(crate) fn mounts(&self, object: &ObjectRef) -> bool {
        let mut gains = self.gains_of(object);
        object.kind == "ConfigMap" && gains.any(|gained| USING_PODS.contains(&gained.row.gain))
    }

    /// Whether it comes to tokens of a ServiceAccount of a namespace of neither side.
    pub(crate) fn has_tokens_of(&self, account: &ObjectRef) -> bool {
        self.gains_of(account).any(|gained| match gained.row.gain {
            Gain::MintsTokens => gained.is_about(&account.name),
            gain => USING_PODS.contains(&gain),
        })
    }

    fn gains_of(&self, object: &ObjectRef) -> impl Iterator<Item = &'a Gained<'a>> {
        let others = object.namespace.as_deref().filter(|name| !self.is_named_from(name));
        others.into_iter().flat_map(|name| self.gains_in(name))
    }

    /// The first namespace, of any but the `to` side's, in which it does, and of which something is so.
    pub(crate) fn may_somewhere(&self, rule: &str, is_it: impl Fn(&str) -> bool) -> Option<&'a str> {
        let mut names = self.snapshot.namespaces.iter().map(|namespace| namespace.name.as_str());
        names.find(|name| self.may(rule, name) && is_it(name))
    }

    /// The proxies of Ingresses that serve both sides, or the `to` side and a namespace in which the other may write Ingresses.
    pub(crate) fn shared_proxies(&self) -> Vec<&'a Pod> {
        let is_written = |id: &NamespaceId| self.may("change-ingresses", self.name(*id));
        let written: Vec<NamespaceId> = self.snapshot.namespace_ids().filter(is_written).collect();
        let [from, to] = [&[self.from, &written].concat(), self.to].map(|side| self.proxies_of(side));
        let pods = self.snapshot.pods.iter().enumerate();
        pods.filter(|(index, _)| from.contains(index) && to.contains(index)).map(|(_, pod)| pod).collect()
    }

    /// Whether one proxy may serve two Ingresses, one of each side: one serves both, or who serves one of them is not to be seen.
    pub(crate) fn proxy_may_be_shared(&self, two: [&Ingress; 2]) -> bool {
        let [from, to] = [self.from, self.to].map(|side| self.proxies_of(side));
        !from.is_disjoint(&to) || two.iter().any(|ingress| !classes::serves(self.snapshot, ingress))
    }

    fn proxies_of(&self, side: &[NamespaceId]) -> BTreeSet<usize> {
        proxies::watching_ingresses(self.snapshot, side).collect()
    }
}
