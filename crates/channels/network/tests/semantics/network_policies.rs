//! NetworkPolicies, nodes and addresses (N1 to N55).

use crate::world::World;

/// The usual world in which one policy stands in `production`.
fn production(spec: &str) -> World {
    World::new().policy("production/p", spec)
}

const A: &str = "staging/a";
const B: &str = "production/b";
const C: &str = "production/c";

#[test]
fn n1_a_pod_is_isolated_per_direction_by_a_policy_that_selects_it() {
    let world = production("podSelector: {matchLabels: {app: b}}\npolicyTypes: [Ingress]");
    assert!(!world.passes(A, B, "TCP/80"), "selected for ingress");
    assert!(world.passes(A, C, "TCP/80"), "not selected");
    assert!(world.passes(B, A, "TCP/80"), "not isolated for egress");
}

#[test]
fn n2_both_sides_must_allow_the_same_port() {
    let world = production("podSelector: {}\ningress: [{ports: [{port: 443}]}]").policy(
        "staging/out",
        "podSelector: {}\negress: [{ports: [{port: 80}, {port: 443, protocol: UDP}]}]\npolicyTypes: [Egress]",
    );
    assert!(!world.passes(A, B, "TCP/80"));
    assert!(!world.passes(A, B, "TCP/443"));
    let agreed = world
        .policy("staging/more", "podSelector: {}\negress: [{ports: [{port: 443}]}]\npolicyTypes: [Egress]");
    assert!(agreed.passes(A, B, "TCP/443"));
}

#[test]
fn n3_what_one_policy_allows_no_other_takes_back() {
    let world = production("podSelector: {}\ningress: [{}]").policy("production/deny", "podSelector: {}");
    assert!(world.passes(A, B, "TCP/80"));
}

#[test]
fn n4_policy_types_are_filled_in_by_what_the_policy_holds() {
    let ingress_only = production("podSelector: {}");
    assert!(!ingress_only.passes(A, B, "TCP/80"));
    assert!(ingress_only.passes(B, A, "TCP/80"));
    let empty_egress = production("podSelector: {}\negress: []");
    assert!(empty_egress.passes(B, A, "TCP/80"), "an empty list is no egress rule");
    let both = production("podSelector: {}\negress: [{ports: [{port: 53}]}]");
    assert!(!both.passes(B, A, "TCP/80"));
    assert!(!both.passes(A, B, "TCP/80"));
}

#[test]
fn n5_ingress_rules_mean_nothing_without_the_type() {
    let world = production("podSelector: {}\npolicyTypes: [Egress]\ningress: []\negress: [{}]");
    assert!(world.passes(A, B, "TCP/80"));
}

#[test]
fn n6_no_ingress_rule_allows_nothing() {
    for spec in ["podSelector: {}\ningress: []", "podSelector: {}\npolicyTypes: [Ingress]"] {
        assert!(!production(spec).passes(A, B, "TCP/80"), "{spec}");
    }
}

#[test]
fn n7_an_empty_rule_allows_everything_from_everywhere() {
    let world = production("podSelector: {}\ningress: [{}]");
    assert!(world.passes(A, B, "SCTP/9"));
    assert!(world.passes("8.8.8.8", B, "TCP/80"));
}

#[test]
fn n8_a_rule_without_from_means_every_source_and_without_ports_every_port() {
    let no_from = production("podSelector: {}\ningress: [{from: [], ports: [{port: 80}]}]");
    assert!(no_from.passes(A, B, "TCP/80") && no_from.passes("8.8.8.8", B, "TCP/80"));
    assert!(!no_from.passes(A, B, "TCP/81"));
    let no_ports = production(
        "podSelector: {}\ningress: [{ports: [], from: [{namespaceSelector: {matchLabels: {env: stg}}}]}]",
    );
    assert!(no_ports.passes(A, B, "UDP/53"));
    assert!(!no_ports.passes("8.8.8.8", B, "UDP/53"));
}

