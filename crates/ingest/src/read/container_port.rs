//! The ports that a container declares, and what the API server refuses of them (rules N29, N42).

use super::field;
use super::pod_body::PodBody;
use super::policy_port;
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::Mapping;
use crate::validate::address;
use std::collections::BTreeSet;
use watertight_base::{Protocol, Span};
use watertight_model::{ContainerPort, ContainerRole, HostPort};

/// The ports of the node that the containers of a pod share: protocol, address as it is written, number.
pub(super) type Sharing = BTreeSet<(Protocol, String, u16)>;

/// Adds the ports of a container.
pub(super) fn read(
    context: &mut Context,
    container: &Mapping<'_>,
    role: ContainerRole,
    sharing: &mut Sharing,
    body: &mut PodBody,
) -> Result<(), Unclear> {
    let mut names = BTreeSet::new();
    for node in context.list(container.entry("ports"))? {
        let Some(mapping) = context.mapping_of(node, "ports")? else {
            missing_number(context, node.span());
            continue;
        };
        context.near_misses(&mapping, &["containerPort", "hostIP", "hostPort", "name", "protocol"]);
        let protocol = policy_port::protocol(context, &mapping)?;
        let name = field::written(context, &mapping, "name")?;
        if let Some(name) = &name {
            policy_port::check_port_name(context, &name.text, name.span);
            if !names.insert(name.text.clone()) {
                let message = format!("two ports of a container have the name `{}`", name.text);
                refuse(context, message, name.span, "the name is taken", "give each port a name of its own");
            }
        }
        // A port that does not exist names nothing, and nothing else rests on it (rule N29).
        let Some(number) = context.integer(mapping.entry("containerPort"))? else {
            missing_number(context, mapping.span);
            continue;
        };
        let span = field::span(&mapping, "containerPort");
        let Ok(number) = policy_port::port_number(context, number, span) else { continue };
        let host_port = host_port(context, &mapping, protocol, sharing)?;
        check_host_network(context, body, number, host_port.as_ref());
        let name = name.map(|name| name.text);
        body.ports.push(ContainerPort { name, number, protocol, container: role, host_port });
    }
    Ok(())
}

fn missing_number(context: &mut Context, place: Span) {
    let message = "a port of a container has no `containerPort`";
    context.refuse(rules::MISSING_FIELD, message, place, "no number here", "give it a `containerPort`");
}

/// The port of the node that leads to a container port (rule N42); 0 is none.
fn host_port(
    context: &mut Context,
    port: &Mapping<'_>,
    protocol: Protocol,
    sharing: &mut Sharing,
) -> Result<Option<HostPort>, Unclear> {
    let Some(number) = context.integer(port.entry("hostPort"))?.filter(|number| *number != 0) else {
        return Ok(None);
    };
    let span = field::span(port, "hostPort");
    // A port that does not exist leads nowhere, and what is no address may be any.
    let Ok(number) = policy_port::port_number(context, number, span) else { return Ok(None) };
    let written = field::written(context, port, "hostIP")?;
    let text = written.as_ref().map(|ip| ip.text.clone()).unwrap_or_default();
    if !sharing.insert((protocol, text, number)) {
        let message = format!("two containers of a pod have the `hostPort` {number}/{protocol}");
        refuse(context, message, span, "the port is taken", "remove one of them");
    }
    let address = written.and_then(|ip| address::read_unchecked(context, &ip.text, ip.span));
    // The unspecified address of a family is all of that family, and some implementations take it for all of both.
    Ok(Some(HostPort { span, number, address: address.filter(|address| !address.is_unspecified()) }))
}

/// On the host's network, a port of the container is the same port of the node.
fn check_host_network(context: &mut Context, body: &PodBody, number: u16, host_port: Option<&HostPort>) {
    if let Some(host_port) = host_port.filter(|port| body.host_network.is_some() && port.number != number) {
        let message = format!("the `hostPort` {} is not the `containerPort` {number}", host_port.number);
        let help = "with `hostNetwork`, make both the same, or remove `hostPort`";
        refuse(context, message, host_port.span, "another port", help);
    }
}

/// Checks that no two containers of a Pod on the host's network declare the same port: the server makes each port of theirs
/// a `hostPort`. In a template it does not.
pub(super) fn check_shared_with_node(context: &mut Context, body: &PodBody) {
    let Some(span) = body.host_network else { return };
    let mut taken = BTreeSet::new();
    for port in body.ports.iter().filter(|port| port.container == ContainerRole::Main) {
        let address = port.host_port.as_ref().and_then(|host_port| host_port.address);
        if !taken.insert((port.protocol, address, port.number)) && port.host_port.is_none() {
            let message =
                format!("two ports of a pod on its node's network are {}/{}", port.number, port.protocol);
            refuse(context, message, span, "each port is one of the node", "remove one of them");
        }
    }
}

fn refuse(context: &mut Context, message: String, span: Span, label: &str, help: &str) {
    context.refuse(rules::INVALID_VALUE, message, span, label, help);
}
