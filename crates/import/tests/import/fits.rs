//! What was there can start behind the wall: each compiled pod is let in by the compiled LimitRange, and all of them by the compiled
//! ResourceQuota.
//!
//! How both decide: <https://kubernetes.io/docs/concepts/policy/limit-range/> and
//! <https://kubernetes.io/docs/concepts/policy/resource-quotas/>.

use crate::compiled::given;
use crate::support::{initialised_without, intent, source};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::BTreeMap;
use watertight_base::{Quantity, Severity, Source, SourceId};
use watertight_compile::{Question, compile};
use watertight_ingest::{Tree, trees};

const NAMES: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];
const IMAGE: &str =
    "registry.example/web@sha256:8c1f0c2f1d2d2c7b6b1f8f6a2b7e0a4c9d5e3f1a7b6c5d4e3f2a1b0c9d8e7f60";

fn at<'t>(tree: &'t Tree, path: &str) -> Option<&'t Tree> {
    path.split('/').try_fold(tree, |tree, key| tree.get(key))
}

fn elements<'t>(tree: &'t Tree, path: &str) -> &'t [Tree] {
    at(tree, path).map(Tree::elements).unwrap_or_default()
}

fn quantity(tree: &Tree) -> Quantity {
    let written = match &tree.content {
        watertight_ingest::Content::Text(text) => text,
        watertight_ingest::Content::Number { written, .. } => written,
        other => panic!("{other:?}"),
    };
    Quantity::parse(written).unwrap()
}

fn number(tree: &Tree, path: &str) -> Option<u64> {
    at(tree, path).map(|tree| u64::try_from(quantity(tree).as_units()).unwrap())
}

/// What stays of the manifests of an environment after they were compiled.
struct Compiled {
    objects: Vec<Tree>,
    intent: String,
}

impl Compiled {
    fn of(sources: &[Source]) -> Self {
        let mut sources = sources.to_vec();
        sources.insert(0, source("watertight.yaml", ""));
        let mut left_out = Vec::new();
        loop {
            let written = initialised_without(&sources, &[], &left_out).unwrap();
            let text = written.text.clone().unwrap_or_else(|| panic!("{:#?}", written.diagnostics));
            let intent = intent(&text);
            let given = given(&intent, &sources);
            sources[0] = source("watertight.yaml", &text);
            let compiled =
                compile(Question { intent: &intent, sources: &sources, given: &given, beside: &[] });
            let errors = compiled.diagnostics.iter().filter(|found| found.severity == Severity::Error);
            let refused: Vec<_> = errors.collect();
            let before = left_out.len();
            left_out.extend(refused.iter().flat_map(|found| found.without.clone()));
            if refused.is_empty() {
                let files = compiled.files.iter();
                let objects =
                    files.flat_map(|file| trees(SourceId(0), &source(&file.path, &file.text)).documents);
                return Self { objects: objects.collect(), intent: text };
            }
            assert!(left_out.len() > before, "{refused:#?}\n{text}");
        }
    }

    fn of_kind(&self, kind: &str, namespace: &str) -> impl Iterator<Item = &Tree> {
        let text =
            |tree: &Tree, path: &str| at(tree, path).and_then(Tree::text).unwrap_or_default().to_owned();
        self.objects.iter().filter(move |object| {
            text(object, "kind") == kind && text(object, "metadata/namespace") == namespace
        })
    }

    /// What a container has once the LimitRange has filled in the rest.
    fn amount(&self, container: &Tree, side: &str, name: &str, namespace: &str) -> Option<Quantity> {
        let said = |side: &str| at(container, &format!("resources/{side}/{name}")).map(quantity);
        let filled = |part: &str| {
            let ranges =
                self.of_kind("LimitRange", namespace).flat_map(|range| elements(range, "spec/limits"));
            ranges.filter_map(|item| at(item, &format!("{part}/{name}"))).map(quantity).min()
        };
        match side {
            "limits" => said("limits").or_else(|| filled("default")),
            "max" => filled("max"),
            _ => said("requests").or_else(|| said("limits")).or_else(|| filled("defaultRequest")),
        }
    }

