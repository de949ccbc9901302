//! One source: is it text, JSON or YAML, a template, Kubernetes at all?

use crate::Options;
use crate::forms::Form;
use crate::hidden;
use crate::kubectl_lines::{Difference, differences};
use crate::kustomization::{Listing, SourceNames};
use crate::read::{Found, Read, Reader};
use crate::rules;
use crate::tree::{
    MAX_DEPTH, Node, YamlDocument, YamlError, YamlFailure, YamlStream, documents, json_documents, pieces,
};
use rayon::prelude::*;
use std::ops::Range;
use watertight_base::{Diagnostic, Source, SourceId, Span};
use watertight_model::{BlindScope, BlindSpot, Channel};

/// What one source holds.
#[derive(Debug, Default)]
pub(crate) struct SourceRead {
    pub(crate) found: Vec<Found>,
    pub(crate) blind_spots: Vec<BlindSpot>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What no output shows.
    pub(crate) hidden: Vec<Span>,
    /// What it lists, if it is a kustomization.
    pub(crate) listing: Option<Listing>,
}

impl SourceRead {
    /// Something is not seen. It is no error: the file is meant for another program.
    fn not_for_us(&mut self, rule: &'static str, reason: String, span: Span, help: &str) {
        self.blind_spots.push(BlindSpot {
            rule,
            reason,
            object: None,
            span: Some(span),
            help: help.to_owned(),
            scope: BlindScope::Everything,
            hides: &Channel::ALL,
        });
    }

    /// Something is broken: an error, and a blind spot.
    fn broken(&mut self, rule: &'static str, reason: String, span: Span, label: &str, help: &str) {
        self.diagnostics.push(Diagnostic::error(rule, reason.clone()).at(span, label).help(help));
        self.not_for_us(rule, reason, span, help);
    }
}

/// Reads one source.
pub(crate) fn read(id: SourceId, source: &Source, names: &SourceNames, options: &Options) -> SourceRead {
    let name = &source.name;
    let text = match text_of(&source.bytes) {
        Ok(text) => text,
        Err(not_text) => return self::not_text(id, source, not_text),
    };
    if Form::of(name) == Form::Template {
        let span = Span::new(id, 0, line_end(text, 0));
        return SourceRead { hidden: vec![Span::new(id, 0, text.len())], ..template(name, span) };
    }
    let mut reader = Reader::new(source, names, options);
    let failures = read_documents(&mut reader, id, text);
    let directive = if failures.iter().any(Failure::is_syntax) { template_directive(text) } else { None };
    let Read { found, blind_spots, diagnostics, template: of_values, strangers, mut hidden, listing } =
        reader.into_read();
    let places = failures.iter().map(|failure| failure.span().start);
    hidden.extend(places.filter_map(|place| hidden::around(id, text, place)));
    let template_at = match directive {
        Some(brace) => Some(Span::new(id, brace, line_end(text, brace))),
        None => of_values,
    };
    if let Some(span) = template_at {
        hidden.extend(hidden::around(id, text, span.start));
        return SourceRead { hidden, ..template(name, span) };
    }
    let mut read = SourceRead { found, blind_spots, diagnostics, hidden, listing };
    for failure in failures {
        failure.report(&mut read, name);
    }
    if let Some((span, count)) = strangers {
        stranger(&mut read, name, span, count);
    }
    read
}

