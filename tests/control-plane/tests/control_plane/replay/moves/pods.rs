//! Pods by way of what they are made of, and by way of where they say that they are.

use super::Stage;
use crate::replay::actor::Ask;
use crate::replay::deeds::{Place, Shown, perform};
use crate::replay::rights::{Deed, Gained};
use crate::replay::samples;
use crate::replay::server::Server;
use anyhow::{Context, Result, ensure};
use serde_json::json;
use watertight_model::Principal;

/// Deletes a revision of a StatefulSet, and makes another one under its name.
pub(super) async fn exchange(
    stage: &Stage<'_>,
    gained: &Gained,
    wanted: Option<&Principal>,
) -> Result<Shown> {
    const GROUP: &str = "apps";
    const REVISIONS: &str = "controllerrevisions";
    let creates = gained.right(&["create"], GROUP, &[REVISIONS]).context("a right to create")?;
    let deletes =
        gained.right(&["delete", "deletecollection"], GROUP, &[REVISIONS]).context("a right to delete")?;
    let place = Place { names: &gained.names, ..stage.place(gained, creates, wanted)? };
    let resource = stage.server.resource(GROUP, REVISIONS)?;
    let name = place.name(resource);
    let all = Server::path(resource, Some(place.namespace));
    let full = format!("{all}/{name}");
    let names = [name.clone()];
    let verb = deletes.verb(&["delete", "deletecollection"]).context("a verb that deletes")?;
    let of_it = Place { names: &names, ..place };
    perform(&of_it, &deletes.actor, &Deed::new(verb, GROUP, REVISIONS)).await?;
    let mut other = samples::object(resource, &name, place.namespace)?;
    other["data"] = json!({"image": "evil.example/e"});
    let ask = if creates.names().is_empty() { Ask::post(&all, other) } else { Ask::apply(&full, other) };
    creates.actor.must(&ask).await?;
    let now = stage.server.look(&full).await?.unwrap_or_default();
    ensure!(now["data"]["image"] == "evil.example/e", "{full} holds {}", now["data"]);
    Ok(Shown::Effect(format!("{} and {} exchange {full}", deletes.actor.principal, creates.actor.principal)))
}

/// Writes an address of production into a pod, and has the server connect to it.
pub(super) async fn proxy_anywhere(stage: &Stage<'_>, gained: &Gained) -> Result<Shown> {
    let status = gained.right(&["patch", "update"], "", &["pods/status"]).context("a right on the status")?;
    let verbs = ["get", "create", "update", "patch", "delete"];
    let dials = gained.right(&verbs, "", &["pods/proxy", "services/proxy"]).context("a right to proxy")?;
    let place = stage.place(gained, status, None)?;
    let verb = status.verb(&["patch", "update"]).context("a verb that writes")?;
    let shown = perform(&place, &status.actor, &Deed::new(verb, "", "pods/status")).await?;
    let below = if verbs.iter().any(|verb| dials.allows(verb, "", "pods/proxy")) {
        "pods/proxy"
    } else {
        "services/proxy"
    };
    let verb = verbs.into_iter().find(|verb| dials.allows(verb, "", below)).context("a verb that dials")?;
    // That the server dials what a status says is tried elsewhere (`rights`): here nobody answers.
    let place = stage.place(gained, dials, None)?;
    let passed = perform(&place, &dials.actor, &Deed::new(verb, "", below)).await?;
    ensure!(matches!(passed, Shown::Passed(_)), "{passed:?}");
    Ok(shown)
}
