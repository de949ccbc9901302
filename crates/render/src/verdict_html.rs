//! A verdict as one page for a browser: the answer, each way across with its derivation and the lines of the input, what
//! it rests on, and a picture of the map. It holds all that it needs, and no script.

use crate::because_text::because_text;
use crate::breach_text::{short, when_text};
use crate::diagnostics_text::summary;
use crate::excerpt::excerpt;
use crate::headline::Headline;
use crate::map_svg::picture;
use crate::markdown::in_pieces;
use crate::needs_text::open_of;
use crate::page::{clean, counted};
use crate::picture::Setting;
use crate::{Colour, Inputs, Provenance};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use watertight_base::{Diagnostic, Span};
use watertight_model::{
    Assumption, Because, BlindSpot, Boundary, Breach, Cause, Channel, ChannelReport, ConnectivityMap,
    EnvironmentReport, Evidence, NearWay, Need, NeedState, PublicEntry, Report, Step, Verdict,
};

/// How the page looks.
const STYLE: &str = include_str!("verdict_html.css");
/// What the page may load: nothing. Its own style stands in it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The report as a document of HTML, with a picture of the map.
#[must_use]
pub fn verdict_html(report: &Report, map: &ConnectivityMap, provenance: Provenance<'_>) -> String {
    let titles: Vec<String> = report
        .boundaries
        .iter()
        .map(|boundary| clean(&Headline::of(boundary, &report.profile).line()))
        .collect();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="referrer" content="no-referrer";
                title { (titles.join("; ")) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                @for boundary in &report.boundaries { (boundary_html(boundary, report, map, provenance)) }
                (needs(&report.needs, provenance.inputs))
                (diagnostics(provenance))
                footer {
                    p { "Watertight " (provenance.version) ", profile " code { (clean(&report.profile)) } }
                    p { "input: " code { (clean(provenance.input_digest)) } }
                }
            }
        }
    };
    let mut text = page.into_string();
    text.push('\n');
    text
}

fn boundary_html(
    boundary: &Boundary,
    report: &Report,
    map: &ConnectivityMap,
    provenance: Provenance<'_>,
) -> Markup {
    let Headline { verdict, boundary: sides, why } = Headline::of(boundary, &report.profile);
    let inputs = provenance.inputs;
    let channels = || boundary.channels.iter();
    let causes = boundary.causes();
    let spots: Vec<&BlindSpot> = channels().flat_map(|channel| &channel.blind_spots).collect();
    let (from, to) = (boundary.from.as_str(), boundary.to.as_str());
    let shown = Setting {
        environments: &report.environments,
        boundary: Some((from, to)),
        focus: None,
        blind_spots: provenance.snapshot.blind_spots_of(Channel::Network).count(),
    };
    html! {
        header class={ "verdict " (boundary.verdict.name()) } {
            h1 { (clean(&verdict)) }
            p { (clean(&sides)) @if !why.is_empty() { ": " (why) } }
        }
        main {
            (contents(boundary, report, causes.len(), &spots, provenance.diagnostics))
            // What decides comes first: a verdict of `unknown` is about its blind spots.
            @if boundary.verdict == Verdict::Unknown { (blind_spots(&spots, inputs)) }
            @if !causes.is_empty() {
                h2 id="ways" { "Ways across " small { "the worst by each cause, with its derivation" } }
                @for cause in &causes { (cause_html(cause, inputs)) }
            }
            h2 id="map" { "Map " small { "the pods of today" } }
            div class="map" tabindex="0" { (picture(map, shown)) }
            @if boundary.verdict != Verdict::Unknown { (blind_spots(&spots, inputs)) }
            (rests_on(&boundary.channels, inputs))
            (limits(boundary, report))
        }
    }
}

