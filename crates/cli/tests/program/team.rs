//! The team whose RBAC the commands on access are asked about, in `team/`: a group that looks at its shop by an
//! aggregated ClusterRole, a pipeline that deploys it, and a custom resource. In `forgotten/` is a binding without its role.

use crate::common::{Outcome, run_in};
use std::path::Path;

/// The pipeline.
pub(crate) const PIPELINE: &str = "system:serviceaccount:ci:deployer";

/// A role of the shop whose meaning is not clear.
pub(crate) const BROKEN: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: r, namespace: shop}
rules: 5
";

/// Runs the program on the team's folder.
pub(crate) fn ask(arguments: &[&str]) -> Outcome {
    ask_with(arguments, b"")
}

/// The same, with `input` on standard input.
pub(crate) fn ask_with(arguments: &[&str], input: &[u8]) -> Outcome {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/program");
    run_in(&folder, &[arguments, &["-f", "team"]].concat(), input)
}

/// The lines of talk, each from its lead on: what wraps is one.
pub(crate) fn talk(outcome: &Outcome) -> Vec<String> {
    let mut talk: Vec<String> = Vec::new();
    for line in outcome.stderr.lines() {
        match talk.last_mut() {
            Some(last) if line.starts_with(' ') => *last += &format!(" {}", line.trim_start()),
            _ => talk.push(line.to_owned()),
        }
    }
    talk
}
