//! A verdict as workflow commands of GitHub Actions, which annotate the lines that a pull request changes.
//!
//! GitHub shows ten annotations of each level for a step, so that what decides comes first. Red is what decides: a
//! breach, a blind spot that makes the answer `unknown`, and where all is isolated, the worst of the needs. Other blind
//! spots and needs, and objects that the API server would refuse, are warnings; what is of lesser rank, and what else is
//! wrong with the input, is a notice.

use crate::Provenance;
use crate::breach_text::short;
use crate::headline::Headline;
use crate::needs;
use crate::page::clean;
use crate::place::{Place, span_of};
use watertight_base::{Diagnostic, Severity, Span};
use watertight_model::{BlindSpot, Breach, Cause, Report, Verdict};

/// The report as lines on stdout, one a command.
#[must_use]
pub fn verdict_github(report: &Report, provenance: Provenance<'_>) -> String {
    let mut lines = String::new();
    for boundary in &report.boundaries {
        let headline = Headline::of(boundary, &report.profile).line();
        lines += &command("notice", None, "watertight", &[headline], provenance);
        for cause in boundary.causes() {
            lines += &of_cause(&cause, "error", provenance);
        }
        let level = if boundary.verdict == Verdict::Unknown { "error" } else { "warning" };
        for spot in boundary.channels.iter().flat_map(|channel| &channel.blind_spots) {
            let BlindSpot { rule, reason, span, help, .. } = spot;
            let says = [format!("blind spot: {reason}"), format!("help: {help}")];
            lines += &command(level, *span, rule, &says, provenance);
        }
    }
    let channels = || report.boundaries.iter().flat_map(|boundary| &boundary.channels);
    for (need, decides) in needs::not_open(report) {
        let level = if decides { "error" } else { "warning" };
        let says = [needs::line(need), format!("help: {}", need.help)];
        lines += &command(level, needs::span_of(need), needs::RULE, &says, provenance);
    }
    let mut diagnostics: Vec<&Diagnostic> = provenance.diagnostics.iter().collect();
    diagnostics.sort_by_key(|diagnostic| diagnostic.severity);
    let spots = || channels().flat_map(|channel| &channel.blind_spots);
    for Diagnostic { rule, severity, message, at, help, without: _ } in diagnostics {
        let span = at.as_ref().map(|&(span, _)| span);
        // Most of what is refused is a blind spot too, which says it better.
        if spots().any(|spot| spot.rule == *rule && spot.span == span) {
            continue;
        }
        let level = if *severity == Severity::Error { "warning" } else { "notice" };
        let help = help.as_ref().map(|help| format!("help: {help}"));
        let says: Vec<String> = std::iter::once(message.clone()).chain(help).collect();
        lines += &command(level, span, rule, &says, provenance);
    }
    for cause in channels().flat_map(|channel| Cause::of(&channel.lesser)) {
        lines += &of_cause(&cause, "notice", provenance);
    }
    lines
}

/// One annotation for each cause: at most ten of a step are shown, and the others stand where the worst does.
fn of_cause(cause: &Cause<'_>, level: &str, provenance: Provenance<'_>) -> String {
    let Breach { rule, when, message, help, steps, .. } = cause.worst;
    let mut says = vec![message.clone(), format!("when: {}", when.name())];
    says.extend(steps.iter().map(|step| format!("{}. {} ({})", step.id, step.text, step.rule)));
    says.push(format!("help: {help}"));
    if cause.count() > 1 {
        says.push(format!("the same cause gives {} more", cause.count() - 1));
    }
    says.extend(cause.others.iter().map(|other| format!("- {}: {}", other.rule, short(other, cause))));
    command(level, span_of(cause.worst), rule, &says, provenance)
}

/// `::error title=open-rule,file=k8s/db.yaml,line=12,endLine=12,col=11,endColumn=32::…`.
fn command(
    level: &str,
    span: Option<Span>,
    title: &str,
    says: &[String],
    provenance: Provenance<'_>,
) -> String {
    let mut properties = vec![("title", title.to_owned())];
    let place = span.and_then(|span| Place::of(span, provenance.inputs, provenance.working_directory));
    if let Some(Place { file, start, end }) = place {
        properties.push(("file", file.path().to_owned()));
        properties.push(("line", start.line.to_string()));
        properties.push(("col", start.column.to_string()));
        // An annotation of several lines may not name columns, and it is the first one that people look for.
        if start.line == end.line {
            properties.push(("endLine", end.line.to_string()));
            properties.push(("endColumn", end.column.to_string()));
        }
    }
    let properties: Vec<String> =
        properties.into_iter().map(|(key, value)| format!("{key}={}", property(&value))).collect();
    let says: Vec<String> = says.iter().map(|line| clean(line)).collect();
    format!("::{level} {}::{}\n", properties.join(","), data(&says.join("\n")))
}

