//! Pods that forward connections for others, told by what they run (convention 8): a second list, which a test holds
//! against the engine's.

use crate::classes;
use crate::ends::Cluster;
use std::collections::BTreeSet;
use watertight_base::Operator;
use watertight_model::{
    Admission, Container, ContainerRole, Gateway, Namespace, NamespaceId, Pod, PodState, RouteNamespaces,
    Snapshot,
};

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

/// The flags that leave out objects or namespaces, or name a file that may.
const NARROWING: &str = "--watch-namespace-selector -watch-namespace-label --watch-namespace-label \
--namespace-blacklist --providers.kubernetesingress.namespaces --providers.kubernetesingress.labelselector \
--providers.kubernetesgateway.namespaces --providers.kubernetesgateway.labelselector --configfile \
--contour-config-name -config-file --config-file -kubernetes-namespace --kubernetes-namespace";

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

/// Proxies that serve no Gateways.
const OF_INGRESSES: [&str; 9] = [
    "ingress-nginx/controller",
    "ingress-nginx/controller-chroot",
    "nginx-ingress-controller",
    "nginx/nginx-ingress",
    "nginx-ic/nginx-plus-ingress",
    "zalando-incubator/skipper",
    "pathfinder/skipper",
    "origin-haproxy-router",
    "ose-haproxy-router",
];

/// Proxies that serve no Ingresses.
const OF_GATEWAYS: [&str; 2] = ["nginx-gateway-fabric", "nginx-gateway-fabric/nginx"];

/// Controllers whose proxies in the namespace of a Gateway serve the Gateways there alone.
const OF_ONE_NAMESPACE: [&str; 2] =
    ["gateway.envoyproxy.io/gatewayclass-controller", "gateway.nginx.org/nginx-gateway-controller"];

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

/// Those of them that may serve Ingresses.
pub(crate) fn watching_ingresses(
    snapshot: &Snapshot,
    namespaces: &[NamespaceId],
) -> impl Iterator<Item = usize> {
    let serves = |index: &usize| flags(&snapshot.pods[*index]).iter().any(|(it, _)| serves_ingresses(it));
    watching(snapshot, namespaces).filter(serves)
}

/// Whether a known proxy may serve Ingresses.
pub(crate) fn serves_ingresses(container: &Container) -> bool {
    !OF_GATEWAYS.iter().any(|image| is_called(&container.image, image))
}

/// Whether it may serve Gateways.
pub(crate) fn serves_gateways(container: &Container) -> bool {
    !OF_INGRESSES.iter().any(|image| is_called(&container.image, image))
}

/// Where a proxy may run that the input does not show, and whether that may also be a namespace that it does not hold;
/// nowhere, if there is nothing that a proxy would serve. `published` are namespaces in which the hostile side writes.
pub(crate) fn unseen_places(
    snapshot: &Snapshot,
    published: &[NamespaceId],
    from: &[NamespaceId],
    to: &[NamespaceId],
) -> (Vec<NamespaceId>, bool) {
    let ingresses = !snapshot.ingresses.is_empty() || !snapshot.ingress_classes.is_empty();
    let gateways =
        !snapshot.gateways.is_empty() || !snapshot.gateway_classes.is_empty() || !snapshot.routes.is_empty();
    let anywhere = !classes::serve_all(snapshot);
    // What a controller makes for a Gateway is never in the input, whichever side the Gateway is on.
    let makes = |pod: &&Pod| {
        pod.containers.iter().any(|container| MAKERS.iter().any(|maker| is_called(&container.image, maker)))
    };
    let mut made: BTreeSet<NamespaceId> = BTreeSet::new();
    if ingresses || gateways {
        made.extend(snapshot.pods.iter().filter(makes).map(|pod| pod.namespace));
    }
    let safe = [to, published];
    for gateway in &snapshot.gateways {
        if !is_its_own(snapshot, gateway, safe) {
            made.insert(gateway.namespace);
        }
    }
    for parent in snapshot.routes.iter().flat_map(|route| &route.parents) {
        let is_there = snapshot.gateways.iter().any(|gateway| {
            gateway.admission == Admission::Accepted
                && gateway.origin.object.name == parent.name
                && snapshot.namespace(gateway.namespace).name == parent.namespace
        });
        if parent.kind.is_gateway() && !is_there {
            made.extend(snapshot.namespace_named(&parent.namespace));
        }
    }
    let places = snapshot.namespace_ids().filter(|id| {
        let is_neither = !to.contains(id);
        !from.contains(id) && (made.contains(id) || (anywhere && is_neither))
    });
    (places.collect(), anywhere)
}

