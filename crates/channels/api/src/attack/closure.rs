//! The fixpoint: principals that are held, the rights that they have, what those yield, and whom that lets one act as.

mod again;
mod answers;
mod held;
mod presence;
pub(crate) mod steered;

use super::apply::{Half, Part};
use super::asking::{self, Asking};
use super::combine::{Fit, Right, Rights, Together, combine};
use super::derivation::{Source, granted};
use super::fact::Derived;
use super::meets::{Meets, Scopes};
use super::needs::{MetByRules, Needs};
use super::objects::Objects;
use super::params;
use super::tokens;
use super::written::Written;
use crate::access::{Access, Applies, Bound, Held, Standing};
use crate::aggregation::RuleAt;
use answers::Answered;
use held::identity;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::ops::RangeInclusive;
use watertight_base::Span;
use watertight_kubernetes::{AGGREGATED, ActsAs, BOUND, DANGLING, Of, Primitive, catalogue};
use watertight_model::{Because, Fact, Gain, ObjectRef, Principal, RoleRule, SubjectKind, When};

/// Somebody as whom the attacker can act from the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Who.
    pub principal: Principal,
    /// Why: one lower-case sentence.
    pub why: String,
    /// The objects that say so.
    pub because: Vec<Because>,
    /// The rule by which they can.
    pub rule: &'static str,
}

impl Start {
    /// The rule of a start that follows from which side somebody is on.
    pub const OF_A_SIDE: &str = "RBAC";
}

/// The API group of roles and bindings.
const RBAC: &str = "rbac.authorization.k8s.io";

/// The role that every server has, and that allows everything.
const CLUSTER_ADMIN: &str = "cluster-admin";

/// What becomes of what may not be so: roles and bindings that the API server would refuse, those that are made for a moment
/// only (convention 6), and what holds in some of the versions that the server may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubtful {
    /// It is so.
    With,
    /// It is not so.
    Without,
}

/// Everything that an attacker comes to.
#[derive(Debug)]
pub struct Closure {
    pub(super) facts: Vec<Derived>,
    /// The gains, in the order in which they were found.
    pub(super) gains: Vec<Gained>,
    /// All that rights yield, those gains included that are only a step to others: by the name of the row, where, and bound to
    /// which names.
    pub(super) yielded: BTreeSet<(String, Option<String>, Vec<String>)>,
    /// What became of what may not be so; [`Doubtful::Without`] too if nothing rests on that.
    pub(super) doubtful: Doubtful,
    /// What may be written.
    pub(super) written: Written,
    /// The principals that are held by headers of impersonation alone.
    pub(super) impersonated: BTreeSet<Principal>,
    /// Hosts outside of the cluster that the server asks about the `to` side, with the objects that have it ask.
    outside: Vec<(String, ObjectRef)>,
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
    /// Whether what it is about is there.
    pub(super) when: When,
}

/// What is still to be followed.
#[derive(Debug)]
enum Next {
    /// Acting as somebody, by the fact that says so.
    Follow(usize),
    /// Having the rights of roles.
    Take(Taken),
}

/// Roles whose rights somebody can have.
#[derive(Debug)]
struct Taken {
    acts_as: ActsAs,
    scope: Option<String>,
    names: Vec<String>,
    principal: Principal,
    /// The fact that they can.
    fact: usize,
}

/// The search.
pub(super) struct Search<'a, 's> {
    access: &'a Access<'s>,
    /// The namespaces of the `from` side.
    from: BTreeSet<String>,
    /// Those of the `to` side.
    to: BTreeSet<String>,
    doubtful: Doubtful,
    versions: RangeInclusive<u32>,
    primitives: Vec<&'static Primitive>,
    /// The names of those rows.
    names: Vec<String>,
    needs: Needs,
    objects: Objects,
    /// The bindings of each principal, everywhere.
    bindings: HashMap<Principal, Vec<Applies>>,
    /// The ServiceAccounts that bindings name, by namespace.
    accounts: BTreeMap<String, BTreeSet<String>>,
    met: MetByRules,
    /// Who is held, by which fact.
    held: BTreeMap<Principal, usize>,
    /// Those of these facts that are true in a request by its headers of impersonation alone.
    by_headers: BTreeSet<usize>,
    rights: HashMap<(usize, usize), Rights>,
    known: BTreeSet<(usize, Option<String>, Vec<String>)>,
    /// The bindings that were seen to give something for a primitive.
    seen: BTreeSet<(usize, usize)>,
    queue: VecDeque<Next>,
    halves: HashMap<(usize, usize), Vec<Half>>,
    /// Whom the server asks.
    asking: Vec<Asking>,
    answered: Answered,
    /// Whether nothing that was found rests on what may not be so.
    sure: bool,
    closure: Closure,
}

