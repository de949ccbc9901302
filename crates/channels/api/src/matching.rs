//! Whether a rule is about a request.
//!
//! After `pkg/apis/rbac/v1/evaluation_helpers.go` of Kubernetes: everything is compared as it is written, a `*` stands for
//! everything where it stands alone, and hardly anywhere else.

use std::borrow::Cow;
use watertight_model::{Attributes, NonResourceAttributes, ResourceAttributes, RoleRule};

/// Stands for every verb, group, resource or path; of names it means itself.
pub(crate) const ALL: &str = "*";

/// Whether the rule allows the request.
pub(crate) fn allows(rule: &RoleRule, asked: &Attributes) -> bool {
    match asked {
        Attributes::Resource(asked) => allows_resource(rule, asked),
        Attributes::NonResource(asked) => allows_path(rule, asked),
    }
}

fn allows_resource(rule: &RoleRule, asked: &ResourceAttributes) -> bool {
    verb(rule, &asked.verb).is_some()
        && group(rule, &asked.group)
        && resource(rule, asked).is_some()
        && name(rule, &asked.name)
}

fn allows_path(rule: &RoleRule, asked: &NonResourceAttributes) -> bool {
    verb(rule, &asked.verb).is_some() && path(rule, &asked.path).is_some()
}

/// The verb of the rule that means this one.
pub(crate) fn verb<'r>(rule: &'r RoleRule, asked: &str) -> Option<&'r str> {
    find(&rule.verbs, |verb| verb == ALL || verb == asked)
}

/// Whether the rule is about the API group.
pub(crate) fn group(rule: &RoleRule, asked: &str) -> bool {
    rule.api_groups.iter().any(|group| group == ALL || group == asked)
}

/// The resource of the rule that means the one asked for: `*`, the same, or `*/` and the same subresource.
pub(crate) fn resource<'r>(rule: &'r RoleRule, asked: &ResourceAttributes) -> Option<&'r str> {
    let (resource, subresource) = (asked.resource.as_str(), asked.subresource.as_str());
    let is_meant = |written: &str| {
        let is_same = if subresource.is_empty() {
            written == resource
        } else {
            written.strip_prefix(resource).and_then(|rest| rest.strip_prefix('/')) == Some(subresource)
        };
        is_same
            || written == ALL
            || !subresource.is_empty() && written.strip_prefix("*/") == Some(subresource)
    };
    find(&rule.resources, is_meant)
}

/// Whether the rule is about objects of this name, or about those of every name. A request without a name is about every
/// name, and has the empty one: a rule that names that is about such requests.
pub(crate) fn name(rule: &RoleRule, asked: &str) -> bool {
    rule.resource_names.is_empty() || rule.resource_names.iter().any(|name| name == asked)
}

/// A rule as parts that are each about every name or about objects of some. What names the empty name is about requests
/// that carry none, which are about objects of every name; no object has that name itself.
///
/// Source: `ResourceNameMatches` compares the name of the request, whatever it is.
pub(crate) fn by_names(rule: &RoleRule) -> Vec<Cow<'_, RoleRule>> {
    if !rule.resource_names.iter().any(String::is_empty) {
        return vec![Cow::Borrowed(rule)];
    }
    let means = |verb: &&&str| rule.verbs.iter().any(|written| written == ALL || written == **verb);
    let nameless = RoleRule {
        verbs: NAMELESS.iter().filter(means).map(|&verb| verb.to_owned()).collect(),
        resources: rule.resources.iter().filter(|resource| has_nameless(resource)).cloned().collect(),
        resource_names: Vec::new(),
        ..rule.clone()
    };
    let names = rule.resource_names.iter().filter(|name| !name.is_empty()).cloned().collect();
    let named = RoleRule { resource_names: names, ..rule.clone() };
    let is_empty = named.resource_names.is_empty();
    [Some(nameless), (!is_empty).then_some(named)].into_iter().flatten().map(Cow::Owned).collect()
}

/// The verbs of requests that may carry no name. A role that is created has none yet when the server asks for `escalate`.
///
/// Sources: `RequestInfo` of the API server; `RoleEscalationAuthorized` of `pkg/registry/rbac/escalation_check.go`.
const NAMELESS: [&str; 5] = ["create", "deletecollection", "list", "watch", "escalate"];

/// Whether there are requests without a name for a resource of a rule. A subresource is that of a named object, but for
/// those for which the controller asks that approves certificates of nodes.
fn has_nameless(resource: &str) -> bool {
    let subresource = resource.split_once('/').map(|(_, subresource)| subresource);
    subresource.is_none_or(|subresource| ["nodeclient", "selfnodeclient"].contains(&subresource))
}