    /// Why something could not start in a namespace; with room for rollouts, if they are to have it.
    fn refused(&self, namespace: &str, rollout: bool) -> Vec<String> {
        let mut refused = Vec::new();
        let mut used: BTreeMap<String, Quantity> = BTreeMap::new();
        let mut add = |name: String, amount: Quantity, times: u64| {
            let sum = used.entry(name).or_insert(Quantity::ZERO);
            *sum = sum.plus(amount.times(times));
        };
        for kind in ["Deployment", "StatefulSet"] {
            for object in self.of_kind(kind, namespace) {
                let scaler = self.of_kind("HorizontalPodAutoscaler", namespace).find(|scaler| {
                    at(scaler, "spec/scaleTargetRef/name").and_then(Tree::text)
                        == at(object, "metadata/name").and_then(Tree::text)
                });
                let replicas = number(object, "spec/replicas").unwrap_or(1);
                let pods = match scaler {
                    Some(scaler) if rollout => number(scaler, "spec/maxReplicas").unwrap(),
                    Some(scaler) => number(scaler, "spec/minReplicas").unwrap_or(1),
                    None => replicas,
                };
                let pods = if rollout && kind == "Deployment" {
                    let said = at(object, "spec/strategy/rollingUpdate/maxSurge");
                    pods + said
                        .map_or(pods.div_ceil(4), |surge| u64::try_from(quantity(surge).as_units()).unwrap())
                } else {
                    pods
                };
                add("pods".to_owned(), Quantity::units(1), pods);
                for claim in elements(object, "spec/volumeClaimTemplates") {
                    add("persistentvolumeclaims".to_owned(), Quantity::units(1), pods);
                    let storage = quantity(at(claim, "spec/resources/requests/storage").unwrap());
                    add("requests.storage".to_owned(), storage, pods);
                }
                let spec = at(object, "spec/template/spec").unwrap();
                for name in NAMES {
                    for side in ["requests", "limits"] {
                        let amount = |it: &Tree| self.amount(it, side, name, namespace).unwrap();
                        let zero = Quantity::ZERO;
                        let before =
                            elements(spec, "initContainers").iter().map(amount).max().unwrap_or(zero);
                        let all = elements(spec, "containers").iter().map(amount).fold(zero, Quantity::plus);
                        add(format!("{side}.{name}"), before.max(all), pods);
                    }
                    for container in
                        elements(spec, "containers").iter().chain(elements(spec, "initContainers"))
                    {
                        let amount = |side: &str| self.amount(container, side, name, namespace);
                        if amount("requests") > amount("limits") {
                            refused.push(format!("{name}: a request over its limit"));
                        }
                        if amount("max").is_some_and(|max| amount("limits").is_some_and(|limit| limit > max))
                        {
                            refused.push(format!("{name}: a limit over the most"));
                        }
                    }
                }
            }
        }
        for claim in self.of_kind("PersistentVolumeClaim", namespace) {
            add("persistentvolumeclaims".to_owned(), Quantity::units(1), 1);
            let storage = quantity(at(claim, "spec/resources/requests/storage").unwrap());
            add("requests.storage".to_owned(), storage, 1);
        }
        for (kind, counted) in [
            ("ConfigMap", "configmaps"),
            ("Secret", "secrets"),
            ("Service", "services"),
            ("Deployment", "count/deployments.apps"),
        ] {
            // Kubernetes makes one ConfigMap by itself.
            let own = u64::from(kind == "ConfigMap");
            let there = self.of_kind(kind, namespace).count() as u64 + own;
            add(counted.to_owned(), Quantity::units(1), there);
        }
        for quota in self.of_kind("ResourceQuota", namespace) {
            if at(quota, "spec/scopeSelector").is_some() {
                continue;
            }
            for member in at(quota, "spec/hard").unwrap().members() {
                let used = used.get(&member.key).copied().unwrap_or(Quantity::ZERO);
                let hard = quantity(&member.value);
                if used > hard {
                    refused.push(format!("{}: {used} of {hard}", member.key));
                }
            }
        }
        refused
    }
}

