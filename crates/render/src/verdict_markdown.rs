//! A verdict as a comment on a pull request, in GitHub's Markdown: the answer, a table of the ways across, and all else
//! folded away.

use crate::because_text::{because_text, place_text};
use crate::breach_text::{short, when_text};
use crate::comment::Comment;
use crate::diagnostics_text::summary;
use crate::headline::Headline;
use crate::markdown::{cell, code, html, text};
use crate::needs::span_of as span_of_need;
use crate::needs_text::open_of;
use crate::page::counted;
use crate::place::{Place, span_of};
use crate::{Inputs, Provenance};
use watertight_base::{Diagnostic, Span};
use watertight_model::{
    Assumption, BlindSpot, Boundary, Breach, Cause, Channel, ChannelReport, EnvironmentReport, NearWay, Need,
    NeedState, PublicEntry, Report, Verdict,
};

/// The report as one comment.
#[must_use]
pub fn verdict_markdown(report: &Report, provenance: Provenance<'_>) -> String {
    let mut comment = Comment::new();
    for boundary in &report.boundaries {
        boundary_markdown(&mut comment, boundary, report, provenance);
    }
    needs(&mut comment, &report.needs, provenance);
    diagnostics(&mut comment, provenance);
    comment.finish()
}

fn boundary_markdown(
    comment: &mut Comment,
    boundary: &Boundary,
    report: &Report,
    provenance: Provenance<'_>,
) {
    let Headline { verdict, boundary: sides, why } = Headline::of(boundary, &report.profile);
    comment.always(&format!("### {}: {}\n\n", text(&verdict), text(&sides)));
    if !why.is_empty() {
        comment.always(&format!("{}.\n\n", text(&why)));
    }
    let causes = boundary.causes();
    comment.list(
        "| rule | when | way across | ways | where |\n|---|---|---|---:|---|\n",
        causes.iter().map(|cause| row(cause, provenance)),
        "\n",
        40,
        ("way across", "ways across"),
    );
    // What decides comes first: a verdict of `unknown` is about its blind spots.
    let spots = boundary.channels.iter().flat_map(|channel| &channel.blind_spots);
    if boundary.verdict == Verdict::Unknown {
        blind_spots(comment, spots.clone(), "<details open>", provenance);
    }
    let derivations = causes.iter().map(|cause| derivation(cause, provenance.inputs));
    comment.list("", derivations, "", 75, ("derivation", "derivations"));
    if boundary.verdict != Verdict::Unknown {
        blind_spots(comment, spots, "<details>", provenance);
    }
    for channel in &boundary.channels {
        rests_on(comment, channel, provenance.inputs);
    }
    environments(comment, report);
    comment.always(&limits(boundary, report));
}

/// A row of the table of the ways across: the worst of a cause, and how many there are by it.
fn row(cause: &Cause<'_>, provenance: Provenance<'_>) -> String {
    let Breach { rule, when, message, .. } = cause.worst;
    let count = cause.count();
    let place = span_of(cause.worst).and_then(|span| place(span, provenance)).unwrap_or_default();
    let rule = cell(&format!("`{rule}`"));
    format!("| {rule} | {} | {} | {count} | {} |\n", when.name(), cell(message), place.replace('|', "\\|"))
}

/// `k8s/db.yaml:12:11`, as code.
fn place(span: Span, provenance: Provenance<'_>) -> Option<String> {
    let Place { file, start, .. } = Place::of(span, provenance.inputs, provenance.working_directory)?;
    Some(code(&format!("{}:{}:{}", file.path(), start.line, start.column)))
}

/// The steps of the worst way across by a cause, folded, with the others in short.
fn derivation(cause: &Cause<'_>, inputs: &Inputs<'_>) -> String {
    let Breach { rule, when, message, help, steps, reached, .. } = cause.worst;
    let mut out =
        format!("<details>\n<summary>{}: {}</summary>\n\n", html(&format!("`{rule}`")), html(message));
    out += &format!("when: {}\n\n", text(when_text(*when)));
    if reached.len() > 1 {
        let reached: Vec<&str> = reached.iter().map(String::as_str).collect();
        out += &format!("reaches: {}\n\n", text(&reached.join(", ")));
    }
    for step in steps {
        let lead = format!("{}. ", step.id);
        out += &format!("{lead}{}: {} ({})\n", step.channel.name(), text(&step.text), step.rule);
        for because in &step.because {
            let indent = " ".repeat(lead.len());
            out += &format!("{indent}- {}\n", text(&because_text(because, &step.text, inputs)));
        }
    }
    out += &format!("\nhelp: {}\n\nrule: {}\n", text(help), code(&format!("watertight explain {rule}")));
    let more = cause.count() - 1;
    if !cause.others.is_empty() {
        out += &format!("\nthe same cause gives {more} more:\n\n");
        let others = cause.others.iter();
        out.extend(others.map(|other| format!("- {}: {}\n", code(other.rule), text(&short(other, cause)))));
    } else if more > 0 {
        out += &format!("\nthe same cause gives {more} more; `--all` lists each\n");
    }
    out + "\n</details>\n\n"
}

