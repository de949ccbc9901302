//! `watertight init`: manifests that are there into an intent.

use crate::failure::Failure;
use crate::intent_file::{IntentFile, name};
use crate::kustomizations::Kustomizations;
use crate::options::pair;
use crate::refusals::refusals;
use crate::terminal::Terminal;
use crate::{clock, exit, input, overlays};
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{Diagnostic, Severity, Source, Span};
use watertight_import::{Found, Overlay, Written, init, label};
use watertight_ingest::Options;
use watertight_model::{EnvironmentReport, NamespaceChoice};
use watertight_render::{Detail, Inputs, diagnostics_text};

/// Write an intent from the manifests of environments that are there.
///
/// The intent, compiled, fits what is there: each object comes from an
/// application, or stderr says what the wall makes of it. What `compile`
/// refuses of manifests, applications leave out by `without`. Namespaces belong
/// to an environment by the usual names and labels, unless --env says which;
/// manifests that name none come to `staging` and to `production`. Overlays are
/// rendered by `kubectl kustomize`, as `compile` does it.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Manifests: a file, a folder with all that is below it, a glob, or `-` for stdin. It may be given several times.
    #[arg(short, long, value_name = "PATH", required = true)]
    filename: Vec<String>,
    /// What an environment is: namespaces by name, glob or label. If any is given, there are no others.
    #[arg(long, value_name = "NAME=SELECTOR", value_parser = environment)]
    env: Vec<(String, String)>,
    #[command(flatten)]
    output: IntentFile,
}

const AFTER_HELP: &str = "\
Examples:
  # What an intent of these manifests is, and what changes by it
  watertight init -f k8s/

  # Into a file, which is compiled and proved
  watertight init -f k8s/ --output-file watertight.yaml
  watertight compile --output-dir deploy/
  watertight prove -f deploy/ --from staging --to production

  # Environments that do not follow the usual names
  watertight init -f k8s/ --env 'staging=qa-*' --env production=shop

Exit codes: 0 an intent was written, 2 the command failed.";

fn environment(text: &str) -> Result<(String, String), String> {
    let (environment, selector) = pair(text)?;
    Ok((name(&environment).map_err(|why| format!("`{environment}` {why}"))?, selector))
}

/// Reads the manifests, and writes the intent.
pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> Result<u8, Failure> {
    let Arguments { filename, env, output } = arguments;
    output.check()?;
    let (read, rest) = input::read_with_rest(filename, terminal.stdin, input::BYTES_MAX)?;
    output.check_reach(&read)?;
    // The intent is the first source, as it is for `compile`.
    let mut sources = vec![Source { name: output.name_of_file(), bytes: Vec::new() }];
    sources.extend(read);
    // What is of a Secret is shown nowhere.
    let options = Options { values: true, ..Options::default() };
    let mut ingested = watertight_ingest::read(&sources, &options);
    let rendered = overlays::rendered(&sources, &ingested.snapshot.blind_spots, env);
    let (mut overlays, mut skipped, mut skipped_sources) = (BTreeMap::new(), Vec::new(), Vec::new());
    if let Some(rendered) = rendered.map_err(|failures| in_one(failures, terminal))? {
        ingested = rendered.ingest(&options);
        (sources, overlays) = (rendered.sources, rendered.overlays);
        (skipped, skipped_sources) = (rendered.skipped, rendered.skipped_sources);
    }
    if ingested.snapshot.kinds.is_empty() {
        let names: Vec<String> = filename.iter().map(|name| input::display_name(name)).collect();
        return Err(Failure::new(format!("no Kubernetes object was read from {}", names.join(", ")))
            .help("give manifests with `apiVersion` and `kind`; of `.qovery.yml` and `score.yaml`, `import` writes an intent"));
    }
    let is_told = overlays.values().any(|overlay| overlay.namespace.is_some());
    let is_for_all = env.is_empty() && !is_told && watertight_import::names_no_namespace(&sources);
    if let (true, Some((one, other))) = (is_for_all, of_one_application(&overlays)) {
        return Err(Failure::new(format!(
            "`{one}` and `{other}` are overlays of one application, and nothing tells of which environments"
        ))
        .help("write `namespace` in their kustomizations, or say `--env ENVIRONMENT=FOLDER`, if the namespaces are called as the folders"));
    }
    let environments = if is_for_all {
        ENVIRONMENTS.map(of_all).to_vec()
    } else {
        watertight_prove::all_environments(&ingested.snapshot, env).inspect_err(|_| {
            // A kustomization, say, may be why.
            let inputs = Inputs::new(&sources, &ingested.hidden);
            terminal.talk(|style| diagnostics_text(&ingested.diagnostics, &inputs, Detail::Summary, style));
        })?
    };
    for environment in &environments {
        for NamespaceChoice { name, why } in &environment.namespaces {
            terminal.detail("environment", &format!("`{}` has `{name}`, since it {why}", environment.name));
        }
    }
    let name = output.name.clone().unwrap_or_else(|| fleet(filename));
    let path = |file: &str| output.path_to(file);
    let all: Vec<Source> = sources.iter().cloned().chain(skipped_sources).collect();
    let listing = Kustomizations::among(&sources);
    let is_whole = |folder: &str| input::holds_no_more(folder, &all) && listing.leaves_out_none(folder);
    let found = Found {
        sources: &sources,
        snapshot: &ingested.snapshot,
        hidden: &ingested.hidden,
        environments: &environments,
        is_for_all,
        rendered: &overlays,
        skipped: &skipped,
        left_out: &[],
        name: &name,
        path: &path,
        is_whole: &is_whole,
    };
    let Fitted { sources, mut written, mended, refused } = Fitted::new(&found, &ingested.diagnostics);
    let refusals = refused.len();
    let warning = |lead: &str, found: Diagnostic| Diagnostic {
        severity: Severity::Warning,
        message: format!("{lead}: {}", found.message),
        ..found
    };
    written.diagnostics.extend(mended.into_iter().map(|found| warning("`without` leaves this out", found)));
    written.diagnostics.extend(refused.into_iter().map(|found| warning("`compile` refuses this", found)));
    // No application can be made of templates either.
    written.diagnostics.extend(watertight_ingest::unread(&rest.names(true)));
    written.diagnostics.sort_by_key(|found| found.at.as_ref().map(|(span, _)| *span));
    output.write(&written, &sources, refusals, terminal)?;
    Ok(exit::ISOLATED)
}

