//! CNI profiles as data: how each point that the specification leaves open is read, and where an enforcer is known to
//! deviate from it. One file a profile; each entry says where it is known from.
//!
//! The engine asks a profile only through [`Point::holds`] and [`Profile::has`], so that the two relations and all
//! profiles share one evaluation.

mod antrea;
mod calico;
mod cilium;
mod conservative;
mod declared;
mod fault;
mod kube_network_policies;
mod kube_router;
mod none;
mod parse;
mod shown;

pub use fault::Fault;
pub(crate) use fault::all_are_names;
pub use parse::ProfileError;

/// Something that implementations may do or not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// All implementations of this profile do it.
    Always,
    /// None of them does.
    Never,
    /// Some do, some do not, or nobody has measured.
    Varies,
}

/// What a profile says about one open point, and where that is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// What is done.
    pub axis: Axis,
    /// Where it is known from: a measurement, a page of documentation, the code; or why it is taken so.
    pub source: &'static str,
}

impl Point {
    const fn always(source: &'static str) -> Self {
        Self { axis: Axis::Always, source }
    }

    const fn never(source: &'static str) -> Self {
        Self { axis: Axis::Never, source }
    }

    const fn varies(source: &'static str) -> Self {
        Self { axis: Axis::Varies, source }
    }

    /// Whether it is done, where `if_it_varies` is the answer that the relation at hand wants.
    #[must_use]
    pub fn holds(self, if_it_varies: bool) -> bool {
        match self.axis {
            Axis::Always => true,
            Axis::Never => false,
            Axis::Varies => if_it_varies,
        }
    }

    /// The answers that some implementation gives.
    pub(crate) fn answers(self) -> &'static [bool] {
        match self.axis {
            Axis::Always => &[true],
            Axis::Never => &[false],
            Axis::Varies => &[true, false],
        }
    }
}

/// A reading of the points that the specification leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// Its name on the command line.
    pub name: &'static str,
    /// What people call it: `Cilium`.
    pub title: &'static str,
    /// One line for `--help`.
    pub summary: &'static str,
    /// Whether anything enforces NetworkPolicy (rule N54).
    pub enforces: bool,
    /// Whether nodes take part: traffic of nodes, and pods on a node's network being more than ordinary pods (rules
    /// N35 to N38). If not, the next five points are not asked.
    pub nodes: bool,
    /// Whether a pod can always open connections to its own node (rule N35; the other direction always holds).
    pub pod_to_own_node: Point,
    /// Whether policies that select a hostNetwork pod apply to it (rule N37).
    pub covers_host_network: Point,
    /// Whether a selector in a peer matches hostNetwork pods (rule N38).
    pub selects_host_network: Point,
    /// Whether an ipBlock matches node addresses (rule N36).
    pub ip_block_matches_nodes: Point,
    /// Whether a Service can make a pod's connection arrive under a node's address before policies decide (rule N40).
    pub rewrites_sources: Point,
    /// Whether an ipBlock matches pod addresses (rule N43).
    pub ip_block_matches_pods: Point,
    /// Whether `endPort` is understood; without it only `port` counts (rule N25).
    pub end_port: Point,
    /// Whether port names of init containers and sidecars are seen (rule N30).
    pub init_port_names: Point,
    /// Whether ClusterNetworkPolicy (v1alpha2) is read at all: plugins that know NetworkPolicy may not know it.
    pub reads_cluster_network_policy: Point,
    /// Whether AdminNetworkPolicy and BaselineAdminNetworkPolicy (v1alpha1) are read at all.
    pub reads_admin_network_policy: Point,
    /// Whether `networks` in a rule of the administrator's policies match the addresses of pods and nodes (rule N67).
    pub networks_match_cluster: Point,
    /// Whether a pod that some NetworkPolicy selects skips the Baseline tier in both directions, or only in those in
    /// which one isolates it (rule N63).
    pub final_per_pod: Point,
    /// Whether a pod whose labels change is taken for what it was for a while (rule N22).
    pub keeps_old_labels: bool,
    /// What it is known to do against the specification.
    pub faults: &'static [Fault],
    /// Enforcers whose faults are looked for too, although no plugin has all of them.
    pub members: &'static [Self],
    /// Whether IPv6 takes part.
    pub ipv6: bool,
    /// Whether namespace labels that the input does not show could be anything, in `may` (convention 9).
    pub unknown_labels: bool,
    /// Whether the two relations differ. If not, both are read as `may`.
    pub two_relations: bool,
    /// Whether policies that the API server would refuse may be missing from the cluster (convention 6).
    pub doubts_refused: bool,
    /// The DaemonSets by which a cluster shows that it has this enforcer.
    pub shown_by: &'static [&'static str],
    /// Cluster-wide settings that change it, as `--profile NAME,SETTING=VALUE` names them.
    pub settings: &'static [Setting],
    // The settings that were chosen: indices into `settings` and into their values.
    chosen: [Option<usize>; 4],
}

