//! RoleBinding and ClusterRoleBinding: to whom a role is granted.
//!
//! Source of what is refused: `ValidateRoleBinding`, `ValidateClusterRoleBinding` and `ValidateRoleBindingSubject` of
//! Kubernetes 1.36; of what counts all the same: `appliesToUser` and `GetRoleReferenceRules`, which ask for no group.

use super::role::is_protected;
use super::{field, passing};
use crate::context::{Context, Unclear};
use crate::kinds::RBAC_GROUP;
use crate::rules;
use crate::tree::{Mapping, Node};
use crate::validate::names;
use watertight_model::{Origin, RoleBinding, RoleRef, Subject, SubjectKind, Written};

/// The fields of a binding.
pub(super) const FIELDS: &[&str] = &["apiVersion", "kind", "metadata", "roleRef", "subjects"];

/// Reads a ClusterRoleBinding, or a RoleBinding if it has a namespace.
pub(crate) fn read(
    context: &mut Context,
    object: &Mapping<'_>,
    origin: &Origin,
) -> Result<RoleBinding, Unclear> {
    let namespace = origin.object.namespace.as_deref();
    let mut subjects = Vec::new();
    for node in context.list(object.entry("subjects"))? {
        subjects.extend(subject(context, node, namespace)?);
    }
    let role = role_ref(context, object, namespace.is_some())?;
    let metadata = context.mapping(object.entry("metadata"))?;
    Ok(RoleBinding {
        object: origin.object.clone(),
        span: Some(origin.span),
        role,
        subjects,
        is_protected: is_protected(context, metadata.as_ref())?,
        admission: passing::admission(context, metadata.as_ref())?,
    })
}

/// The role. Without one nobody knows what is granted.
fn role_ref(context: &mut Context, object: &Mapping<'_>, namespaced: bool) -> Result<RoleRef, Unclear> {
    let holder = "a `roleRef`";
    let Some(mapping) = context.mapping(object.entry("roleRef"))? else {
        return Err(field::missing(context, object.span, "roleRef", "a binding"));
    };
    context.unknown_fields(&mapping, &["apiGroup", "kind", "name"]);
    api_group(context, &mapping, holder, RBAC_GROUP)?;
    let kind = field::required(context, &mapping, "kind", holder)?;
    let name = field::required(context, &mapping, "name", holder)?;
    names::check_role(context, &name.text, name.span);
    let cluster = match kind.text.as_str() {
        "ClusterRole" => true,
        "Role" if namespaced => false,
        _ => return Err(other_role(context, &kind, namespaced)),
    };
    Ok(RoleRef { span: Some(mapping.span), cluster, name: name.text })
}

fn other_role(context: &mut Context, kind: &Written, namespaced: bool) -> Unclear {
    let (binding, help) = match (namespaced, kind.text.as_str()) {
        (false, "Role") => {
            ("ClusterRoleBinding", "write a RoleBinding in the namespace of the Role, or name a ClusterRole")
        }
        (false, _) => ("ClusterRoleBinding", "name a ClusterRole"),
        (true, _) => ("RoleBinding", "name a Role or a ClusterRole"),
    };
    let message = format!("a {binding} cannot grant a `{}`", kind.text);
    context.unclear(rules::INVALID_VALUE, message, kind.span, "no role that it can grant", help)
}

/// The API group must be the one that is the default, which is written or left out.
fn api_group(
    context: &mut Context,
    mapping: &Mapping<'_>,
    holder: &str,
    wanted: &str,
) -> Result<(), Unclear> {
    let Some(group) = field::written(context, mapping, "apiGroup")?.filter(|group| group.text != wanted)
    else {
        return Ok(());
    };
    let help = if wanted.is_empty() {
        "remove `apiGroup`".to_owned()
    } else {
        format!("write `apiGroup: {wanted}`")
    };
    let message = format!("{holder} has the API group `{}`", group.text);
    context.refuse(rules::INVALID_VALUE, message, group.span, "another group", help);
    Ok(())
}

/// One subject; `None` if it can be nobody. The API server refuses such a one, and the others are who they are.
fn subject(
    context: &mut Context,
    node: Node<'_>,
    namespace: Option<&str>,
) -> Result<Option<Subject>, Unclear> {
    let Some(mapping) = context.mapping_of(node, "subjects")? else {
        nobody(context, node, "kind", "give it a `kind` and a `name`, or remove it");
        return Ok(None);
    };
    context.unknown_fields(&mapping, &["apiGroup", "kind", "name", "namespace"]);
    let kind = field::written(context, &mapping, "kind")?;
    let name = field::written(context, &mapping, "name")?;
    let own = field::text(context, &mapping, "namespace")?;
    if name.is_none() {
        nobody(context, node, "name", "give it a `name`");
    }
    let Some(kind) = kind else {
        nobody(context, node, "kind", KINDS);
        return Ok(None);
    };
    let of_account = || own.or_else(|| namespace.map(str::to_owned));
    let kind = match kind.text.as_str() {
        "User" => Some(SubjectKind::User),
        "Group" => Some(SubjectKind::Group),
        "ServiceAccount" => {
            if let Some(name) = &name {
                names::check_service_account(context, &name.text, name.span);
            }
            let namespace = of_account();
            if namespace.is_none() {
                nobody(context, node, "namespace", "give it the `namespace` of the ServiceAccount");
            }
            namespace.map(SubjectKind::ServiceAccount)
        }
        other => {
            let message = format!("a subject has the kind `{other}`");
            context.refuse(rules::INVALID_VALUE, message, kind.span, "this is nobody", KINDS);
            return Ok(None);
        }
    };
    let group = if matches!(kind, Some(SubjectKind::User | SubjectKind::Group)) { RBAC_GROUP } else { "" };
    api_group(context, &mapping, "a subject", group)?;
    let span = Some(mapping.span);
    Ok(kind.zip(name).map(|(kind, name)| Subject { span, kind, name: name.text }))
}

const KINDS: &str = "the kinds are `User`, `Group` and `ServiceAccount`";

/// A subject lacks a field, so that it is nobody.
fn nobody(context: &mut Context, node: Node<'_>, field: &str, help: &str) {
    let message = format!("a subject has no `{field}`");
    context.refuse(rules::MISSING_FIELD, message, node.span(), "this is nobody", help);
}
