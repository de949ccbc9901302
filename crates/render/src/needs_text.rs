//! What must work all the same: one line a need, and for each that is not open, how to open it.

use crate::Inputs;
use crate::because_text::place_text;
use crate::colour::Tone;
use crate::needs::{Answer, by_plugin};
use crate::page::{Page, counted};
use watertight_model::{Need, NeedState, Report};

/// The needs of one report; nothing if none was asked.
pub(crate) fn needs_text(page: &mut Page, needs: &[Need], inputs: &Inputs<'_>) {
    if needs.is_empty() {
        return;
    }
    page.gap();
    page.entry(0, Tone::Strong, "needs: ", &open_of(needs));
    needs.iter().for_each(|need| need_text(page, need, inputs));
}

/// One need.
pub(crate) fn need_text(page: &mut Page, need: &Need, inputs: &Inputs<'_>) {
    let Need { asked, state, why, help, because } = need;
    page.hanging(2, tone(*state), &format!("- {state}: "), &format!("{asked}: {why}"), 4);
    for because in because {
        page.hanging(4, Tone::Plain, "", &place_text(because, "", inputs), 6);
    }
    if !help.is_empty() {
        page.hanging(4, Tone::Hint, "help: ", help, 6);
    }
}

/// `2 of 3 needs are open`.
pub(crate) fn open_of(needs: &[Need]) -> String {
    let open = needs.iter().filter(|need| need.state == NeedState::Open).count();
    format!("{open} of {}", counted(needs.len(), "need is open", "needs are open"))
}

/// The needs of one report for each network plugin: on which each is open, and why not on the others.
pub(crate) fn needs_by_plugin(page: &mut Page, reports: &[Report]) {
    let needs = by_plugin(reports);
    if !needs.is_empty() {
        page.gap();
        page.entry(0, Tone::Strong, "needs:", "");
    }
    for (asked, answers) in needs {
        // The answers are sorted, and the worst is the last.
        let worst = answers.last().map_or(NeedState::Unknown, |answer| answer.state);
        page.hanging(2, tone(worst), "- ", asked, 4);
        for Answer { state, why, on, .. } in answers {
            let why = if why.is_empty() { String::new() } else { format!(": {why}") };
            page.hanging(4, tone(state), &format!("{state} "), &format!("on {on}{why}"), 6);
        }
    }
}

fn tone(state: NeedState) -> Tone {
    match state {
        NeedState::Open => Tone::Good,
        NeedState::Unknown => Tone::Doubtful,
        NeedState::Closed => Tone::Bad,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Colour, fixtures};
    use watertight_model::Verdict;

    #[test]
    fn each_need_says_its_own_and_how_to_open_it() {
        let mut page = Page::new(Colour::Plain);
        fixtures::with_inputs(|inputs| needs_text(&mut page, &fixtures::needs(), inputs));
        insta::assert_snapshot!(page.finish());
    }

    #[test]
    fn a_need_says_on_which_plugins_it_is_open() {
        let report = fixtures::report(Verdict::Isolated);
        let mut closed = fixtures::needs();
        closed[0] = Need { asked: closed[0].asked.clone(), ..closed[1].clone() };
        let reports = [
            Report { profile: "calico".into(), needs: fixtures::needs(), ..report.clone() },
            Report { profile: "cilium".into(), needs: closed, ..report },
        ];
        let mut page = Page::new(Colour::Plain);
        needs_by_plugin(&mut page, &reports);
        insta::assert_snapshot!(page.finish());
    }

    #[test]
    fn nothing_is_said_where_nothing_was_asked() {
        let mut page = Page::new(Colour::Plain);
        fixtures::with_inputs(|inputs| needs_text(&mut page, &[], inputs));
        needs_by_plugin(&mut page, &[fixtures::report(Verdict::Isolated)]);
        assert_eq!(page.finish(), "");
    }
}