/// Two overlays that go back to the same.
fn of_one_application(overlays: &BTreeMap<usize, Overlay>) -> Option<(&str, &str)> {
    let mut known: BTreeMap<&BTreeSet<String>, &str> = BTreeMap::new();
    overlays.values().filter(|overlay| !overlay.bases.is_empty()).find_map(|overlay| {
        let other = known.insert(&overlay.bases, &overlay.folder)?;
        Some((other, overlay.folder.as_str()))
    })
}

/// Of several failures, all are told, and one stands for them.
fn in_one(mut failures: Vec<Failure>, terminal: &mut Terminal<'_>) -> Failure {
    let count = failures.len();
    match failures.pop() {
        Some(only) if count == 1 => only,
        last => {
            failures.extend(last);
            for failure in &failures {
                terminal.complain(|style| failure.text(style));
            }
            Failure::new(format!("{count} kustomizations cannot be rendered, and no intent is written"))
        }
    }
}

/// An intent that leaves out what `compile` refuses.
struct Fitted {
    /// The intent, and behind it the manifests.
    sources: Vec<Source>,
    written: Written,
    /// What was refused before it was left out.
    mended: Vec<Diagnostic>,
    /// What is refused all the same.
    refused: Vec<Diagnostic>,
}

impl Fitted {
    /// Leaves out more and more, until nothing is refused that could be left out. `said` is what was found where the manifests
    /// were read.
    fn new(found: &Found<'_>, said: &[Diagnostic]) -> Self {
        let (mut left_out, mut mended) = (Vec::<Span>::new(), Vec::new());
        let mut sources = found.sources.to_vec();
        loop {
            let written = init(&Found { left_out: &left_out, ..*found });
            if let (Some(intent), Some(text)) = (sources.first_mut(), &written.text) {
                intent.bytes = text.as_bytes().to_vec();
            }
            let refused = refusals((&sources, found.rendered), said, clock::today(), found.path);
            let is_new = |found: &Diagnostic| found.without.iter().any(|part| !left_out.contains(part));
            let (new, refused): (Vec<_>, Vec<_>) = refused.into_iter().partition(is_new);
            if new.is_empty() {
                mended.retain(|found| !refused.contains(found));
                return Self { sources, written, mended, refused };
            }
            left_out.extend(new.iter().flat_map(|found| &found.without));
            mended.extend(new);
        }
    }
}

/// The environments of manifests that name none.
const ENVIRONMENTS: [&str; 2] = ["staging", "production"];

/// An environment that has all objects: where they name no namespace, they are read as objects of `default`.
fn of_all(name: &str) -> EnvironmentReport {
    let why = "is that of objects that name none".to_owned();
    let namespaces = vec![NamespaceChoice { name: "default".to_owned(), why }];
    EnvironmentReport { name: name.to_owned(), namespaces, principals: Vec::new() }
}

/// What the fleet is called where nobody says it: as the first folder is.
fn fleet(filenames: &[String]) -> String {
    let folder = input::working_directory();
    let named = filenames.iter().filter(|filename| filename.as_str() != input::STDIN);
    let names = named.map(String::as_str).chain([folder.as_str()]);
    let last = |path: &str| {
        let last = path.trim_end_matches('/').rsplit('/').next()?;
        let stem = last.split('.').next()?;
        label(stem)
    };
    names.into_iter().find_map(last).unwrap_or_else(|| "fleet".to_owned())
}
