//! ValidatingAdmissionPolicies by chance on a real API server: what it admits, no draft that the object fits is refused of;
//! and of whole objects it says what is said here.
//!
//! The bindings on the server only warn, so that many policies are asked about one request, and each says what it finds.
//! Whether it warns or refuses is decided after that; here the same bindings refuse.

mod generate;
mod types;

use anyhow::{Context, Result, ensure};
use fastrand::Rng;
use generate::{name, object, policy};
use kube::Client;
use kube::client::Body;
use kube::core::Request;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use watertight_admission::{Admission, Draft, Known, Operation, Others};
use watertight_base::Source;
use watertight_ingest::Options;
use watertight_model::Snapshot;
use watertight_testbed::{ControlPlane, eventually};

/// How many policies stand at a time. The server cuts warnings to 256 characters if they are more than 4096 together, and
/// drops some if they still are; each policy has at most two.
const POLICIES: usize = 7;
/// How many objects each of them is asked about.
const OBJECTS: usize = 40;
/// How many drafts are made of each object.
const DRAFTS: usize = 6;

const GROUP: &str = "/apis/admissionregistration.k8s.io/v1";

#[tokio::test]
async fn policies_refuse_what_the_server_refuses() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    let asked = std::env::var("WATERTIGHT_CLUSTERS").ok().and_then(|text| text.parse::<u64>().ok());
    let rounds = asked.map_or(6, |clusters| clusters.div_ceil(500).max(6));
    let mut counts = Counts::default();
    for seed in 0..rounds {
        let tried = plane.in_namespace("policies", async |namespace| {
            let client = namespace.client();
            let tried = round(&client, namespace.name(), &mut Rng::with_seed(seed)).await;
            for index in 0..=POLICIES {
                for kind in ["validatingadmissionpolicybindings", "validatingadmissionpolicies"] {
                    let path = format!("{GROUP}/{kind}/{}", name(namespace.name(), index));
                    // One that was not made cannot be removed.
                    let _ = send(&client, "DELETE", &path, &Value::Null).await;
                }
            }
            tried
        });
        counts.add(&tried.await?);
    }
    // The test would see nothing if all were refused, or admitted, or unknown.
    println!("{counts:?}");
    assert!(counts.refused > 200 && counts.admitted > 200, "{counts:?}");
    assert!(counts.surely_refused_in_part > 50 && counts.refused_without_errors > 5, "{counts:?}");
    Ok(())
}

/// What was seen.
#[derive(Debug, Default)]
struct Counts {
    /// Whole objects that a policy refuses.
    refused: usize,
    /// Whole objects that it does not.
    admitted: usize,
    /// Whole objects that a policy refuses which lets errors pass.
    refused_without_errors: usize,
    /// Drafts that are refused although something of them is not known.
    surely_refused_in_part: usize,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        self.refused += other.refused;
        self.admitted += other.admitted;
        self.refused_without_errors += other.refused_without_errors;
        self.surely_refused_in_part += other.surely_refused_in_part;
    }
}

