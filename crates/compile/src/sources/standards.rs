//! The Pod Security Standards, as far as a template says it: what an environment's namespaces refuse is better known before.
//!
//! The API server decides. What it refuses beyond this, pods show when they are created.
//!
//! Source: <https://kubernetes.io/docs/concepts/security/pod-security-standards/>.

use super::object::{at, containers};
use watertight_base::Span;
use watertight_ingest::{Content, Tree};
use watertight_intent::PodSecurity;

/// What a level refuses.
pub(crate) struct Fault {
    /// A clause about the object: `uses the network of its node`.
    pub(crate) what: String,
    /// Where, if something stands there.
    pub(crate) span: Option<Span>,
    pub(crate) help: &'static str,
    /// Whether every level refuses it.
    pub(crate) of_baseline: bool,
}

/// What a level is called.
pub(crate) fn name(level: PodSecurity) -> &'static str {
    match level {
        PodSecurity::Baseline => "baseline",
        PodSecurity::Restricted => "restricted",
    }
}

/// What a level refuses of the spec of a pod.
pub(crate) fn faults(spec: &Tree, level: PodSecurity) -> Vec<Fault> {
    let mut faults = Vec::new();
    baseline(spec, &mut faults);
    let is_windows = at(spec, &["os", "name"]).and_then(Tree::text) == Some("windows");
    if level == PodSecurity::Restricted {
        restricted(spec, is_windows, &mut faults);
    }
    faults
}

/// Capabilities that `baseline` lets containers add: those that they have anyway.
const CAPABILITIES: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

fn baseline(spec: &Tree, faults: &mut Vec<Fault>) {
    let mut refuse = |tree: &Tree, what: String, help: &'static str| {
        faults.push(Fault { what, span: Some(tree.span), help, of_baseline: true });
    };
    for (field, what) in [("hostNetwork", "network"), ("hostPID", "processes"), ("hostIPC", "memory")] {
        if let Some(value) = spec.get(field).filter(|value| is_true(value)) {
            refuse(value, format!("shares the {what} of its node"), "leave the field out");
        }
    }
    for volume in spec.get("volumes").map(Tree::elements).unwrap_or_default() {
        if let Some(path) = volume.get("hostPath") {
            refuse(path, "mounts a folder of its node".to_owned(), "take a volume of another sort");
        }
    }
    for container in containers(spec) {
        let of = label(container);
        if let Some(value) = at(container, &["securityContext", "privileged"]).filter(|value| is_true(value))
        {
            refuse(value, format!("runs {of} privileged"), "leave `privileged` out");
        }
        let windows = at(container, &["securityContext", "windowsOptions", "hostProcess"]);
        if let Some(value) = windows.filter(|value| is_true(value)) {
            refuse(value, format!("runs {of} as a process of its node"), "leave `hostProcess` out");
        }
        for port in container.get("ports").map(Tree::elements).unwrap_or_default() {
            let host_port = port.get("hostPort").filter(|port| !is_zero(port));
            if let Some(host_port) = host_port {
                let help = "leave `hostPort` out, and let a Service lead to the pods";
                refuse(host_port, format!("takes a port of its node for {of}"), help);
            }
        }
        let added = at(container, &["securityContext", "capabilities", "add"]);
        for capability in added.map(Tree::elements).unwrap_or_default() {
            let name = capability.text().unwrap_or_default();
            if !CAPABILITIES.contains(&name) {
                let help = "take it out of `capabilities.add`";
                refuse(capability, format!("gives {of} the capability `{name}`"), help);
            }
        }
        for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
            for action in ["httpGet", "tcpSocket"] {
                named_host(at(container, &[probe, action, "host"]), &of, &mut refuse);
            }
        }
        for hook in ["postStart", "preStop"] {
            for action in ["httpGet", "tcpSocket"] {
                named_host(at(container, &["lifecycle", hook, action, "host"]), &of, &mut refuse);
            }
        }
    }
    let seccomp = std::iter::once(spec).chain(containers(spec));
    for profile in seccomp.filter_map(|holder| at(holder, &["securityContext", "seccompProfile", "type"])) {
        if profile.text() == Some("Unconfined") {
            refuse(profile, "turns seccomp off".to_owned(), "write `RuntimeDefault`");
        }
    }
}

