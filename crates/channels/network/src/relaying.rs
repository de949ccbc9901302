//! What a proxy that serves both sides can be made to carry by the objects that one side could write (convention 8).
//!
//! An ingress-nginx of a version without known faults connects, for the Ingresses of a namespace, to what these objects of
//! the same namespace say, and to nothing else. Each is a move of whoever may write it:
//!
//! - `spec.externalName` of a Service of the type ExternalName;
//! - the addresses of EndpointSlices, whoever wrote them and whether or not the Service has a selector, and of Endpoints, which
//!   are mirrored into slices where it has none;
//! - the addresses of pods, of which the cluster's controllers make slices: their own, those that somebody writes into
//!   `pods/status`, and for pods on the host network the node's, whose ports may lead on;
//! - annotations of the Ingress that make it ask or copy to any address, or write its configuration ([`DIALING`]).
//!   `ingresses/status` changes annotations as well.
//!
//! Other proxies know more moves: their own kinds, and annotations of Services. They carry anything. Ingresses before
//! `networking.k8s.io/v1` and slices before `discovery.k8s.io/v1` are served by no server that has admission policies.
//!
//! Sources: <https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations-risk/>,
//! `internal/ingress/controller/endpointslices.go` of ingress-nginx, and
//! <https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/>.

use crate::ends::{future_on_host_network, pods_in};
use crate::view::View;
use std::cell::RefCell;
use std::collections::BTreeSet;
use watertight_admission::pod_security::in_namespace_of_node;
use watertight_admission::{Known, Wanted};
use watertight_model::{Endpoints, Host, Ingress, NamespaceId, Service, ServiceType};

/// What somebody may write that tells proxies where to connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Traffic {
    /// Services.
    Services,
    /// Endpoints and EndpointSlices.
    Endpoints,
    /// Ingresses.
    Ingresses,
    /// The status of Ingresses, and their annotations with it.
    IngressStatus,
    /// The status of pods.
    PodStatus,
    /// ConfigMaps, by which proxies are configured.
    Settings,
}

impl Traffic {
    /// All of it.
    pub const ALL: [Self; 6] = [
        Self::Services,
        Self::Endpoints,
        Self::Ingresses,
        Self::IngressStatus,
        Self::PodStatus,
        Self::Settings,
    ];

    /// The resources, each with its API group; a subresource stands behind a slash.
    #[must_use]
    pub fn resources(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Services => &[("", "services")],
            Self::Endpoints => &[("", "endpoints"), ("discovery.k8s.io", "endpointslices")],
            Self::Ingresses => &[("networking.k8s.io", "ingresses")],
            Self::IngressStatus => &[("networking.k8s.io", "ingresses/status")],
            Self::PodStatus => &[("", "pods/status")],
            Self::Settings => &[("", "configmaps")],
        }
    }
}

/// Who may write what proxies go by, as far as bindings tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rights {
    /// What nobody of the hostile side may write in a namespace, for certain.
    pub withheld: BTreeSet<(NamespaceId, Traffic)>,
    /// The pods that run an ingress-nginx of a version of which no other moves are known, as indices into the snapshot.
    pub understood: BTreeSet<usize>,
}

/// What begins the annotations of ingress-nginx, unless a flag says otherwise.
const PREFIX: &str = "nginx.ingress.kubernetes.io/";

/// The flag that says otherwise.
const PREFIX_FLAG: &str = "--annotations-prefix";

/// The flags that name ConfigMaps, which may lead to Services of any namespace.
const SETTINGS_FLAGS: [&str; 3] = ["--configmap", "--tcp-services-configmap", "--udp-services-configmap"];

/// The annotations that have it connect elsewhere, or that write its configuration.
const DIALING: [&str; 7] = [
    "auth-snippet",
    "auth-url",
    "configuration-snippet",
    "mirror-target",
    "modsecurity-snippet",
    "server-snippet",
    "stream-snippet",
];

