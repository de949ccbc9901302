//! An Intent into manifests, the same ones each time.
//!
//! So far the walls of namespaces: Namespaces with a Pod Security level, the fence of NetworkPolicies on both sides, quotas,
//! limits, priorities, roles and bindings.

mod amounts;
mod files;
mod manifest;
mod namespaces;
mod network_policies;
mod rbac;
mod yaml;

pub use files::File;

use files::Folders;
use watertight_base::Source;
use watertight_intent::{ClusterId, EnvironmentId, Intent};

/// All files that an intent asks for, sorted by path. `source` is what the intent was read from.
#[must_use]
pub fn compile(intent: &Intent, source: &Source) -> Vec<File> {
    let mut folders = Folders::new();
    for (index, environment) in intent.environments.iter().enumerate() {
        let ClusterId(cluster) = environment.cluster;
        let Some(cluster) = intent.clusters.get(cluster) else { continue };
        let folder = vec![cluster.name.value.clone(), environment.name.value.clone()];
        let manifests = folders.entry(folder).or_default();
        manifests.extend(amounts::priority_class(environment));
        manifests.extend(namespaces::namespaces(intent, environment));
        manifests.extend(amounts::bounds(intent, environment));
        manifests.extend(network_policies::network_policies(environment));
        manifests.extend(rbac::rbac(intent, EnvironmentId(index), environment));
    }
    files::files(folders, source)
}
