//! The profile `kube-router`: kube-router 2.x, with iptables and ipset.

use super::{Fault, Point, Profile};

const MEASURED: &str = "measured on kube-router 2.x";

impl Profile {
    /// kube-router 2.x.
    pub const KUBE_ROUTER: Self = Self {
        name: "kube-router",
        title: "kube-router",
        shown_by: &["kube-router"],
        summary: "kube-router 2.x",
        pod_to_own_node: Point::never(MEASURED),
        covers_host_network: Point::never(MEASURED),
        selects_host_network: Point::never(MEASURED),
        ip_block_matches_nodes: Point::always(MEASURED),
        rewrites_sources: Point::varies("measured as closed on one node, not measured on two"),
        ip_block_matches_pods: Point::always(MEASURED),
        end_port: Point::always("not measured; its pull request 1080 added it in 2021, before 2.0"),
        init_port_names: Point::never(MEASURED),
        reads_cluster_network_policy: Point::never("it reads NetworkPolicy alone, says its documentation"),
        reads_admin_network_policy: Point::never("it reads NetworkPolicy alone, says its documentation"),
        faults: &[Fault::UnreliablePortNames],
        ..Self::OPEN
    };
}
