//! No input brings the reader down: arbitrary bytes, and manifests with pieces cut out, doubled or swapped.

use proptest::prelude::*;
use watertight_base::Source;
use watertight_ingest::{Ingested, Options, RULES, read};

const SEEDS: &[&str] = &[
    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: p\n  namespace: a\nspec:\n  \
     podSelector:\n    matchLabels: {app: db}\n    matchExpressions:\n    - {key: a, operator: In, values: [b]}\n  \
     policyTypes: [Ingress, Egress]\n  ingress:\n  - from:\n    - namespaceSelector: {}\n      podSelector: {}\n    \
     - ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}\n    ports:\n    - {port: 80, endPort: 90, protocol: TCP}\n",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  replicas: 2\n  selector: {matchLabels: {a: b}}\n  \
     template:\n    metadata: {labels: {a: b}}\n    spec:\n      hostNetwork: true\n      containers:\n      - ports: [{containerPort: 80, name: http}]\n      \
     tolerations: [{operator: Exists}]\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {type: NodePort, ports: [{port: 80, nodePort: 30000}]}\n",
    "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"p\", \
     \"ownerReferences\": [{\"kind\": \"Job\", \"name\": \"j\", \"controller\": true}]}, \"spec\": {\"containers\": [{}]}, \"status\": {\"phase\": \"Running\"}}]}",
    "x: &x {a: b}\ny: &y {<<: *x, c: *x}\napiVersion: v1\nkind: Namespace\nmetadata:\n  <<: [*x, *y]\n  name: n\n  labels: *x\n",
    "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../a, b.yaml]\n",
    "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\nrules:\n\
     - {apiGroups: [v1], resources: [Pods], verbs: [Get], resourceNames: [a]}\n- {nonResourceURLs: [/a], verbs: ['*']}\n\
     aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}\n---\napiVersion: rbac.authorization.k8s.io/v1\n\
     kind: RoleBinding\nmetadata: {name: b}\nroleRef: {kind: ClusterRole, name: r}\n\
     subjects: [{kind: User, name: u}, {kind: ServiceAccount, name: s, namespace: n}]\n",
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: w.a.b}\nspec: {group: a.b, \
     scope: Cluster, names: {plural: w, kind: W, shortNames: [x]}, versions: [{name: v1, served: true, storage: true, \
     subresources: {status: {}}}]}\n",
];

/// Pieces that like to break parsers.
const PIECES: &[&str] = &[
    "{{",
    "}}",
    "---\n",
    "...\n",
    "&x ",
    "*x",
    "<<: ",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    "\n",
    "\t",
    "|\n",
    ": ",
    "- ",
    "null",
    "!!int ",
    "\u{feff}",
    "\0",
    "é",
    "1e999",
    "0x",
    "%YAML 1.2\n",
    "# ",
    "? ",
    "65536",
    "\\u0000",
    "on",
];

fn ingest(bytes: Vec<u8>) -> Ingested {
    read(&[Source { name: "x.yaml".into(), bytes }], &Options::default())
}

/// What holds of every answer: places are inside the input, names are listed, indices are right, order is fixed.
fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    let ingested = ingest(bytes.to_vec());
    prop_assert_eq!(&ingest(bytes.to_vec()), &ingested);
    for diagnostic in &ingested.diagnostics {
        prop_assert!(RULES.contains(&diagnostic.rule));
        let Some((span, _)) = diagnostic.at.as_ref() else {
            return Err(TestCaseError::fail("a diagnostic without a place"));
        };
        prop_assert!(span.start <= span.end && span.end <= bytes.len());
        prop_assert!(
            std::str::from_utf8(bytes).is_err() || std::str::from_utf8(&bytes[span.start..span.end]).is_ok()
        );
    }
    let snapshot = &ingested.snapshot;
    for spot in &snapshot.blind_spots {
        prop_assert!(RULES.contains(&spot.rule));
    }
    prop_assert!(snapshot.namespaces.is_sorted_by(|a, b| a.name < b.name));
    for pod in &snapshot.pods {
        prop_assert_eq!(&Some(snapshot.namespace(pod.namespace).name.clone()), &pod.origin.object.namespace);
    }
    for policy in &snapshot.policies {
        prop_assert_eq!(
            &Some(snapshot.namespace(policy.namespace).name.clone()),
            &policy.origin.object.namespace
        );
        for rule in policy.ingress.iter().chain(&policy.egress) {
            prop_assert!(rule.peers.as_ref().is_none_or(|peers| !peers.is_empty()));
            prop_assert!(rule.ports.as_ref().is_none_or(|ports| !ports.is_empty()));
        }
    }
    Ok(())
}

/// One change of a text: where, how much is taken out, and what is put there.
fn mutation() -> impl Strategy<Value = (prop::sample::Index, usize, prop::sample::Index)> {
    (any::<prop::sample::Index>(), 0..12_usize, any::<prop::sample::Index>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        check(&bytes)?;
    }

    #[test]
    fn arbitrary_text_of_likely_pieces_is_read(pieces in prop::collection::vec(0..PIECES.len(), 0..60)) {
        let text: String = pieces.into_iter().map(|piece| PIECES[piece]).collect();
        check(text.as_bytes())?;
    }

    #[test]
    fn mutated_manifests_are_read(
        seed in 0..SEEDS.len(),
        mutations in prop::collection::vec(mutation(), 1..6),
    ) {
        let mut text: Vec<char> = SEEDS[seed].chars().collect();
        for (place, length, piece) in mutations {
            let start = place.index(text.len() + 1);
            let end = (start + length).min(text.len());
            text.splice(start..end, PIECES[piece.index(PIECES.len())].chars());
        }
        check(text.into_iter().collect::<String>().as_bytes())?;
    }

    #[test]
    fn shuffled_lines_are_read(seed in 0..SEEDS.len(), order in prop::collection::vec(any::<prop::sample::Index>(), 1..40)) {
        let lines: Vec<&str> = SEEDS[seed].lines().collect();
        let text: Vec<&str> = order.iter().map(|index| lines[index.index(lines.len())]).collect();
        check(text.join("\n").as_bytes())?;
    }
}
