//! What is granted to whom, and whether a request is allowed by it.
//!
//! After `pkg/registry/rbac/validation/rule.go` of Kubernetes: a ClusterRoleBinding grants everywhere, a RoleBinding in its
//! namespace, and a request without a namespace is about more than any namespace. To the server, a role that is not there
//! grants nothing. The input may lack it all the same, since something names it: what such a role would grant is not known.

use crate::aggregation::{self, RuleAt};
use crate::matching;
use crate::restored;
use crate::user::{is_master, is_node, service_account_user};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use watertight_kubernetes::Bootstrap;
use watertight_model::{
    AccessAnswer, Admission, Attributes, BlindScope, BlindSpot, Channel, Decision, Namespace, ObjectRef,
    Role, RoleBinding, RoleRule, Snapshot, SubjectKind, User,
};

/// Everything that RBAC grants in one cluster.
#[derive(Debug)]
pub struct Access<'s> {
    /// The roles: those of the input, those that every server has, and then those that bindings name and nothing holds.
    pub(crate) roles: Vec<Cow<'s, Role>>,
    /// How many of them are there.
    seen: usize,
    /// The rules that each role has, in the same order.
    rules: Vec<Vec<RuleAt>>,
    /// The bindings, cluster-wide ones first.
    pub(crate) bindings: Vec<Bound<'s>>,
    everywhere: BySubject,
    by_namespace: BTreeMap<String, BySubject>,
    pub(crate) snapshot: &'s Snapshot,
}

/// A binding, and what its role comes to. It is there once for each role of that name.
#[derive(Debug)]
pub(crate) struct Bound<'s> {
    pub(crate) binding: Cow<'s, RoleBinding>,
    /// The role that it names.
    pub(crate) role: usize,
    /// Whether that is there.
    pub(crate) is_seen: bool,
}

/// A binding by its index, and the subject by which it applies to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Applies {
    pub(crate) binding: usize,
    pub(crate) subject: usize,
}

/// One way in which somebody comes to a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) applies: Applies,
    pub(crate) rule: RuleAt,
}

/// Which bindings apply to a user or a group, by name. ServiceAccounts are there by their user name.
#[derive(Debug, Default)]
struct BySubject {
    users: HashMap<String, Vec<Applies>>,
    groups: HashMap<String, Vec<Applies>>,
}

