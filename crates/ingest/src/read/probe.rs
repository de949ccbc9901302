//! Whom a node dials for a container: the hosts that its probes and its lifecycle hooks name (rule N35).

use super::field;
use crate::context::{Context, Unclear};
use crate::tree::Mapping;
use std::net::Ipv4Addr;
use watertight_model::{DialedHost, Host};

/// The fields of a container that are probes.
const PROBES: &[&str] = &["livenessProbe", "readinessProbe", "startupProbe"];
/// The fields of a container's `lifecycle` that are hooks.
const HOOKS: &[&str] = &["postStart", "preStop"];
/// The ways to probe or to hook that name a host. `exec` runs in the container, and `grpc` always asks the pod.
const DIALING: &[&str] = &["httpGet", "tcpSocket"];

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
        for dialing in DIALING {
            let Some(action) = context.mapping(handler.entry(dialing))? else { continue };
            let Some(host) = context.text(action.entry("host"))?.filter(|host| !is_own(host)) else {
                continue;
            };
            hosts.push(DialedHost {
                span: field::span(&action, "host"),
                field: format!("{path}{name}.{dialing}.host"),
                host: Host::of(&host),
                // What is no port was reported, and may be any.
                port: field::target_port(context, &action, "port").ok().flatten(),
            });
        }
    }
    Ok(())
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
