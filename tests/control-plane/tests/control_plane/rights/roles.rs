//! Roles and bindings: who gets past the rule that nobody grants what they do not hold.

use super::{Attacker, Rule, code, post};
use anyhow::Result;
use serde_json::{Value, json};
use watertight_testbed::ControlPlane;

const RBAC: &str = "rbac.authorization.k8s.io";

fn everything() -> Value {
    json!([{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}])
}

fn binding(kind: &str, role: &str) -> Value {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": {"generateName": "mine-"},
        "roleRef": {"apiGroup": RBAC, "kind": kind, "name": role},
        "subjects": [{"apiGroup": RBAC, "kind": "User", "name": "me"}],
    })
}

#[tokio::test]
async fn bind_is_asked_for_in_the_namespace_of_the_binding() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    plane
        .in_namespace("rights", async |namespace| {
            let bindings = format!("/apis/{RBAC}/v1/namespaces/{}/rolebindings", namespace.name());
            let writes: Rule<'_> = (RBAC, "rolebindings", &["create"], &[]);
            let binds: Rule<'_> = (RBAC, "clusterroles", &["bind"], &["view"]);
            let one = Attacker::in_namespace(namespace, &[writes]).await?;
            assert_eq!(code(&one.create(&bindings, &binding("ClusterRole", "view")).await?), 403);
            let both = Attacker::in_namespace(namespace, &[writes, binds]).await?;
            assert_eq!(code(&both.create(&bindings, &binding("ClusterRole", "view")).await?), 200);
            assert_eq!(code(&both.create(&bindings, &binding("ClusterRole", "cluster-admin")).await?), 403);
            // What is not there can be bound as well.
            let any = Attacker::in_namespace(namespace, &[writes, (RBAC, "roles", &["bind"], &[])]).await?;
            assert_eq!(code(&any.create(&bindings, &binding("Role", "not-there")).await?), 200);
            Ok(())
        })
        .await
}

#[tokio::test]
async fn escalate_fills_a_role_that_was_bound_while_it_was_empty() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    plane
        .in_namespace("rights", async |namespace| {
            let root = format!("/apis/{RBAC}/v1/namespaces/{}", namespace.name());
            let (roles, bindings) = (format!("{root}/roles"), format!("{root}/rolebindings"));
            let full = json!({"metadata": {"name": "full"}, "rules": everything()});
            post(&namespace.client(), &roles, &full).await?;
            let writes: [Rule<'_>; 2] =
                [(RBAC, "roles", &["patch"], &[]), (RBAC, "rolebindings", &["create"], &[])];
            let escalates: Rule<'_> = (RBAC, "roles", &["escalate"], &[]);
            let one = Attacker::in_namespace(namespace, &writes).await?;
            let both = Attacker::in_namespace(namespace, &[writes[0], writes[1], escalates]).await?;
            let path = format!("{roles}/full");
            // A role that others hold is emptied, bound and filled.
            assert_eq!(code(&both.create(&bindings, &binding("Role", "full")).await?), 403);
            assert_eq!(code(&one.patch(&path, &json!({"rules": []})).await?), 200);
            assert_eq!(code(&one.create(&bindings, &binding("Role", "full")).await?), 200);
            assert_eq!(code(&one.patch(&path, &json!({"rules": everything()})).await?), 403);
            assert_eq!(code(&both.patch(&path, &json!({"rules": everything()})).await?), 200);
            Ok(())
        })
        .await
}

#[tokio::test]
async fn the_name_is_asked_for_where_the_request_has_one() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    plane
        .in_namespace("rights", async |namespace| {
            let roles = format!("/apis/{RBAC}/v1/namespaces/{}/roles", namespace.name());
            let rules: [Rule<'_>; 2] =
                [(RBAC, "roles", &["create", "patch"], &[]), (RBAC, "roles", &["escalate"], &["a"])];
            let attacker = Attacker::in_namespace(namespace, &rules).await?;
            let role = json!({
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "a"},
                "rules": everything(),
            });
            assert_eq!(code(&attacker.create(&roles, &role).await?), 403);
            assert_eq!(code(&attacker.apply(&format!("{roles}/a"), &role).await?), 200);
            Ok(())
        })
        .await
}

#[tokio::test]
async fn a_role_that_is_not_there_is_not_made_by_changing_it() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    plane
        .in_namespace("rights", async |namespace| {
            let path = format!("/apis/{RBAC}/v1/namespaces/{}/roles/a", namespace.name());
            let role = json!({
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "a"},
                "rules": everything(),
            });
            let changes: Rule<'_> = (RBAC, "roles", &["update", "patch", "escalate"], &[]);
            let creates: Rule<'_> = (RBAC, "roles", &["create"], &[]);
            let one = Attacker::in_namespace(namespace, &[changes]).await?;
            assert_eq!(code(&one.ask("PUT", &path, "application/json", &role).await?), 403);
            assert_eq!(code(&one.apply(&path, &role).await?), 403);
            let both = Attacker::in_namespace(namespace, &[changes, creates]).await?;
            assert_eq!(code(&both.ask("PUT", &path, "application/json", &role).await?), 200);
            Ok(())
        })
        .await
}
