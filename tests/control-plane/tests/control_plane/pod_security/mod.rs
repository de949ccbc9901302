//! Pod Security: real API servers say what they refuse and why, and the judge says the same.
//!
//! `WATERTIGHT_CLUSTERS` sets how many pods are tried.

mod answer;
mod known;
mod random;
mod update;

use answer::{Answer, Way, ask, reason};
use anyhow::{Context, Result, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use known::known;
use kube::Client;
use kube::api::{GetParams, PostParams};
use kube::core::Request;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use watertight_admission::Known;
use watertight_admission::pod_security::{
    Check, Standard, in_namespace_of_node, privileged, with_host_path, with_probe_host,
};
use watertight_base::Labels;
use watertight_model::PodSecurity;
use watertight_oracle::Random;
use watertight_testbed::{ControlPlane, Options, eventually};

/// How many requests are under way at a time.
const AT_A_TIME: usize = 24;

/// The levels, and the versions in which something changes, with some that no server knows.
const LEVELS: [&str; 2] = ["baseline", "restricted"];
const VERSIONS: [&str; 20] = [
    "", "latest", "v1.0", "v1.7", "v1.8", "v1.18", "v1.19", "v1.21", "v1.22", "v1.23", "v1.24", "v1.25",
    "v1.27", "v1.29", "v1.30", "v1.31", "v1.32", "v1.34", "v1.35", "v1.99",
];

/// A namespace without labels, and the namespaces with them.
struct World {
    client: Client,
    server: u32,
    namespaces: Vec<(String, Labels)>,
}

/// The namespace in which everything is admitted.
const OPEN: &str = "open";

impl World {
    async fn new(plane: &ControlPlane) -> Result<Self> {
        let pairs = LEVELS.iter().flat_map(|level| VERSIONS.map(|version| (*level, version)));
        let namespaces = pairs.map(|(level, version)| {
            let labels = [(PodSecurity::ENFORCE, level), (PodSecurity::ENFORCE_VERSION, version)];
            let labels = labels.iter().filter(|(_, value)| !value.is_empty());
            let labels = labels.map(|&(key, value)| (key.to_owned(), value.to_owned())).collect();
            (format!("{level}-{}", version.replace('.', "-")).trim_end_matches('-').to_owned(), labels)
        });
        let world =
            Self { client: plane.client().await?, server: plane.minor()?, namespaces: namespaces.collect() };
        let open = (OPEN.to_owned(), Labels::new());
        let all = world.namespaces.iter().chain([&open]);
        let made = stream::iter(all).map(|(name, labels)| make_namespace(&world.client, name, labels));
        made.buffer_unordered(AT_A_TIME).try_collect::<Vec<()>>().await?;
        Ok(world)
    }

    fn standard(&self, labels: &Labels) -> Standard {
        Standard::of(Some(labels), self.server..=self.server)
    }
}

async fn make_namespace(client: &Client, name: &str, labels: &Labels) -> Result<()> {
    let namespace = json!({"metadata": {"name": name, "labels": labels}});
    let request =
        Request::new("/api/v1/namespaces").create(&PostParams::default(), serde_json::to_vec(&namespace)?)?;
    client.request::<Value>(request).await?;
    // Before that, no pod is admitted.
    let accounts = Request::new(format!("/api/v1/namespaces/{name}/serviceaccounts"));
    eventually("the namespace has its ServiceAccount", async || {
        let request = accounts.get("default", &GetParams::default())?;
        match client.request::<Value>(request).await {
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(None),
            answer => Ok(answer.map(Some)?),
        }
    })
    .await?;
    Ok(())
}

/// What was seen.
#[derive(Debug, Default)]
struct Tally {
    pods: usize,
    admitted: usize,
    refused: usize,
    /// How often a check was the only one to stop a pod, and how often it stopped one.
    alone: BTreeMap<Check, usize>,
    stopped: BTreeMap<Check, usize>,
}

#[tokio::test]
async fn the_api_server_and_the_judge_refuse_the_same_pods_for_the_same_reasons() -> Result<()> {
    let asked = std::env::var("WATERTIGHT_CLUSTERS").ok().and_then(|text| text.parse().ok());
    let pods = asked.unwrap_or(3000_u64);
    for (kubernetes, pods) in [("1.36", pods), ("1.35", pods / 10), ("1.34", pods / 10), ("1.33", pods / 10)]
    {
        let options = Options { kubernetes: kubernetes.to_owned(), ..Options::default() };
        let Some(plane) = ControlPlane::start_with(&options)? else { return Ok(()) };
        let world = World::new(&plane).await?;
        let tally = refuse_alike(&world, pods).await?;
        ensure!(tally.admitted > tally.pods / 2 && tally.refused > tally.pods / 2, "{tally:#?}");
        if world.server < 36 {
            continue;
        }
        assert!(tally.pods as u64 > pods / 2, "{tally:#?}");
        assert_eq!(tally.stopped.keys().copied().collect::<BTreeSet<_>>(), Check::all().collect());
        for check in Check::all() {
            // The server wants the node's network for a process of a Windows node.
            let alone = tally.alone.get(&check).copied().unwrap_or(0);
            assert!(alone > 10 || check == Check::WindowsHostProcess, "{check:?} {tally:#?}");
        }
        drafts_of_powers_are_what_they_say(&world).await?;
        update::changes(&world).await?;
    }
    Ok(())
}

/// Asks both about many pods.
async fn refuse_alike(world: &World, pods: u64) -> Result<Tally> {
    let answers = stream::iter(0..pods).map(|seed| one_pod(world, seed));
    let answers: Vec<_> = answers.buffer_unordered(AT_A_TIME).try_collect().await?;
    let mut tally = Tally::default();
    for failed in answers.into_iter().flatten() {
        tally.pods += 1;
        for failed in failed {
            *(if failed.is_empty() { &mut tally.admitted } else { &mut tally.refused }) += 1;
            if let [check] = failed[..] {
                *tally.alone.entry(check).or_default() += 1;
            }
            failed.into_iter().for_each(|check| *tally.stopped.entry(check).or_default() += 1);
        }
    }
    Ok(tally)
}

/// Asks both about one pod in some namespaces. `None` if it is not valid.
async fn one_pod(world: &World, seed: u64) -> Result<Option<Vec<Vec<Check>>>> {
    let submitted = random::pod(seed);
    let Answer::Admitted(filled) = ask(&world.client, OPEN, Way::Create, &submitted).await? else {
        return Ok(None);
    };
    let filled = known(&filled);
    let mut random = Random::new(!seed);
    let mut all = Vec::new();
    for _ in 0..3 {
        let (namespace, labels) = random.pick(&world.namespaces).context("no namespace")?;
        let ours = world.standard(labels).failed(&filled);
        let theirs = match ask(&world.client, namespace, Way::Create, &submitted).await? {
            Answer::Admitted(_) => Vec::new(),
            Answer::Refused(reasons) => reasons,
            Answer::Invalid => anyhow::bail!("seed {seed}: valid in one namespace and not in another"),
        };
        let reasons: Vec<String> = ours.iter().map(|&check| reason(check)).collect();
        assert!(
            reasons == theirs || by_gate(world.server, &filled, &reasons, &theirs),
            "1.{}, seed {seed}, {namespace}: {reasons:?}, but the server {theirs:?}\n{submitted:#}",
            world.server,
        );
        all.push(ours);
    }
    Ok(Some(all))
}

/// Whether the server refuses more only since its feature gate for pods with users of their own is off.
fn by_gate(server: u32, pod: &Known, ours: &[String], theirs: &[String]) -> bool {
    let opened = [Check::ProcMount, Check::RunAsNonRoot, Check::RunAsUser].map(reason);
    let without: Vec<&String> = theirs.iter().filter(|reason| !opened.contains(reason)).collect();
    let own_users = *pod.field("spec").field("hostUsers") == Known::Bool(false);
    server < 35 && own_users && without == ours.iter().collect::<Vec<_>>()
}

/// A pod of which no more is known than that it has a power is refused, as are pods that have it and are otherwise harmless.
async fn drafts_of_powers_are_what_they_say(world: &World) -> Result<()> {
    let container = |more: Value| {
        let mut container = json!({"name": "a", "image": "a.example/a"});
        container.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"containers": [container]})
    };
    let with = |field: &str, value: Value| {
        let mut spec = container(json!({}));
        spec[field] = value;
        spec
    };
    let probe = json!({"livenessProbe": {"httpGet": {"host": "db.example", "port": 80}}});
    for (drafts, spec) in [
        (in_namespace_of_node("hostNetwork"), with("hostNetwork", json!(true))),
        (in_namespace_of_node("hostPID"), with("hostPID", json!(true))),
        (in_namespace_of_node("hostIPC"), with("hostIPC", json!(true))),
        (with_host_path(), with("volumes", json!([{"name": "v", "hostPath": {"path": "/"}}]))),
        (privileged(), container(json!({"securityContext": {"privileged": true}}))),
        (with_probe_host(), container(probe)),
    ] {
        let pod = json!({"metadata": {"name": "p"}, "spec": spec});
        let answer = ask(&world.client, OPEN, Way::Create, &pod).await?;
        ensure!(matches!(answer, Answer::Admitted(_)), "{pod}");
        for (namespace, labels) in &world.namespaces {
            let answer = ask(&world.client, namespace, Way::Create, &pod).await?;
            let fits = world.standard(labels).admits(&drafts);
            // The restricted level may refuse such a pod for what else it is.
            let restricted = namespace.starts_with("restricted");
            let as_drafted = matches!(answer, Answer::Admitted(_)) == fits || (fits && restricted);
            assert!(as_drafted, "{namespace} {pod}: {answer:?}");
        }
    }
    Ok(())
}
