//! One element of `ingress` or `egress` of the administrator's policies (rules N60, N61, N66, N68, N70).

use super::cluster_policy::selected;
use super::custom_resource::{elements, empty, given, missing, null_element, selector, set};
use super::dialect::Dialect;
use super::tier_port;
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::{Entry, Mapping, Node};
use crate::validate::cidr::{self, HostBits};
use crate::validate::names::is_domain_name;
use watertight_base::words::listed;
use watertight_model::{Action, TierPeer, TierPeerKind, TierPort, TierPortKind, TierRule};

/// The most characters of a rule's name.
const NAME_MAX: usize = 100;
/// The most networks or domain names of a peer.
const NAMES_OF_PEER_MAX: usize = 25;
/// The most characters of a network.
const NETWORK_MAX: usize = 43;

/// Where a rule stands.
pub(super) struct Direction {
    pub(super) dialect: &'static Dialect,
    /// The field of its peers.
    pub(super) peers: &'static str,
    /// What a peer may be.
    pub(super) kinds: &'static [&'static str],
}

/// Reads a rule. Peers that are not known are added to `unknown_peers`.
pub(super) fn read(
    context: &mut Context,
    direction: &Direction,
    node: Node<'_>,
    unknown_peers: &mut Vec<Unclear>,
) -> Result<TierRule, Unclear> {
    let Direction { dialect, peers: peers_field, .. } = *direction;
    let Some(mapping) = context.mapping_of(node, "rule")? else {
        return Err(null_element(context, node, "rule"));
    };
    context.unknown_fields(&mapping, &["name", "action", peers_field, dialect.ports]);
    check_name(context, &mapping)?;
    let action = action(context, dialect, &mapping)?;
    let peer_nodes = elements(context, &mapping, peers_field, dialect.max)?.unwrap_or_default();
    if peer_nodes.is_empty() {
        return Err(missing(context, mapping.span, "a rule", peers_field));
    }
    let mut peers = Vec::new();
    for node in peer_nodes {
        peers.push(peer(context, direction, node, action, unknown_peers)?);
    }
    let ports = ports(context, dialect, &mapping)?;
    check_named_ports(context, &peers, ports.as_deref().unwrap_or_default())?;
    Ok(TierRule { span: mapping.span, action, peers, ports })
}

fn check_name(context: &mut Context, rule: &Mapping<'_>) -> Result<(), Unclear> {
    let Some(name) = context.text(rule.entry("name"))? else { return Ok(()) };
    if name.chars().nth(NAME_MAX).is_some() {
        context.refuse(
            rules::INVALID_NAME,
            format!("the name of a rule is longer than {NAME_MAX} characters"),
            rule.get("name").map_or(rule.span, Node::span),
            "the API server refuses this name",
            format!("use at most {NAME_MAX} characters"),
        );
    }
    Ok(())
}

fn action(context: &mut Context, dialect: &Dialect, rule: &Mapping<'_>) -> Result<Action, Unclear> {
    let Some(name) = context.text(rule.entry("action"))?.filter(|name| !name.is_empty()) else {
        return Err(missing(context, rule.span, "a rule", "action"));
    };
    if let Some((_, action)) = dialect.actions.iter().find(|(known, _)| *known == name) {
        return Ok(*action);
    }
    let span = rule.get("action").map_or(rule.span, Node::span);
    let known: Vec<&str> = dialect.actions.iter().map(|(known, _)| *known).collect();
    let help = format!("the actions here are {}", listed(&known));
    // The words of the older and of the newer API are taken for each other, and so is `Pass` where it came later.
    let meant = match name.to_ascii_lowercase().as_str() {
        "accept" | "allow" => Action::Accept,
        "deny" => Action::Deny,
        "pass" => Action::Pass,
        _ => {
            let message = format!("there is no action `{name}`");
            return Err(context.unclear(rules::INVALID_VALUE, message, span, "unknown action", help));
        }
    };
    let said = dialect.actions.iter().find(|(_, action)| *action == meant);
    context.refuse(
        rules::INVALID_VALUE,
        format!("the action `{name}` is none of this kind"),
        span,
        format!("read as `{}`", said.map_or(meant.name(), |(known, _)| known)),
        help,
    );
    Ok(meant)
}

fn peer(
    context: &mut Context,
    direction: &Direction,
    node: Node<'_>,
    action: Action,
    unknown_peers: &mut Vec<Unclear>,
) -> Result<TierPeer, Unclear> {
    let Direction { dialect, peers, kinds } = *direction;
    let span = node.span();
    let Some(mapping) = context.mapping_of(node, peers)? else {
        return Err(null_element(context, node, peers));
    };
    context.unknown_fields(&mapping, kinds);
    let kind = match given(&mapping, kinds).as_slice() {
        [only] => known_peer(context, dialect, only, action)?,
        [] => {
            unknown_peers.extend(unknown_peer(context, direction, &mapping));
            TierPeerKind::Unknown
        }
        [first, second, ..] => {
            return Err(context.unclear(
                rules::INVALID_PEER,
                format!("a peer has both `{}` and `{}`", first.key, second.key),
                second.key_span,
                "stands beside another",
                format!("make them two elements of `{peers}`, each with a `-` of its own"),
            ));
        }
    };
    Ok(TierPeer { span, kind })
}

