//! What must work all the same: one line a need, and for each that is not open, how to open it.

use crate::Inputs;
use crate::because_text::place_text;
use crate::colour::Tone;
use crate::page::{Page, counted};
use std::collections::BTreeMap;
use watertight_model::{Need, NeedState, Report};

/// The needs of one report; nothing if none was asked.
pub(crate) fn needs_text(page: &mut Page, needs: &[Need], inputs: &Inputs<'_>) {
    if needs.is_empty() {
        return;
    }
    page.gap();
    let open = needs.iter().filter(|need| need.state == NeedState::Open).count();
    let of = counted(needs.len(), "need is open", "needs are open");
    page.entry(0, Tone::Strong, "needs: ", &format!("{open} of {of}"));
    for Need { asked, state, why, help, because } in needs {
        page.hanging(2, tone(*state), &format!("- {state}: "), &format!("{asked}: {why}"), 4);
        for because in because {
            page.hanging(4, Tone::Plain, "", &place_text(because, "", inputs), 6);
        }
        if !help.is_empty() {
            page.hanging(4, Tone::Hint, "help: ", help, 6);
        }
    }
}

/// The needs of one report for each network plugin: on which each is open, and why not on the others.
pub(crate) fn needs_by_plugin(page: &mut Page, reports: &[Report]) {
    let asked = reports.first().map_or(0, |report| report.needs.len());
    if asked > 0 {
        page.gap();
        page.entry(0, Tone::Strong, "needs:", "");
    }
    for index in 0..asked {
        let of_each =
            || reports.iter().filter_map(|report| Some((&report.profile, report.needs.get(index)?)));
        let mut answers: BTreeMap<(NeedState, &str), Vec<&str>> = BTreeMap::new();
        for (profile, need) in of_each() {
            let why = if need.state == NeedState::Open { "" } else { need.why.as_str() };
            answers.entry((need.state, why)).or_default().push(profile);
        }
        let Some((_, first)) = of_each().next() else { continue };
        let worst = of_each().map(|(_, need)| need.state).max().unwrap_or(NeedState::Unknown);
        page.hanging(2, tone(worst), "- ", &first.asked, 4);
        for ((state, why), plugins) in answers {
            let on = match plugins.len() == reports.len() {
                true => "every plugin".to_owned(),
                false => plugins.join(", "),
            };
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
