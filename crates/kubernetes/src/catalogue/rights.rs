//! Granting rights: past the rule that nobody grants what they do not hold.

use crate::primitive::{AGGREGATED, ALTER, ActsAs, BOUND, CHANGE, DANGLING, EDIT, EVER, Need, Primitive};
use watertight_model::Gain;

pub(super) const ROWS: &[Primitive] = &[
    // A18. The server asks for `bind` in the namespace of the binding, under the name of the role.
    Primitive {
        rule: "bind-roles",
        needs: &[
            Need::namespaced(BIND, CLUSTER_ROLES),
            Need::namespaced(CHANGE, BINDINGS).own_names().together(),
        ],
        gain: Gain::GrantsRights,
        acts_as: ActsAs::HoldersOfClusterRoles,
        versions: EVER,
        does: "bind any role in {}",
        fix: "let nobody of staging bind roles outside of its own namespaces, or name in `resourceNames` which ones",
    },
    Primitive {
        rule: "bind-roles",
        needs: &[
            Need::cluster(BIND, CLUSTER_ROLES),
            Need::cluster(CHANGE, CLUSTER_BINDINGS).own_names().together(),
        ],
        gain: Gain::GrantsRights,
        acts_as: ActsAs::HoldersOfClusterRoles,
        versions: EVER,
        does: "bind any role in the whole cluster",
        fix: "let nobody of staging bind roles outside of its own namespaces, or name in `resourceNames` which ones",
    },
    Primitive {
        rule: "bind-roles",
        needs: &[Need::namespaced(BIND, ROLES), Need::namespaced(CHANGE, BINDINGS).own_names().together()],
        gain: Gain::GrantsRights,
        acts_as: ActsAs::HoldersOfRoles,
        versions: EVER,
        does: "bind any Role of {}",
        fix: "let nobody of staging bind roles outside of its own namespaces, or name in `resourceNames` which ones",
    },
    // A19. The server asks for `escalate` on the role that is changed. Whose role it is, they have what it grants.
    Primitive {
        rule: "escalate-roles",
        needs: &[
            Need::bound(&[BOUND], ROLES),
            Need::namespaced(ESCALATE, ROLES),
            Need::namespaced(EDIT, ROLES).together_with(1),
        ],
        gain: Gain::GrantsRights,
        acts_as: ActsAs::HoldersOfEverything,
        versions: EVER,
        does: "give itself any right in {}, in a Role that it holds",
        fix: "take `escalate` away: whoever may write roles can grant what they hold themselves without it",
    },
    Primitive {
        rule: "escalate-roles",
        needs: &[
            Need::bound(&[DANGLING], ROLES),
            Need::namespaced(ESCALATE, ROLES),
            Need::namespaced(&["create"], ROLES).together_with(1),
        ],
        gain: Gain::GrantsRights,
        acts_as: ActsAs::HoldersOfEverything,
        versions: EVER,
        does: "give itself any right in {}, in a Role that it is bound to and that is not there",
        fix: "take `escalate` away: whoever may write roles can grant what they hold themselves without it",
    },
    // An empty role can be bound by everybody who may write bindings, and filled afterwards.
    Primitive {
        rule: "escalate-roles",
        needs: &[
            Need::namespaced(ESCALATE, ROLES),
            Need::namespaced(EDIT, ROLES).together(),
            Need::namespaced(CHANGE, BINDINGS).own_names(),
        ],
        gain: Gain::GrantsRights,
        acts_as: ActsAs::HoldersOfEverything,
        versions: EVER,
        does: "give itself any right in {}, in a Role that it binds while it is empty",
        fix: "take `escalate` away: whoever may write roles can grant what they hold themselves without it",
    },
    Primitive {
        rule: "escalate-roles",
        needs: &[
            Need::bound(&[BOUND], CLUSTER_ROLES),
            Need::cluster(ESCALATE, CLUSTER_ROLES),
            Need::cluster(EDIT, CLUSTER_ROLES).together_with(1),
        ],
        gain: Gain::GrantsRights,
        acts_as: ActsAs::HoldersOfEverything,
        versions: EVER,
        does: "give itself any right in {}, in a ClusterRole that it holds",
        fix: "take `escalate` away: whoever may write roles can grant what they hold themselves without it",
    },
    Primitive {
        rule: "escalate-roles",
        needs: &[
            Need::bound(&[DANGLING], CLUSTER_ROLES),
            Need::cluster(ESCALATE, CLUSTER_ROLES),
            Need::cluster(&["create"], CLUSTER_ROLES).together_with(1),
        ],
        gain: Gain::GrantsRights,
        acts_as: ActsAs::HoldersOfEverything,
        versions: EVER,
        does: "give itself any right in {}, in a ClusterRole that it is bound to and that is not there",
        fix: "take `escalate` away: whoever may write roles can grant what they hold themselves without it",
    },
    // A role with the label that an aggregated one selects becomes a part of it.
    Primitive {
        rule: "escalate-roles",
        needs: &[
            Need::bound(&[AGGREGATED], CLUSTER_ROLES).own_names(),
            Need::cluster(ESCALATE, CLUSTER_ROLES),
            Need::cluster(CHANGE, CLUSTER_ROLES).together_with(1),
        ],
        gain: Gain::GrantsRights,
        acts_as: ActsAs::HoldersOfEverything,
        versions: EVER,
        does: "give itself any right in {}, in a ClusterRole that one that it holds takes over",
        fix: "take `escalate` away: whoever may write roles can grant what they hold themselves without it",
    },
    Primitive {
        rule: "escalate-roles",
        needs: &[
            Need::cluster(ESCALATE, CLUSTER_ROLES),
            Need::cluster(EDIT, CLUSTER_ROLES).together(),
            Need::namespaced(CHANGE, BINDINGS).own_names(),
        ],
        gain: Gain::GrantsRights,
        acts_as: ActsAs::HoldersOfEverything,
        versions: EVER,
        does: "give itself any right in {}, in a ClusterRole that it binds while it is empty",
        fix: "take `escalate` away: whoever may write roles can grant what they hold themselves without it",
    },
    Primitive {
        rule: "escalate-roles",
        needs: &[
            Need::cluster(ESCALATE, CLUSTER_ROLES),
            Need::cluster(EDIT, CLUSTER_ROLES).together(),
            Need::cluster(CHANGE, CLUSTER_BINDINGS).own_names(),
        ],
        gain: Gain::GrantsRights,
        acts_as: ActsAs::HoldersOfEverything,
        versions: EVER,
        does: "give itself any right in the whole cluster, in a ClusterRole that it binds while it is empty",
        fix: "take `escalate` away: whoever may write roles can grant what they hold themselves without it",
    },
    // To take a rule or a subject away needs neither `bind` nor `escalate`.
    Primitive {
        rule: "change-cluster-roles",
        needs: &[Need::cluster(ALTER, CLUSTER_RIGHTS)],
        gain: Gain::ChangesObjects,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "take away rights that production has by ClusterRoles and their bindings",
        fix: "let administrators alone change ClusterRoles and ClusterRoleBindings",
    },
];

const BIND: &[&str] = &["bind"];
const ESCALATE: &[&str] = &["escalate"];
const ROLES: &[(&str, &str)] = &[("rbac.authorization.k8s.io", "roles")];
const CLUSTER_ROLES: &[(&str, &str)] = &[("rbac.authorization.k8s.io", "clusterroles")];
const BINDINGS: &[(&str, &str)] = &[("rbac.authorization.k8s.io", "rolebindings")];
const CLUSTER_BINDINGS: &[(&str, &str)] = &[("rbac.authorization.k8s.io", "clusterrolebindings")];
const CLUSTER_RIGHTS: &[(&str, &str)] =
    &[("rbac.authorization.k8s.io", "clusterroles"), ("rbac.authorization.k8s.io", "clusterrolebindings")];
