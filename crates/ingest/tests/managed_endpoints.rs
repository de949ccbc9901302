//! Endpoints that a controller keeps are no blind spot while all that they say follows from the rest of the input.

mod support;

use support::{Read, read_files};

const SERVICE: &str = "\
apiVersion: v1
kind: Service
metadata: {name: web, namespace: staging}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: web}, {name: dns, port: 53, protocol: UDP}]
";

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: staging, labels: {app: web, more: here}}
spec:
  containers: [{name: c, ports: [{name: web, containerPort: 8080}]}]
status: {phase: Running, podIP: 10.244.0.5}
";

const SLICE: &str = "\
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: web-x
  namespace: staging
  labels:
    endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io
    kubernetes.io/service-name: web
addressType: IPv4
endpoints:
- addresses: [10.244.0.5]
ports: [{name: http, port: 8080}, {name: dns, port: 53, protocol: UDP}]
";

const ENDPOINTS: &str = "\
apiVersion: v1
kind: Endpoints
metadata: {name: web, namespace: staging, labels: {endpoints.kubernetes.io/managed-by: endpoint-controller}}
subsets: [{addresses: [{ip: 10.244.0.5}], ports: [{name: http, port: 8080}]}]
";

/// A pod of the other side with an address of its own.
const TARGET: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: db-0, namespace: production, labels: {app: web}}
spec: {containers: [{name: c}]}
status: {phase: Running, podIP: 10.244.0.9}
";

fn dump(objects: &[&str]) -> Read {
    let names: Vec<String> = (0..objects.len()).map(|index| format!("{index}.yaml")).collect();
    let files: Vec<(&str, &str)> =
        names.iter().zip(objects).map(|(name, text)| (name.as_str(), *text)).collect();
    let read = read_files(&files);
    assert_eq!(read.rules(), Vec::<&str>::new(), "{:?}", read.diagnostics());
    read
}

/// Replaces a part of a text that is there.
#[track_caller]
fn edit(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "no {from}");
    text.replace(from, to)
}

#[track_caller]
fn assert_blind(objects: &[&str]) {
    let spots = dump(objects).blind_spots();
    assert_eq!(spots.iter().map(|spot| spot.0).collect::<Vec<_>>(), ["unevaluated-kind"], "{objects:#?}");
}

#[test]
fn endpoints_that_follow_from_the_input_are_no_blind_spot() {
    dump(&[SERVICE, POD, TARGET, SLICE, ENDPOINTS]).assert_clean();
    let empty = edit(SLICE, "endpoints:\n- addresses: [10.244.0.5]\n", "endpoints: []\n");
    dump(&[SERVICE, &empty]).assert_clean();
    // All of it is in the snapshot nevertheless.
    assert_eq!(dump(&[SERVICE, POD, SLICE, ENDPOINTS]).snapshot().endpoints.len(), 2);
}

#[test]
fn what_claims_to_be_of_a_controller_and_leads_elsewhere_is_a_blind_spot() {
    let to_target = edit(SLICE, "10.244.0.5", "10.244.0.9");
    for slice in [
        to_target.as_str(),
        // One of several addresses is enough.
        &edit(SLICE, "- addresses: [10.244.0.5]", "- addresses: [10.244.0.5]\n- addresses: [10.244.0.9]"),
        // What it says to be does not count.
        &edit(
            &to_target,
            "[10.244.0.9]",
            "[10.244.0.9]\n  targetRef: {kind: Pod, name: web-1, namespace: staging}",
        ),
        &edit(SLICE, "10.244.0.5", "10.244.0.77"),
        &edit(SLICE, "port: 8080", "port: 9000"),
        &edit(SLICE, "{name: http, port: 8080}", "{name: http}"),
        &edit(SLICE, "name: http", "name: other"),
        &edit(SLICE, "port: 53, protocol: UDP", "port: 53"),
        &edit(SLICE, "service-name: web", "service-name: other"),
        &edit(SLICE, "kubernetes.io/service-name: web", "unused: web"),
        &edit(SLICE, "endpointslice-controller.k8s.io", "me"),
        &edit(SLICE, "endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io"),
        &edit(SLICE, "managed-by", "written-by"),
        &edit(SLICE, "namespace: staging", "namespace: production"),
    ] {
        assert_blind(&[SERVICE, POD, TARGET, slice]);
    }
    assert_blind(&[SERVICE, POD, TARGET, &edit(ENDPOINTS, "10.244.0.5", "10.244.0.9")]);
    assert_blind(&[SERVICE, POD, TARGET, &edit(ENDPOINTS, "endpoint-controller", "me")]);
}

