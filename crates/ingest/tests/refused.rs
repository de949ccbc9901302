//! What a Kubernetes 1.36 API server refuses although its meaning is clear. A test on a real server holds the reader to the
//! rest of it; here stand the rules by name.

mod support;

use support::{Read, policy, read};
use watertight_model::{Admission, ContainerRole};

/// A Pod `staging/p` with this metadata and spec, which are YAML in flow style.
fn pod_with(metadata: &str, spec: &str) -> Read {
    read(&format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{namespace: staging, {metadata}}}\nspec: {{{spec}}}\n"
    ))
}

/// A Pod with one container that has these further fields, and with these of its spec.
fn pod(container: &str, spec: &str) -> Read {
    pod_with("name: p", &format!("containers: [{{name: c, {container}}}], {spec}"))
}

fn service(spec: &str) -> Read {
    read(&format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: s, namespace: staging}}\nspec: {{{spec}}}\n"
    ))
}

/// The object is reported for this alone, and yet stands in the snapshot.
#[track_caller]
fn assert_refused(read: &Read, rule: &str) {
    assert_eq!(read.rules(), [rule], "{:?}", read.diagnostics());
    let severity = read.diagnostics()[0][0].clone();
    assert_eq!(severity, format!("error {rule}"));
    assert_eq!(read.blind_spots(), []);
}

#[test]
fn a_prefix_of_names_must_begin_a_name() {
    for prefix in ["Web-", "web_", "web.", "-", "a b-"] {
        let metadata = format!("generateName: \"{prefix}\"");
        assert_refused(&pod_with(&metadata, "containers: [{name: c}]"), "invalid-name");
        // It is looked at beside a name too.
        assert_refused(&pod_with(&format!("name: p, {metadata}"), "containers: [{name: c}]"), "invalid-name");
    }
    for prefix in ["web-", "web", "web.a-", "w"] {
        pod_with(&format!("generateName: {prefix}"), "containers: [{name: c}]").assert_clean();
    }
}

#[test]
fn names_leave_room_for_what_is_made_of_them() {
    let job = |kind: &str, length: usize| {
        let template = "{spec: {containers: [{name: c}]}}";
        let spec = match kind {
            "CronJob" => format!("{{jobTemplate: {{spec: {{template: {template}}}}}}}"),
            _ => format!("{{template: {template}}}"),
        };
        let name = "a".repeat(length);
        read(&format!("apiVersion: batch/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {spec}\n"))
    };
    job("Job", 63).assert_clean();
    assert_refused(&job("Job", 64), "invalid-name");
    job("CronJob", 52).assert_clean();
    assert_refused(&job("CronJob", 53), "invalid-name");
}

#[test]
fn an_owner_is_one_controller_of_a_group_and_a_version() {
    let owned =
        |owners: &str| pod_with(&format!("name: p, ownerReferences: [{owners}]"), "containers: [{name: c}]");
    let owner = |api_version: &str, kind: &str| {
        format!("{{apiVersion: {api_version}, kind: {kind}, name: o, uid: \"1\", controller: true}}")
    };
    owned(&owner("apps/v1", "ReplicaSet")).assert_clean();
    owned(&owner("v1", "ReplicationController")).assert_clean();
    for api_version in ["a/b/c", "apps/", "/"] {
        assert_refused(&owned(&owner(api_version, "ReplicaSet")), "invalid-value");
    }
    assert_refused(&owned(&owner("v1", "Event")), "invalid-value");
    let two = [owner("apps/v1", "ReplicaSet"), owner("batch/v1", "Job")].join(", ");
    assert_refused(&owned(&two), "invalid-value");
}

