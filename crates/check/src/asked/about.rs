//! About what webhooks are asked. Conditions, names and labels of objects leave nothing out here.

use crate::mutation::may_select;
use crate::sharing::Sides;
use watertight_model::{AdmissionRule, CustomResource, NamespaceId, ResourceScope, Webhook};

/// How a webhook concerns the `to` side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Concern {
    /// By its answers: it sees, changes or refuses what is written.
    pub(super) answers: bool,
    /// By giving none.
    pub(super) silence: bool,
}

pub(super) fn concern(sides: &Sides<'_>, webhook: &Webhook) -> Concern {
    let custom = &sides.snapshot.custom_resources;
    let reviews = sides.snapshot.minor_version().is_none_or(|oldest| oldest < WITHOUT_REVIEWS);
    let rules = || webhook.about.rules.iter();
    let is_about_namespaces = rules().any(|rule| {
        rule.scope != ResourceScope::Namespaced && asks_about(rule, &WRITES) && holds_any(rule, is_namespace)
    });
    let is_about_cluster = rules().any(|rule| {
        rule.scope != ResourceScope::Namespaced
            && holds_any(rule, |group, resource| {
                let is_connected = ["", "*"].contains(&group) && is_of("nodes", "proxy", resource);
                asks_about(rule, &WRITES)
                    && (in_none(custom, group, resource) || reviews && is_review(&REVIEWS, group, resource))
                    || asks_about(rule, &["CONNECT"]) && is_connected
            })
    });
    let in_some = rules().any(|rule| {
        rule.scope != ResourceScope::Cluster
            && holds_any(rule, |group, resource| {
                asks_about(rule, &WRITES)
                    && (in_namespaces(custom, group, resource)
                        || reviews && is_review(&REVIEWS_IN_NAMESPACES, group, resource))
                    || asks_about(rule, &["CONNECT"]) && is_passed_on(group, resource)
            })
    });
    let of = |side: &[NamespaceId]| {
        let mut chosen =
            side.iter().filter(|&&id| may_select(&webhook.about.namespaces, sides.snapshot.namespace(id)));
        chosen.next().is_some() && (in_some || is_about_namespaces)
    };
    // What is passed over when nobody answers may be what keeps the `from` side in.
    let silence = of(sides.to) || webhook.is_ignored_on_failure && of(sides.from);
    Concern { answers: of(sides.to) || is_about_cluster, silence }
}

/// How objects are made, changed or deleted.
const WRITES: [&str; 3] = ["CREATE", "UPDATE", "DELETE"];

/// Whether a rule is about one of these operations.
fn asks_about(rule: &AdmissionRule, operations: &[&str]) -> bool {
    rule.operations.iter().any(|operation| operation == "*" || operations.contains(&operation.as_str()))
}

/// The version from which on nobody is asked about reviews, unless a feature is switched off
/// (ExcludeAdmissionWebhookVirtualResources).
const WITHOUT_REVIEWS: u32 = 37;

/// Reviews, which store nothing: whose a token is, and who may do what.
const REVIEWS: [(&str, &str); 2] = [
    ("authentication.k8s.io", "selfsubjectreviews tokenreviews"),
    ("authorization.k8s.io", "selfsubjectaccessreviews selfsubjectrulesreviews subjectaccessreviews"),
];
const REVIEWS_IN_NAMESPACES: [(&str, &str); 1] = [("authorization.k8s.io", "localsubjectaccessreviews")];

/// A review has no parts, and a rule about parts alone leaves it out.
fn is_review(reviews: &[(&str, &str)], group: &str, resource: &str) -> bool {
    let plain = resource.strip_suffix("/*").unwrap_or(resource);
    !plain.contains('/') && is_listed(reviews, group, plain)
}

/// Whether what a rule says means a part of a resource.
fn is_of(plain: &str, part: &str, said: &str) -> bool {
    said.split_once('/').is_some_and(|(of, said)| ["*", plain].contains(&of) && ["*", part].contains(&said))
}

