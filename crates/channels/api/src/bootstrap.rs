//! The roles and bindings that every server has by itself.

use watertight_model::{Role, RoleBinding};

/// The roles and bindings that a server makes when it starts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bootstrap {
    /// The ClusterRoles and Roles.
    pub roles: Vec<Role>,
    /// The ClusterRoleBindings and RoleBindings.
    pub role_bindings: Vec<RoleBinding>,
}
