//! Crossings by a further network that both sides are on: policies are about the cluster's own network alone (rule N56).
//!
//! Whether a pod of one namespace may ask for a network of another is a setting of Multus, which the input does not show;
//! by itself that is a blind spot of the reader's. What is certain is followed here: a network that pods of both sides
//! ask for by one name, and one that the `to` side itself takes from a namespace that is not its own.

use super::{Found, Search};
use crate::derivation::Derivation;
use crate::ends::{any_future, pods_in, today};
use crate::leak::Leak;
use crate::view::View;
use std::collections::BTreeSet;
use watertight_base::ConnectionSet;
use watertight_model::{FurtherNetworks, NamespaceId, NetworkName, Pod, When};

/// A network by the name of its NetworkAttachmentDefinition; the namespace may not be known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Network<'a> {
    namespace: Option<&'a str>,
    name: &'a str,
}

impl Network<'_> {
    fn shown(&self) -> String {
        match self.namespace {
            Some(namespace) => format!("{namespace}/{}", self.name),
            None => self.name.to_owned(),
        }
    }
}

impl Search<'_, '_> {
    /// Each pod of the `to` side that is on a further network, and who of the `from` side is there too, or could be.
    pub(super) fn by_shared_network(&mut self, target: NamespaceId) {
        let view = self.view;
        let mut shown = BTreeSet::new();
        for (index, pod) in pods_in(view, target) {
            for network in networks_of(view, pod) {
                if !shown.insert((&pod.workload, network.clone())) {
                    continue;
                }
                for &source in self.from {
                    let there =
                        pods_in(view, source).find(|(_, pod)| networks_of(view, pod).contains(&network));
                    let others =
                        network.namespace.is_some_and(|name| name != view.snapshot.namespace(target).name);
                    match there {
                        Some((source, _)) => self.push_shared_network(today(view, source), index, &network),
                        None if others => {
                            if let Some(pod) = any_future(view, source) {
                                self.push_shared_network(pod, index, &network);
                            }
                        }
                        None => {}
                    }
                }
            }
        }
    }

    fn push_shared_network(
        &mut self,
        from: watertight_model::FactPeer,
        target: usize,
        network: &Network<'_>,
    ) {
        let view = self.view;
        let to = today(view, target);
        let ports = ConnectionSet::full();
        let mut derivation = Derivation::new(view);
        let runs = derivation.runs(&from, false);
        let there = derivation.target(&to);
        let shared = derivation.shared_network(&from, &to, network.shown(), &[runs, there]);
        let how = format!(", over the network `{}`", network.shown());
        derivation.connects("N56", &how, &from, &to, &ports, &[runs, there, shared]);
        let span = view.snapshot.pods[target].networks.first().map(|further| further.span);
        let highlight = span.map(|span| (span, "no NetworkPolicy governs this network".to_owned()));
        let when = if from.pod.is_some() { When::Now } else { When::Possible };
        let leak = Leak::SharedNetwork;
        self.push(Found { leak, when, gate: None, from, to, ports: &ports, highlight }, derivation);
    }
}

/// The networks that a pod asks for and that give it an interface, as far as the annotations were understood.
fn networks_of<'a>(view: &View<'a>, pod: &'a Pod) -> BTreeSet<Network<'a>> {
    let own = view.snapshot.namespace(pod.namespace).name.as_str();
    let named = |further: &'a FurtherNetworks| {
        let names = further.names.iter().flatten();
        names.map(move |NetworkName { namespace, name }| {
            let default = if further.replaces_default { None } else { Some(own) };
            Network { namespace: namespace.as_deref().or(default), name }
        })
    };
    let has_interface = |network: &Network<'_>| {
        let mut definitions = view.snapshot.network_attachments.iter();
        let defines = definitions.find(|definition| {
            definition.origin.object.name == network.name
                && Some(view.snapshot.namespace(definition.namespace).name.as_str()) == network.namespace
        });
        defines.is_none_or(|definition| definition.gives_interface)
    };
    pod.networks.iter().flat_map(named).filter(has_interface).collect()
}