impl<'s> Access<'s> {
    /// What is granted by the snapshot's roles and bindings, and by what every server has by itself and adds to them
    /// (see [`restored`]).
    #[must_use]
    pub fn new(snapshot: &'s Snapshot, bootstrap: Bootstrap) -> Self {
        let mut roles = restored::roles(snapshot, bootstrap.roles);
        let mut bindings = restored::bindings(snapshot, bootstrap.role_bindings);
        bindings.sort_by(|a, b| {
            let (a, b) = (&a.object, &b.object);
            (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name))
        });
        let seen = roles.len();
        // What a server adds to a role is one of the same name.
        let mut by_name: BTreeMap<(Option<String>, String), Vec<usize>> = BTreeMap::new();
        for (index, role) in roles.iter().enumerate() {
            by_name.entry(name_of(&role.object)).or_default().push(index);
        }
        let mut bound = |binding: Cow<'s, RoleBinding>| -> Vec<Bound<'s>> {
            let object = named_by(&binding);
            let named = by_name.entry(name_of(&object)).or_insert_with(|| {
                roles.push(Cow::Owned(unseen(object)));
                vec![roles.len() - 1]
            });
            let bound = |&role: &usize| Bound { binding: binding.clone(), role, is_seen: role < seen };
            named.iter().map(bound).collect()
        };
        let bindings: Vec<Bound<'s>> = bindings.into_iter().flat_map(&mut bound).collect();
        let rules = aggregation::rules(&roles);
        let mut access = Self {
            roles,
            seen,
            rules,
            bindings,
            everywhere: BySubject::default(),
            by_namespace: BTreeMap::new(),
            snapshot,
        };
        access.index();
        access
    }

    fn index(&mut self) {
        for (index, bound) in self.bindings.iter().enumerate() {
            let by_subject = match &bound.binding.object.namespace {
                None => &mut self.everywhere,
                Some(namespace) => self.by_namespace.entry(namespace.clone()).or_default(),
            };
            for (subject, to) in bound.binding.subjects.iter().enumerate() {
                let (names, name) = match &to.kind {
                    SubjectKind::User => (&mut by_subject.users, to.name.clone()),
                    SubjectKind::Group => (&mut by_subject.groups, to.name.clone()),
                    SubjectKind::ServiceAccount(namespace) => {
                        (&mut by_subject.users, service_account_user(namespace, &to.name))
                    }
                };
                names.entry(name).or_default().push(Applies { binding: index, subject });
            }
        }
    }

    /// The namespaces in which something is granted that is not granted everywhere.
    pub(crate) fn namespaces(&self) -> impl Iterator<Item = &str> {
        self.by_namespace.keys().map(String::as_str)
    }

    /// The bindings that apply to somebody: everywhere, or in a namespace alone. Each one once.
    pub(crate) fn applying(&self, user: &User, namespace: Option<&str>) -> Vec<Applies> {
        let by_subject = match namespace {
            None => Some(&self.everywhere),
            Some(namespace) => self.by_namespace.get(namespace),
        };
        let Some(by_subject) = by_subject else { return Vec::new() };
        let mut applying: Vec<Applies> =
            by_subject.users.get(&user.name).into_iter().flatten().copied().collect();
        for group in &user.groups {
            applying.extend(by_subject.groups.get(group).into_iter().flatten());
        }
        applying.sort_unstable();
        applying.dedup_by_key(|applies| applies.binding);
        applying
    }

    /// The bindings that apply to somebody where a request is.
    pub(crate) fn applying_to(&self, user: &User, asked: &Attributes) -> Vec<Applies> {
        let mut applying = self.applying(user, None);
        if let Some(namespace) = namespace_of(asked) {
            applying.extend(self.applying(user, Some(namespace)));
        }
        applying
    }

    /// The rules that a binding grants.
    pub(crate) fn granted(&self, binding: usize) -> &[RuleAt] {
        &self.rules[self.bindings[binding].role]
    }

    /// The rules that a role has, those that it takes over included.
    pub(crate) fn rules_at(&self, role: usize) -> &[RuleAt] {
        &self.rules[role]
    }

    /// Whether a role, and the role that has its rule, are there.
    pub(crate) fn role_standing(&self, role: usize, rule: RuleAt) -> Standing {
        self.standing_of(role).max(self.standing_of(rule.role))
    }

    /// Whether a role is there.
    pub(crate) fn standing_of(&self, role: usize) -> Standing {
        if role < self.seen { Standing::of(self.roles[role].admission) } else { Standing::Unseen }
    }

    /// What a rule says.
    pub(crate) fn rule(&self, at: RuleAt) -> &RoleRule {
        &self.roles[at.role].rules[at.rule]
    }

    /// The rules that a role has, those that it takes over included: the ClusterRole of that name, or the Role of that
    /// name in a namespace.
    #[must_use]
    pub fn rules_of(&self, namespace: Option<&str>, name: &str) -> Vec<&RoleRule> {
        let is_it = |role: &Cow<'_, Role>| {
            (role.object.namespace.as_deref(), role.object.name.as_str()) == (namespace, name)
        };
        let named = (0..self.roles.len()).filter(|&role| is_it(&self.roles[role]));
        named.flat_map(|role| &self.rules[role]).map(|&rule| self.rule(rule)).collect()
    }

    /// Whether what somebody holds is there: the worst of the binding, its role, the role that has the rule, and those by
    /// which the one comes to the other.
    pub(crate) fn standing(&self, held: Held) -> Standing {
        let bound = &self.bindings[held.applies.binding];
        let roles = [bound.role, held.rule.role].into_iter().chain(held.rule.through);
        roles.map(|role| self.standing_of(role)).fold(Standing::of(bound.binding.admission), Standing::max)
    }

    /// Whether somebody may do something.
    #[must_use]
    pub fn decide(&self, user: &User, asked: &Attributes) -> AccessAnswer {
        let mut answer = AccessAnswer {
            decision: Decision::Denied,
            grant: None,
            further: 0,
            near: Vec::new(),
            notes: Vec::new(),
            blind_spots: Vec::new(),
        };
        if is_master(user) {
            answer.decision = Decision::Allowed;
            answer.notes.push("the server asks nobody in the group system:masters".to_owned());
            return answer;
        }
        let (mut passing, mut refused) = (None, None);
        let applying = self.applying_to(user, asked);
        for &applies in &applying {
            for &rule in self.granted(applies.binding) {
                if !matching::allows(self.rule(rule), asked) {
                    continue;
                }
                let held = Held { applies, rule };
                match self.standing(held) {
                    Standing::InForce if answer.grant.is_none() => {
                        answer.grant = Some(self.grant(held, Some(asked)));
                    }
                    Standing::InForce => answer.further += 1,
                    Standing::Unseen => answer.decision = Decision::Unknown,
                    Standing::Passing => passing = passing.or(Some(held)),
                    Standing::Refused => refused = refused.or(Some(held)),
                }
            }
        }
        if answer.grant.is_some() {
            answer.decision = Decision::Allowed;
            return answer;
        }
        answer.notes.extend(applying.iter().filter_map(|applies| self.dangling(*applies)));
        if let Some(held) = refused {
            answer.notes.push(format!("{} would, but the API server refuses it", self.not_in_force(held)));
        }
        if let Some(held) = passing {
            answer.decision = Decision::Unknown;
            let of = self.not_in_force(held);
            answer.notes.push(format!("{of} allows it, and is there for a moment only, or not at all"));
        }
        if is_node(user) {
            answer.decision = Decision::Unknown;
            answer.notes.push("the Node authorizer decides about nodes as well, and may allow it".to_owned());
        }
        answer.blind_spots = self.unseen(namespace_of(asked));
        if !answer.blind_spots.is_empty() {
            answer.decision = Decision::Unknown;
        }
        answer
    }

    /// The same, and if they may not, what comes nearest to letting them.
    #[must_use]
    pub fn explain(&self, user: &User, asked: &Attributes) -> AccessAnswer {
        let mut answer = self.decide(user, asked);
        if answer.decision != Decision::Allowed {
            answer.near = self.near(user, asked);
        }
        answer
    }

    /// A binding of which it is not known what it grants, since its role is not there.
    pub(crate) fn dangling(&self, applies: Applies) -> Option<String> {
        let Bound { binding, is_seen, .. } = &self.bindings[applies.binding];
        let kind = if binding.role.cluster { "ClusterRole" } else { "Role" };
        (!is_seen).then(|| {
            format!(
                "{} names the {kind} {}, which the input does not hold",
                binding.object, binding.role.name
            )
        })
    }

    /// The object for which a rule is not in force.
    pub(crate) fn not_in_force(&self, held: Held) -> String {
        let bound = &self.bindings[held.applies.binding];
        let mut roles = [bound.role].into_iter().chain(held.rule.through).chain([held.rule.role]);
        let worst = self.standing(held);
        let role = roles.find(|&role| self.standing_of(role) == worst);
        role.map_or(&bound.binding.object, |role| &self.roles[role].object).to_string()
    }

    /// What was not seen and could grant something: everywhere, and in this namespace.
    pub(crate) fn unseen(&self, namespace: Option<&str>) -> Vec<BlindSpot> {
        let matters = |spot: &&BlindSpot| match &spot.scope {
            BlindScope::Everything => true,
            BlindScope::Namespace(name) => Some(name.as_str()) == namespace,
            BlindScope::Nothing => false,
        };
        self.snapshot.blind_spots_of(Channel::Api).filter(matters).cloned().collect()
    }

    /// What was not seen and could grant something everywhere, in this namespace or, without one, in any.
    pub(crate) fn unseen_anywhere(&self, namespace: Option<&str>) -> Vec<BlindSpot> {
        if namespace.is_some() {
            return self.unseen(namespace);
        }
        let matters = |spot: &&BlindSpot| spot.scope != BlindScope::Nothing;
        self.snapshot.blind_spots_of(Channel::Api).filter(matters).cloned().collect()
    }

    /// The namespace of this name, if the input holds it or something in it.
    pub(crate) fn namespace(&self, name: &str) -> Option<&Namespace> {
        self.snapshot.namespace_named(name).map(|id| self.snapshot.namespace(id))
    }
}

