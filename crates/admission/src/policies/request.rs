//! A request of which a part is known: somebody creates or changes an object that fits a draft.

use super::cel::{Field, Inputs, Value};
use crate::Known;
use std::collections::BTreeMap;
use watertight_model::{Namespace, Snapshot};

/// What a request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// It creates an object.
    Create,
    /// It changes one: an update, a patch, or an apply to what is there.
    Update,
    /// It deletes one.
    Delete,
}

impl Operation {
    /// As the API has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
        }
    }
}

/// A request, as far as it is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The API group; empty for the core group.
    pub group: String,
    /// The version.
    pub version: String,
    /// The kind of the object.
    pub kind: String,
    /// The resource, in the plural.
    pub resource: String,
    /// The subresource; empty for none.
    pub subresource: &'static str,
    /// What it does.
    pub operation: Operation,
    /// The namespace; `None` for an object without one. Of a namespace, its own name.
    pub namespace: Option<String>,
    /// The name of the object.
    pub name: Known,
    /// `username` of whoever asks.
    pub user: Known,
    /// The groups of whoever asks.
    pub groups: Known,
    /// The object as it would be; absent if it is deleted.
    pub object: Known,
    /// The object as it was; absent if it is created.
    pub old: Known,
}

impl Draft {
    /// Whether the object is a namespace.
    pub(super) fn is_namespace(&self) -> bool {
        self.group.is_empty() && self.resource == "namespaces"
    }

    /// Whether it is of a kind about which no policy is asked, so that nobody locks himself out.
    ///
    /// Source: `IsExemptAdmissionConfigurationResource` of `k8s.io/apiserver`.
    pub(super) fn is_exempt(&self) -> bool {
        const EXEMPT: [&str; 6] = [
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        ];
        self.group == "admissionregistration.k8s.io" && EXEMPT.contains(&self.kind.as_str())
    }

    /// What is known of a label of the object, as it would be or as it was.
    pub(super) fn label<'d>(object: &'d Known, key: &str) -> &'d Known {
        object.field("metadata").field("labels").field(key)
    }

    /// What expressions name.
    pub(super) fn inputs(&self, snapshot: &Snapshot) -> Inputs {
        Inputs::new([
            ("object", Value::of(&self.object)),
            ("oldObject", Value::of(&self.old)),
            ("request", self.request()),
            ("namespaceObject", self.namespace_object(snapshot)),
            ("params", Value::Anything),
            ("authorizer", Value::Anything),
        ])
    }

    fn request(&self) -> Value {
        // What is empty is left out.
        let text = |text: &str| match text {
            "" => Known::Absent,
            text => Known::text(text),
        };
        let of = |field, name: &str| {
            let (group, version) = (Known::text(&*self.group), Known::text(&*self.version));
            map([("group", group), ("version", version), (field, Known::text(name))])
        };
        let kind = || of("kind", &self.kind);
        let resource = || of("resource", &self.resource);
        let user = Known::with([("username", self.user.clone()), ("groups", self.groups.clone())]);
        Value::of(&Known::with([
            // Policies that are asked about another version of it are not counted on.
            ("kind", kind()),
            ("resource", resource()),
            ("requestKind", kind()),
            ("requestResource", resource()),
            ("subResource", text(self.subresource)),
            ("requestSubResource", text(self.subresource)),
            ("name", self.name.clone()),
            ("namespace", text(self.namespace.as_deref().unwrap_or_default())),
            ("operation", Known::text(self.operation.name())),
            ("userInfo", user),
        ]))
    }

    fn namespace_object(&self, snapshot: &Snapshot) -> Value {
        let Some(name) = self.namespace.as_deref().filter(|_| !self.is_namespace()) else {
            return Value::Null;
        };
        let known = labels_of(snapshot, name);
        let others = known.is_none();
        let of = |value: &str| Field::of(&Known::text(value));
        let mut labels: BTreeMap<String, Field> =
            known.into_iter().flatten().map(|(key, value)| (key.clone(), of(value))).collect();
        labels.insert(Namespace::NAME_LABEL.to_owned(), of(name));
        let metadata = [
            ("name".to_owned(), Field::of(&Known::text(name))),
            ("labels".to_owned(), Field::there(Value::Map { fields: labels, others })),
        ];
        let metadata = Value::Map { fields: metadata.into(), others: true };
        Value::Map { fields: [("metadata".to_owned(), Field::there(metadata))].into(), others: true }
    }
}

fn map<'f>(fields: impl IntoIterator<Item = (&'f str, Known)>) -> Known {
    let fields = fields.into_iter().map(|(name, known)| (name.to_owned(), known)).collect();
    Known::Map { fields, others: crate::Others::None }
}

/// The labels of a namespace, if they are known for certain.
pub(super) fn labels_of<'s>(snapshot: &'s Snapshot, name: &str) -> Option<&'s BTreeMap<String, String>> {
    let namespace = snapshot.namespace(snapshot.namespace_named(name)?);
    namespace.sure_labels()
}
