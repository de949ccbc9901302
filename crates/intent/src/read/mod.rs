//! From fields to the types of an intent: defaults are filled in, names resolved, amounts parsed.

mod access;
mod application;
mod boundary;
mod cluster;
mod environment;
mod resources;
mod store;
mod workload;

use crate::fields::Fields;
use crate::findings::Findings;
use crate::formats::date::Date;
use crate::intent::{Intent, Protocol, Spanned};
use crate::names::Names;
use watertight_base::Span;

/// The names that parts of an intent refer to.
pub(crate) struct Known {
    pub(crate) environments: Names,
    pub(crate) applications: Names,
    pub(crate) stores: Names,
}

/// Reads the whole document.
pub(crate) fn fleet(document: Fields<'_>, today: Date, findings: &mut Findings) -> Intent {
    let name = match document.object("metadata") {
        Some(metadata) => metadata.required("name"),
        None => Spanned::new(String::new(), document.span()),
    };
    let list = |name: &str| document.object("spec").map(|spec| spec.objects(name)).unwrap_or_default();
    let environments = list("environments");
    let applications = list("applications");
    let stores = list("stores");
    let known = Known {
        environments: Names::of(&environments, "environment", findings),
        applications: Names::of(&applications, "application", findings),
        stores: Names::of(&stores, "store", findings),
    };
    let mut clusters = cluster::Clusters::read(&list("clusters"), &environments, findings);
    let environments: Vec<_> =
        environments.into_iter().map(|fields| environment::read(fields, &mut clusters, findings)).collect();
    let stores = stores.into_iter().map(|fields| store::read(fields, &known, findings)).collect();
    let applications = applications
        .into_iter()
        .map(|fields| application::read(fields, &environments, &known, findings))
        .collect();
    let boundaries = boundary::read(&list("boundaries"), &environments, &known, today, findings);
    Intent { name, clusters: clusters.into_clusters(), environments, applications, stores, boundaries }
}

/// The protocol in a field: TCP by default, as everywhere in Kubernetes.
fn protocol(fields: Fields<'_>, default_at: Span) -> Spanned<Protocol> {
    let parse = |word: &str| {
        Some(match word {
            "TCP" => Protocol::Tcp,
            "UDP" => Protocol::Udp,
            "SCTP" => Protocol::Sctp,
            _ => return None,
        })
    };
    fields.parsed("protocol", parse).unwrap_or(Spanned::new(Protocol::Tcp, default_at))
}
