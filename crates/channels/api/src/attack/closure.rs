//! The fixpoint: principals that are held, the rights that they have, what those yield, and whom that lets one act as.

use super::apply::{Half, Part};
use super::catalogue;
use super::derivation::granted;
use super::fact::Derived;
use super::primitive::{ActsAs, Place, Primitive};
use crate::access::{Access, Applies, Held, Standing};
use crate::aggregation::RuleAt;
use crate::user::service_account;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::ops::RangeInclusive;
use watertight_model::{Because, Fact, Principal, RoleRule, SubjectKind};

/// Somebody as whom the attacker can act from the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Who.
    pub principal: Principal,
    /// Why: one lower-case sentence.
    pub why: String,
    /// The objects that say so.
    pub because: Vec<Because>,
}

/// What becomes of roles and bindings that may not be there: those that the API server would refuse, and those that are made
/// for a moment only (convention 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubtful {
    /// They are there.
    With,
    /// They are not there.
    Without,
}

/// Everything that an attacker comes to.
#[derive(Debug)]
pub struct Closure {
    pub(super) facts: Vec<Derived>,
    /// The gains, in the order in which they were found.
    pub(super) gains: Vec<Gained>,
}

/// Something that the attacker comes to.
#[derive(Debug)]
pub(super) struct Gained {
    /// The fact that says so.
    pub(super) fact: usize,
    /// By what.
    pub(super) primitive: &'static Primitive,
    /// Where; `None` for everywhere.
    pub(super) scope: Option<String>,
}

/// A right that is held: where, to which names it is bound, and the facts that say so.
#[derive(Debug, Clone)]
struct Right {
    scope: Option<String>,
    names: Vec<String>,
    facts: Vec<usize>,
}

/// The needs that a rule meets: which primitive, which of its needs, and the part of the rule that counts.
type Met = Vec<(usize, usize, Part)>;

/// The search.
pub(super) struct Search<'a, 's> {
    access: &'a Access<'s>,
    doubtful: Doubtful,
    primitives: Vec<&'static Primitive>,
    /// The bindings of each principal, everywhere.
    bindings: HashMap<Principal, Vec<Applies>>,
    /// The ServiceAccounts that bindings name, by namespace.
    accounts: BTreeMap<String, BTreeSet<String>>,
    met: HashMap<RuleAt, Met>,
    held: BTreeSet<Principal>,
    rights: HashMap<(usize, usize), Vec<Right>>,
    halves: HashMap<(usize, usize), Vec<Half>>,
    known: BTreeSet<(usize, Option<String>, Vec<String>)>,
    queue: VecDeque<usize>,
    closure: Closure,
}

impl Closure {
    /// All that follows from the start, on a server of any of some minor versions of Kubernetes.
    #[must_use]
    pub fn new(
        access: &Access<'_>,
        versions: &RangeInclusive<u32>,
        start: Vec<Start>,
        doubtful: Doubtful,
    ) -> Self {
        let mut search = Search::new(access, versions, doubtful);
        for Start { principal, why, because } in start {
            search.hold(principal, Derived { rule: "RBAC", text: why, because, ..Derived::given() });
        }
        while let Some(fact) = search.queue.pop_front() {
            search.follow(fact);
        }
        search.closure
    }

    /// The principals as whom the attacker can act.
    pub fn principals(&self) -> impl Iterator<Item = &Principal> {
        self.facts.iter().filter_map(|derived| match &derived.fact {
            Fact::ActsAs { principal } => Some(principal),
            _ => None,
        })
    }
}

impl Derived {
    /// A fact that follows from nothing.
    fn given() -> Self {
        let fact = Fact::ActsAs { principal: Principal::user("") };
        Self { fact, rule: "", text: String::new(), uses: Vec::new(), because: Vec::new() }
    }
}

impl<'a, 's> Search<'a, 's> {
    fn new(access: &'a Access<'s>, versions: &RangeInclusive<u32>, doubtful: Doubtful) -> Self {
        let mut bindings: HashMap<Principal, Vec<Applies>> = HashMap::new();
        let mut accounts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (binding, bound) in access.bindings.iter().enumerate() {
            for (subject, to) in bound.binding.subjects.iter().enumerate() {
                let principal = identity(Principal { kind: to.kind.clone(), name: to.name.clone() });
                if let SubjectKind::ServiceAccount(namespace) = &principal.kind {
                    accounts.entry(namespace.clone()).or_default().insert(principal.name.clone());
                }
                bindings.entry(principal).or_default().push(Applies { binding, subject });
            }
        }
        Self {
            access,
            doubtful,
            primitives: catalogue::all().filter(|primitive| primitive.is_in_any(versions)).collect(),
            bindings,
            accounts,
            met: HashMap::new(),
            held: BTreeSet::new(),
            rights: HashMap::new(),
            halves: HashMap::new(),
            known: BTreeSet::new(),
            queue: VecDeque::new(),
            closure: Closure { facts: Vec::new(), gains: Vec::new() },
        }
    }

