//! The API server that is asked: what it has by itself, in the version that it is of.

use crate::options::AccessOptions;
use watertight_api::{Access, Resources, SUPPORTED, bootstrap};
use watertight_model::Snapshot;

/// A server of some version, with what the input holds.
pub(crate) struct Server<'s> {
    /// What it grants.
    pub(crate) access: Access<'s>,
    /// What it serves.
    pub(crate) resources: Resources,
    /// The version whose own roles and resources are taken: `1.36`.
    pub(crate) version: String,
    /// What is odd about it: one lower-case sentence each.
    pub(crate) warnings: Vec<String>,
}

/// The kinds of which the input has to hold one, so that it grants anything.
const BINDINGS: [&str; 2] = ["ClusterRoleBinding", "RoleBinding"];

impl<'s> Server<'s> {
    /// The server of the version that was asked for, else of that which the input tells, else of the newest.
    pub(crate) fn new(snapshot: &'s Snapshot, options: &AccessOptions) -> Self {
        let wanted =
            options.kubernetes_version.or_else(|| snapshot.minor_version()).unwrap_or(*SUPPORTED.end());
        let minor = wanted.clamp(*SUPPORTED.start(), *SUPPORTED.end());
        let version = format!("1.{minor}");
        let mut warnings = Vec::new();
        if minor != wanted {
            warnings.push(format!(
                "what a server of Kubernetes 1.{wanted} has by itself is not known, and that of {version} is taken"
            ));
        }
        if !BINDINGS.iter().any(|kind| snapshot.kinds.contains_key(*kind)) {
            warnings.push(
                "the input holds no RoleBinding and no ClusterRoleBinding, so that only what every server grants by \
                 itself counts"
                    .to_owned(),
            );
        }
        let access = Access::new(snapshot, bootstrap(minor));
        Self { access, resources: Resources::new(minor, &snapshot.custom_resources), version, warnings }
    }
}
