//! `watertight compile`: an intent into manifests.

use crate::applications::{Applications, Gathered};
use crate::beside::Beside;
use crate::compiled_folder::{Change, CompiledFolder};
use crate::failure::Failure;
use crate::promised::Promised;
use crate::terminal::Terminal;
use crate::{clock, exit, input};
use std::path::{Path, PathBuf};
use watertight_base::{Diagnostic, Severity, Source, SourceId, Span};
use watertight_compile::Question;
use watertight_ingest::{Ingested, Options};
use watertight_intent::Date;
use watertight_render::{Detail, Inputs, diagnostics_text, note_text};

/// Compile an intent into manifests: the walls between its environments, and
/// what runs in them.
///
/// Kustomizations are rendered by `kubectl kustomize`, and charts by
/// `helm template`: both have to be on `PATH` if the intent names any.
///
/// The same intent gives the same files. Files of an earlier run that are not
/// asked for any more are taken away; files that others wrote stay as they are.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The intent, or `-` for stdin.
    #[arg(short, long, value_name = "FILE", default_value = "watertight.yaml")]
    filename: String,
    /// The folder into which is written: in it one for each cluster, and in that one for each environment.
    #[arg(long, value_name = "DIR")]
    output_dir: PathBuf,
    /// Write nothing, and say what would change. It exits with 1 if anything would.
    #[arg(long)]
    check: bool,
    /// The day that counts as today for exceptions: YEAR-MONTH-DAY. Without it, the day that it is, in UTC.
    #[arg(long, value_name = "DATE", value_parser = date)]
    today: Option<Date>,
}

const AFTER_HELP: &str = "\
Examples:
  # ./watertight.yaml into manifests, and the proof of them
  watertight compile --output-dir deploy/
  watertight prove -f deploy/ --from staging --to production

  # In CI: whether what was committed is what the intent says
  watertight compile --output-dir deploy/ --check

  # Onto a cluster
  kubectl apply --server-side -k deploy/main

Exit codes: 0 written or up to date, 1 --check would change files, 2 the
command failed.";

fn date(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(|| "it is a day such as `2027-01-31`".to_owned())
}

/// Compiles, and writes what changes.
pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> Result<u8, Failure> {
    let Arguments { filename, output_dir, check, today } = arguments;
    let source = Source {
        name: filename.clone(),
        bytes: input::bytes(filename, terminal.stdin, input::BYTES_MAX).map_err(|failure| {
            let is_default = filename == "watertight.yaml" && failure.causes.is_empty();
            if is_default {
                failure.help(
                    "name the intent with `-f`, or write one with `watertight init` or `watertight import`",
                )
            } else {
                failure
            }
        })?,
    };
    let read = watertight_intent::read(SourceId(0), &source, today.unwrap_or_else(clock::today));
    let Some(intent) = read.intent else {
        return Err(refused(&[source], &[], 0, &read.diagnostics, terminal));
    };
    let phase = terminal.begin("reading applications");
    let beside = Beside::read(&intent, folder_of(filename), filename, output_dir);
    let Gathered { sources, given, mut failures, unread } =
        Applications::new(&intent, folder_of(filename), vec![source]).gather();
    terminal.end(phase);
    for Source { name, bytes } in &sources {
        terminal.detail("read", &format!("{} ({} bytes)", input::display_name(name), bytes.len()));
    }
    // What is of a Secret is shown nowhere.
    let options = Options { values: true, ..Options::default() };
    let Ingested { snapshot, hidden, diagnostics: found, .. } = watertight_ingest::read(&sources, &options);
    let beside = beside.unwrap_or_else(|failure| {
        failures.push(failure);
        Beside::default()
    });
    let mut compiled = watertight_compile::compile(Question {
        intent: &intent,
        sources: &sources,
        given: &given,
        beside: &beside.paths,
    });
    if failures.is_empty() {
        compiled.diagnostics.extend(beside.unseen(&intent, &compiled.files));
    }
    let is_error = |found: &Diagnostic| found.severity == Severity::Error;
    if failures.is_empty() && !compiled.diagnostics.iter().any(is_error) {
        let phase = terminal.begin("proving");
        let promised = Promised::of(&intent, &compiled.files, &beside, &snapshot)?;
        terminal.end(phase);
        add_unkept(&mut compiled.diagnostics, promised, terminal);
    }
    add_refused_by_servers(&mut compiled.diagnostics, found, &compiled.left_out);
    compiled.diagnostics.extend(watertight_ingest::unread(&unread));
    for failure in &failures {
        terminal.complain(|style| failure.text(style));
    }
    if !failures.is_empty() || compiled.diagnostics.iter().any(|found| found.severity == Severity::Error) {
        return Err(refused(&sources, &hidden, failures.len(), &compiled.diagnostics, terminal));
    }
    terminal.talk(|style| {
        diagnostics_text(&compiled.diagnostics, &Inputs::new(&sources, &hidden), Detail::All, style)
    });
    let files = compiled.files.into_iter().map(|file| (file.path, file.text)).collect();
    let folder = CompiledFolder::open(output_dir, files)?;
    let changes = folder.changes();
    for (path, change) in changes {
        let word = match change {
            Change::Add => "add",
            Change::Replace => "change",
            Change::Remove => "remove",
        };
        terminal.data(&format!("{word:<7} {}\n", output_dir.join(path).display()))?;
    }
    if changes.is_empty() {
        terminal.data(&format!("nothing changes in {}\n", output_dir.display()))?;
        return Ok(exit::ISOLATED);
    }
    if *check {
        return Ok(exit::BREACHED);
    }
    folder.write()?;
    Ok(exit::ISOLATED)
}

