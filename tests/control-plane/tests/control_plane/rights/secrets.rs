//! Secrets: which answers show them, and who gets tokens written into them.

use super::{Answer, Attacker, Rule, code, post};
use anyhow::Result;
use serde_json::{Value, json};
use watertight_base::Source;
use watertight_ingest::Options;
use watertight_model::Principal;
use watertight_testbed::{ControlPlane, Namespace, eventually};

fn secret(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": {"password": "aHVudGVyMg=="}})
}

/// The password, where an object or the only one of a list has it.
fn password(answer: &Answer) -> Option<&str> {
    let answer = answer.as_ref().ok()?;
    [&answer["data"], &answer["items"][0]["data"]].into_iter().find_map(|data| data["password"].as_str())
}

#[tokio::test]
async fn changes_are_answered_with_the_secret() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    plane
        .in_namespace("rights", async |namespace| {
            let all = format!("/api/v1/namespaces/{}/secrets", namespace.name());
            let one = format!("{all}/db");
            post(&namespace.client(), &all, &secret("db")).await?;
            let shows = async |method: &str, verb: &str, path: &str, names: &[&str], body: &Value| {
                let rule: Rule<'_> = ("", "secrets", &[verb], names);
                let attacker = Attacker::in_namespace(namespace, &[rule]).await?;
                let kind =
                    if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
                let answer = attacker.ask(method, &format!("{path}dryRun=All"), kind, body).await?;
                anyhow::Ok(password(&answer).is_some())
            };
            let nothing = json!({});
            assert!(shows("PATCH", "patch", &format!("{one}?"), &["db"], &nothing).await?);
            assert!(shows("DELETE", "deletecollection", &format!("{all}?"), &[], &Value::Null).await?);
            let in_foreground = format!("{one}?propagationPolicy=Foreground&");
            assert!(shows("DELETE", "delete", &in_foreground, &["db"], &Value::Null).await?);
            assert!(!shows("DELETE", "delete", &format!("{one}?"), &["db"], &Value::Null).await?);
            let empty =
                json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "type": "Opaque"});
            assert!(!shows("PUT", "update", &format!("{one}?"), &["db"], &empty).await?);
            Ok(())
        })
        .await
}

#[tokio::test]
async fn a_collection_is_deleted_by_no_name() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    plane
        .in_namespace("rights", async |namespace| {
            let all = format!("/api/v1/namespaces/{}/secrets", namespace.name());
            post(&namespace.client(), &all, &secret("db")).await?;
            let rule: Rule<'_> = ("", "secrets", &["deletecollection"], &["db"]);
            let attacker = Attacker::in_namespace(namespace, &[rule]).await?;
            for selector in ["", "&fieldSelector=metadata.name%3Ddb"] {
                let path = format!("{all}?dryRun=All{selector}");
                let answer = attacker.ask("DELETE", &path, "application/json", &Value::Null).await?;
                assert_eq!(code(&answer), 403, "{selector} {answer:?}");
            }
            Ok(())
        })
        .await
}

#[tokio::test]
async fn who_creates_and_patches_secrets_gets_tokens() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    plane
        .in_namespace("rights", async |namespace| {
            for name in ["app", "other"] {
                let account = json!({"metadata": {"name": name}});
                let path = format!("/api/v1/namespaces/{}/serviceaccounts", namespace.name());
                post(&namespace.client(), &path, &account).await?;
            }
            let all = format!("/api/v1/namespaces/{}/secrets", namespace.name());
            let attacker =
                Attacker::in_namespace(namespace, &[("", "secrets", &["create", "patch"], &[])]).await?;
            let forged = json!({
                "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
                "metadata": {"name": "forged", "annotations": {"kubernetes.io/service-account.name": "app"}},
            });
            assert_eq!(code(&attacker.create(&all, &forged).await?), 200);
            token_is_of(&attacker, &all, "app").await?;

            let patches =
                Attacker::in_namespace(namespace, &[("", "secrets", &["patch"], &["forged"])]).await?;
            let other = json!({
                "metadata": {"annotations": {
                    "kubernetes.io/service-account.name": "other", "kubernetes.io/service-account.uid": null,
                }},
                "data": {"token": null},
            });
            assert_eq!(code(&patches.patch(&format!("{all}/forged"), &other).await?), 200);
            token_is_of(&patches, &all, "other").await?;
            reads_nothing(namespace, &all).await
        })
        .await
}

/// Waits for a token in the Secret, and looks whose it is: an answer to a patch that changes nothing tells.
async fn token_is_of(attacker: &Attacker, all: &str, account: &str) -> Result<()> {
    eventually(&format!("a token of {account} is there"), async || {
        let answer = attacker.patch(&format!("{all}/forged?dryRun=All"), &json!({})).await?;
        let Ok(secret) = answer else { panic!("{answer:?}") };
        let is_of = secret["metadata"]["annotations"]["kubernetes.io/service-account.name"] == account;
        let has_uid = secret["metadata"]["annotations"]["kubernetes.io/service-account.uid"].is_string();
        Ok((is_of && has_uid && secret["data"]["token"].is_string()).then_some(()))
    })
    .await
}

/// Who may only create sees what they gave.
async fn reads_nothing(namespace: &Namespace<'_>, all: &str) -> Result<()> {
    let creates = Attacker::in_namespace(namespace, &[("", "secrets", &["create"], &[])]).await?;
    assert_eq!(code(&creates.get(&format!("{all}/forged")).await?), 403);
    assert_eq!(code(&creates.patch(&format!("{all}/forged"), &json!({})).await?), 403);
    Ok(())
}

#[tokio::test]
async fn a_token_says_whose_it_is() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    plane
        .in_namespace("rights", async |namespace| {
            let accounts = format!("/api/v1/namespaces/{}/serviceaccounts", namespace.name());
            let client = namespace.client();
            let account =
                json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "deployer"}});
            post(&client, &accounts, &account).await?;
            let request =
                json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
            let answer = post(&client, &format!("{accounts}/deployer/token"), &request).await?;
            let token = &answer["status"]["token"];
            let review = json!({
                "apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": token},
            });
            let review = post(&client, "/apis/authentication.k8s.io/v1/tokenreviews", &review).await?;
            let user = format!("system:serviceaccount:{}:deployer", namespace.name());
            assert_eq!(review["status"]["user"]["username"], json!(user));
            let held = json!({
                "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "held", "namespace": "staging"},
                "stringData": {"token": token},
            });
            let source = Source { name: "held.json".to_owned(), bytes: serde_json::to_vec(&held)? };
            let options = Options { values: true, ..Options::default() };
            let read = watertight_ingest::read(&[source], &options).snapshot;
            let bearers: Vec<&Principal> = read
                .secrets
                .iter()
                .flat_map(|secret| &secret.values)
                .flat_map(|held| &held.bearers)
                .collect();
            assert_eq!(bearers, [&Principal::service_account(namespace.name(), "deployer")]);
            Ok(())
        })
        .await
}
