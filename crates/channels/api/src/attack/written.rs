//! Which objects the attacker can write, by any right that it comes to.

use super::closure::Closure;
use super::meets::means;
use crate::aggregation::RuleAt;
use crate::matching::ALL;
use std::collections::{BTreeMap, BTreeSet};
use watertight_kubernetes::{CHANGE, catalogue};
use watertight_model::{Fact, Gain, Principal, RoleRule, SubjectKind};

/// What the names of kubelets begin with, and their group. Another authorizer than RBAC decides about them as well.
const NODE: &str = "system:node:";
const NODES: &str = "system:nodes";

/// The rules that are held and let somebody write something, each with where it is granted.
#[derive(Debug, Default)]
pub(super) struct Written(BTreeMap<RuleAt, (RoleRule, Scopes)>);

/// Where a rule is granted.
#[derive(Debug, Default)]
struct Scopes {
    everywhere: bool,
    namespaces: BTreeSet<String>,
}

impl Written {
    /// Notes that a rule is granted in a scope, `None` for everywhere.
    pub(super) fn add(&mut self, scope: Option<&str>, at: RuleAt, rule: &RoleRule) {
        if !rule.verbs.iter().any(|verb| verb == ALL || CHANGE.contains(&verb.as_str())) {
            return;
        }
        let (_, scopes) = self.0.entry(at).or_insert_with(|| (rule.clone(), Scopes::default()));
        match scope {
            None => scopes.everywhere = true,
            Some(scope) if scopes.namespaces.contains(scope) => {}
            Some(scope) => drop(scopes.namespaces.insert(scope.to_owned())),
        }
    }

    /// Those that hold in a namespace.
    fn at(&self, namespace: &str) -> impl Iterator<Item = &RoleRule> {
        let holds = move |scopes: &Scopes| scopes.everywhere || scopes.namespaces.contains(namespace);
        self.0.values().filter(move |(_, scopes)| holds(scopes)).map(|(rule, _)| rule)
    }
}

impl Closure {
    /// Whether the attacker may create or change objects of a resource in a namespace, one of any name; a subresource stands
    /// behind a slash.
    #[must_use]
    pub fn may_write(&self, namespace: &str, group: &str, resource: &str) -> bool {
        let is_there = |scope: Option<&str>| scope.is_none_or(|scope| scope == namespace);
        let is_everything = self.gains.iter().any(|gained| {
            let gain = gained.primitive.gain;
            matches!(gain, Gain::ControlsCluster | Gain::GrantsRights | Gain::ActsAsAnybody)
                && is_there(gained.scope.as_deref())
        });
        let is_granted = |rule: &RoleRule| {
            rule.api_groups.iter().any(|written| written == ALL || written == group)
                && rule.resources.iter().any(|written| means(written, resource))
        };
        is_everything || self.principals().any(is_node) || self.written.at(namespace).any(is_granted)
    }

    /// Whether somebody may give a namespace other labels.
    #[must_use]
    pub fn may_relabel(&self, namespace: &str) -> bool {
        self.facts.iter().any(|derived| match &derived.fact {
            Fact::Gains { gain, scope, .. } => {
                matches!(gain, Gain::RelabelsNamespace | Gain::ControlsCluster | Gain::GrantsRights)
                    && scope.as_deref().is_none_or(|scope| scope == namespace)
            }
            _ => false,
        })
    }
}

/// The resources that a rule is about, with their groups.
pub(crate) fn resources_of(rule: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = catalogue::all().filter(move |row| row.rule == rule);
    rows.flat_map(|row| row.needs).flat_map(|need| need.resources).copied()
}

fn is_node(principal: &Principal) -> bool {
    match principal.kind {
        SubjectKind::User => principal.name.starts_with(NODE),
        SubjectKind::Group => principal.name == NODES,
        SubjectKind::ServiceAccount(_) => false,
    }
}