/// Links to what is on the page.
fn contents(
    boundary: &Boundary,
    report: &Report,
    causes: usize,
    spots: &[&BlindSpot],
    diagnostics: &[Diagnostic],
) -> Markup {
    let count = |of: fn(&ChannelReport) -> usize| boundary.channels.iter().map(of).sum::<usize>();
    let entries = [
        ("ways", causes, "cause of ways across", "causes of ways across"),
        ("blind-spots", spots.len(), "blind spot", "blind spots"),
        (
            "lesser",
            count(|channel| channel.lesser.len()),
            "finding of lesser rank",
            "findings of lesser rank",
        ),
        ("nearest", count(|channel| channel.nearest.len()), "way that is not open", "ways that are not open"),
        ("public", count(|channel| channel.public.len()), "public entry", "public entries"),
        ("assumptions", count(|channel| channel.assumptions.len()), "assumption", "assumptions"),
        ("needs", report.needs.len(), "need", "needs"),
        ("input", diagnostics.len(), "finding about the input", "findings about the input"),
    ];
    html! {
        nav {
            @for (id, count, one, many) in entries {
                @if count > 0 { a href={ "#" (id) } { (counted(count, one, many)) } }
            }
            a href="#map" { "map" }
            a href="#about" { "what was examined" }
        }
    }
}

/// The worst way across by a cause, folded, with the others folded in it.
fn cause_html(cause: &Cause<'_>, inputs: &Inputs<'_>) -> Markup {
    let Breach { id, rule, when, message, .. } = cause.worst;
    let more = cause.count() - 1;
    html! {
        details class="breach" id=(clean(id)) {
            summary {
                span class={ "badge " (when.name()) } { (when.name()) } " "
                strong { (rule) } ": " (prose(message))
                @if more > 0 { " " span class="soft" { "and " (more) " more by the same cause" } }
            }
            (breach_html(cause.worst, inputs))
            @if !cause.others.is_empty() {
                h3 { "By the same cause" }
                @for other in &cause.others {
                    details id=(clean(&other.id)) {
                        summary { strong { (other.rule) } ": " (prose(&short(other, cause))) }
                        (breach_html(other, inputs))
                    }
                }
            }
        }
    }
}

/// What stands behind a way across: the place, the help, and the derivation.
fn breach_html(breach: &Breach, inputs: &Inputs<'_>) -> Markup {
    let Breach { rule, when, help, reached, steps, highlight, .. } = breach;
    let reached: Vec<&str> = reached.iter().map(String::as_str).collect();
    html! {
        @if let Some((span, label)) = highlight { (lines(inputs, *span, label)) }
        dl {
            dt { "when" } dd { (when_text(*when)) }
            @if reached.len() > 1 { dt { "reaches" } dd { (clean(&reached.join(", "))) } }
            dt { "help" } dd { (prose(help)) }
            dt { "rule" } dd { code { "watertight explain " (rule) } }
        }
        h3 { "Because" }
        ol class="steps" {
            @for Step { id, channel, rule, text, because, .. } in steps {
                li value=(id) {
                    (prose(text)) " " span class="soft" { "(" (channel.name()) ", " (rule) ")" }
                    @for because in because { (because_html(because, text, inputs)) }
                }
            }
        }
    }
}

/// What a step rests on, with the lines of the input folded below it.
fn because_html(because: &Because, statement: &str, inputs: &Inputs<'_>) -> Markup {
    let says = clean(&because_text(because, statement, inputs));
    let text =
        because.evidence.as_ref().and_then(|Evidence::File(span)| excerpt(inputs, *span, "", Colour::Plain));
    html! {
        @match text {
            Some(text) => details { summary { (says) } pre { (text) } },
            None => p class="soft" { (says) },
        }
    }
}

/// The lines of the input, with the place marked.
fn lines(inputs: &Inputs<'_>, span: Span, label: &str) -> Markup {
    html! {
        @if let Some(text) = excerpt(inputs, span, label, Colour::Plain) { pre { (text) } }
    }
}

fn needs(needs: &[Need], inputs: &Inputs<'_>) -> Markup {
    html! {
        @if !needs.is_empty() {
            h2 id="needs" { "Needs " small { (open_of(needs)) } }
            ul class="entries" {
                @for Need { asked, state, why, help, because } in needs {
                    li class="need" {
                        span class={ "badge " (badge(*state)) } { (state.name()) } " " code { (clean(asked)) }
                        p { (prose(why)) }
                        @for because in because { (because_html(because, "", inputs)) }
                        @if !help.is_empty() { p { strong { "help: " } (prose(help)) } }
                    }
                }
            }
        }
    }
}

