//! Hand-built values for the tests of every format: one leaky policy, and all that a report can say about it.

pub(crate) mod access;
pub(crate) mod certificate;

use crate::{Inputs, Provenance};
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{
    ConnectionSet, Diagnostic, Labels, PortSet, Protocol, Severity, Source, SourceId, Span,
};
use watertight_model::{
    Action, Assumption, Because, BlindScope, BlindSpot, Boundary, Breach, Channel, ChannelReport,
    ConnectivityMap, DirectionExplanation, Edge, EnvironmentReport, Evidence, EvidenceRole, Explanation,
    Fact, FactPeer, Gain, NamespaceChoice, NearWay, Need, NeedState, ObjectRef, Path, Peer, PublicEntry,
    Relation, Report, Root, RuleEffect, Snapshot, Step, Verdict, When,
};

const POLICY: &str = "\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-db
  namespace: production
spec:
  podSelector:
    matchLabels:
      app: db
  ingress:
    - from:
        - namespaceSelector: {}
      ports:
        - port: 5432
";

const PODS: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: staging}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: production}
";

const RBAC: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: deployer, namespace: shop}
rules:
  - {apiGroups: [apps], resources: [deployments], verbs: [get, patch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ci, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: deployer}
subjects:
  - {kind: ServiceAccount, name: deployer, namespace: ci}
";

pub(crate) fn sources() -> Vec<Source> {
    let source = |name: &str, text: &str| Source { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
    vec![source("k8s/db.yaml", POLICY), source("k8s/pods.yaml", PODS), source("k8s/rbac.yaml", RBAC)]
}

/// Where `text` first stands in the fixture's inputs.
pub(crate) fn span(text: &str) -> Span {
    let found =
        [POLICY, PODS, RBAC].into_iter().zip(0..).find_map(|(source, id)| Some((source.find(text)?, id)));
    let (start, id) = found.expect("the text stands in a fixture");
    Span::new(SourceId(id), start, start + text.len())
}

/// Runs `test` with an index of the fixture's inputs.
pub(crate) fn with_inputs<T>(test: impl FnOnce(&Inputs<'_>) -> T) -> T {
    let sources = sources();
    test(&Inputs::new(&sources, &[]))
}

fn object(api_version: &str, kind: &str, namespace: &str, name: &str) -> ObjectRef {
    ObjectRef {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        namespace: Some(namespace.to_owned()),
        name: name.to_owned(),
        uid: None,
    }
}

/// A way that is not open.
fn near_way() -> NearWay {
    NearWay {
        rule: "unfenced-ingress",
        message: format!("without {}, staging/api can open connections to production/db", policy()),
        blocked: "nothing else holds it back".to_owned(),
        because: vec![because(EvidenceRole::Denies, policy(), "/spec", "  podSelector:")],
    }
}

fn because(role: EvidenceRole, object: ObjectRef, path: &str, text: &str) -> Because {
    Because { role, object, path: path.to_owned(), evidence: Some(Evidence::File(span(text))) }
}

fn policy() -> ObjectRef {
    object("networking.k8s.io/v1", "NetworkPolicy", "production", "allow-db")
}

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect()
}

fn peer(namespace: &str, name: &str, app: &str) -> FactPeer {
    FactPeer {
        namespace: namespace.to_owned(),
        namespace_labels: labels(&[("environment", namespace)]),
        pod: None,
        name: name.to_owned(),
        labels: labels(&[("app", app)]),
        host_network: false,
        named_ports: BTreeMap::from([("pg".to_owned(), (Protocol::Tcp, 5432))]),
        address: Some("10.1.2.3".parse().expect("an address")),
        behind_node: false,
        opened_by_node: false,
    }
}

pub(crate) fn postgres() -> ConnectionSet {
    ConnectionSet::of(Protocol::Tcp, PortSet::single(5432))
}

fn steps() -> Vec<Step> {
    let from = peer("staging", "Deployment staging/api", "api");
    let to = peer("production", "StatefulSet production/db", "db");
    let step = |id, rule, fact, text: &str, uses: &[usize], because| Step {
        id,
        channel: Channel::Network,
        rule,
        fact,
        text: text.to_owned(),
        uses: uses.to_vec(),
        because,
    };
    let namespace = ObjectRef { namespace: None, ..object("v1", "Namespace", "", "staging") };
    vec![
        step(
            1,
            "N22",
            Fact::Runs { pod: from.clone() },
            "Deployment staging/api runs in `staging`, and so could a new pod",
            &[],
            vec![because(
                EvidenceRole::Selects,
                object("apps/v1", "Deployment", "staging", "api"),
                "/metadata",
                "{name: api, namespace: staging}",
            )],
        ),
        step(
            2,
            "N1",
            Fact::EgressAllowed { from: from.clone(), to: to.clone(), ports: ConnectionSet::full() },
            "no NetworkPolicy in `staging` isolates Deployment staging/api for egress",
            &[1],
            vec![Because {
                role: EvidenceRole::Absent,
                object: namespace,
                path: String::new(),
                evidence: None,
            }],
        ),
        step(
            3,
            "N14",
            Fact::IngressAllowed { from: from.clone(), to: to.clone(), ports: postgres() },
            "NetworkPolicy production/allow-db ingress rule 1 allows Deployment staging/api on TCP 5432",
            &[1],
            vec![
                because(EvidenceRole::Selects, policy(), "/spec/podSelector", "matchLabels"),
                because(
                    EvidenceRole::Allows,
                    policy(),
                    "/spec/ingress/0/from/0/namespaceSelector",
                    "namespaceSelector: {}",
                ),
            ],
        ),
        step(
            4,
            "N1",
            Fact::Connects { from, to, ports: postgres() },
            "so Deployment staging/api can open TCP 5432 to StatefulSet production/db",
            &[2, 3],
            Vec::new(),
        ),
    ]
}

pub(crate) fn breach() -> Breach {
    Breach {
        id: "broad-namespace-selector:0123456789abcdef".to_owned(),
        rule: "broad-namespace-selector",
        root: Root { object: Some(policy()), part: "ingress".to_owned() },
        when: When::Now,
        message: "Deployment staging/api can open TCP 5432 to StatefulSet production/db, since an empty \
                  `namespaceSelector` selects `staging` too"
            .to_owned(),
        help: "name the namespace: `namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: production}}`"
            .to_owned(),
        count: 12,
        reached: ["Deployment production/api", "StatefulSet production/db"].map(str::to_owned).into(),
        steps: steps(),
        highlight: Some((span("namespaceSelector: {}"), "selects every namespace".to_owned())),
    }
}

/// A breached report of two channels, with breaches of both that have one cause.
pub(crate) fn one_cause() -> Report {
    let mut report = report(Verdict::Breached);
    let boundary = &mut report.boundaries[0];
    let network = &mut boundary.channels[0];
    let root = Root::object(ObjectRef {
        namespace: None,
        ..object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "", "ci")
    });
    let last = Step {
        fact: Fact::Gains { gain: Gain::ReadsSecrets, scope: None, names: Vec::new() },
        channel: Channel::Api,
        ..steps().pop().expect("a step")
    };
    let reads = Breach {
        id: "read-secrets:0123456789abcdef".to_owned(),
        rule: "read-secrets",
        root: root.clone(),
        message: "ServiceAccount staging/ci can read the Secrets of every namespace (ClusterRoleBinding ci)"
            .to_owned(),
        count: 1,
        steps: vec![Step { id: 1, uses: Vec::new(), ..last.clone() }],
        ..breach()
    };
    let changes = Breach {
        id: "change-objects:0123456789abcdef".to_owned(),
        rule: "change-objects",
        message: "ServiceAccount staging/ci can change objects in every namespace (ClusterRoleBinding ci)"
            .to_owned(),
        steps: vec![Step {
            fact: Fact::Gains { gain: Gain::ChangesObjects, scope: None, names: Vec::new() },
            ..reads.steps[0].clone()
        }],
        ..reads.clone()
    };
    network.breaches[1].root = root;
    let api = ChannelReport {
        channel: Channel::Api,
        breaches: vec![changes, reads],
        lesser: Vec::new(),
        public: Vec::new(),
        blind_spots: Vec::new(),
        assumptions: Vec::new(),
        ..network.clone()
    };
    boundary.channels.push(api);
    boundary.not_examined.retain(|channel| *channel != Channel::Api);
    report
}

pub(crate) fn blind_spot() -> BlindSpot {
    BlindSpot {
        rule: "unknown-kind",
        reason: "the kind `GlobalNetworkPolicy` of `crd.projectcalico.org/v1` is not evaluated yet, and could open or \
                 close connections"
            .to_owned(),
        object: Some(ObjectRef {
            namespace: None,
            ..object("crd.projectcalico.org/v1", "GlobalNetworkPolicy", "", "deny-all")
        }),
        span: Some(span("kind: StatefulSet")),
        help: "if it is harmless here, say so: `--accept GlobalNetworkPolicy=REASON`".to_owned(),
        scope: BlindScope::Everything,
        hides: &[Channel::Network],
    }
}

fn assumption() -> Assumption {
    Assumption {
        id: "cni-enforces".to_owned(),
        text: "the network plugin enforces NetworkPolicy on every node, from a pod's start on".to_owned(),
        check: "kubectl get pods -n kube-system -o wide".to_owned(),
    }
}

fn environment(name: &str, namespaces: &[(&str, &str)]) -> EnvironmentReport {
    let choice = |&(name, why): &(&str, &str)| NamespaceChoice { name: name.to_owned(), why: why.to_owned() };
    EnvironmentReport {
        name: name.to_owned(),
        namespaces: namespaces.iter().map(choice).collect(),
        principals: Vec::new(),
    }
}

/// A need of each state.
pub(crate) fn needs() -> Vec<Need> {
    let need = |asked: &str, state, why: &str, help: &str, because| Need {
        asked: asked.to_owned(),
        state,
        why: why.to_owned(),
        help: help.to_owned(),
        because,
    };
    let isolates = because(EvidenceRole::Selects, policy(), "/spec/podSelector", "podSelector:");
    vec![
        need(
            "dns",
            NeedState::Open,
            "Deployment production/web and 2 more can open TCP 53; UDP 53 to Deployment kube-system/coredns",
            "",
            Vec::new(),
        ),
        need(
            "production/web=production/db:5432",
            NeedState::Closed,
            "Deployment production/web cannot open TCP 5432 to StatefulSet production/db: ingress of StatefulSet production/db: NetworkPolicy production/allow-db isolates it, and no rule lets this pass for certain",
            "add an ingress rule for StatefulSet production/db that allows TCP 5432",
            vec![isolates],
        ),
        need(
            "staging/web=198.51.100.7:53/udp",
            NeedState::Unknown,
            "1 object of kind CiliumNetworkPolicy (`cilium.io/v2`) is not evaluated: it opens and closes",
            "it could close this: try the connection in the cluster",
            Vec::new(),
        ),
    ]
}

/// A report with that verdict, and with all that goes with it.
pub(crate) fn report(verdict: Verdict) -> Report {
    let public = PublicEntry {
        message: "Service production/web is published as a LoadBalancer on TCP 443".to_owned(),
        because: vec![because(
            EvidenceRole::Allows,
            object("v1", "Service", "production", "web"),
            "/spec/type",
            "kind: Deployment",
        )],
    };
    let possible = Breach {
        id: "unfenced-future-pod:0123456789abcdef".to_owned(),
        rule: "unfenced-future-pod",
        root: Root::pattern("unfenced-future-pod".to_owned()),
        when: When::Possible,
        message: "a new pod in `staging` can reach a new pod in `production`".to_owned(),
        help: "add a policy that selects every pod".to_owned(),
        count: 1,
        reached: BTreeSet::new(),
        highlight: None,
        ..breach()
    };
    let lesser = Breach {
        id: "c3d4e5f60718293a".to_owned(),
        rule: "read-objects",
        message: "the group `dev` can read objects in namespace `production`".to_owned(),
        ..possible.clone()
    };
    let channel = ChannelReport {
        channel: Channel::Network,
        verdict,
        breaches: if verdict == Verdict::Breached { vec![breach(), possible] } else { Vec::new() },
        lesser: vec![lesser],
        nearest: if verdict == Verdict::Isolated { vec![near_way()] } else { Vec::new() },
        public: vec![public],
        blind_spots: if verdict == Verdict::Isolated { Vec::new() } else { vec![blind_spot()] },
        assumptions: vec![assumption()],
    };
    Report {
        profile: "conservative".to_owned(),
        kubernetes_version: Some("1.36".to_owned()),
        environments: vec![
            environment("staging", &[("staging", "is named staging")]),
            environment(
                "production",
                &[
                    ("prod-data", "carries the label environment=production"),
                    ("production", "is named production"),
                ],
            ),
        ],
        enforcer: None,
        needs: Vec::new(),
        neither: vec!["kube-system".to_owned(), "monitoring".to_owned()],
        boundaries: vec![Boundary {
            from: "staging".to_owned(),
            to: "production".to_owned(),
            verdict,
            channels: vec![channel],
            not_examined: Channel::ALL.into_iter().skip(1).collect(),
        }],
    }
}

pub(crate) fn diagnostics() -> Vec<Diagnostic> {
    vec![
        Diagnostic::warning(
            "same-object-twice",
            "Deployment staging/api is given twice, with the same content",
        )
        .at(span("kind: Deployment"), "given here again"),
        Diagnostic::error("duplicate-key", "the key `podSelector` stands twice in one mapping")
            .at(span("podSelector:"), "the first one")
            .help("remove one; the API server takes the last"),
        Diagnostic {
            severity: Severity::Info,
            ..Diagnostic::error("kustomization", "the kustomization `k8s` lists what is there anyway")
        },
    ]
}

fn workload(namespace: &str, kind: &str, name: &str) -> Peer {
    Peer::Workload {
        namespace: namespace.to_owned(),
        kind: kind.to_owned(),
        name: name.to_owned(),
        labels: None,
    }
}

pub(crate) fn map() -> ConnectivityMap {
    let (api, db) = (workload("staging", "Deployment", "api"), workload("production", "StatefulSet", "db"));
    let canary = Peer::Workload {
        namespace: "staging".to_owned(),
        kind: "Deployment".to_owned(),
        name: "api".to_owned(),
        labels: Some(labels(&[("track", "canary")])),
    };
    let cidrs =
        |texts: &[&str]| Peer::Cidrs(texts.iter().map(|text| text.parse().expect("a network")).collect());
    let outside = cidrs(&["0.0.0.0/5", "8.0.0.0/7", "11.0.0.0/8", "12.0.0.0/6"]);
    let future = Peer::Future { namespace: "staging".to_owned(), labels: labels(&[("app", "x")]) };
    let edge = |from: &Peer, to: &Peer, allow| Edge { from: from.clone(), to: to.clone(), allow };
    let web = ConnectionSet::of(Protocol::Tcp, PortSet::range(8000, 8080))
        .union(&ConnectionSet::of(Protocol::Udp, PortSet::full()));
    let mut edges = vec![
        edge(&api, &db, postgres()),
        edge(&api, &api, web),
        edge(&canary, &db, postgres()),
        edge(&db, &db, ConnectionSet::full()),
        edge(&outside, &api, postgres()),
        edge(&Peer::Node { name: "worker-1".to_owned() }, &db, ConnectionSet::full()),
        edge(&future, &db, postgres()),
    ];
    edges.sort();
    let via = ObjectRef {
        api_version: "v1".to_owned(),
        kind: "Service".to_owned(),
        namespace: Some("production".to_owned()),
        name: "db".to_owned(),
        uid: None,
    };
    let node_port = ConnectionSet::of(Protocol::Tcp, PortSet::single(30_432));
    let paths = vec![Path { from: outside.clone(), to: db.clone(), via, allow: node_port }];
    ConnectivityMap { relation: Relation::May, edges, paths }
}

pub(crate) fn explanation() -> Explanation {
    let rule = because(EvidenceRole::Allows, policy(), "/spec/ingress/0", "from:");
    Explanation {
        from: workload("staging", "Deployment", "api"),
        to: workload("production", "StatefulSet", "db"),
        allow: postgres(),
        before_policies: Some((
            "N35",
            "the two can share a node, and one of them uses the node's network".to_owned(),
        )),
        egress: DirectionExplanation {
            isolated_by: Vec::new(),
            rules: Vec::new(),
            allow: ConnectionSet::full(),
        },
        ingress: DirectionExplanation {
            isolated_by: vec![because(EvidenceRole::Selects, policy(), "/spec/podSelector", "matchLabels")],
            rules: vec![
                RuleEffect {
                    because: rule.clone(),
                    tier: None,
                    action: Action::Accept,
                    matches: postgres(),
                    text: "`namespaceSelector: {}` selects every namespace".to_owned(),
                },
                RuleEffect {
                    because: rule,
                    tier: None,
                    action: Action::Accept,
                    matches: ConnectionSet::empty(),
                    text: "its peer selects `app=worker`, which Deployment staging/api does not carry"
                        .to_owned(),
                },
            ],
            allow: postgres(),
        },
    }
}

/// The text as a stream without colours would show it.
pub(crate) fn without_colours(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('\u{1b}') {
        plain.push_str(&rest[..start]);
        let end = rest[start..].find('m').expect("an escape code of colours ends in `m`");
        rest = &rest[start + end + 1..];
    }
    plain.push_str(rest);
    plain
}

/// Runs `test` with all that goes with an answer about the fixture's inputs.
pub(crate) fn with_provenance<T>(test: impl FnOnce(Provenance<'_>) -> T) -> T {
    let snapshot = Snapshot { blind_spots: vec![blind_spot()], ..Snapshot::default() };
    let digest = format!("sha256:{}", "0".repeat(64));
    let diagnostics = diagnostics();
    with_inputs(|inputs| {
        test(Provenance {
            version: "1.2.3",
            input_digest: &digest,
            inputs,
            working_directory: "/home/ada/shop",
            snapshot: &snapshot,
            diagnostics: &diagnostics,
        })
    })
}

/// The JSON that `render` writes, checked against `schema`.
pub(crate) fn document(
    schema: &str,
    render: impl FnOnce(Provenance<'_>) -> serde_json::Result<String>,
) -> serde_json::Value {
    let text = with_provenance(render);
    let document = serde_json::from_str(&text.expect("it serializes")).expect("it is JSON");
    let errors = schema_errors(schema, &document);
    assert!(errors.is_empty(), "{errors:#?}");
    document
}

/// What is wrong with a document according to a schema.
pub(crate) fn schema_errors(schema: &str, document: &serde_json::Value) -> Vec<String> {
    let schema = serde_json::from_str(schema).expect("the schema is JSON");
    let validator = jsonschema::draft202012::new(&schema).expect("the schema is one");
    validator.iter_errors(document).map(|error| error.to_string()).collect()
}
