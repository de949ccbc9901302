//! Whether somebody may do something, as people read it: the answer first, then through what.

use crate::access::{AccessQuestion, user_text};
use crate::colour::Tone;
use crate::grant_text::grant_text;
use crate::page::{Page, counted};
use crate::verdict_text::blind_spots;
use crate::{Colour, Detail, Inputs};
use watertight_model::{AccessAnswer, BlindSpot, Decision, NearMiss, User};

/// The answer, through what it is allowed, or what comes nearest to it.
#[must_use]
pub fn can_text(
    user: &User,
    question: &AccessQuestion<'_>,
    answer: &AccessAnswer,
    inputs: &Inputs<'_>,
    detail: Detail,
    colour: Colour,
) -> String {
    let mut page = Page::new(colour);
    let lead = format!("{}  ", answer.decision.name());
    page.entry(0, tone(answer.decision), &lead, &question.text());
    page.entry(0, Tone::Strong, "as ", &user_text(user));
    if let Some(grant) = &answer.grant {
        page.line(0, Tone::Strong, "because:", "");
        grant_text(&mut page, 2, grant, inputs);
        if answer.further > 0 {
            let further = counted(answer.further, "other rule allows", "other rules allow");
            page.entry(2, Tone::Plain, "", &format!("and {further} the same"));
        }
        page.entry(0, Tone::Strong, "the server says: ", &grant.reason);
    }
    near(&mut page, &answer.near, inputs, detail);
    if !answer.notes.is_empty() {
        page.gap();
        notes(&mut page, &answer.notes);
    }
    unseen(&mut page, "they could allow it", &answer.blind_spots, inputs, detail);
    page.finish()
}

fn tone(decision: Decision) -> Tone {
    match decision {
        Decision::Allowed => Tone::Good,
        Decision::Denied => Tone::Bad,
        Decision::Unknown => Tone::Doubtful,
    }
}

/// What comes nearest, and what it lacks. Of several, a summary shows the first.
fn near(page: &mut Page, near: &[NearMiss], inputs: &Inputs<'_>, detail: Detail) {
    let shown = if detail == Detail::All { near.len() } else { near.len().min(1) };
    for (index, NearMiss { grant, lacks }) in near.iter().take(shown).enumerate() {
        page.gap();
        page.line(0, Tone::Strong, if index == 0 { "nearest:" } else { "less near:" }, "");
        grant_text(page, 2, grant, inputs);
        page.entry(2, Tone::Hint, "but ", &lacks.join(", and "));
    }
    if shown < near.len() {
        page.entry(0, Tone::Plain, "", &format!("and {} less near; `--all` shows each", near.len() - shown));
    }
}

/// What else is to be said.
pub(crate) fn notes(page: &mut Page, notes: &[String]) {
    for note in notes {
        page.entry(0, Tone::Strong, "note: ", note);
    }
}

/// What was not seen or not understood, and what it could change.
pub(crate) fn unseen(page: &mut Page, what: &str, spots: &[BlindSpot], inputs: &Inputs<'_>, detail: Detail) {
    if !spots.is_empty() {
        page.gap();
        page.entry(0, Tone::Doubtful, "blind spots: ", &format!("not seen or not understood; {what}"));
        blind_spots(page, spots, inputs, detail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AskedIn;
    use crate::fixtures::{self, access};
    use crate::page::WIDTH;

    const ALL: [Decision; 3] = [Decision::Allowed, Decision::Denied, Decision::Unknown];

    fn text(decision: Decision, detail: Detail, colour: Colour) -> String {
        let (asked, user, answer) = (access::asked(), access::pipeline(), access::answer(decision));
        let question = access::question(&asked, AskedIn::Namespace);
        fixtures::with_inputs(|inputs| can_text(&user, &question, &answer, inputs, detail, colour))
    }

    #[test]
    fn yes_says_through_what() {
        insta::assert_snapshot!(text(Decision::Allowed, Detail::Summary, Colour::Plain));
    }

    #[test]
    fn no_says_what_comes_nearest() {
        insta::assert_snapshot!(text(Decision::Denied, Detail::Summary, Colour::Plain));
    }

    #[test]
    fn unknown_says_what_was_not_seen() {
        insta::assert_snapshot!(text(Decision::Unknown, Detail::All, Colour::Plain));
    }

    #[test]
    fn what_every_server_has_is_in_no_file() {
        let mut page = Page::new(Colour::Plain);
        let grant = access::grant_of_every_server();
        fixtures::with_inputs(|inputs| grant_text(&mut page, 0, &grant, inputs));
        assert_eq!(
            page.finish(),
            "1. ClusterRoleBinding cluster-admin grants the ClusterRole cluster-admin to\n   Group system:masters\n\
             2. ClusterRole cluster-admin allows * on *.* (every server has it)\n"
        );
    }

    #[test]
    fn the_question_says_where_it_is_asked() {
        let first = |asked: &watertight_model::Attributes, place| {
            let (user, answer) = (access::pipeline(), access::answer(Decision::Denied));
            let question = access::question(asked, place);
            let text = fixtures::with_inputs(|inputs| {
                can_text(&user, &question, &answer, inputs, Detail::Summary, Colour::Plain)
            });
            text.lines().next().unwrap().to_owned()
        };
        let mut asked = access::asked();
        assert_eq!(first(&asked, AskedIn::Namespace), "no  patch deployments.apps web in shop");
        if let watertight_model::Attributes::Resource(asked) = &mut asked {
            asked.namespace.clear();
        }
        assert_eq!(first(&asked, AskedIn::AllNamespaces), "no  patch deployments.apps web in all namespaces");
        assert_eq!(first(&asked, AskedIn::Cluster), "no  patch deployments.apps web");
        assert_eq!(first(&access::asked_path(), AskedIn::Cluster), "no  get /metrics");
    }

    #[test]
    fn a_page_is_narrow_and_colours_change_no_letter() {
        for (decision, detail) in
            ALL.into_iter().flat_map(|each| [(each, Detail::Summary), (each, Detail::All)])
        {
            let plain = text(decision, detail, Colour::Plain);
            assert!(plain.lines().all(|line| line.chars().count() <= WIDTH), "{plain}");
            let coloured = text(decision, detail, Colour::Ansi);
            assert_ne!(coloured, plain);
            assert_eq!(fixtures::without_colours(&coloured), plain);
        }
    }
}
