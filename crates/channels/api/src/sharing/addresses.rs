//! Addresses of the `to` side that Services of the `from` side claim: every node sends what is for such an address to the
//! Service that claims it, wherever it comes from (CVE-2020-8554).
//!
//! Source: <https://github.com/kubernetes/kubernetes/issues/97076>. A server of version 1.36 takes any such address, also that of
//! another Service.

use super::{Finding, Sides, because, takes_traffic};
use std::net::IpAddr;
use watertight_base::{Protocol, Sealed, Span};
use watertight_model::{
    Because, Evidence, EvidenceRole, Host, ObjectRef, PeerKind, Service, ServiceType, When,
};

/// An address that the `to` side has or dials.
struct Owned {
    address: IpAddr,
    /// The ports that count; `None` for any.
    ports: Option<Vec<(Protocol, u16)>>,
    namespace: String,
    /// Whose it is: `Service production/web has`.
    whose: String,
    because: Because,
}

pub(super) fn findings(sides: &Sides<'_>) -> Vec<Finding> {
    let claiming = |service: &&Service| sides.is_from(service.namespace) && claims(service).next().is_some();
    let mut services = sides.snapshot.services.iter().filter(claiming).peekable();
    if services.peek().is_none() {
        return Vec::new();
    }
    let owned = [of_services(sides), of_entries(sides), of_pods(sides), dialed(sides)];
    let owned: Vec<Owned> = owned.into_iter().flatten().collect();
    let mut findings = Vec::new();
    for service in services {
        let ports = ports(service);
        for (address, path, span) in claims(service) {
            let meets = |owned: &&Owned| {
                let is_at = |at: &(Protocol, u16)| ports.contains(at);
                owned.address == address && owned.ports.as_ref().is_none_or(|of| of.iter().any(is_at))
            };
            let owned = owned.iter().find(meets);
            let written = || written(sides, address);
            findings.extend(match owned {
                Some(owned) => Some(finding(service, (address, path, span), owned)),
                None => written().map(|owned| finding(service, (address, path, span), &owned)),
            });
        }
    }
    findings
}

/// The addresses that a Service claims: `externalIPs`, and of a load balancer those at which it says to be.
fn claims(service: &Service) -> impl Iterator<Item = (IpAddr, &'static str, Span)> {
    let span = service.external_ips_span.unwrap_or(service.origin.span);
    let external = service.external_ips.iter().map(move |&address| (address, "/spec/externalIPs", span));
    let balancers = service.load_balancers.iter().filter(|_| service.kind == ServiceType::LoadBalancer);
    let span = service.kind_span.unwrap_or(service.origin.span);
    let balancers = balancers.filter_map(move |host| match host {
        Host::Address(address) => Some((*address, "/status/loadBalancer", span)),
        Host::Name(_) => None,
    });
    external.chain(balancers)
}

fn ports(service: &Service) -> Vec<(Protocol, u16)> {
    service.ports.iter().map(|port| (port.protocol, port.port)).collect()
}

/// Those of Services.
fn of_services(sides: &Sides<'_>) -> Vec<Owned> {
    let services = sides.snapshot.services.iter().filter(|service| sides.is_to(service.namespace));
    let owned = services.flat_map(|service| {
        let cluster = service.cluster_ips.iter().map(|&address| (address, "/spec/clusterIP"));
        let claimed = claims(service).map(|(address, path, _)| (address, path));
        cluster.chain(claimed).map(|(address, path)| Owned {
            address,
            ports: Some(ports(service)),
            namespace: sides.name(service.namespace).to_owned(),
            whose: format!("{} has", service.origin.object),
            because: because(&service.origin, path, service.origin.span),
        })
    });
    owned.collect()
}

/// Those at which Ingresses and Gateways are published.
fn of_entries(sides: &Sides<'_>) -> Vec<Owned> {
    let ingresses = sides.snapshot.ingresses.iter();
    let ingresses = ingresses.map(|ingress| (ingress.namespace, &ingress.origin, &ingress.published_at));
    let gateways = sides.snapshot.gateways.iter();
    let gateways = gateways.map(|gateway| (gateway.namespace, &gateway.origin, &gateway.addresses));
    let entries = ingresses.chain(gateways).filter(|(namespace, ..)| sides.is_to(*namespace));
    let owned = entries.flat_map(|(namespace, origin, hosts)| {
        hosts.iter().filter_map(move |host| {
            let Host::Address(address) = host else { return None };
            Some(Owned {
                address: *address,
                ports: None,
                namespace: sides.name(namespace).to_owned(),
                whose: format!("{origin} is published at", origin = origin.object),
                because: because(origin, "/status", origin.span),
            })
        })
    });
    owned.collect()
}

