//! A client as a principal: who asks, and what the server answers.

use anyhow::{Result, bail};
use kube::Client;
use kube::api::GetParams;
use kube::client::Body;
use kube::core::Request;
use serde_json::{Value, json};
use std::fmt;
use std::time::{Duration, Instant};
use watertight_model::{Principal, SubjectKind};

/// How long a right that was just granted may take until the server counts it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Somebody with credentials of their own: the certificate of the client, or a token.
#[derive(Clone)]
pub(crate) struct Actor {
    client: Client,
    token: Option<String>,
    /// As whom it acts beyond that, by the headers of impersonation.
    acts_as: Vec<(&'static str, String)>,
    /// Who the derivation says that it is.
    pub(crate) principal: Principal,
    /// Whether it is one from which the attacker starts.
    pub(crate) is_start: bool,
    /// How long it takes a refusal for one that does not count yet.
    patience: Duration,
}

/// A refusal, or whatever else the server says instead of doing something.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: u16,
    text: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Refusal {}

/// What the server answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) code: u16,
    /// An object, or a text that is none.
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn is_ok(&self) -> bool {
        (200..300).contains(&self.code)
    }

    /// What it says of a refusal.
    pub(crate) fn message(&self) -> String {
        match self.body["message"].as_str() {
            Some(message) => message.to_owned(),
            None => self.body.to_string().chars().take(300).collect(),
        }
    }

    /// Whether a text is anywhere in it.
    pub(crate) fn holds(&self, text: &str) -> bool {
        self.body.to_string().contains(text)
    }
}

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    kind_of_body: &'static str,
    body: Value,
}

impl Ask {
    pub(crate) fn get(path: &str) -> Self {
        Self::new("GET", path, "application/json", Value::Null)
    }

    pub(crate) fn post(path: &str, object: Value) -> Self {
        Self::new("POST", path, "application/json", object)
    }

    pub(crate) fn put(path: &str, object: Value) -> Self {
        Self::new("PUT", path, "application/json", object)
    }

    pub(crate) fn patch(path: &str, patch: Value) -> Self {
        Self::new("PATCH", path, "application/merge-patch+json", patch)
    }

    /// A patch that knows lists by the names of what is in them.
    pub(crate) fn strategic(path: &str, patch: Value) -> Self {
        Self::new("PATCH", path, "application/strategic-merge-patch+json", patch)
    }

    /// Server-side apply, which makes what is not there.
    pub(crate) fn apply(path: &str, object: Value) -> Self {
        let path = format!("{path}?fieldManager=replay&force=true");
        Self::new("PATCH", &path, "application/apply-patch+yaml", object)
    }

    pub(crate) fn delete(path: &str) -> Self {
        Self::new("DELETE", path, "application/json", Value::Null)
    }

    pub(crate) fn new(method: &'static str, path: &str, kind_of_body: &'static str, body: Value) -> Self {
        Self { method, path: path.to_owned(), kind_of_body, body }
    }

    /// The same, where nothing comes of it.
    pub(crate) fn dry(mut self) -> Self {
        self.path.push_str(if self.path.contains('?') { "&dryRun=All" } else { "?dryRun=All" });
        self
    }
}

impl Actor {
    pub(crate) fn new(client: Client, token: Option<String>, principal: Principal) -> Self {
        Self { client, token, acts_as: Vec::new(), principal, is_start: false, patience: PATIENCE }
    }

    /// One who takes the first answer.
    pub(crate) fn impatient(self) -> Self {
        Self { patience: Duration::ZERO, ..self }
    }

    /// The same, under the name that a derivation has for it.
    pub(crate) fn known_as(self, principal: &Principal) -> Self {
        Self { principal: principal.clone(), ..self }
    }

    pub(crate) fn starting(self) -> Self {
        Self { is_start: true, ..self }
    }

