//! A verdict as a JUnit report, which CI systems show as tests: a suite for each boundary, a test for each channel,
//! and a suite of the needs, a test for each.
//!
//! A test fails if the channel is breached or the need closed, and has an error if the answer is unknown. A channel that
//! was not examined is skipped, so that nobody takes it for proved.

use crate::diagnostics_text::diagnostics_text;
use crate::headline::Headline;
use crate::needs;
use crate::needs_text::need_text;
use crate::page::Page;
use crate::verdict_text::{causes_text, channel_text};
use crate::xml::xml_text;
use crate::{Colour, Detail, Inputs, Provenance};
use quick_xml::Writer;
use quick_xml::events::BytesText;
use std::io;
use watertight_model::{Boundary, Cause, ChannelReport, Need, NeedState, Report, Verdict};

/// The reports as one document: one for each profile, or a single one.
///
/// # Errors
/// Only if the writer of XML fails, which writes to memory.
pub fn verdict_junit(reports: &[Report], provenance: Provenance<'_>) -> io::Result<String> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    let suites =
        || reports.iter().flat_map(|report| report.boundaries.iter().map(move |boundary| (report, boundary)));
    let needs = || reports.iter().filter(|report| !report.needs.is_empty());
    let total = suites().fold(Counts::default(), |total, (_, boundary)| total.plus(Counts::of(boundary)));
    let total = needs().fold(total, |total, report| total.plus(Counts::of_needs(&report.needs)));
    writer
        .create_element("testsuites")
        .with_attribute(("name", "watertight"))
        .with_attributes(total.attributes().iter().take(3).map(|(key, value)| (*key, value.as_str())))
        .write_inner_content(|writer| {
            for (index, (report, boundary)) in suites().enumerate() {
                // What is wrong with the input is no matter of one suite, and said once.
                suite(writer, report, boundary, provenance, index == 0)?;
            }
            needs().try_for_each(|report| suite_of_needs(writer, report, provenance.inputs))
        })?;
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    text += &String::from_utf8_lossy(&writer.into_inner());
    text.push('\n');
    Ok(text)
}

/// How many tests end how.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Counts {
    fn of(boundary: &Boundary) -> Self {
        let with = |verdict| boundary.channels.iter().filter(|channel| channel.verdict == verdict).count();
        Self {
            tests: boundary.channels.len() + boundary.not_examined.len(),
            failures: with(Verdict::Breached),
            errors: with(Verdict::Unknown),
            skipped: boundary.not_examined.len(),
        }
    }

    fn of_needs(needs: &[Need]) -> Self {
        let with = |state| needs.iter().filter(|need| need.state == state).count();
        Self {
            tests: needs.len(),
            failures: with(NeedState::Closed),
            errors: with(NeedState::Unknown),
            skipped: 0,
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            tests: self.tests + other.tests,
            failures: self.failures + other.failures,
            errors: self.errors + other.errors,
            skipped: self.skipped + other.skipped,
        }
    }

    /// As attributes. The sum of all suites has no `skipped`, which the common schema does not know there.
    fn attributes(self) -> [(&'static str, String); 4] {
        let Self { tests, failures, errors, skipped } = self;
        [("tests", tests), ("failures", failures), ("errors", errors), ("skipped", skipped)]
            .map(|(key, count)| (key, count.to_string()))
    }
}

fn suite(
    writer: &mut Writer<Vec<u8>>,
    report: &Report,
    boundary: &Boundary,
    provenance: Provenance<'_>,
    with_input: bool,
) -> io::Result<()> {
    let headline = Headline::of(boundary, &report.profile);
    // A test is found again in the next run by its suite and its name.
    let name = xml_text(&format!("{} ({})", headline.boundary, report.profile));
    writer
        .create_element("testsuite")
        .with_attribute(("name", name.as_str()))
        .with_attributes(Counts::of(boundary).attributes().iter().map(|(key, value)| (*key, value.as_str())))
        .write_inner_content(|writer| {
            writer.create_element("properties").write_inner_content(|writer| {
                let properties = [
                    ("verdict", boundary.verdict.name()),
                    ("profile", &report.profile),
                    ("inputDigest", provenance.input_digest),
                    ("version", provenance.version),
                ];
                for (key, value) in properties {
                    let value = xml_text(value);
                    let property = writer.create_element("property").with_attribute(("name", key));
                    property.with_attribute(("value", value.as_str())).write_empty()?;
                }
                Ok(())
            })?;
            for channel in &boundary.channels {
                test(writer, &name, channel, &headline, provenance.inputs)?;
            }
            for channel in &boundary.not_examined {
                case(writer, &name, channel.name()).write_inner_content(|writer| {
                    let skipped = writer.create_element("skipped");
                    skipped.with_attribute(("message", "not examined yet")).write_empty().map(|_| ())
                })?;
            }
            if with_input && !provenance.diagnostics.is_empty() {
                let (diagnostics, inputs) = (provenance.diagnostics, provenance.inputs);
                let text = diagnostics_text(diagnostics, inputs, Detail::All, Colour::Plain);
                content(writer, "system-err", &text)?;
            }
            Ok(())
        })?;
    Ok(())
}

