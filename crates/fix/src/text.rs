//! Edits of the users' text: what is replaced stands at a span, and all else stays as it was written.

use std::ops::Range;
use watertight_base::Source;
use watertight_ingest::{Content, Member, Tree};
use watertight_yaml::{Value, document};

/// A piece of a text, and what stands there afterwards.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Edit {
    start: usize,
    end: usize,
    text: String,
}

impl Edit {
    fn new(range: Range<usize>, text: impl Into<String>) -> Self {
        Self { start: range.start, end: range.end, text: text.into() }
    }
}

/// The bytes with all edits made; `None` if two of them meet.
pub(crate) fn apply(bytes: &[u8], mut edits: Vec<Edit>) -> Option<Vec<u8>> {
    edits.sort();
    edits.dedup();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for edit in &edits {
        if edit.start < at || edit.end < edit.start {
            return None;
        }
        out.extend_from_slice(bytes.get(at..edit.start)?);
        out.extend_from_slice(edit.text.as_bytes());
        at = edit.end;
    }
    out.extend_from_slice(bytes.get(at..)?);
    Some(out)
}

/// The text of one file, with the means to change nodes of it. A node is in flow style if it begins with a bracket, or
/// stands in one that does: all of JSON is.
#[derive(Clone, Copy)]
pub(crate) struct Page<'a> {
    bytes: &'a [u8],
}

impl<'a> Page<'a> {
    pub(crate) fn of(source: &'a Source) -> Self {
        Self { bytes: &source.bytes }
    }

    /// Whether a node is written with brackets.
    pub(crate) fn is_flow(self, node: &Tree) -> bool {
        matches!(self.bytes.get(node.span.start), Some(b'{' | b'['))
    }

    /// Puts a value in place of a node.
    pub(crate) fn replace(self, node: &Tree, value: &Value) -> Edit {
        let text = if self.is_flow(node) { flow(value) } else { self.block(value, node.span.start) };
        Edit::new(node.span.start..node.span.end, text)
    }

    /// Puts an empty list in place of one.
    pub(crate) fn empty_list(self, member: &Member) -> Edit {
        if self.is_flow(&member.value) {
            return Edit::new(member.value.span.start..member.value.span.end, "[]");
        }
        // The list begins on a line of its own, below its key.
        let after_key = (member.key_span.end..member.value.span.start)
            .find(|&at| self.bytes.get(at) == Some(&b':'))
            .map_or(member.key_span.end, |colon| colon + 1);
        Edit::new(after_key..member.value.span.end, " []")
    }

    /// Takes elements out of a list in which others stay.
    pub(crate) fn remove_elements(self, list: &Tree, gone: &[usize]) -> Option<Vec<Edit>> {
        let elements = list.elements();
        if !self.is_flow(list) {
            return gone.iter().map(|&index| self.remove_block_element(elements.get(index)?)).collect();
        }
        let cut = |&index: &usize| {
            let this = elements.get(index)?;
            let follows_one_that_stays = (0..index).any(|before| !gone.contains(&before));
            let range = if follows_one_that_stays {
                elements.get(index - 1)?.span.end..this.span.end
            } else {
                this.span.start..elements.get(index + 1)?.span.start
            };
            Some(Edit::new(range, ""))
        };
        gone.iter().map(cut).collect()
    }

    /// Takes members out of a mapping in which others stay; `None` if none would, or one of them stands elsewhere, behind an
    /// alias.
    pub(crate) fn remove_members(self, mapping: &Tree, goes: impl Fn(&Member) -> bool) -> Option<Vec<Edit>> {
        let members = mapping.members();
        let first_that_stays = members.iter().position(|member| !goes(member))?;
        let is_flow = self.is_flow(mapping);
        let is_alone = |at: usize| {
            self.bytes
                .get(self.line_start(at)..at)
                .is_some_and(|before| before.iter().all(|&byte| byte == b' '))
        };
        // Behind a dash, what stays comes up to where the first one stood.
        let leading = members.first().filter(|first| !is_flow && !is_alone(first.key_span.start));
        let leading = leading.map_or(0, |_| first_that_stays);
        let mut edits = Vec::new();
        if leading > 0 {
            let start = members.first()?.key_span.start;
            edits.push(Edit::new(start..members.get(leading)?.key_span.start, ""));
        }
        for (index, this) in members.iter().enumerate().filter(|(_, member)| goes(member)) {
            if this.key_span.start < mapping.span.start || this.value.span.end > mapping.span.end {
                return None;
            }
            if index < leading {
                continue;
            }
            let range = if !is_flow {
                self.line_start(this.key_span.start)..self.line_end(this.value.span.end)
            } else if index < first_that_stays {
                this.key_span.start..members.get(index + 1)?.key_span.start
            } else {
                members.get(index - 1)?.value.span.end..this.value.span.end
            };
            edits.push(Edit::new(range, ""));
        }
        Some(edits)
    }

