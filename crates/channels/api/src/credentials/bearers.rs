//! Whom the values of the `from` side say that they are credentials of: tokens of ServiceAccounts, and client certificates
//! with their keys. Whoever holds one acts as that principal.

use super::{Place, places};
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{Span, fingerprint};
use watertight_model::{
    Because, Breach, Channel, Evidence, EvidenceRole, Fact, HeldValue, ObjectRef, Principal, Root, Snapshot,
    Step, When,
};

/// A value that says as whom one can act who holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// As whom.
    pub principal: Principal,
    /// The same in a lower-case sentence whose subject is the principal.
    pub why: String,
    /// What holds it, and where.
    pub because: Because,
    object: ObjectRef,
    key: String,
    span: Span,
}

/// The rule by which holding such a value is acting as somebody.
pub const TOKEN: &str = "held-token";

/// The principals whose credentials stand in some namespaces, each with the first value that says so.
#[must_use]
pub fn bearers(snapshot: &Snapshot, from: &BTreeSet<&str>) -> Vec<Bearer> {
    let mut bearers: BTreeMap<&Principal, Bearer> = BTreeMap::new();
    for Place { object, held, .. } in places(snapshot, from) {
        for principal in &held.bearers {
            bearers.entry(principal).or_insert_with(|| Bearer::of(principal, object, held));
        }
    }
    bearers.into_values().collect()
}

impl Bearer {
    fn of(principal: &Principal, object: &ObjectRef, held: &HeldValue) -> Self {
        Self {
            principal: principal.clone(),
            why: format!("has a credential that {object} holds under `{}`", held.key),
            because: Because {
                role: EvidenceRole::Selects,
                object: object.clone(),
                path: held.path.clone(),
                evidence: Some(Evidence::File(held.span)),
            },
            object: object.clone(),
            key: held.key.clone(),
            span: held.span,
        }
    }

    /// What it is where the principal is one of the `to` side.
    #[must_use]
    pub fn breach(&self) -> Breach {
        let Self { principal, object, key, .. } = self;
        let message = format!("{object} holds a credential of {principal} under `{key}`");
        Breach {
            id: fingerprint(&format!("{TOKEN} {message}")),
            rule: TOKEN,
            root: Root { object: Some(object.clone()), part: self.because.path.clone() },
            when: When::Now,
            help: "take it out of force and out of staging: a token goes with its ServiceAccount or Secret, a certificate with its CA"
                .to_owned(),
            count: 1,
            reached: BTreeSet::new(),
            steps: vec![Step {
                id: 1,
                channel: Channel::Api,
                rule: TOKEN,
                fact: Fact::ActsAs { principal: principal.clone() },
                text: message.clone(),
                uses: Vec::new(),
                because: vec![self.because.clone()],
            }],
            highlight: Some((self.span, "production's credential".to_owned())),
            message,
        }
    }
}
