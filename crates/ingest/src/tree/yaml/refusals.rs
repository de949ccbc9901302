//! Scalars that the parser behind kubectl, which knows YAML 1.1 alone, refuses with the whole document.
//!
//! Source: `go.yaml.in/yaml/v2` and `sigs.k8s.io/yaml`, as kubectl 1.36 has them.

use crate::scalar::{Scalar, plain};
use granit_parser::{ScalarStyle, Tag};

/// One scalar, as the parser hands it over, and where it stands.
pub(super) struct Written<'a> {
    /// What stands before it, from the beginning of the file.
    pub(super) before: &'a str,
    /// As it is written, quotes included.
    pub(super) raw: &'a str,
    pub(super) text: &'a str,
    pub(super) style: ScalarStyle,
    pub(super) tag: Option<&'a Tag>,
    /// Whether it stands in braces or brackets.
    pub(super) in_flow: bool,
    pub(super) is_key: bool,
}

impl Written<'_> {
    /// Why kubectl refuses it, if it does.
    pub(super) fn refusal(&self) -> Option<String> {
        if self
            .tag
            .is_some_and(|tag| tag.suffix_in_namespace("tag:yaml.org,2002:").as_deref() == Some("binary"))
        {
            return Some("a value is tagged as `!!binary`, which kubectl decodes".to_owned());
        }
        if self.tag.is_some_and(|tag| tag.suffix().contains('#')) {
            return Some("a tag holds a `#`".to_owned());
        }
        let is_plain = self.style == ScalarStyle::Plain;
        if is_plain && self.in_flow && (self.raw.starts_with(':') || self.raw.contains('?')) {
            return Some("in braces or brackets, no plain value begins with `:` or holds a `?`".to_owned());
        }
        if self.is_key && self.in_flow && self.raw.contains('\n') {
            return Some("a key goes over several lines".to_owned());
        }
        if self.is_key
            && !self.in_flow
            && memchr::memrchr2(b'\n', b'\t', self.before.as_bytes())
                .is_some_and(|at| self.before.as_bytes().get(at) == Some(&b'\t'))
        {
            return Some("a tab stands before a key".to_owned());
        }
        let is_block = matches!(self.style, ScalarStyle::Literal | ScalarStyle::Folded);
        if is_block && self.text.trim_start_matches('\n').starts_with('\t') {
            return Some("a tab stands where the indentation of a block is to be found".to_owned());
        }
        if is_plain && self.in_flow && self.text.is_empty() && self.tag.is_some() {
            return Some("in braces or brackets, a tag needs a value".to_owned());
        }
        if self.style == ScalarStyle::DoubleQuoted
            && let Some(escape) = unknown_escape(self.raw)
        {
            return Some(format!("kubectl does not know the escape `\\{escape}`"));
        }
        let by_spelling = match self.tag {
            Some(tag) => {
                tag.core_suffix().filter(|suffix| *suffix != "str").map(|suffix| (suffix, plain(self.text)))
            }
            None => is_plain.then(|| ("", plain(self.text))),
        };
        let (tag, value) = by_spelling?;
        if !fits(tag, &value) {
            return Some(format!("the value is tagged as `!!{tag}`, and is none"));
        }
        match value {
            Scalar::Null if self.is_key => Some("a key is null".to_owned()),
            Scalar::Integer(number) if self.is_key && i64::try_from(number).is_err() => {
                Some(format!("the key {number} is too large a number"))
            }
            _ => None,
        }
    }
}

/// Whether kubectl refuses the name of the last anchor before a node.
pub(super) fn refuses_anchor(before: &str) -> bool {
    let begins = |(at, _): &(usize, &str)| {
        !before[..*at].ends_with(|c: char| !c.is_whitespace() && !"{[,".contains(c))
    };
    let Some((at, _)) = before.rmatch_indices('&').find(begins) else { return true };
    let name = before[at + 1..].split([' ', '\t', '\r', '\n']).next().unwrap_or_default();
    !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// Whether a value may carry a tag. A whole number is a float too.
fn fits(tag: &str, value: &Scalar<'_>) -> bool {
    match tag {
        "int" => matches!(value, Scalar::Integer(_)),
        "float" => matches!(value, Scalar::Integer(_) | Scalar::Float(_)),
        "bool" => matches!(value, Scalar::Bool(_)),
        "null" => matches!(value, Scalar::Null),
        _ => true,
    }
}

/// The first escape that only YAML 1.2 has, or that stands for half a character.
fn unknown_escape(quoted: &str) -> Option<&str> {
    let mut rest = quoted;
    while let Some(at) = rest.find('\\') {
        rest = &rest[at + 1..];
        if rest.starts_with('/') {
            return rest.get(..1);
        }
        if let Some(code) = rest.strip_prefix('u').and_then(|rest| rest.get(..4))
            && u32::from_str_radix(code, 16).is_ok_and(|code| char::from_u32(code).is_none())
        {
            return rest.get(..5);
        }
        let mut characters = rest.chars();
        characters.next();
        rest = characters.as_str();
    }
    None
}
