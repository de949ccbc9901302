//! Environments and channels into verdicts, derivations, blind spots and assumptions.
//!
//! The only crate that sees more than one channel. The boundary's verdict is the worst of those that were examined
//! (convention 14), and what was not examined is named and changes nothing (convention 3).

mod api;
mod assumptions;
mod blindness;
mod certify;
mod composed;
mod creatable;
mod environments;
mod found;
mod label_selector;
mod nearest;
mod needs;
mod network;
mod principals;
mod rewritten;
mod rights;

pub use certify::{certify, forged};
pub use found::all_environments;
pub use needs::NeedQuestion;
pub use principals::GivenPrincipal;

use api::Reached;
use thiserror::Error;
use watertight_admission::Admission;
use watertight_base::Diagnostic;
use watertight_model::{
    BlindSpot, Boundary, Breach, Channel, ChannelReport, EnvironmentReport, NamespaceId, Relation, Report,
    ShownEnforcer, Snapshot, Verdict,
};
use watertight_network::{Profile, Reading};

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// The environment that is taken as hostile.
    pub from: String,
    /// The environment that is to be kept.
    pub to: String,
    /// `--env NAME=SELECTOR`, as (NAME, SELECTOR); a name may come several times.
    pub environments: Vec<(String, String)>,
    /// How the network is read.
    pub profile: Profile,
    /// The channels to examine; empty for those of which the input says something.
    pub channels: Vec<Channel>,
    /// `--principal ENVIRONMENT=KIND:NAME`.
    pub principals: Vec<GivenPrincipal>,
    /// `--accept KIND=REASON`, as (KIND, REASON).
    pub accepted: Vec<(String, String)>,
    /// Whether what is of lesser rank, such as reading objects without credentials, is a breach (convention 11).
    pub strict: bool,
    /// Whether the ways are looked for that are nearest to being open.
    pub why_not: bool,
    /// Whether each breach is shown by itself, rather than similar ones as one.
    pub all: bool,
    /// `--must NEED`: what has to work all the same.
    pub needs: Vec<NeedQuestion>,
}

impl Question {
    /// Whether anything gets from one environment into another, as they are usually named and whatever the network plugin is.
    #[must_use]
    pub fn between(from: &str, to: &str) -> Self {
        Self {
            from: from.to_owned(),
            to: to.to_owned(),
            environments: Vec::new(),
            profile: Profile::CONSERVATIVE,
            channels: Vec::new(),
            principals: Vec::new(),
            accepted: Vec::new(),
            strict: false,
            why_not: false,
            all: false,
            needs: Vec::new(),
        }
    }
}

impl Question {
    /// Whether a channel is to be examined, if the input says something of it.
    fn asks(&self, channel: Channel) -> bool {
        self.channels.is_empty() || self.channels.contains(&channel)
    }
}

/// Why a question has no answer. The command fails with exit code 2.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{message}")]
pub struct QuestionError {
    /// One lower-case sentence without a full stop.
    pub message: String,
    /// How to mend it.
    pub help: String,
}

/// The two environments by their names and `--env`, as a question about them would find them.
///
/// # Errors
/// As [`prove`] has them.
pub fn environments(
    snapshot: &Snapshot,
    from: &str,
    to: &str,
    given: &[(String, String)],
) -> Result<Vec<EnvironmentReport>, QuestionError> {
    environments::asked_about(from, to, given)?;
    let from = environments::find(snapshot, from, given)?;
    let to = environments::find(snapshot, to, given)?;
    environments::disjoint(snapshot, &from, &to)?;
    Ok(vec![from.report, to.report])
}

/// Those of the usual environments, staging and production, that are there; none if they cannot be told apart.
#[must_use]
pub fn usual_environments(snapshot: &Snapshot) -> Vec<EnvironmentReport> {
    let found = ["staging", "production"].map(|name| environments::find(snapshot, name, &[]).ok());
    if let [Some(staging), Some(production)] = &found
        && environments::disjoint(snapshot, staging, production).is_err()
    {
        return Vec::new();
    }
    found.into_iter().flatten().map(|environment| environment.report).collect()
}

/// What is wrong with the admission policies of the input: those that are not understood, on which nothing counts.
#[must_use]
pub fn admission_diagnostics(snapshot: &Snapshot) -> Vec<Diagnostic> {
    Admission::new(snapshot).diagnostics()
}

