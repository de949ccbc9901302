//! What all formats make of needs: which of them decide, where they stand, and what each network plugin says.

use crate::RulePage;
use std::collections::BTreeMap;
use watertight_base::Span;
use watertight_model::{Evidence, Need, NeedState, Report, Verdict};

/// Under which name needs stand where every entry has the name of a rule.
pub(crate) const RULE: &str = "need";

/// What a need is. It is no rule of a channel or of the reader, and so its page is not among theirs.
pub const NEED: RulePage<'static> = RulePage { name: RULE, markdown: include_str!("need.md") };

/// The needs of a report that are not open, each with whether it decides the answer: only where all is isolated the
/// needs are asked about it, and there the worst of them are the answer.
pub(crate) fn not_open(report: &Report) -> impl Iterator<Item = (&Need, bool)> {
    let isolated = report.boundaries.iter().all(|boundary| boundary.verdict == Verdict::Isolated);
    let worst = report.needs.iter().map(|need| need.state).max();
    let not_open = report.needs.iter().filter(|need| need.state != NeedState::Open);
    not_open.map(move |need| (need, isolated && Some(need.state) == worst))
}

/// `closed need: dns: …`.
pub(crate) fn line(need: &Need) -> String {
    format!("{} need: {}: {}", need.state, need.asked, need.why)
}

/// Where the first object stands that holds it back.
pub(crate) fn span_of(need: &Need) -> Option<Span> {
    need.because.iter().find_map(|because| match because.evidence.as_ref()? {
        Evidence::File(span) => Some(*span),
    })
}

/// What some network plugins say of one need.
pub(crate) struct Answer<'a> {
    /// The answer.
    pub(crate) state: NeedState,
    /// Why; empty where it is open.
    pub(crate) why: &'a str,
    /// How to open it.
    pub(crate) help: &'a str,
    /// `every plugin`, or their names.
    pub(crate) on: String,
}

/// Each need of reports that ask the same under one profile each, with the answers that there are, the best first.
pub(crate) fn by_plugin(reports: &[Report]) -> Vec<(&str, Vec<Answer<'_>>)> {
    let asked = reports.first().map_or(0, |report| report.needs.len());
    let answers = |index: usize| {
        let of_each =
            || reports.iter().filter_map(move |report| Some((&report.profile, report.needs.get(index)?)));
        let mut answers: BTreeMap<(NeedState, &str), (&str, Vec<&str>)> = BTreeMap::new();
        for (profile, need) in of_each() {
            let why = if need.state == NeedState::Open { "" } else { need.why.as_str() };
            answers.entry((need.state, why)).or_insert((&need.help, Vec::new())).1.push(profile);
        }
        let (_, first) = of_each().next()?;
        let answers = answers.into_iter().map(|((state, why), (help, plugins))| {
            let every = plugins.len() == reports.len();
            let on = if every { "every plugin".to_owned() } else { plugins.join(", ") };
            Answer { state, why, help, on }
        });
        Some((first.asked.as_str(), answers.collect()))
    };
    (0..asked).filter_map(answers).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn only_the_worst_needs_decide_and_only_where_all_is_isolated() {
        let deciding = |verdict, needs: Vec<Need>| {
            let report = Report { needs, ..fixtures::report(verdict) };
            not_open(&report).map(|(need, decides)| (need.state, decides)).collect::<Vec<_>>()
        };
        let (closed, unknown) = (NeedState::Closed, NeedState::Unknown);
        let needs = fixtures::needs();
        assert_eq!(deciding(Verdict::Isolated, needs.clone()), [(closed, true), (unknown, false)]);
        assert_eq!(deciding(Verdict::Breached, needs.clone()), [(closed, false), (unknown, false)]);
        let without_closed = vec![needs[0].clone(), needs[2].clone()];
        assert_eq!(deciding(Verdict::Isolated, without_closed), [(unknown, true)]);
    }

    #[test]
    fn a_need_stands_where_what_holds_it_back_does() {
        let needs = fixtures::needs();
        assert_eq!(
            needs.iter().map(span_of).collect::<Vec<_>>(),
            [None, Some(fixtures::span("podSelector:")), None]
        );
    }
}
