//! Pods, the workloads that make them, and what else the snapshot holds.

mod support;

use support::{Read, deployment, read, read_files};
use watertight_base::{Operator, Protocol, Requirement};
use watertight_model::{BlindScope, ContainerRole, PodState, Replicas, TaintEffect};

/// A workload `staging/w` of this kind whose spec is this and a template.
fn workload(api_version: &str, kind: &str, spec: &str) -> String {
    format!(
        "apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: w, namespace: staging}}\n\
         spec: {{{spec} template: {{metadata: {{labels: {{app: w}}}}, spec: {{containers: [{{name: c}}]}}}}}}\n"
    )
}

const SELECTOR: &str = "selector: {matchLabels: {app: w}},";

/// A pod `staging/NAME` with an owner and a status.
fn pod(name: &str, owner: &str, status: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: staging, labels: {{app: w}}{owner}}}\n\
         spec: {{containers: [{{name: c}}]}}\nstatus: {status}\n"
    )
}

fn owned_by(kind: &str, name: &str) -> String {
    format!(", ownerReferences: [{{apiVersion: x, kind: {kind}, name: {name}, uid: u, controller: true}}]")
}

/// Each pod as workload kind, workload name and origin.
fn workloads(read: &Read) -> Vec<(&str, &str, &str)> {
    let names =
        read.snapshot().pods.iter().map(|pod| {
            (pod.workload.kind.as_str(), pod.workload.name.as_str(), pod.origin.object.name.as_str())
        });
    names.collect()
}

#[test]
fn every_workload_kind_gives_its_pod() {
    let job = "jobTemplate: {spec: {template: {spec: {containers: [{name: c}]}}}}";
    let cron_job = format!(
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: w, namespace: staging}}\nspec: {{{job}}}\n"
    );
    for (text, kind, replicas, template) in [
        (workload("apps/v1", "Deployment", SELECTOR), "Deployment", Replicas::One, "/spec/template"),
        (
            workload("apps/v1", "StatefulSet", &format!("{SELECTOR} replicas: 2,")),
            "StatefulSet",
            Replicas::Many,
            "/spec/template",
        ),
        (workload("apps/v1", "DaemonSet", SELECTOR), "DaemonSet", Replicas::Many, "/spec/template"),
        (workload("apps/v1", "ReplicaSet", SELECTOR), "ReplicaSet", Replicas::One, "/spec/template"),
        (
            workload("v1", "ReplicationController", ""),
            "ReplicationController",
            Replicas::One,
            "/spec/template",
        ),
        (workload("batch/v1", "Job", ""), "Job", Replicas::One, "/spec/template"),
        (workload("batch/v1", "Job", "parallelism: 2,"), "Job", Replicas::Many, "/spec/template"),
        (workload("batch/v1", "Job", "suspend: true,"), "Job", Replicas::One, "/spec/template"),
        (cron_job, "CronJob", Replicas::Many, "/spec/jobTemplate/spec/template"),
    ] {
        let read = read(&text);
        read.assert_clean();
        let pod = read.pod();
        assert_eq!((pod.workload.kind.as_str(), pod.workload.name.as_str()), (kind, "w"), "{text}");
        assert_eq!((pod.replicas, pod.template), (replicas, template), "{text}");
        assert_eq!(pod.state, PodState::Active);
        assert_eq!(pod.scheduling.daemon, kind == "DaemonSet");
    }
}

#[test]
fn a_workload_scaled_to_nothing_gives_no_pod() {
    let text = workload("apps/v1", "Deployment", &format!("{SELECTOR} replicas: 0,"));
    assert!(read(&text).snapshot().pods.is_empty());
    let text =
        workload("batch/v1", "Job", "") + "status: {conditions: [{type: Complete, status: \"True\"}]}\n";
    assert!(read(&text).snapshot().pods.is_empty());
    let text =
        workload("batch/v1", "Job", "") + "status: {conditions: [{type: Complete, status: \"False\"}]}\n";
    assert_eq!(read(&text).snapshot().pods.len(), 1);
}