async fn round(client: &Client, namespace: &str, random: &mut Rng) -> Result<Counts> {
    // The labels of the namespace are asked about too.
    let path = format!("/api/v1/namespaces/{namespace}");
    send(client, "PATCH", &path, &json!({"metadata": {"labels": {"team": "a"}}})).await?;
    let mut policies: Vec<[Value; 2]> = Vec::new();
    for index in 0..POLICIES {
        policies.push(policy(random, namespace, index, "Warn"));
    }
    let mut last = policy(random, namespace, POLICIES, "Warn");
    let everything =
        json!([{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["configmaps"]}]);
    last[0]["spec"] =
        json!({"matchConstraints": {"resourceRules": everything}, "validations": [{"expression": "false"}]});
    for [policy, binding] in policies.iter().chain([&last]) {
        send(client, "POST", &format!("{GROUP}/validatingadmissionpolicies"), policy).await?;
        send(client, "POST", &format!("{GROUP}/validatingadmissionpolicybindings"), binding).await?;
    }
    let probe =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "probe"}, "data": {"k": "v"}});
    let maps = format!("/api/v1/namespaces/{namespace}/configmaps");
    eventually("the policies count", async || {
        let (_, warned) = send(client, "POST", &format!("{maps}?dryRun=All"), &probe).await?;
        Ok(warned.iter().any(|text| text.contains(&name(namespace, POLICIES))).then_some(()))
    })
    .await?;
    let (before, _) = send(client, "POST", &maps, &probe).await?;
    let (live, _) = send(client, "GET", &path, &Value::Null).await?;
    let snapshots: Vec<Snapshot> = policies.iter().map(|policy| snapshot(&live, policy)).collect();
    let admissions: Vec<Admission<'_>> = snapshots.iter().map(Admission::new).collect();
    for (admission, [policy, _]) in admissions.iter().zip(&policies) {
        ensure!(admission.diagnostics().is_empty(), "{:?} of {policy}", admission.diagnostics());
    }
    let user = whoami(client).await?;
    let mut counts = Counts::default();
    for _ in 0..OBJECTS {
        let (resource, mut object) = object(random);
        let base = format!("/api/v1/namespaces/{namespace}/{resource}");
        let is_update = resource == "configmaps" && random.bool();
        let (method, path) = match is_update {
            true => ("PUT", format!("{base}/probe?dryRun=All")),
            false => ("POST", format!("{base}?dryRun=All")),
        };
        if is_update {
            object["metadata"]["name"] = json!("probe");
        }
        let (stored, warned) = send(client, method, &path, &object).await?;
        let old = is_update.then_some(&before);
        let draft = draft(namespace, resource, &stored, old, &user);
        for (index, admission) in admissions.iter().enumerate() {
            let own = format!("ValidatingAdmissionPolicy '{}'", name(namespace, index));
            let is_refused = warned.iter().any(|text| text.contains(&own));
            let told = || format!("of {stored} after {old:?}, under {}", policies[index][0]);
            let refused = admission.refuses(&draft).is_some();
            ensure!(refused == is_refused, "the server refuses: {is_refused}; {}", told());
            let fails_closed = policies[index][0]["spec"]["failurePolicy"] == "Fail";
            counts.refused += usize::from(refused && fails_closed);
            counts.refused_without_errors += usize::from(refused && !fails_closed);
            counts.admitted += usize::from(!refused);
            for _ in 0..DRAFTS {
                let part = Draft {
                    object: less_known(&draft.object, random),
                    old: if is_update { less_known(&draft.old, random) } else { draft.old.clone() },
                    user: if random.bool() { Known::Nothing } else { draft.user.clone() },
                    groups: if random.bool() { Known::Nothing } else { draft.groups.clone() },
                    name: if random.bool() { Known::Nothing } else { draft.name.clone() },
                    ..draft.clone()
                };
                let refused = admission.refuses(&part).is_some();
                ensure!(is_refused || !refused, "the server admits it, and {part:?} is refused, {}", told());
                counts.surely_refused_in_part += usize::from(refused && part != draft);
            }
        }
    }
    Ok(counts)
}

/// One policy and its binding, which refuses here, and the namespace.
fn snapshot(namespace: &Value, [policy, binding]: &[Value; 2]) -> Snapshot {
    let mut binding = binding.clone();
    binding["spec"]["validationActions"] = json!(["Deny"]);
    let mut namespace = namespace.clone();
    namespace["apiVersion"] = json!("v1");
    namespace["kind"] = json!("Namespace");
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [namespace, policy, binding]});
    let source = Source { name: "policies.json".to_owned(), bytes: list.to_string().into_bytes() };
    watertight_ingest::read(&[source], &Options::default()).snapshot
}

fn draft(namespace: &str, resource: &str, stored: &Value, old: Option<&Value>, user: &[Known; 2]) -> Draft {
    let [user, groups] = user.clone();
    let kind = stored["kind"].as_str().unwrap_or_default().to_owned();
    Draft {
        group: String::new(),
        version: "v1".to_owned(),
        kind,
        resource: resource.to_owned(),
        subresource: "",
        operation: if old.is_some() { Operation::Update } else { Operation::Create },
        namespace: Some(namespace.to_owned()),
        name: Known::text(stored["metadata"]["name"].as_str().unwrap_or_default()),
        user,
        groups,
        object: known(stored, true),
        old: old.map_or(Known::Absent, |old| known(old, true)),
    }
}