#[test]
fn n9_an_empty_or_missing_pod_selector_selects_every_pod() {
    for spec in ["podSelector: {}", "policyTypes: [Ingress]", "podSelector: null\npolicyTypes: [Ingress]"] {
        let world = production(spec);
        assert!(!world.passes(A, B, "TCP/80") && !world.passes(A, C, "TCP/80"), "{spec}");
    }
}

#[test]
fn n10_a_lone_pod_selector_means_the_own_namespace() {
    let world = production("podSelector: {}\ningress: [{from: [{podSelector: {matchLabels: {app: a}}}]}]");
    assert!(world.passes("production/a", B, "TCP/80"));
    assert!(!world.passes(A, B, "TCP/80"));
}

#[test]
fn n11_a_lone_namespace_selector_means_all_pods_there() {
    let world =
        production("podSelector: {}\ningress: [{from: [{namespaceSelector: {matchLabels: {env: stg}}}]}]");
    assert!(world.passes(A, B, "TCP/80"));
    assert!(!world.passes("production/a", B, "TCP/80"));
}

#[test]
fn n12_both_selectors_in_one_element_are_and() {
    let world = production(
        "podSelector: {}\ningress: [{from: [{namespaceSelector: {matchLabels: {env: stg}}, podSelector: {matchLabels: {app: a}}}]}]",
    );
    assert!(world.passes(A, B, "TCP/80"));
    assert!(!world.passes("staging/c", B, "TCP/80"));
    assert!(!world.passes("production/a", B, "TCP/80"));
}

#[test]
fn n13_two_elements_are_or() {
    let world = production(
        "podSelector: {}\ningress: [{from: [{namespaceSelector: {matchLabels: {env: stg}}}, {podSelector: {matchLabels: {app: a}}}]}]",
    );
    assert!(world.passes("staging/c", B, "TCP/80"));
    assert!(world.passes("production/a", B, "TCP/80"));
    assert!(!world.passes(C, B, "TCP/80"));
}

#[test]
fn n14_an_empty_namespace_selector_is_all_namespaces_and_null_is_the_own() {
    let all = production(
        "podSelector: {}\ningress: [{from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: a}}}]}]",
    );
    assert!(all.passes(A, B, "TCP/80") && all.passes("production/a", B, "TCP/80"));
    let own = production(
        "podSelector: {}\ningress: [{from: [{namespaceSelector: null, podSelector: {matchLabels: {app: a}}}]}]",
    );
    assert!(!own.passes(A, B, "TCP/80") && own.passes("production/a", B, "TCP/80"));
}

#[test]
fn n15_a_peer_of_nothing_or_of_a_block_with_a_selector_is_never_read() {
    for peer in ["{}", "{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}"] {
        let world = production(&format!("podSelector: {{}}\ningress: [{{from: [{peer}]}}]"));
        let ingested = world.ingest();
        assert!(ingested.snapshot.policies.is_empty(), "{peer}: not half-read");
        assert_eq!(ingested.snapshot.blind_spots.len(), 1, "{peer}: a blind spot");
        assert_eq!(ingested.diagnostics[0].rule, "invalid-peer");
    }
}

#[test]
fn n16_not_in_and_does_not_exist_match_what_lacks_the_key() {
    let peer = |expression: &str| {
        production(&format!("podSelector: {{}}\ningress: [{{from: [{{namespaceSelector: {{matchExpressions: [{expression}]}}}}]}}]"))
            .namespace("bare", "other: label")
            .pod("bare/x", "app: x", "")
    };
    let not_in = peer("{key: env, operator: NotIn, values: [prd, stg]}");
    assert!(not_in.passes("bare/x", B, "TCP/80") && !not_in.passes(A, B, "TCP/80"));
    let missing = peer("{key: env, operator: DoesNotExist}");
    assert!(missing.passes("bare/x", B, "TCP/80") && !missing.passes(A, B, "TCP/80"));
    let there = peer("{key: env, operator: Exists}");
    assert!(!there.passes("bare/x", B, "TCP/80") && there.passes(A, B, "TCP/80"));
    let both = production(
        "podSelector: {matchLabels: {app: b}, matchExpressions: [{key: app, operator: In, values: [b, c]}]}",
    );
    assert!(!both.passes(A, B, "TCP/80") && both.passes(A, C, "TCP/80"));
}

