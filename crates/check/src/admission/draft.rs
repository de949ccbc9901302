//! Requests of which a part is known: an object of some kind is created or changed, and some of its fields are these.

use super::evaluate::Names;
use super::value::{Item, List, Map, May, text};
use crate::format::{KnownField, Word};
use watertight_base::{LabelBox, Labels, ValueSet};
use watertight_model::{Namespace, Snapshot};

/// What is asked of the API server.
#[derive(Debug, Clone)]
pub(crate) struct Request<'d> {
    pub(crate) kind: &'d Kind,
    /// `CREATE` or `UPDATE`.
    pub(crate) operation: &'d str,
    /// The subresource; empty for none.
    pub(crate) subresource: &'d str,
    /// The namespace. Of a namespace, its own name.
    pub(crate) namespace: &'d str,
    /// The object as it would be.
    pub(crate) object: &'d Object,
}

/// A kind, with the version in which it is written and its resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Kind {
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) kind: String,
    pub(crate) resource: String,
}

impl Kind {
    pub(crate) fn new([group, version, kind, resource]: [&str; 4]) -> Self {
        let [group, version, kind, resource] = [group, version, kind, resource].map(str::to_owned);
        Self { group, version, kind, resource }
    }

    pub(crate) fn pods() -> Self {
        Self::new(["", "v1", "Pod", "pods"])
    }

    pub(super) fn is_namespace(&self) -> bool {
        self.group.is_empty() && self.resource == "namespaces"
    }
}

/// An object of which some is known.
#[derive(Debug, Clone)]
pub(crate) struct Object(May);

impl Object {
    /// One with these fields, and whatever else; `None` if they do not fit together, or one of them says nothing.
    pub(crate) fn with(fields: &[KnownField]) -> Option<Self> {
        let mut object = open();
        for field in fields {
            let Item::Map(map) = &mut object else { return None };
            write(map, &field.path, field)?;
        }
        Some(Self(vec![object]))
    }

    /// One with labels of a box, and whatever else. Where every label may be missing, there may be none at all.
    pub(crate) fn labelled(labels: &LabelBox) -> Self {
        let mut all = labels_of_box(labels);
        all.extend(labels.contains(&Labels::new()).then_some(Item::Error));
        Self::with_labels(all)
    }

    /// The same with some labels.
    pub(crate) fn with_some_labels(labels: &LabelBox) -> Self {
        Self::with_labels(labels_of_box(labels))
    }

    /// One without any labels, and whatever else.
    pub(crate) fn without_labels() -> Self {
        Self::with_labels(vec![Item::Error])
    }

    fn with_labels(labels: May) -> Self {
        let metadata = [("labels".to_owned(), labels)].into();
        let metadata = vec![Item::Map(Map { fields: metadata, open: true })];
        Self(vec![Item::Map(Map { fields: [("metadata".to_owned(), metadata)].into(), open: true })])
    }

    /// What a label of it may be; an error stands for none.
    pub(super) fn label(&self, key: &str) -> May {
        let metadata = self.0.iter().flat_map(|object| field(object, "metadata"));
        let labels: May = metadata.flat_map(|metadata| field(&metadata, "labels")).collect();
        labels.iter().flat_map(|labels| field(labels, key)).collect()
    }
}

fn field(of: &Item, name: &str) -> May {
    match of {
        Item::Map(map) => map.field(name),
        Item::Unknown => super::value::anything(),
        _ => vec![Item::Error],
    }
}

fn open() -> Item {
    Item::Map(Map { open: true, ..Map::default() })
}

fn labels_of_box(labels: &LabelBox) -> May {
    let fields = labels.keys().map(|(key, set)| (key.clone(), possible(set))).collect();
    vec![Item::Map(Map { fields, open: true })]
}

fn possible(set: &ValueSet) -> May {
    let mut may = match set.values() {
        (true, left_out) => vec![Item::OtherText(left_out.clone())],
        (false, values) => values.iter().cloned().map(Item::Text).collect(),
    };
    may.extend(set.contains(None).then_some(Item::Error));
    may
}

