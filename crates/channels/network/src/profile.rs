//! CNI profiles as data: how each point that the specification leaves open is read.
//!
//! A new profile is a new constant. The engine asks a profile only through [`Axis::holds`], so that the two relations
//! and all profiles share one evaluation.

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

impl Axis {
    /// Whether it is done, where `if_it_varies` is the answer that the relation at hand wants.
    #[must_use]
    pub fn holds(self, if_it_varies: bool) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Varies => if_it_varies,
        }
    }
}

impl Axis {
    /// The answers that some implementation gives.
    pub(crate) fn answers(self) -> &'static [bool] {
        match self {
            Self::Always => &[true],
            Self::Never => &[false],
            Self::Varies => &[true, false],
        }
    }
}

/// A reading of the points that the specification leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// Its name on the command line.
    pub name: &'static str,
    /// One line for `--help`.
    pub summary: &'static str,
    /// Whether anything enforces NetworkPolicy (rule N54).
    pub enforces: bool,
    /// Whether nodes take part: traffic of nodes, and pods on a node's network being more than ordinary pods (rules
    /// N35 to N38). If not, the next six axes are not asked.
    pub nodes: bool,
    /// Whether a pod can always open connections to its own node (rule N35; the other direction always holds).
    pub pod_to_own_node: Axis,
    /// Whether policies that select a hostNetwork pod apply to it (rule N37).
    pub covers_host_network: Axis,
    /// Whether a selector in a peer matches hostNetwork pods (rule N38).
    pub selects_host_network: Axis,
    /// Whether an ipBlock matches node addresses (rule N36).
    pub ip_block_matches_nodes: Axis,
    /// Whether a Service can make a pod's connection arrive under a node's address before policies decide (rule N40).
    pub rewrites_sources: Axis,
    /// Whether an ipBlock matches pod addresses (rule N43).
    pub ip_block_matches_pods: Axis,
    /// Whether rules of a direction that is not among the policy's types allow all the same (rule N5).
    pub unlisted_rules_allow: Axis,
    /// Whether `endPort` is understood; without it only `port` counts (rule N25).
    pub end_port: Axis,
    /// Whether port names of init containers and sidecars are seen (rule N30).
    pub init_port_names: Axis,
    /// Whether the administrator's policies are read at all: plugins that know NetworkPolicy may not know these.
    pub reads_cluster_policies: Axis,
    /// Whether `networks` in a rule of the administrator's policies match the addresses of pods and nodes (rule N67).
    pub networks_match_cluster: Axis,
    /// Whether a pod that some NetworkPolicy selects skips the Baseline tier in both directions, or only in those in
    /// which one isolates it (rule N63).
    pub final_per_pod: Axis,
    /// Whether IPv6 takes part.
    pub ipv6: bool,
    /// Whether namespace labels that the input does not show could be anything, in `may` (convention 9).
    pub unknown_labels: bool,
    /// Whether the two relations differ. If not, both are read as `may`.
    pub two_relations: bool,
    /// Whether policies that the API server would refuse may be missing from the cluster (convention 6).
    pub doubts_refused: bool,
}

impl Profile {
    /// Every implementation-defined point permissive, within the conventions.
    pub const CONSERVATIVE: Self = Self {
        name: "conservative",
        summary: "every point that implementations differ on, read permissively",
        enforces: true,
        nodes: true,
        pod_to_own_node: Axis::Varies,
        covers_host_network: Axis::Varies,
        selects_host_network: Axis::Varies,
        ip_block_matches_nodes: Axis::Varies,
        rewrites_sources: Axis::Varies,
        ip_block_matches_pods: Axis::Varies,
        unlisted_rules_allow: Axis::Varies,
        end_port: Axis::Varies,
        init_port_names: Axis::Varies,
        reads_cluster_policies: Axis::Varies,
        networks_match_cluster: Axis::Varies,
        final_per_pod: Axis::Varies,
        ipv6: true,
        unknown_labels: true,
        two_relations: true,
        doubts_refused: true,
    };

    /// Nothing enforces policies.
    pub const NONE: Self = Self {
        name: "none",
        summary: "nothing enforces NetworkPolicy",
        enforces: false,
        ..Self::CONSERVATIVE
    };

    /// What the policies say, read alone: ipBlocks are outside the cluster only, hostNetwork pods are ordinary pods,
    /// nodes are ignored, IPv4 only. For comparison with other analysers.
    pub const DECLARED: Self = Self {
        name: "declared",
        summary: "what the policies say, read alone: no nodes, no host network, ipBlocks outside only, IPv4",
        enforces: true,
        nodes: false,
        pod_to_own_node: Axis::Never,
        covers_host_network: Axis::Always,
        selects_host_network: Axis::Always,
        ip_block_matches_nodes: Axis::Never,
        rewrites_sources: Axis::Never,
        ip_block_matches_pods: Axis::Never,
        unlisted_rules_allow: Axis::Never,
        end_port: Axis::Always,
        init_port_names: Axis::Never,
        reads_cluster_policies: Axis::Always,
        networks_match_cluster: Axis::Always,
        final_per_pod: Axis::Never,
        ipv6: false,
        unknown_labels: false,
        two_relations: false,
        doubts_refused: false,
    };

    /// All profiles, the default first.
    pub const ALL: [Self; 3] = [Self::CONSERVATIVE, Self::NONE, Self::DECLARED];

    /// The profile of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name == name)
    }
}
