//! The steps of a closure that lead to one of its facts, as a breach of the boundary.

use super::closure::{Closure, Gained, named};
use super::fact::Derived;
use crate::access::{Access, Held};
use crate::credentials::TOKEN;
use crate::grant::rule_text;
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::fingerprint;
use watertight_kubernetes::{Primitive, catalogue};
use watertight_model::{
    Because, Breach, Channel, Evidence, EvidenceRole, Fact, Gain, ObjectRef, Principal, RoleRule, Root, Step,
    When,
};

/// Which of the things that an attacker comes to are meant (convention 11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rank {
    /// Those that are breaches.
    Breach,
    /// Those of lesser rank: they only let somebody read objects without credentials.
    Lesser,
    /// Both.
    Any,
}

impl Rank {
    fn counts(self, gain: Gain) -> bool {
        let is_lesser = gain == Gain::ReadsObjects;
        match self {
            Self::Breach => !is_lesser,
            Self::Lesser => is_lesser,
            Self::Any => true,
        }
    }
}

/// The binding behind a breach, and the fact itself where each is shown.
type Key = (ObjectRef, Option<usize>);

impl Closure {
    /// What the attacker comes to in the namespaces of the `to` side, the worst of each binding that lets them: the others
    /// are counted with it, and so is what only follows from it. With `all`, each is shown by itself.
    #[must_use]
    pub fn breaches(&self, to: &BTreeSet<&str>, all: bool, rank: Rank) -> Vec<Breach> {
        let counts = |gained: &&Gained| rank.counts(gained.primitive.gain);
        let is_there = |gained: &&Gained| gained.scope.as_deref().is_none_or(|scope| to.contains(scope));
        let there = || self.gains.iter().filter(is_there);
        let mut found = self.by_root(there().filter(counts).collect(), all);
        // What is mended with a breach is no finding beside it.
        if rank == Rank::Lesser && !all {
            let is_worse = |gained: &&Gained| Rank::Breach.counts(gained.primitive.gain);
            let worse = self.by_root(there().filter(is_worse).collect(), false);
            found.retain(|root, _| !worse.contains_key(root));
        }
        let mut breaches: Vec<(Breach, _)> = found
            .into_iter()
            .filter_map(|((root, _), (gained, count))| {
                let order = |gained: &&Gained| {
                    let Gained { fact, primitive, when, .. } = gained;
                    (primitive.gain, *when, self.needed(*fact).len(), row(primitive), *fact)
                };
                let worst = gained.into_iter().min_by_key(order)?;
                let (gain, when, steps, row, _) = order(&worst);
                Some((self.breach(worst, Root::object(root), count), (gain, when, steps, row)))
            })
            .collect();
        breaches.sort_by(|(one, worst), (other, worse)| {
            (worst, &one.message, &one.id).cmp(&(worse, &other.message, &other.id))
        });
        // Two rows of one rule may say the same.
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        let mut told: Vec<Breach> = Vec::with_capacity(breaches.len());
        for (breach, _) in breaches {
            match known.get(&breach.id) {
                Some(&first) => told[first].count += breach.count,
                None => {
                    known.insert(breach.id.clone(), told.len());
                    told.push(breach);
                }
            }
        }
        told
    }

