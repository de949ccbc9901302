//! Whom a node dials for a container: the hosts that its probes and its lifecycle hooks name (rule N35).

use super::field;
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::Mapping;
use std::net::Ipv4Addr;
use watertight_model::{DialedFor, DialedHost, Host, TargetPort};

/// The fields of a container that are probes.
const PROBES: &[&str] = &["livenessProbe", "readinessProbe", "startupProbe"];
/// The fields of a container's `lifecycle` that are hooks.
const HOOKS: &[&str] = &["postStart", "preStop"];
/// The ways to probe or to hook that name a host. `exec` runs in the container, and `grpc` always asks the pod.
const DIALING: &[&str] = &["httpGet", "tcpSocket"];

/// All ways: `grpc` is one of probes, and `sleep` one of hooks.
const WAYS: &[&str] = &["exec", "grpc", "httpGet", "sleep", "tcpSocket"];

/// Adds the hosts that the probes and hooks of `container` name.
pub(crate) fn read(
    context: &mut Context,
    container: &Mapping<'_>,
    hosts: &mut Vec<DialedHost>,
) -> Result<(), Unclear> {
    handlers(context, container, PROBES, "", hosts)?;
    if let Some(lifecycle) = context.mapping(container.entry("lifecycle"))? {
        handlers(context, &lifecycle, HOOKS, "lifecycle.", hosts)?;
    }
    Ok(())
}

fn handlers(
    context: &mut Context,
    parent: &Mapping<'_>,
    fields: &[&str],
    path: &str,
    hosts: &mut Vec<DialedHost>,
) -> Result<(), Unclear> {
    for name in fields {
        let Some(handler) = context.mapping(parent.entry(name))? else { continue };
        check_one(context, &handler, &format!("{path}{name}"));
        for dialing in DIALING {
            let Some(action) = context.mapping(handler.entry(dialing))? else { continue };
            let port = port(context, &action);
            let Some(host) = context.text(action.entry("host"))?.filter(|host| !is_own(host)) else {
                continue;
            };
            hosts.push(DialedHost {
                span: field::span(&action, "host"),
                field: format!("{path}{name}.{dialing}.host"),
                host: Host::of(&host),
                port,
                purpose: DialedFor::Probe,
            });
        }
    }
    Ok(())
}

/// A probe or a hook asks in one way.
fn check_one(context: &mut Context, handler: &Mapping<'_>, name: &str) {
    let count = WAYS.iter().filter(|way| handler.get(way).is_some_and(|node| !node.is_null())).count();
    if count == 0 {
        let message = format!("`{name}` names no way to ask");
        context.refuse(
            rules::MISSING_FIELD,
            message,
            handler.span,
            "nothing to ask here",
            "give it `httpGet`, `tcpSocket`, `exec` or `grpc`",
        );
    } else if count > 1 {
        let message = format!("`{name}` asks in {count} ways");
        context.refuse(rules::INVALID_VALUE, message, handler.span, "more than one", "keep one of them");
    }
}

/// The port to dial. What is no port is reported, and may be any.
fn port(context: &mut Context, action: &Mapping<'_>) -> Option<TargetPort> {
    let found = field::target_port(context, action, "port");
    if matches!(found, Ok(None)) {
        let span = field::span(action, "port");
        context.refuse(
            rules::MISSING_FIELD,
            "there is no `port` to dial",
            span,
            "no port here",
            "give it a `port`",
        );
    }
    found.ok().flatten()
}

/// Whether this is no other host: nothing, which means the pod's own address, or loopback.
fn is_own(host: &str) -> bool {
    let is_loopback = host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback());
    host.is_empty() || host == "::1" || host.eq_ignore_ascii_case("localhost") || is_loopback
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_and_loopback_are_no_other_host() {
        for host in ["", "127.0.0.1", "127.8.9.10", "::1", "localhost", "LocalHost"] {
            assert!(is_own(host), "{host}");
        }
        for host in
            ["10.0.0.1", "128.0.0.1", "0.0.0.0", "::", "::2", "db.production", "127.0.0.1.example", "127.1"]
        {
            assert!(!is_own(host), "{host}");
        }
    }
}