/// The namespace and the name of a role.
fn name_of(role: &ObjectRef) -> (Option<String>, String) {
    (role.namespace.clone(), role.name.clone())
}

/// The role that a binding names.
fn named_by(binding: &RoleBinding) -> ObjectRef {
    let RoleBinding { object, role, .. } = binding;
    ObjectRef {
        kind: if role.cluster { "ClusterRole" } else { "Role" }.to_owned(),
        namespace: object.namespace.clone().filter(|_| !role.cluster),
        name: role.name.clone(),
        ..object.clone()
    }
}

/// What stands for a role that something names and nothing holds: it may allow anything.
fn unseen(object: ObjectRef) -> Role {
    let every = || vec!["*".to_owned()];
    let anything = RoleRule {
        verbs: every(),
        api_groups: every(),
        resources: every(),
        non_resource_urls: if object.namespace.is_none() { every() } else { Vec::new() },
        ..RoleRule::default()
    };
    let rules = vec![anything];
    Role {
        object,
        span: None,
        labels: Default::default(),
        rules,
        aggregates: None,
        is_protected: false,
        admission: Admission::Passing,
    }
}

/// Whether something that grants is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    InForce,
    /// Something names it, and the input does not hold it.
    Unseen,
    Passing,
    Refused,
}

impl Standing {
    pub(crate) fn of(admission: Admission) -> Self {
        match admission {
            Admission::Accepted => Self::InForce,
            Admission::Passing => Self::Passing,
            Admission::Refused => Self::Refused,
        }
    }
}

/// The namespace of a request, if it has one.
pub(crate) fn namespace_of(asked: &Attributes) -> Option<&str> {
    match asked {
        Attributes::Resource(asked) => {
            Some(asked.namespace.as_str()).filter(|namespace| !namespace.is_empty())
        }
        Attributes::NonResource(_) => None,
    }
}