    /// What the attacker comes to by the binding that lets them, and how much it is with all that follows from it.
    fn by_root<'g>(&self, gains: Vec<&'g Gained>, all: bool) -> BTreeMap<Key, (Vec<&'g Gained>, usize)> {
        let origins = self.origins(gains.iter().map(|gained| gained.fact).collect());
        let mut by_root: BTreeMap<Key, (Vec<&Gained>, usize)> = BTreeMap::new();
        for gained in gains {
            let origin = origins[gained.fact].unwrap_or(gained.fact);
            let key = (self.root(origin), all.then_some(gained.fact));
            let (of_root, count) = by_root.entry(key).or_default();
            *count += 1;
            if all || origin == gained.fact {
                of_root.push(gained);
            }
        }
        by_root
    }

    /// Everything that the attacker comes to, wherever it is, in the order in which it was found.
    #[must_use]
    pub fn powers(&self) -> Vec<Power> {
        self.powers_where(|_, _, _| true)
    }

    /// Of all that, what counts by what it is, where it is (`None` for everywhere), and to which names it is bound.
    #[must_use]
    pub fn powers_where(&self, counts: impl Fn(Gain, Option<&str>, &[String]) -> bool) -> Vec<Power> {
        let names = |gained: &Gained| match &self.facts[gained.fact].fact {
            Fact::Gains { names, .. } => names.as_slice(),
            _ => &[],
        };
        let counts = |gained: &&Gained| counts(gained.primitive.gain, gained.scope.as_deref(), names(gained));
        self.gains.iter().filter(counts).map(|gained| self.power_of(gained)).collect()
    }

    /// Whether it comes to what a rule says in a namespace.
    pub(crate) fn comes_to(&self, rule: &str, namespace: &str) -> bool {
        self.gains.iter().any(|gained| {
            gained.primitive.rule == rule && gained.scope.as_deref().is_some_and(|scope| scope == namespace)
        })
    }

    /// The first of them by a rule in a namespace that is so.
    #[must_use]
    pub fn power(&self, rule: &str, is_there: impl Fn(&str) -> bool) -> Option<Power> {
        let is_it = |gained: &&Gained| {
            gained.primitive.rule == rule && gained.scope.as_deref().is_some_and(&is_there)
        };
        self.gains.iter().find(is_it).map(|gained| self.power_of(gained))
    }

    /// The principals of somebody else whose credentials it comes to read, each as a breach.
    #[must_use]
    pub fn tokens_read(&self, is_theirs: impl Fn(&Principal) -> bool) -> Vec<Breach> {
        let mut breaches = Vec::new();
        for (fact, derived) in self.facts.iter().enumerate() {
            let Fact::ActsAs { principal } = &derived.fact else { continue };
            if derived.rule != TOKEN || derived.uses.is_empty() || !is_theirs(principal) {
                continue;
            }
            let steps = self.steps(fact);
            let text = derived.text.split(", so").next().unwrap_or_default();
            let message = format!("{} can act as {principal}: {text}", who(&steps));
            let highlight = derived.because.first().and_then(|because| match &because.evidence {
                Some(Evidence::File(span)) => Some((*span, "the other side's credential".to_owned())),
                _ => None,
            });
            breaches.push(Breach {
                id: fingerprint(&format!("{TOKEN} {message}")),
                rule: TOKEN,
                root: Root::object(derived.because.first().map_or_else(|| self.root(fact), |it| it.object.clone())),
                when: When::Now,
                message,
                help: "take it out of force and out of there: a token goes with its ServiceAccount or Secret, a certificate with its CA"
                    .to_owned(),
                count: 1,
                reached: BTreeSet::new(),
                steps,
                highlight,
            });
        }
        breaches
    }

    pub(super) fn power_of(&self, gained: &Gained) -> Power {
        let Gained { fact, primitive, scope, .. } = gained;
        let names = match &self.facts[*fact].fact {
            Fact::Gains { names, .. } => names.clone(),
            _ => Vec::new(),
        };
        let steps = self.steps(*fact);
        let who = who(&steps);
        Power {
            gain: primitive.gain,
            rule: primitive.rule,
            row: primitive,
            scope: scope.clone(),
            names,
            message: format!("{who} can {}", primitive.done(scope.as_deref())),
            help: format!("take the right away from {}: {}", self.root(*fact), primitive.fix),
            root: self.root(*fact),
            who,
            steps,
        }
    }

    fn breach(&self, gained: &Gained, cause: Root, count: usize) -> Breach {
        let Gained { fact, primitive, scope, .. } = gained;
        let steps = self.steps(*fact);
        let root = self.root(*fact);
        let answers = self.answers(*fact);
        let names = match &self.facts[*fact].fact {
            Fact::Gains { names, .. } => named(names),
            _ => String::new(),
        };
        let message = format!("{} can {}{names} ({root})", who(&steps), primitive.done(scope.as_deref()));
        let of_root =
            steps.iter().rev().flat_map(|step| &step.because).filter(|because| because.object == root);
        let highlight = of_root.into_iter().find_map(|because| {
            let Some(Evidence::File(span)) = &because.evidence else { return None };
            Some((*span, if answers { "whom the API server asks" } else { "grants it" }.to_owned()))
        });
        Breach {
            id: fingerprint(&format!("{} {message}", primitive.rule)),
            rule: primitive.rule,
            root: cause,
            when: gained.when,
            message,
            help: match answers {
                true => primitive.fix.to_owned(),
                false => format!("take the right away from {root}, or its subject: {}", primitive.fix),
            },
            count,
            reached: BTreeSet::new(),
            steps,
            highlight,
        }
    }

    /// Whether a gain follows from answering the API server.
    fn answers(&self, gain: usize) -> bool {
        self.facts[gain].uses.iter().any(|&used| matches!(self.facts[used].fact, Fact::Answers { .. }))
    }

    /// The binding behind the last right that a fact follows from, or the object that has the server ask.
    pub(super) fn root(&self, fact: usize) -> ObjectRef {
        let rights = self.facts[fact].uses.iter().rev();
        // What is cut off follows from a gain, which follows from rights.
        let of_gain = |&right: &usize| match self.facts[right].fact {
            Fact::Gains { .. } => self.facts[right].uses.iter().rev().copied().collect(),
            _ => vec![right],
        };
        let rights: Vec<usize> = rights.flat_map(of_gain).collect();
        let objects = rights.iter().filter_map(|&right| self.facts[right].because.first());
        let none = ObjectRef {
            api_version: String::new(),
            kind: String::new(),
            namespace: None,
            name: String::new(),
            uid: None,
        };
        objects.map(|because| because.object.clone()).next().unwrap_or(none)
    }

    /// Of each fact the first of these that it follows from, or is. A fact is found after those that it follows from.
    fn origins(&self, of: BTreeSet<usize>) -> Vec<Option<usize>> {
        let mut origins: Vec<Option<usize>> = Vec::with_capacity(self.facts.len());
        for (fact, derived) in self.facts.iter().enumerate() {
            let before = derived.uses.iter().filter_map(|&used| origins[used]).min();
            origins.push(before.or_else(|| of.contains(&fact).then_some(fact)));
        }
        origins
    }

    /// The facts that lead to one, and that one.
    fn needed(&self, fact: usize) -> BTreeSet<usize> {
        let mut needed = BTreeSet::from([fact]);
        let mut open = vec![fact];
        while let Some(fact) = open.pop() {
            open.extend(self.facts[fact].uses.iter().copied().filter(|&used| needed.insert(used)));
        }
        needed
    }

    /// The facts that lead to one, that one last, in the order in which they were found.
    fn steps(&self, fact: usize) -> Vec<Step> {
        let needed = self.needed(fact);
        let number: BTreeMap<usize, usize> =
            needed.iter().enumerate().map(|(index, &fact)| (fact, index + 1)).collect();
        let step = |&fact: &usize| {
            let Derived { fact: holds, rule, text, uses, because } = &self.facts[fact];
            Step {
                id: number[&fact],
                channel: Channel::Api,
                rule,
                fact: holds.clone(),
                text: text.clone(),
                uses: uses.iter().map(|used| number[used]).collect(),
                because: because.clone(),
            }
        };
        needed.iter().map(step).collect()
    }
}