/// Hands the documents of a source to `visit`, one at a time, which says what is wrong with them, and returns all that is
/// wrong.
pub(crate) fn text_trees(
    id: SourceId,
    source: &Source,
    visit: &mut dyn FnMut(Node<'_>) -> Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    let text = match text_of(&source.bytes) {
        Ok(text) => text,
        Err(not_text) => return self::not_text(id, source, not_text).diagnostics,
    };
    let mut read = SourceRead::default();
    let body = text.trim_start_matches('\u{feff}').trim_start();
    let (documents, error) =
        if body.starts_with(['{', '[']) { json_documents(id, text) } else { (Vec::new(), None) };
    let failure =
        error.map(|(offset, why)| Failure::Json { span: Span::new(id, offset, line_end(text, offset)), why });
    for document in &documents {
        read.diagnostics.extend(visit(document.root()));
    }
    let mut failures: Vec<Failure> = Vec::new();
    if documents.is_empty() {
        for document in YamlStream::new(id, text) {
            match document {
                Ok(document) => read.diagnostics.extend(visit(document.root())),
                Err(error) => failures.push(Failure::Yaml(error)),
            }
        }
        failures.extend(failures_of_lines(id, text));
    }
    // As for manifests, what begins like JSON and is no YAML either is JSON that is broken.
    match failure {
        Some(failure) if !documents.is_empty() || failures.iter().any(Failure::is_syntax) => {
            failures = vec![failure];
        }
        _ => {}
    }
    failures.into_iter().for_each(|failure| failure.report(&mut read, &source.name));
    read.diagnostics
}

/// Where a template's directive stands in a text that is no YAML: `{{` where a line, a value or an element begins. In
/// quotes it may be data, such as an alert's text.
fn template_directive(text: &str) -> Option<usize> {
    text.match_indices("{{").map(|(brace, _)| brace).find(|&brace| {
        let before = text[..brace].rsplit('\n').next().unwrap_or_default();
        before.trim().is_empty() || before.ends_with(": ") || before.ends_with("- ")
    })
}

/// The text of a source, without a byte order mark, or where and why it is none.
fn text_of(bytes: &[u8]) -> Result<&str, (usize, &'static str)> {
    if let Some(offset) = memchr::memchr(0, bytes) {
        return Err((offset, "it holds a zero byte"));
    }
    std::str::from_utf8(bytes).map_err(|error| (error.valid_up_to(), "it is not UTF-8"))
}

/// A source that is no text: from where on, and why.
fn not_text(id: SourceId, source: &Source, (offset, why): (usize, &str)) -> SourceRead {
    let help = "give YAML or JSON in UTF-8, or leave the file out";
    let span = Span::new(id, offset, (offset + 1).min(source.bytes.len()));
    let mut read = SourceRead::default();
    read.broken(rules::NOT_TEXT, format!("`{}` is no text: {why}", source.name), span, "here", help);
    read.hidden.push(Span::new(id, 0, source.bytes.len()));
    read
}

/// A part of a source that could not be parsed.
enum Failure {
    Json {
        span: Span,
        why: String,
    },
    Yaml(YamlError),
    /// It could, and kubectl sees other documents in it.
    Otherwise {
        span: Span,
        difference: Difference,
    },
}

/// Hands the documents of a text to the reader, one at a time, and returns what could not be parsed. As kubectl does,
/// it takes a text that begins with a brace or a bracket as JSON and, if that fails, as YAML.
fn read_documents(reader: &mut Reader<'_>, id: SourceId, text: &str) -> Vec<Failure> {
    let body = text.trim_start_matches('\u{feff}').trim_start();
    if !body.starts_with(['{', '[']) {
        return read_yaml(reader, id, text);
    }
    let (documents, error) = json_documents(id, text);
    let failure =
        error.map(|(offset, why)| Failure::Json { span: Span::new(id, offset, line_end(text, offset)), why });
    match failure {
        Some(failure) if documents.is_empty() => {
            let failures = read_yaml(reader, id, text);
            if failures.iter().any(Failure::is_syntax) { vec![failure] } else { failures }
        }
        failure => {
            for document in documents {
                reader.document(document.root());
            }
            failure.into_iter().collect()
        }
    }
}

/// How many bytes of YAML are parsed in one go, if there are documents enough.
const PIECE: usize = 64 * 1024;

