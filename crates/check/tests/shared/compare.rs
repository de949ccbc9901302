//! One question, put to the engine and to the checker.

use std::collections::BTreeSet;
use watertight_api::{
    Access, Closure, Credentials, Doubtful, Proxies, Rank, SUPPORTED, Start, bearers, bootstrap,
    perhaps_shared, written_ingresses,
};
use watertight_check::{Gained, Kept, rewritten};
use watertight_model::{
    Channel, EnvironmentReport, NamespaceId, Principal, Report, Snapshot, SubjectKind, Verdict,
};
use watertight_prove::{Question, prove};

/// What both say.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Said {
    /// Whether something is shared, in the words of each.
    pub(crate) engine: Option<String>,
    pub(crate) checker: Option<String>,
    /// Whether it comes to something everywhere, which is a breach by itself: the engine looks no further then.
    pub(crate) is_everywhere: bool,
    /// Whether something may be rewritten.
    pub(crate) is_rewritten: bool,
    pub(crate) checker_rewrites: bool,
    /// The verdict of the whole channel.
    pub(crate) verdict: Verdict,
    /// Whether the input holds admission policies.
    pub(crate) has_policies: bool,
}

impl Said {
    /// Fails where the two do not agree.
    pub(crate) fn agree(&self, what: &str) {
        assert!(self.checker.is_some() || self.engine.is_none(), "{what}: {self:#?}");
        let is_told = self.engine.is_some() || self.is_everywhere;
        assert!(is_told || self.checker.is_none(), "{what}: {self:#?}");
        assert_eq!(self.is_rewritten, self.checker_rewrites, "{what}: {self:#?}");
        let is_open = self.checker.is_some() || self.checker_rewrites;
        // Of admission policies, which may close it, neither is told here.
        let is_closed = self.verdict == Verdict::Isolated && !self.has_policies;
        assert!(!(is_open && is_closed), "{what}: {self:#?}");
    }
}

/// The rules about whom the API server asks.
const ASKED: [&str; 4] = [
    "webhook-served-by-staging",
    "api-served-by-staging",
    "conversion-served-by-staging",
    "extension-cut-off",
];

pub(crate) fn ask(snapshot: &Snapshot) -> Option<Said> {
    let question = Question { channels: vec![Channel::Api], ..Question::between("staging", "production") };
    let report = prove(snapshot, &question).ok()?;
    let [from, to] = [&report.environments[0], &report.environments[1]];
    let ids = |side: &EnvironmentReport| -> Vec<NamespaceId> {
        side.namespaces.iter().map(|it| snapshot.namespace_named(&it.name).unwrap()).collect()
    };
    let names = |side: &'static str| -> BTreeSet<&str> {
        let side = report.environments.iter().find(|it| it.name == side).unwrap();
        side.namespaces.iter().map(|it| it.name.as_str()).collect()
    };
    let people: Vec<Principal> = to.principals.iter().map(|choice| choice.principal.clone()).collect();
    let (from_ids, to_ids) = (ids(from), ids(to));
    let (from_names, to_names) = (names("staging"), names("production"));
    let closure = closure(snapshot, &report, [&from_names, &to_names]);
    let written = written_ingresses(snapshot, &closure, [&from_names, &to_names]);
    let proxies = Proxies {
        of_written: watertight_network::ingress_proxies(snapshot, &written).into_iter().collect(),
        of_from: watertight_network::ingress_proxies(snapshot, &from_ids).into_iter().collect(),
        of_to: watertight_network::ingress_proxies(snapshot, &to_ids).into_iter().collect(),
        unserved: watertight_network::unserved_ingresses(snapshot),
    };
    let sides = watertight_api::Sides {
        snapshot,
        from: &from_names,
        to: &to_names,
        closure: &closure,
        proxies: &proxies,
        policies: None,
        kept_away: None,
    };
    let credentials = Credentials::new(snapshot, &from_names, &to_names, false);
    let is_theirs = |principal: &Principal| match &principal.kind {
        SubjectKind::ServiceAccount(namespace) => to_names.contains(namespace.as_str()),
        _ => people.contains(principal),
    };
    let tokens = bearers(snapshot, &from_names).into_iter().filter(|it| is_theirs(&it.principal));
    let by_rights = closure.breaches(&to_names, true, Rank::Breach);
    let asked = by_rights.into_iter().filter(|breach| ASKED.contains(&breach.rule));
    let breaches = watertight_api::shared(&sides, false).into_iter().chain(credentials.breaches);
    let read = Credentials::read(snapshot, &closure, [&from_names, &to_names], false);
    let breaches = breaches
        .chain(read.breaches)
        .chain(closure.tokens_read(is_theirs))
        .chain(Credentials::in_settings(snapshot, &closure, &to_names, false))
        .chain(tokens.map(|token| token.breach()))
        .chain(asked);
    let doubts = credentials.blind_spots.into_iter().chain(read.blind_spots);
    let doubts = doubts.chain(perhaps_shared(&sides));
    let doubts = doubts.map(|spot| format!("{}: {}", spot.rule, spot.reason));
    let engine = breaches.map(|breach| format!("{}: {}", breach.rule, breach.message)).chain(doubts).next();

    let powers = closure.powers();
    let gains: Vec<Gained<'_>> = powers
        .iter()
        .map(|power| Gained { row: power.row, scope: power.scope.as_deref(), names: &power.names })
        .collect();
    let (from, to, kept) = (&from_ids, &to_ids, &Kept::default());
    let sides =
        watertight_check::Sides { snapshot, from, to, people: &people, gains: &gains, strict: false, kept };
    let api = report.boundaries[0].channels.iter().find(|it| it.channel == Channel::Api).unwrap();
    Some(Said {
        engine,
        is_everywhere: gains.iter().any(|gained| gained.scope.is_none()),
        checker: watertight_check::shared(&sides),
        is_rewritten: api.blind_spots.iter().any(|spot| spot.rule == "rewritten-on-apply"),
        checker_rewrites: !rewritten(&sides).is_empty(),
        verdict: api.verdict,
        has_policies: !snapshot.admission_policies.is_empty(),
    })
}

/// All that the hostile side may come to, doubts included.
fn closure(snapshot: &Snapshot, report: &Report, sides: [&BTreeSet<&str>; 2]) -> Closure {
    let oldest = snapshot.minor_version();
    let versions = oldest.map_or(0..=u32::MAX, |oldest| oldest..=oldest + 3);
    let access = Access::new(snapshot, bootstrap(oldest.unwrap_or(*SUPPORTED.end())));
    let everybody = [
        Principal::user("system:anonymous"),
        Principal::group("system:unauthenticated"),
        Principal::group("system:authenticated"),
        Principal::group("system:serviceaccounts"),
    ];
    let of_side = report.environments[0].principals.iter().map(|choice| choice.principal.clone());
    let start =
        |principal| Start { principal, why: String::new(), because: Vec::new(), rule: Start::OF_A_SIDE };
    let starts = everybody.into_iter().chain(of_side).map(start).collect();
    Closure::new(&access, &versions, starts, sides, Doubtful::With)
}
