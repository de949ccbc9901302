//! What an intent leaves out of what it is given: objects, and fields of objects.

use super::object::at;
use crate::rules;
use std::borrow::Cow;
use std::collections::BTreeSet;
use watertight_base::words::listed;
use watertight_base::{Diagnostic, Span};
use watertight_ingest::{Content, Tree};
use watertight_intent::LeftOut;

/// What was left out so far.
#[derive(Debug, Default)]
pub(crate) struct Cut {
    /// The names and the pointers of an intent that led to something.
    used: BTreeSet<Span>,
    /// What was read and was left out, in the order in which it was.
    pub(crate) spans: Vec<Span>,
}

impl Cut {
    /// A document without what is left out of it; `None` if that is all of it. Trees keep the places at which they were read.
    pub(crate) fn rest<'q>(&mut self, tree: &'q Tree, left_out: &[LeftOut]) -> Option<Cow<'q, Tree>> {
        if left_out.is_empty() {
            return Some(Cow::Borrowed(tree));
        }
        if let Some(items) = items(tree) {
            let before = self.spans.len();
            let rest: Vec<Tree> =
                items.iter().filter_map(|item| self.rest(item, left_out)).map(Cow::into_owned).collect();
            let is_whole = self.spans.len() == before;
            return Some(if is_whole { Cow::Borrowed(tree) } else { Cow::Owned(with_items(tree, rest)) });
        }
        let mut pointers = Vec::new();
        for named in left_out.iter().filter(|named| names(named, tree)) {
            self.used.insert(named.name.span);
            if named.fields.is_empty() {
                self.spans.push(tree.span);
                return None;
            }
            for field in &named.fields {
                let keys: Vec<String> = keys(&field.value).collect();
                let target = keys.iter().try_fold(tree, |tree, key| within(tree, key));
                if let Some(target) = target {
                    self.used.insert(field.span);
                    self.spans.push(target.span);
                    pointers.push(keys);
                }
            }
        }
        if pointers.is_empty() {
            return Some(Cow::Borrowed(tree));
        }
        let pointers: Vec<&[String]> = pointers.iter().map(Vec::as_slice).collect();
        Some(Cow::Owned(without(tree, &pointers)))
    }

    /// What leads to nothing in an application: it would stay there although somebody means it to go. `documents` are all that
    /// the application was given.
    pub(crate) fn unused(
        &self,
        application: &str,
        left_out: &[LeftOut],
        documents: &[&Tree],
    ) -> Vec<Diagnostic> {
        let mut unused = Vec::new();
        for named in left_out {
            let label = format!("{} `{}`", named.kind.value, named.name.value);
            if !self.used.contains(&named.name.span) {
                let mut known = BTreeSet::new();
                documents.iter().for_each(|tree| objects_of(tree, &named.kind.value, &mut known));
                let help = match known.into_iter().collect::<Vec<_>>().as_slice() {
                    [] => "it has nothing of this kind: check how it is written".to_owned(),
                    known => format!("of this kind it has {}", listed(known)),
                };
                let message = format!("{label} is to be left out of `{application}`, which does not have it");
                unused.push(
                    Diagnostic::error(rules::LEFT_OUT, message)
                        .at(named.name.span, "nothing of this name")
                        .help(help),
                );
                continue;
            }
            for field in named.fields.iter().filter(|field| !self.used.contains(&field.span)) {
                let message =
                    format!("`{}` is to be left out of {label}, which does not have it", field.value);
                unused.push(
                    Diagnostic::error(rules::LEFT_OUT, message)
                        .at(field.span, "nothing there")
                        .help("write the keys as they are in the object, elements of lists counted from 0"),
                );
            }
        }
        unused
    }
}

/// The objects of a list of objects.
fn items(tree: &Tree) -> Option<&[Tree]> {
    let is_list = tree.get("kind").and_then(Tree::text).is_some_and(|kind| kind.ends_with("List"));
    tree.get("items").filter(|_| is_list).map(Tree::elements)
}

fn with_items(tree: &Tree, items: Vec<Tree>) -> Tree {
    let mut tree = tree.clone();
    if let Content::Mapping(members) = &mut tree.content
        && let Some(member) = members.iter_mut().find(|member| member.key == "items")
    {
        member.value.content = Content::List(items);
    }
    tree
}

fn name(tree: &Tree) -> Option<&str> {
    at(tree, &["metadata", "name"]).and_then(Tree::text)
}

fn names(named: &LeftOut, tree: &Tree) -> bool {
    tree.get("kind").and_then(Tree::text) == Some(&named.kind.value) && name(tree) == Some(&named.name.value)
}

/// The names of the objects of a kind.
fn objects_of<'q>(tree: &'q Tree, kind: &str, known: &mut BTreeSet<&'q str>) {
    if let Some(items) = items(tree) {
        items.iter().for_each(|item| objects_of(item, kind, known));
    } else if tree.get("kind").and_then(Tree::text) == Some(kind) {
        known.extend(name(tree));
    }
}

