//! What is loaded into a cluster as users would load it, and read back as they would dump it.

use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use watertight_base::Source;
use watertight_ingest::{Options, read};
use watertight_model::Snapshot;
use watertight_testbed::{ControlPlane, CustomResources, eventually};

/// Some manifests, and what is asked of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Input {
    /// Folders of the repository, in the order in which they are applied.
    pub(crate) folders: &'static [&'static str],
    /// Whether the nodes are among the manifests. If not, the testbed's own are there.
    pub(crate) holds_nodes: bool,
    /// Calls of kubectl once all of it runs.
    pub(crate) afterwards: &'static [&'static [&'static str]],
    /// The namespaces of the two sides.
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
    /// What is proved of them under the profile `conservative`.
    pub(crate) verdict: &'static str,
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

impl Input {
    /// What the files say.
    pub(crate) fn files(&self) -> Result<Snapshot> {
        let mut sources = Vec::new();
        for folder in self.folders {
            manifests(&repository().join(folder), &mut sources)?;
        }
        Ok(snapshot(&sources))
    }

    /// What a control plane serves when all of it runs; `None` if there is none to be had.
    pub(crate) async fn dump(&self) -> Result<Option<Snapshot>> {
        let nodes = if self.holds_nodes { 0 } else { 2 };
        let options = watertight_testbed::Options { nodes, ..watertight_testbed::Options::default() };
        let Some(plane) = ControlPlane::start_with(&options)? else { return Ok(None) };
        plane.install(CustomResources::NetworkPolicyApi)?;
        for folder in self.folders {
            let folder = repository().join(folder);
            // Of a folder with a part for the cluster, that part comes first, as a user would have it.
            plane.kubectl(&["apply", "--server-side", "-R", "-f", &folder.to_string_lossy()])?;
        }
        make_service_accounts(&plane)?;
        settle(&plane).await?;
        for call in self.afterwards {
            plane.kubectl(call)?;
            settle(&plane).await?;
        }
        let kinds = plane.kubectl(&["api-resources", "--verbs=list", "--output=name"])?;
        let kinds = kinds.lines().collect::<Vec<_>>().join(",");
        let text = plane.kubectl(&["get", &kinds, "-A", "-o", "json"])?;
        Ok(Some(snapshot(&[Source { name: "dump.json".to_owned(), bytes: text.into_bytes() }])))
    }
}

/// The snapshot of sources with which nothing is wrong.
fn snapshot(sources: &[Source]) -> Snapshot {
    let ingested = read(sources, &Options::default());
    assert_eq!(ingested.diagnostics, []);
    ingested.snapshot
}

/// The manifests of a folder and of all below it.
fn manifests(folder: &Path, sources: &mut Vec<Source>) -> Result<()> {
    let context = || format!("cannot read {}", folder.display());
    let entries = std::fs::read_dir(folder).with_context(context)?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            manifests(&path, sources)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            sources.push(Source { name: path.display().to_string(), bytes: std::fs::read(&path)? });
        }
    }
    Ok(())
}

const WORKLOADS: &str =
    "deployments,statefulsets,daemonsets,replicasets,replicationcontrollers,jobs,cronjobs";

fn list(plane: &ControlPlane, kinds: &str) -> Result<Vec<Value>> {
    let mut list: Value = serde_json::from_str(&plane.kubectl(&["get", kinds, "-A", "-o", "json"])?)?;
    Ok(list["items"].as_array_mut().map(std::mem::take).unwrap_or_default())
}

/// Some projects have their ServiceAccounts in files that were left out. Without them no pod is admitted.
fn make_service_accounts(plane: &ControlPlane) -> Result<()> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let missing: BTreeSet<(String, String)> = list(plane, WORKLOADS)?
        .iter()
        .map(|object| {
            let account = &object["spec"]["template"]["spec"]["serviceAccountName"];
            (text(&object["metadata"]["namespace"]), text(account))
        })
        .filter(|(_, account)| !account.is_empty())
        .collect();
    let accounts: Vec<Value> = missing
        .into_iter()
        .map(|(namespace, name)| {
            serde_json::json!({ "apiVersion": "v1", "kind": "ServiceAccount",
                "metadata": { "name": name, "namespace": namespace } })
        })
        .collect();
    if accounts.is_empty() {
        return Ok(());
    }
    let accounts = serde_json::json!({ "apiVersion": "v1", "kind": "List", "items": accounts });
    plane.kubectl_with_input(&["apply", "--server-side", "-f", "-"], &accounts.to_string())?;
    Ok(())
}

/// Waits until every workload has its pods, each of which is ready or done, no pod is about to go, and Services lead to
/// pods that are there.
async fn settle(plane: &ControlPlane) -> Result<()> {
    eventually("all workloads have their pods", async || {
        let workloads = list(plane, WORKLOADS)?.iter().all(has_its_pods);
        let pods = list(plane, "pods")?;
        let stay = pods.iter().all(|pod| pod["metadata"]["deletionTimestamp"].is_null() && is_settled(pod));
        let there: BTreeSet<&str> = pods.iter().filter_map(|pod| pod["metadata"]["uid"].as_str()).collect();
        let leads_there = list(plane, "endpointslices,endpoints")?
            .iter()
            .all(|endpoints| targets(endpoints).iter().all(|uid| there.contains(uid.as_str())));
        Ok((workloads && stay && leads_there && !pods.is_empty()).then_some(()))
    })
    .await
}

/// Whether a workload's controller has seen it and has what it wants.
fn has_its_pods(workload: &Value) -> bool {
    let (spec, status) = (&workload["spec"], &workload["status"]);
    let seen = workload["kind"] == "Job"
        || workload["kind"] == "CronJob"
        || status["observedGeneration"] == workload["metadata"]["generation"];
    let number = |value: &Value| value.as_u64().unwrap_or(0);
    seen && match workload["kind"].as_str() {
        Some("CronJob") => true,
        Some("Job") => number(&status["succeeded"]) > 0 && !status["completionTime"].is_null(),
        Some("DaemonSet") => {
            let wanted = number(&status["desiredNumberScheduled"]);
            wanted > 0 && number(&status["numberReady"]) == wanted
        }
        Some("Deployment") => {
            let wanted = number(&spec["replicas"]);
            [&status["readyReplicas"], &status["updatedReplicas"], &status["replicas"]]
                .iter()
                .all(|count| number(count) == wanted)
        }
        _ => number(&status["readyReplicas"]) == number(&spec["replicas"]),
    }
}

fn is_settled(pod: &Value) -> bool {
    let conditions = pod["status"]["conditions"].as_array();
    pod["status"]["phase"] == "Succeeded"
        || conditions
            .into_iter()
            .flatten()
            .any(|condition| condition["type"] == "Ready" && condition["status"] == "True")
}

/// The uids of the pods that an EndpointSlice or Endpoints lead to.
fn targets(endpoints: &Value) -> Vec<String> {
    let subsets = endpoints["subsets"].as_array().into_iter().flatten();
    let of_subsets = subsets.flat_map(|subset| subset["addresses"].as_array().into_iter().flatten());
    let of_slice = endpoints["endpoints"].as_array().into_iter().flatten();
    let uids = of_subsets.chain(of_slice).filter_map(|endpoint| endpoint["targetRef"]["uid"].as_str());
    uids.map(str::to_owned).collect()
}
