//! An ingress-nginx that serves both sides: it reads the Secrets of all that it serves, and in most versions an Ingress can
//! make it do what its writer likes.
//!
//! Sources: <https://github.com/kubernetes/kubernetes/issues/131009> (CVE-2025-1974),
//! <https://github.com/kubernetes/kubernetes/issues/137893> (CVE-2026-4342, the last that was mended before the project ended)
//! and <https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/> for snippets.

use super::version::{Version, of_image};
use super::{Finding, Sides, because, may_write};
use watertight_admission::Known;
use watertight_base::Sealed;
use watertight_model::{
    Because, ContainerRole, Evidence, EvidenceRole, Fact, Gain, HeldValue, Pod, Settings, When,
};

/// The end of the repositories of its images.
const IMAGES: [&str; 3] =
    ["ingress-nginx/controller", "ingress-nginx/controller-chroot", "nginx-ingress-controller"];

/// From these versions on, each in its minor, no way is known.
const MENDED: [Version; 3] = [(1, 13, 9), (1, 14, 5), (1, 15, 1)];
/// From this version on snippets are off unless a setting turns them on.
const SNIPPETS_OFF: Version = (1, 9, 0);
/// From this version on another setting must allow them as well.
const SNIPPETS_CRITICAL: Version = (1, 12, 0);

/// A controller that serves both sides.
struct Controller<'s> {
    pod: &'s Pod,
    image: &'s str,
    version: Option<Version>,
}

pub(super) fn findings(sides: &Sides<'_>) -> Vec<Finding> {
    let mut seen = Vec::new();
    let mut findings = Vec::new();
    for controller in controllers(sides) {
        let workload = (controller.pod.namespace, &controller.pod.workload);
        if !seen.contains(&workload) {
            seen.push(workload);
            findings.extend(open_to_all(sides, &controller).or_else(|| open_to_writers(sides, &controller)));
        }
    }
    findings
}

/// The images of those whose version is not known.
pub(super) fn of_unknown_version<'s>(sides: &Sides<'s>) -> impl Iterator<Item = &'s str> {
    let unknown = controllers(sides).filter(|controller| controller.version.is_none());
    unknown.map(|controller| controller.image)
}

/// Whether the proxies that serve both sides are known to go by what rules of Ingresses say of hosts, but for names that no
/// other Ingress has: ingress-nginx of a version of which no other way is known. An alias (`server-alias`) gives way to a host
/// of an Ingress. What the annotations of other controllers mean is not known here.
///
/// Source: <https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#server-alias>.
pub(super) fn goes_by_rules_alone(sides: &Sides<'_>) -> bool {
    sides.proxies.shared().all(|index| is_mended(&sides.snapshot.pods[index]))
}

/// What its image runs, where a container names a command (`rootfs/Dockerfile` of ingress-nginx).
const PROGRAMS: [&str; 2] = ["/usr/bin/dumb-init", "/nginx-ingress-controller"];

/// Whether a pod runs a version of which no faults are known, with the flags that are written, and nothing beside it.
pub(super) fn is_mended(pod: &Pod) -> bool {
    let running = pod.containers.iter().filter(|container| container.role != ContainerRole::Init);
    let [container] = running.collect::<Vec<_>>()[..] else { return false };
    let (repository, version) = of_image(&container.image);
    is_called(repository)
        && runs_as_written(&container.arguments)
        && version.is_some_and(|version| !is_before(version, &MENDED))
}

/// Whether nothing else is started than the controller, and none of its flags is filled in when it is: neither what a script
/// passes on is seen, nor what `$(NAME)` stands for.
fn runs_as_written(arguments: &[String]) -> bool {
    let before = std::iter::once("").chain(arguments.iter().map(String::as_str));
    before.zip(arguments).all(|(before, argument)| {
        let is_value = before.starts_with('-') && before != "--" && !before.contains('=');
        let (flag, _) = argument.split_once('=').unwrap_or((argument, ""));
        !flag.contains('$') && (flag.starts_with('-') || is_value || PROGRAMS.contains(&argument.as_str()))
    })
}

fn is_called(repository: &str) -> bool {
    let is_it = |name: &str| {
        let before = repository.strip_suffix(name);
        before.is_some_and(|before| before.is_empty() || before.ends_with('/'))
    };
    IMAGES.iter().any(|name| is_it(name))
}

fn controllers<'s>(sides: &Sides<'s>) -> impl Iterator<Item = Controller<'s>> {
    let snapshot = sides.snapshot;
    sides.proxies.shared().filter_map(move |index| {
        let pod = &snapshot.pods[index];
        pod.containers.iter().find_map(|container| {
            let (repository, version) = of_image(&container.image);
            let image = container.image.as_str();
            is_called(repository).then_some(Controller { pod, image, version })
        })
    })
}

