//! What is refused at which level and in which version, and the laws of drafts. Whether it is what a server does is tried
//! on real ones, in `tests/control-plane`.

mod laws;
mod random;

use super::*;
use crate::Others;
use watertight_base::Source;
use watertight_ingest::{Options, read};
use watertight_model::Snapshot;

fn enforced(level: &str, version: &str) -> PodSecurity {
    let labels = [(PodSecurity::ENFORCE, level), (PodSecurity::ENFORCE_VERSION, version)];
    PodSecurity::of(&labels.map(|(key, value)| (key.to_owned(), value.to_owned())).into())
}

/// What is enforced, if the server is as new as can be.
fn standard(level: &str, version: &str) -> Standard {
    Standard::new(enforced(level, version), NEWEST..=NEWEST)
}

fn exactly<'f>(fields: impl IntoIterator<Item = (&'f str, Known)>) -> Known {
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Known::Map { fields, others: Others::None }
}

fn list(elements: impl IntoIterator<Item = Known>) -> Known {
    Known::List { elements: elements.into_iter().collect(), others: Others::None }
}

/// A pod that is wholly known.
fn pod<'f>(spec: impl IntoIterator<Item = (&'f str, Known)>) -> Known {
    exactly([("spec", exactly(spec))])
}

#[test]
fn a_draft_of_which_nothing_is_known_is_never_refused() {
    for level in ["privileged", "baseline", "restricted"] {
        for minor in 0..=NEWEST {
            let standard = standard(level, &format!("v1.{minor}"));
            assert_eq!(standard.refuses(&Known::Nothing), None);
            assert_eq!(standard.refuses(&Known::with([])), None);
        }
    }
}

#[test]
fn powers_over_the_node_are_refused_from_the_baseline_on_in_every_version() {
    for (drafts, baseline, restricted) in [
        (in_namespace_of_node("hostNetwork"), Check::HostNamespaces, Check::HostNamespaces),
        (in_namespace_of_node("hostPID"), Check::HostNamespaces, Check::HostNamespaces),
        (in_namespace_of_node("hostIPC"), Check::HostNamespaces, Check::HostNamespaces),
        (with_host_path(), Check::HostPathVolumes, Check::RestrictedVolumes),
        (privileged(), Check::Privileged, Check::Privileged),
    ] {
        assert!(standard("privileged", "latest").admits(&drafts));
        assert!(Standard::of(None, NEWEST..=NEWEST).admits(&drafts), "the labels are not known");
        for version in ["latest", "v1.0", "v1.25", "v1.36", "v1.99"] {
            for (level, check) in [("baseline", baseline), ("restricted", restricted)] {
                let standard = standard(level, version);
                assert!(!standard.admits(&drafts));
                let stops = |draft| standard.failed(draft).contains(&check);
                assert!(drafts.iter().all(stops), "{level} {version} {drafts:?}");
            }
        }
    }
}

#[test]
fn the_baseline_refuses_probe_hosts_from_1_34_on() {
    for (version, servers, admits) in [
        ("latest", OLDEST_SUPPORTED..=NEWEST, false),
        ("latest", 36..=36, false),
        ("latest", 33..=36, true),
        ("v1.34", 34..=36, false),
        ("v1.34", 33..=33, true),
        ("v1.33", 36..=36, true),
    ] {
        let standard = Standard::new(enforced("baseline", version), servers.clone());
        assert_eq!(standard.admits(&with_probe_host()), admits, "{version} {servers:?}");
    }
}

fn snapshot(yaml: &str) -> Snapshot {
    let source = Source { name: "cluster.yaml".to_owned(), bytes: yaml.as_bytes().to_vec() };
    read(&[source], &Options::default()).snapshot
}

#[test]
fn labels_that_may_not_be_there_keep_out_nothing() {
    let snapshot = snapshot(
        "
        {apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {pod-security.kubernetes.io/enforce: baseline}}}
---
        {apiVersion: v1, kind: Namespace, metadata: {name: b, labels: {pod-security.kubernetes.io/warn: baseline}}}
---
        {apiVersion: v1, kind: Namespace, metadata: {name: c, labels: {pod-security.kubernetes.io/enforce: baseline, '-': x}}}
---
        {apiVersion: v1, kind: Pod, metadata: {name: p, namespace: d}, spec: {containers: [{name: a, image: a}]}}
",
    );
    let names = |pods: &[Known]| -> Vec<&str> {
        let admitting = namespaces_that_admit(&snapshot, pods);
        admitting.map(|id| snapshot.namespace(id).name.as_str()).collect()
    };
    assert_eq!(names(&with_host_path()), ["b", "c", "d"]);
    assert_eq!(names(&[Known::Nothing]), ["a", "b", "c", "d"]);
}

#[test]
fn the_server_is_no_older_than_a_kubelet() {
    let with = |version: &str| {
        let info = format!("{{kubeletVersion: {version}}}");
        snapshot(&format!(
            "{{apiVersion: v1, kind: Node, metadata: {{name: n}}, status: {{nodeInfo: {info}}}}}"
        ))
    };
    assert_eq!(servers(&with("v1.33.4")), 33..=NEWEST);
    assert_eq!(servers(&with("v1.99.0")), NEWEST..=NEWEST);
    assert_eq!(servers(&Snapshot::default()), OLDEST_SUPPORTED..=NEWEST);
}

