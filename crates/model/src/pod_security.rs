//! Pod Security admission: what a namespace's labels let its pods be.
//!
//! Source: <https://kubernetes.io/docs/concepts/security/pod-security-admission/> and the standards that it names.

use watertight_base::Labels;

/// The level that a namespace enforces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PodSecurityLevel {
    /// Everything is admitted. Also the meaning of no label.
    Privileged,
    /// No host namespaces (so no `hostNetwork`), no privileged containers, no hostPath, no host ports.
    Baseline,
    /// As baseline, and more that does not touch the network.
    Restricted,
}

/// The version of the standard that is enforced: rules come with minor versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PodSecurityVersion {
    /// `latest`, also the meaning of no label.
    Latest,
    /// `v1.N`.
    Minor(u32),
}

/// What `pod-security.kubernetes.io/enforce` and `enforce-version` say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PodSecurity {
    /// The level.
    pub level: PodSecurityLevel,
    /// The version of the level's rules.
    pub version: PodSecurityVersion,
}

impl PodSecurity {
    /// The label that sets the level.
    pub const ENFORCE: &str = "pod-security.kubernetes.io/enforce";
    /// The label that pins the version.
    pub const ENFORCE_VERSION: &str = "pod-security.kubernetes.io/enforce-version";

    /// What the labels enforce, permissively: a level or a version that is not one enforces nothing here, although the
    /// server would refuse such a label on a write.
    #[must_use]
    pub fn of(labels: &Labels) -> Self {
        let nothing = Self { level: PodSecurityLevel::Privileged, version: PodSecurityVersion::Latest };
        let level = match labels.get(Self::ENFORCE).map(String::as_str) {
            Some("baseline") => PodSecurityLevel::Baseline,
            Some("restricted") => PodSecurityLevel::Restricted,
            _ => return nothing,
        };
        let version = match labels.get(Self::ENFORCE_VERSION).map(String::as_str) {
            None | Some("latest") => PodSecurityVersion::Latest,
            Some(text) => match text.strip_prefix("v1.").and_then(minor_version) {
                Some(minor) => PodSecurityVersion::Minor(minor),
                None => return nothing,
            },
        };
        Self { level, version }
    }

    /// Whether pods may be created whose probes or hooks name another host, which their node then dials. Baseline refuses
    /// them from version 1.34 on; a server that is older than the version that is asked for applies its own. `server` is
    /// the minor version of the API server, if it is known.
    ///
    /// Source: <https://kubernetes.io/docs/concepts/security/pod-security-standards/>, KEP-4940.
    #[must_use]
    pub fn admits_probe_hosts(self, server: Option<u32>) -> bool {
        const SINCE: u32 = 34;
        let asked = match self.version {
            PodSecurityVersion::Latest => None,
            PodSecurityVersion::Minor(minor) => Some(minor),
        };
        let is_old = |minor: Option<u32>| minor.is_some_and(|minor| minor < SINCE);
        self.level == PodSecurityLevel::Privileged || is_old(server) || is_old(asked)
    }

    /// Whether pods that share the node's network may be created. Baseline refuses them in every version.
    #[must_use]
    pub fn admits_host_network(self) -> bool {
        self.level == PodSecurityLevel::Privileged
    }
}

/// The digits of a minor version, as the API server takes them: without sign or leading zero.
fn minor_version(digits: &str) -> Option<u32> {
    let plain =
        digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits.len() == 1 || !digits.starts_with('0'));
    digits.parse().ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enforced(labels: &[(&str, &str)]) -> PodSecurity {
        PodSecurity::of(&labels.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect())
    }

    #[test]
    fn no_label_admits_the_host_network() {
        assert!(enforced(&[]).admits_host_network());
        assert!(enforced(&[("pod-security.kubernetes.io/warn", "restricted")]).admits_host_network());
    }

    #[test]
    fn baseline_and_restricted_keep_pods_off_the_host_network() {
        for level in ["baseline", "restricted"] {
            assert!(!enforced(&[(PodSecurity::ENFORCE, level)]).admits_host_network());
            let pinned = enforced(&[(PodSecurity::ENFORCE, level), (PodSecurity::ENFORCE_VERSION, "v1.33")]);
            assert_eq!(pinned.version, PodSecurityVersion::Minor(33));
            assert!(!pinned.admits_host_network());
        }
    }

    #[test]
    fn baseline_refuses_probe_hosts_from_1_34_on() {
        let at = |version| {
            enforced(&[(PodSecurity::ENFORCE, "baseline"), (PodSecurity::ENFORCE_VERSION, version)])
        };
        for (version, server, admits) in [
            ("latest", None, false),
            ("latest", Some(36), false),
            ("latest", Some(33), true),
            ("v1.34", None, false),
            ("v1.34", Some(33), true),
            ("v1.33", Some(36), true),
            ("v1.33", None, true),
        ] {
            assert_eq!(at(version).admits_probe_hosts(server), admits, "{version} {server:?}");
        }
        assert!(enforced(&[]).admits_probe_hosts(Some(36)));
    }

    #[test]
    fn what_is_no_level_or_version_enforces_nothing() {
        assert!(enforced(&[(PodSecurity::ENFORCE, "Baseline")]).admits_host_network());
        assert!(
            enforced(&[(PodSecurity::ENFORCE, "baseline"), (PodSecurity::ENFORCE_VERSION, "1.33")])
                .admits_host_network()
        );
    }
}
