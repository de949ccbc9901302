//! `watertight completions`: the script by which a shell completes the command line.

use crate::arguments::Arguments as CommandLine;
use crate::exit;
use crate::failure::Failure;
use crate::terminal::Terminal;
use clap::CommandFactory as _;
use clap_complete::Shell;

/// Print the script by which a shell completes the command line.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

const AFTER_HELP: &str = "\
Examples:
  # bash, with bash-completion
  watertight completions bash \\
    > ~/.local/share/bash-completion/completions/watertight

  # zsh, where the folder is in $fpath
  watertight completions zsh > ~/.zfunc/_watertight

  # fish
  watertight completions fish > ~/.config/fish/completions/watertight.fish

  # PowerShell, in the profile
  watertight completions powershell | Out-String | Invoke-Expression";

/// Prints the script.
pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut CommandLine::command(), "watertight", &mut script);
    terminal.data(&String::from_utf8_lossy(&script))?;
    Ok(exit::ISOLATED)
}
