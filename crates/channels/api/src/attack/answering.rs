//! Who answers when the API server calls a Service or a host.
//!
//! After `ResolveCluster` and `ResolveEndpoint` of `k8s.io/apiserver` (`pkg/util/proxy`): the server calls the address of the
//! Service or one of its endpoints, and of an ExternalName the name behind it.

use std::collections::BTreeSet;
use watertight_model::{
    Because, Callee, EndpointTarget, Endpoints, Evidence, EvidenceRole, Host, NamespaceId, Origin, Service,
    ServiceType, Snapshot,
};

/// Pods of a namespace answer, or it can be made so there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Home {
    /// The namespace.
    pub(super) namespace: String,
    /// The Service there that is called; `None` if it is a pod's own address.
    pub(super) service: Option<String>,
    /// Whether it is the pods of this namespace that answer, and not only its Service that leads to them.
    pub(super) answers: bool,
    /// What says so.
    pub(super) because: Vec<Because>,
}

/// The namespaces that have a part in the answer.
pub(super) fn homes(snapshot: &Snapshot, callee: &Callee) -> Vec<Home> {
    let mut homes = Vec::new();
    match callee {
        Callee::Service { namespace, name } => {
            of_service(snapshot, namespace, name, &mut BTreeSet::new(), &mut homes);
        }
        Callee::Url(host) => of_host(snapshot, host, &mut BTreeSet::new(), &mut homes),
    }
    homes
}

/// The Services that were looked at: a name can lead to itself.
type Seen = BTreeSet<(String, String)>;

fn of_service(snapshot: &Snapshot, namespace: &str, name: &str, seen: &mut Seen, homes: &mut Vec<Home>) {
    if !seen.insert((namespace.to_owned(), name.to_owned())) {
        return;
    }
    let id = snapshot.namespace_named(namespace);
    let of_name = |origin: &Origin, of: NamespaceId| Some(of) == id && origin.object.name == name;
    let service = snapshot.services.iter().find(|service| of_name(&service.origin, service.namespace));
    let because: Vec<Because> = service.iter().map(|service| selects(&service.origin)).collect();
    let mut home = Home {
        namespace: namespace.to_owned(),
        service: Some(name.to_owned()),
        answers: true,
        because: because.clone(),
    };
    if let Some(Service { kind: ServiceType::ExternalName, external_name: Some(other), .. }) = service {
        home.answers = false;
        homes.push(home);
        of_host(snapshot, &Host::of(other.text.trim_end_matches('.')), seen, homes);
        return;
    }
    // Whose endpoints are written by hand, those answer, wherever they are.
    home.answers = service.is_none_or(|service| service.selector.is_some());
    homes.push(home);
    let written = |endpoints: &&Endpoints| {
        Some(endpoints.namespace) == id && endpoints.service.as_deref() == Some(name)
    };
    for endpoints in snapshot.endpoints.iter().filter(written) {
        for namespace in behind(snapshot, endpoints) {
            let because = because.iter().cloned().chain([selects(&endpoints.origin)]).collect();
            homes.push(Home { namespace, service: None, answers: true, because });
        }
    }
}

/// The namespaces of the pods behind endpoints, by their addresses, and else by what they say to be.
fn behind(snapshot: &Snapshot, endpoints: &Endpoints) -> BTreeSet<String> {
    let mut namespaces = BTreeSet::new();
    for endpoint in endpoints.subsets.iter().flat_map(|subset| &subset.endpoints) {
        let at = of_address(snapshot, &endpoint.host);
        match &endpoint.target {
            Some(EndpointTarget::Pod { namespace, .. }) if at.is_empty() => {
                namespaces.insert(namespace.clone());
            }
            _ => namespaces.extend(at),
        }
    }
    namespaces
}

/// The namespaces of the pods with this address.
fn of_address(snapshot: &Snapshot, host: &Host) -> BTreeSet<String> {
    let Host::Address(address) = host else { return BTreeSet::new() };
    let pods = snapshot.pods.iter().filter(|pod| pod.addresses.contains(address));
    pods.map(|pod| snapshot.namespace(pod.namespace).name.clone()).collect()
}

fn of_host(snapshot: &Snapshot, host: &Host, seen: &mut Seen, homes: &mut Vec<Home>) {
    if let Host::Name(name) = host
        && let Some((namespace, service)) = in_cluster(name)
    {
        of_service(snapshot, namespace, service, seen, homes);
        return;
    }
    for namespace in of_address(snapshot, host) {
        homes.push(Home { namespace, service: None, answers: true, because: Vec::new() });
    }
    let leads = |service: &&Service| {
        let is_its_own =
            |address| service.cluster_ips.contains(address) || service.external_ips.contains(address);
        service.load_balancers.contains(host) || matches!(host, Host::Address(address) if is_its_own(address))
    };
    for service in snapshot.services.iter().filter(leads) {
        let namespace = snapshot.namespace(service.namespace).name.clone();
        of_service(snapshot, &namespace, &service.origin.object.name, seen, homes);
    }
    for ingress in &snapshot.ingresses {
        let is_its = |of: Option<&str>| matches!(host, Host::Name(name) if of == Some(name));
        if ingress.rules.iter().any(|rule| is_its(rule.host.as_deref())) {
            homes.push(Home {
                namespace: snapshot.namespace(ingress.namespace).name.clone(),
                service: None,
                answers: true,
                because: vec![selects(&ingress.origin)],
            });
        }
    }
}

/// The namespace and name of the Service that a name in the cluster's DNS means: `hook.shop.svc`, `hook.shop.svc.cluster.local`,
/// and `pod.hook.shop.svc` for one pod of it.
fn in_cluster(name: &str) -> Option<(&str, &str)> {
    let name = name.trim_end_matches('.');
    let parts: Vec<&str> = name.split('.').collect();
    let at = parts.iter().position(|&part| part == "svc").filter(|&at| at >= 2)?;
    let is_local = parts.len() == at + 1 || parts[at + 1..].first() == Some(&"cluster");
    is_local.then(|| (parts[at - 1], parts[at - 2]))
}

fn selects(origin: &Origin) -> Because {
    Because {
        role: EvidenceRole::Selects,
        object: origin.object.clone(),
        path: String::new(),
        evidence: Some(Evidence::File(origin.span)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_the_cluster_are_those_of_services() {
        assert_eq!(in_cluster("hook.shop.svc"), Some(("shop", "hook")));
        assert_eq!(in_cluster("hook.shop.svc.cluster.local."), Some(("shop", "hook")));
        assert_eq!(in_cluster("pod-0.hook.shop.svc.cluster.local"), Some(("shop", "hook")));
        assert_eq!(in_cluster("svc.example.com"), None);
        assert_eq!(in_cluster("a.b.svc.example.com"), None);
    }
}