/// How a state looks.
fn badge(state: NeedState) -> &'static str {
    match state {
        NeedState::Open => "open",
        NeedState::Unknown => "unknown",
        NeedState::Closed => "closed",
    }
}

fn blind_spots(spots: &[&BlindSpot], inputs: &Inputs<'_>) -> Markup {
    html! {
        @if !spots.is_empty() {
            h2 id="blind-spots" {
                "Blind spots " small { "not seen or not understood, and so never counted as safe" }
            }
            ul class="entries" {
                @for BlindSpot { rule, reason, span, help, .. } in spots {
                    li class="blind-spot" {
                        code { (rule) } " " (prose(reason))
                        @if let Some(span) = span { (lines(inputs, *span, "")) }
                        p { strong { "help: " } (prose(help)) }
                    }
                }
            }
        }
    }
}

/// What is of lesser rank, what is nearest to being open, what is public, and what is assumed.
fn rests_on(channels: &[ChannelReport], inputs: &Inputs<'_>) -> Markup {
    let lesser: Vec<&Breach> = channels.iter().flat_map(|channel| &channel.lesser).collect();
    let nearest: Vec<&NearWay> = channels.iter().flat_map(|channel| &channel.nearest).collect();
    let public: Vec<&PublicEntry> = channels.iter().flat_map(|channel| &channel.public).collect();
    let assumptions: Vec<&Assumption> = channels.iter().flat_map(|channel| &channel.assumptions).collect();
    html! {
        @if !lesser.is_empty() {
            h2 id="lesser" { "Of lesser rank " small { "no breach unless " code { "--strict" } " makes one of it" } }
            ul class="entries" {
                @for Breach { rule, message, highlight, .. } in lesser {
                    li class="lesser" {
                        code { (rule) } " " (prose(message))
                        @if let Some((span, label)) = highlight { (lines(inputs, *span, label)) }
                    }
                }
            }
        }
        @if !nearest.is_empty() {
            h2 id="nearest" { "Nearest " small { "ways that are not open, and what stands in each" } }
            ul class="entries" {
                @for NearWay { rule, message, blocked, because } in nearest {
                    li class="nearest" {
                        code { (rule) } " " (prose(message))
                        p { (prose(blocked)) }
                        @for because in because { (because_html(because, blocked, inputs)) }
                    }
                }
            }
        }
        @if !public.is_empty() {
            h2 id="public" { "Public entries " small { "open to everybody on purpose, and so no breach" } }
            ul class="entries" {
                @for PublicEntry { message, because } in public {
                    li class="public" {
                        (prose(message))
                        @for because in because { (because_html(because, message, inputs)) }
                    }
                }
            }
        }
        @if !assumptions.is_empty() {
            h2 id="assumptions" { "Assumptions " small { "which the input cannot show" } }
            ul class="entries" {
                @for Assumption { id, text, check } in assumptions {
                    li class="assumption" {
                        code { (clean(id)) } " " (prose(text))
                        p { strong { "check: " } (command(check)) }
                    }
                }
            }
        }
    }
}

/// What the answer is about and what it is not.
fn limits(boundary: &Boundary, report: &Report) -> Markup {
    let Boundary { from, to, not_examined, .. } = boundary;
    let names: Vec<&str> = not_examined.iter().copied().map(Channel::name).collect();
    html! {
        h2 id="about" { "What was examined" }
        dl {
            @for EnvironmentReport { name, namespaces, .. } in &report.environments {
                dt { code { (clean(name)) } }
                dd {
                    @for namespace in namespaces {
                        p { "namespace " code { (clean(&namespace.name)) } ", since it " (prose(&namespace.why)) }
                    }
                }
            }
            @if !report.neither.is_empty() { dt { "of neither side" } dd { (clean(&report.neither.join(", "))) } }
            @if let Some(enforcer) = &report.enforcer {
                dt { "network plugin" }
                dd {
                    (clean(&enforcer.title)) ", by " (clean(&enforcer.object.to_string()))
                    "; under " code { "--profile " (clean(&enforcer.profile)) } " the answer is " (enforcer.verdict.name())
                }
            }
            @if !names.is_empty() { dt { "not examined" } dd { (names.join(", ")) } }
            dt { "outside this promise" } dd { code { (clean(to)) } " dialling " code { (clean(from)) } }
        }
    }
}

