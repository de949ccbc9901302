//! A comment on a pull request as it grows: it stays below the size that GitHub takes, and says what is left out.

use crate::page::counted;

/// GitHub takes 65,536 characters. Bytes are counted here, of which a character has at least one, and a little is left
/// for what people put around the text.
const SIZE_MAX: usize = 64_000;
/// Room for the sentence that says what is left out.
const SENTENCE: usize = 500;

/// A comment.
pub(crate) struct Comment {
    text: String,
    /// How many of what are left out.
    left_out: Vec<(usize, &'static str, &'static str)>,
}

impl Comment {
    /// An empty comment.
    pub(crate) fn new() -> Self {
        Self { text: String::new(), left_out: Vec::new() }
    }

    /// What is never left out.
    pub(crate) fn always(&mut self, text: &str) {
        self.text += text;
    }

    /// Entries between an opening and a closing piece: as many, from the first on, as fit into `share` hundredths of
    /// the room that is left. `one` and `many` name what they are.
    pub(crate) fn list(
        &mut self,
        open: &str,
        entries: impl IntoIterator<Item = String>,
        close: &str,
        share: usize,
        (one, many): (&'static str, &'static str),
    ) {
        let room = SIZE_MAX.saturating_sub(SENTENCE + self.text.len()) * share / 100;
        let mut size = open.len() + close.len();
        let mut shown = String::new();
        let mut left_out = 0;
        for entry in entries {
            // After the first that does not fit none is shown, so that what is shown is the beginning of the list.
            if left_out == 0 && size + entry.len() <= room {
                size += entry.len();
                shown += &entry;
            } else {
                left_out += 1;
            }
        }
        if !shown.is_empty() {
            self.text += &format!("{open}{shown}{close}");
        }
        if left_out > 0 {
            self.left_out.push((left_out, one, many));
        }
    }

    /// The text. Its last line says what is left out, if anything is.
    pub(crate) fn finish(mut self) -> String {
        if !self.left_out.is_empty() {
            let parts: Vec<String> =
                self.left_out.iter().map(|&(count, one, many)| counted(count, one, many)).collect();
            self.text += &format!(
                "\n**Left out**, since a comment on GitHub holds 65,536 characters: {}. \
                 The same command without `-o markdown` shows all of it.\n",
                parts.join(", ")
            );
        }
        self.text
    }
}
