//! Which verbs there are.

use super::did_you_mean;
use crate::rules::suggestions;
use watertight_api::Resource;

/// The verbs of requests about resources, and those that only rules of roles have.
///
/// Source: `resourceVerbs` of <https://github.com/kubernetes/kubectl/blob/v0.36.0/pkg/cmd/auth/cani.go>.
const OF_RESOURCES: [&str; 16] = [
    "*",
    "approve",
    "attest",
    "bind",
    "create",
    "delete",
    "deletecollection",
    "escalate",
    "get",
    "impersonate",
    "list",
    "patch",
    "sign",
    "update",
    "use",
    "watch",
];

/// The verbs of requests for paths.
///
/// Source: `nonResourceURLVerbs` of the same file.
const OF_PATHS: [&str; 8] = ["*", "delete", "get", "head", "options", "patch", "post", "put"];

/// How the verbs begin that only name how somebody may be impersonated, and what may be done then.
///
/// Source: <https://github.com/kubernetes/enhancements/tree/master/keps/sig-auth/5284-constrained-impersonation>.
const OF_IMPERSONATION: [&str; 2] = ["impersonate:", "impersonate-on:"];

/// What is odd about a verb of a request for a path.
pub(super) fn odd_for_paths(verb: &str) -> Option<String> {
    (!OF_PATHS.contains(&verb)).then(|| unknown(verb, &OF_PATHS))
}

/// What is odd about a verb of a request about a resource, as far as that is known.
pub(super) fn odd_for_resources(verb: &str, resource: Option<&Resource>) -> Option<String> {
    let of_this = |resource: &Resource| {
        let of_parts = resource.subresources.iter().flat_map(|subresource| &subresource.verbs);
        resource.verbs.iter().chain(of_parts).any(|known| known == verb)
    };
    let is_known = OF_RESOURCES.contains(&verb)
        || OF_IMPERSONATION.iter().any(|start| verb.starts_with(start))
        || resource.is_some_and(of_this);
    (!is_known).then(|| unknown(verb, &OF_RESOURCES))
}

fn unknown(verb: &str, known: &[&str]) -> String {
    let meant = suggestions(verb, known.iter().copied());
    format!("the verb `{verb}` is none that is known{}", did_you_mean(meant.first()))
}
