//! What has to work all the same, end to end: manifests in, the state of each need out.

#![expect(clippy::unwrap_used, reason = "a question without an answer is to be loud here")]

use watertight_base::{Protocol, Source};
use watertight_ingest::{Options, read};
use watertight_model::{Need, NeedState};
use watertight_network::Profile;
use watertight_prove::{NeedQuestion, Question, QuestionError, prove};

use NeedState::{Closed, Open, Unknown};

/// A pod in each environment beside the one that it needs, and nothing that isolates.
const WORLD: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: staging}
---
apiVersion: v1
kind: Namespace
metadata: {name: production}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: staging}
spec: {template: {metadata: {labels: {app: api}}, spec: {containers: [{name: c, image: x}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: production}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: x}]}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: production}
spec:
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: c, image: x, ports: [{name: postgres, containerPort: 5432}]}]}
";

const DNS: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: kube-system}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: coredns, namespace: kube-system}
spec:
  template:
    metadata: {labels: {k8s-app: kube-dns}}
    spec: {containers: [{name: c, image: coredns}]}
---
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system}
spec:
  selector: {k8s-app: kube-dns}
  ports: [{name: dns, port: 53, protocol: UDP}, {name: dns-tcp, port: 53, protocol: TCP}]
";

/// A NetworkPolicy of production.
fn policy(name: &str, spec: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: {name}, namespace: production}}\nspec: {spec}\n"
    )
}

/// A Service of production.
fn service(name: &str, spec: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: production}}\nspec: {spec}\n"
    )
}

fn to(from: &str, to: &str, protocol: Protocol, port: u16) -> NeedQuestion {
    NeedQuestion::Connection { from: from.into(), to: to.into(), protocol, port }
}

fn tcp(from: &str, target: &str, port: u16) -> NeedQuestion {
    to(from, target, Protocol::Tcp, port)
}

/// The web server and its database.
fn db() -> NeedQuestion {
    tcp("production/web", "production/db", 5432)
}

fn question(need: NeedQuestion) -> Question {
    Question { needs: vec![need], ..Question::between("staging", "production") }
}

fn ask(manifests: &[&str], question: &Question) -> Result<Need, QuestionError> {
    let source = |(index, text): (usize, &&str)| Source {
        name: format!("{index}.yaml"),
        bytes: text.as_bytes().into(),
    };
    let sources: Vec<Source> = manifests.iter().enumerate().map(source).collect();
    let ingested = read(&sources, &Options { default_namespace: "default".into(), values: false });
    prove(&ingested.snapshot, question).map(|mut report| report.needs.remove(0))
}

#[track_caller]
fn need(manifests: &[&str], need: NeedQuestion) -> Need {
    ask(manifests, &question(need)).unwrap()
}

#[track_caller]
fn state(manifests: &[&str], asked: NeedQuestion) -> NeedState {
    need(manifests, asked).state
}

/// The names of the objects that a need rests on.
fn rests_on(need: &Need) -> Vec<&str> {
    need.because.iter().map(|because| because.object.name.as_str()).collect()
}

const DENY_EGRESS: &str = "{podSelector: {}, policyTypes: [Egress]}";
const DENY_INGRESS: &str = "{podSelector: {}, policyTypes: [Ingress]}";
const ADMIT_WEB: &str = "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]}";

#[test]
fn what_nothing_isolates_is_open() {
    let open = need(&[WORLD], db());
    assert_eq!((open.state, open.help.as_str(), open.because.len()), (Open, "", 0));
}

#[test]
fn a_default_deny_closes_until_a_rule_admits_that_port() {
    let (deny, admit) = (policy("deny", DENY_INGRESS), policy("admit", ADMIT_WEB));
    let closed = need(&[WORLD, &deny], db());
    assert_eq!((closed.state, rests_on(&closed)), (Closed, vec!["deny"]));
    assert!(closed.why.contains("ingress of StatefulSet production/db"), "{}", closed.why);
    assert_eq!(state(&[WORLD, &deny, &admit], db()), Open);
    let other_port = tcp("production/web", "production/db", 5433);
    assert_eq!(state(&[WORLD, &deny, &admit], other_port), Closed);
    let other_protocol = to("production/web", "production/db", Protocol::Udp, 5432);
    assert_eq!(state(&[WORLD, &deny, &admit], other_protocol), Closed);
    assert_eq!(state(&[WORLD, &deny, &admit], tcp("staging/api", "production/db", 5432)), Closed);
}

