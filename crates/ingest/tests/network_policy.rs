//! NetworkPolicies as the API server understands them.

mod support;

use support::{policy, read};
use watertight_base::{Labels, Protocol, Selector};
use watertight_model::{Admission, BlindScope, NamespaceScope, PeerKind, PolicyTypes, PortMatch};

fn types(spec: &str) -> (bool, bool) {
    let read = read(&policy(spec));
    read.assert_clean();
    let PolicyTypes { ingress, egress } = read.policy().types;
    (ingress, egress)
}

/// What a peer means that stands alone in an ingress rule.
fn peer(element: &str) -> PeerKind {
    let read = read(&policy(&format!("{{ingress: [{{from: [{element}]}}]}}")));
    read.assert_clean();
    let peers = read.policy().ingress[0].peers.clone().unwrap_or_default();
    peers[0].kind.clone()
}

fn port(element: &str) -> (Protocol, PortMatch) {
    let read = read(&policy(&format!("{{ingress: [{{ports: [{element}]}}]}}")));
    read.assert_clean();
    let ports = read.policy().ingress[0].ports.clone().unwrap_or_default();
    (ports[0].protocol, ports[0].port.clone())
}

#[test]
fn n4_types_default_to_ingress_and_to_egress_if_there_is_an_egress_rule() {
    for (spec, expected) in [
        ("{podSelector: {}}", (true, false)),
        ("{egress: []}", (true, false)),
        ("{egress: null}", (true, false)),
        ("{egress: [], policyTypes: []}", (true, false)),
        ("{egress: [], policyTypes: null}", (true, false)),
        ("{egress: [{}]}", (true, true)),
        ("{egress: [{}], policyTypes: null}", (true, true)),
        ("{egress: [{}], policyTypes: []}", (true, true)),
        ("{policyTypes: [Egress]}", (false, true)),
        ("{policyTypes: [Ingress, Egress]}", (true, true)),
        ("{policyTypes: [Ingress], egress: [{}]}", (true, false)),
    ] {
        assert_eq!(types(spec), expected, "{spec}");
    }
}

#[test]
fn n4_the_place_of_the_types_is_known_only_if_they_are_written() {
    let written = read(&policy("{policyTypes: [Egress]}"));
    assert_eq!(written.under(written.policy().types_span.unwrap()), "[Egress]");
    assert_eq!(read(&policy("{policyTypes: []}")).policy().types_span, None);
}

#[test]
fn n5_rules_of_a_direction_that_is_left_out_are_kept() {
    let read = read(&policy("{policyTypes: [Egress], ingress: [{}]}"));
    assert_eq!((read.policy().types.ingress, read.policy().ingress.len()), (false, 1));
}

#[test]
fn n6_n7_n8_empty_missing_and_null_rules_mean_what_the_server_stores() {
    for spec in ["{ingress: []}", "{ingress: null}", "{}", "null"] {
        assert_eq!(read(&policy(spec)).policy().ingress, [], "{spec}");
    }
    for rule in ["{}", "null", "{from: []}", "{from: null}", "{ports: []}", "{ports: null, from: null}"] {
        let read = read(&policy(&format!("{{ingress: [{rule}]}}")));
        read.assert_clean();
        let rules = &read.policy().ingress;
        assert_eq!(rules.len(), 1, "{rule}");
        assert_eq!((&rules[0].peers, &rules[0].ports), (&None, &None), "{rule}");
    }
}

#[test]
fn n9_a_missing_pod_selector_or_spec_selects_every_pod() {
    for spec in ["{podSelector: {}}", "{}", "null", "{podSelector: null}"] {
        let read = read(&policy(spec));
        read.assert_clean();
        assert_eq!(read.policy().subject, Selector::everything(), "{spec}");
    }
    let without = read("apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\n");
    without.assert_clean();
    assert_eq!(without.policy().subject, Selector::everything());
}

#[test]
fn n10_n11_n12_n14_peers_say_which_namespaces_and_which_pods() {
    let app = Selector::label("app", "db");
    let everything = Selector::everything;
    for (element, namespaces, pods, pods_written) in [
        ("{podSelector: {matchLabels: {app: db}}}", NamespaceScope::Own, app.clone(), true),
        ("{podSelector: {}}", NamespaceScope::Own, everything(), true),
        ("{podSelector: {}, namespaceSelector: null}", NamespaceScope::Own, everything(), true),
        ("{namespaceSelector: {}}", NamespaceScope::Selected(everything()), everything(), false),
        (
            "{namespaceSelector: {}, podSelector: {matchLabels: {app: db}}}",
            NamespaceScope::Selected(everything()),
            app.clone(),
            true,
        ),
        (
            "{namespaceSelector: {matchLabels: {app: db}}}",
            NamespaceScope::Selected(app.clone()),
            everything(),
            false,
        ),
    ] {
        assert_eq!(peer(element), PeerKind::Pods { namespaces, pods, pods_written }, "{element}");
    }
}