/// Adds what gets through the walls, if that was not said yet.
fn add_unkept(diagnostics: &mut Vec<Diagnostic>, promised: Promised, terminal: &mut Terminal<'_>) {
    for warning in promised.warnings {
        let is_same = |known: &Diagnostic| known.rule == warning.rule && known.message == warning.message;
        if !diagnostics.iter().any(is_same) {
            diagnostics.push(warning);
        }
    }
    if promised.left > 0 {
        let text = format!(
            "{} walls are not proved here: ask `watertight prove` about them, which says what gets through",
            promised.left
        );
        terminal.talk(|style| note_text("note", &text, style));
    }
}

/// The folder of a file, from which the paths in it are; for standard input, the working directory.
fn folder_of(filename: &str) -> &Path {
    if filename == input::STDIN {
        Path::new("")
    } else {
        Path::new(filename).parent().unwrap_or(Path::new(""))
    }
}

/// What is said of an object that is there twice. Two environments may well be made of the same.
const OF_SEVERAL: [&str; 2] = ["ambiguous-object", "duplicate-object"];

/// Adds what an API server would refuse of applications, or would take for something else than it is. What is `left_out` of them
/// comes to no server.
pub(crate) fn add_refused_by_servers(
    diagnostics: &mut Vec<Diagnostic>,
    found: Vec<Diagnostic>,
    left_out: &[Span],
) {
    let place = |diagnostic: &Diagnostic| diagnostic.at.as_ref().map(|(span, _)| *span);
    let is_of_application = |diagnostic: &Diagnostic| {
        let is_within = |span: Span| left_out.iter().any(|out| out.contains(span));
        let comes = place(diagnostic).is_some_and(|span| span.source != SourceId(0) && !is_within(span));
        comes && diagnostic.severity == Severity::Error && !OF_SEVERAL.contains(&diagnostic.rule)
    };
    for diagnostic in found.into_iter().filter(is_of_application) {
        let is_known =
            |known: &Diagnostic| known.rule == diagnostic.rule && place(known) == place(&diagnostic);
        if !diagnostics.iter().any(is_known) {
            diagnostics.push(diagnostic);
        }
    }
    diagnostics.sort_by_key(place);
}

/// Says what is wrong, and how much. So many `failures` were told already.
fn refused(
    sources: &[Source],
    hidden: &[Span],
    failures: usize,
    diagnostics: &[Diagnostic],
    terminal: &mut Terminal<'_>,
) -> Failure {
    let name = sources.first().map(|source| input::display_name(&source.name)).unwrap_or_default();
    let errors = diagnostics.iter().filter(|found| found.severity == Severity::Error).count() + failures;
    terminal
        .complain(|style| diagnostics_text(diagnostics, &Inputs::new(sources, hidden), Detail::All, style));
    let errors = if errors == 1 { "an error".to_owned() } else { format!("{errors} errors") };
    Failure::new(format!("{name} has {errors}, and nothing is compiled"))
}