/// Whether a version is older than that in which something was mended, in its minor version or in the oldest one.
fn is_before(version: Version, mended: &[Version]) -> bool {
    let of_minor = mended.iter().find(|mended| (mended.0, mended.1) == (version.0, version.1));
    let newest = mended.last().is_some_and(|newest| version > *newest);
    of_minor.map_or(!newest, |mended| version < *mended)
}

/// CVE-2025-1974: whoever reaches its webhook makes it run code.
fn open_to_all(sides: &Sides<'_>, controller: &Controller<'_>) -> Option<Finding> {
    let version = controller.version.filter(|&version| is_before(version, &[(1, 11, 5), (1, 12, 1)]))?;
    let why = format!("whoever connects to its webhook makes {} run code (CVE-2025-1974)", said(version));
    Some(finding(sides, controller, &why, Vec::new()))
}

/// What the writer of an Ingress makes it do.
fn open_to_writers(sides: &Sides<'_>, controller: &Controller<'_>) -> Option<Finding> {
    let version = controller.version?;
    let has_faults = is_before(version, &MENDED);
    let is_prefixed = |argument: &String| argument.starts_with("--annotations-prefix");
    let arguments = controller.pod.containers.iter().flat_map(|container| &container.arguments);
    let is_usual = !arguments.into_iter().any(is_prefixed);
    let snippets = if has_faults { None } else { Some(snippets(sides, controller, version)?) };
    let power = sides.may("change-ingresses", |scope| match !has_faults && is_usual {
        true => sides.may_bring_snippets(scope),
        false => sides.may_annotate(scope, &Known::with([])),
    })?;
    let (why, more) = if let Some((settings, held)) = snippets {
        let because = Because {
            role: EvidenceRole::Selects,
            object: settings.object.clone(),
            path: held.path.clone(),
            evidence: Some(Evidence::File(held.span)),
        };
        (
            format!("{} lets Ingresses write its configuration (CVE-2021-25742)", settings.object),
            vec![because],
        )
    } else {
        (
            format!("what an Ingress says makes {} run code (CVE-2026-4342 and others)", said(version)),
            Vec::new(),
        )
    };
    let why = format!("{}, and {why}", may_write(&power, "Ingresses"));
    Some(Finding { by: Some(power), when: When::Possible, ..finding(sides, controller, &why, more) })
}

/// The setting that lets Ingresses bring snippets of configuration, where they are off without it.
fn snippets<'s>(
    sides: &Sides<'s>,
    controller: &Controller<'_>,
    version: Version,
) -> Option<(&'s Settings, &'s HeldValue)> {
    let namespace = sides.name(controller.pod.namespace);
    let maps = sides.snapshot.settings.iter().filter(|settings| {
        settings.object.kind == "ConfigMap" && settings.object.namespace.as_deref() == Some(namespace)
    });
    maps.into_iter().find_map(|settings| {
        let says = |key: &str, value: &str| {
            let value = Sealed::from(value);
            settings.values.iter().find(|held| held.key == key && held.value.trimmed() == value)
        };
        let is_allowed = version < SNIPPETS_CRITICAL || says("annotations-risk-level", "Critical").is_some();
        let allows =
            says("allow-snippet-annotations", "true").filter(|_| version >= SNIPPETS_OFF && is_allowed)?;
        Some((settings, allows))
    })
}

fn said((major, minor, patch): Version) -> String {
    format!("version {major}.{minor}.{patch}")
}

fn finding(sides: &Sides<'_>, controller: &Controller<'_>, why: &str, more: Vec<Because>) -> Finding {
    let pod = controller.pod;
    let scope = sides.to.first().map(|&name| name.to_owned());
    let mut grounds = vec![because(&pod.origin, "", pod.origin.span)];
    grounds.extend(more);
    Finding {
        rule: "open-ingress-nginx",
        when: When::Now,
        message: format!("{} {}, which serves both sides, gives away production's Secrets: {why}", pod.workload.kind, pod.workload.name),
        help: "give each side a controller of its own, which may read the Secrets of its namespaces alone; ingress-nginx gets no more \
               updates, so that another one is the better choice"
            .to_owned(),
        fact: Fact::Gains { gain: Gain::ReadsSecrets, scope, names: Vec::new() },
        by: None,
        because: grounds,
        highlight: Some((pod.origin.span, "serves both sides".to_owned())),
        similar: format!("{} {}", pod.workload.kind, pod.workload.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_mended_from_a_patch_of_its_minor_on() {
        for version in [(1, 12, 99), (1, 13, 8), (1, 14, 4), (1, 15, 0), (0, 30, 0)] {
            assert!(is_before(version, &MENDED), "{version:?}");
        }
        for version in [(1, 13, 9), (1, 14, 5), (1, 15, 1), (1, 16, 0), (2, 0, 0)] {
            assert!(!is_before(version, &MENDED), "{version:?}");
        }
    }
}
