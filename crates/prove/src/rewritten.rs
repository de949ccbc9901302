//! Objects of files that mutating admission may rewrite while they are applied, so that what will be in force is another.
//!
//! What a server serves was admitted already: an object with a `uid` is as it is. Of what is only written in files, it
//! matters where the proof takes the object at its word:
//!
//! - The network takes namespaces, network policies, grants and gateways so. It does not take pods, Services, endpoints,
//!   Ingresses and routes so: it asks about every pod that could be there, under any labels that Pod Security admits (which
//!   is decided after everything is rewritten), about any node port, and about every object by which a proxy could be led.
//!   So webhooks for sidecars are no blind spot.
//! - What must work is asked of the pods of today, so that there pods count too.
//! - The api channel takes roles, bindings, Secrets and namespaces so.
//!
//! A webhook that only validates adds nothing: no proof rests on what one refuses.

use std::collections::BTreeSet;
use watertight_admission::{Asked, Request, asked};
use watertight_base::{Labels, Span};
use watertight_model::{
    AdmissionScope, BlindScope, BlindSpot, Channel, Namespace, NamespaceId, ObjectRef, Snapshot,
};

/// For the network, between the namespaces of two sides.
pub(crate) fn of_network(snapshot: &Snapshot, sides: [&[NamespaceId]; 2]) -> Vec<BlindSpot> {
    let of_a_side: BTreeSet<NamespaceId> = sides.into_iter().flatten().copied().collect();
    let written = Written::new(snapshot);
    let objects = written.namespaces(&of_a_side).chain(written.fences(&of_a_side)).chain(written.gateways());
    blind_spots(snapshot, &objects.collect::<Vec<_>>(), &[Channel::Network])
}

/// For connections that must pass between pods of some namespaces.
pub(crate) fn of_needs(snapshot: &Snapshot, namespaces: &BTreeSet<NamespaceId>) -> Vec<BlindSpot> {
    let written = Written::new(snapshot);
    let objects =
        written.namespaces(namespaces).chain(written.fences(namespaces)).chain(written.pods(namespaces));
    blind_spots(snapshot, &objects.collect::<Vec<_>>(), &[Channel::Network])
}

/// For the API.
pub(crate) fn of_api(snapshot: &Snapshot, sides: [&[NamespaceId]; 2]) -> Vec<BlindSpot> {
    let of_a_side: BTreeSet<NamespaceId> = sides.into_iter().flatten().copied().collect();
    let written = Written::new(snapshot);
    let objects = written.namespaces(&of_a_side).chain(written.roles()).chain(written.secrets(&of_a_side));
    blind_spots(snapshot, &objects.collect::<Vec<_>>(), &[Channel::Api])
}

/// An object that stands in a file alone.
#[derive(Debug, Clone, Copy)]
struct Object<'s> {
    object: &'s ObjectRef,
    group: &'static str,
    resource: &'static str,
    namespace: Option<&'s Namespace>,
    labels: Option<&'s Labels>,
}

/// What stands in files alone.
struct Written<'s> {
    snapshot: &'s Snapshot,
}

impl<'s> Written<'s> {
    fn new(snapshot: &'s Snapshot) -> Self {
        Self { snapshot }
    }

