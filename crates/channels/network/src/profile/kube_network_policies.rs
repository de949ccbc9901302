//! The profile `kube-network-policies`: the reference implementation of SIG Network.

use super::{ADMIN_POLICIES, Point, Profile};

const CODE: &str = "read in its code";

impl Profile {
    /// kube-network-policies.
    pub const KUBE_NETWORK_POLICIES: Self = Self {
        name: "kube-network-policies",
        title: "kube-network-policies",
        shown_by: &["kube-network-policies", "kindnet"],
        summary: "kube-network-policies, which kindnet also uses",
        ip_block_matches_pods: Point::always(CODE),
        ip_block_matches_nodes: Point::always("it matches addresses, whoever has them"),
        end_port: Point::always(CODE),
        reads_cluster_network_policy: Point::varies("depends on its version and flags"),
        reads_admin_network_policy: Point::varies("depends on its version and flags"),
        networks_match_cluster: Point::always("it matches addresses, whoever has them"),
        final_per_pod: Point::always(CODE),
        settings: &[ADMIN_POLICIES],
        ..Self::OPEN
    };
}
