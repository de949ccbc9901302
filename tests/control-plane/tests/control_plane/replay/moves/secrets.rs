//! Secrets that are read in answers, and tokens that are got by them.

use super::Stage;
use crate::replay::actor::{Actor, Ask};
use crate::replay::deeds::{Place, Shown, only_where_bound};
use crate::replay::rights::{Gained, Right};
use crate::replay::samples::SECRET;
use crate::replay::server::{Server, token_request};
use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use watertight_model::Principal;
use watertight_testbed::eventually;

/// What shows an object, the plainest first.
const SEE: [&str; 6] = ["get", "list", "watch", "patch", "deletecollection", "delete"];

/// Asks for a Secret with a verb that shows it, and changes nothing.
async fn see(right: &Right, all: &str, name: &str, verb: &str) -> Result<Value> {
    let only = only_where_bound(right.names(), name);
    let ask = match verb {
        "get" => Ask::get(&format!("{all}/{name}")),
        "list" => Ask::get(&format!("{all}?{only}")),
        "watch" => Ask::get(&format!("{all}?watch=true&timeoutSeconds=1&{only}")),
        "patch" => Ask::patch(&format!("{all}/{name}"), json!({})).dry(),
        "deletecollection" => Ask::delete(&format!("{all}?{only}")).dry(),
        "delete" => Ask::delete(&format!("{all}/{name}?propagationPolicy=Foreground")).dry(),
        verb => bail!("{verb} shows nothing"),
    };
    right.actor.must(&ask).await
}

/// The value of a key of `data` somewhere in an answer, which may be a list, an event or several in lines.
fn value(answer: &Value, key: &str) -> Option<Vec<u8>> {
    match answer {
        Value::String(lines) => lines.lines().find_map(|line| value(&serde_json::from_str(line).ok()?, key)),
        Value::Object(fields) => match fields.get("data").and_then(|data| data[key].as_str()) {
            Some(found) => STANDARD.decode(found).ok(),
            None => fields.values().filter(|field| !field.is_string()).find_map(|field| value(field, key)),
        },
        Value::Array(elements) => elements.iter().find_map(|element| value(element, key)),
        _ => None,
    }
}

/// Sees a Secret that is there, by each verb of a right that shows it.
pub(super) async fn see_one(stage: &Stage<'_>, gained: &Gained, right: &Right) -> Result<Shown> {
    let place = stage.place(gained, right, None)?;
    let secrets = stage.server.resource("", "secrets")?;
    let name = place.name(secrets);
    stage.server.victim(secrets, Some(place.namespace), &name).await?;
    let all = Server::path(secrets, Some(place.namespace));
    let mut shown = None;
    for verb in SEE.into_iter().filter(|verb| right.verb(&[verb]).is_some()) {
        let answer = see(right, &all, &name, verb).await?;
        let seen = value(&answer, "password");
        ensure!(seen == Some(SECRET.into()), "{verb} does not show {all}/{name}: {answer}");
        shown = Some(Shown::Effect(format!("{} {verb} {all}/{name}", right.actor.principal)));
    }
    shown.context("a verb of the right shows Secrets")
}

/// Whoever holds a token, as the server knows them.
async fn holder(stage: &Stage<'_>, token: &str, namespace: &str, name: &str) -> Result<(Shown, Actor)> {
    let actor = stage.server.with_token(token, Principal::service_account(namespace, name));
    let (who, _) = actor.who().await?;
    ensure!(who == format!("system:serviceaccount:{namespace}:{name}"), "the token is of {who}");
    Ok((Shown::Effect(format!("a token of {who}")), actor))
}

pub(super) async fn request(
    stage: &Stage<'_>,
    gained: &Gained,
    wanted: Option<&Principal>,
) -> Result<(Shown, Actor)> {
    let right = gained.rights.first().context("a right")?;
    let (namespace, name) = stage.account(gained, wanted)?;
    stage.server.ensure_account(&namespace, &name).await?;
    let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token");
    let answer = right.actor.must(&Ask::post(&path, token_request())).await?;
    let token = answer["status"]["token"].as_str().context("a token")?;
    holder(stage, token, &namespace, &name).await
}

