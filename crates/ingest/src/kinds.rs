//! What is known of each kind, as data: which are evaluated, which cannot touch the network, which could.

use crate::validate::names::NameRule;
use watertight_model::{Channel, RouteKind};

/// The kinds that become part of the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EvaluatedKind {
    Namespace,
    Node,
    Pod,
    Service,
    Endpoints,
    EndpointSlice,
    Ingress,
    IngressClass,
    GatewayClass,
    Gateway,
    ListenerSet,
    Route(RouteKind),
    ReferenceGrant,
    NetworkAttachment,
    NetworkPolicy,
    ClusterNetworkPolicy,
    AdminNetworkPolicy,
    BaselineAdminNetworkPolicy,
    Deployment,
    StatefulSet,
    DaemonSet,
    ReplicaSet,
    ReplicationController,
    Job,
    CronJob,
    Role,
    ClusterRole,
    RoleBinding,
    ClusterRoleBinding,
    ServiceAccount,
    Secret,
    ConfigMap,
    CustomResourceDefinition,
    MutatingWebhooks,
    ValidatingWebhooks,
    MutatingPolicy,
    MutatingPolicyBinding,
    ApiService,
    ValidatingAdmissionPolicy,
    ValidatingAdmissionPolicyBinding,
}

/// What is known of an evaluated kind.
#[derive(Debug)]
pub(crate) struct Evaluated {
    pub(crate) kind: EvaluatedKind,
    pub(crate) name: &'static str,
    /// Each `apiVersion` that a 1.36 server serves, or the resource definitions of some release, in which an object means
    /// the same. The first is the one to write.
    pub(crate) api_versions: &'static [&'static str],
    pub(crate) namespaced: bool,
    pub(crate) names: NameRule,
}

const fn evaluated(
    kind: EvaluatedKind,
    name: &'static str,
    api_versions: &'static [&'static str],
    namespaced: bool,
    names: NameRule,
) -> Evaluated {
    Evaluated { kind, name, api_versions, namespaced, names }
}

