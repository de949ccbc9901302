//! Granting rights to oneself: binding roles that one does not hold, and writing into roles what one does not hold.

use super::Stage;
use crate::replay::actor::{Actor, Ask, subject};
use crate::replay::deeds::{Place, Shown, put};
use crate::replay::rights::{Gained, Right, one_who_has};
use crate::replay::server::Server;
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use watertight_model::{Principal, SubjectKind};

const RBAC: &str = "rbac.authorization.k8s.io";
const WRITE: [&str; 3] = ["create", "patch", "update"];

/// A role that is to be bound.
#[derive(Clone, Copy)]
struct RoleRef<'a> {
    kind: &'a str,
    name: &'a str,
}

fn everything() -> Value {
    json!([{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}])
}

/// The right to write bindings, and where: in this namespace, or in none.
fn writes_bindings(gained: &Gained) -> Option<(&Right, Option<String>)> {
    let in_namespace = gained.right(&WRITE, RBAC, &["rolebindings"]);
    let everywhere = gained.right(&WRITE, RBAC, &["clusterrolebindings"]);
    match (&gained.scope, in_namespace, everywhere) {
        (None, _, Some(right)) => Some((right, None)),
        (scope, Some(right), _) => Some((right, scope.clone().or_else(|| right.scope.clone()))),
        (_, None, Some(right)) => Some((right, None)),
        _ => None,
    }
}

/// Writes a binding of a role to somebody, by a new binding or by one that is there.
async fn write_binding(
    place: &Place<'_>,
    actor: &Actor,
    right: &Right,
    to: (&Principal, Option<&str>),
    role: RoleRef<'_>,
) -> Result<Shown> {
    let (principal, namespace) = to;
    let plural = if namespace.is_some() { "rolebindings" } else { "clusterrolebindings" };
    let resource = place.server.resource(RBAC, plural)?;
    let all = Server::path(resource, namespace);
    let place = Place { names: right.names(), ..*place };
    let name = place.name(resource);
    let full = format!("{all}/{name}");
    let binding = |subjects: Value| {
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": resource.kind,
            "metadata": {"name": name, "labels": {"by": "replay"}},
            "roleRef": {"apiGroup": RBAC, "kind": role.kind, "name": role.name}, "subjects": subjects,
        })
    };
    let verb = right.verb(&WRITE).context("a verb that writes")?;
    let subjects = json!([subject(principal)]);
    match verb {
        "create" if right.names().is_empty() => actor.must(&Ask::post(&all, binding(subjects))).await?,
        "create" => actor.must(&Ask::apply(&full, binding(subjects))).await?,
        _ => {
            // Whose role it is cannot be changed: one of that role is there already.
            place.server.admin.must(&Ask::delete(&full)).await.ok();
            place.server.ensure(&all, &binding(json!([]))).await?;
            let patch = json!({"subjects": subjects});
            let answer = match verb {
                "patch" => actor.ask(&Ask::patch(&full, patch)).await?,
                _ => put(&place, actor, &full, &full, &patch).await?,
            };
            actor.done("PUT", &full, answer)?.body
        }
    };
    Ok(Shown::Effect(format!("{} {verb} {full}", actor.principal)))
}

fn place<'a>(stage: &Stage<'a>, namespace: &'a str) -> Place<'a> {
    Place { server: stage.server, prefix: &stage.world.prefix, namespace, names: &[], keeps: stage.keeps }
}

/// Binds a role to those whom a step says to have it by that.
pub(crate) async fn bind_for(
    stage: &Stage<'_>,
    gained: &Gained,
    principal: &Principal,
    role: (&str, &str),
) -> Result<Shown> {
    let (right, namespace) = writes_bindings(gained).context("a right to write bindings")?;
    let of = namespace.as_deref();
    let rights: Vec<&Right> = gained.rights.iter().collect();
    let actor = one_who_has(&rights).context("somebody")?;
    let role = RoleRef { kind: role.0, name: role.1 };
    write_binding(&place(stage, of.unwrap_or_default()), actor, right, (principal, of), role).await
}

/// Binds the role that allows everything, and uses it.
pub(super) async fn bind_all(stage: &Stage<'_>, gained: &Gained) -> Result<Shown> {
    let (right, namespace) = writes_bindings(gained).context("a right to write bindings")?;
    let namespace = match (namespace, &gained.scope) {
        // A right on RoleBindings everywhere.
        (None, None) if right.allows("create", RBAC, "clusterrolebindings") => None,
        (None, _) if !right.allows("create", RBAC, "rolebindings") => None,
        (None, _) => Some(stage.production()?.to_owned()),
        (namespace, _) => namespace,
    };
    let rights: Vec<&Right> = gained.rights.iter().collect();
    let actor = one_who_has(&rights).context("somebody")?;
    let role = RoleRef { kind: "ClusterRole", name: "cluster-admin" };
    let to = (&actor.principal, namespace.as_deref());
    let production = namespace.as_deref().map_or_else(|| stage.production(), Ok)?;
    write_binding(&place(stage, production), actor, right, to, role).await?;
    holds_everything(stage, actor, production).await
}