    fn object(
        &self,
        object: &'s ObjectRef,
        (group, resource): (&'static str, &'static str),
        labels: Option<&'s Labels>,
    ) -> Option<Object<'s>> {
        if object.uid.is_some() {
            return None;
        }
        let id = object.namespace.as_deref().and_then(|name| self.snapshot.namespace_named(name));
        let namespace = id.map(|id| self.snapshot.namespace(id));
        Some(Object { object, group, resource, namespace, labels })
    }

    fn namespaces(&self, of: &BTreeSet<NamespaceId>) -> impl Iterator<Item = Object<'s>> {
        let snapshot = self.snapshot;
        of.iter().filter_map(move |&id| {
            let namespace = snapshot.namespace(id);
            let object = &namespace.origin.as_ref().filter(|origin| origin.object.uid.is_none())?.object;
            let labels = namespace.labels.as_ref();
            let (group, resource) = ("", "namespaces");
            Some(Object { object, group, resource, namespace: Some(namespace), labels })
        })
    }

    /// Policies, the administrator's too, and what lets routes into a namespace.
    fn fences(&self, of: &BTreeSet<NamespaceId>) -> impl Iterator<Item = Object<'s>> {
        let policies = self.snapshot.policies.iter().filter(|policy| of.contains(&policy.namespace));
        let policies = policies.filter_map(|policy| {
            self.object(&policy.origin.object, ("networking.k8s.io", "networkpolicies"), None)
        });
        let of_cluster = self.snapshot.cluster_policies.iter().filter_map(|policy| {
            let resource = match policy.origin.object.kind.as_str() {
                "AdminNetworkPolicy" => "adminnetworkpolicies",
                "BaselineAdminNetworkPolicy" => "baselineadminnetworkpolicies",
                _ => "clusternetworkpolicies",
            };
            self.object(&policy.origin.object, ("policy.networking.k8s.io", resource), None)
        });
        let grants = self.snapshot.reference_grants.iter().filter(|grant| of.contains(&grant.namespace));
        let grants = grants.filter_map(|grant| {
            self.object(&grant.origin.object, ("gateway.networking.k8s.io", "referencegrants"), None)
        });
        policies.chain(of_cluster).chain(grants).collect::<Vec<_>>().into_iter()
    }

    /// Gateways say which routes may attach, in whatever namespace they are.
    fn gateways(&self) -> impl Iterator<Item = Object<'s>> {
        let group = "gateway.networking.k8s.io";
        let gateways = self
            .snapshot
            .gateways
            .iter()
            .filter_map(|gateway| self.object(&gateway.origin.object, (group, "gateways"), None));
        let sets = self
            .snapshot
            .listener_sets
            .iter()
            .filter_map(|set| self.object(&set.origin.object, (group, "listenersets"), None));
        gateways.chain(sets).collect::<Vec<_>>().into_iter()
    }

    fn pods(&self, of: &BTreeSet<NamespaceId>) -> impl Iterator<Item = Object<'s>> {
        let pods = self.snapshot.pods.iter().filter(|pod| of.contains(&pod.namespace));
        pods.filter_map(|pod| self.object(&pod.origin.object, ("", "pods"), Some(&pod.labels)))
            .collect::<Vec<_>>()
            .into_iter()
    }

    fn roles(&self) -> impl Iterator<Item = Object<'s>> {
        let group = "rbac.authorization.k8s.io";
        let named = |object: &'s ObjectRef, of_namespace: &'static str, of_cluster: &'static str| {
            let resource = if object.namespace.is_some() { of_namespace } else { of_cluster };
            (object, (group, resource))
        };
        let roles = self
            .snapshot
            .roles
            .iter()
            .map(|role| (named(&role.object, "roles", "clusterroles"), Some(&role.labels)));
        let bindings = self
            .snapshot
            .role_bindings
            .iter()
            .map(|binding| (named(&binding.object, "rolebindings", "clusterrolebindings"), None));
        roles
            .chain(bindings)
            .filter_map(|((object, resource), labels)| self.object(object, resource, labels))
            .collect::<Vec<_>>()
            .into_iter()
    }

    fn secrets(&self, of: &BTreeSet<NamespaceId>) -> impl Iterator<Item = Object<'s>> {
        let is_of = |object: &ObjectRef| {
            let id = object.namespace.as_deref().and_then(|name| self.snapshot.namespace_named(name));
            id.is_some_and(|id| of.contains(&id))
        };
        let secrets = self.snapshot.secrets.iter().filter(|secret| is_of(&secret.object));
        secrets
            .filter_map(|secret| self.object(&secret.object, ("", "secrets"), None))
            .collect::<Vec<_>>()
            .into_iter()
    }
}

