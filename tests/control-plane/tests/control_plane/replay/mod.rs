//! Derivations of the API channel, replayed for real: whoever the proof says, with credentials of their own, does each step
//! on a real API server, up to the last that a control plane without nodes can show. What the proof does not let them do,
//! the server refuses.
//!
//! `WATERTIGHT_CLUSTERS` sets how many random clusters are replayed.

mod actor;
mod below;
mod cases;
mod certificates;
mod deeds;
mod moves;
mod player;
mod refusals;
mod rights;
mod samples;
mod server;
mod world;

use anyhow::{Context, Result};
use cases::Case;
use deeds::Shown;
use futures_util::{StreamExt, stream};
use moves::Stage;
use player::{Starts, play};
use server::Server;
use std::collections::{BTreeMap, BTreeSet};
use watertight_model::{Breach, Verdict};
use watertight_testbed::{ControlPlane, Options};
use world::World;

/// The versions of Kubernetes on which pages are replayed: what holds up to 1.34 alone, on that.
const MINORS: [u32; 2] = [36, 34];

/// How many cases are under way at a time.
const AT_A_TIME: usize = 12;

/// The rules of whose pages no breach is of that rule: what is between.
const STEPS: &[&str] = &["legacy-token"];

/// The rules that hang on who answers outside of the API server, or on what objects say, which it does not act on itself.
const NOT_REPLAYED: &[(&str, &str)] = &[
    ("api-served-by-staging", "a pod answers"),
    ("conversion-served-by-staging", "a pod answers"),
    ("extension-cut-off", "a pod answers no more"),
    ("held-token", "no server here has made the tokens of the page"),
    ("login-to-production", "a store takes the login"),
    ("open-ingress-nginx", "a controller runs what an Ingress says"),
    ("policy-params", "no server that is tried evaluates mutating policies by default"),
    ("staging-granted", "a proxy follows a route"),
    ("taken-address", "nodes carry the address"),
    ("taken-host", "a proxy serves the host"),
    ("webhook-served-by-staging", "a pod answers"),
];

/// The rules of which a control plane without nodes shows only that the server lets the request pass.
const NEED_NODES: &[(&str, &str)] = &[
    ("attach-to-pods", "a kubelet attaches"),
    ("checkpoint-containers", "a kubelet makes the checkpoint, and asks for the right itself"),
    ("enter-virtual-machines", "a server that is not there answers"),
    ("exec-by-get", "a kubelet runs the command"),
    ("exec-into-pods", "a kubelet runs the command"),
    ("forward-ports", "a kubelet forwards"),
    ("proxy-to-nodes", "a kubelet answers"),
    ("proxy-to-pods", "a pod answers"),
    ("reach-kubelets", "a kubelet answers"),
    ("read-kubelets", "a kubelet answers, and asks for the right itself"),
];

/// What came of some replays.
#[derive(Debug, Default)]
struct Outcome {
    /// How many breaches of each rule had an effect, and how many were let pass.
    rules: BTreeMap<&'static str, (usize, usize)>,
    /// How many were played.
    count: usize,
    failures: Vec<String>,
}

impl Outcome {
    fn add(&mut self, world: &World, breach: &Breach, shown: Result<Shown>) {
        self.count += 1;
        let counts = self.rules.entry(breach.rule).or_default();
        match shown {
            Ok(Shown::Effect(_)) => counts.0 += 1,
            Ok(Shown::Passed(_)) => counts.1 += 1,
            Err(error) => {
                self.failures.push(format!("{}: {}: {error:#}", world.case.name, breach.message));
            }
        }
    }

    fn assert_played(&self) {
        let failures = &self.failures;
        assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
    }

    fn join(mut self, other: Self) -> Self {
        for (rule, (effects, passed)) in other.rules {
            let counts = self.rules.entry(rule).or_default();
            *counts = (counts.0 + effects, counts.1 + passed);
        }
        self.count += other.count;
        self.failures.extend(other.failures);
        self
    }
}

/// Replays breaches of a world.
async fn replay(server: &Server, world: &World, choose: &Choice) -> Result<Outcome> {
    server.load(world).await.with_context(|| world.case.name.clone())?;
    let starts = Starts::default();
    let mut outcome = Outcome::default();
    let breaches = choose.of(world);
    for (index, breach) in breaches.iter().enumerate() {
        let keeps = index + 1 < breaches.len();
        let stage = Stage { server, world, at_most: choose.at_most, keeps };
        outcome.add(world, breach, play(&stage, &starts, breach).await);
    }
    if world.touches_others() {
        server.unload(world).await?;
    }
    Ok(outcome)
}

/// Which breaches of a case are replayed, and how thoroughly.
#[derive(Debug, Clone, Copy)]
struct Choice {
    breaches: usize,
    at_most: usize,
}

impl Choice {
    /// The longest of each rule first; a namespace is deleted last.
    fn of<'w>(&self, world: &'w World) -> Vec<&'w Breach> {
        let mut of_rules: BTreeMap<&str, Vec<&Breach>> = BTreeMap::new();
        for breach in world.report.breaches.iter().chain(&world.report.lesser) {
            of_rules.entry(breach.rule).or_default().push(breach);
        }
        of_rules.values_mut().for_each(|of| of.sort_by_key(|breach| std::cmp::Reverse(breach.steps.len())));
        let mut chosen: Vec<&Breach> = Vec::new();
        let most = of_rules.values().map(Vec::len).max().unwrap_or_default();
        for round in 0..most {
            chosen.extend(of_rules.values().filter_map(|of| of.get(round)));
        }
        chosen.truncate(self.breaches);
        chosen.sort_by_key(|breach| breach.rule == "delete-namespaces");
        chosen
    }
}

