//! Questions to the API channel and what answers them, for machines.

use crate::Inputs;
use crate::access::AccessQuestion;
use crate::json::BecauseJson;
use serde::Serialize;
use watertight_model::{Attributes, Because, Grant, NonResourceAttributes, ResourceAttributes, User};

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
        let because: Vec<Because> = grant.steps.iter().filter_map(|step| step.because.clone()).collect();
        Self { reason: &grant.reason, because: BecauseJson::all(&because, inputs) }
    }

    /// That of an answer: empty where nothing is granted.
    pub(crate) fn of_any(grant: Option<&'a Grant>, inputs: &Inputs<'_>) -> Self {
        grant.map_or(Self { reason: "", because: Vec::new() }, |grant| Self::of(grant, inputs))
    }
}
