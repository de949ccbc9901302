//! Certificates: what it takes to get one, and whom it may name.

use super::{Attacker, Rule, code};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::process::Command;
use watertight_testbed::{ControlPlane, eventually};

const GROUP: &str = "certificates.k8s.io";
const REQUESTS: &str = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

/// A request for a certificate with this subject, or `None` where nothing makes one.
fn request(name: &str, signer: &str, subject: &str) -> Option<Value> {
    let folder = tempfile::tempdir().ok()?;
    let key = folder.path().join("key.pem");
    let made = Command::new("openssl")
        .args([
            "req",
            "-new",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-keyout",
        ])
        .arg(&key)
        .args(["-subj", subject])
        .output()
        .ok()?;
    let pem = String::from_utf8(made.stdout).ok()?;
    let usages = json!(["digital signature", "client auth"]);
    let object = json!({
        "apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest", "metadata": {"name": name},
        "spec": {"signerName": signer, "usages": usages, "request": base64(pem.as_bytes())},
    });
    made.status.success().then_some(object)
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |part: &[u8]| {
        let bits =
            part.iter().chain(&[0, 0]).take(3).fold(0_usize, |bits, &byte| bits << 8 | usize::from(byte));
        (0..4).map(move |at| bits >> (18 - 6 * at) & 63).collect::<Vec<_>>()
    };
    let digit = |(at, value, length): (usize, usize, usize)| {
        if at > length { '=' } else { char::from(DIGITS[value]) }
    };
    let parts = bytes.chunks(3).flat_map(|part| {
        group(part).into_iter().enumerate().map(|(at, value)| (at, value, part.len())).collect::<Vec<_>>()
    });
    parts.map(digit).collect()
}

#[tokio::test]
async fn a_certificate_takes_three_rights_and_names_anybody() -> Result<()> {
    let Some(plane) = ControlPlane::start()? else { return Ok(()) };
    let client = plane.client().await?;
    let asks: [Rule<'_>; 2] = [
        (GROUP, "certificatesigningrequests", &["create"], &[]),
        (GROUP, "certificatesigningrequests/approval", &["patch"], &[]),
    ];
    let names = ["kubernetes.io/kube-apiserver-client", "kubernetes.io/kube-apiserver-client-kubelet"];
    let approves: Rule<'_> = (GROUP, "signers", &["approve"], &names);
    let two = Attacker::new(client.clone(), None, &asks).await?;
    let three = Attacker::new(client.clone(), None, &[asks[0], asks[1], approves]).await?;
    let approval =
        json!({"status": {"conditions": [{"type": "Approved", "status": "True", "reason": "Mine"}]}});
    let subjects = [(names[0], "/O=sre/CN=jane"), (names[1], "/O=system:nodes/CN=system:node:node-1")];
    for (index, (signer, subject)) in subjects.into_iter().enumerate() {
        let name = format!("mine-{index}");
        let object = request(&name, signer, subject).context("openssl makes no request")?;
        assert_eq!(code(&two.create(REQUESTS, &object).await?), 200);
        let path = format!("{REQUESTS}/{name}/approval");
        assert_eq!(code(&two.patch(&path, &approval).await?), 403);
        assert_eq!(code(&three.patch(&path, &approval).await?), 200);
        eventually("the certificate is issued", async || {
            let answer = three.patch(&path, &json!({})).await?;
            let Ok(object) = answer else { panic!("{answer:?}") };
            Ok(object["status"]["certificate"].is_string().then_some(()))
        })
        .await?;
    }
    let masters =
        request("masters", names[0], "/O=system:masters/CN=jane").context("openssl makes no request")?;
    assert_eq!(code(&three.create(REQUESTS, &masters).await?), 403);
    Ok(())
}