/// The test of one channel, with all that was found and all that the answer rests on.
fn test(
    writer: &mut Writer<Vec<u8>>,
    suite: &str,
    channel: &ChannelReport,
    headline: &Headline,
    inputs: &Inputs<'_>,
) -> io::Result<()> {
    let mut page = Page::new(Colour::Plain);
    causes_text(&mut page, &Cause::of(&channel.breaches), inputs, Detail::All);
    channel_text(&mut page, channel, inputs, Detail::All);
    let text = page.finish();
    case(writer, suite, channel.channel.name()).write_inner_content(|writer| {
        let element = match channel.verdict {
            Verdict::Isolated => return content(writer, "system-out", &text),
            Verdict::Unknown => "error",
            Verdict::Breached => "failure",
        };
        fault(writer, element, channel.verdict.name(), &headline.line(), &text)
    })?;
    Ok(())
}

/// Why a test did not pass.
fn fault(
    writer: &mut Writer<Vec<u8>>,
    element: &str,
    kind: &str,
    message: &str,
    text: &str,
) -> io::Result<()> {
    let message = xml_text(message);
    let fault = writer.create_element(element).with_attribute(("type", kind));
    let fault = fault.with_attribute(("message", message.as_str()));
    fault.write_text_content(BytesText::new(&lines_of_xml(text))).map(|_| ())
}

/// The needs under one profile, with all that each says.
fn suite_of_needs(writer: &mut Writer<Vec<u8>>, report: &Report, inputs: &Inputs<'_>) -> io::Result<()> {
    let name = xml_text(&format!("needs ({})", report.profile));
    let counts = Counts::of_needs(&report.needs).attributes();
    writer
        .create_element("testsuite")
        .with_attribute(("name", name.as_str()))
        .with_attributes(counts.iter().map(|(key, value)| (*key, value.as_str())))
        .write_inner_content(|writer| {
            report.needs.iter().try_for_each(|need| of_need(writer, &name, need, inputs))
        })?;
    Ok(())
}

fn of_need(writer: &mut Writer<Vec<u8>>, suite: &str, need: &Need, inputs: &Inputs<'_>) -> io::Result<()> {
    let mut page = Page::new(Colour::Plain);
    need_text(&mut page, need, inputs);
    let text = page.finish();
    case(writer, suite, &xml_text(&need.asked)).write_inner_content(|writer| match need.state {
        NeedState::Open => content(writer, "system-out", &text),
        NeedState::Unknown => fault(writer, "error", need.state.name(), &needs::line(need), &text),
        NeedState::Closed => fault(writer, "failure", need.state.name(), &needs::line(need), &text),
    })?;
    Ok(())
}

fn case<'w>(
    writer: &'w mut Writer<Vec<u8>>,
    suite: &str,
    name: &str,
) -> quick_xml::writer::ElementWriter<'w, Vec<u8>> {
    writer.create_element("testcase").with_attribute(("name", name)).with_attribute(("classname", suite))
}

fn content(writer: &mut Writer<Vec<u8>>, element: &str, text: &str) -> io::Result<()> {
    writer.create_element(element).write_text_content(BytesText::new(&lines_of_xml(text))).map(|_| ())
}

