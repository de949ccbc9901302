//! CIDRs: what they mean, and what a Kubernetes 1.36 API server says to them (rules N44, N45).

use crate::context::{Context, Unclear};
use crate::rules;
use ipnet::{IpNet, Ipv4Net};
use std::net::{IpAddr, Ipv4Addr};
use watertight_base::Span;

/// What the server says to bits that are set after the prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HostBits {
    /// It refuses them, as in kinds of its own.
    Refused,
    /// It takes them, as `isCIDR` does in the schemas of custom resources.
    Taken,
}

/// What a text says about a network.
struct Parsed {
    net: IpNet,
    leading_zeros: bool,
    /// The address is IPv4 inside IPv6, whatever the length.
    mapped: bool,
}

/// The network that a CIDR means. Host bits, leading zeros and IPv4 inside IPv6 are reported and clear.
pub(crate) fn read(
    context: &mut Context,
    text: &str,
    span: Span,
    host_bits: HostBits,
) -> Result<IpNet, Unclear> {
    let Some(Parsed { net, leading_zeros, mapped }) = parse(text) else {
        return Err(context.unclear(
            rules::INVALID_CIDR,
            format!("`{text}` is no CIDR"),
            span,
            "no CIDR",
            suggestion(text),
        ));
    };
    let network = net.trunc();
    if leading_zeros {
        context.refuse(
            rules::INVALID_CIDR,
            format!("`{text}` has leading zeros"),
            span,
            format!("read as `{network}`"),
            format!("write `{network}`: some programs read leading zeros as octal"),
        );
    } else if mapped && (network.addr().is_ipv4() || host_bits == HostBits::Taken) {
        context.refuse(
            rules::INVALID_CIDR,
            format!("`{text}` is an IPv4 network written as IPv6"),
            span,
            format!("read as `{network}`"),
            format!("write `{network}`"),
        );
    } else if network != net && host_bits == HostBits::Taken {
        context.warn(
            rules::HOST_BITS_IN_CIDR,
            format!("`{text}` has bits set after its prefix"),
            span,
            format!("means the whole of `{network}`"),
            format!("write `{network}`, or `{}/{}` for the one address", net.addr(), net.max_prefix_len()),
        );
    } else if network != net {
        context.refuse(
            rules::HOST_BITS_IN_CIDR,
            format!("`{text}` has bits set after its prefix"),
            span,
            format!("means the whole of `{network}`"),
            format!(
                "write `{network}`, or `{}/{}` for the one address; Kubernetes 1.36 refuses it in new objects",
                net.addr(),
                net.max_prefix_len()
            ),
        );
    }
    Ok(network)
}

/// How to mend what is no CIDR.
fn suggestion(text: &str) -> String {
    match text.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => format!("for one address write `{text}/32`"),
        Ok(IpAddr::V6(_)) => format!("for one address write `{text}/128`"),
        Err(_) => "write an address, a slash and a prefix length, such as `10.0.0.0/8`".to_owned(),
    }
}

fn parse(text: &str) -> Option<Parsed> {
    let (address, length) = text.split_once('/')?;
    if length.is_empty() || length.len() > 3 || !length.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let leading_zeros = length.len() > 1 && length.starts_with('0');
    let length: u8 = length.parse().ok()?;
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V6(v6)) => match v6.to_ipv4_mapped() {
            Some(v4) if length >= 96 => {
                let net = IpNet::V4(Ipv4Net::new(v4, length - 96).ok()?);
                Some(Parsed { net, leading_zeros, mapped: true })
            }
            mapped => {
                let net = IpNet::new(v6.into(), length).ok()?;
                Some(Parsed { net, leading_zeros, mapped: mapped.is_some() })
            }
        },
        Ok(v4) => Some(Parsed { net: IpNet::new(v4, length).ok()?, leading_zeros, mapped: false }),
        Err(_) => {
            let octets = decimal_octets(address)?;
            let net = IpNet::new(IpAddr::V4(Ipv4Addr::from(octets)), length).ok()?;
            Some(Parsed { net, leading_zeros: true, mapped: false })
        }
    }
}

/// Four decimal numbers, with leading zeros, as servers read them until 1.35.
pub(crate) fn decimal_octets(text: &str) -> Option<[u8; 4]> {
    let mut octets = [0; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        let part = parts.next()?;
        if part.is_empty() || part.len() > 8 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *octet = part.parse().ok()?;
    }
    parts.next().is_none().then_some(octets)
}
