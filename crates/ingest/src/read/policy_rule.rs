//! One element of `ingress` or `egress`: its peers (rules N10 to N15, N44, N45).

use super::policy_port;
use super::selector::{self, Fields};
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::{Mapping, Node};
use crate::validate::cidr::{self, HostBits};
use ipnet::IpNet;
use watertight_base::Selector;
use watertight_model::{NamespaceScope, PeerKind, PolicyPeer, PolicyRule};

/// Reads a rule whose peers stand in `peers_field`. A null rule is an empty one: it allows everything (rule N7).
pub(crate) fn read(
    context: &mut Context,
    node: Node<'_>,
    peers_field: &'static str,
) -> Result<PolicyRule, Unclear> {
    let span = node.span();
    let Some(mapping) = context.mapping_of(node, "rule")? else {
        return Ok(PolicyRule { span, peers: None, ports: None });
    };
    context.unknown_fields(&mapping, &[peers_field, "ports"]);
    let mut peers = Vec::new();
    for element in context.list(mapping.entry(peers_field))? {
        peers.push(peer(context, element, peers_field)?);
    }
    let mut ports = Vec::new();
    for element in context.list(mapping.entry("ports"))? {
        ports.push(policy_port::read(context, element)?);
    }
    Ok(PolicyRule {
        span,
        peers: Some(peers).filter(|peers| !peers.is_empty()),
        ports: Some(ports).filter(|ports| !ports.is_empty()),
    })
}

fn peer(context: &mut Context, node: Node<'_>, list: &str) -> Result<PolicyPeer, Unclear> {
    let span = node.span();
    let Some(mapping) = context.mapping_of(node, list)? else {
        return Err(empty_peer(context, node, list));
    };
    context.unknown_fields(&mapping, &["podSelector", "namespaceSelector", "ipBlock"]);
    let pods = context.mapping(mapping.entry("podSelector"))?;
    let namespaces = context.mapping(mapping.entry("namespaceSelector"))?;
    let block = context.mapping(mapping.entry("ipBlock"))?;
    let kind = match (block, &pods, &namespaces) {
        (None, None, None) => return Err(empty_peer(context, node, list)),
        (Some(block), None, None) => ip_block(context, &block)?,
        (Some(_), _, _) => {
            let entry = mapping.entry("ipBlock").map_or(span, |entry| entry.key_span);
            return Err(context.unclear(
                rules::INVALID_PEER,
                "a peer has `ipBlock` and a selector",
                entry,
                "stands beside a selector",
                format!("make them two elements of `{list}`, each with a `-` of its own"),
            ));
        }
        (None, _, _) => {
            let mut select = |mapping: &Mapping<'_>| selector::read(context, mapping, Fields::Strict);
            let selected = pods.as_ref().map(&mut select).transpose()?;
            let scope = namespaces.as_ref().map(&mut select).transpose()?;
            PeerKind::Pods {
                namespaces: scope.map_or(NamespaceScope::Own, NamespaceScope::Selected),
                pods_written: selected.is_some(),
                pods: selected.unwrap_or_else(Selector::everything),
            }
        }
    };
    Ok(PolicyPeer { span, kind })
}

fn empty_peer(context: &mut Context, node: Node<'_>, list: &str) -> Unclear {
    context.unclear(
        rules::INVALID_PEER,
        format!("an element of `{list}` names no peer"),
        node.span(),
        "no peer here",
        "give it `podSelector`, `namespaceSelector` or `ipBlock`; for all pods of all namespaces write \
         `namespaceSelector: {}`",
    )
}

fn ip_block(context: &mut Context, block: &Mapping<'_>) -> Result<PeerKind, Unclear> {
    context.unknown_fields(block, &["cidr", "except"]);
    let Some(text) = context.text(block.entry("cidr"))? else {
        return Err(context.unclear(
            rules::MISSING_FIELD,
            "an `ipBlock` has no `cidr`",
            block.span,
            "no `cidr` here",
            "give it a `cidr`, such as `0.0.0.0/0`",
        ));
    };
    let span = block.get("cidr").map_or(block.span, Node::span);
    let network = cidr::read(context, &text, span, HostBits::Refused)?;
    let mut except = Vec::new();
    for (index, node) in context.list(block.entry("except"))?.into_iter().enumerate() {
        let text = context.text_of(node, &format!("except[{index}]"))?.unwrap_or_default();
        let left_out = cidr::read(context, &text, node.span(), HostBits::Refused)?;
        check_except(context, network, left_out, node);
        except.push(left_out);
    }
    Ok(PeerKind::IpBlock { cidr: network, except })
}

/// The server wants `except` strictly inside `cidr`; what it leaves out is clear in every case (rule N44).
fn check_except(context: &mut Context, network: IpNet, left_out: IpNet, node: Node<'_>) {
    let (problem, label) = if left_out == network {
        ("is the whole `cidr`", "leaves nothing")
    } else if left_out.contains(&network) {
        ("is wider than the `cidr`", "leaves nothing")
    } else if network.contains(&left_out) {
        return;
    } else {
        ("is outside the `cidr`", "leaves nothing out")
    };
    context.refuse(
        rules::INVALID_CIDR,
        format!("the exception `{left_out}` {problem} `{network}`"),
        node.span(),
        label,
        format!("name a network inside `{network}`, or remove the exception"),
    );
}
