//! `watertight rules`: every rule in one line.

use crate::exit;
use crate::failure::Failure;
use crate::options::Output;
use crate::rules::groups;
use crate::terminal::Terminal;
use watertight_render::{rules_json, rules_text};

/// List all rules, each with what it is about, by what finds them.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The form of the answer.
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "text")]
    output: Output,
}

const AFTER_HELP: &str = "\
Examples:
  watertight rules
  watertight rules -o json
  watertight explain split-peer";

/// Prints the list.
pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> Result<u8, Failure> {
    let groups = groups();
    let text = match arguments.output {
        Output::Text => rules_text(&groups, terminal.style()),
        Output::Json => rules_json(&groups, env!("CARGO_PKG_VERSION"))?,
    };
    terminal.data(&text)?;
    Ok(exit::ISOLATED)
}