/// Which row of the catalogue it is: what is known best stands before what is known of any object.
fn row(primitive: &Primitive) -> usize {
    catalogue::all().position(|row| std::ptr::eq(row, primitive)).unwrap_or(usize::MAX)
}

/// Something that the attacker comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Power {
    /// Who: as whom the attacker starts.
    pub who: String,
    /// What.
    pub gain: Gain,
    /// By which rule.
    pub rule: &'static str,
    /// By which row of it.
    pub row: &'static Primitive,
    /// Where: in this namespace; `None` for everywhere.
    pub scope: Option<String>,
    /// The names of the objects to which it is bound; empty for all.
    pub names: Vec<String>,
    /// The same in one sentence.
    pub message: String,
    /// How to take it away.
    pub help: String,
    /// The binding behind it.
    pub root: ObjectRef,
    /// How it follows from the start.
    pub steps: Vec<Step>,
}

impl Power {
    /// A breach that is one once this is come to.
    pub(crate) fn followed_by(self, breach: Breach) -> Breach {
        let before = self.steps.len();
        let message = format!("{}, and {}", self.message, breach.message);
        let mut steps = self.steps;
        steps.extend(breach.steps.into_iter().map(|mut step| {
            step.id += before;
            step.uses = step.uses.iter().map(|used| used + before).chain([before]).collect();
            step
        }));
        Breach { id: fingerprint(&format!("{} {message}", breach.rule)), message, steps, ..breach }
    }
}