pub(crate) const EVALUATED: &[Evaluated] = &[
    evaluated(EvaluatedKind::Namespace, "Namespace", &["v1"], false, NameRule::Label),
    evaluated(EvaluatedKind::Node, "Node", &["v1"], false, NameRule::Subdomain),
    evaluated(EvaluatedKind::Pod, "Pod", &["v1"], true, NameRule::Subdomain),
    evaluated(EvaluatedKind::Service, "Service", &["v1"], true, NameRule::Label),
    evaluated(
        EvaluatedKind::NetworkPolicy,
        "NetworkPolicy",
        &["networking.k8s.io/v1"],
        true,
        NameRule::Subdomain,
    ),
    evaluated(
        EvaluatedKind::ClusterNetworkPolicy,
        "ClusterNetworkPolicy",
        &["policy.networking.k8s.io/v1alpha2"],
        false,
        NameRule::Subdomain,
    ),
    evaluated(
        EvaluatedKind::AdminNetworkPolicy,
        "AdminNetworkPolicy",
        &["policy.networking.k8s.io/v1alpha1"],
        false,
        NameRule::Subdomain,
    ),
    evaluated(
        EvaluatedKind::BaselineAdminNetworkPolicy,
        "BaselineAdminNetworkPolicy",
        &["policy.networking.k8s.io/v1alpha1"],
        false,
        NameRule::Subdomain,
    ),
    evaluated(EvaluatedKind::Deployment, "Deployment", &["apps/v1"], true, NameRule::Subdomain),
    evaluated(EvaluatedKind::StatefulSet, "StatefulSet", &["apps/v1"], true, NameRule::Label),
    evaluated(EvaluatedKind::DaemonSet, "DaemonSet", &["apps/v1"], true, NameRule::Subdomain),
    evaluated(EvaluatedKind::ReplicaSet, "ReplicaSet", &["apps/v1"], true, NameRule::Subdomain),
    evaluated(
        EvaluatedKind::ReplicationController,
        "ReplicationController",
        &["v1"],
        true,
        NameRule::Subdomain,
    ),
    // Its name becomes the value of a label.
    evaluated(EvaluatedKind::Job, "Job", &["batch/v1"], true, NameRule::ShortSubdomain { length_max: 63 }),
    // The names of its Jobs are eleven characters longer.
    evaluated(
        EvaluatedKind::CronJob,
        "CronJob",
        &["batch/v1"],
        true,
        NameRule::ShortSubdomain { length_max: 52 },
    ),
    evaluated(EvaluatedKind::Endpoints, "Endpoints", &["v1"], true, NameRule::Subdomain),
    evaluated(
        EvaluatedKind::EndpointSlice,
        "EndpointSlice",
        &["discovery.k8s.io/v1"],
        true,
        NameRule::Subdomain,
    ),
    evaluated(EvaluatedKind::Ingress, "Ingress", &["networking.k8s.io/v1"], true, NameRule::Subdomain),
    evaluated(
        EvaluatedKind::IngressClass,
        "IngressClass",
        &["networking.k8s.io/v1"],
        false,
        NameRule::Subdomain,
    ),
    evaluated(EvaluatedKind::GatewayClass, "GatewayClass", GATEWAY_API, false, NameRule::Subdomain),
    evaluated(EvaluatedKind::Gateway, "Gateway", GATEWAY_API, true, NameRule::Subdomain),
    evaluated(EvaluatedKind::ListenerSet, "ListenerSet", GATEWAY_API, true, NameRule::Subdomain),
    evaluated(EvaluatedKind::Route(RouteKind::Http), "HTTPRoute", GATEWAY_API, true, NameRule::Subdomain),
    evaluated(EvaluatedKind::Route(RouteKind::Grpc), "GRPCRoute", GATEWAY_API, true, NameRule::Subdomain),
    evaluated(EvaluatedKind::Route(RouteKind::Tls), "TLSRoute", GATEWAY_API, true, NameRule::Subdomain),
    evaluated(EvaluatedKind::Route(RouteKind::Tcp), "TCPRoute", GATEWAY_API, true, NameRule::Subdomain),
    evaluated(EvaluatedKind::Route(RouteKind::Udp), "UDPRoute", GATEWAY_API, true, NameRule::Subdomain),
    evaluated(EvaluatedKind::ReferenceGrant, "ReferenceGrant", GATEWAY_API, true, NameRule::Subdomain),
    evaluated(
        EvaluatedKind::NetworkAttachment,
        "NetworkAttachmentDefinition",
        &["k8s.cni.cncf.io/v1"],
        true,
        NameRule::Subdomain,
    ),
    evaluated(EvaluatedKind::Role, "Role", RBAC, true, NameRule::PathSegment),
    evaluated(EvaluatedKind::ClusterRole, "ClusterRole", RBAC, false, NameRule::PathSegment),
    evaluated(EvaluatedKind::RoleBinding, "RoleBinding", RBAC, true, NameRule::PathSegment),
    evaluated(EvaluatedKind::ClusterRoleBinding, "ClusterRoleBinding", RBAC, false, NameRule::PathSegment),
    evaluated(EvaluatedKind::ServiceAccount, "ServiceAccount", &["v1"], true, NameRule::Subdomain),
    evaluated(EvaluatedKind::Secret, "Secret", &["v1"], true, NameRule::Subdomain),
    evaluated(EvaluatedKind::ConfigMap, "ConfigMap", &["v1"], true, NameRule::Subdomain),
    evaluated(
        EvaluatedKind::CustomResourceDefinition,
        "CustomResourceDefinition",
        &["apiextensions.k8s.io/v1"],
        false,
        NameRule::Subdomain,
    ),
    evaluated(
        EvaluatedKind::ValidatingAdmissionPolicy,
        "ValidatingAdmissionPolicy",
        &["admissionregistration.k8s.io/v1"],
        false,
        NameRule::Subdomain,
    ),
    evaluated(
        EvaluatedKind::ValidatingAdmissionPolicyBinding,
        "ValidatingAdmissionPolicyBinding",
        &["admissionregistration.k8s.io/v1"],
        false,
        NameRule::Subdomain,
    ),
    evaluated(
        EvaluatedKind::MutatingWebhooks,
        "MutatingWebhookConfiguration",
        &["admissionregistration.k8s.io/v1"],
        false,
        NameRule::Subdomain,
    ),
    evaluated(
        EvaluatedKind::ValidatingWebhooks,
        "ValidatingWebhookConfiguration",
        &["admissionregistration.k8s.io/v1"],
        false,
        NameRule::Subdomain,
    ),
    evaluated(
        EvaluatedKind::MutatingPolicy,
        "MutatingAdmissionPolicy",
        MUTATING_POLICIES,
        false,
        NameRule::Subdomain,
    ),
    evaluated(
        EvaluatedKind::MutatingPolicyBinding,
        "MutatingAdmissionPolicyBinding",
        MUTATING_POLICIES,
        false,
        NameRule::Subdomain,
    ),
    // Its name is that of its version and group, which is checked apart.
    evaluated(
        EvaluatedKind::ApiService,
        "APIService",
        &["apiregistration.k8s.io/v1"],
        false,
        NameRule::PathSegment,
    ),
];

