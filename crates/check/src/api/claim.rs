//! What a certificate claims: all that the hostile side comes to.

use crate::Rejection;
use crate::format::{Fact, Kind};
use std::collections::{BTreeMap, BTreeSet};
use watertight_kubernetes::{ActsAs, Primitive, catalogue};
use watertight_model::{Gain, Principal};

/// The claimed set.
#[derive(Debug, Default)]
pub(crate) struct Claim {
    /// As whom it can act.
    pub(crate) held: BTreeSet<Principal>,
    /// Those of them as whom it acts in requests with headers of impersonation alone: they impersonate nobody else.
    pub(crate) impersonated: BTreeSet<Principal>,
    /// What rights yield, by the names of the rows.
    pub(crate) gains: BTreeMap<String, Vec<Gained>>,
}

/// What rights yield by one row.
#[derive(Debug)]
pub(crate) struct Gained {
    /// The number of the fact.
    pub(crate) fact: usize,
    pub(crate) row: &'static Primitive,
    pub(crate) bounds: Bounds,
}

/// Where a right or what it yields holds, and for objects of which names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Bounds {
    /// In this namespace; `None` for everywhere.
    pub(crate) scope: Option<String>,
    /// For these names; none for every name.
    pub(crate) names: BTreeSet<String>,
}

impl Bounds {
    /// Whether everything within the other bounds is within these.
    pub(crate) fn hold(&self, other: &Self) -> bool {
        (self.scope.is_none() || self.scope == other.scope)
            && (self.names.is_empty() || !other.names.is_empty() && other.names.is_subset(&self.names))
    }

    pub(crate) fn holds_in(&self, namespace: &str) -> bool {
        self.scope.as_deref().is_none_or(|scope| scope == namespace)
    }

    pub(crate) fn has_name(&self, name: &str) -> bool {
        self.names.is_empty() || self.names.contains(name)
    }
}

impl Claim {
    /// The set that some facts are.
    ///
    /// # Errors
    /// A fact is about another channel, is there twice, or names what there is not.
    pub(crate) fn of(facts: &[Fact]) -> Result<Self, Rejection> {
        let rows: BTreeMap<String, &'static Primitive> = catalogue::named().collect();
        let mut claim = Self::default();
        for (fact, text) in facts.iter().enumerate() {
            let reject = |why: &str| Err(Rejection::of_fact(fact, why.to_owned()));
            match text {
                Fact::ActsAs { kind, namespace, name, impersonated } => {
                    let principal = match (kind, namespace) {
                        (Kind::User, None) => Principal::user(name),
                        (Kind::Group, None) => Principal::group(name),
                        (Kind::ServiceAccount, Some(namespace)) => {
                            Principal::service_account(namespace, name)
                        }
                        _ => return reject("only a ServiceAccount has a namespace, and each has one"),
                    };
                    if *impersonated {
                        claim.impersonated.insert(principal.clone());
                    }
                    if !claim.held.insert(principal) {
                        return reject("it is there twice");
                    }
                }
                Fact::Gains { row: name, scope, names } => {
                    let Some(&row) = rows.get(name) else { return reject("there is no such row") };
                    let bounds = Bounds { scope: scope.clone(), names: names.clone() };
                    let of_row = claim.gains.entry(name.clone()).or_default();
                    if of_row.iter().any(|other| other.bounds == bounds) {
                        return reject("it is there twice");
                    }
                    of_row.push(Gained { fact, row, bounds });
                }
                // What admission refuses is asked about by who needs it.
                Fact::Refused { .. } => {}
                _ => return reject("it is none of the channel `api`"),
            }
        }
        Ok(claim)
    }

    /// Whether it says that the hostile side can act as somebody: as one who may impersonate others, or by headers too.
    pub(crate) fn holds(&self, principal: &Principal, by_headers: bool) -> bool {
        self.held.contains(principal) && (by_headers || !self.impersonated.contains(principal))
    }

    /// Everything that rights yield.
    pub(crate) fn gains(&self) -> impl Iterator<Item = &Gained> {
        self.gains.values().flatten()
    }

    /// Whether the set says at least so much.
    pub(crate) fn says(&self, row: &str, bounds: &Bounds) -> bool {
        self.gains.get(row).is_some_and(|gains| gains.iter().any(|gained| gained.bounds.hold(bounds)))
    }
}

impl Gained {
    /// Whether it is only a step to others, which are in the set themselves: acting as some users or groups, or having the
    /// rights of some roles.
    pub(crate) fn is_a_step(&self) -> bool {
        let named = !self.bounds.names.is_empty();
        match self.row.acts_as {
            ActsAs::HoldersOfRoles => true,
            ActsAs::NamedUsers | ActsAs::NamedGroups | ActsAs::HoldersOfClusterRoles => named,
            _ => false,
        }
    }

    /// Whether it is a breach for these namespaces (convention 11): if one is strict, what is of lesser rank too.
    pub(crate) fn is_a_breach(&self, to: &BTreeSet<&str>, strict: bool) -> bool {
        let is_there = self.bounds.scope.as_deref().is_none_or(|scope| to.contains(scope));
        is_there && !self.is_a_step() && (strict || self.row.gain != Gain::ReadsObjects)
    }
}
