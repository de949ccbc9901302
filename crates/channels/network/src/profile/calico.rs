//! The profile `calico`: Calico 3.3x, with the settings of its Kubernetes manifests.

use super::{ADMIN_POLICIES, Point, Profile};

const PUBLISHED: &str = "measured by others on Calico, four of four clusters";
const DOCUMENTED: &str = "docs.tigera.io, network policy for hosts and workloads";

impl Profile {
    /// Calico.
    pub const CALICO: Self = Self {
        name: "calico",
        title: "Calico",
        shown_by: &["calico-node"],
        summary: "Calico with the settings of its Kubernetes manifests",
        pod_to_own_node: Point::varies("FELIX_DEFAULTENDPOINTTOHOSTACTION decides; its manifests set ACCEPT"),
        covers_host_network: Point::never(DOCUMENTED),
        selects_host_network: Point::never(DOCUMENTED),
        ip_block_matches_nodes: Point::always("it matches addresses, whoever has them"),
        rewrites_sources: Point::always(PUBLISHED),
        ip_block_matches_pods: Point::always(PUBLISHED),
        end_port: Point::always("documented since 3.20"),
        reads_cluster_network_policy: Point::varies("depends on its version"),
        reads_admin_network_policy: Point::varies("depends on its version: read from 3.29 on"),
        networks_match_cluster: Point::always("it matches addresses, whoever has them"),
        settings: &[ADMIN_POLICIES],
        ..Self::OPEN
    };
}