/// Those of pods.
fn of_pods(sides: &Sides<'_>) -> Vec<Owned> {
    let pods = sides.snapshot.pods.iter().filter(|pod| sides.is_to(pod.namespace));
    let owned = pods.flat_map(|pod| {
        pod.addresses.iter().map(|&address| Owned {
            address,
            ports: None,
            namespace: sides.name(pod.namespace).to_owned(),
            whose: format!("{} has", pod.origin.object),
            because: because(&pod.origin, "/status/podIPs", pod.origin.span),
        })
    });
    owned.collect()
}

/// Those that the `to` side dials, as far as objects say so: single addresses to which its policies let it, and addresses
/// behind its Services that are written by hand.
fn dialed(sides: &Sides<'_>) -> Vec<Owned> {
    let mut owned = Vec::new();
    for policy in sides.snapshot.policies.iter().filter(|policy| sides.is_to(policy.namespace)) {
        for peer in policy.egress.iter().flat_map(|rule| rule.peers.iter().flatten()) {
            let PeerKind::IpBlock { cidr, .. } = &peer.kind else { continue };
            if cidr.prefix_len() == cidr.max_prefix_len() {
                owned.push(Owned {
                    address: cidr.addr(),
                    ports: None,
                    namespace: sides.name(policy.namespace).to_owned(),
                    whose: format!("{} lets pods connect to", policy.origin.object),
                    because: because(&policy.origin, "/spec/egress", peer.span),
                });
            }
        }
    }
    for endpoints in sides.snapshot.endpoints.iter().filter(|endpoints| sides.is_to(endpoints.namespace)) {
        let all = endpoints.subsets.iter().flat_map(|subset| &subset.endpoints);
        for endpoint in all {
            let Host::Address(address) = endpoint.host else { continue };
            owned.push(Owned {
                address,
                ports: None,
                namespace: sides.name(endpoints.namespace).to_owned(),
                whose: format!("{} leads to", endpoints.origin.object),
                because: because(&endpoints.origin, "", endpoint.span),
            });
        }
    }
    owned
}

/// An address that stands in settings or Secrets of the `to` side.
fn written(sides: &Sides<'_>, address: IpAddr) -> Option<Owned> {
    let text = Sealed::from(address.to_string().as_str());
    let of_to = |object: &ObjectRef| object.namespace.as_deref().is_some_and(|name| sides.to.contains(name));
    let secrets = sides.snapshot.secrets.iter().map(|secret| (&secret.object, &secret.values));
    let settings = sides.snapshot.settings.iter().map(|settings| (&settings.object, &settings.values));
    let values = secrets.chain(settings).filter(|(object, _)| of_to(object));
    let mut held = values.flat_map(|(object, values)| values.iter().map(move |held| (object, held)));
    let (object, held) = held.find(|(_, held)| held.value.hosts().contains(&text))?;
    Some(Owned {
        address,
        ports: None,
        namespace: object.namespace.clone().unwrap_or_default(),
        whose: format!("{object} holds under `{}`", held.key),
        because: Because {
            role: EvidenceRole::Selects,
            object: object.clone(),
            path: held.path.clone(),
            evidence: Some(Evidence::File(held.span)),
        },
    })
}

fn finding(service: &Service, (address, path, span): (IpAddr, &str, Span), owned: &Owned) -> Finding {
    Finding {
        rule: "taken-address",
        when: When::Now,
        message: format!("{} takes what is sent to {address}, which {}", service.origin.object, owned.whose),
        help: "take the address out of the Service, and turn on the admission plugin DenyServiceExternalIPs"
            .to_owned(),
        fact: takes_traffic(&owned.namespace),
        by: None,
        because: vec![because(&service.origin, path, span), owned.because.clone()],
        highlight: Some((span, "every node sends it here".to_owned())),
        similar: format!("{} {address}", service.origin.object),
    }
}