#[test]
fn n13_two_elements_are_two_peers() {
    let read = read(&policy("{ingress: [{from: [{namespaceSelector: {}}, {podSelector: {}}]}]}"));
    let peers = read.policy().ingress[0].peers.as_ref().unwrap();
    assert_eq!(peers.len(), 2);
    assert_eq!(read.under(peers[1].span), "{podSelector: {}}");
}

#[test]
fn n15_empty_and_contradictory_peers_leave_the_policy_out() {
    for element in ["{}", "null", "{podSelector: null}", "{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}"] {
        let read = read(&policy(&format!("{{ingress: [{{from: [{element}]}}]}}")));
        assert_eq!(read.rules(), ["invalid-peer"], "{element}");
        assert_eq!(read.blind_spots(), [("invalid-peer", BlindScope::Namespace("staging".into()))]);
        assert!(read.snapshot().policies.is_empty());
        assert!(read.snapshot().namespace_named("staging").is_some());
    }
}

#[test]
fn n16_selectors_join_labels_and_expressions() {
    let read = read(&policy(
        "{podSelector: {matchLabels: {a: x}, matchExpressions: [{key: b, operator: NotIn, values: [w]}, \
         {key: c, operator: Exists}, {key: d, operator: DoesNotExist}, {key: e, operator: In, values: [z]}]}}",
    ));
    read.assert_clean();
    assert_eq!(read.policy().subject.to_string(), "a=x,b!=w,c,!d,e=z");
    let labels = |pairs: &[(&str, &str)]| -> Labels {
        pairs.iter().map(|&(key, value)| (key.into(), value.into())).collect()
    };
    assert!(read.policy().subject.matches(&labels(&[("a", "x"), ("c", ""), ("e", "z")])));
}

#[test]
fn n19_an_omitted_namespace_is_the_default_one() {
    let read = read("apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {}\n");
    assert_eq!(read.snapshot().namespace(read.policy().namespace).name, "default");
    assert_eq!(read.policy().origin.object.namespace.as_deref(), Some("default"));
}

#[test]
fn n20_two_policies_of_one_name_are_a_blind_spot_of_their_namespace() {
    let read = read(&format!("{}---\n{}", policy("{}"), policy("{ingress: [{}]}")));
    assert_eq!(read.rules(), ["ambiguous-object"]);
    assert_eq!(read.blind_spots(), [("ambiguous-object", BlindScope::Namespace("staging".into()))]);
    assert!(read.snapshot().policies.is_empty());
}

#[test]
fn n21_a_name_that_is_refused_keeps_its_policy() {
    let read = read(&policy("{}").replace("name: p", "name: allow_db"));
    assert_eq!(read.policy().admission, Admission::Refused);
    assert_eq!(read.rules(), ["invalid-name"]);
    assert_eq!(read.blind_spots(), []);
}

#[test]
fn n23_n24_protocol_and_port_have_defaults() {
    assert_eq!(port("{port: 80}"), (Protocol::Tcp, PortMatch::Number(80)));
    assert_eq!(port("{port: 80.0}"), (Protocol::Tcp, PortMatch::Number(80)));
    assert_eq!(port("{protocol: UDP}"), (Protocol::Udp, PortMatch::All));
    assert_eq!(port("{}"), (Protocol::Tcp, PortMatch::All));
    assert_eq!(port("null"), (Protocol::Tcp, PortMatch::All));
    assert_eq!(port("{protocol: SCTP, port: null}"), (Protocol::Sctp, PortMatch::All));
}

#[test]
fn n25_end_port_is_included() {
    assert_eq!(port("{port: 80, endPort: 90}"), (Protocol::Tcp, PortMatch::Range(80, 90)));
    assert_eq!(port("{port: 80, endPort: 80}"), (Protocol::Tcp, PortMatch::Range(80, 80)));
    assert_eq!(port("{port: 80, endPort: null}"), (Protocol::Tcp, PortMatch::Number(80)));
}

