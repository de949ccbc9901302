//! Addresses of the `to` side that Services of the `from` side claim, or for which its Gateways ask (`rules/taken-address.md`).

use super::Sides;
use std::net::IpAddr;
use watertight_base::{Protocol, Sealed};
use watertight_model::{Gateway, Host, PeerKind, Service, ServiceType};

/// Whatever a Gateway asks for may be somebody else's, as may be an address in `externalIPs`.
fn asked<'a>(sides: &Sides<'a>) -> Option<String> {
    let mut gateways = sides.snapshot.gateways.iter().filter(|gateway| sides.is_from(gateway.namespace));
    let host = |gateway: &'a Gateway| Some((gateway, gateway.asked.first()?));
    let (gateway, host) = gateways.find_map(host)?;
    Some(format!("{} asks for what is sent to {host}, whoever has it", gateway.origin.object))
}

pub(super) fn reason(sides: &Sides<'_>) -> Option<String> {
    for service in sides.snapshot.services.iter().filter(|service| sides.is_from(service.namespace)) {
        let taken_by = service.origin.object.to_string();
        for address in claimed(service) {
            let known = owner(sides, address, &ports(service)).or_else(|| beside(sides, service, address));
            if let Some(owner) = known {
                return Some(format!("{taken_by} takes what is sent to {address}, which {owner}"));
            }
        }
        // Nothing shows of an address that nobody has it, comes to have it, or dials it.
        if let Some(address) = service.external_ips.first() {
            return Some(format!("{taken_by} takes what is sent to {address}, whoever has it"));
        }
    }
    asked(sides)
}

/// What of neither side has an address at a port of the Service that claims it: the `to` side may dial it.
fn beside(sides: &Sides<'_>, claims: &Service, address: IpAddr) -> Option<String> {
    let mut others = sides.snapshot.services.iter();
    let other = others.find(|it| {
        let is_beside = !sides.is_from(it.namespace) && !sides.is_to(it.namespace);
        let at_one_port = ports(it).iter().any(|port| ports(claims).contains(port));
        is_beside && at_one_port && (it.cluster_ips.contains(&address) || claimed(it).contains(&address))
    })?;
    Some(format!("{} has", other.origin.object))
}

/// What nodes send to a Service wherever it comes from.
fn claimed(service: &Service) -> Vec<IpAddr> {
    let is_balanced = service.kind == ServiceType::LoadBalancer;
    let balancers = service.load_balancers.iter().filter(|_| is_balanced).filter_map(address);
    service.external_ips.iter().copied().chain(balancers).collect()
}

fn address(host: &Host) -> Option<IpAddr> {
    match host {
        Host::Address(address) => Some(*address),
        Host::Name(_) => None,
    }
}

fn ports(service: &Service) -> Vec<(Protocol, u16)> {
    service.ports.iter().map(|port| (port.protocol, port.port)).collect()
}

/// What of the `to` side has or dials an address: Services on one of these ports, and all others on any.
fn owner(sides: &Sides<'_>, address: IpAddr, ports_taken: &[(Protocol, u16)]) -> Option<String> {
    let snapshot = sides.snapshot;
    for service in snapshot.services.iter().filter(|service| sides.is_to(service.namespace)) {
        let has = service.cluster_ips.contains(&address) || claimed(service).contains(&address);
        if has && ports(service).iter().any(|port| ports_taken.contains(port)) {
            return Some(format!("{} has", service.origin.object));
        }
    }
    let is_at = |hosts: &[Host]| hosts.contains(&Host::Address(address));
    let ingress = snapshot.ingresses.iter().find(|it| sides.is_to(it.namespace) && is_at(&it.published_at));
    let gateway = snapshot
        .gateways
        .iter()
        .find(|it| sides.is_to(it.namespace) && it.hosts().any(|host| *host == Host::Address(address)));
    let pod = snapshot.pods.iter().find(|it| sides.is_to(it.namespace) && it.addresses.contains(&address));
    let origins = [ingress.map(|it| &it.origin), gateway.map(|it| &it.origin), pod.map(|it| &it.origin)];
    if let Some(origin) = origins.into_iter().flatten().next() {
        return Some(format!("{} has", origin.object));
    }
    dialed(sides, address).or_else(|| written(sides, address))
}

/// What lets pods of the `to` side dial just this address, or leads them to it.
fn dialed(sides: &Sides<'_>, address: IpAddr) -> Option<String> {
    for policy in sides.snapshot.policies.iter().filter(|policy| sides.is_to(policy.namespace)) {
        let mut peers = policy.egress.iter().flat_map(|rule| rule.peers.iter().flatten());
        let is_it = |kind: &PeerKind| match kind {
            PeerKind::IpBlock { cidr, .. } => {
                cidr.addr() == address && cidr.prefix_len() == cidr.max_prefix_len()
            }
            _ => false,
        };
        if peers.any(|peer| is_it(&peer.kind)) {
            return Some(format!("{} lets pods connect to", policy.origin.object));
        }
    }
    let mut endpoints = sides.snapshot.endpoints.iter().filter(|it| sides.is_to(it.namespace));
    let leads = endpoints.find(|endpoints| {
        let mut all = endpoints.subsets.iter().flat_map(|subset| &subset.endpoints);
        all.any(|endpoint| endpoint.host == Host::Address(address))
    });
    leads.map(|endpoints| format!("{} leads to", endpoints.origin.object))
}

/// What of the `to` side has it in a value.
fn written(sides: &Sides<'_>, address: IpAddr) -> Option<String> {
    let text = Sealed::from(address.to_string().as_str());
    let secrets = sides.snapshot.secrets.iter().map(|secret| (&secret.object, &secret.values));
    let settings = sides.snapshot.settings.iter().map(|settings| (&settings.object, &settings.values));
    let mut objects = secrets.chain(settings).filter(|(object, _)| sides.has_to(object));
    let (object, _) =
        objects.find(|(_, values)| values.iter().any(|held| held.value.hosts().contains(&text)))?;
    Some(format!("{object} holds"))
}