    /// The same as somebody else, by the headers of impersonation, which do not nest: the server looks at them once.
    pub(crate) fn impersonating(&self, user: &str, groups: &[&str], principal: Principal) -> Result<Self> {
        if !self.acts_as.is_empty() {
            bail!("{} acts by impersonation already, and that does not nest", self.principal);
        }
        let groups = groups.iter().map(|&group| ("Impersonate-Group", group.to_owned()));
        let acts_as = std::iter::once(("Impersonate-User", user.to_owned())).chain(groups).collect();
        Ok(Self { acts_as, principal, is_start: false, ..self.clone() })
    }

    /// Asks once.
    pub(crate) async fn try_once(&self, ask: &Ask) -> Result<Answer> {
        let mut request = Request::new("/").get("a", &GetParams::default())?;
        *request.method_mut() = ask.method.parse()?;
        *request.uri_mut() = ask.path.parse()?;
        let headers = request.headers_mut();
        headers.insert("Content-Type", ask.kind_of_body.parse()?);
        if let Some(token) = &self.token {
            headers.insert("Authorization", format!("Bearer {token}").parse()?);
        }
        for (header, value) in &self.acts_as {
            headers.append(*header, value.parse()?);
        }
        if !ask.body.is_null() {
            *request.body_mut() = serde_json::to_vec(&ask.body)?;
        }
        let response = self.client.send(request.map(Body::from)).await?;
        let code = response.status().as_u16();
        let bytes = response.into_body().collect_bytes().await?;
        let text = || Value::String(String::from_utf8_lossy(&bytes).into_owned());
        Ok(Answer { code, body: serde_json::from_slice(&bytes).unwrap_or_else(|_| text()) })
    }

    /// Asks until it is not refused any more: rights that were just granted count a moment later.
    pub(crate) async fn ask(&self, ask: &Ask) -> Result<Answer> {
        let start = Instant::now();
        loop {
            let answer = self.try_once(ask).await?;
            let is_early = [401, 403, 429].contains(&answer.code) && start.elapsed() < self.patience;
            if !is_early {
                return Ok(answer);
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    }

    /// Asks, and fails if that is refused.
    pub(crate) async fn must(&self, ask: &Ask) -> Result<Value> {
        Ok(self.done(ask.method, &ask.path, self.ask(ask).await?)?.body)
    }

    /// An answer, if it is no refusal.
    pub(crate) fn done(&self, what: &str, path: &str, answer: Answer) -> Result<Answer> {
        if answer.is_ok() { Ok(answer) } else { Err(self.refusal(what, path, &answer).into()) }
    }

    /// What the server said instead of doing something.
    pub(crate) fn refusal(&self, what: &str, path: &str, answer: &Answer) -> Refusal {
        let Answer { code, .. } = *answer;
        Refusal { code, text: format!("{} {what} {path}: {code} {}", self.principal, answer.message()) }
    }

    /// The name under which the server knows it, and its groups.
    pub(crate) async fn who(&self) -> Result<(String, Vec<String>)> {
        let review = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
        let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
        let answer = self.must(&Ask::post(path, review)).await?;
        let info = &answer["status"]["userInfo"];
        let groups = info["groups"].as_array().into_iter().flatten();
        let groups = groups.filter_map(Value::as_str).map(str::to_owned).collect();
        Ok((info["username"].as_str().unwrap_or_default().to_owned(), groups))
    }
}

/// A principal as a binding names it.
pub(crate) fn subject(principal: &Principal) -> Value {
    const GROUP: &str = "rbac.authorization.k8s.io";
    let name = &principal.name;
    match &principal.kind {
        SubjectKind::User => json!({"apiGroup": GROUP, "kind": "User", "name": name}),
        SubjectKind::Group => json!({"apiGroup": GROUP, "kind": "Group", "name": name}),
        SubjectKind::ServiceAccount(namespace) => {
            json!({"kind": "ServiceAccount", "namespace": namespace, "name": name})
        }
    }
}
