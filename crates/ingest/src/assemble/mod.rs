//! From the objects of all sources to one snapshot.

mod blind_spots;
mod duplicates;
mod forwarded;
mod namespaces;
mod other_kinds;
mod priorities;
mod rollup;

use crate::Ingested;
use crate::hidden;
use crate::read::{Body, Found, LivePod, Workload};
use crate::source::SourceRead;
use std::collections::BTreeMap;
use watertight_base::{Diagnostic, Span};
use watertight_model::{
    Endpoints, Gateway, HeldValue, Ingress, ListenerSet, NamespaceId, NetworkAttachment, NetworkPolicy,
    ObjectRef, Origin, ReferenceGrant, Route, Service, Settings, Snapshot,
};

/// Puts the sources together, in their order.
pub(crate) fn assemble(sources: Vec<SourceRead>) -> Ingested {
    let mut snapshot = Snapshot::default();
    let mut diagnostics = Vec::new();
    let mut found = Vec::new();
    let mut hidden = Vec::new();
    for source in sources {
        found.extend(source.found);
        snapshot.blind_spots.extend(source.blind_spots);
        diagnostics.extend(source.diagnostics);
        hidden.extend(source.hidden);
    }
    snapshot.kinds = kinds(&found);
    let found = duplicates::merge(found, &mut diagnostics, &mut snapshot.blind_spots);
    priorities::report(&found, &mut diagnostics);
    blind_spots::collect(&found, &mut snapshot.blind_spots);
    forwarded::collect(&found, &mut snapshot.blind_spots);
    snapshot.namespaces = namespaces::collect(&found);
    snapshot.settings = environments(&found);
    let found = rollup::pods(&mut snapshot, found);
    fill(&mut snapshot, found);
    snapshot.other_kinds = other_kinds::collect(&snapshot);
    snapshot.blind_spots.sort();
    // One place is reported once, however many aliases lead there.
    diagnostics.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.cmp(b)));
    diagnostics.dedup();
    Ingested { snapshot, diagnostics, hidden: hidden::disjoint(hidden) }
}

fn place(diagnostic: &Diagnostic) -> Option<Span> {
    diagnostic.at.as_ref().map(|(span, _)| *span)
}

fn kinds(found: &[Found]) -> BTreeMap<String, usize> {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for object in found {
        *kinds.entry(object.origin.object.kind.as_str()).or_default() += 1;
    }
    kinds.into_iter().map(|(kind, count)| (kind.to_owned(), count)).collect()
}

/// What the containers of each object get as their environment, if that was read.
fn environments(found: &[Found]) -> Vec<Settings> {
    let environment = |object: &Found| {
        let (body, template) = match &object.body {
            Body::Pod(LivePod { body, .. }) => (body, ""),
            Body::Workload(Workload { body, template, .. }) => (body, *template),
            _ => return None,
        };
        let values = body.environment.iter().cloned();
        let values: Vec<HeldValue> =
            values.map(|value| HeldValue { path: format!("{template}{}", value.path), ..value }).collect();
        (!values.is_empty()).then(|| Settings { object: object.origin.object.clone(), values })
    };
    found.iter().filter_map(environment).collect()
}

/// The index of the namespace that an object lives in.
fn namespace_of(snapshot: &Snapshot, object: &Found) -> NamespaceId {
    let name = object.origin.object.namespace.as_deref().unwrap_or_default();
    // The namespaces were collected from these very objects.
    snapshot.namespace_named(name).unwrap_or(NamespaceId(0))
}

