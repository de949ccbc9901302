//! The kinds that make pods from a template.

use super::values::{expressions, label_maps, no_mappings, no_numbers, selectors};
use super::{Field, Kind, all_of, field, inside, metadata, pod};
use serde_json::{Value, json};

pub(super) fn kinds() -> Vec<Kind> {
    let selector = json!({ "matchLabels": { "app": "web" } });
    vec![
        scaled(
            "Deployment",
            "deployments",
            json!({ "selector": selector, "replicas": 2, "template": template() }),
        ),
        scaled(
            "StatefulSet",
            "statefulsets",
            json!({ "selector": selector, "serviceName": "web", "template": template() }),
        ),
        scaled("ReplicaSet", "replicasets", json!({ "selector": selector, "template": template() })),
        scaled("DaemonSet", "daemonsets", json!({ "selector": selector, "template": template() })),
        job(),
        cron_job(),
    ]
}

/// The kinds that keep a number of pods running.
fn scaled(name: &'static str, plural: &'static str, spec: Value) -> Kind {
    let always = name == "Deployment";
    let mut fields = of_all("/spec", "/spec/template", always);
    fields.extend([
        field("/spec/selector", selectors()),
        Field { always, ..field("/spec/selector/matchLabels", label_maps()) },
        Field { always, ..field("/spec/selector/matchExpressions/0", expressions()) },
        field(
            "/spec/template/metadata",
            json!([{}, null, { "labels": { "app": "db" } }, { "labels": { "app": "web", "a": "b" } }]),
        ),
    ]);
    if name != "DaemonSet" {
        fields.push(field("/spec/replicas", counts()));
    }
    Kind { name, api_version: "apps/v1", plural, namespaced: true, bases: vec![with(spec)], fields }
}

fn job() -> Kind {
    let mut fields = of_all("/spec", "/spec/template", false);
    fields.push(field("/spec/parallelism", counts()));
    let bases = vec![with(json!({ "template": ending(template()) }))];
    Kind { name: "Job", api_version: "batch/v1", plural: "jobs", namespaced: true, bases, fields }
}

fn cron_job() -> Kind {
    let mut fields = of_all("/spec/jobTemplate/spec", "/spec/jobTemplate/spec/template", false);
    fields.push(field("/spec/jobTemplate", all_of([no_mappings(), json!([{}])])));
    fields.push(field("/spec", all_of([no_mappings(), json!([{}])])));
    let bases = vec![with(json!({
        "schedule": "0 3 * * *",
        "jobTemplate": { "spec": { "template": ending(template()) } },
    }))];
    Kind { name: "CronJob", api_version: "batch/v1", plural: "cronjobs", namespaced: true, bases, fields }
}

fn with(spec: Value) -> Value {
    json!({ "metadata": { "name": "web" }, "spec": spec })
}

fn template() -> Value {
    json!({ "metadata": { "labels": { "app": "web" } }, "spec": pod::valid() })
}

/// The template of pods that end.
fn ending(mut template: Value) -> Value {
    template["spec"]["restartPolicy"] = json!("Never");
    template
}

fn counts() -> Value {
    all_of([json!([0, 1, 2, 3.0, -1, 2_147_483_647, 2_147_483_648_u64, 1e30]), no_numbers()])
}

/// Metadata, what holds the template, and what is in it. What other kinds have too is made by chance, unless `always`.
fn of_all(holder: &str, template: &str, always: bool) -> Vec<Field> {
    let is_of_kind = |field: &Field| field.pointer.to_lowercase().ends_with("name");
    let metadata = metadata::fields().into_iter();
    let metadata = metadata.map(|field| Field { always: always || is_of_kind(&field), ..field });
    let mut fields: Vec<Field> = metadata.collect();
    fields.push(metadata::namespace());
    fields.push(field(holder, all_of([no_mappings(), json!([{}])])));
    fields.push(field(template, all_of([no_mappings(), json!([{}])])));
    let mut of_pod = metadata::maps();
    of_pod.extend(pod::spec());
    fields.extend(inside(template, of_pod).map(|field| Field { always, ..field }));
    fields
}
