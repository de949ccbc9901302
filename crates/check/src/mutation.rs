//! Mutating admission: who may rewrite what a proof takes at its word, while files are applied.
//!
//! What a server serves has a `uid`, and was rewritten already. Of what stands in files alone, the proof takes namespaces,
//! policies, grants, gateways, roles, bindings and Secrets at their word. Whoever may be asked about one of those is taken to
//! rewrite it.

use watertight_base::{Labels, Selector};
use watertight_model::{
    AdmissionRule, AdmissionScope, Channel, Namespace, NamespaceId, ObjectRef, ResourceScope, Snapshot,
};

/// An object that stands in a file alone.
struct Written<'s> {
    object: &'s ObjectRef,
    group: &'static str,
    resource: &'static str,
    /// Its namespace, or the Namespace that it is; `None` if it is in none.
    namespace: Option<&'s Namespace>,
    /// Its labels; `None` if nothing here asks for them.
    labels: Option<&'s Labels>,
}

/// A mutating webhook configuration or policy, with an object that it may rewrite.
pub(crate) struct Rewrites<'s> {
    pub(crate) by: &'s ObjectRef,
    pub(crate) object: &'s ObjectRef,
}

/// Those in a cluster that may rewrite what a channel's proof takes at its word.
pub(crate) fn rewrites<'s>(
    snapshot: &'s Snapshot,
    sides: &[NamespaceId],
    channel: Channel,
) -> Vec<Rewrites<'s>> {
    let written = match channel {
        Channel::Network => of_network(snapshot, sides),
        _ => of_api(snapshot, sides),
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

/// Collects what is in files alone.
struct Collector<'s> {
    snapshot: &'s Snapshot,
    all: Vec<Written<'s>>,
}

impl<'s> Collector<'s> {
    /// With the namespaces themselves.
    fn with_namespaces(snapshot: &'s Snapshot, sides: &[NamespaceId]) -> Self {
        let mut collector = Self { snapshot, all: Vec::new() };
        for namespace in sides.iter().map(|&id| snapshot.namespace(id)) {
            if let Some(origin) = &namespace.origin {
                collector.add_in(
                    &origin.object,
                    ("", "namespaces"),
                    Some(namespace),
                    namespace.labels.as_ref(),
                );
            }
        }
        collector
    }

    fn add(&mut self, object: &'s ObjectRef, of: (&'static str, &'static str)) {
        self.add_labelled(object, of, None);
    }

    fn add_labelled(
        &mut self,
        object: &'s ObjectRef,
        of: (&'static str, &'static str),
        labels: Option<&'s Labels>,
    ) {
        let id = object.namespace.as_deref().and_then(|name| self.snapshot.namespace_named(name));
        self.add_in(object, of, id.map(|id| self.snapshot.namespace(id)), labels);
    }

    fn add_in(
        &mut self,
        object: &'s ObjectRef,
        (group, resource): (&'static str, &'static str),
        namespace: Option<&'s Namespace>,
        labels: Option<&'s Labels>,
    ) {
        if object.uid.is_none() {
            self.all.push(Written { object, group, resource, namespace, labels });
        }
    }
}

fn of_network<'s>(snapshot: &'s Snapshot, sides: &[NamespaceId]) -> Vec<Written<'s>> {
    let mut collector = Collector::with_namespaces(snapshot, sides);
    for policy in snapshot.policies.iter().filter(|policy| sides.contains(&policy.namespace)) {
        collector.add(&policy.origin.object, ("networking.k8s.io", "networkpolicies"));
    }
    for policy in &snapshot.cluster_policies {
        let resource = match policy.origin.object.kind.as_str() {
            "AdminNetworkPolicy" => "adminnetworkpolicies",
            "BaselineAdminNetworkPolicy" => "baselineadminnetworkpolicies",
            _ => "clusternetworkpolicies",
        };
        collector.add(&policy.origin.object, ("policy.networking.k8s.io", resource));
    }
    let group = "gateway.networking.k8s.io";
    for grant in snapshot.reference_grants.iter().filter(|grant| sides.contains(&grant.namespace)) {
        collector.add(&grant.origin.object, (group, "referencegrants"));
    }
    for gateway in &snapshot.gateways {
        collector.add(&gateway.origin.object, (group, "gateways"));
    }
    for set in &snapshot.listener_sets {
        collector.add(&set.origin.object, (group, "listenersets"));
    }
    collector.all
}

/// The api channel takes roles, bindings and Secrets at their word.
fn of_api<'s>(snapshot: &'s Snapshot, sides: &[NamespaceId]) -> Vec<Written<'s>> {
    let mut collector = Collector::with_namespaces(snapshot, sides);
    let group = "rbac.authorization.k8s.io";
    for role in &snapshot.roles {
        let resource = if role.object.namespace.is_some() { "roles" } else { "clusterroles" };
        collector.add_labelled(&role.object, (group, resource), Some(&role.labels));
    }
    for binding in &snapshot.role_bindings {
        let is_of_cluster = binding.object.namespace.is_none();
        let resource = if is_of_cluster { "clusterrolebindings" } else { "rolebindings" };
        collector.add(&binding.object, (group, resource));
    }
    for secret in &snapshot.secrets {
        let name = secret.object.namespace.as_deref();
        if sides.iter().any(|&id| Some(snapshot.namespace(id).name.as_str()) == name) {
            collector.add(&secret.object, ("", "secrets"));
        }
    }
    collector.all
}

/// Whether the server may ask about an object when it is made or changed. Conditions in CEL leave nothing out here.
fn may_be_asked(scope: &AdmissionScope, object: &Written<'_>) -> bool {
    let is_asked = |operation: &str| {
        let is_about = |rule: &AdmissionRule| is_about(rule, object, operation);
        scope.rules.iter().any(is_about) && !scope.excluded.iter().any(is_about)
    };
    (is_asked("CREATE") || is_asked("UPDATE"))
        && object.namespace.is_none_or(|namespace| may_select(&scope.namespaces, namespace))
        && object.labels.is_none_or(|labels| scope.objects.matches(labels))
}

fn is_about(rule: &AdmissionRule, object: &Written<'_>, operation: &str) -> bool {
    let says = |list: &[String], words: &[&str]| list.iter().any(|word| words.contains(&word.as_str()));
    let is_namespaced = object.namespace.is_some() && object.resource != "namespaces";
    let is_there = match rule.scope {
        ResourceScope::Any => true,
        ResourceScope::Namespaced => is_namespaced,
        ResourceScope::Cluster => !is_namespaced,
    };
    let with_its_parts = format!("{}/*", object.resource);
    is_there
        && says(&rule.operations, &["*", operation])
        && says(&rule.api_groups, &["*", object.group])
        && says(&rule.resources, &["*", "*/*", object.resource, &with_its_parts])
        && (rule.names.is_empty() || rule.names.contains(&object.object.name))
}

/// Whether a namespace may be selected. Of one without an object, or with one that may not be there, only the label with its name is known.
pub(crate) fn may_select(selector: &Selector, namespace: &Namespace) -> bool {
    let own = Labels::from([(Namespace::NAME_LABEL.to_owned(), namespace.name.clone())]);
    selector.requirements.iter().all(|requirement| match namespace.sure_labels() {
        Some(labels) => requirement.matches(labels),
        None => requirement.key != Namespace::NAME_LABEL || requirement.matches(&own),
    })
}
