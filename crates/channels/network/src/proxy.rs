//! Pods that forward connections as objects of other namespaces tell them to: ingress controllers and gateways, known by
//! what they run (convention 8).

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;
use watertight_model::{Admission, Container, ContainerRole, NamespaceId, Pod, PodState, Snapshot};

/// A proxy that is known, as data.
struct Known {
    /// How its images are called: the end of the repository.
    images: &'static [&'static str],
    /// The flags that say which namespaces it watches. Without any of them it watches all.
    namespaces: &'static [&'static str],
    /// Whether it also runs beside other containers of a pod, where it serves that pod alone.
    as_sidecar: bool,
}

const fn proxy(images: &'static [&'static str], namespaces: &'static [&'static str]) -> Known {
    Known { images, namespaces, as_sidecar: false }
}

/// Controllers that make proxies when a Gateway is there, so that the proxies are in no manifest.
const PROVISIONERS: &[&str] = &[
    "envoyproxy/gateway",
    "istio/pilot",
    "nginx-gateway-fabric",
    "projectcontour/contour",
    "gateway-operator",
];

/// Proxies that serve Ingresses, and nothing of the Gateway API.
const OF_INGRESSES: &[&str] = &[
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

/// Proxies that serve Gateways, and no Ingresses.
///
/// Source: <https://docs.nginx.com/nginx-gateway-fabric/overview/gateway-api-compatibility/>.
const OF_GATEWAYS: &[&str] = &["nginx-gateway-fabric", "nginx-gateway-fabric/nginx"];

/// The flags by which a proxy leaves out objects or namespaces in a way that is not followed, or that name a file with more of
/// them: what it surely serves is not known then. Sources: as those of the classes.
const NARROWING: &[&str] = &[
    "--watch-namespace-selector",
    "-watch-namespace-label",
    "--watch-namespace-label",
    "--namespace-blacklist",
    "--providers.kubernetesingress.namespaces",
    "--providers.kubernetesingress.labelselector",
    "--providers.kubernetesgateway.namespaces",
    "--providers.kubernetesgateway.labelselector",
    "--configfile",
    "--contour-config-name",
    "-config-file",
    "--config-file",
    "-kubernetes-namespace",
    "--kubernetes-namespace",
];

/// The flag of which each value counts that is given.
///
/// Source: <https://github.com/haproxytech/kubernetes-ingress/blob/master/documentation/controller.md>.
const ADDING_UP: &str = "--namespace-whitelist";

/// Sources: the manifests and the documentation of each project.
const KNOWN: &[Known] = &[
    proxy(
        &["ingress-nginx/controller", "ingress-nginx/controller-chroot", "nginx-ingress-controller"],
        &["--watch-namespace"],
    ),
    proxy(
        &["nginx/nginx-ingress", "nginx-ic/nginx-plus-ingress"],
        &["-watch-namespace", "--watch-namespace"],
    ),
    proxy(&["nginx-gateway-fabric", "nginx-gateway-fabric/nginx"], &[]),
    proxy(&["library/traefik", "traefik"], &[]),
    proxy(&["haproxytech/kubernetes-ingress"], &[ADDING_UP]),
    proxy(&["haproxy-ingress"], &["--watch-namespace"]),
    proxy(&["kubernetes-ingress-controller", "kong", "kong-gateway"], &[]),
    proxy(&["projectcontour/contour"], &["--watch-namespaces"]),
    proxy(&["envoyproxy/envoy", "envoyproxy/gateway", "envoyproxy/envoy-distroless"], &[]),
    proxy(&["emissaryingress/emissary", "datawire/aes"], &[]),
    proxy(&["apache/apisix"], &[]),
    proxy(&["zalando-incubator/skipper", "pathfinder/skipper"], &[]),
    proxy(&["origin-haproxy-router", "ose-haproxy-router"], &[]),
    Known { images: &["istio/proxyv2"], namespaces: &[], as_sidecar: true },
];

/// The images by which proxies are known: the end of the repository, the flags that say which namespaces it watches, and
/// whether it also runs as a sidecar.
pub(crate) fn images() -> impl Iterator<Item = (&'static str, &'static [&'static str], bool)> {
    KNOWN
        .iter()
        .flat_map(|known| known.images.iter().map(|&image| (image, known.namespaces, known.as_sidecar)))
}

/// The flags of proxies that leave out what they say.
pub(crate) fn narrowing_flags() -> &'static [&'static str] {
    NARROWING
}

/// The images of the controllers that make proxies.
pub(crate) fn makers() -> &'static [&'static str] {
    PROVISIONERS
}

