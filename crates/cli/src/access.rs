//! What the commands share that ask who may do what: the words of a question, and the server that decides it.

mod question;
pub(crate) mod review;
mod server;
mod user;
mod verbs;

pub(crate) use question::{Question, unknown_namespace};
pub(crate) use server::Server;
pub(crate) use user::unknown_user;

use crate::failure::Failure;
use crate::terminal::Terminal;
use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use watertight_render::note_text;

/// Where something is asked for, and for which part of an object.
#[derive(Debug, Args)]
pub(crate) struct Where {
    /// The part of an object that is asked for: `log` of pods, `scale` of deployments.
    #[arg(long, value_name = "SUBRESOURCE", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) subresource: Option<String>,
    /// The namespace in which it is asked for. Without it, `can` asks in `default`, and `who-can` anywhere.
    #[arg(short, long, value_name = "NAMESPACE", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) namespace: Option<String>,
    /// In all namespaces together.
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    pub(crate) all_namespaces: bool,
}

/// What is to be said beside an answer that has no place for it.
pub(crate) fn warn(warnings: &[String], terminal: &mut Terminal<'_>) {
    for warning in warnings {
        terminal.talk(|colour| note_text("warning", warning, colour));
    }
}

/// What follows something that is not known, where something known is like it.
fn did_you_mean(meant: Option<&&str>) -> String {
    meant.map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default()
}

/// Nothing is asked.
pub(crate) fn no_question() -> Failure {
    Failure::new("it is not said what is asked for")
        .help("give a verb and a resource, such as `get pods`, or a verb and a path, such as `get /metrics`")
}
