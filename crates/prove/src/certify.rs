//! What proves that a boundary is isolated, for others to check.

use crate::api::Reached;
use crate::composed::{Edited, Search};
use crate::environments::{self, Environment};
use crate::{Question, QuestionError, principals};
use watertight_model::{
    Assumption, BlindScope, BlindSpot, Certificate, Channel, ChannelReport, ClosedFact, NamespaceId,
    ReachedFact, Relation, Report, Snapshot, Verdict,
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
    let written = match boundary.channels.iter().find(|report| rests_on_policies(report)) {
        Some(report) => {
            Err((report.channel, "certificates say nothing yet of what admission policies refuse"))
        }
        None => written(snapshot, question, &channels, [&from, &to]),
    };
    let (channel, why) = match written {
        Ok(certificate) => return Ok(Some(certificate)),
        Err(why) => why,
    };
    boundary.verdict = Verdict::Unknown;
    for report in boundary.channels.iter_mut().filter(|report| report.channel == channel) {
        report.verdict = Verdict::Unknown;
        report.blind_spots.push(uncertified(channel, why));
    }
    Ok(None)
}

/// Whether objects that both sides could share are kept away by admission policies alone. Of the network the certificate
/// itself shows whether it needs them.
fn rests_on_policies(report: &ChannelReport) -> bool {
    let is_on_policies = |assumption: &Assumption| assumption.id == "admission-policies";
    report.channel == Channel::Api && report.assumptions.iter().any(is_on_policies)
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
        ReachedFact::ActsAs { .. } => true,
        ReachedFact::Gains { scope, .. } => scope.as_deref().is_some_and(|scope| !names.contains(&scope)),
    };
    let api = reached.certified().into_iter().filter(is_kept).collect();
    let reading = &Reading::new(question.profile, Relation::May);
    let search = Search::new(snapshot, (question, reading), [&from.namespaces, &to.namespaces]);
    let Edited { snapshot, sources, unfenced, .. } = Edited::by_all(&search, reached);
    let profile = question.profile;
    let network =
        watertight_network::forged_certificate(&snapshot, profile, &sources, &to.namespaces, &unfenced);
    Ok(network.ok().map(|network| Certificate {
        points: certified_points(&profile),
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
    let mut certificate =
        Certificate { points: certified_points(&question.profile), network: None, api: None };
    let reading = &Reading::new(question.profile, Relation::May);
    let search = Search::new(snapshot, (question, reading), [&from.namespaces, &to.namespaces]);
    let mut cluster = Edited::by_unknown_rights(&search);
    if channels.contains(&Channel::Api) {
        let sides = principals::sides(snapshot, from, to, &question.principals);
        let reached = Reached::from(snapshot, &sides.hostile, [from, to]);
        let reached = reached.most();
        certificate.api = Some(api(snapshot, question, reached)?);
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
    let Edited { snapshot, sources, unfenced, published, .. } = cluster;
    if !published.is_empty() {
        let why = "certificates say nothing yet of what a proxy carries that serves none of the `from` side";
        return Err((Channel::Network, why));
    }
    if cluster.is_relabelled() && !question.profile.unknown_labels {
        let why = "under this profile, certificates say nothing of labels that namespaces may get";
        return Err((Channel::Network, why));
    }
    let written = watertight_network::certificate(snapshot, question.profile, sources, to, unfenced);
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

/// All that the hostile side comes to, where the checker can follow it.
fn api(
    snapshot: &Snapshot,
    question: &Question,
    reached: &watertight_api::Closure,
) -> Result<Vec<ReachedFact>, Uncovered> {
    let of_mutating = snapshot.mutating_policy_bindings.iter().any(|binding| binding.params.is_some());
    let of_validating = snapshot.admission_policy_bindings.iter().any(|binding| binding.params.is_some());
    let takes_parameters = of_mutating || of_validating;
    let why = match (question.strict, takes_parameters) {
        (true, _) => "certificates say nothing yet of what is of lesser rank",
        (_, true) => "certificates say nothing yet of the parameters of admission policies",
        _ => return Ok(reached.certified()),
    };
    Err((Channel::Api, why))
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
