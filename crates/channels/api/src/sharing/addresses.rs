//! Addresses of the `to` side that Services of the `from` side claim: every node sends what is for such an address to the
//! Service that claims it, wherever it comes from (CVE-2020-8554).
//!
//! Source: <https://github.com/kubernetes/kubernetes/issues/97076>. A server of version 1.36 takes any such address, also that of
//! another Service.
//!
//! Whatever else a Service of the `from` side claims in `externalIPs` is a blind spot.

use super::{Finding, Sides, because, takes_traffic};
use std::net::IpAddr;
use watertight_base::{Protocol, Sealed, Span};
use watertight_model::{
    Because, BlindScope, BlindSpot, Channel, Evidence, EvidenceRole, Host, ObjectRef, PeerKind, Service,
    ServiceType, When,
};

/// An address that the `to` side has or dials.
#[derive(Clone)]
struct Owned {
    address: IpAddr,
    /// The ports that count; `None` for any.
    ports: Option<Vec<(Protocol, u16)>>,
    namespace: String,
    /// Whose it is: `Service production/web has`.
    whose: String,
    because: Because,
}

/// An address that a Service claims, and where.
#[derive(Clone, Copy)]
struct Claim {
    address: IpAddr,
    path: &'static str,
    span: Span,
    /// Whether somebody wrote it down. Any other is given out by a controller, at each port to one Service.
    is_written: bool,
}

/// A claim of the `from` side, and what of the `to` side is known to have or to dial the address.
struct Claimed<'s> {
    service: &'s Service,
    claim: Claim,
    owned: Option<Owned>,
}

pub(super) fn findings(sides: &Sides<'_>) -> Vec<Finding> {
    let taken = claimed(sides).into_iter();
    taken.filter_map(|it| Some(finding(it.service, it.claim, &it.owned?))).collect()
}

/// Claims of which the input does not say whether they take anything. It shows few of the addresses that somebody dials, and of
/// those that somebody has or comes to have none for sure.
pub(super) fn doubts(sides: &Sides<'_>) -> Vec<BlindSpot> {
    let unowned = claimed(sides).into_iter().filter(|it| it.owned.is_none());
    let doubts = unowned.filter_map(|Claimed { service, claim, .. }| {
        let why = match of_neither(sides, service, claim.address) {
            Some(other) => format!(
                ", which {} has: whether the other side connects to it is not in the input",
                other.origin.object
            ),
            None if claim.is_written => {
                ": the input does not show that nobody of the other side has this address or connects to it"
                    .to_owned()
            }
            None => return None,
        };
        Some(doubt(service, claim, &why))
    });
    doubts.collect()
}

/// A Service of neither side that has an address at a port of the one that claims it.
fn of_neither<'s>(sides: &Sides<'s>, claiming: &Service, address: IpAddr) -> Option<&'s Service> {
    let taken = ports(claiming);
    sides.snapshot.services.iter().find(|other| {
        let is_of_a_side = sides.is_from(other.namespace) || sides.is_to(other.namespace);
        !is_of_a_side && has(other, address) && ports(other).iter().any(|port| taken.contains(port))
    })
}

fn claimed<'s>(sides: &Sides<'s>) -> Vec<Claimed<'s>> {
    let snapshot = sides.snapshot;
    let claiming = |service: &&Service| sides.is_from(service.namespace) && claims(service).next().is_some();
    let mut services = snapshot.services.iter().filter(claiming).peekable();
    if services.peek().is_none() {
        return Vec::new();
    }
    let owned = [of_services(sides), of_entries(sides), of_pods(sides), dialed(sides)];
    let owned: Vec<Owned> = owned.into_iter().flatten().collect();
    let all = services.flat_map(|service| claims(service).map(move |claim| (service, claim)));
    let meets = |(service, claim): (&'s Service, Claim)| {
        let ports = ports(service);
        let meets = |owned: &&Owned| {
            let is_at = |at: &(Protocol, u16)| ports.contains(at);
            owned.address == claim.address && owned.ports.as_ref().is_none_or(|of| of.iter().any(is_at))
        };
        let known = owned.iter().find(meets).cloned();
        Claimed { service, claim, owned: known.or_else(|| written(sides, claim.address)) }
    };
    all.map(meets).collect()
}

/// The addresses that a Service claims: `externalIPs`, and of a load balancer those at which it says to be.
fn claims(service: &Service) -> impl Iterator<Item = Claim> {
    let span = service.external_ips_span.unwrap_or(service.origin.span);
    let external = service.external_ips.iter().map(move |&address| Claim {
        address,
        path: "/spec/externalIPs",
        span,
        is_written: true,
    });
    let balancers = service.load_balancers.iter().filter(|_| service.kind == ServiceType::LoadBalancer);
    let span = service.kind_span.unwrap_or(service.origin.span);
    let balancers = balancers.filter_map(move |host| match host {
        Host::Address(address) => {
            Some(Claim { address: *address, path: "/status/loadBalancer", span, is_written: false })
        }
        Host::Name(_) => None,
    });
    external.chain(balancers)
}

/// Whether an address is one of a Service, inside of the cluster or by its own claim.
fn has(service: &Service, address: IpAddr) -> bool {
    service.cluster_ips.contains(&address) || claims(service).any(|claim| claim.address == address)
}

fn ports(service: &Service) -> Vec<(Protocol, u16)> {
    service.ports.iter().map(|port| (port.protocol, port.port)).collect()
}

/// Those of Services.
fn of_services(sides: &Sides<'_>) -> Vec<Owned> {
    let services = sides.snapshot.services.iter().filter(|service| sides.is_to(service.namespace));
    let owned = services.flat_map(|service| {
        let cluster = service.cluster_ips.iter().map(|&address| (address, "/spec/clusterIP"));
        let claimed = claims(service).map(|claim| (claim.address, claim.path));
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

fn finding(service: &Service, claim: Claim, owned: &Owned) -> Finding {
    let Claim { address, path, span, .. } = claim;
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

fn doubt(service: &Service, Claim { address, span, .. }: Claim, why: &str) -> BlindSpot {
    BlindSpot {
        rule: "taken-address",
        reason: format!("{} takes what is sent to {address}{why}", service.origin.object),
        object: Some(service.origin.object.clone()),
        span: Some(span),
        help:
            "take the address out of the Service, and let a load balancer give it one (`type: LoadBalancer`)"
                .to_owned(),
        scope: BlindScope::Everything,
        hides: &[Channel::Api],
    }
}
