//! An immutable, typed picture of a cluster, with what could not be seen.

use crate::{
    Admission, AdmissionPolicy, AdmissionPolicyBinding, ApiService, BlindSpot, Channel, ClusterPolicy,
    CustomResource, Endpoints, Gateway, GatewayClass, Ingress, IngressClass, ListenerSet, MutatingPolicy,
    MutatingPolicyBinding, NetworkAttachment, NetworkPolicy, ObjectRef, Origin, OtherKind, Pod,
    ReferenceGrant, Role, RoleBinding, Route, Secret, Service, ServiceAccount, ServiceType, Settings, Taint,
    WebhookConfiguration,
};
use ipnet::IpNet;
use std::collections::BTreeMap;
use std::net::IpAddr;
use watertight_base::{Labels, Span};

/// The index of a namespace in [`Snapshot::namespaces`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NamespaceId(pub usize);

/// What one cluster's objects say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snapshot {
    /// Every namespace that exists: by an object of its own, or since another object lives in it. Sorted by name.
    pub namespaces: Vec<Namespace>,
    /// The pods, sorted by namespace, workload and name. A workload with pods in the input is seen through them, any
    /// other through its template.
    pub pods: Vec<Pod>,
    /// The NetworkPolicies, sorted by namespace and name.
    pub policies: Vec<NetworkPolicy>,
    /// The administrator's policies, sorted by tier, priority, kind and name.
    pub cluster_policies: Vec<ClusterPolicy>,
    /// The Services, sorted by namespace and name.
    pub services: Vec<Service>,
    /// The Endpoints and EndpointSlices, sorted by namespace and name.
    pub endpoints: Vec<Endpoints>,
    /// The Ingresses, sorted by namespace and name.
    pub ingresses: Vec<Ingress>,
    /// The IngressClasses, sorted by name.
    pub ingress_classes: Vec<IngressClass>,
    /// The GatewayClasses, sorted by name.
    pub gateway_classes: Vec<GatewayClass>,
    /// The Gateways, sorted by namespace and name.
    pub gateways: Vec<Gateway>,
    /// The ListenerSets, sorted by namespace and name.
    pub listener_sets: Vec<ListenerSet>,
    /// The routes of all kinds, sorted by namespace and name.
    pub routes: Vec<Route>,
    /// The ReferenceGrants, sorted by namespace and name.
    pub reference_grants: Vec<ReferenceGrant>,
    /// The NetworkAttachmentDefinitions, sorted by namespace and name.
    pub network_attachments: Vec<NetworkAttachment>,
    /// The ClusterRoles, sorted by name, then the Roles, sorted by namespace and name.
    pub roles: Vec<Role>,
    /// The ClusterRoleBindings, sorted by name, then the RoleBindings, sorted by namespace and name.
    pub role_bindings: Vec<RoleBinding>,
    /// The ServiceAccounts, sorted by namespace and name.
    pub service_accounts: Vec<ServiceAccount>,
    /// The Secrets, sorted by namespace and name.
    pub secrets: Vec<Secret>,
    /// The ConfigMaps and the environments of containers, sorted by namespace, name and kind; none if their values were not
    /// asked for.
    pub settings: Vec<Settings>,
    /// The CustomResourceDefinitions, sorted by name.
    pub custom_resources: Vec<CustomResource>,
    /// The kinds whose objects would be blind spots, of which somebody may make some, sorted.
    pub other_kinds: Vec<OtherKind>,
    /// The MutatingWebhookConfigurations and ValidatingWebhookConfigurations, sorted by name.
    pub webhook_configurations: Vec<WebhookConfiguration>,
    /// The MutatingAdmissionPolicies, sorted by name.
    pub mutating_policies: Vec<MutatingPolicy>,
    /// The MutatingAdmissionPolicyBindings, sorted by name.
    pub mutating_policy_bindings: Vec<MutatingPolicyBinding>,
    /// The APIServices, sorted by name.
    pub api_services: Vec<ApiService>,
    /// The ValidatingAdmissionPolicies, sorted by name.
    pub admission_policies: Vec<AdmissionPolicy>,
    /// Their bindings, sorted by name.
    pub admission_policy_bindings: Vec<AdmissionPolicyBinding>,
    /// The nodes, sorted by name.
    pub nodes: Vec<Node>,
    /// What could not be read or understood.
    pub blind_spots: Vec<BlindSpot>,
    /// How many objects of each kind were read, understood or not: `NetworkPolicy` → 12.
    pub kinds: BTreeMap<String, usize>,
    /// The version of the API server, as far as the input tells: `1.36`.
    pub kubernetes_version: Option<String>,
}

