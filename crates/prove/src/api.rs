//! The API channel's verdict: what the hostile side comes to through rights on the API.

use crate::assumptions;
use crate::blindness::{self, Blindness};
use crate::creatable;
use crate::environments::Environment;
use crate::nearest::of_api;
use crate::principals::Sides;
use crate::rewritten;
use crate::{Question, verdict_of};
use std::collections::BTreeSet;
use watertight_admission::{Admission, Wanted};
use watertight_api::{
    Access, Bearer, Closure, Credentials, Doubtful, Proxies, Rank, SUPPORTED, Start, bootstrap,
    perhaps_shared, shared, written_ingresses,
};
use watertight_model::{
    Assumption, BlindScope, BlindSpot, Breach, Channel, ChannelReport, Fact, Gain, NamespaceId, Principal,
    Secret, Snapshot, Step, SubjectKind, Verdict,
};
use watertight_network::resting_on_policies;

/// How much newer an API server may be than the oldest kubelet, in minor versions.
///
/// Source: <https://kubernetes.io/releases/version-skew-policy/>.
const SKEW: u32 = 3;

/// What the hostile side comes to through the API.
#[derive(Debug)]
pub(crate) struct Reached {
    /// With the roles and bindings that are there to stay, whatever version the server is of.
    pub(crate) sure: Closure,
    /// With those too that may not be there (convention 6), and with what holds in some version that it may be of, if that
    /// is more.
    doubtful: Option<Closure>,
}

impl Reached {
    /// From the principals of the hostile side.
    pub(crate) fn from(snapshot: &Snapshot, hostile: &[Start], sides: [&Environment; 2]) -> Self {
        // The version is that of the oldest kubelet.
        let oldest = snapshot.minor_version();
        let versions = oldest.map_or(0..=u32::MAX, |oldest| oldest..=oldest + SKEW);
        let access = Access::new(snapshot, bootstrap(oldest.unwrap_or(*SUPPORTED.end())));
        let [from, to] = sides.map(|side| names(snapshot, side));
        let closure = |doubtful| Closure::new(&access, &versions, hostile.to_vec(), [&from, &to], doubtful);
        let widest = closure(Doubtful::With);
        if widest.is_sure() {
            return Self { sure: widest, doubtful: None };
        }
        Self { sure: closure(Doubtful::Without), doubtful: Some(widest) }
    }

    /// What it comes to if all that may be there is, where that may be more than what it surely comes to.
    pub(crate) fn in_doubt(&self) -> Option<&Closure> {
        self.doubtful.as_ref()
    }

    /// The most that it may come to.
    pub(crate) fn most(&self) -> &Closure {
        self.doubtful.as_ref().unwrap_or(&self.sure)
    }
}

