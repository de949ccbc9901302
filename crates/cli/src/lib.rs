//! The command line: arguments in, text and an exit code out. `main` only lends it the standard streams, so that tests
//! can run it in memory.
//!
//! Data goes to stdout and talk to stderr. A reader that closes the pipe early is no failure.

mod access;
mod applications;
mod arguments;
mod beside;
mod capabilities;
mod clock;
mod commands;
mod compiled_folder;
mod complaints;
mod digest;
mod ends;
pub mod exit;
mod failure;
mod fleet;
mod input;
mod intent_file;
mod kustomizations;
mod lines;
mod options;
mod output_files;
mod overlays;
mod paths;
mod phase;
mod program_name;
mod promised;
mod refusals;
mod rendering;
mod rules;
mod semantics;
mod terminal;

pub use terminal::{Abilities, Terminal, Volume};

use arguments::{Arguments, Command};
use clap::{CommandFactory as _, FromArgMatches as _};
use std::ffi::OsString;

/// Runs one command. `arguments` begin with the program's name. Returns one of the codes in [`exit`].
pub fn run(arguments: impl IntoIterator<Item = OsString>, terminal: &mut Terminal<'_>) -> u8 {
    let mut arguments = arguments.into_iter().peekable();
    terminal.program = program_name::typed(arguments.peek().map(OsString::as_os_str));
    let command_line = program_name::in_words(Arguments::command(), terminal.program);
    let parsed = command_line
        .try_get_matches_from(arguments)
        .and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => return terminal.usage(&error),
    };
    terminal.choose_colour(arguments.color);
    terminal.volume = arguments.volume();
    let outcome = match &arguments.command {
        Command::Prove(command) => commands::prove::run(command, terminal),
        Command::Map(command) => commands::map::run(command, terminal),
        Command::Can(command) => commands::can::run(command, terminal),
        Command::WhoCan(command) => commands::who_can::run(command, terminal),
        Command::CheckCertificate(command) => commands::check_certificate::run(command, terminal),
        Command::Fix(command) => commands::fix::run(command, terminal),
        Command::Init(command) => commands::init::run(command, terminal),
        Command::Import(command) => commands::import::run(command, terminal),
        Command::Compile(command) => commands::compile::run(command, terminal),
        Command::Explain(command) => commands::explain::run(command, terminal),
        Command::Rules(command) => commands::rules::run(command, terminal),
        Command::Schema(command) => commands::schema::run(command, terminal),
        Command::Completions(command) => commands::completions::run(command, terminal),
        Command::Man(command) => commands::man::run(command, terminal),
    };
    match outcome {
        Ok(code) => code,
        Err(failure) => {
            terminal.complain(|style| failure.text(style));
            exit::FAILED
        }
    }
}
