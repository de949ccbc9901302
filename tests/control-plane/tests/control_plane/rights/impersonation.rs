//! Impersonation: which rights let a ServiceAccount with a token of its own act as somebody else.

use super::post;
use anyhow::{Context, Result};
use kube::api::{GetParams, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::core::Request;
use kube::{Client, Config};
use serde_json::{Value, json};
use watertight_testbed::{ControlPlane, Namespace, eventually};

const AUTHENTICATION: &str = "authentication.k8s.io";

/// A ServiceAccount with a token, and the rules that it has in the whole cluster.
struct Actor {
    client: Client,
}

impl Actor {
    async fn new(
        plane: &ControlPlane,
        namespace: &Namespace<'_>,
        name: &str,
        rules: &[(&str, &str, &str, &[&str])],
    ) -> Result<Self> {
        let admin = namespace.client();
        let accounts = format!("/api/v1/namespaces/{}/serviceaccounts", namespace.name());
        post(&admin, &accounts, &json!({"metadata": {"name": name}})).await?;
        let rbac = "/apis/rbac.authorization.k8s.io/v1";
        let rules: Vec<Value> = rules
            .iter()
            .map(|(group, resource, verb, names)| {
                json!({"apiGroups": [group], "resources": [resource], "verbs": [verb], "resourceNames": names})
            })
            .collect();
        let full = format!("{}-{name}", namespace.name());
        let role = json!({"metadata": {"name": full}, "rules": rules});
        post(&admin, &format!("{rbac}/clusterroles"), &role).await?;
        let binding = json!({
            "metadata": {"name": full},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": full},
            "subjects": [{"kind": "ServiceAccount", "namespace": namespace.name(), "name": name}],
        });
        post(&admin, &format!("{rbac}/clusterrolebindings"), &binding).await?;
        let token = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
        let token = post(&admin, &format!("{accounts}/{name}/token"), &token).await?;
        let token = token["status"]["token"].as_str().context("no token")?.to_owned();
        let kubeconfig = Kubeconfig::read_from(plane.kubeconfig())?;
        let mut config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
        config.auth_info = serde_json::from_value(json!({"token": token}))?;
        Ok(Self { client: Client::try_from(config)? })
    }

    /// Whether the server takes the headers, and lets whoever that is do this.
    async fn may(&self, path: &str, headers: &[(&'static str, &str)]) -> Result<bool> {
        let mut request = Request::new(path).get("a", &GetParams::default())?;
        *request.uri_mut() = path.parse()?;
        for &(header, value) in headers {
            request.headers_mut().append(header, value.parse()?);
        }
        match self.client.request::<Value>(request).await {
            Ok(_) => Ok(true),
            Err(kube::Error::Api(status)) if [400, 403].contains(&status.code) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether it may act as somebody, asked by a review that everybody may make.
    async fn acts_as(&self, headers: &[(&'static str, &str)]) -> Result<bool> {
        let review = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
        let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
        let mut request = Request::new(path).create(&PostParams::default(), serde_json::to_vec(&review)?)?;
        for &(header, value) in headers {
            request.headers_mut().append(header, value.parse()?);
        }
        match self.client.request::<Value>(request).await {
            Ok(_) => Ok(true),
            Err(kube::Error::Api(status)) if [400, 403].contains(&status.code) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

const USER: &str = "Impersonate-User";
const GROUP: &str = "Impersonate-Group";

#[tokio::test]
async fn a_group_takes_a_user_and_a_service_account_is_none() -> Result<()> {
    let Some(plane) = ControlPlane::start()? else { return Ok(()) };
    plane
        .in_namespace("rights", async |namespace| {
            let own = format!("system:serviceaccount:{}:default", namespace.name());
            let groups =
                Actor::new(&plane, namespace, "groups", &[("", "groups", "impersonate", &[])]).await?;
            let rules: [(&str, &str, &str, &[&str]); 2] = [
                ("", "groups", "impersonate", &["system:masters"]),
                ("", "users", "impersonate", &["jane", &own]),
            ];
            let both = Actor::new(&plane, namespace, "both", &rules).await?;
            let rules: [(&str, &str, &str, &[&str]); 2] = [
                ("", "groups", "impersonate", &["system:masters"]),
                ("", "serviceaccounts", "impersonate", &[]),
            ];
            let account = Actor::new(&plane, namespace, "account", &rules).await?;
            eventually("the rights count", async || {
                let all = both.acts_as(&[(USER, "jane")]).await? && account.acts_as(&[(USER, &own)]).await?;
                Ok(all.then_some(()))
            })
            .await?;
            assert!(!groups.acts_as(&[(GROUP, "system:masters")]).await?);
            assert!(!groups.acts_as(&[(USER, "jane"), (GROUP, "system:masters")]).await?);
            let secrets = "/api/v1/secrets";
            assert!(both.may(secrets, &[(USER, "jane"), (GROUP, "system:masters")]).await?);
            assert!(!both.acts_as(&[(USER, &own)]).await?, "a right on users is none on ServiceAccounts");
            assert!(account.may(secrets, &[(USER, &own), (GROUP, "system:masters")]).await?);
            assert!(!account.acts_as(&[(USER, "jane")]).await?);
            Ok(())
        })
        .await
}

#[tokio::test]
async fn constrained_impersonation_takes_both_halves_and_the_right_itself() -> Result<()> {
    let Some(plane) = ControlPlane::start()? else { return Ok(()) };
    plane
        .in_namespace("rights", async |namespace| {
            let half: (&str, &str, &str, &[&str]) =
                (AUTHENTICATION, "serviceaccounts", "impersonate:serviceaccount", &[]);
            let lists = ("", "secrets", "impersonate-on:serviceaccount:list", &[][..]);
            let gets = ("", "secrets", "impersonate-on:serviceaccount:get", &[][..]);
            // Somebody who may list Secrets, and get none.
            Actor::new(&plane, namespace, "target", &[("", "secrets", "list", &[])]).await?;
            let target = format!("system:serviceaccount:{}:target", namespace.name());
            let one = Actor::new(&plane, namespace, "one", &[half]).await?;
            let other = Actor::new(&plane, namespace, "other", &[lists]).await?;
            let both = Actor::new(&plane, namespace, "both", &[half, lists]).await?;
            let wrong = Actor::new(&plane, namespace, "wrong", &[half, gets]).await?;
            let secrets = format!("/api/v1/namespaces/{}/secrets", namespace.name());
            eventually("the rights count", async || {
                Ok(both.may(&secrets, &[(USER, &target)]).await?.then_some(()))
            })
            .await?;
            for actor in [&one, &other, &wrong] {
                assert!(!actor.may(&secrets, &[(USER, &target)]).await?);
            }
            assert!(!wrong.may(&format!("{secrets}/a"), &[(USER, &target)]).await?, "the target may not");
            Ok(())
        })
        .await
}
