//! What lies below objects: scales and statuses, and the doors to pods and nodes.

use super::actor::{Actor, Answer, Ask};
use super::deeds::{Place, Shown, put};
use super::server::{Server, token_request};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use watertight_api::Resource;

/// Does something to what is below an object.
pub(crate) async fn perform(
    place: &Place<'_>,
    actor: &Actor,
    verb: &str,
    resource: &Resource,
    below: &str,
) -> Result<Shown> {
    match (resource.plural.as_str(), below) {
        ("pods", "exec" | "attach" | "portforward" | "log") | ("pods" | "services" | "nodes", "proxy") => {
            door(place, actor, verb, resource, below).await
        }
        ("pods", "eviction") => {
            let eviction = |name: &str| {
                json!({
                    "apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": place.namespace},
                })
            };
            let (path, name) = pod(place, resource).await?;
            let answer = post(actor, &format!("{path}/eviction"), eviction(&name)).await?;
            let now = place.server.look(&path).await?;
            let is_gone = now.is_none_or(|now| !now["metadata"]["deletionTimestamp"].is_null());
            ensure!(is_gone, "{path} is still there");
            Ok(effect(actor, "POST", &format!("{path}/eviction"), &answer))
        }
        ("pods", "binding") => {
            let (path, name) = pod(place, resource).await?;
            bind(place, actor, &path, &format!("{path}/binding"), &name).await
        }
        ("serviceaccounts", "token") => {
            let account = place.names.first().map_or("default", String::as_str);
            place.server.ensure_account(place.namespace, account).await?;
            let path = format!("{}/{account}/token", Server::path(resource, Some(place.namespace)));
            let answer = post(actor, &path, token_request()).await?;
            Ok(effect(actor, "POST", &path, &answer))
        }
        ("namespaces", _) => namespace(place, actor, verb, below).await,
        _ => part(place, actor, verb, resource, below).await,
    }
}

fn effect(actor: &Actor, method: &str, path: &str, answer: &Answer) -> Shown {
    Shown::Effect(format!("{} {method} {path}: {}", actor.principal, answer.code))
}

async fn post(actor: &Actor, path: &str, object: Value) -> Result<Answer> {
    let answer = actor.ask(&Ask::post(path, object)).await?;
    actor.done("POST", path, answer)
}

/// A pod to lose: its path and its name.
async fn pod(place: &Place<'_>, resource: &Resource) -> Result<(String, String)> {
    let name = place.name(resource);
    let (path, _) = place.server.victim(resource, Some(place.namespace), &name).await?;
    Ok((path, name))
}

/// Binds a pod to a node, and brings a label with it.
pub(crate) async fn bind(
    place: &Place<'_>,
    actor: &Actor,
    pod: &str,
    path: &str,
    name: &str,
) -> Result<Shown> {
    let binding = json!({
        "apiVersion": "v1", "kind": "Binding",
        "metadata": {"name": name, "namespace": place.namespace, "labels": {"app": "bound"}},
        "target": {"kind": "Node", "name": "node-1"},
    });
    let answer = post(actor, path, binding).await?;
    let now = place.server.look(pod).await?.context("the pod is there")?;
    ensure!(now["spec"]["nodeName"] == "node-1", "{pod} is not bound");
    ensure!(now["metadata"]["labels"]["app"] == "bound" || place.server.minor < 35, "{pod} has no new label");
    Ok(effect(actor, "POST", path, &answer))
}

/// The method that goes with a verb.
pub(crate) fn method(verb: &str) -> Result<&'static str> {
    Ok(match verb {
        "get" => "GET",
        "create" => "POST",
        "update" => "PUT",
        "patch" => "PATCH",
        "delete" => "DELETE",
        verb => bail!("no method goes with {verb}"),
    })
}

/// A door: behind it is a node. The server says that nobody is there, and refuses nothing.
async fn door(
    place: &Place<'_>,
    actor: &Actor,
    verb: &str,
    resource: &Resource,
    below: &str,
) -> Result<Shown> {
    let name = place.name(resource);
    let (path, _) =
        place.server.victim(resource, resource.namespaced.then_some(place.namespace), &name).await?;
    let query = match below {
        "proxy" => "/",
        _ => "?container=a&command=id&stdout=true&ports=80",
    };
    let path = format!("{path}/{below}{query}");
    let ask = Ask::new(method(verb)?, &path, "application/json", Value::Null);
    let answer = actor.ask(&ask).await?;
    // Whoever may not is refused before the server looks for the pod and its node.
    if [401, 403].contains(&answer.code) {
        return Err(actor.refusal(ask.method, &path, &answer).into());
    }
    Ok(Shown::Passed(format!("{} {} {path}: {}", actor.principal, ask.method, answer.code)))
}