fn blind_spots<'a>(
    comment: &mut Comment,
    spots: impl Iterator<Item = &'a BlindSpot> + Clone,
    details: &str,
    provenance: Provenance<'_>,
) {
    let title = counted(spots.clone().count(), "blind spot", "blind spots");
    let entry = |spot: &BlindSpot| {
        let BlindSpot { rule, reason, span, help, .. } = spot;
        let place = span.and_then(|span| place(span, provenance));
        let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
        format!("- {}: {}{place}\n  - help: {}\n", code(rule), text(reason), text(help))
    };
    let open = folded(details, &format!("{title}, not seen or not understood, and so never counted as safe"));
    comment.list(&open, spots.map(entry), CLOSE, 75, ("blind spot", "blind spots"));
}

/// What is of lesser rank, what is nearest to being open, what is public, and what is assumed.
fn rests_on(comment: &mut Comment, channel: &ChannelReport, inputs: &Inputs<'_>) {
    let title = counted(channel.lesser.len(), "finding", "findings");
    let entry = |breach: &Breach| format!("- {}: {}\n", code(breach.rule), text(&breach.message));
    let open =
        folded("<details>", &format!("{title} of lesser rank, no breach unless `--strict` makes one of it"));
    comment.list(&open, channel.lesser.iter().map(entry), CLOSE, 75, ("finding", "findings"));

    let title = counted(channel.nearest.len(), "way", "ways");
    let entry = |way: &NearWay| {
        let because = way.because.iter();
        let because =
            because.map(|because| format!("  - {}\n", text(&place_text(because, &way.blocked, inputs))));
        let because: String = because.collect();
        format!("- {}: {}; {}\n{because}", code(way.rule), text(&way.message), text(&way.blocked))
    };
    let open = folded("<details>", &format!("{title} that are not open, and what stands in each"));
    comment.list(&open, channel.nearest.iter().map(entry), CLOSE, 75, ("way", "ways"));

    let title = counted(channel.public.len(), "public entry", "public entries");
    let entry = |entry: &PublicEntry| {
        let PublicEntry { message, because } = entry;
        let because =
            because.iter().map(|because| format!("  - {}\n", text(&place_text(because, message, inputs))));
        format!("- {}\n{}", text(message), because.collect::<String>())
    };
    let open = folded("<details>", &format!("{title}, open to everybody on purpose, and so no breach"));
    comment.list(&open, channel.public.iter().map(entry), CLOSE, 75, ("public entry", "public entries"));

    let title = counted(channel.assumptions.len(), "assumption", "assumptions");
    let entry = |assumption: &Assumption| {
        let Assumption { id, text: says, check } = assumption;
        format!("- {}: {}\n  - check: {}\n", code(id), text(says), code(check))
    };
    let open = folded("<details>", &format!("{title}, which the input cannot show"));
    comment.list(&open, channel.assumptions.iter().map(entry), CLOSE, 75, ("assumption", "assumptions"));
}

/// What each environment was taken to be.
fn environments(comment: &mut Comment, report: &Report) {
    let entries = report.environments.iter().flat_map(|environment| {
        let EnvironmentReport { name, namespaces, .. } = environment;
        let entry = move |namespace: &str, why: &str| {
            format!("- {}: namespace {}, since it {}\n", code(name), code(namespace), text(why))
        };
        namespaces.iter().map(move |namespace| entry(&namespace.name, &namespace.why))
    });
    let open = folded("<details>", "what the environments were taken to be");
    comment.list(&open, entries, CLOSE, 75, ("namespace", "namespaces"));
}

