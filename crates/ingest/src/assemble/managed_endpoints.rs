//! Endpoints that say nothing new: those that a controller keeps, and that lead just where the input shows it anyway.
//!
//! Every live cluster is full of them. What claims to be a controller's is taken at no word: all of it must follow from
//! the Service and the pods of the input, so that it is harmless whoever wrote it. The claim is asked for all the same,
//! since a controller also puts right what it keeps when a pod goes and its address goes to another.
//!
//! Sources: `staging/src/k8s.io/endpointslice/` and `pkg/controller/endpoint/` of Kubernetes, which write nothing for a
//! Service without a selector or of the type ExternalName, and leave out pods that are done; `pkg/controlplane/reconcilers/`
//! for the API server's own.

use crate::read::{Body, Found, LivePod};
use ipnet::IpNet;
use std::collections::BTreeMap;
use std::net::IpAddr;
use watertight_base::Labels;
use watertight_model::{
    Admission, Endpoint, EndpointPort, Endpoints, EndpointsWriter, Host, PodState, Service, ServicePort,
    ServiceType, TargetPort,
};

/// The Services and pods of the input, by what endpoints say of them.
pub(crate) struct Backing<'a> {
    services: BTreeMap<(&'a str, &'a str), &'a Service>,
    pods: BTreeMap<IpAddr, Vec<(&'a str, &'a LivePod)>>,
    /// The ranges of pod addresses that the nodes tell.
    ranges: Vec<IpNet>,
}

impl<'a> Backing<'a> {
    pub(crate) fn new(found: &'a [Found]) -> Self {
        let mut backing = Self { services: BTreeMap::new(), pods: BTreeMap::new(), ranges: Vec::new() };
        for object in found {
            let name = &object.origin.object;
            let namespace = name.namespace.as_deref().unwrap_or_default();
            match &object.body {
                Body::Service(service) => {
                    backing.services.insert((namespace, &name.name), service);
                }
                Body::Pod(pod) if pod.state != PodState::Finished => {
                    for address in &pod.addresses {
                        backing.pods.entry(*address).or_default().push((namespace, pod));
                    }
                }
                Body::Node(read) => backing.ranges.extend(&read.node.pod_cidrs),
                _ => {}
            }
        }
        backing
    }

    /// Whether these endpoints lead nowhere but where the Service that they are for leads by itself.
    pub(crate) fn explains(&self, endpoints: &Endpoints) -> bool {
        let namespace = endpoints.origin.object.namespace.as_deref().unwrap_or_default();
        let Some(name) = endpoints.service.as_deref() else { return false };
        let Some(service) = self.services.get(&(namespace, name)) else { return false };
        if endpoints.admission != Admission::Accepted || service.admission != Admission::Accepted {
            return false;
        }
        match (&service.selector, &endpoints.writer) {
            (Some(selector), EndpointsWriter::Controller) => {
                service.kind != ServiceType::ExternalName
                    && self.follows(endpoints, namespace, service, selector)
            }
            (None, EndpointsWriter::Unlabelled) => {
                let own = (namespace, name) == API_SERVER && endpoints.origin.object.name == name;
                own && self.leads_to_no_pod(endpoints)
            }
            _ => false,
        }
    }

    /// Whether each address is that of a pod that the Service selects, and each port one that the Service leads to.
    fn follows(&self, endpoints: &Endpoints, namespace: &str, service: &Service, selector: &Labels) -> bool {
        endpoints.subsets.iter().all(|subset| {
            subset.endpoints.iter().all(|endpoint| {
                let selected = self.selected(endpoint, namespace, selector);
                !selected.is_empty()
                    && subset
                        .ports
                        .iter()
                        .all(|port| service.ports.iter().any(|of_service| leads(of_service, port, &selected)))
            })
        })
    }

    /// The selected pods at an endpoint's address; none if a pod of another namespace may be meant.
    fn selected(&self, endpoint: &Endpoint, namespace: &str, selector: &Labels) -> Vec<&'a LivePod> {
        let Host::Address(address) = &endpoint.host else { return Vec::new() };
        let there = self.pods.get(address).map(Vec::as_slice).unwrap_or_default();
        // Pods on the host network have the address of their node in common.
        if there.iter().any(|(other, pod)| *other != namespace && pod.body.host_network.is_none()) {
            return Vec::new();
        }
        let is_selected =
            |pod: &LivePod| selector.iter().all(|(key, value)| pod.body.labels.get(key) == Some(value));
        there
            .iter()
            .filter(|(other, pod)| *other == namespace && is_selected(pod))
            .map(|(_, pod)| *pod)
            .collect()
    }

    /// Whether the input tells where pods are, and no address is there.
    fn leads_to_no_pod(&self, endpoints: &Endpoints) -> bool {
        let mut all = endpoints.subsets.iter().flat_map(|subset| &subset.endpoints);
        (!self.pods.is_empty() || !self.ranges.is_empty())
            && all.all(|endpoint| match &endpoint.host {
                Host::Address(address) => {
                    let there = self.pods.get(address).map(Vec::as_slice).unwrap_or_default();
                    there.iter().all(|(_, pod)| pod.body.host_network.is_some())
                        && !self.ranges.iter().any(|range| range.contains(address))
                }
                Host::Name(_) => false,
            })
    }
}

/// Namespace and name of the Service of the API server, which writes its endpoints itself, every ten seconds.
const API_SERVER: (&str, &str) = ("default", "kubernetes");

/// Whether a port of a Service leads to this port of the endpoints, on one of these pods.
fn leads(of_service: &ServicePort, port: &EndpointPort, pods: &[&LivePod]) -> bool {
    let Some(number) = port.number else { return false };
    (&of_service.name, of_service.protocol) == (&port.name, port.protocol)
        && match &of_service.target {
            TargetPort::Number(target) => *target == number,
            TargetPort::Named(target) => pods.iter().flat_map(|pod| &pod.body.ports).any(|declared| {
                declared.name.as_ref() == Some(target)
                    && (declared.number, declared.protocol) == (number, port.protocol)
            }),
        }
}
