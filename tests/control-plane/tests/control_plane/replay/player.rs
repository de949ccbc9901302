//! A derivation, step by step: whoever it says, doing what it says.

use super::actor::Actor;
use super::deeds::Shown;
use super::moves::{Stage, bind_for, legacy, perform};
use super::rights::{Gained, Right, one_who_has};
use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::Mutex;
use watertight_model::{Breach, Fact, Principal, Step, SubjectKind, ValuePlace};

/// Those from whom the attacker starts, as long as a case is played.
pub(crate) type Starts = Mutex<BTreeMap<BTreeSet<Principal>, Actor>>;

/// What a step was played to.
#[derive(Clone)]
enum Played {
    Actor(Actor),
    Right(Right),
    Gained(std::sync::Arc<Gained>),
    /// Something that was seen.
    Seen,
}

/// One of those from whom the attacker starts.
pub(crate) async fn start(stage: &Stage<'_>, starts: &Starts, principals: &[&Principal]) -> Result<Actor> {
    let who: BTreeSet<Principal> = principals.iter().map(|&principal| principal.clone()).collect();
    let mut starts = starts.lock().await;
    if let Some(actor) = starts.get(&who) {
        return Ok(actor.clone());
    }
    let actor = stage.server.start(stage.world, principals).await?;
    starts.insert(who, actor.clone());
    Ok(actor)
}

/// Plays a derivation to its end, and shows what comes of the last step.
pub(crate) async fn play(stage: &Stage<'_>, starts: &Starts, breach: &Breach) -> Result<Shown> {
    let (steps, last) = gained(stage, starts, breach).await?;
    match last {
        Some(last) => {
            let (shown, _) = perform(stage, &last, None).await.with_context(|| steps.clone())?;
            Ok(shown)
        }
        None => Ok(Shown::Effect(steps)),
    }
}

/// Plays a derivation up to its last step, and gives what that says that the attacker comes to.
async fn gained(
    stage: &Stage<'_>,
    starts: &Starts,
    breach: &Breach,
) -> Result<(String, Option<std::sync::Arc<Gained>>)> {
    let mut played: BTreeMap<usize, Played> = BTreeMap::new();
    let mut text = Vec::new();
    for step in &breach.steps {
        text.push(format!("{}. {}", step.id, step.text));
        let what = one(stage, starts, &played, step).await.with_context(|| text.join("; "))?;
        played.insert(step.id, what);
    }
    let last = played.pop_last().context("a derivation has steps")?.1;
    let last = match last {
        Played::Gained(gained) => Some(gained),
        _ => None,
    };
    Ok((text.join("; "), last))
}

async fn one(
    stage: &Stage<'_>,
    starts: &Starts,
    played: &BTreeMap<usize, Played>,
    step: &Step,
) -> Result<Played> {
    let used: Vec<&Played> = step.uses.iter().filter_map(|used| played.get(used)).collect();
    Ok(match (&step.fact, used.as_slice()) {
        (Fact::ActsAs { principal }, []) => Played::Actor(start(stage, starts, &[principal]).await?),
        (Fact::ActsAs { principal }, [Played::Gained(gained), ..]) => {
            Played::Actor(become_somebody(stage, gained, principal, step).await?)
        }
        (Fact::Granted { rule, scope, .. }, [Played::Actor(actor)]) => {
            Played::Right(Right { actor: actor.clone(), rule: rule.clone(), scope: scope.clone() })
        }
        // A role that they can bind, or write everything into.
        (Fact::Granted { principal, rule, scope }, [Played::Gained(gained)]) => {
            let actor = if gained.rule == "escalate-roles" {
                perform(stage, gained, None).await?.1.context("whoever holds everything")?
            } else {
                let role = &step.because.last().context("the role")?.object;
                bind_for(stage, gained, principal, (&role.kind, &role.name)).await?;
                let rights: Vec<&Right> = gained.rights.iter().collect();
                let bound = played.values().find_map(|played| match played {
                    Played::Actor(actor) if actor.principal == *principal => Some(actor),
                    _ => None,
                });
                bound.or_else(|| one_who_has(&rights)).context("somebody")?.clone()
            };
            Played::Right(Right { actor, rule: rule.clone(), scope: scope.clone() })
        }
        (Fact::Gains { gain, scope, names }, used) => {
            let mut gained = Gained {
                rule: step.rule,
                gain: *gain,
                rights: Vec::new(),
                bound: Vec::new(),
                scope: scope.clone(),
                names: names.clone(),
            };
            for used in used {
                match used {
                    Played::Right(right) => gained.rights.push(right.clone()),
                    Played::Actor(actor) => gained.bound.push(actor.clone()),
                    _ => bail!("a gain follows from rights"),
                }
            }
            together(stage, starts, &mut gained).await?;
            Played::Gained(gained.into())
        }
        (Fact::SameValue { held, of }, _) => {
            same_value(stage, held, of).await?;
            Played::Seen
        }
        (fact, _) => bail!("no step of the API channel: {fact:?}"),
    })
}

