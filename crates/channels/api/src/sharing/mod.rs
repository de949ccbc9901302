//! What both sides share by their objects, whatever anybody may do: cloud identities, addresses, names of hosts, and the
//! proxies that serve them. Some of it is there; some of it the `from` side could make by its rights in its own namespaces.

mod addresses;
mod grants;
mod hosts;
mod identities;
mod listeners;
mod nginx;
mod to_come;
mod version;

use crate::attack::{Closure, Power};
use std::cell::RefCell;
use std::collections::BTreeSet;
use watertight_admission::{Admission, Wanted};
use watertight_base::{Span, fingerprint};
use watertight_model::{
    Because, BlindSpot, Breach, Channel, Evidence, EvidenceRole, Fact, Gain, NamespaceId, Origin, Root,
    Snapshot, Step, When,
};

/// Both sides, with what the `from` side may do.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'a> {
    /// All objects.
    pub snapshot: &'a Snapshot,
    /// The namespaces of the `from` side.
    pub from: &'a BTreeSet<&'a str>,
    /// The namespaces of the `to` side.
    pub to: &'a BTreeSet<&'a str>,
    /// What the `from` side comes to.
    pub closure: &'a Closure,
    /// The pods that are known as proxies, and what they serve.
    pub proxies: &'a Proxies,
    /// The admission policies, if they count.
    pub policies: Option<&'a Admission<'a>>,
    /// Where it is noted what they keep away, if anybody asks for that.
    pub kept_away: Option<&'a RefCell<Vec<Wanted>>>,
}

/// The pods that are known as proxies and may serve Ingresses, as indices into the snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proxies {
    /// Those that watch the namespaces of the `from` side.
    pub of_from: BTreeSet<usize>,
    /// Those that watch namespaces of neither side in which the `from` side comes to write Ingresses.
    pub of_written: BTreeSet<usize>,
    /// Those that watch the namespaces of the `to` side.
    pub of_to: BTreeSet<usize>,
    /// The Ingresses that no such pod serves for sure, as indices into the snapshot: by their class, or since it is not there to stay.
    pub unserved: BTreeSet<usize>,
}

impl Proxies {
    /// Those that serve both sides, or the `to` side and what the other may write.
    fn shared(&self) -> impl Iterator<Item = usize> {
        let takes_orders = |index: &usize| self.of_from.contains(index) || self.of_written.contains(index);
        self.of_to.iter().copied().filter(takes_orders)
    }

    /// Whether one proxy may serve two Ingresses, one of each side: one does, or it is not known which one serves one of them.
    fn may_be_shared(&self, two: [usize; 2]) -> bool {
        two.iter().any(|index| self.unserved.contains(index)) || !self.of_from.is_disjoint(&self.of_to)
    }
}

/// Something that is shared and should not be.
#[derive(Debug)]
struct Finding {
    rule: &'static str,
    when: When,
    /// One sentence that stands alone.
    message: String,
    help: String,
    fact: Fact,
    /// By what the `from` side could make it.
    by: Option<Power>,
    because: Vec<Because>,
    highlight: Option<(Span, String)>,
    /// What makes others similar to it.
    similar: String,
}

/// What is shared and should not be; with `all`, each by itself.
#[must_use]
pub fn shared(sides: &Sides<'_>, all: bool) -> Vec<Breach> {
    let findings = [
        nginx::findings(sides),
        identities::findings(sides),
        addresses::findings(sides),
        hosts::findings(sides),
        listeners::findings(sides),
        grants::findings(sides),
    ];
    let mut breaches: Vec<Breach> = Vec::new();
    let mut known: Vec<String> = Vec::new();
    for finding in findings.into_iter().flatten() {
        let similar = format!("{} {}", finding.rule, finding.similar);
        let first = known.iter().position(|known| *known == similar).filter(|_| !all);
        if let Some(first) = first {
            breaches[first].count += 1;
        } else {
            known.push(similar);
            breaches.push(finding.breach());
        }
    }
    breaches
}

/// What both sides share perhaps: the input does not say.
#[must_use]
pub fn perhaps_shared(sides: &Sides<'_>) -> Vec<BlindSpot> {
    let doubts = [addresses::doubts(sides), hosts::doubts(sides), listeners::doubts(sides)];
    doubts.into_iter().flatten().collect()
}

