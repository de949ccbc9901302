//! Applications that users have as manifests, kustomizations or charts, into objects of their environments.
//!
//! Only kinds of a closed table come from an application (`kinds.rs`), and none of them may open the wall (`fields.rs`,
//! `pods.rs`). What belongs to one environment, no other may have: hosts, credentials, cloud identities. What is the same in all
//! of them is the image. All else is written as it was given (`placed.rs`).

mod credentials;
mod documents;
mod fields;
mod held;
mod hosts;
mod identities;
mod images;
mod kinds;
mod left_out;
mod object;
mod placed;
mod pods;
mod reach;
mod room;
mod standards;
mod value;
mod wanted;

use crate::files::{Folders, Written, folder};
use crate::manifest::Manifest;
use crate::neighbours::neighbours;
use crate::rules;
use documents::{Found, Target};
use object::Object;
use std::collections::{BTreeMap, BTreeSet};
use wanted::Wanted;
use watertight_base::{Diagnostic, Severity, Source, SourceId, Span};
use watertight_ingest::{Trees, trees};
use watertight_intent::{ApplicationId, EnvironmentId, Intent, PlacedSource};
use watertight_yaml::Value;

/// What an application consists of in one environment: files as they are, or what a program made of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The application.
    pub application: ApplicationId,
    /// The environment.
    pub environment: EnvironmentId,
    /// The files, in their order.
    pub files: Vec<GivenFile>,
}

/// One file of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenFile {
    /// Its text, among the sources.
    pub source: SourceId,
    /// What it is called in what is compiled: its path, or that of the chart or the kustomization, from the folder of the
    /// intent.
    pub from: String,
}

/// What is made of all applications that are given.
#[derive(Default)]
pub(crate) struct Applications {
    /// Their objects.
    pub(crate) written: Vec<Written>,
    /// What else they need, by the folder in which it is written.
    pub(crate) beside: Vec<(Vec<String>, Manifest)>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What was read of them and comes from none.
    pub(crate) left_out: Vec<Span>,
    /// The environments that publish something, by an application in short form too.
    pub(crate) publish: BTreeSet<EnvironmentId>,
    /// The hosts that each environment may publish: those that its applications do, and those that the intent lists.
    pub(crate) hosts: BTreeMap<EnvironmentId, BTreeSet<String>>,
}

/// A folder, and a file in it.
type Place = (Vec<String>, String);

/// By what objects are sorted in a file: the place of their kind in its table, their namespace, and their name.
type Order = (Option<usize>, String, String);

fn order(object: &Object<'_>) -> Order {
    let kind = kinds::ALL.iter().position(|kind| kind == object.kind);
    (kind, object.namespace.clone(), object.name.to_owned())
}

/// The folder of an environment in which its applications are.
const FOLDER: &str = "applications";

/// Makes objects of all that is given. `folders` holds what is compiled besides, and `place` says where in the intent a span is.
pub(crate) fn applications(
    intent: &Intent,
    sources: &[Source],
    given: &[Given],
    folders: &Folders,
    place: &dyn Fn(Span) -> String,
) -> Applications {
    let mut applications = Applications::default();
    let read = read(sources, given);
    for trees in read.values() {
        applications.diagnostics.extend(trees.diagnostics.iter().cloned());
    }
    let targets: Vec<Target<'_>> = given.iter().filter_map(|given| target(intent, given)).collect();
    let wanted = Wanted::new(intent, &targets, &read);
    applications.diagnostics.extend(wanted.diagnostics);
    applications.left_out = wanted.left_out;
    let mut found = Found::default();
    for (target, documents) in targets.iter().zip(&wanted.documents) {
        let before = found.extent();
        documents.iter().for_each(|(file, document)| found.document(document, file, *target));
        let files = &target.given.files;
        let has_errors =
            files.iter().any(|file| read.get(&file.source).is_some_and(|read| !read.diagnostics.is_empty()));
        if before == found.extent() && !has_errors {
            let environment = &target.environment.name.value;
            let message = format!("`{}` consists of nothing in `{environment}`", name(intent, target));
            let nothing = Diagnostic::error(rules::NOT_AN_OBJECT, message)
                .at(target.asked_by, "no object comes from here");
            found.diagnostics.push(
                nothing.help(format!("leave `{environment}` out of its `environments`, or check the path")),
            );
        }
    }
    let (mut objects, diagnostics) = found.finish();
    applications.diagnostics.extend(diagnostics);
    objects.sort_by_key(|object| object.environment);
    applications.add_objects(intent, &objects, place);
    applications.add_together(intent, &objects, folders);
    applications
}

/// Where what is given is put.
fn target<'q>(intent: &'q Intent, given: &'q Given) -> Option<Target<'q>> {
    let application = intent.applications.get(given.application.0)?;
    let is_there = |placement: &&watertight_intent::Placement| placement.environment == given.environment;
    let placement = application.placements.iter().find(is_there)?;
    let environment = intent.environments.get(given.environment.0)?;
    Some(Target { given, placement, environment, asked_by: asked_by(&placement.source) })
}

/// The name of an application.
fn name<'q>(intent: &'q Intent, target: &Target<'_>) -> &'q str {
    intent.applications.get(target.given.application.0).map_or("", |application| &application.name.value)
}