#[test]
fn a_deny_of_egress_is_told_from_one_of_ingress() {
    let closed = need(&[WORLD, &policy("way-out", DENY_EGRESS)], db());
    assert_eq!((closed.state, rests_on(&closed)), (Closed, vec!["way-out"]));
    assert!(closed.why.contains("egress of Deployment production/web"), "{}", closed.why);
    assert!(closed.help.contains("add an egress rule"), "{}", closed.help);
}

#[test]
fn each_pod_must_get_through_and_not_just_one() {
    let second = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: production, labels: {app: other}}\nspec: {containers: [{name: c, image: x}]}\n";
    let (deny, admit) = (policy("deny", DENY_INGRESS), policy("admit", ADMIT_WEB));
    assert_eq!(state(&[WORLD, second, &deny, &admit], db()), Closed);
    assert_eq!(
        state(&[WORLD, second, &deny, &admit], tcp("production/deployment/web", "production/db", 5432)),
        Open
    );
}

#[test]
fn an_administrators_deny_is_named() {
    let admin = "apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: none-to-db}\nspec: {tier: Admin, priority: 1, subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: db}}}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}\n";
    let closed = need(&[WORLD, admin], db());
    assert_eq!((closed.state, rests_on(&closed)), (Closed, vec!["none-to-db"]));
}

#[test]
fn dns_is_open_where_nothing_isolates_and_closed_by_a_deny_of_egress_without_a_rule_for_it() {
    assert_eq!(state(&[WORLD, DNS], NeedQuestion::Dns), Open);
    let deny = policy("way-out", DENY_EGRESS);
    let closed = need(&[WORLD, DNS, &deny], NeedQuestion::Dns);
    assert_eq!((closed.state, rests_on(&closed)), (Closed, vec!["way-out"]));
    let rule = |ports: &str| {
        policy(
            "names",
            &format!(
                "{{podSelector: {{}}, policyTypes: [Egress], egress: [{{to: [{{namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: kube-system}}}}}}], ports: [{ports}]}}]}}"
            ),
        )
    };
    let both = rule("{port: 53, protocol: UDP}, {port: 53, protocol: TCP}");
    assert_eq!(state(&[WORLD, DNS, &deny, &both], NeedQuestion::Dns), Open);
    // Answers that do not fit a datagram come by TCP.
    let udp_alone = rule("{port: 53, protocol: UDP}");
    assert_eq!(state(&[WORLD, DNS, &deny, &udp_alone], NeedQuestion::Dns), Closed);
}

#[test]
fn dns_is_closed_by_its_own_side_and_by_a_service_without_the_port() {
    let fence = policy("fence", DENY_INGRESS).replace("namespace: production", "namespace: kube-system");
    assert_eq!(state(&[WORLD, DNS, &fence], NeedQuestion::Dns), Closed);
    let no_tcp = DNS.replace(", {name: dns-tcp, port: 53, protocol: TCP}", "");
    assert_eq!(state(&[WORLD, &no_tcp], NeedQuestion::Dns), Closed);
}

#[test]
fn a_service_for_the_metrics_of_dns_is_not_asked() {
    let metrics = service("kube-dns-metrics", "{selector: {k8s-app: kube-dns}, ports: [{port: 9153}]}")
        .replace("namespace: production", "namespace: kube-system");
    assert_eq!(state(&[WORLD, DNS, &metrics], NeedQuestion::Dns), Open);
}

#[test]
fn dns_that_the_input_does_not_show_is_unknown() {
    let unknown = need(&[WORLD], NeedQuestion::Dns);
    assert_eq!(unknown.state, Unknown);
    assert!(unknown.help.contains("kubectl get services,deployments"), "{}", unknown.help);
    let (service_alone, pods_alone) = {
        let documents: Vec<&str> = DNS.split("---").collect();
        (documents[2], documents[1])
    };
    assert_eq!(state(&[WORLD, service_alone], NeedQuestion::Dns), Unknown);
    assert_eq!(state(&[WORLD, pods_alone], NeedQuestion::Dns), Open);
    let staging_alone =
        WORLD.split("---").filter(|text| !text.contains("kind: Deployment\nmetadata: {name: api"));
    let staging_alone = staging_alone.collect::<Vec<_>>().join("---");
    assert_eq!(state(&[&staging_alone, DNS], NeedQuestion::Dns), Unknown);
}

