//! A page of text that wraps at 80 columns, and lets no control character of the input through to a terminal.

use crate::colour::Tone;
use crate::{Colour, Style};

/// The width of a page in columns.
pub const WIDTH: usize = 80;

/// A text as it grows.
pub(crate) struct Page {
    text: String,
    style: Style,
}

impl Page {
    /// An empty page.
    pub(crate) fn new(style: impl Into<Style>) -> Self {
        Self { text: String::new(), style: style.into() }
    }

    /// Whether the page has colours.
    pub(crate) fn colour(&self) -> Colour {
        self.style.colour
    }

    /// The text.
    pub(crate) fn finish(self) -> String {
        self.text
    }

    /// An empty line, unless the page is empty or ends in one.
    pub(crate) fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// A line across the page that sets off what comes after it: `── 1 of 5 ─────`.
    pub(crate) fn rule(&mut self, title: &str) {
        let lead = format!("── {title} ");
        let rest = "─".repeat(WIDTH.saturating_sub(lead.chars().count()));
        self.line(0, Tone::Strong, &format!("{lead}{rest}"), "");
    }

    /// Text that is laid out already, such as an excerpt.
    pub(crate) fn block(&mut self, text: &str) {
        self.text.push_str(text.trim_end_matches('\n'));
        self.text.push('\n');
    }

    /// One line that is never wrapped: rows of a table, commands to copy.
    pub(crate) fn line(&mut self, indent: usize, tone: Tone, lead: &str, body: &str) {
        self.text.push_str(&" ".repeat(indent));
        self.text.push_str(&tone.paint(&clean(lead), self.style.colour));
        self.text.push_str(&self.said(tone, body));
        self.text.push('\n');
    }

    /// A lead and a command to copy at once, which is never cut in two; anything else wraps.
    pub(crate) fn command(&mut self, indent: usize, tone: Tone, lead: &str, command: &str) {
        if is_command(command) {
            self.line(indent, tone, lead, command);
        } else {
            self.entry(indent, tone, lead, command);
        }
    }

    /// A lead and a command among others: a line that goes on says so to a shell, and nothing is cut that a shell takes for
    /// one word. Anything else wraps as text.
    pub(crate) fn long_command(&mut self, indent: usize, lead: &str, command: &str) {
        if !is_command(command) {
            self.entry(indent, Tone::Plain, lead, command);
            return;
        }
        let command = clean(command);
        let hang = indent + lead.chars().count();
        let mut lines: Vec<String> = Vec::new();
        for word in shell_words(&command) {
            match lines.last_mut() {
                Some(line) if hang + line.chars().count() + 1 + word.chars().count() + 2 <= WIDTH => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(word.to_owned()),
            }
        }
        self.line(indent, Tone::Plain, lead, "");
        self.text.pop();
        self.text.push_str(&lines.join(&format!(" \\\n{}", " ".repeat(hang))));
        self.text.push('\n');
    }

    /// The text, and in a hint the program by the name under which people call it.
    fn said(&self, tone: Tone, text: &str) -> String {
        let text = clean(text);
        if tone == Tone::Hint { self.style.typed(&text) } else { text }
    }

    /// A lead (`help: `, `  1. network  `) and a text that wraps and hangs under its own beginning.
    pub(crate) fn entry(&mut self, indent: usize, tone: Tone, lead: &str, body: &str) {
        self.hanging(indent, tone, lead, body, indent + lead.chars().count());
    }

    /// A lead and a text that wraps; the lines after the first are indented by `hang`.
    pub(crate) fn hanging(&mut self, indent: usize, tone: Tone, lead: &str, body: &str, hang: usize) {
        let lead = clean(lead);
        self.text.push_str(&" ".repeat(indent));
        self.text.push_str(&tone.paint(&lead, self.style.colour));
        let mut column = indent + lead.chars().count();
        let mut fresh = true;
        let body = self.said(tone, body);
        for word in words(&body, WIDTH.saturating_sub(hang)) {
            let width = word.chars().count();
            let space = usize::from(!fresh);
            if column + space + width > WIDTH && column > hang {
                self.text.truncate(self.text.trim_end_matches(' ').len());
                self.text.push('\n');
                self.text.push_str(&" ".repeat(hang));
                column = hang;
            } else if !fresh {
                self.text.push(' ');
                column += 1;
            }
            self.text.push_str(word);
            column += width;
            fresh = false;
        }
        while self.text.ends_with(' ') {
            self.text.pop();
        }
        self.text.push('\n');
    }
}

/// Whether it is typed into a shell, and no sentence.
fn is_command(text: &str) -> bool {
    ["kubectl ", "watertight "].iter().any(|program| text.starts_with(program))
}

/// The words of a command, as a shell tells them apart: blanks within quotes part nothing.
fn shell_words(command: &str) -> Vec<&str> {
    let mut quote = None;
    let parts = command.split(move |character| {
        match (quote, character) {
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            _ => {}
        }
        quote.is_none() && character == ' '
    });
    parts.filter(|word| !word.is_empty()).collect()
}

