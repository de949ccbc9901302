//! What rights yield: one row of the catalogue each.

use std::ops::RangeInclusive;
use watertight_model::Gain;

/// A way to come to something: rights that are needed together, and what they yield.
#[derive(Debug, PartialEq, Eq)]
pub struct Primitive {
    /// The rule, which has a page.
    pub rule: &'static str,
    /// The rights, all of which are needed.
    pub needs: &'static [Need],
    /// What they yield.
    pub gain: Gain,
    /// Whom they let one act as.
    pub acts_as: ActsAs,
    /// The minor versions of Kubernetes in which they do.
    pub versions: RangeInclusive<u32>,
    /// What can be done by it, where `{}` stands for the place: `run any code in {}`.
    pub does: &'static str,
    /// How to close it, besides taking the right away.
    pub fix: &'static str,
}

impl Primitive {
    /// Whether it does anything in one of these versions.
    #[must_use]
    pub fn is_in_any(&self, versions: &RangeInclusive<u32>) -> bool {
        self.versions.start() <= versions.end() && versions.start() <= self.versions.end()
    }

    /// Whether it lets one act as others in requests with headers of impersonation, and in no other way.
    #[must_use]
    pub fn acts_by_headers(&self) -> bool {
        let is_named =
            matches!(self.acts_as, ActsAs::NamedUsers | ActsAs::NamedGroups | ActsAs::NamedServiceAccounts);
        is_named && self.needs.iter().any(Need::is_impersonation)
    }

    /// Whether it surely does in each of them. What a server does of which nothing is known is never sure.
    #[must_use]
    pub fn is_in_all(&self, versions: &RangeInclusive<u32>) -> bool {
        let is_known = self.needs.iter().all(|need| need.of != Of::UnknownParts);
        is_known && self.versions.start() <= versions.start() && versions.end() <= self.versions.end()
    }

    /// What can be done by it, at a place; `None` is everywhere.
    #[must_use]
    pub fn done(&self, scope: Option<&str>) -> String {
        self.does.replace("{}", &scope.map_or("every namespace".to_owned(), |scope| format!("`{scope}`")))
    }
}

/// Whom a right lets one act as, besides what it yields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActsAs {
    /// Nobody else.
    Nobody,
    /// The ServiceAccounts of the namespace.
    ServiceAccounts,
    /// The ServiceAccounts to whose names it is bound, or all of the namespace.
    NamedServiceAccounts,
    /// The users to whose names it is bound, or everybody.
    NamedUsers,
    /// The groups to whose names it is bound, or everybody.
    NamedGroups,
    /// Whoever holds the ClusterRoles to whose names it is bound, or everybody.
    HoldersOfClusterRoles,
    /// Whoever holds the Roles to whose names it is bound, or any of the namespace.
    HoldersOfRoles,
    /// Whoever holds every right there is.
    HoldersOfEverything,
}

/// Every version.
pub const EVER: RangeInclusive<u32> = 0..=u32::MAX;

/// A right: any of some verbs on any of some resources.
#[derive(Debug, PartialEq, Eq)]
pub struct Need {
    /// The verbs, each of which is enough.
    pub verbs: &'static [&'static str],
    /// API group and resource, with its subresource behind a slash.
    pub resources: &'static [(&'static str, &'static str)],
    /// Where those live.
    pub place: Place,
    /// The names to which a right may be bound and still counts; empty for any.
    pub names: &'static [&'static str],
    /// The kind of need.
    pub of: Of,
    /// Whether its names are those of other objects than the gain's.
    pub has_own_names: bool,
    /// The need for which the server asks in the same request, so that one principal needs both.
    pub with: Option<usize>,
}

/// What a need is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// The resources that it lists.
    Listed,
    /// Every object in a namespace, of which no row knows more.
    Objects,
    /// Every object in no namespace, of which no row knows more.
    ClusterObjects,
    /// Every resource, whatever it is.
    Anything,
    /// The objects from which admission policies take parameters.
    Params,
    /// Subresources in groups for which another server may answer, of which no row knows what they do.
    UnknownParts,
    /// No right at all: a binding to a role, which is put as a right with the verb [`BOUND`], or with that of what else is known
    /// of that role.
    Bound,
}

