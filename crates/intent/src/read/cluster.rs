//! Clusters, and which of them an environment is in.

use crate::fields::Fields;
use crate::findings::Findings;
use crate::intent::{
    Cluster, ClusterId, Dns, IngressController, IngressProgram, Isolation, KubernetesVersion, RoutesOf,
    Spanned,
};
use crate::names::Names;
use crate::rules;
use std::collections::BTreeSet;
use watertight_base::Span;

/// `--max-requests-inflight` and `--max-mutating-requests-inflight` of one API server, by default.
const API_SEATS: u32 = 600;

/// The clusters that are listed, and those that environments have by default.
pub(super) struct Clusters {
    clusters: Vec<Cluster>,
    names: Names,
    /// Those that environments without a cluster of their own could be in: all but those that others have for themselves.
    shared: Vec<ClusterId>,
    /// The cluster `default`, once an environment is in it.
    default: Option<ClusterId>,
}

impl Clusters {
    /// Reads those that are listed. `environments` say which of them they have for themselves.
    pub(super) fn read(list: &[Fields<'_>], environments: &[Fields<'_>], findings: &mut Findings) -> Self {
        let names = Names::of(list, "cluster", findings);
        let of_its_own = |environment: &Fields<'_>| {
            environment.text("isolation").filter(|isolation| isolation.value == "cluster")?;
            names.find(&environment.text("cluster").or(environment.text("name"))?.value)
        };
        let taken: BTreeSet<usize> = environments.iter().filter_map(of_its_own).collect();
        let shared = (0..list.len()).filter(|index| !taken.contains(index)).map(ClusterId).collect();
        Self { clusters: list.iter().map(|fields| listed(*fields)).collect(), names, shared, default: None }
    }

    /// Who serves routes in a cluster.
    pub(super) fn ingress(&self, ClusterId(index): ClusterId) -> Option<IngressController> {
        self.clusters.get(index)?.ingress.clone()
    }

    pub(super) fn into_clusters(self) -> Vec<Cluster> {
        self.clusters
    }

    /// The cluster of an environment.
    pub(super) fn of_environment(
        &mut self,
        written: Option<Spanned<String>>,
        environment: &Spanned<String>,
        isolation: Isolation,
        findings: &mut Findings,
    ) -> ClusterId {
        if let Some(written) = written {
            let found = self.names.resolve(&written, findings);
            return ClusterId(found.unwrap_or_default());
        }
        match isolation {
            Isolation::Cluster => match self.names.find(&environment.value) {
                Some(index) => ClusterId(index),
                None => self.add(environment.clone(), findings),
            },
            Isolation::Namespace => match self.shared.as_slice() {
                [] => {
                    let name = Spanned::new("default".to_owned(), environment.span);
                    let id = self.default.unwrap_or_else(|| self.add(name, findings));
                    self.default = Some(id);
                    id
                }
                [only] => *only,
                _ => {
                    findings.error(
                        rules::MISSING_FIELD,
                        format!(
                            "the environment `{}` has no `cluster`, and there are several",
                            environment.value
                        ),
                        environment.span,
                        "in which cluster?",
                        "give it a `cluster`",
                    );
                    ClusterId(0)
                }
            },
        }
    }

    /// Adds a cluster that is there by default. Its name can only be that of another such one.
    fn add(&mut self, name: Spanned<String>, findings: &mut Findings) -> ClusterId {
        let at = name.span;
        if self.clusters.iter().any(|known| known.name.value == name.value) {
            let message = format!("two clusters are called `{}` by default", name.value);
            let help = "list the clusters in `clusters`, and say for each environment in which it is";
            findings.error(rules::REPEATED_NAME, message, at, "the same name again", help);
        }
        // It is made as the one is that it is beside.
        let model = match self.shared.as_slice() {
            [ClusterId(only)] => self.clusters.get(*only).cloned(),
            _ => None,
        };
        let model = model.unwrap_or_else(|| by_default(at));
        self.clusters.push(Cluster { name, context: None, manifests: None, span: at, ..model });
        ClusterId(self.clusters.len() - 1)
    }
}

