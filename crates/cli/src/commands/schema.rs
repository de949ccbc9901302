//! `watertight schema`: the JSON Schema of an intent.

use crate::exit;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// Print the JSON Schema of watertight.yaml, by which editors complete and
/// check it.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {}

const AFTER_HELP: &str = "\
Examples:
  watertight schema > watertight.schema.json

An editor with the YAML language server takes the schema from the first line
of watertight.yaml:
  # yaml-language-server: $schema=watertight.schema.json";

/// Prints the schema.
pub(crate) fn run(_: &Arguments, terminal: &mut Terminal<'_>) -> Result<u8, Failure> {
    terminal.data(&watertight_intent::schema())?;
    Ok(exit::ISOLATED)
}

#[cfg(test)]
mod tests {
    use watertight_network::Profile;

    #[test]
    fn an_intent_names_the_profiles_that_there_are() {
        let names: Vec<&str> = Profile::ALL.iter().map(|profile| profile.name).collect();
        assert_eq!(watertight_intent::cni_profiles(), names);
    }
}
