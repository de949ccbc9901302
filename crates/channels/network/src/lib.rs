//! The network channel: who may open a connection to whom, under NetworkPolicy and a CNI profile.
//!
//! Two engines stand on one reading of the policies ([`Reading`]): `pair`, `between` and `map` look at the pods that
//! are there, one by one; `ways` and `crossing` look at all pods that could exist, rule by rule, and find every way from
//! one set of namespaces into another. Rule numbers (N1, N35…) are those of `docs/semantics.md`.

mod admitted;
mod assumptions;
mod between;
mod certificate;
mod classes;
mod contents;
mod creatable;
mod crossing;
mod derivation;
mod direction;
mod ends;
mod explain;
mod gateways;
mod kinds;
mod leak;
mod map;
mod namespace_labels;
mod outside;
mod pair;
mod paths;
mod placement;
mod profile;
mod proxy;
mod public;
mod region;
mod relaying;
mod rule;
mod sides;
mod sorts;
mod space;
mod tier;
mod to_come;
mod unseen;
mod view;
mod ways;
mod world;

pub use between::{Between, End};
pub use certificate::{Hostile, Uncertified, certificate, certified_points, forged_certificate};
pub use classes::Served;
pub use crossing::{Crossing, Crossings};
pub use namespace_labels::KeptLabels;
pub use profile::{Axis, Fault, Point, Profile, ProfileError, Setting, Value};
pub use relaying::{Rights, Traffic};
pub use space::AddressSpace;

use std::collections::BTreeSet;
use std::sync::Arc;
use view::View;
use watertight_admission::Admission;
use watertight_base::{LabelBox, Protocol};
use watertight_model::{
    Assumption, BlindSpot, ClassMap, ConnectivityMap, Explanation, NamespaceId, ObjectRef, Peer, PublicEntry,
    Relation, Snapshot,
};

/// How a snapshot is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// How points that implementations differ on are read.
    pub profile: Profile,
    /// Whether what is open is resolved permissively or strictly.
    pub relation: Relation,
    /// What becomes of policies that the API server would refuse.
    pub refused: Refused,
    /// The NetworkPolicies of these namespaces are taken as not there, or as any that would let more pass: whoever may
    /// remove them may also write one that keeps the Baseline tier from being asked (convention 12).
    pub without_policies_of: Vec<NamespaceId>,
    /// The labels that some namespaces may come to have, whatever the profile makes of labels that are not known. The
    /// snapshot says nothing of theirs.
    pub labels_within: Vec<(NamespaceId, LabelBox)>,
    /// Namespaces besides those of the hostile side in which it writes what proxies go by.
    pub published: Vec<NamespaceId>,
    /// Who may write what proxies go by, if that is known. Otherwise a proxy that serves the hostile side carries anything.
    pub rights: Option<Arc<Rights>>,
}

impl Reading {
    /// The plain reading: all policies are there.
    #[must_use]
    pub fn new(profile: Profile, relation: Relation) -> Self {
        Self {
            profile,
            relation,
            refused: Refused::With,
            without_policies_of: Vec::new(),
            labels_within: Vec::new(),
            published: Vec::new(),
            rights: None,
        }
    }
}

/// What becomes of policies that the API server would refuse (convention 6). A profile that does not doubt them reads
/// them as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// They are there.
    With,
    /// They are not there.
    Without,
    /// Some are there and some are not: in `may` in the way that opens most, so that what passes here passes for some
    /// choice; in `must` in the way that closes most.
    Either,
}

/// Who can open a connection to whom: workloads, nodes and addresses outside.
#[must_use]
pub fn connectivity(snapshot: &Snapshot, profile: Profile, relation: Relation) -> ConnectivityMap {
    classes(snapshot, profile, relation, Pods::Today).expand()
}

/// Which pods a map shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pods {
    /// Those that are there.
    Today,
    /// Those, and, as sources, for each namespace some that could be created: one without labels, and one for each selector
    /// that would select it and selects none of today's.
    AndToCome,
}

/// The same, where peers that nothing tells apart are one class.
#[must_use]
pub fn classes(snapshot: &Snapshot, profile: Profile, relation: Relation, pods: Pods) -> ClassMap {
    let reading = Reading { refused: Refused::Either, ..Reading::new(profile, relation) };
    let view = View::new(snapshot, &reading);
    let to_come = match pods {
        Pods::Today => Vec::new(),
        Pods::AndToCome => to_come::pods_to_come(&view),
    };
    map::class_map(&view, &to_come, relation)
}

/// Every way from one set of namespaces into another, for the pods of today and for all that could be created.
#[must_use]
pub fn crossings(
    snapshot: &Snapshot,
    reading: &Reading,
    from: &[NamespaceId],
    to: &[NamespaceId],
) -> Crossings {
    crossing::crossings(&View::new(snapshot, reading), from, to)
}

/// What an answer of this channel rests on.
#[must_use]
pub fn assumptions(
    snapshot: &Snapshot,
    reading: &Reading,
    from: &[NamespaceId],
    to: &[NamespaceId],
) -> Vec<Assumption> {
    assumptions::assumptions(snapshot, reading, from, to)
}

/// What this channel knows to be there and does not see: each keeps the answer from being `isolated`.
#[must_use]
pub fn blind_spots(
    snapshot: &Snapshot,
    reading: &Reading,
    from: &[NamespaceId],
    to: &[NamespaceId],
) -> Vec<BlindSpot> {
    let mut found = contents::blind_spots(snapshot, reading, from, to);
    found.extend(unseen::unseen_proxy(snapshot, reading, from, to));
    found
}