/// What must work all the same, as a table, which is unfolded unless all of it does; nothing if nothing was asked.
fn needs(comment: &mut Comment, needs: &[Need], provenance: Provenance<'_>) {
    let details =
        if needs.iter().all(|need| need.state == NeedState::Open) { "<details>" } else { "<details open>" };
    let open = folded(&format!("\n{details}"), &open_of(needs));
    let rows = needs.iter().map(|need| {
        let Need { asked, state, why, help, .. } = need;
        let place = span_of_need(need).and_then(|span| place(span, provenance)).unwrap_or_default();
        let asked = cell(&format!("`{asked}`"));
        format!("| {asked} | {state} | {} | {} | {} |\n", cell(why), cell(help), place.replace('|', "\\|"))
    });
    let head = "| need | state | why | help | where |\n|---|---|---|---|---|\n";
    comment.list(&format!("{open}{head}"), rows, CLOSE, 100, ("need", "needs"));
}

/// What is wrong with the input, folded; nothing if nothing is.
pub(crate) fn diagnostics(comment: &mut Comment, provenance: Provenance<'_>) {
    let mut sorted: Vec<&Diagnostic> = provenance.diagnostics.iter().collect();
    sorted.sort_by_key(|diagnostic| diagnostic.severity);
    let entry = |diagnostic: &Diagnostic| {
        let Diagnostic { rule, severity, message, at, help, without: _ } = diagnostic;
        let place = at.as_ref().and_then(|&(span, _)| place(span, provenance));
        let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
        let help = help.as_ref().map(|help| format!("  - help: {}\n", text(help))).unwrap_or_default();
        format!("- {severity} {}: {}{place}\n{help}", code(rule), text(message))
    };
    let open = folded("\n<details>", &format!("input: {}", summary(provenance.diagnostics)));
    let finding = ("finding about the input", "findings about the input");
    comment.list(&open, sorted.into_iter().map(entry), CLOSE, 100, finding);
}

/// Where a fold ends.
const CLOSE: &str = "\n</details>\n\n";

fn folded(details: &str, title: &str) -> String {
    format!("{details}\n<summary>{}</summary>\n\n", html(title))
}

