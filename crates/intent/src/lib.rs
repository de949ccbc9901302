//! `watertight.yaml` into an Intent, with spans, and the JSON Schema of it.
//!
//! `shape` and `schema` say as data what an intent may look like. `check` holds a document against that, `read` makes the
//! types of `intent` of it, and `resolve` says what cannot be, although each part by itself could.

mod check;
mod fields;
mod findings;
mod formats;
mod intent;
mod json_schema;
mod names;
mod read;
mod resolve;
mod rules;
mod schema;
mod shape;

pub use formats::Format;
pub use formats::date::Date;
pub use intent::{
    Access, Application, ApplicationId, Boundary, Cluster, ClusterId, CronJob, Dns, Egress, Endpoint, Engine,
    EnvVar, Environment, EnvironmentId, Exception, ExceptionAllows, IngressController, IngressProgram,
    Inside, Intent, Isolation, Job, KubernetesVersion, LeftOut, Limits, Party, PlacedSource, Placement,
    PodSecurity, Port, Preemption, Priority, Probe, Probes, Promise, Protocol, Quota, Requirements,
    Resources, Role, Route, RoutesOf, Scaling, SecretVar, ServiceAccountRef, Spanned, Store, StoreId,
    Subject, Workload,
};
pub use json_schema::schema;
pub use rules::RULES;
pub use schema::OBJECT_COUNTS;

/// The names of the CNI profiles that an intent may name.
#[must_use]
pub fn cni_profiles() -> &'static [&'static str] {
    &formats::PROFILES
}

use findings::Findings;
use shape::Shape;
use watertight_base::{Diagnostic, Source, SourceId, words};
use watertight_ingest::{Tree, Trees, trees};

/// What was read of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The intent, if nothing is wrong with it.
    pub intent: Option<Intent>,
    /// Everything that is wrong with it, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
}

/// The shape of the whole document.
const DOCUMENT: Shape = Shape::Object(&schema::FLEET);

/// Reads an intent, as it holds today.
#[must_use]
pub fn read(id: SourceId, source: &Source, today: Date) -> Read {
    let Trees { documents, diagnostics } = trees(id, source);
    let mut findings = Findings::default();
    let could_be_read = diagnostics.is_empty();
    findings.extend(diagnostics);
    let document = match documents.as_slice() {
        [] if could_be_read => {
            let whole = watertight_base::Span::new(id, 0, 0);
            let message = format!("`{}` is empty", source.name);
            findings.error(rules::NOT_AN_INTENT, message, whole, "nothing here", HELP);
            None
        }
        [] => None,
        [document, rest @ ..] => {
            for second in rest {
                let message = format!("`{}` holds more than one document", source.name);
                let help = "keep one document: an intent is a whole";
                findings.error(rules::NOT_AN_INTENT, message, second.span, "one too many", help);
            }
            is_intent(document, source, &mut findings).then_some(document)
        }
    };
    let intent = document.map(|document| {
        check::check(document, &DOCUMENT, &mut findings);
        let intent = read::fleet(fields::Fields::new(document, &schema::FLEET), today, &mut findings);
        resolve::resolve(&intent, &mut findings);
        intent
    });
    let intent = intent.filter(|_| findings.is_empty());
    Read { intent, diagnostics: findings.into_diagnostics() }
}

/// How an intent begins.
const HELP: &str = "an intent begins with `apiVersion: watertight.dev/v1alpha1` and `kind: Fleet`";

/// Whether a document means to be an intent: one of another kind has no more to be said about it.
fn is_intent(document: &Tree, source: &Source, findings: &mut Findings) -> bool {
    let text = |key: &str| document.get(key).and_then(Tree::text);
    let of_ours = text("apiVersion").is_some_and(|version| version.starts_with("watertight.dev/"));
    let is_fleet = text("kind").is_some_and(|kind| words::is_folded_alike(kind, schema::KIND));
    if of_ours || is_fleet {
        return true;
    }
    let message = format!("`{}` is no intent", source.name);
    findings.error(rules::NOT_AN_INTENT, message, document.span, "something else", HELP);
    false
}

#[cfg(test)]
mod tests;