#[test]
fn an_autoscaler_makes_many_of_one() {
    let hpa = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: h, namespace: staging}\n\
               spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: w}}\n";
    let read = read(&format!("{}---\n{hpa}", workload("apps/v1", "Deployment", SELECTOR)));
    read.assert_clean();
    assert_eq!(read.pod().replicas, Replicas::Many);
}

#[test]
fn pods_are_known_by_the_topmost_owner_that_the_input_holds() {
    let replica_set = workload("apps/v1", "ReplicaSet", SELECTOR)
        .replace("name: w, namespace", "name: w-1, namespace")
        .replace("namespace: staging}", &format!("namespace: staging{}}}", owned_by("Deployment", "w")));
    let live = pod("w-1-x", &owned_by("ReplicaSet", "w-1"), "{phase: Running, podIP: 10.0.0.1}");
    let deployment = workload("apps/v1", "Deployment", SELECTOR);
    // All three: the Deployment, seen through its pod alone.
    let all = read(&[deployment.as_str(), &replica_set, &live].join("---\n"));
    all.assert_clean();
    assert_eq!(workloads(&all), [("Deployment", "w", "w-1-x")]);
    // Without the Deployment: the ReplicaSet is the topmost that is held.
    let two = read(&[replica_set.as_str(), &live].join("---\n"));
    assert_eq!(workloads(&two), [("ReplicaSet", "w-1", "w-1-x")]);
    // Alone: what the pod says.
    assert_eq!(workloads(&read(&live)), [("ReplicaSet", "w-1", "w-1-x")]);
    // No pod yet: one template, that of the topmost.
    let none = read(&[deployment.as_str(), &replica_set].join("---\n"));
    assert_eq!(workloads(&none), [("Deployment", "w", "w")]);
}

#[test]
fn owners_of_kinds_that_are_not_evaluated_count_too() {
    let rollout =
        "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: w, namespace: staging}\n";
    let live = pod("w-x", &owned_by("Rollout", "w"), "{phase: Running, podIP: 10.0.0.1}");
    let read = read(&format!("{rollout}---\n{live}"));
    assert_eq!(workloads(&read), [("Rollout", "w", "w-x")]);
    assert_eq!(read.blind_spots(), [("unevaluated-kind", BlindScope::Everything)]);
}

#[test]
fn no_owner_hides_pods_that_its_own_template_does_not_show() {
    let owned = |owner: &str, spec: &str| {
        let metadata = format!("namespace: staging{}}}", owned_by(owner, "o"));
        workload("apps/v1", "ReplicaSet", &format!("{SELECTOR}{spec}"))
            .replace("namespace: staging}", &metadata)
    };
    let owner = |spec: &str| {
        workload("apps/v1", "Deployment", &format!("{SELECTOR}{spec}")).replace("name: w,", "name: o,")
    };
    let config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: o, namespace: staging}\n";
    let of_config = read(&format!("{config}---\n{}", owned("ConfigMap", "")));
    assert_eq!(workloads(&of_config).len(), 1, "an owner that makes no pods");
    let of_none = read(&format!("{}---\n{}", owner("replicas: 0,"), owned("Deployment", "")));
    assert_eq!(workloads(&of_none), [("Deployment", "o", "w")], "an owner scaled to nothing");
    let host = owned("Deployment", "").replace("containers", "hostNetwork: true, containers");
    let of_ordinary = read(&format!("{}---\n{host}", owner("")));
    let on_host: Vec<bool> =
        of_ordinary.snapshot().pods.iter().map(|pod| pod.host_network.is_some()).collect();
    assert_eq!(on_host, [false, true], "an owner whose pods are off the host network");
    let live = pod("p", &owned_by("ReplicaSet", "w"), "{phase: Running, podIP: 10.0.0.1}");
    let behind_a_pod = read(&format!(
        "{live}---\n{}",
        workload("apps/v1", "ReplicaSet", SELECTOR).replace("containers", "hostNetwork: true, containers")
    ));
    assert_eq!(behind_a_pod.snapshot().pods.len(), 2, "a pod that is not as its template says");
    let in_a_ring = read(&owned("ReplicaSet", "").replace("name: o", "name: w"));
    assert_eq!(in_a_ring.snapshot().pods.len(), 1, "an owner that is the object itself");
}