/// The path of the rule that means this one: `*`, the same, or what it begins with and `*`.
pub(crate) fn path<'r>(rule: &'r RoleRule, asked: &str) -> Option<&'r str> {
    let is_meant = |written: &str| {
        written == asked || (written.ends_with('*') && asked.starts_with(written.trim_end_matches('*')))
    };
    find(&rule.non_resource_urls, is_meant)
}

fn find(written: &[String], is_meant: impl Fn(&str) -> bool) -> Option<&str> {
    written.iter().map(String::as_str).find(|written| is_meant(written))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    fn asks(resource: &str, subresource: &str) -> ResourceAttributes {
        ResourceAttributes {
            resource: resource.into(),
            subresource: subresource.into(),
            ..Default::default()
        }
    }

    #[test]
    fn a_star_has_a_meaning_only_where_it_stands_alone() {
        let meant = |written: &str, asked: &str, sub: &str| {
            let rule = RoleRule { resources: strings(&[written]), ..RoleRule::default() };
            resource(&rule, &asks(asked, sub)).is_some()
        };
        for (written, asked, sub, expected) in [
            ("*", "pods", "", true),
            ("*", "pods", "log", true),
            ("pods", "pods", "", true),
            ("pods", "pods", "log", false),
            ("pods/log", "pods", "log", true),
            ("*/log", "pods", "log", true),
            ("*/log", "pods", "", false),
            ("pods/*", "pods", "log", false),
            ("*/*", "pods", "log", false),
            ("pod*", "pods", "", false),
            ("Pods", "pods", "", false),
            ("pods/log", "pods/log", "", true),
            ("*/log", "a/b", "log", true),
            ("a/b/log", "a/b", "log", true),
            ("*/a/b", "pods", "a/b", true),
            ("a/b/c", "a", "b/c", true),
            ("/log", "", "log", true),
            ("*/", "pods", "", false),
        ] {
            assert_eq!(meant(written, asked, sub), expected, "{written} for {asked}/{sub}");
        }
    }

    #[test]
    fn a_named_rule_is_not_about_requests_without_a_name() {
        let named = RoleRule { resource_names: strings(&["a", "*"]), ..RoleRule::default() };
        assert!(name(&named, "a"));
        assert!(!name(&named, "b"));
        assert!(!name(&named, ""));
        assert!(name(&RoleRule::default(), ""));
        let empty = RoleRule { resource_names: strings(&["a", ""]), ..RoleRule::default() };
        assert!(name(&empty, "") && name(&empty, "a") && !name(&empty, "b"));
    }

    #[test]
    fn the_empty_name_is_that_of_requests_without_one() {
        let rule = |verbs: &[&str], resources: &[&str], names: &[&str]| RoleRule {
            verbs: strings(verbs),
            resources: strings(resources),
            resource_names: strings(names),
            ..RoleRule::default()
        };
        let parts =
            |rule: &RoleRule| -> Vec<RoleRule> { by_names(rule).into_iter().map(Cow::into_owned).collect() };
        for as_it_is in [rule(&["create"], &["pods"], &[]), rule(&["*"], &["*"], &["a", "*"])] {
            assert_eq!(parts(&as_it_is), std::slice::from_ref(&as_it_is));
        }
        let both = rule(&["get", "create", "list"], &["pods", "pods/exec"], &["", "a"]);
        assert_eq!(
            parts(&both),
            [
                rule(&["create", "list"], &["pods"], &[]),
                rule(&["get", "create", "list"], &["pods", "pods/exec"], &["a"])
            ]
        );
        let every_verb = rule(&["*"], &["*", "certificatesigningrequests/nodeclient"], &[""]);
        assert_eq!(
            parts(&every_verb),
            [rule(&NAMELESS, &["*", "certificatesigningrequests/nodeclient"], &[])]
        );
    }

    #[test]
    fn a_path_is_meant_by_what_it_begins_with() {
        let meant = |written: &str, asked: &str| {
            let rule = RoleRule { non_resource_urls: strings(&[written]), ..RoleRule::default() };
            path(&rule, asked).is_some()
        };
        for (written, asked, expected) in [
            ("*", "/metrics", true),
            ("/metrics", "/metrics", true),
            ("/metrics", "/metrics/", false),
            ("/metrics/*", "/metrics/a/b", true),
            ("/metrics/*", "/metrics", false),
            ("/metrics*", "/metrics", true),
            ("/a**", "/a", true),
            ("/*/b", "/a/b", false),
        ] {
            assert_eq!(meant(written, asked), expected, "{written} for {asked}");
        }
    }
}