fn read_yaml(reader: &mut Reader<'_>, id: SourceId, text: &str) -> Vec<Failure> {
    let mut failures = Vec::new();
    match read_pieces(reader, id, text, PIECE) {
        Some(parts) => parts.into_iter().for_each(|part| reader.add(part)),
        None => {
            for document in YamlStream::new(id, text) {
                match document {
                    Ok(document) => yaml_document(reader, &document),
                    Err(error) => failures.push(Failure::Yaml(error)),
                }
            }
        }
    }
    failures.extend(failures_of_lines(id, text));
    failures
}

/// Where kubectl sees other documents than the parser.
fn failures_of_lines(id: SourceId, text: &str) -> impl Iterator<Item = Failure> {
    differences(text).into_iter().map(move |(at, difference)| {
        let span = Span::new(id, at, line_end(text, at).max(at));
        Failure::Otherwise { span, difference }
    })
}

/// Reads a text piece by piece, side by side. `None`, if a piece cannot be parsed: what is wrong with a text, and where it
/// can be read again, shows when it is parsed as a whole.
fn read_pieces(reader: &Reader<'_>, id: SourceId, text: &str, size: usize) -> Option<Vec<Read>> {
    let read = |piece: Range<usize>| {
        let mut reader = reader.another();
        for document in documents(id, text, piece) {
            yaml_document(&mut reader, &document.ok()?);
        }
        Some(reader.into_read())
    };
    pieces(text, 0..text.len(), size).into_par_iter().map(read).collect()
}

fn yaml_document(reader: &mut Reader<'_>, document: &YamlDocument<'_>) {
    // `name: {{ .Values.name }}` is YAML: a mapping whose key is a mapping. No object has such a key.
    if reader.context.template.is_none() {
        reader.context.template = document.collection_as_key();
    }
    for mapping in document.mappings_with_equal_keys() {
        reader.context.duplicates(&mapping);
    }
    reader.document(document.root());
}

/// The end of the line that `offset` stands in.
fn line_end(text: &str, offset: usize) -> usize {
    text.get(offset..).and_then(|rest| rest.find(['\n', '\r'])).map_or(text.len(), |length| offset + length)
}

/// A source that must be rendered first. Nothing of it counts: half of it would be another thing than all of it.
fn template(name: &str, span: Span) -> SourceRead {
    let reason = format!("`{name}` is a template, not a manifest");
    let help = if Form::of(name) == Form::Template {
        "render it, and give the output instead"
    } else {
        "render the chart with `helm template` and give the output instead"
    };
    let mut read = SourceRead::default();
    read.not_for_us(rules::HELM_TEMPLATE, reason, span, help);
    read
}

/// Documents without `apiVersion` and `kind`.
fn stranger(read: &mut SourceRead, name: &str, span: Span, count: usize) {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let of_helm = file.starts_with("values") || file.starts_with("Chart.");
    let help = if of_helm {
        "this is part of a Helm chart: render it with `helm template` and give the output instead"
    } else {
        "give it an `apiVersion` and a `kind`, or leave the file out"
    };
    let reason = match count {
        1 => format!("`{name}` holds a document that is no Kubernetes object"),
        _ => format!("`{name}` holds {count} documents that are no Kubernetes objects"),
    };
    read.not_for_us(rules::NOT_KUBERNETES, reason, span, help);
}

impl Failure {
    fn is_syntax(&self) -> bool {
        match self {
            Self::Json { .. } => true,
            Self::Yaml(error) => matches!(error.failure, YamlFailure::Syntax(_)),
            Self::Otherwise { .. } => false,
        }
    }

    fn span(&self) -> Span {
        match self {
            Self::Json { span, .. } | Self::Otherwise { span, .. } | Self::Yaml(YamlError { span, .. }) => {
                *span
            }
        }
    }

