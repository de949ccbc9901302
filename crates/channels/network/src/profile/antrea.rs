//! The profile `antrea`: Antrea 2.x.

use super::{ADMIN_POLICIES, Point, Profile};

const DOCUMENTED: &str = "antrea.io documentation";

impl Profile {
    /// Antrea.
    pub const ANTREA: Self = Self {
        name: "antrea",
        title: "Antrea",
        shown_by: &["antrea-agent"],
        summary: "Antrea 2.x; what is not documented is read permissively",
        covers_host_network: Point::never(DOCUMENTED),
        end_port: Point::always(DOCUMENTED),
        reads_cluster_network_policy: Point::varies("depends on its version"),
        reads_admin_network_policy: Point::varies(
            "from 1.13 on, behind a feature gate: antrea.io/docs/main/docs/admin-network-policy",
        ),
        settings: &[ADMIN_POLICIES],
        ..Self::OPEN
    };
}
