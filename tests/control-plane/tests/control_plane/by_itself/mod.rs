//! What is written down of an API server is what it has by itself, and names mean to us what they mean to kubectl.

mod definitions;
pub(crate) mod discovery;
mod names;

use anyhow::Result;
use std::collections::BTreeMap;
use watertight_api::{Resource, Resources, bootstrap};
use watertight_base::Source;
use watertight_ingest::{Ingested, Options, read};
use watertight_model::{Role, RoleBinding, Snapshot};
use watertight_testbed::{ControlPlane, CustomResources, eventually};

/// What the reader makes of what a control plane serves.
fn served(plane: &ControlPlane, what: &[&str]) -> Result<Snapshot> {
    let text = plane.kubectl(&[&["get", "-A", "-o", "json"], what].concat())?;
    let source = Source { name: "served.json".to_owned(), bytes: text.into_bytes() };
    let Ingested { snapshot, diagnostics, .. } = read(&[source], &Options::default());
    assert_eq!(diagnostics, []);
    Ok(snapshot)
}

/// A role as it is written down: nobody wrote it in a file, and what it takes over is not its own.
fn without_places(mut role: Role) -> Role {
    role.span = None;
    role.object.uid = None;
    if role.aggregates.is_some() {
        role.rules.clear();
    }
    role.rules.iter_mut().for_each(|rule| rule.span = None);
    role
}

fn binding_without_places(mut binding: RoleBinding) -> RoleBinding {
    binding.span = None;
    binding.object.uid = None;
    binding.role.span = None;
    binding.subjects.iter_mut().for_each(|subject| subject.span = None);
    binding
}

#[test]
fn the_server_grants_by_itself_what_is_written_down() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    let kinds = "clusterroles,clusterrolebindings,roles,rolebindings";
    let snapshot = served(plane, &[kinds, "-l", "kubernetes.io/bootstrapping=rbac-defaults"])?;
    let written = bootstrap(plane.minor()?);
    let by_object = |roles: Vec<Role>| -> BTreeMap<_, _> {
        roles.into_iter().map(|role| (role.object.clone(), role)).collect()
    };
    let theirs = by_object(snapshot.roles.into_iter().map(without_places).collect());
    assert_equal(&by_object(written.roles), &theirs);
    let by_object = |bindings: Vec<RoleBinding>| -> BTreeMap<_, _> {
        bindings.into_iter().map(|binding| (binding.object.clone(), binding)).collect()
    };
    let theirs = by_object(snapshot.role_bindings.into_iter().map(binding_without_places).collect());
    assert_equal(&by_object(written.role_bindings), &theirs);
    Ok(())
}

/// Compares one by one, so that a failure does not show all of them.
fn assert_equal<K: Ord + std::fmt::Debug, V: PartialEq + std::fmt::Debug>(
    ours: &BTreeMap<K, V>,
    theirs: &BTreeMap<K, V>,
) {
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
    for (key, value) in ours {
        assert_eq!(Some(value), theirs.get(key), "{key:?}");
    }
}

#[tokio::test]
async fn the_server_serves_what_is_written_down_and_kubectl_finds_it_by_the_same_names() -> Result<()> {
    let options = watertight_testbed::Options { nodes: 0, ..watertight_testbed::Options::default() };
    let Some(plane) = ControlPlane::start_with(&options)? else { return Ok(()) };
    let minor = plane.minor()?;
    let own = discovery::resources(&plane).await?;
    discovery::assert_same(&Resources::new(minor, &[]), own.clone(), |_| false);

    plane.install(CustomResources::GatewayApi)?;
    plane.install(CustomResources::NetworkPolicyApi)?;
    definitions::install(&plane)?;
    let custom = served(&plane, &["customresourcedefinitions"])?.custom_resources;
    assert!(custom.len() > 20, "only {} definitions are there", custom.len());
    let ours = Resources::new(minor, &custom);
    let theirs = eventually("all definitions are served", async || {
        let theirs = discovery::resources(&plane).await?;
        Ok((theirs.len() >= ours.iter().count()).then_some(theirs))
    })
    .await?;
    let is_own = |one: &Resource| own.iter().any(|own| own.group == one.group && own.plural == one.plural);
    discovery::assert_same(&ours, theirs, |resource| !is_own(resource));
    names::assert_same(&plane, &ours).await
}
