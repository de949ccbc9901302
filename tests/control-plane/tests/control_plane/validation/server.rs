//! What the API server says to an object: a dry run, as kubectl asks for it.

use crate::validation::catalogue::Kind;
use anyhow::{Context, Result, bail};
use kube::Client;
use kube::api::PostParams;
use kube::core::Request;
use serde_json::{Number, Value};

/// What it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    Accepted,
    /// With its words.
    Refused(String),
}

/// Asks the server whether it would take an object. `namespace` is where one goes that names none.
pub(crate) async fn ask(client: &Client, kind: &Kind, namespace: &str, object: &Value) -> Result<Answer> {
    let named = object["metadata"]["namespace"].as_str().filter(|name| !name.is_empty());
    let path = path(kind, named.unwrap_or(namespace));
    let body = serde_json::to_vec(&as_kubectl_sends(object))?;
    let dry_run = PostParams { dry_run: true, ..PostParams::default() };
    let mut request = Request::new(path).create(&dry_run, body)?;
    *request.uri_mut() = format!("{}&fieldValidation=Strict", request.uri()).parse()?;
    match client.request::<Value>(request).await {
        Ok(_) => Ok(Answer::Accepted),
        Err(kube::Error::Api(status)) => match status.code {
            400 | 403 | 404 | 409 | 422 => Ok(Answer::Refused(status.message.clone())),
            code => bail!("the server answers {code} to {object}: {}", status.message),
        },
        Err(error) => Err(error).with_context(|| format!("the server was asked about {object}")),
    }
}

/// Where objects of that kind are created.
fn path(kind: &Kind, namespace: &str) -> String {
    let version = kind.api_version;
    let root = if version.contains('/') { format!("/apis/{version}") } else { format!("/api/{version}") };
    if !kind.namespaced {
        return format!("{root}/{}", kind.plural);
    }
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    let namespace: String = namespace.bytes().map(escape).collect();
    format!("{root}/namespaces/{namespace}/{}", kind.plural)
}

/// kubectl reads what it is given before it sends it, and writes numbers without a fraction as whole ones.
fn as_kubectl_sends(value: &Value) -> Value {
    match value {
        Value::Array(elements) => elements.iter().map(as_kubectl_sends).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| (key.clone(), as_kubectl_sends(value))).collect()
        }
        Value::Number(number) => Value::Number(whole(number).unwrap_or_else(|| number.clone())),
        _ => value.clone(),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the value is whole and small")]
fn whole(number: &Number) -> Option<Number> {
    let value = number.as_f64().filter(|value| value.fract() == 0.0 && value.abs() < 1e15)?;
    Some(Number::from(value as i64))
}
