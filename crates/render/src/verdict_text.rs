//! A verdict as people read it: the answer first, then what it rests on, and at the end the next command.

use crate::because_text::place_text;
use crate::breach_text::cause_text;
use crate::colour::Tone;
use crate::diagnostics_text::summary;
use crate::headline::Headline;
use crate::needs_text::needs_text;
use crate::page::Page;
use crate::{Detail, Inputs, Style};
use watertight_base::Diagnostic;
use watertight_model::{
    Assumption, BlindSpot, Boundary, Breach, Cause, Channel, ChannelReport, EnvironmentReport, NearWay,
    Principal, PrincipalChoice, PublicEntry, Report, ShownEnforcer, SubjectKind, Verdict,
};

/// How many namespaces of an environment, blind spots or public entries a summary names.
const FEW: usize = 10;
/// How many causes of breaches a summary shows.
const CAUSES_FEW: usize = 20;

/// The whole report. `diagnostics` are only counted here; `reverse` is the command that asks the other way round, which
/// is the next one to run after `isolated`.
#[must_use]
pub fn verdict_text(
    report: &Report,
    diagnostics: &[Diagnostic],
    inputs: &Inputs<'_>,
    reverse: &str,
    detail: Detail,
    style: impl Into<Style>,
) -> String {
    let mut page = Page::new(style);
    for boundary in &report.boundaries {
        page.gap();
        headline(&mut page, boundary, &report.profile);
        page.gap();
        for environment in &report.environments {
            environment_text(&mut page, environment, detail);
        }
        if !report.neither.is_empty() {
            let shown = detail.shown(report.neither.len(), FEW);
            let more = report.neither.len() - shown;
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let names = report.neither.iter().take(shown).map(String::as_str).collect::<Vec<_>>().join(", ");
            page.entry(0, Tone::Plain, "of neither side: ", &format!("{names}{more}"));
        }
        causes_text(&mut page, &boundary.causes(), inputs, detail);
        for channel in &boundary.channels {
            if boundary.channels.len() > 1 {
                page.gap();
                let lead = format!("channel {}: ", channel.channel.name());
                page.entry(0, Tone::of(channel.verdict), &lead, channel.verdict.name());
            }
            channel_text(&mut page, channel, inputs, detail);
        }
        page.gap();
        limits(&mut page, boundary, report);
    }
    if let Some(enforcer) = &report.enforcer {
        shown_enforcer(&mut page, report, enforcer);
    }
    needs_text(&mut page, &report.needs, inputs);
    if !report.needs.is_empty() {
        page.gap();
    }
    if !diagnostics.is_empty() {
        page.entry(0, Tone::Strong, "input: ", &format!("{}, shown on stderr", summary(diagnostics)));
    }
    for boundary in &report.boundaries {
        // The breaches have scrolled the first line away.
        if boundary.verdict == Verdict::Breached {
            page.gap();
            headline(&mut page, boundary, &report.profile);
        }
        page.command(0, Tone::Hint, "next: ", &next_command(boundary, reverse));
    }
    page.finish()
}

/// That the input shows an enforcer, and what it alone would mean.
fn shown_enforcer(page: &mut Page, report: &Report, enforcer: &ShownEnforcer) {
    let ShownEnforcer { profile, title, object, verdict } = enforcer;
    let worst = report.boundaries.iter().map(|boundary| boundary.verdict).max();
    let means = match worst == Some(*verdict) {
        true => "with it the answer is the same".to_owned(),
        false => format!("with its default settings the answer is `{verdict}`"),
    };
    let text = format!("{title}, by {object}; {means} (`--profile {profile}`)");
    page.entry(0, Tone::Plain, "network plugin: ", &text);
}

/// `breached on network  staging → production: 5 ways across from 2 causes (3 now, 2 possible)`.
fn headline(page: &mut Page, boundary: &Boundary, profile: &str) {
    let Headline { verdict, boundary: sides, why } = Headline::of(boundary, profile);
    let why = if why.is_empty() { String::new() } else { format!(": {why}") };
    page.hanging(0, Tone::of(boundary.verdict), &format!("{verdict}  "), &format!("{sides}{why}"), 2);
}