/// A probe or a hook that names a host: the node would connect to it, from outside of the wall.
fn named_host(host: Option<&Tree>, of: &str, refuse: &mut impl FnMut(&Tree, String, &'static str)) {
    if let Some(host) = host.filter(|host| host.text().is_some_and(|host| !host.is_empty())) {
        let what = format!("has the node connect to a host that a probe or a hook of {of} names");
        refuse(host, what, "leave `host` out: the pod itself is asked");
    }
}

/// The sorts of volumes that `restricted` knows.
const VOLUMES: [&str; 9] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

fn restricted(spec: &Tree, is_windows: bool, faults: &mut Vec<Fault>) {
    let mut refuse = |what: String, span: Option<Span>, help: &'static str| {
        faults.push(Fault { what, span, help, of_baseline: false });
    };
    for volume in spec.get("volumes").map(Tree::elements).unwrap_or_default() {
        let sorts = volume.members().iter().filter(|member| member.key != "name");
        for sort in sorts.filter(|sort| !VOLUMES.contains(&sort.key.as_str()) && sort.key != "hostPath") {
            refuse(
                format!("has a volume of the sort `{}`", sort.key),
                Some(sort.key_span),
                "take a volume of another sort",
            );
        }
    }
    let of_pod = |field: &[&str]| at(spec, &["securityContext"]).and_then(|context| at(context, field));
    for container in containers(spec) {
        let of = label(container);
        let own = |field: &[&str]| at(container, &["securityContext"]).and_then(|context| at(context, field));
        let either = |field: &[&str]| own(field).or_else(|| of_pod(field));
        let span = |tree: Option<&Tree>| tree.map(|tree| tree.span);
        let user = either(&["runAsUser"]);
        if user.is_some_and(is_zero) {
            refuse(format!("runs {of} as root"), span(user), "write another `runAsUser`");
        }
        if is_windows {
            continue;
        }
        let not_root = either(&["runAsNonRoot"]);
        if !not_root.is_some_and(is_true) {
            refuse(
                format!("may run {of} as root"),
                span(not_root),
                "write `securityContext: {runAsNonRoot: true}` for the pod",
            );
        }
        let escalation = own(&["allowPrivilegeEscalation"]);
        if !escalation.is_some_and(|value| value.content == Content::Boolean(false)) {
            let help = "write `allowPrivilegeEscalation: false` in the container's `securityContext`";
            refuse(format!("lets {of} gain privileges"), span(escalation), help);
        }
        let profile = either(&["seccompProfile", "type"]);
        if !profile
            .and_then(Tree::text)
            .is_some_and(|name| ["RuntimeDefault", "Localhost", "Unconfined"].contains(&name))
        {
            let help = "write `securityContext: {seccompProfile: {type: RuntimeDefault}}` for the pod";
            refuse(format!("runs {of} without a seccomp profile"), span(profile), help);
        }
        let dropped = own(&["capabilities", "drop"]).map(Tree::elements).unwrap_or_default();
        if !dropped.iter().any(|name| name.text() == Some("ALL")) {
            let help = "write `capabilities: {drop: [ALL]}` in the container's `securityContext`";
            refuse(format!("leaves {of} its capabilities"), None, help);
        }
        for added in own(&["capabilities", "add"]).map(Tree::elements).unwrap_or_default() {
            let name = added.text().unwrap_or_default();
            if name != "NET_BIND_SERVICE" && CAPABILITIES.contains(&name) {
                refuse(
                    format!("gives {of} the capability `{name}`"),
                    Some(added.span),
                    "take it out of `capabilities.add`",
                );
            }
        }
    }
}

fn label(container: &Tree) -> String {
    format!("the container `{}`", container.get("name").and_then(Tree::text).unwrap_or_default())
}

fn is_true(tree: &Tree) -> bool {
    tree.content == Content::Boolean(true)
}

fn is_zero(tree: &Tree) -> bool {
    matches!(tree.content, Content::Number { whole: Some(0), .. } | Content::Null)
}
