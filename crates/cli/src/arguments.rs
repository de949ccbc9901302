//! What the command line takes. The doc comments here are its help.

use crate::commands::{
    can, check_certificate, compile, completions, explain, import, init, man, map, prove, rules, schema,
    who_can,
};
use crate::options::ColorChoice;
use crate::terminal::Volume;
use clap::{Parser, Subcommand};

/// Proves that one environment cannot reach another on Kubernetes, or shows the exact path.
#[derive(Debug, Parser)]
#[command(name = "watertight", version, max_term_width = 80, after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// When to use colours.
    #[arg(long, global = true, display_order = LAST, value_enum, default_value = "auto", value_name = "WHEN")]
    pub(crate) color: ColorChoice,
    /// Only the answer: nothing on stderr but errors.
    #[arg(short, long, global = true, display_order = LAST, conflicts_with = "verbose")]
    quiet: bool,
    /// Say on stderr what is read, and how long each part takes.
    #[arg(short, long, global = true, display_order = LAST)]
    verbose: bool,
}

impl Arguments {
    /// How much is to be said.
    pub(crate) fn volume(&self) -> Volume {
        match (self.quiet, self.verbose) {
            (true, _) => Volume::Quiet,
            (false, true) => Volume::Verbose,
            (false, false) => Volume::Normal,
        }
    }
}

/// Behind the options of each command.
const LAST: usize = 100;

const AFTER_HELP: &str = "\
Examples:
  watertight prove -f k8s/ --from staging --to production
  watertight map -f k8s/ --focus production
  watertight can -f k8s/ --as jane delete pods -n production
  watertight explain

Exit codes: 0 isolated, allowed or nothing to do, 1 breached or denied, 2 the
command failed, 3 unknown.";

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Prove(prove::Arguments),
    Map(map::Arguments),
    Can(can::Arguments),
    WhoCan(who_can::Arguments),
    CheckCertificate(check_certificate::Arguments),
    Init(init::Arguments),
    Import(import::Arguments),
    Compile(compile::Arguments),
    Explain(explain::Arguments),
    Rules(rules::Arguments),
    Schema(schema::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}
