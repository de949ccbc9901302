//! A verdict as SARIF 2.1.0, for GitHub code scanning and editors.
//!
//! What decides is an `error`: every breach, whether it is there now or possible, a blind spot that makes the answer
//! `unknown`, and where all is isolated, the worst of the needs. A blind spot beside a breach, another need that is not
//! open, and an object that the API server would refuse, are warnings. What is of
//! lesser rank is a note. The verdict itself, and what else is wrong with the input, are notifications, of which GitHub
//! makes no alerts.

use crate::because_text::because_text;
use crate::headline::Headline;
use crate::json::pretty;
use crate::needs;
use crate::page::clean;
use crate::place::{Place, span_of};
use crate::sarif::{
    AutomationDetails, CodeFlow, Described, DescriptorReference, Driver, Invocation, Level, Location, Log,
    Notification, PhysicalLocation, ROOT, ResultOf, Rule, RuleProperties, Run, Text, ThreadFlow,
    ThreadFlowLocation, Tool,
};
use crate::{NEED, Provenance, RulePage};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{Diagnostic, Severity, Span, fingerprint};
use watertight_model::{BlindSpot, Boundary, Breach, Cause, Channel, Evidence, Need, Report, Verdict};

/// Under which name our own id of a result stands.
const FINGERPRINT: &str = "watertightFinding/v1";

/// The report as one document, with a run for each boundary.
///
/// # Errors
/// Only if the serializer does.
pub fn verdict_sarif<'a>(
    report: &'a Report,
    pages: &'a [RulePage<'a>],
    provenance: Provenance<'a>,
) -> serde_json::Result<String> {
    let runs = report.boundaries.iter().enumerate();
    pretty(&Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        // Needs and what is wrong with the input are no matter of one boundary, and said once.
        runs: runs.map(|(index, boundary)| run(boundary, report, pages, provenance, index == 0)).collect(),
    })
}

fn run<'a>(
    boundary: &'a Boundary,
    report: &'a Report,
    pages: &'a [RulePage<'a>],
    provenance: Provenance<'a>,
    is_first: bool,
) -> Run<'a> {
    let channels = || boundary.channels.iter();
    let causes = boundary.causes();
    let spots = || channels().flat_map(|channel| &channel.blind_spots);
    let diagnostics = if is_first { provenance.diagnostics } else { &[] };
    // Most of what is refused is a blind spot too, which says it better.
    let said: BTreeSet<(&str, Option<Span>)> = spots().map(|spot| (spot.rule, spot.span)).collect();
    let said = |diagnostic: &&Diagnostic| {
        said.contains(&(diagnostic.rule, diagnostic.at.as_ref().map(|&(span, _)| span)))
    };
    let unsaid = || diagnostics.iter().filter(move |diagnostic| !said(diagnostic));
    let (refused, noted): (Vec<_>, Vec<_>) =
        unsaid().partition(|diagnostic| diagnostic.severity == Severity::Error);

    let lesser = channels().flat_map(|channel| &channel.lesser);
    let mut results: Vec<ResultOf<'a>> = causes
        .iter()
        .flat_map(Cause::breaches)
        .map(|breach| of_breach(breach, Level::Error, provenance))
        .collect();
    results.extend(spots().map(|spot| of_blind_spot(spot, boundary.verdict, provenance)));
    let of_needs = needs::not_open(report).filter(|_| is_first);
    results.extend(of_needs.map(|(need, decides)| of_need(need, decides, provenance)));
    results.extend(refused.into_iter().map(|diagnostic| of_diagnostic(diagnostic, provenance)));
    results.extend(lesser.map(|breach| of_breach(breach, Level::Note, provenance)));
    let ids: Vec<&str> =
        results.iter().map(|result| result.rule_id).collect::<BTreeSet<_>>().into_iter().collect();
    for result in &mut results {
        result.rule_index = ids.binary_search(&result.rule_id).unwrap_or_default();
    }
    let mut notifications = vec![Notification {
        descriptor: None,
        level: Level::Note,
        message: Text::message(&clean(&Headline::of(boundary, &report.profile).line())),
        locations: Vec::new(),
    }];
    notifications.extend(noted.into_iter().map(|diagnostic| notification(diagnostic, provenance)));
    let Boundary { from, to, .. } = boundary;
    Run {
        tool: Tool {
            driver: Driver {
                name: "Watertight",
                version: provenance.version,
                rules: ids.into_iter().map(|id| rule(id, pages)).collect(),
            },
        },
        automation_details: AutomationDetails { id: format!("watertight/{from}/{to}/") },
        column_kind: "unicodeCodePoints",
        original_uri_base_ids: BTreeMap::from([(
            ROOT,
            Described { description: Text::plain("the folder that Watertight was started in") },
        )]),
        invocations: [Invocation { execution_successful: true, tool_execution_notifications: notifications }],
        results,
        properties: properties(boundary, report, provenance),
    }
}

