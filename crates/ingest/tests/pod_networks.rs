//! How traffic gets to and from a pod other than by its own sockets: further networks, ports of its node, and hosts that
//! its node dials for it. And what its containers run.

mod support;

use std::sync::Arc;
use support::{deployment, read, read_files};
use watertight_model::{BlindScope, ContainerRole, Host, NetworkName, TargetPort};

/// A pod `staging/p` with these annotations.
fn annotated(annotations: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: staging, annotations: {annotations}}}\n\
         spec: {{containers: [{{name: c}}]}}\n"
    )
}

#[test]
fn n56_a_further_network_of_a_pod_is_a_blind_spot() {
    for key in ["k8s.v1.cni.cncf.io/networks", "v1.multus-cni.io/default-network"] {
        let annotated = |value: &str| annotated(&format!("{{{key}: {value}}}"));
        let read_one = read(&annotated("lan/one"));
        assert_eq!(
            read_one.blind_spots(),
            [("unevaluated-kind", BlindScope::Namespace("staging".to_owned()))],
            "{key}"
        );
        let spot = &read_one.snapshot().blind_spots[0];
        assert_eq!(read_one.under(spot.span.unwrap()), "lan/one");
        assert_eq!(spot.object.as_ref().unwrap().kind, "NetworkAttachmentDefinition");
        read(&annotated("\"\"")).assert_clean();
    }
}

/// A pod `staging/p` whose spec is this.
fn pod_of(spec: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: staging}}\nspec: {spec}\n")
}

#[test]
fn n35_a_host_that_the_node_dials_for_a_pod_is_a_blind_spot() {
    for (way, path) in [
        ("livenessProbe: {httpGet: {host: db.example, port: 80}}", "livenessProbe.httpGet"),
        ("readinessProbe: {tcpSocket: {port: 80, host: db.example}}", "readinessProbe.tcpSocket"),
        ("startupProbe: {httpGet: {port: 80, host: db.example}}", "startupProbe.httpGet"),
        ("lifecycle: {postStart: {httpGet: {host: db.example, port: 80}}}", "lifecycle.postStart.httpGet"),
        ("lifecycle: {preStop: {tcpSocket: {host: db.example, port: 80}}}", "lifecycle.preStop.tcpSocket"),
    ] {
        for spec in [
            format!("{{containers: [{{name: c, {way}}}]}}"),
            format!(
                "{{containers: [{{name: c}}], initContainers: [{{name: i, restartPolicy: Always, {way}}}]}}"
            ),
        ] {
            let read = read(&pod_of(&spec));
            assert_eq!(read.diagnostics(), Vec::<[String; 5]>::new(), "{spec}");
            let expected = [("probe-host", BlindScope::Namespace("staging".to_owned()))];
            assert_eq!(read.blind_spots(), expected, "{spec}");
            let spot = &read.snapshot().blind_spots[0];
            assert_eq!(read.under(spot.span.unwrap()), "db.example", "{spec}");
            assert_eq!(spot.object.as_ref().unwrap().to_string(), "Pod staging/p", "{spec}");
            assert!(spot.reason.contains(&format!("`{path}.host`")), "{}", spot.reason);
        }
    }
}

#[test]
fn n35_a_probe_of_the_pod_itself_is_none() {
    for host in
        ["", "host: null, ", "host: \"\", ", "host: 127.0.0.1, ", "host: \"::1\", ", "host: localhost, "]
    {
        let ways = format!(
            "livenessProbe: {{httpGet: {{{host}port: 80}}}}, lifecycle: {{preStop: {{tcpSocket: {{{host}port: 80}}}}}}"
        );
        read(&pod_of(&format!("{{containers: [{{name: c, {ways}}}]}}"))).assert_clean();
    }
    let others = "livenessProbe: {exec: {command: [x]}}, readinessProbe: {grpc: {port: 1}}, startupProbe: null, \
                  lifecycle: {postStart: {sleep: {seconds: 1}}}";
    read(&pod_of(&format!("{{containers: [{{name: c, {others}}}]}}"))).assert_clean();
}