/// Moves everything but pods, which are there already, and namespaces into the snapshot.
fn fill(snapshot: &mut Snapshot, found: Vec<Found>) {
    let mut versions = Vec::new();
    for object in found {
        let namespace = namespace_of(snapshot, &object);
        match object.body {
            Body::Node(read) => {
                versions.extend(read.kubelet);
                snapshot.nodes.push(read.node);
            }
            Body::Service(service) => snapshot.services.push(Service { namespace, ..service }),
            Body::Endpoints(endpoints) => snapshot.endpoints.push(Endpoints { namespace, ..endpoints }),
            Body::Ingress(ingress) => snapshot.ingresses.push(Ingress { namespace, ..ingress }),
            Body::IngressClass(class) => snapshot.ingress_classes.push(class),
            Body::GatewayClass(class) => snapshot.gateway_classes.push(class),
            Body::Gateway(gateway) => snapshot.gateways.push(Gateway { namespace, ..gateway }),
            Body::ListenerSet(set) => snapshot.listener_sets.push(ListenerSet { namespace, ..set }),
            Body::Route(route) => snapshot.routes.push(Route { namespace, ..route }),
            Body::ReferenceGrant(grant) => {
                snapshot.reference_grants.push(ReferenceGrant { namespace, ..grant });
            }
            Body::NetworkAttachment(network) => {
                snapshot.network_attachments.push(NetworkAttachment { namespace, ..network });
            }
            Body::ClusterPolicy(read) => snapshot.cluster_policies.push(read.policy),
            Body::Policy(policy) => snapshot.policies.push(NetworkPolicy { namespace, ..policy }),
            Body::Role(role) => snapshot.roles.push(role),
            Body::RoleBinding(binding) => snapshot.role_bindings.push(binding),
            Body::ServiceAccount(account) => snapshot.service_accounts.push(account),
            Body::Secret(secret) => snapshot.secrets.push(secret),
            Body::ConfigMap(settings) => snapshot.settings.push(settings),
            Body::CustomResource(resource) => snapshot.custom_resources.push(resource),
            Body::Webhooks(configuration) => snapshot.webhook_configurations.push(configuration),
            Body::MutatingPolicy(policy) => snapshot.mutating_policies.push(policy),
            Body::MutatingPolicyBinding(binding) => snapshot.mutating_policy_bindings.push(binding),
            Body::ApiService(service) => snapshot.api_services.push(service),
            Body::AdmissionPolicy(policy) => snapshot.admission_policies.push(*policy),
            Body::AdmissionPolicyBinding(binding) => snapshot.admission_policy_bindings.push(*binding),
            Body::Namespace(..) | Body::Pod(_) | Body::Workload(_) | Body::Unclear(_) | Body::Other(_) => {}
        }
    }
    snapshot.kubernetes_version = versions.into_iter().min().map(|(major, minor)| format!("{major}.{minor}"));
    sort(snapshot);
}

/// Puts everything but pods and namespaces in order, whatever the order of the input.
fn sort(snapshot: &mut Snapshot) {
    fn by_name<T>(objects: &mut [T], origin: fn(&T) -> &Origin) {
        objects.sort_by(|a, b| {
            let (a, b) = (origin(a), origin(b));
            let (this, that) = (&a.object, &b.object);
            (&this.namespace, &this.name, a).cmp(&(&that.namespace, &that.name, b))
        });
    }
    fn by_object<T>(objects: &mut [T], key: fn(&T) -> (&ObjectRef, Option<Span>)) {
        objects.sort_by(|a, b| {
            let ((this, here), (that, there)) = (key(a), key(b));
            (&this.namespace, &this.name, this, here).cmp(&(&that.namespace, &that.name, that, there))
        });
    }
    by_name(&mut snapshot.nodes, |node| &node.origin);
    by_name(&mut snapshot.services, |service| &service.origin);
    by_name(&mut snapshot.endpoints, |endpoints| &endpoints.origin);
    by_name(&mut snapshot.ingresses, |ingress| &ingress.origin);
    by_name(&mut snapshot.ingress_classes, |class| &class.origin);
    by_name(&mut snapshot.gateway_classes, |class| &class.origin);
    by_name(&mut snapshot.gateways, |gateway| &gateway.origin);
    by_name(&mut snapshot.listener_sets, |set| &set.origin);
    by_name(&mut snapshot.routes, |route| &route.origin);
    by_name(&mut snapshot.reference_grants, |grant| &grant.origin);
    by_name(&mut snapshot.network_attachments, |network| &network.origin);
    by_name(&mut snapshot.policies, |policy| &policy.origin);
    by_name(&mut snapshot.custom_resources, |resource| &resource.origin);
    by_name(&mut snapshot.webhook_configurations, |configuration| &configuration.origin);
    by_name(&mut snapshot.mutating_policies, |policy| &policy.origin);
    by_name(&mut snapshot.mutating_policy_bindings, |binding| &binding.origin);
    by_name(&mut snapshot.api_services, |service| &service.origin);
    by_name(&mut snapshot.admission_policies, |policy| &policy.origin);
    by_name(&mut snapshot.admission_policy_bindings, |binding| &binding.origin);
    // Without a namespace comes first: what is of the whole cluster.
    by_object(&mut snapshot.roles, |role| (&role.object, role.span));
    by_object(&mut snapshot.role_bindings, |binding| (&binding.object, binding.span));
    by_object(&mut snapshot.secrets, |secret| (&secret.object, Some(secret.span)));
    let place = |settings: &Settings| settings.values.first().map(|value| value.span);
    snapshot.settings.sort_by(|a, b| {
        let (this, that) = (&a.object, &b.object);
        (&this.namespace, &this.name, this, place(a)).cmp(&(&that.namespace, &that.name, that, place(b)))
    });
    by_object(&mut snapshot.service_accounts, |account| (&account.object, Some(account.span)));
    snapshot.cluster_policies.sort_by(|a, b| priorities::order(a).cmp(&priorities::order(b)));
}