#[test]
fn n17_every_namespace_carries_its_name_whatever_the_file_says() {
    let spec = "podSelector: {}\ningress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: staging}}}]}]";
    assert!(production(spec).passes(A, B, "TCP/80"));
    let liar = production(spec)
        .namespace("liar", "kubernetes.io/metadata.name: staging")
        .pod("liar/x", "app: x", "");
    assert!(!liar.passes("liar/x", B, "TCP/80"));
    let implied = production(&spec.replace("name: staging", "name: implied")).pod("implied/x", "app: x", "");
    assert!(implied.passes("implied/x", B, "TCP/80"), "also for a namespace without an object");
}

#[test]
fn n19_an_object_without_a_namespace_is_in_the_default_one() {
    let world = World::new()
        .object(
            "v1",
            "Pod",
            "name: x\nlabels: {app: x}",
            "spec:\n  containers: [{name: main, image: example.com/app}]\n",
        )
        .object("networking.k8s.io/v1", "NetworkPolicy", "name: p", "spec:\n  podSelector: {}\n");
    assert!(!world.passes(A, "default/x", "TCP/80"));
}

#[test]
fn n20_two_policies_of_one_name_are_not_both_read() {
    let world = production("podSelector: {}").policy("production/p", "podSelector: {}\ningress: [{}]");
    let ingested = world.ingest();
    assert!(ingested.snapshot.policies.is_empty());
    assert_eq!(ingested.snapshot.blind_spots.len(), 1);
}

#[test]
fn n21_a_policy_with_an_underscore_in_its_name_is_refused() {
    let ingested = World::new().policy("production/deny_all", "podSelector: {}").ingest();
    assert_eq!(ingested.snapshot.policies[0].admission, watertight_model::Admission::Refused);
    assert_eq!(ingested.diagnostics[0].rule, "invalid-name");
}

#[test]
fn n22_selection_follows_the_labels_that_a_pod_has_now() {
    let world = |label: &str| {
        production("podSelector: {matchLabels: {app: db}}").pod("production/x", &format!("app: {label}"), "")
    };
    assert!(!world("db").passes(A, "production/x", "TCP/80"));
    assert!(
        world("other").passes(A, "production/x", "TCP/80"),
        "the same pod under another label is fenced no more"
    );
}

#[test]
fn n23_protocol_missing_means_tcp() {
    let world = production("podSelector: {}\ningress: [{ports: [{port: 80}]}]");
    assert!(world.passes(A, B, "TCP/80"));
    assert!(!world.passes(A, B, "UDP/80"));
}

#[test]
fn n24_a_protocol_without_a_port_is_all_its_ports() {
    let world = production("podSelector: {}\ningress: [{ports: [{protocol: UDP}]}]");
    assert!(world.passes(A, B, "UDP/1") && world.passes(A, B, "UDP/65535"));
    assert!(!world.passes(A, B, "TCP/1"));
    let empty = production("podSelector: {}\ningress: [{ports: [{}]}]");
    assert!(empty.passes(A, B, "TCP/1") && !empty.passes(A, B, "UDP/1"));
}

#[test]
fn n25_end_port_is_included_and_may_be_ignored() {
    let world = production("podSelector: {}\ningress: [{ports: [{port: 8000, endPort: 8010}]}]");
    assert!(world.passes(A, B, "TCP/8000") && world.passes(A, B, "TCP/8010"));
    assert!(!world.passes(A, B, "TCP/7999") && !world.passes(A, B, "TCP/8011"));
    assert!(world.must().passes(A, B, "TCP/8000") && !world.must().passes(A, B, "TCP/8010"));
}

/// Pods `web` in production, whose port `http` is another number each.
fn with_named_ports(world: World) -> World {
    let container =
        |port: &str| format!("containers: [{{name: main, image: example.com/app, ports: [{port}]}}]");
    world
        .pod("production/web1", "app: web", &container("{name: http, containerPort: 8080}"))
        .pod("production/web2", "app: web", &container("{name: http, containerPort: 9090}"))
        .pod("production/web3", "app: web", &container("{name: http, containerPort: 7070, protocol: UDP}"))
}

