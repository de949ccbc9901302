//! Services: their addresses, ports and ways of being published.

mod support;

use support::{Read, read};
use watertight_base::Protocol;
use watertight_model::{Admission, BlindScope, Host, IpFamily, Service, ServiceType, TargetPort};

/// A Service `staging/s` with this spec and what follows.
fn service(spec: &str) -> Read {
    read(&format!("apiVersion: v1\nkind: Service\nmetadata: {{name: s, namespace: staging}}\nspec: {spec}\n"))
}

fn only(read: &Read) -> &Service {
    &read.snapshot().services[0]
}

#[test]
fn services_have_their_defaults() {
    let read = service("{selector: {app: web}, ports: [{port: 80}]}");
    read.assert_clean();
    let service = only(&read);
    assert_eq!((service.kind, service.kind_span), (ServiceType::ClusterIp, None));
    assert!(!service.is_headless && !service.allocates_node_ports && !service.publishes_not_ready);
    assert!(!service.keeps_client_address && !service.stays_on_node);
    let port = &service.ports[0];
    assert_eq!((port.name.as_str(), port.protocol, port.port), ("", Protocol::Tcp, 80));
    assert_eq!((&port.target, port.node_port), (&TargetPort::Number(80), None));
    assert_eq!(service.admission, Admission::Accepted);
}

#[test]
fn a_load_balancer_is_read_in_full() {
    let read = service(
        "{type: LoadBalancer, clusterIP: 10.96.0.7, clusterIPs: [10.96.0.7, \"fd00::7\"], ipFamilies: [IPv4, IPv6], \
         externalTrafficPolicy: Local, internalTrafficPolicy: Local, publishNotReadyAddresses: true, \
         externalIPs: [192.0.2.1], loadBalancerSourceRanges: [\"198.51.100.0/24\"], loadBalancerIP: 192.0.2.9, \
         loadBalancerClass: example.com/lb, ports: [{name: a, port: 80}, \
         {name: b, port: 81, targetPort: http, nodePort: 30081, protocol: UDP}, {name: c, port: 82, targetPort: 8082}]}\n\
         status: {loadBalancer: {ingress: [{ip: 192.0.2.2}, {hostname: lb.example}]}}",
    );
    read.assert_clean();
    let service = only(&read);
    assert_eq!(service.kind, ServiceType::LoadBalancer);
    assert_eq!(read.under(service.kind_span.unwrap()), "LoadBalancer");
    assert_eq!(
        service.cluster_ips,
        ["10.96.0.7", "fd00::7"].map(|text| text.parse::<std::net::IpAddr>().unwrap())
    );
    assert_eq!(service.families, [IpFamily::V4, IpFamily::V6]);
    assert!(service.keeps_client_address && service.stays_on_node && service.publishes_not_ready);
    assert!(service.allocates_node_ports);
    assert_eq!(service.external_ips, ["192.0.2.1".parse::<std::net::IpAddr>().unwrap()]);
    assert_eq!(read.under(service.external_ips_span.unwrap()), "[192.0.2.1]");
    assert_eq!(service.source_ranges, ["198.51.100.0/24".parse().unwrap()]);
    assert_eq!(service.load_balancers, ["192.0.2.2", "lb.example", "192.0.2.9"].map(Host::of));
    assert_eq!(service.load_balancer_class.as_deref(), Some("example.com/lb"));
    let ports: Vec<_> = service
        .ports
        .iter()
        .map(|port| (port.name.as_str(), port.protocol, port.port, port.target.clone(), port.node_port))
        .collect();
    assert_eq!(
        ports,
        [
            ("a", Protocol::Tcp, 80, TargetPort::Number(80), None),
            ("b", Protocol::Udp, 81, TargetPort::Named("http".into()), Some(30081)),
            ("c", Protocol::Tcp, 82, TargetPort::Number(8082), None),
        ]
    );
}

#[test]
fn a_load_balancer_may_do_without_node_ports() {
    for (spec, allocates) in [
        ("{type: NodePort, ports: [{port: 80}]}", true),
        ("{type: NodePort, allocateLoadBalancerNodePorts: false, ports: [{port: 80}]}", true),
        ("{type: LoadBalancer, ports: [{port: 80}]}", true),
        ("{type: LoadBalancer, allocateLoadBalancerNodePorts: false, ports: [{port: 80}]}", false),
    ] {
        assert_eq!(only(&service(spec)).allocates_node_ports, allocates, "{spec}");
    }
}

#[test]
fn a_headless_service_has_no_address() {
    let read = service("{clusterIP: None, clusterIPs: [None], ports: [{port: 80}]}");
    read.assert_clean();
    assert!(only(&read).is_headless);
    assert!(only(&read).cluster_ips.is_empty());
}

#[test]
fn an_external_name_stands_for_another() {
    let read = service("{type: ExternalName, externalName: db.production.svc.cluster.local}");
    read.assert_clean();
    let name = only(&read).external_name.as_ref().unwrap();
    assert_eq!(name.text, "db.production.svc.cluster.local");
    assert_eq!(read.under(name.span), name.text);
}

#[test]
fn a_service_without_labels_to_select_has_no_selector() {
    for spec in ["{ports: [{port: 80}]}", "{selector: {}, ports: [{port: 80}]}", "{selector: null}"] {
        let read = service(spec);
        assert_eq!(only(&read).selector, None, "{spec}");
        assert_eq!(only(&read).kind, ServiceType::ClusterIp);
    }
}

#[test]
fn services_that_the_server_refuses_are_kept_as_such() {
    for (spec, rule) in [
        ("{type: ExternalName}", "missing-field"),
        ("{ports: [{port: 80}, {port: 81}]}", "missing-field"),
        ("{type: NodePort, clusterIP: None, ports: [{port: 80}]}", "invalid-value"),
        ("{ports: [{port: 80, nodePort: 30080}]}", "invalid-value"),
        ("{ports: [{port: 80}], externalIPs: [192.0.2.01]}", "invalid-value"),
        ("null", "missing-field"),
    ] {
        let read = service(spec);
        assert!(read.rules().iter().all(|found| *found == rule) && !read.rules().is_empty(), "{spec}");
        assert_eq!(read.blind_spots(), [], "{spec}");
        assert_eq!(only(&read).admission, Admission::Refused, "{spec}");
    }
}

#[test]
fn services_whose_meaning_is_not_clear_are_blind_spots() {
    for spec in [
        "{type: Cluster}",
        "{ports: [{port: 80}], externalIPs: [here]}",
        "{ports: [{port: 80}], clusterIP: none}",
        "{ports: [{port: 80}], externalTrafficPolicy: local}",
        "{ports: [{port: 80}], internalTrafficPolicy: Node}",
        "{ports: [{port: 80}], ipFamilies: [ipv4]}",
    ] {
        let read = service(spec);
        assert_eq!(
            read.blind_spots(),
            [("invalid-value", BlindScope::Namespace("staging".into()))],
            "{spec}"
        );
        assert!(read.snapshot().services.is_empty(), "{spec}");
    }
}
