//! Definitions whose names get into each other's way, and into that of the server's own.

use anyhow::Result;
use serde_json::{Value, json};
use watertight_testbed::{ControlPlane, established};

/// The names of a definition: group, plural, singular, kind, short names, versions.
struct Names(&'static str, &'static str, &'static str, &'static str, &'static [&'static str], Versions);

type Versions = &'static [&'static str];

const DEFINITIONS: [Names; 12] = [
    // The same names in several groups.
    Names("zoo.example.com", "cages", "cage", "Cage", &["ca"], &["v1"]),
    Names("farm.example.com", "cages", "cage", "Cage", &["ca"], &["v1alpha1"]),
    Names("farm.example.community", "cages", "cage", "Cage", &["ca", "cc"], &["v2"]),
    // The kind is no name, and of its versions not the first one is preferred.
    Names(
        "farm.example.com",
        "tractors",
        "tractor",
        "BigMachine",
        &["tr", "svc"],
        &["v1beta1", "v2alpha1", "v1", "v10"],
    ),
    // The names of resources that the server has, in groups that begin as its own do.
    Names("apps.example.com", "deployments", "deployment", "Deployment", &["deploy", "dep"], &["v1"]),
    Names("a.example.com", "pods", "pod", "Pod", &["po"], &["v1"]),
    // The name of one is the short name of another.
    Names("zoo.example.com", "keepers", "no", "Keeper", &["keep"], &["v1"]),
    // The plural name is the short name of another.
    Names("zoo.example.com", "deploy", "deploything", "DeployThing", &[], &["v1"]),
    // A version that is no version.
    Names("zoo.example.com", "visitors", "visitor", "Visitor", &["ev"], &["latest", "v1beta2", "early"]),
    // A group of the server's own, with a version that it has not, and with one that it has.
    Names("storage.k8s.io", "sheds", "shed", "Shed", &["sc", "sh"], &["v3"]),
    Names("storage.k8s.io", "barns", "csinode", "Barn", &["ba"], &["v1", "v1beta1"]),
    Names("storage.k8s.io", "huts", "hut", "Hut", &["hu"], &["v1"]),
];

/// Makes the server serve them.
pub(super) fn install(plane: &ControlPlane) -> Result<()> {
    let items: Vec<Value> = DEFINITIONS.iter().map(Names::definition).collect();
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": items }).to_string();
    plane.kubectl_with_input(&["apply", "-f", "-"], &list)?;
    established(|wait| {
        let arguments: Vec<&str> = wait.iter().copied().chain(["-f", "-"]).collect();
        plane.kubectl_with_input(&arguments, &list).map(drop)
    })
}

impl Names {
    fn definition(&self) -> Value {
        let Self(group, plural, singular, kind, short_names, versions) = *self;
        let version = |(index, name): (usize, &&str)| {
            let status = if index == 0 { json!({ "status": {} }) } else { json!({}) };
            json!({ "name": name, "served": true, "storage": index == 0, "subresources": status,
                "schema": { "openAPIV3Schema": { "type": "object", "x-kubernetes-preserve-unknown-fields": true } } })
        };
        let versions: Vec<Value> = versions.iter().enumerate().map(version).collect();
        json!({
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {
                "name": format!("{plural}.{group}"),
                "annotations": { "api-approved.kubernetes.io": "unapproved, for a test" },
            },
            "spec": {
                "group": group,
                "names": { "plural": plural, "singular": singular, "kind": kind, "shortNames": short_names },
                "scope": "Namespaced",
                "versions": versions,
            },
        })
    }
}
