//! The server on which is replayed: its administrator, what it serves, credentials for those who start, and objects of
//! production to lose.

use super::actor::{Actor, Answer, Ask};
use super::certificates::{self, CLIENT};
use super::samples::{self, DEFINITIONS, Definition, EMPTY_ROLE};
use super::world::World;
use crate::by_itself::discovery;
use anyhow::{Context, Result, bail};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use watertight_api::Resource;
use watertight_model::{Principal, SubjectKind};
use watertight_testbed::{ControlPlane, CustomResources, eventually};

/// The label of what may be lost, by which collections are deleted.
pub(crate) const VICTIM: &str = "replay.example.com/victim";

/// A server, and what is known of it.
pub(crate) struct Server {
    pub(crate) minor: u32,
    /// Who may do everything.
    pub(crate) admin: Actor,
    /// How it is reached with no credentials.
    config: Config,
    anonymous: Client,
    resources: Vec<Resource>,
    counter: AtomicUsize,
}

/// A resource, or what is below one, as the server serves it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Served<'a> {
    pub(crate) resource: &'a Resource,
    /// Empty for the resource itself.
    pub(crate) below: &'a str,
    pub(crate) verbs: &'a [String],
}

impl Server {
    pub(crate) async fn new(plane: &ControlPlane) -> Result<Self> {
        for resources in [CustomResources::GatewayApi, CustomResources::NetworkPolicyApiV1Alpha1] {
            plane.install(resources)?;
        }
        let admin = Actor::new(plane.client().await?, None, Principal::group("system:masters"));
        for definition in DEFINITIONS {
            let object = definition.object();
            let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
            admin.must(&Ask::post(path, object)).await?;
            let group = format!("/apis/{}/v1/{}", definition.group, definition.plural);
            eventually("the definition is served", async || {
                Ok((admin.try_once(&Ask::get(&group)).await?.code == 200).then_some(()))
            })
            .await?;
        }
        let empty = json!({"metadata": {"name": EMPTY_ROLE}, "rules": []});
        admin.must(&Ask::post("/apis/rbac.authorization.k8s.io/v1/clusterroles", empty)).await?;
        let kubeconfig = Kubeconfig::read_from(plane.kubeconfig())?;
        let mut config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
        config.auth_info = serde_json::from_value(json!({}))?;
        config.default_retry = false;
        let resources = eventually("the definitions are told of", async || {
            let all = discovery::resources(plane).await?;
            let is_told = |definition: &Definition| {
                all.iter().any(|known| known.group == definition.group && known.plural == definition.plural)
            };
            Ok(DEFINITIONS.iter().all(is_told).then_some(all))
        })
        .await?;
        Ok(Self {
            minor: plane.minor()?,
            admin,
            anonymous: Client::try_from(config.clone())?,
            config,
            resources,
            counter: AtomicUsize::new(0),
        })
    }

    /// A number that nobody else has.
    pub(crate) fn number(&self) -> usize {
        self.counter.fetch_add(1, Ordering::Relaxed)
    }

    /// What is served under a group and a resource, with what is below it behind a slash.
    pub(crate) fn served<'a>(&'a self, group: &str, resource: &'a str) -> Option<Served<'a>> {
        let (plural, below) = resource.split_once('/').unwrap_or((resource, ""));
        let resource = self.resources.iter().find(|known| known.group == group && known.plural == plural)?;
        let verbs = match below {
            "" => &resource.verbs,
            _ => &resource.subresources.iter().find(|known| known.name == below)?.verbs,
        };
        Some(Served { resource, below, verbs })
    }

