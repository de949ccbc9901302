//! Acting as others by the headers of a request.

use super::Stage;
use crate::replay::actor::{Actor, Ask, subject};
use crate::replay::deeds::{Shown, read_path};
use crate::replay::rights::{Gained, Right, one_who_has};
use anyhow::{Context, Result, bail, ensure};
use serde_json::json;
use watertight_model::{Principal, SubjectKind};

/// The user and the groups of the headers, and who that is.
struct Headers {
    user: String,
    groups: Vec<String>,
    principal: Principal,
}

/// A name to which a right is bound, or any.
fn named(right: &Right, otherwise: &str) -> String {
    right.names().first().map_or(otherwise, String::as_str).to_owned()
}

/// The user that goes with a group: of a right on users, or of one on ServiceAccounts.
fn user_beside(stage: &Stage<'_>, right: &Right, resource: &str) -> Result<String> {
    if resource == "users" {
        return Ok(named(right, &format!("{}-somebody", stage.world.prefix)));
    }
    let namespace = match &right.scope {
        Some(scope) => scope.as_str(),
        None => stage.production()?,
    };
    Ok(format!("system:serviceaccount:{namespace}:{}", named(right, "default")))
}

fn headers(stage: &Stage<'_>, gained: &Gained, wanted: Option<&Principal>) -> Result<Headers> {
    let somebody = format!("{}-somebody", stage.world.prefix);
    let first = gained.rights.first().context("a right")?;
    let name = |otherwise: &str| wanted.map_or_else(|| named(first, otherwise), |wanted| wanted.name.clone());
    let is_of_groups = gained.rule == "impersonate-groups";
    if is_of_groups {
        let group = name("system:masters");
        let beside = gained.rights.get(1).context("a right on users")?;
        // Users are in no namespace, and ServiceAccounts are.
        let is_on_users = beside.scope.is_none() && beside.allows("impersonate", "", "users");
        let resource = if is_on_users { "users" } else { "serviceaccounts" };
        let user = user_beside(stage, beside, resource)?;
        return Ok(Headers { user, principal: Principal::group(&group), groups: vec![group] });
    }
    if gained.rule == "impersonate-users" {
        let user = name(&somebody);
        return Ok(Headers { principal: Principal::user(&user), user, groups: Vec::new() });
    }
    let (namespace, account) = stage.account(gained, wanted)?;
    let user = format!("system:serviceaccount:{namespace}:{account}");
    Ok(Headers { user, groups: Vec::new(), principal: Principal::service_account(&namespace, &account) })
}

fn acting(gained: &Gained, headers: &Headers) -> Result<Actor> {
    let rights: Vec<&Right> = gained.rights.iter().collect();
    let actor = one_who_has(&rights).context("somebody has the rights")?;
    let groups: Vec<&str> = headers.groups.iter().map(String::as_str).collect();
    actor.impersonating(&headers.user, &groups, headers.principal.clone())
}

pub(super) async fn plain(
    stage: &Stage<'_>,
    gained: &Gained,
    wanted: Option<&Principal>,
) -> Result<(Shown, Actor)> {
    let headers = headers(stage, gained, wanted)?;
    if let SubjectKind::ServiceAccount(namespace) = &headers.principal.kind {
        stage.server.ensure_account(namespace, &headers.principal.name).await?;
    }
    let actor = acting(gained, &headers)?;
    let (who, groups) = actor.who().await?;
    ensure!(
        who == headers.user && headers.groups.iter().all(|group| groups.contains(group)),
        "that is {who}"
    );
    if headers.groups.iter().any(|group| group == "system:masters") {
        let secrets = stage.server.resource("", "secrets")?;
        let name = format!("{}-kept", stage.world.prefix);
        let (path, object) = stage.server.victim(secrets, Some(stage.production()?), &name).await?;
        let read = actor.must(&Ask::get(&path)).await?;
        ensure!(read["data"] == object["data"], "{path} holds something else");
    }
    Ok((Shown::Effect(format!("a request as {who} in {groups:?}")), actor))
}

/// Both halves, and the right of whom one acts as: an administrator of production gives them that, if they have none yet.
pub(super) async fn constrained(
    stage: &Stage<'_>,
    gained: &Gained,
    wanted: Option<&Principal>,
) -> Result<(Shown, Actor)> {
    let on = gained.rights.last().context("two rights")?;
    let first = gained.rights.first().context("two rights")?;
    let (mode, user, groups, principal) =
        if first.allows("impersonate:serviceaccount", GROUP, "serviceaccounts") {
            let (namespace, account) = stage.account(gained, wanted)?;
            stage.server.ensure_account(&namespace, &account).await?;
            let user = format!("system:serviceaccount:{namespace}:{account}");
            ("serviceaccount", user, Vec::new(), Principal::service_account(&namespace, &account))
        } else if first.allows("impersonate:user-info", GROUP, "groups") && gained.rights.len() == 3 {
            let group = wanted.map_or_else(|| named(first, "somegroup"), |wanted| wanted.name.clone());
            let beside = gained.rights.get(1).context("a right on users")?;
            let user = named(beside, &format!("{}-somebody", stage.world.prefix));
            ("user-info", user, vec![group.clone()], Principal::group(&group))
        } else if first.allows("impersonate:user-info", GROUP, "users") {
            let somebody = format!("{}-somebody", stage.world.prefix);
            let user = wanted.map_or_else(|| named(first, &somebody), |wanted| wanted.name.clone());
            ("user-info", user.clone(), Vec::new(), Principal::user(&user))
        } else {
            bail!("no node runs from which to be impersonated: {:?}", first.rule)
        };
    let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
    let actor = first.actor.impersonating(&user, &groups, principal.clone())?;
    let namespace = match &on.scope {
        Some(scope) => scope.as_str(),
        None => stage.production()?,
    };
    let verbs = ["get", "list", "watch"];
    let verb = verbs.into_iter().find(|verb| on.verb(&[&format!("impersonate-on:{mode}:{verb}")]).is_some());
    let verb = verb.context("no second half for reading")?;
    let usual = ["secrets", "configmaps", "services", "pods"];
    let resource =
        usual.into_iter().find(|resource| on.allows(&format!("impersonate-on:{mode}:{verb}"), "", resource));
    let resource = stage.server.resource("", resource.context("no second half for what is known")?)?;
    let name = on.names().first().cloned().unwrap_or_else(|| format!("{}-kept", stage.world.prefix));
    stage.server.victim(resource, Some(namespace), &name).await?;
    let rbac = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/rolebindings");
    let binding = json!({
        "metadata": {"generateName": "of-production-"}, "subjects": [subject(&principal)],
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
    });
    stage.server.admin.must(&Ask::post(&rbac, binding)).await?;
    let path = read_path(resource, Some(namespace), (on.names(), &name), verb);
    let answer = actor.must(&Ask::get(&path)).await?;
    ensure!(answer.to_string().contains(&name), "{path} shows nothing of {name}");
    Ok((Shown::Effect(format!("GET {path} as {user}")), actor))
}

const GROUP: &str = "authentication.k8s.io";
