//! Pods that forward connections for others, told by what they run (convention 8): a second list, which a test holds
//! against the engine's.

use crate::ends::Cluster;
use std::collections::BTreeSet;
use watertight_model::{Container, ContainerRole, NamespaceId, Pod, PodState, Snapshot};

/// The ends of the repositories of known proxies, with the flags that say which namespaces each watches.
const PROXIES: &[(&str, &str)] = &[
    ("ingress-nginx/controller", "--watch-namespace"),
    ("ingress-nginx/controller-chroot", "--watch-namespace"),
    ("nginx-ingress-controller", "--watch-namespace"),
    ("nginx/nginx-ingress", "-watch-namespace --watch-namespace"),
    ("nginx-ic/nginx-plus-ingress", "-watch-namespace --watch-namespace"),
    ("nginx-gateway-fabric", ""),
    ("nginx-gateway-fabric/nginx", ""),
    ("library/traefik", ""),
    ("traefik", ""),
    ("haproxytech/kubernetes-ingress", "--namespace-whitelist"),
    ("haproxy-ingress", "--watch-namespace"),
    ("kubernetes-ingress-controller", ""),
    ("kong", ""),
    ("kong-gateway", ""),
    ("projectcontour/contour", "--watch-namespaces"),
    ("envoyproxy/envoy", ""),
    ("envoyproxy/gateway", ""),
    ("envoyproxy/envoy-distroless", ""),
    ("emissaryingress/emissary", ""),
    ("datawire/aes", ""),
    ("apache/apisix", ""),
    ("zalando-incubator/skipper", ""),
    ("pathfinder/skipper", ""),
    ("origin-haproxy-router", ""),
    ("ose-haproxy-router", ""),
];

/// A proxy that also runs beside other containers, where it serves their pod alone.
const SIDECAR: &str = "istio/proxyv2";

/// Controllers that make proxies for Gateways.
const MAKERS: [&str; 5] = [
    "envoyproxy/gateway",
    "istio/pilot",
    "nginx-gateway-fabric",
    "projectcontour/contour",
    "gateway-operator",
];

/// The pods outside some namespaces that forward for one of them, or of others.
pub(crate) fn serving<'a>(
    cluster: &Cluster<'a>,
    hostile: &[NamespaceId],
    published: &[NamespaceId],
) -> Vec<&'a Pod> {
    let served = [hostile, published].concat();
    let pods = watching(cluster.snapshot, &served).map(|index| &cluster.snapshot.pods[index]);
    pods.filter(|pod| !hostile.contains(&pod.namespace)).collect()
}

/// The pods that forward for one of some namespaces, by their places in the snapshot.
pub(crate) fn watching(snapshot: &Snapshot, namespaces: &[NamespaceId]) -> impl Iterator<Item = usize> {
    let names: Vec<&str> = namespaces.iter().map(|&id| snapshot.namespace(id).name.as_str()).collect();
    let pods = snapshot.pods.iter().enumerate();
    let serves =
        move |pod: &Pod| flags(pod).iter().any(|(container, flags)| watches(container, flags, &names));
    pods.filter(move |(_, pod)| serves(pod)).map(|(index, _)| index)
}

/// Where a proxy may run that the input does not show, and whether that may also be a namespace that it does not hold;
/// nowhere, if there is nothing that a proxy would serve.
pub(crate) fn unseen_places(snapshot: &Snapshot, sides: &[NamespaceId]) -> (Vec<NamespaceId>, bool) {
    let serves_nothing = snapshot.ingresses.is_empty()
        && snapshot.ingress_classes.is_empty()
        && snapshot.gateways.is_empty()
        && snapshot.gateway_classes.is_empty()
        && snapshot.routes.is_empty();
    if serves_nothing {
        return (Vec::new(), false);
    }
    let neither = snapshot.namespace_ids().filter(|id| !sides.contains(id));
    if snapshot.pods.iter().all(|pod| flags(pod).is_empty()) {
        return (neither.collect(), true);
    }
    // What serves Ingresses is in the input. What a controller makes for a Gateway never is.
    let makes = |pod: &&Pod| {
        pod.containers.iter().any(|container| MAKERS.iter().any(|maker| is_called(&container.image, maker)))
    };
    let of_makers = snapshot.pods.iter().filter(makes).map(|pod| pod.namespace);
    let of_gateways = snapshot.gateways.iter().map(|gateway| gateway.namespace);
    let made: BTreeSet<NamespaceId> = of_makers.chain(of_gateways).collect();
    (neither.filter(|id| made.contains(id)).collect(), false)
}