/// What is wrong with the input.
fn diagnostics(provenance: Provenance<'_>) -> Markup {
    let mut sorted: Vec<&Diagnostic> = provenance.diagnostics.iter().collect();
    sorted.sort_by_key(|diagnostic| diagnostic.severity);
    html! {
        @if !sorted.is_empty() {
            h2 id="input" { "Input " small { (summary(provenance.diagnostics)) } }
            ul class="entries" {
                @for Diagnostic { rule, severity, message, at, help, without: _ } in sorted {
                    li class="diagnostic" {
                        (severity) " " code { (rule) } " " (prose(message))
                        @if let Some((span, label)) = at { (lines(provenance.inputs, *span, label)) }
                        @if let Some(help) = help { p { strong { "help: " } (prose(help)) } }
                    }
                }
            }
        }
    }
}

/// A command to copy, or a thing to do.
fn command(text: &str) -> Markup {
    let is_command = ["kubectl ", "watertight "].iter().any(|program| text.starts_with(program));
    html! { @if is_command { code { (clean(text)) } } @else { (prose(text)) } }
}

/// Running text, in which what stands in backticks is code.
fn prose(text: &str) -> Markup {
    let plain = |text: &str| html! { (text) }.into_string();
    PreEscaped(in_pieces(text, plain, |code| html! { code { (code) } }.into_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, with_provenance};
    use html5gum::{Token, Tokenizer};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn page(report: &Report) -> String {
        with_provenance(|provenance| verdict_html(report, &fixtures::map(), provenance))
    }

    /// A start tag with its attributes, as a browser reads it.
    #[derive(Debug, PartialEq, Eq)]
    struct Tag {
        name: String,
        attributes: BTreeMap<String, String>,
    }

    impl Tag {
        fn get(&self, name: &str) -> Option<&str> {
            self.attributes.get(name).map(String::as_str)
        }
    }

    fn utf8(bytes: &[u8]) -> String {
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    /// The tags, and all text between them.
    fn parse(page: &str) -> (Vec<Tag>, String) {
        let (mut tags, mut shown) = (Vec::new(), String::new());
        for Ok(token) in Tokenizer::new(page) {
            match token {
                Token::StartTag(tag) => {
                    let attributes =
                        tag.attributes.iter().map(|(name, value)| (utf8(name), utf8(value))).collect();
                    tags.push(Tag { name: utf8(&tag.name), attributes });
                }
                Token::String(text) => shown += &utf8(&text),
                Token::Error(error) => panic!("{error:?}"),
                Token::Comment(comment) => panic!("{comment:?}"),
                Token::EndTag(_) | Token::Doctype(_) => {}
            }
        }
        (tags, shown)
    }

    fn with_class<'a>(tags: &'a [Tag], class: &str) -> Vec<&'a Tag> {
        tags.iter().filter(|tag| tag.get("class") == Some(class)).collect()
    }

    #[test]
    fn what_has_one_cause_is_one_fold_with_the_others_in_it() {
        let page = page(&fixtures::one_cause());
        let (tags, shown) = parse(&page);
        let ids = |name: &str| -> Vec<&str> {
            let folds =
                tags.iter().filter(|tag| tag.name == "details" && tag.get("class").unwrap_or("") == name);
            folds.filter_map(|tag| tag.get("id")).collect()
        };
        let id = |rule: &str| format!("{rule}:0123456789abcdef");
        assert_eq!(ids("breach"), [id("read-secrets"), id("broad-namespace-selector")]);
        assert_eq!(ids(""), [id("unfenced-future-pod"), id("change-objects")]);
        assert!(shown.contains("and 2 more by the same cause"), "{shown}");
    }

    #[test]
    fn everything_in_a_report_is_on_the_page() {
        let report = Report { needs: fixtures::needs(), ..fixtures::report(Verdict::Breached) };
        let (tags, shown) = parse(&page(&report));
        let count = |class| with_class(&tags, class).len();
        let channel = &report.boundaries[0].channels[0];
        assert_eq!(count("breach"), channel.breaches.len());
        assert_eq!(count("blind-spot"), channel.blind_spots.len());
        assert_eq!(count("lesser"), channel.lesser.len());
        assert_eq!(count("nearest"), channel.nearest.len());
        assert_eq!(count("public"), channel.public.len());
        assert_eq!(count("assumption"), channel.assumptions.len());
        assert_eq!(count("need"), report.needs.len());
        assert_eq!(count("diagnostic"), fixtures::diagnostics().len());
        assert_eq!(count("wt-map"), 1);
        let ids: Vec<&str> = with_class(&tags, "breach").iter().map(|tag| tag.get("id").unwrap()).collect();
        assert_eq!(ids, channel.breaches.iter().map(|breach| breach.id.as_str()).collect::<Vec<_>>());
        for said in ["breached on network", "12 |         - namespaceSelector: {}", "selects every namespace"]
        {
            assert!(shown.contains(said), "{said}: {shown}");
        }
        let steps: usize = channel.breaches.iter().map(|breach| breach.steps.len()).sum();
        assert_eq!(tags.iter().filter(|tag| tag.name == "li" && tag.get("value").is_some()).count(), steps);
    }

    #[test]
    fn every_link_leads_to_something_on_the_page_and_no_id_stands_twice() {
        for verdict in [Verdict::Isolated, Verdict::Unknown, Verdict::Breached] {
            let report = Report { needs: fixtures::needs(), ..fixtures::report(verdict) };
            let (tags, _) = parse(&page(&report));
            let mut ids: Vec<&str> = tags.iter().filter_map(|tag| tag.get("id")).collect();
            let links: Vec<&str> = tags.iter().filter_map(|tag| tag.get("href")).collect();
            assert!(links.len() > 4);
            for link in links {
                assert!(ids.contains(&link.strip_prefix('#').unwrap()), "{link}");
            }
            ids.sort_unstable();
            let count = ids.len();
            ids.dedup();
            assert_eq!(ids.len(), count);
        }
    }

    #[test]
    fn the_page_loads_nothing_and_runs_nothing() {
        let (tags, _) = parse(&page(&fixtures::report(Verdict::Breached)));
        let policy = tags.iter().find(|tag| tag.get("http-equiv").is_some()).unwrap();
        assert_eq!(policy.get("content"), Some(POLICY));
        for tag in &tags {
            assert!(
                !["script", "link", "img", "iframe", "object", "form", "base"].contains(&tag.name.as_str()),
                "{tag:?}"
            );
            let loads = tag.attributes.iter().find(|(name, _)| name.starts_with("on") || *name == "src");
            assert_eq!(loads, None);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn no_name_changes_what_is_on_the_page(name in "(\\PC|[<>&\"'`\n\u{0}]|</style>|</title>|<script>|</pre>|<!--){0,30}") {
            let shape = |name: &str| {
                let mut report = Report { needs: fixtures::needs(), ..fixtures::report(Verdict::Breached) };
                report.boundaries[0].to += name;
                report.environments[0].name += name;
                report.environments[0].namespaces[0].name += name;
                report.needs[1].asked += name;
                report.needs[1].help += name;
                report.neither[0] += name;
                let channel = &mut report.boundaries[0].channels[0];
                let breach = &mut channel.breaches[0];
                breach.id += name;
                breach.message += name;
                breach.help += name;
                breach.steps[0].text += name;
                breach.steps[0].because[0].object.name += name;
                breach.highlight.as_mut().unwrap().1 += name;
                channel.blind_spots[0].reason += name;
                channel.public[0].message += name;
                channel.assumptions[0].check += name;
                let page = page(&report);
                let (before, after) = page.split_once("<svg").unwrap();
                // Pictures have tests of their own, and long names fewer or more lines in them.
                let (_, after) = after.split_once("</svg>").unwrap();
                let (tags, shown) = parse(&format!("{before}{after}"));
                let tags = tags.into_iter().map(|tag| (tag.name, tag.attributes.into_keys().collect::<Vec<_>>()));
                // Backticks may make code of a name.
                (tags.filter(|(name, _)| name != "code").collect::<Vec<_>>(), shown)
            };
            let (tags, shown) = shape(&name);
            prop_assert_eq!(tags, shape("").0);
            // A heading shows it as it is.
            let says = format!("staging → production{}", clean(&name));
            prop_assert!(shown.contains(&says), "{}", shown);
        }
    }
}
