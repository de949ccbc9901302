//! An ingress-nginx that serves both sides (`rules/open-ingress-nginx.md`).

use super::Sides;
use watertight_base::Sealed;
use watertight_model::{Container, ContainerRole, Pod};

/// Its images.
const IMAGES: [&str; 3] =
    ["ingress-nginx/controller", "ingress-nginx/controller-chroot", "nginx-ingress-controller"];

/// From these versions on, each in its minor, no fault is known.
const MENDED: [Version; 3] = [(1, 13, 9), (1, 14, 5), (1, 15, 1)];

/// Major, minor and patch.
type Version = (u32, u32, u32);

pub(super) fn reason(sides: &Sides<'_>) -> Option<String> {
    for (pod, version) in controllers(sides) {
        let Some(version) = version else { continue };
        let object = &pod.origin.object;
        if is_older(version, &[(1, 11, 5), (1, 12, 1)]) {
            return Some(format!(
                "{object} serves both sides, and runs what anybody sends it (CVE-2025-1974)"
            ));
        }
        let has_faults = is_older(version, &MENDED);
        if !has_faults && !takes_snippets(sides, pod, version) {
            continue;
        }
        let is_prefixed = |argument: &String| argument.starts_with("--annotations-prefix");
        let mut arguments = pod.containers.iter().flat_map(|container| &container.arguments);
        let by_any = has_faults || arguments.any(is_prefixed);
        let brings = |namespace: &str| match by_any {
            true => sides.may_annotate(namespace, &[]),
            false => sides.may_bring_snippets(namespace),
        };
        if let Some(namespace) = sides.may_somewhere("change-ingresses", brings) {
            return Some(format!(
                "{object} serves both sides, and runs what whoever may write Ingresses in `{namespace}` says"
            ));
        }
    }
    None
}

/// Whether all proxies that serve both sides go by what rules say of hosts: mended ones of this sort, alone in their pods.
pub(super) fn goes_by_rules_alone(sides: &Sides<'_>) -> bool {
    sides.shared_proxies().into_iter().all(is_mended_nginx)
}

/// Whether a pod runs a version of which no faults are known, with the flags that are written, and nothing beside it.
pub(crate) fn is_mended_nginx(pod: &Pod) -> bool {
    let mut running = pod.containers.iter().filter(|container| container.role != ContainerRole::Init);
    let (Some(container), None) = (running.next(), running.next()) else { return false };
    IMAGES.iter().any(|name| is_called(&container.image, name))
        && version(&container.image).is_some_and(|version| !is_older(version, &MENDED))
        && is_started_plainly(container)
}

/// Whether the controller itself is started, and each of its flags stands there: a script may pass on any, and `$(NAME)` may be
/// one.
fn is_started_plainly(container: &Container) -> bool {
    let mut takes_value = false;
    for argument in &container.arguments {
        let flag = argument.split('=').next().unwrap_or_default();
        let is_program = ["/nginx-ingress-controller", "/usr/bin/dumb-init"].contains(&flag);
        let is_flag = flag.starts_with('-');
        if flag.contains('$') || !(is_flag || takes_value || is_program) {
            return false;
        }
        takes_value = is_flag && flag == argument && flag != "--";
    }
    true
}

/// Whether one serves both sides of which the image does not say the version: that it is mended is an assumption.
pub(crate) fn is_unversioned(sides: &Sides<'_>) -> bool {
    controllers(sides).iter().any(|(_, version)| version.is_none())
}

/// Those that serve both sides.
fn controllers<'a>(sides: &Sides<'a>) -> Vec<(&'a Pod, Option<Version>)> {
    let controller = |pod: &'a Pod| {
        let mut images = pod.containers.iter().map(|container| container.image.as_str());
        // What runs it is the first of them.
        let image = images.find(|image| IMAGES.iter().any(|name| is_called(image, name)))?;
        Some((pod, version(image)))
    };
    sides.shared_proxies().into_iter().filter_map(controller).collect()
}

/// Whether something was mended later: in the version's minor, or else in the last one of the list.
fn is_older(version: Version, mended: &[Version]) -> bool {
    let of_minor = mended.iter().find(|mended| (mended.0, mended.1) == (version.0, version.1));
    of_minor.or(mended.last()).is_some_and(|mended| version < *mended)
}

/// Whether a ConfigMap beside it turns snippets on: by one setting from 1.9 on, and by another too from 1.12 on.
fn takes_snippets(sides: &Sides<'_>, pod: &Pod, version: Version) -> bool {
    let namespace = Some(sides.name(pod.namespace));
    let mut maps = sides.snapshot.settings.iter().filter(|settings| {
        settings.object.kind == "ConfigMap" && settings.object.namespace.as_deref() == namespace
    });
    maps.any(|map| {
        let says = |key: &str, value: &str| {
            let value = Sealed::from(value);
            map.values.iter().any(|held| held.key == key && held.value.trimmed() == value)
        };
        let is_critical = version < (1, 12, 0) || says("annotations-risk-level", "Critical");
        version >= (1, 9, 0) && says("allow-snippet-annotations", "true") && is_critical
    })
}

fn is_called(image: &str, name: &str) -> bool {
    let (repository, _) = parts(image);
    repository.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

/// An image's repository and tag.
fn parts(image: &str) -> (&str, &str) {
    let image = image.split('@').next().unwrap_or_default();
    image.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).unwrap_or((image, ""))
}

/// The version that a tag says, if it says all of it: `v1.14.0-debian` is 1.14.0.
fn version(image: &str) -> Option<Version> {
    let (_, tag) = parts(image);
    let tag = tag.strip_prefix('v').unwrap_or(tag);
    let end = tag.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(tag.len());
    let mut numbers = tag[..end].split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??, numbers.next()??))
}
