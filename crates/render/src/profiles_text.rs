//! One boundary under the profile of each enforcer, as people read it: where it holds, and for each where it does not,
//! the rule and the way across.

use crate::Style;
use crate::colour::Tone;
use crate::needs_text::needs_by_plugin;
use crate::page::Page;
use crate::profiles::{boundaries_by_profile, summary, ways};
use watertight_model::{Boundary, Breach, Report};

/// One report for each profile, all of the same boundaries.
#[must_use]
pub fn profiles_text(reports: &[Report], style: impl Into<Style>) -> String {
    let mut page = Page::new(style);
    for boundaries in boundaries_by_profile(reports) {
        page.gap();
        headline(&mut page, &boundaries);
        for (profile, boundary) in &boundaries {
            page.hanging(2, Tone::of(boundary.verdict), &format!("{profile}: "), boundary.verdict.name(), 4);
        }
        ways_across(&mut page, &boundaries);
    }
    needs_by_plugin(&mut page, reports);
    page.gap();
    let next = "the same command with one `--profile NAME`, for all of it and how to close it";
    page.hanging(0, Tone::Hint, "next: ", next, 6);
    page.finish()
}

fn headline(page: &mut Page, boundaries: &[(&str, &Boundary)]) {
    let Some((sides, holds, worst)) = summary(boundaries) else { return };
    page.hanging(0, Tone::of(worst), &format!("{sides}: "), &holds, 2);
}

fn ways_across(page: &mut Page, boundaries: &[(&str, &Boundary)]) {
    for (on, breaches) in ways(boundaries) {
        page.gap();
        page.hanging(0, Tone::Strong, "on ", &format!("{on}:"), 2);
        for Breach { rule, message, .. } in breaches {
            page.hanging(2, Tone::Plain, &format!("{rule}: "), message, 4);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Colour;
    use crate::fixtures;
    use watertight_model::Verdict;

    #[test]
    fn what_differs_between_plugins_is_told_apart() {
        let breached = fixtures::report(Verdict::Breached);
        let isolated = fixtures::report(Verdict::Isolated);
        let reports = [
            Report { profile: "calico".into(), ..breached.clone() },
            Report { profile: "cilium".into(), ..isolated },
            Report { profile: "kube-router".into(), ..breached },
        ];
        insta::assert_snapshot!(profiles_text(&reports, Colour::Plain));
    }
}
