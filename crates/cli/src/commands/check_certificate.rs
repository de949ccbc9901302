//! `watertight check-certificate`: whether a certificate proves what it says of an input.

use super::{Read, add_other_forms};
use crate::exit;
use crate::failure::Failure;
use crate::options::{Output, Reading};
use crate::terminal::Terminal;
use crate::{digest, fleet, input};
use watertight_check::{Proved, Refusal, Rejection, boundary, check};
use watertight_render::{Checked, checked_json, checked_text};

/// Accept or reject a certificate that `prove --certificate` wrote, without
/// the engine that wrote it.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The certificate, or `-` for stdin.
    #[arg(value_name = "FILE")]
    certificate: String,
    #[command(flatten)]
    reading: Reading,
}

const AFTER_HELP: &str = "\
Examples:
  # Written where the manifests are proved, and checked where they are deployed
  watertight prove -f k8s/ --from staging --to production \\
    --certificate proof.json
  watertight check-certificate proof.json -f k8s/

  # For another program
  watertight check-certificate proof.json -f k8s/ -o json

Exit codes: 0 accepted, 1 rejected, 2 the command failed, or it is no
certificate.";

/// Reads both, and prints what the checker says.
pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> Result<u8, Failure> {
    let Arguments { certificate, reading } = arguments;
    if certificate == input::STDIN && reading.filename.iter().any(|name| name == input::STDIN) {
        return Err(Failure::new("the certificate and the manifests are both to come from standard input")
            .help("give one of them as a file"));
    }
    let name = input::display_name(certificate);
    let bytes = input::bytes(certificate, terminal.stdin, input::BYTES_MAX)?;
    let phase = terminal.begin("reading");
    let (mut sources, rest) = input::read_with_rest(&reading.filename, terminal.stdin, input::BYTES_MAX)?;
    add_other_forms(&rest, &mut sources)?;
    // Who belongs to the environments stands in the certificate.
    if let Some((from, to)) = boundary(&bytes) {
        fleet::of_boundary(&mut sources, &from, &to)?;
    }
    terminal.end(phase);
    let digest = digest::input_digest(&sources);
    let phase = terminal.begin("checking");
    let outcome = check(&bytes, &sources, &digest);
    terminal.end(phase);
    let (answer, code) = match &outcome {
        Ok(proved) => (accepted(proved), exit::ISOLATED),
        Err(Refusal::Rejected(Rejection { place, reason })) => {
            (Checked::rejected(place, reason), exit::BREACHED)
        }
        Err(Refusal::Unreadable(why)) => {
            return Err(Failure::new(format!("{name} cannot be checked: {why}"))
                .help("give a file that `watertight prove --certificate` wrote"));
        }
    };
    let text = match reading.output {
        Output::Text => checked_text(&answer, terminal.style()),
        Output::Json => checked_json(&answer, Read::VERSION, &digest)?,
    };
    terminal.data(&text)?;
    Ok(code)
}

fn accepted(proved: &Proved) -> Checked<'_> {
    Checked {
        rejection: None,
        from: (&proved.from.0, &proved.from.1),
        to: (&proved.to.0, &proved.to.1),
        channels: &proved.channels,
        profile: &proved.profile,
        facts: proved.facts,
        assumptions: &proved.assumptions,
    }
}