/// Answers the question.
///
/// # Errors
/// An environment is empty, or a namespace is in both, or a selector is not one, or it is for an environment that is not
/// asked about; or the input does not know an end of a need.
pub fn prove(snapshot: &Snapshot, question: &Question) -> Result<Report, QuestionError> {
    environments::asked_about(&question.from, &question.to, &question.environments)?;
    let mut from = environments::find(snapshot, &question.from, &question.environments)?;
    let mut to = environments::find(snapshot, &question.to, &question.environments)?;
    environments::disjoint(snapshot, &from, &to)?;
    let needs = needs::answer(snapshot, question, &from, &to)?;
    let sides =
        question.asks(Channel::Api).then(|| principals::sides(snapshot, &from, &to, &question.principals));
    let plain = Reading::new(question.profile, Relation::May);
    let mut reading = plain.clone();
    let (mut network, reached) = rayon::join(
        || {
            let asked = question.asks(Channel::Network);
            asked.then(|| network::examine(snapshot, question, &plain, &from, &to))
        },
        || sides.as_ref().map(|sides| Reached::from(snapshot, &sides.hostile, [&from, &to])),
    );
    let mut api = None;
    let mut composed = None;
    if let Some((sides, reached)) = sides.zip(reached) {
        let report = api::examine(snapshot, question, &reached, [&from, &to], &sides);
        if question.channels.contains(&Channel::Api) || api::says_something(snapshot, &report) {
            if let Some(network) = &mut network {
                reading.rights = rights::of_proxies(snapshot, reached.most());
                if reading.rights.is_some() && network.verdict != Verdict::Isolated {
                    *network = network::examine(snapshot, question, &reading, &from, &to);
                }
                composed::add(network, snapshot, (question, &reading), &reached, [&from, &to]);
                network.assumptions.retain(|assumption| !assumptions::is_decided(assumption));
            }
            (from.report.principals, to.report.principals) = (sides.of_from, sides.of_to);
            api = Some(report);
            composed = Some(reached);
        }
    }
    if let Some(network) = network.as_mut().filter(|network| question.why_not && network.breaches.is_empty())
    {
        network.nearest = nearest::of_network(snapshot, &reading, &from.namespaces, &to.namespaces);
    }
    let channels: Vec<ChannelReport> = network.into_iter().chain(api).collect();
    let worst = |channels: &[ChannelReport]| channels.iter().map(|channel| channel.verdict).max();
    let is_asked = question.asks(Channel::Network) && question.profile == Profile::CONSERVATIVE;
    let shown = Profile::shown_in(snapshot).filter(|_| is_asked);
    let enforcer = shown.map(|(profile, origin)| {
        let question = Question { profile, ..question.clone() };
        let reading = Reading { profile, ..reading.clone() };
        let mut network = network::examine(snapshot, &question, &reading, &from, &to);
        if let Some(reached) = &composed {
            composed::add(&mut network, snapshot, (&question, &reading), reached, [&from, &to]);
        }
        let others = channels.iter().filter(|channel| channel.channel != Channel::Network);
        let verdict = worst(&others.cloned().chain([network]).collect::<Vec<_>>());
        ShownEnforcer {
            profile: profile.name.to_owned(),
            title: profile.title.to_owned(),
            object: origin.object.clone(),
            verdict: verdict.unwrap_or(Verdict::Unknown),
        }
    });
    let examined: Vec<Channel> = channels.iter().map(|channel| channel.channel).collect();
    let boundary = Boundary {
        from: question.from.clone(),
        to: question.to.clone(),
        verdict: worst(&channels).unwrap_or(Verdict::Unknown),
        channels,
        not_examined: Channel::ALL.into_iter().filter(|channel| !examined.contains(channel)).collect(),
    };
    let of_a_side = |id: &NamespaceId| from.namespaces.contains(id) || to.namespaces.contains(id);
    let neither = snapshot.namespace_ids().filter(|id| !of_a_side(id));
    let neither = neither.map(|id| snapshot.namespace(id).name.clone()).collect();
    Ok(Report {
        profile: question.profile.label(),
        kubernetes_version: snapshot.kubernetes_version.clone(),
        environments: vec![from.report, to.report],
        neither,
        boundaries: vec![boundary],
        enforcer,
        needs,
    })
}

/// What follows from the findings of a channel.
fn verdict_of(breaches: &[Breach], blind_spots: &[BlindSpot]) -> Verdict {
    match (breaches.is_empty(), blind_spots.is_empty()) {
        (false, _) => Verdict::Breached,
        (true, false) => Verdict::Unknown,
        (true, true) => Verdict::Isolated,
    }
}
