//! One request, made for real: an object of production is there to lose, somebody asks, and what has become of it is looked
//! at.

use super::actor::{Actor, Answer, Ask};
use super::below;
use super::rights::{About, Deed, Right};
use super::samples::{self, PROBE, SECRET};
use super::server::{Server, VICTIM};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use watertight_api::Resource;
use watertight_testbed::eventually;

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shown {
    /// An effect on the server.
    Effect(String),
    /// That the server lets it pass; the rest happens on a node.
    Passed(String),
}

/// Where something is done, and to what.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) server: &'a Server,
    /// What the names of the case begin with.
    pub(crate) prefix: &'a str,
    pub(crate) namespace: &'a str,
    /// The names to which the right is bound.
    pub(crate) names: &'a [String],
    /// Whether nothing may come of it, since others still need what it would take away.
    pub(crate) keeps: bool,
}

impl Place<'_> {
    /// The name of an object: one to which the right is bound, else a new one.
    pub(crate) fn name(&self, resource: &Resource) -> String {
        let own = self.names.iter().find(|name| name.starts_with(self.prefix));
        let bound = own.or_else(|| self.names.first()).cloned();
        bound.unwrap_or_else(|| samples::name(resource, self.server.number(), self.prefix))
    }

    fn scope(&self, resource: &Resource) -> Option<&str> {
        resource.namespaced.then_some(self.namespace)
    }
}

/// Does one thing, and shows what came of it.
pub(crate) async fn perform(place: &Place<'_>, actor: &Actor, deed: &Deed) -> Result<Shown> {
    let served = place.server.served(&deed.group, &deed.resource);
    let Some(served) = served else { bail!("the server has no {deed:?}") };
    let resource = served.resource;
    if !served.below.is_empty() {
        return below::perform(place, actor, &deed.verb, resource, served.below).await;
    }
    if resource.plural == "bindings" {
        let pods = place.server.resource("", "pods")?;
        let name = place.name(pods);
        let (pod, _) = place.server.victim(pods, Some(place.namespace), &name).await?;
        let path = Server::path(resource, Some(place.namespace));
        return below::bind(place, actor, &pod, &path, &name).await;
    }
    let is_namespace = resource.plural == "namespaces";
    let name = if is_namespace { place.namespace.to_owned() } else { place.name(resource) };
    match deed.verb.as_str() {
        "create" => create(place, actor, resource, &name).await,
        "update" | "patch" => change(place, actor, resource, &name, &deed.verb).await,
        "delete" | "deletecollection" => delete(place, actor, resource, &name, &deed.verb).await,
        "get" | "list" | "watch" => read(place, actor, resource, &name, &deed.verb).await,
        verb => bail!("nothing is known of the verb {verb}"),
    }
}

/// Does all that a right is about, some of it if that is much, and shows the last.
pub(crate) async fn perform_all(
    place: &Place<'_>,
    right: &Right,
    (usual, about): (&[Deed], About),
    at_most: usize,
) -> Result<Shown> {
    let deeds = right.deeds(place.server, usual, about);
    if deeds.is_empty() {
        return not_served(place, right).await;
    }
    let mut shown = None;
    // Of many, others each time.
    let first = if deeds.len() > at_most { place.server.number() % deeds.len() } else { 0 };
    for deed in deeds.iter().cycle().skip(first).take(deeds.len().min(at_most)) {
        let what = format!("{} may {} {}.{}", right.actor.principal, deed.verb, deed.resource, deed.group);
        let place = Place { names: right.names(), ..*place };
        shown = Some(perform(&place, &right.actor, deed).await.context(what)?);
    }
    shown.with_context(|| format!("nothing is known to do with {:?}", right.rule))
}

