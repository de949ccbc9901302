//! Whether an object with some property can come to be, in any of the ways in which it could.

use super::{Admission, Draft, Operation, Refusal};
use crate::Known;

/// An object that somebody would like to have.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// The API group; empty for the core group.
    pub group: String,
    /// The version.
    pub version: String,
    /// The kind.
    pub kind: String,
    /// The resource, in the plural.
    pub resource: String,
    /// The namespace; `None` for an object without one. Of a namespace, its own name.
    pub namespace: Option<String>,
    /// Its name.
    pub name: Known,
    /// Who asks for it, if that is known: a controller creates the pods of others by a name of its own.
    pub user: Known,
    /// What it is to be like.
    pub object: Known,
    /// Whether an object that is there can become like that. Fields that never change only come with the object.
    pub by_update: bool,
    /// The subresources by which it can become like that too.
    pub subresources: &'static [&'static str],
}

/// Whether an object comes to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coming {
    /// Nothing surely keeps it away.
    Possibly,
    /// Each way in which it could come is refused; this is the first.
    Refused(Box<Refusal>),
}

impl Wanted {
    /// A pod like this in a namespace.
    #[must_use]
    pub fn pod(namespace: &str, object: Known, by_update: bool) -> Self {
        Self {
            group: String::new(),
            version: "v1".to_owned(),
            kind: "Pod".to_owned(),
            resource: "pods".to_owned(),
            namespace: Some(namespace.to_owned()),
            name: Known::Nothing,
            user: Known::Nothing,
            object,
            by_update,
            subresources: &[],
        }
    }

    /// An object like this in a namespace, which may also come from the change of another: of a group, a version, a kind, and
    /// the resource in the plural.
    #[must_use]
    pub fn namespaced([group, version, kind, resource]: [&str; 4], namespace: &str, object: Known) -> Self {
        Self {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
            resource: resource.to_owned(),
            ..Self::pod(namespace, object, true)
        }
    }

    /// A namespace of that name, like this. Its labels change by two subresources too, as was seen on a server of 1.36.
    #[must_use]
    pub fn namespace(name: &str, mut object: Known) -> Self {
        if let Known::Map { fields, .. } = &mut object
            && let Known::Map { fields, .. } =
                fields.entry("metadata".to_owned()).or_insert_with(|| Known::with([]))
        {
            fields.insert("name".to_owned(), Known::text(name));
        }
        Self {
            name: Known::text(name),
            kind: "Namespace".to_owned(),
            resource: "namespaces".to_owned(),
            subresources: &["status", "finalize"],
            ..Self::pod(name, object, true)
        }
    }

    /// The requests by which it could come to be.
    pub(super) fn ways(&self) -> Vec<Draft> {
        let updates = [""].iter().chain(self.subresources).filter(|_| self.by_update);
        let updates = updates.map(|subresource| self.asked(Operation::Update, subresource));
        std::iter::once(self.asked(Operation::Create, "")).chain(updates).collect()
    }

    fn asked(&self, operation: Operation, subresource: &'static str) -> Draft {
        Draft {
            group: self.group.clone(),
            version: self.version.clone(),
            kind: self.kind.clone(),
            resource: self.resource.clone(),
            subresource,
            operation,
            namespace: self.namespace.clone(),
            name: self.name.clone(),
            user: self.user.clone(),
            groups: Known::Nothing,
            object: self.object.clone(),
            old: match operation {
                Operation::Create => Known::Absent,
                // That there is one is all that is known of it.
                _ => Known::with([]),
            },
        }
    }
}

impl Admission<'_> {
    /// Whether an object can come to be that is like this: by being created or, where that is possible, by a change of
    /// another, whoever asks for it.
    #[must_use]
    pub fn could_come_to_be(&self, wanted: &Wanted) -> Coming {
        let mut first = None;
        for draft in wanted.ways() {
            let Some(refusal) = self.refuses(&draft) else { return Coming::Possibly };
            first.get_or_insert(refusal);
        }
        first.map_or(Coming::Possibly, |refusal| Coming::Refused(Box::new(refusal)))
    }
}
