//! Impersonation: acting as others by a header of the request.

use crate::primitive::{ActsAs, EVER, Need, Of, Primitive};
use std::ops::RangeInclusive;
use watertight_model::Gain;

pub(super) const ROWS: &[Primitive] = &[
    // A16. A user name of a ServiceAccount is asked for as that ServiceAccount, whatever users are named. UIDs and extras
    // (`uids`, `userextras/…`) yield nothing by themselves: RBAC does not look at them.
    Primitive {
        rule: "impersonate-users",
        needs: &[Need::cluster(IMPERSONATE, USERS)],
        gain: Gain::ActsAsAnybody,
        acts_as: ActsAs::NamedUsers,
        versions: EVER,
        does: "act as any user",
        fix: "name in `resourceNames` whom it may act as, none of production's",
    },
    // A16. The server takes no groups without a user.
    Primitive {
        rule: "impersonate-groups",
        needs: &[
            Need::cluster(IMPERSONATE, &[("", "groups")]),
            Need::cluster(IMPERSONATE, USERS).own_names().together(),
        ],
        gain: Gain::ActsAsAnybody,
        acts_as: ActsAs::NamedGroups,
        versions: EVER,
        does: "act as a member of any group",
        fix: "name in `resourceNames` the groups it may act in, none of production's and not `system:masters`",
    },
    // The user may be a ServiceAccount of any namespace.
    Primitive {
        rule: "impersonate-groups",
        needs: &[
            Need::cluster(IMPERSONATE, &[("", "groups")]),
            Need::any_namespace(IMPERSONATE, ACCOUNTS).own_names().together(),
        ],
        gain: Gain::ActsAsAnybody,
        acts_as: ActsAs::NamedGroups,
        versions: EVER,
        does: "act as a member of any group",
        fix: "name in `resourceNames` the groups it may act in, none of production's and not `system:masters`",
    },
    // A16.
    Primitive {
        rule: "impersonate-service-accounts",
        needs: &[Need::namespaced(IMPERSONATE, ACCOUNTS)],
        gain: Gain::MintsTokens,
        acts_as: ActsAs::NamedServiceAccounts,
        versions: EVER,
        does: "act as the ServiceAccounts of {}",
        fix: "take `impersonate` away; the roles `edit` and `admin` have it, so grant narrower ones",
    },
    // A17 (KEP-5284), on by default from 1.36 on. The server asks for both halves, and of whom one acts as for the action
    // itself. Which actions the second half names is not looked at.
    Primitive {
        rule: "constrained-impersonation",
        needs: &[
            Need::namespaced(
                &["impersonate:serviceaccount"],
                &[("authentication.k8s.io", "serviceaccounts")],
            ),
            Need::any_namespace(ON_ACCOUNT, &[]).of(Of::Anything).own_names().together(),
        ],
        gain: Gain::MintsTokens,
        acts_as: ActsAs::NamedServiceAccounts,
        versions: CONSTRAINED,
        does: "act as the ServiceAccounts of {}, in what it may do as them",
        fix: "take the verbs `impersonate:…` and `impersonate-on:…` away",
    },
    Primitive {
        rule: "constrained-impersonation",
        needs: &[
            Need::cluster(&["impersonate:user-info"], &[("authentication.k8s.io", "users")]),
            Need::any_namespace(ON_USER, &[]).of(Of::Anything).own_names().together(),
        ],
        gain: Gain::ActsAsAnybody,
        acts_as: ActsAs::NamedUsers,
        versions: CONSTRAINED,
        does: "act as any user, in what it may do as them",
        fix: "take the verbs `impersonate:…` and `impersonate-on:…` away",
    },
    Primitive {
        rule: "constrained-impersonation",
        needs: &[
            Need::cluster(&["impersonate:user-info"], &[("authentication.k8s.io", "groups")]),
            Need::cluster(&["impersonate:user-info"], &[("authentication.k8s.io", "users")])
                .own_names()
                .together(),
            Need::any_namespace(ON_USER, &[]).of(Of::Anything).own_names().together(),
        ],
        gain: Gain::ActsAsAnybody,
        acts_as: ActsAs::NamedGroups,
        versions: CONSTRAINED,
        does: "act as a member of any group, in what it may do as one",
        fix: "take the verbs `impersonate:…` and `impersonate-on:…` away",
    },
    Primitive {
        rule: "constrained-impersonation",
        needs: &[
            Need::cluster(&["impersonate:arbitrary-node"], &[("authentication.k8s.io", "nodes")]),
            Need::any_namespace(ON_NODE, &[]).of(Of::Anything).own_names().together(),
        ],
        gain: Gain::MintsTokens,
        acts_as: ActsAs::ServiceAccounts,
        versions: CONSTRAINED,
        does: "act as the nodes, with what they see of the pods on them",
        fix: "take the verbs `impersonate:…` and `impersonate-on:…` away",
    },
    // Asked for with the name `*`.
    Primitive {
        rule: "constrained-impersonation",
        needs: &[
            Need::cluster(&["impersonate:associated-node"], &[("authentication.k8s.io", "nodes")])
                .named(&["*"]),
            Need::any_namespace(ON_OWN_NODE, &[]).of(Of::Anything).own_names().together(),
        ],
        gain: Gain::MintsTokens,
        acts_as: ActsAs::ServiceAccounts,
        versions: CONSTRAINED,
        does: "act as the node on which it runs, with what that sees of the pods on it",
        fix: "take the verbs `impersonate:…` and `impersonate-on:…` away",
    },
];

