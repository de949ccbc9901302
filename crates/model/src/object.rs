//! What names an object, where it was read, and what could not be read.

use crate::Channel;
use std::fmt;
use watertight_base::Span;

/// The name of one API object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectRef {
    /// `v1`, `apps/v1`, `networking.k8s.io/v1`…
    pub api_version: String,
    /// `Pod`, `NetworkPolicy`…
    pub kind: String,
    /// The namespace; `None` for cluster-scoped objects.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
    /// The uid, where the input has it.
    pub uid: Option<String>,
}

impl fmt::Display for ObjectRef {
    /// `NetworkPolicy production/allow-db`; `Namespace staging`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{} {namespace}/{}", self.kind, self.name),
            None => write!(f, "{} {}", self.kind, self.name),
        }
    }
}

/// Where an object was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// Its name.
    pub object: ObjectRef,
    /// The whole object in its input.
    pub span: Span,
}

/// A text, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Written {
    /// The text.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// Something that was not readable or not understood. It never counts as safe.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlindSpot {
    /// The rule that names this sort of blind spot, which `watertight explain` knows: `unknown-kind`, `not-kubernetes`…
    pub rule: &'static str,
    /// What is not seen, and why: one lower-case sentence without a full stop.
    pub reason: String,
    /// The object, as far as its name could be read.
    pub object: Option<ObjectRef>,
    /// Where it is.
    pub span: Option<Span>,
    /// How to make it seen.
    pub help: String,
    /// What it could change.
    pub scope: BlindScope,
    /// From which channels it hides something: a file that was not parsed from all of them, a Role whose meaning is not
    /// clear from `api` alone. To every other channel it is nothing.
    pub hides: &'static [Channel],
}

impl BlindSpot {
    /// Whether it hides something from a channel.
    #[must_use]
    pub fn hides_from(&self, channel: Channel) -> bool {
        self.hides.contains(&channel)
    }
}

/// What a blind spot could change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlindScope {
    /// Anything, everywhere: a file that was not parsed, a kind that is not understood.
    Everything,
    /// Only what lives in this namespace: a NetworkPolicy, a Pod or a workload that was not understood.
    Namespace(String),
    /// Nothing that the examined channels look at. It is listed, and changes no verdict.
    Nothing,
}