    /// Adds elements to a list that has some.
    pub(crate) fn add_elements(self, list: &Tree, values: &[Value]) -> Option<Edit> {
        let last = list.elements().last()?;
        if self.is_flow(list) {
            let all: String = values.iter().map(|value| format!(", {}", flow(value))).collect();
            return Some(Edit::new(last.span.end..last.span.end, all));
        }
        let head = self.element_head(last)?;
        let all: Vec<String> = values.iter().map(|value| self.block(value, last.span.start)).collect();
        let end = self.content_end(last.span.end);
        Some(Edit::new(end..end, format!("{head}{}", all.join(&head))))
    }

    /// The line break, the dash and the white space before one more element of a list.
    fn element_head(self, element: &Tree) -> Option<String> {
        let before = self.bytes.get(..element.span.start)?;
        let dash = before.iter().rposition(|byte| !byte.is_ascii_whitespace())?;
        if self.bytes.get(dash) != Some(&b'-') {
            return None;
        }
        let space = self.column(element.span.start).checked_sub(self.column(dash) + 1)?;
        Some(format!("\n{}-{}", " ".repeat(self.column(dash)), " ".repeat(space)))
    }

    /// Puts others in place of an element of a list.
    pub(crate) fn replace_element(self, list: &Tree, index: usize, values: &[Value]) -> Option<Edit> {
        let element = list.elements().get(index)?;
        let range = element.span.start..element.span.end;
        if self.is_flow(list) {
            let all: Vec<String> = values.iter().map(flow).collect();
            return Some(Edit::new(range, all.join(", ")));
        }
        let head = self.element_head(element)?;
        let all: Vec<String> = values.iter().map(|value| self.block(value, element.span.start)).collect();
        Some(Edit::new(range, all.join(&head)))
    }

    /// Takes the lines of a `- …` away.
    fn remove_block_element(self, element: &Tree) -> Option<Edit> {
        let before = self.bytes.get(..element.span.start)?;
        let dash = before.iter().rposition(|byte| !byte.is_ascii_whitespace())?;
        let line = self.line_start(dash);
        let alone = self.bytes.get(line..dash)?.iter().all(|&byte| byte == b' ');
        (self.bytes.get(dash) == Some(&b'-') && alone)
            .then(|| Edit::new(line..self.line_end(element.span.end), ""))
    }

    /// Adds a member to a mapping that has some.
    pub(crate) fn add_member(self, mapping: &Tree, key: &str, value: &Value) -> Option<Edit> {
        let last = mapping.members().last()?;
        if self.is_flow(mapping) {
            let text = format!(", {}: {}", quoted(key), flow(value));
            return Some(Edit::new(last.value.span.end..last.value.span.end, text));
        }
        let start = mapping.members().first()?.key_span.start;
        let text = self.block(&Value::Mapping(vec![(key.to_owned(), value.clone())]), start);
        // Behind a comment at the end of the line, and before the line's end if the file ends there.
        let end = self.content_end(last.value.span.end);
        Some(Edit::new(end..end, format!("\n{}{text}", " ".repeat(self.column(start)))))
    }

    /// Adds a member before the others.
    pub(crate) fn add_first_member(self, mapping: &Tree, key: &str, value: &Value) -> Edit {
        if self.is_flow(mapping) {
            if mapping.members().is_empty() {
                return self.replace(mapping, &Value::Mapping(vec![(key.to_owned(), value.clone())]));
            }
            let at = mapping.span.start + 1;
            return Edit::new(at..at, format!("{}: {}, ", quoted(key), flow(value)));
        }
        let at = mapping.span.start;
        let text = self.block(&Value::Mapping(vec![(key.to_owned(), value.clone())]), at);
        Edit::new(at..at, format!("{text}\n{}", " ".repeat(self.column(at))))
    }

    /// Puts `key: value` in place of a member.
    pub(crate) fn replace_member(self, member: &Member, is_flow: bool, value: &Value) -> Edit {
        let start = member.key_span.start;
        let text = if is_flow {
            format!("{}: {}", quoted(&member.key), flow(value))
        } else {
            self.block(&Value::Mapping(vec![(member.key.clone(), value.clone())]), start)
        };
        Edit::new(start..member.value.span.end.max(member.key_span.end), text)
    }

    /// Takes one document of several away, with the line that begins it. What stands above the first one is the file's own
    /// comment, and stays.
    pub(crate) fn remove_document(self, documents: &[Tree], index: usize) -> Option<Edit> {
        let this = documents.get(index)?;
        let before = index.checked_sub(1).and_then(|index| documents.get(index));
        let next = documents.get(index + 1);
        let end = match next {
            Some(next) => self.separator(this.span.end, next.span.start)?,
            None => self.bytes.len(),
        };
        Some(match (before, next) {
            (Some(before), _) => Edit::new(self.separator(before.span.end, this.span.start)?..end, ""),
            (None, Some(_)) => Edit::new(self.line_start(this.span.start)..self.line_end(end), ""),
            (None, None) => Edit::new(0..self.bytes.len(), ""),
        })
    }