/// One for each webhook configuration and each binding of a policy that may rewrite some of these objects.
fn blind_spots(snapshot: &Snapshot, objects: &[Object<'_>], hides: &'static [Channel]) -> Vec<BlindSpot> {
    let mut spots = Vec::new();
    for configuration in snapshot.webhook_configurations.iter().filter(|found| found.mutates) {
        let is_asked = |object: &Object<'_>| {
            configuration.webhooks.iter().any(|webhook| may_rewrite(&[&webhook.about], object))
        };
        let origin = &configuration.origin;
        spots.extend(blind_spot((&origin.object, origin.span), objects, is_asked, hides));
    }
    // What is refused may be there on a server of another version.
    for binding in &snapshot.mutating_policy_bindings {
        let policies = snapshot.mutating_policies.iter();
        for policy in policies.filter(|policy| policy.origin.object.name == binding.policy) {
            let scopes: Vec<&AdmissionScope> = std::iter::once(&policy.about).chain(&binding.about).collect();
            let is_asked = |object: &Object<'_>| may_rewrite(&scopes, object);
            let origin = &policy.origin;
            spots.extend(blind_spot((&origin.object, origin.span), objects, is_asked, hides));
        }
    }
    spots.sort();
    spots.dedup();
    spots
}

fn may_rewrite(scopes: &[&AdmissionScope], object: &Object<'_>) -> bool {
    let request = Request {
        operations: &["CREATE", "UPDATE"],
        group: object.group,
        resource: object.resource,
        namespace: object.namespace,
        labels: object.labels,
        name: Some(&object.object.name),
    };
    scopes.iter().all(|scope| asked(scope, &request) > Asked::No)
}

