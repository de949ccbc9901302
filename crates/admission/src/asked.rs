//! About which requests webhooks and admission policies are asked.
//!
//! After `pkg/admission/plugin/webhook/predicates` of `k8s.io/apiserver`. The server asks about equivalent versions of what a
//! rule names too, unless `matchPolicy` is `Exact`. By which version an object is written is not known: `v1`, as a rule.
//! Nobody is asked about webhook configurations and admission policies themselves.

use watertight_base::{Labels, Selector};
use watertight_model::{AdmissionRule, AdmissionScope, Namespace, ResourceScope};

/// Whether somebody is asked about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// Never.
    No,
    /// It hangs on what is not known: conditions in CEL, labels, names.
    Maybe,
    /// In any case.
    Yes,
}

/// Requests about objects of one resource.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// What they do, any of which counts: `CREATE`, `UPDATE`, `DELETE`, `CONNECT`.
    pub operations: &'a [&'a str],
    /// The API group; empty for the core group.
    pub group: &'a str,
    /// The resource, with its subresource behind a slash.
    pub resource: &'a str,
    /// The namespace of the objects, or the Namespace itself that is written; `None` for what lives in none.
    pub namespace: Option<&'a Namespace>,
    /// The labels of the object; `None` if they may be any.
    pub labels: Option<&'a Labels>,
    /// Its name; `None` if it may be any.
    pub name: Option<&'a str>,
}

/// Whether somebody with this scope is asked about such requests: about any of the operations.
#[must_use]
pub fn asked(scope: &AdmissionScope, request: &Request<'_>) -> Asked {
    let each = request.operations.iter().map(|&operation| [operation]);
    let asked = each.map(|operation| asked_one(scope, &Request { operations: &operation, ..*request }));
    asked.max().unwrap_or(Asked::No)
}

fn asked_one(scope: &AdmissionScope, request: &Request<'_>) -> Asked {
    let versions = |rule: &AdmissionRule| by_versions(rule, !scope.is_exact, &["*", "v1"]);
    let by_rules = scope.rules.iter().map(|rule| by_rule(rule, request).min(versions(rule))).max();
    let by_rules = by_rules.unwrap_or(Asked::No);
    let excluded = scope.excluded.iter().map(|rule| excluded(rule, scope.is_exact, request)).max();
    let not_excluded = match excluded {
        None | Some(Asked::No) => Asked::Yes,
        Some(Asked::Maybe) => Asked::Maybe,
        Some(Asked::Yes) => Asked::No,
    };
    let by_conditions = if scope.has_conditions { Asked::Maybe } else { Asked::Yes };
    [
        by_rules,
        not_excluded,
        by_conditions,
        by_namespace(&scope.namespaces, request.namespace),
        by_labels(&scope.objects, request.labels),
    ]
    .into_iter()
    .min()
    .unwrap_or(Asked::No)
}

/// Whether this namespace is selected, as far as its labels are known.
#[must_use]
pub fn by_namespace(selector: &Selector, namespace: Option<&Namespace>) -> Asked {
    // What lives in no namespace is asked about whatever the selector says.
    let Some(namespace) = namespace else { return Asked::Yes };
    if let Some(labels) = namespace.sure_labels() {
        return if selector.matches(labels) { Asked::Yes } else { Asked::No };
    }
    // Only its name is known for sure.
    let known = Labels::from([(Namespace::NAME_LABEL.to_owned(), namespace.name.clone())]);
    let one = |requirement: &watertight_base::Requirement| match requirement.key == Namespace::NAME_LABEL {
        true if requirement.matches(&known) => Asked::Yes,
        true => Asked::No,
        false => Asked::Maybe,
    };
    selector.requirements.iter().map(one).min().unwrap_or(Asked::Yes)
}

/// Whether objects are selected. Of those that may have any labels, the ones without are told of.
fn by_labels(selector: &Selector, labels: Option<&Labels>) -> Asked {
    match labels {
        Some(labels) if !selector.matches(labels) => Asked::No,
        None if !selector.matches(&Labels::new()) => Asked::Maybe,
        _ => Asked::Yes,
    }
}