/// The server lets pass what it does not serve: whoever may not is refused before it looks.
async fn not_served(place: &Place<'_>, right: &Right) -> Result<Shown> {
    let (group, resource) = (right.rule.api_groups.first(), right.rule.resources.first());
    let (group, resource) = (group.context("a group")?, resource.context("a resource")?);
    let verb = right.verb(&["get", "create", "patch", "update", "delete"]).context("a verb")?;
    let root = if group.is_empty() { "/api/v1".to_owned() } else { format!("/apis/{group}/v1") };
    let (plural, below) = resource.split_once('/').unwrap_or((resource, ""));
    let name = right.names().first().map_or("a", String::as_str);
    let mut path = format!("{root}/namespaces/{}/{plural}", place.namespace);
    if verb != "create" || !below.is_empty() {
        path = format!("{path}/{name}/{below}");
    }
    let ask = Ask::new(below::method(verb)?, path.trim_end_matches('/'), "application/json", json!({}));
    let answer = right.actor.ask(&ask).await?;
    // An object of that name may be there all the same, of another case.
    if ![200, 404].contains(&answer.code) {
        return Err(right.actor.refusal(verb, &ask.path, &answer).into());
    }
    Ok(Shown::Passed(format!("{} {} {}: {}", right.actor.principal, ask.method, ask.path, answer.code)))
}

async fn create(place: &Place<'_>, actor: &Actor, resource: &Resource, name: &str) -> Result<Shown> {
    let path = Server::path(resource, place.scope(resource));
    let object = samples::object(resource, name, place.namespace)?;
    let full = format!("{path}/{name}");
    // What has a name in the rule is applied: that asks for the right under the name.
    let ask = if place.names.is_empty() { Ask::post(&path, object) } else { Ask::apply(&full, object) };
    let answer = actor.ask(&ask).await?;
    let answer = actor.done("create", &full, answer)?;
    let made = place.server.look(&full).await?;
    ensure!(made.is_some(), "{full} was made, and is not there");
    if resource.group == "admissionregistration.k8s.io" && resource.plural.ends_with("webhookconfigurations")
    {
        webhook_is_called(place, name).await?;
        place.server.admin.must(&Ask::delete(&full)).await?;
    }
    Ok(Shown::Effect(format!("{} {} {full}: {}", actor.principal, ask.method, answer.code)))
}

/// The server calls the webhook for what production writes, and refuses it, since nobody answers there.
async fn webhook_is_called(place: &Place<'_>, name: &str) -> Result<()> {
    let path = format!("/api/v1/namespaces/{}/configmaps", place.namespace);
    let probe = json!({"metadata": {"generateName": "probe-", "labels": {PROBE: name}}});
    eventually("what production writes comes by the webhook", async || {
        let answer = place.server.admin.try_once(&Ask::post(&path, probe.clone()).dry()).await?;
        Ok((answer.code == 500 && answer.message().contains("failed calling webhook")).then_some(()))
    })
    .await
}

async fn change(
    place: &Place<'_>,
    actor: &Actor,
    resource: &Resource,
    name: &str,
    verb: &str,
) -> Result<Shown> {
    let (path, _) = place.server.victim(resource, place.scope(resource), name).await?;
    let mark = format!("mark-{}", place.server.number());
    let (patch, sign) = match (resource.plural.as_str(), verb) {
        // What is bound to no node may have another image, and nothing else.
        ("pods", _) => pod_change(&mark),
        _ => samples::change(resource, &mark),
    };
    let answer = if verb == "patch" {
        let ask =
            if resource.plural == "pods" { Ask::strategic(&path, patch) } else { Ask::patch(&path, patch) };
        actor.ask(&ask).await?
    } else {
        put(place, actor, &path, &path, &patch).await?
    };
    let answer = actor.done(verb, &path, answer)?;
    let now = place.server.look(&path).await?.unwrap_or_default();
    ensure!(now.to_string().contains(&sign), "{path} does not hold {sign}: {now}");
    Ok(Shown::Effect(format!("{} {verb} {path}: {}", actor.principal, answer.code)))
}

fn pod_change(mark: &str) -> (Value, String) {
    let image = format!("{mark}.example/evil");
    let spec = json!({"containers": [{"name": "a", "image": image}]});
    (json!({"metadata": {"labels": {"app": mark}}, "spec": spec}), image)
}

