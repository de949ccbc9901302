//! Whether a rule is about a request.
//!
//! After `pkg/apis/rbac/v1/evaluation_helpers.go` of Kubernetes: everything is compared as it is written, a `*` stands for
//! everything where it stands alone, and hardly anywhere else.

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
/// name.
pub(crate) fn name(rule: &RoleRule, asked: &str) -> bool {
    rule.resource_names.is_empty() || rule.resource_names.iter().any(|name| name == asked)
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
