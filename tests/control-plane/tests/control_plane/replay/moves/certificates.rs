//! Requests for certificates, approved and signed by whoever may.

use super::Stage;
use crate::replay::actor::{Actor, Ask};
use crate::replay::certificates::{self, CLIENT, NODE_CLIENT, NODE_SERVER, Request};
use crate::replay::deeds::Shown;
use crate::replay::rights::{Gained, Right, one_who_has};
use crate::replay::samples;
use anyhow::{Context, Result, ensure};
use rcgen::{CertificateParams, KeyPair};
use serde_json::json;
use watertight_model::{Gain, Principal};

const GROUP: &str = "certificates.k8s.io";

/// Gets a certificate, and shows whose it is.
pub(super) async fn approve(
    stage: &Stage<'_>,
    gained: &Gained,
    wanted: Option<&Principal>,
) -> Result<(Shown, Option<Actor>)> {
    let node = format!("system:node:{}-n{}", stage.world.prefix, stage.server.number());
    let person = format!("{}-anybody", stage.world.prefix);
    let request = match gained.gain {
        Gain::ActsAsAnybody => {
            Request { signer: CLIENT, name: &person, group: Some("production-admins"), usage: "client auth" }
        }
        Gain::TakesTraffic => {
            Request { signer: NODE_SERVER, name: &node, group: Some("system:nodes"), usage: "server auth" }
        }
        _ => Request { signer: NODE_CLIENT, name: &node, group: Some("system:nodes"), usage: "client auth" },
    };
    let pair = match gained.rights.as_slice() {
        [_, asks] => certificates::get_by_itself(stage.server, &asks.actor, &request).await?,
        [signs, approves, asks] => {
            let approver = one_who_has(&[signs, approves]).context("somebody approves")?;
            let verb = approves.verb(&["patch", "update"]);
            certificates::get(stage.server, &asks.actor, approver, &request, verb).await?
        }
        _ => anyhow::bail!("two or three rights are needed"),
    };
    if gained.gain == Gain::TakesTraffic {
        ensure!(pair.certificate.contains("BEGIN CERTIFICATE"), "no certificate: {}", pair.certificate);
        return Ok((Shown::Effect(format!("a certificate to serve as {node}")), None));
    }
    let actor = stage.server.with_certificate(&pair.certificate, &pair.key, Principal::user(request.name))?;
    let (who, groups) = actor.who().await?;
    let group = request.group.unwrap_or_default();
    ensure!(who == request.name && groups.iter().any(|one| one == group), "that is {who} in {groups:?}");
    let shown = Shown::Effect(format!("a certificate as {who} in {group}"));
    if gained.gain == Gain::ActsAsAnybody {
        return Ok((shown, Some(actor)));
    }
    Ok((shown, Some(token_of_a_pod(stage, gained, &actor, wanted).await?)))
}

/// A node gets the tokens of the pods on it.
async fn token_of_a_pod(
    stage: &Stage<'_>,
    gained: &Gained,
    node: &Actor,
    wanted: Option<&Principal>,
) -> Result<Actor> {
    let unnamed = Gained {
        names: Vec::new(),
        rights: Vec::new(),
        bound: Vec::new(),
        scope: gained.scope.clone(),
        ..*gained
    };
    let (namespace, account) = stage.account(&unnamed, wanted)?;
    stage.server.ensure_account(&namespace, &account).await?;
    let name = node.principal.name.trim_start_matches("system:node:");
    let mut spec = samples::pod_spec();
    spec["nodeName"] = json!(name);
    spec["serviceAccountName"] = json!(account);
    let pods = format!("/api/v1/namespaces/{namespace}/pods");
    let pod = json!({"metadata": {"generateName": "on-a-node-"}, "spec": spec});
    let pod = stage.server.admin.must(&Ask::post(&pods, pod)).await?;
    let request = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"boundObjectRef": {
        "apiVersion": "v1", "kind": "Pod", "name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"],
    }}});
    let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token");
    let answer = node.must(&Ask::post(&path, request)).await?;
    let token = answer["status"]["token"].as_str().context("a token")?;
    Ok(stage.server.with_token(token, Principal::service_account(&namespace, &account)))
}

/// Answers a request for a certificate with one that nobody vouches for.
pub(super) async fn sign(stage: &Stage<'_>, gained: &Gained) -> Result<Shown> {
    let signs = gained.right(&["sign"], GROUP, &["signers"]).context("a right to sign")?;
    let status = gained.right(&["patch", "update"], GROUP, &["certificatesigningrequests/status"]);
    let status: &Right = status.context("a right on the status")?;
    let signer = signs.names().first().map_or("example.com/mine", String::as_str).replace("/*", "/mine");
    let request = Request { signer: &signer, name: "anybody", group: None, usage: "client auth" };
    let (mut object, _) = certificates::object(stage.server, &request)?;
    if let Some(name) = status.names().first() {
        object["metadata"]["name"] = json!(name);
    }
    let all = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
    stage.server.ensure(all, &object).await?;
    let path = format!("{all}/{}", object["metadata"]["name"].as_str().context("a name")?);
    let ours = CertificateParams::new(vec!["mine".to_owned()])?.self_signed(&KeyPair::generate()?)?.pem();
    let ours = certificates::base64(&ours);
    let actor = one_who_has(&[signs, status]).context("somebody signs")?;
    let to = format!("{path}/status");
    if status.verb(&["patch"]).is_some() {
        actor.must(&Ask::patch(&to, json!({"status": {"certificate": ours}}))).await?;
    } else {
        let mut whole = stage.server.look(&path).await?.context("the request is there")?;
        whole["status"]["certificate"] = json!(ours);
        actor.must(&Ask::put(&to, whole)).await?;
    }
    let now = stage.server.look(&path).await?.unwrap_or_default();
    ensure!(now["status"]["certificate"] == ours, "{path} holds another certificate");
    Ok(Shown::Effect(format!("{} answers {path}", actor.principal)))
}