/// What the results cannot say: the verdict, and on what it rests.
fn properties(
    boundary: &Boundary,
    report: &Report,
    provenance: Provenance<'_>,
) -> BTreeMap<&'static str, Value> {
    let assumptions = boundary.channels.iter().flat_map(|channel| &channel.assumptions);
    let assumptions: BTreeSet<&str> = assumptions.map(|assumption| assumption.id.as_str()).collect();
    let not_examined: Vec<&str> = boundary.not_examined.iter().copied().map(Channel::name).collect();
    BTreeMap::from([
        ("from", json!(boundary.from)),
        ("to", json!(boundary.to)),
        ("verdict", json!(boundary.verdict.name())),
        ("profile", json!(report.profile)),
        ("inputDigest", json!(provenance.input_digest)),
        ("assumptions", json!(assumptions)),
        ("notExamined", json!(not_examined)),
    ])
}

/// A rule with its page: the line that says what it is about, what it finds, and how to fix that.
fn rule<'a>(id: &'a str, pages: &[RulePage<'_>]) -> Rule<'a> {
    let page = pages.iter().chain([&NEED]).find(|page| page.name == id);
    Rule {
        id,
        short_description: page.map(|page| page.summary()).map(Text::plain),
        full_description: page.and_then(|page| page.section("What it finds")).map(Text::plain),
        help: page
            .map(|page| Text { text: page.prose().to_owned(), markdown: Some(page.prose().to_owned()) }),
        properties: RuleProperties { tags: vec!["security", "kubernetes"] },
    }
}

fn of_breach<'a>(breach: &'a Breach, level: Level, provenance: Provenance<'_>) -> ResultOf<'a> {
    let Breach { id, rule, root, when, message, help, count, reached, .. } = breach;
    let place = place(span_of(breach), provenance);
    ResultOf {
        rule_id: rule,
        rule_index: 0,
        level,
        message: Text::message(&format!("{}\nhelp: {}", clean(message), clean(help))),
        locations: located(place.clone()),
        partial_fingerprints: BTreeMap::from([(FINGERPRINT, id.clone())]),
        // A way through places needs places.
        code_flows: place.map(|place| code_flow(breach, place, provenance)).into_iter().collect(),
        properties: BTreeMap::from([
            ("when", json!(when.name())),
            ("yields", json!(breach.gain().name())),
            ("cause", json!(root.object.as_ref().map(ToString::to_string))),
            ("count", json!(count)),
            ("reached", json!(reached)),
        ]),
    }
}

/// The derivation: each step at the places that it rests on. GitHub refuses a step without a place, so that one which
/// rests on none stands where the breach does.
fn code_flow(breach: &Breach, fallback: PhysicalLocation, provenance: Provenance<'_>) -> CodeFlow {
    let mut locations = Vec::new();
    for step in &breach.steps {
        let says = format!("{}. {} ({})", step.id, step.text, step.rule);
        let mut places = Vec::new();
        for because in &step.because {
            if let Some(Evidence::File(span)) = &because.evidence
                && let Some(place) = physical(*span, provenance)
            {
                places.push((
                    place,
                    format!("{says}: {}", because_text(because, &step.text, provenance.inputs)),
                ));
            }
        }
        if places.is_empty() {
            places.push((fallback.clone(), says));
        }
        for (place, says) in places {
            let message = Some(Text::message(&clean(&says)));
            let location = Location { physical_location: Some(place), message };
            locations.push(ThreadFlowLocation { location, execution_order: step.id });
        }
    }
    CodeFlow { thread_flows: [ThreadFlow { locations }] }
}

fn of_blind_spot<'a>(spot: &'a BlindSpot, verdict: Verdict, provenance: Provenance<'_>) -> ResultOf<'a> {
    let BlindSpot { rule, reason, object, span, help, .. } = spot;
    let object = object.as_ref().map(ToString::to_string).unwrap_or_default();
    ResultOf {
        rule_id: rule,
        rule_index: 0,
        level: if verdict == Verdict::Unknown { Level::Error } else { Level::Warning },
        message: Text::message(&format!("blind spot: {}\nhelp: {}", clean(reason), clean(help))),
        locations: located(place(*span, provenance)),
        partial_fingerprints: fingerprints(rule, &format!("{object}\n{reason}")),
        code_flows: Vec::new(),
        properties: BTreeMap::new(),
    }
}

fn of_need<'a>(need: &'a Need, decides: bool, provenance: Provenance<'_>) -> ResultOf<'a> {
    ResultOf {
        rule_id: needs::RULE,
        rule_index: 0,
        level: if decides { Level::Error } else { Level::Warning },
        message: Text::message(&format!("{}\nhelp: {}", clean(&needs::line(need)), clean(&need.help))),
        locations: located(place(needs::span_of(need), provenance)),
        // The need, and not the answer, is what is found again.
        partial_fingerprints: fingerprints(needs::RULE, &need.asked),
        code_flows: Vec::new(),
        properties: BTreeMap::from([("need", json!(need.asked)), ("state", json!(need.state.name()))]),
    }
}

fn of_diagnostic<'a>(diagnostic: &'a Diagnostic, provenance: Provenance<'_>) -> ResultOf<'a> {
    let Diagnostic { rule, message, at, help, .. } = diagnostic;
    let help = help.as_ref().map(|help| format!("\nhelp: {}", clean(help))).unwrap_or_default();
    ResultOf {
        rule_id: rule,
        rule_index: 0,
        level: Level::Warning,
        message: Text::message(&format!("{}{help}", clean(message))),
        locations: located(place(at.as_ref().map(|&(span, _)| span), provenance)),
        partial_fingerprints: fingerprints(rule, message),
        code_flows: Vec::new(),
        properties: BTreeMap::new(),
    }
}

fn notification<'a>(diagnostic: &'a Diagnostic, provenance: Provenance<'_>) -> Notification<'a> {
    let Diagnostic { rule, severity, message, at, .. } = diagnostic;
    Notification {
        descriptor: Some(DescriptorReference { id: rule }),
        level: match severity {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warning,
            Severity::Info => Level::Note,
        },
        message: Text::message(&clean(message)),
        locations: located(at.as_ref().and_then(|&(span, _)| physical(span, provenance))),
    }
}

fn fingerprints(rule: &str, what: &str) -> BTreeMap<&'static str, String> {
    BTreeMap::from([(FINGERPRINT, format!("{rule}:{}", fingerprint(what)))])
}

