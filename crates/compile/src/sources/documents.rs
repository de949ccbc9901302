//! Documents into the objects of an application in an environment: whether each may come from it, and into which namespace it
//! is put.

use super::kinds::{self, Refusal};
use super::object::Object;
use super::{Given, GivenFile};
use crate::rules;
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{Diagnostic, Severity, Span};
use watertight_ingest::{Content, Tree};
use watertight_intent::{ApplicationId, Environment, Placement};

/// The annotation by which Helm knows what a chart runs at certain times.
///
/// Source: <https://helm.sh/docs/topics/charts_hooks/>.
const HOOK: &str = "helm.sh/hook";

/// Where objects of an application are put.
#[derive(Clone, Copy)]
pub(crate) struct Target<'q> {
    pub(crate) given: &'q Given,
    pub(crate) placement: &'q Placement,
    pub(crate) environment: &'q Environment,
    /// What of the intent asks for them.
    pub(crate) asked_by: Span,
}

/// What was found in the documents of an application.
#[derive(Default)]
pub(crate) struct Found<'q> {
    pub(crate) objects: Vec<Object<'q>>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// How often something was said of an object that many have in common.
    told: usize,
    /// What many objects of an application have in common: what is said of the first, and where they are.
    repeated: BTreeMap<(ApplicationId, Common<'q>), (Diagnostic, BTreeSet<Span>)>,
}

/// A rule, and what objects have in common of which it says one thing.
type Common<'q> = (&'static str, &'q str, &'q str);

impl<'q> Found<'q> {
    /// Adds what is in a document.
    pub(crate) fn document(&mut self, tree: &'q Tree, file: &'q GivenFile, target: Target<'q>) {
        let text = |key: &str| tree.get(key).and_then(Tree::text).filter(|text| !text.is_empty());
        let (Some(api_version), Some(kind)) = (text("apiVersion"), text("kind")) else {
            let what = if matches!(tree.content, Content::Mapping(_)) {
                "has no `apiVersion` or no `kind`"
            } else {
                "is not one"
            };
            self.no_object(
                tree,
                &format!("a document among manifests {what}"),
                "write an object of Kubernetes, or take it away",
            );
            return;
        };
        // A list of several kinds is none of the API: kubectl takes it apart as well.
        if kind.ends_with("List") && tree.get("items").is_some() {
            for item in tree.get("items").map(Tree::elements).unwrap_or_default() {
                self.document(item, file, target);
            }
            return;
        }
        if api_version.starts_with("kustomize.config.k8s.io/") {
            let help = "name its folder by `kustomization`, or name the manifests without it";
            self.no_object(
                tree,
                &format!("a {kind} stands among manifests, and nobody would apply it"),
                help,
            );
            return;
        }
        let name = tree.get("metadata").and_then(|metadata| metadata.get("name"));
        let Some((name, name_span)) =
            name.and_then(|name| Some((name.text().filter(|text| !text.is_empty())?, name.span)))
        else {
            let help = "give it a `name` in its metadata: what is compiled is the same each time";
            self.no_object(tree, &format!("an object of the kind {kind} has no name"), help);
            return;
        };
        if api_version == "v1" && kind == "Namespace" {
            self.namespace(tree, name, name_span, target.environment);
            return;
        }
        let kind_span = tree.get("kind").map_or(tree.span, |kind| kind.span);
        let kind = match kinds::find(api_version, kind) {
            Ok(kind) => kind,
            Err(refusal) => {
                let (message, help) = match refusal {
                    Refusal::Version(version) => (
                        format!(
                            "{kind} `{name}` has the version `{api_version}`, in which its fields mean something else, or nothing"
                        ),
                        format!("write `apiVersion: {version}`"),
                    ),
                    Refusal::Kind(help) => (
                        format!("{kind} `{name}` is of a kind that does not come from an application"),
                        help.to_owned(),
                    ),
                };
                let diagnostic = Diagnostic::error(rules::REFUSED_KIND, message)
                    .at(kind_span, "refused")
                    .help(help)
                    .without([tree.span]);
                self.many(target, (rules::REFUSED_KIND, kind, api_version), diagnostic);
                return;
            }
        };
        let Given { application, environment, .. } = target.given;
        let mut object = Object {
            application: *application,
            environment: *environment,
            tree,
            kind,
            name,
            name_span,
            namespace: target.placement.namespace.value.clone(),
            asked_by: target.asked_by,
            from: &file.from,
        };
        if is_test(&object) {
            let message = format!("{} is a test of its chart, and is left out", object.label());
            self.diagnostics.push(left_out(message, &object));
            return;
        }
        if let Some(written) = object.at(&["metadata", "namespace"])
            && written.content != Content::Null
        {
            let names = target.environment.namespaces.iter();
            let own = names.map(|own| own.value.as_str()).find(|own| written.text() == Some(own));
            if own.is_none() {
                let name = written.text().unwrap_or_default();
                let diagnostic = foreign(&object, written, target.environment);
                self.many(
                    target,
                    (rules::FOREIGN_NAMESPACE, name, &target.environment.name.value),
                    diagnostic,
                );
            }
            // What else is wrong with it is said too.
            object.namespace = own.or(written.text()).unwrap_or_default().to_owned();
        }
        for field in ["labels", "annotations"] {
            let map = object.at(&["metadata", field]);
            if let Some(map) = map.filter(|map| !matches!(map.content, Content::Mapping(_) | Content::Null)) {
                let message = format!("`{field}` of {} is {}", object.label(), map.type_name());
                self.no_object(map, &message, "write keys with texts as their values");
                return;
            }
        }
        self.objects.push(object);
    }

