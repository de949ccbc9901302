//! The profile `declared`: the policies, read alone.

use super::{Point, Profile};

/// Why a point is as it is here.
const BY_DEFINITION: &str = "by definition of this profile";

impl Profile {
    /// What the policies say, read alone: ipBlocks are outside the cluster only, hostNetwork pods are ordinary pods,
    /// nodes are ignored, IPv4 only. For comparison with other analysers.
    pub const DECLARED: Self = Self {
        name: "declared",
        title: "the policies, read alone",
        summary: "what the policies say, read alone: no nodes, no host network, ipBlocks outside only, IPv4",
        enforces: true,
        nodes: false,
        pod_to_own_node: Point::never(BY_DEFINITION),
        covers_host_network: Point::always(BY_DEFINITION),
        selects_host_network: Point::always(BY_DEFINITION),
        ip_block_matches_nodes: Point::never(BY_DEFINITION),
        rewrites_sources: Point::never(BY_DEFINITION),
        ip_block_matches_pods: Point::never(BY_DEFINITION),
        end_port: Point::always(BY_DEFINITION),
        init_port_names: Point::never(BY_DEFINITION),
        reads_cluster_network_policy: Point::always(BY_DEFINITION),
        reads_admin_network_policy: Point::always(BY_DEFINITION),
        networks_match_cluster: Point::always(BY_DEFINITION),
        final_per_pod: Point::never(BY_DEFINITION),
        keeps_old_labels: false,
        faults: &[],
        members: &[],
        ipv6: false,
        unknown_labels: false,
        two_relations: false,
        doubts_refused: false,
        shown_by: &[],
        settings: &[],
        chosen: [None; 4],
    };
}
