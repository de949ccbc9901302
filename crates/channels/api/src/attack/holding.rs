//! What objects of a namespace the attacker can hold by what it comes to there: values, and the identities of ServiceAccounts.

use super::closure::{Closure, Doubtful, Gained};
use super::derivation::Power;
use std::collections::BTreeSet;
use watertight_kubernetes::catalogue::environments;
use watertight_model::{Fact, Gain, ObjectRef};

/// The rule by which ConfigMaps are read.
const READ_CONFIGMAPS: &str = "read-configmaps";

/// Something that the attacker comes to, and that may let it hold what objects hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holding<'c> {
    closure: &'c Closure,
    gained: &'c Gained,
}

impl Closure {
    /// Those in a namespace.
    pub(crate) fn holdings_in<'c>(&'c self, namespace: &'c str) -> impl Iterator<Item = Holding<'c>> {
        let is_there = move |gained: &&Gained| gained.scope.as_deref().is_none_or(|scope| scope == namespace);
        self.gains.iter().filter(is_there).map(|gained| Holding { closure: self, gained })
    }

    /// The namespaces of neither side in which there may be some.
    pub(crate) fn held_namespaces<'s>(
        &self,
        names: impl Iterator<Item = &'s str>,
        sides: [&BTreeSet<&str>; 2],
    ) -> Vec<&'s str> {
        let is_of_neither = |name: &&str| !sides.iter().any(|side| side.contains(name));
        names.filter(is_of_neither).filter(|name| self.holdings_in(name).next().is_some()).collect()
    }
}

impl Holding<'_> {
    /// Whether it lets the attacker read a Secret of the namespace. Pods mount any; which are mounted where it enters one is
    /// not known, nor whether pods do anything for it that go by objects which it writes (`rules/steered-pods.md`).
    pub(crate) fn reads_secret(&self, name: &str) -> bool {
        match self.gained.primitive.gain {
            Gain::ReadsSecrets => self.is_about(name),
            Gain::RunsPods => true,
            Gain::EntersPods | Gain::ChangesObjects => self.is_doubtful(),
            _ => false,
        }
    }

    /// Whether it lets it read a ConfigMap, or the environment of a container. Which objects it may read is not looked at.
    pub(crate) fn reads_settings(&self, object: &ObjectRef) -> bool {
        match self.gained.primitive.gain {
            Gain::RunsPods => object.kind == "ConfigMap" || self.is_doubtful(),
            Gain::EntersPods | Gain::ReadsObjects | Gain::ChangesObjects => self.is_doubtful(),
            _ => false,
        }
    }

    /// Whether it lets it have tokens of a ServiceAccount for somebody outside of the cluster. As which one a pod runs that is
    /// there is not known.
    pub(crate) fn has_tokens_of(&self, account: &str) -> bool {
        match self.gained.primitive.gain {
            Gain::RunsPods => true,
            Gain::MintsTokens => self.is_about(account),
            Gain::EntersPods | Gain::ChangesObjects => self.is_doubtful(),
            _ => false,
        }
    }

    /// Whether it is a right by which it reads what a ConfigMap holds, or a container is told.
    pub(crate) fn shows(&self, object: &ObjectRef) -> bool {
        let row = self.gained.primitive;
        if object.kind == "ConfigMap" {
            return row.rule == READ_CONFIGMAPS && self.is_about(&object.name);
        }
        environments::shows(row, &object.kind, &object.name, self.names())
    }

    /// The same with its steps.
    pub(crate) fn power(&self) -> Power {
        self.closure.power_of(self.gained)
    }

    /// The names to which it is bound; none for all.
    fn names(&self) -> &[String] {
        match &self.closure.facts[self.gained.fact].fact {
            Fact::Gains { names, .. } => names,
            _ => &[],
        }
    }

    fn is_about(&self, name: &str) -> bool {
        self.names().is_empty() || self.names().iter().any(|of| of == name)
    }

    fn is_doubtful(&self) -> bool {
        self.closure.doubtful == Doubtful::With
    }
}
