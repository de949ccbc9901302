//! Clusters, and which of them an environment is in.

use crate::fields::Fields;
use crate::findings::Findings;
use crate::intent::{Cluster, ClusterId, IngressController, Isolation, KubernetesVersion, RoutesOf, Spanned};
use crate::names::Names;
use crate::rules;
use watertight_base::Span;

/// `--max-requests-inflight` and `--max-mutating-requests-inflight` of one API server, by default.
const API_SEATS: u32 = 600;

/// The clusters that are listed, and those that environments have by default.
pub(super) struct Clusters {
    clusters: Vec<Cluster>,
    names: Names,
    /// The cluster `default`, once an environment is in it.
    default: Option<ClusterId>,
}

impl Clusters {
    pub(super) fn read(list: &[Fields<'_>], findings: &mut Findings) -> Self {
        let names = Names::of(list, "cluster", findings);
        Self { clusters: list.iter().map(|fields| listed(*fields)).collect(), names, default: None }
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
            Isolation::Namespace => match self.names.count {
                0 => {
                    let name = Spanned::new("default".to_owned(), environment.span);
                    let id = self.default.unwrap_or_else(|| self.add(name, findings));
                    self.default = Some(id);
                    id
                }
                1 => ClusterId(0),
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
        self.clusters.push(Cluster {
            name,
            context: None,
            manifests: None,
            provider: provider(at),
            cni_profile: cni_profile(at),
            kubernetes_version: None,
            api_seats: Spanned::new(API_SEATS, at),
            ingress: None,
            span: at,
        });
        ClusterId(self.clusters.len() - 1)
    }
}

fn provider(at: Span) -> Spanned<String> {
    Spanned::new("other".to_owned(), at)
}

fn cni_profile(at: Span) -> Spanned<String> {
    Spanned::new("conservative".to_owned(), at)
}

/// Who serves routes.
pub(super) fn ingress(fields: Fields<'_>) -> IngressController {
    let serves = match fields.object("gateway") {
        Some(gateway) => {
            RoutesOf::Gateway { namespace: gateway.required("namespace"), name: gateway.required("name") }
        }
        None => RoutesOf::Class(fields.required("className")),
    };
    IngressController { namespace: fields.required("namespace"), serves }
}

fn listed(fields: Fields<'_>) -> Cluster {
    let name = fields.required("name");
    let at = name.span;
    Cluster {
        context: fields.text("context"),
        manifests: fields.text("manifests"),
        provider: fields.text("provider").unwrap_or_else(|| provider(at)),
        cni_profile: fields.text("cniProfile").unwrap_or_else(|| cni_profile(at)),
        kubernetes_version: fields.parsed("kubernetesVersion", KubernetesVersion::parse),
        api_seats: fields.integer("apiSeats").unwrap_or(Spanned::new(API_SEATS, at)),
        ingress: fields.object("ingress").map(ingress),
        name,
        span: fields.span(),
    }
}
