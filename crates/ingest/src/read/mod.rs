//! From documents to objects: what each is, and what was read of it.

mod admission_policy;
mod admission_scope;
mod api_service;
mod bearer;
mod called;
mod certificate;
mod cluster_policy;
mod config_map;
mod container;
mod container_port;
mod contents;
mod custom_resource;
mod custom_resource_definition;
mod dead_rule;
mod dialect;
mod endpoint_slice;
mod endpoints;
mod environment;
mod field;
mod gateway;
mod ingress;
mod ingress_class;
mod list;
mod listener;
mod match_resources;
mod metadata;
mod mutating_policy;
mod namespace;
mod network_attachment;
mod network_policy;
mod node;
mod node_affinity;
mod owners;
mod params;
mod passing;
mod pod;
mod pod_body;
mod policy_head;
mod policy_port;
mod policy_rule;
mod probe;
mod reference;
mod reference_grant;
mod registry;
mod role;
mod role_binding;
mod role_rule;
mod route;
mod scheduling;
mod secret;
mod selector;
mod service;
mod service_account;
mod service_rules;
mod tier_port;
mod tier_rule;
mod webhook_configuration;
mod workload;

pub(crate) use cluster_policy::ReadClusterPolicy;
pub(crate) use metadata::{Owner, WrittenLabels};
pub(crate) use node::ReadNode;
pub(crate) use pod::LivePod;
pub(crate) use pod_body::PodBody;
pub(crate) use workload::Workload;

use crate::Options;
use crate::context::{Context, Unclear};
use crate::hidden;
use crate::kinds::{Class, Evaluated, EvaluatedKind, classify, is_of_the_api, not_evaluated_yet};
use crate::kustomization::{self, Listing, SourceNames};
use crate::rules;
use crate::tree::{Mapping, Node};
use container::SharedContainers;
use dialect::Dialect;
use metadata::Identity;
use std::borrow::Cow;
use watertight_base::{Diagnostic, Source, Span};
use watertight_model::{
    Admission, AdmissionPolicy, AdmissionPolicyBinding, ApiService, BlindSpot, CustomResource, Endpoints,
    Gateway, GatewayClass, Ingress, IngressClass, ListenerSet, MutatingPolicy, MutatingPolicyBinding,
    NetworkAttachment, NetworkPolicy, ObjectRef, Origin, ReferenceGrant, Role, RoleBinding, Route, Secret,
    Service, ServiceAccount, Settings, WebhookConfiguration,
};

/// One object of the input, understood or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) origin: Origin,
    /// Where its name stands, or the whole object if it has none.
    pub(crate) place: Span,
    /// The controlling owner.
    pub(crate) owner: Option<Owner>,
    /// The name is only a prefix, so that two of them are two objects.
    pub(crate) generated: bool,
    /// Its namespace is seen by it. Roles and their like show only one that they name: the network would see no other.
    pub(crate) shows_namespace: bool,
    /// Why its kind is a blind spot, whatever was read of the object: no channel looks at the kind yet.
    pub(crate) not_evaluated: Option<&'static str>,
    pub(crate) body: Body,
}

/// What was read of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Body {
    Namespace(WrittenLabels, Admission),
    Node(ReadNode),
    Pod(LivePod),
    Workload(Workload),
    Service(Service),
    Endpoints(Endpoints),
    Ingress(Ingress),
    IngressClass(IngressClass),
    GatewayClass(GatewayClass),
    Gateway(Gateway),
    ListenerSet(ListenerSet),
    Route(Route),
    ReferenceGrant(ReferenceGrant),
    NetworkAttachment(NetworkAttachment),
    Policy(NetworkPolicy),
    ClusterPolicy(ReadClusterPolicy),
    Role(Role),
    RoleBinding(RoleBinding),
    ServiceAccount(ServiceAccount),
    Secret(Secret),
    ConfigMap(Settings),
    CustomResource(CustomResource),
    Webhooks(WebhookConfiguration),
    MutatingPolicy(MutatingPolicy),
    MutatingPolicyBinding(MutatingPolicyBinding),
    ApiService(ApiService),
    AdmissionPolicy(Box<AdmissionPolicy>),
    AdmissionPolicyBinding(Box<AdmissionPolicyBinding>),
    /// An object of an evaluated kind whose meaning is not clear.
    Unclear(Unclear),
    /// An object of another kind.
    Other(Other),
}

