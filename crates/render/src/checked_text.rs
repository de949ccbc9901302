//! What the checker of certificates says, for people.

use crate::colour::Tone;
use crate::page::{Page, counted};
use crate::{Checked, Style};

/// The answer in a few lines: what is proved and what it rests on, or what is wrong and where.
#[must_use]
pub fn checked_text(answer: &Checked<'_>, style: Style) -> String {
    let mut page = Page::new(style);
    let Checked { from, to, channels, profile, facts, assumptions, .. } = match answer.rejection {
        None => answer,
        Some((place, reason)) => {
            page.entry(0, Tone::Bad, "rejected  ", &format!("{place}: {reason}"));
            return page.finish();
        }
    };
    let sides = format!("isolated on {}: {} → {}", channels.join(", "), from.0, to.0);
    page.entry(0, Tone::Good, "accepted  ", &sides);
    page.gap();
    for (name, namespaces) in [from, to] {
        page.entry(0, Tone::Plain, "", &format!("`{name}` is {}", namespaces.join(", ")));
    }
    let facts = counted(*facts, "fact", "facts");
    page.entry(0, Tone::Plain, "", &format!("{facts} under the profile {profile}, each of them verified"));
    page.gap();
    page.entry(0, Tone::Strong, "assumptions: ", "what it rests on, and no manifest can show");
    for (id, text, check) in *assumptions {
        page.hanging(2, Tone::Plain, "- ", &format!("{id}: {text}"), 4);
        page.command(4, Tone::Hint, "", check);
    }
    page.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Colour;
    use crate::fixtures::certificate::{checked, checked_assumptions, checked_names};

    #[test]
    fn an_accepted_certificate_says_what_is_proved_and_on_what() {
        let (names, assumptions) = (checked_names(), checked_assumptions());
        insta::assert_snapshot!(checked_text(&checked(&assumptions, &names), Colour::Plain.into()));
    }

    #[test]
    fn a_rejected_one_says_where() {
        let answer = Checked::rejected("facts[2]", "into `shop`, the case 1 is open");
        let text = checked_text(&answer, Colour::Plain.into());
        assert_eq!(text, "rejected  facts[2]: into `shop`, the case 1 is open\n");
    }
}
