//! Whom the API server asks about what concerns the `to` side, and whether the `from` side answers, or can keep others from it
//! (`rules/webhook-served-by-staging.md`, `rules/api-served-by-staging.md`, `rules/conversion-served-by-staging.md`,
//! `rules/extension-cut-off.md`).

mod about;
mod answering;

use crate::sharing::{Gained, Sides};
use about::Concern;
use answering::{Home, homes};
use watertight_model::{Callee, Gain, ObjectRef};

/// Somebody whom the server asks.
struct Asked<'a> {
    object: &'a ObjectRef,
    callee: &'a Callee,
    /// Whether whoever answers is believed, without a certificate.
    is_believed: bool,
    concern: Concern,
}

pub(crate) fn reason(sides: &Sides<'_>) -> Option<String> {
    all(sides).iter().find_map(|asked| reason_of(sides, asked))
}

fn all<'a>(sides: &Sides<'a>) -> Vec<Asked<'a>> {
    let snapshot = sides.snapshot;
    let mut all = Vec::new();
    for configuration in &snapshot.webhook_configurations {
        for webhook in &configuration.webhooks {
            let (object, callee) = (&configuration.origin.object, &webhook.called.callee);
            all.push(Asked { object, callee, is_believed: false, concern: about::concern(sides, webhook) });
        }
    }
    // Whoever answers for a group of the API or converts a kind answers everybody.
    let concern = Concern { answers: true, silence: true };
    for service in &snapshot.api_services {
        let (object, is_believed) = (&service.origin.object, service.skips_verification);
        let called = service.called.iter().map(|called| &called.callee);
        all.extend(called.map(|callee| Asked { object, callee, is_believed, concern }));
    }
    for definition in &snapshot.custom_resources {
        let called = definition.conversion.iter().map(|called| &called.callee);
        let object = &definition.origin.object;
        all.extend(called.map(|callee| Asked { object, callee, is_believed: false, concern }));
    }
    all
}

fn reason_of(sides: &Sides<'_>, asked: &Asked<'_>) -> Option<String> {
    let Asked { object, callee, is_believed, concern } = asked;
    for home in homes(sides.snapshot, callee) {
        let place = &home.namespace;
        if concern.answers && home.answers && sides.is_named_from(place) {
            return Some(format!("{object} has the API server ask what pods of `{place}` answer"));
        }
        if concern.answers && answers(sides, &home, *is_believed) {
            return Some(format!("{object} has the API server ask whom the other side can be in `{place}`"));
        }
        if concern.silence && silences(sides, &home) {
            return Some(format!(
                "{object} has the API server ask whom the other side can cut off in `{place}`"
            ));
        }
    }
    None
}

/// Whether what it comes to in that namespace lets the `from` side answer: as the pods there, or with the Service led elsewhere
/// and the key by which an answer is known.
fn answers(sides: &Sides<'_>, home: &Home, is_believed: bool) -> bool {
    let gains = || sides.gains_in(&home.namespace);
    let gains_any = |wanted: Gain| gains().any(|gained| gained.row.gain == wanted);
    let leads = gains_any(Gain::TakesTraffic);
    gains_any(Gain::GrantsRights)
        || gains_any(Gain::ControlsCluster)
        || leads && gains_any(Gain::ReadsSecrets)
        || gains().any(|gained| match gained.row.gain {
            Gain::RunsPods => home.answers,
            Gain::EntersPods => home.answers && is_about(gained, home),
            Gain::TakesTraffic => is_believed && is_about(gained, home),
            _ => false,
        })
}

/// Whether it lets it keep others from answering.
fn silences(sides: &Sides<'_>, home: &Home) -> bool {
    let silencing = [Gain::TakesTraffic, Gain::StopsPods, Gain::ChangesFence];
    let mut gains = sides.gains_in(&home.namespace);
    gains.any(|gained| silencing.contains(&gained.row.gain) && is_about(gained, home))
}

/// Whether a gain that is bound to names may be about what answers for the Service. What belongs to it has its name at the
/// beginning of its own, or the other way round.
fn is_about(gained: &Gained<'_>, home: &Home) -> bool {
    let Some(service) = &home.service else { return true };
    let is_of = |name: &String| name.starts_with(service.as_str()) || service.starts_with(name.as_str());
    gained.names.is_empty() || gained.names.iter().any(is_of)
}
