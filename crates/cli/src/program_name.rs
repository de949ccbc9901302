//! By which name the program was started: `watertight`, or as a plugin of kubectl.

use clap::Command;
use std::ffi::OsStr;
use std::path::Path;

/// The name under which kubectl finds the program: `kubectl watertight` runs the first one on the path.
const PLUGIN: &str = "kubectl-watertight";
/// What people type then.
const TYPED: &str = "kubectl watertight";

/// The command line as people type it who started `program`: usage and examples say it their way.
pub(crate) fn as_started(command: Command, program: Option<&OsStr>) -> Command {
    // The stem, since the name ends in `.exe` on Windows.
    let name = program.and_then(|program| Path::new(program).file_stem());
    if name == Some(OsStr::new(PLUGIN)) { with_examples(command).bin_name(TYPED) } else { command }
}

fn with_examples(command: Command) -> Command {
    let examples =
        command.get_after_help().map(|text| text.to_string().replace("watertight ", "kubectl watertight "));
    let command = command.mut_subcommands(with_examples);
    match examples {
        Some(examples) => command.after_help(examples),
        None => command,
    }
}