#[test]
fn n35_each_host_in_a_template_is_a_blind_spot_of_its_workload() {
    let text = deployment("replicas: 2", "").replace(
        "{name: c}",
        "{name: c, livenessProbe: {tcpSocket: {host: 10.0.0.1, port: 1}}}, \
         {name: d, livenessProbe: {tcpSocket: {host: 10.0.0.2, port: 1}}}",
    );
    let found = read(&text);
    let spots = found.snapshot().blind_spots.iter();
    let places: Vec<_> = spots
        .map(|spot| (found.under(spot.span.unwrap()), spot.object.as_ref().unwrap().to_string()))
        .collect();
    let workload = "Deployment staging/web".to_owned();
    assert_eq!(places, [("10.0.0.1".to_owned(), workload.clone()), ("10.0.0.2".to_owned(), workload)]);
    let twice = read_files(&[("1.yaml", &text), ("2.yaml", &format!("# moved\n{text}"))]);
    assert_eq!(twice.rules(), ["duplicate-object"]);
    assert_eq!(twice.blind_spots().len(), 2);
}

#[test]
fn n56_further_networks_are_known_by_name() {
    let read = read(&annotated(
        "{k8s.v1.cni.cncf.io/networks: \"lan/one@net1, two\", v1.multus-cni.io/default-network: lan/three}",
    ));
    let named = |namespace: Option<&str>, name: &str| NetworkName {
        namespace: namespace.map(str::to_owned),
        name: name.to_owned(),
    };
    let [further, default] = read.pod().networks.as_slice() else { panic!("two annotations") };
    assert_eq!(further.names, Some(vec![named(Some("lan"), "one"), named(None, "two")]));
    assert_eq!(default.names, Some(vec![named(Some("lan"), "three")]));
    assert_eq!((further.replaces_default, default.replaces_default), (false, true));
    assert_eq!(read.under(default.span), "lan/three");
    assert_eq!(
        support::read(&annotated("{k8s.v1.cni.cncf.io/networks: \"[oops\"}")).pod().networks[0].names,
        None
    );
}

