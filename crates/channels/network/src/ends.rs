//! The two ends of a crossing: which pods, of today or of the future, meet what the gates ask of them.

use crate::view::{NamespaceMatch, View};
use crate::ways::{Across, Condition};
use std::collections::BTreeMap;
use watertight_base::{AddressSet, ConnectionSet, Escape, Labels, PortSet, Protocol};
use watertight_model::{FactPeer, NamespaceId, Pod, PodSecurity, PodState, PolicyRule, PortMatch};

/// What both gates together ask of one end, which has a network of its own.
#[derive(Debug, Clone)]
pub(crate) struct End<'a> {
    pub(crate) namespace: NamespaceId,
    condition: Condition<'a>,
    address: Option<AddressSet>,
    /// Labels that the namespace must have and that the input does not show.
    pub(crate) assumed: Option<Labels>,
}

impl<'a> End<'a> {
    /// What the end's own gate and the other end's ask; `None` if the other end's gate does not mean it at all.
    pub(crate) fn new(namespace: NamespaceId, own: &Condition<'a>, asked: &Across<'a>) -> Option<Self> {
        let (address, assumed) = match asked {
            Across::Nobody => return None,
            Across::Anyone => (None, None),
            Across::Address(block) => (Some(block.clone()), None),
            Across::Pod { namespace: NamespaceMatch::Known, .. } => (None, None),
            Across::Pod { namespace: NamespaceMatch::Assumed(labels), .. } => (None, Some(labels.clone())),
        };
        Some(Self { namespace, condition: own.clone().and(asked.selector()), address, assumed })
    }

    /// The pods of today that meet it, as indices into the snapshot.
    pub(crate) fn pods_of_today(&self, view: &View<'a>) -> Vec<usize> {
        let fits = |pod: &Pod| {
            !view.on_host_network(pod)
                && self.condition.holds(&pod.labels)
                && self.address.as_ref().is_none_or(|block| view.block_holds_pod(block, pod))
        };
        pods_in(view, self.namespace).filter(|&(_, pod)| fits(pod)).map(|(index, _)| index).collect()
    }

    /// A pod that could be created and meets it; [`Escape::Undecided`] is `Err`.
    pub(crate) fn future_pod(
        &self,
        view: &View<'a>,
        budget: &mut usize,
    ) -> Result<Option<FactPeer>, Undecided> {
        if self.address.as_ref().is_some_and(|block| !view.block_may_hold_pods(block)) {
            return Ok(None);
        }
        match self.condition.labels(budget) {
            Escape::Found(labels) => Ok(Some(FactPeer {
                address: self.witness_address(view),
                ..future(view, self.namespace, labels, &self.assumed)
            })),
            Escape::None => Ok(None),
            Escape::Undecided => Err(Undecided),
        }
    }

    /// A pod of today as this end sees it.
    pub(crate) fn today(&self, view: &View<'a>, pod: usize) -> FactPeer {
        let known = self.address.as_ref().and_then(|block| {
            view.snapshot.pods[pod].addresses.iter().copied().find(|&address| block.contains(address))
        });
        let address = known.or_else(|| self.witness_address(view));
        let namespace_labels = self.assumed.clone().unwrap_or_default();
        FactPeer { address, namespace_labels, ..today(view, pod) }
    }

    /// An address that a pod of this end may have, if one is asked for.
    fn witness_address(&self, view: &View<'a>) -> Option<std::net::IpAddr> {
        self.address.as_ref()?.intersection(&view.space.pods).first()
    }
}

/// Whether labels exist was not decided within the bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Undecided;

/// The pods of a namespace that live (rule N55), with their indices.
pub(crate) fn pods_in<'v>(
    view: &'v View<'_>,
    namespace: NamespaceId,
) -> impl Iterator<Item = (usize, &'v Pod)> {
    let pods = &view.snapshot.pods;
    let start = pods.partition_point(|pod| pod.namespace < namespace);
    let within = pods[start..].iter().take_while(move |pod| pod.namespace == namespace);
    within
        .enumerate()
        .map(move |(offset, pod)| (start + offset, pod))
        .filter(|(_, pod)| pod.state != PodState::Finished)
}

