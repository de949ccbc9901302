//! `cargo xtask agree`: the tests on generated clusters, on more of them than every run can afford.

use crate::cargo::{cargo, root, run};
use anyhow::{Context, Result, bail};

/// How many clusters are tried if nothing is said.
const CLUSTERS: u64 = 20_000;

/// The variable by which those tests are told.
const VARIABLE: &str = "WATERTIGHT_CLUSTERS";

/// Runs the tests that hold the engine against the plain evaluators and the player, and those that hold it against laws.
pub(crate) fn agree(arguments: &[String]) -> Result<()> {
    let clusters = clusters(arguments)?;
    // The test profile has overflow checks, and optimises the crates that do the work.
    let mut test = cargo(&root()?);
    test.args(["test", "--locked", "--no-fail-fast"]);
    test.args(["--package", "watertight-network", "--package", "watertight-prove"]);
    test.args(["--test", "agreement", "--test", "attacker", "--test", "laws"]);
    run(test.env(VARIABLE, clusters.to_string()))
}

fn clusters(arguments: &[String]) -> Result<u64> {
    let number = match arguments {
        [] => return Ok(CLUSTERS),
        [flag, number] if flag == "--clusters" => number.as_str(),
        [argument] if argument.starts_with("--clusters=") => argument.trim_start_matches("--clusters="),
        _ => bail!("write `cargo xtask agree --clusters N`"),
    };
    let clusters = number.parse().with_context(|| format!("`{number}` is no number of clusters"))?;
    if clusters == 0 {
        bail!("with `--clusters 0` nothing would be tried");
    }
    Ok(clusters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(arguments: &[&str]) -> Option<u64> {
        clusters(&arguments.iter().map(|&argument| argument.to_owned()).collect::<Vec<_>>()).ok()
    }

    #[test]
    fn the_number_of_clusters_is_read_or_refused() {
        assert_eq!(of(&[]), Some(CLUSTERS));
        assert_eq!(of(&["--clusters", "5"]), Some(5));
        assert_eq!(of(&["--clusters=5"]), Some(5));
        for wrong in [&["5"][..], &["--clusters"], &["--clusters", "many"], &["--clusters", "0"]] {
            assert_eq!(of(wrong), None, "{wrong:?}");
        }
    }
}