/// A peer without a field that is known. Programs see an empty one, and are told what it means (rule N68); with fields of a
/// newer API it means something else to a server that knows them, and is not seen.
fn unknown_peer(context: &mut Context, direction: &Direction, mapping: &Mapping<'_>) -> Option<Unclear> {
    let help = format!("give it one of {}", listed(direction.kinds));
    let Some(entry) = mapping.entries().iter().find(|entry| !direction.kinds.contains(&entry.key.as_ref()))
    else {
        context.refuse(
            rules::INVALID_PEER,
            format!("an element of `{}` names no peer", direction.peers),
            mapping.span,
            "no peer here",
            help,
        );
        return None;
    };
    let message = format!("`{}` is no peer that is known", entry.key);
    Some(context.unseen(rules::UNKNOWN_FIELD, message, entry.key_span, help))
}

fn known_peer(
    context: &mut Context,
    dialect: &Dialect,
    field: &Entry<'_>,
    action: Action,
) -> Result<TierPeerKind, Unclear> {
    match field.key.as_ref() {
        "networks" => networks(context, field),
        "domainNames" => domain_names(context, field, action),
        key => {
            let Some(value) = context.mapping(Some(field))? else {
                return Err(null_element(context, field.value, key));
            };
            if key == "nodes" {
                return Ok(TierPeerKind::Nodes(selector(context, &value)?));
            }
            let (namespaces, pods) = selected(context, dialect, key, &value)?;
            Ok(TierPeerKind::Pods { namespaces, pods })
        }
    }
}

fn networks(context: &mut Context, field: &Entry<'_>) -> Result<TierPeerKind, Unclear> {
    let mut networks = Vec::new();
    for (text, span) in set(context, field, NAMES_OF_PEER_MAX)? {
        networks.push(cidr::read(context, &text, span, HostBits::Taken)?);
        if text.chars().nth(NETWORK_MAX).is_some() {
            context.refuse(
                rules::INVALID_CIDR,
                format!("`{text}` is longer than {NETWORK_MAX} characters"),
                span,
                "the API server refuses this network",
                "write it without zeros that say nothing",
            );
        }
    }
    Ok(TierPeerKind::Networks(networks))
}

fn domain_names(context: &mut Context, field: &Entry<'_>, action: Action) -> Result<TierPeerKind, Unclear> {
    if action != Action::Accept {
        return Err(context.unclear(
            rules::INVALID_PEER,
            format!("`domainNames` stands in a rule with the action `{}`", action.name()),
            field.key_span,
            "only where a rule accepts",
            "deny by `networks`, and accept by name before it",
        ));
    }
    let mut names = Vec::new();
    for (name, span) in set(context, field, NAMES_OF_PEER_MAX)? {
        if !is_domain_name(&name) {
            return Err(context.unclear(
                rules::INVALID_NAME,
                format!("`{name}` is no domain name"),
                span,
                "no domain name",
                "write a name such as `api.example.com`, or `*.example.com` for all below it",
            ));
        }
        names.push(name);
    }
    Ok(TierPeerKind::DomainNames(names))
}

fn ports(
    context: &mut Context,
    dialect: &Dialect,
    rule: &Mapping<'_>,
) -> Result<Option<Vec<TierPort>>, Unclear> {
    let Some(nodes) = elements(context, rule, dialect.ports, dialect.max)? else { return Ok(None) };
    if let ([], Some(field)) = (nodes.as_slice(), rule.entry(dialect.ports)) {
        return Err(empty(context, field));
    }
    let mut ports = Vec::new();
    for node in nodes {
        ports.push(tier_port::read(context, dialect, node)?);
    }
    Ok(Some(ports))
}

/// Only pods have ports with names. The standard channel takes the two together all the same, and does not say what it
/// means.
fn check_named_ports(context: &mut Context, peers: &[TierPeer], ports: &[TierPort]) -> Result<(), Unclear> {
    let nameless = peers.iter().find_map(|peer| match peer.kind {
        TierPeerKind::Networks(_) => Some("networks"),
        TierPeerKind::Nodes(_) => Some("nodes"),
        TierPeerKind::DomainNames(_) => Some("domainNames"),
        TierPeerKind::Pods { .. } | TierPeerKind::Unknown => None,
    });
    let named = ports.iter().find_map(|port| match &port.kind {
        TierPortKind::Named(name) => Some((name, port.span)),
        _ => None,
    });
    let (Some(field), Some((name, span))) = (nameless, named) else { return Ok(()) };
    Err(context.unclear(
        rules::INVALID_PEER,
        format!("the named port `{name}` stands in a rule for `{field}`"),
        span,
        "only pods have named ports",
        format!("give the port as a number, or make `{field}` a rule of its own"),
    ))
}
