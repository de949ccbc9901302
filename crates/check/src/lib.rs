//! Accepts or rejects a certificate: whether what it says closes every way across, in the input that is given.
//!
//! Nothing here is found by search, and nothing of the engine is used. The input is read anew; which namespaces, which
//! ways and which pods there could be is worked out from it; and each of the facts is judged by a plain evaluation. What the
//! facts leave open, or what the checker cannot follow, is a rejection.

mod admission;
mod api;
mod asked;
mod assumptions;
mod cases;
mod classes;
mod credentials;
mod ends;
mod environments;
mod evaluate;
mod format;
mod kept_labels;
mod mutation;
mod network;
mod networks;
mod pod_security;
mod profile;
mod proxies;
mod relaying;
mod sharing;

pub use admission::Kept;
pub use sharing::{Gained, Sides, rewritten, shared};

use admission::Written;
use api::{Boundary, Edited};
use ends::Cluster;
use format::{Certificate, Fact, SCHEMA};
use network::Hostile;
use profile::Profile;
use std::collections::BTreeSet;
use std::fmt;
use watertight_base::Source;
use watertight_ingest::Options;
use watertight_model::{BlindScope, BlindSpot, CERTIFICATE_RULES, Channel, NamespaceId, Principal, Snapshot};

/// What an accepted certificate proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proved {
    /// The environment that is taken as hostile, and its namespaces.
    pub from: (String, Vec<String>),
    /// The environment that is kept, and its namespaces.
    pub to: (String, Vec<String>),
    /// The channels on which it is.
    pub channels: Vec<String>,
    /// How the network was read.
    pub profile: String,
    /// How many facts there are.
    pub facts: usize,
    /// What it rests on, each with the command that checks it.
    pub assumptions: Vec<(String, String, String)>,
    /// What wrote it.
    pub tool: String,
}

/// Why a certificate is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It is no certificate, or one that this checker does not know.
    Unreadable(String),
    /// It does not prove what it says.
    Rejected(Rejection),
}

/// What is wrong with a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Where: `facts[3]`, `profile`; or what was looked at.
    pub place: String,
    /// One lower-case sentence without a full stop.
    pub reason: String,
}

impl Rejection {
    fn at(place: &str, reason: impl Into<String>) -> Self {
        Self { place: place.to_owned(), reason: reason.into() }
    }

    fn of_fact(number: usize, reason: String) -> Self {
        Self { place: format!("facts[{number}]"), reason }
    }

    fn of_set(reason: String) -> Self {
        Self::at("facts", reason)
    }

    fn of_input(reason: impl Into<String>) -> Self {
        Self::at("input", reason)
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.reason)
    }
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

/// Checks a certificate against the input, of which `digest` is the digest.
///
/// # Errors
/// It cannot be read, or it is rejected.
pub fn check(certificate: &[u8], sources: &[Source], digest: &str) -> Result<Proved, Refusal> {
    let certificate: Certificate = serde_json::from_slice(certificate)
        .map_err(|error| Refusal::Unreadable(format!("it is no certificate: {error}")))?;
    if certificate.schema != SCHEMA {
        return Err(Refusal::Unreadable(format!(
            "its schema is `{}`, and not `{SCHEMA}`",
            certificate.schema
        )));
    }
    if certificate.rules != CERTIFICATE_RULES {
        return Err(Refusal::Unreadable(format!(
            "it is written by the rules {}, and this program checks by the rules {CERTIFICATE_RULES}",
            certificate.rules
        )));
    }
    if certificate.input_digest != digest {
        let what = "it was written for another input: that which is given has another digest";
        return Err(Rejection::at("inputDigest", what).into());
    }
    // Whose credentials stand somewhere is seen by their values.
    let values = certificate.channels.iter().any(|channel| channel.channel == Channel::Api.name());
    let options = Options { default_namespace: certificate.default_namespace.clone(), values };
    let ingested = watertight_ingest::read(sources, &options);
    Ok(check_snapshot(&certificate, &ingested.snapshot)?)
}

/// The names of the environments that a certificate is about, from and to; `None` if it is no certificate.
#[must_use]
pub fn boundary(certificate: &[u8]) -> Option<(String, String)> {
    let certificate: Certificate = serde_json::from_slice(certificate).ok()?;
    Some((certificate.from.name, certificate.to.name))
}