#[test]
fn dns_on_the_own_node_must_be_open_too() {
    let cache = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: node-local-dns, namespace: kube-system}\nspec: {template: {metadata: {labels: {k8s-app: node-local-dns}}, spec: {hostNetwork: true, containers: [{name: c, image: x, args: [-localip, '169.254.20.10,10.96.0.10']}]}}}\n";
    assert_eq!(state(&[WORLD, DNS, cache], NeedQuestion::Dns), Open);
    let rule = |peers: &str| {
        policy(
            "names",
            &format!(
                "{{podSelector: {{}}, policyTypes: [Egress], egress: [{{to: {peers}, ports: [{{port: 53, protocol: UDP}}, {{port: 53, protocol: TCP}}]}}]}}"
            ),
        )
    };
    let on = |peers: &str, profile: Profile| {
        let question = Question { profile, ..question(NeedQuestion::Dns) };
        ask(&[WORLD, DNS, cache, &rule(peers)], &question).unwrap().state
    };
    let pods_alone = "[{namespaceSelector: {}}]";
    let with_one = "[{namespaceSelector: {}}, {ipBlock: {cidr: 169.254.20.10/32}}]";
    let with_both =
        "[{namespaceSelector: {}}, {ipBlock: {cidr: 169.254.20.10/32}}, {ipBlock: {cidr: 10.96.0.10/32}}]";
    assert_eq!(on(pods_alone, Profile::CALICO), Closed);
    assert_eq!(on(with_one, Profile::CALICO), Closed);
    assert_eq!(on(with_both, Profile::CALICO), Open);
    // Cilium's ipBlocks do not match nodes, and its pods reach their own node as policies say.
    assert_eq!(on(with_both, Profile::CILIUM), Closed);
    assert_eq!(on("[]", Profile::CILIUM), Open);
}

#[test]
fn a_kind_that_is_not_read_could_close_it_and_to_accept_it_is_not_enough() {
    let cilium = "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: shop, namespace: production}\nspec: {}\n";
    let unknown = need(&[WORLD, cilium], db());
    assert_eq!((unknown.state, rests_on(&unknown)), (Unknown, vec!["shop"]));
    let accepted = vec![("CiliumNetworkPolicy".to_owned(), "it denies alone".to_owned())];
    let question = Question { accepted, ..question(db()) };
    assert_eq!(ask(&[WORLD, cilium], &question).unwrap().state, Unknown);
}

#[test]
fn a_kind_of_which_nothing_is_known_counts_until_it_is_accepted() {
    let odd = "apiVersion: example.com/v1\nkind: Portal\nmetadata: {name: odd, namespace: production}\n";
    assert_eq!(state(&[WORLD, odd], db()), Unknown);
    let accepted = vec![("Portal".to_owned(), "it paints".to_owned())];
    let open = ask(&[WORLD, odd], &Question { accepted, ..question(db()) }).unwrap();
    assert_eq!(open.state, Open);
    assert!(open.why.contains("Portal"), "{}", open.why);
}

#[test]
fn what_is_unclear_matters_in_the_namespaces_of_both_ends_alone() {
    let unclear = |namespace: &str| {
        policy("odd", "{podSelector: {}, ingress: [{from: [{}]}]}")
            .replace("namespace: production", &format!("namespace: {namespace}"))
    };
    assert_eq!(state(&[WORLD, &unclear("production")], db()), Unknown);
    assert_eq!(state(&[WORLD, &unclear("staging")], db()), Open);
    assert_eq!(state(&[WORLD, &unclear("staging")], tcp("staging/api", "production/db", 5432)), Unknown);
    assert_eq!(state(&[WORLD, DNS, &unclear("kube-system")], NeedQuestion::Dns), Unknown);
    assert_eq!(state(&[WORLD, "a: [1\nb: }\n"], db()), Unknown);
}

#[test]
fn what_is_known_to_hold_it_back_counts_more_than_what_was_not_seen() {
    let odd = "apiVersion: example.com/v1\nkind: Portal\nmetadata: {name: odd, namespace: production}\n";
    assert_eq!(state(&[WORLD, odd, &policy("deny", DENY_INGRESS)], db()), Closed);
}

#[test]
fn a_refused_policy_may_close_and_never_opens() {
    let deny = policy("deny", DENY_INGRESS);
    let refused_deny = policy("De_ny", DENY_INGRESS);
    let refused_admit = policy("Ad_mit", ADMIT_WEB);
    for manifests in [vec![WORLD, &refused_deny], vec![WORLD, &deny, &refused_admit]] {
        let closed = need(&manifests, db());
        assert_eq!(closed.state, Closed);
        assert!(closed.why.contains("may not be there"), "{}", closed.why);
        assert!(closed.help.starts_with("mend what the diagnostics name"), "{}", closed.help);
    }
}

