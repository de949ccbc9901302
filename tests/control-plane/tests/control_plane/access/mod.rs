//! Who may do what: a real API server decides over random roles and bindings, and the API channel decides the same.
//!
//! `WATERTIGHT_CLUSTERS` sets how many questions are asked.

mod question;
mod world;

use anyhow::{Context, Result, bail};
use futures_util::{StreamExt, TryStreamExt, stream};
use kube::Client;
use kube::api::{GetParams, PostParams};
use kube::core::Request;
use question::question;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::ops::Range;
use watertight_api::{Access, Bootstrap, acting_as, bootstrap};
use watertight_base::Source;
use watertight_ingest::{Options, read};
use watertight_model::{Decision, RoleRule, Snapshot};
use watertight_testbed::{ControlPlane, eventually};
use world::NAMESPACES;

/// How many requests are under way at a time.
const AT_A_TIME: usize = 24;

/// How many questions are asked about one world.
const QUESTIONS_MAX: u64 = 5000;

/// How many differences are shown.
const SHOWN: usize = 20;

#[tokio::test]
async fn the_api_server_and_the_channel_decide_alike() -> Result<()> {
    let asked = std::env::var("WATERTIGHT_CLUSTERS").ok().and_then(|text| text.parse().ok());
    let questions = asked.unwrap_or(6000_u64);
    for world in 0..questions.div_ceil(QUESTIONS_MAX) {
        // Roles that live in no namespace would meet those of other tests.
        let Some(plane) = ControlPlane::start()? else { return Ok(()) };
        let first = world * QUESTIONS_MAX;
        decide_alike(&plane, world, first..questions.min(first + QUESTIONS_MAX)).await?;
    }
    Ok(())
}

/// What is said of a binding whose role is not there.
const NOT_HELD: &str = "which the input does not hold";

/// Asks both about one world.
async fn decide_alike(plane: &ControlPlane, world: u64, questions: Range<u64>) -> Result<()> {
    let client = plane.client().await?;
    let objects = world::objects(world);
    make(&client, &objects).await?;
    let snapshot = snapshot(&objects);
    let access = Access::new(&snapshot, built_in(plane)?);
    settle(&client, &snapshot, &access).await?;

    let answers = stream::iter(questions)
        .map(|seed| {
            let client = client.clone();
            async move {
                let question = question(seed);
                let status = ask(&client, "subjectaccessreviews", question.review()).await?;
                Ok::<_, anyhow::Error>((question, status))
            }
        })
        .buffered(AT_A_TIME)
        .try_collect::<Vec<_>>()
        .await?;
    let (mut yes, mut no, mut not_held, mut differences) = (0, 0, 0, Vec::new());
    for (question, status) in &answers {
        let allowed = status["allowed"].as_bool().context("a review without an answer")?;
        *(if allowed { &mut yes } else { &mut no }) += 1;
        let ours = access.explain(&question.user, &question.asked);
        // The server knows that a role is not there; of manifests nobody knows whether they lack it.
        if ours.decision == Decision::Unknown && ours.notes.iter().any(|note| note.ends_with(NOT_HELD)) {
            assert!(!allowed, "{question:?}: {status}");
            not_held += 1;
        } else if ours.decision != if allowed { Decision::Allowed } else { Decision::Denied } {
            differences.push(format!("{question:?}: {} {}", ours.decision.name(), status));
        }
        // The server names one binding that grants it; ours must be among those that do.
        assert_eq!(ours.grant.is_some(), ours.decision == Decision::Allowed);
        assert!(ours.near.iter().all(|near| !near.lacks.is_empty()), "{question:?}");
    }
    assert!(yes > 50 && no > 50 && no - not_held > 50, "{yes} yes, {no} no, {not_held} of these unknown");
    assert!(differences.is_empty(), "{}", differences[..differences.len().min(SHOWN)].join("\n"));
    lists_are_those_of_the_server(&client, &access).await
}

/// What SelfSubjectRulesReview says to somebody is what the channel lists for them.
async fn lists_are_those_of_the_server(client: &Client, access: &Access<'_>) -> Result<()> {
    let (mut compared, mut not_empty) = (0, 0);
    for name in
        ["jane", "Jane", "nobody", "system:serviceaccount:rbac-a:ci", "system:serviceaccount:rbac-b:default"]
    {
        for groups in [&[][..], &["dev".to_owned()], &["sre".to_owned(), "dev".to_owned()]] {
            // Impersonation takes a ServiceAccount with other groups for somebody who lacks its own.
            if name.starts_with("system:serviceaccount:") && !groups.is_empty() {
                continue;
            }
            let user = acting_as(name, groups);
            for namespace in NAMESPACES {
                let review = json!({
                    "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview",
                    "spec": {"namespace": namespace},
                });
                let status = ask_as(client, "selfsubjectrulesreviews", review, name, groups).await?;
                let list = access.list(&user, Some(namespace));
                let ours: Vec<&RoleRule> = list
                    .sections
                    .iter()
                    .flat_map(|section| &section.rules)
                    .map(|listed| &listed.rule)
                    .collect();
                let (ours, theirs) = (of_channel(&ours), of_server(&status)?);
                not_empty += usize::from(theirs.len() > 10);
                compared += 1;
                assert_eq!(ours, theirs, "{name} {groups:?} {namespace}");
            }
        }
    }
    assert!(compared >= 30 && not_empty >= 10, "{compared} compared, {not_empty} not empty");
    Ok(())
}

