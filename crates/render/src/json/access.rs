//! Questions to the API channel and what answers them, for machines.

use crate::Inputs;
use crate::access::AccessQuestion;
use crate::json::{BecauseJson, EvidenceJson};
use serde::Serialize;
use watertight_base::Span;
use watertight_model::{Attributes, Grant, NonResourceAttributes, ResourceAttributes, User};

/// What is asked for, by the fields of a SubjectAccessReview.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QuestionJson<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'static str>,
    #[serde(flatten)]
    attributes: AttributesJson<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum AttributesJson<'a> {
    ResourceAttributes(ResourceJson<'a>),
    NonResourceAttributes(NonResourceJson<'a>),
}

#[derive(Debug, Serialize)]
struct ResourceJson<'a> {
    namespace: &'a str,
    verb: &'a str,
    group: &'a str,
    resource: &'a str,
    subresource: &'a str,
    name: &'a str,
}

#[derive(Debug, Serialize)]
struct NonResourceJson<'a> {
    path: &'a str,
    verb: &'a str,
}

impl<'a> QuestionJson<'a> {
    /// What somebody asks for.
    pub(crate) fn of(user: &'a User, question: &AccessQuestion<'a>) -> Self {
        let attributes = AttributesJson::of(question.asked);
        Self { user: Some(&user.name), groups: Some(&user.groups), scope: None, attributes }
    }

    /// What anybody asks for.
    pub(crate) fn of_anybody(question: &AccessQuestion<'a>) -> Self {
        let attributes = AttributesJson::of(question.asked);
        Self { user: None, groups: None, scope: Some(question.place.name()), attributes }
    }
}

impl<'a> AttributesJson<'a> {
    fn of(asked: &'a Attributes) -> Self {
        match asked {
            Attributes::Resource(asked) => {
                let ResourceAttributes { verb, group, resource, subresource, namespace, name } = asked;
                Self::ResourceAttributes(ResourceJson { namespace, verb, group, resource, subresource, name })
            }
            Attributes::NonResource(NonResourceAttributes { verb, path }) => {
                Self::NonResourceAttributes(NonResourceJson { path, verb })
            }
        }
    }
}

/// What allows something: in the words of the server, and where that stands.
#[derive(Debug, Serialize)]
pub(crate) struct GrantJson<'a> {
    reason: &'a str,
    because: Vec<BecauseJson>,
}

impl<'a> GrantJson<'a> {
    /// Through what it is granted.
    pub(crate) fn of(grant: &'a Grant, inputs: &Inputs<'_>) -> Self {
        Self::placed(grant, |span| EvidenceJson::of_span(span, inputs))
    }

    /// The same, by one who knows already where a span stands.
    pub(crate) fn placed(grant: &'a Grant, place: impl Fn(Span) -> Option<EvidenceJson>) -> Self {
        let because = grant.steps.iter().filter_map(|step| step.because.as_ref());
        let because = because.map(|because| BecauseJson::placed(because, &place)).collect();
        Self { reason: &grant.reason, because }
    }

    /// Where nothing is granted.
    pub(crate) fn none() -> Self {
        Self { reason: "", because: Vec::new() }
    }
}