/// The images of proxies that serve no Gateways.
pub(crate) fn of_ingresses() -> &'static [&'static str] {
    OF_INGRESSES
}

/// The images of proxies that serve no Ingresses.
pub(crate) fn of_gateways() -> &'static [&'static str] {
    OF_GATEWAYS
}

/// The pods of today that forward for a namespace, as indices into the snapshot: those that are known as proxies and watch
/// it, or one that the `from` side writes to, outside the namespaces of `from`, whose pods need no proxy to be hostile.
pub(crate) fn serving(snapshot: &Snapshot, from: &[NamespaceId], published: &[NamespaceId]) -> Vec<usize> {
    let hostile: BTreeSet<NamespaceId> = from.iter().copied().collect();
    let serving = watching(snapshot, &[from, published].concat()).into_iter();
    serving.filter(|&index| !hostile.contains(&snapshot.pods[index].namespace)).collect()
}

/// The pods of today that are known as proxies and watch one of these namespaces.
pub(crate) fn watching(snapshot: &Snapshot, namespaces: &[NamespaceId]) -> Vec<usize> {
    let names: Vec<&str> = namespaces.iter().map(|&id| snapshot.namespace(id).name.as_str()).collect();
    let pods = snapshot.pods.iter().enumerate();
    pods.filter(|(_, pod)| watches(pod, &names)).map(|(index, _)| index).collect()
}

/// Those of them that may serve Ingresses.
pub(crate) fn watching_ingresses(snapshot: &Snapshot, namespaces: &[NamespaceId]) -> Vec<usize> {
    let watching = watching(snapshot, namespaces).into_iter();
    watching.filter(|&index| may_serve_ingresses(&snapshot.pods[index])).collect()
}

/// The namespaces of controllers that make proxies for Gateways: most put them beside themselves.
pub(crate) fn of_makers(snapshot: &Snapshot) -> impl Iterator<Item = NamespaceId> {
    let makes = |container: &Container| is_one_of(container, PROVISIONERS);
    let controllers = snapshot.pods.iter().filter(move |pod| pod.containers.iter().any(makes));
    controllers.map(|pod| pod.namespace)
}

fn may_serve_ingresses(pod: &Pod) -> bool {
    proxies(pod).any(|(container, _)| serves_ingresses(container))
}

/// The containers that are known as proxies, of pods that are there to stay and watch a namespace, if one is given.
pub(crate) fn staying(
    snapshot: &Snapshot,
    namespace: Option<NamespaceId>,
) -> impl Iterator<Item = &Container> {
    let names: Vec<&str> = namespace.iter().map(|&id| snapshot.namespace(id).name.as_str()).collect();
    let pods = snapshot.pods.iter().filter(|pod| stays(snapshot, pod));
    let containers = pods.flat_map(proxies).filter(|(container, _)| is_told_whole(container));
    let serving = containers
        .filter(move |(container, known)| names.is_empty() || is_surely_watched(container, known, &names));
    serving.map(|(container, _)| container)
}