impl Closure {
    /// All that follows from the start, on a server of any of some minor versions of Kubernetes, up to what is a breach
    /// already: something in the namespaces of the `to` side, which are the second of the `sides`.
    #[must_use]
    pub fn new(
        access: &Access<'_>,
        versions: &RangeInclusive<u32>,
        start: Vec<Start>,
        sides: [&BTreeSet<&str>; 2],
        doubtful: Doubtful,
    ) -> Self {
        let mut search = Search::new(access, versions, sides, doubtful);
        search.answer_from_the_start();
        for Start { principal, why, because, rule } in start {
            search.hold(principal, Derived { rule, text: why, because, ..Derived::given() }, false);
        }
        while let Some(next) = search.queue.pop_front() {
            match next {
                Next::Follow(fact) => search.follow(fact),
                Next::Take(taken) => search.take(&taken),
            }
        }
        let Search { known, names, held, by_headers, sure, mut closure, .. } = search;
        let impersonated = held.into_iter().filter(|(_, fact)| by_headers.contains(fact));
        closure.impersonated = impersonated.map(|(principal, _)| principal).collect();
        if sure {
            closure.doubtful = Doubtful::Without;
        }
        let yielded = known.into_iter().map(|(row, scope, of)| (names[row].clone(), scope, of));
        closure.yielded = yielded.collect();
        closure
    }

    /// Whether nothing in it rests on what may not be so, so that it is the same without that.
    #[must_use]
    pub fn is_sure(&self) -> bool {
        self.doubtful == Doubtful::Without
    }

