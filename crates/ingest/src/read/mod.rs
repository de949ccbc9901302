//! From documents to objects: what each is, and what was read of it.

mod cluster_policy;
mod custom_resource;
mod dialect;
mod list;
mod metadata;
mod namespace;
mod network_policy;
mod node;
mod pod;
mod pod_body;
mod policy_head;
mod policy_port;
mod policy_rule;
mod probe;
mod scheduling;
mod selector;
mod service;
mod tier_port;
mod tier_rule;
mod workload;

pub(crate) use cluster_policy::ReadClusterPolicy;
pub(crate) use metadata::{Owner, WrittenLabels};
pub(crate) use node::ReadNode;
pub(crate) use pod::LivePod;
pub(crate) use pod_body::PodBody;
pub(crate) use probe::DialedHost;
pub(crate) use workload::Workload;

use crate::context::{Context, Unclear};
use crate::kinds::{Class, Evaluated, EvaluatedKind, classify};
use crate::kustomization::{self, SourceNames};
use crate::rules;
use crate::tree::{Mapping, Node};
use dialect::Dialect;
use metadata::Identity;
use std::borrow::Cow;
use watertight_base::{Source, Span};
use watertight_model::{Admission, BlindSpot, NetworkPolicy, ObjectRef, Origin, Service};

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
    Policy(NetworkPolicy),
    ClusterPolicy(ReadClusterPolicy),
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
    /// It could, and this is how.
    Matters(&'static str),
    /// Nothing.
    Unknown,
}

/// The objects of one source, as they are read.
pub(crate) struct Reader<'a> {
    pub(crate) context: Context,
    pub(crate) found: Vec<Found>,
    pub(crate) blind_spots: Vec<BlindSpot>,
    /// Documents that are no Kubernetes objects: the first, and how many.
    pub(crate) strangers: Option<(Span, usize)>,
    source: &'a Source,
    names: &'a SourceNames,
    default_namespace: &'a str,
}

/// An object before it is read: its kind and its fields.
struct Object<'a> {
    mapping: Mapping<'a>,
    api_version: String,
    kind: String,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(source: &'a Source, names: &'a SourceNames, default_namespace: &'a str) -> Self {
        Self {
            context: Context::default(),
            found: Vec::new(),
            blind_spots: Vec::new(),
            strangers: None,
            source,
            names,
            default_namespace,
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
        if let Some(items) = list::items(&object) {
            self.list(&object, items, depth);
            return;
        }
        match classify(&object.api_version, &object.kind) {
            Class::Evaluated(evaluated) => self.evaluated(evaluated, &object, true),
            Class::WrongVersion(evaluated) => self.evaluated(evaluated, &object, false),
            Class::Kustomization => self.kustomization(&object.mapping),
            Class::Harmless => {
                let scales = workload::scale_target(&object.mapping);
                self.other(&object, Other::Harmless { scales });
            }
            Class::Matters(how) => self.other(&object, Other::Matters(how)),
            Class::Unknown => self.other(&object, Other::Unknown),
        }
    }

    fn stranger(&mut self, span: Span) {
        self.strangers.get_or_insert((span, 0)).1 += 1;
    }

    fn kustomization(&mut self, mapping: &Mapping<'_>) {
        if let Some(blind_spot) = kustomization::read(mapping, &self.source.name, self.names) {
            self.blind_spots.push(blind_spot);
        }
    }

    fn origin(&self, object: &Object<'_>, identity: &Identity, namespaced: bool) -> Origin {
        let namespace = if namespaced {
            Some(identity.namespace.clone().unwrap_or_else(|| self.default_namespace.to_owned()))
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

    fn other(&mut self, object: &Object<'_>, other: Other) {
        let metadata = object.mapping.get("metadata").and_then(Node::mapping);
        let identity = Identity::of(metadata.as_ref());
        for name in [&identity.name, &identity.namespace].into_iter().flatten() {
            self.context.look_for_template(name, object.mapping.span);
        }
        // Of kinds that are not evaluated it is not known whether they live in a namespace, unless they say so.
        let origin = self.origin(object, &identity, identity.namespace.is_some());
        let Identity { owner, generated, name_span, .. } = identity;
        let place = name_span.unwrap_or(origin.span);
        self.found.push(Found { origin, place, owner, generated, body: Body::Other(other) });
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
        let Identity { owner, generated, name_span, .. } = identity;
        let place = name_span.unwrap_or(origin.span);
        self.found.push(Found { origin, place, owner, generated, body });
    }

    fn wrong_version(&mut self, evaluated: &Evaluated, object: &Object<'_>) {
        let span = object.mapping.get("apiVersion").map_or(object.mapping.span, Node::span);
        let (found, served) = (&object.api_version, evaluated.api_version);
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
        let metadata = context.mapping(mapping.entry("metadata"))?;
        context.near_misses(mapping, &["apiVersion", "kind", "metadata", "spec", "status"]);
        // Without metadata there is no name, which the check reports at the whole object.
        metadata::check_identity(context, evaluated, metadata.as_ref().unwrap_or(mapping))?;
        if let Some(dialect) = Dialect::of(evaluated.kind) {
            return cluster_policy::read(context, dialect, mapping, origin.clone()).map(Body::ClusterPolicy);
        }
        Ok(match evaluated.kind {
            EvaluatedKind::Namespace => {
                let labels = namespace::read(context, mapping, &origin.object.name)?;
                Body::Namespace(
                    labels,
                    if context.refused() { Admission::Refused } else { Admission::Accepted },
                )
            }
            EvaluatedKind::Node => Body::Node(node::read(context, mapping, origin.clone())?),
            EvaluatedKind::Pod => Body::Pod(pod::read(context, mapping)?),
            EvaluatedKind::Service => Body::Service(service::read(context, mapping, origin.clone())?),
            EvaluatedKind::NetworkPolicy => {
                Body::Policy(network_policy::read(context, mapping, origin.clone())?)
            }
            kind => Body::Workload(workload::read(context, kind, mapping)?),
        })
    }
}