#[test]
fn n26_a_port_name_is_looked_up_on_the_destination_in_both_directions() {
    let ingress = with_named_ports(production("podSelector: {}\ningress: [{ports: [{port: http}]}]"));
    let egress =
        with_named_ports(World::new().policy(
            "staging/out",
            "podSelector: {}\npolicyTypes: [Egress]\negress: [{ports: [{port: http}]}]",
        ));
    for world in [ingress, egress] {
        assert!(
            world.passes(A, "production/web1", "TCP/8080") && !world.passes(A, "production/web1", "TCP/9090")
        );
        assert!(
            world.passes(A, "production/web2", "TCP/9090") && !world.passes(A, "production/web2", "TCP/8080")
        );
    }
}

#[test]
fn n26_of_two_numbers_behind_one_name_both_may_count_and_neither_must() {
    let spec = "containers: [{name: main, image: example.com/app, ports: [{name: http, containerPort: 80}]}, {name: more, image: example.com/app, ports: [{name: http, containerPort: 8080}]}]";
    let world =
        production("podSelector: {}\ningress: [{ports: [{port: http}]}]").pod("production/x", "app: x", spec);
    for port in ["TCP/80", "TCP/8080"] {
        assert!(world.passes(A, "production/x", port), "{port}");
        assert!(!world.must().passes(A, "production/x", port), "{port}");
    }
}

#[test]
fn n27_a_name_that_is_not_there_or_of_another_protocol_matches_nothing() {
    let world = with_named_ports(production("podSelector: {}\ningress: [{ports: [{port: http}]}]"));
    assert!(!world.passes(A, B, "TCP/80"), "no such name");
    assert!(
        !world.passes(A, "production/web3", "TCP/7070") && !world.passes(A, "production/web3", "UDP/7070")
    );
}

#[test]
fn n28_a_port_name_matches_no_address_outside() {
    let world = World::new().policy(
        "staging/out",
        "podSelector: {}\npolicyTypes: [Egress]\negress: [{to: [{ipBlock: {cidr: 8.8.8.0/24}}], ports: [{port: http}, {port: 53}]}]",
    );
    assert!(world.passes(A, "8.8.8.8", "TCP/53"));
    assert!(!world.passes(A, "8.8.8.8", "TCP/80"));
}

#[test]
fn n29_declared_container_ports_limit_nothing() {
    let world = with_named_ports(World::new());
    assert!(world.passes(A, "production/web1", "TCP/1"));
}

#[test]
fn n30_names_on_sidecars_count_permissively() {
    let spec = "containers: [{name: main, image: example.com/app}]\ninitContainers: [{name: proxy, image: example.com/proxy, restartPolicy: Always, ports: [{name: http, containerPort: 15001}]}]";
    let world =
        production("podSelector: {}\ningress: [{ports: [{port: http}]}]").pod("production/x", "app: x", spec);
    assert!(world.passes(A, "production/x", "TCP/15001"));
    assert!(!world.must().passes(A, "production/x", "TCP/15001"));
    assert!(!world.declared().passes(A, "production/x", "TCP/15001"));
}

#[test]
fn n31_only_tcp_udp_and_sctp_are_spoken_of() {
    let world = production("podSelector: {}\ningress: [{ports: [{protocol: ICMP}]}]");
    let ingested = world.ingest();
    assert!(ingested.snapshot.policies.is_empty() && !ingested.snapshot.blind_spots.is_empty());
}

#[test]
fn n32_a_pod_always_reaches_itself() {
    let world = production("podSelector: {}\npolicyTypes: [Ingress, Egress]");
    assert!(world.passes(B, B, "TCP/80"));
    assert!(!world.passes(C, B, "TCP/80"));
}

