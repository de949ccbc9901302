//! `watertight who-can`: everybody who may do something.

use super::Read;
use crate::access::{Question, Server, Where, warn};
use crate::exit;
use crate::failure::Failure;
use crate::options::{AccessOptions, Output, OutputFormat as _, Reading};
use crate::terminal::Terminal;
use watertight_model::WhoCan;
use watertight_render::{AccessQuestion, Inputs, who_can_json, who_can_text};

/// List everybody who may do something, as the API server decides it by RBAC, and through which binding.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP, mut_arg("filename", |filename| filename.num_args(1)))]
pub(crate) struct Arguments {
    /// What they may do: `get`, `list`, `create`… or `*`.
    verb: String,
    /// To what: `pods`, `deploy`, `deployments.apps/web`, `*`, or a path such as `/metrics`. What is behind the slash is
    /// the name of an object.
    #[arg(value_name = "RESOURCE[.GROUP][/NAME]")]
    resource: String,
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    access: AccessOptions,
}

const AFTER_HELP: &str = "\
Examples:
  # Who can read the Secrets of production?
  watertight who-can get secrets -n production -f k8s/

  # Who can run commands in pods anywhere?
  watertight who-can create pods --subresource exec -f k8s/

  # Who can read one Secret, as JSON?
  watertight who-can get secrets/db -n production -f k8s/ -o json

Exit codes: 0 somebody can, 1 nobody can, 2 the command failed, 3 there may be
more, since something was not seen or not understood.";

/// Prints everybody who may.
pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> Result<u8, Failure> {
    let Arguments { verb, resource, place, reading, access: options } = arguments;
    let read = Read::for_access(reading, options, terminal)?;
    let snapshot = &read.ingested.snapshot;
    let Server { access, resources, version, mut warnings } = Server::new(snapshot, options);
    let question = Question::new(verb, resource, place, None, &resources, snapshot)?;
    warnings.extend_from_slice(&question.warnings);
    if reading.output.leaves_out_the_input() {
        warn(&warnings, terminal);
    }
    let who = access.who_can(&question.asked, question.scope());
    let inputs = Inputs::new(&read.sources, &read.ingested.hidden);
    let question = AccessQuestion {
        asked: &question.asked,
        place: question.place,
        kubernetes_version: &version,
        warnings: &warnings,
    };
    let text = match reading.output {
        Output::Text => {
            let (colour, links) = (terminal.abilities.stdout_colour, terminal.abilities.stdout_links);
            read.linked(who_can_text(&question, &who, &inputs, options.detail(), colour), links)
        }
        Output::Json => {
            let digest = read.digest_for(Output::Json);
            who_can_json(&question, &who, read.provenance(&inputs, &digest))?
        }
    };
    terminal.data(&text)?;
    Ok(code(&who))
}

/// A list that may lack somebody is not known, whoever is in it.
fn code(who: &WhoCan) -> u8 {
    match (who.is_complete, who.holders.is_empty()) {
        (false, _) => exit::UNKNOWN,
        (true, false) => exit::ISOLATED,
        (true, true) => exit::BREACHED,
    }
}