/// What is known of a kind that is not evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Other {
    /// It cannot touch the network. An autoscaler says what it scales: kind and name.
    Harmless { scales: Option<(String, String)> },
    /// It could.
    Matters,
    /// Nothing.
    Unknown,
}

/// The objects of one source, as they are read.
pub(crate) struct Reader<'a> {
    pub(crate) context: Context,
    found: Vec<Found>,
    blind_spots: Vec<BlindSpot>,
    strangers: Option<(Span, usize)>,
    /// What it lists, if it is a kustomization.
    listing: Option<Listing>,
    source: &'a Source,
    names: &'a SourceNames,
    containers: SharedContainers,
    options: &'a Options,
}

/// What was read of a part of a source.
pub(crate) struct Read {
    pub(crate) found: Vec<Found>,
    pub(crate) blind_spots: Vec<BlindSpot>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Where a value turned out to be a template, if one did.
    pub(crate) template: Option<Span>,
    /// Documents that are no Kubernetes objects: the first, and how many.
    pub(crate) strangers: Option<(Span, usize)>,
    /// What no output shows.
    pub(crate) hidden: Vec<Span>,
    /// What it lists, if it is a kustomization.
    pub(crate) listing: Option<Listing>,
}

/// An object before it is read: its kind and its fields.
struct Object<'a> {
    mapping: Mapping<'a>,
    api_version: String,
    kind: String,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(source: &'a Source, names: &'a SourceNames, options: &'a Options) -> Self {
        Self {
            context: Context::new(options.values),
            found: Vec::new(),
            blind_spots: Vec::new(),
            strangers: None,
            listing: None,
            source,
            names,
            containers: SharedContainers::default(),
            options,
        }
    }

    /// A reader of another part of the same source.
    pub(crate) fn another(&self) -> Reader<'a> {
        Reader::new(self.source, self.names, self.options)
    }

    /// What was read.
    pub(crate) fn into_read(self) -> Read {
        let Self { context, found, blind_spots, strangers, listing, .. } = self;
        let Context { diagnostics, template, hidden, .. } = context;
        Read { found, blind_spots, diagnostics, template, strangers, hidden, listing }
    }

    /// Adds what was read of the part that comes next.
    pub(crate) fn add(&mut self, part: Read) {
        let Read { found, blind_spots, diagnostics, template, strangers, hidden, listing } = part;
        self.listing = self.listing.take().or(listing);
        self.context.hidden.extend(hidden);
        self.found.extend(found);
        self.blind_spots.extend(blind_spots);
        self.context.diagnostics.extend(diagnostics);
        self.context.template = self.context.template.or(template);
        if let Some((span, count)) = strangers {
            self.strangers.get_or_insert((span, 0)).1 += count;
        }
    }

    /// Reads one document: an object, a list of objects, nothing at all, or something else.
    pub(crate) fn document(&mut self, root: Node<'_>) {
        if !root.is_null() {
            self.object(root, None, 0);
        }
    }

    /// Reads an object. Elements of a typed list inherit what they leave out.
    fn object(&mut self, node: Node<'_>, inherited: Option<(&str, &str)>, depth: usize) {
        let Some(mapping) = node.mapping() else {
            self.stranger(node.span());
            return;
        };
        self.context.begin(String::new());
        let mut text = |field: &str| {
            let entry = mapping.entry(field).filter(|entry| entry.value.text().is_some());
            self.context.text(entry).ok().flatten().filter(|text| !text.is_empty())
        };
        let api_version = text("apiVersion").map(Cow::into_owned);
        let kind = text("kind").map(Cow::into_owned);
        let (api_version, kind) = match (api_version, kind, inherited) {
            (Some(api_version), Some(kind), _) => (api_version, kind),
            (None, None, Some((api_version, kind))) => (api_version.to_owned(), kind.to_owned()),
            _ if kustomization::is_named(&self.source.name) && depth == 0 => {
                self.kustomization(&mapping);
                return;
            }
            _ => {
                self.stranger(mapping.span);
                return;
            }
        };
        self.context.duplicates(&mapping);
        let object = Object { mapping, api_version, kind };
        self.hide(&object);
        if let Some(items) = list::items(&object) {
            self.list(&object, &items, depth);
            return;
        }
        match classify(&object.api_version, &object.kind) {
            Class::Evaluated(evaluated) => self.evaluated(evaluated, &object, true),
            Class::WrongVersion(evaluated) => self.evaluated(evaluated, &object, false),
            Class::Kustomization => self.kustomization(&object.mapping),
            Class::Harmless => {
                let scales = workload::scale_target(&object.mapping);
                self.other(&object, Other::Harmless { scales }, None);
            }
            Class::Matters(how) => self.other(&object, Other::Matters, Some(how)),
            Class::Unknown => self.other(&object, Other::Unknown, None),
        }
    }

    fn stranger(&mut self, span: Span) {
        // The values of a chart may be credentials.
        self.context.hidden.push(span);
        self.strangers.get_or_insert((span, 0)).1 += 1;
    }

    /// Notes what no output shows of an object.
    fn hide(&mut self, object: &Object<'_>) {
        let is_list = list::items(object).is_some();
        match object.kind.as_str() {
            "Secret" if !is_list => {
                self.context.hidden.extend(hidden::of_secret(&self.source.bytes, &object.mapping))
            }
            "Secret" => self.context.hidden.push(object.mapping.span),
            "SecretList" if !is_list => self.context.hidden.push(object.mapping.span),
            _ => {}
        }
    }

    fn kustomization(&mut self, mapping: &Mapping<'_>) {
        if mapping.entry("secretGenerator").is_some() {
            self.context.hidden.push(mapping.span);
        }
        if kustomization::is_named(&self.source.name) {
            self.listing = Some(Listing::of(mapping, &self.source.name));
        }
        if let Some(blind_spot) = kustomization::read(mapping, &self.source.name, self.names) {
            self.blind_spots.push(blind_spot);
        }
    }

    fn origin(&self, object: &Object<'_>, identity: &Identity, namespaced: bool) -> Origin {
        let namespace = if namespaced {
            Some(identity.namespace.clone().unwrap_or_else(|| self.options.default_namespace.clone()))
        } else {
            None
        };
        let object_ref = ObjectRef {
            api_version: object.api_version.clone(),
            kind: object.kind.clone(),
            namespace,
            name: identity.name.clone().unwrap_or_default(),
            uid: identity.uid.clone(),
        };
        Origin { object: object_ref, span: object.mapping.span }
    }

    fn other(&mut self, object: &Object<'_>, other: Other, not_evaluated: Option<&'static str>) {
        let metadata = object.mapping.get("metadata").and_then(Node::mapping);
        let identity = Identity::of(metadata.as_ref());
        for name in [&identity.name, &identity.namespace].into_iter().flatten() {
            self.context.look_for_template(name, object.mapping.span);
        }
        // Of kinds that are not evaluated it is not known whether they live in a namespace, unless they say so.
        let origin = self.origin(object, &identity, identity.namespace.is_some());
        let Identity { owner, generated, name_span, .. } = identity;
        let place = name_span.unwrap_or(origin.span);
        let body = Body::Other(other);
        self.found.push(Found {
            origin,
            place,
            owner,
            generated,
            shows_namespace: true,
            not_evaluated,
            body,
        });
    }

    fn evaluated(&mut self, evaluated: &Evaluated, object: &Object<'_>, right_version: bool) {
        let metadata = object.mapping.get("metadata").and_then(Node::mapping);
        let identity = Identity::of(metadata.as_ref());
        let origin = self.origin(object, &identity, evaluated.namespaced);
        self.context.begin(match identity.name {
            Some(_) => origin.object.to_string(),
            None => format!("a {} without a name", object.kind),
        });
        if !right_version {
            self.wrong_version(evaluated, object);
        }
        let body = self.body(evaluated, object, &origin).unwrap_or_else(Body::Unclear);
        let shows_namespace = identity.namespace.is_some() || !is_of_the_api(evaluated.name);
        let Identity { owner, generated, name_span, .. } = identity;
        let place = name_span.unwrap_or(origin.span);
        let not_evaluated = not_evaluated_yet(evaluated);
        self.found.push(Found { origin, place, owner, generated, shows_namespace, not_evaluated, body });
    }

    fn wrong_version(&mut self, evaluated: &Evaluated, object: &Object<'_>) {
        let span = object.mapping.get("apiVersion").map_or(object.mapping.span, Node::span);
        let (found, served) = (&object.api_version, evaluated.api_versions[0]);
        self.context.refuse(
            rules::UNKNOWN_API_VERSION,
            format!("no Kubernetes 1.36 server serves {} under `{found}`", evaluated.name),
            span,
            format!("read as `{served}`"),
            format!("write `apiVersion: {served}`"),
        );
    }

    fn body(&mut self, evaluated: &Evaluated, object: &Object<'_>, origin: &Origin) -> Result<Body, Unclear> {
        let context = &mut self.context;
        let mapping = &object.mapping;
        if evaluated.kind == EvaluatedKind::Secret {
            context.keep_values_quiet();
        }
        let metadata = context.mapping(mapping.entry("metadata"))?;
        match whole_fields(evaluated.kind) {
            Some(fields) => {
                context.drop_unknown_fields();
                context.unknown_fields(mapping, fields);
                if let Some(metadata) = &metadata {
                    context.unknown_fields(metadata, metadata::ALL_FIELDS);
                }
            }
            None => context.near_misses(mapping, &["apiVersion", "kind", "metadata", "spec", "status"]),
        }
        // Without metadata there is no name, which the check reports at the whole object.
        metadata::check_identity(context, evaluated, metadata.as_ref().unwrap_or(mapping))?;
        if let Some(dialect) = Dialect::of(evaluated.kind) {
            return cluster_policy::read(context, dialect, mapping, origin.clone()).map(Body::ClusterPolicy);
        }
        Ok(match evaluated.kind {
            EvaluatedKind::Namespace => {
                let (labels, admission) = namespace::read(context, mapping, &origin.object.name)?;
                Body::Namespace(labels, admission)
            }
            EvaluatedKind::Node => Body::Node(node::read(context, mapping, origin.clone())?),
            EvaluatedKind::Pod => {
                let mut pod = pod::read(context, mapping)?;
                self.containers.share(&mut pod.body.containers);
                Body::Pod(pod)
            }
            EvaluatedKind::Service => Body::Service(service::read(context, mapping, origin.clone())?),
            EvaluatedKind::NetworkPolicy => {
                Body::Policy(network_policy::read(context, mapping, origin.clone())?)
            }
            EvaluatedKind::Endpoints => Body::Endpoints(endpoints::read(context, mapping, origin.clone())?),
            EvaluatedKind::EndpointSlice => {
                Body::Endpoints(endpoint_slice::read(context, mapping, origin.clone())?)
            }
            EvaluatedKind::Ingress => Body::Ingress(ingress::read(context, mapping, origin.clone())?),
            EvaluatedKind::IngressClass => {
                Body::IngressClass(ingress_class::read(context, mapping, origin.clone())?)
            }
            EvaluatedKind::GatewayClass => {
                Body::GatewayClass(gateway::class(context, mapping, origin.clone())?)
            }
            EvaluatedKind::Gateway => Body::Gateway(gateway::read(context, mapping, origin.clone())?),
            EvaluatedKind::ListenerSet => {
                Body::ListenerSet(gateway::listener_set(context, mapping, origin.clone())?)
            }
            EvaluatedKind::Route(kind) => Body::Route(route::read(context, kind, mapping, origin.clone())?),
            EvaluatedKind::ReferenceGrant => {
                Body::ReferenceGrant(reference_grant::read(context, mapping, origin.clone())?)
            }
            EvaluatedKind::NetworkAttachment => {
                Body::NetworkAttachment(network_attachment::read(context, mapping, origin.clone())?)
            }
            EvaluatedKind::Role | EvaluatedKind::ClusterRole => {
                Body::Role(role::read(context, mapping, origin)?)
            }
            EvaluatedKind::RoleBinding | EvaluatedKind::ClusterRoleBinding => {
                Body::RoleBinding(role_binding::read(context, mapping, origin)?)
            }
            EvaluatedKind::ServiceAccount => {
                Body::ServiceAccount(service_account::read(context, mapping, origin)?)
            }
            EvaluatedKind::Secret => Body::Secret(secret::read(context, mapping, origin)?),
            EvaluatedKind::ConfigMap => Body::ConfigMap(config_map::read(context, mapping, origin)?),
            EvaluatedKind::CustomResourceDefinition => {
                Body::CustomResource(custom_resource_definition::read(context, mapping, origin.clone())?)
            }
            EvaluatedKind::MutatingWebhooks | EvaluatedKind::ValidatingWebhooks => {
                let mutates = evaluated.kind == EvaluatedKind::MutatingWebhooks;
                Body::Webhooks(webhook_configuration::read(context, mapping, origin.clone(), mutates)?)
            }
            EvaluatedKind::MutatingPolicy => {
                Body::MutatingPolicy(mutating_policy::read(context, mapping, origin.clone())?)
            }
            EvaluatedKind::MutatingPolicyBinding => {
                Body::MutatingPolicyBinding(mutating_policy::read_binding(context, mapping, origin.clone())?)
            }
            EvaluatedKind::ApiService => {
                Body::ApiService(api_service::read(context, mapping, origin.clone())?)
            }
            EvaluatedKind::ValidatingAdmissionPolicy => {
                Body::AdmissionPolicy(Box::new(admission_policy::read(context, mapping, origin.clone())?))
            }
            EvaluatedKind::ValidatingAdmissionPolicyBinding => Body::AdmissionPolicyBinding(Box::new(
                admission_policy::read_binding(context, mapping, origin.clone())?,
            )),
            kind => Body::Workload(workload::read(context, kind, mapping)?),
        })
    }
}

/// The fields of an object of whose fields each is looked at, and that is read without those that the API does not know.
fn whole_fields(kind: EvaluatedKind) -> Option<&'static [&'static str]> {
    match kind {
        EvaluatedKind::Role => Some(role::FIELDS),
        EvaluatedKind::ClusterRole => Some(role::FIELDS_OF_CLUSTER_ROLE),
        EvaluatedKind::RoleBinding | EvaluatedKind::ClusterRoleBinding => Some(role_binding::FIELDS),
        EvaluatedKind::ServiceAccount => Some(service_account::FIELDS),
        EvaluatedKind::Secret => Some(secret::FIELDS),
        EvaluatedKind::CustomResourceDefinition => Some(custom_resource_definition::FIELDS),
        EvaluatedKind::MutatingWebhooks | EvaluatedKind::ValidatingWebhooks => {
            Some(webhook_configuration::FIELDS)
        }
        EvaluatedKind::MutatingPolicy | EvaluatedKind::MutatingPolicyBinding => Some(mutating_policy::FIELDS),
        EvaluatedKind::ApiService => Some(api_service::FIELDS),
        _ => None,
    }
}