/// The pods of today that are known as ingress controllers or gateways and serve one of these namespaces, as indices into the
/// snapshot (convention 8).
#[must_use]
pub fn proxies(snapshot: &Snapshot, namespaces: &[NamespaceId]) -> Vec<usize> {
    proxy::watching(snapshot, namespaces)
}

/// Those of them that may serve Ingresses.
#[must_use]
pub fn ingress_proxies(snapshot: &Snapshot, namespaces: &[NamespaceId]) -> Vec<usize> {
    proxy::watching_ingresses(snapshot, namespaces)
}

/// The Ingresses that no such pod that is there to stay serves for sure, by their class, as indices into the snapshot.
#[must_use]
pub fn unserved_ingresses(snapshot: &Snapshot) -> BTreeSet<usize> {
    classes::unserved_ingresses(snapshot)
}

/// The labels that a namespace of today may come to have, as far as selectors in policies ask about them, where somebody may
/// change them and nothing but admission policies stands in the way.
#[must_use]
pub fn labels_to_come(snapshot: &Snapshot, namespace: NamespaceId) -> LabelBox {
    crossing::labels_to_come(snapshot, namespace)
}

/// What policies keep from a namespace of which somebody may change the labels, as certificates have it; of a snapshot in which
/// they are as they are now.
#[must_use]
pub fn kept_labels(snapshot: &Snapshot, namespace: NamespaceId) -> KeptLabels {
    crossing::kept_labels(snapshot, namespace)
}

/// What an answer rests on that made use of that.
#[must_use]
pub fn resting_on_policies(snapshot: &Snapshot) -> Assumption {
    let policies: Vec<&ObjectRef> = Admission::new(snapshot).in_force().collect();
    assumptions::on_policies(&policies)
}

/// The same, where it made use of pods that policies refuse.
#[must_use]
pub fn resting_on_pods(snapshot: &Snapshot) -> Vec<Assumption> {
    let policies: Vec<&ObjectRef> = Admission::new(snapshot).in_force().collect();
    assumptions::on_pods(&policies)
}

/// What some namespaces publish to everybody (convention 7).
#[must_use]
pub fn public_entries(snapshot: &Snapshot, from: &[NamespaceId], to: &[NamespaceId]) -> Vec<PublicEntry> {
    public::public_entries(snapshot, from, to)
}

/// The images by which proxies are known: the end of the repository, the flags that say which namespaces it watches, and
/// whether it also runs as a sidecar.
pub fn proxy_images() -> impl Iterator<Item = (&'static str, &'static [&'static str], bool)> {
    proxy::images()
}

/// The classes that known controllers serve, each with whether they are of Gateways, and not of Ingresses.
pub fn served_classes() -> impl Iterator<Item = (bool, &'static Served)> {
    classes::known()
}

/// The flags of proxies that leave out objects or namespaces in a way that is not followed.
#[must_use]
pub fn narrowing_flags() -> &'static [&'static str] {
    proxy::narrowing_flags()
}

/// The images of the controllers that make proxies when a Gateway is there.
#[must_use]
pub fn proxy_makers() -> &'static [&'static str] {
    proxy::makers()
}

/// The images of those proxies that serve no Gateways.
#[must_use]
pub fn proxies_of_ingresses() -> &'static [&'static str] {
    proxy::of_ingresses()
}

/// The images of those proxies that serve no Ingresses.
#[must_use]
pub fn proxies_of_gateways() -> &'static [&'static str] {
    proxy::of_gateways()
}

/// The `controllerName`s of those whose proxies in the namespace of a Gateway serve the Gateways there and nothing else.
#[must_use]
pub fn gateway_controllers_of_one_namespace() -> &'static [&'static str] {
    gateways::of_their_namespace()
}

/// The peers of the map that a name means, sorted: `NAMESPACE/NAME` (a workload or one of its pods),
/// `NAMESPACE/KIND/NAME`, `node/NAME`, or an IP address outside the cluster. Empty if it means none.
#[must_use]
pub fn peers_named(snapshot: &Snapshot, profile: Profile, name: &str) -> Vec<Peer> {
    explain::peers_named(&View::new(snapshot, &Reading::new(profile, Relation::May)), name)
}

/// The pods that a name means, ended ones included, as indices into the snapshot: `NAMESPACE/NAME` (a workload or one of
/// its pods) or `NAMESPACE/KIND/NAME`.
#[must_use]
pub fn pods_named(snapshot: &Snapshot, name: &str) -> Vec<usize> {
    let parts: Vec<&str> = name.split('/').collect();
    let pods = snapshot.pods.iter().enumerate();
    pods.filter(|(_, pod)| explain::is_pod_named(snapshot, pod, &parts)).map(|(index, _)| index).collect()
}

/// Why one peer can or cannot open connections to another; `port` narrows what is shown. `None` if the snapshot does
/// not hold one of the peers.
#[must_use]
pub fn explain(
    snapshot: &Snapshot,
    profile: Profile,
    relation: Relation,
    from: &Peer,
    to: &Peer,
    port: Option<(Protocol, u16)>,
) -> Option<Explanation> {
    let reading = Reading { refused: Refused::Either, ..Reading::new(profile, relation) };
    explain::explain(&View::new(snapshot, &reading), from, to, port)
}