fn by_rule(rule: &AdmissionRule, request: &Request<'_>) -> Asked {
    let has = |list: &[String], text: &str| list.iter().any(|held| held == "*" || held == text);
    let is_namespaced =
        request.namespace.is_some() && (request.group, request.resource) != ("", "namespaces");
    let is_there = match rule.scope {
        ResourceScope::Any => true,
        ResourceScope::Namespaced => is_namespaced,
        ResourceScope::Cluster => !is_namespaced,
    };
    if !is_there
        || !request.operations.iter().any(|operation| has(&rule.operations, operation))
        || !has(&rule.api_groups, request.group)
        || !rule.resources.iter().any(|written| means(written, request.resource))
    {
        return Asked::No;
    }
    match request.name {
        _ if rule.names.is_empty() => Asked::Yes,
        None => Asked::Maybe,
        Some(name) if rule.names.iter().any(|held| held == name) => Asked::Yes,
        Some(_) => Asked::No,
    }
}

/// Whether a rule that leaves requests out leaves out these, by whatever version.
fn excluded(rule: &AdmissionRule, is_exact: bool, request: &Request<'_>) -> Asked {
    // A version that the server does not have is equivalent to none.
    let known: &[&str] = if is_exact { &["*"] } else { &["*", "v1"] };
    by_rule(rule, request).min(by_versions(rule, false, known))
}

/// Whether it is sure that a rule is about the version of a request: it names one of these.
fn by_versions(rule: &AdmissionRule, is_about_others: bool, known: &[&str]) -> Asked {
    let is_known = rule.api_versions.iter().any(|version| known.contains(&version.as_str()));
    if is_about_others || is_known { Asked::Yes } else { Asked::Maybe }
}