#[test]
fn a_static_pod_is_itself_and_a_nameless_owner_kind_is_a_pod() {
    assert_eq!(workloads(&read(&pod("etcd-a", &owned_by("Node", "a"), "{}"))), [("Pod", "etcd-a", "etcd-a")]);
    let nameless = ", ownerReferences: [{name: o, controller: true}]";
    assert_eq!(workloads(&read(&pod("p", nameless, "{}"))), [("Pod", "o", "p")]);
    let not_controlling = ", ownerReferences: [{kind: Job, name: o}]";
    assert_eq!(workloads(&read(&pod("p", not_controlling, "{}"))), [("Pod", "p", "p")]);
}

#[test]
fn owners_in_a_ring_end() {
    let ring = |name: &str, owner: &str| {
        workload("apps/v1", "ReplicaSet", SELECTOR)
            .replace("name: w, namespace", &format!("name: {name}, namespace"))
            .replace("namespace: staging}", &format!("namespace: staging{}}}", owned_by("ReplicaSet", owner)))
    };
    let live = pod("p", &owned_by("ReplicaSet", "a"), "{}");
    let read = read(&[ring("a", "b"), ring("b", "a"), live].join("---\n"));
    assert_eq!(workloads(&read), [("ReplicaSet", "b", "p")]);
}

#[test]
fn an_owner_of_another_uid_is_another_object() {
    let old = workload("apps/v1", "ReplicaSet", SELECTOR).replace("name: w,", "name: w, uid: other,");
    let live = pod("p", &owned_by("ReplicaSet", "w"), "{phase: Running, podIP: 10.0.0.1}");
    let read = read(&format!("{old}---\n{live}"));
    assert_eq!(workloads(&read), [("ReplicaSet", "w", "p"), ("ReplicaSet", "w", "w")]);
}

#[test]
fn n55_finished_pods_and_pods_without_address_are_known_as_such() {
    for (status, state) in [
        ("{}", PodState::Active),
        ("null", PodState::Active),
        ("{phase: Running, podIP: 10.0.0.1}", PodState::Active),
        ("{phase: Pending, podIPs: [{ip: 10.0.0.1}]}", PodState::Active),
        ("{phase: Pending}", PodState::NoAddress),
        ("{phase: Running}", PodState::NoAddress),
        ("{phase: Succeeded, podIP: 10.0.0.1}", PodState::Finished),
        ("{phase: Failed}", PodState::Finished),
    ] {
        assert_eq!(read(&pod("p", "", status)).pod().state, state, "{status}");
    }
}

#[test]
fn a_workload_whose_pods_are_all_finished_is_seen_through_its_template() {
    let finished = pod("p", &owned_by("CronJob", "w"), "{phase: Succeeded}");
    let cron_job = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: w, namespace: staging}\n\
                    spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: c}]}}}}}\n";
    let read = read(&format!("{cron_job}---\n{finished}"));
    assert_eq!(workloads(&read), [("CronJob", "w", "p"), ("CronJob", "w", "w")]);
}

#[test]
fn addresses_of_both_families_are_read_once_each() {
    let read =
        read(&pod("p", "", "{phase: Running, podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}, {ip: \"fd00::1\"}]}"));
    let expected: [std::net::IpAddr; 2] = ["10.0.0.1".parse().unwrap(), "fd00::1".parse().unwrap()];
    assert_eq!(read.pod().addresses, expected);
}

