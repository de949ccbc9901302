//! IP addresses: what they mean, and what a Kubernetes 1.36 API server says to them.

use super::cidr::decimal_octets;
use crate::context::{Context, Unclear};
use crate::rules;
use std::net::{IpAddr, Ipv4Addr};
use watertight_base::Span;

/// The address that a text means. Leading zeros and IPv4 inside IPv6 are reported and clear.
pub(crate) fn read(context: &mut Context, text: &str, span: Span) -> Result<IpAddr, Unclear> {
    let (address, problem) = match (text.parse::<IpAddr>(), decimal_octets(text)) {
        (Ok(IpAddr::V6(v6)), _) => match v6.to_ipv4_mapped() {
            Some(v4) => (IpAddr::V4(v4), Some("is an IPv4 address written as IPv6")),
            None => (IpAddr::V6(v6), None),
        },
        (Ok(v4), _) => (v4, None),
        (Err(_), Some(octets)) => (IpAddr::V4(Ipv4Addr::from(octets)), Some("has leading zeros")),
        (Err(_), None) => {
            return Err(context.unclear(
                rules::INVALID_VALUE,
                format!("`{text}` is no IP address"),
                span,
                "no IP address",
                "write an IP address",
            ));
        }
    };
    if let Some(problem) = problem {
        let (label, help) = (format!("read as `{address}`"), format!("write `{address}`"));
        context.refuse(rules::INVALID_VALUE, format!("`{text}` {problem}"), span, label, help);
    }
    Ok(address)
}

/// Reports an address that no endpoint may have. It is used as it is.
pub(crate) fn check_endpoint(context: &mut Context, address: IpAddr, span: Span) {
    let (link_local, link_local_multicast) = match address {
        IpAddr::V4(v4) => (v4.is_link_local(), v4.octets()[..3] == [224, 0, 0]),
        IpAddr::V6(v6) => (v6.is_unicast_link_local(), v6.segments()[0] & 0xff0f == 0xff02),
    };
    let range = if address.is_unspecified() {
        "the unspecified one"
    } else if address.is_loopback() {
        "a loopback one"
    } else if link_local || link_local_multicast {
        "a link-local one"
    } else {
        return;
    };
    context.refuse(
        rules::INVALID_VALUE,
        format!("the address `{address}` of an endpoint is {range}"),
        span,
        "the API server refuses this address",
        "write the address of a pod, or of a host outside the cluster",
    );
}