/// The words of a text. What stands in backticks is one word, so that a command is never cut in two, unless it is too
/// long for a line.
fn words(text: &str, room: usize) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let mut end = rest.len();
        let mut quoted = false;
        for (at, character) in rest.char_indices() {
            match character {
                '`' => quoted = !quoted,
                ' ' if !quoted => {
                    end = at;
                    break;
                }
                _ => {}
            }
        }
        if quoted || rest[..end].chars().count() > room {
            end = rest.find(' ').unwrap_or(rest.len());
        }
        words.push(&rest[..end]);
        rest = rest[end..].trim_start();
    }
    words
}

/// The text on one line, with control and direction characters shown as `\u{..}`: what a file holds must never steer a
/// terminal or reorder what people read.
pub(crate) fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' => cleaned.push(' '),
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                cleaned.extend(character.escape_unicode());
            }
            _ if character.is_control() => cleaned.extend(character.escape_unicode()),
            _ => cleaned.push(character),
        }
    }
    cleaned
}

/// One wrapped line of talk: `error: …`, `cause: …`, `help: …`, `note: …`.
#[must_use]
pub fn note_text(lead: &str, text: &str, style: impl Into<Style>) -> String {
    let tone = match lead {
        "error" => Tone::Bad,
        "warning" => Tone::Doubtful,
        "help" => Tone::Hint,
        _ => Tone::Strong,
    };
    let mut page = Page::new(style);
    page.entry(0, tone, &format!("{lead}: "), text);
    page.finish()
}

/// A list of names with what each means, aligned and wrapped.
#[must_use]
pub fn glossary_text(entries: &[(&str, &str)], colour: Colour) -> String {
    let width = entries.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let mut page = Page::new(colour);
    for (name, meaning) in entries {
        page.entry(0, Tone::Strong, &format!("{name:width$}  "), meaning);
    }
    page.finish()
}

/// `1 way across`, `2 ways across`.
pub(crate) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_hangs_under_its_lead_and_stays_within_the_page() {
        let mut page = Page::new(Colour::Plain);
        page.entry(2, Tone::Strong, "help: ", &"seven chars ".repeat(20));
        let text = page.finish();
        assert!(text.lines().count() > 2);
        assert!(text.lines().all(|line| line.len() <= WIDTH));
        assert!(
            text.lines().skip(1).all(|line| line.starts_with("        ") && !line.starts_with("         "))
        );
    }

    #[test]
    fn a_long_word_behind_a_lead_begins_a_line_of_its_own() {
        let mut page = Page::new(Colour::Plain);
        page.hanging(
            0,
            Tone::Bad,
            "error[broad-namespace-selector]: ",
            &format!("`{}` can", "x".repeat(60)),
            2,
        );
        let expected = format!("error[broad-namespace-selector]:\n  `{}` can\n", "x".repeat(60));
        assert_eq!(page.finish(), expected);
    }

    #[test]
    fn a_command_that_is_too_long_goes_on_as_a_shell_reads_it() {
        let mut page = Page::new(Colour::Plain);
        let command = "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations -o json | jq '.items[] | .metadata.name'";
        page.long_command(4, "check: ", command);
        let text = page.finish();
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(text.lines().count() > 1);
        let read = text.trim_start().trim_start_matches("check: ").replace("\\\n", " ");
        assert_eq!(shell_words(read.trim_end()), shell_words(command));
        assert!(shell_words(command).contains(&"'.items[] | .metadata.name'"));
    }

    #[test]
    fn a_line_across_the_page_is_as_wide_as_it() {
        let mut page = Page::new(Colour::Plain);
        page.rule("1 of 5");
        let text = page.finish();
        assert!(text.starts_with("── 1 of 5 ─"));
        assert_eq!(text.trim_end().chars().count(), WIDTH);
    }

    #[test]
    fn a_command_in_backticks_is_not_cut() {
        assert_eq!(words("run `kubectl get pods` now", 20), ["run", "`kubectl get pods`", "now"]);
        assert_eq!(words("an `open quote", 20), ["an", "`open", "quote"]);
        assert_eq!(words("run `kubectl get pods` now", 15), ["run", "`kubectl", "get", "pods`", "now"]);
    }

    #[test]
    fn a_word_that_is_longer_than_the_page_stays_whole() {
        let mut page = Page::new(Colour::Plain);
        page.entry(0, Tone::Plain, "at ", &format!("{} x", "a/".repeat(60)));
        assert_eq!(page.finish(), format!("at {}\n   x\n", "a/".repeat(60)));
    }

    #[test]
    fn escape_codes_of_the_input_are_shown_and_not_sent() {
        let mut page = Page::new(Colour::Plain);
        page.line(0, Tone::Plain, "", "a\u{1b}[31mb\u{202e}c");
        assert_eq!(page.finish(), "a\\u{1b}[31mb\\u{202e}c\n");
    }
}
