//! Which objects a rule is about: those that the server has by itself, and all that may be there by definitions.

use super::meets::means;
use super::params::Params;
use crate::matching::ALL;
use std::collections::BTreeSet;
use watertight_kubernetes::{
    IN_NO_NAMESPACE, NOT_OBJECTS, OF_METRICS, OF_REVIEWS, PARTS_THAT_READ, PARTS_THAT_TELL, Resources,
    SUPPORTED,
};
use watertight_model::{ApiService, CustomResource};

/// The objects of one server.
#[derive(Debug)]
pub(crate) struct Objects {
    known: Vec<Known>,
    /// The groups and resources of `known`.
    resources: BTreeSet<(String, String)>,
    /// The groups that the server has by itself.
    own_groups: BTreeSet<String>,
    /// Those for which APIServices of the input have another server answer.
    aggregated: BTreeSet<String>,
    /// Those of definitions of the input.
    defined: BTreeSet<String>,
    /// Whether the server may be newer than those that are known,
    is_newer: bool,
    /// or is older: those had more groups, such as `extensions`.
    is_older: bool,
    /// Those from which admission policies take parameters.
    pub(super) params: Vec<Params>,
}

/// A resource or subresource.
#[derive(Debug)]
struct Known {
    group: String,
    /// With its subresource behind a slash.
    resource: String,
    verbs: Vec<String>,
    namespaced: bool,
}

impl Objects {
    /// Those of a server of Kubernetes 1.`minor` with these definitions and APIServices.
    pub(crate) fn new(minor: u32, custom: &[CustomResource], services: &[ApiService]) -> Self {
        let mut known = Vec::new();
        let served = Resources::new(minor, custom);
        for resource in served.iter() {
            let subresources = resource
                .subresources
                .iter()
                .map(|subresource| (format!("{}/{}", resource.plural, subresource.name), &subresource.verbs));
            for (name, verbs) in
                std::iter::once((resource.plural.clone(), &resource.verbs)).chain(subresources)
            {
                known.push(Known {
                    group: resource.group.clone(),
                    resource: name,
                    verbs: verbs.clone(),
                    namespaced: resource.namespaced,
                });
            }
        }
        let resources = known.iter().map(|known| (known.group.clone(), known.resource.clone())).collect();
        let own = if custom.is_empty() { served } else { Resources::new(minor, &[]) };
        let own_groups = own.iter().map(|resource| resource.group.clone()).collect();
        let aggregated = services.iter().filter(|service| service.called.is_some());
        Self {
            known,
            resources,
            own_groups,
            aggregated: aggregated.map(|service| service.group.clone()).collect(),
            defined: custom.iter().map(|definition| definition.group.clone()).collect(),
            is_newer: minor > *SUPPORTED.end(),
            is_older: minor < *SUPPORTED.start(),
            params: Vec::new(),
        }
    }

    /// Whether a group may hold resources of which nothing is known. Definitions need a group with a dot, and those of the
    /// Kubernetes community, `*.k8s.io`, no more than an annotation; groups without one are the server's own, or answered by
    /// another one that an APIService names. A newer server may have more in its own, and an older one had more of them.
    ///
    /// Source: `ValidateCustomResourceDefinition` (`spec.group` has to have a dot) and KEP-2337.
    fn may_grow(&self, group: &str) -> bool {
        group == ALL
            || group.contains('.')
            || self.is_older
            || self.aggregated.contains(group)
            || self.is_newer && self.own_groups.contains(group)
    }