#[test]
fn what_is_no_level_or_version_enforces_nothing() {
    for (level, version) in [("Baseline", "latest"), ("baseline", "1.33"), ("baseline", "v1.033")] {
        assert!(standard(level, version).admits(&privileged()), "{level} {version}");
    }
}

#[test]
fn before_1_23_the_plugin_is_off() {
    assert!(Standard::new(enforced("baseline", "latest"), 22..=NEWEST).admits(&privileged()));
    assert!(!Standard::new(enforced("baseline", "latest"), 23..=NEWEST).admits(&privileged()));
}

#[test]
fn a_pod_with_users_of_its_own_may_be_root_where_the_server_may_think_so() {
    let container = exactly([("name", Known::text("a"))]);
    let root = pod([
        ("hostUsers", Known::Bool(false)),
        ("containers", list([container])),
        ("securityContext", exactly([("runAsUser", Known::Integer(0))])),
    ]);
    let refuses = |version, servers| {
        let failed = Standard::new(enforced("restricted", version), servers).failed(&root);
        failed.contains(&Check::RunAsUser) && failed.contains(&Check::RunAsNonRoot)
    };
    assert!(!refuses("latest", 35..=36));
    assert!(refuses("v1.34", 35..=36));
    // By a feature gate, in every version.
    assert!(!refuses("v1.34", 34..=36));
}

#[test]
fn a_volume_has_one_source() {
    let with = |volume| Known::with([("spec", Known::with([("volumes", list([volume]))]))]);
    let restricted = standard("restricted", "latest");
    for (source, check) in
        [("nfs", Some(Check::RestrictedVolumes)), ("hostPath", Some(Check::RestrictedVolumes)), ("csi", None)]
    {
        assert_eq!(restricted.refuses(&with(Known::with([(source, Known::Nothing)]))), None, "if at all");
        assert_eq!(restricted.refuses(&with(Known::with([(source, Known::with([]))]))), check, "{source}");
    }
    assert_eq!(restricted.refuses(&with(exactly([]))), Some(Check::RestrictedVolumes));
}

#[test]
fn what_linux_alone_knows_is_in_no_pod_of_windows() {
    let adds = |capability: &str| {
        let added = Known::List { elements: vec![Known::text(capability)], others: Others::Any };
        let context = Known::with([("capabilities", Known::with([("add", added)]))]);
        let container = Known::with([("securityContext", context)]);
        Known::with([("spec", Known::with([("containers", list([container]))]))])
    };
    let restricted = standard("restricted", "latest");
    assert_eq!(restricted.refuses(&adds("SYS_ADMIN")), Some(Check::CapabilitiesRestricted));
    assert_eq!(restricted.refuses(&adds("NET_BIND_SERVICE")), None);
    assert_eq!(standard("baseline", "latest").refuses(&adds("SYS_ADMIN")), Some(Check::CapabilitiesBaseline));
}

#[test]
fn what_is_dropped_besides_may_be_all() {
    let drops = |others| {
        let dropped = Known::List { elements: vec![Known::text("NET_RAW")], others };
        let context = Known::with([("capabilities", Known::with([("drop", dropped)]))]);
        let container = Known::with([("securityContext", context)]);
        Known::with([("spec", Known::with([("initContainers", list([container]))]))])
    };
    let restricted = standard("restricted", "latest");
    assert_eq!(restricted.refuses(&drops(Others::Any)), None);
    assert_eq!(restricted.refuses(&drops(Others::None)), Some(Check::CapabilitiesRestricted));
}

#[test]
fn changes_of_anything_but_images_and_containers_are_let_through() {
    let container =
        |name: &str, image: &str| exactly([("name", Known::text(name)), ("image", Known::text(image))]);
    let with = |image: &str, debuggers: &[(&str, &str)]| {
        let debuggers = debuggers.iter().map(|(name, image)| container(name, image));
        pod([
            ("hostPID", Known::Bool(true)),
            ("containers", list([container("a", image)])),
            ("ephemeralContainers", list(debuggers)),
        ])
    };
    let baseline = standard("baseline", "latest");
    let stops = |old: &Known, new: &Known| baseline.refuses_update(old, new).is_some();
    let (old, labelled) = (with("a:1", &[("d", "d")]), with("a:1", &[("d", "d")]));
    assert!(!stops(&old, &labelled));
    assert!(stops(&old, &with("a:2", &[("d", "d")])), "an image");
    assert!(stops(&old, &with("a:1", &[("d", "d"), ("e", "d")])), "a container that debugs");
    assert!(stops(&old, &with("a:1", &[("d", "e")])));
    assert!(!stops(&Known::Nothing, &with("a:1", &[])), "nothing may have changed");
    assert!(!stops(&old, &in_namespace_of_node("hostPID")[0]));
}
