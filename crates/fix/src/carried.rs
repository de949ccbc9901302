//! What shared proxies carry on for the side that is to be kept: connections that Ingresses and routes ask for on purpose.

use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{ConnectionSet, PortSet};
use watertight_model::{
    BackendPort, Ingress, IngressBackend, IngressBackendKind, NamespaceId, Peer, Pod, Service, ServicePort,
    Snapshot, TargetPort,
};

/// A workload: its namespace, kind and name.
pub(crate) type WorkloadName = (String, String, String);

/// The ports of each workload to which proxies are sent on purpose, by namespaces that are not hostile.
#[derive(Debug, Default)]
pub(crate) struct Carried {
    ports: BTreeMap<WorkloadName, ConnectionSet>,
    /// Whether there are routes of other kinds, which may lead to any port of anybody.
    anywhere: bool,
}

impl Carried {
    pub(crate) fn of(snapshot: &Snapshot, from: &BTreeSet<String>) -> Self {
        let is_ours = |id: NamespaceId| !from.contains(&snapshot.namespace(id).name);
        let mut carried = Self {
            anywhere: snapshot.routes.iter().any(|route| is_ours(route.namespace)),
            ports: BTreeMap::new(),
        };
        for ingress in snapshot.ingresses.iter().filter(|ingress| is_ours(ingress.namespace)) {
            for backend in backends(ingress) {
                carried.add(snapshot, ingress.namespace, backend);
            }
        }
        carried
    }

    /// The ports of a peer that are carried on to.
    pub(crate) fn to(&self, peer: &Peer) -> ConnectionSet {
        match peer {
            _ if self.anywhere => ConnectionSet::full(),
            Peer::Workload { namespace, kind, name, .. } => {
                let known = self.ports.get(&(namespace.clone(), kind.clone(), name.clone()));
                known.cloned().unwrap_or_else(ConnectionSet::empty)
            }
            _ => ConnectionSet::full(),
        }
    }

    fn add(&mut self, snapshot: &Snapshot, namespace: NamespaceId, backend: &IngressBackend) {
        let pods = snapshot.pods.iter().filter(|pod| pod.namespace == namespace);
        let IngressBackendKind::Service { name, port } = &backend.kind else {
            // Only its controller knows where it leads.
            pods.for_each(|pod| self.open(snapshot, pod, &ConnectionSet::full()));
            return;
        };
        let mut services = snapshot.services.iter();
        let service = services.find(|it| it.namespace == namespace && it.origin.object.name == *name);
        let Some(Service { selector: Some(selector), ports, .. }) = service else {
            pods.for_each(|pod| self.open(snapshot, pod, &ConnectionSet::full()));
            return;
        };
        let is_meant = |known: &&ServicePort| match port {
            BackendPort::Number(number) => known.port == *number,
            BackendPort::Named(name) => known.name == *name,
        };
        for pod in pods {
            if !selector.iter().all(|(key, value)| pod.labels.get(key) == Some(value)) {
                continue;
            }
            let open = ports.iter().filter(is_meant).map(|port| target(port, pod));
            let open = open.fold(ConnectionSet::empty(), |all, one| all.union(&one));
            self.open(snapshot, pod, &open);
        }
    }

    fn open(&mut self, snapshot: &Snapshot, pod: &Pod, ports: &ConnectionSet) {
        let namespace = snapshot.namespace(pod.namespace).name.clone();
        let name = (namespace, pod.workload.kind.clone(), pod.workload.name.clone());
        let known = self.ports.entry(name).or_insert_with(ConnectionSet::empty);
        *known = known.union(ports);
    }
}

fn backends(ingress: &Ingress) -> impl Iterator<Item = &IngressBackend> {
    let paths = ingress.rules.iter().flat_map(|rule| &rule.paths).map(|path| &path.backend);
    ingress.default_backend.iter().chain(paths)
}

fn target(port: &ServicePort, pod: &Pod) -> ConnectionSet {
    match &port.target {
        TargetPort::Number(number) => ConnectionSet::of(port.protocol, PortSet::single(*number)),
        TargetPort::Named(name) => {
            let named = pod.ports.iter().filter(|known| known.name.as_ref() == Some(name));
            let sets = named.map(|known| ConnectionSet::of(known.protocol, PortSet::single(known.number)));
            sets.fold(ConnectionSet::empty(), |all, one| all.union(&one))
        }
    }
}