/// The same for a text of several lines.
fn lines_of_xml(text: &str) -> String {
    text.lines().map(|line| xml_text(line) + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, with_provenance};
    use proptest::prelude::*;
    use quick_xml::events::Event;
    use quick_xml::{Reader, XmlVersion};
    use std::slice;

    fn junit(reports: &[Report]) -> String {
        with_provenance(|provenance| verdict_junit(reports, provenance).unwrap())
    }

    /// An element, its attributes, and the text in it.
    #[derive(Debug, Default, PartialEq, Eq)]
    struct Element {
        path: String,
        attributes: Vec<(String, String)>,
        text: String,
    }

    impl Element {
        fn get(&self, name: &str) -> Option<&str> {
            self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
        }
    }

    /// Every element in its order, by a reader that refuses what is not well-formed.
    fn parse(xml: &str) -> Vec<Element> {
        let mut reader = Reader::from_str(xml);
        reader.config_mut().expand_empty_elements = true;
        let (mut elements, mut open): (Vec<Element>, Vec<usize>) = (Vec::new(), Vec::new());
        loop {
            match reader.read_event().expect("well-formed") {
                Event::Start(start) => {
                    let name = start.name().as_ref().to_owned();
                    let above =
                        open.last().map(|&index: &usize| elements[index].path.clone()).unwrap_or_default();
                    let attributes = start.attributes().map(|attribute| {
                        let attribute = attribute.expect("well-formed");
                        let value = attribute.normalized_value(XmlVersion::Explicit1_0).expect("well-formed");
                        (attribute.key.as_ref().to_owned(), value.into_owned())
                    });
                    let element = Element {
                        path: format!("{above}/{name}"),
                        attributes: attributes.collect(),
                        text: String::new(),
                    };
                    open.push(elements.len());
                    elements.push(element);
                }
                Event::End(_) => {
                    open.pop();
                }
                Event::Text(text) => {
                    if let Some(&index) = open.last() {
                        elements[index].text += &text.xml_content(XmlVersion::Explicit1_0);
                    }
                }
                Event::GeneralRef(reference) => {
                    let character = match reference.as_ref() {
                        "lt" => "<",
                        "gt" => ">",
                        "amp" => "&",
                        "quot" => "\"",
                        "apos" => "'",
                        other => panic!("{other}"),
                    };
                    elements[*open.last().expect("inside")].text += character;
                }
                Event::Eof => break,
                Event::Decl(_) => {}
                other => panic!("{other:?}"),
            }
        }
        assert!(open.is_empty());
        elements
    }

    #[test]
    fn a_breached_channel_fails_and_what_was_not_examined_is_skipped() {
        let xml = junit(&[fixtures::report(Verdict::Breached)]);
        insta::assert_snapshot!(xml);
        let elements = parse(&xml);
        let paths = |path: &str| elements.iter().filter(|element| element.path == path).collect::<Vec<_>>();
        let suite = paths("/testsuites/testsuite")[0];
        assert_eq!(suite.get("name"), Some("staging → production (conservative)"));
        let counts = ["tests", "failures", "errors", "skipped"].map(|count| suite.get(count).unwrap());
        assert_eq!(counts, ["7", "1", "0", "6"]);
        let names: Vec<_> =
            paths("/testsuites/testsuite/testcase").iter().map(|case| case.get("name").unwrap()).collect();
        assert_eq!(names, ["network", "api", "node", "identity", "data", "capacity", "deputy"]);
        let failures = paths("/testsuites/testsuite/testcase/failure");
        assert_eq!(failures.len(), 1);
        assert_eq!(failures[0].get("type"), Some("breached"));
        assert!(
            failures[0].text.lines().any(|line| line == "rule: watertight explain broad-namespace-selector")
        );
        assert_eq!(paths("/testsuites/testsuite/testcase/skipped").len(), 6);
    }

    #[test]
    fn unknown_is_an_error_and_isolated_passes() {
        let count = |verdict, kind: &str| {
            let elements = parse(&junit(&[fixtures::report(verdict)]));
            elements.iter().filter(|element| element.path.ends_with(kind)).count()
        };
        assert_eq!((count(Verdict::Unknown, "/error"), count(Verdict::Unknown, "/failure")), (1, 0));
        assert_eq!((count(Verdict::Isolated, "/error"), count(Verdict::Isolated, "/failure")), (0, 0));
        insta::assert_snapshot!(junit(&[fixtures::report(Verdict::Isolated)]));
    }

    #[test]
    fn a_need_is_a_test_of_its_own_suite() {
        let report = Report { needs: fixtures::needs(), ..fixtures::report(Verdict::Isolated) };
        let xml = junit(slice::from_ref(&report));
        insta::assert_snapshot!(xml.split_once("<testsuite name=\"needs").unwrap().1);
        let elements = parse(&xml);
        let total = ["tests", "failures", "errors"].map(|count| elements[0].get(count).unwrap());
        assert_eq!(total, ["10", "1", "1"]);
        let of_needs =
            elements.iter().skip_while(|element| element.get("name") != Some("needs (conservative)"));
        let paths: Vec<&str> =
            of_needs.clone().map(|element| element.path.rsplit('/').next().unwrap()).collect();
        assert_eq!(
            paths,
            ["testsuite", "testcase", "system-out", "testcase", "failure", "testcase", "error"]
        );
        let names = of_needs
            .filter(|element| element.path.ends_with("/testcase"))
            .map(|case| case.get("name").unwrap());
        assert_eq!(
            names.collect::<Vec<_>>(),
            report.needs.iter().map(|need| need.asked.as_str()).collect::<Vec<_>>()
        );
    }

    #[test]
    fn each_profile_is_a_suite() {
        let calico = Report { profile: "calico".to_owned(), ..fixtures::report(Verdict::Breached) };
        let cilium = Report { profile: "cilium".to_owned(), ..fixtures::report(Verdict::Isolated) };
        let elements = parse(&junit(&[calico, cilium]));
        let suites = elements.iter().filter(|element| element.path == "/testsuites/testsuite");
        let names: Vec<_> = suites.map(|suite| suite.get("name").unwrap()).collect();
        assert_eq!(names, ["staging → production (calico)", "staging → production (cilium)"]);
        let total = ["tests", "failures", "errors"].map(|count| elements[0].get(count).unwrap());
        assert_eq!(total, ["14", "1", "0"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn any_name_is_well_formed_and_comes_back(name in "(.|[<>&\"'\u{0}\u{b}\u{fffe}\n])*") {
            let mut report = fixtures::report(Verdict::Breached);
            report.boundaries[0].from = name.clone();
            report.boundaries[0].channels[0].breaches[0].message = format!("`{name}`");
            let elements = parse(&junit(&[report]));
            let suite = elements.iter().find(|element| element.path == "/testsuites/testsuite").unwrap();
            let expected = format!("{} → production (conservative)", xml_text(&name));
            prop_assert_eq!(suite.get("name"), Some(expected.as_str()));
        }
    }
}
