//! What proves that a boundary is isolated, for others to check.

use crate::api::{Reached, kept_away};
use crate::composed::{Edited, Search};
use crate::environments::{self, Environment};
use crate::{Question, QuestionError, principals, rights};
use watertight_admission::Admission;
use watertight_model::{
    BlindScope, BlindSpot, Boundary, Case, Certificate, Channel, ClosedFact, NamespaceId, ReachedFact,
    Relation, Report, Snapshot, Verdict,
};
use watertight_network::{Reading, Uncertified, certified_points};

/// Why there is none, and on which channel.
type Uncovered = (Channel, &'static str);

/// The certificate of what a report says, if it says `isolated`; `None` for any other. Where none can be written, the report
/// says so and is `unknown`: an answer that was to be proved, and is not, proves nothing.
///
/// # Errors
/// As [`crate::prove`] has them.
pub fn certify(
    snapshot: &Snapshot,
    question: &Question,
    report: &mut Report,
) -> Result<Option<Certificate>, QuestionError> {
    let from = environments::find(snapshot, &question.from, &question.environments)?;
    let to = environments::find(snapshot, &question.to, &question.environments)?;
    let isolated = report.boundaries.iter_mut().find(|boundary| boundary.verdict == Verdict::Isolated);
    let Some(boundary) = isolated else { return Ok(None) };
    let channels: Vec<Channel> = boundary.channels.iter().map(|report| report.channel).collect();
    let (channel, why) = match written(snapshot, question, &channels, [&from, &to]) {
        Ok(certificate) => {
            rest_on_policies(snapshot, boundary, &certificate);
            return Ok(Some(certificate));
        }
        Err(why) => why,
    };
    boundary.verdict = Verdict::Unknown;
    for report in boundary.channels.iter_mut().filter(|report| report.channel == channel) {
        report.verdict = Verdict::Unknown;
        report.blind_spots.push(uncertified(channel, why));
    }
    Ok(None)
}

/// Adds what the network rests on if policies keep pods of any namespace away, be it of neither side.
fn rest_on_policies(snapshot: &Snapshot, boundary: &mut Boundary, certificate: &Certificate) {
    let is_kept = |fact: &ClosedFact| match fact {
        ClosedFact::Closed { cases, .. } => cases.iter().any(|case| matches!(case, Case::Refused(..))),
        ClosedFact::NoHostNetwork { refused, .. } | ClosedFact::NoDialedHost { refused, .. } => {
            !refused.is_empty()
        }
        ClosedFact::NoPods { .. } => true,
        ClosedFact::KeepsLabels { .. }
        | ClosedFact::CarriesNothing { .. }
        | ClosedFact::NoSharedNetwork { .. } => false,
    };
    if certificate.network.iter().flatten().any(is_kept) {
        let reports = boundary.channels.iter_mut();
        for report in reports.filter(|report| report.channel == Channel::Network) {
            report.assumptions.extend(watertight_network::resting_on_pods(snapshot));
            report.assumptions.sort();
            report.assumptions.dedup_by(|one, other| one.id == other.id);
        }
    }
}

/// What an engine that errs would write, whatever the verdict: what the hostile side comes to without what is a breach, and the
/// network as closed by all policies that there are. For tests of whoever checks certificates.
///
/// # Errors
/// As [`crate::prove`] has them.
pub fn forged(snapshot: &Snapshot, question: &Question) -> Result<Option<Certificate>, QuestionError> {
    let from = environments::find(snapshot, &question.from, &question.environments)?;
    let to = environments::find(snapshot, &question.to, &question.environments)?;
    let sides = principals::sides(snapshot, &from, &to, &question.principals);
    let reached = Reached::from(snapshot, &sides.hostile, [&from, &to]);
    let reached = reached.most();
    let names: Vec<&str> = to.namespaces.iter().map(|&id| snapshot.namespace(id).name.as_str()).collect();
    let is_kept = |fact: &ReachedFact| match fact {
        ReachedFact::ActsAs { .. } | ReachedFact::Refused(_) => true,
        ReachedFact::Gains { scope, .. } => scope.as_deref().is_some_and(|scope| !names.contains(&scope)),
    };
    let mut api: Vec<ReachedFact> = reached.certified().into_iter().filter(is_kept).collect();
    api.extend(refused(snapshot, reached, [&from, &to]).unwrap_or_default());
    let reading = &Reading::new(question.profile, Relation::May);
    let search = Search::new(snapshot, (question, reading), [&from.namespaces, &to.namespaces]);
    let edited = Edited::by_all(&search, reached);
    let profile = question.profile;
    let network = edited.hostile(|hostile| {
        watertight_network::forged_certificate(&edited.snapshot, profile, hostile, &to.namespaces)
    });
    Ok(network.ok().map(|network| Certificate {
        points: certified_points(&profile),
        strict: question.strict,
        network: question.asks(Channel::Network).then_some(network),
        api: Some(api),
    }))
}

fn written(
    snapshot: &Snapshot,
    question: &Question,
    channels: &[Channel],
    [from, to]: [&Environment; 2],
) -> Result<Certificate, Uncovered> {
    let mut certificate = Certificate {
        points: certified_points(&question.profile),
        strict: question.strict,
        network: None,
        api: None,
    };
    let mut reading = Reading::new(question.profile, Relation::May);
    let sides = || principals::sides(snapshot, from, to, &question.principals);
    let reached =
        channels.contains(&Channel::Api).then(|| Reached::from(snapshot, &sides().hostile, [from, to]));
    let reached = reached.as_ref().map(Reached::most);
    reading.rights = reached.and_then(|reached| rights::of_proxies(snapshot, reached));
    let search = Search::new(snapshot, (question, &reading), [&from.namespaces, &to.namespaces]);
    let mut cluster = Edited::by_unknown_rights(&search);
    if let Some(reached) = reached {
        certificate.api = Some(api(snapshot, reached, [from, to])?);
        cluster = Edited::by_all(&search, reached);
    }
    if channels.contains(&Channel::Network) {
        certificate.network = Some(network(&cluster, question, &to.namespaces)?);
    }
    Ok(certificate)
}

fn network(
    cluster: &Edited<'_>,
    question: &Question,
    to: &[NamespaceId],
) -> Result<Vec<ClosedFact>, Uncovered> {
    let written = cluster
        .hostile(|hostile| watertight_network::certificate(&cluster.snapshot, question.profile, hostile, to));
    written.map_err(|why| {
        let why = match why {
            Uncertified::TooMany => "what proves it would be too long to write down",
            Uncertified::Passes => {
                "no way across was found, and yet not every one could be shown to be closed"
            }
        };
        (Channel::Network, why)
    })
}

/// All that the hostile side comes to, and what policies keep away from it.
fn api(
    snapshot: &Snapshot,
    reached: &watertight_api::Closure,
    sides: [&Environment; 2],
) -> Result<Vec<ReachedFact>, Uncovered> {
    let mut facts = reached.certified();
    facts.extend(refused(snapshot, reached, sides)?);
    Ok(facts)
}

/// What policies refuse of what both sides could share.
fn refused(
    snapshot: &Snapshot,
    reached: &watertight_api::Closure,
    sides: [&Environment; 2],
) -> Result<Vec<ReachedFact>, Uncovered> {
    let policies = Admission::new(snapshot);
    let kept_away = kept_away(snapshot, reached, sides);
    let certified = kept_away.iter().map(|wanted| policies.certified(wanted).map(ReachedFact::Refused));
    let why = "an admission policy refuses what both sides could share, by expressions that certificates do not follow";
    certified.collect::<Option<_>>().ok_or((Channel::Api, why))
}

fn uncertified(channel: Channel, why: &str) -> BlindSpot {
    let hides: &'static [Channel] = match channel {
        Channel::Api => &[Channel::Api],
        _ => &[Channel::Network],
    };
    BlindSpot {
        rule: "undecided",
        reason: format!("no certificate can be written: {why}"),
        object: None,
        span: None,
        help: "simplify the policies of the other side; if they are simple, please report this as a bug"
            .into(),
        scope: BlindScope::Everything,
        hides,
    }
}
