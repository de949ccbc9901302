//! What is there can start again: of whatever amounts, the limits and the quota that `init` writes have room for it.

use crate::compiled::compared;
use crate::support::{DIGEST, source};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

const CASES: u32 = 400;

/// Amounts of a container: what it asks for, and a limit that is so much more.
fn resources() -> impl Strategy<Value = String> {
    let amounts = (proptest::option::of(10_u32..4000), proptest::option::of(0_u32..2000));
    let sides = (amounts, (proptest::option::of(16_u32..4096), proptest::option::of(0_u32..2048)));
    sides.prop_map(|((cpu, more_cpu), (memory, more_memory))| {
        let side = |parts: [Option<String>; 2]| parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let requests =
            side([cpu.map(|cpu| format!("cpu: {cpu}m")), memory.map(|memory| format!("memory: {memory}Mi"))]);
        let limits = side([
            more_cpu.map(|more| format!("cpu: {}m", cpu.unwrap_or(10) + more)),
            more_memory.map(|more| format!("memory: {}Mi", memory.unwrap_or(16) + more)),
        ]);
        format!("{{requests: {{{requests}}}, limits: {{{limits}}}}}")
    })
}

/// A workload: its kind, its replicas, the amounts of its containers, the most of an autoscaler, and the size of volumes.
type Workload = (String, u32, String, Option<String>, Option<u32>, u32);

fn workload() -> impl Strategy<Value = Workload> {
    let kind = proptest::sample::select(vec!["Deployment", "StatefulSet", "DaemonSet"]);
    (
        kind,
        0_u32..30,
        resources(),
        proptest::option::of(resources()),
        proptest::option::of(1_u32..60),
        1_u32..90,
    )
        .prop_map(|(kind, replicas, main, first, most, storage)| {
            (kind.to_owned(), replicas, main, first, most, storage)
        })
}

fn manifests(workloads: &[Workload], maps: u32) -> String {
    let mut text = String::from("apiVersion: v1\nkind: List\nitems:\n");
    for (number, (kind, replicas, main, first, most, storage)) in workloads.iter().enumerate() {
        let container = |name: &str, resources: &str| {
            format!("[{{name: {name}, image: \"a/b@{DIGEST}\", resources: {resources}}}]")
        };
        let first = first.as_ref().map(|of| format!(", initContainers: {}", container("first", of)));
        let (replicas, claims) = match kind.as_str() {
            "DaemonSet" => (String::new(), String::new()),
            "StatefulSet" => (
                format!("replicas: {replicas}, serviceName: web, "),
                format!(
                    ", volumeClaimTemplates: [{{metadata: {{name: data}}, spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: {storage}Gi}}}}}}}}]"
                ),
            ),
            _ => (format!("replicas: {replicas}, "), String::new()),
        };
        text += &format!(
            "  - {{apiVersion: apps/v1, kind: {kind}, metadata: {{name: web-{number}, namespace: staging}}, spec: {{{replicas}selector: {{matchLabels: {{app: web-{number}}}}}, \
             template: {{metadata: {{labels: {{app: web-{number}}}}}, spec: {{containers: {}{}}}}}{claims}}}}}",
            container("main", main),
            first.unwrap_or_default()
        );
        text.push('\n');
        if let (Some(most), true) = (most, kind == "Deployment") {
            text += &format!(
                "  - {{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {{name: web-{number}, namespace: staging}}, \
                 spec: {{scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web-{number}}}, maxReplicas: {most}}}}}"
            );
            text.push('\n');
        }
    }
    for number in 0..maps {
        text += &format!(
            "  - {{apiVersion: v1, kind: ConfigMap, metadata: {{name: map-{number}, namespace: staging}}, data: {{a: b}}}}"
        );
        text.push('\n');
    }
    text
}

fn bounded(cpu: u32) -> String {
    format!(
        "{{apiVersion: v1, kind: ResourceQuota, metadata: {{name: quota, namespace: staging}}, spec: {{hard: {{requests.cpu: {cpu}, pods: {cpu}}}}}}}"
    )
}

const NAMESPACES: &str = "\
{apiVersion: v1, kind: Namespace, metadata: {name: staging, labels: {pod-security.kubernetes.io/enforce: baseline}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: production, labels: {pod-security.kubernetes.io/enforce: baseline}}}
";

#[test]
fn whatever_is_there_has_room() {
    let mut runner =
        TestRunner::new_with_rng(Config::with_cases(CASES), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let workloads = proptest::collection::vec(workload(), 1..4);
    let maps = prop_oneof![Just(0_u32), 95_u32..105];
    let there = (workloads, maps, proptest::option::of(1_u32..40));
    let outcome = runner.run(&there, |(workloads, maps, quota)| {
        let text = manifests(&workloads, maps);
        let bounds = quota.map(bounded).unwrap_or_default();
        let sources = [
            source("watertight.yaml", ""),
            source("namespaces.yaml", NAMESPACES),
            source("staging.yaml", &text),
            source("quota.yaml", &bounds),
        ];
        let refused = compared(&sources, &[]).map(drop);
        prop_assert!(refused.is_ok(), "{refused:#?}\n{text}");
        Ok(())
    });
    assert_eq!(outcome, Ok(()));
}