/// Examines the channel between two environments.
pub(crate) fn examine(
    snapshot: &Snapshot,
    question: &Question,
    reached: &Reached,
    [from, to]: [&Environment; 2],
    sides: &Sides,
) -> ChannelReport {
    let of_from = names(snapshot, from);
    let names = names(snapshot, to);
    let written = |closure| {
        let written = written_ingresses(snapshot, closure, [&of_from, &names]);
        proxies(snapshot, [&from.namespaces, &written, &to.namespaces])
    };
    let of_sure = written(&reached.sure);
    let of_most = reached.in_doubt().map_or_else(|| of_sure.clone(), written);
    let policies = Admission::new(snapshot);
    let both = |closure, proxies, policies| watertight_api::Sides {
        snapshot,
        from: &of_from,
        to: &names,
        closure,
        proxies,
        policies,
        kept_away: None,
    };
    let sure = both(&reached.sure, &of_sure, Some(&policies));
    let most = both(reached.most(), &of_most, Some(&policies));
    let rank = if question.strict { Rank::Any } else { Rank::Breach };
    let mut breaches = reached.sure.breaches(&names, question.all, rank);
    breaches.extend(sides.tokens.iter().map(Bearer::breach));
    let rewritten = rewritten::of_api(snapshot, [&from.namespaces, &to.namespaces]);
    let unseen = snapshot.blind_spots_of(Channel::Api).cloned().chain(rewritten);
    let Blindness { mut blind_spots, mut accepted } = blindness::accept(unseen, &question.accepted);
    let Credentials { breaches: held, lesser: addresses, blind_spots: in_doubt } =
        Credentials::new(snapshot, &of_from, &names, question.all);
    breaches.extend(held);
    blind_spots.extend(in_doubt);
    let is_theirs = |principal: &Principal| match &principal.kind {
        SubjectKind::ServiceAccount(namespace) => names.contains(namespace.as_str()),
        _ => sides.of_to.iter().any(|choice| choice.principal == *principal),
    };
    breaches.extend(reached.sure.tokens_read(is_theirs));
    breaches.extend(Credentials::in_settings(snapshot, &reached.sure, &names, question.all));
    let read = |closure, all| Credentials::read(snapshot, closure, [&of_from, &names], all);
    let Credentials { breaches: held, lesser: of_others, blind_spots: in_doubt } =
        read(&reached.sure, question.all);
    breaches.extend(held);
    blind_spots.extend(in_doubt);
    let mut lesser = Vec::new();
    if question.strict {
        breaches.extend(addresses.into_iter().chain(of_others));
    } else {
        lesser = reached.sure.breaches(&names, question.all, Rank::Lesser);
        lesser.extend(addresses.into_iter().chain(of_others));
    }
    breaches.extend(shared(&sure, question.all));
    blind_spots.extend(perhaps_shared(&most));
    if breaches.is_empty()
        && let Some(in_doubt) = reached.in_doubt()
    {
        let by_rights = in_doubt.breaches(&names, false, rank);
        let held = read(in_doubt, false);
        let by_objects = shared(&most, false).into_iter().chain(held.breaches);
        let by_objects = by_objects.chain(in_doubt.tokens_read(is_theirs));
        let by_objects = by_objects.chain(Credentials::in_settings(snapshot, in_doubt, &names, false));
        // Strictly, what is of lesser rank counts as well.
        let lesser = held.lesser.into_iter().filter(|_| question.strict);
        let doubtful = by_rights.into_iter().chain(by_objects).chain(lesser).next();
        blind_spots.extend(held.blind_spots);
        blind_spots.extend(doubtful.map(|breach| doubtful_right(&breach, &[Channel::Api])));
    }
    if breaches.is_empty() {
        let to_come = creatable::blind_spots(snapshot, reached.most(), &names, Channel::Api);
        let to_come = blindness::accept(to_come.into_iter(), &question.accepted);
        blind_spots.extend(to_come.blind_spots);
        accepted.extend(to_come.accepted);
    }
    blind_spots.extend(snapshot.role_bindings.is_empty().then(rights_not_seen));
    blind_spots.sort();
    blind_spots.dedup();
    let verdict = verdict_of(&breaches, &blind_spots);
    let asked = question.why_not && breaches.is_empty();
    let nearest = if asked { of_api(&reached.sure, &question.to) } else { Vec::new() };
    let mut assumptions = assumptions::of(&most, &sides.administrators, question.strict);
    assumptions.extend(unseen_values(snapshot, most.closure, [&of_from, &names]));
    assumptions.extend(readable_credentials(most.closure, &names));
    assumptions.extend(accepted);
    if !policies.is_open() {
        let without = both(reached.most(), &of_most, None);
        let all = assumptions::of(&without, &sides.administrators, question.strict);
        let rests = all != assumptions::of(&most, &sides.administrators, question.strict)
            || shared(&without, true) != shared(&most, true)
            || perhaps_shared(&without) != perhaps_shared(&most);
        assumptions.extend(rests.then(|| resting_on_policies(snapshot)));
    }
    assumptions.sort();
    assumptions.dedup();
    ChannelReport {
        channel: Channel::Api,
        verdict,
        breaches,
        lesser,
        nearest,
        public: Vec::new(),
        blind_spots,
        assumptions,
    }
}

/// What admission policies keep away of what both sides could come to share, by the most that the hostile side comes to.
pub(crate) fn kept_away(
    snapshot: &Snapshot,
    closure: &Closure,
    [from, to]: [&Environment; 2],
) -> Vec<Wanted> {
    let policies = Admission::new(snapshot);
    if policies.is_open() {
        return Vec::new();
    }
    let [of_from, of_to] = [from, to].map(|side| names(snapshot, side));
    let written = written_ingresses(snapshot, closure, [&of_from, &of_to]);
    let proxies = &proxies(snapshot, [&from.namespaces, &written, &to.namespaces]);
    let policies = Some(&policies);
    let (from, to) = (&of_from, &of_to);
    watertight_api::kept_away(&watertight_api::Sides {
        snapshot,
        from,
        to,
        closure,
        proxies,
        policies,
        kept_away: None,
    })
}

/// The pods that are known as proxies and may serve Ingresses, by whom they serve.
fn proxies(snapshot: &Snapshot, namespaces: [&[NamespaceId]; 3]) -> Proxies {
    let [of_from, of_written, of_to] =
        namespaces.map(|of| watertight_network::ingress_proxies(snapshot, of).into_iter().collect());
    let unserved = watertight_network::unserved_ingresses(snapshot);
    Proxies { of_from, of_written, of_to, unserved }
}

pub(crate) fn names<'s>(snapshot: &'s Snapshot, environment: &Environment) -> BTreeSet<&'s str> {
    environment.namespaces.iter().map(|&id| snapshot.namespace(id).name.as_str()).collect()
}