/// Whether one of these namespaces is watched for certain. Of a flag that is given twice, most proxies take the last, and some the
/// first.
fn is_surely_watched(container: &Container, known: &Known, namespaces: &[&str]) -> bool {
    let watched = said(container, known.namespaces);
    let names = |text: &&str| text.split(',').any(|name| namespaces.contains(&name.trim()));
    let adds_up = known.namespaces == [ADDING_UP] && watched.iter().any(names);
    adds_up || watched.iter().all(|text| text.is_empty() || names(text))
}

/// Whether all that tells a proxy what to serve stands in its arguments, and is followed.
fn is_told_whole(container: &Container) -> bool {
    let is_filled_in = |argument: &String| argument.split('=').next().is_some_and(|flag| flag.contains('$'));
    !runs_a_script(container)
        && !container.arguments.iter().any(is_filled_in)
        && said(container, NARROWING).is_empty()
}

/// Whether one of these flags is given, or one below it (`--a.b` of `--a`), and none turned off. Their letters may be large or small.
pub(crate) fn is_given(container: &Container, flags: &[&str]) -> bool {
    let mut is_given = false;
    for argument in &container.arguments {
        let argument = argument.to_ascii_lowercase();
        let (name, value) = argument.split_once('=').unwrap_or((&argument, ""));
        let rest = flags.iter().find_map(|flag| name.strip_prefix(flag));
        match rest {
            Some("") if matches!(value, "0" | "f" | "false") => return false,
            Some(rest) => is_given |= rest.is_empty() || rest.starts_with('.'),
            None => {}
        }
    }
    is_given
}

/// Whether a pod is there to stay, and its namespace.
fn stays(snapshot: &Snapshot, pod: &Pod) -> bool {
    !pod.is_passing && snapshot.namespace(pod.namespace).admission == Admission::Accepted
}

/// Whether a container that is known as a proxy may serve Ingresses.
pub(crate) fn serves_ingresses(container: &Container) -> bool {
    !is_one_of(container, OF_GATEWAYS)
}

/// Whether it may serve Gateways.
pub(crate) fn serves_gateways(container: &Container) -> bool {
    !is_one_of(container, OF_INGRESSES)
}

/// Whether it runs one of these images, each the end of a repository.
pub(crate) fn is_one_of(container: &Container, images: &[&str]) -> bool {
    let repository = repository(&container.image);
    images.iter().any(|image| ends_with(repository, image))
}

/// What a repository is known as, the first of those that are.
fn known_as(repository: &str) -> Option<&'static Known> {
    /// By the last of their names, since there are many pods and few proxies.
    static BY_NAME: LazyLock<HashMap<&str, Vec<(&str, &Known)>>> = LazyLock::new(|| {
        let mut by_name: HashMap<&str, Vec<(&str, &Known)>> = HashMap::new();
        for known in KNOWN {
            for &image in known.images {
                by_name.entry(last_name(image)).or_default().push((image, known));
            }
        }
        by_name
    });
    let mut called = BY_NAME.get(last_name(repository))?.iter();
    called.find(|(image, _)| ends_with(repository, image)).map(|&(_, known)| known)
}

/// `controller` of `ingress-nginx/controller`.
fn last_name(image: &str) -> &str {
    image.rsplit('/').next().unwrap_or(image)
}

/// The containers of a pod that are known as proxies, each with what it is known as. A pod that has ended serves nobody.
fn proxies(pod: &Pod) -> impl Iterator<Item = (&Container, &'static Known)> {
    let main = pod.containers.iter().filter(|container| container.role == ContainerRole::Main);
    let alone = main.clone().count() == 1;
    let lives = pod.state != PodState::Finished;
    main.filter(move |_| lives).filter_map(move |container| {
        let known = known_as(repository(&container.image))?;
        (alone || !known.as_sidecar).then_some((container, known))
    })
}

fn watches(pod: &Pod, namespaces: &[&str]) -> bool {
    proxies(pod).any(|(container, known)| is_watched(container, known, namespaces))
}

