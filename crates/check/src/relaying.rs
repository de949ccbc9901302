//! What a proxy that serves both sides can be made to carry: of one sort all moves are known (docs/admission.md), and it carries
//! nothing across if each is closed, since nobody of the hostile side may make it, or since policies refuse it.

use crate::admission::{Kept, Kind, Written};
use crate::ends::Cluster;
use crate::format::{KnownField, RefusedObject};
use crate::pod_security::on_host_network;
use crate::sharing::is_mended_nginx;
use std::collections::BTreeSet;
use watertight_model::{Host, NamespaceId, Pod, ServiceType};

/// What begins the annotations of ingress-nginx, unless a flag says otherwise.
const PREFIX: &str = "nginx.ingress.kubernetes.io/";
const PREFIX_FLAG: &str = "--annotations-prefix";

/// The flags that name ConfigMaps.
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

/// What somebody may write that tells it where to connect.
const SERVICES: &[(&str, &str)] = &[("", "services")];
const ENDPOINTS: &[(&str, &str)] = &[("", "endpoints"), ("discovery.k8s.io", "endpointslices")];
const INGRESSES: &[(&str, &str)] = &[("networking.k8s.io", "ingresses")];
const INGRESS_STATUS: &[(&str, &str)] = &[("networking.k8s.io", "ingresses/status")];
const POD_STATUS: &[(&str, &str)] = &[("", "pods/status")];
const SETTINGS: &[(&str, &str)] = &[("", "configmaps")];

/// The two sides, and what one may do.
pub(crate) struct Relaying<'r> {
    pub(crate) cluster: &'r Cluster<'r>,
    pub(crate) from: &'r [NamespaceId],
    pub(crate) to: &'r [NamespaceId],
    pub(crate) written: &'r Written,
    /// The namespaces besides those of the hostile side whose Pod Security admits pods on the host network.
    pub(crate) admitting: &'r dyn Fn(NamespaceId) -> bool,
}