/// Whoever may do everything in a namespace reads a Secret there, which was refused until now.
async fn holds_everything(stage: &Stage<'_>, actor: &Actor, namespace: &str) -> Result<Shown> {
    let secrets = stage.server.resource("", "secrets")?;
    let name = format!("{}-kept", stage.world.prefix);
    let (path, object) = stage.server.victim(secrets, Some(namespace), &name).await?;
    let read = actor.must(&Ask::get(&path)).await?;
    ensure!(read["data"] == object["data"], "{path} holds something else");
    Ok(Shown::Effect(format!("{} GET {path}: 200", actor.principal)))
}

/// Writes everything into a role: one that the attacker is bound to, or one that they bind while it is empty. Gives whoever
/// then holds everything.
pub(super) async fn escalate(stage: &Stage<'_>, gained: &Gained) -> Result<(Shown, Actor)> {
    let resource = if gained.right(&["escalate"], RBAC, &["clusterroles"]).is_some()
        && !(gained.scope.is_some() && gained.right(&["escalate"], RBAC, &["roles"]).is_some())
    {
        "clusterroles"
    } else {
        "roles"
    };
    let edits = gained.rights.iter().filter(|right| right.allows("escalate", RBAC, resource));
    let edits: Vec<&Right> = edits.chain(gained.right(&WRITE, RBAC, &[resource])).collect();
    let right = *edits.last().context("a right to write roles")?;
    let actor = one_who_has(&edits).context("somebody")?;
    match gained.bound.first() {
        Some(holder) => {
            Ok((fill_bound(stage, gained, (actor, right), holder, resource).await?, holder.clone()))
        }
        None => fill_empty(stage, gained, (actor, right), resource).await,
    }
}

/// Writes the rules of a role.
async fn fill(stage: &Stage<'_>, (actor, right): (&Actor, &Right), path: &str, is_there: bool) -> Result<()> {
    let verbs: &[&str] = if is_there { &["patch", "update"] } else { &["create"] };
    let verb = right.verb(verbs).with_context(|| format!("{verbs:?} of {:?}", right.rule))?;
    let patch = json!({"rules": everything(), "aggregationRule": null});
    let (all, name) = path.rsplit_once('/').context("a path")?;
    let kind = if path.contains("/namespaces/") { "Role" } else { "ClusterRole" };
    let object = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": name},
        "rules": everything(),
    });
    match verb {
        "patch" => actor.must(&Ask::patch(path, patch)).await?,
        "create" if right.names().is_empty() => actor.must(&Ask::post(all, object)).await?,
        "create" => actor.must(&Ask::apply(path, object)).await?,
        _ => {
            let answer = put(&place(stage, ""), actor, path, path, &patch).await?;
            actor.done("PUT", path, answer)?.body
        }
    };
    Ok(())
}

/// A role that somebody empties, binds and fills.
async fn fill_empty(
    stage: &Stage<'_>,
    gained: &Gained,
    who: (&Actor, &Right),
    resource: &str,
) -> Result<(Shown, Actor)> {
    let (binds, namespace) = writes_bindings(gained).context("a right to write bindings")?;
    let production = stage.production()?;
    let namespace = match namespace {
        None if !binds.allows("create", RBAC, "clusterrolebindings")
            && !binds.allows("patch", RBAC, "clusterrolebindings")
            && !binds.allows("update", RBAC, "clusterrolebindings") =>
        {
            Some(production.to_owned())
        }
        namespace => namespace,
    };
    let of = namespace.as_deref();
    let scope = of.unwrap_or(production);
    let roles = stage.server.resource(RBAC, resource)?;
    let place = Place { names: who.1.names(), ..place(stage, scope) };
    let name = place.name(roles);
    let (path, _) = stage.server.victim(roles, Some(scope), &name).await?;
    let holder = &binds.actor;
    let to = (&holder.principal, of);
    let role = RoleRef { kind: &roles.kind, name: &name };
    write_binding(&place, holder, binds, to, role).await?;
    fill(stage, who, &path, true).await?;
    Ok((holds_everything(stage, holder, scope).await?, holder.clone()))
}

/// The role that somebody is bound to.
struct Bound {
    cluster: bool,
    role: String,
}