fn is_watched(container: &Container, known: &Known, namespaces: &[&str]) -> bool {
    if runs_a_script(container) {
        return true;
    }
    let watched = said(container, known.namespaces);
    let names = |text: &str| text.split(',').any(|name| namespaces.contains(&name.trim()));
    // A flag that is given twice may mean either.
    watched.is_empty() || watched.iter().any(|text| is_filled_in_later(text) || names(text))
}

/// Whether a shell is started with a script: which of the other arguments the proxy gets is not known.
pub(crate) fn runs_a_script(container: &Container) -> bool {
    let mut shells = container.arguments.iter().zip(container.arguments.iter().skip(1));
    shells.any(|(shell, option)| shell.ends_with("sh") && option.starts_with('-') && option.ends_with('c'))
}

/// What the flags say, as `--flag=VALUE` or `--flag VALUE`, each time that one is given. Traefik takes large letters for small ones,
/// and no other has two flags that differ by that.
pub(crate) fn said<'c>(container: &'c Container, flags: &[&str]) -> Vec<&'c str> {
    let arguments = &container.arguments;
    let said = arguments.iter().enumerate().filter_map(|(index, argument)| {
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) => (name, value),
            None => (argument.as_str(), arguments.get(index + 1).map_or("", String::as_str)),
        };
        flags.iter().any(|flag| flag.eq_ignore_ascii_case(name)).then_some(value)
    });
    said.collect()
}

/// Whether one of these switches is given, and wherever it is, turned on.
pub(crate) fn is_on(container: &Container, switches: &[&str]) -> bool {
    let given = container.arguments.iter().filter_map(|argument| {
        let (name, value) = argument.split_once('=').unwrap_or((argument, "true"));
        switches.contains(&name).then_some(value == "true")
    });
    given.reduce(|before, on| before && on).unwrap_or(false)
}

/// Whether a flag says nothing, which is everything, or something that is known when the container starts.
fn is_filled_in_later(text: &str) -> bool {
    text.is_empty() || text.contains('$')
}

/// An image without its tag and digest: `registry.k8s.io/ingress-nginx/controller` of
/// `registry.k8s.io/ingress-nginx/controller:v1.12@sha256:…`.
fn repository(image: &str) -> &str {
    let image = image.split_once('@').map_or(image, |(image, _)| image);
    match image.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => image,
    }
}

/// Whether a repository ends with whole names, such as `ingress-nginx/controller`.
fn ends_with(repository: &str, names: &str) -> bool {
    repository.strip_suffix(names).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(image: &str, arguments: &[&str]) -> Container {
        Container {
            name: "c".into(),
            role: ContainerRole::Main,
            image: image.into(),
            arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
        }
    }

    #[test]
    fn an_image_is_known_by_the_end_of_its_repository() {
        for image in [
            "traefik",
            "traefik:v3.2",
            "docker.io/library/traefik:v3.2",
            "registry.example:5000/mirror/traefik@sha256:abc",
        ] {
            assert!(ends_with(repository(image), "traefik"), "{image}");
        }
        for image in ["not-traefik:v3", "traefik/whoami:v1", "registry.example:5000/whoami"] {
            assert!(!ends_with(repository(image), "traefik"), "{image}");
        }
    }

    #[test]
    fn a_flag_says_what_is_watched_each_time_that_it_is_given() {
        let flags = &["--watch-namespace"];
        let said = |arguments: &[&str]| {
            let container = container("x", arguments);
            super::said(&container, flags).into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(said(&["--v=2", "--watch-namespace=production"]), ["production"]);
        assert_eq!(said(&["--watch-namespace", "production"]), ["production"]);
        assert_eq!(
            said(&["--watch-namespace=production", "--watch-namespace=staging"]),
            ["production", "staging"]
        );
        assert_eq!(said(&["--v=2"]), [""; 0]);
        for later in ["", "$(POD_NAMESPACE)"] {
            assert!(is_filled_in_later(later), "{later}");
        }
    }
}