/// Replaces an object by what it is with a patch, again if somebody was faster.
pub(crate) async fn put(
    place: &Place<'_>,
    actor: &Actor,
    from: &str,
    to: &str,
    patch: &Value,
) -> Result<Answer> {
    for _ in 0..20 {
        let mut object = place.server.look(from).await?.context("it is there")?;
        merge(&mut object, patch);
        let answer = actor.ask(&Ask::put(to, object)).await?;
        if answer.code != 409 {
            return Ok(answer);
        }
    }
    bail!("somebody else was always faster at {to}")
}

/// JSON Merge Patch, but for lists of one element, which keep what the patch does not say.
pub(crate) fn merge(object: &mut Value, patch: &Value) {
    match (object, patch) {
        (Value::Object(object), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(object.entry(key).or_insert(Value::Null), value);
            }
        }
        (Value::Array(object), Value::Array(patch)) if object.len() == 1 && patch.len() == 1 => {
            merge(&mut object[0], &patch[0]);
        }
        (object, patch) => *object = patch.clone(),
    }
}

async fn delete(
    place: &Place<'_>,
    actor: &Actor,
    resource: &Resource,
    name: &str,
    verb: &str,
) -> Result<Shown> {
    let (path, object) = place.server.victim(resource, place.scope(resource), name).await?;
    let mut ask = if verb == "delete" {
        Ask::delete(&path)
    } else {
        let all = Server::path(resource, place.scope(resource));
        let label = object["metadata"]["labels"][VICTIM].as_str().unwrap_or("nothing");
        Ask::delete(&format!("{all}?labelSelector={VICTIM}%3D{label}"))
    };
    // A namespace that is gone takes everything with it.
    let keeps = resource.plural == "namespaces" && place.keeps;
    if keeps {
        ask = ask.dry();
    }
    let answer = actor.ask(&ask).await?;
    let answer = actor.done(verb, &path, answer)?;
    if !keeps {
        let uid = &object["metadata"]["uid"];
        let now = place.server.look(&path).await?;
        let is_gone = now.is_none_or(|now| {
            now["metadata"]["uid"] != *uid || !now["metadata"]["deletionTimestamp"].is_null()
        });
        ensure!(is_gone, "{path} is still there");
    }
    Ok(Shown::Effect(format!("{} {} {path}: {}", actor.principal, ask.method, answer.code)))
}

/// What asks for one object of many: only where a right is bound to names, since who asks for all asks by no name.
pub(crate) fn only_where_bound(names: &[String], name: &str) -> String {
    if names.is_empty() { String::new() } else { format!("fieldSelector=metadata.name%3D{name}") }
}

/// The path by which an object is read with a verb, by a right that is bound to some names or to none.
pub(crate) fn read_path(
    resource: &Resource,
    namespace: Option<&str>,
    (names, name): (&[String], &str),
    verb: &str,
) -> String {
    let all = Server::path(resource, namespace);
    let only = only_where_bound(names, name);
    match verb {
        "get" => format!("{all}/{name}"),
        "list" => format!("{all}?{only}"),
        _ => format!("{all}?watch=true&timeoutSeconds=1&{only}"),
    }
}

async fn read(
    place: &Place<'_>,
    actor: &Actor,
    resource: &Resource,
    name: &str,
    verb: &str,
) -> Result<Shown> {
    let (_, object) = place.server.victim(resource, place.scope(resource), name).await?;
    let is_secret = resource.group.is_empty() && resource.plural == "secrets";
    let path = read_path(resource, place.scope(resource), (place.names, name), verb);
    let answer = actor.ask(&Ask::get(&path)).await?;
    let answer = actor.done(verb, &path, answer)?;
    let sign = if is_secret {
        let values = object["data"].as_object().and_then(|data| data.values().next());
        values.and_then(Value::as_str).unwrap_or(SECRET).to_owned()
    } else {
        object["metadata"]["uid"].as_str().unwrap_or(SECRET).to_owned()
    };
    ensure!(answer.holds(&sign), "{path} does not show {sign}: {}", answer.body);
    Ok(Shown::Effect(format!("{} GET {path}: {}", actor.principal, answer.code)))
}
