//! Environments and channels into verdicts, derivations, blind spots and assumptions.

use thiserror::Error;
use watertight_model::{Report, Snapshot};
use watertight_network::Profile;

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// The environment that is taken as hostile.
    pub from: String,
    /// The environment that is to be kept.
    pub to: String,
    /// `--env NAME=SELECTOR`, as (NAME, SELECTOR); a name may come several times.
    pub environments: Vec<(String, String)>,
    /// How the network is read.
    pub profile: Profile,
    /// `--accept KIND=REASON`, as (KIND, REASON).
    pub accepted: Vec<(String, String)>,
}

/// Why a question has no answer. The command fails with exit code 2.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{message}")]
pub struct QuestionError {
    /// One lower-case sentence without a full stop.
    pub message: String,
    /// How to mend it.
    pub help: String,
}

/// Answers the question.
///
/// # Errors
/// An environment is empty, or a namespace is in both, or a selector is not one.
pub fn prove(_snapshot: &Snapshot, _question: &Question) -> Result<Report, QuestionError> {
    Err(QuestionError { message: "not yet".to_owned(), help: String::new() })
}