/// The labels of a namespace, by what is below it.
async fn namespace(place: &Place<'_>, actor: &Actor, verb: &str, below: &str) -> Result<Shown> {
    let path = format!("/api/v1/namespaces/{}", place.namespace);
    let to = format!("{path}/{below}");
    let mark = format!("mark-{}", place.server.number());
    let patch = json!({"metadata": {"labels": {"environment": mark}}});
    let answer = match verb {
        "patch" => actor.ask(&Ask::patch(&to, patch)).await?,
        _ => put(place, actor, &path, &to, &patch).await?,
    };
    let answer = actor.done(verb, &to, answer)?;
    let now = place.server.look(&path).await?.context("the namespace is there")?;
    ensure!(now["metadata"]["labels"]["environment"] == mark, "{path} is not labelled {mark}");
    Ok(effect(actor, verb, &to, &answer))
}

/// What is changed below an object, and what is seen of it in the answer.
fn change(resource: &str, below: &str, mark: &str) -> (Value, String) {
    let address = "192.0.2.77";
    match (resource, below) {
        (_, "scale") => (json!({"spec": {"replicas": 7}}), "\"replicas\":7".to_owned()),
        ("pods", "ephemeralcontainers") => (
            json!({"spec": {"ephemeralContainers": [{"name": mark, "image": "evil.example/e", "securityContext": {
                "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]},
            }}]}}),
            mark.to_owned(),
        ),
        ("pods", "resize") => (
            json!({"spec": {"containers": [{"name": "a", "resources": {
                "requests": {"memory": "4Mi"}, "limits": {"memory": "4Mi"},
            }}]}}),
            "4Mi".to_owned(),
        ),
        ("pods", "status") => (
            json!({"metadata": {"labels": {"app": mark}}, "status": {"podIP": address, "podIPs": [{"ip": address}]}}),
            address.to_owned(),
        ),
        ("services" | "ingresses", "status") => {
            (json!({"status": {"loadBalancer": {"ingress": [{"ip": address}]}}}), address.to_owned())
        }
        ("nodes", "status") => (json!({"metadata": {"labels": {"pool": mark}}}), mark.to_owned()),
        ("resourcequotas", "status") => {
            (json!({"status": {"hard": {"count/widgets.example.com": "1"}}}), "\"1\"".to_owned())
        }
        _ => (
            json!({"status": {"conditions": [{
                "type": "Mine", "status": "True", "reason": "Replay", "message": mark,
                "lastTransitionTime": "2026-01-01T00:00:00Z",
            }]}}),
            mark.to_owned(),
        ),
    }
}

/// A part of an object that can be read and written by itself.
async fn part(
    place: &Place<'_>,
    actor: &Actor,
    verb: &str,
    resource: &Resource,
    below: &str,
) -> Result<Shown> {
    let name = place.name(resource);
    let namespace = resource.namespaced.then_some(place.namespace);
    let (path, _) = place.server.victim(resource, namespace, &name).await?;
    let to = format!("{path}/{below}");
    if verb == "get" {
        let answer = actor.ask(&Ask::get(&to)).await?;
        let answer = actor.done("GET", &to, answer)?;
        return Ok(effect(actor, "GET", &to, &answer));
    }
    let mark = format!("mark-{}", place.server.number());
    let (patch, sign) = change(&resource.plural, below, &mark);
    let answer = match verb {
        "patch" if resource.plural == "pods" => actor.ask(&Ask::strategic(&to, patch)).await?,
        "patch" => actor.ask(&Ask::patch(&to, patch)).await?,
        "update" => {
            let from = if below == "scale" { &to } else { &path };
            put(place, actor, from, &to, &patch).await?
        }
        verb => bail!("nothing is known of {verb} {to}"),
    };
    let answer = actor.done(verb, &to, answer)?;
    // Controllers write a status again in their own time; the answer is what was stored.
    ensure!(answer.holds(&sign), "{to} does not hold {sign}: {}", answer.body);
    Ok(effect(actor, verb, &to, &answer))
}
