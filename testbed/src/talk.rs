//! What the testbed tells people, on stderr.

/// Says one line.
#[expect(clippy::print_stderr, reason = "the testbed is a tool of development, and this is its talk")]
pub(crate) fn say(line: impl AsRef<str>) {
    eprintln!("testbed: {}", line.as_ref());
}

/// Prints a text of several lines as it is.
#[cfg(feature = "client")]
#[expect(clippy::print_stderr, reason = "the testbed is a tool of development, and this is its talk")]
pub(crate) fn show(text: impl AsRef<str>) {
    eprintln!("{}", text.as_ref());
}