type Listed = [Vec<String>; 5];

fn of_channel(rules: &[&RoleRule]) -> BTreeSet<Listed> {
    let parts = |rule: &&RoleRule| {
        [&rule.verbs, &rule.api_groups, &rule.resources, &rule.resource_names, &rule.non_resource_urls]
            .map(|part| sorted(part))
    };
    rules.iter().map(parts).collect()
}

fn of_server(status: &Value) -> Result<BTreeSet<Listed>> {
    let mut found = BTreeSet::new();
    for list in ["resourceRules", "nonResourceRules"] {
        for rule in status[list].as_array().context("a review without rules")? {
            let part = |field: &str| -> Vec<String> {
                let values = rule[field].as_array().into_iter().flatten();
                sorted(&values.filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>())
            };
            found.insert(["verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs"].map(part));
        }
    }
    Ok(found)
}

fn sorted(values: &[String]) -> Vec<String> {
    let mut values = values.to_vec();
    values.sort_unstable();
    values
}

/// The roles and bindings that a server of that version has by itself.
fn built_in(plane: &ControlPlane) -> Result<Bootstrap> {
    Ok(bootstrap(plane.minor()?))
}

/// What the objects say.
fn snapshot(objects: &[Value]) -> Snapshot {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
    let source = Source { name: "world.json".to_owned(), bytes: list.to_string().into_bytes() };
    let ingested = read(&[source], &Options::default());
    let blind: Vec<&String> = ingested.snapshot.blind_spots.iter().map(|spot| &spot.reason).collect();
    assert!(blind.is_empty(), "{blind:?}");
    ingested.snapshot
}

/// Makes the namespaces and the objects.
async fn make(client: &Client, objects: &[Value]) -> Result<()> {
    let namespaces =
        NAMESPACES.map(|name| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}));
    for namespace in namespaces {
        create(client, "/api/v1/namespaces", &namespace).await?;
    }
    let made = stream::iter(objects).map(|object| async move {
        let plural = format!("{}s", object["kind"].as_str().unwrap_or_default().to_lowercase());
        let root = "/apis/rbac.authorization.k8s.io/v1";
        let path = match object["metadata"]["namespace"].as_str() {
            Some(namespace) => format!("{root}/namespaces/{namespace}/{plural}"),
            None => format!("{root}/{plural}"),
        };
        create(client, &path, object).await
    });
    made.buffer_unordered(AT_A_TIME).try_collect::<Vec<_>>().await?;
    Ok(())
}

async fn create(client: &Client, path: &str, object: &Value) -> Result<Value> {
    let request = Request::new(path).create(&PostParams::default(), serde_json::to_vec(object)?)?;
    client.request(request).await.with_context(|| format!("the server was given {object}"))
}

/// Waits until the server decides by all of it: a binding made last counts, and the aggregated roles hold their rules.
async fn settle(client: &Client, snapshot: &Snapshot, access: &Access<'_>) -> Result<()> {
    let last = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
        "metadata": {"name": "rbac-test-last"},
        "roleRef": {"kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "User", "name": "last"}],
    });
    create(client, "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", &last).await?;
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
        "spec": {"user": "last", "resourceAttributes": {"verb": "get", "resource": "pods"}},
    });
    eventually("the last binding counts", async || {
        let status = ask(client, "subjectaccessreviews", review.clone()).await?;
        Ok(status["allowed"].as_bool().filter(|&allowed| allowed))
    })
    .await?;
    let aggregated = snapshot.roles.iter().filter(|role| role.aggregates.is_some());
    let names = aggregated.map(|role| role.object.name.as_str()).chain(["admin", "edit", "view"]);
    for name in names {
        let expected = of_channel(&access.rules_of(None, name));
        let roles = Request::new("/apis/rbac.authorization.k8s.io/v1/clusterroles");
        eventually(&format!("the rules of {name} are written"), async || {
            let role: Value = client.request(roles.get(name, &GetParams::default())?).await?;
            let status = json!({"resourceRules": role["rules"].as_array().cloned().unwrap_or_default(),
                                "nonResourceRules": []});
            Ok((of_server(&status)? == expected).then_some(()))
        })
        .await?;
    }
    // What the authorizer knows comes a moment after what is stored.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    Ok(())
}

async fn ask(client: &Client, kind: &str, review: Value) -> Result<Value> {
    ask_as(client, kind, review, "", &[]).await
}

/// Asks, as somebody else if a name is given.
async fn ask_as(client: &Client, kind: &str, review: Value, name: &str, groups: &[String]) -> Result<Value> {
    let path = format!("/apis/authorization.k8s.io/v1/{kind}");
    let mut request = Request::new(path).create(&PostParams::default(), serde_json::to_vec(&review)?)?;
    if !name.is_empty() {
        request.headers_mut().insert("Impersonate-User", name.parse()?);
        for group in groups {
            request.headers_mut().append("Impersonate-Group", group.parse()?);
        }
    }
    let mut answer: Value =
        client.request(request).await.with_context(|| format!("the server was asked {review}"))?;
    match answer["status"].take() {
        Value::Null => bail!("no status in the answer to {review}"),
        status => Ok(status),
    }
}
