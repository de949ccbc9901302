//! The profile `conservative`: whatever some enforcer does.

use super::{Fault, Point, Profile};

impl Profile {
    /// Every implementation-defined point permissive, within the conventions, and the faults of every known enforcer:
    /// what is isolated under it is isolated under each of them.
    pub const CONSERVATIVE: Self =
        Self { members: &[Self::CILIUM_WITH_CLUSTER_POLICIES, Self::KUBE_ROUTER], ..Self::OPEN };

    /// The same without the faults: what each profile begins with, and says more of.
    pub(super) const OPEN: Self = Self {
        name: "conservative",
        title: "some network plugin",
        summary: "whatever some enforcer does: every open point read permissively, known faults included",
        enforces: true,
        nodes: true,
        pod_to_own_node: Point::varies("documented as open, measured as closed on kube-router and Cilium"),
        covers_host_network: Point::varies("undefined by the specification"),
        selects_host_network: Point::varies("undefined by the specification"),
        ip_block_matches_nodes: Point::varies("undefined by the specification"),
        rewrites_sources: Point::varies("undefined by the specification; measured on Calico"),
        ip_block_matches_pods: Point::varies("kube-router and Calico match, Cilium does not by default"),
        end_port: Point::varies("a plugin without it applies only `port`, says the specification"),
        init_port_names: Point::varies("not seen by Cilium and kube-router, undefined by the specification"),
        reads_cluster_network_policy: Point::varies("kube-router does not, kube-network-policies does"),
        reads_admin_network_policy: Point::varies("kube-router does not, Antrea and Calico do"),
        networks_match_cluster: Point::varies("the text says so, Cilium does not by default"),
        final_per_pod: Point::varies("per pod in kube-network-policies, per direction elsewhere"),
        keeps_old_labels: false,
        faults: &[],
        members: &[],
        ipv6: true,
        unknown_labels: true,
        two_relations: true,
        doubts_refused: true,
        shown_by: &[],
        settings: &[],
        chosen: [None; 4],
    };

    /// Its own faults and those of all members, with the name of who has them.
    pub(crate) fn all_faults(&self) -> impl Iterator<Item = (&'static str, Fault)> {
        let of = |profile: &Self| (profile.title, profile.faults);
        let all = std::iter::once(of(self)).chain(self.members.iter().map(of));
        all.flat_map(|(title, faults)| faults.iter().map(move |&fault| (title, fault)))
    }
}
