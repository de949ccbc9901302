//! `watertight explain`: what a rule means.

use crate::exit;
use crate::failure::Failure;
use crate::rules::{RULES, named, suggestions};
use crate::semantics::numbered;
use crate::terminal::Terminal;
use watertight_render::{Colour, Detail, glossary_text, note_text, rule_page_text};

/// Explain what a rule means and how to fix what it finds. Without a rule,
/// list them all.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The rule's name, as findings print it, or the number of a rule of
    /// NetworkPolicy, as steps name it.
    rule: Option<String>,
    /// Show the page's examples too.
    #[arg(long)]
    all: bool,
}

const AFTER_HELP: &str = "\
Examples:
  watertight explain
  watertight explain unknown-kind
  watertight explain split-peer --all
  watertight explain N35";

/// Prints one page, or the list of all rules.
pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> Result<u8, Failure> {
    let text = match &arguments.rule {
        None => list(terminal.abilities.stdout_colour),
        Some(name) => match named(name) {
            Some(page) => {
                let detail = if arguments.all { Detail::All } else { Detail::Summary };
                rule_page_text(*page, detail, terminal.style())
            }
            None => {
                let (number, says) = numbered(name).ok_or_else(|| unknown(name))?;
                note_text(&number, &says, terminal.style())
            }
        },
    };
    terminal.data(&text)?;
    Ok(exit::ISOLATED)
}

fn list(colour: Colour) -> String {
    let entries: Vec<(&str, &str)> = RULES.iter().map(|rule| (rule.name, rule.summary())).collect();
    glossary_text(&entries, colour)
}

fn unknown(name: &str) -> Failure {
    let alike = suggestions(name, RULES.iter().map(|rule| rule.name));
    let alike: Vec<String> = alike.into_iter().map(|rule| format!("`{rule}`")).collect();
    let meant = match alike.as_slice() {
        [] => String::new(),
        alike => format!("did you mean {}? ", alike.join(" or ")),
    };
    Failure::new(format!("there is no rule `{name}`"))
        .help(format!("{meant}`watertight explain` lists all rules"))
}