/// Manifests of staging, those of its wall in a file of their own, and a Namespace for production.
fn folder(staging: &str) -> Vec<Source> {
    let namespace = |name: &str| format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n");
    let is_of_wall = |text: &&str| {
        ["LimitRange", "ResourceQuota"].iter().any(|kind| text.contains(&format!("kind: {kind}\n")))
    };
    let (wall, own): (Vec<&str>, Vec<&str>) = staging.split("---\n").partition(is_of_wall);
    vec![
        source("k8s/production/namespace.yaml", &namespace("production")),
        source("k8s/staging/all.yaml", &own.join("---\n")),
        source("k8s/staging/wall.yaml", &format!("{}---\n{}", namespace("staging"), wall.join("---\n"))),
    ]
}

fn workload(kind: &str, name: &str, spec: &str, pod: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: staging}}\nspec:\n  selector: {{matchLabels: {{app: {name}}}}}\n  {spec}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    spec:\n      {pod}\n---\n"
    )
}

fn container(name: &str, resources: &str) -> String {
    format!("{{name: {name}, image: {IMAGE}, resources: {{{resources}}}}}")
}

fn object(kind: &str, name: &str, rest: &str) -> String {
    format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: staging}}\n{rest}\n---\n")
}

/// One container with these resources, and a Deployment of it.
fn deployment(spec: &str, resources: &str) -> String {
    workload("Deployment", "web", spec, &format!("containers: [{}]", container("web", resources)))
}

#[test]
fn what_is_there_fits() {
    let many = |kind: &str, count: usize| -> String {
        (0..count).map(|index| object(kind, &format!("a{index}"), "")).collect()
    };
    let claim = |name: &str, storage: &str| {
        let spec = format!(
            "spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: {storage}}}}}}}"
        );
        object("PersistentVolumeClaim", name, &spec)
    };
    let range = |limits: &str| {
        object("LimitRange", "limits", &format!("spec: {{limits: [{{type: Container, {limits}}}]}}"))
    };
    let hpa = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: staging}\nspec: {minReplicas: 2, maxReplicas: 90, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}\n---\n";
    let claims = "volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}}}]";
    let cases = [
        (
            "a request over the default limit",
            deployment("replicas: 1", "requests: {cpu: \"1\", memory: 2Gi}"),
        ),
        (
            "a request over the limit of a LimitRange",
            range("default: {memory: 128Mi}, max: {memory: 1Gi}")
                + &deployment("replicas: 1", "requests: {memory: 512Mi}"),
        ),
        (
            "a limit over the most of a LimitRange",
            range("max: {memory: 1Gi}") + &deployment("replicas: 1", "limits: {memory: 2Gi}"),
        ),
        (
            "one large container",
            deployment("replicas: 1", "limits: {cpu: \"16\", memory: 64Gi, ephemeral-storage: 80Gi}"),
        ),
        (
            "a container that starts before",
            workload(
                "Deployment",
                "web",
                "replicas: 1",
                &format!(
                    "initContainers: [{}]\n      containers: [{}]",
                    container("load", "requests: {memory: 24Gi}"),
                    container("web", "")
                ),
            ),
        ),
        ("room for a rollout", deployment("replicas: 30", "requests: {cpu: 130m}, limits: {cpu: 250m}")),
        (
            "room for a rollout of all at once",
            deployment("replicas: 60\n  strategy: {rollingUpdate: {maxSurge: 60}}", ""),
        ),
        ("more pods than the default", deployment("replicas: 90", "limits: {cpu: 10m, memory: 10Mi}")),
        (
            "scaled to the most",
            hpa.to_owned() + &deployment("replicas: 2", "limits: {cpu: 10m, memory: 10Mi}"),
        ),
        (
            "volumes of a StatefulSet",
            workload(
                "StatefulSet",
                "db",
                &format!("serviceName: db\n  replicas: 25\n  {claims}"),
                &format!("containers: [{}]", container("db", "limits: {cpu: 10m}")),
            ),
        ),
        ("a large volume", claim("data", "500Gi")),
        ("many volumes", (0..30).map(|index| claim(&format!("a{index}"), "1Gi")).collect()),
        ("many ConfigMaps", many("ConfigMap", 100)),
        ("many Secrets", many("Secret", 120)),
    ];
    for (case, staging) in cases {
        let compiled = Compiled::of(&folder(&staging));
        assert_eq!(compiled.refused("staging", true), Vec::<String>::new(), "{case}\n{}", compiled.intent);
    }
}