/// A message, escaped as GitHub's own toolkit escapes it (`escapeData`).
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, escaped as GitHub's own toolkit escapes it (`escapeProperty`).
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, with_provenance};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// A command, as the runner of GitHub Actions reads it.
    #[derive(Debug, PartialEq, Eq)]
    struct Read {
        level: String,
        properties: BTreeMap<String, String>,
        message: String,
    }

    fn unescape(text: &str) -> String {
        // The runner takes back the percent sign last.
        let escapes = [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")];
        escapes.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    }

    fn read(line: &str) -> Read {
        let (head, message) =
            line.strip_prefix("::").and_then(|rest| rest.split_once("::")).expect("a command");
        let (level, properties) = head.split_once(' ').expect("properties");
        let properties = properties.split(',').map(|pair| {
            let (key, value) = pair.split_once('=').expect("a pair");
            (key.to_owned(), unescape(value))
        });
        Read { level: level.to_owned(), properties: properties.collect(), message: unescape(message) }
    }

    fn commands(report: &Report) -> Vec<Read> {
        with_provenance(|provenance| verdict_github(report, provenance)).lines().map(read).collect()
    }

    #[test]
    fn a_breach_annotates_its_line() {
        insta::assert_snapshot!(with_provenance(|provenance| {
            verdict_github(&fixtures::report(Verdict::Breached), provenance)
        }));
        let commands = commands(&fixtures::report(Verdict::Breached));
        let levels: Vec<&str> = commands.iter().map(|command| command.level.as_str()).collect();
        assert_eq!(levels, ["notice", "error", "error", "warning", "warning", "notice", "notice", "notice"]);
        let property = |name: &str| commands[1].properties.get(name).map(String::as_str);
        assert_eq!(property("file"), Some("k8s/db.yaml"));
        assert_eq!(
            (property("line"), property("col"), property("endColumn")),
            (Some("12"), Some("11"), Some("32"))
        );
    }

    #[test]
    fn what_has_one_cause_is_one_annotation() {
        let errors: Vec<Read> =
            commands(&fixtures::one_cause()).into_iter().filter(|command| command.level == "error").collect();
        let titles: Vec<&str> = errors.iter().map(|command| command.properties["title"].as_str()).collect();
        assert_eq!(titles, ["read-secrets", "broad-namespace-selector"]);
        let last: Vec<&str> = errors[0].message.lines().rev().take(3).collect();
        assert_eq!(last[0], "- change-objects: change objects in every namespace");
        assert_eq!(last[2], "the same cause gives 2 more");
    }

    #[test]
    fn what_decides_is_an_error_and_isolated_has_none() {
        let errors = |verdict| {
            commands(&fixtures::report(verdict)).iter().filter(|command| command.level == "error").count()
        };
        assert_eq!(
            (errors(Verdict::Isolated), errors(Verdict::Unknown), errors(Verdict::Breached)),
            (0, 1, 2)
        );
    }

    #[test]
    fn a_need_that_is_not_open_is_an_annotation() {
        let annotations = |verdict| {
            let report = Report { needs: fixtures::needs(), ..fixtures::report(verdict) };
            let commands = commands(&report).into_iter();
            let of_needs = commands.filter(|command| command.properties["title"] == "need");
            of_needs
                .map(|command| (command.level, command.properties.get("line").cloned()))
                .collect::<Vec<_>>()
        };
        let line = Some("7".to_owned());
        assert_eq!(
            annotations(Verdict::Isolated),
            [("error".to_owned(), line.clone()), ("warning".to_owned(), None)]
        );
        assert_eq!(
            annotations(Verdict::Breached),
            [("warning".to_owned(), line), ("warning".to_owned(), None)]
        );
        assert_eq!(
            commands(&fixtures::report(Verdict::Isolated))
                .iter()
                .filter(|command| command.properties["title"] == "need")
                .count(),
            0
        );
    }

    #[test]
    fn a_command_within_a_name_is_text() {
        let mut report = fixtures::report(Verdict::Isolated);
        report.boundaries[0].from = "a\n::set-output name=x::y".to_owned();
        let text = with_provenance(|provenance| verdict_github(&report, provenance));
        assert!(
            text.lines().all(|line| line.starts_with("::notice ") || line.starts_with("::warning ")),
            "{text}"
        );
    }

    proptest! {
        #[test]
        fn any_name_comes_back(name in "(\\PC|[%:,\r\n=])*") {
            let line = format!("::error file={},line=1::{}", property(&name), data(&name));
            prop_assert_eq!(line.lines().count(), 1);
            let read = read(&line);
            prop_assert_eq!(&read.properties["file"], &name);
            prop_assert_eq!(&read.properties["line"], "1");
            prop_assert_eq!(&read.message, &name);
        }
    }
}