/// All that is known of a value that the server has answered. What it fills in after admission is not known.
fn known(value: &Value, is_object: bool) -> Known {
    match value {
        Value::Null => Known::Nothing,
        Value::Bool(truth) => Known::Bool(*truth),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Known::Integer(number),
            None => Known::Number(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => Known::text(text),
        Value::Array(elements) => Known::List {
            elements: elements.iter().map(|element| known(element, false)).collect(),
            others: Others::None,
        },
        Value::Object(fields) => {
            let filled_in = ["uid", "creationTimestamp", "resourceVersion", "generation", "managedFields"];
            let fields = fields.iter().map(|(name, field)| {
                let known = match name.as_str() {
                    "metadata" if is_object => metadata(field, &filled_in),
                    _ => known(field, false),
                };
                (name.clone(), known)
            });
            Known::Map { fields: fields.collect(), others: Others::None }
        }
    }
}

fn metadata(value: &Value, filled_in: &[&str]) -> Known {
    let Known::Map { mut fields, others } = known(value, false) else { return Known::Nothing };
    fields.extend(filled_in.iter().map(|&name| (name.to_owned(), Known::Nothing)));
    Known::Map { fields, others }
}

/// A draft that a value fits.
fn less_known(value: &Known, random: &mut Rng) -> Known {
    if random.u8(0..12) == 0 {
        return Known::Nothing;
    }
    match value {
        Known::Text(texts) => match random.u8(0..6) {
            0 => Known::Text(texts.iter().cloned().chain(["x".to_owned(), "v".to_owned()]).collect()),
            1 => {
                let others = ["x", "y", "v", "ExternalName"].map(str::to_owned);
                Known::OtherText(others.into_iter().filter(|text| !texts.contains(text)).collect())
            }
            _ => value.clone(),
        },
        Known::List { elements, others } => {
            let is_open = random.u8(0..4) == 0;
            let kept = elements.iter().filter(|_| !is_open || random.bool()).collect::<Vec<_>>();
            Known::List {
                elements: kept.into_iter().map(|element| less_known(element, random)).collect(),
                others: if is_open { Others::Any } else { *others },
            }
        }
        Known::Map { fields, others } => {
            let is_open = random.u8(0..3) == 0;
            let mut left: BTreeMap<String, Known> = BTreeMap::new();
            for (name, field) in fields {
                if !is_open || random.bool() {
                    left.insert(name.clone(), less_known(field, random));
                }
            }
            Known::Map { fields: left, others: if is_open { Others::Any } else { *others } }
        }
        other => other.clone(),
    }
}

/// The name and the groups under which the tests ask.
async fn whoami(client: &Client) -> Result<[Known; 2]> {
    let review = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
    let (answer, _) =
        send(client, "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", &review).await?;
    let info = &answer["status"]["userInfo"];
    let name = Known::text(info["username"].as_str().context("nobody asks")?);
    Ok([name, known(&info["groups"], false)])
}

/// Sends a request, and gives what is answered, with the warnings.
async fn send(client: &Client, method: &str, path: &str, body: &Value) -> Result<(Value, Vec<String>)> {
    let bytes = if body.is_null() { Vec::new() } else { serde_json::to_vec(body)? };
    let mut request = Request::new(path).create(&kube::api::PostParams::default(), bytes)?;
    *request.method_mut() = method.parse()?;
    *request.uri_mut() = path.parse()?;
    let kind = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
    request.headers_mut().insert("content-type", kind.parse()?);
    let response = client.send(request.map(Body::from)).await?;
    let status = response.status();
    let warnings = response.headers().get_all("warning").iter();
    let warnings: Vec<String> = warnings.filter_map(|text| text.to_str().ok()).map(str::to_owned).collect();
    let answer = response.into_body().collect_bytes().await?;
    let answer: Value = serde_json::from_slice(&answer)?;
    ensure!(status.is_success(), "{method} {path} of {body}: {answer}");
    Ok((answer, warnings))
}