impl Relaying<'_> {
    /// Checks that none of these pods of a proxy can be made to connect elsewhere.
    ///
    /// # Errors
    /// One can, or a refusal is not needed.
    pub(crate) fn check(&self, pods: &[&Pod], refused: &[RefusedObject]) -> Result<(), String> {
        let kept = Kept::of_one(refused, self.written);
        for pod in pods {
            if !is_mended_nginx(pod) || !self.is_configured_by_its_own(pod) {
                return Err(format!("what {} may be made to carry is not known", pod.origin.object));
            }
        }
        for id in self.cluster.snapshot.namespace_ids().filter(|id| !self.to.contains(id)) {
            let name = &self.cluster.snapshot.namespace(id).name;
            let moves = [SERVICES, ENDPOINTS, INGRESSES, INGRESS_STATUS, POD_STATUS];
            if !self.from.contains(&id) && !moves.iter().any(|traffic| self.may_write(id, traffic)) {
                continue;
            }
            if let Some(what) = self.lead_elsewhere(id, &kept) {
                return Err(format!("it can be made to connect elsewhere by {what} of `{name}`"));
            }
        }
        match kept.needless() {
            Some(number) => Err(format!("refused[{number}] is not refused, or need not be")),
            None => Ok(()),
        }
    }

    fn name(&self, id: NamespaceId) -> &str {
        &self.cluster.snapshot.namespace(id).name
    }

    fn may_write(&self, id: NamespaceId, traffic: &[(&str, &str)]) -> bool {
        traffic.iter().any(|(group, resource)| self.written.may_write(self.name(id), group, resource))
    }

    /// Whether flags and settings are none that the hostile side writes, and annotations begin as usual.
    fn is_configured_by_its_own(&self, pod: &Pod) -> bool {
        let own = self.name(pod.namespace);
        for container in pod.containers.iter() {
            for (index, argument) in container.arguments.iter().enumerate() {
                let next = container.arguments.get(index + 1).map_or("", String::as_str);
                let (flag, value) = argument.split_once('=').unwrap_or((argument, next));
                let namespace = value.split_once('/').map(|(namespace, _)| namespace);
                let is_own = namespace.is_some_and(|named| named == own || named == "$(POD_NAMESPACE)");
                if flag == PREFIX_FLAG || SETTINGS_FLAGS.contains(&flag) && !is_own {
                    return false;
                }
            }
        }
        !self.may_write(pod.namespace, SETTINGS)
    }

    /// By what Ingresses of a namespace can come to lead anywhere else. All is asked about that policies may refuse.
    fn lead_elsewhere(&self, id: NamespaceId, kept: &Kept<'_>) -> Option<&'static str> {
        let there = [
            (self.dials(id), "annotations of Ingresses"),
            (self.has_alias(id), "a Service of the type ExternalName"),
            (self.has_other_endpoints(id), "endpoints"),
            (self.may_write(id, POD_STATUS), "the status of pods"),
            (self.cluster.pods(id).any(|pod| pod.host_network.is_some()), "pods on the host network"),
            (self.annotation_comes(id, kept), "annotations that Ingresses could get"),
            (self.service_comes(id, kept), "Services that could be made"),
            (self.endpoints_come(id, kept), "endpoints that could be made"),
            (self.pod_comes(id, kept), "pods on the host network that could be made"),
        ];
        there.into_iter().find(|(leads, _)| *leads).map(|(_, what)| what)
    }

    fn dials(&self, id: NamespaceId) -> bool {
        let mut ingresses = self.cluster.snapshot.ingresses.iter().filter(|ingress| ingress.namespace == id);
        let is_dialing = |key: &String| key.strip_prefix(PREFIX).is_some_and(|it| DIALING.contains(&it));
        ingresses.any(|ingress| ingress.annotations.keys().any(is_dialing))
    }

    fn has_alias(&self, id: NamespaceId) -> bool {
        let mut services = self.cluster.snapshot.services.iter().filter(|service| service.namespace == id);
        services.any(|service| service.kind == ServiceType::ExternalName)
    }

    fn has_other_endpoints(&self, id: NamespaceId) -> bool {
        let own: BTreeSet<_> = self.cluster.pods(id).flat_map(|pod| &pod.addresses).collect();
        let there = self.cluster.snapshot.endpoints.iter().filter(|it| it.namespace == id);
        let mut hosts = there.flat_map(|it| &it.subsets).flat_map(|subset| &subset.endpoints);
        hosts.any(|endpoint| !matches!(&endpoint.host, Host::Address(address) if own.contains(address)))
    }

    fn annotation_comes(&self, id: NamespaceId, kept: &Kept<'_>) -> bool {
        let by_status = self.may_write(id, INGRESS_STATUS);
        if !by_status && !self.may_write(id, INGRESSES) {
            return false;
        }
        let kind = Kind::new(["networking.k8s.io", "v1", "Ingress", "ingresses"]);
        let subresources: &[&str] = if by_status { &["status"] } else { &[] };
        let asked = DIALING.into_iter().map(|name| {
            let path = ["metadata", "annotations", &format!("{PREFIX}{name}")].map(str::to_owned).to_vec();
            let any = KnownField { path, one_of: None, other_than: Some(BTreeSet::new()), is: None };
            !kept.refuses(self.cluster.snapshot, (&kind, self.name(id)), &[any], subresources)
        });
        asked.fold(false, |any, comes| any | comes)
    }

    fn service_comes(&self, id: NamespaceId, kept: &Kept<'_>) -> bool {
        let path = ["spec", "type"].map(str::to_owned).to_vec();
        let one_of = Some(["ExternalName".to_owned()].into());
        let alias = KnownField { path, one_of, other_than: None, is: None };
        self.may_write(id, SERVICES) && self.comes(id, kept, (["", "v1", "Service", "services"], &[alias]))
    }

    /// Every slice may hold any address.
    fn endpoints_come(&self, id: NamespaceId, kept: &Kept<'_>) -> bool {
        let kinds = [
            ["", "v1", "Endpoints", "endpoints"],
            ["discovery.k8s.io", "v1", "EndpointSlice", "endpointslices"],
        ];
        let asked = || kinds.into_iter().map(|kind| self.comes(id, kept, (kind, &[])));
        self.may_write(id, ENDPOINTS) && asked().fold(false, |any, comes| any | comes)
    }

    /// That those of the hostile side are off it has facts of its own.
    fn pod_comes(&self, id: NamespaceId, kept: &Kept<'_>) -> bool {
        if self.from.contains(&id) || !self.cluster.has_nodes() || !(self.admitting)(id) {
            return false;
        }
        let (pods, snapshot) = (on_host_network(), self.cluster.snapshot);
        !kept.refuses_by(snapshot, (&Kind::pods(), self.name(id)), &pods, &[("CREATE", "")])
    }

    fn comes(&self, id: NamespaceId, kept: &Kept<'_>, (kind, fields): ([&str; 4], &[KnownField])) -> bool {
        !kept.refuses(self.cluster.snapshot, (&Kind::new(kind), self.name(id)), fields, &[])
    }
}
