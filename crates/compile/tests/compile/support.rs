//! What the tests of the compiler share.

use watertight_base::{Source, SourceId};
use watertight_compile::{Compiled, Given, GivenFile, Question, compile};
use watertight_intent::{ApplicationId, Date, Intent, PlacedSource, read};

pub(crate) const MINIMAL: &str = include_str!("../../../../examples/intent-minimal/watertight.yaml");
pub(crate) const FULL: &str = include_str!("../../../../examples/intent-full/watertight.yaml");

/// What an intent in which nothing is wrong compiles to. Of its applications, only those in their short form.
pub(crate) fn compiled(text: &str) -> Compiled {
    compiled_with(text, &[])
}

/// What an intent compiles to whose applications are made of these files, each by its path and its text.
pub(crate) fn compiled_with(text: &str, files: &[(String, String)]) -> Compiled {
    let source = |name: &str, text: &str| Source { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
    let mut sources = vec![source("fleet/watertight.yaml", text)];
    sources.extend(files.iter().map(|(path, text)| source(&format!("fleet/{path}"), text)));
    let today = Date::new(2026, 11, 20).unwrap();
    let read = read(SourceId(0), &sources[0], today);
    let intent = read.intent.unwrap_or_else(|| panic!("{:#?}\n{text}", read.diagnostics));
    let given = given(&intent, files);
    compile(Question { intent: &intent, sources: &sources, given: &given, beside: &[] })
}

/// The files of each application, by the paths that the intent names. What a program would make of a kustomization or a chart
/// stands here under the path of that.
fn given(intent: &Intent, files: &[(String, String)]) -> Vec<Given> {
    let mut given = Vec::new();
    for (index, application) in intent.applications.iter().enumerate() {
        for placement in &application.placements {
            let path = match &placement.source {
                PlacedSource::Manifests(path) | PlacedSource::Kustomization(path) => path,
                PlacedSource::Helm { chart, .. } => chart,
                PlacedSource::Workload(_) => continue,
            };
            let is_below = |file: &str| {
                let path = path.value.trim_end_matches('/');
                file == path || file.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
            };
            let numbered = (1..).zip(files).filter(|(_, (file, _))| is_below(file));
            let files =
                numbered.map(|(id, (file, _))| GivenFile { source: SourceId(id), from: file.clone() });
            let files: Vec<GivenFile> = files.collect();
            if !files.is_empty() {
                let (application, environment) = (ApplicationId(index), placement.environment);
                given.push(Given { application, environment, files });
            }
        }
    }
    given
}
