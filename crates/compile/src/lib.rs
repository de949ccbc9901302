//! An Intent into manifests, the same ones each time.
//!
//! The walls of namespaces: Namespaces with a Pod Security level, the fence of NetworkPolicies on both sides, quotas, limits,
//! priorities, roles and bindings; in a cluster that environments share, guards (ValidatingAdmissionPolicies), a share of the API
//! server for each, and where it has the kind, a second fence in the tier of the administrator. And what runs behind them:
//! Deployments, Services, jobs and routes of applications in
//! their short form, with the doors in the fence that they need, and what is given as manifests.

mod amounts;
mod cluster_network_policies;
mod fairness;
mod files;
mod fleet;
mod guards;
mod manifest;
mod namespaces;
mod neighbours;
mod network_policies;
mod openings;
mod promises;
mod rbac;
mod rules;
mod shared_ingress;
mod shared_store;
mod sources;
mod workloads;

pub use files::{File, HEAD};
pub use fleet::{FLEET, Fleet, FleetCluster, FleetEnvironment};
pub use rules::RULES;
pub use sources::{Given, GivenFile};

use files::Folders;
use watertight_base::{Diagnostic, Severity, Source, Span};
use watertight_intent::{ClusterId, EnvironmentId, Intent};

/// What is to be compiled.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The intent.
    pub intent: &'a Intent,
    /// What was read. The first is the intent.
    pub sources: &'a [Source],
    /// What the applications consist of that are not in their short form: one for each of their environments. What is not
    /// given is not compiled.
    pub given: &'a [Given],
    /// What else is in the clusters: for each of which it is known, where that is, as a path from the folder into which is written.
    pub beside: &'a [(ClusterId, String)],
}

/// What an intent compiles to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Compiled {
    /// All files, sorted by path. There is none where a diagnostic is an error.
    pub files: Vec<File>,
    /// What cannot be compiled, or cannot be promised, in the order of the sources.
    pub diagnostics: Vec<Diagnostic>,
    /// What of the sources the intent leaves out of every application that is given it.
    pub left_out: Vec<Span>,
}

/// All files that an intent asks for, and what is to be said about it.
#[must_use]
pub fn compile(question: Question<'_>) -> Compiled {
    let Question { intent, sources, given, beside } = question;
    let mut diagnostics = promises::diagnostics(intent);
    diagnostics.extend(openings::diagnostics(intent));
    diagnostics.extend(shared_store::diagnostics(intent));
    let mut folders = Folders::new();
    for (index, environment) in intent.environments.iter().enumerate() {
        let ClusterId(cluster) = environment.cluster;
        let Some(cluster) = intent.clusters.get(cluster) else { continue };
        let folder = vec![cluster.name.value.clone(), environment.name.value.clone()];
        let manifests = folders.entry(folder).or_default();
        manifests.extend(amounts::priority_class(environment));
        manifests.extend(namespaces::namespaces(intent, environment));
        manifests.extend(amounts::bounds(intent, environment));
        manifests.extend(network_policies::network_policies(cluster, environment));
        manifests.extend(rbac::rbac(intent, EnvironmentId(index), environment));
        manifests.extend(fairness::fairness(intent, EnvironmentId(index), environment));
        manifests.extend(cluster_network_policies::fence(intent, EnvironmentId(index), environment));
        manifests.extend(openings::openings(intent, EnvironmentId(index)));
        manifests.extend(workloads::workloads(intent, EnvironmentId(index)));
    }
    let place = |span| files::place(sources, span);
    let applications = sources::applications(intent, sources, given, &folders, &place);
    diagnostics.extend(applications.diagnostics);
    let left_out = applications.left_out;
    diagnostics.extend(shared_ingress::diagnostics(intent, &applications.publish));
    for (folder, manifest) in applications.beside {
        folders.entry(folder).or_default().push(manifest);
    }
    for (index, environment) in intent.environments.iter().enumerate() {
        let id = EnvironmentId(index);
        let hosts = applications.hosts.get(&id).into_iter().flatten();
        let manifests = folders.entry(files::folder(intent, id)).or_default();
        manifests.extend(guards::guards(intent, id, environment, hosts.cloned().collect()));
    }
    diagnostics.sort_by_key(|found| found.at.as_ref().map(|(span, _)| (span.source, span.start)));
    if diagnostics.iter().any(|found| found.severity == Severity::Error) {
        return Compiled { files: Vec::new(), diagnostics, left_out };
    }
    let mut files = files::files(folders, applications.written, sources);
    files.push(Fleet::of(intent, beside).file(intent));
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Compiled { files, diagnostics, left_out }
}