/// A cluster-wide setting of an enforcer that changes what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Its name: `cidr-match`.
    pub name: &'static str,
    /// The flag or field of the enforcer.
    pub of: &'static str,
    /// Its values.
    pub values: &'static [Value],
}

/// One value of a setting, and what it changes.
#[derive(Debug, Clone, Copy)]
pub struct Value {
    /// The value.
    pub name: &'static str,
    /// Whether it is the default.
    pub default: bool,
    change: fn(&mut Profile),
}

/// Whether an enforcer whose versions differ in it reads the administrator's policies.
const ADMIN_POLICIES: Setting = Setting {
    name: "admin-policies",
    of: "whether its version, as it is set up, reads ClusterNetworkPolicy and AdminNetworkPolicy",
    values: &[
        Value { name: "unknown", default: true, change: |_| {} },
        Value { name: "true", default: false, change: |profile| profile.read_admin_policies(Axis::Always) },
        Value { name: "false", default: false, change: |profile| profile.read_admin_policies(Axis::Never) },
    ],
};

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Value {}

impl Profile {
    /// All profiles, the default first.
    pub const ALL: [Self; 8] = [
        Self::CONSERVATIVE,
        Self::CALICO,
        Self::CILIUM,
        Self::KUBE_ROUTER,
        Self::ANTREA,
        Self::KUBE_NETWORK_POLICIES,
        Self::NONE,
        Self::DECLARED,
    ];

    /// Those of one enforcer each.
    pub const ENFORCERS: [Self; 5] =
        [Self::CALICO, Self::CILIUM, Self::KUBE_ROUTER, Self::ANTREA, Self::KUBE_NETWORK_POLICIES];

    fn read_admin_policies(&mut self, axis: Axis) {
        let said = Point { axis, source: "said by the setting admin-policies" };
        self.reads_cluster_network_policy = said;
        self.reads_admin_network_policy = said;
    }

    /// Whether the enforcer has this fault.
    #[must_use]
    pub fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    /// Whether the enforcer, or one that the profile stands for, takes a pod for what its labels were.
    pub(crate) fn may_keep_old_labels(&self) -> bool {
        self.keeps_old_labels || self.members.iter().any(|member| member.keeps_old_labels)
    }

    /// Every open point with its name, in the order in which they are documented.
    #[must_use]
    pub fn points(&self) -> [(&'static str, Point); 12] {
        [
            ("pod-to-own-node", self.pod_to_own_node),
            ("covers-host-network", self.covers_host_network),
            ("selects-host-network", self.selects_host_network),
            ("ip-block-matches-nodes", self.ip_block_matches_nodes),
            ("rewrites-sources", self.rewrites_sources),
            ("ip-block-matches-pods", self.ip_block_matches_pods),
            ("end-port", self.end_port),
            ("init-port-names", self.init_port_names),
            ("reads-cluster-network-policy", self.reads_cluster_network_policy),
            ("reads-admin-network-policy", self.reads_admin_network_policy),
            ("networks-match-cluster", self.networks_match_cluster),
            ("final-per-pod", self.final_per_pod),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_says_where_it_is_known_from() {
        for profile in Profile::ALL {
            for (name, point) in profile.points() {
                assert!(point.source.len() > 8, "{} {name}", profile.name);
            }
        }
    }

    #[test]
    fn conservative_leaves_open_whatever_enforcers_differ_on() {
        for enforcer in Profile::ENFORCERS {
            for ((name, of_all), (_, own)) in
                Profile::CONSERVATIVE.points().into_iter().zip(enforcer.points())
            {
                assert!(of_all.axis == Axis::Varies || of_all.axis == own.axis, "{} {name}", enforcer.name);
            }
            assert!(
                enforcer.faults.iter().all(|fault| {
                    Profile::CONSERVATIVE.members.iter().any(|member| member.faults.contains(fault))
                }),
                "{}",
                enforcer.name
            );
        }
    }
}