#[test]
fn a_named_port_opens_the_number_that_the_pod_gives_it() {
    let deny = policy("deny", DENY_INGRESS);
    let by_name = |name: &str| policy("admit", &ADMIT_WEB.replace("port: 5432", &format!("port: {name}")));
    // On some network plugin a rule of names alone may open more, and never less.
    assert_eq!(state(&[WORLD, &deny, &by_name("postgres")], db()), Open);
    assert_eq!(state(&[WORLD, &deny, &by_name("http")], db()), Closed);
    assert_eq!(
        state(&[WORLD, &deny, &by_name("postgres")], tcp("production/web", "production/db", 5433)),
        Closed
    );
}

#[test]
fn a_service_stands_for_its_pods_and_their_port() {
    let (deny, admit) = (policy("deny", DENY_INGRESS), policy("admit", ADMIT_WEB));
    for target in ["5432", "postgres"] {
        let store = service(
            "store",
            &format!("{{selector: {{app: db}}, ports: [{{port: 80, targetPort: {target}}}]}}"),
        );
        for name in ["production/store", "production/service/store"] {
            let through = tcp("production/web", name, 80);
            assert_eq!(state(&[WORLD, &store, &deny, &admit], through.clone()), Open, "{name} {target}");
            assert_eq!(state(&[WORLD, &store, &deny], through), Closed);
        }
        // The pod's port is none of the Service's.
        let closed = need(&[WORLD, &store], tcp("production/web", "production/store", 5432));
        assert_eq!((closed.state, rests_on(&closed)), (Closed, vec!["store"]));
    }
    let headless =
        service("store", "{clusterIP: None, selector: {app: db}, ports: [{port: 80, targetPort: 5432}]}");
    let dialled = |port| tcp("production/web", "production/store", port);
    assert_eq!(state(&[WORLD, &headless, &deny, &admit], dialled(5432)), Open);
    assert_eq!(state(&[WORLD, &headless, &deny, &admit], dialled(80)), Closed);
}

#[test]
fn a_workload_comes_before_a_service_of_its_name() {
    let namesake = service("db", "{selector: {app: web}, ports: [{port: 80}]}");
    assert_eq!(state(&[WORLD, &namesake], db()), Open);
    let through = tcp("staging/api", "production/service/db", 5432);
    assert_eq!(state(&[WORLD, &namesake], through), Closed, "the Service has no such port");
}

#[test]
fn a_service_whose_pods_are_not_all_seen_is_unknown() {
    let port = "ports: [{port: 80}]";
    let slice = "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: more, namespace: production, labels: {kubernetes.io/service-name: store}}\naddressType: IPv4\nports: [{port: 80}]\nendpoints: [{addresses: [198.51.100.9]}]\n";
    for (spec, more) in [
        (format!("{{selector: {{app: none}}, {port}}}"), ""),
        (format!("{{{port}}}"), ""),
        ("{type: ExternalName, externalName: db.example.com}".to_owned(), ""),
        (format!("{{selector: {{app: db}}, internalTrafficPolicy: Local, {port}}}"), ""),
        ("{selector: {app: db}, ports: [{port: 80, targetPort: http}]}".to_owned(), ""),
        (format!("{{selector: {{app: db}}, {port}}}"), slice),
    ] {
        let store = service("store", &spec);
        assert_eq!(
            state(&[WORLD, &store, more], tcp("production/web", "production/store", 80)),
            Unknown,
            "{spec}"
        );
    }
    let store = service("store", &format!("{{selector: {{app: db}}, {port}}}"));
    assert_eq!(state(&[WORLD, &store], tcp("production/web", "production/store", 80)), Open);
    assert_eq!(state(&[WORLD, &store], tcp("production/db", "production/store", 80)), Unknown, "N33");
    assert_eq!(state(&[WORLD, &store], tcp("203.0.113.9", "production/store", 80)), Unknown, "N40");
}

/// A pod that came from a live cluster.
fn live(name: &str, status: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: production, labels: {{app: {name}}}}}\nspec: {{nodeName: n, containers: [{{name: c, image: x}}]}}\nstatus: {status}\n"
    )
}

#[test]
fn n55_pods_that_have_no_address_or_have_ended_are_open_to_nobody() {
    let waiting = live("cache", "{phase: Pending}");
    let ended = live("cache", "{phase: Succeeded}");
    let running = live("cache", "{phase: Running, podIP: 10.244.0.9, podIPs: [{ip: 10.244.0.9}]}");
    let cache = || tcp("production/web", "production/cache", 6379);
    assert_eq!(state(&[WORLD, &waiting], cache()), Unknown);
    assert_eq!(state(&[WORLD, &ended], cache()), Unknown);
    assert_eq!(state(&[WORLD, &running], cache()), Open);
    // One that waits keeps what the others need from being certain.
    let another = waiting.replace("name: cache,", "name: cache-1,");
    let both = service("caches", "{selector: {app: cache}, ports: [{port: 6379}]}");
    let through = tcp("production/web", "production/caches", 6379);
    assert_eq!(state(&[WORLD, &running, &both], through.clone()), Open);
    assert_eq!(state(&[WORLD, &running, &another, &both], through), Unknown);
}