/// The bindings of a principal: those that reach into a namespace.
async fn bindings(stage: &Stage<'_>, principal: &Principal, namespace: &str) -> Result<Vec<Bound>> {
    let is_meant = |one: &Value, namespace: &Value| match &principal.kind {
        SubjectKind::ServiceAccount(of) => {
            let full = format!("system:serviceaccount:{of}:{}", principal.name);
            let own = one["namespace"].as_str().or(namespace.as_str());
            one["kind"] == "ServiceAccount" && one["name"] == principal.name && own == Some(of)
                || one["kind"] == "User" && one["name"] == full
        }
        SubjectKind::User => one["kind"] == "User" && one["name"] == principal.name,
        SubjectKind::Group => one["kind"] == "Group" && one["name"] == principal.name,
    };
    let mut bound = Vec::new();
    for plural in ["rolebindings", "clusterrolebindings"] {
        let path = Server::path(stage.server.resource(RBAC, plural)?, Some(namespace));
        let list = stage.server.look(&path).await?.unwrap_or_default();
        for object in list["items"].as_array().into_iter().flatten() {
            let mut subjects = object["subjects"].as_array().into_iter().flatten();
            if subjects.any(|one| is_meant(one, &object["metadata"]["namespace"])) {
                bound.push(Bound {
                    cluster: object["roleRef"]["kind"] == "ClusterRole",
                    role: object["roleRef"]["name"].as_str().unwrap_or_default().to_owned(),
                });
            }
        }
    }
    Ok(bound)
}

/// A role that somebody is bound to, is filled; or one that it takes over.
async fn fill_bound(
    stage: &Stage<'_>,
    gained: &Gained,
    who: (&Actor, &Right),
    holder: &Actor,
    resource: &str,
) -> Result<Shown> {
    let right = who.1;
    let is_named = |name: &String| right.names().is_empty() || right.names().contains(name);
    let scope = gained.scope.as_deref().map_or_else(|| stage.production(), Ok)?;
    let mut tried = Vec::new();
    for bound in bindings(stage, &holder.principal, scope).await? {
        if bound.cluster != (resource == "clusterroles") {
            continue;
        }
        let roles = stage.server.resource(RBAC, resource)?;
        let all = Server::path(roles, Some(scope));
        let path = format!("{all}/{}", bound.role);
        let now = stage.server.look(&path).await?;
        let is_there = now.is_some();
        let is_built_in = bound.cluster && !bound.role.starts_with(&stage.world.prefix);
        let verbs: &[&str] = if is_there { &["patch", "update"] } else { &["create"] };
        if is_named(&bound.role) && right.verb(verbs).is_some() && !is_built_in {
            fill(stage, who, &path, is_there).await?;
            return holds_everything(stage, holder, scope).await;
        }
        if let Some(label) = now.as_ref().and_then(taken_over)
            && let Some(verb) = right.verb(&WRITE)
        {
            let place = Place { names: right.names(), ..place(stage, scope) };
            part_of(stage, &place, who, verb, label).await?;
            return holds_everything(stage, holder, scope).await;
        }
        if is_named(&bound.role) && is_there && right.verb(verbs).is_some() {
            // What every server has is shared by all cases.
            let patch = json!({"rules": everything(), "aggregationRule": null});
            if right.verb(&["patch"]).is_some() {
                who.0.must(&Ask::patch(&path, patch).dry()).await?;
                return Ok(Shown::Effect(format!("{} PATCH {path}, dry", who.0.principal)));
            }
        }
        tried.push(bound.role);
    }
    // Whoever holds nothing that they may fill: what does the server say to filling another one?
    let roles = stage.server.resource(RBAC, resource)?;
    let (path, _) = stage.server.victim(roles, Some(scope), &place(stage, scope).name(roles)).await?;
    fill(stage, who, &path, true).await?;
    bail!("no role of {} can be filled with {:?}: {tried:?}", holder.principal, right.rule)
}

/// The label by which an aggregated ClusterRole takes over others.
fn taken_over(role: &Value) -> Option<(String, String)> {
    let selectors = role["aggregationRule"]["clusterRoleSelectors"].as_array()?;
    selectors.iter().find_map(|selector| {
        let by_label = selector["matchLabels"].as_object().and_then(|labels| labels.iter().next());
        let by_label =
            by_label.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()));
        by_label.or_else(|| {
            let first = &selector["matchExpressions"][0];
            first["key"].as_str().map(|key| (key.to_owned(), "replay".to_owned()))
        })
    })
}

/// A ClusterRole with a label becomes a part of the one that takes it over.
async fn part_of(
    stage: &Stage<'_>,
    place: &Place<'_>,
    (actor, right): (&Actor, &Right),
    verb: &str,
    (key, value): (String, String),
) -> Result<()> {
    let roles = stage.server.resource(RBAC, "clusterroles")?;
    let name = place.name(roles);
    let all = Server::path(roles, None);
    let full = format!("{all}/{name}");
    let object = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
        "metadata": {"name": name, "labels": {key: value}}, "rules": everything(),
    });
    match verb {
        "create" if right.names().is_empty() => actor.must(&Ask::post(&all, object)).await?,
        "create" => actor.must(&Ask::apply(&full, object)).await?,
        "patch" => {
            stage.server.victim(roles, None, &name).await?;
            actor.must(&Ask::patch(&full, object)).await?
        }
        _ => {
            stage.server.victim(roles, None, &name).await?;
            let answer = put(place, actor, &full, &full, &object).await?;
            actor.done("PUT", &full, answer)?.body
        }
    };
    Ok(())
}