const IMPERSONATE: &[&str] = &["impersonate"];
const USERS: &[(&str, &str)] = &[("", "users")];
const ACCOUNTS: &[(&str, &str)] = &[("", "serviceaccounts")];
/// The versions that ask for `impersonate:…` unless they are told not to.
const CONSTRAINED: RangeInclusive<u32> = 36..=u32::MAX;
const ON_ACCOUNT: &[&str] = &[
    "impersonate-on:serviceaccount:create",
    "impersonate-on:serviceaccount:get",
    "impersonate-on:serviceaccount:list",
    "impersonate-on:serviceaccount:watch",
    "impersonate-on:serviceaccount:update",
    "impersonate-on:serviceaccount:patch",
    "impersonate-on:serviceaccount:delete",
    "impersonate-on:serviceaccount:deletecollection",
    "impersonate-on:serviceaccount:bind",
    "impersonate-on:serviceaccount:escalate",
    "impersonate-on:serviceaccount:approve",
    "impersonate-on:serviceaccount:sign",
    "impersonate-on:serviceaccount:impersonate",
];
const ON_USER: &[&str] = &[
    "impersonate-on:user-info:create",
    "impersonate-on:user-info:get",
    "impersonate-on:user-info:list",
    "impersonate-on:user-info:watch",
    "impersonate-on:user-info:update",
    "impersonate-on:user-info:patch",
    "impersonate-on:user-info:delete",
    "impersonate-on:user-info:deletecollection",
    "impersonate-on:user-info:bind",
    "impersonate-on:user-info:escalate",
    "impersonate-on:user-info:approve",
    "impersonate-on:user-info:sign",
    "impersonate-on:user-info:impersonate",
];
const ON_NODE: &[&str] = &[
    "impersonate-on:arbitrary-node:create",
    "impersonate-on:arbitrary-node:get",
    "impersonate-on:arbitrary-node:list",
    "impersonate-on:arbitrary-node:watch",
    "impersonate-on:arbitrary-node:update",
    "impersonate-on:arbitrary-node:patch",
    "impersonate-on:arbitrary-node:delete",
    "impersonate-on:arbitrary-node:deletecollection",
    "impersonate-on:arbitrary-node:bind",
    "impersonate-on:arbitrary-node:escalate",
    "impersonate-on:arbitrary-node:approve",
    "impersonate-on:arbitrary-node:sign",
    "impersonate-on:arbitrary-node:impersonate",
];
const ON_OWN_NODE: &[&str] = &[
    "impersonate-on:associated-node:create",
    "impersonate-on:associated-node:get",
    "impersonate-on:associated-node:list",
    "impersonate-on:associated-node:watch",
    "impersonate-on:associated-node:update",
    "impersonate-on:associated-node:patch",
    "impersonate-on:associated-node:delete",
    "impersonate-on:associated-node:deletecollection",
    "impersonate-on:associated-node:bind",
    "impersonate-on:associated-node:escalate",
    "impersonate-on:associated-node:approve",
    "impersonate-on:associated-node:sign",
    "impersonate-on:associated-node:impersonate",
];
