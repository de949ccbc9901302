//! What rights yield, tried on a real API server by somebody who has those rights and no others: the rows of the API
//! channel's catalogue rest on it.

mod certificates;
mod cluster_objects;
mod impersonation;
mod namespaces;
mod pods;
mod roles;
mod secrets;
mod traffic;
mod workloads;

use anyhow::{Context, Result, bail};
use kube::Client;
use kube::api::{GetParams, PostParams};
use kube::core::Request;
use serde_json::{Value, json};
use watertight_testbed::{Namespace, eventually};

/// Somebody who may do what some rules say: in a namespace, or everywhere.
struct Attacker {
    client: Client,
    user: String,
}

/// What the server said: the object, or the code and the message of a refusal.
type Answer = Result<Value, (u16, String)>;

impl Attacker {
    /// Somebody with these rules in the namespace alone: `(group, resource, verbs, names)`.
    async fn in_namespace(namespace: &Namespace<'_>, rules: &[Rule<'_>]) -> Result<Self> {
        Self::new(namespace.client(), Some(namespace.name()), rules).await
    }

    async fn new(client: Client, namespace: Option<&str>, rules: &[Rule<'_>]) -> Result<Self> {
        let rbac = "/apis/rbac.authorization.k8s.io/v1";
        let (roles, bindings, kind) = match namespace {
            Some(name) => (
                format!("{rbac}/namespaces/{name}/roles"),
                format!("{rbac}/namespaces/{name}/rolebindings"),
                "Role",
            ),
            None => (format!("{rbac}/clusterroles"), format!("{rbac}/clusterrolebindings"), "ClusterRole"),
        };
        let as_rule = |&(group, resource, verbs, names): &Rule<'_>| json!({"apiGroups": [group], "resources": [resource], "verbs": verbs, "resourceNames": names});
        let rules_in_json: Vec<Value> = rules.iter().map(as_rule).collect();
        let role = json!({"metadata": {"generateName": "attacker-"}, "rules": rules_in_json});
        let role = post(&client, &roles, &role).await?;
        let name = role["metadata"]["name"].as_str().context("a role without a name")?.to_owned();
        let user = format!("{}-{name}", namespace.unwrap_or("everywhere"));
        let binding = json!({
            "metadata": {"name": name},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
        });
        post(&client, &bindings, &binding).await?;
        for &(group, resource, verbs, names) in rules {
            let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
            let review = json!({"spec": {"user": user, "resourceAttributes": {
                "verb": verbs[0], "group": group, "resource": resource, "subresource": subresource,
                "namespace": namespace.unwrap_or_default(), "name": names.first().unwrap_or(&""),
            }}});
            eventually("the right counts", async || {
                let answer =
                    post(&client, "/apis/authorization.k8s.io/v1/subjectaccessreviews", &review).await?;
                Ok(answer["status"]["allowed"].as_bool().filter(|&allowed| allowed))
            })
            .await?;
        }
        Ok(Self { client, user })
    }

    /// Does something, and gives what the server says to it.
    async fn ask(&self, method: &str, path: &str, kind_of_body: &str, body: &Value) -> Result<Answer> {
        match send(&self.client, method, path, kind_of_body, body, Some(&self.user)).await? {
            Ok(answer) => Ok(Ok(answer)),
            Err(kube::Error::Api(status)) => Ok(Err((status.code, status.message.clone()))),
            // A redirection or a page, where no object was asked for.
            Err(kube::Error::SerdeError(_)) => Ok(Ok(Value::Null)),
            Err(error) => bail!(error),
        }
    }

    async fn create(&self, path: &str, object: &Value) -> Result<Answer> {
        self.ask("POST", path, "application/json", object).await
    }

    /// Server-side apply.
    async fn apply(&self, path: &str, object: &Value) -> Result<Answer> {
        let path = format!("{path}?fieldManager=attacker&force=true");
        self.ask("PATCH", &path, "application/apply-patch+yaml", object).await
    }

    async fn patch(&self, path: &str, patch: &Value) -> Result<Answer> {
        self.ask("PATCH", path, "application/merge-patch+json", patch).await
    }

    async fn get(&self, path: &str) -> Result<Answer> {
        self.ask("GET", path, "application/json", &Value::Null).await
    }
}

/// Group, resource with its subresource, verbs, and the names to which they are bound.
type Rule<'a> = (&'a str, &'a str, &'a [&'a str], &'a [&'a str]);

/// What an administrator creates.
async fn post(client: &Client, path: &str, object: &Value) -> Result<Value> {
    let request = Request::new(path).create(&PostParams::default(), serde_json::to_vec(object)?)?;
    client.request(request).await.with_context(|| format!("the server was given {object}"))
}

/// What an administrator sees.
async fn look(client: &Client, path: &str) -> Result<Value> {
    Ok(send(client, "GET", path, "application/json", &Value::Null, None).await??)
}

async fn send(
    client: &Client,
    method: &str,
    path: &str,
    kind_of_body: &str,
    body: &Value,
    user: Option<&str>,
) -> Result<kube::Result<Value>> {
    let mut request = Request::new("/").get("a", &GetParams::default())?;
    *request.method_mut() = method.parse()?;
    *request.uri_mut() = path.parse()?;
    request.headers_mut().insert("Content-Type", kind_of_body.parse()?);
    if let Some(user) = user {
        request.headers_mut().insert("Impersonate-User", user.parse()?);
    }
    if !body.is_null() {
        *request.body_mut() = serde_json::to_vec(body)?;
    }
    Ok(client.request(request).await)
}

/// The code of an answer.
fn code(answer: &Answer) -> u16 {
    answer.as_ref().err().map_or(200, |(code, _)| *code)
}

/// A pod that nothing schedules but what is tried.
fn pod(name: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"schedulerName": "nobody", "containers": [{"name": "a", "image": "a.example/a"}]},
    })
}
