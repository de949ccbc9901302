//! Endpoints and EndpointSlices.

mod support;

use support::{Read, read, read_files};
use watertight_base::Protocol;
use watertight_model::{Admission, BlindScope, Endpoint, EndpointTarget, Endpoints, EndpointsWriter, Host};

/// A slice `staging/s-1` with these labels and what follows.
fn slice(labels: &str, rest: &str) -> String {
    format!(
        "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n\
         metadata: {{name: s-1, namespace: staging, labels: {{{labels}}}}}\n{rest}\n"
    )
}

const ONE: &str = "addressType: IPv4\nendpoints: [{addresses: [10.0.0.1]}]\nports: [{port: 80}]";

/// Endpoints `staging/s`.
fn endpoints(labels: &str, subsets: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Endpoints\nmetadata: {{name: s, namespace: staging, labels: {{{labels}}}}}\n\
         subsets: {subsets}\n"
    )
}

/// The one object, of which nothing stays unseen.
#[track_caller]
fn only(read: &Read) -> &Endpoints {
    assert_eq!(read.blind_spots(), []);
    assert_eq!(read.snapshot().endpoints.len(), 1, "{:?}", read.diagnostics());
    &read.snapshot().endpoints[0]
}

fn hosts(endpoints: &Endpoints) -> Vec<String> {
    let all = endpoints.subsets.iter().flat_map(|subset| &subset.endpoints);
    all.map(|endpoint| endpoint.host.to_string()).collect()
}

#[test]
fn a_slice_tells_its_service_and_who_wrote_it() {
    let managed = "endpointslice.kubernetes.io/managed-by";
    for (labels, service, writer) in [
        (String::new(), None, EndpointsWriter::Unlabelled),
        ("kubernetes.io/service-name: s".to_owned(), Some("s"), EndpointsWriter::Unlabelled),
        (format!("{managed}: endpointslice-controller.k8s.io"), None, EndpointsWriter::Controller),
        (format!("{managed}: endpointslicemirroring-controller.k8s.io"), None, EndpointsWriter::Mirror),
        (format!("{managed}: me"), None, EndpointsWriter::Other("me".into())),
    ] {
        let read = read(&slice(&labels, ONE));
        assert_eq!(read.rules(), Vec::<&str>::new(), "{labels}");
        let slice = only(&read);
        assert_eq!(slice.service.as_deref(), service, "{labels}");
        assert_eq!(slice.writer, writer, "{labels}");
    }
}

#[test]
fn a_slice_is_read_in_full() {
    let read = read(&slice(
        "",
        "addressType: IPv6\nendpoints:\n\
         - {addresses: [\"fd00::1\"], nodeName: n1, targetRef: {kind: Pod, name: p, namespace: production}}\n\
         - {addresses: [\"fd00::2\"], conditions: {ready: false}, targetRef: {kind: Pod, name: q}}\n\
         - {addresses: [\"fd00::3\", \"fd00::4\"], conditions: {}, targetRef: {kind: Node, name: n2}}\n\
         ports: [{name: web, port: 80}, {name: all, protocol: UDP}]",
    ));
    assert_eq!(read.rules(), Vec::<&str>::new());
    let slice = only(&read);
    assert_eq!(hosts(slice), ["fd00::1", "fd00::2", "fd00::3", "fd00::4"]);
    let [first, second, third, fourth] = slice.subsets[0].endpoints.as_slice() else { panic!("four") };
    assert_eq!(first.node_name.as_deref(), Some("n1"));
    assert_eq!([first.is_ready, second.is_ready, third.is_ready], [true, false, true]);
    let pod = |namespace: &str, name: &str| {
        Some(EndpointTarget::Pod { namespace: namespace.into(), name: name.into() })
    };
    assert_eq!(first.target, pod("production", "p"));
    assert_eq!(second.target, pod("staging", "q"));
    assert_eq!((&third.target, &fourth.target), (&Some(EndpointTarget::Node("n2".into())), &third.target));
    assert_eq!(read.under(fourth.span), "\"fd00::4\"");
    assert!(read.under(second.span).starts_with("{addresses: [\"fd00::2\"]"));
    let ports: Vec<_> =
        slice.subsets[0].ports.iter().map(|port| (port.name.as_str(), port.protocol, port.number)).collect();
    assert_eq!(ports, [("web", Protocol::Tcp, Some(80)), ("all", Protocol::Udp, None)]);
}