#[test]
fn a_quota_that_is_there_stays_if_what_is_there_starts() {
    let quota = |hard: &str| object("ResourceQuota", "quota", &format!("spec: {{hard: {{{hard}}}}}"));
    let web = deployment("replicas: 4", "limits: {cpu: 1, memory: 1Gi}");
    let tight = Compiled::of(&folder(&(quota("pods: 4, limits.cpu: 4, limits.memory: 4Gi") + &web)));
    assert_eq!(tight.refused("staging", false), Vec::<String>::new(), "{}", tight.intent);
    assert!(tight.intent.contains("pods: 4\n") && tight.intent.contains("cpu: \"4\"\n"), "{}", tight.intent);
    let too_tight = Compiled::of(&folder(&(quota("pods: 3, limits.cpu: 3, requests.storage: 1Gi") + &web)));
    assert_eq!(too_tight.refused("staging", false), Vec::<String>::new(), "{}", too_tight.intent);
}

/// How many folders are made.
const CASES: u32 = 200;

fn amounts() -> impl Strategy<Value = String> {
    let cpu = prop::option::of(1_u32..3000);
    (cpu, prop::option::of(1_u32..4000), prop::option::of(1_u32..4000)).prop_map(|(cpu, memory, disk)| {
        let cpu = cpu.map(|cpu| format!("cpu: {cpu}m"));
        let memory = memory.map(|memory| format!("memory: {memory}Mi"));
        let disk = disk.map(|disk| format!("ephemeral-storage: {disk}Mi"));
        [cpu, memory, disk].into_iter().flatten().collect::<Vec<_>>().join(", ")
    })
}

/// Resources of a container; a request that is over its own limit would be refused today too.
fn resources() -> impl Strategy<Value = String> {
    prop_oneof![
        amounts().prop_map(|amounts| format!("requests: {{{amounts}}}")),
        amounts().prop_map(|amounts| format!("limits: {{{amounts}}}")),
    ]
}

fn generated() -> impl Strategy<Value = String> {
    let containers = |least: usize| prop::collection::vec(resources(), least..3);
    let one = (any::<bool>(), 0_u32..40, prop::option::of(0_u32..60), containers(0), containers(1));
    let range = prop::option::of((amounts(), amounts()));
    (prop::collection::vec(one, 0..4), range).prop_map(|(workloads, range)| {
        let mut text = String::new();
        if let Some((default, max)) = range {
            let spec =
                format!("spec: {{limits: [{{type: Container, default: {{{default}}}, max: {{{max}}}}}]}}");
            text += &object("LimitRange", "limits", &spec);
        }
        for (index, (stateful, replicas, surge, before, containers)) in workloads.into_iter().enumerate() {
            let listed = |name: &str, resources: Vec<String>| -> String {
                let one =
                    |(index, resources): (usize, String)| container(&format!("{name}{index}"), &resources);
                resources.into_iter().enumerate().map(one).collect::<Vec<_>>().join(", ")
            };
            let pod = format!(
                "initContainers: [{}]\n      containers: [{}]",
                listed("before", before),
                listed("c", containers)
            );
            let strategy = surge.map(|surge| {
                format!("\n  strategy: {{rollingUpdate: {{maxSurge: {surge}, maxUnavailable: 1}}}}")
            });
            let (kind, rest) = match stateful {
                true => ("StatefulSet", "\n  serviceName: db".to_owned()),
                false => ("Deployment", strategy.unwrap_or_default()),
            };
            text += &workload(kind, &format!("w{index}"), &format!("replicas: {replicas}{rest}"), &pod);
        }
        text
    })
}

#[test]
fn whatever_is_there_fits() {
    let mut runner =
        TestRunner::new_with_rng(Config::with_cases(CASES), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let outcome = runner.run(&generated(), |staging| {
        let compiled = Compiled::of(&folder(&staging));
        let refused = compiled.refused("staging", true);
        prop_assert!(refused.is_empty(), "{refused:#?}\n{}\n{staging}", compiled.intent);
        Ok(())
    });
    assert_eq!(outcome, Ok(()));
}
