//! `watertight explain`: what a rule means.

use crate::exit;
use crate::failure::Failure;
use crate::rules::{RULES, Rule, suggestions};
use crate::terminal::Terminal;

/// Explain what a rule means and how to fix what it finds. Without a rule,
/// list them all.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The rule's name, as findings print it.
    rule: Option<String>,
}

const AFTER_HELP: &str = "\
Examples:
  watertight explain
  watertight explain unknown-kind";

/// Prints one page, or the list of all rules.
pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> Result<u8, Failure> {
    let text = match &arguments.rule {
        None => list(),
        Some(name) => Rule::named(name).ok_or_else(|| unknown(name))?.page.to_owned(),
    };
    terminal.data(&text)?;
    Ok(exit::ISOLATED)
}

fn list() -> String {
    let width = RULES.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
    RULES.iter().map(|rule| format!("{:width$}  {}\n", rule.name, rule.summary())).collect()
}

fn unknown(name: &str) -> Failure {
    let alike = suggestions(name, RULES.iter().map(|rule| rule.name));
    let alike: Vec<String> = alike.into_iter().map(|rule| format!("`{rule}`")).collect();
    let meant = match alike.as_slice() {
        [] => String::new(),
        alike => format!("did you mean {}? ", alike.join(" or ")),
    };
    let all: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
    let rules = format!("{meant}`watertight explain` says more on each of the rules: {}", all.join(", "));
    Failure::new(format!("there is no rule `{name}`")).help(rules)
}