fn blind_spot(
    (by, span): (&ObjectRef, Span),
    objects: &[Object<'_>],
    is_asked: impl Fn(&Object<'_>) -> bool,
    hides: &'static [Channel],
) -> Option<BlindSpot> {
    let rewritten: Vec<&Object<'_>> = objects.iter().filter(|object| is_asked(object)).collect();
    let first = rewritten.first()?.object;
    let more = match rewritten.len() {
        1 => String::new(),
        count => format!(", the first of {count} objects of the input,"),
    };
    Some(BlindSpot {
        rule: "rewritten-on-apply",
        reason: format!(
            "{by} may rewrite {first}{more} while it is applied, and what it makes of it is not known"
        ),
        object: Some(by.clone()),
        span: Some(span),
        help: format!(
            "prove what `kubectl get -o yaml` prints, which is rewritten already; or say why it does no harm: `--accept {}=REASON`",
            by.kind
        ),
        scope: BlindScope::Everything,
        hides,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use watertight_base::Source;
    use watertight_ingest::{Options, read};

    const NAMESPACES: &str = "apiVersion: v1\nkind: Namespace\nmetadata: {name: staging}\n---\n\
        apiVersion: v1\nkind: Namespace\nmetadata: {name: production, labels: {env: production}}\n---\n";
    const POLICY: &str = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n\
        metadata: {name: deny, namespace: production}\nspec: {podSelector: {}}\n---\n";
    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: db, namespace: production}\n\
        spec: {containers: [{name: c, image: i}]}\n---\n";

    /// A mutating webhook for a resource.
    fn webhook(kind: &str, group: &str, resource: &str, more: &str) -> String {
        format!(
            "apiVersion: admissionregistration.k8s.io/v1\nkind: {kind}\nmetadata: {{name: w}}\n\
             webhooks: [{{name: w.example.com, sideEffects: None, admissionReviewVersions: [v1], {more}\
             clientConfig: {{service: {{namespace: shared, name: hook}}}}, \
             rules: [{{operations: ['*'], apiGroups: ['{group}'], apiVersions: ['*'], resources: ['{resource}']}}]}}]\n---\n"
        )
    }

    /// How many blind spots there are for the network, for needs and for the API.
    fn found(manifests: &[&str]) -> [usize; 3] {
        let source = Source { name: "a.yaml".into(), bytes: manifests.concat().into_bytes() };
        let ingested = read(&[source], &Options { default_namespace: "default".into(), values: true });
        assert_eq!(ingested.diagnostics, []);
        let snapshot = ingested.snapshot;
        let id = |name: &str| snapshot.namespace_named(name).unwrap();
        let (from, to) = ([id("staging")], [id("production")]);
        let sides: [&[NamespaceId]; 2] = [&from, &to];
        let both: BTreeSet<NamespaceId> = from.into_iter().chain(to).collect();
        let network = of_network(&snapshot, sides);
        [network.len(), of_needs(&snapshot, &both).len(), of_api(&snapshot, sides).len()]
    }

    #[test]
    fn pods_count_for_what_must_work_alone() {
        let sidecars = webhook("MutatingWebhookConfiguration", "", "pods", "");
        assert_eq!(found(&[NAMESPACES, POLICY, POD, &sidecars]), [0, 1, 0]);
        let validates = webhook("ValidatingWebhookConfiguration", "*", "*", "");
        assert_eq!(found(&[NAMESPACES, POLICY, POD, &validates]), [0, 0, 0]);
    }

    #[test]
    fn fences_count_unless_they_are_live_or_left_out() {
        let rewrites = |more: &str| webhook("MutatingWebhookConfiguration", "networking.k8s.io", "*", more);
        assert_eq!(found(&[NAMESPACES, POLICY, &rewrites("")]), [1, 1, 0]);
        assert_eq!(found(&[NAMESPACES, &rewrites("")]), [0, 0, 0]);
        let live = POLICY.replace("{name: deny", "{uid: 1-2, name: deny");
        assert_eq!(found(&[NAMESPACES, &live, &rewrites("")]), [0, 0, 0]);
        let elsewhere = rewrites("namespaceSelector: {matchLabels: {env: test}}, ");
        assert_eq!(found(&[NAMESPACES, POLICY, &elsewhere]), [0, 0, 0]);
        let here = rewrites("namespaceSelector: {matchLabels: {env: production}}, ");
        assert_eq!(found(&[NAMESPACES, POLICY, &here]), [1, 1, 0]);
        let labelled = rewrites("objectSelector: {matchLabels: {app: any}}, ");
        assert_eq!(found(&[NAMESPACES, POLICY, &labelled]), [1, 1, 0]);
    }

    #[test]
    fn namespaces_and_roles_count_too() {
        assert_eq!(
            found(&[NAMESPACES, &webhook("MutatingWebhookConfiguration", "", "namespaces", "")]),
            [1, 1, 1]
        );
        let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\nrules: []\n---\n";
        let rewrites = webhook("MutatingWebhookConfiguration", "rbac.authorization.k8s.io", "*", "");
        assert_eq!(found(&[NAMESPACES, role, &rewrites]), [0, 0, 1]);
        assert_eq!(found(&[NAMESPACES, &rewrites]), [0, 0, 0]);
    }

    #[test]
    fn a_policy_counts_once_it_is_bound_and_where_both_are_about_it() {
        let policy = "apiVersion: admissionregistration.k8s.io/v1\nkind: MutatingAdmissionPolicy\nmetadata: {name: p}\n\
            spec: {reinvocationPolicy: Never, mutations: [{patchType: JSONPatch}], matchConstraints: {resourceRules: \
            [{operations: [CREATE], apiGroups: ['*'], apiVersions: ['*'], resources: [networkpolicies]}]}}\n---\n";
        let binding = |more: &str| {
            format!(
                "apiVersion: admissionregistration.k8s.io/v1\nkind: MutatingAdmissionPolicyBinding\n\
                 metadata: {{name: b}}\nspec: {{policyName: p{more}}}\n---\n"
            )
        };
        assert_eq!(found(&[NAMESPACES, POLICY, policy]), [0, 0, 0]);
        assert_eq!(found(&[NAMESPACES, POLICY, policy, &binding("")]), [1, 1, 0]);
        let elsewhere = binding(", matchResources: {namespaceSelector: {matchLabels: {env: test}}}");
        assert_eq!(found(&[NAMESPACES, POLICY, policy, &elsewhere]), [0, 0, 0]);
    }
}