    fn add(&mut self, derived: Derived) -> usize {
        self.closure.facts.push(derived);
        self.closure.facts.len() - 1
    }

    /// The attacker can act as somebody; nothing happens if that is known.
    fn hold(&mut self, principal: Principal, derived: Derived) {
        let principal = identity(principal);
        if self.held.insert(principal.clone()) {
            let fact = self.add(Derived { fact: Fact::ActsAs { principal }, ..derived });
            self.queue.push_back(fact);
        }
    }

    /// What follows from acting as somebody.
    fn follow(&mut self, acts_as: usize) {
        let Fact::ActsAs { principal } = self.closure.facts[acts_as].fact.clone() else { return };
        for applies in self.bindings.get(&principal).cloned().unwrap_or_default() {
            for rule in self.access.granted(applies.binding).to_vec() {
                let held = Held { applies, rule };
                if self.counts(held) {
                    self.meet(acts_as, &principal, held);
                }
            }
        }
    }

    /// Whether a right that somebody holds is taken as there.
    fn counts(&self, held: Held) -> bool {
        self.doubtful == Doubtful::With || self.access.standing(held) == Standing::InForce
    }

    /// The needs that one rule meets.
    fn meet(&mut self, acts_as: usize, principal: &Principal, held: Held) {
        let scope = self.access.bindings[held.applies.binding].binding.object.namespace.clone();
        let rule = self.access.rule(held.rule);
        let met = self.met.entry(held.rule).or_insert_with(|| met(&self.primitives, rule)).clone();
        for (primitive, need, part) in met {
            if self.primitives[primitive].needs[need].place == Place::Cluster && scope.is_some() {
                continue;
            }
            let (part, patches) = match part {
                Part::Whole(part) => {
                    if !self.is_known(primitive, scope.as_ref(), &part.resource_names) {
                        let names = part.resource_names.clone();
                        let facts = vec![self.add(granted(self.access, acts_as, principal, held, part))];
                        self.has(primitive, need, Right { scope: scope.clone(), names, facts });
                    }
                    continue;
                }
                Part::Creates(part) => (part, false),
                Part::Patches(part) => (part, true),
            };
            self.join(primitive, need, Half { acts_as, held, scope: scope.clone(), part, patches });
        }
    }

    /// What a half of a right comes to with the others that are held.
    fn join(&mut self, primitive: usize, need: usize, half: Half) {
        let halves = self.halves.entry((primitive, need)).or_default();
        halves.push(half.clone());
        let row = self.primitives[primitive];
        let joined: Vec<(Half, Option<String>, Vec<String>)> = halves
            .iter()
            .filter_map(|other| {
                let (scope, names) = half.joined(other, &row.needs[need])?;
                Some((other.clone(), scope, names))
            })
            .collect();
        for (other, scope, names) in joined {
            if self.is_known(primitive, scope.as_ref(), &names) {
                continue;
            }
            let facts = [other, half.clone()].map(|Half { acts_as, held, part, .. }| {
                let Fact::ActsAs { principal } = self.closure.facts[acts_as].fact.clone() else {
                    return acts_as;
                };
                self.add(granted(self.access, acts_as, &principal, held, part))
            });
            self.has(primitive, need, Right { scope, names, facts: facts.to_vec() });
        }
    }

    /// A right is held.
    fn has(&mut self, primitive: usize, need: usize, right: Right) {
        self.rights.entry((primitive, need)).or_default().push(right.clone());
        self.complete(primitive, need, &right);
    }

    /// Whether a gain is there that says at least as much.
    fn is_known(&self, primitive: usize, scope: Option<&String>, names: &[String]) -> bool {
        let scope = scope.filter(|_| !self.primitives[primitive].reaches_everywhere());
        let is_there = |scope: Option<&String>, names: &[String]| {
            self.known.contains(&(primitive, scope.cloned(), names.to_vec()))
        };
        [None, scope].into_iter().any(|scope| is_there(scope, &[]) || is_there(scope, names))
    }

    /// What a new right completes, wherever the others are held.
    fn complete(&mut self, primitive: usize, need: usize, right: &Right) {
        let row = self.primitives[primitive];
        let mut scopes = BTreeSet::from([right.scope.clone()]);
        if right.scope.is_none() {
            let others = (0..row.needs.len()).filter(|&other| other != need);
            let rights = others.filter_map(|other| self.rights.get(&(primitive, other))).flatten();
            scopes.extend(rights.map(|right| right.scope.clone()));
        }
        for scope in scopes {
            let holds = |right: &&Right| right.scope.is_none() || right.scope == scope;
            let held = (0..row.needs.len()).map(|other| {
                if other == need {
                    return Some(right);
                }
                self.rights.get(&(primitive, other))?.iter().find(holds)
            });
            let Some(held) = held.collect::<Option<Vec<&Right>>>() else { continue };
            let names = held.iter().map(|right| &right.names).find(|names| !names.is_empty());
            let names = names.cloned().unwrap_or_default();
            let uses: Vec<usize> = held.iter().flat_map(|right| right.facts.iter().copied()).collect();
            let scope = scope.filter(|_| !row.reaches_everywhere());
            if !self.is_known(primitive, scope.as_ref(), &names) {
                self.gain(primitive, scope, names, uses);
            }
        }
    }