fn check_snapshot(certificate: &Certificate, snapshot: &Snapshot) -> Result<Proved, Rejection> {
    let profile = profile(certificate)?;
    let (from, to) = sides(certificate, snapshot)?;
    let facts = channels(certificate)?;
    let mut accepted = nothing_unseen(certificate, snapshot, (&from, &to), &facts)?;
    let whole = Cluster::new(snapshot, &profile);
    let mut needed = BTreeSet::new();
    let mut claim = None;
    if let Some(of_api) = facts.api {
        let names =
            |side: &[NamespaceId]| side.iter().map(|&id| snapshot.namespace(id).name.as_str()).collect();
        let boundary = Boundary {
            from: names(&from),
            to: names(&to),
            given_from: given("from", &certificate.from.principals)?,
            given_to: given("to", &certificate.to.principals)?,
            elsewhere: given("elsewhere", &certificate.elsewhere)?,
            strict: certificate.strict,
        };
        let checked = api::check(snapshot, &boundary, of_api)?;
        needed.extend(assumptions::of_api(snapshot, &boundary, &checked));
        assumptions::name_all(certificate, &checked.people)?;
        assumptions::name_policies(certificate, &checked.policies)?;
        accepted.extend(nothing_unseen_to_come(
            certificate,
            snapshot,
            &checked.written,
            (&boundary.to, &facts),
        )?);
        claim = Some((checked.claim, checked.written));
    }
    if let Some(facts) = facts.network {
        match &claim {
            None => {
                kept_labels::labels_to_come(facts, &BTreeSet::new(), (snapshot, snapshot))?;
                let hostile = Hostile { from: &from, unfenced: &from, published: &[], written: None };
                network::check(&whole, (&hostile, &to), facts)?;
            }
            Some((claim, written)) => {
                let Edited { snapshot, from, unfenced, published, relabelled } =
                    Edited::by(claim, snapshot, &from);
                let relabelled =
                    kept_labels::labels_to_come(facts, &relabelled, (whole.snapshot, &snapshot))?;
                let cluster = Cluster::new(&snapshot, &profile).relabelling(relabelled);
                let hostile = Hostile {
                    from: &from,
                    unfenced: &unfenced,
                    published: &published,
                    written: Some(written),
                };
                network::check(&cluster, (&hostile, &to), facts)?;
            }
        }
        needed.extend(assumptions::of_network(&whole, (&from, &to), claim.is_none()));
        let policies = network::policies(facts);
        needed.extend(network::resting_on(facts));
        assumptions::name_policies(certificate, &policies)?;
    }
    assumptions::check(certificate, &needed, &accepted)?;
    let side = |environment: &format::Environment| (environment.name.clone(), environment.namespaces.clone());
    let assumptions = certificate.assumptions.iter();
    Ok(Proved {
        from: side(&certificate.from),
        to: side(&certificate.to),
        channels: certificate.channels.iter().map(|channel| channel.channel.clone()).collect(),
        profile: certificate.profile.name.clone(),
        facts: certificate.channels.iter().map(|channel| channel.facts.len()).sum(),
        assumptions: assumptions.map(|it| (it.id.clone(), it.text.clone(), it.check.clone())).collect(),
        tool: format!("{} {}", certificate.tool.name, certificate.tool.version),
    })
}

/// The facts of each channel.
#[derive(Debug, Default)]
struct Facts<'c> {
    network: Option<&'c [Fact]>,
    api: Option<&'c [Fact]>,
}

/// The channels of a certificate: each once, and at least one.
fn channels(certificate: &Certificate) -> Result<Facts<'_>, Rejection> {
    let mut facts = Facts::default();
    for channel in &certificate.channels {
        let of_channel = match channel.channel.as_str() {
            "network" => &mut facts.network,
            "api" => &mut facts.api,
            other => {
                let why = format!("the channel `{other}` is none that this program can check");
                return Err(Rejection::at("channels", why));
            }
        };
        if of_channel.replace(&channel.facts).is_some() {
            return Err(Rejection::at("channels", format!("`{}` is there twice", channel.channel)));
        }
    }
    match facts {
        Facts { network: None, api: None } => Err(Rejection::at("channels", "there is none")),
        _ => Ok(facts),
    }
}

/// Whom `--principal`, or a compiled fleet, said to be of a side, or of neither.
fn given(place: &str, principals: &[String]) -> Result<BTreeSet<Principal>, Rejection> {
    let principal = |text: &String| match text.split_once(':') {
        Some(("user", name)) => Ok(Principal::user(name)),
        Some(("group", name)) => Ok(Principal::group(name)),
        _ => Err(Rejection::at(place, format!("`{text}` is neither a user nor a group"))),
    };
    principals.iter().map(principal).collect()
}

/// The profile, if the certificate means by it what is meant here.
fn profile(certificate: &Certificate) -> Result<Profile, Rejection> {
    let format::Profile { name, points } = &certificate.profile;
    let profile =
        Profile::of(name).ok_or_else(|| Rejection::at("profile", format!("there is no profile `{name}`")))?;
    let expected = profile.points();
    let differs = expected.iter().find(|(point, says)| points.get(*point) != Some(says));
    match differs
        .map(|(point, _)| point)
        .or_else(|| points.keys().find(|point| !expected.contains_key(*point)))
    {
        None => Ok(profile),
        Some(point) => Err(Rejection::at("profile", format!("`{name}` says something else of `{point}`"))),
    }
}

