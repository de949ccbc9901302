//! One boundary under the profile of each enforcer, as people read it: where it holds, and for each where it does not,
//! the rule and the way across.

use crate::Style;
use crate::colour::Tone;
use crate::needs_text::needs_by_plugin;
use crate::page::{Page, counted};
use std::collections::BTreeMap;
use watertight_model::{Boundary, Breach, Report, Verdict};

/// One report for each profile, all of the same boundaries.
#[must_use]
pub fn profiles_text(reports: &[Report], style: impl Into<Style>) -> String {
    let mut page = Page::new(style);
    for boundaries in by_boundary(reports) {
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

/// Each boundary under the name of each profile.
pub(crate) fn by_boundary(reports: &[Report]) -> Vec<Vec<(&str, &Boundary)>> {
    let count = reports.first().map_or(0, |report| report.boundaries.len());
    let under = |index: usize| {
        reports
            .iter()
            .filter_map(move |report| Some((report.profile.as_str(), report.boundaries.get(index)?)))
    };
    (0..count).map(|index| under(index).collect()).collect()
}

fn headline(page: &mut Page, boundaries: &[(&str, &Boundary)]) {
    let Some((sides, holds, worst)) = summary(boundaries) else { return };
    page.hanging(0, Tone::of(worst), &format!("{sides}: "), &holds, 2);
}

/// `staging → production`, `holds on 1 of 5 network plugins`, and the worst of the verdicts.
pub(crate) fn summary(boundaries: &[(&str, &Boundary)]) -> Option<(String, String, Verdict)> {
    let (_, Boundary { from, to, .. }) = boundaries.first()?;
    let holds = boundaries.iter().filter(|(_, boundary)| boundary.verdict == Verdict::Isolated).count();
    let worst = boundaries.iter().map(|(_, boundary)| boundary.verdict).max()?;
    let of = counted(boundaries.len(), "network plugin", "network plugins");
    Some((format!("{from} → {to}"), format!("holds on {holds} of {of}"), worst))
}

fn ways_across(page: &mut Page, boundaries: &[(&str, &Boundary)]) {
    for (plugins, breaches) in by_plugins(boundaries) {
        let on =
            if plugins.len() == boundaries.len() { "every plugin".to_owned() } else { plugins.join(", ") };
        page.gap();
        page.hanging(0, Tone::Strong, "on ", &format!("{on}:"), 2);
        for Breach { rule, message, .. } in breaches {
            page.hanging(2, Tone::Plain, &format!("{rule}: "), message, 4);
        }
    }
}

/// Each rule that lets something across, with one way, under the plugins on which it does. What most plugins share comes
/// first.
pub(crate) fn by_plugins<'a>(boundaries: &[(&'a str, &'a Boundary)]) -> Vec<(Vec<&'a str>, Vec<&'a Breach>)> {
    let mut by_rule: BTreeMap<&str, (&Breach, Vec<&str>)> = BTreeMap::new();
    for (profile, boundary) in boundaries {
        for breach in boundary.channels.iter().flat_map(|channel| &channel.breaches) {
            let (_, plugins) = by_rule.entry(breach.rule).or_insert((breach, Vec::new()));
            if plugins.last() != Some(profile) {
                plugins.push(profile);
            }
        }
    }
    let mut by_plugins: BTreeMap<Vec<&str>, Vec<&Breach>> = BTreeMap::new();
    for (breach, plugins) in by_rule.into_values() {
        by_plugins.entry(plugins).or_default().push(breach);
    }
    let mut sets: Vec<(Vec<&str>, Vec<&Breach>)> = by_plugins.into_iter().collect();
    sets.sort_by_key(|(plugins, _)| std::cmp::Reverse(plugins.len()));
    sets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Colour;
    use crate::fixtures;

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
