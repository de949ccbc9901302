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

    const NOTHING: PodSecurity =
        PodSecurity { level: PodSecurityLevel::Privileged, version: PodSecurityVersion::Latest };

    #[test]
    fn no_label_enforces_nothing() {
        assert_eq!(enforced(&[]), NOTHING);
        assert_eq!(enforced(&[("pod-security.kubernetes.io/warn", "restricted")]), NOTHING);
        assert_eq!(enforced(&[(PodSecurity::ENFORCE_VERSION, "v1.33")]), NOTHING);
    }

    #[test]
    fn a_level_comes_with_a_version() {
        let (level, version) = (PodSecurityLevel::Baseline, PodSecurityVersion::Latest);
        assert_eq!(enforced(&[(PodSecurity::ENFORCE, "baseline")]), PodSecurity { level, version });
        let pinned =
            enforced(&[(PodSecurity::ENFORCE, "restricted"), (PodSecurity::ENFORCE_VERSION, "v1.33")]);
        let (level, version) = (PodSecurityLevel::Restricted, PodSecurityVersion::Minor(33));
        assert_eq!(pinned, PodSecurity { level, version });
    }

    #[test]
    fn what_is_no_level_or_version_enforces_nothing() {
        for (level, version) in
            [("Baseline", "latest"), ("baseline", "1.33"), ("baseline", "v1.033"), ("restricted", "v1.")]
        {
            let both = [(PodSecurity::ENFORCE, level), (PodSecurity::ENFORCE_VERSION, version)];
            assert_eq!(enforced(&both), NOTHING, "{level} {version}");
        }
    }
}