/// Whether a proxy can be made to connect elsewhere by objects that the hostile side has or could write. What is not known is
/// so.
pub(crate) fn may_carry(view: &View<'_>, proxy: usize, from: &[NamespaceId], to: &[NamespaceId]) -> bool {
    kept_away(view, proxy, from, to).is_none()
}

/// What policies keep away, without which a proxy could be made to connect elsewhere; `None` if it can be all the same. That
/// pods of the hostile side are not on the host network is not among it.
pub(crate) fn kept_away(
    view: &View<'_>,
    proxy: usize,
    from: &[NamespaceId],
    to: &[NamespaceId],
) -> Option<Vec<Wanted>> {
    let rights = view.rights.as_deref()?;
    let moves = Moves { view, rights, noted: RefCell::default() };
    if !rights.understood.contains(&proxy) || !moves.is_configured_by_its_own(proxy) {
        return None;
    }
    let mut others = view.snapshot.namespace_ids().filter(|id| !to.contains(id));
    let is_led = others.any(|id| moves.lead_elsewhere(id, from.contains(&id)));
    (!is_led).then(|| moves.noted.into_inner())
}

/// What is known of who may make which move.
struct Moves<'v, 'a> {
    view: &'v View<'a>,
    rights: &'v Rights,
    /// What policies were found to keep away.
    noted: RefCell<Vec<Wanted>>,
}

impl Moves<'_, '_> {
    fn is_withheld(&self, id: NamespaceId, traffic: Traffic) -> bool {
        self.rights.withheld.contains(&(id, traffic))
    }

    /// Whether flags and settings of a proxy are none that the hostile side writes, and its annotations begin as usual.
    fn is_configured_by_its_own(&self, proxy: usize) -> bool {
        let pod = &self.view.snapshot.pods[proxy];
        let own = &self.view.snapshot.namespace(pod.namespace).name;
        let mut arguments = pod.containers.iter().flat_map(|container| {
            let next = container.arguments.iter().skip(1).map(String::as_str).chain([""]);
            container.arguments.iter().map(String::as_str).zip(next)
        });
        let is_plain = |(argument, next): (&str, &str)| {
            let (flag, value) = argument.split_once('=').unwrap_or((argument, next));
            let namespace = value.split_once('/').map(|(namespace, _)| namespace);
            flag != PREFIX_FLAG
                && (!SETTINGS_FLAGS.contains(&flag)
                    || namespace.is_some_and(|named| named == own || named == "$(POD_NAMESPACE)"))
        };
        arguments.all(is_plain) && self.is_withheld(pod.namespace, Traffic::Settings)
    }

    /// Whether Ingresses of a namespace can come to lead anywhere else. What is there counts in namespaces of the hostile
    /// side, and in others where it may write something.
    fn lead_elsewhere(&self, id: NamespaceId, is_hostile: bool) -> bool {
        let mut writes = Traffic::ALL.into_iter().filter(|&traffic| traffic != Traffic::Settings);
        if !is_hostile && writes.all(|traffic| self.is_withheld(id, traffic)) {
            return false;
        }
        // That nobody may write Ingresses closes nothing by itself: controllers make some for others.
        let mut ingresses = self.view.snapshot.ingresses.iter().filter(|ingress| ingress.namespace == id);
        ingresses.any(dials)
            || DIALING.iter().any(|name| self.annotation_comes(id, name))
            || self.services_lead_elsewhere(id)
            || self.endpoints_lead_elsewhere(id)
            || self.pods_lead_elsewhere(id, is_hostile)
    }

    fn annotation_comes(&self, id: NamespaceId, name: &str) -> bool {
        let [may_write, may_write_status] =
            [Traffic::Ingresses, Traffic::IngressStatus].map(|traffic| !self.is_withheld(id, traffic));
        let wanted = self.wanted(id, INGRESS, &annotated(name));
        let subresources: &[&str] = if may_write_status { &["status"] } else { &[] };
        (may_write || may_write_status) && self.lets_come(Wanted { subresources, ..wanted })
    }

