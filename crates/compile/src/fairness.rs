//! Whose requests the API server serves first, where environments share it: a level for each, and a FlowSchema that puts all of
//! the environment there.
//!
//! The API server serves a number of requests at a time, its seats: `--max-requests-inflight` and
//! `--max-mutating-requests-inflight` together. Each level gets ⌈seats × its shares ÷ the shares of all levels⌉ of them. By
//! itself the server has levels with 245 shares together, and pods of all environments compete in one of them.
//!
//! - All environments but production get together at most a tenth of the seats, in equal parts, and borrow none: more of them
//!   are never busy for them. What they do not use, others may borrow half of.
//! - Production gets at least a fifth, lends none, and borrows what others leave.
//! - The rest is the server's own, in the proportions that it has by itself.
//!
//! So, where R seats are the rest, a level of s seats needs 245 × s ÷ R shares, rounded down to keep a bound, and up to keep a
//! promise. Nobody has less than one share: where environments are so many that a tenth is less than that for each, together they
//! have more, and production still has its part.
//!
//! Sources: <https://kubernetes.io/docs/concepts/cluster-administration/flow-control/> for levels and matching;
//! `NominalCL` in `pkg/apis/flowcontrol` (`PriorityLevelConfiguration.spec.limited.nominalConcurrencyShares`) for the seats;
//! <https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/1040-priority-and-fairness> for the shares of
//! the server's own levels: leader-election 10, node-high 40, system 30, workload-high 40, workload-low 100, global-default 20,
//! catch-all 5, exempt 0.

use crate::manifest::{Kind, Manifest, Serves};
use crate::neighbours::neighbours;
use crate::rbac;
use std::collections::BTreeSet;
use watertight_intent::{Environment, EnvironmentId, ExceptionAllows, Intent, Subject};
use watertight_yaml::{Value, mapping, texts};

/// The shares of the levels that each server has.
const SHARES_OF_SERVER: u64 = 245;
/// Hundredths of all seats that production gets at least.
const PRODUCTION_PERCENT: u64 = 20;
/// Hundredths of all seats that all others get together at most.
const OTHERS_PERCENT: u64 = 10;

/// FlowSchemas of the server's own controllers have at most 900, that of all ServiceAccounts has 9000; the lowest number
/// decides. Production comes behind all others, so that whoever is in groups of both has the seats of the others.
const OTHERS_FIRST: i64 = 1000;
const PRODUCTION_FIRST: i64 = 5000;

/// The level of an environment and the FlowSchema that leads to it. Alone in its cluster, an environment needs none.
pub(crate) fn fairness(intent: &Intent, id: EnvironmentId, environment: &Environment) -> Vec<Manifest> {
    let Some(cluster) = intent.clusters.get(environment.cluster.0) else { return Vec::new() };
    let seats = u64::from(cluster.api_seats.value);
    let mut counted = Counted::default();
    counted.add(environment);
    let others: Vec<&Environment> = neighbours(intent, id).map(|(_, other)| other).collect();
    if others.is_empty() {
        return Vec::new();
    }
    others.iter().for_each(|other| counted.add(other));
    let level = level(seats, counted, environment.production.value);
    let name = format!("watertight-{}", environment.name.value);
    let object = |kind, annotations, spec| Manifest {
        kind,
        namespace: None,
        name: name.clone(),
        environment: environment.name.value.clone(),
        labels: Vec::new(),
        annotations,
        serves: Serves::Capacity,
        asked_by: cluster.api_seats.span,
        body: vec![("spec", spec)],
    };
    let said = vec![("watertight.dev/seats", format!("{} of {seats}", level.seats))];
    vec![
        object(
            Kind::PriorityLevelConfiguration,
            said,
            configuration(level.shares, environment.production.value),
        ),
        object(Kind::FlowSchema, Vec::new(), schema(&name, intent, id, environment)),
    ]
}

/// How many environments are in a cluster.
#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    production: u64,
    others: u64,
}

impl Counted {
    fn add(&mut self, environment: &Environment) {
        match environment.production.value {
            true => self.production += 1,
            false => self.others += 1,
        }
    }
}

/// What a level gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Level {
    shares: u64,
    /// What the server makes of the shares.
    seats: u64,
}

fn level(seats: u64, counted: Counted, is_production: bool) -> Level {
    let part = |percent: u64, of: u64| (seats * percent / 100).checked_div(of).unwrap_or(0);
    let production = part(PRODUCTION_PERCENT, counted.production).max(1);
    let other = part(OTHERS_PERCENT, counted.others);
    let not_productions = seats.saturating_sub(production * counted.production).max(1);
    let rest = not_productions.saturating_sub(other * counted.others).max(1);
    let at_most = (SHARES_OF_SERVER * other / rest).max(1);
    let of_all_but_production = SHARES_OF_SERVER + at_most * counted.others;
    let at_least = (production * of_all_but_production).div_ceil(not_productions);
    let all = of_all_but_production + at_least * counted.production;
    let shares = if is_production { at_least } else { at_most };
    Level { shares, seats: (seats * shares).div_ceil(all) }
}

