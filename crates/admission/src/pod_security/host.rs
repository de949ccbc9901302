//! Checks on what a pod shares with its node: namespaces, ports, and what it lets the node dial.

use super::may;
use super::pod::Pod;
use crate::Known;

/// The fields that put a pod into a namespace of its node.
pub(super) const NAMESPACES: [&str; 3] = ["hostNetwork", "hostPID", "hostIPC"];

/// `hostNamespaces`: none of the node's namespaces.
pub(super) fn namespaces(pod: &Pod<'_>) -> bool {
    NAMESPACES.iter().all(|field| may::be_absent_or(pod.spec.field(field), false))
}

/// `hostPorts`: no port of the node. A port that is 0 is none.
pub(super) fn ports(pod: &Pod<'_>) -> bool {
    let is_none = |port: &Known| may::be_absent(port) || *port == Known::Integer(0);
    pod.containers
        .iter()
        .flat_map(|container| may::elements(container.field("ports")))
        .all(|port| is_none(port.field("hostPort")))
}

/// `windowsHostProcess`: no process of a Windows node.
pub(super) fn windows_process(pod: &Pod<'_>) -> bool {
    pod.contexts()
        .all(|context| may::be_absent_or(context.field("windowsOptions").field("hostProcess"), false))
}

/// Where a container may name a host that the node dials for it.
pub(super) const DIALED: [&[&str]; 10] = [
    &["livenessProbe", "httpGet"],
    &["livenessProbe", "tcpSocket"],
    &["readinessProbe", "httpGet"],
    &["readinessProbe", "tcpSocket"],
    &["startupProbe", "httpGet"],
    &["startupProbe", "tcpSocket"],
    &["lifecycle", "postStart", "httpGet"],
    &["lifecycle", "postStart", "tcpSocket"],
    &["lifecycle", "preStop", "httpGet"],
    &["lifecycle", "preStop", "tcpSocket"],
];

/// `hostProbesAndHostLifecycle`: no probe and no hook names a host (KEP-4940).
pub(super) fn probes(pod: &Pod<'_>) -> bool {
    let action =
        |container, path: &[&str]| path.iter().fold(container, |value: &Known, step| value.field(step));
    let names_none =
        |container| DIALED.iter().all(|path| may::be_empty(action(container, path).field("host")));
    pod.containers.iter().all(|container| names_none(container))
}
