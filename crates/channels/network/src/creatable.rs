//! Which pods could be created in a namespace, as far as the admission policies of the cluster let them. More may seem
//! possible than is: of labels each key is taken by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use watertight_admission::pod_security::with_probe_host;
use watertight_admission::{Admission, Coming, Known, Others, Wanted};
use watertight_base::{LabelBox, Selector, ValueSet};
use watertight_model::{NamespaceId, ObjectRef, PeerKind, Snapshot, TierPeerKind};

/// The most values of one key that are asked about one by one. Of all others it is asked together.
const MAX_VALUES: usize = 200;

/// Pods that could be created, namespace by namespace.
#[derive(Debug)]
pub(crate) struct Creatable<'a> {
    snapshot: &'a Snapshot,
    admission: Admission<'a>,
    // The labels, each namespace as it is asked about; `None` where no pod can be created.
    labels: Vec<OnceLock<Option<LabelBox>>>,
}

impl<'a> Creatable<'a> {
    pub(crate) fn of(snapshot: &'a Snapshot) -> Self {
        let labels = snapshot.namespaces.iter().map(|_| OnceLock::new()).collect();
        Self { snapshot, admission: Admission::new(snapshot), labels }
    }

    /// The labels that a pod to come may have, before selectors see them; `None` if there can be no such pod.
    pub(crate) fn labels(&self, namespace: NamespaceId) -> Option<&LabelBox> {
        self.labels.get(namespace.0)?.get_or_init(|| self.admitted_labels(namespace)).as_ref()
    }

    /// Whether a pod to come may have whatever labels one of today has.
    pub(crate) fn is_anything(&self, namespace: NamespaceId) -> bool {
        self.labels(namespace).is_some_and(|labels| *labels == LabelBox::everything())
    }

    /// Whether a pod to come may share the network of its node. That is decided when it is created, and for good.
    pub(crate) fn admits_host_network(&self, namespace: NamespaceId) -> bool {
        let spec = Known::with([("hostNetwork", Known::Bool(true))]);
        self.labels(namespace).is_some() && self.may_come(namespace, Known::with([("spec", spec)]), false)
    }

    /// Whether a pod to come may have a probe or a hook that names another host. Containers are there from its creation on, but
    /// for ephemeral ones, which have neither.
    pub(crate) fn admits_probe_host(&self, namespace: NamespaceId) -> bool {
        let mut pods = with_probe_host().into_iter();
        self.labels(namespace).is_some() && pods.any(|pod| self.may_come(namespace, pod, false))
    }

    /// Whether an object can come to be, as far as policies go.
    pub(crate) fn lets_come(&self, wanted: &Wanted) -> bool {
        self.admission.is_open() || self.admission.could_come_to_be(wanted) == Coming::Possibly
    }

    /// The policies on which it rests that some pods of these namespaces cannot be created.
    pub(crate) fn rests_on(&self, namespaces: &[NamespaceId]) -> Vec<&'a ObjectRef> {
        let is_narrower = |&id: &NamespaceId| {
            !self.is_anything(id) || !self.admits_host_network(id) || !self.admits_probe_host(id)
        };
        let narrowed = !self.admission.is_open() && namespaces.iter().any(is_narrower);
        if narrowed { self.in_force() } else { Vec::new() }
    }

    /// The policies that may refuse something.
    pub(crate) fn in_force(&self) -> Vec<&'a ObjectRef> {
        self.admission.in_force().collect()
    }

    fn may_come(&self, namespace: NamespaceId, pod: Known, by_update: bool) -> bool {
        let name = &self.snapshot.namespace(namespace).name;
        self.lets_come(&Wanted::pod(name, pod, by_update))
    }

    fn admitted_labels(&self, namespace: NamespaceId) -> Option<LabelBox> {
        let mut labels = LabelBox::everything();
        if self.admission.is_open() {
            return Some(labels);
        }
        // A pod of today can be changed into one with other labels.
        if !self.may_come(namespace, Known::with([]), true) {
            return None;
        }
        for (key, values) in by_key(selectors(self.snapshot)) {
            let set = self.admitted_values(namespace, key, values);
            if set != ValueSet::anything() {
                labels = labels.within(key, &set)?;
            }
        }
        Some(labels)
    }

    /// A label of which policies leave pods to come no value, and that they may not be without either.
    pub(crate) fn barred(&self, namespace: NamespaceId) -> Option<String> {
        let mut asked = by_key(selectors(self.snapshot)).into_iter();
        let barred =
            asked.find(|(key, values)| self.admitted_values(namespace, key, values.clone()).is_empty());
        barred.map(|(key, _)| key.to_owned())
    }

    /// What a pod may have for one key, whatever else it has.
    fn admitted_values(&self, namespace: NamespaceId, key: &str, named: BTreeSet<&str>) -> ValueSet {
        let comes = |pod: Known| self.may_come(namespace, pod, true);
        admitted(&self.admission, comes, key, named)
    }
}

