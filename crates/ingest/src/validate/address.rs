//! IP addresses: what they mean, and what a Kubernetes 1.36 API server says to them.

use super::cidr::decimal_octets;
use crate::context::{Context, Unclear};
use crate::rules;
use std::net::{IpAddr, Ipv4Addr};
use watertight_base::Span;

/// The address that a text means, and what is odd about how it is written.
fn parse(text: &str) -> Option<(IpAddr, Option<&'static str>)> {
    Some(match (text.parse::<IpAddr>(), decimal_octets(text)) {
        (Ok(IpAddr::V6(v6)), _) => match v6.to_ipv4_mapped() {
            Some(v4) => (IpAddr::V4(v4), Some("is an IPv4 address written as IPv6")),
            None => (IpAddr::V6(v6), None),
        },
        (Ok(v4), _) => (v4, None),
        (Err(_), Some(octets)) => (IpAddr::V4(Ipv4Addr::from(octets)), Some("has leading zeros")),
        (Err(_), None) => return None,
    })
}

/// The address that a text means, in a field that the server takes as it is. What is no address is reported, and may be
/// any.
pub(crate) fn read_unchecked(context: &mut Context, text: &str, span: Span) -> Option<IpAddr> {
    let parsed = parse(text);
    if parsed.is_none() {
        let message = format!("`{text}` is no IP address");
        context.warn(rules::INVALID_VALUE, message, span, "no IP address", "write an IP address");
    }
    parsed.map(|(address, _)| address)
}

/// The address that a text means. Leading zeros and IPv4 inside IPv6 are reported and clear.
pub(crate) fn read(context: &mut Context, text: &str, span: Span) -> Result<IpAddr, Unclear> {
    let Some((address, problem)) = parse(text) else {
        return Err(context.unclear(
            rules::INVALID_VALUE,
            format!("`{text}` is no IP address"),
            span,
            "no IP address",
            "write an IP address",
        ));
    };
    if let Some(problem) = problem {
        let (label, help) = (format!("read as `{address}`"), format!("write `{address}`"));
        context.refuse(rules::INVALID_VALUE, format!("`{text}` {problem}"), span, label, help);
    }
    Ok(address)
}

/// Reports an address that neither an endpoint nor a Service may have. It is used as it is.
pub(crate) fn check_not_special(context: &mut Context, address: IpAddr, span: Span, holder: &str) {
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
        format!("the address `{address}` of {holder} is {range}"),
        span,
        "the API server refuses this address",
        "write the address of a pod, or of a host outside the cluster",
    );
}
