//! The API channel's verdict: what the hostile side comes to through rights on the API.

use crate::Question;
use crate::environments::Environment;
use std::collections::BTreeSet;
use watertight_api::{Access, Closure, SUPPORTED, Start, bootstrap};
use watertight_model::{
    Assumption, BlindScope, BlindSpot, Channel, ChannelReport, Principal, Snapshot, Verdict,
};

/// What the hostile side comes to through the API.
pub(crate) fn closure(snapshot: &Snapshot, hostile: Vec<Start>) -> Closure {
    let minor = snapshot.minor_version().unwrap_or(*SUPPORTED.end());
    let access = Access::new(snapshot, bootstrap(minor));
    Closure::new(&access, minor, hostile)
}

/// Examines the channel between two environments.
pub(crate) fn examine(
    snapshot: &Snapshot,
    question: &Question,
    closure: &Closure,
    to: &Environment,
    administrators: &[Principal],
) -> ChannelReport {
    let names: BTreeSet<&str> =
        to.namespaces.iter().map(|&id| snapshot.namespace(id).name.as_str()).collect();
    let breaches = closure.breaches(&names, question.all);
    let mut blind_spots: Vec<BlindSpot> =
        snapshot.blind_spots.iter().filter(|spot| spot.hides_from(Channel::Api)).cloned().collect();
    blind_spots.push(partly_examined());
    blind_spots.sort();
    let verdict = if breaches.is_empty() { Verdict::Unknown } else { Verdict::Breached };
    let assumptions = assumptions(administrators);
    ChannelReport { channel: Channel::Api, verdict, breaches, public: Vec::new(), blind_spots, assumptions }
}

/// What keeps the channel from being proved isolated as long as not all of it is examined.
fn partly_examined() -> BlindSpot {
    BlindSpot {
        rule: "partly-examined",
        reason:
            "not every way through the API is examined yet: what was found is there, and there may be more"
                .to_owned(),
        object: None,
        span: None,
        help: "leave out `--channel api` for a verdict on the network alone".to_owned(),
        scope: BlindScope::Everything,
        hides: &[Channel::Api],
    }
}

fn assumptions(administrators: &[Principal]) -> Vec<Assumption> {
    let mut assumptions = vec![Assumption {
        id: "rbac-decides".to_owned(),
        text: "no authorizer besides RBAC and that of the nodes lets anybody do anything".to_owned(),
        check: "look at `--authorization-mode` and `--authorization-config` of the API server".to_owned(),
    }];
    let mut names: Vec<String> = administrators.iter().map(ToString::to_string).collect();
    names.insert(0, "the group system:masters".to_owned());
    assumptions.push(Assumption {
        id: "administrators".to_owned(),
        text: format!(
            "nobody of the `from` side has the credentials of a cluster administrator: {}",
            names.join(", ")
        ),
        check: "kubectl get clusterrolebindings -o wide | grep -w cluster-admin".to_owned(),
    });
    assumptions.sort();
    assumptions
}
