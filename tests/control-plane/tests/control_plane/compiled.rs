//! What an intent compiles to: a real API server takes it and keeps it as it is, and the proof says that the walls stand.

use anyhow::{Context as _, Result};
use std::path::Path;
use tempfile::TempDir;
use watertight_base::{Source, SourceId};
use watertight_compile::compile;
use watertight_ingest::{Options, read};
use watertight_intent::Date;
use watertight_model::{Channel, Verdict};
use watertight_network::Profile;
use watertight_prove::{Question, prove};
use watertight_testbed::{ControlPlane, eventually};

const MINIMAL: &str = include_str!("../../../../examples/intent-minimal/watertight.yaml");
const FULL: &str = include_str!("../../../../examples/intent-full/watertight.yaml");

/// The kinds that are compiled.
const KINDS: &str = "namespaces,networkpolicies,resourcequotas,limitranges,priorityclasses";

/// Compiles an intent into a folder.
fn compile_into(folder: &Path, text: &str) -> Result<()> {
    let source = Source { name: "watertight.yaml".to_owned(), bytes: text.as_bytes().to_vec() };
    let today = Date::new(2026, 11, 20).context("a day")?;
    let intent = watertight_intent::read(SourceId(0), &source, today).intent.context("an intent")?;
    for file in compile(&intent, &source) {
        let path = folder.join(&file.path);
        std::fs::create_dir_all(path.parent().context("a folder")?)?;
        std::fs::write(path, file.text)?;
    }
    Ok(())
}

/// The verdict on the network under each profile that enforces policies, of all that a server holds.
fn verdicts(
    served: &str,
    namespaces: &[(&str, &str)],
    from: &str,
    to: &str,
) -> Result<Vec<(String, Verdict)>> {
    let source = Source { name: "served.json".to_owned(), bytes: served.as_bytes().to_vec() };
    let snapshot = read(&[source], &Options::default()).snapshot;
    let mut verdicts = Vec::new();
    for profile in Profile::ALL.into_iter().filter(|profile| profile.name != "none") {
        let name = profile.label();
        let environments = namespaces
            .iter()
            .map(|(name, namespace)| ((*name).to_owned(), (*namespace).to_owned()))
            .collect();
        let question = Question {
            from: from.to_owned(),
            to: to.to_owned(),
            environments,
            profile,
            channels: vec![Channel::Network],
            ..Question::between("staging", "production")
        };
        let report = prove(&snapshot, &question)?;
        verdicts.push((name, report.boundaries[0].verdict));
    }
    Ok(verdicts)
}

#[tokio::test]
async fn a_server_takes_what_an_intent_compiles_to_and_the_walls_stand() -> Result<()> {
    let both = [("staging", "staging"), ("production", "production")];
    let three = [("staging", "staging"), ("staging", "staging-batch"), ("production", "production")];
    for (text, cluster, namespaces) in [(MINIMAL, "default", &both[..]), (FULL, "main", &three[..])] {
        let Some(plane) = ControlPlane::start()? else { return Ok(()) };
        let folder = TempDir::new()?;
        compile_into(folder.path(), text)?;
        let of_cluster = folder.path().join(cluster);
        let of_cluster = of_cluster.to_str().context("a path")?;
        plane.kubectl(&["apply", "--server-side", "-k", of_cluster])?;
        // Nothing is written in another way than the server keeps it.
        let difference = plane.kubectl(&["diff", "--server-side", "-k", of_cluster])?;
        assert_eq!(difference, "", "{cluster}");

        let served = plane.kubectl(&["get", KINDS, "-A", "-o", "json"])?;
        for (from, to) in [("staging", "production"), ("production", "staging")] {
            for (profile, verdict) in verdicts(&served, namespaces, from, to)? {
                assert_eq!(verdict, Verdict::Isolated, "{cluster}: {from} to {to} under {profile}");
            }
        }
        takes_no_more_than_it_may(&plane).await?;
    }
    Ok(())
}

/// A pod of staging gets neither the class of production nor a probe that its node would send anywhere.
async fn takes_no_more_than_it_may(plane: &ControlPlane) -> Result<()> {
    let account = ["get", "serviceaccount", "default", "-n", "staging"];
    eventually("its ServiceAccount is there", async || Ok(plane.kubectl(&account).ok())).await?;
    let pod = |extra: &str, of_container: &str| {
        format!(
            "apiVersion: v1
kind: Pod
metadata: {{generateName: web-, namespace: staging}}
spec:
  {extra}
  securityContext: {{runAsNonRoot: true, runAsUser: 1000, seccompProfile: {{type: RuntimeDefault}}}}
  containers:
    - name: web
      image: registry.example/web@sha256:8c1f0c2f1d2d2c7b6b1f8f6a2b7e0a4c9d5e3f1a7b6c5d4e3f2a1b0c9d8e7f60
      securityContext: {{allowPrivilegeEscalation: false, capabilities: {{drop: [ALL]}}}}
      {of_container}
"
        )
    };
    let create = |text: &str| plane.kubectl_with_input(&["create", "-f", "-"], text);
    create(&pod("priorityClassName: staging", ""))?;
    for class in ["production", "system-cluster-critical"] {
        let Err(refused) = create(&pod(&format!("priorityClassName: {class}"), "")) else {
            panic!("a pod of staging has the class {class}");
        };
        assert!(format!("{refused:#}").contains("no-higher-priority"), "{refused:#}");
    }
    let probe = "readinessProbe: {httpGet: {host: 10.0.0.1, port: 80}}";
    let Err(refused) = create(&pod("priorityClassName: staging", probe)) else {
        panic!("a probe names a host");
    };
    assert!(format!("{refused:#}").contains("PodSecurity"), "{refused:#}");
    Ok(())
}