/// Requests that find no seat wait in queues, of which each user has a few: whoever asks for too much fills his own.
fn configuration(shares: u64, is_production: bool) -> Value {
    let number = |number: u64| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
    let queuing =
        mapping([("queues", number(64)), ("handSize", number(6)), ("queueLengthLimit", number(50))]);
    let response = mapping([("type", "Queue".into()), ("queuing", queuing)]);
    let mut limited = vec![("nominalConcurrencyShares".to_owned(), number(shares))];
    if is_production {
        limited.push(("lendablePercent".to_owned(), number(0)));
    } else {
        limited.push(("lendablePercent".to_owned(), number(50)));
        // Without a limit, all that others lend could be borrowed.
        limited.push(("borrowingLimitPercent".to_owned(), number(0)));
    }
    limited.push(("limitResponse".to_owned(), response));
    mapping([("type", "Limited".into()), ("limited", Value::Mapping(limited))])
}

/// By who asks, and not by the namespace that is asked about: a request about the whole cluster has none.
fn schema(name: &str, intent: &Intent, id: EnvironmentId, environment: &Environment) -> Value {
    let first = if environment.production.value { PRODUCTION_FIRST } else { OTHERS_FIRST };
    let index = i64::try_from(id.0).unwrap_or_default();
    let every = || texts(["*"]);
    let resources = mapping([
        ("verbs", every()),
        ("apiGroups", every()),
        ("resources", every()),
        ("clusterScope", true.into()),
        ("namespaces", every()),
    ]);
    let paths = mapping([("verbs", every()), ("nonResourceURLs", every())]);
    let rule = mapping([
        ("subjects", Value::List(subjects(intent, id, environment).iter().map(subject).collect())),
        ("resourceRules", Value::List(vec![resources])),
        ("nonResourceRules", Value::List(vec![paths])),
    ]);
    mapping([
        ("priorityLevelConfiguration", mapping([("name", name.into())])),
        ("matchingPrecedence", Value::Integer(first + index)),
        ("distinguisherMethod", mapping([("type", "ByUser".into())])),
        ("rules", Value::List(vec![rule])),
    ])
}

/// All who are of the environment: the ServiceAccounts of its namespaces, those who have access, and those to whom an exception
/// gives a right in another one.
fn subjects(intent: &Intent, id: EnvironmentId, environment: &Environment) -> Vec<Subject> {
    let namespaces = environment.namespaces.iter();
    let accounts: BTreeSet<Subject> = namespaces
        .map(|namespace| Subject::Group(format!("system:serviceaccounts:{}", namespace.value)))
        .collect();
    let of_parties = environment.access.parties().flat_map(rbac::subjects);
    let boundaries = intent.boundaries.iter().filter(|boundary| boundary.from == id);
    let excepted = boundaries.flat_map(|boundary| &boundary.exceptions);
    let of_exceptions = excepted.filter_map(|exception| match &exception.allows {
        ExceptionAllows::Access { subject, .. } => Some(subject.value.clone()),
        ExceptionAllows::Connection { .. } => None,
    });
    let is_among = |subject: &Subject| match subject {
        Subject::ServiceAccount(account) => {
            environment.namespaces.iter().any(|namespace| namespace.value == account.namespace)
        }
        _ => false,
    };
    let others: BTreeSet<Subject> =
        of_parties.chain(of_exceptions).filter(|subject| !is_among(subject)).collect();
    accounts.into_iter().chain(others).collect()
}

fn subject(subject: &Subject) -> Value {
    match subject {
        Subject::User(name) => {
            mapping([("kind", "User".into()), ("user", mapping([("name", name.as_str().into())]))])
        }
        Subject::Group(name) => {
            mapping([("kind", "Group".into()), ("group", mapping([("name", name.as_str().into())]))])
        }
        Subject::ServiceAccount(account) => {
            let names = mapping([
                ("namespace", account.namespace.as_str().into()),
                ("name", account.name.as_str().into()),
            ]);
            mapping([("kind", "ServiceAccount".into()), ("serviceAccount", names)])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the page of the intent says of the default.
    #[test]
    fn of_600_seats_staging_has_60_at_most_and_production_120_at_least() {
        let counted = Counted { production: 1, others: 1 };
        assert_eq!(level(600, counted, false), Level { shares: 35, seats: 60 });
        assert_eq!(level(600, counted, true), Level { shares: 70, seats: 120 });
    }

    #[test]
    fn all_others_keep_to_a_tenth_and_production_has_a_fifth_whatever_the_seats() {
        let mut compared = 0;
        for seats in (40..3000).chain([10_000, 100_000, 1_000_000]) {
            for (production, others) in [(1, 1), (1, 3), (2, 4), (0, 2), (1, 0), (1, 50), (3, 400)] {
                let counted = Counted { production, others };
                let (given, taken) = (level(seats, counted, true).seats, level(seats, counted, false));
                if let Some(part) = (seats / 5).checked_div(production) {
                    assert!(given >= part, "{seats} {counted:?}: {given}");
                }
                if let Some(part) = (seats / 10).checked_div(others) {
                    assert!(taken.seats <= part || taken.shares == 1, "{seats} {counted:?}: {taken:?}");
                }
                compared += 1;
            }
        }
        assert!(compared > 20_000, "{compared}");
    }

    #[test]
    fn no_number_of_seats_is_too_small() {
        for seats in 1..40 {
            for (production, others) in [(1, 1), (1, 0), (0, 2), (9, 9)] {
                let counted = Counted { production, others };
                for is_production in [true, false] {
                    assert!(level(seats, counted, is_production).seats > 0, "{seats} {counted:?}");
                }
            }
        }
    }
}
