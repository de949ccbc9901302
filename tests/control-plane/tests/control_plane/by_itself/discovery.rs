//! What a server tells kubectl of the resources that it serves, all at once. (Asked for group after group, it puts them
//! into another order, and leaves some out.)

use anyhow::{Context, Result};
use kube::api::ListParams;
use kube::core::Request;
use serde_json::Value;
use watertight_api::{Resource, Resources, Subresource};
use watertight_testbed::ControlPlane;

/// The form in which it is told.
const FORM: &str = "application/json;v=v2;g=apidiscovery.k8s.io;as=APIGroupDiscoveryList";

/// All resources, in the order in which kubectl looks for a name.
pub(crate) async fn resources(plane: &ControlPlane) -> Result<Vec<Resource>> {
    let client = plane.client().await?;
    let mut all: Vec<Resource> = Vec::new();
    for path in ["/api", "/apis"] {
        let mut request = Request::new(path).list(&ListParams::default())?;
        request.headers_mut().insert("accept", FORM.parse()?);
        let answer: Value = serde_json::from_str(&client.request_text(request).await?)?;
        for group in list(&answer["items"]) {
            let name = group["metadata"]["name"].as_str().unwrap_or_default();
            let first = all.len();
            for version in list(&group["versions"]) {
                for resource in list(&version["resources"]) {
                    let resource = read(name, &text(&version["version"])?, resource)?;
                    match all.iter_mut().skip(first).find(|known| known.plural == resource.plural) {
                        Some(known) => merge(known, resource),
                        None => all.push(resource),
                    }
                }
            }
        }
    }
    Ok(all)
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> Result<String> {
    value.as_str().map(str::to_owned).context("this is a text")
}

fn texts(value: &Value) -> Vec<String> {
    list(value).filter_map(Value::as_str).map(str::to_owned).collect()
}

fn read(group: &str, version: &str, served: &Value) -> Result<Resource> {
    let subresource = |served: &Value| -> Result<Subresource> {
        Ok(Subresource { name: text(&served["subresource"])?, verbs: texts(&served["verbs"]) })
    };
    Ok(Resource {
        group: group.to_owned(),
        versions: vec![version.to_owned()],
        kind: text(&served["responseKind"]["kind"])?,
        plural: text(&served["resource"])?,
        singular: text(&served["singularResource"])?,
        short_names: texts(&served["shortNames"]),
        categories: texts(&served["categories"]),
        namespaced: served["scope"] == "Namespaced",
        verbs: texts(&served["verbs"]),
        subresources: list(&served["subresources"]).map(subresource).collect::<Result<_>>()?,
    })
}

/// What another version has besides.
fn merge(known: &mut Resource, other: Resource) {
    known.versions.extend(other.versions);
    for subresource in other.subresources {
        if known.subresource(&subresource.name).is_none() {
            known.subresources.push(subresource);
        }
    }
}

/// Compares one by one, so that a failure does not show all of them.
pub(super) fn assert_same(
    ours: &Resources,
    mut theirs: Vec<Resource>,
    is_custom: impl Fn(&Resource) -> bool,
) {
    // Within a group, the order of resources says nothing: no name is that of two.
    let group = |resource: &Resource| resource.group.clone();
    let mut groups: Vec<String> = theirs.iter().map(group).collect();
    groups.dedup();
    let mut ours_in_order: Vec<String> = ours.iter().map(group).collect();
    ours_in_order.dedup();
    assert_eq!(ours_in_order, groups);
    let names = |resource: &Resource| (resource.group.clone(), resource.plural.clone());
    let mut ours: Vec<&Resource> = ours.iter().collect();
    ours.sort_by_key(|resource| names(resource));
    theirs.sort_by_key(names);
    for (ours, mut theirs) in ours.iter().zip(theirs.clone()) {
        theirs.subresources.sort_by(|a, b| a.name.cmp(&b.name));
        if is_custom(&theirs) {
            // They are not read from a definition.
            theirs.categories.clear();
        }
        assert_eq!(**ours, theirs);
    }
    assert_eq!(ours.len(), theirs.len());
}
