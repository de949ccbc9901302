//! By which name the program was started: `watertight`, or as a plugin of kubectl.

use clap::Command;
use std::ffi::OsStr;
use std::path::Path;

/// The name under which kubectl finds the program: `kubectl watertight` runs the first one on the path.
const PLUGIN: &str = "kubectl-watertight";
/// What people type then.
const AS_PLUGIN: &str = "kubectl watertight";
/// What they type else.
pub(crate) const ALONE: &str = "watertight";

/// What people type who started `program`.
pub(crate) fn typed(program: Option<&OsStr>) -> &'static str {
    // The stem, since the name ends in `.exe` on Windows.
    let name = program.and_then(|program| Path::new(program).file_stem());
    if name == Some(OsStr::new(PLUGIN)) { AS_PLUGIN } else { ALONE }
}

/// The command line, whose usage and examples say what people type.
pub(crate) fn in_words(command: Command, typed: &'static str) -> Command {
    if typed == ALONE { command } else { with_examples(command, typed).bin_name(typed) }
}

fn with_examples(command: Command, typed: &str) -> Command {
    let examples =
        command.get_after_help().map(|text| text.to_string().replace("watertight ", &format!("{typed} ")));
    let command = command.mut_subcommands(|command| with_examples(command, typed));
    match examples {
        Some(examples) => command.after_help(examples),
        None => command,
    }
}
