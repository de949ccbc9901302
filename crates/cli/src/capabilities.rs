//! What a terminal can do, as the stream and the environment say.
#![expect(clippy::disallowed_methods, reason = "the environment says which terminal it is")]

use std::io::{IsTerminal, stderr, stdout};
use supports_hyperlinks::Stream;

/// Whether places in files may be links on stdout.
pub(crate) fn links_on_stdout() -> bool {
    stdout().is_terminal() && draws() && supports_hyperlinks::on(Stream::Stdout)
}

/// Whether places in files may be links on stderr.
pub(crate) fn links_on_stderr() -> bool {
    stderr().is_terminal() && draws() && supports_hyperlinks::on(Stream::Stderr)
}

/// Whether stderr can show what goes on, and wipe it away again.
pub(crate) fn progress_on_stderr() -> bool {
    stderr().is_terminal() && draws()
}

/// A terminal that is called `dumb` shows escape codes as letters, and `NO_COLOR` asks for none.
fn draws() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    !dumb && !set("NO_COLOR")
}
