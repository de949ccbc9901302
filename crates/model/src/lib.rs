//! Snapshot, facts, derivations and verdicts: pure types, no Kubernetes crate and no parser.
//!
//! Data flows through this crate one way: the reader fills a [`Snapshot`]; channels and the proof turn it into
//! [`Report`]s and [`ConnectivityMap`]s; the renderers print those.

mod access;
mod admission_policy;
mod cause;
mod certificate;
mod cluster_policy;
mod custom_resource;
mod dialed;
mod endpoints;
mod extension;
mod gain;
mod gateway;
mod host;
mod ingress;
mod map;
mod need;
mod network_attachment;
mod object;
mod other_kind;
mod places;
mod pod_security;
mod policy;
mod rbac;
mod route;
mod secret;
mod service;
mod snapshot;
mod verdict;
mod workload;

pub use access::{
    AccessAnswer, AccessList, AccessSection, Attributes, Decision, Grant, GrantStep, Holder, ListedRule,
    NearMiss, NonResourceAttributes, Presence, ResourceAttributes, User, WhoCan,
};
pub use admission_policy::{
    AdmissionPolicy, AdmissionPolicyBinding, MatchResources, ResourceRule, RuleScope, Validation,
};
pub use cause::{Cause, Root};
pub use certificate::{
    CERTIFICATE_RULES, Case, Certificate, CertifiedSource, CertifiedWay, ClosedFact, Closer, Cut,
    CutAddresses, CutLabels, CutPorts, KnownAs, KnownField, PolicySide, ReachedFact, RefusedBy,
    RefusedObject, RefusedPods,
};
pub use cluster_policy::{
    Action, ClusterPolicy, ClusterSubject, Tier, TierPeer, TierPeerKind, TierPort, TierPortKind, TierRule,
};
pub use custom_resource::{CustomResource, CustomResourceVersion};
pub use dialed::{DialedFor, DialedHost};
pub use endpoints::{Endpoint, EndpointPort, EndpointSubset, EndpointTarget, Endpoints, EndpointsWriter};
pub use extension::{
    AdmissionRule, AdmissionScope, ApiService, Called, Callee, MutatingPolicy, MutatingPolicyBinding,
    ParamKind, ParamRef, ResourceScope, Webhook, WebhookConfiguration,
};
pub use gain::Gain;
pub use gateway::{
    AllowedRoutes, Gateway, GatewayClass, GrantFrom, GrantTo, Listener, ListenerProtocol, ListenerSet,
    ReferenceGrant, RouteNamespaces,
};
pub use host::Host;
pub use ingress::{
    BackendPort, Ingress, IngressBackend, IngressBackendKind, IngressClass, IngressPath, IngressRule,
    PathType,
};
pub use map::{
    ClassEdge, ClassMap, ClassPath, ConnectivityMap, DirectionExplanation, Edge, Explanation, Path, Peer,
    Relation, RuleEffect,
};
pub use need::{Need, NeedState};
pub use network_attachment::{FurtherNetworks, NetworkAttachment, NetworkName};
pub use object::{BlindScope, BlindSpot, ObjectRef, Origin, Written};
pub use other_kind::OtherKind;
pub use places::Places;
pub use pod_security::{PodSecurity, PodSecurityLevel, PodSecurityVersion};
pub use policy::{
    Admission, NamespaceScope, NetworkPolicy, PeerKind, PolicyPeer, PolicyPort, PolicyRule, PolicyTypes,
    PortMatch,
};
pub use rbac::{
    Cloud, CloudIdentity, Principal, Role, RoleBinding, RoleRef, RoleRule, ServiceAccount, Subject,
    SubjectKind,
};
pub use route::{
    BackendRole, KindName, ParentRef, Route, RouteBackend, RouteExtension, RouteKind, RouteRule,
};
pub use secret::{HeldValue, Secret, Settings};
pub use service::{IpFamily, Service, ServicePort, ServiceType, TargetPort};
pub use snapshot::{Namespace, NamespaceId, Node, Snapshot};
pub use verdict::{
    Assumption, Because, Boundary, Breach, Channel, ChannelReport, EnvironmentReport, Evidence, EvidenceRole,
    Fact, FactPeer, NamespaceChoice, NearWay, PrincipalChoice, PublicEntry, Report, ShownEnforcer, Step,
    ValuePlace, Verdict, When,
};
pub use workload::{
    Container, ContainerPort, ContainerRole, HostPort, Pod, PodState, Replicas, Scheduling, Taint,
    TaintEffect, Toleration, WorkloadRef,
};
