//! The API channel's verdict: what the hostile side comes to through rights on the API.

use crate::Question;
use crate::blindness::{self, Blindness};
use crate::environments::Environment;
use crate::rewritten;
use std::collections::BTreeSet;
use watertight_api::{Access, Closure, Credentials, Doubtful, SUPPORTED, Start, bootstrap};
use watertight_model::{
    Assumption, BlindScope, BlindSpot, Breach, Channel, ChannelReport, Principal, Secret, Snapshot, Verdict,
};

/// How much newer an API server may be than the oldest kubelet, in minor versions.
///
/// Source: <https://kubernetes.io/releases/version-skew-policy/>.
const SKEW: u32 = 3;

/// What the hostile side comes to through the API.
#[derive(Debug)]
pub(crate) struct Reached {
    /// With the roles and bindings that are there to stay, whatever version the server is of.
    pub(crate) sure: Closure,
    /// With those too that may not be there (convention 6), and with what holds in some version that it may be of.
    pub(crate) doubtful: Closure,
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
        Self { sure: closure(Doubtful::Without), doubtful: closure(Doubtful::With) }
    }
}

/// Examines the channel between two environments.
pub(crate) fn examine(
    snapshot: &Snapshot,
    question: &Question,
    reached: &Reached,
    [from, to]: [&Environment; 2],
    administrators: &[Principal],
) -> ChannelReport {
    let of_from = names(snapshot, from);
    let names = names(snapshot, to);
    let mut breaches = reached.sure.breaches(&names, question.all, question.strict);
    let rewritten = rewritten::of_api(snapshot, [&from.namespaces, &to.namespaces]);
    let Blindness { mut blind_spots, accepted } =
        blindness::accept(rewritten.into_iter(), &question.accepted);
    blind_spots.extend(snapshot.blind_spots_of(Channel::Api).cloned());
    if breaches.is_empty() {
        let doubtful = reached.doubtful.breaches(&names, false, question.strict);
        blind_spots.extend(doubtful.first().map(|breach| doubtful_right(breach, &[Channel::Api])));
    }
    let Credentials { breaches: held, blind_spots: in_doubt } =
        Credentials::new(snapshot, &of_from, &names, question.all);
    breaches.extend(held);
    blind_spots.extend(in_doubt);
    blind_spots.push(partly_examined());
    blind_spots.sort();
    let verdict = if breaches.is_empty() { Verdict::Unknown } else { Verdict::Breached };
    let mut assumptions = assumptions(administrators);
    assumptions.extend(unseen_values(snapshot, [&of_from, &names]));
    assumptions.extend(accepted);
    assumptions.sort();
    ChannelReport { channel: Channel::Api, verdict, breaches, public: Vec::new(), blind_spots, assumptions }
}

fn names<'s>(snapshot: &'s Snapshot, environment: &Environment) -> BTreeSet<&'s str> {
    environment.namespaces.iter().map(|&id| snapshot.namespace(id).name.as_str()).collect()
}

/// What is taken of credentials that cannot be compared, if the input holds none of a side, or not all of their values.
fn unseen_values(snapshot: &Snapshot, sides: [&BTreeSet<&str>; 2]) -> Option<Assumption> {
    let is_seen = |side: &BTreeSet<&str>| {
        let of_side =
            |secret: &&Secret| secret.object.namespace.as_deref().is_some_and(|name| side.contains(name));
        let mut secrets = snapshot.secrets.iter().filter(of_side).peekable();
        secrets.peek().is_some() && secrets.all(|secret| !secret.is_masked)
    };
    (!sides.into_iter().all(is_seen)).then(|| Assumption {
        id: "credentials-differ".to_owned(),
        text: "the values of Secrets that the input does not hold are different on both sides".to_owned(),
        check: "add what `kubectl get secrets -A -o yaml` prints to the input: no output shows a value"
            .to_owned(),
    })
}

/// A breach that hangs on a role or binding that may not be there.
pub(crate) fn doubtful_right(breach: &Breach, hides: &'static [Channel]) -> BlindSpot {
    BlindSpot {
        rule: "doubtful-right",
        reason: format!(
            "{}, if the server is of some version, or if objects are there that it would refuse, or that are made for a moment, \
             or if conditions in CEL, or labels that are not known, let it",
            breach.message
        ),
        object: None,
        span: breach.highlight.as_ref().map(|(span, _)| *span),
        help: "add the nodes to the input, mend what the diagnostics name, or take the right away, and prove again"
            .to_owned(),
        scope: BlindScope::Everything,
        hides,
    }
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
