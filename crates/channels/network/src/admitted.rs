//! What pods that nobody has created yet could do by their nodes: what the namespace's Pod Security labels leave to them.

use std::collections::BTreeMap;
use watertight_admission::pod_security::{Standard, in_namespace_of_node, servers, with_probe_host};
use watertight_base::Labels;
use watertight_model::{PodSecurity, PodSecurityLevel, PodSecurityVersion, Snapshot};

/// What some labels leave to pods.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Admitted {
    /// To be on the host network.
    pub(crate) host_network: bool,
    /// To name another host in a probe or a hook, which their node then dials.
    pub(crate) probe_hosts: bool,
}

/// Where nothing is enforced.
const EVERYTHING: Admitted = Admitted { host_network: true, probe_hosts: true };

/// The weaker of the levels that keep pods off the host network, in its latest version.
const BASELINE: PodSecurity =
    PodSecurity { level: PodSecurityLevel::Baseline, version: PodSecurityVersion::Latest };

/// What is admitted under each standard that some namespace enforces.
#[derive(Debug)]
pub(crate) struct Standards(BTreeMap<PodSecurity, Admitted>);

impl Standards {
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let (host_network, probe_hosts) = (in_namespace_of_node("hostNetwork"), with_probe_host());
        let mut known = BTreeMap::new();
        let there = snapshot.namespaces.iter().flat_map(|namespace| &namespace.labels).map(PodSecurity::of);
        for enforced in there.chain([BASELINE]) {
            known.entry(enforced).or_insert_with(|| {
                let standard = Standard::new(enforced, servers(snapshot));
                Admitted {
                    host_network: standard.admits(&host_network),
                    probe_hosts: standard.admits(&probe_hosts),
                }
            });
        }
        Self(known)
    }

    /// What is admitted in a namespace that keeps the level `baseline` or a stricter one, in its latest version.
    pub(crate) fn at_least_baseline(&self) -> Admitted {
        self.0.get(&BASELINE).copied().unwrap_or(EVERYTHING)
    }

    /// What is admitted in a namespace with these labels. Where they are not known, that is everything.
    pub(crate) fn admit(&self, labels: Option<&Labels>) -> Admitted {
        let admitted = labels.and_then(|labels| self.0.get(&PodSecurity::of(labels)));
        admitted.copied().unwrap_or(EVERYTHING)
    }
}
