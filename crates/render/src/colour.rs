//! Whether text carries colours, and which mean what.

use watertight_model::Verdict;

/// Whether text carries ANSI colours. The text says everything without them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// Letters only.
    Plain,
    /// With ANSI escape codes.
    Ansi,
}

/// What a piece of text is, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Running text.
    Plain,
    /// The name of a section or of what is listed.
    Strong,
    /// A breach or an error.
    Bad,
    /// Not known, or a warning.
    Doubtful,
    /// Proved.
    Good,
    /// Help and hints.
    Hint,
    /// The arrow before a place in a file.
    Place,
}

impl Tone {
    /// That of an answer.
    pub(crate) fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Isolated => Self::Good,
            Verdict::Unknown => Self::Doubtful,
            Verdict::Breached => Self::Bad,
        }
    }

    /// The escape code that begins the tone.
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "\u{1b}[1m",
            Self::Bad => "\u{1b}[1;91m",
            Self::Doubtful => "\u{1b}[1;93m",
            Self::Good => "\u{1b}[1;92m",
            Self::Hint => "\u{1b}[1;96m",
            Self::Place => "\u{1b}[1;94m",
        }
    }

    /// `text` in this tone.
    pub(crate) fn paint(self, text: &str, colour: Colour) -> String {
        match (colour, self) {
            (Colour::Plain, _) | (_, Self::Plain) => text.to_owned(),
            (Colour::Ansi, tone) => format!("{}{text}\u{1b}[0m", tone.code()),
        }
    }
}
