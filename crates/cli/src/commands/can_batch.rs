//! `watertight can --batch`: many questions, one line of JSON each, and as many answers.

use super::Read;
use crate::access::{Server, warn};
use crate::exit;
use crate::failure::Failure;
use crate::input;
use crate::options::{AccessOptions, Reading};
use crate::terminal::Terminal;
use rayon::prelude::*;
use serde::Deserialize;
use serde::de::IgnoredAny;
use watertight_api::Access;
use watertight_model::{Attributes, Decision, NonResourceAttributes, ResourceAttributes, User};
use watertight_render::{AnswerLines, Inputs, note_text};

/// How many lines that are no question are named.
const NAMED_MAX: usize = 20;

/// The `spec` of a SubjectAccessReview. A field that is null is as good as missing.
///
/// Source: <https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/subject-access-review-v1/>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Spec {
    user: Option<String>,
    groups: Option<Vec<String>>,
    /// RBAC does not look at it, nor at the next.
    #[serde(rename = "uid")]
    _uid: Option<String>,
    #[serde(rename = "extra")]
    _extra: Option<IgnoredAny>,
    resource_attributes: Option<Resource>,
    non_resource_attributes: Option<NonResource>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Resource {
    namespace: Option<String>,
    verb: Option<String>,
    group: Option<String>,
    resource: Option<String>,
    subresource: Option<String>,
    name: Option<String>,
    /// RBAC does not look at it, nor at the next two.
    #[serde(rename = "version")]
    _version: Option<String>,
    #[serde(rename = "fieldSelector")]
    _field_selector: Option<IgnoredAny>,
    #[serde(rename = "labelSelector")]
    _label_selector: Option<IgnoredAny>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct NonResource {
    path: Option<String>,
    verb: Option<String>,
}

/// The question that a line asks.
///
/// # Errors
/// It is none: why, in one lower-case sentence.
fn question(line: &[u8]) -> Result<(User, Attributes), String> {
    let spec: Spec = serde_json::from_slice(line).map_err(|error| shape(&error))?;
    let asked = match (spec.resource_attributes, spec.non_resource_attributes) {
        (Some(resource), None) => Attributes::Resource(ResourceAttributes {
            verb: resource.verb.unwrap_or_default(),
            group: resource.group.unwrap_or_default(),
            resource: resource.resource.unwrap_or_default(),
            subresource: resource.subresource.unwrap_or_default(),
            namespace: resource.namespace.unwrap_or_default(),
            name: resource.name.unwrap_or_default(),
        }),
        (None, Some(path)) => Attributes::NonResource(NonResourceAttributes {
            verb: path.verb.unwrap_or_default(),
            path: path.path.unwrap_or_default(),
        }),
        (Some(_), Some(_)) => {
            return Err("both `resourceAttributes` and `nonResourceAttributes` are given".to_owned());
        }
        (None, None) => {
            return Err("one of `resourceAttributes` and `nonResourceAttributes` is needed".to_owned());
        }
    };
    let user = User { name: spec.user.unwrap_or_default(), groups: spec.groups.unwrap_or_default() };
    if user.name.is_empty() && user.groups.is_empty() {
        return Err("a `user` or `groups` are needed".to_owned());
    }
    Ok((user, asked))
}

/// What is wrong with the shape of a line. The number of the line, which the parser counts within it, is always 1.
fn shape(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or(&text);
    format!("it is not the `spec` of a SubjectAccessReview: {text} (column {})", error.column())
}

/// Answers every line.
pub(super) fn batch(
    questions: &str,
    reading: &Reading,
    options: &AccessOptions,
    terminal: &mut Terminal<'_>,
) -> Result<u8, Failure> {
    if questions == input::STDIN && reading.filename.iter().any(|filename| filename == input::STDIN) {
        return Err(Failure::new("both `-f` and `--batch` are to read standard input")
            .help("write one of them to a file"));
    }
    // Before anything is read: that a file is not there is told at once.
    let mut lines = input::lines(questions)?;
    let read = Read::new(reading, &options.default_namespace, options.detail(), terminal)?;
    let Server { access, warnings, .. } = Server::new(&read.ingested.snapshot, options);
    warn(&warnings, terminal);
    let inputs = Inputs::new(&read.sources);
    let written = AnswerLines::new(&inputs);
    let phase = terminal.begin("answering");
    let mut tally = Tally::default();
    while let Some(block) = lines.some(terminal.stdin)? {
        let numbered: Vec<(usize, &[u8])> =
            (tally.lines + 1..).zip(block.split(|&byte| byte == b'\n')).collect();
        tally.lines += block.iter().filter(|&&byte| byte == b'\n').count();
        let answers: Vec<Answer> = numbered
            .into_par_iter()
            .filter(|(_, line)| !line.trim_ascii().is_empty())
            .map(|(number, line)| Answer::to(number, line, &access, &written))
            .collect::<Result<_, _>>()?;
        let text: String = answers.iter().map(|answer| answer.text.as_str()).collect();
        answers.iter().for_each(|answer| tally.count(answer, terminal));
        if !terminal.stream(&text)? {
            break;
        }
    }
    terminal.end(phase);
    tally.close(terminal);
    Ok(tally.code())
}

/// The answer to one line.
struct Answer {
    /// As it is printed.
    text: String,
    /// What was decided, or why the line is no question.
    outcome: Result<Decision, String>,
}

impl Answer {
    fn to(
        number: usize,
        line: &[u8],
        access: &Access<'_>,
        written: &AnswerLines<'_>,
    ) -> Result<Self, serde_json::Error> {
        match question(line) {
            Ok((user, asked)) => {
                let answer = access.decide(&user, &asked);
                Ok(Self { text: written.answer(&answer)?, outcome: Ok(answer.decision) })
            }
            Err(why) => {
                let why = format!("line {number}: {why}");
                Ok(Self { text: written.no_question(&why)?, outcome: Err(why) })
            }
        }
    }
}

/// What came of all lines so far.
#[derive(Debug, Default)]
struct Tally {
    lines: usize,
    malformed: usize,
    unknown: usize,
}

impl Tally {
    /// Counts an answer, and names a line that is no question.
    fn count(&mut self, answer: &Answer, terminal: &mut Terminal<'_>) {
        match &answer.outcome {
            Ok(Decision::Unknown) => self.unknown += 1,
            Ok(Decision::Allowed | Decision::Denied) => {}
            Err(why) => {
                self.malformed += 1;
                if self.malformed <= NAMED_MAX {
                    terminal.complain(|colour| note_text("error", why, colour));
                }
            }
        }
    }

    /// Says how many lines were not named.
    fn close(&self, terminal: &mut Terminal<'_>) {
        if let Some(more @ 1..) = self.malformed.checked_sub(NAMED_MAX) {
            let text = format!("and {more} more lines that are no question, as their answers say");
            terminal.complain(|colour| note_text("error", &text, colour));
        }
    }

    fn code(&self) -> u8 {
        match (self.malformed, self.unknown) {
            (0, 0) => exit::ISOLATED,
            (0, _) => exit::UNKNOWN,
            _ => exit::FAILED,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(line: &str) -> String {
        question(line.as_bytes()).unwrap_err()
    }

    #[test]
    fn all_fields_of_the_api_are_taken_and_null_is_nothing() {
        let line = r#"{"user": "jane", "groups": ["dev"], "uid": "1", "extra": {"a": ["b"]}, "nonResourceAttributes": null,
            "resourceAttributes": {"namespace": "shop", "verb": "get", "group": "apps", "version": "v1",
            "resource": "deployments", "subresource": "scale", "name": "web",
            "fieldSelector": {"rawSelector": "a=b"}, "labelSelector": {"requirements": []}}}"#;
        let (user, asked) = question(line.as_bytes()).unwrap();
        assert_eq!(user, User { name: "jane".to_owned(), groups: vec!["dev".to_owned()] });
        assert_eq!(asked.to_string(), "get deployments.apps/scale web in shop");
        let line =
            r#"{"groups": ["dev"], "user": null, "nonResourceAttributes": {"path": "/x", "verb": "get"}}"#;
        let (user, asked) = question(line.as_bytes()).unwrap();
        assert_eq!((user.name.as_str(), asked.to_string().as_str()), ("", "get /x"));
    }

    #[test]
    fn what_the_server_refuses_is_no_question() {
        let (one, other) = (r#""resourceAttributes": {}"#, r#""nonResourceAttributes": {}"#);
        assert_eq!(
            why(&format!(r#"{{"user": "a", {one}, {other}}}"#)),
            "both `resourceAttributes` and `nonResourceAttributes` are given"
        );
        assert_eq!(
            why(r#"{"user": "a"}"#),
            "one of `resourceAttributes` and `nonResourceAttributes` is needed"
        );
        for nobody in ["", r#""user": "", "#, r#""groups": [], "#, r#""user": null, "groups": null, "#] {
            assert_eq!(why(&format!("{{{nobody}{one}}}")), "a `user` or `groups` are needed");
        }
    }

    #[test]
    fn what_has_another_shape_says_where() {
        let start = "it is not the `spec` of a SubjectAccessReview: ";
        for (line, rest) in [
            ("x", "expected value (column 1)"),
            ("{", "EOF while parsing an object (column 1)"),
            ("[]", "missing field"),
            (
                r#"{"user": "a", "resourceAttributes": {"verb": 1}}"#,
                "invalid type: integer `1`, expected a string",
            ),
            (
                r#"{"user": "a", "resourceAttribute": {}}"#,
                "unknown field `resourceAttribute`, expected one of",
            ),
            (r#"{"spec": {}}"#, "unknown field `spec`, expected one of"),
            (r#"{"user": "a", "resourceAttributes": {}} {}"#, "trailing characters (column 41)"),
        ] {
            let why = why(line);
            let said = why.strip_prefix(start).unwrap_or_else(|| panic!("{line}: {why}"));
            assert!(said.starts_with(rest), "{line}: {why}");
        }
    }
}