#[test]
fn labels_of_pod_security_are_levels_and_versions() {
    let namespace = |label: &str, value: &str| {
        read(&format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{name: a, labels: {{pod-security.kubernetes.io/{label}: \"{value}\"}}}}\n"
        ))
    };
    for mode in ["enforce", "audit", "warn"] {
        let version = format!("{mode}-version");
        let valid = [(mode, "privileged"), (mode, "restricted"), (&version, "latest"), (&version, "v1.0")];
        for (label, value) in valid {
            namespace(label, value).assert_clean();
        }
        let refused =
            [(mode, "Baseline"), (mode, ""), (&version, "1.33"), (&version, "v1.033"), (&version, "v1.33.1")];
        for (label, value) in refused {
            let read = namespace(label, value);
            assert_refused(&read, "invalid-label");
            assert_eq!(read.snapshot().namespaces[0].admission, Admission::Refused, "{label}: {value}");
        }
    }
}

#[test]
fn containers_have_names_of_their_own() {
    let containers = |text: &str| pod_with("name: p", text);
    assert_refused(&containers("containers: [{image: x}]"), "missing-field");
    assert_refused(&containers("containers: [null]"), "missing-field");
    assert_refused(&containers("containers: [{name: a}, {name: a}]"), "invalid-name");
    assert_refused(&containers("containers: [{name: a}], initContainers: [{name: a}]"), "invalid-name");
    assert_refused(&containers("containers: [{name: a.b}]"), "invalid-name");
    assert_refused(&containers("containers: [{name: a, image: 7}]"), "wrong-type");
}

#[test]
fn an_init_container_restarts_by_one_of_three_policies() {
    let policy = |value: &str| {
        pod_with(
            "name: p",
            &format!("containers: [{{name: c}}], initContainers: [{{name: i, restartPolicy: {value}}}]"),
        )
    };
    for (value, role) in [("Always", ContainerRole::Sidecar), ("Never", ContainerRole::Init)] {
        policy(value).assert_clean();
        assert_eq!(policy(value).pod().containers[1].role, role);
    }
    for value in ["always", "\"\""] {
        assert_refused(&policy(value), "invalid-value");
        assert_eq!(policy(value).pod().containers[1].role, ContainerRole::Init);
    }
}

#[test]
fn ports_of_a_pod_do_not_meet() {
    let ports = |ports: &str, spec: &str| pod(&format!("ports: [{ports}]"), spec);
    assert_refused(&ports("null", ""), "missing-field");
    assert_refused(&ports("{name: a}", ""), "missing-field");
    assert_refused(&ports("{containerPort: 1, name: a}, {containerPort: 2, name: a}", ""), "invalid-value");
    let same = "{containerPort: 1, hostPort: 80}, {containerPort: 2, hostPort: 80}";
    assert_refused(&ports(same, ""), "invalid-value");
    ports("{containerPort: 1, hostPort: 80}, {containerPort: 1, hostPort: 80, protocol: UDP}", "")
        .assert_clean();
    ports("{containerPort: 1, hostPort: 80}, {containerPort: 1, hostPort: 80, hostIP: 192.0.2.1}", "")
        .assert_clean();
    assert_refused(&ports("{containerPort: 1, hostPort: 80}", "hostNetwork: true"), "invalid-value");
    assert_refused(&ports("{containerPort: 1}, {containerPort: 1}", "hostNetwork: true"), "invalid-value");
    ports("{containerPort: 1}, {containerPort: 1}", "").assert_clean();
}

#[test]
fn any_host_address_is_taken() {
    for (text, address, rules) in [
        ("192.0.2.01", Some("192.0.2.1"), vec![]),
        ("\"::ffff:192.0.2.1\"", Some("192.0.2.1"), vec![]),
        ("localhost", None, vec!["invalid-value"]),
    ] {
        let read = pod(&format!("ports: [{{containerPort: 1, hostPort: 80, hostIP: {text}}}]"), "");
        assert_eq!(read.rules(), rules, "{text}");
        // It is no more than a warning.
        assert!(read.diagnostics().iter().all(|line| line[0].starts_with("warning")));
        let host_port = read.pod().ports[0].host_port.clone().unwrap();
        assert_eq!(host_port.address, address.map(|address| address.parse().unwrap()), "{text}");
    }
}

#[test]
fn n35_a_probe_asks_in_one_way_and_at_a_port() {
    for (handler, rule) in [
        ("{}", "missing-field"),
        ("{httpGet: null}", "missing-field"),
        ("{httpGet: {port: 80}, exec: {command: [x]}}", "invalid-value"),
        ("{tcpSocket: {}}", "missing-field"),
        ("{tcpSocket: {port: 0}}", "missing-field"),
        ("{tcpSocket: {port: 70000}}", "invalid-port-range"),
        ("{httpGet: {port: HTTP}}", "invalid-name"),
        ("{httpGet: {port: true}}", "wrong-type"),
    ] {
        assert_refused(&pod(&format!("readinessProbe: {handler}"), ""), rule);
        assert_refused(&pod(&format!("lifecycle: {{preStop: {handler}}}"), ""), rule);
    }
    for handler in ["{grpc: {port: 80}}", "{exec: {command: [x]}}", "{httpGet: {port: http}}"] {
        pod(&format!("livenessProbe: {handler}"), "").assert_clean();
    }
}

#[test]
fn tolerations_fit_a_taint() {
    for toleration in [
        "null",
        "{}",
        "{value: v}",
        "{key: k, operator: Exists, value: v}",
        "{key: k, operator: In}",
        "{key: k, operator: Gt, value: \"7\"}",
        "{key: k, effect: Never}",
    ] {
        assert_refused(&pod("", &format!("tolerations: [{toleration}]")), "invalid-value");
    }
    for toleration in ["{key: -k}", "{key: k, value: -v}"] {
        assert_refused(&pod("", &format!("tolerations: [{toleration}]")), "invalid-label");
    }
    assert_refused(&pod("", "nodeName: Node"), "invalid-name");
}

#[test]
fn a_node_affinity_that_is_refused_keeps_no_pod_away() {
    let affinity = |terms: &str| {
        pod(
            "",
            &format!(
                "affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: {terms}}}}}}}"
            ),
        )
    };
    for (terms, rule) in [
        ("[]", "invalid-value"),
        ("x", "wrong-type"),
        ("[{matchExpressions: x}]", "wrong-type"),
        ("[{matchExpressions: [{key: k, operator: Equals, values: [v]}]}]", "invalid-value"),
        ("[{matchFields: [{key: k, operator: In, values: [v]}]}]", "invalid-value"),
        ("[{matchFields: [{key: metadata.name, operator: Exists}]}]", "invalid-value"),
    ] {
        let read = affinity(terms);
        assert_eq!(read.rules(), [rule], "{terms}");
        let kept = read.pod().scheduling.node_affinity.clone();
        assert!(kept.is_none_or(|terms| terms == [vec![]]), "{terms}");
        assert_eq!(read.blind_spots(), []);
    }
    let two = "[{matchExpressions: [{key: k, operator: Gt, values: [\"1\", \"2\"]}]}]";
    assert_refused(&affinity(two), "invalid-value");
}

#[test]
fn n23_an_empty_protocol_is_tcp_for_pods_and_services_and_refused_in_policies() {
    let read = read(&policy("{podSelector: {}, ingress: [{ports: [{protocol: \"\", port: 80}]}]}"));
    assert_refused(&read, "invalid-value");
    assert_eq!(read.policy().admission, Admission::Refused);
    pod("ports: [{containerPort: 80, protocol: \"\"}]", "").assert_clean();
    service("ports: [{port: 80, protocol: \"\"}]").assert_clean();
}

#[test]
fn services_are_held_to_their_type() {
    let port = "ports: [{port: 80}]";
    for (spec, rule) in [
        ("selector: {app: web}".to_owned(), "missing-field"),
        ("ports: [{port: 80, name: A}]".to_owned(), "invalid-name"),
        ("ports: [{port: 80, name: a}, {port: 81, name: a}]".to_owned(), "invalid-name"),
        ("ports: [{port: 80, name: a}, {port: 80, name: b}]".to_owned(), "invalid-value"),
        ("type: LoadBalancer, ports: [{port: 10250}]".to_owned(), "invalid-value"),
        (format!("{port}, clusterIPs: [None]"), "invalid-value"),
        (format!("{port}, clusterIP: None, clusterIPs: [None, 10.96.0.7]"), "invalid-value"),
        ("type: ExternalName, externalName: a.example, clusterIP: None".to_owned(), "invalid-value"),
        ("type: ExternalName, externalName: a.example, ipFamilies: [IPv4]".to_owned(), "invalid-value"),
        ("type: ExternalName, externalName: a_b.example".to_owned(), "invalid-name"),
        ("type: ExternalName, externalName: .".to_owned(), "missing-field"),
        (format!("{port}, ipFamilies: [IPv4, IPv4]"), "invalid-value"),
        (format!("{port}, externalIPs: [127.0.0.1]"), "invalid-value"),
        (format!("{port}, loadBalancerSourceRanges: [10.0.0.0/8]"), "invalid-value"),
        (format!("{port}, loadBalancerClass: example.com/lb"), "invalid-value"),
        (format!("{port}, type: LoadBalancer, loadBalancerClass: a/b/c"), "invalid-value"),
        (format!("{port}, allocateLoadBalancerNodePorts: false"), "invalid-value"),
        (format!("{port}, externalTrafficPolicy: Local"), "invalid-value"),
        (format!("{port}, internalTrafficPolicy: \"\""), "invalid-value"),
    ] {
        let read = service(&spec);
        assert_refused(&read, rule);
        assert_eq!(read.snapshot().services[0].admission, Admission::Refused, "{spec}");
    }
    for spec in [
        format!("{port}, externalIPs: [192.0.2.1], externalTrafficPolicy: Local"),
        "clusterIP: None, clusterIPs: [None], selector: {app: web}".to_owned(),
        "type: ExternalName, externalName: a.example., ports: [{port: 80, nodePort: 30080}]".to_owned(),
    ] {
        service(&spec).assert_clean();
    }
}

#[test]
fn more_replicas_than_a_cluster_counts_are_refused() {
    let read = read(&support::deployment("replicas: 2147483648", ""));
    assert_refused(&read, "invalid-value");
}
