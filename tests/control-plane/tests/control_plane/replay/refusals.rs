//! What a page says is mended: the same is tried by everybody of staging, and the server refuses it.

use super::AT_A_TIME;
use super::actor::{Actor, Refusal};
use super::moves::{Stage, perform};
use super::player::{Starts, start};
use super::rights::{Gained, Right};
use super::server::Server;
use super::world::World;
use anyhow::{Context, Result};
use futures_util::{StreamExt, stream};
use watertight_model::{Breach, Fact, RoleRule};

/// Mended cases in which the same may be done all the same, and why that is no breach.
const ALLOWED: &[(&str, &str)] = &[
    ("Without --strict that is no breach", "reading objects is of lesser rank, and does not count there"),
    ("A ConfigMap without credentials", "reading it is of lesser rank"),
    (
        "The same, which the API server leaves alone",
        "the server has one role `edit` for all cases, and keeps its own",
    ),
];

/// What was refused.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    pub(crate) count: usize,
    pub(crate) failures: Vec<String>,
}

/// Tries in each mended case what the open cases of the same page show.
pub(crate) async fn all(server: &Server, all: &[World], closed: &[&World]) -> Result<Refusals> {
    let (alone, beside): (Vec<&World>, Vec<&World>) =
        closed.iter().copied().partition(|world| world.touches_others());
    let of_each = stream::iter(beside).map(|world| async move { of_one(server, all, world).await });
    let mut outcomes: Vec<Result<Refusals>> = of_each.buffer_unordered(AT_A_TIME).collect().await;
    for world in alone {
        outcomes.push(of_one(server, all, world).await);
    }
    let mut found = Refusals::default();
    for outcome in outcomes {
        let outcome = outcome?;
        found.count += outcome.count;
        found.failures.extend(outcome.failures);
    }
    Ok(found)
}

async fn of_one(server: &Server, all: &[World], world: &World) -> Result<Refusals> {
    let mut found = Refusals::default();
    let is_allowed = ALLOWED.iter().any(|(heading, _)| world.case.name.ends_with(heading));
    if world.case.verdict.as_deref() != Some("isolated") || is_allowed {
        return Ok(found);
    }
    server.load(world).await.with_context(|| world.case.name.clone())?;
    let starts = Starts::default();
    let stage = Stage { server, world, at_most: 1, keeps: true };
    let of_page = |other: &&World| other.case.page == world.case.page;
    for other in all.iter().filter(of_page) {
        for breach in &other.report.breaches {
            for principal in &world.hostile {
                let actor = start(&stage, &starts, &[principal]).await?.impatient();
                for gained in tries(breach, &actor, (&other.prefix, &world.prefix)) {
                    let said = perform(&stage, &gained, None).await;
                    let code = said.as_ref().err().and_then(|error| error.downcast_ref::<Refusal>());
                    if code.is_some_and(|refusal| [401, 403].contains(&refusal.code)) {
                        found.count += 1;
                    } else {
                        let rights: Vec<_> = gained.rights.iter().map(|right| &right.rule).collect();
                        let said = said.map(|(shown, _)| shown);
                        let name = &world.case.name;
                        found
                            .failures
                            .push(format!("{name}: {principal} is not refused {rights:?}: {said:?}"));
                    }
                }
            }
        }
    }
    server.unload(world).await?;
    Ok(found)
}

/// What the last step of a derivation says, done by somebody: where it takes one right, each verb on each resource by
/// itself. Names begin with another prefix here.
fn tries(breach: &Breach, actor: &Actor, (old, new): (&str, &str)) -> Vec<Gained> {
    let Some(last) = breach.steps.last() else { return Vec::new() };
    let Fact::Gains { gain, scope, names } = &last.fact else { return Vec::new() };
    let here = |text: &String| text.replace(&format!("{old}-"), &format!("{new}-"));
    let (mut rights, mut bound) = (Vec::new(), Vec::new());
    for used in last.uses.iter().filter_map(|used| breach.steps.iter().find(|step| step.id == *used)) {
        match &used.fact {
            Fact::Granted { rule, scope, .. } => {
                let mut rule = rule.clone();
                rule.resource_names = rule.resource_names.iter().map(here).collect();
                rights.push(Right { actor: actor.clone(), rule, scope: scope.as_ref().map(here) });
            }
            _ => bound.push(actor.clone()),
        }
    }
    let all = |rights: Vec<Right>| Gained {
        rule: last.rule,
        gain: *gain,
        rights,
        bound: bound.clone(),
        scope: scope.as_ref().map(here),
        names: names.iter().map(here).collect(),
    };
    match rights.as_slice() {
        [right] => parts(right).into_iter().map(|right| all(vec![right])).collect(),
        _ => vec![all(rights)],
    }
}

/// A right, verb by verb and resource by resource.
fn parts(right: &Right) -> Vec<Right> {
    let rule = &right.rule;
    let mut parts = Vec::new();
    for verb in &rule.verbs {
        for group in &rule.api_groups {
            for resource in &rule.resources {
                let rule = RoleRule {
                    verbs: vec![verb.clone()],
                    api_groups: vec![group.clone()],
                    resources: vec![resource.clone()],
                    ..rule.clone()
                };
                parts.push(Right { rule, ..right.clone() });
            }
        }
    }
    parts
}