/// The namespaces of both sides, if the certificate means the same.
fn sides(
    certificate: &Certificate,
    snapshot: &Snapshot,
) -> Result<(Vec<NamespaceId>, Vec<NamespaceId>), Rejection> {
    let find = |place, environment: &format::Environment| {
        let found = environments::find(snapshot, &environment.name, &environment.selectors)
            .map_err(|why| Rejection::at(place, why))?;
        let names: Vec<&str> = found.iter().map(|&id| snapshot.namespace(id).name.as_str()).collect();
        if names.is_empty() || names != environment.namespaces {
            let why = format!("`{}` has the namespaces {names:?}", environment.name);
            return Err(Rejection::at(place, why));
        }
        Ok(found)
    };
    let (from, to) = (find("from", &certificate.from)?, find("to", &certificate.to)?);
    match from.iter().find(|id| to.contains(id)) {
        Some(&both) => {
            let why = format!("the namespace `{}` is on both sides", snapshot.namespace(both).name);
            Err(Rejection::at("to", why))
        }
        None => Ok((from, to)),
    }
}

/// Checks that everything that matters was seen, or accepted as harmless (convention 5): the kinds that are.
fn nothing_unseen<'c>(
    certificate: &'c Certificate,
    snapshot: &Snapshot,
    (from, to): (&[NamespaceId], &[NamespaceId]),
    facts: &Facts<'_>,
) -> Result<BTreeSet<&'c str>, Rejection> {
    let matters = |spot: &&BlindSpot| match &spot.scope {
        BlindScope::Everything => true,
        BlindScope::Nothing => false,
        BlindScope::Namespace(name) => match snapshot.namespace_named(name) {
            Some(id) => from.contains(&id) || to.contains(&id),
            None => true,
        },
    };
    let unseen = |spot: &BlindSpot| {
        Rejection::of_input(format!("something is not seen ({}): {}", spot.rule, spot.reason))
    };
    let mut accepted = BTreeSet::new();
    let mut rewrites = Vec::new();
    if facts.network.is_some() {
        for spot in snapshot.blind_spots_of(Channel::Network).filter(matters) {
            accepted.insert(accepted_kind(certificate, spot).ok_or_else(|| unseen(spot))?);
        }
        rewrites.extend(mutation::rewrites(snapshot, &[from, to].concat(), Channel::Network));
    }
    if facts.api.is_some() {
        for spot in snapshot.blind_spots_of(Channel::Api) {
            accepted.insert(accepted_kind(certificate, spot).ok_or_else(|| unseen(spot))?);
        }
        rewrites.extend(mutation::rewrites(snapshot, &[from, to].concat(), Channel::Api));
    }
    for mutation::Rewrites { by, object } in rewrites {
        let kind = certificate.accepted.iter().find(|it| it.kind == by.kind);
        let why = || Rejection::of_input(format!("{by} may rewrite {object} while it is applied"));
        accepted.insert(kind.ok_or_else(why)?.kind.as_str());
    }
    Ok(accepted)
}

/// Checks that the hostile side makes no objects of kinds of which no channel knows what they do, or that they are accepted.
fn nothing_unseen_to_come<'c>(
    certificate: &'c Certificate,
    snapshot: &Snapshot,
    written: &Written,
    (to, facts): (&BTreeSet<&str>, &Facts<'_>),
) -> Result<BTreeSet<&'c str>, Rejection> {
    let is_asked = |channel: &Channel| match channel {
        Channel::Network => facts.network.is_some(),
        Channel::Api => facts.api.is_some(),
        _ => false,
    };
    let made = snapshot.other_kinds.iter().filter(|kind| kind.hides.iter().any(is_asked));
    let accepted = made.filter(|kind| written.may_make(kind, to)).map(|kind| {
        let accepted = certificate.accepted.iter().find(|it| it.kind == kind.kind);
        let why = || {
            let (resource, group) = (&kind.resource, &kind.group);
            Rejection::of_input(format!(
                "it may make objects of `{resource}` of `{group}`, which are not evaluated"
            ))
        };
        accepted.map(|it| it.kind.as_str()).ok_or_else(why)
    });
    accepted.collect()
}

/// The kind by which a blind spot is accepted: only one that is about a kind, and not about one object of it.
fn accepted_kind<'c>(certificate: &'c Certificate, spot: &BlindSpot) -> Option<&'c str> {
    let of_a_kind = ["unevaluated-kind", "unknown-kind", "kustomization"].contains(&spot.rule);
    let kind = &spot.object.as_ref().filter(|_| of_a_kind)?.kind;
    certificate.accepted.iter().find(|it| it.kind == *kind).map(|it| it.kind.as_str())
}
