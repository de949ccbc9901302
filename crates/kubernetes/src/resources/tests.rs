//! Names are understood as kubectl understands them.

use super::*;
use crate::SUPPORTED;
use watertight_base::{SourceId, Span};
use watertight_model::{CustomResourceVersion, ObjectRef, Origin};

fn found(resources: &Resources, written: &str) -> Option<(String, String)> {
    resources.find(written).map(|resource| (resource.group.clone(), resource.plural.clone()))
}

#[track_caller]
fn assert_finds(resources: &Resources, written: &[&str], group: &str, plural: &str) {
    for written in written {
        assert_eq!(found(resources, written), Some((group.to_owned(), plural.to_owned())), "{written}");
    }
}

fn of_36() -> Resources {
    Resources::new(36, &[])
}

#[test]
fn all_names_of_a_resource_mean_it() {
    assert_finds(&of_36(), &["pods", "pod", "po", "Pod", "PODS", "Po"], "", "pods");
    let deployments = ["deployments", "deployment", "deploy", "Deployment", "DEPLOY"];
    assert_finds(&of_36(), &deployments, "apps", "deployments");
    assert_finds(&of_36(), &["NetworkPolicy", "netpol"], "networking.k8s.io", "networkpolicies");
    assert_finds(&of_36(), &["endpoints", "ep"], "", "endpoints");
}

#[test]
fn a_group_may_stand_behind_a_name_or_its_beginning() {
    let names = ["deployments.apps", "deployment.app", "deploy.apps", "deploy.a", "Deploy.APPS"];
    assert_finds(&of_36(), &names, "apps", "deployments");
    let names = ["storageclasses.storage", "sc.storage", "StorageClass.storage.k8s.io"];
    assert_finds(&of_36(), &names, "storage.k8s.io", "storageclasses");
    for other in ["deployments.batch", "pods.apps", "deploy.batch", "deployments.apps.k8s.io", "pods.core"] {
        assert_eq!(found(&of_36(), other), None, "{other}");
    }
}

#[test]
fn a_version_may_stand_between_name_and_group() {
    let names = ["deployments.v1.apps", "deployment.v1.apps", "deploy.v1.apps", "Deployment.V1.Apps"];
    assert_finds(&of_36(), &names, "apps", "deployments");
    assert_finds(&of_36(), &["pods.v1.", "pods.", "po.v1."], "", "pods");
    // A short name is replaced together with its version.
    assert_finds(&of_36(), &["deploy.v9.apps"], "apps", "deployments");
    for other in ["deployments.v9.apps", "deployments.v1.app", "pods.v1.apps", "pods.v2."] {
        assert_eq!(found(&of_36(), other), None, "{other}");
    }
}

#[test]
fn of_two_groups_with_a_name_the_first_is_meant() {
    assert_finds(&of_36(), &["events", "ev", "Event", "events.v1."], "", "events");
    assert_finds(&of_36(), &["events.events", "ev.events.k8s.io", "ev.e"], "events.k8s.io", "events");
}

#[test]
fn what_is_no_name_means_nothing() {
    for written in ["", ".", ".apps", "..", "pods/log", "log", "users", "*", "k8s", "podlist", "all"] {
        assert_eq!(found(&of_36(), written), None, "{written}");
    }
}

/// A definition. Its names are made from the singular one.
fn custom(group: &str, singular: &str, versions: &[&str]) -> CustomResource {
    let plural = format!("{singular}s");
    let object = ObjectRef {
        api_version: "apiextensions.k8s.io/v1".to_owned(),
        kind: "CustomResourceDefinition".to_owned(),
        namespace: None,
        name: format!("{plural}.{group}"),
        uid: None,
    };
    let version = |name: &&str| CustomResourceVersion {
        name: (*name).to_owned(),
        status: *name == "v1",
        scale: name.contains("beta"),
    };
    CustomResource {
        origin: Origin { object, span: Span::new(SourceId(0), 0, 0) },
        group: group.to_owned(),
        kind: singular.to_uppercase(),
        plural,
        singular: singular.to_owned(),
        short_names: vec![singular.chars().take(2).collect()],
        namespaced: true,
        conversion: None,
        versions: versions.iter().map(version).collect(),
    }
}

#[test]
fn a_definition_adds_a_resource() {
    let resources = Resources::new(36, &[custom("stable.example.com", "crontab", &["v1beta1", "v2", "v1"])]);
    let names = ["crontabs", "CronTab", "cr", "crontabs.stable", "crontab.v1beta1.stable.example.com"];
    assert_finds(&resources, &names, "stable.example.com", "crontabs");
    let resource = resources.find("crontab").unwrap();
    assert_eq!(resource.versions, ["v2", "v1", "v1beta1"]);
    assert_eq!(resource.verbs.len(), 8);
    let subresources: Vec<&str> =
        resource.subresources.iter().map(|subresource| subresource.name.as_str()).collect();
    assert_eq!(subresources, ["scale", "status"]);
    assert_eq!(resources.iter().count(), of_36().iter().count() + 1);
}