/// What the answer is about and what it is not.
fn limits(boundary: &Boundary, report: &Report) -> String {
    let Boundary { from, to, not_examined, .. } = boundary;
    let mut lines = vec![format!("profile: {}", code(&report.profile))];
    if let Some(enforcer) = &report.enforcer {
        lines.push(format!(
            "network plugin: {}, by {}; under `--profile {}` the answer is {}",
            text(&enforcer.title),
            text(&enforcer.object.to_string()),
            enforcer.profile,
            enforcer.verdict
        ));
    }
    if !not_examined.is_empty() {
        let names: Vec<&str> = not_examined.iter().copied().map(Channel::name).collect();
        lines.push(format!("not examined: {}", names.join(", ")));
    }
    lines.push(format!("outside this promise: {} dialling {}", code(to), code(from)));
    lines.iter().map(|line| format!("- {line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, with_provenance};
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag};
    use watertight_model::Root;

    fn markdown(report: &Report) -> String {
        with_provenance(|provenance| verdict_markdown(report, provenance))
    }

    #[test]
    fn a_breach_is_a_row_and_a_folded_derivation() {
        insta::assert_snapshot!(markdown(&fixtures::report(Verdict::Breached)));
    }

    #[test]
    fn what_has_one_cause_is_one_row_and_one_fold() {
        let markdown = markdown(&fixtures::one_cause());
        let rows: Vec<&str> =
            markdown.lines().filter(|line| line.starts_with("| ") && line.contains("now")).collect();
        assert_eq!(rows.len(), 2);
        assert!(rows[0].contains("read-secrets") && rows[0].contains("| 3 |"), "{}", rows[0]);
        let (_, others) = markdown.split_once("the same cause gives 2 more:\n\n").unwrap();
        let others: Vec<&str> = others.lines().take_while(|line| !line.is_empty()).collect();
        assert_eq!(others.len(), 2);
        assert_eq!(others[1], "- `change-objects`: change objects in every namespace");
    }

    #[test]
    fn unknown_unfolds_what_was_not_seen() {
        insta::assert_snapshot!(markdown(&fixtures::report(Verdict::Unknown)));
    }

    #[test]
    fn isolated_says_on_what_it_rests() {
        insta::assert_snapshot!(markdown(&fixtures::report(Verdict::Isolated)));
    }

    /// The events of the comment, as GitHub would read it.
    fn events(markdown: &str) -> Vec<Event<'_>> {
        Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH).collect()
    }

    /// The tags of HTML that are in the comment, one an entry.
    fn tags(markdown: &str) -> Vec<String> {
        let html = events(markdown).into_iter().filter_map(|event| match event {
            Event::Html(html) | Event::InlineHtml(html) => Some(html.to_string()),
            _ => None,
        });
        let html: String = html.collect();
        html.split('<').skip(1).filter_map(|tag| Some(tag.split_once('>')?.0.to_owned())).collect()
    }

    #[test]
    fn a_table_has_a_row_for_each_breach_and_every_fold_is_closed() {
        let markdown = markdown(&fixtures::report(Verdict::Breached));
        let rows =
            events(&markdown).iter().filter(|event| matches!(event, Event::Start(Tag::TableRow))).count();
        assert_eq!(rows, 2);
        let tags = tags(&markdown);
        let count = |name: &str| tags.iter().filter(|tag| *tag == name).count();
        assert_eq!(count("details"), count("/details"));
        assert_eq!(count("summary"), count("/summary"));
        assert_eq!(count("details"), 8);
        let kinds: std::collections::BTreeSet<&str> = tags.iter().map(String::as_str).collect();
        assert_eq!(kinds, ["/code", "/details", "/summary", "code", "details", "summary"].into());
    }

    #[test]
    fn needs_are_a_table_that_is_folded_only_where_all_are_open() {
        let with = |needs: &[Need]| Report { needs: needs.to_vec(), ..fixtures::report(Verdict::Isolated) };
        let needs = fixtures::needs();
        let whole = markdown(&with(&needs));
        insta::assert_snapshot!(
            whole.split_once("<details open>").unwrap().1.split_once("</details>").unwrap().0
        );
        let rows = |text: &str| {
            events(text).iter().filter(|event| matches!(event, Event::Start(Tag::TableRow))).count()
        };
        assert_eq!(rows(&whole), 3);
        let all_open = markdown(&with(&needs[..1]));
        assert_eq!((rows(&all_open), all_open.contains("<details open>")), (1, false));
        let hostile = Need { asked: "a`|b\n| c |".into(), why: "x | y\n\n# z".into(), ..needs[1].clone() };
        assert_eq!(rows(&markdown(&with(&[hostile]))), 1);
    }

    #[test]
    fn what_does_not_fit_into_a_comment_is_left_out_and_counted() {
        let mut report = fixtures::report(Verdict::Breached);
        let with_root =
            |index: usize| Breach { root: Root::pattern(index.to_string()), ..fixtures::breach() };
        report.boundaries[0].channels[0].breaches = (0..400).map(with_root).collect();
        let markdown = markdown(&report);
        assert!(markdown.len() < 65_536, "{}", markdown.len());
        assert!(markdown.len() > 50_000, "{}", markdown.len());
        let rows =
            events(&markdown).iter().filter(|event| matches!(event, Event::Start(Tag::TableRow))).count();
        let folds = tags(&markdown).iter().filter(|tag| *tag == "details").count();
        let last = markdown.lines().last().unwrap();
        let left_out = format!(
            "**Left out**, since a comment on GitHub holds 65,536 characters: {} ways across, {} derivations",
            400 - rows,
            400 - (folds - 6)
        );
        assert!(last.starts_with(&left_out), "{last}\n{left_out}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn no_name_changes_the_structure_of_a_comment(name in "(\\PC|[`<>|@\\[\\]!*_~&#\\\\\n\r-]){0,30}") {
            let mut report = fixtures::report(Verdict::Breached);
            let plain = tags(&markdown(&report)).into_iter().filter(|tag| !tag.ends_with("code")).collect::<Vec<_>>();
            let channel = &mut report.boundaries[0].channels[0];
            let breach = &mut channel.breaches[0];
            breach.message += &name;
            breach.help += &name;
            breach.steps[0].text += &name;
            breach.steps[0].because[0].object.name += &name;
            channel.blind_spots[0].reason += &name;
            channel.public[0].message += &name;
            report.environments[0].namespaces[0].name += &name;
            report.boundaries[0].from += &name;
            let markdown = markdown(&report);
            let tags: Vec<String> = tags(&markdown).into_iter().filter(|tag| !tag.ends_with("code")).collect();
            prop_assert_eq!(tags, plain);
            let rows = events(&markdown).iter().filter(|event| matches!(event, Event::Start(Tag::TableRow))).count();
            prop_assert_eq!(rows, 2);
            let marked_up = events(&markdown).into_iter().find(|event| matches!(event,
                Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_) | Tag::Emphasis | Tag::Strikethrough)));
            prop_assert!(marked_up.is_none(), "{:?}", marked_up);
        }
    }
}