#[test]
fn n56_a_network_attachment_names_its_plugins_and_stays_a_blind_spot() {
    let text = |config: &str| {
        format!(
            "apiVersion: k8s.cni.cncf.io/v1\nkind: NetworkAttachmentDefinition\n\
             metadata: {{name: one, namespace: lan}}\nspec: {{config: '{config}'}}\n"
        )
    };
    for (config, plugins) in [
        (r#"{"type": "macvlan"}"#, vec!["macvlan"]),
        (r#"{"plugins": [{"type": "bridge"}, {"type": "tuning"}]}"#, vec!["bridge", "tuning"]),
        ("", vec![]),
        ("{oops", vec![]),
    ] {
        let read = read(&text(config));
        assert_eq!(read.snapshot().network_attachments[0].plugins, plugins, "{config}");
        assert_eq!(read.rules(), Vec::<&str>::new());
        assert_eq!(read.blind_spots(), [("unevaluated-kind", BlindScope::Everything)]);
    }
}

#[test]
fn n56_a_network_whose_plugins_make_no_interface_hides_nothing() {
    let definition = |namespace: &str, kind: &str| {
        format!(
            "apiVersion: k8s.cni.cncf.io/v1\nkind: NetworkAttachmentDefinition\n\
             metadata: {{name: mesh, namespace: {namespace}}}\nspec: {{config: '{{\"plugins\": [{{\"type\": \"{kind}\"}}]}}'}}\n"
        )
    };
    let asked = |key: &str, value: &str| annotated(&format!("{{{key}: {value}}}"));
    let with = |pod: &str, namespace: &str, kind: &str| {
        read_files(&[("pod.yaml", pod), ("network.yaml", &definition(namespace, kind))]).blind_spots().len()
    };
    let further = "k8s.v1.cni.cncf.io/networks";
    assert_eq!(with(&asked(further, "mesh"), "staging", "istio-cni"), 0);
    let and_another = r#"istio-cni"}, {"name": "of no type"#;
    assert_eq!(with(&asked(further, "mesh"), "staging", and_another), 2, "a plugin that may be any");
    assert_eq!(with(&asked(further, "other/mesh"), "other", "linkerd-cni"), 0);
    assert_eq!(with(&asked(further, "mesh"), "staging", "macvlan"), 2, "the network and the pod on it");
    assert_eq!(with(&asked(further, "mesh"), "other", "istio-cni"), 1, "another network of that name");
    assert_eq!(with(&asked(further, "\"mesh,lan\""), "staging", "istio-cni"), 1, "one of two");
    let default = "v1.multus-cni.io/default-network";
    assert_eq!(with(&asked(default, "mesh"), "staging", "istio-cni"), 1, "its namespace is not known");
}

#[test]
fn n35_a_dialed_host_has_its_port() {
    let host = |port: &str| {
        let probe = format!("{{name: c, livenessProbe: {{tcpSocket: {{host: db.example{port}}}}}}}");
        let read = read(&pod_of(&format!("{{containers: [{probe}]}}")));
        assert_eq!(read.blind_spots().len(), 1, "{port}");
        let dialed = &read.pod().dialed[0];
        assert_eq!(dialed.host, Host::Name("db.example".into()));
        (dialed.port.clone(), read.rules())
    };
    assert_eq!(host(", port: 80"), (Some(TargetPort::Number(80)), vec![]));
    assert_eq!(host(", port: \"80\""), (Some(TargetPort::Number(80)), vec!["invalid-name"]));
    assert_eq!(host(", port: web"), (Some(TargetPort::Named("web".into())), vec![]));
    assert_eq!(host(""), (None, vec!["missing-field"]));
    assert_eq!(host(", port: 70000"), (None, vec!["invalid-port-range"]));
    let probe = "{name: c, livenessProbe: {httpGet: {host: \"fd00::1\", port: 80}}}";
    let read = read(&pod_of(&format!("{{containers: [{probe}]}}")));
    assert_eq!(read.pod().dialed[0].host, Host::Address("fd00::1".parse().unwrap()));
}

#[test]
fn a_host_port_has_a_number_and_perhaps_an_address() {
    let port = |fields: &str| {
        let read =
            read(&pod_of(&format!("{{containers: [{{name: c, ports: [{{containerPort: 80{fields}}}]}}]}}")));
        assert_eq!(read.blind_spots(), []);
        let host_port = read.pod().ports[0].host_port.clone();
        (host_port.map(|port| (read.under(port.span), port.number, port.address)), read.rules())
    };
    let at = |address: &str| Some(("8080".to_owned(), 8080, address.parse().ok()));
    assert_eq!(port(""), (None, vec![]));
    assert_eq!(port(", hostPort: 0"), (None, vec![]));
    assert_eq!(port(", hostPort: 8080"), (at(""), vec![]));
    assert_eq!(port(", hostPort: 8080, hostIP: 0.0.0.0"), (at(""), vec![]));
    assert_eq!(port(", hostPort: 8080, hostIP: 127.0.0.1"), (at("127.0.0.1"), vec![]));
    assert_eq!(port(", hostPort: 8080, hostIP: here"), (at(""), vec!["invalid-value"]));
    assert_eq!(port(", hostPort: 80800"), (None, vec!["invalid-port-range"]));
}

#[test]
fn containers_are_known_by_what_they_run() {
    let read = read(&pod_of(
        "{containers: [{name: c, image: proxy:1, command: [/proxy], args: [\"--watch=$(HERE)\", \"{{ x }}\"]}], \
         initContainers: [{name: i}, {name: s, restartPolicy: Always, image: \"{{image}}\"}]}",
    ));
    read.assert_clean();
    let containers: Vec<_> = read
        .pod()
        .containers
        .iter()
        .map(|it| (it.name.as_str(), it.role, it.image.as_str(), it.arguments.join(" ")))
        .collect();
    assert_eq!(
        containers,
        [
            ("c", ContainerRole::Main, "proxy:1", "/proxy --watch=$(HERE) {{ x }}".to_owned()),
            ("i", ContainerRole::Init, "", String::new()),
            ("s", ContainerRole::Sidecar, "{{image}}", String::new()),
        ]
    );
}

#[test]
fn what_is_wrong_with_arguments_leaves_the_pod_as_it_is() {
    for (fields, arguments) in
        [("args: [--port, 80]", vec!["--port", "80"]), ("args: oops", vec![]), ("command: {a: b}", vec![])]
    {
        let read = read(&pod_of(&format!("{{containers: [{{name: c, {fields}}}]}}")));
        assert_eq!(read.rules(), ["wrong-type"], "{fields}");
        assert_eq!(read.blind_spots(), [], "{fields}");
        assert_eq!(read.pod().containers[0].arguments, arguments, "{fields}");
    }
}

#[test]
fn pods_that_run_the_same_share_what_they_run() {
    let pod = |name: &str, image: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\n\
             spec: {{containers: [{{name: c, image: {image}}}]}}\n"
        )
    };
    let read = read(&[pod("a", "web"), pod("b", "web"), pod("c", "other")].join("---\n"));
    let [a, b, c] = read.snapshot().pods.as_slice() else { panic!("three pods") };
    assert!(Arc::ptr_eq(&a.containers, &b.containers));
    assert_ne!(a.containers, c.containers);
}