    /// The groups and resources whose names are those of a rule, where it has `*` for one of the two.
    pub(crate) fn meant<'a>(&'a self, group: &str, resource: &str) -> Vec<(&'a str, String)> {
        let mut meant = Vec::new();
        let (plural, below) = resource.split_once('/').unwrap_or((resource, ""));
        for known in self.resources.iter().filter(|known| group == "*" || known.group == group) {
            if plural != "*" && plural != known.plural {
                continue;
            }
            let subresources = known.subresources.iter().map(|known| known.name.as_str());
            let parts = std::iter::once("").chain(subresources);
            for part in parts.filter(|&part| resource == "*" || part == below) {
                let slash = if part.is_empty() { "" } else { "/" };
                meant.push((known.group.as_str(), format!("{}{slash}{part}", known.plural)));
            }
        }
        meant
    }

    /// The path of the objects of a resource.
    pub(crate) fn path(resource: &Resource, namespace: Option<&str>) -> String {
        let version = resource.versions.first().map_or("v1", String::as_str);
        let root = if resource.group.is_empty() {
            format!("/api/{version}")
        } else {
            format!("/apis/{}/{version}", resource.group)
        };
        match namespace.filter(|_| resource.namespaced) {
            Some(namespace) => format!("{root}/namespaces/{namespace}/{}", resource.plural),
            None => format!("{root}/{}", resource.plural),
        }
    }

    /// A resource that every server has.
    pub(crate) fn resource(&self, group: &str, plural: &str) -> Result<&Resource> {
        let known = self.resources.iter().find(|known| known.group == group && known.plural == plural);
        known.with_context(|| format!("the server has no `{plural}` of `{group}`"))
    }

    /// Something as the administrator sees it; `None` if it is not there.
    pub(crate) async fn look(&self, path: &str) -> Result<Option<Value>> {
        match self.admin.try_once(&Ask::get(path)).await? {
            Answer { code: 404, .. } => Ok(None),
            answer if answer.is_ok() => Ok(Some(answer.body)),
            answer => bail!("{path}: {} {}", answer.code, answer.message()),
        }
    }

    /// Makes something, if nothing of that name is there.
    pub(crate) async fn ensure(&self, path: &str, object: &Value) -> Result<()> {
        let answer = self.admin.try_once(&Ask::post(path, object.clone())).await?;
        if !answer.is_ok() && answer.code != 409 {
            bail!("{path} was given {object}: {} {}", answer.code, answer.message());
        }
        Ok(())
    }

    /// A new object to lose, or the one of that name: the path, and the object.
    pub(crate) async fn victim(
        &self,
        resource: &Resource,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<(String, Value)> {
        let path = Self::path(resource, namespace);
        let full = format!("{path}/{name}");
        if let Some(object) = self.look(&full).await? {
            return Ok((full, object));
        }
        let mut object = samples::object(resource, name, namespace.unwrap_or_default())?;
        object["metadata"]["labels"][VICTIM] = json!(name.replace([':', '/'], "-"));
        object["metadata"]["annotations"][VICTIM] = json!(samples::SECRET);
        self.ensure(&path, &object).await?;
        let object = self.look(&full).await?;
        Ok((full, object.context("it was made")?))
    }

    /// Makes a namespace and a ServiceAccount, if they are not there.
    pub(crate) async fn ensure_account(&self, namespace: &str, name: &str) -> Result<()> {
        self.ensure("/api/v1/namespaces", &json!({"metadata": {"name": namespace}})).await?;
        let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts");
        self.ensure(&path, &json!({"metadata": {"name": name}})).await
    }

    /// A ServiceAccount with the token that a pod of its own has: the administrator asks for it, as a kubelet does.
    pub(crate) async fn account(&self, namespace: &str, name: &str) -> Result<Actor> {
        self.ensure_account(namespace, name).await?;
        let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token");
        let answer = self.admin.must(&Ask::post(&path, token_request())).await?;
        let token = answer["status"]["token"].as_str().context("a token")?;
        Ok(self.with_token(token, Principal::service_account(namespace, name)))
    }

    /// Who holds a token.
    pub(crate) fn with_token(&self, token: &str, principal: Principal) -> Actor {
        Actor::new(self.anonymous.clone(), Some(token.to_owned()), principal)
    }

    /// Who holds a certificate with its key, as PEM.
    pub(crate) fn with_certificate(
        &self,
        certificate: &str,
        key: &str,
        principal: Principal,
    ) -> Result<Actor> {
        let mut config = self.config.clone();
        config.auth_info = serde_json::from_value(json!({
            "client-certificate-data": certificates::base64(certificate),
            "client-key-data": certificates::base64(key),
        }))?;
        Ok(Actor::new(Client::try_from(config)?, None, principal))
    }

    /// Somebody from whom the attacker starts, with credentials of their own. Of a group it is a member.
    pub(crate) async fn start(&self, world: &World, principals: &[&Principal]) -> Result<Actor> {
        let first = *principals.first().context("somebody")?;
        let not_group = principals.iter().find(|principal| principal.kind != SubjectKind::Group);
        let who = *not_group.unwrap_or(&first);
        let groups: Vec<&str> = principals
            .iter()
            .filter(|principal| principal.kind == SubjectKind::Group)
            .map(|principal| principal.name.as_str())
            .collect();
        let own = world.from.first().context("staging has a namespace")?;
        let actor = match &who.kind {
            SubjectKind::ServiceAccount(namespace) => self.account(namespace, &who.name).await?,
            _ if who.name == "system:anonymous" || who.name == "system:unauthenticated" => {
                Actor::new(self.anonymous.clone(), None, who.clone())
            }
            SubjectKind::User => self.person(&who.name, groups.first().copied()).await?,
            SubjectKind::Group => match who.name.strip_prefix("system:serviceaccounts:") {
                Some(namespace) => self.account(namespace, "default").await?,
                None if who.name.starts_with("system:") => self.account(own, "default").await?,
                None => self.person(&format!("{}-member", world.prefix), Some(&who.name)).await?,
            },
        };
        Ok(actor.known_as(who).starting())
    }

    /// A person with a certificate.
    async fn person(&self, name: &str, group: Option<&str>) -> Result<Actor> {
        let request = certificates::Request { signer: CLIENT, name, group, usage: "client auth" };
        let pair = certificates::get(self, &self.admin, &self.admin, &request, None).await?;
        self.with_certificate(&pair.certificate, &pair.key, Principal::user(name))
    }

    /// Puts a case on the server, and waits until what it grants counts.
    pub(crate) async fn load(&self, world: &World) -> Result<()> {
        for namespace in &world.namespaces {
            self.ensure("/api/v1/namespaces", &json!({"metadata": {"name": namespace}})).await?;
            self.ensure_account(namespace, "default").await?;
        }
        for object in world.loaded() {
            let kind = object["kind"].as_str().unwrap_or_default();
            let known =
                self.resources.iter().find(|known| known.kind == kind && samples::is_of(object, known));
            let resource = known.with_context(|| format!("the server has no {kind}"))?;
            let path = Self::path(resource, object["metadata"]["namespace"].as_str());
            if kind == "Namespace" {
                let name = object["metadata"]["name"].as_str().unwrap_or_default();
                let labels = json!({"metadata": {"labels": object["metadata"]["labels"]}});
                self.admin.must(&Ask::patch(&format!("{path}/{name}"), labels)).await?;
                continue;
            }
            // A token of nobody is removed.
            let account = &object["metadata"]["annotations"]["kubernetes.io/service-account.name"];
            if let (Some(account), Some(of)) = (account.as_str(), object["metadata"]["namespace"].as_str()) {
                self.ensure_account(of, account).await?;
            }
            self.ensure(&path, object).await?;
        }
        self.settle(world).await
    }

    /// Waits until the server decides by what was made last.
    async fn settle(&self, world: &World) -> Result<()> {
        let user = format!("{}-last", world.prefix);
        let last = json!({
            "metadata": {"name": user},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": user}],
        });
        self.ensure("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", &last).await?;
        let review =
            json!({"spec": {"user": user, "resourceAttributes": {"verb": "get", "resource": "pods"}}});
        eventually("the last binding counts", async || Ok(self.review(&review).await?.then_some(()))).await
    }

    /// Whether a SubjectAccessReview says yes.
    pub(crate) async fn review(&self, review: &Value) -> Result<bool> {
        let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
        let answer = self.admin.must(&Ask::post(path, review.clone())).await?;
        Ok(answer["status"]["allowed"] == true)
    }

    /// Takes away what a case has granted to everybody.
    pub(crate) async fn unload(&self, world: &World) -> Result<()> {
        for (kind, plural) in [("ClusterRoleBinding", "clusterrolebindings"), ("ClusterRole", "clusterroles")]
        {
            for object in world.loaded().filter(|object| object["kind"] == kind) {
                let name = object["metadata"]["name"].as_str().unwrap_or_default();
                let path = format!("/apis/rbac.authorization.k8s.io/v1/{plural}/{name}");
                self.admin.try_once(&Ask::delete(&path)).await?;
            }
        }
        Ok(())
    }
}

/// A request for a token for the API server itself.
pub(crate) fn token_request() -> Value {
    json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}})
}
