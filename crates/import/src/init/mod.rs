//! Manifests that are there into an intent that fits them.
//!
//! Each object of an environment comes from an application, or it is told what the wall makes of it. What is of no environment
//! stays as it is.

mod access;
mod amounts;
mod applications;
mod bounds;
mod cluster;
mod inventory;
mod kustomizations;
mod left_out;
mod network;
mod outside;
mod overlays;
mod pods;
mod tolerations;

use crate::draft::{Draft, Environment};
use crate::notes::Notes;
use crate::{Written, rules};
use inventory::{EnvironmentIndex, Inventory, Object, counted};
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{Diagnostic, Severity, Source, SourceId, Span};
use watertight_ingest::{Trees, trees};
use watertight_model::{EnvironmentReport, Namespace, Snapshot};
use watertight_yaml::{Value, texts};

/// The rule of the one finding about a file after which all of it was read.
const READ_ALL_THE_SAME: &str = "duplicate-key";

/// The labels of a namespace that the compiled one has by itself.
const OF_WALL: [&str; 2] = ["pod-security.kubernetes.io/", "kubernetes.io/metadata.name"];

/// A kustomization that is rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlay {
    /// Its folder, with `/` behind it; empty for the working directory.
    pub folder: String,
    /// The namespace of what it makes without naming one, if its folder tells.
    pub namespace: Option<String>,
    /// What it goes back to: overlays of one application have the same.
    pub bases: BTreeSet<String>,
}

/// A file beside a kustomization that is not read, since nothing applies what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Its name.
    pub file: String,
    /// The file of the kustomization.
    pub kustomization: String,
    /// Whether the kustomization changes objects by it; else it does not list it.
    pub is_patch: bool,
}

/// What there is.
#[derive(Clone, Copy)]
pub struct Found<'a> {
    /// The manifests.
    pub sources: &'a [Source],
    /// What they say.
    pub snapshot: &'a Snapshot,
    /// What of them is not shown. Sorted, and none meets another.
    pub hidden: &'a [Span],
    /// The environments, each with its namespaces.
    pub environments: &'a [EnvironmentReport],
    /// Whether the manifests name no namespaces, so that each environment has all of them.
    pub is_for_all: bool,
    /// What kustomizations make, by its place among the manifests.
    pub rendered: &'a BTreeMap<usize, Overlay>,
    /// What is not among the manifests, since nothing applies it.
    pub skipped: &'a [Skipped],
    /// Parts of the manifests that applications are to leave out: objects, fields and elements of lists, as [`trees`] reads them.
    pub left_out: &'a [Span],
    /// The name of the fleet.
    pub name: &'a str,
    /// The path from the intent to a file or folder of the input.
    pub path: &'a dyn Fn(&str) -> String,
    /// Whether all manifests below a folder, with `/` behind it, are in the input, and applied by its kustomization if it has one: else
    /// an application that names it would have more, or less.
    pub is_whole: &'a dyn Fn(&str) -> bool,
}

impl Found<'_> {
    /// The environment of a namespace.
    fn environment_of(&self, namespace: &str) -> Option<EnvironmentIndex> {
        let holds =
            |environment: &EnvironmentReport| environment.namespaces.iter().any(|own| own.name == namespace);
        self.environments.iter().position(holds)
    }
}

/// Whether manifests name no namespaces, and hold something that an application may have.
#[must_use]
pub fn names_no_namespace(sources: &[Source]) -> bool {
    let trees = |(index, source)| trees(SourceId(u32::try_from(index).unwrap_or(u32::MAX)), source);
    let documents: Vec<_> = sources.iter().enumerate().map(|source| trees(source).documents).collect();
    let inventory = Inventory::new(sources, &documents, &[], false, &BTreeMap::new());
    let names_one = |object: &Object<'_>| object.is_namespace() || object.namespace.is_some();
    inventory.objects.iter().any(Object::is_of_applications) && !inventory.objects.iter().any(names_one)
}

