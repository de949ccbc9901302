//! Which objects the hostile side can write, by any right of the claimed set.

use crate::api::{Claim, means};
use std::collections::BTreeSet;
use watertight_model::{Gain, OtherKind, RoleRule, Snapshot, SubjectKind};

/// The verbs by which objects come to be or change.
const WRITING: [&str; 4] = ["*", "create", "update", "patch"];

/// What lets it write everything.
const EVERYTHING: [Gain; 3] = [Gain::ControlsCluster, Gain::GrantsRights, Gain::ActsAsAnybody];

/// What it may write.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// The rules by which it writes something, each with the namespace where it is granted; `None` for everywhere.
    rules: Vec<(RoleRule, Option<String>)>,
    /// Where it may write everything.
    everything: Vec<Option<String>>,
    /// The same without what is only a step to others, whose own rules are there.
    unbounded: Vec<Option<String>>,
    /// Where it may give namespaces other labels.
    relabelled: Vec<Option<String>>,
    /// Whether it acts as a node, about which another authorizer decides as well.
    is_node: bool,
}

impl Written {
    pub(crate) fn of<'r>(
        claim: &Claim,
        rules: impl IntoIterator<Item = (&'r RoleRule, Option<&'r str>)>,
    ) -> Self {
        let writes = |rule: &RoleRule| rule.verbs.iter().any(|verb| WRITING.contains(&verb.as_str()));
        let scopes = |gains: &[Gain], steps: bool| -> Vec<Option<String>> {
            let gained =
                claim.gains().filter(|it| gains.contains(&it.row.gain) && (steps || !it.is_a_step()));
            gained.map(|it| it.bounds.scope.clone()).collect()
        };
        let is_node = claim.held.iter().any(|principal| match principal.kind {
            SubjectKind::User => principal.name.starts_with("system:node:"),
            SubjectKind::Group => principal.name == "system:nodes",
            SubjectKind::ServiceAccount(_) => false,
        });
        Self {
            rules: rules
                .into_iter()
                .filter(|(rule, _)| writes(rule))
                .map(|(rule, scope)| (rule.clone(), scope.map(str::to_owned)))
                .collect(),
            everything: scopes(&EVERYTHING, true),
            unbounded: scopes(&EVERYTHING, false),
            relabelled: scopes(&[Gain::RelabelsNamespace, Gain::ControlsCluster, Gain::GrantsRights], false),
            is_node,
        }
    }

    /// Whether objects of a resource in a namespace; a subresource stands behind a slash.
    pub(crate) fn may_write(&self, namespace: &str, group: &str, resource: &str) -> bool {
        let is_meant = |rule: &RoleRule| {
            rule.api_groups.iter().any(|written| written == "*" || written == group)
                && rule.resources.iter().any(|written| means(written, resource))
        };
        let mut rules = self.rules.iter().filter(|(_, scope)| holds(scope.as_deref(), namespace));
        self.is_node
            || self.everything.iter().any(|scope| holds(scope.as_deref(), namespace))
            || rules.any(|(rule, _)| is_meant(rule))
    }

    /// Whether objects of a kind that no channel knows, in other namespaces than these (`rules/creatable-kind.md`).
    pub(crate) fn may_make(&self, kind: &OtherKind, to: &BTreeSet<&str>) -> bool {
        let is_meant = |rule: &RoleRule| {
            // A kind that only a role names counts for rules that name it.
            let any = |word: &String| word == "*" && kind.is_installed;
            let mut resources = rule.resources.iter();
            rule.api_groups.iter().any(|group| any(group) || *group == kind.group)
                && resources.any(|it| any(it) || it.split('/').next() == Some(kind.resource.as_str()))
        };
        kind.is_installed && self.may_everything(to) || self.outside(to).any(is_meant)
    }

    /// Whether objects there of kinds that the input need not show: of every kind, or claims of devices of which it has no class.
    pub(crate) fn may_make_unseen(&self, snapshot: &Snapshot, to: &BTreeSet<&str>) -> bool {
        let has = |words: &[String], word: &str| words.iter().any(|it| it == "*" || it == word);
        let claims = |rule: &RoleRule| {
            let claims = ["resourceclaims", "resourceclaimtemplates"];
            has(&rule.api_groups, "resource.k8s.io") && claims.iter().any(|it| has(&rule.resources, it))
        };
        let is_unseen = |rule: &RoleRule| {
            has(&rule.api_groups, "*") && has(&rule.resources, "*")
                || !snapshot.kinds.contains_key("DeviceClass") && claims(rule)
        };
        self.may_everything(to) || self.outside(to).any(is_unseen)
    }

    fn outside(&self, to: &BTreeSet<&str>) -> impl Iterator<Item = &RoleRule> {
        let rules = self.rules.iter().filter(|(_, scope)| is_outside(scope.as_deref(), to));
        rules.map(|(rule, _)| rule)
    }

    fn may_everything(&self, to: &BTreeSet<&str>) -> bool {
        self.unbounded.iter().any(|scope| is_outside(scope.as_deref(), to))
    }

    /// Whether a namespace may get other labels, by which policies may no longer be about it.
    pub(super) fn may_relabel(&self, namespace: &str) -> bool {
        self.relabelled.iter().any(|scope| holds(scope.as_deref(), namespace))
    }
}

fn holds(scope: Option<&str>, namespace: &str) -> bool {
    scope.is_none_or(|scope| scope == namespace)
}

fn is_outside(scope: Option<&str>, to: &BTreeSet<&str>) -> bool {
    scope.is_none_or(|scope| !to.contains(scope))
}
