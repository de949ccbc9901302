//! `watertight man`: the manual pages, which are the help of each command.

use crate::arguments::Arguments as CommandLine;
use crate::exit;
use crate::failure::Failure;
use crate::output_files;
use crate::terminal::Terminal;
use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};
use std::io;
use std::path::PathBuf;

/// Print a manual page, or write all of them into a folder.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The command that the page is about. Without it, the program as a whole.
    command: Option<String>,
    /// Write the pages of all commands into this folder, which is made if it is
    /// not there.
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    output_dir: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
Examples:
  # Read a page
  watertight man prove | man -l -

  # Install all pages, for `man watertight-prove`
  watertight man --output-dir ~/.local/share/man/man1";

/// A page.
struct Page {
    /// `watertight-prove`.
    name: String,
    /// Its text, for `man`.
    roff: String,
}

/// Prints one page, or writes them all.
pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> Result<u8, Failure> {
    let pages = pages().map_err(|error| Failure::new("the manual could not be written").because(&error))?;
    let Arguments { command, output_dir } = arguments;
    if let Some(folder) = output_dir {
        let files = pages.into_iter().map(|Page { name, roff }| (format!("{name}.1"), roff));
        output_files::write(folder, files)?;
        return Ok(exit::ISOLATED);
    }
    let name =
        command.as_ref().map_or_else(|| "watertight".to_owned(), |command| format!("watertight-{command}"));
    let page = pages.iter().find(|page| page.name == name).ok_or_else(|| {
        Failure::new(format!("there is no command `{}`", command.as_deref().unwrap_or_default()))
            .help("`watertight --help` lists the commands")
    })?;
    terminal.data(&page.roff)?;
    Ok(exit::ISOLATED)
}

/// The page of the program, then those of its commands.
fn pages() -> io::Result<Vec<Page>> {
    // `help` is told of on the page of the program, and has none.
    let mut program = CommandLine::command().disable_help_subcommand(true);
    // Only then do the commands know their full names.
    program.build();
    std::iter::once(&program).chain(program.get_subcommands()).map(page).collect()
}

fn page(command: &Command) -> io::Result<Page> {
    let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
    let man = Man::new(command.clone())
        .source(concat!("Watertight ", env!("CARGO_PKG_VERSION")))
        .manual("Watertight");
    let mut roff = Vec::new();
    man.render_title(&mut roff)?;
    man.render_name_section(&mut roff)?;
    man.render_synopsis_section(&mut roff)?;
    man.render_description_section(&mut roff)?;
    man.render_options_section(&mut roff)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut roff)?;
    }
    if let Some(text) = command.get_after_help() {
        after_help(&text.to_string()).to_writer(&mut roff)?;
    }
    // `man` fills lines up, and an entry of a list is to stand on a line of its own.
    let roff = String::from_utf8_lossy(&roff).replace("\n\\- ", "\n.br\n\\- ");
    Ok(Page { name, roff })
}

/// What stands below the options in the help, `Examples:` and `Exit codes: …`, as sections. Indented lines are code.
fn after_help(text: &str) -> Roff {
    let mut roff = Roff::new();
    for part in text.split("\n\n") {
        let part = match part.split_once(':') {
            Some((heading, rest)) if heading.starts_with(|first: char| !first.is_whitespace()) => {
                roff.control("SH", [heading.to_uppercase().as_str()]);
                rest.trim_start_matches('\n')
            }
            _ => {
                roff.control("PP", []);
                part
            }
        };
        let is_code = part.starts_with("  ");
        if is_code {
            roff.control("nf", []);
        }
        for line in part.lines() {
            roff.text([roman(if is_code { line } else { line.trim_start() })]);
        }
        if is_code {
            roff.control("fi", []);
        }
    }
    roff
}