/// The kinds of which a controller makes Secrets, or a driver the files of pods, with values that stand in no object: of External
/// Secrets, Sealed Secrets and the Secrets Store CSI driver.
const HOLD_UNSHOWN_VALUES: [&str; 4] =
    ["ClusterExternalSecret", "ExternalSecret", "SealedSecret", "SecretProviderClass"];

impl Snapshot {
    /// Whether Services of some namespaces are published on nodes: by node ports, which load balancers have too.
    #[must_use]
    pub fn has_node_ports(&self, namespaces: &[NamespaceId]) -> bool {
        let published = [ServiceType::NodePort, ServiceType::LoadBalancer];
        let mut services = self.services.iter().filter(|service| namespaces.contains(&service.namespace));
        services.any(|service| published.contains(&service.kind))
    }

    /// Whether something of some namespaces may be dialled at the node: a node port, a host port, a pod on the host network.
    #[must_use]
    pub fn listens_on_nodes(&self, namespaces: &[NamespaceId]) -> bool {
        let mut pods = self.pods.iter().filter(|pod| namespaces.contains(&pod.namespace));
        self.has_node_ports(namespaces)
            || pods.any(|pod| {
                pod.host_network.is_some() || pod.ports.iter().any(|port| port.host_port.is_some())
            })
    }

    /// Whether objects of some namespaces hold a kubeconfig, whose credentials may say of nobody whose they are.
    #[must_use]
    pub fn holds_kubeconfigs(&self, is_of: impl Fn(&ObjectRef) -> bool) -> bool {
        let secrets = self.secrets.iter().map(|secret| (&secret.object, &secret.values));
        let settings = self.settings.iter().map(|settings| (&settings.object, &settings.values));
        let mut values =
            secrets.chain(settings).filter(|(object, _)| is_of(object)).flat_map(|(_, held)| held);
        values.any(|held| {
            held.value.holds("clusters") && held.value.holds("users") && held.value.holds("server")
        })
    }

    /// Whether the input shows that there are credentials with values that no object can show.
    #[must_use]
    pub fn has_unshown_values(&self) -> bool {
        HOLD_UNSHOWN_VALUES.iter().any(|kind| self.kinds.contains_key(*kind))
    }

    /// The namespace behind an index of this snapshot.
    #[must_use]
    pub fn namespace(&self, id: NamespaceId) -> &Namespace {
        &self.namespaces[id.0]
    }

    /// The minor version of the API server, as far as the input tells: 36.
    #[must_use]
    pub fn minor_version(&self) -> Option<u32> {
        self.kubernetes_version.as_deref()?.split_once('.')?.1.parse().ok()
    }

    /// The namespace of that name.
    #[must_use]
    pub fn namespace_named(&self, name: &str) -> Option<NamespaceId> {
        self.namespaces.binary_search_by(|namespace| namespace.name.as_str().cmp(name)).ok().map(NamespaceId)
    }

    /// The blind spots that hide something from a channel.
    pub fn blind_spots_of(&self, channel: Channel) -> impl Iterator<Item = &BlindSpot> {
        self.blind_spots.iter().filter(move |spot| spot.hides_from(channel))
    }

    /// All indices into [`Snapshot::namespaces`].
    pub fn namespace_ids(&self) -> impl Iterator<Item = NamespaceId> + use<> {
        (0..self.namespaces.len()).map(NamespaceId)
    }
}

/// A namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    /// The name.
    pub name: String,
    /// The labels, `kubernetes.io/metadata.name` included and always right; `None` if there is no Namespace object, so
    /// that every label but that one is unknown (convention 9).
    pub labels: Option<Labels>,
    /// Whether the API server would take the object, and it is there to stay. If not, a proof must hold without its labels too.
    pub admission: Admission,
    /// Where each written label's value stands.
    pub label_spans: BTreeMap<String, Span>,
    /// The Namespace object, if the input holds one.
    pub origin: Option<Origin>,
    /// The first object that lives in it, for a namespace without an object of its own.
    pub first_seen: Option<Origin>,
}

impl Namespace {
    /// The label that every namespace carries with its own name, whatever the file says (rule N17).
    pub const NAME_LABEL: &str = "kubernetes.io/metadata.name";

    /// The labels that it surely has; `None` if they are not known, or are those of an object that may not be there
    /// (convention 6).
    #[must_use]
    pub fn sure_labels(&self) -> Option<&Labels> {
        self.labels.as_ref().filter(|_| self.admission == Admission::Accepted)
    }
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The object.
    pub origin: Origin,
    /// The name.
    pub name: String,
    /// The labels.
    pub labels: Labels,
    /// `status.addresses` that are IP addresses, of every type.
    pub addresses: Vec<IpAddr>,
    /// `spec.podCIDRs`: where its pods get their addresses, if the cluster assigns them.
    pub pod_cidrs: Vec<IpNet>,
    /// `spec.taints`.
    pub taints: Vec<Taint>,
}