#[test]
fn n25_ranges_that_mean_nothing_leave_the_policy_out() {
    for element in [
        "{port: 90, endPort: 80}",
        "{port: http, endPort: 80}",
        "{endPort: 80}",
        "{port: 0}",
        "{port: 65536}",
        "{port: -1}",
        "{port: 80, endPort: 65536}",
    ] {
        let read = read(&policy(&format!("{{ingress: [{{ports: [{element}]}}]}}")));
        assert_eq!(read.rules(), ["invalid-port-range"], "{element}");
        assert!(read.snapshot().policies.is_empty(), "{element}");
    }
}

#[test]
fn n26_a_port_may_be_a_name() {
    assert_eq!(port("{port: http}"), (Protocol::Tcp, PortMatch::Named("http".into())));
}

#[test]
fn n44_exceptions_are_kept_beside_their_network() {
    let expected = PeerKind::IpBlock {
        cidr: "10.0.0.0/8".parse().unwrap(),
        except: vec!["10.1.0.0/16".parse().unwrap(), "10.2.0.0/16".parse().unwrap()],
    };
    assert_eq!(peer("{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16, 10.2.0.0/16]}}"), expected);
}

#[test]
fn n45_host_bits_mean_the_network_and_are_refused() {
    let read = read(&policy("{egress: [{to: [{ipBlock: {cidr: 10.0.0.1/24}}]}]}"));
    let peers = read.policy().egress[0].peers.as_ref().unwrap();
    assert_eq!(peers[0].kind, PeerKind::IpBlock { cidr: "10.0.0.0/24".parse().unwrap(), except: Vec::new() });
    assert_eq!(read.policy().admission, Admission::Refused);
}

#[test]
fn what_is_refused_and_clear_stays_and_is_marked() {
    for spec in [
        "{policyTypes: [ingress]}",
        "{ingress: [{ports: [{port: \"80\"}]}]}",
        "{ingress: [{ports: [{protocol: tcp}]}]}",
        "{ingress: [{ports: [{port: a-name-that-is-long}]}]}",
        "{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/8]}}]}]}",
        "{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}]}]}",
        "{ingress: [{from: [{ipBlock: {cidr: 010.0.0.0/8}}]}]}",
        "{ingress: [{from: [{ipBlock: {cidr: \"::ffff:10.0.0.0/104\"}}]}]}",
        "{podSelector: {matchLabels: {a: true}}}",
        "{podSelector: {matchLabels: {\"a b\": x}}}",
        "{podSelector: {matchExpressions: [{key: a, operator: Exists, values: [x]}]}}",
        "{podselector: {matchLabels: {a: b}}}",
        "{ingress: [{to: [{podSelector: {}}]}]}",
    ] {
        let read = read(&policy(spec));
        assert_eq!(read.rules().len(), 1, "{spec}: {:?}", read.diagnostics());
        assert_eq!(read.policy().admission, Admission::Refused, "{spec}");
        assert_eq!(read.blind_spots(), [], "{spec}");
    }
    assert_eq!(read(&policy("{}")).policy().admission, Admission::Accepted);
}

#[test]
fn a_refusal_says_nothing_about_the_next_policy() {
    let good = policy("{}").replace("name: p", "name: q");
    let read = read(&format!("{}---\n{good}", policy("{policyTypes: [ingress]}")));
    let admissions: Vec<Admission> = read.snapshot().policies.iter().map(|policy| policy.admission).collect();
    assert_eq!(admissions, [Admission::Refused, Admission::Accepted]);
}

#[test]
fn ipv4_inside_ipv6_and_leading_zeros_are_read_as_servers_did() {
    for (text, meaning) in [("010.0.0.0/8", "10.0.0.0/8"), ("::ffff:10.0.0.0/104", "10.0.0.0/8")] {
        let read = read(&policy(&format!("{{ingress: [{{from: [{{ipBlock: {{cidr: \"{text}\"}}}}]}}]}}")));
        let peers = read.policy().ingress[0].peers.as_ref().unwrap();
        let cidr = meaning.parse().unwrap();
        assert_eq!(peers[0].kind, PeerKind::IpBlock { cidr, except: Vec::new() }, "{text}");
    }
}

