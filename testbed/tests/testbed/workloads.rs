//! Nodes and pods behave: they are scheduled, run, are evicted and preempted.

use anyhow::Result;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Node, Pod};
use kube::api::{Api, EvictParams, ListParams};
use watertight_testbed::{ControlPlane, Options, eventually};

/// Whether a condition of a pod holds.
fn is(pod: &Pod, condition: &str) -> bool {
    let conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
    conditions.into_iter().any(|other| other.type_ == condition && other.status == "True")
}

fn phase(pod: &Pod) -> &str {
    pod.status.as_ref().and_then(|status| status.phase.as_deref()).unwrap_or_default()
}

/// The pods, once as many are ready as are wanted.
async fn ready_pods(pods: &Api<Pod>, count: usize) -> Result<Vec<Pod>> {
    eventually("the pods are ready", async || {
        let ready = pods.list(&ListParams::default()).await?.items;
        let ready: Vec<Pod> = ready.into_iter().filter(|pod| is(pod, "Ready")).collect();
        Ok((ready.len() == count).then_some(ready))
    })
    .await
}

#[tokio::test]
async fn a_deployment_runs_on_nodes_that_are_ready_and_its_pods_have_addresses() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    plane
        .in_namespace("deployment", async |namespace| {
            namespace.kubectl(&["create", "deployment", "web", "--image=web", "--replicas=3"])?;
            let pods = ready_pods(&namespace.api(), 3).await?;
            let mut addresses = Vec::new();
            for pod in &pods {
                assert_eq!(phase(pod), "Running");
                let status = pod.status.clone().unwrap_or_default();
                let node = pod.spec.clone().unwrap_or_default().node_name.unwrap_or_default();
                let node = Api::<Node>::all(namespace.client()).get(&node).await?;
                let own = node.status.and_then(|status| status.addresses).unwrap_or_default();
                assert!(own.iter().any(|own| Some(&own.address) == status.host_ip.as_ref()), "{status:?}");
                addresses.push(status.pod_ip.unwrap_or_default());
            }
            assert!(addresses.iter().all(|address| address.starts_with("10.244.")), "{addresses:?}");
            addresses.sort();
            addresses.dedup();
            assert_eq!(addresses.len(), 3, "{addresses:?}");
            Ok(())
        })
        .await
}

#[tokio::test]
async fn a_job_is_done() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    plane
        .in_namespace("job", async |namespace| {
            namespace.kubectl(&["create", "job", "once", "--image=once"])?;
            let jobs = namespace.api::<Job>();
            eventually("the Job is complete", async || {
                let status = jobs.get("once").await?.status.unwrap_or_default();
                Ok((status.succeeded == Some(1) && status.completion_time.is_some()).then_some(()))
            })
            .await
        })
        .await
}

#[tokio::test]
async fn an_eviction_goes_through_unless_a_budget_forbids_it() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    plane
        .in_namespace("eviction", async |namespace| {
            namespace.kubectl(&["run", "free", "--image=x"])?;
            namespace.kubectl(&["run", "kept", "--image=x"])?;
            namespace.kubectl(&[
                "create",
                "poddisruptionbudget",
                "kept",
                "--selector=run=kept",
                "--min-available=1",
            ])?;
            let pods = namespace.api::<Pod>();
            ready_pods(&pods, 2).await?;
            // Until its controller has counted, a budget forbids everything.
            eventually("the budget is counted", async || {
                let counted = ["get", "poddisruptionbudget", "kept", "-o=jsonpath={.status.currentHealthy}"];
                Ok((namespace.kubectl(&counted)? == "1").then_some(()))
            })
            .await?;
            let refused = pods.evict("kept", &EvictParams::default()).await.unwrap_err();
            assert!(matches!(&refused, kube::Error::Api(status) if status.code == 429), "{refused}");
            pods.evict("free", &EvictParams::default()).await?;
            eventually("the pod is gone", async || Ok(pods.get_opt("free").await?.is_none().then_some(())))
                .await?;
            assert!(is(&pods.get("kept").await?, "Ready"));
            Ok(())
        })
        .await
}

#[tokio::test]
async fn a_pod_of_higher_priority_preempts() -> Result<()> {
    let options = Options { nodes: 1, ..Options::default() };
    let Some(plane) = ControlPlane::start_with(&options)? else { return Ok(()) };
    plane.kubectl(&["create", "priorityclass", "high", "--value=1000"])?;
    let pod = |name: &str, priority: &str| {
        format!(
            "{{apiVersion: v1, kind: Pod, metadata: {{name: {name}}}, spec: {{{priority} containers: \
             [{{name: main, image: x, resources: {{requests: {{cpu: '6'}}}}}}]}}}}"
        )
    };
    plane
        .in_namespace("preemption", async |namespace| {
            namespace.apply(&pod("low", ""))?;
            let pods = namespace.api::<Pod>();
            ready_pods(&pods, 1).await?;
            namespace.apply(&pod("high", "priorityClassName: high,"))?;
            eventually("the pod of low priority is gone", async || {
                Ok(pods.get_opt("low").await?.is_none().then_some(()))
            })
            .await?;
            let left = ready_pods(&pods, 1).await?;
            assert_eq!(left[0].metadata.name.as_deref(), Some("high"));
            Ok(())
        })
        .await
}