/// The versions under which servers from 1.32 to 1.36 served mutating policies. The fields that are read are the same.
const MUTATING_POLICIES: &[&str] = &[
    "admissionregistration.k8s.io/v1",
    "admissionregistration.k8s.io/v1beta1",
    "admissionregistration.k8s.io/v1alpha1",
];

/// The group of roles and of what binds them.
pub(crate) const RBAC_GROUP: &str = "rbac.authorization.k8s.io";

const RBAC: &[&str] = &["rbac.authorization.k8s.io/v1"];

/// The versions under which releases of the Gateway API served their kinds. The fields that are read are the same in all.
const GATEWAY_API: &[&str] = &[
    "gateway.networking.k8s.io/v1",
    "gateway.networking.k8s.io/v1beta1",
    "gateway.networking.k8s.io/v1alpha2",
    "gateway.networking.k8s.io/v1alpha3",
];

/// The evaluated kinds that say who may do what through the API, and nothing of the network.
const OF_THE_API: [&str; 13] = [
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ServiceAccount",
    "Secret",
    "ConfigMap",
    "CustomResourceDefinition",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "APIService",
];

/// Whether an evaluated kind says who may do what through the API, and nothing of the network.
pub(crate) fn is_of_the_api(evaluated: &str) -> bool {
    OF_THE_API.contains(&evaluated)
}

/// API groups in which the evaluated kinds stand, stood, or are looked for by mistake. The same kind in any other group
/// is another kind, such as Knative's Service or Calico's NetworkPolicy.
const GROUPS_OF_EVALUATED: &[&str] = &[
    "",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "batch",
    "extensions",
    "networking.k8s.io",
    RBAC_GROUP,
];

