//! Mutating admission: who may rewrite what a proof takes at its word, while files are applied.
//!
//! What a server serves has a `uid`, and was rewritten already. Of what stands in files alone, the proof takes namespaces,
//! policies, grants and gateways at their word. Whoever may be asked about one of those is taken to rewrite it: conditions,
//! exclusions and the labels of objects leave nobody out here.

use watertight_base::Labels;
use watertight_model::{AdmissionRule, AdmissionScope, Channel, NamespaceId, ObjectRef, Origin, Snapshot};

/// An object that stands in a file alone.
struct Written<'s> {
    object: &'s ObjectRef,
    group: &'static str,
    resource: &'static str,
    /// The labels of its namespace; `None` if they are not known, or if it is in none.
    labels: Option<&'s Labels>,
}

/// A mutating webhook configuration or policy, with an object that it may rewrite.
pub(crate) struct Rewrites<'s> {
    pub(crate) by: &'s ObjectRef,
    pub(crate) object: &'s ObjectRef,
}

/// Those in a cluster that may rewrite what the proof of a channel takes at its word.
pub(crate) fn rewrites<'s>(
    snapshot: &'s Snapshot,
    sides: &[NamespaceId],
    channel: Channel,
) -> Vec<Rewrites<'s>> {
    let written = match channel {
        Channel::Api => written_for_rights(snapshot, sides),
        _ => written(snapshot, sides),
    };
    let mut found = Vec::new();
    let mut look = |by: &'s ObjectRef, scopes: &[&AdmissionScope]| {
        let object = written.iter().find(|object| scopes.iter().all(|scope| may_be_asked(scope, object)));
        found.extend(object.map(|object| Rewrites { by, object: object.object }));
    };
    for configuration in snapshot.webhook_configurations.iter().filter(|found| found.mutates) {
        for webhook in &configuration.webhooks {
            look(&configuration.origin.object, &[&webhook.about]);
        }
    }
    for binding in &snapshot.mutating_policy_bindings {
        for policy in &snapshot.mutating_policies {
            if policy.origin.object.name == binding.policy {
                let scopes: Vec<&AdmissionScope> =
                    std::iter::once(&policy.about).chain(&binding.about).collect();
                look(&policy.origin.object, &scopes);
            }
        }
    }
    found
}

/// What the API takes at its word: namespaces, roles, bindings, and the Secrets of both sides.
fn written_for_rights<'s>(snapshot: &'s Snapshot, sides: &[NamespaceId]) -> Vec<Written<'s>> {
    let labels = |object: &ObjectRef| {
        let id = object.namespace.as_deref().and_then(|name| snapshot.namespace_named(name))?;
        snapshot.namespace(id).labels.as_ref()
    };
    let mut all = Vec::new();
    let mut add = |object: &'s ObjectRef, group, of_namespace, of_cluster| {
        if object.uid.is_none() {
            let resource = if object.namespace.is_some() { of_namespace } else { of_cluster };
            all.push(Written { object, group, resource, labels: labels(object) });
        }
    };
    let rbac = "rbac.authorization.k8s.io";
    for role in &snapshot.roles {
        add(&role.object, rbac, "roles", "clusterroles");
    }
    for binding in &snapshot.role_bindings {
        add(&binding.object, rbac, "rolebindings", "clusterrolebindings");
    }
    for secret in &snapshot.secrets {
        let id = secret.object.namespace.as_deref().and_then(|name| snapshot.namespace_named(name));
        if id.is_some_and(|id| sides.contains(&id)) {
            add(&secret.object, "", "secrets", "secrets");
        }
    }
    all.extend(namespaces(snapshot, sides));
    all
}

fn namespaces<'s>(snapshot: &'s Snapshot, sides: &[NamespaceId]) -> impl Iterator<Item = Written<'s>> {
    sides.iter().filter_map(|&id| {
        let namespace = snapshot.namespace(id);
        let object = &namespace.origin.as_ref()?.object;
        let labels = namespace.labels.as_ref();
        object.uid.is_none().then_some(Written { object, group: "", resource: "namespaces", labels })
    })
}

fn written<'s>(snapshot: &'s Snapshot, sides: &[NamespaceId]) -> Vec<Written<'s>> {
    let mut all: Vec<Written<'s>> = namespaces(snapshot, sides).collect();
    let mut add = |origin: &'s Origin, (group, resource), id: Option<NamespaceId>| {
        if origin.object.uid.is_none() {
            let labels = id.and_then(|id| snapshot.namespace(id).labels.as_ref());
            all.push(Written { object: &origin.object, group, resource, labels });
        }
    };
    for policy in snapshot.policies.iter().filter(|policy| sides.contains(&policy.namespace)) {
        add(&policy.origin, ("networking.k8s.io", "networkpolicies"), Some(policy.namespace));
    }
    for policy in &snapshot.cluster_policies {
        let resource = match policy.origin.object.kind.as_str() {
            "AdminNetworkPolicy" => "adminnetworkpolicies",
            "BaselineAdminNetworkPolicy" => "baselineadminnetworkpolicies",
            _ => "clusternetworkpolicies",
        };
        add(&policy.origin, ("policy.networking.k8s.io", resource), None);
    }
    for grant in snapshot.reference_grants.iter().filter(|grant| sides.contains(&grant.namespace)) {
        add(&grant.origin, ("gateway.networking.k8s.io", "referencegrants"), Some(grant.namespace));
    }
    for gateway in &snapshot.gateways {
        add(&gateway.origin, ("gateway.networking.k8s.io", "gateways"), Some(gateway.namespace));
    }
    for set in &snapshot.listener_sets {
        add(&set.origin, ("gateway.networking.k8s.io", "listenersets"), Some(set.namespace));
    }
    all
}

fn may_be_asked(scope: &AdmissionScope, object: &Written<'_>) -> bool {
    scope.rules.iter().any(|rule| is_about(rule, object))
        && object.labels.is_none_or(|labels| scope.namespaces.matches(labels))
}

fn is_about(rule: &AdmissionRule, object: &Written<'_>) -> bool {
    let says = |list: &[String], words: &[&str]| list.iter().any(|word| words.contains(&word.as_str()));
    says(&rule.operations, &["*", "CREATE", "UPDATE"])
        && says(&rule.api_groups, &["*", object.group])
        && says(&rule.resources, &["*", "*/*", object.resource])
        && (rule.names.is_empty() || rule.names.contains(&object.object.name))
}
