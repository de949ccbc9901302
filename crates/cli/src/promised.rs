//! Whether the walls that were compiled keep what they promise, where that hangs on more than themselves: on what else is in their
//! clusters, or on hosts that nodes dial for pods. The proof itself is asked, and what it says against them is said when they are compiled.

use crate::beside::Beside;
use crate::failure::Failure;
use crate::fleet;
use std::collections::BTreeSet;
use watertight_base::{Diagnostic, Source, SourceId};
use watertight_compile::File;
use watertight_ingest::Options;
use watertight_intent::{Boundary, ClusterId, EnvironmentId, Intent, Promise};
use watertight_model::{BlindSpot, Breach, Channel, Report, Snapshot, Verdict};
use watertight_prove::Question;

/// So many walls are proved when an intent is compiled. Each is asked about by itself.
const WALLS_MAX: usize = 64;

/// Where the intent stands among the sources that `compile` reads.
const INTENT: SourceId = SourceId(0);

/// What the proof says of the walls of an intent.
#[derive(Default)]
pub(crate) struct Promised {
    /// What gets across, or is not known.
    pub(crate) warnings: Vec<Diagnostic>,
    /// How many walls were not asked about.
    pub(crate) left: usize,
}

impl Promised {
    /// Asks about the walls around environments in whose clusters something is besides, and about all others if `applications` make
    /// that needed: those of production first.
    ///
    /// # Errors
    /// The proof has no answer: what is in the cluster besides has a namespace of two environments, say.
    pub(crate) fn of(
        intent: &Intent,
        files: &[File],
        beside: &Beside,
        applications: &Snapshot,
    ) -> Result<Self, Failure> {
        let is_doubtful = leaves_doubts(applications);
        let mut walls: Vec<(&Boundary, ClusterId)> = Vec::new();
        for boundary in &intent.boundaries {
            let cluster = intent.environments.get(boundary.to.0).map(|to| to.cluster);
            let cluster = cluster.filter(|cluster| is_doubtful || beside.sources(*cluster).is_some());
            walls
                .extend(cluster.filter(|_| !boundary.promises.is_empty()).map(|cluster| (boundary, cluster)));
        }
        let is_production =
            |id: EnvironmentId| intent.environments.get(id.0).is_some_and(|it| it.production.value);
        walls.sort_by_key(|(boundary, _)| !is_production(boundary.to));
        let left = walls.len().saturating_sub(WALLS_MAX);
        walls.truncate(WALLS_MAX);
        let compiled: Vec<Source> = files
            .iter()
            .map(|file| Source { name: file.path.clone(), bytes: file.text.clone().into_bytes() })
            .collect();
        let mut promised = Self { left, ..Self::default() };
        for (boundary, cluster) in walls {
            let rest = beside.sources(cluster).unwrap_or_default();
            promised.warnings.extend(said_of(intent, boundary, cluster, &compiled, rest)?);
        }
        Ok(promised)
    }
}

/// Whether pods of applications have their nodes dial hosts, which no policy keeps them from, or something of them is not understood.
fn leaves_doubts(applications: &Snapshot) -> bool {
    // The intent is read with them, and is no kind of object that the proof knows.
    let is_of_intent = |spot: &BlindSpot| spot.span.is_some_and(|span| span.source == INTENT);
    applications.blind_spots.iter().any(|spot| !is_of_intent(spot))
        || applications.pods.iter().any(|pod| !pod.dialed.is_empty())
}

/// What the proof says against a wall, but for what is let through on purpose.
fn said_of(
    intent: &Intent,
    boundary: &Boundary,
    ClusterId(cluster): ClusterId,
    compiled: &[Source],
    rest: &[Source],
) -> Result<Vec<Diagnostic>, Failure> {
    let name = |id: EnvironmentId| intent.environments.get(id.0).map_or("", |it| it.name.value.as_str());
    let (from, to) = (name(boundary.from), name(boundary.to));
    let report = |rest: &[Source]| {
        let mut sources = compiled.to_vec();
        let sides = fleet::of_boundary_with(rest, &mut sources, from, to)?;
        let options = Options { values: true, ..Options::default() };
        let snapshot = watertight_ingest::read(&sources, &options).snapshot;
        let question = Question {
            environments: sides.environments,
            principals: sides.principals,
            ..Question::between(from, to)
        };
        let mut report = watertight_prove::prove(&snapshot, &question)?;
        let is_promised = |on: Channel| boundary.promises.iter().any(|promise| channel(promise.value) == on);
        for boundary in &mut report.boundaries {
            boundary.channels.retain(|it| is_promised(it.channel));
        }
        Ok::<_, Failure>(report)
    };
    let with_rest = report(rest)?;
    if said(&with_rest).is_empty() {
        return Ok(Vec::new());
    }
    // What is said without the rest too is of what was compiled.
    let without = if rest.is_empty() { with_rest.clone() } else { report(&[])? };
    let known: BTreeSet<Said<'_>> = said(&without).into_iter().collect();
    let cluster = intent.clusters.get(cluster).map_or("", |cluster| cluster.name.value.as_str());
    let is_on_purpose = |said: &Said<'_>| {
        said.verdict == Verdict::Breached && !boundary.exceptions.is_empty() && known.contains(said)
    };
    let warning = |said: Said<'_>| {
        let Said { verdict, rule, message, help } = said;
        let so = format!("so `prove` calls the wall from `{from}` to `{to}` {verdict}");
        let is_of_rest = !known.contains(&said);
        let help = if is_of_rest {
            format!("{help}: `manifests` of the cluster `{cluster}`")
        } else {
            help.to_owned()
        };
        Diagnostic::warning(rule, message).at(boundary.span, so).help(help)
    };
    Ok(said(&with_rest).into_iter().filter(|said| !is_on_purpose(said)).map(warning).collect())
}

/// One thing that the proof says against a wall.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Said<'r> {
    verdict: Verdict,
    rule: &'static str,
    message: &'r str,
    help: &'r str,
}

/// What has to change for a wall to stand: one for each root cause, and what is not known.
fn said(report: &Report) -> Vec<Said<'_>> {
    let mut said = Vec::new();
    for boundary in &report.boundaries {
        for cause in boundary.causes() {
            let Breach { rule, message, help, .. } = cause.worst;
            said.push(Said { verdict: Verdict::Breached, rule, message, help });
        }
        for spot in boundary.channels.iter().flat_map(|channel| &channel.blind_spots) {
            said.push(Said {
                verdict: Verdict::Unknown,
                rule: spot.rule,
                message: &spot.reason,
                help: &spot.help,
            });
        }
    }
    said
}

/// The channel on which something is promised.
fn channel(promise: Promise) -> Channel {
    match promise {
        Promise::Network => Channel::Network,
        Promise::Api => Channel::Api,
    }
}
