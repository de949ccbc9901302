//! What all formats make of one boundary under many profiles: where it holds, and what gets across on which network plugins.

use crate::page::counted;
use std::collections::BTreeMap;
use watertight_model::{Boundary, Breach, Report, Verdict};

/// Each boundary under the name of each profile.
pub(crate) fn boundaries_by_profile(reports: &[Report]) -> Vec<Vec<(&str, &Boundary)>> {
    let count = reports.first().map_or(0, |report| report.boundaries.len());
    let under = |index: usize| {
        reports
            .iter()
            .filter_map(move |report| Some((report.profile.as_str(), report.boundaries.get(index)?)))
    };
    (0..count).map(|index| under(index).collect()).collect()
}

/// `staging → production`, `holds on 1 of 5 network plugins`, and the worst of the verdicts.
pub(crate) fn summary(boundaries: &[(&str, &Boundary)]) -> Option<(String, String, Verdict)> {
    let (_, Boundary { from, to, .. }) = boundaries.first()?;
    let holds = boundaries.iter().filter(|(_, boundary)| boundary.verdict == Verdict::Isolated).count();
    let worst = boundaries.iter().map(|(_, boundary)| boundary.verdict).max()?;
    let of = counted(boundaries.len(), "network plugin", "network plugins");
    Some((format!("{from} → {to}"), format!("holds on {holds} of {of}"), worst))
}

/// Each rule that lets something across, with one way, under the plugins on which it does: `calico, cilium`. What most
/// plugins share comes first, and of what the same share, what yields most.
pub(crate) fn ways<'a>(boundaries: &[(&'a str, &'a Boundary)]) -> Vec<(String, Vec<&'a Breach>)> {
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
    let named = |plugins: Vec<&str>| match plugins.len() == boundaries.len() {
        true => "every plugin".to_owned(),
        false => plugins.join(", "),
    };
    let worst_first = |mut breaches: Vec<&'a Breach>| {
        breaches.sort_by_key(|breach| (breach.gain(), breach.when));
        breaches
    };
    sets.into_iter().map(|(plugins, breaches)| (named(plugins), worst_first(breaches))).collect()
}
