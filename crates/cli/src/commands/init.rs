//! `watertight init`: manifests that are there into an intent.

use crate::failure::Failure;
use crate::intent_file::{IntentFile, name};
use crate::options::pair;
use crate::refusals::{self, Tried};
use crate::terminal::Terminal;
use crate::{clock, exit, input};
use watertight_import::{Found, init, label};
use watertight_ingest::Options;
use watertight_model::NamespaceChoice;
use watertight_render::{Detail, Inputs, diagnostics_text};

/// Write an intent from the manifests of environments that are there.
///
/// The intent, compiled, fits what is there: each object comes from an
/// application, or stderr says what the wall makes of it, and what of it
/// `compile` refuses. Namespaces belong to an environment by the usual names
/// and labels, unless --env says which.
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
    let sources = input::read(filename, terminal.stdin, input::BYTES_MAX)?;
    output.check_reach(&sources)?;
    // What is of a Secret is shown nowhere.
    let ingested = watertight_ingest::read(&sources, &Options { values: true, ..Options::default() });
    if ingested.snapshot.kinds.is_empty() {
        let names: Vec<String> = filename.iter().map(|name| input::display_name(name)).collect();
        return Err(Failure::new(format!("no Kubernetes object was read from {}", names.join(", ")))
            .help("give manifests with `apiVersion` and `kind`; of `.qovery.yml` and `score.yaml`, `import` writes an intent"));
    }
    let environments = watertight_prove::all_environments(&ingested.snapshot, env).inspect_err(|_| {
        // A kustomization, say, may be why.
        let inputs = Inputs::new(&sources, &ingested.hidden);
        terminal.talk(|style| diagnostics_text(&ingested.diagnostics, &inputs, Detail::Summary, style));
    })?;
    for environment in &environments {
        for NamespaceChoice { name, why } in &environment.namespaces {
            terminal.detail("environment", &format!("`{}` has `{name}`, since it {why}", environment.name));
        }
    }
    let path = |file: &str| output.path_to(file);
    let written = init(&Found {
        sources: &sources,
        snapshot: &ingested.snapshot,
        hidden: &ingested.hidden,
        environments: &environments,
        name: &output.name.clone().unwrap_or_else(|| fleet(filename)),
        path: &path,
        is_whole: &|folder| input::holds_no_more(folder, &sources),
    });
    let intent = (output.name_of_file(), clock::today());
    let Tried { sources, written, refusals } =
        refusals::tried(written, sources, ingested.diagnostics, intent, &path);
    output.write(&written, &sources, refusals, terminal)?;
    Ok(exit::ISOLATED)
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