    /// Hosts outside of the cluster that the server asks about the `to` side, with the objects that have it ask.
    #[must_use]
    pub fn outside(&self) -> &[(String, ObjectRef)] {
        &self.outside
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
    fn new(
        access: &'a Access<'s>,
        versions: &RangeInclusive<u32>,
        sides: [&BTreeSet<&str>; 2],
        doubtful: Doubtful,
    ) -> Self {
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
        let holds = |(_, primitive): &(String, &Primitive)| match doubtful {
            Doubtful::With => primitive.is_in_any(versions),
            Doubtful::Without => primitive.is_in_all(versions),
        };
        let [from, to] =
            sides.map(|side| side.iter().map(|&name| name.to_owned()).collect::<BTreeSet<String>>());
        let custom = &access.snapshot.custom_resources;
        let mut objects = Objects::new(*versions.end(), custom, &access.snapshot.api_services);
        objects.params = params::all(access.snapshot, *versions.end(), &from, doubtful);
        let (names, primitives): (_, Vec<&'static Primitive>) = catalogue::named().filter(holds).unzip();
        let asking = |doubtful| asking::all(access.snapshot, (&objects, versions), [&from, &to], doubtful);
        let asked = asking(doubtful);
        let sure = asked == asking(Doubtful::Without)
            && objects.params == params::all(access.snapshot, *versions.end(), &from, Doubtful::Without);
        let outside = asked.iter().filter(|asking| !asking.answers.is_empty());
        let outside =
            outside.filter_map(|asking| Some((asking.outside.clone()?, asking.object.clone()))).collect();
        Self {
            access,
            asking: asked,
            answered: Answered::default(),
            from,
            to,
            doubtful,
            versions: versions.clone(),
            needs: Needs::new(&primitives),
            primitives,
            names,
            objects,
            bindings,
            accounts,
            met: MetByRules::default(),
            held: BTreeMap::new(),
            by_headers: BTreeSet::new(),
            rights: HashMap::new(),
            known: BTreeSet::new(),
            seen: BTreeSet::new(),
            queue: VecDeque::new(),
            halves: HashMap::new(),
            sure,
            closure: Closure {
                facts: Vec::new(),
                gains: Vec::new(),
                yielded: BTreeSet::new(),
                written: Written::default(),
                impersonated: BTreeSet::new(),
                doubtful,
                outside,
            },
        }
    }

    fn add(&mut self, derived: Derived) -> usize {
        self.closure.facts.push(derived);
        self.closure.facts.len() - 1
    }

    /// What follows from acting as somebody.
    fn follow(&mut self, acts_as: usize) {
        let Fact::ActsAs { principal } = self.closure.facts[acts_as].fact.clone() else { return };
        for applies in self.bindings.get(&principal).cloned().unwrap_or_default() {
            let scope = self.access.bindings[applies.binding].binding.object.namespace.clone();
            self.meet_bound(acts_as, &principal, applies);
            for rule in self.access.granted(applies.binding).to_vec() {
                let held = Held { applies, rule };
                if self.follows(self.access.standing(held)) {
                    self.meet(scope.as_deref(), &principal, rule, &Source::Held { acts_as, held });
                }
            }
        }
    }

    /// Whether a right that somebody holds is taken as there.
    fn counts(&self, held: Held) -> bool {
        self.takes(self.access.standing(held))
    }

    /// Whether something is taken as there.
    fn takes(&self, standing: Standing) -> bool {
        self.doubtful == Doubtful::With || standing == Standing::InForce
    }

    /// The same of something that is followed: what follows from what may not be there is not sure.
    fn follows(&mut self, standing: Standing) -> bool {
        let takes = self.takes(standing);
        self.sure &= !takes || standing == Standing::InForce;
        takes
    }

    /// Whether something may not be there: that is never sure.
    fn follows_absence(&mut self, standing: Standing) -> bool {
        let may_be_absent = standing != Standing::InForce;
        self.sure &= !may_be_absent;
        may_be_absent && self.doubtful == Doubtful::With
    }

    /// The needs that a binding to a role meets, whatever its rules.
    fn meet_bound(&mut self, acts_as: usize, principal: &Principal, applies: Applies) {
        let Bound { binding, role, is_seen } = &self.access.bindings[applies.binding];
        if !self.follows(Standing::of(binding.admission)) {
            return;
        }
        // Where the role may not be there, the binding may wait for one.
        let is_dangling = !is_seen || self.follows_absence(self.access.standing_of(*role));
        let resource = if binding.role.cluster { "clusterroles" } else { "roles" };
        let aggregates = self.access.roles[*role].aggregates.is_some();
        let known = [(BOUND, *is_seen), (DANGLING, is_dangling), (AGGREGATED, aggregates)];
        let known: Vec<&str> = known.into_iter().filter(|known| known.1).map(|known| known.0).collect();
        let right = Right {
            scope: binding.object.namespace.clone(),
            names: vec![binding.role.name.clone()],
            principal: principal.clone(),
            anybody: false,
            facts: vec![acts_as],
        };
        for primitive in 0..self.primitives.len() {
            for need in 0..self.primitives[primitive].needs.len() {
                let at = (primitive, need);
                let is_met = self.primitives[primitive].needs[need].met_by_bound(&known, (RBAC, resource));
                if is_met && !self.has(at, &right) {
                    self.have(at, right.clone());
                }
            }
        }
    }

    /// The needs that one rule meets, granted in a scope.
    fn meet(&mut self, scope: Option<&str>, principal: &Principal, at: RuleAt, source: &Source) {
        let rule = self.access.rule(at);
        self.closure.written.add(scope, at, rule);
        let met = self.met.of(at, rule, &self.needs, &self.objects);
        // The server looks at the headers of a request once.
        let by_headers = matches!(source, Source::Held { acts_as, .. } if self.by_headers.contains(acts_as));
        for (primitive, need, part) in met.iter() {
            let at = (*primitive, *need);
            if by_headers && self.primitives[at.0].needs[at.1].is_impersonation() {
                continue;
            }
            let (part, patches) = match part {
                Part::Whole(part) => {
                    self.meet_need(at, scope, principal, (part, rule.span), source);
                    continue;
                }
                Part::Creates(part) => (part, false),
                Part::Patches(part) => (part, true),
            };
            let (principal, source) = (principal.clone(), source.clone());
            let part = RoleRule { span: rule.span, ..part.clone() };
            self.join(at, Half { principal, source, scope: scope.map(str::to_owned), part, patches });
        }
    }

    /// What a half of a right comes to with the others that are held.
    fn join(&mut self, at: (usize, usize), half: Half) {
        let need = &self.primitives[at.0].needs[at.1];
        let halves = self.halves.entry(at).or_default();
        let join = |other: &Half| half.joined(other, need).map(|joined| (other.clone(), joined));
        let joined: Vec<_> = halves.iter().filter_map(join).collect();
        halves.push(half.clone());
        for (other, (scope, names)) in joined {
            for (scope, names) in need.place.scopes(scope.as_deref(), &names) {
                let (principal, anybody) = half.holder(&other);
                let mut right = Right { scope, names, principal, anybody, facts: Vec::new() };
                if self.has(at, &right) {
                    continue;
                }
                right.facts = [&other, &half]
                    .map(|Half { principal, source, part, .. }| self.grant(principal, source, part))
                    .to_vec();
                self.have(at, right);
            }
        }
    }

    /// One need that a part of a rule meets.
    fn meet_need(
        &mut self,
        at: (usize, usize),
        scope: Option<&str>,
        principal: &Principal,
        (part, span): (&RoleRule, Option<Span>),
        source: &Source,
    ) {
        let row = self.primitives[at.0];
        let is_written = |params: &params::Params| params.are_written(scope, part);
        if row.needs[at.1].of == Of::Params && !self.objects.params.iter().any(is_written) {
            return;
        }
        for (scope, names) in row.needs[at.1].place.scopes(scope, &part.resource_names) {
            let (principal, anybody) = (principal.clone(), source.is_for_anybody());
            let mut right = Right { scope, names, principal, anybody, facts: Vec::new() };
            let is_first = self.is_first(at.0, source);
            let is_new = !self.has(at, &right);
            if !is_new && !is_first {
                continue;
            }
            let part = RoleRule { span, ..part.clone() };
            if is_new {
                right.facts = vec![self.grant(&right.principal, source, &part)];
                self.have(at, right);
            } else {
                self.again(at.0, right, source, &part);
            }
        }
    }

    /// The fact that somebody has a part of a rule.
    fn grant(&mut self, principal: &Principal, source: &Source, part: &RoleRule) -> usize {
        self.add(granted(self.access, &self.closure.facts, principal, source, part.clone()))
    }

    /// Whether a right, or what it yields, is there.
    fn has(&self, at: (usize, usize), right: &Right) -> bool {
        let row = self.primitives[at.0];
        self.rights.get(&at).is_some_and(|held| held.covers(right, row))
            || self.is_known(at.0, right.scope.as_ref(), &right.names)
    }

    /// What a new right completes.
    fn have(&mut self, at: (usize, usize), right: Right) {
        let row = self.primitives[at.0];
        self.rights.entry(at).or_default().push(right.clone());
        let held = |need: usize| self.rights.get(&(at.0, need));
        let is_everything = row.acts_as == ActsAs::HoldersOfEverything;
        let together = combine(row, (at.1, &right), held).into_iter();
        let new: Vec<Together> = together
            .map(|mut fit| {
                // In whichever role it is written: it is every right.
                if is_everything {
                    fit.names = Cow::Borrowed(&[]);
                }
                fit
            })
            .filter(|fit| !self.is_known(at.0, fit.scope, &fit.names))
            .map(Fit::owned)
            .collect();
        for together in new {
            if !self.is_known(at.0, together.scope.as_ref(), &together.names) {
                let together = self.bound_together(at.0, together);
                let together = self.of_fewest(at.0, together);
                self.gain(at.0, together);
            }
        }
    }

    /// Whether a gain is there that says at least as much.
    fn is_known(&self, primitive: usize, scope: Option<&String>, names: &[String]) -> bool {
        let is_there = |scope: Option<&String>, names: &[String]| {
            self.known.contains(&(primitive, scope.cloned(), names.to_vec()))
        };
        [None, scope].into_iter().any(|scope| is_there(scope, &[]) || is_there(scope, names))
    }

    fn gain(&mut self, primitive: usize, together: Together) {
        let Together { scope, names, rights } = together;
        let row = self.primitives[primitive];
        self.sure &= row.is_in_all(&self.versions);
        self.known.insert((primitive, scope.clone(), names.clone()));
        let uses = rights.iter().flat_map(|right| right.facts.iter().copied()).collect();
        let text = format!("so it can {}{}", row.done(scope.as_deref()), named(&names));
        let fact = Fact::Gains { gain: row.gain, scope: scope.clone(), names: names.clone() };
        let because = Vec::new();
        let fact = self.add(Derived { fact, rule: row.rule, text, uses, because });
        if !is_only_a_step(row.acts_as, &names) {
            let when = self.presence(scope.as_deref(), fact);
            self.closure.gains.push(Gained { fact, primitive: row, scope: scope.clone(), when });
            // What follows from a breach is none of its own.
            let is_on_the_other_side = scope.as_ref().is_none_or(|scope| self.to.contains(scope));
            if is_on_the_other_side && row.gain != Gain::ReadsObjects {
                return;
            }
            self.answer_by(row.gain, scope.as_deref(), &names, fact);
        }
        for (principal, text) in self.lets_act_as(row.acts_as, scope.as_deref(), &names) {
            let derived = Derived { rule: row.rule, text, uses: vec![fact], ..Derived::given() };
            self.hold(principal, derived, row.acts_by_headers());
        }
        // A pod mounts any Secret of its namespace. Which are in one that is entered is not known.
        let read: Option<&[String]> = match row.gain {
            Gain::ReadsSecrets => Some(&names),
            Gain::RunsPods => Some(&[]),
            Gain::EntersPods if self.doubtful == Doubtful::With => Some(&[]),
            _ => None,
        };
        let known = self.closure.facts.len();
        if let Some(read) = read {
            for (principal, derived) in tokens::read(self.access.snapshot, scope.as_deref(), read) {
                self.hold(principal, Derived { uses: vec![fact], ..derived }, false);
            }
        }
        if row.gain == Gain::RunsPods || row.gain == Gain::EntersPods && self.doubtful == Doubtful::With {
            for (principal, derived) in tokens::mounted(self.access.snapshot, scope.as_deref()) {
                self.hold(principal, Derived { uses: vec![fact], ..derived }, false);
            }
        }
        // Nor is it known what else pods hold where neither side is, or what may be read there (see `holding.rs`).
        let is_strange =
            scope.as_ref().is_none_or(|scope| !self.from.contains(scope) && !self.to.contains(scope));
        let may_hold = match row.gain {
            Gain::EntersPods => is_strange || self.closure.facts.len() > known,
            Gain::RunsPods | Gain::ReadsObjects | Gain::ChangesObjects => is_strange,
            _ => false,
        };
        self.sure &= !may_hold;
        if let (Gain::ChangesObjects, true, Some(scope)) = (row.gain, is_strange, &scope) {
            self.steer(scope, fact);
        }
        if let Some(Right { principal, .. }) = rights.into_iter().next() {
            let principal = self.without_headers(principal);
            self.queue.push_back(Next::Take(Taken { acts_as: row.acts_as, scope, names, principal, fact }));
        }
    }

    /// The rights of the roles that a gain lets one have.
    fn take(&mut self, taken: &Taken) {
        let Taken { acts_as, scope, names, principal, fact } = taken;
        let everything = [CLUSTER_ADMIN.to_owned()];
        let (is_cluster, names) = match acts_as {
            ActsAs::HoldersOfClusterRoles if !names.is_empty() => (true, &names[..]),
            ActsAs::HoldersOfClusterRoles | ActsAs::HoldersOfEverything => (true, &everything[..]),
            ActsAs::HoldersOfRoles => (false, &names[..]),
            _ => return,
        };
        for role in 0..self.access.roles.len() {
            let object = &self.access.roles[role].object;
            let is_meant = names.is_empty() || names.contains(&object.name);
            let namespace = object.namespace.clone();
            let is_there = if is_cluster {
                namespace.is_none()
            } else {
                namespace.is_some() && (scope.is_none() || *scope == namespace)
            };
            if !is_meant || !is_there {
                continue;
            }
            let scope = if is_cluster { scope.clone() } else { namespace };
            for rule in self.access.rules_at(role).to_vec() {
                let standing = self.access.role_standing(role, rule);
                if self.follows(standing) {
                    self.meet(scope.as_deref(), principal, rule, &Source::Bindable { fact: *fact, role });
                }
            }
        }
    }
}

/// The names to which a gain is bound, as they come behind it.
pub(super) fn named(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!(" (only {})", names.join(", ")) }
}

/// Whether what a gain yields is told by what follows from whom it lets one act as.
fn is_only_a_step(acts_as: ActsAs, names: &[String]) -> bool {
    match acts_as {
        ActsAs::Nobody
        | ActsAs::ServiceAccounts
        | ActsAs::NamedServiceAccounts
        | ActsAs::HoldersOfEverything => false,
        ActsAs::NamedUsers | ActsAs::NamedGroups | ActsAs::HoldersOfClusterRoles => !names.is_empty(),
        ActsAs::HoldersOfRoles => true,
    }
}