fn environment_text(page: &mut Page, environment: &EnvironmentReport, detail: Detail) {
    let EnvironmentReport { name, namespaces, principals } = environment;
    page.entry(0, Tone::Plain, "", &format!("`{name}` is taken to be"));
    let shown = detail.shown(namespaces.len(), FEW);
    let named = || namespaces.iter().take(shown);
    let width = named().map(|namespace| namespace.name.chars().count()).max().unwrap_or(0);
    for namespace in named() {
        let lead = format!("namespace {:width$}  ", namespace.name);
        page.entry(2, Tone::Plain, &lead, &format!("since it {}", namespace.why));
    }
    rest(page, 2, namespaces.len() - shown);
    // A ServiceAccount is where its namespace is, which goes without saying.
    let people: Vec<&PrincipalChoice> =
        principals.iter().filter(|choice| is_of_people(&choice.principal)).collect();
    let shown = detail.shown(people.len(), FEW);
    for PrincipalChoice { principal, why } in people.iter().take(shown) {
        page.entry(2, Tone::Plain, &format!("{principal}  "), &format!("since it {why}"));
    }
    rest(page, 2, people.len() - shown);
}

fn is_of_people(principal: &Principal) -> bool {
    match principal.kind {
        SubjectKind::User => true,
        SubjectKind::Group => !principal.name.starts_with("system:serviceaccounts"),
        SubjectKind::ServiceAccount(_) => false,
    }
}

/// What was found on a channel besides breaches, and what its answer rests on.
pub(crate) fn channel_text(page: &mut Page, channel: &ChannelReport, inputs: &Inputs<'_>, detail: Detail) {
    lesser(page, &channel.lesser, inputs, detail);
    nearest(page, channel, inputs);
    if !channel.public.is_empty() {
        page.gap();
        page.entry(0, Tone::Strong, "public: ", "open to everybody on purpose, and so no breach");
        let shown = detail.shown(channel.public.len(), FEW);
        for PublicEntry { message, because } in channel.public.iter().take(shown) {
            page.entry(2, Tone::Plain, "- ", message);
            for because in because {
                page.hanging(4, Tone::Plain, "", &place_text(because, message, inputs), 6);
            }
        }
        rest(page, 2, channel.public.len() - shown);
    }
    if !channel.blind_spots.is_empty() {
        page.gap();
        let what = "not seen or not understood, and so never counted as safe";
        page.entry(0, Tone::Doubtful, "blind spots: ", what);
        blind_spots(page, &channel.blind_spots, inputs, detail);
    }
    if !channel.assumptions.is_empty() {
        page.gap();
        let what = match detail {
            Detail::Summary => "the input cannot show these; `--all` says how to check each",
            Detail::All => "the input cannot show these",
        };
        page.entry(0, Tone::Strong, "assumptions: ", what);
        for Assumption { id, text, check } in &channel.assumptions {
            page.hanging(2, Tone::Plain, &format!("- {id}: "), text, 4);
            if detail == Detail::All {
                page.long_command(4, "check: ", check);
            }
        }
    }
}