/// A pod of today.
pub(crate) fn today(view: &View<'_>, index: usize) -> FactPeer {
    let pod = &view.snapshot.pods[index];
    let namespace = &view.snapshot.namespace(pod.namespace).name;
    FactPeer {
        namespace: namespace.clone(),
        namespace_labels: Labels::new(),
        pod: Some(index),
        name: format!("{} {namespace}/{}", pod.workload.kind, pod.workload.name),
        labels: pod.labels.clone(),
        host_network: pod.host_network.is_some(),
        named_ports: BTreeMap::new(),
        address: None,
    }
}

/// A pod that could be created.
pub(crate) fn future(
    view: &View<'_>,
    namespace: NamespaceId,
    labels: Labels,
    assumed: &Option<Labels>,
) -> FactPeer {
    let namespace = &view.snapshot.namespace(namespace).name;
    FactPeer {
        namespace: namespace.clone(),
        namespace_labels: assumed.clone().unwrap_or_default(),
        pod: None,
        name: format!("a new pod in {namespace}"),
        labels,
        host_network: false,
        named_ports: BTreeMap::new(),
        address: None,
    }
}

/// A pod on the host network that could be created, unless Pod Security refuses it. A namespace without an object of
/// its own may enforce nothing.
pub(crate) fn future_on_host_network(view: &View<'_>, namespace: NamespaceId) -> Option<FactPeer> {
    let admits = match view.labels(namespace) {
        Some(labels) => PodSecurity::of(labels).admits_host_network(),
        None => true,
    };
    let pod = future(view, namespace, Labels::new(), &None);
    (view.profile.nodes && admits).then(|| FactPeer {
        host_network: true,
        name: format!("a new hostNetwork pod in {}", pod.namespace),
        ..pod
    })
}

/// What the rules of both gates let pass to a pod of today; `None` is a gate without a rule.
pub(crate) fn ports_of_today(view: &View<'_>, rules: [Option<&PolicyRule>; 2], pod: &Pod) -> ConnectionSet {
    through(view, rules, |name| view.named_port(pod, name))
}

/// What the rules of both gates let pass to a pod that could be created, whose port names can mean any number (rule
/// N26), and names that make it so.
pub(crate) fn ports_of_future(
    view: &View<'_>,
    rules: [Option<&PolicyRule>; 2],
) -> (ConnectionSet, BTreeMap<String, (Protocol, u16)>) {
    let widest = through(view, rules, |_| ConnectionSet::full());
    let entries = rules.into_iter().flatten().flat_map(|rule| rule.ports.iter().flatten());
    let named = entries.filter_map(|entry| match &entry.port {
        PortMatch::Named(name) => Some((name, entry.protocol)),
        PortMatch::All | PortMatch::Number(_) | PortMatch::Range(..) => None,
    });
    let Some((protocol, port)) = widest.first() else { return (widest, BTreeMap::new()) };
    let names: BTreeMap<String, (Protocol, u16)> =
        named.filter(|(_, of)| *of == protocol).map(|(name, _)| (name.clone(), (protocol, port))).collect();
    let ports = through(view, rules, |name| match names.get(name) {
        Some(&(protocol, port)) => ConnectionSet::of(protocol, PortSet::single(port)),
        None => ConnectionSet::empty(),
    });
    (ports, names)
}

fn through(
    view: &View<'_>,
    rules: [Option<&PolicyRule>; 2],
    names: impl Fn(&str) -> ConnectionSet,
) -> ConnectionSet {
    let allowed = rules.into_iter().flatten().map(|rule| view.ports(rule, &names));
    allowed.fold(ConnectionSet::full(), |all, ports| all.intersection(&ports))
}