/// Whether the resource of a rule means this one: `*` stands for every resource or, behind a slash, for every subresource,
/// and for none of the other.
fn means(written: &str, resource: &str) -> bool {
    let parts = |text: &str| match text.split_once('/') {
        Some((resource, part)) => (resource.to_owned(), part.to_owned()),
        None => (text.to_owned(), String::new()),
    };
    let ((written, of), (resource, part)) = (parts(written), parts(resource));
    (written == "*" || written == resource) && (of == "*" || of == part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use watertight_model::Admission;

    fn namespace(labels: Option<&[(&str, &str)]>) -> Namespace {
        let labels = labels.map(|labels| {
            let own = [(Namespace::NAME_LABEL, "production")];
            let all = labels.iter().chain(&own);
            all.map(|&(key, value)| (key.to_owned(), value.to_owned())).collect()
        });
        Namespace {
            name: "production".to_owned(),
            labels,
            admission: Admission::Accepted,
            label_spans: std::collections::BTreeMap::new(),
            origin: None,
            first_seen: None,
        }
    }

    fn rule(resources: &[&str]) -> AdmissionRule {
        let texts = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
        AdmissionRule {
            operations: texts(&["CREATE"]),
            api_groups: texts(&[""]),
            api_versions: texts(&["v1"]),
            resources: texts(resources),
            names: Vec::new(),
            scope: ResourceScope::Any,
        }
    }

    fn scope(resources: &[&str]) -> AdmissionScope {
        AdmissionScope { rules: vec![rule(resources)], ..AdmissionScope::default() }
    }

    fn about<'a>(resource: &'a str, namespace: Option<&'a Namespace>) -> Request<'a> {
        Request { operations: &["CREATE"], group: "", resource, namespace, labels: None, name: None }
    }

    #[test]
    fn a_star_means_resources_or_parts_and_never_both_by_itself() {
        for (written, resource, expected) in [
            ("*", "pods", true),
            ("*", "pods/exec", false),
            ("pods", "pods/exec", false),
            ("pods/*", "pods/exec", true),
            // As the server has it: the empty part is one of them.
            ("pods/*", "pods", true),
            ("*/exec", "pods/exec", true),
            ("*/exec", "pods", false),
            ("*/*", "pods", true),
            ("*/*", "pods/exec", true),
            ("secrets", "pods", false),
        ] {
            assert_eq!(means(written, resource), expected, "{written} {resource}");
        }
    }

    #[test]
    fn a_namespace_is_selected_by_what_is_known_of_it() {
        let production = namespace(Some(&[("env", "production")]));
        let unseen = namespace(None);
        let selecting = |key: &str, value: &str| Selector::label(key, value);
        assert_eq!(by_namespace(&selecting("env", "production"), Some(&production)), Asked::Yes);
        assert_eq!(by_namespace(&selecting("env", "staging"), Some(&production)), Asked::No);
        assert_eq!(by_namespace(&selecting("env", "staging"), Some(&unseen)), Asked::Maybe);
        assert_eq!(by_namespace(&selecting(Namespace::NAME_LABEL, "production"), Some(&unseen)), Asked::Yes);
        assert_eq!(by_namespace(&selecting(Namespace::NAME_LABEL, "staging"), Some(&unseen)), Asked::No);
        assert_eq!(by_namespace(&selecting("env", "staging"), None), Asked::Yes);
    }

    #[test]
    fn what_is_not_known_is_neither_asked_about_for_certain_nor_never() {
        let production = namespace(Some(&[]));
        let pods = about("pods", Some(&production));
        assert_eq!(asked(&scope(&["pods"]), &pods), Asked::Yes);
        assert_eq!(asked(&scope(&["secrets"]), &pods), Asked::No);
        assert_eq!(asked(&AdmissionScope { has_conditions: true, ..scope(&["pods"]) }, &pods), Asked::Maybe);
        let labelled = AdmissionScope { objects: Selector::label("app", "db"), ..scope(&["pods"]) };
        assert_eq!(asked(&labelled, &pods), Asked::Maybe);
        let db = Labels::from([("app".to_owned(), "db".to_owned())]);
        assert_eq!(asked(&labelled, &Request { labels: Some(&db), ..pods }), Asked::Yes);
        assert_eq!(asked(&labelled, &Request { labels: Some(&Labels::new()), ..pods }), Asked::No);
        let named = AdmissionRule { names: vec!["a".to_owned()], ..rule(&["pods"]) };
        let excluding = AdmissionScope { excluded: vec![named.clone()], ..scope(&["pods"]) };
        assert_eq!(asked(&excluding, &pods), Asked::Maybe);
        assert_eq!(asked(&excluding, &Request { name: Some("a"), ..pods }), Asked::No);
        assert_eq!(asked(&excluding, &Request { name: Some("b"), ..pods }), Asked::Yes);
        // What is left out when it is changed is asked about when it is made.
        let changed = AdmissionRule { operations: vec!["UPDATE".to_owned()], ..rule(&["pods"]) };
        let excluding = AdmissionScope { excluded: vec![changed], ..scope(&["pods"]) };
        let both = Request { operations: &["CREATE", "UPDATE"], ..pods };
        assert_eq!(asked(&excluding, &both), Asked::Yes);
        let only_named = AdmissionScope { rules: vec![named], ..AdmissionScope::default() };
        assert_eq!(asked(&only_named, &pods), Asked::Maybe);
    }

    #[test]
    fn a_version_that_may_be_another_is_neither_asked_about_for_certain_nor_left_out() {
        let production = namespace(Some(&[]));
        let pods = about("pods", Some(&production));
        let of = |version: &str| AdmissionRule { api_versions: vec![version.to_owned()], ..rule(&["pods"]) };
        let asks = |rule: AdmissionRule, is_exact: bool| {
            asked(&AdmissionScope { rules: vec![rule], is_exact, ..AdmissionScope::default() }, &pods)
        };
        assert_eq!([asks(of("v1"), true), asks(of("*"), true)], [Asked::Yes; 2]);
        assert_eq!([asks(of("v2"), true), asks(of("v2"), false)], [Asked::Maybe, Asked::Yes]);
        let leaves_out = |rule: AdmissionRule, is_exact: bool, operations: &[&str]| {
            let scope = AdmissionScope { excluded: vec![rule], is_exact, ..scope(&["pods"]) };
            asked(
                &AdmissionScope {
                    rules: vec![AdmissionRule { operations: vec!["*".to_owned()], ..of("v1") }],
                    ..scope
                },
                &Request { operations, ..pods },
            )
        };
        assert_eq!(leaves_out(of("*"), true, &["CREATE"]), Asked::No);
        assert_eq!(leaves_out(of("v1"), false, &["CREATE"]), Asked::No);
        assert_eq!(leaves_out(of("v1"), true, &["CREATE"]), Asked::Maybe);
        assert_eq!(leaves_out(of("v2"), false, &["CREATE"]), Asked::Maybe);
        assert_eq!(
            leaves_out(of("*"), false, &["CREATE", "UPDATE"]),
            Asked::Yes,
            "it leaves out CREATE alone"
        );
    }

    #[test]
    fn a_namespace_lives_in_none_and_is_selected_by_its_own_labels() {
        let production = namespace(Some(&[("env", "production")]));
        let of_cluster = |selector: Selector| AdmissionScope {
            rules: vec![AdmissionRule { scope: ResourceScope::Cluster, ..rule(&["*"]) }],
            namespaces: selector,
            ..AdmissionScope::default()
        };
        let written = about("namespaces", Some(&production));
        assert_eq!(asked(&of_cluster(Selector::label("env", "production")), &written), Asked::Yes);
        assert_eq!(asked(&of_cluster(Selector::label("env", "staging")), &written), Asked::No);
        assert_eq!(asked(&of_cluster(Selector::everything()), &about("pods", Some(&production))), Asked::No);
    }
}