/// A cluster of which nothing is said.
fn by_default(at: Span) -> Cluster {
    Cluster {
        name: Spanned::new(String::new(), at),
        context: None,
        manifests: None,
        provider: provider(at),
        cni_profile: cni_profile(at),
        kubernetes_version: None,
        api_seats: Spanned::new(API_SEATS, at),
        cluster_network_policy: Spanned::new(false, at),
        ingress: None,
        dns: dns(&provider(at)),
        span: at,
    }
}

fn provider(at: Span) -> Spanned<String> {
    Spanned::new("other".to_owned(), at)
}

fn cni_profile(at: Span) -> Spanned<String> {
    Spanned::new("conservative".to_owned(), at)
}

/// Where names are resolved by default. Every installer labels CoreDNS as the addon that was there before it; OpenShift's operator
/// runs a DaemonSet of its own, whose pods listen on another port.
///
/// Sources: <https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/>,
/// <https://docs.redhat.com/en/documentation/openshift_container_platform/4.19/html/networking_operators/dns-operator>.
fn dns(provider: &Spanned<String>) -> Dns {
    let at = provider.span;
    let (namespace, key, value, port) = match provider.value.as_str() {
        "openshift" => ("openshift-dns", "dns.operator.openshift.io/daemonset-dns", "default", 5353),
        _ => ("kube-system", "k8s-app", "kube-dns", 53),
    };
    Dns {
        namespace: Spanned::new(namespace.to_owned(), at),
        pod_label: Spanned::new((key.to_owned(), value.to_owned()), at),
        port: Spanned::new(port, at),
    }
}

fn written_dns(fields: Fields<'_>) -> Dns {
    let label = |text: &str| text.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()));
    let namespace = fields.required("namespace");
    Dns {
        pod_label: fields
            .parsed("podLabel", label)
            .unwrap_or_else(|| Spanned::new((String::new(), String::new()), fields.span_of("podLabel"))),
        port: fields.integer("port").unwrap_or(Spanned::new(53, namespace.span)),
        namespace,
    }
}

/// Who serves routes.
pub(super) fn ingress(fields: Fields<'_>) -> IngressController {
    let serves = match fields.object("gateway") {
        Some(gateway) => {
            RoutesOf::Gateway { namespace: gateway.required("namespace"), name: gateway.required("name") }
        }
        None => RoutesOf::Class(fields.required("className")),
    };
    let controller = fields.parsed("controller", |word| match word {
        "ingress-nginx" => Some(IngressProgram::IngressNginx),
        "other" => Some(IngressProgram::Other),
        _ => None,
    });
    let controller = controller.unwrap_or(Spanned::new(IngressProgram::Other, fields.span()));
    IngressController { namespace: fields.required("namespace"), serves, controller }
}

fn listed(fields: Fields<'_>) -> Cluster {
    let name = fields.required("name");
    let at = name.span;
    let provider = fields.text("provider").unwrap_or_else(|| provider(at));
    Cluster {
        context: fields.text("context"),
        manifests: fields.text("manifests"),
        dns: fields.object("dns").map_or_else(|| dns(&provider), written_dns),
        provider,
        cni_profile: fields.text("cniProfile").unwrap_or_else(|| cni_profile(at)),
        kubernetes_version: fields.parsed("kubernetesVersion", KubernetesVersion::parse),
        api_seats: fields.integer("apiSeats").unwrap_or(Spanned::new(API_SEATS, at)),
        cluster_network_policy: fields.boolean("clusterNetworkPolicy").unwrap_or(Spanned::new(false, at)),
        ingress: fields.object("ingress").map(ingress),
        name,
        span: fields.span(),
    }
}