/// Replays all of some cases: side by side where they cannot meet, then the others one by one.
async fn replay_all(server: &Server, worlds: &[&World], choose: Choice) -> Result<Outcome> {
    let (alone, beside): (Vec<&World>, Vec<&World>) =
        worlds.iter().copied().partition(|world| world.touches_others());
    let of_all = stream::iter(beside).map(|world| async move { replay(server, world, &choose).await });
    let mut outcomes: Vec<Result<Outcome>> = of_all.buffer_unordered(AT_A_TIME).collect().await;
    for world in alone {
        outcomes.push(replay(server, world, &choose).await);
    }
    let mut all = Outcome::default();
    for outcome in outcomes {
        match outcome {
            Ok(outcome) => all = all.join(outcome),
            Err(error) => all.failures.push(format!("{error:#}")),
        }
    }
    Ok(all)
}

/// The worlds of cases, under names of their own.
fn worlds(cases: Vec<Case>, prefix: &str) -> Result<Vec<World>> {
    let of = cases.into_iter().enumerate();
    of.map(|(index, case)| World::of(case, &format!("{prefix}{index}"))).collect()
}

/// The version of a server to which what is said of a case applies.
fn minor_for(world: &World) -> u32 {
    let fits = |minor: &u32| world.minor.is_none_or(|oldest| (oldest..=oldest + 3).contains(minor));
    MINORS.into_iter().find(fits).unwrap_or(MINORS[0])
}

/// Replays the open cases of a version of Kubernetes, and tries in the mended ones what the open ones show.
async fn replay_pages(minor: u32, all: &[World]) -> Result<Option<(Outcome, usize)>> {
    let options = Options { kubernetes: format!("1.{minor}"), ..Options::default() };
    let Some(plane) = ControlPlane::start_with(&options)? else { return Ok(None) };
    let server = Server::new(&plane).await?;
    let here = all.iter().filter(|world| minor_for(world) == minor);
    let (open, closed): (Vec<&World>, Vec<&World>) =
        here.partition(|world| world.report.verdict == Verdict::Breached);
    let thorough = Choice { breaches: usize::MAX, at_most: usize::MAX };
    let mut outcome = replay_all(&server, &open, thorough).await?;
    let refusals = refusals::all(&server, all, &closed).await?;
    outcome.failures.extend(refusals.failures);
    Ok(Some((outcome, refusals.count)))
}

#[tokio::test]
async fn what_the_pages_show_is_done_for_real_and_what_they_mend_is_refused() -> Result<()> {
    let mut cases = cases::pages()?;
    cases.push(cases::example()?);
    let all = worlds(cases, "p")?;
    let (mut outcome, mut refused) = (Outcome::default(), 0);
    for minor in MINORS {
        let Some((of_version, count)) = replay_pages(minor, &all).await? else { return Ok(()) };
        outcome = outcome.join(of_version);
        refused += count;
    }
    outcome.assert_played();
    let breached = all.iter().filter(|world| world.case.verdict.as_deref() == Some("breached"));
    let pages: BTreeSet<&str> = breached.map(|world| world.case.page.as_str()).collect();
    let missing = pages.iter().filter(|page| !outcome.rules.contains_key(*page) && !STEPS.contains(page));
    let not_replayed = NOT_REPLAYED.iter().map(|(rule, _)| rule);
    assert_eq!(missing.collect::<Vec<_>>(), not_replayed.collect::<Vec<_>>(), "not replayed");
    let without = outcome.rules.iter().filter(|(_, (effects, _))| *effects == 0).map(|(rule, _)| *rule);
    let need_nodes = NEED_NODES.iter().map(|(rule, _)| *rule);
    assert_eq!(without.collect::<Vec<_>>(), need_nodes.collect::<Vec<_>>(), "what needs nodes");
    assert!(pages.len() > 60 && refused > 500, "{} pages, {refused} refused", pages.len());
    Ok(())
}

#[tokio::test]
async fn what_is_proved_of_random_clusters_is_done_for_real() -> Result<()> {
    let asked = std::env::var("WATERTIGHT_CLUSTERS").ok().and_then(|text| text.parse().ok());
    let Some(plane) = ControlPlane::start()? else { return Ok(()) };
    let server = Server::new(&plane).await?;
    let cases = (0..asked.unwrap_or(80_u64)).map(cases::random).collect::<Result<Vec<_>>>()?;
    let worlds = worlds(cases, "r")?;
    let worlds: Vec<&World> = worlds.iter().collect();
    let outcome = replay_all(&server, &worlds, Choice { breaches: 20, at_most: 2 }).await?;
    outcome.assert_played();
    let (rules, count) = (outcome.rules.len(), outcome.count);
    assert!(rules > 25 && count >= worlds.len(), "{rules} rules, {count} breaches");
    Ok(())
}