    /// Whether a group and a resource of a rule mean objects, in a namespace or in none, that can be done one of the
    /// wanted verbs to that the rule has. What is not known may be there, and in namespaces unless we know better.
    pub(crate) fn means(
        &self,
        group: &str,
        resource: &str,
        wanted: &[&str],
        verbs: &[String],
        namespaced: bool,
    ) -> bool {
        if OF_REVIEWS.contains(&group) {
            return false;
        }
        let plain = resource.split_once('/').map_or(resource, |(plain, _)| plain);
        let is_unknown = match (group, plain) {
            (ALL, ALL) => false,
            (_, ALL) => !self.own_groups.contains(group),
            (ALL, _) => !self.resources.iter().any(|(_, known)| known == plain),
            _ => !self.resources.contains(&(group.to_owned(), plain.to_owned())),
        };
        if is_unknown && self.may_grow(group) && namespaced != IN_NO_NAMESPACE.contains(&(group, plain)) {
            let is_wanted = |verb: &String| verb == ALL || wanted.contains(&verb.as_str());
            return verbs.iter().any(is_wanted);
        }
        let can = |known: &Known| {
            let has = |verb: &str| known.verbs.iter().any(|has| has == verb);
            wanted.iter().any(|verb| has(verb) && verbs.iter().any(|held| held == ALL || held == verb))
        };
        self.known.iter().any(|known| {
            known.namespaced == namespaced
                && (group == ALL || group == known.group)
                && means(resource, &known.resource)
                && !NOT_OBJECTS.contains(&(known.group.as_str(), known.resource.as_str()))
                && !OF_REVIEWS.contains(&known.group.as_str())
                && can(known)
        })
    }

    /// Whether a group and a resource of a rule mean subresources of which nothing is known. The objects of definitions have
    /// none but `status` and `scale`; another server that answers for a group may have any.
    pub(crate) fn has_unknown_parts(&self, group: &str, resource: &str) -> bool {
        let part = resource.split_once('/').map(|(_, part)| part);
        let is_known = match part {
            None => resource != ALL,
            Some(part) => {
                PARTS_THAT_TELL.contains(&part)
                    || PARTS_THAT_READ.contains(&(group, resource))
                    || group == ALL && self.resources.iter().any(|(_, known)| known == resource)
            }
        };
        let is_others = self.aggregated.contains(group)
            || self.may_grow(group) && !self.own_groups.contains(group) && !self.defined.contains(group);
        !is_known && is_others && !OF_METRICS.contains(&group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subresources_are_unknown_where_another_server_may_answer() {
        let objects = Objects::new(*SUPPORTED.end(), &[], &[]);
        for (group, resource) in [
            ("ops.example", "things/exec"),
            ("ops.example", "*/proxy"),
            ("ops.example", "*"),
            ("subresources.kubevirt.io", "*"),
            (ALL, "things/exec"),
            (ALL, "*/exec"),
        ] {
            assert!(objects.has_unknown_parts(group, resource), "{resource}.{group}");
        }
        for (group, resource) in [
            ("ops.example", "things"),
            ("ops.example", "things/status"),
            ("", "pods/exec"),
            ("apps", "*"),
            ("networking.k8s.io", "things/exec"),
            ("metrics.k8s.io", "*"),
            ("subresources.kubevirt.io", "virtualmachineinstances/guestosinfo"),
            (ALL, "pods/exec"),
            (ALL, "*/status"),
        ] {
            assert!(!objects.has_unknown_parts(group, resource), "{resource}.{group}");
        }
    }

    #[test]
    fn a_group_without_a_dot_grows_only_on_a_server_that_is_not_known() {
        let verbs = ["patch".to_owned()];
        let may_be = |minor: u32, group: &str, resource: &str| {
            Objects::new(minor, &[], &[]).means(group, resource, &["patch"], &verbs, true)
        };
        for (group, resource) in
            [("extensions", "deployments"), ("apps", "fleets"), ("", "fleets"), ("builds", "*")]
        {
            assert!(!may_be(*SUPPORTED.end(), group, resource), "{resource}.{group}");
            assert!(may_be(21, group, resource), "{resource}.{group}");
        }
        for group in ["apps", "batch"] {
            assert!(may_be(u32::MAX, group, "fleets"), "{group}");
        }
        assert!(
            !may_be(u32::MAX, "extensions", "deployments"),
            "Kubernetes makes no new group without a dot"
        );
        for group in ["networking.k8s.io", "databases.example", ALL] {
            assert!(may_be(*SUPPORTED.end(), group, "fleets"), "{group}");
        }
        assert!(may_be(*SUPPORTED.end(), "apps", "deployments"));
    }
}