/// The breaches by their causes, the worst first.
pub(crate) fn causes_text(page: &mut Page, causes: &[Cause<'_>], inputs: &Inputs<'_>, detail: Detail) {
    let shown = detail.shown(causes.len(), CAUSES_FEW);
    for (index, cause) in causes.iter().take(shown).enumerate() {
        page.gap();
        if causes.len() > 1 {
            page.rule(&format!("{} of {}", index + 1, causes.len()));
        }
        cause_text(page, cause, inputs, detail);
    }
    if shown < causes.len() {
        page.gap();
        rest(page, 0, causes.iter().skip(shown).map(Cause::count).sum());
    }
}

/// What is of lesser rank, in short: each is told as a breach with `--strict`.
fn lesser(page: &mut Page, lesser: &[Breach], inputs: &Inputs<'_>, detail: Detail) {
    if lesser.is_empty() {
        return;
    }
    page.gap();
    page.entry(0, Tone::Strong, "of lesser rank: ", "no breach unless `--strict` makes one of it");
    let shown = detail.shown(lesser.len(), FEW);
    for Breach { rule, message, highlight, .. } in lesser.iter().take(shown) {
        let place = highlight.as_ref().and_then(|(span, _)| inputs.place(*span));
        let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
        page.hanging(2, Tone::Plain, &format!("- {rule}: "), &format!("{message}{place}"), 4);
    }
    rest(page, 2, lesser.len() - shown);
}

/// What is nearest to being open, and what stands in it.
fn nearest(page: &mut Page, channel: &ChannelReport, inputs: &Inputs<'_>) {
    if channel.nearest.is_empty() {
        return;
    }
    page.gap();
    page.entry(0, Tone::Strong, "nearest: ", "ways that are not open, and what stands in each");
    for NearWay { rule, message, blocked, because } in &channel.nearest {
        page.hanging(2, Tone::Plain, &format!("- {rule}: "), message, 4);
        page.hanging(4, Tone::Plain, "", blocked, 6);
        for because in because {
            page.hanging(4, Tone::Plain, "- ", &place_text(because, blocked, inputs), 6);
        }
    }
}

/// Each blind spot with its place and how to make it seen.
pub(crate) fn blind_spots(page: &mut Page, spots: &[BlindSpot], inputs: &Inputs<'_>, detail: Detail) {
    let shown = detail.shown(spots.len(), FEW);
    for BlindSpot { rule, reason, span, help, .. } in spots.iter().take(shown) {
        let place = span.and_then(|span| inputs.place(span)).map(|place| format!(" ({place})"));
        page.hanging(
            2,
            Tone::Doubtful,
            &format!("- {rule}: "),
            &format!("{reason}{}", place.unwrap_or_default()),
            4,
        );
        page.hanging(4, Tone::Hint, "help: ", help, 6);
    }
    rest(page, 2, spots.len() - shown);
}

fn rest(page: &mut Page, indent: usize, hidden: usize) {
    if hidden > 0 {
        page.entry(indent, Tone::Plain, "", &format!("and {hidden} more; `--all` shows each"));
    }
}

/// What was not examined, and what is outside the promise altogether (conventions 2 and 3).
fn limits(page: &mut Page, boundary: &Boundary, report: &Report) {
    let Boundary { from, to, not_examined, .. } = boundary;
    page.entry(0, Tone::Strong, "profile: ", &report.profile);
    if !not_examined.is_empty() {
        let names: Vec<&str> = not_examined.iter().copied().map(Channel::name).collect();
        page.entry(0, Tone::Strong, "not examined: ", &names.join(", "));
    }
    page.entry(0, Tone::Strong, "outside this promise: ", &format!("`{to}` dialling `{from}`"));
}

fn next_command(boundary: &Boundary, reverse: &str) -> String {
    let mut spots = boundary.channels.iter().flat_map(|channel| &channel.blind_spots);
    match boundary.verdict {
        Verdict::Breached => {
            let first = boundary.causes().into_iter().next();
            first.map_or_else(String::new, |cause| format!("watertight explain {}", cause.worst.rule))
        }
        Verdict::Unknown => spots.next().map_or_else(String::new, |spot| spot.help.clone()),
        Verdict::Isolated => reverse.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Colour;
    use crate::fixtures;
    use crate::page::WIDTH;

    const REVERSE: &str = "watertight prove -f k8s --from production --to staging";

    fn text(verdict: Verdict, colour: Colour) -> String {
        let diagnostics = fixtures::diagnostics();
        fixtures::with_inputs(|inputs| {
            verdict_text(&fixtures::report(verdict), &diagnostics, inputs, REVERSE, Detail::Summary, colour)
        })
    }

    #[test]
    fn a_breach_is_a_derivation_with_evidence() {
        insta::assert_snapshot!(text(Verdict::Breached, Colour::Plain));
    }

    #[test]
    fn isolated_says_on_what_it_rests() {
        insta::assert_snapshot!(text(Verdict::Isolated, Colour::Plain));
    }

    #[test]
    fn unknown_says_what_was_not_seen_and_what_to_do() {
        insta::assert_snapshot!(text(Verdict::Unknown, Colour::Plain));
    }

    #[test]
    fn a_headline_names_the_profile_unless_it_is_the_default() {
        let first = |profile: &str| {
            let report = Report { profile: profile.to_owned(), ..fixtures::report(Verdict::Isolated) };
            let text = fixtures::with_inputs(|inputs| {
                verdict_text(&report, &[], inputs, REVERSE, Detail::Summary, Colour::Plain)
            });
            text.lines().next().map(str::to_owned)
        };
        assert_eq!(first("conservative").unwrap(), "isolated on network  staging → production");
        assert_eq!(
            first("declared").unwrap(),
            "isolated on network under the profile declared  staging → production"
        );
    }

    #[test]
    fn breaches_of_all_channels_stand_with_their_cause_the_worst_first() {
        let lines = |detail| {
            let text = fixtures::with_inputs(|inputs| {
                verdict_text(&fixtures::one_cause(), &[], inputs, REVERSE, detail, Colour::Plain)
            });
            let is_told = |line: &&str| {
                ["error[", "the same cause", "  - change-", "  - unfenced-"]
                    .iter()
                    .any(|start| line.starts_with(start))
            };
            text.lines().filter(is_told).map(str::to_owned).collect::<Vec<_>>()
        };
        let worst = "error[read-secrets]: ServiceAccount staging/ci can read the Secrets of every";
        let network = "error[broad-namespace-selector]: Deployment staging/api can open TCP 5432 to";
        assert_eq!(
            lines(Detail::All),
            [
                worst,
                "the same cause gives 2 more:",
                "  - unfenced-future-pod: a new pod in `staging` can reach a new pod in",
                "  - change-objects: change objects in every namespace",
                network,
                "the same cause gives 11 more; `--all` lists each",
            ]
        );
    }

    #[test]
    fn how_to_check_an_assumption_is_said_where_all_is_asked_for() {
        let checks = |detail| {
            let text = fixtures::with_inputs(|inputs| {
                verdict_text(
                    &fixtures::report(Verdict::Isolated),
                    &[],
                    inputs,
                    REVERSE,
                    detail,
                    Colour::Plain,
                )
            });
            text.lines().filter(|line| line.starts_with("    check: ")).count()
        };
        let assumptions = fixtures::report(Verdict::Isolated).boundaries[0].channels[0].assumptions.len();
        assert_eq!((checks(Detail::Summary), checks(Detail::All)), (0, assumptions));
    }

    #[test]
    fn no_line_is_wider_than_the_page() {
        for verdict in [Verdict::Isolated, Verdict::Unknown, Verdict::Breached] {
            for line in text(verdict, Colour::Plain).lines() {
                assert!(line.chars().count() <= WIDTH, "{line}");
            }
        }
    }

    #[test]
    fn colours_change_no_letter() {
        for verdict in [Verdict::Isolated, Verdict::Unknown, Verdict::Breached] {
            let coloured = text(verdict, Colour::Ansi);
            assert_ne!(coloured, text(verdict, Colour::Plain));
            assert_eq!(fixtures::without_colours(&coloured), text(verdict, Colour::Plain));
        }
    }

    #[test]
    fn a_long_list_is_cut_and_says_so_unless_all_is_asked_for() {
        let spots: Vec<BlindSpot> = (0..40).map(|_| fixtures::blind_spot()).collect();
        let lines = |detail| {
            let mut page = Page::new(Colour::Plain);
            fixtures::with_inputs(|inputs| blind_spots(&mut page, &spots, inputs, detail));
            let text = page.finish();
            let entries = text.lines().filter(|line| line.starts_with("  - ")).count();
            (entries, text.lines().last().unwrap_or_default().to_owned())
        };
        assert_eq!(lines(Detail::Summary), (10, "  and 30 more; `--all` shows each".to_owned()));
        assert_eq!(lines(Detail::All).0, 40);
    }
}