#[test]
fn n56_interfaces_of_gke_are_further_networks() {
    let asked = |value: &str| {
        let read = read(&annotated(&format!("{{networking.gke.io/interfaces: '{value}'}}")));
        (read.pod().networks.len(), read.blind_spots().len())
    };
    assert_eq!(asked(r#"[{"interfaceName": "eth0", "network": "default"}]"#), (0, 0));
    assert_eq!(asked(r#"[{"interfaceName": "eth0", "network": "pod-network"}]"#), (0, 0));
    let two =
        r#"[{"interfaceName": "eth0", "network": "default"}, {"interfaceName": "eth1", "network": "blue"}]"#;
    for further in [two, r#"[{"interfaceName": "eth1"}]"#, "[oops", "{}"] {
        assert_eq!(asked(further), (1, 1), "{further}");
    }
}

#[test]
fn n35_what_a_pod_is_made_of_names_hosts() {
    let hosts = |spec: &str| {
        let read = read(&pod_of(spec));
        assert_eq!(read.blind_spots(), [], "{spec}");
        let dialed = read.pod().dialed.iter();
        dialed.map(|dialed| format!("{} {}", dialed.field, dialed.host)).collect::<Vec<_>>()
    };
    let of = |image: &str| hosts(&format!("{{containers: [{{name: c, image: '{image}'}}]}}"));
    assert_eq!(of("10.0.0.7:5000/a/b:1"), ["image 10.0.0.7"]);
    assert_eq!(of("[fd00::7]:5000/a@sha256:0"), ["image fd00::7"]);
    assert_eq!(of("registry.tools.svc:5000/a"), ["image registry.tools.svc"]);
    for image in
        ["a", "a:1", "library/a", "ghcr.io/a/b:1", "registry:5000/a", "localhost/a", "127.0.0.1:5000/a"]
    {
        assert_eq!(of(image), [""; 0], "{image}");
    }
    let volume = |volume: &str| {
        hosts(&format!("{{containers: [{{name: c, image: a}}], volumes: [{{name: v, {volume}}}]}}"))
    };
    assert_eq!(volume("nfs: {server: 'fd00::7', path: /}"), ["nfs.server fd00::7"]);
    assert_eq!(
        volume("iscsi: {targetPortal: '10.0.0.7:3260', portals: [10.0.0.8]}"),
        ["iscsi.targetPortal 10.0.0.7", "iscsi.portals 10.0.0.8"]
    );
    assert_eq!(
        volume("csi: {driver: a, volumeAttributes: {monitors: '10.0.0.7:1,10.0.0.8:1', size: '1'}}"),
        ["csi.volumeAttributes.monitors 10.0.0.7", "csi.volumeAttributes.monitors 10.0.0.8"]
    );
    assert_eq!(volume("image: {reference: '10.0.0.7/a'}"), ["image.reference 10.0.0.7"]);
    assert_eq!(volume("glusterfs: {endpoints: e, path: a}"), ["glusterfs.endpoints e"]);
}
