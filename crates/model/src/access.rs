//! Questions to the API channel, and its answers: may somebody do something, what may they do, and who may do it.

use crate::{Because, BlindSpot, RoleRule, SubjectKind};
use std::fmt;

/// Somebody who sends requests, as authentication leaves them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct User {
    /// The name: `jane@example.com`, `system:serviceaccount:staging:ci`.
    pub name: String,
    /// The groups, all of them: `system:authenticated` comes by itself for nobody.
    pub groups: Vec<String>,
}

/// What is asked for, with the fields that a SubjectAccessReview gives it.
///
/// Source: <https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/subject-access-review-v1/>.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attributes {
    /// Something about resources.
    Resource(ResourceAttributes),
    /// A path outside them.
    NonResource(NonResourceAttributes),
}

/// A request about resources.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ResourceAttributes {
    /// The verb; `*` asks for all.
    pub verb: String,
    /// The API group; empty for the core group, `*` asks for all.
    pub group: String,
    /// The resource: the plural name, as in URLs; `*` asks for all.
    pub resource: String,
    /// The subresource, or empty.
    pub subresource: String,
    /// The namespace; empty for resources that live in none, and for all namespaces together.
    pub namespace: String,
    /// The name of the object; empty where the request carries none, as for a list or a plain create.
    pub name: String,
}

/// A request for a path outside the resources.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct NonResourceAttributes {
    /// The verb: an HTTP method in lower case.
    pub verb: String,
    /// The path.
    pub path: String,
}

impl fmt::Display for Attributes {
    /// `get pods/log db in staging`; `get /healthz`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resource(asked) => asked.fmt(f),
            Self::NonResource(asked) => write!(f, "{} {}", asked.verb, asked.path),
        }
    }
}

impl fmt::Display for ResourceAttributes {
    /// `get deployments.apps/scale web in staging`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, self.resource)?;
        for (mark, part) in [(".", &self.group), ("/", &self.subresource), (" ", &self.name)] {
            if !part.is_empty() {
                write!(f, "{mark}{part}")?;
            }
        }
        if self.namespace.is_empty() { Ok(()) } else { write!(f, " in {}", self.namespace) }
    }
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision {
    /// They may.
    Allowed,
    /// They may not.
    Denied,
    /// Something that could allow it was not read or not understood.
    Unknown,
}

impl Decision {
    /// `yes`, `no`, `unknown`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Allowed => "yes",
            Self::Denied => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// The answer to one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessAnswer {
    /// What was decided.
    pub decision: Decision,
    /// What lets them, if they may: the first, and [`AccessAnswer::further`] others.
    pub grant: Option<Grant>,
    /// How many other rules allow the same.
    pub further: usize,
    /// What would have to be otherwise, if they may not: the nearest first.
    pub near: Vec<NearMiss>,
    /// What else is to be said: one lower-case sentence each.
    pub notes: Vec<String>,
    /// What was not seen and could allow it. Empty unless the answer is unknown.
    pub blind_spots: Vec<BlindSpot>,
}

/// What allows something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// In the words of the API server: `RBAC: allowed by RoleBinding "ci/staging" of Role "deployer" to Group "ci"`.
    pub reason: String,
    /// The same as lower-case sentences, each from the one before.
    pub steps: Vec<GrantStep>,
}

/// A step of what allows something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantStep {
    /// What holds: one sentence without a full stop.
    pub text: String,
    /// The object that says so; `None` for what the server itself knows.
    pub because: Option<Because>,
}

/// A rule that almost allows what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// The rule, and through what it is granted.
    pub grant: Grant,
    /// What it lacks: short phrases, at least one.
    pub lacks: Vec<String>,
}

/// All that somebody may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessList {
    /// What they may do everywhere, and then what they may do besides in one namespace after the other.
    pub sections: Vec<AccessSection>,
    /// Whether it is known that they may do nothing else.
    pub is_complete: bool,
    /// What else is to be said: one lower-case sentence each.
    pub notes: Vec<String>,
    /// What was not seen, and could allow more.
    pub blind_spots: Vec<BlindSpot>,
}

/// What somebody may do in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessSection {
    /// The namespace; `None` for the whole cluster.
    pub namespace: Option<String>,
    /// The rules.
    pub rules: Vec<ListedRule>,
}

/// A rule that somebody holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRule {
    /// The rule.
    pub rule: RoleRule,
    /// Through what it is granted.
    pub grant: Grant,
}

/// Everybody who may do something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhoCan {
    /// Who, by scope, kind and name.
    pub holders: Vec<Holder>,
    /// Whether it is known that nobody else may.
    pub is_complete: bool,
    /// What else is to be said: one lower-case sentence each.
    pub notes: Vec<String>,
    /// What was not seen, and could allow more.
    pub blind_spots: Vec<BlindSpot>,
}

/// Somebody who may do something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Where they may: in this namespace; `None` for everywhere.
    pub scope: Option<String>,
    /// Who they are.
    pub kind: SubjectKind,
    /// The name.
    pub name: String,
    /// Whether somebody of that name is there.
    pub presence: Presence,
    /// The names of objects to which it is bound; empty for any, and where one name was asked for.
    pub names: Vec<String>,
    /// Through what it is granted: the first, and [`Holder::further`] others.
    pub grant: Grant,
    /// How many other rules allow the same.
    pub further: usize,
}

/// Whether a subject is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Presence {
    /// A ServiceAccount that the input holds, or that every cluster has.
    Present,
    /// A ServiceAccount that the input does not hold: whoever creates it has the right.
    Absent,
    /// A user or a group: only authentication knows who they are.
    External,
}

impl Presence {
    /// `present`, `absent`, `external`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Absent => "absent",
            Self::External => "external",
        }
    }
}