#[test]
fn n34_two_replicas_of_one_workload_are_two_pods() {
    let deployment = "spec:\n  replicas: 2\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: main, image: example.com/app}]}\n";
    let world = production("podSelector: {}").object(
        "apps/v1",
        "Deployment",
        "name: web\nnamespace: production",
        deployment,
    );
    let snapshot = world.ingest().snapshot;
    let index = snapshot.pods.iter().position(|pod| pod.workload.name == "web").unwrap();
    let replica = |number| watertight_oracle::Endpoint::existing(&snapshot, index, number).unwrap();
    let oracle = watertight_oracle::Evaluator::new(
        &snapshot,
        watertight_oracle::Reading::CONFORMING,
        watertight_model::Relation::May,
    );
    assert!(oracle.allowed(&replica(0), &replica(0), watertight_base::Protocol::Tcp, 80));
    assert!(!oracle.allowed(&replica(0), &replica(1), watertight_base::Protocol::Tcp, 80));
    // The workload's edge to itself holds each pod's traffic to itself in may, and what all pairs can in must.
    let self_edge = |relation| {
        let map =
            watertight_network::connectivity(&snapshot, watertight_network::Profile::CONSERVATIVE, relation);
        map.edges.into_iter().find(|edge| edge.from == edge.to && format!("{:?}", edge.from).contains("web"))
    };
    assert!(self_edge(watertight_model::Relation::May).is_some_and(|edge| edge.allow.is_full()));
    assert!(self_edge(watertight_model::Relation::Must).is_none());
}

/// Two nodes, and pods that are pinned to them.
fn on_nodes(world: World) -> World {
    let node = |name: &str, address: &str| {
        (
            format!("name: {name}"),
            format!("status:\n  addresses: [{{type: InternalIP, address: {address}}}]\n"),
        )
    };
    let (one, one_status) = node("one", "10.1.0.1");
    let (two, two_status) = node("two", "10.1.0.2");
    world
        .object("v1", "Node", &one, &one_status)
        .object("v1", "Node", &two, &two_status)
        .pod("staging/host", "app: host", "hostNetwork: true\nnodeName: one")
        .pod("staging/plain1", "app: plain", "nodeName: one")
        .pod("production/here", "app: here", "nodeName: one")
        .pod("production/there", "app: there", "nodeName: two")
        .pod("production/host1", "app: host", "hostNetwork: true\nnodeName: one")
        .pod("production/host2", "app: host", "hostNetwork: true\nnodeName: two")
}

#[test]
fn n35_a_node_reaches_every_pod_on_it() {
    let world = on_nodes(production("podSelector: {}"));
    assert!(world.passes("staging/host", "production/here", "TCP/80"));
    assert!(world.must().passes("staging/host", "production/here", "TCP/80"));
    assert!(!world.passes("staging/host", "production/there", "TCP/80"));
    assert!(world.passes("node/one", "production/here", "TCP/80"));
    assert!(!world.passes("node/two", "production/here", "TCP/80"));
}

#[test]
fn n35_a_pod_may_reach_its_own_node_but_need_not() {
    let world = on_nodes(World::new().policy("staging/closed", "podSelector: {}\npolicyTypes: [Egress]"));
    assert!(world.passes("staging/plain1", "production/host1", "TCP/80"));
    assert!(!world.must().passes("staging/plain1", "production/host1", "TCP/80"));
    assert!(!world.passes("staging/plain1", "production/host2", "TCP/80"));
}

#[test]
fn n36_another_node_is_an_address() {
    let world = on_nodes(production("podSelector: {}\ningress: [{from: [{ipBlock: {cidr: 10.1.0.1/32}}]}]"));
    assert!(world.passes("node/one", "production/there", "TCP/80"));
    assert!(
        world.passes("staging/host", "production/there", "TCP/80"),
        "a pod on the host network comes from its node"
    );
    assert!(!world.must().passes("node/one", "production/there", "TCP/80"));
}

#[test]
fn n37_policies_may_pass_over_pods_on_the_host_network() {
    let world = on_nodes(production("podSelector: {}"));
    assert!(world.passes(A, "production/host2", "TCP/80"));
    assert!(!world.must().passes(A, "production/host2", "TCP/80"));
    assert!(!world.declared().passes(A, "production/host2", "TCP/80"), "an ordinary pod there");
}

