//! Which resource kubectl takes a name for.
//!
//! Sources: `resourceFor` of <https://github.com/kubernetes/kubectl/blob/v0.36.0/pkg/cmd/auth/cani.go>, and what it
//! asks: <https://github.com/kubernetes/client-go/blob/v0.36.0/restmapper/shortcut.go>, then
//! <https://github.com/kubernetes/client-go/blob/v0.36.0/restmapper/discovery.go>.

use super::{Resource, Resources};

/// A name that somebody wrote, taken apart. What is empty was not said.
#[derive(Debug, Clone, Copy)]
struct Asked<'a> {
    name: &'a str,
    version: &'a str,
    group: &'a str,
}

impl Resources {
    /// The resource that kubectl takes a name for, if it takes it for any: `pods`, `pod`, `po`, `Pod`,
    /// `deployments.apps`, `deployments.v1.apps`, `deploy.app`… Case does not count. Of several the first one is meant.
    ///
    /// A kind is understood only where it is the name of one as well; a definition may name that otherwise. Lists
    /// (`PodList`), which kubectl takes for a resource that is not there, are none here.
    #[must_use]
    pub fn find(&self, written: &str) -> Option<&Resource> {
        let written = written.to_lowercase();
        let mut parts = written.splitn(3, '.');
        if let (Some(name), Some(version), Some(group)) = (parts.next(), parts.next(), parts.next())
            && let Some(found) = self.mapped(self.expanded(Asked { name, version, group }))
        {
            return Some(found);
        }
        let (name, group) = written.split_once('.').unwrap_or((&written, ""));
        self.mapped(self.expanded(Asked { name, version: "", group }))
    }

    /// With a short name replaced by the long one that it stands for, unless it is a long name itself.
    fn expanded<'a>(&'a self, asked: Asked<'a>) -> Asked<'a> {
        let in_group = |resource: &&Resource| asked.group.is_empty() || resource.group == asked.group;
        if self.iter().filter(in_group).any(|resource| resource.is_named(asked.name)) {
            return asked;
        }
        let is_short = |resource: &&Resource| resource.short_names.iter().any(|short| short == asked.name);
        let full = |resource: &'a Resource, version| Asked {
            name: &resource.plural,
            version,
            group: &resource.group,
        };
        if let Some(meant) = self.iter().filter(in_group).find(is_short) {
            return full(meant, "");
        }
        let begins_so = |resource: &&Resource| resource.group.starts_with(asked.group);
        match self.iter().filter(begins_so).find(is_short) {
            Some(meant) => full(meant, asked.version),
            None => asked,
        }
    }

    /// The resource of this plural or singular name in the first group and version that has one. The beginning of a
    /// group is enough, if no version is said.
    fn mapped(&self, asked: Asked<'_>) -> Option<&Resource> {
        let is_asked = |(group, version): &&(String, String)| match (asked.group, asked.version) {
            (wanted, "") => group.starts_with(wanted),
            ("", wanted) => version == wanted,
            wanted => (group.as_str(), version.as_str()) == wanted,
        };
        self.versions.iter().filter(is_asked).find_map(|(group, version)| {
            self.iter().find(|resource| {
                resource.group == *group
                    && resource.versions.contains(version)
                    && resource.is_named(asked.name)
            })
        })
    }
}

impl Resource {
    fn is_named(&self, name: &str) -> bool {
        self.plural == name || self.singular == name
    }
}