#[test]
fn places_reach_down_to_the_field() {
    let text = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: p\nspec:\n  \
                podSelector:\n    matchLabels:\n      app: db\n  ingress:\n    - from:\n        - podSelector: {}\n      \
                ports:\n        - port: 80\n          protocol: TCP\n";
    let read = read(text);
    let policy = read.policy();
    assert_eq!(read.under(policy.subject_span), "matchLabels:\n      app: db");
    let rule = &policy.ingress[0];
    assert!(read.under(rule.span).starts_with("from:\n"));
    assert_eq!(read.under(rule.peers.as_ref().unwrap()[0].span), "podSelector: {}");
    assert_eq!(read.under(rule.ports.as_ref().unwrap()[0].span), "port: 80\n          protocol: TCP");
    assert_eq!(read.under(policy.origin.span), text.trim_end());
}

#[test]
fn metadata_that_the_server_refuses_leaves_no_policy() {
    for (metadata, rule) in [
        ("annotations: {\"a key!\": x}", "invalid-name"),
        ("label: {app: web}", "unknown-field"),
        ("ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: o}]", "missing-field"),
    ] {
        let read = read(&policy("{}").replace("name: p,", &format!("name: p, {metadata},")));
        assert_eq!(read.rules(), [rule], "{metadata}");
        assert_eq!(read.policy().admission, Admission::Refused, "{metadata}");
    }
    let live =
        "annotations: {Example.com/Note: x}, creationTimestamp: null, generation: 1, managedFields: []";
    read(&policy("{}").replace("name: p,", &format!("name: p, {live},"))).assert_clean();
}

/// A policy with these annotations and this spec.
fn annotated(annotations: &str, spec: &str) -> String {
    policy(spec).replace("name: p,", &format!("name: p, annotations: {{{annotations}}},"))
}

#[test]
fn c6_a_policy_that_is_not_there_to_stay_is_marked() {
    for (annotation, key) in [
        ("helm.sh/hook: test", "helm.sh/hook"),
        ("helm.sh/hook: \"pre-install,pre-upgrade\"", "helm.sh/hook"),
        ("helm.sh/hook: \"\"", "helm.sh/hook"),
        ("helm.sh/hook: null", "helm.sh/hook"),
        ("argocd.argoproj.io/hook: PreSync", "argocd.argoproj.io/hook"),
        ("config.kubernetes.io/local-config: \"true\"", "config.kubernetes.io/local-config"),
        ("config.kubernetes.io/local-config: \"yes\"", "config.kubernetes.io/local-config"),
    ] {
        let read = read(&annotated(annotation, "{}"));
        assert_eq!(read.policy().admission, Admission::Passing, "{annotation}");
        let places: Vec<_> =
            read.diagnostics().into_iter().map(|[rule, _, under, ..]| (rule, under)).collect();
        assert_eq!(places, [("warning passing-policy".to_owned(), key.to_owned())], "{annotation}");
        assert_eq!(read.blind_spots(), [], "{annotation}");
    }
}

#[test]
fn c6_annotations_that_only_look_like_those_of_a_hook_mean_nothing() {
    for annotation in [
        "config.kubernetes.io/local-config: \"false\"",
        "helm.sh/hook-weight: \"1\"",
        "helm.sh/resource-policy: keep",
        "argocd.argoproj.io/sync-wave: \"1\"",
    ] {
        let read = read(&annotated(annotation, "{}"));
        read.assert_clean();
        assert_eq!(read.policy().admission, Admission::Accepted, "{annotation}");
    }
}

#[test]
fn c6_refused_wins_over_passing() {
    let read = read(&annotated("helm.sh/hook: test", "{policyTypes: [ingress]}"));
    assert_eq!(read.policy().admission, Admission::Refused);
    assert_eq!(read.rules(), ["passing-policy", "invalid-value"]);
}

#[test]
fn c6_a_namespace_that_is_not_there_to_stay_is_marked() {
    for (metadata, key) in [
        ("annotations: {helm.sh/hook: test}", "helm.sh/hook"),
        ("annotations: {config.kubernetes.io/local-config: \"true\"}", "config.kubernetes.io/local-config"),
        ("deletionTimestamp: \"2026-11-01T10:00:00Z\"", "deletionTimestamp"),
    ] {
        let read = read(&format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{name: one, labels: {{a: b}}, {metadata}}}\n"
        ));
        assert_eq!(read.snapshot().namespaces[0].admission, Admission::Passing, "{metadata}");
        assert!(read.snapshot().namespaces[0].sure_labels().is_none(), "{metadata}");
        let places: Vec<_> =
            read.diagnostics().into_iter().map(|[rule, _, under, ..]| (rule, under)).collect();
        assert_eq!(places, [("warning passing-policy".to_owned(), key.to_owned())], "{metadata}");
    }
}
