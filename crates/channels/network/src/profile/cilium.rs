//! The profile `cilium`: Cilium 1.20 with its default flags.

use super::{Axis, Fault, Point, Profile, Setting, Value};

const MEASURED: &str = "measured on Cilium 1.20.2, default flags";
const UNMEASURED: &str = "not measured on Cilium";

/// Labels that Cilium leaves out of a pod's identity by default, so that selectors do not see them.
///
/// Source: <https://docs.cilium.io/en/stable/operations/performance/scalability/identity-relevant-labels/>, and measured.
const HIDDEN: &[&str] = &[
    "pod-template-hash",
    "pod-template-generation",
    "controller-revision-hash",
    "controller-uid",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-completion-index",
    "batch.kubernetes.io/job-name",
    "job-name",
    "apps.kubernetes.io/pod-index",
    "statefulset.kubernetes.io/pod-name",
];

impl Profile {
    /// Cilium with its default flags.
    pub const CILIUM: Self = Self {
        name: "cilium",
        title: "Cilium",
        shown_by: &["cilium"],
        summary: "Cilium 1.20 with its default flags",
        pod_to_own_node: Point::never(MEASURED),
        covers_host_network: Point::never(MEASURED),
        selects_host_network: Point::never(MEASURED),
        ip_block_matches_nodes: Point::never(MEASURED),
        rewrites_sources: Point::varies(
            "with externalTrafficPolicy Cluster a pod sees a node's tunnel address",
        ),
        ip_block_matches_pods: Point::never(MEASURED),
        end_port: Point::always("documented since 1.11"),
        init_port_names: Point::never(MEASURED),
        reads_cluster_network_policy: Point::never("measured: only behind a hidden flag"),
        reads_admin_network_policy: Point::never("measured: the older kinds are not read"),
        networks_match_cluster: Point::never(
            "measured on Cilium 1.20.2 with the flag for ClusterNetworkPolicy",
        ),
        final_per_pod: Point::varies(UNMEASURED),
        // Measured on Cilium 1.20.2: for up to 30 seconds.
        keeps_old_labels: true,
        faults: &[Fault::UnlistedRules, Fault::HiddenLabels(HIDDEN)],
        settings: &[
            Setting {
                name: "cidr-match",
                of: "--policy-cidr-match-mode",
                values: &[
                    Value { name: "none", default: true, change: |_| {} },
                    Value { name: "nodes", default: false, change: |profile| matches(profile, false, true) },
                    Value { name: "pods", default: false, change: |profile| matches(profile, true, false) },
                    Value {
                        name: "pods+nodes",
                        default: false,
                        change: |profile| matches(profile, true, true),
                    },
                ],
            },
            Setting {
                name: "cluster-network-policy",
                of: "--enable-k8s-cluster-network-policy",
                values: &[
                    Value { name: "false", default: true, change: |_| {} },
                    Value {
                        name: "true",
                        default: false,
                        change: |profile| {
                            profile.reads_cluster_network_policy =
                                Self::CILIUM_WITH_CLUSTER_POLICIES.reads_cluster_network_policy;
                            profile.faults = Self::CILIUM_WITH_CLUSTER_POLICIES.faults;
                        },
                    },
                ],
            },
        ],
        ..Self::OPEN
    };

    /// Cilium with the hidden flag for ClusterNetworkPolicy, which brings faults of its own.
    pub(crate) const CILIUM_WITH_CLUSTER_POLICIES: Self = Self {
        reads_cluster_network_policy: Point::always("measured with --enable-k8s-cluster-network-policy=true"),
        faults: &[
            Fault::UnlistedRules,
            Fault::HiddenLabels(HIDDEN),
            Fault::BaselineOverrides,
            Fault::DropsPoliciesWithNodesOrNames,
        ],
        ..Self::CILIUM
    };
}

fn matches(profile: &mut Profile, pods: bool, nodes: bool) {
    let measured = |axis| Point { axis, source: "measured with --policy-cidr-match-mode" };
    if pods {
        profile.ip_block_matches_pods = measured(Axis::Always);
    }
    if nodes {
        profile.ip_block_matches_nodes = measured(Axis::Always);
    }
    profile.networks_match_cluster = measured(Axis::Varies);
}