#[test]
fn definitions_come_after_what_the_server_has_and_by_the_name_of_their_group() {
    let definitions = [
        custom("zoo.example.com", "pod", &["v1"]),
        custom("zoo.example.com", "cage", &["v1"]),
        custom("farm.example.com", "cage", &["v1alpha1"]),
    ];
    let resources = Resources::new(36, &definitions);
    assert_finds(&resources, &["pods", "po"], "", "pods");
    assert_finds(&resources, &["pods.zoo", "po.zoo.example.com"], "zoo.example.com", "pods");
    assert_finds(&resources, &["cages", "cage", "ca"], "farm.example.com", "cages");
    assert_finds(&resources, &["cages.zoo", "cages.v1.zoo.example.com"], "zoo.example.com", "cages");
    let last: Vec<&str> = resources.iter().map(|resource| resource.plural.as_str()).collect();
    assert!(last.ends_with(&["cages", "cages", "pods"]), "{last:?}");
}

#[test]
fn what_the_server_has_and_what_is_not_served_stays_out() {
    let definitions = [
        custom("apps", "deployment", &["v1"]),
        custom("storage.k8s.io", "shed", &["v1"]),
        custom("storage.k8s.io", "csidriver", &["v3"]),
        custom("zoo.example.com", "cage", &[]),
    ];
    assert_eq!(Resources::new(36, &definitions), of_36());
}

#[test]
fn a_definition_in_a_group_of_the_server_has_the_first_versions_there() {
    let mut definition = custom("storage.k8s.io", "shed", &["v1", "v1beta1", "v2"]);
    definition.short_names = vec!["sc".to_owned()];
    let resources = Resources::new(36, &[definition]);
    assert_finds(&resources, &["sc", "sheds", "shed.v2.storage.k8s.io"], "storage.k8s.io", "sheds");
    assert_eq!(resources.find("sheds").unwrap().versions, ["v2", "v1beta1"]);
    assert_eq!(found(&resources, "sheds.v1.storage.k8s.io"), None);
    assert_finds(
        &resources,
        &["storageclasses", "storageclasses.storage"],
        "storage.k8s.io",
        "storageclasses",
    );
    // Though a beta, its version comes before the server's.
    assert_finds(&resources, &["shed.v1beta1.storage.k8s.io"], "storage.k8s.io", "sheds");
    let mut beta = custom("storage.k8s.io", "barn", &["v1beta1"]);
    beta.singular = "csinode".to_owned();
    assert_finds(&Resources::new(36, &[beta]), &["csinode", "csinode.storage"], "storage.k8s.io", "barns");
    let last = resources.iter().last().map(|resource| resource.group.as_str());
    assert_eq!(last, of_36().iter().last().map(|resource| resource.group.as_str()));
}

#[test]
fn a_short_name_of_a_definition_does_not_hide_a_resource() {
    let mut definition = custom("a.example.com", "crontab", &["v1"]);
    definition.short_names = vec!["pods".to_owned(), "svc".to_owned(), "tab".to_owned()];
    let resources = Resources::new(36, &[definition]);
    assert_finds(&resources, &["pods"], "", "pods");
    assert_finds(&resources, &["svc"], "", "services");
    assert_finds(&resources, &["tab", "svc.a", "pods.a"], "a.example.com", "crontabs");
}

#[test]
fn a_misspelt_name_has_a_nearest_one() {
    let resources = of_36();
    for (written, meant) in [
        ("podz", "pods"),
        ("deplyoment.apps", "deployments"),
        ("NetworkPolicie", "networkpolicies"),
        ("secrts", "secrets"),
        ("deployments.extensions", "deployments"),
    ] {
        assert_eq!(resources.nearest(written), Some(meant), "{written}");
    }
    for written in ["", "x", "unrelated-thing", ".apps"] {
        assert_eq!(resources.nearest(written), None, "{written}");
    }
}

#[test]
fn a_kind_that_is_no_name_has_a_nearest_one() {
    let mut definition = custom("a.example.com", "crontab", &["v1"]);
    definition.kind = "ScheduledThing".to_owned();
    let resources = Resources::new(36, &[definition]);
    assert_eq!(found(&resources, "ScheduledThing"), None);
    assert_eq!(resources.nearest("ScheduledThing"), Some("crontabs"));
}

#[test]
fn the_data_of_every_version_is_in_order() {
    for minor in SUPPORTED {
        let resources = Resources::new(minor, &[]);
        assert_eq!(resources.iter().next().map(|resource| resource.group.as_str()), Some(""));
        for resource in resources.iter() {
            assert!(!resource.versions.is_empty() && !resource.verbs.is_empty(), "1.{minor}: {resource:?}");
            let named = format!("{}.{}", resource.plural, resource.group);
            assert_eq!(resources.find(&named), Some(resource), "1.{minor}");
        }
        let written: Vec<Resource> = parse(Data::of(minor).resources);
        let order = |all: &[Resource]| -> Vec<_> {
            all.iter().map(|resource| (resource.group.clone(), resource.plural.clone())).collect()
        };
        assert_eq!(order(&written), order(&resources.all), "1.{minor}");
    }
}

#[test]
fn pods_have_subresources_with_verbs_of_their_own() {
    let resources = of_36();
    let pods = resources.find("pods").unwrap();
    assert_eq!(pods.subresource("exec").unwrap().verbs, ["create", "get"]);
    assert_eq!(pods.subresource("log").unwrap().verbs, ["get"]);
    assert_eq!(pods.subresource("scale"), None);
    assert!(pods.namespaced);
    assert!(!resources.find("nodes").unwrap().namespaced);
}
