//! Addresses of the `to` side that Services and Gateways of the `from` side claim: every node sends what is for such an address
//! to the Service that claims it, wherever it comes from (CVE-2020-8554), and controllers do for a Gateway what it asks for, by
//! a Service that claims the address, or at the load balancer or proxy that has it.
//!
//! Sources: <https://github.com/kubernetes/kubernetes/issues/97076> (a server of version 1.36 takes any such address, also that
//! of another Service), <https://gateway-api.sigs.k8s.io/reference/1.5/spec/#gatewayspecaddress>, and for what controllers make
//! of it <https://gateway.envoyproxy.io/docs/tasks/traffic/gateway-address/> and
//! <https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#manual-deployment>.
//!
//! Whatever else they ask for in `externalIPs` and `spec.addresses` is a blind spot.

use super::{Finding, Sides, because, takes_traffic};
use std::net::IpAddr;
use watertight_base::{Protocol, Sealed, Span};
use watertight_model::{
    Because, BlindScope, BlindSpot, Channel, Evidence, EvidenceRole, Gateway, Host, ListenerProtocol,
    ObjectRef, Origin, PeerKind, Service, ServiceType, When,
};

/// An address that the `to` side has or dials.
#[derive(Clone)]
struct Owned {
    address: Host,
    /// The ports that count; `None` for any.
    ports: Option<Vec<(Protocol, u16)>>,
    namespace: String,
    /// Whose it is: `Service production/web has`.
    whose: String,
    because: Because,
}

/// A Service or a Gateway that claims addresses.
struct Claimant<'s> {
    origin: &'s Origin,
    ports: Vec<(Protocol, u16)>,
    claims: Vec<Claim>,
    /// How it comes to what is sent there.
    takes: &'static str,
    /// What becomes of what is sent there.
    taken: &'static str,
    /// How it does without.
    help: &'static str,
    /// How it gets an address of which nobody has to know whose it is.
    help_in_doubt: &'static str,
}

/// An address that is claimed, and where.
#[derive(Clone)]
struct Claim {
    address: Host,
    path: &'static str,
    span: Span,
    /// Whether somebody wrote it down. Any other is given out by a controller, at each port to one Service.
    is_written: bool,
}

/// A claim of the `from` side, and what of the `to` side is known to have or to dial the address.
struct Claimed<'c, 's> {
    claimant: &'c Claimant<'s>,
    claim: &'c Claim,
    owned: Option<Owned>,
}

pub(super) fn findings(sides: &Sides<'_>) -> Vec<Finding> {
    let claimants = claimants(sides);
    let taken = claimed(sides, &claimants).into_iter();
    taken.filter_map(|it| Some(finding(it.claimant, it.claim, &it.owned?))).collect()
}

/// Claims of which the input does not say whether they take anything. It shows few of the addresses that somebody dials, and of
/// those that somebody has or comes to have none for sure.
pub(super) fn doubts(sides: &Sides<'_>) -> Vec<BlindSpot> {
    let claimants = claimants(sides);
    let unowned = claimed(sides, &claimants).into_iter().filter(|it| it.owned.is_none());
    let doubts = unowned.filter_map(|Claimed { claimant, claim, .. }| {
        let why = match of_neither(sides, claimant, &claim.address) {
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
        Some(doubt(claimant, claim, &why))
    });
    doubts.collect()
}

/// A Service of neither side that has an address at a port of what claims it.
fn of_neither<'s>(sides: &Sides<'s>, claimant: &Claimant<'_>, address: &Host) -> Option<&'s Service> {
    sides.snapshot.services.iter().find(|other| {
        let is_of_a_side = sides.is_from(other.namespace) || sides.is_to(other.namespace);
        let is_there = ports(other).iter().any(|port| claimant.ports.contains(port));
        !is_of_a_side && is_there && has(sides, other, address)
    })
}

/// What of the `from` side claims anything.
fn claimants<'s>(sides: &Sides<'s>) -> Vec<Claimant<'s>> {
    let services = sides.snapshot.services.iter().filter(|service| sides.is_from(service.namespace));
    let gateways = sides.snapshot.gateways.iter().filter(|gateway| sides.is_from(gateway.namespace));
    let all = services.map(claiming_service).chain(gateways.map(claiming_gateway));
    all.filter(|claimant| !claimant.claims.is_empty()).collect()
}

fn claiming_service(service: &Service) -> Claimant<'_> {
    Claimant {
        origin: &service.origin,
        ports: ports(service),
        claims: claims(service).collect(),
        takes: "takes what is sent to",
        taken: "every node sends it here",
        help: "take the address out of the Service, and turn on the admission plugin DenyServiceExternalIPs",
        help_in_doubt: "take the address out of the Service, and let a load balancer give it one (`type: LoadBalancer`)",
    }
}

