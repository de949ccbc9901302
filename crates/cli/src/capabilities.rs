//! What a stream can show: whether it is a terminal, and what kind of one the environment says it is.

use anstream::stream::RawStream;
use supports_hyperlinks::Stream;
use watertight_render::Colour;

/// Whether a stream takes colours by itself: it is a terminal, and nothing such as `NO_COLOR` says otherwise.
pub(crate) fn colour_of(stream: &impl RawStream) -> Colour {
    match anstream::AutoStream::choice(stream) {
        anstream::ColorChoice::Never => Colour::Plain,
        _ => Colour::Ansi,
    }
}

/// Whether a stream is a terminal that does what escape codes say: one that takes colours.
pub(crate) fn draws(stream: &impl RawStream) -> bool {
    stream.is_terminal() && colour_of(stream) == Colour::Ansi
}

/// Whether places in files may be links on a stream. Many terminals show nothing of a link, and some show its letters.
pub(crate) fn links(stream: &impl RawStream, which: Stream) -> bool {
    draws(stream) && supports_hyperlinks::on(which)
}