#[test]
fn n30_ports_keep_the_sort_of_their_container() {
    let read = read(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: a, ports: [{containerPort: 80, name: http}]}]\n  \
         initContainers:\n  - {name: b, restartPolicy: Always, ports: [{containerPort: 81, protocol: UDP}]}\n  \
         - {name: c, ports: [{containerPort: 82}]}\n",
    );
    read.assert_clean();
    let ports: Vec<_> = read
        .pod()
        .ports
        .iter()
        .map(|port| (port.name.as_deref(), port.number, port.protocol, port.container))
        .collect();
    assert_eq!(
        ports,
        [
            (Some("http"), 80, Protocol::Tcp, ContainerRole::Main),
            (None, 81, Protocol::Udp, ContainerRole::Sidecar),
            (None, 82, Protocol::Tcp, ContainerRole::Init),
        ]
    );
}

#[test]
fn host_network_has_a_place() {
    let read = read(&deployment("replicas: 1", "hostNetwork: true"));
    assert_eq!(read.under(read.pod().host_network.unwrap()), "true");
    assert_eq!(read.under(read.pod().labels_span), "{app: web}");
    assert_eq!(support::read(&deployment("replicas: 1", "hostNetwork: false")).pod().host_network, None);
}

#[test]
fn scheduling_keeps_what_labels_can_answer() {
    let read = read(&deployment(
        "replicas: 1",
        "nodeName: a, nodeSelector: {pool: blue}, tolerations: [{key: k, value: v, effect: NoSchedule}, \
         {operator: Exists}], affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: \
         {nodeSelectorTerms: [{matchExpressions: [{key: zone, operator: In, values: [z]}]}, \
         {matchExpressions: [{key: cpus, operator: Gt, values: [\"4\"]}]}, {matchFields: [{key: metadata.name, operator: In, values: [node-1]}]}, {}]}}}",
    ));
    read.assert_clean();
    let scheduling = &read.pod().scheduling;
    assert_eq!(scheduling.node_name.as_deref(), Some("a"));
    assert_eq!(scheduling.node_selector["pool"], "blue");
    let zone = Requirement { key: "zone".into(), operator: Operator::In, values: vec!["z".into()] };
    assert_eq!(scheduling.node_affinity, Some(vec![vec![zone], vec![], vec![]]));
    assert_eq!(scheduling.tolerations[0].effect, Some(TaintEffect::NoSchedule));
    assert!(!scheduling.tolerations[0].exists);
    assert!(scheduling.tolerations[1].exists && scheduling.tolerations[1].key.is_none());
}

#[test]
fn n17_every_namespace_has_its_name_as_a_label() {
    let read = read(
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {env: dev}}\n---\n\
         apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: b}\n",
    );
    read.assert_clean();
    let [a, b] = read.snapshot().namespaces.as_slice() else { panic!("two namespaces") };
    let labels = a.labels.as_ref().unwrap();
    assert_eq!(labels["kubernetes.io/metadata.name"], "a");
    assert_eq!(read.under(a.label_spans["env"]), "dev");
    assert!(a.origin.is_some() && a.first_seen.is_none());
    assert_eq!((b.name.as_str(), &b.labels), ("b", &None));
    assert_eq!(b.first_seen.as_ref().unwrap().object.to_string(), "ConfigMap b/c");
}

#[test]
fn a_namespace_that_is_not_clear_exists_with_unknown_labels() {
    let read = read("apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: [x]}\n");
    assert_eq!(read.blind_spots(), [("wrong-type", BlindScope::Everything)]);
    assert_eq!(read.snapshot().namespaces[0].labels, None);
}

