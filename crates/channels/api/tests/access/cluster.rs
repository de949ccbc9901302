//! A cluster from manifests, and questions about it.

use watertight_api::{Access, SUPPORTED, bootstrap};
use watertight_base::Source;
use watertight_ingest::{Options, read};
use watertight_model::{
    Admission, Attributes, Decision, NonResourceAttributes, ResourceAttributes, Snapshot, User,
};

pub(crate) struct Cluster {
    snapshot: Snapshot,
}

impl Cluster {
    /// From manifests with which nothing is wrong.
    pub(crate) fn new(text: &str) -> Self {
        let (cluster, diagnostics) = Self::read(text);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        cluster
    }

    /// From manifests with which something is.
    pub(crate) fn unclear(text: &str) -> Self {
        let (cluster, diagnostics) = Self::read(text);
        assert!(!diagnostics.is_empty(), "nothing is wrong");
        cluster
    }

    fn read(text: &str) -> (Self, Vec<String>) {
        let source = Source { name: "rbac.yaml".to_owned(), bytes: text.as_bytes().to_vec() };
        let ingested = read(&[source], &Options::default());
        let diagnostics = ingested.diagnostics.into_iter().map(|diagnostic| diagnostic.message).collect();
        (Self { snapshot: ingested.snapshot }, diagnostics)
    }

    /// The same, where a binding is there for a moment only, or where the server refuses it.
    pub(crate) fn with_binding(mut self, name: &str, admission: Admission) -> Self {
        let bindings = &mut self.snapshot.role_bindings;
        let binding = bindings.iter_mut().find(|binding| binding.object.name == name);
        binding.expect("it is there").admission = admission;
        self
    }

    /// The same, where a role is there for a moment only, or where the server refuses it.
    pub(crate) fn with_role(mut self, name: &str, admission: Admission) -> Self {
        let role = self.snapshot.roles.iter_mut().find(|role| role.object.name == name);
        role.expect("it is there").admission = admission;
        self
    }

    /// All that is granted, on a server of the newest version.
    pub(crate) fn access(&self) -> Access<'_> {
        Access::new(&self.snapshot, bootstrap(*SUPPORTED.end()))
    }

    pub(crate) fn decide(&self, user: &User, asked: &Attributes) -> Decision {
        self.access().decide(user, asked).decision
    }
}

/// A request about a resource of the core group.
pub(crate) fn resource(verb: &str, resource: &str, namespace: &str) -> Attributes {
    Attributes::Resource(ResourceAttributes {
        verb: verb.to_owned(),
        resource: resource.to_owned(),
        namespace: namespace.to_owned(),
        ..ResourceAttributes::default()
    })
}

/// A request for a path.
pub(crate) fn path(verb: &str, path: &str) -> Attributes {
    Attributes::NonResource(NonResourceAttributes { verb: verb.to_owned(), path: path.to_owned() })
}