#[test]
fn a_service_that_no_controller_keeps_endpoints_for_explains_none() {
    assert_blind(&[POD, SLICE]);
    assert_blind(&[&edit(SERVICE, "  selector: {app: web}\n", ""), POD, SLICE]);
    assert_blind(&[&edit(SERVICE, "{app: web}", "{app: other}"), POD, SLICE]);
    let alias = edit(SERVICE, "spec:", "spec:\n  type: ExternalName\n  externalName: elsewhere.example");
    assert_blind(&[&alias, POD, SLICE]);
}

#[test]
fn an_address_that_may_be_of_another_namespace_explains_nothing() {
    let there_too = edit(TARGET, "10.244.0.9", "10.244.0.5");
    assert_blind(&[SERVICE, POD, &there_too, SLICE]);
    let on_host = edit(&there_too, "{containers", "{hostNetwork: true, containers");
    dump(&[SERVICE, POD, &on_host, SLICE]).assert_clean();
    // Its address may be another pod's by now.
    assert_blind(&[SERVICE, &edit(POD, "Running", "Succeeded"), SLICE]);
    assert_blind(&[SERVICE, &edit(POD, "podIP", "hostIP"), SLICE]);
}

const API_SERVER: &str = "\
apiVersion: v1
kind: Service
metadata: {name: kubernetes, namespace: default}
spec: {ports: [{name: https, port: 443, targetPort: 6443}]}
";

const OF_THE_API_SERVER: &str = "\
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: kubernetes, namespace: default, labels: {kubernetes.io/service-name: kubernetes}}
addressType: IPv4
endpoints: [{addresses: [172.31.0.1], conditions: {ready: true}}]
ports: [{name: https, port: 6443}]
---
apiVersion: v1
kind: Endpoints
metadata: {name: kubernetes, namespace: default, labels: {endpointslice.kubernetes.io/skip-mirror: 'true'}}
subsets: [{addresses: [{ip: 172.31.0.1}], ports: [{name: https, port: 6443}]}]
";

#[test]
fn the_endpoints_of_the_api_server_are_no_blind_spot_where_no_pod_is() {
    dump(&[API_SERVER, OF_THE_API_SERVER, TARGET]).assert_clean();
    let node = "apiVersion: v1\nkind: Node\nmetadata: {name: node-1}\nspec: {podCIDRs: [10.244.0.0/24]}\n";
    dump(&[API_SERVER, OF_THE_API_SERVER, node]).assert_clean();
    // An API server that runs as a static pod has its node's address.
    let as_pod = edit(TARGET, "{containers", "{hostNetwork: true, containers");
    let as_pod = edit(&as_pod, "10.244.0.9", "172.31.0.1");
    dump(&[API_SERVER, OF_THE_API_SERVER, &as_pod, node]).assert_clean();
}

#[test]
fn what_only_bears_the_name_of_the_api_server_is_a_blind_spot() {
    let spots = |objects: &[&str]| dump(objects).blind_spots().len();
    let at = |address: &str| edit(OF_THE_API_SERVER, "172.31.0.1", address);
    let node = "apiVersion: v1\nkind: Node\nmetadata: {name: node-1}\nspec: {podCIDRs: [10.244.0.0/24]}\n";
    assert_eq!(spots(&[API_SERVER, &at("10.244.0.9"), TARGET]), 2);
    assert_eq!(spots(&[API_SERVER, &at("10.244.0.77"), TARGET, node]), 2);
    // Nothing tells where pods are.
    assert_eq!(spots(&[API_SERVER, OF_THE_API_SERVER]), 2);
    assert_eq!(spots(&[OF_THE_API_SERVER, TARGET]), 2);
    let elsewhere = |text: &str| edit(text, "namespace: default", "namespace: staging");
    assert_eq!(spots(&[&elsewhere(API_SERVER), &elsewhere(OF_THE_API_SERVER), TARGET]), 2);
    let second = edit(OF_THE_API_SERVER, "{name: kubernetes, namespace", "{name: kubernetes-2, namespace");
    assert_eq!(spots(&[API_SERVER, &second, TARGET]), 2);
}