    fn report(self, read: &mut SourceRead, name: &str) {
        match self {
            Self::Json { span, why } => read.broken(
                rules::UNPARSABLE,
                format!("`{name}` cannot be parsed as JSON: {why}"),
                span,
                "from here on nothing was read",
                "mend the JSON",
            ),
            Self::Yaml(YamlError { failure: YamlFailure::Syntax(why), span }) => read.broken(
                rules::UNPARSABLE,
                format!("a document of `{name}` cannot be parsed as YAML: {why}"),
                span,
                "here",
                "mend the YAML; the other documents of the file were read",
            ),
            Self::Yaml(YamlError { failure: YamlFailure::TooDeep, span }) => read.broken(
                rules::TOO_DEEP,
                format!("a document of `{name}` nests deeper than {MAX_DEPTH} levels"),
                span,
                "too deep",
                "flatten it; no Kubernetes object nests that deep",
            ),
            Self::Yaml(YamlError { failure: YamlFailure::AliasBomb, span }) => read.broken(
                rules::ALIAS_BOMB,
                format!("a document of `{name}` has aliases that stand for too much, or for themselves"),
                span,
                "aliases without bound",
                "write the values out instead of using aliases",
            ),
            Self::Otherwise { span, difference: Difference::Document } => read.broken(
                rules::UNPARSABLE,
                format!("`{name}` holds a document that kubectl passes over"),
                span,
                "no line of its own says `---` before this",
                "begin each document with a line that says `---` and nothing else",
            ),
            Self::Otherwise { span, difference: Difference::LineBreak } => read.broken(
                rules::UNPARSABLE,
                format!("`{name}` holds a character that kubectl takes as a line break"),
                span,
                "a line of its own for kubectl",
                "remove the character, or write it as an escape in double quotes, such as `\\u2028`",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// All that is read of a text, by pieces of this size; `None`, if they cannot be parsed.
    fn by_pieces(text: &str, size: usize) -> Option<String> {
        let source = Source { name: "x.yaml".to_owned(), bytes: text.as_bytes().to_vec() };
        let names = SourceNames::new(std::slice::from_ref(&source));
        let options = Options::default();
        let mut reader = Reader::new(&source, &names, &options);
        for part in read_pieces(&reader, SourceId(0), text, size)? {
            reader.add(part);
        }
        Some(told(reader.into_read()))
    }

    fn as_a_whole(text: &str) -> String {
        let source = Source { name: "x.yaml".to_owned(), bytes: text.as_bytes().to_vec() };
        let names = SourceNames::new(std::slice::from_ref(&source));
        let options = Options::default();
        let mut reader = Reader::new(&source, &names, &options);
        for document in YamlStream::new(SourceId(0), text) {
            match document {
                Ok(document) => yaml_document(&mut reader, &document),
                Err(error) => return format!("{error:?}"),
            }
        }
        told(reader.into_read())
    }

    fn told(read: Read) -> String {
        let Read { found, blind_spots, diagnostics, template, strangers, hidden, listing } = read;
        format!("{found:?} {blind_spots:?} {diagnostics:?} {template:?} {strangers:?} {hidden:?} {listing:?}")
    }

    fn lines() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            Just("---"),
            Just("---"),
            Just("---"),
            Just("--- # c"),
            Just("---\r"),
            Just("--- |"),
            Just("---x"),
            Just(" ---"),
            Just("..."),
            Just("a: 1"),
            Just("kind: Pod"),
            Just("apiVersion: v1"),
            Just("metadata: {name: p}"),
            Just("b: |"),
            Just("  text"),
            Just("c: \"x"),
            Just("y\""),
            Just("d: 'x"),
            Just("z'"),
            Just("e: [1,"),
            Just("2]"),
            Just("f: &x 1"),
            Just("g: *x"),
            Just("- h"),
            Just(""),
            Just("# comment"),
            Just("i: >-"),
            Just("? j"),
            Just("k: {{ .Values }}"),
            Just("%YAML 1.2"),
            Just("|"),
            Just("a: 2"),
        ];
        prop::collection::vec(line, 0..14).prop_map(|lines| lines.join("\n"))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn pieces_say_what_the_whole_says(text in lines(), size in 1..40_usize) {
            if let Some(told) = by_pieces(&text, size) {
                prop_assert_eq!(told, as_a_whole(&text), "{}", text);
            }
        }
    }
}
