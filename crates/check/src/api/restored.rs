//! The roles and bindings that are there once the API server has started again: it completes those that it has by itself.
//!
//! What it adds stands beside what the input holds, under the same name, so that either counts. Nothing is added to what the
//! annotation `rbac.authorization.kubernetes.io/autoupdate: "false"` protects.
//!
//! Source: <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#auto-reconciliation>.

use watertight_kubernetes::Bootstrap;
use watertight_model::{Admission, ObjectRef, Role, RoleBinding, Snapshot};

/// Everything that grants.
#[derive(Debug)]
pub(crate) struct Restored {
    pub(crate) roles: Vec<Role>,
    pub(crate) bindings: Vec<RoleBinding>,
}

pub(crate) fn restored(snapshot: &Snapshot, server: Bootstrap) -> Restored {
    let (mut roles, mut bindings) = (snapshot.roles.clone(), snapshot.role_bindings.clone());
    let is_same = |(object, admission): (&ObjectRef, Admission), own: &ObjectRef| {
        admission == Admission::Accepted && object.namespace == own.namespace && object.name == own.name
    };
    for mut own in server.roles {
        if let Some(there) = roles.iter_mut().find(|it| is_same((&it.object, it.admission), &own.object)) {
            if there.is_protected {
                continue;
            }
            for (key, value) in &own.labels {
                there.labels.entry(key.clone()).or_insert_with(|| value.clone());
            }
            own.labels = there.labels.clone();
            // The server takes its selectors away, and then the rules that stand there are its own.
            if own.aggregates.is_none() && there.aggregates.is_some() {
                own.rules.extend(there.rules.iter().cloned());
            }
        }
        roles.push(own);
    }
    for own in server.role_bindings {
        let same = bindings.iter().find(|it| is_same((&it.object, it.admission), &own.object));
        if !same.is_some_and(|there| there.is_protected) {
            bindings.push(own);
        }
    }
    Restored { roles, bindings }
}