pub(super) async fn forge(
    stage: &Stage<'_>,
    gained: &Gained,
    wanted: Option<&Principal>,
) -> Result<(Shown, Actor)> {
    let [changes, sees] = gained.rights.as_slice() else { bail!("two rights are needed") };
    let (namespace, account) = stage.account(
        // The names of the gain are those of Secrets.
        &Gained {
            names: Vec::new(),
            rights: Vec::new(),
            bound: Vec::new(),
            scope: gained.scope.clone(),
            ..*gained
        },
        wanted,
    )?;
    stage.server.ensure_account(&namespace, &account).await?;
    let secrets = stage.server.resource("", "secrets")?;
    let place =
        Place { names: &gained.names, namespace: &namespace, ..stage.place(gained, changes, wanted)? };
    let name = place.name(secrets);
    let all = Server::path(secrets, Some(&namespace));
    let full = format!("{all}/{name}");
    let annotations = json!({"kubernetes.io/service-account.name": account});
    let forged = json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
        "metadata": {"name": name, "annotations": annotations},
    });
    match changes.verb(&["create", "patch", "update"]) {
        Some("create") if changes.names().is_empty() => {
            changes.actor.must(&Ask::post(&all, forged)).await?;
        }
        Some("create") => {
            changes.actor.must(&Ask::apply(&full, forged)).await?;
        }
        Some(verb) => {
            // One of another ServiceAccount is there.
            stage.server.ensure_account(&namespace, "other").await?;
            let mut other = forged.clone();
            other["metadata"]["annotations"]["kubernetes.io/service-account.name"] = json!("other");
            stage.server.admin.try_once(&Ask::delete(&full)).await?;
            stage.server.ensure(&all, &other).await?;
            let filled = eventually("a token of the other is there", async || {
                let secret = stage.server.look(&full).await?.unwrap_or_default();
                Ok(secret["data"]["token"].is_string().then_some(secret))
            })
            .await?;
            let mut annotations = annotations;
            annotations["kubernetes.io/service-account.uid"] = Value::Null;
            let patch = json!({"metadata": {"annotations": annotations}, "data": {"token": null}});
            if verb == "patch" {
                changes.actor.must(&Ask::patch(&full, patch)).await?;
            } else {
                let mut forged = forged;
                forged["metadata"]["resourceVersion"] = filled["metadata"]["resourceVersion"].clone();
                changes.actor.must(&Ask::put(&full, forged)).await?;
            }
        }
        None => bail!("{:?} writes nothing", changes.rule),
    }
    let verb = sees.verb(&SEE).context("a verb of the right shows Secrets")?;
    let wanted = format!("system:serviceaccount:{namespace}:{account}");
    let token = eventually("a token is there", async || {
        let answer = see(sees, &all, &name, verb).await?;
        let Some(token) = value(&answer, "token").and_then(|bytes| String::from_utf8(bytes).ok()) else {
            return Ok(None);
        };
        // Of the other ServiceAccount, until the controller has seen the change.
        let part = token.split('.').nth(1).unwrap_or_default();
        let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
        Ok(String::from_utf8_lossy(&claims).contains(&wanted).then_some(token))
    })
    .await?;
    holder(stage, &token, &namespace, &account).await
}

/// Reads the token of a ServiceAccount that stands in a Secret.
pub(crate) async fn legacy(
    stage: &Stage<'_>,
    gained: &Gained,
    secret: (&str, &str),
    wanted: &Principal,
) -> Result<(Shown, Actor)> {
    let (namespace, name) = secret;
    let (_, account) = stage.account(gained, Some(wanted))?;
    let right = gained.rights.first().context("a right")?;
    let verb = right.verb(&SEE).context("a verb of the right shows Secrets")?;
    let all = format!("/api/v1/namespaces/{namespace}/secrets");
    let token = eventually("a token is there", async || {
        let answer = see(right, &all, name, verb).await?;
        Ok(value(&answer, "token").and_then(|bytes| String::from_utf8(bytes).ok()))
    })
    .await?;
    holder(stage, &token, namespace, &account).await
}
