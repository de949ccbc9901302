//! Many namespaces on either side: a search for all of them at once finds a way for a pair where one for the pair alone
//! does.

use std::collections::BTreeSet;
use watertight_base::Source;
use watertight_ingest::{Options, read};
use watertight_model::{Fact, NamespaceId, Relation, Snapshot};
use watertight_network::{Profile, Reading, crossings};

/// Two namespaces on either side that no selector below tells apart, save by name, and some policies.
fn snapshot(policies: &[(&str, &str)]) -> Snapshot {
    let mut yaml = String::new();
    for (namespace, side) in
        [("s1", "staging"), ("s2", "staging"), ("p1", "production"), ("p2", "production")]
    {
        yaml += &format!(
            "---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {namespace}, labels: {{side: {side}, \
             pod-security.kubernetes.io/enforce: restricted}}}}\n---\napiVersion: v1\nkind: Pod\nmetadata: {{name: a, \
             namespace: {namespace}, labels: {{app: a}}}}\nspec: {{containers: [{{name: c, image: i}}]}}\n"
        );
    }
    for (number, (namespace, spec)) in policies.iter().enumerate() {
        let kind = if namespace.is_empty() {
            format!(
                "policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {{name: n{number}}}"
            )
        } else {
            format!(
                "networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: n{number}, namespace: {namespace}}}"
            )
        };
        yaml += &format!("---\napiVersion: {kind}\nspec: {spec}\n");
    }
    let ingested = read(&[Source { name: "x.yaml".into(), bytes: yaml.into_bytes() }], &Options::default());
    assert_eq!(ingested.diagnostics, []);
    ingested.snapshot
}

/// The pairs of namespaces between which something passes.
fn pairs(snapshot: &Snapshot, profile: Profile, from: &[&str], to: &[&str]) -> BTreeSet<(String, String)> {
    let ids = |names: &[&str]| -> Vec<NamespaceId> {
        names.iter().map(|name| snapshot.namespace_named(name).unwrap()).collect()
    };
    let found = crossings(snapshot, &Reading::new(profile, Relation::May), &ids(from), &ids(to));
    assert!(found.undecided.is_empty());
    let facts = found.found.iter().flat_map(|crossing| &crossing.breach.steps).map(|step| &step.fact);
    let ends = facts.filter_map(|fact| match fact {
        Fact::IngressAllowed { from, to, .. } => Some((from.namespace.clone(), to.namespace.clone())),
        _ => None,
    });
    ends.collect()
}

/// The same pairs, asked about together and one by one.
#[track_caller]
fn pass(profile: Profile, policies: &[(&str, &str)], expected: &[(&str, &str)]) {
    let snapshot = snapshot(policies);
    let (from, to) = (["s1", "s2"], ["p1", "p2"]);
    let expected: BTreeSet<(String, String)> =
        expected.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect();
    assert_eq!(pairs(&snapshot, profile, &from, &to), expected, "together");
    let alone = from.iter().flat_map(|from| to.iter().map(move |to| (from, to)));
    let alone: BTreeSet<_> = alone.flat_map(|(from, to)| pairs(&snapshot, profile, &[from], &[to])).collect();
    assert_eq!(alone, expected, "one by one");
}

const ALL: &[(&str, &str)] = &[("s1", "p1"), ("s1", "p2"), ("s2", "p1"), ("s2", "p2")];
const NO_EGRESS: &str = "{podSelector: {}, policyTypes: [Egress]}";
const NO_INGRESS: &str = "{podSelector: {}, policyTypes: [Ingress]}";

#[test]
fn each_source_is_asked_what_it_lets_out() {
    pass(Profile::CALICO, &[], ALL);
    // Whoever comes in by a node looks alike, so that nodes are kept out.
    let pods = "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}";
    let with = |policies: &[(&str, &str)], expected: &[(&str, &str)]| {
        pass(Profile::CALICO, &[&[("p1", pods), ("p2", pods)], policies].concat(), expected);
    };
    with(&[], ALL);
    with(&[("s1", NO_EGRESS)], &[("s2", "p1"), ("s2", "p2")]);
    with(&[("s2", NO_EGRESS)], &[("s1", "p1"), ("s1", "p2")]);
    let to_p2 = "{podSelector: {}, egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: p2}}}]}], policyTypes: [Egress]}";
    with(&[("s1", to_p2), ("s2", NO_EGRESS)], &[("s1", "p2")]);
    with(&[("s2", to_p2), ("s1", NO_EGRESS)], &[("s2", "p2")]);
}

#[test]
fn each_target_is_asked_whom_it_lets_in() {
    pass(Profile::CALICO, &[("p1", NO_INGRESS)], &[("s1", "p2"), ("s2", "p2")]);
    let own = "{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}";
    pass(Profile::CALICO, &[("p1", own), ("p2", NO_INGRESS)], &[]);
    let from_s2 = "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: s2}}}]}]}";
    pass(Profile::CALICO, &[("p1", own), ("p1", from_s2), ("p2", NO_INGRESS)], &[("s2", "p1")]);
    let of_staging =
        "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {side: staging}}}]}]}";
    pass(Profile::CALICO, &[("p1", of_staging), ("p2", NO_INGRESS)], &[("s1", "p1"), ("s2", "p1")]);
}

#[test]
fn what_some_pods_or_some_ports_are_refused_shuts_no_pair() {
    let some_pods = "{podSelector: {matchLabels: {app: b}}, policyTypes: [Ingress]}";
    pass(Profile::CALICO, &[("p1", some_pods), ("p2", NO_INGRESS)], &[("s1", "p1"), ("s2", "p1")]);
    let some_ports = "{tier: Admin, priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}], \
                      protocols: [{tcp: {destinationPort: {number: 80}}}]}]}";
    pass(Profile::DECLARED, &[("", some_ports)], ALL);
    let all_ports = "{tier: Admin, priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}";
    pass(Profile::DECLARED, &[("", all_ports)], &[]);
}
