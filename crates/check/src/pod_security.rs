//! What Pod Security keeps out of a namespace, as far as the network goes.
//!
//! Source: <https://kubernetes.io/docs/concepts/security/pod-security-standards/>.

use crate::format::{KnownField, Word};
use watertight_base::{LabelBox, Operator, Requirement, Selector};
use watertight_model::{PodSecurity, PodSecurityLevel, PodSecurityVersion};

/// The first server that enforces the levels by itself (Kubernetes 1.23, KEP-2579).
const ENFORCED_SINCE: u32 = 23;
/// The first version whose `baseline` keeps probes and hooks from naming another host (KEP-4940).
const PROBES_SINCE: u32 = 34;

/// Whether a pod on the host network may be created. `server` is the oldest version that the server may have, if it is known.
pub(crate) fn admits_host_network(level: PodSecurity, server: Option<u32>) -> bool {
    level.level == PodSecurityLevel::Privileged || server.is_some_and(|server| server < ENFORCED_SINCE)
}

/// Whether a pod may be created whose probes name another host, which its node then dials.
pub(crate) fn admits_probe_hosts(level: PodSecurity, server: Option<u32>) -> bool {
    let is_old = match level.version {
        PodSecurityVersion::Latest => false,
        PodSecurityVersion::Minor(minor) => minor < PROBES_SINCE,
    };
    admits_host_network(level, server) || is_old || server.is_some_and(|server| server < PROBES_SINCE)
}

/// The level that a namespace keeps whichever of these labels it has, or a weaker one: in its latest version.
pub(crate) fn keeps_a_level(labels: &LabelBox) -> Option<PodSecurity> {
    let only = |key: &str, operator, values: &[&str]| {
        let values = values.iter().map(|&value| value.to_owned()).collect();
        let selector = Selector { requirements: vec![Requirement { key: key.to_owned(), operator, values }] };
        labels.avoid(&selector).is_empty()
    };
    let keeps = only(PodSecurity::ENFORCE, Operator::In, &["baseline", "restricted"])
        && only(PodSecurity::ENFORCE_VERSION, Operator::DoesNotExist, &[]);
    keeps.then_some(PodSecurity { level: PodSecurityLevel::Baseline, version: PodSecurityVersion::Latest })
}

/// Where a container may name a host that the node dials for it.
const DIALED: [&[&str]; 5] = [
    &["livenessProbe"],
    &["readinessProbe"],
    &["startupProbe"],
    &["lifecycle", "postStart"],
    &["lifecycle", "preStop"],
];

/// Pods on the host network.
pub(crate) fn on_host_network() -> Vec<KnownField> {
    let path = ["spec", "hostNetwork"].map(str::to_owned).to_vec();
    vec![KnownField { path, one_of: None, other_than: None, is: Some(Word::True) }]
}

/// Pods with a probe or a hook that names another host: a field for each way in which one could. Ephemeral containers have
/// neither.
pub(crate) fn with_probe_host() -> Vec<KnownField> {
    let mut fields = Vec::new();
    for list in ["initContainers", "containers"] {
        for asked in DIALED {
            for action in ["httpGet", "tcpSocket"] {
                let steps = [&["spec", list, "*"], asked, &[action, "host"]].concat();
                let path = steps.into_iter().map(str::to_owned).collect();
                let other_than = Some([String::new()].into());
                fields.push(KnownField { path, one_of: None, other_than, is: None });
            }
        }
    }
    fields
}
