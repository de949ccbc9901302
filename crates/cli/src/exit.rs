//! The exit codes, the same for every command.

use watertight_model::{Decision, NeedState, Report, Verdict};

/// Isolated, allowed, or nothing to do.
pub const ISOLATED: u8 = 0;
/// Breached, or denied.
pub const BREACHED: u8 = 1;
/// The command failed: bad usage, or input that cannot be read.
pub const FAILED: u8 = 2;
/// Unknown: something that matters was not seen or not understood.
pub const UNKNOWN: u8 = 3;

/// The exit code of some reports: that of their worst verdict, and where all are isolated, that of their needs. A need
/// that is closed counts as a breach does.
#[must_use]
pub fn of_reports(reports: &[Report]) -> u8 {
    // Without any boundary nothing was proved (convention 14).
    let worst = |report: &Report| report.boundaries.iter().map(|boundary| boundary.verdict).max();
    let verdict = reports.iter().map(|report| worst(report).unwrap_or(Verdict::Unknown)).max();
    match verdict.map_or(UNKNOWN, of_verdict) {
        ISOLATED => {
            let needs = reports.iter().flat_map(|report| &report.needs);
            match needs.map(|need| need.state).max() {
                None | Some(NeedState::Open) => ISOLATED,
                Some(NeedState::Unknown) => UNKNOWN,
                Some(NeedState::Closed) => BREACHED,
            }
        }
        code => code,
    }
}

/// The exit code of a verdict.
#[must_use]
pub fn of_verdict(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Isolated => ISOLATED,
        Verdict::Breached => BREACHED,
        Verdict::Unknown => UNKNOWN,
    }
}

/// The exit code of a decision.
#[must_use]
pub fn of_decision(decision: Decision) -> u8 {
    match decision {
        Decision::Allowed => ISOLATED,
        Decision::Denied => BREACHED,
        Decision::Unknown => UNKNOWN,
    }
}
