//! How text is written for one reader: in which colours, and by what name the program is called in what they may type.

use crate::Colour;

/// The program's own name.
const PROGRAM: &str = "watertight";

/// How text is written. A colour alone is that of somebody who calls the program by its own name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether it carries colours.
    pub colour: Colour,
    /// What people type to run the program: `watertight`, or `kubectl watertight`.
    pub program: &'static str,
}

impl From<Colour> for Style {
    fn from(colour: Colour) -> Self {
        Self { colour, program: PROGRAM }
    }
}

impl Style {
    /// A hint, in which commands of the program, at its beginning or in backticks, are as people type them.
    pub(crate) fn typed(self, hint: &str) -> String {
        let command = format!("{PROGRAM} ");
        let typed = format!("{} ", self.program);
        let hint = hint.replace(&format!("`{command}"), &format!("`{typed}"));
        match hint.strip_prefix(&command) {
            Some(rest) => typed + rest,
            None => hint,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_says_what_people_type_and_leaves_other_words_alone() {
        let plugin = Style { colour: Colour::Plain, program: "kubectl watertight" };
        for (hint, typed) in [
            ("watertight explain x", "kubectl watertight explain x"),
            (
                "`watertight map` lists them; or `watertight rules`",
                "`kubectl watertight map` lists them; or `kubectl watertight rules`",
            ),
            (
                "label it `watertight`, keep the watertight rules",
                "label it `watertight`, keep the watertight rules",
            ),
        ] {
            assert_eq!(plugin.typed(hint), typed);
            assert_eq!(Style::from(Colour::Plain).typed(hint), hint);
        }
    }
}