    fn gain(&mut self, primitive: usize, scope: Option<String>, names: Vec<String>, uses: Vec<usize>) {
        let row = self.primitives[primitive];
        self.known.insert((primitive, scope.clone(), names.clone()));
        let text = format!("so it can {}{}", row.done(scope.as_deref()), named(&names));
        let fact = Fact::Gains { gain: row.gain, scope: scope.clone(), names: names.clone() };
        let because = Vec::new();
        let fact = self.add(Derived { fact, rule: row.rule, text, uses, because });
        self.closure.gains.push(Gained { fact, primitive: row, scope: scope.clone() });
        for (principal, text) in self.lets_act_as(row, scope.as_deref(), &names) {
            self.hold(principal, Derived { rule: row.rule, text, uses: vec![fact], ..Derived::given() });
        }
    }

    /// Whom a gain lets one act as, and how.
    fn lets_act_as(
        &self,
        row: &Primitive,
        scope: Option<&str>,
        names: &[String],
    ) -> Vec<(Principal, String)> {
        let how = |principal: Principal| {
            let text = format!("so it can act as {principal}");
            (principal, text)
        };
        match (row.acts_as, names) {
            (ActsAs::Nobody, _) => Vec::new(),
            (ActsAs::NamedUsers, names) => names.iter().map(|name| how(Principal::user(name))).collect(),
            (ActsAs::NamedGroups, names) => names.iter().map(|name| how(Principal::group(name))).collect(),
            (ActsAs::NamedServiceAccounts, names) if !names.is_empty() => {
                let namespaces = self.namespaces(scope);
                let named = namespaces.flat_map(|namespace| {
                    names.iter().map(move |name| how(Principal::service_account(namespace, name)))
                });
                named.chain(self.groups(scope).map(how)).collect()
            }
            (ActsAs::ServiceAccounts | ActsAs::NamedServiceAccounts, _) => {
                let accounts = self
                    .accounts
                    .iter()
                    .filter(|(namespace, _)| scope.is_none_or(|scope| scope == *namespace));
                let accounts = accounts.flat_map(|(namespace, names)| {
                    names.iter().map(move |name| how(Principal::service_account(namespace, name)))
                });
                accounts.chain(self.groups(scope).map(how)).collect()
            }
        }
    }

    /// The namespaces of a scope that bindings know ServiceAccounts of.
    fn namespaces(&self, scope: Option<&str>) -> impl Iterator<Item = &str> {
        let all = self.accounts.keys().map(String::as_str);
        all.filter(move |namespace| scope.is_none_or(|scope| scope == *namespace))
    }

    /// The groups in which every ServiceAccount of a scope is.
    fn groups(&self, scope: Option<&str>) -> impl Iterator<Item = Principal> {
        let of_namespaces = self
            .access
            .snapshot
            .namespaces
            .iter()
            .map(|namespace| namespace.name.as_str())
            .filter(move |namespace| scope.is_none_or(|scope| scope == *namespace));
        let of_namespaces = of_namespaces.map(|namespace| format!("system:serviceaccounts:{namespace}"));
        of_namespaces.chain(["system:serviceaccounts".to_owned()]).map(|name| Principal::group(&name))
    }
}

/// The needs that a rule meets.
fn met(primitives: &[&'static Primitive], rule: &RoleRule) -> Met {
    let mut met = Vec::new();
    for (index, primitive) in primitives.iter().enumerate() {
        for (need, right) in primitive.needs.iter().enumerate() {
            if let Some(part) = right.met_by(rule) {
                met.push((index, need, part));
            }
        }
    }
    met
}

/// Somebody under their own name: a user with the name of a ServiceAccount is that ServiceAccount.
fn identity(principal: Principal) -> Principal {
    match (&principal.kind, service_account(&principal.name)) {
        (SubjectKind::User, Some((namespace, name))) => Principal::service_account(namespace, name),
        _ => principal,
    }
}

/// The names to which a gain is bound, as they come behind it.
fn named(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!(" (only {})", names.join(", ")) }
}

impl Primitive {
    /// Whether what is done in a namespace has effects in all of them.
    fn reaches_everywhere(&self) -> bool {
        self.needs.iter().any(|need| need.place == Place::AnyNamespace)
    }

    /// What it does, at a place.
    pub(super) fn done(&self, scope: Option<&str>) -> String {
        self.does.replace("{}", &scope.map_or("every namespace".to_owned(), |scope| format!("`{scope}`")))
    }
}