/// Where a result stands. What is about the input as a whole stands at the beginning of its first file: GitHub refuses a
/// document in which a result stands nowhere.
fn place(span: Option<Span>, provenance: Provenance<'_>) -> Option<PhysicalLocation> {
    match span {
        Some(span) => physical(span, provenance),
        None => Place::first(provenance.inputs, provenance.working_directory).map(PhysicalLocation::from),
    }
}

fn physical(span: Span, provenance: Provenance<'_>) -> Option<PhysicalLocation> {
    Place::of(span, provenance.inputs, provenance.working_directory).map(PhysicalLocation::from)
}

fn located(place: Option<PhysicalLocation>) -> Vec<Location> {
    place.map(|place| Location { physical_location: Some(place), message: None }).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use proptest::prelude::*;
    use std::sync::LazyLock;
    use watertight_base::Source;

    const SCHEMA: &str = include_str!("../tests/schemas/sarif-2.1.0.schema.json");
    const PAGE: &str = "# broad-namespace-selector\n\nA selector that selects more.\n\n## What it finds\n\nA `{}`.\n\n## Examples\n";

    const PAGES: &[RulePage<'static>] = &[RulePage { name: "broad-namespace-selector", markdown: PAGE }];

    fn sarif(report: &Report) -> Value {
        let document: Value = fixtures::with_provenance(|provenance| {
            serde_json::from_str(&verdict_sarif(report, PAGES, provenance).unwrap()).unwrap()
        });
        assert_valid(&document);
        document
    }

    /// Built once: the schema is large.
    static VALIDATOR: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
        let schema = serde_json::from_str(SCHEMA).expect("the schema is JSON");
        jsonschema::draft7::new(&schema).expect("the schema is one")
    });

    fn assert_valid(document: &Value) {
        let errors: Vec<String> = VALIDATOR
            .iter_errors(document)
            .map(|error| format!("{error} at {}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }

    #[test]
    fn every_verdict_is_sarif_as_its_schema_has_it() {
        for verdict in [Verdict::Isolated, Verdict::Unknown, Verdict::Breached] {
            let document = sarif(&fixtures::report(verdict));
            assert_eq!(document["runs"][0]["properties"]["verdict"], verdict.name());
            insta::assert_snapshot!(
                format!("sarif_{verdict}"),
                serde_json::to_string_pretty(&document).unwrap()
            );
        }
    }

    #[test]
    fn the_schema_refuses_what_is_not_sarif() {
        let good = sarif(&fixtures::report(Verdict::Breached));
        for (path, value) in [
            ("/version", json!("2.2.0")),
            ("/runs/0/columnKind", json!("bytes")),
            ("/runs/0/results/0/level", json!("fatal")),
            ("/runs/0/results/0/message", json!({})),
            ("/runs/0/results/0/locations/0/physicalLocation/region/startLine", json!(0)),
            ("/runs/0/tool/driver/rules/0/id", json!(1)),
        ] {
            let mut bad = good.clone();
            *bad.pointer_mut(path).unwrap_or_else(|| panic!("{path}")) = value;
            assert!(!VALIDATOR.is_valid(&bad), "{path}");
        }
    }

    #[test]
    fn a_breach_has_its_place_its_rule_and_its_derivation() {
        let document = sarif(&fixtures::report(Verdict::Breached));
        let run = &document["runs"][0];
        let result = &run["results"][0];
        let rule = result["ruleIndex"].as_u64().and_then(|index| usize::try_from(index).ok()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], result["ruleId"]);
        assert_eq!(run["tool"]["driver"]["rules"][rule]["fullDescription"]["text"], "A `{}`.");
        assert_eq!(
            result["locations"][0]["physicalLocation"],
            json!({
                "artifactLocation": {"uri": "k8s/db.yaml", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 12, "startColumn": 11, "endLine": 12, "endColumn": 32},
            })
        );
        assert_eq!(result["partialFingerprints"], json!({FINGERPRINT: fixtures::breach().id}));
        let steps = result["codeFlows"][0]["threadFlows"][0]["locations"].as_array().unwrap();
        let orders: Vec<u64> = steps.iter().map(|step| step["executionOrder"].as_u64().unwrap()).collect();
        assert_eq!(orders, [1, 2, 3, 3, 4]);
        assert!(steps.iter().all(|step| step["location"]["physicalLocation"].is_object()));
        let levels: Vec<&str> = run["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|result| result["level"].as_str().unwrap())
            .collect();
        // Both breaches, then a blind spot beside them, what the API server would refuse, and what is of lesser rank.
        assert_eq!(levels, ["error", "error", "warning", "warning", "note"]);
    }

    #[test]
    fn a_blind_spot_that_decides_is_an_error() {
        let document = sarif(&fixtures::report(Verdict::Unknown));
        assert_eq!(document["runs"][0]["results"][0]["ruleId"], "unknown-kind");
        assert_eq!(document["runs"][0]["results"][0]["level"], "error");
    }

    #[test]
    fn isolated_has_no_result_and_says_so_beside() {
        let mut report = fixtures::report(Verdict::Isolated);
        report.boundaries[0].channels[0].blind_spots.clear();
        let document = sarif(&report);
        let errors = document["runs"][0]["results"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|result| result["level"] == "error");
        assert_eq!(errors.count(), 0);
        let said = &document["runs"][0]["invocations"][0]["toolExecutionNotifications"][0];
        assert_eq!(said["message"]["text"], "isolated on network: staging → production");
        assert_eq!(said["level"], "note");
    }

    #[test]
    fn what_is_about_the_input_as_a_whole_stands_where_it_begins() {
        let mut report = fixtures::report(Verdict::Unknown);
        report.boundaries[0].channels[0].blind_spots[0].span = None;
        let place = &sarif(&report)["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "k8s/db.yaml");
        assert_eq!(place["region"]["startLine"], 1);
    }

    #[test]
    fn a_need_that_is_not_open_is_a_result() {
        let report = Report { needs: fixtures::needs(), ..fixtures::report(Verdict::Isolated) };
        let document = sarif(&report);
        let results = document["runs"][0]["results"].as_array().unwrap();
        let of_needs: Vec<&Value> = results.iter().filter(|result| result["ruleId"] == "need").collect();
        let said: Vec<_> =
            of_needs.iter().map(|result| (&result["level"], &result["properties"]["state"])).collect();
        assert_eq!(said, [(&json!("error"), &json!("closed")), (&json!("warning"), &json!("unknown"))]);
        let line = |result: &Value| result["locations"][0]["physicalLocation"]["region"]["startLine"].clone();
        assert_eq!((line(of_needs[0]), line(of_needs[1])), (json!(7), json!(1)));
        let rule = &document["runs"][0]["tool"]["driver"]["rules"]
            [of_needs[0]["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["shortDescription"]["text"], NEED.summary());
        assert_eq!(rule["help"]["markdown"], NEED.prose());
    }

    #[test]
    fn standard_input_is_no_file() {
        let mut sources = fixtures::sources();
        sources.iter_mut().for_each(|source: &mut Source| source.name = "-".to_owned());
        let inputs = crate::Inputs::new(&sources, &[]);
        let report = fixtures::report(Verdict::Breached);
        let text = fixtures::with_provenance(|provenance| {
            verdict_sarif(&report, PAGES, Provenance { inputs: &inputs, ..provenance }).unwrap()
        });
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_valid(&document);
        let results = document["runs"][0]["results"].as_array().unwrap();
        assert!(
            results.iter().all(|result| result["locations"] == json!([]) && result["codeFlows"].is_null())
        );
        assert!(results.len() > 1);
    }

    /// What a reader of SARIF makes of a message without arguments.
    fn displayed(text: &str) -> String {
        text.replace("{{", "{").replace("}}", "}")
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn any_name_is_a_message_that_gives_it_back(name in "[!-Z^-~é]{1,30}", raw in "(\\PC|[{}\\[\\]()\n])*") {
            let mut report = fixtures::report(Verdict::Breached);
            let breach = &mut report.boundaries[0].channels[0].breaches[0];
            breach.message = name.clone();
            breach.help = raw.clone();
            breach.steps[0].text = raw.clone();
            report.boundaries[0].from = raw;
            let document = sarif(&report);
            let text = document["runs"][0]["results"][0]["message"]["text"].as_str().unwrap();
            prop_assert_eq!(displayed(text.lines().next().unwrap()), name);
            prop_assert!(!text.contains("]("));
        }
    }
}
