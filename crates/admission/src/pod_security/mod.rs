//! Pod Security admission: which pods a namespace's labels refuse.
//!
//! It looks at requests that create a pod, and at those that change one, also by way of `ephemeralcontainers` and `resize`,
//! if they change what matters ([`Standard::refuses_update`]). Of a workload it refuses nothing: its controller fails to
//! create the pods. A pod of a file on a node runs whatever is refused.
//!
//! Who is exempt, and what holds in a namespace without labels, is in a file of the API server that no manifest shows.
//! Nobody is taken as exempt, and by itself a namespace enforces nothing: answers that rest on a refusal say so.
//!
//! Sources: <https://kubernetes.io/docs/concepts/security/pod-security-admission/>,
//! <https://kubernetes.io/docs/concepts/security/pod-security-standards/>, and for each check the code behind [`Check`].

mod check;
mod draft;
mod host;
mod kernel;
mod may;
mod pod;
mod privilege;
mod profiles;
mod snapshot;
#[cfg(test)]
mod tests;
mod update;
mod volumes;

pub use check::Check;
pub use draft::{in_namespace_of_node, privileged, with_host_path, with_probe_host};
pub use snapshot::{NEWEST, OLDEST_SUPPORTED, namespaces_that_admit, servers};

use crate::Known;
use pod::Pod;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use watertight_base::Labels;
use watertight_model::{PodSecurity, PodSecurityLevel, PodSecurityVersion};

/// The minor version from which on the plugin is on by default.
const ON_SINCE: u32 = 23;

/// The minor version from which on the feature gate `UserNamespacesPodSecurityStandards` is gone, and what it opened stands in
/// the standards. Before, it is off by default, but nothing in a cluster says so.
const GATE_UNTIL: u32 = 35;

/// What a namespace enforces, as each of the API servers that may be there reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standard {
    level: PodSecurityLevel,
    editions: BTreeSet<Edition>,
}

/// What one server reads: a version of the standards that it does not know yet is the newest that it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Edition {
    version: u32,
    gate: bool,
}

impl Standard {
    /// What is enforced, if the API server has one of these minor versions.
    #[must_use]
    pub fn new(enforced: PodSecurity, servers: RangeInclusive<u32>) -> Self {
        let edition = |server: u32| Edition {
            version: match enforced.version {
                PodSecurityVersion::Latest => server,
                PodSecurityVersion::Minor(minor) => minor.min(server),
            },
            gate: server < GATE_UNTIL,
        };
        let level = if *servers.start() < ON_SINCE { PodSecurityLevel::Privileged } else { enforced.level };
        Self { level, editions: servers.map(edition).collect() }
    }

    /// What a namespace with these labels enforces. Where they are not known, it is nothing.
    #[must_use]
    pub fn of(labels: Option<&Labels>, servers: RangeInclusive<u32>) -> Self {
        Self::new(PodSecurity::of(labels.unwrap_or(&Labels::new())), servers)
    }

    /// The check that stops every pod that fits the draft, whichever of the servers is there; the first of one server, if there
    /// are several. `None` if a pod may come through.
    #[must_use]
    pub fn refuses(&self, pod: &Known) -> Option<Check> {
        let mut first = None;
        for edition in &self.editions {
            first = self.failed_in(*edition, &Pod::new(pod, edition.gate)).next();
            first?;
        }
        first
    }

    /// All checks that stop every pod that fits the draft, whichever of the servers is there.
    #[must_use]
    pub fn failed(&self, pod: &Known) -> Vec<Check> {
        let pods = self.editions.iter().map(|edition| (*edition, Pod::new(pod, edition.gate)));
        let mut editions = pods.map(|(edition, pod)| self.failed_in(edition, &pod).collect::<Vec<_>>());
        let mut failed = editions.next().unwrap_or_default();
        for other in editions {
            failed.retain(|check| other.contains(check));
        }
        failed
    }

    fn failed_in(&self, edition: Edition, pod: &Pod<'_>) -> impl Iterator<Item = Check> {
        check::failed(self.level, edition.version, pod)
    }

    /// Whether a pod that fits one of the drafts may be created.
    #[must_use]
    pub fn admits(&self, pods: &[Known]) -> bool {
        pods.iter().any(|pod| self.refuses(pod).is_none())
    }
}
