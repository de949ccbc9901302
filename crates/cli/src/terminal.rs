//! The standard streams, and whether each takes colours.

use crate::exit;
use crate::failure::Failure;
use crate::options::ColorChoice;
use std::io::{self, Read, Write};
use watertight_render::Colour;

/// The standard streams.
pub struct Terminal<'a> {
    /// Where `-f -` reads.
    pub stdin: &'a mut dyn Read,
    /// Where data goes.
    pub stdout: &'a mut dyn Write,
    /// Where talk goes.
    pub stderr: &'a mut dyn Write,
    /// Whether stdout takes colours.
    pub stdout_colour: Colour,
    /// Whether stderr takes colours.
    pub stderr_colour: Colour,
}

impl Terminal<'_> {
    /// Whether a stream takes colours by itself: it is a terminal, and nothing such as `NO_COLOR` says otherwise.
    #[must_use]
    pub fn colour_of(stream: &impl anstream::stream::RawStream) -> Colour {
        match anstream::AutoStream::choice(stream) {
            anstream::ColorChoice::Never => Colour::Plain,
            _ => Colour::Ansi,
        }
    }

    /// What `--color` says wins.
    pub(crate) fn choose_colour(&mut self, choice: ColorChoice) {
        let colour = match choice {
            ColorChoice::Auto => return,
            ColorChoice::Always => Colour::Ansi,
            ColorChoice::Never => Colour::Plain,
        };
        (self.stdout_colour, self.stderr_colour) = (colour, colour);
    }

    /// Writes data to stdout. A closed pipe is no failure: the reader has seen enough.
    pub(crate) fn data(&mut self, text: &str) -> Result<(), Failure> {
        match self.stdout.write_all(text.as_bytes()).and_then(|()| self.stdout.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::new("the answer could not be written to stdout").because(&error))
            }
            _ => Ok(()),
        }
    }

    /// Writes talk to stderr. There is nowhere left to tell that it failed.
    pub(crate) fn talk(&mut self, text: impl FnOnce(Colour) -> String) {
        let text = text(self.stderr_colour);
        let _unheard = self.stderr.write_all(text.as_bytes()).and_then(|()| self.stderr.flush());
    }

    /// Prints help or version as data, or what is wrong with the arguments as talk.
    pub(crate) fn usage(&mut self, error: &clap::Error) -> u8 {
        let styled = error.render();
        let text = |colour| match colour {
            Colour::Plain => styled.to_string(),
            Colour::Ansi => styled.ansi().to_string(),
        };
        if error.use_stderr() {
            self.talk(text);
            return exit::FAILED;
        }
        match self.data(&text(self.stdout_colour)) {
            Ok(()) => exit::ISOLATED,
            Err(failure) => {
                self.talk(|colour| failure.text(colour));
                exit::FAILED
            }
        }
    }
}