/// A row about kinds that are not evaluated: group, kind (`*` for all of the group), and one reason.
pub(crate) type Row = (&'static str, &'static str, &'static str);

/// Kinds that cannot change who may open a connection to whom.
pub(crate) const HARMLESS: &[Row] = &[
    ("", "Binding", "it places a pod that is read by itself"),
    ("", "ComponentStatus", "it only reports"),
    ("", "Event", "it only reports"),
    ("", "LimitRange", "it bounds resources"),
    ("", "PersistentVolume", "it is storage"),
    ("", "PersistentVolumeClaim", "it is storage"),
    ("", "PodTemplate", "nothing runs it"),
    ("", "ResourceQuota", "it bounds resources"),
    ("admissionregistration.k8s.io", "*", "it decides about writes to the API"),
    ("apps", "ControllerRevision", "it is history"),
    ("authentication.k8s.io", "*", "it is a question to the API server"),
    ("authorization.k8s.io", "*", "it is a question to the API server"),
    ("autoscaling", "HorizontalPodAutoscaler", "it only changes how many pods there are"),
    ("autoscaling.k8s.io", "*", "it only changes the resources of pods"),
    ("bitnami.com", "SealedSecret", "it holds data"),
    ("cert-manager.io", "*", "it makes certificates"),
    ("certificates.k8s.io", "*", "it makes certificates"),
    ("coordination.k8s.io", "*", "it is a lock"),
    ("custom.metrics.k8s.io", "*", "it only reports"),
    ("events.k8s.io", "Event", "it only reports"),
    ("external-secrets.io", "*", "it holds data"),
    ("external.metrics.k8s.io", "*", "it only reports"),
    ("flowcontrol.apiserver.k8s.io", "*", "it schedules requests to the API server"),
    ("generators.external-secrets.io", "*", "it holds data"),
    ("keda.sh", "ClusterTriggerAuthentication", "it holds credentials of an autoscaler"),
    ("keda.sh", "ScaledObject", "it only changes how many pods there are"),
    ("keda.sh", "TriggerAuthentication", "it holds credentials of an autoscaler"),
    ("metrics.k8s.io", "*", "it only reports"),
    ("monitoring.coreos.com", "AlertmanagerConfig", "it configures monitoring"),
    ("monitoring.coreos.com", "PodMonitor", "it configures monitoring"),
    ("monitoring.coreos.com", "Probe", "it configures monitoring"),
    ("monitoring.coreos.com", "PrometheusRule", "it configures monitoring"),
    ("monitoring.coreos.com", "ScrapeConfig", "it configures monitoring"),
    ("monitoring.coreos.com", "ServiceMonitor", "it configures monitoring"),
    ("networking.k8s.io", "IPAddress", "it records the address of a Service"),
    ("networking.k8s.io", "ServiceCIDR", "it is the range of Service addresses, which policies do not see"),
    ("node.k8s.io", "RuntimeClass", "it names a container runtime"),
    ("policy", "PodDisruptionBudget", "it bounds evictions"),
    ("policy", "PodSecurityPolicy", "no server since 1.25 serves it"),
    ("resource.k8s.io", "DeviceClass", "it describes devices"),
    ("resource.k8s.io", "DeviceTaintRule", "it keeps pods off devices"),
    ("resource.k8s.io", "ResourceSlice", "it lists devices"),
    ("scheduling.k8s.io", "PriorityClass", "it orders pods"),
    ("secrets-store.csi.x-k8s.io", "*", "it holds data"),
    ("snapshot.storage.k8s.io", "*", "it is storage"),
    ("storage.k8s.io", "*", "it is storage"),
    ("storagemigration.k8s.io", "*", "it is storage"),
];

/// Kinds that could change who may open a connection to whom, and are not evaluated yet. A kind that is read and has a row
/// of its own here is in the snapshot, and yet a blind spot: no channel looks at it. When one does, the row goes.
pub(crate) const MATTERS: &[Row] = &[
    ("acme.cert-manager.io", "Challenge", "its controller creates pods and routes"),
    ("apps.openshift.io", "DeploymentConfig", "it makes pods"),
    ("argoproj.io", "*", "its controller can create any object"),
    ("cilium.io", "*", "Cilium decides by it what passes"),
    ("crd.antrea.io", "*", "Antrea decides by it what passes"),
    ("crd.projectcalico.org", "*", "Calico decides by it what passes"),
    ("extensions.istio.io", "*", "Istio decides by it what passes"),
    ("extensions", "Ingress", "it publishes Services through a proxy"),
    ("gateway.networking.k8s.io", "*", "it publishes Services through a proxy"),
    ("gateway.networking.x-k8s.io", "*", "it publishes Services through a proxy"),
    ("gateway.envoyproxy.io", "*", "it publishes Services through a proxy"),
    ("helm.toolkit.fluxcd.io", "*", "its controller can create any object"),
    ("k8s.cni.cncf.io", "*", "it gives pods further networks, which NetworkPolicy does not govern"),
    ("k8s.ovn.org", "*", "OVN-Kubernetes decides by it what passes"),
    ("keda.sh", "ScaledJob", "it makes pods"),
    ("kustomize.toolkit.fluxcd.io", "*", "its controller can create any object"),
    ("kyverno.io", "*", "its controller can create and change any object"),
    ("metallb.io", "*", "it publishes Services"),
    ("monitoring.coreos.com", "Alertmanager", "its operator makes pods"),
    ("monitoring.coreos.com", "Prometheus", "its operator makes pods"),
    ("monitoring.coreos.com", "PrometheusAgent", "its operator makes pods"),
    ("monitoring.coreos.com", "ThanosRuler", "its operator makes pods"),
    ("multicluster.x-k8s.io", "*", "it joins Services of several clusters"),
    ("networking.istio.io", "*", "Istio routes by it"),
    ("policy.linkerd.io", "*", "Linkerd decides by it what passes"),
    ("policy.networking.k8s.io", "*", "it stands above and below NetworkPolicy"),
    ("projectcalico.org", "*", "Calico decides by it what passes"),
    (
        "resource.k8s.io",
        "ResourceClaim",
        "it can give pods further networks, which NetworkPolicy does not govern",
    ),
    (
        "resource.k8s.io",
        "ResourceClaimTemplate",
        "it can give pods further networks, which NetworkPolicy does not govern",
    ),
    ("route.openshift.io", "Route", "it publishes Services through a proxy"),
    ("security.istio.io", "*", "Istio decides by it what passes"),
    ("serving.knative.dev", "*", "it makes pods and publishes them"),
    ("traefik.containo.us", "*", "it publishes Services through a proxy"),
    ("traefik.io", "*", "it publishes Services through a proxy"),
    ("whereabouts.cni.cncf.io", "*", "it gives addresses to further networks"),
];

/// Groups whose objects say who may connect to whom, or by which networks, and nothing else. Objects of any other kind that is not
/// evaluated may grant rights, hold credentials, run pods, or publish hosts.
const OF_THE_NETWORK_ALONE: &[&str] = &[
    "cilium.io",
    "crd.antrea.io",
    "crd.projectcalico.org",
    "k8s.cni.cncf.io",
    "k8s.ovn.org",
    "multicluster.x-k8s.io",
    "policy.linkerd.io",
    "policy.networking.k8s.io",
    "projectcalico.org",
    "resource.k8s.io",
    "security.istio.io",
    "whereabouts.cni.cncf.io",
];

/// From which channels an object of a group hides something that is not evaluated.
pub(crate) fn hides(group: &str) -> &'static [Channel] {
    if group == RBAC_GROUP {
        &[Channel::Api]
    } else if OF_THE_NETWORK_ALONE.contains(&group) {
        &[Channel::Network]
    } else {
        &[Channel::Network, Channel::Api]
    }
}