/// What an object may have for one key, whatever else it has.
pub(crate) fn admitted(
    policies: &Admission<'_>,
    comes: impl Fn(Known) -> bool,
    key: &str,
    named: BTreeSet<&str>,
) -> ValueSet {
    let values = values_of(policies, named);
    let with = |value: Known| comes(labelled(key, value));
    let missing = with(Known::Absent) || comes(unlabelled());
    let (admitted, refused): (BTreeSet<String>, BTreeSet<String>) =
        values.iter().cloned().partition(|value| with(Known::text(value)));
    match with(Known::OtherText(values)) {
        true => ValueSet::all_but(missing, refused),
        false => ValueSet::some(missing, admitted),
    }
}

/// The values of one key that are asked about one by one: those that are named, and those that policies compare with.
pub(crate) fn values_of(policies: &Admission<'_>, named: BTreeSet<&str>) -> BTreeSet<String> {
    named.into_iter().chain(policies.texts()).take(MAX_VALUES).map(str::to_owned).collect()
}

/// An object with one label like this, whatever else it has.
pub(crate) fn labelled(key: &str, value: Known) -> Known {
    let labels = Known::Map { fields: [(key.to_owned(), value)].into(), others: Others::Any };
    Known::with([("metadata", Known::with([("labels", labels)]))])
}

/// An object without any labels.
pub(crate) fn unlabelled() -> Known {
    Known::with([("metadata", Known::with([("labels", Known::Absent)]))])
}

/// The keys that selectors ask about, with the values that they name.
pub(crate) fn by_key<'s>(
    selectors: impl IntoIterator<Item = &'s Selector>,
) -> BTreeMap<&'s str, BTreeSet<&'s str>> {
    let mut asked: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for requirement in selectors.into_iter().flat_map(|selector| &selector.requirements) {
        asked.entry(&requirement.key).or_default().extend(requirement.values.iter().map(String::as_str));
    }
    asked
}

/// Every selector of pods in a policy of the network.
fn selectors(snapshot: &Snapshot) -> impl Iterator<Item = &Selector> {
    let of_policies = snapshot.policies.iter().flat_map(|policy| {
        let rules = policy.ingress.iter().chain(&policy.egress);
        let peers = rules.flat_map(|rule| rule.peers.iter().flatten());
        let of_peers = peers.filter_map(|peer| match &peer.kind {
            PeerKind::Pods { pods, .. } => Some(pods),
            PeerKind::IpBlock { .. } => None,
        });
        of_peers.chain([&policy.subject])
    });
    let of_tiers = snapshot.cluster_policies.iter().flat_map(|policy| {
        let peers = policy.ingress.iter().chain(&policy.egress).flat_map(|rule| &rule.peers);
        let of_peers = peers.filter_map(|peer| match &peer.kind {
            TierPeerKind::Pods { pods, .. } => Some(pods),
            _ => None,
        });
        of_peers.chain([&policy.subject.pods])
    });
    of_policies.chain(of_tiers)
}