    fn services_lead_elsewhere(&self, id: NamespaceId) -> bool {
        let is_alias =
            |service: &Service| service.namespace == id && service.kind == ServiceType::ExternalName;
        let alias = Known::with([("spec", Known::with([("type", Known::text("ExternalName"))]))]);
        self.view.snapshot.services.iter().any(is_alias)
            || !self.is_withheld(id, Traffic::Services) && self.comes(id, SERVICE, &alias)
    }

    /// Every slice may hold any address.
    fn endpoints_lead_elsewhere(&self, id: NamespaceId) -> bool {
        let own: BTreeSet<_> = pods_in(self.view, id).flat_map(|(_, pod)| &pod.addresses).collect();
        let is_elsewhere = |endpoints: &Endpoints| {
            let mut hosts = endpoints.subsets.iter().flat_map(|subset| &subset.endpoints);
            hosts.any(|endpoint| !matches!(&endpoint.host, Host::Address(address) if own.contains(address)))
        };
        let mut there = self.view.snapshot.endpoints.iter().filter(|endpoints| endpoints.namespace == id);
        let mut kinds = ENDPOINTS.into_iter();
        there.any(is_elsewhere)
            || !self.is_withheld(id, Traffic::Endpoints)
                && kinds.any(|kind| self.comes(id, kind, &Known::with([])))
    }

    /// No policy is about the addresses of pods: kubelets write them.
    fn pods_lead_elsewhere(&self, id: NamespaceId, is_hostile: bool) -> bool {
        let is_refused = !is_hostile && self.view.profile.nodes && self.view.admitted(id).host_network;
        if is_refused && !self.view.creatable.admits_host_network(id) {
            let name = &self.view.snapshot.namespace(id).name;
            let pods = in_namespace_of_node("hostNetwork").into_iter();
            self.noted.borrow_mut().extend(pods.map(|pod| Wanted::pod(name, pod, false)));
        }
        !self.is_withheld(id, Traffic::PodStatus)
            || pods_in(self.view, id).any(|(_, pod)| pod.host_network.is_some())
            || future_on_host_network(self.view, id).is_some()
    }

    fn comes(&self, id: NamespaceId, of: [&str; 4], object: &Known) -> bool {
        self.lets_come(self.wanted(id, of, object))
    }

    fn lets_come(&self, wanted: Wanted) -> bool {
        let comes = self.view.creatable.lets_come(&wanted);
        if !comes {
            self.noted.borrow_mut().push(wanted);
        }
        comes
    }

    fn wanted(&self, id: NamespaceId, of: [&str; 4], object: &Known) -> Wanted {
        Wanted::namespaced(of, &self.view.snapshot.namespace(id).name, object.clone())
    }
}

const INGRESS: [&str; 4] = ["networking.k8s.io", "v1", "Ingress", "ingresses"];
const SERVICE: [&str; 4] = ["", "v1", "Service", "services"];
const ENDPOINTS: [[&str; 4]; 2] =
    [["", "v1", "Endpoints", "endpoints"], ["discovery.k8s.io", "v1", "EndpointSlice", "endpointslices"]];

/// Whether an Ingress has an annotation that makes ingress-nginx connect elsewhere.
fn dials(ingress: &Ingress) -> bool {
    let of_nginx = ingress.annotations.keys().filter_map(|key| key.strip_prefix(PREFIX));
    of_nginx.into_iter().any(|name| DIALING.contains(&name))
}

/// An object with such an annotation, whatever it says.
fn annotated(name: &str) -> Known {
    let any = Known::OtherText(BTreeSet::new());
    let key = format!("{PREFIX}{name}");
    let annotations = Known::with([(key.as_str(), any)]);
    Known::with([("metadata", Known::with([("annotations", annotations)]))])
}