impl Applications {
    /// Each object by itself.
    fn add_objects(&mut self, intent: &Intent, objects: &[Object<'_>], place: &dyn Fn(Span) -> String) {
        let mut files: BTreeMap<Place, Vec<(Order, Value)>> = BTreeMap::new();
        for object in objects {
            let Some(environment) = intent.environments.get(object.environment.0) else { continue };
            let others = intent.environments.iter().filter(|other| other.name != environment.name);
            let others: Vec<&str> = others
                .flat_map(|other| &other.namespaces)
                .map(|namespace| namespace.value.as_str())
                .collect();
            self.diagnostics.extend(fields::check(object, environment, &others));
            let is_shared = neighbours(intent, object.environment).next().is_some();
            self.diagnostics.extend(pods::check(object, environment, is_shared));
            let folder = folder(intent, object.environment);
            if ["Ingress", "HTTPRoute", "GRPCRoute"].contains(&object.kind.name) {
                let beside = objects.iter().filter(|other| other.environment == object.environment);
                match reach::policies(intent, environment, object, &beside.collect::<Vec<_>>()) {
                    Ok(policies) => {
                        self.beside.extend(policies.into_iter().map(|policy| (folder.clone(), policy)));
                    }
                    Err(diagnostic) => self.diagnostics.push(diagnostic),
                }
            }
            let application = intent.applications.get(object.application.0);
            let name = application.map_or("", |application| &application.name.value);
            match placed::document(object, environment, &place(object.asked_by)) {
                Ok(value) => {
                    let folder = [folder, vec![FOLDER.to_owned()]].concat();
                    files.entry((folder, format!("{name}.yaml"))).or_default().push((order(object), value));
                }
                Err(diagnostic) => self.diagnostics.push(diagnostic),
            }
        }
        for ((folder, file), mut documents) in files {
            documents.sort_by(|(one, _), (other, _)| one.cmp(other));
            let documents = documents.into_iter().map(|(_, document)| document).collect();
            self.written.push(Written { folder, file, documents });
        }
    }

    /// All objects, held against each other.
    fn add_together(&mut self, intent: &Intent, objects: &[Object<'_>], folders: &Folders) {
        self.diagnostics.extend(repeated(intent, objects, folders));
        self.diagnostics.extend(room::check(intent, objects, folders));
        let mut hosts = hosts::published(intent, objects);
        self.publish = hosts.iter().map(|host| host.environment).collect();
        hosts.extend(hosts::listed(intent));
        self.diagnostics.extend(hosts::shared(intent, &hosts));
        for host in &hosts {
            self.hosts.entry(host.environment).or_default().insert(host.name.clone());
        }
        self.diagnostics.extend(images::check(intent, objects));
        self.diagnostics.extend(identities::shared(intent, objects));
        let held: Vec<held::Held> = objects.iter().flat_map(held::of_object).collect();
        self.diagnostics.extend(credentials::check(intent, &held, &hosts));
        // What the same file says of two environments, and what a chart says in each, is said once.
        let (mut errors, mut warnings) = (BTreeSet::new(), BTreeSet::new());
        self.diagnostics.retain(|found| match found.severity {
            Severity::Error => errors.insert(found.clone()),
            _ => warnings.insert((found.rule, found.message.clone())),
        });
    }
}

/// The documents of each source that is given, read once.
fn read(sources: &[Source], given: &[Given]) -> BTreeMap<SourceId, Trees> {
    let ids: BTreeSet<SourceId> =
        given.iter().flat_map(|given| &given.files).map(|file| file.source).collect();
    ids.into_iter().filter_map(|id| Some((id, trees(id, sources.get(id.0 as usize)?)))).collect()
}

/// What of the intent says where an application comes from.
fn asked_by(source: &PlacedSource) -> Span {
    match source {
        PlacedSource::Manifests(path) | PlacedSource::Kustomization(path) => path.span,
        PlacedSource::Helm { chart, .. } => chart.span,
        PlacedSource::Workload(workload) => workload.image.span,
    }
}

/// Objects of one kind, namespace and name, of which one would write over the other.
fn repeated(intent: &Intent, objects: &[Object<'_>], folders: &Folders) -> Vec<Diagnostic> {
    let mut known: BTreeMap<(Vec<String>, &str, &str, &str), String> = BTreeMap::new();
    for (folder, manifests) in folders {
        for manifest in manifests {
            let namespace = manifest.namespace.as_deref().unwrap_or_default();
            let by = "the intent itself".to_owned();
            known.insert((folder.clone(), manifest.kind.name(), namespace, &manifest.name), by);
        }
    }
    let mut diagnostics = Vec::new();
    for object in objects {
        let application = intent.applications.get(object.application.0);
        let by = format!("`{}`", application.map_or("", |application| application.name.value.as_str()));
        let key =
            (folder(intent, object.environment), object.kind.name, object.namespace.as_str(), object.name);
        if let Some(other) = known.get(&key) {
            let message = if *other == by {
                format!("{by} gives {} in `{}` twice", object.label(), object.namespace)
            } else {
                format!("{by} gives {} in `{}`, and so does {other}", object.label(), object.namespace)
            };
            diagnostics.push(
                Diagnostic::error(rules::SAME_OBJECT, message)
                    .at(object.name_span, "one would write over the other")
                    .help("give one of them another name, or leave it out")
                    .without((other != &by).then_some(object.tree.span)),
            );
        } else {
            known.insert(key, by);
        }
    }
    diagnostics
}
