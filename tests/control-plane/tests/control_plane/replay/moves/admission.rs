//! A policy of one's own that rewrites what production writes.

use super::Stage;
use crate::replay::actor::Ask;
use crate::replay::deeds::{Shown, put};
use crate::replay::rights::{Gained, Right};
use crate::replay::samples::{self, PROBE};
use crate::replay::server::Server;
use anyhow::{Context, Result};
use serde_json::json;
use watertight_testbed::eventually;

const GROUP: &str = "admissionregistration.k8s.io";

/// Makes a policy and a binding, and has production write something.
pub(super) async fn rewrite(stage: &Stage<'_>, gained: &Gained) -> Result<Shown> {
    let makes =
        gained.right(&["create"], GROUP, &["mutatingadmissionpolicies"]).context("a right to policies")?;
    let verbs = ["create", "patch", "update"];
    let binds: &Right =
        gained.right(&verbs, GROUP, &["mutatingadmissionpolicybindings"]).context("a right to bindings")?;
    let first = makes;
    let place = stage.place(gained, first, None)?;
    let production = stage.production()?;
    let policies = stage.server.resource(GROUP, "mutatingadmissionpolicies")?;
    let bindings = stage.server.resource(GROUP, "mutatingadmissionpolicybindings")?;
    let name = place.name(policies);
    let path = Server::path(policies, None);
    let policy = samples::object(policies, &name, "")?;
    let ask = if makes.names().is_empty() {
        Ask::post(&path, policy)
    } else {
        Ask::apply(&format!("{path}/{name}"), policy)
    };
    makes.actor.must(&ask).await?;
    let selector = json!({"matchLabels": {"kubernetes.io/metadata.name": production}});
    let spec = json!({"policyName": name, "matchResources": {"namespaceSelector": selector}});
    let of_policy = name.clone();
    let of_binding = crate::replay::deeds::Place { names: binds.names(), ..place };
    let name = of_binding.name(bindings);
    let path = Server::path(bindings, None);
    let full = format!("{path}/{name}");
    let mut binding = samples::object(bindings, &name, "")?;
    binding["spec"] = spec.clone();
    match binds.verb(&verbs).context("a verb that writes")? {
        "create" if binds.names().is_empty() => {
            binds.actor.must(&Ask::post(&path, binding)).await?;
        }
        "create" => {
            binds.actor.must(&Ask::apply(&full, binding)).await?;
        }
        verb => {
            stage.server.victim(bindings, None, &name).await?;
            let patch = json!({"spec": spec});
            let answer = match verb {
                "patch" => binds.actor.ask(&Ask::patch(&full, patch)).await?,
                _ => put(&of_binding, &binds.actor, &full, &full, &patch).await?,
            };
            binds.actor.done(verb, &full, answer)?;
        }
    }
    let probe = json!({"metadata": {"generateName": "probe-", "labels": {PROBE: of_policy}}});
    let path = format!("/api/v1/namespaces/{production}/configmaps");
    eventually("what production writes is rewritten", async || {
        let answer = stage.server.admin.must(&Ask::post(&path, probe.clone()).dry()).await?;
        Ok((answer["metadata"]["labels"]["rewritten"] == "true").then_some(()))
    })
    .await?;
    stage.server.admin.must(&Ask::delete(&full)).await?;
    Ok(Shown::Effect(format!("{} rewrites {path}", makes.actor.principal)))
}
