//! Each namespace belongs to one environment, and a cluster of its own to one too.

use crate::findings::Findings;
use crate::intent::{ClusterId, Intent, Isolation};
use crate::rules;
use std::collections::BTreeMap;

/// Names of namespaces that are Kubernetes' own.
/// Source: <https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/>.
const OF_KUBERNETES: &str = "kube-";

pub(super) fn check(intent: &Intent, findings: &mut Findings) {
    let mut owners: BTreeMap<(ClusterId, &str), &str> = BTreeMap::new();
    for environment in &intent.environments {
        for namespace in &environment.namespaces {
            let name = namespace.value.as_str();
            if name.starts_with(OF_KUBERNETES) || name == "default" {
                let message =
                    format!("the namespace `{name}` is no environment's: it is there for the whole cluster");
                let help = "give the environment a namespace of its own";
                findings.error(
                    rules::SHARED_NAMESPACE,
                    message,
                    namespace.span,
                    "of the whole cluster",
                    help,
                );
            }
            let own = environment.name.value.as_str();
            match owners.insert((environment.cluster, name), own) {
                Some(other) if other != own && !name.is_empty() => {
                    let message = format!("the namespace `{name}` belongs to `{other}` and to `{own}`");
                    let help = "give each environment namespaces of its own: no wall stands inside of one";
                    let label = format!("is a namespace of `{other}`");
                    findings.error(rules::SHARED_NAMESPACE, message, namespace.span, label, help);
                }
                _ => {}
            }
        }
        is_alone(intent, environment, findings);
    }
    for (index, cluster) in intent.clusters.iter().enumerate() {
        let dns = &cluster.dns.namespace;
        // Every environment lets its pods out to there.
        if let Some(owner) = owners.get(&(ClusterId(index), dns.value.as_str())) {
            let message = format!("the cluster's DNS is in `{}`, which belongs to `{owner}`", dns.value);
            let help = "what all environments use needs a namespace that is no environment's";
            findings.error(rules::SHARED_NAMESPACE, message, dns.span, "of an environment", help);
        }
    }
}

/// Reports an environment with a cluster of its own in which another one is.
fn is_alone(intent: &Intent, environment: &crate::intent::Environment, findings: &mut Findings) {
    if environment.isolation.value != Isolation::Cluster {
        return;
    }
    let shares = |other: &&crate::intent::Environment| {
        other.cluster == environment.cluster && other.name.span != environment.name.span
    };
    if let Some(other) = intent.environments.iter().find(shares) {
        let (own, other) = (&environment.name.value, &other.name.value);
        let message = format!("`{own}` is to have a cluster of its own, and `{other}` is in the same");
        let help = "give it another `cluster`, or none: without one it has a cluster of its own name";
        findings.error(rules::SHARED_NAMESPACE, message, environment.isolation.span, "shared", help);
    }
}
