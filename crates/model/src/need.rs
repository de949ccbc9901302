//! What staging and production need, and whether it still works: connections that must be open for certain.

use crate::Because;
use std::fmt;

/// The answer to one need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// What was asked: `dns`, `production/web=production/db:5432`.
    pub asked: String,
    /// The answer.
    pub state: NeedState,
    /// Why, in one sentence.
    pub why: String,
    /// How to open it, or how to see more; empty for one that is open.
    pub help: String,
    /// The objects that hold it back, or that are not understood.
    pub because: Vec<Because>,
}

/// Whether a need is met. The order is that of [`crate::Verdict`]: the greatest of many wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NeedState {
    /// It passes under every reading, and nothing that was not seen could close it.
    Open,
    /// Something that was not seen or not understood could close it.
    Unknown,
    /// Something holds it back, under some reading at least.
    Closed,
}

impl NeedState {
    /// `open`, `unknown`, `closed`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Unknown => "unknown",
            Self::Closed => "closed",
        }
    }
}

impl fmt::Display for NeedState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
