//! The resources that definitions bring and that roles name, as kinds: which of them no channel knows, and what their objects
//! could touch (convention 5).

use crate::kinds::{self, Class, EVALUATED, Evaluated, EvaluatedKind, HARMLESS, MATTERS, Row};
use watertight_model::Channel;

/// A kind whose objects would be blind spots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unevaluated {
    /// Its name; its resource if that is all that is known, and `*.GROUP` for all of a group.
    pub(crate) kind: String,
    /// Why its objects matter; `None` if nothing is known of them.
    pub(crate) how: Option<&'static str>,
    /// From which channels they hide something.
    pub(crate) hides: &'static [Channel],
}

/// API groups of Kubernetes itself that have a dot, as those of definitions have. Of what they hold, only ResourceClaims lead
/// anywhere that no channel sees, and those alone where there are classes of devices.
const OF_KUBERNETES: &[&str] = &[
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "internal.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
    "storagemigration.k8s.io",
];

/// Every group, or every resource.
pub(crate) const ALL: &str = "*";

/// What objects of a kind would hide that a definition brings, in one of its versions.
pub(crate) fn of_definition(group: &str, version: &str, kind: &str) -> Option<Unevaluated> {
    let how = match kinds::classify(&format!("{group}/{version}"), kind) {
        Class::Evaluated(row) if is_followed(row) => return None,
        Class::Evaluated(_) => MATTERS.iter().find(|row| row.0 == group).map(|row| row.2),
        Class::Matters(how) => Some(how),
        Class::Unknown => None,
        Class::WrongVersion(_) | Class::Harmless | Class::Kustomization => return None,
    };
    Some(Unevaluated { kind: kind.to_owned(), how, hides: kinds::hides(group) })
}

/// The same of a resource that a role names, in a group or, by `*`, in any; or of all of a group.
pub(crate) fn of_resource(group: &str, resource: &str) -> Option<Unevaluated> {
    let is_in_any = group == ALL;
    let is_of_kubernetes = !group.contains('.') || OF_KUBERNETES.contains(&group);
    if is_in_any && resource == ALL || !is_in_any && is_of_kubernetes {
        return None;
    }
    let is_of = |row: &&Row| is_in_any || row.0 == group;
    let is_it = |kind: &str| plural(kind) == resource;
    let is_all = |row: &Row| !is_in_any && row.1 == ALL;
    if HARMLESS.iter().filter(is_of).any(|row| is_all(row) || is_it(row.1)) {
        return None;
    }
    let stands =
        |row: &Evaluated| row.api_versions.iter().any(|version| is_in_any || kinds::group(version) == group);
    let evaluated = EVALUATED.iter().find(|row| stands(row) && is_it(row.name));
    if evaluated.is_some_and(is_followed) {
        return None;
    }
    let known = MATTERS.iter().filter(is_of);
    let known = known
        .filter(|row| is_it(row.1) || is_all(row) || !is_in_any && resource == ALL)
        .min_by_key(|row| !is_it(row.1));
    let named = evaluated.map(|row| row.name).or_else(|| known.map(|row| row.1).filter(|kind| is_it(kind)));
    let kind = match named {
        Some(kind) => kind.to_owned(),
        None if resource == ALL => format!("*.{group}"),
        None => resource.to_owned(),
    };
    Some(Unevaluated { kind, how: known.map(|row| row.2), hides: kinds::hides(group) })
}

/// Whether a channel follows what objects of an evaluated kind do that are made. Each network that is made is a blind spot.
fn is_followed(row: &Evaluated) -> bool {
    row.kind != EvaluatedKind::NetworkAttachment
}

/// The resource of a kind, as definitions mostly name it.
fn plural(kind: &str) -> String {
    let lower = kind.to_lowercase();
    let ends = |ends: &[&str]| ends.iter().any(|end| lower.ends_with(end));
    match kind {
        "NetworkAttachmentDefinition" => "network-attachment-definitions".to_owned(),
        "Endpoints" => lower,
        _ if ends(&["ay", "ey", "oy", "uy"]) => lower + "s",
        _ if ends(&["y"]) => format!("{}ies", &lower[..lower.len() - 1]),
        _ if ends(&["s", "x", "z", "ch", "sh"]) => lower + "es",
        _ => lower + "s",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(group: &str, resource: &str) -> Option<String> {
        of_resource(group, resource).map(|kind| kind.kind)
    }

    #[test]
    fn what_is_evaluated_or_harmless_is_none() {
        for (group, resource) in [
            ("", "pods"),
            ("apps", "*"),
            ("extensions", "ingresses"),
            ("networking.k8s.io", "*"),
            ("networking.k8s.io", "ingresses"),
            ("resource.k8s.io", "resourceclaims"),
            ("gateway.networking.k8s.io", "httproutes"),
            ("gateway.networking.k8s.io", "gateways"),
            ("policy.networking.k8s.io", "clusternetworkpolicies"),
            ("cert-manager.io", "*"),
            ("cert-manager.io", "certificates"),
            ("monitoring.coreos.com", "servicemonitors"),
            ("*", "deployments"),
            ("*", "ingressclasses"),
            ("*", "*"),
        ] {
            assert_eq!(kind(group, resource), None, "{resource}.{group}");
        }
    }

    #[test]
    fn what_no_channel_knows_is_named() {
        for (group, resource, name) in [
            ("k8s.cni.cncf.io", "network-attachment-definitions", "NetworkAttachmentDefinition"),
            ("helm.toolkit.fluxcd.io", "helmreleases", "helmreleases"),
            ("argoproj.io", "*", "*.argoproj.io"),
            ("apps.openshift.io", "deploymentconfigs", "DeploymentConfig"),
            ("monitoring.coreos.com", "prometheuses", "Prometheus"),
            ("monitoring.coreos.com", "*", "*.monitoring.coreos.com"),
            ("ops.example", "backups", "backups"),
            ("gateway.networking.k8s.io", "*", "*.gateway.networking.k8s.io"),
            ("*", "backups", "backups"),
            ("*", "network-attachment-definitions", "NetworkAttachmentDefinition"),
        ] {
            assert_eq!(kind(group, resource).as_deref(), Some(name), "{resource}.{group}");
        }
        let why = of_resource("monitoring.coreos.com", "prometheuses").and_then(|kind| kind.how);
        assert_eq!(why, Some("its operator makes pods"));
        assert_eq!(
            of_resource("cilium.io", "ciliumendpoints").map(|kind| kind.hides),
            Some(&[Channel::Network][..])
        );
        assert_eq!(of_resource("ops.example", "backups").map(|kind| kind.how), Some(None));
    }

    #[test]
    fn definitions_bring_kinds_by_their_versions() {
        let of = |group, version, kind| of_definition(group, version, kind).map(|kind| kind.how.is_some());
        assert_eq!(of("k8s.cni.cncf.io", "v1", "NetworkAttachmentDefinition"), Some(true));
        assert_eq!(of("argoproj.io", "v1alpha1", "Application"), Some(true));
        assert_eq!(of("ops.example", "v1", "Backup"), Some(false));
        assert_eq!(of("gateway.networking.k8s.io", "v1", "HTTPRoute"), None);
        assert_eq!(of("cert-manager.io", "v1", "Certificate"), None);
    }
}