    /// Where the line `---` between two documents begins.
    fn separator(self, from: usize, to: usize) -> Option<usize> {
        let mut at = self.line_end(from);
        while at < to {
            if self.bytes.get(at..at + 3) == Some(b"---") {
                return Some(at);
            }
            at = self.line_end(at);
        }
        None
    }

    fn line_start(self, at: usize) -> usize {
        let before = &self.bytes[..at.min(self.bytes.len())];
        before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1)
    }

    /// One past the line break behind a place.
    fn line_end(self, at: usize) -> usize {
        let rest = self.bytes.get(at..).unwrap_or_default();
        rest.iter().position(|&byte| byte == b'\n').map_or(self.bytes.len(), |newline| at + newline + 1)
    }

    /// The line break behind a place, or the end of the file.
    fn content_end(self, at: usize) -> usize {
        let end = self.line_end(at);
        let ends = |end: usize, byte| end > at && self.bytes.get(end - 1) == Some(&byte);
        let end = if ends(end, b'\n') { end - 1 } else { end };
        if ends(end, b'\r') { end - 1 } else { end }
    }

    fn column(self, at: usize) -> usize {
        at - self.line_start(at)
    }

    /// A value in block style, as it is written from the column of a place on.
    fn block(self, value: &Value, at: usize) -> String {
        let indent = format!("\n{}", " ".repeat(self.column(at)));
        document(value).trim_end_matches('\n').replace('\n', &indent)
    }
}

/// A text in double quotes, as YAML and JSON both read it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

/// A value on one line, which is both YAML and JSON.
fn flow(value: &Value) -> String {
    match value {
        Value::Text(text) => quoted(text),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => number.clone(),
        Value::Boolean(boolean) => boolean.to_string(),
        Value::Null => "null".to_owned(),
        Value::List(elements) => {
            let elements: Vec<String> = elements.iter().map(flow).collect();
            format!("[{}]", elements.join(", "))
        }
        Value::Mapping(members) => {
            let member = |(key, value): &(String, Value)| format!("{}: {}", quoted(key), flow(value));
            let members: Vec<String> = members.iter().map(member).collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}

/// The node at a JSON Pointer below another.
pub(crate) fn at<'t>(tree: &'t Tree, pointer: &str) -> Option<&'t Tree> {
    pointer.split('/').skip(1).try_fold(tree, |tree, part| match &tree.content {
        Content::List(elements) => elements.get(part.parse::<usize>().ok()?),
        _ => tree.get(&part.replace("~1", "/").replace("~0", "~")),
    })
}