#[test]
fn nodes_tell_addresses_taints_and_the_oldest_version() {
    let node = |name: &str, version: &str| {
        format!(
            "apiVersion: v1\nkind: Node\nmetadata: {{name: {name}, labels: {{zone: z}}}}\n\
             spec: {{podCIDR: 10.1.0.0/24, podCIDRs: [10.1.0.0/24], taints: [{{key: k, effect: NoSchedule}}]}}\n\
             status: {{addresses: [{{type: InternalIP, address: 192.0.2.1}}, {{type: Hostname, address: a}}], \
             nodeInfo: {{kubeletVersion: {version}}}}}\n"
        )
    };
    let read = read(&[node("b", "v1.36.3"), node("a", "v1.9.0-eks-1")].join("---\n"));
    read.assert_clean();
    assert_eq!(read.snapshot().kubernetes_version.as_deref(), Some("1.9"));
    let first = &read.snapshot().nodes[0];
    assert_eq!(first.name, "a");
    assert_eq!(first.addresses, ["192.0.2.1".parse::<std::net::IpAddr>().unwrap()]);
    assert_eq!(first.pod_cidrs, ["10.1.0.0/24".parse().unwrap()]);
    assert_eq!(first.taints[0].effect, TaintEffect::NoSchedule);
}

#[test]
fn everything_is_sorted_whatever_the_order_of_the_input() {
    let one = pod("b", "", "{}") + "---\n" + &pod("a", "", "{}").replace("staging", "zeta");
    let two = deployment("replicas: 1", "").replace("staging", "alpha");
    let names = |read: &Read| -> Vec<String> {
        read.snapshot().pods.iter().map(|pod| pod.origin.object.to_string()).collect()
    };
    let forth = read_files(&[("1.yaml", &one), ("2.yaml", &two)]);
    let back = read_files(&[("2.yaml", &two), ("1.yaml", &one)]);
    assert_eq!(names(&forth), ["Deployment alpha/web", "Pod staging/b", "Pod zeta/a"]);
    assert_eq!(names(&forth), names(&back));
    let spaces: Vec<_> = forth.snapshot().pods.iter().map(|pod| pod.namespace.0).collect();
    assert_eq!(spaces, [0, 1, 2]);
}

#[test]
fn generated_names_are_distinct_objects() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {generateName: job-}\nspec: {containers: [{name: c}]}\n";
    let read = read(&format!("{text}---\n{text}"));
    read.assert_clean();
    assert_eq!(read.snapshot().pods.len(), 2);
}

#[test]
fn n43_a_pod_that_is_left_out_hides_an_address_that_counts_in_every_namespace() {
    let read = read(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: agent, namespace: monitoring}\nspec: {nodeSelector: [oops], containers: [{name: c, image: x}]}\nstatus: {podIP: 30.1.0.9}\n",
    );
    assert_eq!(read.blind_spots(), [("wrong-type", BlindScope::Everything)]);
}

#[test]
fn a_pod_is_there_to_stay_as_long_as_what_it_is_of() {
    let is_passing = |text: &str| read(text).pod().is_passing;
    for (mark, expected) in [
        (", annotations: {helm.sh/hook: test}", true),
        (", annotations: {config.kubernetes.io/local-config: 'true'}", true),
        (", deletionTimestamp: '2026-11-01T10:00:00Z'", true),
        (", annotations: {config.kubernetes.io/local-config: 'false'}", false),
        ("", false),
    ] {
        let (alone, owned) = (pod("p", mark, "{}"), pod("p", &owned_by("Deployment", "w"), "{}"));
        assert_eq!(is_passing(&alone), expected, "{alone}");
        let owner = workload("apps/v1", "Deployment", SELECTOR);
        let owner = owner.replace("namespace: staging}", &format!("namespace: staging{mark}}}"));
        assert_eq!(is_passing(&owner), expected, "{owner}");
        assert_eq!(is_passing(&format!("{owner}---\n{owned}")), expected, "{owner}");
    }
    // Another one comes for a pod that is being deleted.
    let deleted =
        pod("p", &(owned_by("Deployment", "w") + ", deletionTimestamp: '2026-11-01T10:00:00Z'"), "{}");
    assert!(!is_passing(&format!("{}---\n{deleted}", workload("apps/v1", "Deployment", SELECTOR))));
    assert!(is_passing(&deleted), "nobody knows what it is of");
}