    /// Keeps what is said of many objects, to say it once.
    fn many(&mut self, target: Target<'q>, common: Common<'q>, diagnostic: Diagnostic) {
        self.told += 1;
        let span = diagnostic.at.as_ref().map(|(span, _)| *span);
        let without = diagnostic.without.clone();
        let first = || (diagnostic.without([]), BTreeSet::new());
        let known = self.repeated.entry((target.given.application, common)).or_insert_with(first);
        known.0.without.extend(without);
        known.1.extend(span);
    }

    /// What was found: the objects, and what is wrong with others.
    pub(crate) fn finish(mut self) -> (Vec<Object<'q>>, Vec<Diagnostic>) {
        for (mut diagnostic, spans) in self.repeated.into_values() {
            match spans.len() {
                0 | 1 => {}
                2 => diagnostic.message += " (and another)",
                several => diagnostic.message += &format!(" (and {} others)", several - 1),
            }
            self.diagnostics.push(diagnostic);
        }
        (self.objects, self.diagnostics)
    }

    /// How much was found so far: objects, and what is wrong.
    pub(crate) fn extent(&self) -> (usize, usize, usize) {
        (self.objects.len(), self.diagnostics.len(), self.told)
    }

    fn no_object(&mut self, tree: &Tree, message: &str, help: &str) {
        // What stands there may be anything: a Secret without its kind, say.
        let span = tree.members().first().map_or(tree.span, |member| member.key_span);
        let diagnostic = Diagnostic::error(rules::NOT_AN_OBJECT, message);
        self.diagnostics.push(diagnostic.at(span, "here").help(help));
    }

    /// A Namespace: those of the environment are compiled from the intent.
    fn namespace(&mut self, tree: &Tree, name: &str, span: Span, environment: &Environment) {
        let is_own = environment.namespaces.iter().any(|own| own.value == name);
        let of = &environment.name.value;
        self.diagnostics.push(if is_own {
            let message =
                format!("Namespace `{name}` is left out: the intent makes it, with its Pod Security level");
            let diagnostic = Diagnostic::warning(rules::LEFT_OUT, message).at(span, "left out");
            diagnostic.help("take it away, so that its labels are said in one place")
        } else {
            Diagnostic::error(
                rules::FOREIGN_NAMESPACE,
                format!("Namespace `{name}` is none of the environment `{of}`"),
            )
            .at(span, format!("not in `{of}`"))
            .help(format!("list it in `namespaces` of `{of}`, or take it away"))
            .without([tree.span])
        });
    }
}

/// Whether a chart runs it only to test a release.
fn is_test(object: &Object<'_>) -> bool {
    let hooks = object.annotation(HOOK).and_then(Tree::text).unwrap_or_default();
    let mut hooks = hooks.split(',').map(str::trim).filter(|hook| !hook.is_empty()).peekable();
    hooks.peek().is_some() && hooks.all(|hook| ["test", "test-success", "test-failure"].contains(&hook))
}

fn left_out(message: String, object: &Object<'_>) -> Diagnostic {
    let diagnostic = Diagnostic::warning(rules::LEFT_OUT, message).at(object.name_span, "left out");
    Diagnostic { severity: Severity::Info, ..diagnostic }
}

fn foreign(object: &Object<'_>, written: &Tree, environment: &Environment) -> Diagnostic {
    let of = &environment.name.value;
    let name = written.text().unwrap_or_default();
    let message =
        format!("{} names the namespace `{name}`, which is none of the environment `{of}`", object.label());
    Diagnostic::error(rules::FOREIGN_NAMESPACE, message)
        .at(written.span, format!("not in `{of}`"))
        .help(format!("leave `namespace` out, so that it is put into `{}`", object.namespace))
        .without([object.tree.span])
}
