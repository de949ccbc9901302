//! Pod: what is there already, with its addresses and how far its life has come (rule N55).

use super::container_port;
use super::passing;
use super::pod_body::{self, PodBody};
use crate::context::{Context, Unclear};
use crate::tree::{Mapping, Node};
use std::net::IpAddr;
use watertight_model::PodState;

/// A pod of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LivePod {
    pub(crate) body: PodBody,
    pub(crate) addresses: Vec<IpAddr>,
    pub(crate) node_addresses: Vec<IpAddr>,
    pub(crate) state: PodState,
    pub(crate) is_passing: bool,
}

/// Reads a Pod.
pub(crate) fn read(context: &mut Context, object: &Mapping<'_>) -> Result<LivePod, Unclear> {
    let body = pod_body::read(context, object)?;
    container_port::check_shared_with_node(context, &body);
    let status = object.get("status").and_then(Node::mapping);
    let of = |one, all| status.as_ref().map(|status| addresses(status, one, all)).unwrap_or_default();
    let (addresses, node_addresses) = (of("podIP", "podIPs"), of("hostIP", "hostIPs"));
    let phase = status.as_ref().and_then(|status| status.get("phase")?.text());
    let state = match phase.as_deref() {
        Some("Succeeded" | "Failed") => PodState::Finished,
        Some(_) if addresses.is_empty() => PodState::NoAddress,
        _ => PodState::Active,
    };
    let is_passing = passing::is_passing(context, object)?;
    Ok(LivePod { body, addresses, node_addresses, state, is_passing })
}

/// The address in one field of the status and those in the list beside it, each once.
fn addresses(status: &Mapping<'_>, one: &str, all: &str) -> Vec<IpAddr> {
    let first = status.get(one).and_then(Node::text);
    let all = status.get(all).and_then(Node::sequence).unwrap_or_default();
    let all = all.into_iter().filter_map(|node| node.mapping()?.get("ip")?.text());
    let mut addresses = Vec::new();
    for address in first.into_iter().chain(all).filter_map(|text| text.parse().ok()) {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    addresses
}