/// The keys of a JSON Pointer.
///
/// Source: <https://www.rfc-editor.org/rfc/rfc6901>, section 4.
fn keys(pointer: &str) -> impl Iterator<Item = String> {
    pointer.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~"))
}

fn within<'q>(tree: &'q Tree, key: &str) -> Option<&'q Tree> {
    match &tree.content {
        Content::List(elements) => elements.get(index(key)?),
        _ => tree.get(key),
    }
}

fn index(key: &str) -> Option<usize> {
    let is_number = key == "0" || !key.starts_with(['0', '+']);
    key.parse().ok().filter(|_| is_number)
}

/// A value without what pointers lead to. Elements are counted as they were written.
fn without(tree: &Tree, pointers: &[&[String]]) -> Tree {
    let below = |is_key: &dyn Fn(&str) -> bool| -> Vec<&[String]> {
        let rest = pointers.iter().filter_map(|pointer| pointer.split_first());
        rest.filter(|(key, _)| is_key(key)).map(|(_, rest)| rest).collect()
    };
    let keep = |value: &Tree, pointers: Vec<&[String]>| {
        (!pointers.iter().any(|pointer| pointer.is_empty())).then(|| without(value, &pointers))
    };
    let content = match &tree.content {
        Content::Mapping(members) => {
            let members = members.iter().filter_map(|member| {
                let value = keep(&member.value, below(&|key| key == member.key))?;
                Some(watertight_ingest::Member { value, ..member.clone() })
            });
            Content::Mapping(members.collect())
        }
        Content::List(elements) => {
            let elements = elements
                .iter()
                .enumerate()
                .filter_map(|(place, element)| keep(element, below(&|key| index(key) == Some(place))));
            Content::List(elements.collect())
        }
        other => other.clone(),
    };
    Tree { span: tree.span, content }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watertight_base::{Source, SourceId};
    use watertight_ingest::trees;
    use watertight_intent::Spanned;
    use watertight_yaml::document;

    const MANIFESTS: &str = "\
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Service, metadata: {name: web}, spec: {type: NodePort, ports: [{port: 80, nodePort: 30080}, {port: 81}]}}
  - {apiVersion: v1, kind: Service, metadata: {name: db}, spec: {a/b: 1, ~c: 2}}
";

    fn spanned(text: &str, at: usize) -> Spanned<String> {
        Spanned::new(text.to_owned(), Span::new(SourceId(9), at, at))
    }

    fn left_out(kind: &str, name: &str, fields: &[&str]) -> LeftOut {
        let fields = fields.iter().zip(10..).map(|(field, at)| spanned(field, at)).collect();
        LeftOut { kind: spanned(kind, 1), name: spanned(name, 2), fields }
    }

    /// What is left of the manifests, and how much leads to nothing.
    fn rest(left_out: &[LeftOut]) -> (String, usize) {
        let source = Source { name: "x.yaml".to_owned(), bytes: MANIFESTS.as_bytes().to_vec() };
        let read = trees(SourceId(0), &source);
        let mut cut = Cut::default();
        let rest = cut.rest(&read.documents[0], left_out).unwrap();
        let unused = cut.unused("app", left_out, &[&read.documents[0]]);
        (document(&super::super::value::value(&rest).unwrap()), unused.len())
    }

    #[test]
    fn an_object_goes_and_others_stay() {
        let (text, unused) = rest(&[left_out("Service", "db", &[])]);
        assert_eq!(unused, 0);
        assert!(text.contains("name: web") && !text.contains("name: db"), "{text}");
    }

    #[test]
    fn fields_go_by_their_places_as_they_were_written() {
        let fields = ["/spec/type", "/spec/ports/0/nodePort", "/spec/ports/1"];
        let (text, unused) = rest(&[left_out("Service", "web", &fields)]);
        assert_eq!(unused, 0);
        assert!(!text.contains("NodePort") && !text.contains("30080") && !text.contains("81"), "{text}");
        assert!(text.contains("port: 80"), "{text}");
        let (text, unused) = rest(&[left_out("Service", "web", &["/spec/ports/0", "/spec/ports/1"])]);
        assert!(text.contains("ports: []") && unused == 0, "{text}");
        let (text, unused) = rest(&[left_out("Service", "db", &["/spec/a~1b", "/spec/~0c"])]);
        assert!(!text.contains("a/b") && !text.contains("~c") && unused == 0, "{text}");
    }

    #[test]
    fn what_leads_to_nothing_is_told() {
        for (named, count) in [
            (left_out("Service", "cache", &[]), 1),
            (left_out("Deployment", "web", &["/spec"]), 1),
            (
                left_out(
                    "Service",
                    "web",
                    &["/spec/ports/2", "/spec/ports/00", "/spec/kind", "/spec/type/x"],
                ),
                4,
            ),
        ] {
            let (text, unused) = rest(std::slice::from_ref(&named));
            assert_eq!(unused, count, "{named:?}");
            assert!(text.contains("name: web") && text.contains("name: db"), "{text}");
        }
    }
}