/// Whether it may be what the server passes on: to pods, or to what other servers have in namespaces.
fn is_passed_on(group: &str, resource: &str) -> bool {
    let to_pods = PASSED_ON.iter().any(|part| is_of("pods", part, resource));
    ["", "*"].contains(&group) && (to_pods || is_of("services", "proxy", resource))
}

fn holds_any(rule: &AdmissionRule, is_so: impl Fn(&str, &str) -> bool) -> bool {
    rule.api_groups.iter().any(|group| rule.resources.iter().any(|resource| is_so(group, resource)))
}

fn is_namespace(group: &str, resource: &str) -> bool {
    ["", "*"].contains(&group) && ["*", "*/*", "namespaces", "namespaces/*"].contains(&resource)
}

/// Resources of servers that live in no namespace, by group, but for namespaces and for requests that store nothing.
const IN_NONE: [(&str, &str); 11] = [
    ("", "nodes persistentvolumes"),
    ("apiextensions.k8s.io", "customresourcedefinitions"),
    ("apiregistration.k8s.io", "apiservices"),
    ("certificates.k8s.io", "certificatesigningrequests"),
    ("flowcontrol.apiserver.k8s.io", "flowschemas prioritylevelconfigurations"),
    ("networking.k8s.io", "ingressclasses ipaddresses servicecidrs"),
    ("node.k8s.io", "runtimeclasses"),
    ("rbac.authorization.k8s.io", "clusterrolebindings clusterroles"),
    ("resource.k8s.io", "deviceclasses resourceslices"),
    ("scheduling.k8s.io", "priorityclasses"),
    ("storage.k8s.io", "csidrivers csinodes storageclasses volumeattachments volumeattributesclasses"),
];

/// The same of well-known projects.
const IN_NONE_OF_PROJECTS: [(&str, &str); 2] = [
    ("snapshot.storage.k8s.io", "volumesnapshotclasses volumesnapshotcontents"),
    ("groupsnapshot.storage.k8s.io", "volumegroupsnapshotclasses volumegroupsnapshotcontents"),
];

/// The groups of servers of which nothing lives in a namespace.
const GROUPS_IN_NONE: [&str; 6] = [
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "certificates.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "node.k8s.io",
    "scheduling.k8s.io",
];

/// Nobody is asked about what is in the first of these groups, and the others hold reviews, which are asked about apart.
const NO_OBJECTS: [&str; 3] =
    ["admissionregistration.k8s.io", "authentication.k8s.io", "authorization.k8s.io"];

/// Notes, which change nothing that anybody owns, and namespaces.
const NOTES: [&str; 3] = ["componentstatuses", "events", "namespaces"];

/// Parts of pods that the server passes on. They are not written.
const PASSED_ON: [&str; 4] = ["attach", "exec", "portforward", "proxy"];

/// A group and the resource without its subresource, if they may mean objects.
fn objects<'r>(group: &str, resource: &'r str) -> Option<&'r str> {
    let (plain, part) = resource.split_once('/').unwrap_or((resource, ""));
    let is_note = NOTES.contains(&plain) || part == "log" || PASSED_ON.contains(&part);
    (!NO_OBJECTS.contains(&group) && !is_note).then_some(plain)
}

fn is_listed(list: &[(&str, &str)], group: &str, resource: &str) -> bool {
    list.iter().any(|(of, resources)| {
        (group == "*" || group == *of)
            && resources.split(' ').any(|known| resource == "*" || known == resource)
    })
}

/// Whether they may mean objects in no namespace.
fn in_none(custom: &[CustomResource], group: &str, resource: &str) -> bool {
    let Some(plain) = objects(group, resource) else { return false };
    let is_defined = |it: &CustomResource| {
        !it.namespaced && (group == "*" || group == it.group) && (plain == "*" || plain == it.plural)
    };
    is_listed(&IN_NONE, group, plain)
        || plain != "*" && group != "*" && is_listed(&IN_NONE_OF_PROJECTS, group, plain)
        || custom.iter().any(is_defined)
}

