//! What pods that nobody has created yet could do by their nodes: what the namespace's Pod Security labels leave to them.

use std::collections::BTreeMap;
use watertight_admission::pod_security::{Standard, in_namespace_of_node, servers, with_probe_host};
use watertight_base::Labels;
use watertight_model::{PodSecurity, Snapshot};

/// What some labels leave to pods.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Admitted {
    /// To be on the host network.
    pub(crate) host_network: bool,
    /// To name another host in a probe or a hook, which their node then dials.
    pub(crate) probe_hosts: bool,
}

/// What is admitted under each standard that some namespace enforces.
#[derive(Debug)]
pub(crate) struct Standards(BTreeMap<PodSecurity, Admitted>);

impl Standards {
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let (host_network, probe_hosts) = (in_namespace_of_node("hostNetwork"), with_probe_host());
        let mut known = BTreeMap::new();
        for labels in snapshot.namespaces.iter().flat_map(|namespace| &namespace.labels) {
            known.entry(PodSecurity::of(labels)).or_insert_with_key(|&enforced| {
                let standard = Standard::new(enforced, servers(snapshot));
                Admitted {
                    host_network: standard.admits(&host_network),
                    probe_hosts: standard.admits(&probe_hosts),
                }
            });
        }
        Self(known)
    }

    /// What is admitted in a namespace with these labels. Where they are not known, that is everything.
    pub(crate) fn admit(&self, labels: Option<&Labels>) -> Admitted {
        let admitted = labels.and_then(|labels| self.0.get(&PodSecurity::of(labels)));
        admitted.copied().unwrap_or(Admitted { host_network: true, probe_hosts: true })
    }
}
