//! Certificates by requests: asked for, approved, signed by the controllers of the server.

use super::actor::{Actor, Answer, Ask};
use super::server::Server;
use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use serde_json::{Value, json};
use watertight_testbed::eventually;

pub(crate) const CLIENT: &str = "kubernetes.io/kube-apiserver-client";
pub(crate) const NODE_CLIENT: &str = "kubernetes.io/kube-apiserver-client-kubelet";
pub(crate) const NODE_SERVER: &str = "kubernetes.io/kubelet-serving";
const REQUESTS: &str = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

/// What a certificate is asked for.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    pub(crate) signer: &'a str,
    pub(crate) name: &'a str,
    pub(crate) group: Option<&'a str>,
    /// `client auth` or `server auth`.
    pub(crate) usage: &'a str,
}

/// A certificate and its key, as PEM.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

pub(crate) fn base64(text: &str) -> String {
    STANDARD.encode(text)
}

/// The object of a request, and the key that goes with it.
pub(crate) fn object(server: &Server, request: &Request<'_>) -> Result<(Value, String)> {
    let key = KeyPair::generate()?;
    let names = if request.usage == "server auth" { vec!["node.example.com".to_owned()] } else { Vec::new() };
    let mut parameters = CertificateParams::new(names)?;
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, request.name);
    if let Some(group) = request.group {
        parameters.distinguished_name.push(DnType::OrganizationName, group);
    }
    let pem = parameters.serialize_request(&key)?.pem()?;
    let object = json!({
        "apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest",
        "metadata": {"name": format!("request-{}", server.number())},
        "spec": {
            "signerName": request.signer, "usages": ["digital signature", request.usage],
            "request": base64(&pem),
        },
    });
    Ok((object, key.serialize_pem()))
}

/// Asks, and waits for the certificate that the cluster approves by itself, if whoever asks may have one for a node.
///
/// # Errors
/// A refusal, also where the cluster would approve nothing: it asks the server the same.
pub(crate) async fn get_by_itself(server: &Server, asks: &Actor, request: &Request<'_>) -> Result<Pair> {
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {
            "group": "certificates.k8s.io", "resource": "certificatesigningrequests",
            "subresource": "nodeclient", "verb": "create",
        }},
    });
    const REVIEWS: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    let review = asks.must(&Ask::post(REVIEWS, review)).await?;
    if review["status"]["allowed"] != true {
        let answer = Answer { code: 403, body: review };
        return Err(asks.refusal("create", "certificatesigningrequests/nodeclient", &answer).into());
    }
    let (object, key) = object(server, request)?;
    let made = asks.must(&Ask::post(REQUESTS, object)).await?;
    let path = format!("{REQUESTS}/{}", made["metadata"]["name"].as_str().context("a name")?);
    issued(server, &path, key).await
}

/// Asks as one, approves as another, and waits for the certificate. Without a verb, it is approved by a patch.
pub(crate) async fn get(
    server: &Server,
    asks: &Actor,
    approves: &Actor,
    request: &Request<'_>,
    verb: Option<&str>,
) -> Result<Pair> {
    let (object, key) = object(server, request)?;
    let made = asks.must(&Ask::post(REQUESTS, object)).await?;
    let path = format!("{REQUESTS}/{}", made["metadata"]["name"].as_str().context("a name")?);
    let status =
        json!({"conditions": [{"type": "Approved", "status": "True", "reason": "Replay", "message": ""}]});
    let approval = format!("{path}/approval");
    if verb == Some("update") {
        let mut whole = made;
        whole["status"] = status;
        approves.must(&Ask::put(&approval, whole)).await?;
    } else {
        approves.must(&Ask::patch(&approval, json!({"status": status}))).await?;
    }
    issued(server, &path, key).await
}

/// Waits for the certificate of a request.
async fn issued(server: &Server, path: &str, key: String) -> Result<Pair> {
    let certificate = eventually("the certificate is issued", async || {
        let object = server.look(path).await?.unwrap_or_default();
        Ok(object["status"]["certificate"].as_str().map(str::to_owned))
    })
    .await?;
    Ok(Pair { certificate: String::from_utf8(STANDARD.decode(certificate)?)?, key })
}
