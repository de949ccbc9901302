//! What proves that a boundary is isolated, for others to check.

use crate::environments;
use crate::{Question, QuestionError};
use watertight_model::{BlindScope, BlindSpot, Certificate, Channel, Report, Snapshot, Verdict};
use watertight_network::Uncertified;

/// What proves an answer, and the answer that it proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certified {
    /// What proves it.
    pub certificate: Certificate,
    /// The answer about the network alone: certificates say nothing of other channels yet.
    pub report: Report,
}

/// The certificate of what a report says of the network, if it says `isolated`; `None` for any other. Where none can be
/// written, the report says so and is `unknown`: an answer that was to be proved, and is not, proves nothing.
///
/// # Errors
/// As [`crate::prove`] has them.
pub fn certify(
    snapshot: &Snapshot,
    question: &Question,
    report: &mut Report,
) -> Result<Option<Certified>, QuestionError> {
    let from = environments::find(snapshot, &question.from, &question.environments)?;
    let to = environments::find(snapshot, &question.to, &question.environments)?;
    let isolated = report.boundaries.iter_mut().find(|boundary| boundary.verdict == Verdict::Isolated);
    let Some(boundary) = isolated else { return Ok(None) };
    let alone = crate::prove(snapshot, &Question { channels: vec![Channel::Network], ..question.clone() })?;
    let stands_alone = alone.boundaries.iter().all(|boundary| boundary.verdict == Verdict::Isolated);
    let written = match stands_alone {
        true => watertight_network::certificate(snapshot, question.profile, &from.namespaces, &to.namespaces)
            .map_err(Some),
        false => Err(None),
    };
    let why = match written {
        Ok(certificate) => return Ok(Some(Certified { certificate, report: alone })),
        Err(Some(Uncertified::TooMany)) => "what proves it would be too long to write down",
        Err(Some(Uncertified::Passes)) => {
            "no way across was found, and yet not every one could be shown to be closed"
        }
        Err(None) => {
            "that nothing crosses the network rests on who may do what, of which certificates say nothing yet"
        }
    };
    boundary.verdict = Verdict::Unknown;
    for channel in boundary.channels.iter_mut().filter(|channel| channel.channel == Channel::Network) {
        channel.verdict = Verdict::Unknown;
        channel.blind_spots.push(uncertified(why));
    }
    Ok(None)
}

fn uncertified(why: &str) -> BlindSpot {
    BlindSpot {
        rule: "undecided",
        reason: format!("no certificate can be written: {why}"),
        object: None,
        span: None,
        help: "simplify the policies of the other side; if they are simple, please report this as a bug"
            .into(),
        scope: BlindScope::Everything,
        hides: &[Channel::Network],
    }
}