/// The containers of a pod that are known proxies, each with its flags.
fn flags(pod: &Pod) -> Vec<(&Container, &'static str)> {
    let main = || pod.containers.iter().filter(|container| container.role == ContainerRole::Main);
    let alone = main().count() == 1;
    let flags = |image: &str| {
        let known = PROXIES.iter().find(|(name, _)| is_called(image, name)).map(|(_, flags)| *flags);
        known.or_else(|| (alone && is_called(image, SIDECAR)).then_some(""))
    };
    let lives = pod.state != PodState::Finished;
    main().filter(|_| lives).filter_map(|container| Some((container, flags(&container.image)?))).collect()
}

/// Whether a proxy watches one of these namespaces: all are watched where no flag says otherwise, or where what it says is
/// filled in when the container starts.
fn watches(container: &Container, flags: &str, names: &[&str]) -> bool {
    let mut watched = Vec::new();
    for (index, argument) in container.arguments.iter().enumerate() {
        let next = || container.arguments.get(index + 1).map_or("", String::as_str);
        let (flag, value) = match argument.split_once('=') {
            Some(pair) => pair,
            None => (argument.as_str(), next()),
        };
        if flags.split(' ').any(|known| known == flag && !known.is_empty()) {
            watched.push(value);
        }
    }
    let means = |value: &&str| {
        value.is_empty() || value.contains('$') || value.split(',').any(|name| names.contains(&name.trim()))
    };
    watched.is_empty() || watched.iter().any(means)
}

/// Whether the repository of an image ends in this name.
fn is_called(image: &str, name: &str) -> bool {
    let without_digest = image.split('@').next().unwrap_or_default();
    let repository = match without_digest.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => without_digest,
    };
    let mut ends = repository.strip_suffix(name).into_iter();
    ends.any(|before| before.is_empty() || before.ends_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_those_of_the_engine() {
        let own: BTreeSet<(&str, Vec<&str>, bool)> = PROXIES
            .iter()
            .map(|(image, flags)| (*image, flags.split_whitespace().collect(), false))
            .chain([(SIDECAR, Vec::new(), true)])
            .collect();
        let of_engine: BTreeSet<(&str, Vec<&str>, bool)> = watertight_network::proxy_images()
            .map(|(image, flags, sidecar)| (image, flags.to_vec(), sidecar))
            .collect();
        assert_eq!(own, of_engine);
        assert_eq!(MAKERS, watertight_network::proxy_makers());
    }

    #[test]
    fn a_flag_says_what_is_watched_each_time_that_it_is_given() {
        let watches = |arguments: &[&str]| {
            let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
            let (name, image) = ("c".to_owned(), "haproxy-ingress".to_owned());
            let container = Container { name, role: ContainerRole::Main, image, arguments };
            super::watches(&container, "--watch-namespace", &["staging"])
        };
        for all_or_own in [
            &[][..],
            &["--v=2"],
            &["--watch-namespace=staging"],
            &["--watch-namespace", "other, staging"],
            &["--watch-namespace="],
            &["--watch-namespace=$(NAMESPACE)"],
            &["--watch-namespace=other", "--watch-namespace=staging"],
        ] {
            assert!(watches(all_or_own), "{all_or_own:?}");
        }
        assert!(!watches(&["--watch-namespace=other"]) && !watches(&["--watch-namespace", "other"]));
    }

    #[test]
    fn an_image_is_known_by_the_end_of_its_repository() {
        for image in ["traefik", "docker.io/library/traefik:v3.2", "r.example:5000/mirror/traefik@sha256:a"] {
            assert!(is_called(image, "traefik"), "{image}");
        }
        for image in ["not-traefik:v3", "traefik/whoami:v1", "r.example:5000/whoami"] {
            assert!(!is_called(image, "traefik"), "{image}");
        }
    }
}
