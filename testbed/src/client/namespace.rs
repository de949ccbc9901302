//! A namespace for one test: there for as long as it runs, and opened up for all to see if it fails.

use super::{ControlPlane, eventually};
use crate::talk::show;
use anyhow::Result;
use futures_util::FutureExt;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::core::v1::{Namespace as Object, ServiceAccount};
use kube::api::{Api, DeleteParams, ObjectMeta, PostParams};
use kube::{Client, Resource};
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, resume_unwind};

/// A namespace that one test has for itself.
#[derive(Clone)]
pub struct Namespace<'a> {
    plane: &'a ControlPlane,
    client: Client,
    name: String,
}

impl ControlPlane {
    /// Does something in a new namespace, whose name begins with what is given. If it fails or panics, what was there
    /// is printed. The namespace is deleted in any case, without waiting until it is gone.
    ///
    /// # Errors
    ///
    /// Those of the test, or if the namespace cannot be made or deleted.
    pub async fn in_namespace<T>(
        &self,
        name: &str,
        test: impl AsyncFnOnce(&Namespace<'_>) -> Result<T>,
    ) -> Result<T> {
        self.in_namespace_reporting(name, |autopsy| show(autopsy), test).await
    }

    async fn in_namespace_reporting<T>(
        &self,
        name: &str,
        report: impl FnOnce(&str),
        test: impl AsyncFnOnce(&Namespace<'_>) -> Result<T>,
    ) -> Result<T> {
        let namespace = Namespace::create(self, name).await?;
        let outcome = AssertUnwindSafe(test(&namespace)).catch_unwind().await;
        if !matches!(outcome, Ok(Ok(_))) {
            report(&self.autopsy(&namespace.name));
        }
        let deleted = namespace.delete().await;
        match outcome {
            Ok(Ok(value)) => deleted.map(|()| value),
            Ok(Err(error)) => Err(error),
            Err(panic) => resume_unwind(panic),
        }
    }
}

impl<'a> Namespace<'a> {
    async fn create(plane: &'a ControlPlane, name: &str) -> Result<Self> {
        let client = plane.client().await?;
        let metadata = ObjectMeta { generate_name: Some(format!("{name}-")), ..ObjectMeta::default() };
        let object = Object { metadata, ..Object::default() };
        let object = Api::all(client.clone()).create(&PostParams::default(), &object).await?;
        let namespace = Self { plane, client, name: object.metadata.name.unwrap_or_default() };
        // Before that, no pod is admitted.
        let accounts = namespace.api::<ServiceAccount>();
        eventually("the namespace has its ServiceAccount", async || Ok(accounts.get_opt("default").await?))
            .await?;
        Ok(namespace)
    }

    async fn delete(&self) -> Result<()> {
        Api::<Object>::all(self.client.clone()).delete(&self.name, &DeleteParams::default()).await?;
        Ok(())
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// An administrator's client.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// The objects of one kind in it.
    #[must_use]
    pub fn api<K>(&self) -> Api<K>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + Debug,
        K: for<'de> serde::Deserialize<'de>,
    {
        Api::namespaced(self.client.clone(), &self.name)
    }

    /// Runs kubectl in it, and gives what it prints.
    ///
    /// # Errors
    ///
    /// What it prints on stderr, if it fails.
    pub fn kubectl(&self, arguments: &[&str]) -> Result<String> {
        self.plane.kubectl(&[&["--namespace", &self.name], arguments].concat())
    }

    /// Applies manifests that name no namespace.
    ///
    /// # Errors
    ///
    /// What kubectl prints on stderr, if something is refused.
    pub fn apply(&self, manifests: &str) -> Result<()> {
        self.plane.kubectl_with_input(&["--namespace", &self.name, "apply", "-f", "-"], manifests)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::anyhow;
    use std::cell::RefCell;

    /// Lets a test fail in a namespace; gives the namespace's name and what was reported.
    async fn fail(
        plane: &ControlPlane,
        end: impl FnOnce() -> Result<()>,
    ) -> (String, String, std::thread::Result<Result<()>>) {
        let (name, autopsy) = (RefCell::default(), RefCell::default());
        let outcome =
            plane.in_namespace_reporting("fail", |text| autopsy.replace(text.to_owned()).clear(), {
                async |namespace| {
                    name.replace(namespace.name().to_owned());
                    namespace.kubectl(&["create", "configmap", "left-behind"])?;
                    namespace.kubectl(&["create", "deployment", "web", "--image=x", "--replicas=1"])?;
                    eventually("its events are there", async || {
                        Ok(namespace.kubectl(&["get", "events"])?.contains("ScalingReplicaSet").then_some(()))
                    })
                    .await?;
                    end()
                }
            });
        let outcome = AssertUnwindSafe(outcome).catch_unwind().await;
        (name.into_inner(), autopsy.into_inner(), outcome)
    }

    async fn is_being_deleted(plane: &ControlPlane, name: &str) -> Result<bool> {
        let namespace = Api::<Object>::all(plane.client().await?).get_opt(name).await?;
        Ok(namespace.is_none_or(|namespace| namespace.metadata.deletion_timestamp.is_some()))
    }

    #[tokio::test]
    async fn a_failed_test_is_opened_up_and_its_namespace_removed() -> Result<()> {
        let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
        let (name, autopsy, outcome) = fail(plane, || Err(anyhow!("as planned"))).await;
        assert_eq!(outcome.unwrap().unwrap_err().to_string(), "as planned");
        let parts =
            ["configmap/left-behind", "deployment.apps/web", "ScalingReplicaSet", "last of kube-scheduler"];
        for part in parts {
            assert!(autopsy.contains(part), "no {part} in\n{autopsy}");
        }
        assert!(is_being_deleted(plane, &name).await?);
        Ok(())
    }

    #[tokio::test]
    async fn a_panic_is_opened_up_and_goes_on() -> Result<()> {
        let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
        let (name, autopsy, outcome) = fail(plane, || panic!("as planned")).await;
        assert_eq!(*outcome.unwrap_err().downcast::<&str>().unwrap(), "as planned");
        assert!(autopsy.contains("configmap/left-behind"), "{autopsy}");
        assert!(is_being_deleted(plane, &name).await?);
        Ok(())
    }

    #[tokio::test]
    async fn a_test_that_passes_leaves_nothing_and_says_nothing() -> Result<()> {
        let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
        let report = |text: &str| panic!("reported {text}");
        let name =
            plane.in_namespace_reporting("pass", report, async |namespace| Ok(namespace.name().to_owned()));
        let name = name.await?;
        assert!(name.starts_with("pass-"), "{name}");
        let all = Api::<Object>::all(plane.client().await?);
        eventually("the namespace is gone", async || Ok(all.get_opt(&name).await?.is_none().then_some(())))
            .await
    }
}
