//! The administrator's denials between environments: a real API server takes them, they hold where somebody took every
//! NetworkPolicy down, and what should work goes through.

use crate::compiled::{MINIMAL, compile_into, is_kept, question};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use tempfile::TempDir;
use watertight_base::{Protocol, Source};
use watertight_ingest::{Options, read};
use watertight_model::{Channel, NeedState, Verdict};
use watertight_network::Profile;
use watertight_prove::{NeedQuestion, Question, prove};
use watertight_testbed::{ControlPlane, CustomResources};

const KINDS: &str = "namespaces,networkpolicies,clusternetworkpolicies,deployments,services";

/// Pods of each side, of DNS, and of a tool that production lets in.
const PODS: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: NAMESPACE}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, k8s-app: kube-dns}}
    spec: {containers: [{name: c, image: x}]}
";
/// Whoever administers the cluster lets a tool in by a policy that comes before, and by a NetworkPolicy.
const OTHERS: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: tools}
---
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system}
spec:
  selector: {k8s-app: kube-dns}
  ports: [{name: dns, port: 53, protocol: UDP}, {name: dns-tcp, port: 53, protocol: TCP}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: from-tools, namespace: production}
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: tools}}}]}]
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: from-tools}
spec:
  tier: Admin
  priority: 50
  subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: production}}}
  ingress:
    - name: pass-tools
      action: Pass
      from: [{namespaces: {matchLabels: {kubernetes.io/metadata.name: tools}}}]
";

#[tokio::test]
async fn denials_hold_without_any_network_policy() -> Result<()> {
    let Some(plane) = ControlPlane::start()? else { return Ok(()) };
    plane.install(CustomResources::NetworkPolicyApi)?;
    let folder = TempDir::new()?;
    let cluster = "spec:\n  clusters: [{name: default, clusterNetworkPolicy: true}]\n";
    let intent = compile_into(folder.path(), &MINIMAL.replace("spec:\n", cluster))?;
    let of_cluster = folder.path().join("default");
    let of_cluster = of_cluster.to_str().context("a path")?;
    plane.kubectl(&["apply", "--server-side", "-k", of_cluster])?;
    is_kept(&plane, of_cluster).await?;
    plane.kubectl_with_input(&["apply", "-f", "-"], OTHERS)?;
    for namespace in ["staging", "production", "tools", "kube-system"] {
        plane.kubectl_with_input(&["apply", "-f", "-"], &PODS.replace("NAMESPACE", namespace))?;
    }
    let served: Value = serde_json::from_str(&plane.kubectl(&["get", KINDS, "-A", "-o", "json"])?)?;
    let without = |kinds: &[&str]| {
        let items = served["items"].as_array().into_iter().flatten();
        let is_left = |item: &&Value| !kinds.iter().any(|kind| item["kind"] == *kind);
        let left: Vec<&Value> = items.filter(is_left).collect();
        json!({"apiVersion": "v1", "kind": "List", "items": left}).to_string()
    };
    let [staging, production] = intent.environments.as_slice() else { panic!("{intent:?}") };
    let both = ["NetworkPolicy", "ClusterNetworkPolicy"];
    let profiles =
        [Profile::DECLARED, Profile::parse("cilium,cluster-network-policy=true")?, Profile::CONSERVATIVE];
    for profile in profiles {
        // Not every network plugin goes by them, and a node port brings pods in under an address that they do not mean.
        let alone = if profile.name == "declared" { Verdict::Isolated } else { Verdict::Breached };
        for (left, wanted) in [
            (without(&both[..1]), alone),
            (without(&[]), Verdict::Isolated),
            (without(&both), Verdict::Breached),
        ] {
            let source = Source { name: "served.json".to_owned(), bytes: left.into_bytes() };
            let snapshot = read(&[source], &Options::default()).snapshot;
            for (from, to) in [(staging, production), (production, staging)] {
                let asked = Question {
                    channels: vec![Channel::Network],
                    needs: needs(),
                    ..question(from, to, profile)
                };
                let report = prove(&snapshot, &asked)?;
                let boundary = report.boundaries.first().context("a boundary")?;
                let what = format!("{} from {} {:?}", profile.label(), from.name.value, boundary.channels);
                assert_eq!(boundary.verdict, wanted, "{what}");
                for need in &report.needs {
                    assert_eq!(need.state, NeedState::Open, "{what}\n{need:?}");
                }
            }
        }
    }
    Ok(())
}

/// What should work.
fn needs() -> Vec<NeedQuestion> {
    let to = |from: &str, to: &str| NeedQuestion::Connection {
        from: from.to_owned(),
        to: to.to_owned(),
        protocol: Protocol::Tcp,
        port: 8080,
    };
    vec![
        NeedQuestion::Dns,
        to("staging/web", "staging/web"),
        to("production/web", "production/web"),
        to("tools/web", "production/web"),
    ]
}
