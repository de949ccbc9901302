//! What proves that a boundary is isolated, for others to check.

use crate::environments;
use crate::{Question, QuestionError};
use watertight_model::{BlindScope, BlindSpot, Certificate, Channel, Report, Snapshot, Verdict};
use watertight_network::Uncertified;

/// The certificate of a report that says `isolated`; `None` for any other. Where none can be written, the report says so
/// and is `unknown`: an answer that was to be proved, and is not, proves nothing.
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
    let written =
        watertight_network::certificate(snapshot, question.profile, &from.namespaces, &to.namespaces);
    let why = match written {
        Ok(certificate) => return Ok(Some(certificate)),
        Err(Uncertified::TooMany) => "what proves it would be too long to write down".to_owned(),
        Err(Uncertified::Passes) => {
            "no way across was found, and yet not every one could be shown to be closed".to_owned()
        }
    };
    boundary.verdict = Verdict::Unknown;
    for channel in boundary.channels.iter_mut().filter(|channel| channel.channel == Channel::Network) {
        channel.verdict = Verdict::Unknown;
        channel.blind_spots.push(uncertified(&why));
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