/// As whom the attacker starts: one, or several whose rights are needed together.
fn who(steps: &[Step]) -> String {
    let starts = steps.iter().filter(|step| step.uses.is_empty()).filter_map(|step| match &step.fact {
        Fact::ActsAs { principal } => Some(principal.to_string()),
        _ => None,
    });
    let starts: Vec<String> = starts.collect();
    let answers = steps.iter().find_map(|step| match &step.fact {
        Fact::Answers { namespace, .. } => Some(format!("whatever runs in `{namespace}`")),
        _ => None,
    });
    match starts.as_slice() {
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last} together", all.join(", ")),
        [] => answers.unwrap_or_default(),
    }
}

/// How somebody comes to a rule.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// By a binding that names them.
    Held {
        /// The fact that the attacker can act as them.
        acts_as: usize,
        /// The binding and the rule.
        held: Held,
    },
    /// By a binding to its role that they can make.
    Bindable {
        /// The fact that they can.
        fact: usize,
        /// The role.
        role: usize,
    },
}

/// The same right of a role that can be bound, bound to somebody else.
pub(super) fn bound_to(derived: &Derived, principal: &Principal) -> Option<Derived> {
    let Fact::Granted { rule, scope, .. } = &derived.fact else { return None };
    let role = &derived.because.last()?.object;
    let (rule, scope) = (rule.clone(), scope.clone());
    let text = bindable_text(role, principal, &rule_text(&rule));
    let fact = Fact::Granted { principal: principal.clone(), rule, scope };
    Some(Derived { fact, text, ..derived.clone() })
}

fn bindable_text(role: &ObjectRef, principal: &Principal, what: &str) -> String {
    format!("{role}, which it can bind to {principal}, allows {what}")
}

impl Source {
    /// Whether anybody can come to it: who can bind a role can bind it to whom they like.
    pub(super) fn is_for_anybody(&self) -> bool {
        matches!(self, Self::Bindable { .. })
    }
}

/// The fact that somebody has a part of a rule.
pub(super) fn granted(
    access: &Access<'_>,
    facts: &[Derived],
    principal: &Principal,
    source: &Source,
    part: RoleRule,
) -> Derived {
    let what = rule_text(&part);
    let granted =
        |rule: RoleRule, scope: Option<String>| Fact::Granted { principal: principal.clone(), rule, scope };
    match *source {
        Source::Held { acts_as, held } => {
            let binding = &access.bindings[held.applies.binding].binding;
            let role = &access.roles[held.rule.role].object;
            Derived {
                fact: granted(part, binding.object.namespace.clone()),
                rule: "RBAC",
                text: format!("{} grants {role} to {principal}, which allows {what}", binding.object),
                uses: vec![acts_as],
                because: access.because(held),
            }
        }
        Source::Bindable { fact, role } => {
            let scope = match &facts[fact].fact {
                Fact::Gains { scope, .. } => scope.clone(),
                _ => None,
            };
            // Who escalates has what such a role has, whichever role they write it into.
            let escalates = facts[fact].rule == "escalate-roles";
            let by = facts[fact].uses.iter().filter_map(|&right| facts[right].because.first());
            let role = &access.roles[role];
            let bound = Because {
                role: EvidenceRole::Allows,
                object: role.object.clone(),
                path: "/rules".to_owned(),
                evidence: role.span.map(Evidence::File),
            };
            Derived {
                fact: granted(part, scope),
                rule: "RBAC",
                text: match escalates {
                    true => format!("so {principal} can have what {} has, which allows {what}", role.object),
                    false => bindable_text(&role.object, principal, &what),
                },
                uses: vec![fact],
                because: by.take(1).cloned().chain([bound]).collect(),
            }
        }
    }
}