impl Finding {
    fn breach(self) -> Breach {
        let Self { rule, when, message, help, fact, by, because, highlight, similar } = self;
        let mut steps = by.map(|power| power.steps).unwrap_or_default();
        let uses = steps.last().map(|step| step.id).into_iter().collect();
        let (id, text) = (steps.len() + 1, message.clone());
        steps.push(Step { id, channel: Channel::Api, rule, fact, text, uses, because });
        Breach {
            id: fingerprint(&format!("{rule} {message}")),
            rule,
            root: Root::pattern(format!("{rule} {similar}")),
            when,
            message,
            help,
            count: 1,
            reached: BTreeSet::new(),
            steps,
            highlight,
        }
    }
}

/// Everything that policies keep away, and without which nothing would be shared: for sides that share nothing. With those of
/// Services, and those of Gateways, if none of them can claim an address of another.
#[must_use]
pub fn kept_away(sides: &Sides<'_>) -> Vec<Wanted> {
    let noted = RefCell::default();
    let noting = Sides { kept_away: Some(&noted), ..*sides };
    let _found = (shared(&noting, false), perhaps_shared(&noting));
    let before = noted.borrow().len();
    let claimers = [noting.address_claimer(), noting.gateway_address_claimer()];
    if claimers.iter().any(Option::is_some) {
        noted.borrow_mut().truncate(before);
    }
    noted.into_inner()
}

/// The namespaces of neither side in which the `from` side comes to write Ingresses.
#[must_use]
pub fn written_ingresses(
    snapshot: &Snapshot,
    closure: &Closure,
    sides: [&BTreeSet<&str>; 2],
) -> Vec<NamespaceId> {
    let is_written = |id: &NamespaceId| {
        let name = snapshot.namespace(*id).name.as_str();
        !sides.iter().any(|side| side.contains(name)) && closure.comes_to("change-ingresses", name)
    };
    snapshot.namespace_ids().filter(is_written).collect()
}

/// The images of controllers that serve both sides and of which it is not known whether their version is mended.
#[must_use]
pub fn unversioned_controllers<'s>(sides: &Sides<'s>) -> BTreeSet<&'s str> {
    nginx::of_unknown_version(sides).collect()
}

/// The pods that run an ingress-nginx of a version of which no faults are known, and no other proxy, as indices into the
/// snapshot.
#[must_use]
pub fn mended_ingress_nginx(snapshot: &Snapshot) -> BTreeSet<usize> {
    let pods = snapshot.pods.iter().enumerate();
    pods.filter(|(_, pod)| nginx::is_mended(pod)).map(|(index, _)| index).collect()
}

impl<'a> Sides<'a> {
    fn name(&self, id: NamespaceId) -> &'a str {
        &self.snapshot.namespace(id).name
    }

    fn is_from(&self, id: NamespaceId) -> bool {
        self.from.contains(self.name(id))
    }

    fn is_to(&self, id: NamespaceId) -> bool {
        self.to.contains(self.name(id))
    }

    /// What lets the `from` side write Services that claim any address.
    #[must_use]
    pub fn address_claimer(&self) -> Option<Power> {
        let claims = |scope: &str| !self.to.contains(scope) && self.may_claim_addresses(scope);
        self.closure.power("change-services", claims)
    }

    /// What lets the `from` side write Gateways that ask for any address.
    #[must_use]
    pub fn gateway_address_claimer(&self) -> Option<Power> {
        let claims = |scope: &str| {
            !self.to.contains(scope)
                && self.closure.may_write(scope, to_come::GATEWAY_GROUP, "gateways")
                && self.may_ask_for_addresses(scope)
        };
        self.closure.power("change-routes", claims)
    }

    /// What lets the `from` side do what a rule says, best in its own namespaces, and never in those of the `to` side, where
    /// it would be a breach by itself.
    fn may(&self, rule: &str, is_there: impl Fn(&str) -> bool) -> Option<Power> {
        let own = self.closure.power(rule, |scope| self.from.contains(scope) && is_there(scope));
        own.or_else(|| self.closure.power(rule, |scope| !self.to.contains(scope) && is_there(scope)))
    }
}

/// Somebody who may write some objects somewhere: the begin of a sentence.
fn may_write(power: &Power, what: &str) -> String {
    format!("{} may write {what} in `{}`", power.who, power.scope.as_deref().unwrap_or_default())
}

/// That the traffic of a namespace can be taken.
fn takes_traffic(namespace: &str) -> Fact {
    Fact::Gains { gain: Gain::TakesTraffic, scope: Some(namespace.to_owned()), names: Vec::new() }
}

/// An object as the ground of a step, at a place in it.
fn because(origin: &Origin, path: &str, span: Span) -> Because {
    Because {
        role: EvidenceRole::Selects,
        object: origin.object.clone(),
        path: path.to_owned(),
        evidence: Some(Evidence::File(span)),
    }
}
