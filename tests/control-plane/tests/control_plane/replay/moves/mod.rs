//! What each rule of the catalogue says that somebody comes to, done for real.
//!
//! Most rules are one request, which [`super::deeds`] makes. Those that take several steps, or yield credentials, have a
//! function of their own.

mod admission;
mod certificates;
mod grants;
mod impersonation;
mod kubelets;
mod pods;
mod secrets;
mod usual;

pub(super) use grants::bind_for;
pub(super) use secrets::legacy;

use super::actor::Actor;
use super::deeds::{Place, Shown, perform_all};
use super::rights::{About, Gained, Right};
use super::server::Server;
use super::world::World;
use anyhow::{Context, Result};
use usual::usual;
use watertight_model::{Principal, SubjectKind};

/// What goes on in one replay.
#[derive(Clone, Copy)]
pub(crate) struct Stage<'a> {
    pub(crate) server: &'a Server,
    pub(crate) world: &'a World,
    /// How much of what a right is about is tried.
    pub(crate) at_most: usize,
    /// Whether other breaches of the case are still to come.
    pub(crate) keeps: bool,
}

impl<'a> Stage<'a> {
    /// The first namespace of production.
    pub(crate) fn production(&self) -> Result<&'a str> {
        self.world.to.first().map(String::as_str).context("production has a namespace")
    }

    /// Where a right of a gain is used.
    pub(crate) fn place(
        &self,
        gained: &'a Gained,
        right: &'a Right,
        wanted: Option<&'a Principal>,
    ) -> Result<Place<'a>> {
        let of_wanted = wanted.and_then(namespace_of);
        let otherwise = if gained.rule.starts_with("system-") { "kube-system" } else { self.production()? };
        let namespace = right.scope.as_deref().or(gained.scope.as_deref()).or(of_wanted);
        Ok(Place {
            server: self.server,
            prefix: &self.world.prefix,
            namespace: namespace.unwrap_or(otherwise),
            names: right.names(),
            keeps: self.keeps,
        })
    }

    /// Whose token is wanted: a ServiceAccount, or any member of a group.
    pub(crate) fn account(&self, gained: &Gained, wanted: Option<&Principal>) -> Result<(String, String)> {
        let first = gained.names.first().map_or("default", String::as_str);
        let otherwise = match &gained.scope {
            Some(scope) => scope.as_str(),
            None => self.production()?,
        };
        Ok(match wanted.map(|wanted| (&wanted.kind, wanted)) {
            Some((SubjectKind::ServiceAccount(namespace), wanted)) => {
                (namespace.clone(), wanted.name.clone())
            }
            Some((_, wanted)) => (namespace_of(wanted).unwrap_or(otherwise).to_owned(), first.to_owned()),
            None => (otherwise.to_owned(), first.to_owned()),
        })
    }
}

/// The namespace that a principal is of.
fn namespace_of(principal: &Principal) -> Option<&str> {
    match &principal.kind {
        SubjectKind::ServiceAccount(namespace) => Some(namespace),
        _ => principal.name.strip_prefix("system:serviceaccounts:"),
    }
}

/// Does what a gain says. Who is wanted is somebody as whom that lets one act; nobody at the end of a derivation.
pub(crate) async fn perform(
    stage: &Stage<'_>,
    gained: &Gained,
    wanted: Option<&Principal>,
) -> Result<(Shown, Option<Actor>)> {
    let first = || gained.rights.first().context("a gain has a right");
    let only = |shown: Shown| (shown, None);
    let with = |(shown, actor)| (shown, Some(actor));
    Ok(match gained.rule {
        "request-tokens" => with(secrets::request(stage, gained, wanted).await?),
        "forge-tokens" => with(secrets::forge(stage, gained, wanted).await?),
        "echoed-secrets" | "system-secrets" => only(secrets::see_one(stage, gained, first()?).await?),
        "impersonate-users" | "impersonate-groups" | "impersonate-service-accounts" => {
            with(impersonation::plain(stage, gained, wanted).await?)
        }
        "constrained-impersonation" => with(impersonation::constrained(stage, gained, wanted).await?),
        "bind-roles" => only(grants::bind_all(stage, gained).await?),
        "escalate-roles" => with(grants::escalate(stage, gained).await?),
        "approve-certificates" | "approve-node-certificates" => {
            let (shown, actor) = certificates::approve(stage, gained, wanted).await?;
            (shown, actor)
        }
        "sign-certificates" => only(certificates::sign(stage, gained).await?),
        "mutating-policies" if gained.rights.len() > 1 => only(admission::rewrite(stage, gained).await?),
        "exchange-revisions" => {
            let shown = pods::exchange(stage, gained, wanted).await?;
            taken(stage, gained, wanted, shown).await?
        }
        "proxy-to-any-address" => only(pods::proxy_anywhere(stage, gained).await?),
        "read-kubelets" | "checkpoint-containers" => only(kubelets::reviewed(stage, first()?).await?),
        rule => {
            let right = first()?;
            let place = stage.place(gained, right, wanted)?;
            let shown = perform_all(&place, right, (&usual(rule), About::of(rule)), stage.at_most).await?;
            taken(stage, gained, wanted, shown).await?
        }
    })
}

/// Whoever runs code in a pod has the token of its ServiceAccount. No container runs here: the administrator hands it out.
async fn taken(
    stage: &Stage<'_>,
    gained: &Gained,
    wanted: Option<&Principal>,
    shown: Shown,
) -> Result<(Shown, Option<Actor>)> {
    if wanted.is_none() {
        return Ok((shown, None));
    }
    let (namespace, name) = stage.account(gained, wanted)?;
    Ok((shown, Some(stage.server.account(&namespace, &name).await?)))
}
