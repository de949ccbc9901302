//! The standard streams, what each can show, and how much is said.

use crate::capabilities;
use crate::exit;
use crate::failure::Failure;
use crate::options::ColorChoice;
use crate::phase::Phase;
use std::io::{self, Read, Write};
use supports_hyperlinks::Stream;
use watertight_render::{Colour, Style, note_text};

/// The standard streams.
pub struct Terminal<'a> {
    /// Where `-f -` reads.
    pub stdin: &'a mut dyn Read,
    /// Where data goes.
    pub stdout: &'a mut dyn Write,
    /// Where talk goes.
    pub stderr: &'a mut dyn Write,
    /// What they can show.
    pub abilities: Abilities,
    /// How much is said on stderr.
    pub volume: Volume,
    /// What people type to run the program.
    pub program: &'static str,
}

/// What the streams can show.
#[derive(Debug, Clone, Copy)]
pub struct Abilities {
    /// Whether stdout takes colours.
    pub stdout_colour: Colour,
    /// Whether stderr takes colours.
    pub stderr_colour: Colour,
    /// Whether places in files may be links on stdout.
    pub stdout_links: bool,
    /// Whether places in files may be links on stderr.
    pub stderr_links: bool,
    /// Whether stderr can show that something goes on.
    pub progress: bool,
}

/// How much is said on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Volume {
    /// Errors alone.
    Quiet,
    /// What people should know.
    Normal,
    /// What was read and how long it took, too.
    Verbose,
}

impl Abilities {
    /// Those of the streams of this process.
    #[must_use]
    pub fn of_streams(stdout: &io::Stdout, stderr: &io::Stderr) -> Self {
        Self {
            stdout_colour: capabilities::colour_of(stdout),
            stderr_colour: capabilities::colour_of(stderr),
            stdout_links: capabilities::links(stdout, Stream::Stdout),
            stderr_links: capabilities::links(stderr, Stream::Stderr),
            progress: capabilities::draws(stderr),
        }
    }
}

impl Terminal<'_> {
    /// What `--color` says wins.
    pub(crate) fn choose_colour(&mut self, choice: ColorChoice) {
        let abilities = &mut self.abilities;
        let colour = match choice {
            ColorChoice::Auto => return,
            ColorChoice::Always => Colour::Ansi,
            ColorChoice::Never => Colour::Plain,
        };
        (abilities.stdout_colour, abilities.stderr_colour) = (colour, colour);
        if choice == ColorChoice::Never {
            // Links and signs of life are made of escape codes, as colours are.
            (abilities.stdout_links, abilities.stderr_links, abilities.progress) = (false, false, false);
        }
    }

    /// How text is written on stdout.
    pub(crate) fn style(&self) -> Style {
        Style { colour: self.abilities.stdout_colour, program: self.program }
    }

    /// Writes data to stdout. A closed pipe is no failure: the reader has seen enough.
    pub(crate) fn data(&mut self, text: &str) -> Result<(), Failure> {
        self.stream(text).map(|_somebody_reads_on| ())
    }

    /// Writes a part of the data to stdout, and says whether anybody is there to read on.
    pub(crate) fn stream(&mut self, text: &str) -> Result<bool, Failure> {
        match self.stdout.write_all(text.as_bytes()).and_then(|()| self.stdout.flush()) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            Err(error) => Err(Failure::new("the answer could not be written to stdout").because(&error)),
        }
    }

    /// Says something on stderr that people should know, unless they asked for errors alone.
    pub(crate) fn talk(&mut self, text: impl FnOnce(Style) -> String) {
        if self.volume > Volume::Quiet {
            self.complain(text);
        }
    }

    /// Says something on stderr that only those want to know who ask for it.
    pub(crate) fn detail(&mut self, lead: &str, text: &str) {
        if self.volume == Volume::Verbose {
            self.complain(|style| note_text(lead, text, style));
        }
    }

    /// Says on stderr why the command failed. There is nowhere left to tell that this failed too.
    pub(crate) fn complain(&mut self, text: impl FnOnce(Style) -> String) {
        let text = text(Style { colour: self.abilities.stderr_colour, program: self.program });
        let _unheard = self.stderr.write_all(text.as_bytes()).and_then(|()| self.stderr.flush());
    }

    /// Begins a part of the run that may take long. [`Terminal::end`] ends it.
    pub(crate) fn begin(&self, name: &str) -> Phase {
        Phase::begin(name, self.abilities.progress && self.volume > Volume::Quiet)
    }

    /// Ends a part of the run, and says how long it took.
    pub(crate) fn end(&mut self, phase: Phase) {
        let said = phase.end();
        self.detail("time", &said);
    }

    /// Prints help or version as data, or what is wrong with the arguments as talk.
    pub(crate) fn usage(&mut self, error: &clap::Error) -> u8 {
        let styled = error.render();
        let text = |colour| match colour {
            Colour::Plain => styled.to_string(),
            Colour::Ansi => styled.ansi().to_string(),
        };
        if error.use_stderr() {
            self.complain(|style| text(style.colour));
            return exit::FAILED;
        }
        match self.data(&text(self.abilities.stdout_colour)) {
            Ok(()) => exit::ISOLATED,
            Err(failure) => {
                self.complain(|style| failure.text(style));
                exit::FAILED
            }
        }
    }
}