/// What a Gateway asks for, at the ports of its listeners.
fn claiming_gateway(gateway: &Gateway) -> Claimant<'_> {
    let span = gateway.asked_span.unwrap_or(gateway.origin.span);
    let claims = gateway.asked.iter().map(|address| Claim {
        address: address.clone(),
        path: "/spec/addresses",
        span,
        is_written: true,
    });
    let ports = gateway.listeners.iter().map(|listener| match listener.protocol {
        ListenerProtocol::Udp => (Protocol::Udp, listener.port),
        _ => (Protocol::Tcp, listener.port),
    });
    Claimant {
        origin: &gateway.origin,
        ports: ports.collect(),
        claims: claims.collect(),
        takes: "asks for what is sent to",
        taken: "its controller may have it sent here",
        help: "take the address out of the Gateway, and let its controller give it one",
        help_in_doubt: "take the address out of the Gateway, and let its controller give it one",
    }
}

fn claimed<'c, 's>(sides: &Sides<'_>, claimants: &'c [Claimant<'s>]) -> Vec<Claimed<'c, 's>> {
    if claimants.is_empty() {
        return Vec::new();
    }
    let owned = [of_services(sides), of_entries(sides), of_pods(sides), dialed(sides)];
    let owned: Vec<Owned> = owned.into_iter().flatten().collect();
    let all =
        claimants.iter().flat_map(|claimant| claimant.claims.iter().map(move |claim| (claimant, claim)));
    let meets = |(claimant, claim): (&'c Claimant<'s>, &'c Claim)| {
        let meets = |owned: &&Owned| {
            let is_at = |at: &(Protocol, u16)| claimant.ports.contains(at);
            is_same(&owned.address, &claim.address)
                && owned.ports.as_ref().is_none_or(|of| of.iter().any(is_at))
        };
        let known = owned.iter().find(meets).cloned();
        let known = known.or_else(|| by_name(sides, claim));
        Claimed { claimant, claim, owned: known.or_else(|| written(sides, &claim.address)) }
    };
    all.map(meets).collect()
}

/// The addresses that a Service claims: `externalIPs`, and of a load balancer those at which it says to be.
fn claims(service: &Service) -> impl Iterator<Item = Claim> {
    let span = service.external_ips_span.unwrap_or(service.origin.span);
    let external = service.external_ips.iter().map(move |&address| Claim {
        address: Host::Address(address),
        path: "/spec/externalIPs",
        span,
        is_written: true,
    });
    let balancers = service.load_balancers.iter().filter(|_| service.kind == ServiceType::LoadBalancer);
    let span = service.kind_span.unwrap_or(service.origin.span);
    let balancers = balancers.filter_map(move |host| match host {
        Host::Address(_) => {
            Some(Claim { address: host.clone(), path: "/status/loadBalancer", span, is_written: false })
        }
        Host::Name(_) => None,
    });
    external.chain(balancers)
}

/// Whether an address is one of a Service, inside of the cluster or by its own claim, or is its name.
fn has(sides: &Sides<'_>, service: &Service, address: &Host) -> bool {
    let is_inside = |own: &IpAddr| Host::Address(*own) == *address;
    service.cluster_ips.iter().any(is_inside)
        || claims(service).any(|claim| claim.address == *address)
        || is_named(sides, service, address)
}

/// Whether a host is a name of a Service: the one by which the cluster's DNS knows it in all namespaces, or one of a load
/// balancer.
fn is_named(sides: &Sides<'_>, service: &Service, host: &Host) -> bool {
    let Host::Name(name) = host else { return false };
    let mut labels = name.trim_end_matches('.').split('.');
    let is_in_cluster = labels.next() == Some(&service.origin.object.name)
        && labels.next() == Some(sides.name(service.namespace))
        && labels.next().is_none_or(|label| label == "svc");
    is_in_cluster || service.load_balancers.iter().any(|of| is_same(of, host))
}

/// Whether two hosts are one, as they are written.
fn is_same(one: &Host, other: &Host) -> bool {
    match (one, other) {
        (Host::Name(one), Host::Name(other)) => {
            one.trim_end_matches('.').eq_ignore_ascii_case(other.trim_end_matches('.'))
        }
        _ => one == other,
    }
}

fn ports(service: &Service) -> Vec<(Protocol, u16)> {
    service.ports.iter().map(|port| (port.protocol, port.port)).collect()
}

/// Those of Services.
fn of_services(sides: &Sides<'_>) -> Vec<Owned> {
    let services = sides.snapshot.services.iter().filter(|service| sides.is_to(service.namespace));
    let owned = services.flat_map(|service| {
        let cluster = service.cluster_ips.iter().map(|&own| (Host::Address(own), "/spec/clusterIP"));
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
    let ingresses = ingresses.flat_map(|ingress| {
        let hosts = ingress.published_at.iter();
        hosts.map(|host| (ingress.namespace, &ingress.origin, "/status", host))
    });
    let gateways = sides.snapshot.gateways.iter().flat_map(|gateway| {
        let asked = gateway.asked.iter().map(|host| ("/spec/addresses", host));
        let hosts = asked.chain(gateway.addresses.iter().map(|host| ("/status", host)));
        hosts.map(|(path, host)| (gateway.namespace, &gateway.origin, path, host))
    });
    let entries = ingresses.chain(gateways).filter(|(namespace, ..)| sides.is_to(*namespace));
    let owned = entries.map(|(namespace, origin, path, host)| Owned {
        address: host.clone(),
        ports: None,
        namespace: sides.name(namespace).to_owned(),
        whose: format!("{origin} is published at", origin = origin.object),
        because: because(origin, path, origin.span),
    });
    owned.collect()
}

/// Those of pods.
fn of_pods(sides: &Sides<'_>) -> Vec<Owned> {
    let pods = sides.snapshot.pods.iter().filter(|pod| sides.is_to(pod.namespace));
    let owned = pods.flat_map(|pod| {
        pod.addresses.iter().map(|&address| Owned {
            address: Host::Address(address),
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
                    address: Host::Address(cidr.addr()),
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
            owned.push(Owned {
                address: endpoint.host.clone(),
                ports: None,
                namespace: sides.name(endpoints.namespace).to_owned(),
                whose: format!("{} leads to", endpoints.origin.object),
                because: because(&endpoints.origin, "", endpoint.span),
            });
        }
    }
    owned
}

/// A Service of the `to` side that a Gateway names as its address: what is sent to that one comes to its listeners too.
fn by_name(sides: &Sides<'_>, claim: &Claim) -> Option<Owned> {
    let mut services = sides.snapshot.services.iter().filter(|service| sides.is_to(service.namespace));
    let service = services.find(|service| is_named(sides, service, &claim.address))?;
    Some(Owned {
        address: claim.address.clone(),
        ports: None,
        namespace: sides.name(service.namespace).to_owned(),
        whose: format!("{} has", service.origin.object),
        because: because(&service.origin, "", service.origin.span),
    })
}

/// An address that stands in settings or Secrets of the `to` side.
fn written(sides: &Sides<'_>, address: &Host) -> Option<Owned> {
    let text = Sealed::from(address.to_string().as_str());
    let of_to = |object: &ObjectRef| object.namespace.as_deref().is_some_and(|name| sides.to.contains(name));
    let secrets = sides.snapshot.secrets.iter().map(|secret| (&secret.object, &secret.values));
    let settings = sides.snapshot.settings.iter().map(|settings| (&settings.object, &settings.values));
    let values = secrets.chain(settings).filter(|(object, _)| of_to(object));
    let mut held = values.flat_map(|(object, values)| values.iter().map(move |held| (object, held)));
    let (object, held) = held.find(|(_, held)| held.value.hosts().contains(&text))?;
    Some(Owned {
        address: address.clone(),
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

fn finding(claimant: &Claimant<'_>, claim: &Claim, owned: &Owned) -> Finding {
    let Claim { address, path, span, .. } = claim;
    let Claimant { origin, takes, .. } = claimant;
    Finding {
        rule: "taken-address",
        when: When::Now,
        message: format!("{} {takes} {address}, which {}", origin.object, owned.whose),
        help: claimant.help.to_owned(),
        fact: takes_traffic(&owned.namespace),
        by: None,
        because: vec![because(origin, path, *span), owned.because.clone()],
        highlight: Some((*span, claimant.taken.to_owned())),
        similar: format!("{} {address}", origin.object),
    }
}

fn doubt(claimant: &Claimant<'_>, Claim { address, span, .. }: &Claim, why: &str) -> BlindSpot {
    let Claimant { origin, takes, help_in_doubt, .. } = claimant;
    BlindSpot {
        rule: "taken-address",
        reason: format!("{} {takes} {address}{why}", origin.object),
        object: Some(origin.object.clone()),
        span: Some(*span),
        help: (*help_in_doubt).to_owned(),
        scope: BlindScope::Everything,
        hides: &[Channel::Api],
    }
}