#[test]
fn a_slice_may_hold_names() {
    let read =
        read(&slice("", "addressType: FQDN\nendpoints: [{addresses: [db.example]}]\nports: [{port: 80}]"));
    assert_eq!(only(&read).subsets[0].endpoints[0].host, Host::Name("db.example".into()));
}

#[test]
fn endpoints_are_read_subset_by_subset() {
    let read = read(&endpoints(
        "endpoints.kubernetes.io/managed-by: endpoint-controller",
        "[{addresses: [{ip: 10.0.0.1, targetRef: {kind: Pod, name: p}}], notReadyAddresses: [{ip: 10.0.0.2}], \
         ports: [{port: 80}]}, {addresses: [{ip: 10.0.0.3, targetRef: {kind: Thing}}], ports: [{port: 81}]}]",
    ));
    assert_eq!(read.rules(), Vec::<&str>::new());
    let endpoints = only(&read);
    assert_eq!(endpoints.service.as_deref(), Some("s"));
    assert_eq!(endpoints.writer, EndpointsWriter::Controller);
    assert_eq!(hosts(endpoints), ["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
    let all: Vec<&Endpoint> = endpoints.subsets.iter().flat_map(|subset| &subset.endpoints).collect();
    assert_eq!(all.iter().map(|endpoint| endpoint.is_ready).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(all[0].target, Some(EndpointTarget::Pod { namespace: "staging".into(), name: "p".into() }));
    assert_eq!(all[2].target, Some(EndpointTarget::Other));
    assert_eq!(endpoints.subsets[1].ports[0].number, Some(81));
}

#[test]
fn addresses_that_the_server_refuses_count_as_they_are() {
    for address in
        ["127.0.0.1", "169.254.169.254", "0.0.0.0", "224.0.0.1", "010.0.0.1", "\"::ffff:10.0.0.1\""]
    {
        let read = read(&slice(
            "",
            &format!("addressType: IPv4\nendpoints: [{{addresses: [{address}]}}]\nports: [{{port: 80}}]"),
        ));
        assert_eq!(read.rules(), ["invalid-value"], "{address}");
        assert_eq!(only(&read).admission, Admission::Refused, "{address}");
        assert_eq!(hosts(only(&read)).len(), 1, "{address}");
    }
    let other_family = ONE.replace("IPv4", "IPv6");
    for (rest, rule) in [
        (other_family.as_str(), "invalid-value"),
        ("endpoints: [{addresses: [10.0.0.1]}]", "missing-field"),
        ("addressType: IPv4\nendpoints: [{}]", "missing-field"),
    ] {
        let read = read(&slice("", rest));
        assert_eq!(read.rules(), [rule], "{rest}");
        assert_eq!(only(&read).admission, Admission::Refused, "{rest}");
    }
}

#[test]
fn endpoints_that_are_not_clear_are_left_out_and_blind_spots() {
    let slices = ["addressType: ipv4", &ONE.replace("10.0.0.1", "here"), &ONE.replace("80", "0")]
        .map(|rest| slice("", rest));
    let older = ["[{addresses: [{}]}]", "[{ports: [{}]}]", "oops"].map(|subsets| endpoints("", subsets));
    for text in slices.iter().chain(&older) {
        let read = read(text);
        assert!(!read.rules().is_empty(), "{text}");
        assert!(read.snapshot().endpoints.is_empty(), "{text}");
        let blind: Vec<&str> = read.blind_spots().into_iter().map(|(rule, _)| rule).collect();
        assert_eq!(blind, read.rules(), "{text}");
    }
}

#[test]
fn a_slice_given_twice_is_one_slice() {
    let text = slice("", ONE);
    let twice = read_files(&[("1.yaml", &text), ("2.yaml", &format!("# moved\n{text}"))]);
    assert_eq!(twice.rules(), ["duplicate-object"]);
    assert_eq!(hosts(only(&twice)), ["10.0.0.1"]);
    let differing = read_files(&[("1.yaml", &text), ("2.yaml", &text.replace("10.0.0.1", "10.0.0.2"))]);
    assert_eq!(differing.rules(), ["ambiguous-object"]);
    assert!(differing.snapshot().endpoints.is_empty());
    assert_eq!(differing.blind_spots(), [("ambiguous-object", BlindScope::Everything)]);
}