/// Whether they may mean objects in namespaces, as everything does of which nothing else is known.
fn in_namespaces(custom: &[CustomResource], group: &str, resource: &str) -> bool {
    let Some(plain) = objects(group, resource) else { return false };
    if plain == "*" {
        return !GROUPS_IN_NONE.contains(&group);
    }
    let is_defined = |it: &CustomResource| (group == "*" || group == it.group) && plain == it.plural;
    let defined: Vec<bool> = custom.iter().filter(|it| is_defined(it)).map(|it| it.namespaced).collect();
    let is_of_none = is_listed(&IN_NONE, group, plain) || is_listed(&IN_NONE_OF_PROJECTS, group, plain);
    defined.contains(&true) || defined.is_empty() && !is_of_none
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use watertight_api::{Resources, SUPPORTED};

    #[test]
    fn the_lists_are_those_of_servers() {
        let all: Vec<Resources> = SUPPORTED.map(|minor| Resources::new(minor, &[])).collect();
        let resources = || all.iter().flat_map(Resources::iter);
        let writes = ["create", "update", "patch", "delete"];
        let is_object = |verbs: &[String], group: &str, plural: &str| {
            verbs.iter().any(|verb| writes.contains(&verb.as_str())) && objects(group, plural).is_some()
        };
        let in_none: BTreeSet<(&str, &str)> = resources()
            .filter(|it| !it.namespaced && is_object(&it.verbs, &it.group, &it.plural))
            .map(|it| (it.group.as_str(), it.plural.as_str()))
            .collect();
        let listed =
            IN_NONE.iter().flat_map(|(group, names)| names.split(' ').map(move |name| (*group, name)));
        assert_eq!(listed.collect::<BTreeSet<_>>(), in_none);
        let of_namespaces: BTreeSet<&str> =
            resources().filter(|it| it.namespaced).map(|it| it.group.as_str()).collect();
        let of_none = resources().map(|it| it.group.as_str()).filter(|group| !of_namespaces.contains(group));
        let of_none: BTreeSet<&str> = of_none.filter(|group| !NO_OBJECTS.contains(group)).collect();
        assert_eq!(GROUPS_IN_NONE.into_iter().collect::<BTreeSet<_>>(), of_none);
        let in_both = resources().find(|it| it.namespaced && is_listed(&IN_NONE, "*", &it.plural));
        assert!(in_both.is_none(), "a name means two things: {in_both:?}");
    }

    #[test]
    fn reviews_and_what_is_passed_on_are_told_from_objects() {
        for resource in ["tokenreviews", "*", "tokenreviews/*", "*/*"] {
            assert!(is_review(&REVIEWS, "authentication.k8s.io", resource), "{resource}");
        }
        assert!(is_review(&REVIEWS, "*", "subjectaccessreviews"));
        assert!(!is_review(&REVIEWS, "authentication.k8s.io", "tokenreviews/status"));
        assert!(!is_review(&REVIEWS, "", "tokenreviews") && !is_review(&REVIEWS, "apps", "*"));
        assert!(is_review(&REVIEWS_IN_NAMESPACES, "authorization.k8s.io", "localsubjectaccessreviews"));
        for resource in ["pods/exec", "pods/*", "*/*", "*/proxy", "services/proxy"] {
            assert!(is_passed_on("", resource), "{resource}");
        }
        assert!(!is_passed_on("", "pods") && !is_passed_on("", "*") && !is_passed_on("apps", "pods/exec"));
        assert!(is_of("nodes", "proxy", "nodes/*") && !is_of("nodes", "proxy", "nodes/status"));
    }

    #[test]
    fn what_is_not_known_is_taken_to_live_in_namespaces() {
        assert!(in_namespaces(&[], "example.com", "widgets") && !in_none(&[], "example.com", "widgets"));
        assert!(in_namespaces(&[], "*", "*") && in_none(&[], "*", "*"));
        assert!(!in_namespaces(&[], "", "nodes") && in_none(&[], "", "nodes/status"));
        assert!(!in_namespaces(&[], "", "pods/exec") && in_namespaces(&[], "apps", "deployments/scale"));
        assert!(!in_namespaces(&[], "scheduling.k8s.io", "*"));
    }
}