/// Whether what is made for a Gateway in its namespace serves the `to` side and that namespace alone, and nobody hostile writes
/// there: by its only class, by what its listeners admit, and since nobody may add any.
fn is_its_own(snapshot: &Snapshot, gateway: &Gateway, [to, published]: [&[NamespaceId]; 2]) -> bool {
    let classes = snapshot.gateway_classes.iter();
    let classes: Vec<_> = classes.filter(|class| class.origin.object.name == gateway.class.text).collect();
    let [class] = classes.as_slice() else { return false };
    if [class.admission, gateway.admission] != [Admission::Accepted; 2]
        || !OF_ONE_NAMESPACE.contains(&class.controller.as_str())
        || gateway.is_default
        || gateway.listener_sets != RouteNamespaces::None
    {
        return false;
    }
    let own = gateway.namespace;
    let is_safe = |id: NamespaceId| (id == own || to.contains(&id)) && !published.contains(&id);
    for listener in &gateway.listeners {
        let closed = match &listener.routes.namespaces {
            RouteNamespaces::None => true,
            RouteNamespaces::All => false,
            RouteNamespaces::Same => is_safe(own),
            // Only the name of a namespace is a label that nobody changes.
            RouteNamespaces::Selected(selector) => selector.requirements.iter().any(|requirement| {
                requirement.key == Namespace::NAME_LABEL
                    && requirement.operator == Operator::In
                    && requirement
                        .values
                        .iter()
                        .all(|name| snapshot.namespace_named(name).is_some_and(is_safe))
            }),
        };
        if !closed {
            return false;
        }
    }
    true
}

/// The containers of a pod that are known proxies, each with its flags.
pub(crate) fn flags(pod: &Pod) -> Vec<(&Container, &'static str)> {
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
pub(crate) fn watches(container: &Container, flags: &str, names: &[&str]) -> bool {
    let watched = said(container, flags);
    let means = |value: &&str| {
        value.is_empty() || value.contains('$') || value.split(',').any(|name| names.contains(&name.trim()))
    };
    runs_a_script(container) || watched.is_empty() || watched.iter().any(means)
}

/// Whether a proxy watches a namespace for certain, as far as its flags say: whatever it says, it says this.
pub(crate) fn surely_watches(container: &Container, flags: &str, name: &str) -> bool {
    let names_it = |value: &&str| value.is_empty() || value.split(',').any(|it| it.trim() == name);
    let mut values = said(container, flags).into_iter();
    match flags {
        // Of HAProxy's own, each value counts.
        "--namespace-whitelist" if values.len() > 0 => values.any(|value| names_it(&value)),
        _ => values.all(|value| names_it(&value)),
    }
}

/// Whether nothing but the arguments that are written says what a proxy serves: no script, no argument that is filled in, and no
/// flag that leaves out what is not followed here.
pub(crate) fn is_told_whole(container: &Container) -> bool {
    let mut flags = container.arguments.iter().map(|argument| argument.split('=').next().unwrap_or_default());
    !runs_a_script(container)
        && said(container, NARROWING).is_empty()
        && flags.all(|flag| !flag.contains('$'))
}

/// Whether a shell runs a script, which may pass on any of the other arguments, or none.
pub(crate) fn runs_a_script(container: &Container) -> bool {
    let is_shell =
        |pair: &[String]| pair[0].ends_with("sh") && pair[1].starts_with('-') && pair[1].ends_with('c');
    container.arguments.windows(2).any(is_shell)
}

/// The values of some flags, apart by spaces, each time that one is given.
pub(crate) fn said<'c>(container: &'c Container, flags: &str) -> Vec<&'c str> {
    let mut said = Vec::new();
    for (index, argument) in container.arguments.iter().enumerate() {
        let next = || container.arguments.get(index + 1).map_or("", String::as_str);
        let (flag, value) = match argument.split_once('=') {
            Some(pair) => pair,
            None => (argument.as_str(), next()),
        };
        if flags.split_whitespace().any(|known| known.eq_ignore_ascii_case(flag)) {
            said.push(value);
        }
    }
    said
}

/// Whether the repository of an image ends in this name.
pub(crate) fn is_called(image: &str, name: &str) -> bool {
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
    use crate::profile::Profile;
    use watertight_base::Source;
    use watertight_ingest::{Options, read};

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
        let narrowing: Vec<&str> = NARROWING.split_whitespace().collect();
        assert_eq!(narrowing, watertight_network::narrowing_flags());
        assert_eq!(OF_INGRESSES, watertight_network::proxies_of_ingresses());
        assert_eq!(OF_GATEWAYS, watertight_network::proxies_of_gateways());
        assert_eq!(OF_ONE_NAMESPACE, watertight_network::gateway_controllers_of_one_namespace());
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

    /// A proxy of a third namespace that watches another one.
    const WATCHING: &str = "
apiVersion: v1
kind: Pod
metadata: {name: proxy, namespace: ingress}
spec: {containers: [{name: c, image: haproxy-ingress, args: ['--watch-namespace=production,shared']}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: staging}
---
apiVersion: v1
kind: Namespace
metadata: {name: shared}
";

    #[test]
    fn a_proxy_serves_who_writes_what_it_watches() {
        let source = Source { name: "a.yaml".to_owned(), bytes: WATCHING.as_bytes().to_vec() };
        let snapshot = read(&[source], &Options::default()).snapshot;
        let profile = Profile::of("conservative").unwrap();
        let cluster = Cluster::new(&snapshot, &profile);
        let id = |name: &str| snapshot.namespace_named(name).unwrap();
        let (staging, shared, ingress) = (id("staging"), id("shared"), id("ingress"));
        let count =
            |hostile: &[NamespaceId], published: &[NamespaceId]| serving(&cluster, hostile, published).len();
        assert_eq!(count(&[staging], &[]), 0);
        assert_eq!(count(&[staging], &[shared]), 1);
        assert_eq!(count(&[staging, shared], &[]), 1);
        // Where the proxy itself is hostile, it is no way of its own.
        assert_eq!(count(&[staging, ingress], &[shared]), 0);
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
