//! Which objects the attacker can write, by any right that it comes to.

use super::closure::Closure;
use super::meets::means;
use crate::aggregation::RuleAt;
use crate::matching::ALL;
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::Span;
use watertight_kubernetes::{CHANGE, catalogue};
use watertight_model::{Fact, Gain, OtherKind, Principal, RoleRule, Snapshot, SubjectKind};

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

    /// Those that hold somewhere else than in these namespaces.
    fn outside(&self, namespaces: &BTreeSet<&str>) -> impl Iterator<Item = &RoleRule> {
        let holds = |scopes: &Scopes| {
            scopes.everywhere || scopes.namespaces.iter().any(|scope| !namespaces.contains(scope.as_str()))
        };
        self.0.values().filter(move |(_, scopes)| holds(scopes)).map(|(rule, _)| rule)
    }

    /// Those that hold in a namespace.
    fn at(&self, namespace: &str) -> impl Iterator<Item = &RoleRule> {
        let holds = move |scopes: &Scopes| scopes.everywhere || scopes.namespaces.contains(namespace);
        self.0.values().filter(move |(_, scopes)| holds(scopes)).map(|(rule, _)| rule)
    }
}

/// Whether a rule that writes is about a kind that no channel knows. One that only a role names is meant by that name alone.
fn makes(rule: &RoleRule, kind: &OtherKind) -> bool {
    let is_any = |written: &str| kind.is_installed && written == ALL;
    let group = rule.api_groups.iter().any(|written| *written == kind.group || is_any(written));
    let plain = |written: &str| written.split('/').next() == Some(kind.resource.as_str());
    group && rule.resources.iter().any(|written| plain(written) || is_any(written))
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

    /// The kinds that no channel knows of which it may make or change objects outside of the `to` side's namespaces, each with the
    /// rule by which.
    #[must_use]
    pub fn other_kinds<'s>(
        &self,
        snapshot: &'s Snapshot,
        to: &BTreeSet<&str>,
    ) -> Vec<(&'s OtherKind, Option<Span>)> {
        let rules: Vec<&RoleRule> = self.written.outside(to).collect();
        let any = self.may_write_anything_outside(to);
        let made = |kind: &'s OtherKind| {
            let by = rules.iter().find(|rule| makes(rule, kind)).map(|rule| rule.span);
            by.or_else(|| (any && kind.is_installed).then_some(None)).map(|span| (kind, span))
        };
        snapshot.other_kinds.iter().filter_map(made).collect()
    }

    /// Whether it may make objects there of kinds that only the cluster knows: of any kind, or claims of devices.
    #[must_use]
    pub fn makes_unseen_kinds(&self, snapshot: &Snapshot, to: &BTreeSet<&str>) -> bool {
        let has = |list: &[String], word: &str| list.iter().any(|written| written == word || written == ALL);
        let any = |rule: &RoleRule| has(&rule.api_groups, ALL) && has(&rule.resources, ALL);
        let claims = |rule: &RoleRule| {
            let names = |resource| has(&rule.resources, resource);
            has(&rule.api_groups, "resource.k8s.io")
                && (names("resourceclaims") || names("resourceclaimtemplates"))
        };
        let lacks_devices = !snapshot.kinds.contains_key("DeviceClass");
        self.may_write_anything_outside(to)
            || self.written.outside(to).any(|rule| any(rule) || lacks_devices && claims(rule))
    }

    fn may_write_anything_outside(&self, to: &BTreeSet<&str>) -> bool {
        let gains = self.gains.iter().filter(|gained| {
            matches!(gained.primitive.gain, Gain::ControlsCluster | Gain::GrantsRights | Gain::ActsAsAnybody)
        });
        gains.map(|gained| gained.scope.as_deref()).any(|scope| scope.is_none_or(|scope| !to.contains(scope)))
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
