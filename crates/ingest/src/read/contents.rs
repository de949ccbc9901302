//! Whom a node dials for what a pod is made of: registries of its images, and servers of its volumes (rule N35).
//!
//! The container runtime pulls images and the kubelet, or a driver beside it, mounts volumes, from the node and not from the
//! pod. A node resolves names by its own resolver, of which only some ask the cluster's DNS
//! (<https://github.com/kubernetes/kubernetes/issues/8735>), so that a name counts if it is one of the cluster's alone.

use crate::tree::{Mapping, Node};
use watertight_base::Span;
use watertight_model::{DialedFor, DialedHost, Host};

/// The fields of volumes that name servers, below the volume.
///
/// Source: <https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume/>.
const SERVERS: &[&[&str]] = &[
    &["nfs", "server"],
    &["iscsi", "targetPortal"],
    &["iscsi", "portals"],
    &["cephfs", "monitors"],
    &["rbd", "monitors"],
    &["quobyte", "registry"],
    &["scaleIO", "gateway"],
    &["gitRepo", "repository"],
    &["csi", "volumeAttributes"],
    &["flexVolume", "options"],
];

/// The image of a container, or of the volume that is one.
pub(super) fn of_image(image: Node<'_>, field: &str, hosts: &mut Vec<DialedHost>) {
    let Some(text) = image.text() else { return };
    // Without a registry it is a path in that of the runtime.
    let Some((registry, _)) = text.split_once('/') else { return };
    if registry.contains(['.', ':']) {
        add(registry, field, image.span(), hosts);
    }
}

/// The servers of the volumes of a pod.
pub(super) fn of_volumes(spec: &Mapping<'_>, hosts: &mut Vec<DialedHost>) {
    let volumes = spec.get("volumes").and_then(Node::sequence).unwrap_or_default();
    for volume in volumes.into_iter().filter_map(Node::mapping) {
        for path in SERVERS {
            if let Some(node) = volume.path(path) {
                of_server(node, &path.join("."), hosts);
            }
        }
        if let Some(image) = volume.path(&["image", "reference"]) {
            of_image(image, "image.reference", hosts);
        }
        // It names an Endpoints object, which may hold any address.
        if let Some(name) = volume.path(&["glusterfs", "endpoints"]) {
            let host = Host::Name(name.text().unwrap_or_default().into_owned());
            hosts.push(found(host, "glusterfs.endpoints", name.span()));
        }
    }
}

/// A server, several of them, or the attributes that a driver reads, of which any may be one.
fn of_server(node: Node<'_>, field: &str, hosts: &mut Vec<DialedHost>) {
    if let Some(text) = node.text() {
        for part in text.split(',') {
            add(part, field, node.span(), hosts);
        }
    }
    for element in node.sequence().unwrap_or_default() {
        of_server(element, field, hosts);
    }
    if let Some(mapping) = node.mapping() {
        for entry in mapping.entries() {
            of_server(entry.value, &format!("{field}.{}", entry.key), hosts);
        }
    }
}

/// Adds the host that a text is or begins with, if it may be one of the cluster's.
fn add(text: &str, field: &str, span: Span, hosts: &mut Vec<DialedHost>) {
    let host = match Host::of(host_of(text.trim())) {
        Host::Address(address) => Host::Address(address.to_canonical()),
        name => name,
    };
    let counts = match &host {
        Host::Address(address) => !address.is_loopback(),
        Host::Name(name) => is_of_the_cluster(name) || is_an_odd_address(name),
    };
    if counts {
        hosts.push(found(host, field, span));
    }
}

fn found(host: Host, field: &str, span: Span) -> DialedHost {
    DialedHost { span, field: field.to_owned(), host, port: None, purpose: DialedFor::Contents }
}

/// The host of `host`, `host:port`, `[host]:port`, `host/path`, `//host/path` or `scheme://user@host/path`.
fn host_of(text: &str) -> &str {
    let text = text.split_once("//").map_or(text, |(_, behind)| behind);
    let text = text.split('/').next().unwrap_or_default();
    let text = text.rsplit_once('@').map_or(text, |(_, host)| host);
    if let Some((host, _)) = text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        return host;
    }
    // An IPv6 address has colons of its own.
    match text.split_once(':') {
        Some((host, port)) if !port.contains(':') => host,
        _ => text,
    }
}

/// Whether only the cluster's DNS knows a name: that of a Service or a pod, in whatever domain.
fn is_of_the_cluster(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let has = |label: &str| name.split('.').skip(1).any(|part| part == label);
    has("svc") || name.ends_with(".cluster.local")
}

/// Whether a name is an address to what resolves it, as `10.244.7` and `0xa.1` are to `inet_aton`. A number alone is mostly none.
fn is_an_odd_address(name: &str) -> bool {
    let is_number = |part: &str| match part.strip_prefix("0x").or(part.strip_prefix("0X")) {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()),
    };
    let last = name.trim_end_matches('.').rsplit_once('.');
    last.is_some_and(|(_, last)| is_number(last)) || name.len() > 8 && is_number(name) || name.contains('%')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_found_in_every_spelling() {
        for text in [
            "10.0.0.7",
            "10.0.0.7:3260",
            "10.0.0.7:/exports",
            "10.0.0.7/a/b",
            "//10.0.0.7/share",
            "https://10.0.0.7:8443/a.git",
            "ssh://git@10.0.0.7:22/a",
            "git@10.0.0.7:a/b",
        ] {
            assert_eq!(host_of(text), "10.0.0.7", "{text}");
        }
        for text in ["fd00::7", "[fd00::7]", "[fd00::7]:3260", "[fd00::7]:/exports", "http://[fd00::7]/"] {
            assert_eq!(host_of(text), "fd00::7", "{text}");
        }
    }

    #[test]
    fn names_outside_of_the_cluster_are_nobodys_concern() {
        for name in [
            "db.production.svc",
            "db.production.SVC.cluster.local.",
            "10-0-0-7.a.pod.cluster.local",
            "r.a.svc.corp",
        ] {
            assert!(is_of_the_cluster(name), "{name}");
        }
        for name in
            ["registry.example", "ghcr.io", "nfs", "svc", "svc.example", "cluster.local", "mysvc.example"]
        {
            assert!(!is_of_the_cluster(name), "{name}");
        }
    }

    #[test]
    fn what_only_some_take_for_an_address_is_one() {
        for name in ["10.244.7", "0xa.0xf4.7", "183762951", "010.0.0.7", "fe80::1%eth0"] {
            assert!(is_an_odd_address(name), "{name}");
        }
        for name in ["1", "4096", "", "ghcr.io", "r2.example", "v1.example"] {
            assert!(!is_an_odd_address(name), "{name}");
        }
    }
}