/// What is taken of credentials that cannot be compared, if the input holds none of a side, or not all of their values, or if some
/// come from outside, or are read in a namespace of neither side.
fn unseen_values(snapshot: &Snapshot, closure: &Closure, sides: [&BTreeSet<&str>; 2]) -> Option<Assumption> {
    let is_third = |scope: &str| !sides.iter().any(|side| side.contains(scope));
    let reads_elsewhere = closure.power("read-secrets", is_third).is_some();
    let is_seen = |side: &BTreeSet<&str>| {
        let of_side =
            |secret: &&Secret| secret.object.namespace.as_deref().is_some_and(|name| side.contains(name));
        let mut secrets = snapshot.secrets.iter().filter(of_side).peekable();
        secrets.peek().is_some() && secrets.all(|secret| !secret.is_masked)
    };
    let is_unseen = snapshot.has_unshown_values() || reads_elsewhere || !sides.into_iter().all(is_seen);
    is_unseen.then(|| Assumption {
        id: "credentials-differ".to_owned(),
        text: "the values of Secrets that the input does not hold are different on both sides, and none that the `from` side reads is a credential of the other".to_owned(),
        check: "add what `kubectl get secrets -A -o yaml` prints to the input: no output shows a value"
            .to_owned(),
    })
}

/// The rules by which objects are read that may hold a credential, besides Secrets.
const READING: [&str; 2] = ["read-configmaps", "read-environments"];

/// What is assumed of objects of the `to` side that the `from` side may read, and that may be there without the input.
fn readable_credentials(closure: &Closure, to: &BTreeSet<&str>) -> Option<Assumption> {
    let is_of_to = |scope: Option<&str>| scope.is_none_or(|scope| to.contains(scope));
    let reads = closure.powers_where(|gain, scope, _| gain == Gain::ReadsObjects && is_of_to(scope));
    reads.iter().any(|power| READING.contains(&power.rule)).then(|| Assumption {
        id: "readable-credentials".to_owned(),
        text: "no ConfigMap, pod or workload of the `to` side that the `from` side may read, and that the input does not hold, holds a credential".to_owned(),
        check: "add what `kubectl get configmaps,pods,deployments,replicasets,statefulsets,daemonsets,jobs,cronjobs -A -o yaml` prints to the input"
            .to_owned(),
    })
}

/// The rule of what subresources do of which nothing is known.
const UNKNOWN_SUBRESOURCES: &str = "unknown-subresources";

/// A breach that hangs on a role or binding that may not be there, on what nobody knows, or on pods of neither side that may go by
/// objects which are written beside them.
pub(crate) fn doubtful_right(breach: &Breach, hides: &'static [Channel]) -> BlindSpot {
    let span = breach.highlight.as_ref().map(|(span, _)| *span);
    if breach.rule == UNKNOWN_SUBRESOURCES {
        return BlindSpot {
            rule: UNKNOWN_SUBRESOURCES,
            reason: breach.message.clone(),
            object: None,
            span,
            help:
                "name the subresources that are to be read, or add the definitions of the group to the input"
                    .to_owned(),
            scope: BlindScope::Everything,
            hides,
        };
    }
    if let Some(how) = steered(breach) {
        return BlindSpot {
            rule: "steered-pods",
            reason: format!("it is not known whether pods go by objects that are beside them: {}{how}", breach.message),
            object: None,
            span,
            help: "take the right to write there away, or let nothing of that namespace do anything to the `to` side"
                .to_owned(),
            scope: BlindScope::Everything,
            hides,
        };
    }
    BlindSpot {
        rule: "doubtful-right",
        reason: format!(
            "{}, if the server is of some version, or if objects are there that the input does not hold, that it would refuse, \
             or that are made for a moment, or if conditions in CEL, or labels that are not known, let it",
            breach.message
        ),
        object: None,
        span,
        help: "add the nodes to the input, mend what the diagnostics name, or take the right away, and prove again"
            .to_owned(),
        scope: BlindScope::Everything,
        hides,
    }
}

/// Which pods would have to go by what is written beside them, if a breach rests on that: nothing else follows from changing
/// objects.
fn steered(breach: &Breach) -> Option<String> {
    let changes = |step: &&Step| matches!(step.fact, Fact::Gains { gain: Gain::ChangesObjects, .. });
    let follows = |from: usize| breach.steps.iter().find(move |step| step.uses.contains(&from));
    let after = breach.steps.iter().filter(changes).find_map(|step| follows(step.id))?;
    Some(if after.rule == "steered-pods" { format!(", if {}", after.text) } else { String::new() })
}

/// Whether the answer is about more than that the input says nothing of rights: a folder of workloads and policies is no
/// question about them.
pub(crate) fn says_something(snapshot: &Snapshot, report: &ChannelReport) -> bool {
    !snapshot.role_bindings.is_empty() || report.verdict == Verdict::Breached
}

/// What keeps the channel from being proved isolated where no binding is seen: every cluster has some.
fn rights_not_seen() -> BlindSpot {
    BlindSpot {
        rule: "rights-not-seen",
        reason: "the input holds no RoleBinding and no ClusterRoleBinding, so that nobody's rights are known".to_owned(),
        object: None,
        span: None,
        help: "add what `kubectl get roles,rolebindings,clusterroles,clusterrolebindings,serviceaccounts -A -o yaml` prints"
            .to_owned(),
        scope: BlindScope::Everything,
        hides: &[Channel::Api],
    }
}