/// Writes what is known of a field to its place. `*` is some element of a list.
fn write(map: &mut Map, path: &[String], known: &KnownField) -> Option<()> {
    let (first, rest) = path.split_first()?;
    let within = |next: Option<&String>| match next {
        Some(step) if step == "*" => Item::List(List { elements: Vec::new(), open: true }),
        _ => open(),
    };
    if rest.is_empty() {
        return map.fields.insert(first.clone(), said(known, false)?).is_none().then_some(());
    }
    let place = map.fields.entry(first.clone()).or_insert_with(|| vec![within(rest.first())]);
    match place.as_mut_slice() {
        [Item::Map(inner)] => write(inner, rest, known),
        [Item::List(list)] if rest.first().is_some_and(|step| step == "*") => match &rest[1..] {
            [] => {
                list.elements.push(said(known, true)?);
                Some(())
            }
            rest => {
                let mut element = Map { open: true, ..Map::default() };
                write(&mut element, rest, known)?;
                list.elements.push(vec![Item::Map(element)]);
                Some(())
            }
        },
        _ => None,
    }
}

/// What a field may be. An element of a list is there, whatever it is.
fn said(known: &KnownField, is_element: bool) -> Option<May> {
    Some(match (&known.one_of, &known.other_than, known.is) {
        (Some(texts), None, None) if !texts.is_empty() => texts.iter().cloned().map(Item::Text).collect(),
        (None, Some(texts), None) => vec![Item::OtherText(texts.clone())],
        (None, None, Some(Word::Absent)) if !is_element => vec![Item::Error],
        (None, None, Some(Word::Object)) => vec![open()],
        (None, None, Some(Word::Empty)) => vec![Item::List(List::default())],
        (None, None, Some(Word::True)) => vec![Item::Bool(true)],
        (None, None, Some(Word::Anything)) if is_element => vec![Item::Unknown],
        _ => return None,
    })
}

impl Request<'_> {
    /// What expressions name. Match conditions see no namespace.
    pub(super) fn names(&self, snapshot: &Snapshot, of_condition: bool) -> Names {
        let namespace = if of_condition { vec![Item::Null] } else { self.namespace_object(snapshot) };
        let old = if self.operation == "CREATE" { Item::Null } else { open() };
        Names::new([
            ("object", self.object.0.clone()),
            ("oldObject", vec![old]),
            ("request", self.request()),
            ("namespaceObject", namespace),
            ("params", vec![Item::Unknown]),
            ("authorizer", vec![Item::Unknown]),
        ])
    }

    fn request(&self) -> May {
        let Kind { group, version, kind, resource } = self.kind;
        let of = |field: &str, name: &str| {
            let fields = [("group", group.as_str()), ("version", version), (field, name)];
            let fields = fields.into_iter().map(|(field, value)| (field.to_owned(), text(value))).collect();
            vec![Item::Map(Map { fields, open: false })]
        };
        // What is empty is left out.
        let subresource =
            if self.subresource.is_empty() { vec![Item::Error] } else { text(self.subresource) };
        let mut fields = vec![
            ("kind", of("kind", kind)),
            ("requestKind", of("kind", kind)),
            ("resource", of("resource", resource)),
            ("requestResource", of("resource", resource)),
            ("subResource", subresource.clone()),
            ("requestSubResource", subresource),
            ("namespace", text(self.namespace)),
            ("operation", text(self.operation)),
            // Whoever asks.
            ("userInfo", vec![open()]),
        ];
        fields.extend(self.kind.is_namespace().then(|| ("name", text(self.namespace))));
        let fields = fields.into_iter().map(|(name, may)| (name.to_owned(), may)).collect();
        vec![Item::Map(Map { fields, open: true })]
    }

    fn namespace_object(&self, snapshot: &Snapshot) -> May {
        if self.kind.is_namespace() {
            return vec![Item::Null];
        }
        let known = labels_of(snapshot, self.namespace);
        let labels = known.into_iter().flatten().map(|(key, value)| (key.clone(), text(value)));
        let own = [(Namespace::NAME_LABEL.to_owned(), text(self.namespace))];
        let labels = Map { fields: labels.chain(own).collect(), open: known.is_none() };
        let metadata = [("name", text(self.namespace)), ("labels", vec![Item::Map(labels)])];
        let metadata = metadata.into_iter().map(|(name, may)| (name.to_owned(), may)).collect();
        let metadata = vec![Item::Map(Map { fields: metadata, open: true })];
        vec![Item::Map(Map { fields: [("metadata".to_owned(), metadata)].into(), open: true })]
    }
}

/// The labels of a namespace, if they are known for certain.
pub(super) fn labels_of<'s>(snapshot: &'s Snapshot, name: &str) -> Option<&'s Labels> {
    let namespace = snapshot.namespace(snapshot.namespace_named(name)?);
    namespace.sure_labels()
}