/// Writes the intent of what there is.
#[must_use]
pub fn init(found: &Found<'_>) -> Written {
    let mut notes = Notes::default();
    found.hidden.iter().for_each(|span| notes.hide(*span));
    let documents: Vec<_> = found
        .sources
        .iter()
        .enumerate()
        .map(|(index, source)| {
            let Trees { documents, diagnostics } =
                trees(SourceId(u32::try_from(index).unwrap_or(u32::MAX)), source);
            notes.extend(diagnostics.into_iter().filter(|found| found.rule != READ_ALL_THE_SAME).collect());
            documents
        })
        .collect();
    let inventory =
        Inventory::new(found.sources, &documents, found.environments, found.is_for_all, found.rendered);
    let mut told: BTreeSet<usize> = BTreeSet::new();
    let pointed = applications::applications(found, &inventory, &mut notes, &mut told);
    let others = cluster::others(found, &inventory);
    let mut draft = Draft {
        name: found.name.to_owned(),
        clusters: cluster::clusters(found, &inventory, others.as_deref()),
        environments: found.environments.iter().map(|report| plain(found, report)).collect(),
        stores: Vec::new(),
        applications: pointed.applications,
    };
    if let [only] = draft.environments.as_slice() {
        let message = format!("`{}` is the only environment, and a wall stands between two", only.name);
        notes.push(Diagnostic::warning(rules::IMPORT_GAP, message).help(
            "give the manifests of the others too, or name them with `--env`, or list them in `environments`",
        ));
    }
    let names: Vec<&str> = found.environments.iter().map(|environment| environment.name.as_str()).collect();
    notes.production_is_named(&names);
    let access = access::access(found, &inventory, &mut notes);
    for (environment, access) in access.into_iter().enumerate() {
        let mut fields: Vec<(&'static str, Value)> = Vec::new();
        if !found.is_for_all {
            fields.extend(pod_security(found, &inventory, environment, &mut notes));
        }
        let mut limits = bounds::limits(&inventory, environment, &mut notes);
        bounds::unlimited(
            &inventory,
            environment,
            &limits,
            &found.environments[environment].name,
            &mut notes,
        );
        if let Some(defaults) = defaults(&draft, environment) {
            limits.fit(&inventory, environment, &defaults, &mut notes);
            let limits = limits.value(&defaults.limits).map(|value| ("limits", value));
            draft.environments[environment].fields.extend(limits.clone());
            let mut quota = bounds::quota(&inventory, environment, &mut notes);
            // With its limits, since containers get them.
            if let Some(effective) = self::defaults(&draft, environment) {
                quota.fit(&inventory, environment, &effective, &mut notes);
                fields.extend(quota.value(&effective.quota).map(|value| ("quota", value)));
            }
            draft.environments[environment].fields.retain(|(key, _)| *key != "limits");
            fields.extend(limits);
        }
        fields.extend(access.map(|access| ("access", access)));
        let egress = network::egress(found, &inventory, environment, &pointed.kept, &mut notes);
        fields.extend(egress.map(|egress| ("egress", egress)));
        // Production may tolerate any.
        if defaults(&draft, environment).is_some_and(|it| !it.production.value) {
            let tolerations = tolerations::tolerations(&inventory, environment);
            fields.extend(tolerations.map(|keys| ("tolerations", keys)));
        }
        network::closed(found, &inventory, environment, &mut notes);
        outside::outside(found, &inventory, environment, &mut notes);
        draft.environments[environment].fields.extend(fields);
    }
    kustomizations::tell(found, &inventory, &mut notes);
    told.extend(pointed.kept);
    the_rest(found, &inventory, &told, others.as_deref(), &mut notes);
    Written::of(&draft, notes)
}

/// An environment as the intent is so far, with its defaults.
fn defaults(draft: &Draft, environment: EnvironmentIndex) -> Option<watertight_intent::Environment> {
    draft.bare().and_then(|bare| bare.environments.into_iter().nth(environment))
}

/// An environment with its namespaces.
fn plain(found: &Found<'_>, report: &EnvironmentReport) -> Environment {
    let namespaces: Vec<&str> = report.namespaces.iter().map(|namespace| namespace.name.as_str()).collect();
    let is_default = found.is_for_all || namespaces == [report.name.as_str()];
    let fields = if is_default { Vec::new() } else { vec![("namespaces", texts(namespaces))] };
    Environment { name: report.name.clone(), fields }
}

/// `podSecurity`, if it is not the default, and what changes for namespaces that enforce another level.
fn pod_security(
    found: &Found<'_>,
    inventory: &Inventory<'_>,
    environment: EnvironmentIndex,
    notes: &mut Notes,
) -> Option<(&'static str, Value)> {
    let names = &found.environments[environment].namespaces;
    let namespaces: Vec<&Namespace> = names
        .iter()
        .filter_map(|own| found.snapshot.namespaces.iter().find(|namespace| namespace.name == own.name))
        .collect();
    let level = |namespace: &Namespace| {
        let labels = namespace.labels.as_ref()?;
        labels.get("pod-security.kubernetes.io/enforce").cloned()
    };
    let all_restricted = namespaces.iter().all(|namespace| level(namespace).as_deref() == Some("restricted"));
    for namespace in namespaces {
        let place = namespace.label_spans.get("pod-security.kubernetes.io/enforce").copied();
        let place = place.or_else(|| place_of(inventory, environment, &namespace.name));
        let Some(place) = place else { continue };
        let name = &namespace.name;
        let message = match level(namespace).as_deref() {
            Some("restricted") if !all_restricted => format!(
                "`{name}` enforces `restricted`, and with the others of its environment `baseline`: one level is for all"
            ),
            Some("restricted" | "baseline") => continue,
            None if namespace.labels.is_none() => format!(
                "the input holds no Namespace `{name}`: the compiled one enforces `baseline`, which refuses pods that use their node"
            ),
            _ => format!(
                "`{name}` enforces neither `baseline` nor `restricted` today: `baseline` refuses pods that use their node"
            ),
        };
        notes.push(
            Diagnostic::warning(rules::REPLACED_BY_WALL, message).at(place, "behind the wall").help(
                "try it with `kubectl label --dry-run=server`, which warns of pods that would be refused",
            ),
        );
    }
    (all_restricted && !names.is_empty()).then(|| ("podSecurity", "restricted".into()))
}

/// The Namespace object, or what stands for its environment.
fn place_of(inventory: &Inventory<'_>, environment: EnvironmentIndex, name: &str) -> Option<Span> {
    let own = inventory.of(environment).find(|object| object.is_namespace() && object.name == name);
    own.map(|object| object.span).or_else(|| inventory.place(environment))
}

/// What becomes of the objects that come from no application and were not told yet. `others` is where all is that is of no
/// environment, if the intent says so.
fn the_rest(
    found: &Found<'_>,
    inventory: &Inventory<'_>,
    told: &BTreeSet<usize>,
    others: Option<&str>,
    notes: &mut Notes,
) {
    let rest = inventory.objects.iter().enumerate().filter(|(index, _)| !told.contains(index));
    let mut replaced: BTreeMap<EnvironmentIndex, Vec<&Object<'_>>> = BTreeMap::new();
    let mut lost: BTreeMap<EnvironmentIndex, Vec<&Object<'_>>> = BTreeMap::new();
    let mut outside: Vec<&Object<'_>> = Vec::new();
    for (_, object) in rest {
        match object.environment {
            None => outside.push(object),
            Some(_) if object.is_namespace() => namespace(found, object, notes),
            Some(environment) if is_of_wall(object) => {
                replaced.entry(environment).or_default().push(object);
            }
            Some(environment) => lost.entry(environment).or_default().push(object),
        }
    }
    for (environment, objects) in replaced {
        let Some(first) = objects.first() else { continue };
        let name = &found.environments[environment].name;
        let message =
            format!("the intent has its own in place of {} of `{name}`", counted(objects.iter().copied()));
        let help = "take them away from what is applied once the compiled ones are there";
        note(first.span, message, "the first of them", help, notes);
    }
    for (environment, objects) in lost {
        let Some(first) = objects.first() else { continue };
        let name = &found.environments[environment].name;
        let message = format!(
            "no application of an intent holds {} of `{name}`: what such kinds open is not known",
            counted(objects.iter().copied())
        );
        notes.push(
            Diagnostic::warning(rules::TAKEN_BY_WALL, message)
                .at(first.span, "the first of them")
                .help("apply them apart from what is compiled, and ask `prove` about all of it"),
        );
    }
    if let Some(first) = outside.first() {
        let counted = counted(outside.iter().copied());
        let (message, help) = match others {
            Some(path) => (
                format!("of no environment, and `manifests` of the cluster, at `{path}`: {counted}"),
                "apply them as before: `prove` reads them with what is compiled",
            ),
            None => (
                format!("of no environment, and left as they are: {counted}"),
                "apply them as before; `prove` reads them with what is compiled once they are in a folder of their own, and `manifests` of the cluster names it",
            ),
        };
        note(first.span, message, "the first of them", help, notes);
    }
}

fn note(span: Span, message: String, label: &str, help: &str, notes: &mut Notes) {
    let warning = Diagnostic::warning(rules::REPLACED_BY_WALL, message).at(span, label).help(help);
    notes.push(Diagnostic { severity: Severity::Info, ..warning });
}

/// Kinds that the intent makes itself.
fn is_of_wall(object: &Object<'_>) -> bool {
    object.group == "rbac.authorization.k8s.io"
        || object.is("", "ResourceQuota")
        || object.is("", "LimitRange")
}

/// A Namespace, which is compiled with labels of its own.
fn namespace(found: &Found<'_>, object: &Object<'_>, notes: &mut Notes) {
    let namespace = found.snapshot.namespaces.iter().find(|namespace| namespace.name == object.name);
    let labels = namespace.and_then(|namespace| namespace.labels.as_ref());
    let lost: Vec<String> = labels
        .into_iter()
        .flatten()
        .filter(|(key, _)| !OF_WALL.iter().any(|own| key.starts_with(own)))
        .map(|(key, value)| format!("`{key}={value}`"))
        .collect();
    if lost.is_empty() {
        note(
            object.span,
            format!("the intent has its own in place of {}", object.label()),
            "replaced",
            "take it away from what is applied once the compiled one is there",
            notes,
        );
        return;
    }
    let message = format!(
        "{} is compiled without its label{} {}",
        object.label(),
        if lost.len() == 1 { "" } else { "s" },
        lost.join(", ")
    );
    notes.push(
        Diagnostic::warning(rules::TAKEN_BY_WALL, message)
            .at(object.span, "replaced")
            .help("where a policy elsewhere selects by them, select by `kubernetes.io/metadata.name`"),
    );
}