#[test]
fn n38_a_selector_may_mean_pods_on_the_host_network() {
    let world = on_nodes(production(
        "podSelector: {}\ningress: [{from: [{namespaceSelector: {matchLabels: {env: stg}}}]}]",
    ));
    assert!(world.passes("staging/host", "production/there", "TCP/80"));
    assert!(!world.must().passes("staging/host", "production/there", "TCP/80"));
}

#[test]
fn n43_a_block_may_hold_pods() {
    let world = production("podSelector: {}\ningress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]")
        .object("v1", "Pod", "name: seen\nnamespace: staging\nlabels: {app: seen}", "spec: {containers: [{name: main, image: example.com/app}]}\nstatus: {phase: Running, podIP: 10.2.3.4, podIPs: [{ip: 10.2.3.4}]}\n");
    assert!(world.passes("staging/seen", B, "TCP/80"));
    assert!(!world.must().passes("staging/seen", B, "TCP/80"));
    assert!(!world.declared().passes("staging/seen", B, "TCP/80"));
    assert!(world.declared().passes("10.2.3.4", B, "TCP/80"), "outside the cluster it is just an address");
}

#[test]
fn n44_except_takes_addresses_out_of_its_own_block_only() {
    let world = production(
        "podSelector: {}\ningress: [{from: [{ipBlock: {cidr: 8.0.0.0/8, except: [8.8.0.0/16]}}, {ipBlock: {cidr: 8.8.8.0/24}}]}]",
    );
    assert!(world.passes("8.1.1.1", B, "TCP/80"));
    assert!(!world.passes("8.8.9.9", B, "TCP/80"));
    assert!(world.passes("8.8.8.8", B, "TCP/80"), "another peer admits it again");
}

#[test]
fn n45_host_bits_mean_the_network_and_are_reported() {
    let world = production("podSelector: {}\ningress: [{from: [{ipBlock: {cidr: 8.8.8.1/24}}]}]");
    assert!(world.declared().passes("8.8.8.200", B, "TCP/80"));
    assert_eq!(world.ingest().diagnostics[0].rule, "host-bits-in-cidr");
}

#[test]
fn n46_no_block_matches_the_other_family() {
    let world = production("podSelector: {}\ningress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]");
    assert!(world.passes("8.8.8.8", B, "TCP/80"));
    assert!(!world.passes("2001:4860:4860::8888", B, "TCP/80"));
    let other = production("podSelector: {}\ningress: [{from: [{ipBlock: {cidr: \"::/0\"}}]}]");
    assert!(!other.passes("8.8.8.8", B, "TCP/80"));
    assert!(other.passes("2001:4860:4860::8888", B, "TCP/80"));
    assert!(!other.declared().passes("8.8.8.8", B, "TCP/80"));
}

#[test]
fn n54_without_enforcement_policies_do_nothing() {
    let world = production("podSelector: {}\npolicyTypes: [Ingress, Egress]");
    assert!(world.unenforced().passes(A, B, "TCP/80"));
}

#[test]
fn n55_a_pod_that_has_ended_takes_no_part() {
    let pod = |phase: &str, status: &str| {
        let metadata = "name: job\nnamespace: staging\nlabels: {app: job}";
        let rest = format!(
            "spec: {{containers: [{{name: main, image: example.com/app}}]}}\nstatus: {{phase: {phase}{status}}}\n"
        );
        World::new().object("v1", "Pod", metadata, &rest)
    };
    for phase in ["Succeeded", "Failed"] {
        assert!(!pod(phase, ", podIP: 10.2.3.4").passes("staging/job", B, "TCP/80"), "{phase}");
    }
    assert!(pod("Pending", ", podIP: 10.2.3.4").passes("staging/job", B, "TCP/80"), "it has an address");
    assert!(pod("Pending", "").passes("staging/job", B, "TCP/80"), "it will have one");
    assert!(!pod("Pending", "").must().passes("staging/job", B, "TCP/80"));
}
