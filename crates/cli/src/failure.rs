//! Why a command failed, as people read it.

use std::error::Error;
use watertight_prove::QuestionError;
use watertight_render::{Style, note_text};

/// A command that failed. Messages are lower-case sentences without a full stop, with user input in backticks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// What went wrong.
    pub(crate) message: String,
    /// Why, from the outermost cause to the innermost.
    pub(crate) causes: Vec<String>,
    /// How to mend it.
    pub(crate) help: Option<String>,
}

impl Failure {
    /// A failure without causes.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), causes: Vec::new(), help: None }
    }

    /// The same failure, with a way to mend it.
    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// The same failure, caused by an error and its own causes.
    pub(crate) fn because(mut self, error: &dyn Error) -> Self {
        let mut cause = Some(error);
        while let Some(error) = cause {
            self.causes.push(error.to_string());
            cause = error.source();
        }
        self
    }

    /// The failure as it is printed.
    pub(crate) fn text(&self, style: Style) -> String {
        let causes = self.causes.iter().map(|cause| ("cause", cause.as_str()));
        let help = self.help.iter().map(|help| ("help", help.as_str()));
        let lines = std::iter::once(("error", self.message.as_str())).chain(causes).chain(help);
        lines.map(|(lead, text)| note_text(lead, text, style)).collect()
    }
}

impl From<QuestionError> for Failure {
    fn from(QuestionError { message, help }: QuestionError) -> Self {
        let failure = Self::new(message);
        if help.is_empty() { failure } else { failure.help(help) }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::new("the answer could not be written as JSON").because(&error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new("the answer could not be written").because(&error)
    }
}
