//! The order of versions: those that are done before beta and alpha, and of each stage the last one first.
//!
//! Source: <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-priority>.

use std::cmp::Reverse;

/// A version. The greater one is preferred.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Version {
    /// One that is named otherwise, of which the first by name is preferred.
    Other(Reverse<String>),
    /// `v1`, `v2beta1`…
    Numbered { stage: Stage, major: u64, minor: u64 },
}

/// How far a version is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Alpha,
    Beta,
    Done,
}

impl Version {
    pub(super) fn of(name: &str) -> Self {
        Self::numbered(name).unwrap_or_else(|| Self::Other(Reverse(name.to_owned())))
    }

    fn numbered(name: &str) -> Option<Self> {
        let name = name.strip_prefix('v')?;
        let split = |word, stage| name.split_once(word).map(|(major, minor)| (stage, major, Some(minor)));
        let (stage, major, minor) = split("alpha", Stage::Alpha)
            .or_else(|| split("beta", Stage::Beta))
            .unwrap_or((Stage::Done, name, None));
        let minor = minor.map_or(Some(0), number)?;
        Some(Self::Numbered { stage, major: number(major)?, minor })
    }
}

fn number(digits: &str) -> Option<u64> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_stand_in_the_order_of_the_documentation() {
        let ordered =
            ["v10", "v2", "v1", "v11beta2", "v10beta3", "v3beta1", "v12alpha1", "v11alpha2", "foo1", "foo10"];
        let mut sorted = ordered;
        sorted.sort_unstable();
        assert_ne!(sorted, ordered);
        sorted.sort_by_key(|name| Reverse(Version::of(name)));
        assert_eq!(sorted, ordered);
    }

    #[test]
    fn what_only_looks_like_a_version_is_another_name() {
        for name in ["v", "v+1", "v1beta", "v1gamma1", "v1beta1alpha1", "1", "V1", "v99999999999999999999"] {
            assert_eq!(Version::of(name), Version::Other(Reverse(name.to_owned())), "{name}");
        }
    }
}