/// The member of a mapping.
pub(crate) fn member<'t>(tree: &'t Tree, key: &str) -> Option<&'t Member> {
    tree.members().iter().find(|member| member.key == key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use watertight_base::SourceId;
    use watertight_ingest::trees;
    use watertight_yaml::{mapping, texts};

    fn edited(text: &str, edit: impl Fn(Page<'_>, &[Tree]) -> Vec<Edit>) -> String {
        let source = Source { name: "x.yaml".to_owned(), bytes: text.as_bytes().to_vec() };
        let documents = trees(SourceId(0), &source).documents;
        let edits = edit(Page::of(&source), &documents);
        String::from_utf8(apply(&source.bytes, edits).unwrap()).unwrap()
    }

    #[test]
    fn elements_go_with_their_lines() {
        let remove = |page: Page<'_>, documents: &[Tree]| {
            page.remove_elements(documents[0].get("a").unwrap(), &[1]).unwrap()
        };
        assert_eq!(
            edited("a:\n  - b: 1\n    c: 2\n  # d\n  - b: 3 # e\n", remove),
            "a:\n  - b: 1\n    c: 2\n  # d\n"
        );
        assert_eq!(edited("a: [1, 2, 3]\n", remove), "a: [1, 3]\n");
        assert_eq!(edited("a: [1, 2]", remove), "a: [1]");
    }

    #[test]
    fn elements_follow_the_last_one() {
        let add = |page: Page<'_>, documents: &[Tree]| {
            vec![page.add_elements(documents[0].get("a").unwrap(), &["x".into(), "y".into()]).unwrap()]
        };
        assert_eq!(edited("a:\n- b # c\nd: 1\n", add), "a:\n- b # c\n- x\n- \"y\"\nd: 1\n");
        assert_eq!(edited("a:\n  - b", add), "a:\n  - b\n  - x\n  - \"y\"");
        assert_eq!(edited("a: [b]\n", add), "a: [b, \"x\", \"y\"]\n");
    }

    #[test]
    fn others_stand_in_place_of_an_element() {
        let replace = |page: Page<'_>, documents: &[Tree]| {
            let values = [mapping([("b", "8".into()), ("c", "9".into())]), mapping([("d", "0".into())])];
            vec![page.replace_element(documents[0].get("a").unwrap(), 1, &values).unwrap()]
        };
        assert_eq!(
            edited("a:\n  - b: 1\n  -  b: 2\n     c: 3\n  - e: 1 # f\n", replace),
            "a:\n  - b: 1\n  -  b: \"8\"\n     c: \"9\"\n  -  d: \"0\"\n  - e: 1 # f\n"
        );
        assert_eq!(edited("a: [1, 2]", replace), "a: [1, {\"b\": \"8\", \"c\": \"9\"}, {\"d\": \"0\"}]");
    }

    #[test]
    fn documents_go_with_their_beginning() {
        let remove = |index| {
            edited("# file\na: 1\n---\n# of b\nb: 1\n---\nc: 1\n", move |page, documents| {
                vec![page.remove_document(documents, index).unwrap()]
            })
        };
        assert_eq!(remove(0), "# file\n# of b\nb: 1\n---\nc: 1\n");
        assert_eq!(remove(1), "# file\na: 1\n---\nc: 1\n");
        assert_eq!(remove(2), "# file\na: 1\n---\n# of b\nb: 1\n");
    }

    #[test]
    fn members_stand_where_others_do() {
        let add = |page: Page<'_>, documents: &[Tree]| {
            vec![page.add_member(documents[0].get("a").unwrap(), "z", &texts(["1"])).unwrap()]
        };
        assert_eq!(edited("a:\n  b: 1 # c\nd: 2\n", add), "a:\n  b: 1 # c\n  z:\n    - \"1\"\nd: 2\n");
        assert_eq!(edited("a: {b: 1}\n", add), "a: {b: 1, \"z\": [\"1\"]}\n");
        assert_eq!(edited("a:\n  b: 1", add), "a:\n  b: 1\n  z:\n    - \"1\"");
    }

    #[test]
    fn values_are_replaced_in_their_own_style() {
        let replace = |page: Page<'_>, documents: &[Tree]| {
            let value = mapping([("x", "v".into()), ("z", "w".into())]);
            vec![page.replace(documents[0].get("a").unwrap(), &value)]
        };
        assert_eq!(edited("a:\n   b: 1\n   c: 2\nd: 1\n", replace), "a:\n   x: v\n   z: w\nd: 1\n");
        assert_eq!(edited("a: {b: 1}\n", replace), "a: {\"x\": \"v\", \"z\": \"w\"}\n");
    }

    #[test]
    fn a_list_that_loses_all_stays_a_list() {
        let empty =
            |page: Page<'_>, documents: &[Tree]| vec![page.empty_list(member(&documents[0], "a").unwrap())];
        assert_eq!(edited("a:\n- b: 1\n- c: 2\nd: 1\n", empty), "a: []\nd: 1\n");
        assert_eq!(edited("a: [1]\n", empty), "a: []\n");
    }

    #[test]
    fn members_go_with_their_lines() {
        let remove = |page: Page<'_>, documents: &[Tree]| {
            page.remove_members(documents[0].get("a").unwrap(), |member| member.key.starts_with('x')).unwrap()
        };
        assert_eq!(
            edited("a:\n  x: 1 # c\n  b: 1\n  # d\n  xy: [2]\ne: 1\n", remove),
            "a:\n  b: 1\n  # d\ne: 1\n"
        );
        assert_eq!(edited("a: {x: 1, xy: 2, b: 1}\n", remove), "a: {b: 1}\n");
        assert_eq!(edited("a: {b: 1, x: 1, xy: 2}\n", remove), "a: {b: 1}\n");
        let of_element = |page: Page<'_>, documents: &[Tree]| {
            let element = &documents[0].get("a").unwrap().elements()[0];
            page.remove_members(element, |member| member.key.starts_with('x')).unwrap()
        };
        assert_eq!(
            edited("a:\n  - x: 1\n    xy: 2\n    b: 1\n  - x: 1\n", of_element),
            "a:\n  - b: 1\n  - x: 1\n"
        );
        let source = Source { name: "x.yaml".to_owned(), bytes: b"a: {x: 1}\n".to_vec() };
        let documents = trees(SourceId(0), &source).documents;
        assert_eq!(Page::of(&source).remove_members(documents[0].get("a").unwrap(), |_| true), None);
    }

    #[test]
    fn edits_that_meet_are_refused() {
        assert_eq!(apply(b"abcd", vec![Edit::new(0..2, ""), Edit::new(1..3, "")]), None);
    }
}