/// What an object is to the reader.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Class {
    /// It becomes part of the snapshot.
    Evaluated(&'static Evaluated),
    /// It would be, if its `apiVersion` were one that servers serve. Its meaning is clear.
    WrongVersion(&'static Evaluated),
    /// It cannot touch the network.
    Harmless,
    /// It could, and this is how.
    Matters(&'static str),
    /// An input of kustomize.
    Kustomization,
    /// Nothing is known of it.
    Unknown,
}

/// The group of an `apiVersion`; empty for the core group.
pub(crate) fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// What an object of this kind is.
pub(crate) fn classify(api_version: &str, kind: &str) -> Class {
    let group = group(api_version);
    if group == "kustomize.config.k8s.io" {
        return Class::Kustomization;
    }
    if let Some(row) = EVALUATED.iter().find(|row| row.name == kind) {
        if row.api_versions.contains(&api_version) {
            return Class::Evaluated(row);
        }
        // While no channel looks at a kind, nobody gains by its old versions.
        if GROUPS_OF_EVALUATED.contains(&group) && not_evaluated_yet(row).is_none() {
            return Class::WrongVersion(row);
        }
    }
    if find(HARMLESS, group, kind).is_some() {
        Class::Harmless
    } else if let Some(reason) = find(MATTERS, group, kind) {
        Class::Matters(reason)
    } else {
        Class::Unknown
    }
}

/// Why a kind that is read is a blind spot all the same, if it is.
pub(crate) fn not_evaluated_yet(evaluated: &Evaluated) -> Option<&'static str> {
    let group = group(evaluated.api_versions[0]);
    MATTERS.iter().find(|row| row.0 == group && row.1 == evaluated.name).map(|row| row.2)
}

fn find(rows: &[Row], group: &str, kind: &str) -> Option<&'static str> {
    rows.iter().find(|row| row.0 == group && (row.1 == kind || row.1 == "*")).map(|row| row.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_another_kind_in_another_group() {
        assert!(
            matches!(classify("v1", "Service"), Class::Evaluated(row) if row.kind == EvaluatedKind::Service)
        );
        assert!(matches!(classify("serving.knative.dev/v1", "Service"), Class::Matters(_)));
        assert!(matches!(classify("projectcalico.org/v3", "NetworkPolicy"), Class::Matters(_)));
        assert!(matches!(classify("example.com/v1", "Deployment"), Class::Unknown));
    }

    #[test]
    fn versions_that_no_server_serves_are_known_as_such() {
        for (api_version, kind) in [
            ("extensions/v1beta1", "NetworkPolicy"),
            ("apps/v1beta1", "Deployment"),
            ("v1", "Deployment"),
            ("batch/v1beta1", "CronJob"),
            ("networking.k8s.io/v1beta1", "NetworkPolicy"),
        ] {
            assert!(matches!(classify(api_version, kind), Class::WrongVersion(_)), "{api_version} {kind}");
        }
    }

    #[test]
    fn n71_both_versions_of_the_admin_policies_are_read_and_no_other() {
        for (version, kind) in [
            ("v1alpha2", "ClusterNetworkPolicy"),
            ("v1alpha1", "AdminNetworkPolicy"),
            ("v1alpha1", "BaselineAdminNetworkPolicy"),
        ] {
            let class = |version: &str| classify(&format!("policy.networking.k8s.io/{version}"), kind);
            assert!(matches!(class(version), Class::Evaluated(row) if row.name == kind), "{kind}");
            assert!(matches!(class("v1beta1"), Class::Matters(_)), "{kind}");
        }
        assert!(matches!(classify("crd.antrea.io/v1beta1", "ClusterNetworkPolicy"), Class::Matters(_)));
    }

    #[test]
    fn what_is_of_the_network_alone_is_known_to_matter() {
        for group in OF_THE_NETWORK_ALONE {
            assert!(MATTERS.iter().any(|row| row.0 == *group), "{group}");
        }
        // Their controllers create any object, and routes have hosts, which the API channel compares.
        for group in ["helm.toolkit.fluxcd.io", "argoproj.io", "route.openshift.io", "example.com"] {
            assert_eq!(hides(group), [Channel::Network, Channel::Api], "{group}");
        }
    }

    #[test]
    fn the_two_tables_do_not_meet() {
        for (group, kind, _) in HARMLESS {
            if *kind != "*" {
                assert_eq!(find(MATTERS, group, kind), None, "{group} {kind}");
            }
            assert!(!MATTERS.iter().any(|row| row.0 == *group && row.1 == *kind), "{group} {kind}");
        }
    }

    #[test]
    fn what_creates_pods_is_not_harmless() {
        assert!(matches!(classify("monitoring.coreos.com/v1", "Prometheus"), Class::Matters(_)));
        assert!(matches!(classify("monitoring.coreos.com/v1", "ServiceMonitor"), Class::Harmless));
        assert!(matches!(classify("bitnami.com/v1alpha1", "SealedSecret"), Class::Harmless));
        assert!(matches!(classify("external-secrets.io/v1", "ExternalSecret"), Class::Harmless));
        assert!(matches!(classify("kafka.strimzi.io/v1beta2", "Kafka"), Class::Unknown));
    }

    #[test]
    fn n56_what_can_give_pods_further_networks_is_not_harmless() {
        for kind in ["ResourceClaim", "ResourceClaimTemplate"] {
            assert!(matches!(classify("resource.k8s.io/v1", kind), Class::Matters(_)), "{kind}");
        }
        assert!(matches!(classify("resource.k8s.io/v1", "ResourceSlice"), Class::Harmless));
        assert!(matches!(classify("k8s.cni.cncf.io/v1", "Other"), Class::Matters(_)));
    }

    /// Whoever takes a kind out of this list has a channel that looks at it.
    #[test]
    fn kinds_that_are_read_and_that_no_channel_looks_at_are_known() {
        let blind: Vec<&str> =
            EVALUATED.iter().filter(|row| not_evaluated_yet(row).is_some()).map(|row| row.name).collect();
        assert_eq!(blind, Vec::<&str>::new());
    }

    #[test]
    fn old_versions_of_what_carries_connections_stay_unread() {
        for (api_version, kind) in [
            ("extensions/v1beta1", "Ingress"),
            ("networking.k8s.io/v1beta1", "Ingress"),
            ("discovery.k8s.io/v1beta1", "EndpointSlice"),
            ("gateway.networking.k8s.io/v1alpha1", "Gateway"),
        ] {
            let class = classify(api_version, kind);
            assert!(!matches!(class, Class::Evaluated(_) | Class::Harmless), "{api_version} {kind}");
        }
        assert!(matches!(classify("networking.istio.io/v1", "Gateway"), Class::Matters(_)));
        assert!(matches!(classify("example.com/v1", "Gateway"), Class::Unknown));
    }
}