/// The verbs of needs of bindings: a binding to a role that is there,
pub const BOUND: &str = "bound";
/// to one that is not there,
pub const DANGLING: &str = "dangling";
/// and to one that takes over the rules of others.
pub const AGGREGATED: &str = "aggregated";

impl Need {
    const NEED: Self = Self {
        verbs: &[],
        resources: &[],
        place: Place::Namespace,
        names: &[],
        of: Of::Listed,
        has_own_names: false,
        with: None,
    };

    /// Whether the right is to impersonate somebody. The server takes it from whoever sent the request, and not from whom
    /// the request impersonates, so that impersonation does not nest.
    ///
    /// Source: <https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/>.
    #[must_use]
    pub fn is_impersonation(&self) -> bool {
        self.verbs.iter().any(|verb| verb.starts_with("impersonate"))
    }

    /// A right on resources that live in namespaces.
    #[must_use]
    pub const fn namespaced(
        verbs: &'static [&'static str],
        resources: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { verbs, resources, ..Self::NEED }
    }

    /// A right on resources that live in namespaces, which has effects everywhere.
    #[must_use]
    pub const fn any_namespace(
        verbs: &'static [&'static str],
        resources: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { place: Place::AnyNamespace, ..Self::namespaced(verbs, resources) }
    }

    /// A right on resources that live in none.
    #[must_use]
    pub const fn cluster(
        verbs: &'static [&'static str],
        resources: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { place: Place::Cluster, ..Self::namespaced(verbs, resources) }
    }

    /// A right on objects of which no row knows more.
    #[must_use]
    pub const fn of(self, of: Of) -> Self {
        Self { of, ..self }
    }

    /// That somebody who is held is bound to such a role.
    #[must_use]
    pub const fn bound(
        verbs: &'static [&'static str],
        roles: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { of: Of::Bound, ..Self::namespaced(verbs, roles) }
    }

    /// The same at another place.
    #[must_use]
    pub const fn at(self, place: Place) -> Self {
        Self { place, ..self }
    }

    /// The same, to which names a right may be bound and still counts.
    #[must_use]
    pub const fn named(self, names: &'static [&'static str]) -> Self {
        Self { names, ..self }
    }

    /// The same, where its names are those of other objects than the gain's.
    #[must_use]
    pub const fn own_names(self) -> Self {
        Self { has_own_names: true, ..self }
    }

    /// The same, asked for in the same request as the first need.
    #[must_use]
    pub const fn together(self) -> Self {
        self.together_with(0)
    }

    /// The same, asked for in the same request as another need.
    #[must_use]
    pub const fn together_with(self, need: usize) -> Self {
        Self { with: Some(need), ..self }
    }
}

/// Where the resources of a right live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In namespaces: a right holds where it is granted.
    Namespace,
    /// In none: only what is granted everywhere counts.
    Cluster,
    /// In namespaces, and what is done in any of them has effects everywhere.
    AnyNamespace,
    /// In these namespaces, what is in which decides about everything.
    In(&'static [&'static str]),
    /// They are the namespaces: a right holds for that in which it is granted, or to whose names it is bound.
    ///
    /// Source: `RequestInfo` of the API server takes a Namespace for an object in itself.
    Itself,
}

/// Creating and changing.
pub const CHANGE: &[&str] = &["create", "update", "patch"];
/// Changing what is there.
pub const EDIT: &[&str] = &["update", "patch"];
/// Everything but reading.
pub const WRITE: &[&str] = &["create", "update", "patch", "delete", "deletecollection"];
/// Taking away.
pub const DELETE: &[&str] = &["delete", "deletecollection"];
/// What the methods of HTTP are authorized by where the server passes a request on.
pub const CONNECT: &[&str] = &["get", "create", "update", "patch", "delete"];
/// Changing and removing what is there.
pub const ALTER: &[&str] = &["update", "patch", "delete", "deletecollection"];
/// Reading.
pub const READ: &[&str] = &["get", "list", "watch"];

/// Making an object.
pub const CREATE: &str = "create";
