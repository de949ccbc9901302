//! The exit codes, the same for every command.

use watertight_model::Verdict;

/// Isolated, or nothing to do.
pub const ISOLATED: u8 = 0;
/// Breached.
pub const BREACHED: u8 = 1;
/// The command failed: bad usage, or input that cannot be read.
pub const FAILED: u8 = 2;
/// Unknown: something that matters was not seen or not understood.
pub const UNKNOWN: u8 = 3;

/// The exit code of a verdict.
#[must_use]
pub fn of_verdict(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Isolated => ISOLATED,
        Verdict::Breached => BREACHED,
        Verdict::Unknown => UNKNOWN,
    }
}