#[test]
fn an_address_is_the_pod_that_has_it_or_unknown_where_one_could() {
    let running = live("cache", "{phase: Running, podIP: 10.244.0.9, podIPs: [{ip: 10.244.0.9}]}");
    let node = "apiVersion: v1\nkind: Node\nmetadata: {name: n}\nspec: {podCIDR: 10.244.0.0/24, podCIDRs: [10.244.0.0/24]}\nstatus: {addresses: [{type: InternalIP, address: 172.31.0.1}]}\n";
    let deny = policy("deny", DENY_INGRESS);
    let address = |address: &str| tcp("staging/api", address, 6379);
    assert_eq!(state(&[WORLD, node, &running, &deny], address("10.244.0.9")), Closed);
    assert_eq!(state(&[WORLD, node, &running], address("10.244.0.9")), Open);
    assert_eq!(state(&[WORLD, node, &running], address("10.244.0.10")), Unknown);
    assert_eq!(state(&[WORLD, node, &running], address("10.1.2.3")), Open);
    assert_eq!(state(&[WORLD], address("10.1.2.3")), Unknown);
    assert_eq!(state(&[WORLD, node], address("172.31.0.1")), Open);
    assert_eq!(state(&[WORLD], address("127.0.0.1")), Unknown);
    let service = service("store", "{clusterIP: 10.96.0.7, selector: {app: db}, ports: [{port: 6379}]}");
    assert_eq!(state(&[WORLD, node, &service], address("10.96.0.7")), Unknown);
}

#[test]
fn the_outside_is_reached_by_what_the_policies_name_of_each_family() {
    let partner = |cidr: &str| {
        policy(
            "partner",
            &format!(
                "{{podSelector: {{}}, policyTypes: [Egress], egress: [{{to: [{{ipBlock: {{cidr: '{cidr}'}}}}], ports: [{{port: 443}}]}}]}}"
            ),
        )
    };
    let v4 = || tcp("production/web", "198.51.100.7", 443);
    let v6 = || tcp("production/web", "2001:db8::1", 443);
    assert_eq!(state(&[WORLD, &partner("198.51.100.0/24")], v4()), Open);
    assert_eq!(state(&[WORLD, &partner("198.51.100.0/24")], v6()), Closed);
    assert_eq!(state(&[WORLD, &partner("2001:db8::/32")], v6()), Open);
    assert_eq!(state(&[WORLD, &partner("2001:db8::/32")], v4()), Closed);
    assert_eq!(need(&[WORLD], v6()).asked, "production/web=[2001:db8::1]:443");
    assert_eq!(state(&[WORLD], tcp("198.51.100.7", "production/web", 443)), Open);
    assert_eq!(
        state(&[WORLD, &policy("deny", DENY_INGRESS)], tcp("198.51.100.7", "production/web", 443)),
        Closed
    );
}

#[test]
fn what_network_plugins_differ_on_is_open_on_some() {
    let cache = live("cache", "{phase: Running, podIP: 10.244.0.9, podIPs: [{ip: 10.244.0.9}]}");
    let block = policy(
        "block",
        "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{ipBlock: {cidr: 10.244.0.0/16}}]}]}",
    );
    let on = |profile| {
        let question = Question { profile, ..question(tcp("production/cache", "production/db", 5432)) };
        ask(&[WORLD, &cache, &block], &question).unwrap()
    };
    assert_eq!(on(Profile::CALICO).state, Open);
    assert_eq!(on(Profile::CILIUM).state, Closed);
    let closed = on(Profile::CONSERVATIVE);
    assert_eq!(closed.state, Closed);
    assert!(closed.why.contains("some reading of the profile lets it pass"), "{}", closed.why);
}

#[test]
fn an_end_that_is_not_there_is_an_error() {
    let store = service("store", "{selector: {app: db}, ports: [{port: 80}]}");
    for (from, to) in [
        ("production/wob", "production/db"),
        ("production/web", "production/bd"),
        ("production/store", "production/db"),
        ("198.51.100.7", "203.0.113.9"),
    ] {
        assert!(ask(&[WORLD, &store], &question(tcp(from, to, 80))).is_err(), "{from} {to}");
    }
}