/// Somebody with all of some rights, where they come from a person and from groups that the person may be in.
async fn together(stage: &Stage<'_>, starts: &Starts, gained: &mut Gained) -> Result<()> {
    let who: BTreeSet<Principal> = gained.rights.iter().map(|right| right.actor.principal.clone()).collect();
    let is_open = |principal: &Principal| {
        principal.kind == SubjectKind::Group && !principal.name.starts_with("system:")
    };
    let can = gained.rights.iter().all(|right| right.actor.is_start);
    if who.len() < 2 || !can || !who.iter().any(is_open) {
        return Ok(());
    }
    let is_account = |principal: &&Principal| !matches!(principal.kind, SubjectKind::ServiceAccount(_));
    let people: Vec<&Principal> = who.iter().filter(is_account).collect();
    let actor = start(stage, starts, &people).await?;
    for right in gained.rights.iter_mut().filter(|right| people.contains(&&right.actor.principal)) {
        right.actor = actor.clone();
    }
    Ok(())
}

/// What a step says that lets one act as somebody, is done, and gives credentials of theirs.
async fn become_somebody(
    stage: &Stage<'_>,
    gained: &Gained,
    principal: &Principal,
    step: &Step,
) -> Result<Actor> {
    let actor = if step.rule == "legacy-token" {
        let secret = &step.because.first().context("the Secret")?.object;
        let namespace = secret.namespace.as_deref().unwrap_or_default();
        legacy(stage, gained, (namespace, &secret.name), principal).await?.1
    } else {
        let (_, actor) = perform(stage, gained, Some(principal)).await?;
        actor.with_context(|| format!("{} gives no credentials", gained.rule))?
    };
    Ok(actor.known_as(principal))
}

/// What staging holds is what production holds, on the server.
async fn same_value(stage: &Stage<'_>, held: &ValuePlace, of: &ValuePlace) -> Result<()> {
    let value = async |place: &ValuePlace| -> Result<String> {
        let plural = match place.object.kind.as_str() {
            "Secret" => "secrets",
            "ServiceAccount" => "serviceaccounts",
            _ => "configmaps",
        };
        let namespace = place.object.namespace.as_deref().unwrap_or_default();
        let path = format!("/api/v1/namespaces/{namespace}/{plural}/{}", place.object.name);
        let object = stage.server.look(&path).await?.with_context(|| format!("{path} is there"))?;
        if plural == "serviceaccounts" {
            let text = object.pointer(&place.path).and_then(|text| text.as_str());
            return text.map(str::to_owned).with_context(|| format!("{path} has {}", place.path));
        }
        let key = place.path.rsplit('/').next().unwrap_or_default().replace("~1", "/").replace("~0", "~");
        let text = object["data"][&key].as_str().with_context(|| format!("{path} has {key}"))?;
        Ok(if plural == "secrets" { String::from_utf8(STANDARD.decode(text)?)? } else { text.to_owned() })
    };
    let (held, of) = (plain(&value(held).await?), plain(&value(of).await?));
    let is_part =
        held.contains(&of) || of.contains(&held) || words(&held).intersection(&words(&of)).count() > 0;
    ensure!(is_part && !of.is_empty(), "the values differ");
    Ok(())
}

/// A text as it is meant where it stands in a URL.
fn plain(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let byte = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.extend(byte.or(Some(b'%')));
        bytes.extend(part.as_bytes().iter().skip(if byte.is_some() { 2 } else { 0 }));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What may be a password in a text.
fn words(text: &str) -> BTreeSet<String> {
    let is_end = |c: char| !c.is_ascii_alphanumeric() && !"-_.!".contains(c);
    text.split(is_end).filter(|word| word.len() >= 8).map(str::to_owned).collect()
}
