//! Which objects a rule is about, of those that no row of the catalogue names.

use super::matching::means;
use super::params::Params;
use std::collections::BTreeSet;
use watertight_kubernetes::{
    IN_NO_NAMESPACE, NOT_OBJECTS, OF_METRICS, OF_REVIEWS, PARTS_THAT_READ, PARTS_THAT_TELL, Resources,
    SUPPORTED,
};
use watertight_model::Snapshot;

/// The objects that a server may hold.
#[derive(Debug)]
pub(crate) struct Objects {
    known: Vec<Known>,
    /// The API groups that it has by itself.
    own_groups: Vec<String>,
    /// Those that others answer for it.
    aggregated: Vec<String>,
    /// Those of which the input holds definitions.
    defined: BTreeSet<String>,
    minor: u32,
    /// Those from which admission policies take parameters.
    pub(crate) params: Vec<Params>,
}

/// A resource or, with a slash, a subresource.
#[derive(Debug)]
struct Known {
    group: String,
    resource: String,
    verbs: Vec<String>,
    namespaced: bool,
}

impl Objects {
    /// Those of a server of Kubernetes 1.`minor`, and what definitions and APIServices of the input add.
    pub(crate) fn new(minor: u32, snapshot: &Snapshot, from: &BTreeSet<&str>) -> Self {
        let mut known = Vec::new();
        let served = Resources::new(minor, &snapshot.custom_resources);
        for resource in served.iter() {
            let mut add = |name: String, verbs: &[String]| {
                let (group, namespaced) = (resource.group.clone(), resource.namespaced);
                known.push(Known { group, resource: name, verbs: verbs.to_vec(), namespaced });
            };
            add(resource.plural.clone(), &resource.verbs);
            for part in &resource.subresources {
                add(format!("{}/{}", resource.plural, part.name), &part.verbs);
            }
        }
        let own_groups = Resources::new(minor, &[]).iter().map(|resource| resource.group.clone()).collect();
        let aggregated = snapshot.api_services.iter().filter(|service| service.called.is_some());
        let aggregated = aggregated.map(|service| service.group.clone()).collect();
        let params = Params::all(snapshot, &served, from);
        let defined = snapshot.custom_resources.iter().map(|it| it.group.clone()).collect();
        Self { known, own_groups, aggregated, defined, minor, params }
    }

    /// Whether a group may hold more than is known. Definitions have groups with a dot in them; in the others there is what
    /// servers have by themselves, which may be more in versions that are not known, and what APIServices name.
    fn may_grow(&self, group: &str) -> bool {
        let is_in = |groups: &[String]| groups.iter().any(|known| known == group);
        group == "*"
            || group.contains('.')
            || self.minor < *SUPPORTED.start()
            || is_in(&self.aggregated)
            || self.minor > *SUPPORTED.end() && is_in(&self.own_groups)
    }

    /// Whether a group and a resource of a rule mean objects, in namespaces or in none, to which one of these verbs can be
    /// done. What is not known may be there.
    pub(crate) fn are_meant(&self, group: &str, resource: &str, verbs: &[&str], namespaced: bool) -> bool {
        if OF_REVIEWS.contains(&group) {
            return false;
        }
        let plain = resource.split('/').next().unwrap_or_default();
        let is_unknown = match (group, plain) {
            ("*", "*") => false,
            (_, "*") => !self.own_groups.iter().any(|own| own == group),
            ("*", _) => !self.known.iter().any(|known| known.resource == plain),
            _ => !self.known.iter().any(|known| known.group == group && known.resource == plain),
        };
        if is_unknown && self.may_grow(group) && namespaced != IN_NO_NAMESPACE.contains(&(group, plain)) {
            return true;
        }
        self.known.iter().any(|known| {
            known.namespaced == namespaced
                && (group == "*" || group == known.group)
                && means(resource, &known.resource)
                && !NOT_OBJECTS.contains(&(known.group.as_str(), known.resource.as_str()))
                && !OF_REVIEWS.contains(&known.group.as_str())
                && known.verbs.iter().any(|verb| verbs.contains(&verb.as_str()))
        })
    }

    /// Whether a group and a resource of a rule may mean parts of objects that another server gives any meaning, so that to
    /// `get` one does anything.
    pub(crate) fn may_do_anything(&self, group: &str, resource: &str) -> bool {
        if OF_METRICS.contains(&group) || PARTS_THAT_READ.contains(&(group, resource)) {
            return false;
        }
        let is_own = || self.own_groups.iter().any(|own| own == group);
        if !self.aggregated.iter().any(|other| other == group)
            && (is_own() || self.defined.contains(group) || !self.may_grow(group))
        {
            return false;
        }
        match resource.split_once('/') {
            None => resource == "*",
            Some((_, part)) if PARTS_THAT_TELL.contains(&part) => false,
            Some(_) => group != "*" || !self.known.iter().any(|known| known.resource == resource),
        }
    }
}
