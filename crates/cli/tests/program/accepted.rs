//! What the compiler accepts from applications, the proof calls isolated: two rooms that do not know each other agree on
//! applications by chance, of which many try to get through the wall.

use fastrand::Rng;
use watertight_base::{Severity, Source, SourceId};
use watertight_compile::{Compiled, Given, GivenFile, Question as Wanted, compile};
use watertight_ingest::{Options, read};
use watertight_intent::{ApplicationId, Date, EnvironmentId};
use watertight_model::{Channel, Verdict};
use watertight_prove::{Question, prove};

const INTENT: &str = "\
apiVersion: watertight.dev/v1alpha1
kind: Fleet
metadata: {name: shop}
spec:
  environments:
    - {name: staging, access: {teams: [{name: developers, groups: [developers]}]}}
    - {name: production, access: {teams: [{name: auditors, groups: [auditors]}]}}
  applications:
    - name: web
      manifests: staging.yaml
      overrides: [{environment: production, manifests: production.yaml}]
";

/// A token of a ServiceAccount of production.
const TOKEN: &str =
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQ6cHJvZHVjdGlvbjp3ZWIifQ.c2lnbmF0dXJl";

/// What may be odd about an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Values,
    Peers,
    Pods,
    Services,
    Identities,
    Others,
}

const PARTS: [Part; 6] =
    [Part::Values, Part::Peers, Part::Pods, Part::Services, Part::Identities, Part::Others];

/// Chance, and the part that is odd more often than the others, so that what only two odd things open together is tried.
struct Dice {
    rng: Rng,
    odd: Part,
}

impl Dice {
    /// One of these, of which the first is the usual one.
    fn seldom<'a>(&mut self, part: Part, choices: &[&'a str]) -> &'a str {
        let odd = match (part, self.odd == part) {
            (Part::Values, true) => 6,
            (_, true) => 2,
            (Part::Values, false) => 60,
            (_, false) => 30,
        };
        if self.rng.usize(..odd) > 0 { choices[0] } else { choices[self.rng.usize(..choices.len())] }
    }
}

fn value(dice: &mut Dice, own: &str) -> String {
    let usual = format!("{own}-{:08x}", dice.rng.u32(..));
    let odd = [
        usual.as_str(),
        "shared-9b1deb4d",
        "abc-shared-9b1deb4d-x",
        "changeme",
        "postgres://web:shared-9b1deb4d@db.example.com/x",
        "postgres://web:own-5bad5eed@web.production.svc:5432/x",
        "postgres://web:own-1c0ffee5@web.staging/x",
        "web.production.svc",
        TOKEN,
        "{\"auths\": {\"r.example\": {\"username\": \"u\", \"password\": \"shared-9b1deb4d\"}}}",
        "true",
    ];
    dice.seldom(Part::Values, &odd).to_owned()
}

fn values(dice: &mut Dice, own: &str) -> String {
    let keys = [
        "password",
        "url",
        "token",
        "user",
        "value",
        "API_KEY",
        "level",
        "config.yaml",
        ".dockerconfigjson",
        "tls.key",
    ];
    let mut members = Vec::new();
    for key in keys {
        if dice.rng.usize(..4) == 0 {
            members.push(format!("{key}: '{}'", value(dice, own)));
        }
    }
    members.join(", ")
}

fn peers(dice: &mut Dice, own: &str) -> String {
    let of_own = format!("[{{namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: {own}}}}}}}]");
    dice.seldom(Part::Peers,
        &[
            "[{podSelector: {matchLabels: {app: web}}}]",
            &of_own,
            "[{namespaceSelector: {}}]",
            "[{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: staging}}, podSelector: {}}]",
            "[{namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [x]}]}}]",
            "[{namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [production]}]}}]",
            "[{ipBlock: {cidr: 10.0.0.0/8}}]",
            "[]",
        ],
    )
    .to_owned()
}

fn pod(dice: &mut Dice, own: &str) -> String {
    let of_pod = dice.seldom(Part::Pods, &["", "hostNetwork: true, ", "priorityClassName: production, "]);
    let of_container = dice.seldom(
        Part::Pods,
        &[
            "",
            ", ports: [{containerPort: 80, hostPort: 80}]",
            ", livenessProbe: {httpGet: {host: 10.0.0.1, port: 80}}",
            ", lifecycle: {preStop: {httpGet: {host: web.production, port: 80}}}",
            ", env: [{name: AWS_ROLE_ARN, value: 'arn:aws:iam::1:role/shared'}]",
        ],
    );
    let variable = if of_container.is_empty() && dice.rng.bool() {
        format!(", env: [{{name: API_TOKEN, value: '{}'}}]", value(dice, own))
    } else {
        String::new()
    };
    format!(
        "{{{of_pod}containers: [{{name: web, image: 'r.example/web@sha256:{}'{of_container}{variable}}}]}}",
        "8c1f0c2f".repeat(8)
    )
}

/// What an application consists of in an environment.
fn manifests(dice: &mut Dice, own: &str) -> String {
    let role = format!("arn:aws:iam::1:role/{own}");
    let mut objects = vec![
        format!(
            "kind: ServiceAccount, metadata: {{name: web, annotations: {{eks.amazonaws.com/role-arn: '{}'}}}}",
            dice.seldom(Part::Identities, &[&role, "arn:aws:iam::1:role/shared"])
        ),
        format!("kind: Secret, metadata: {{name: web}}, stringData: {{{}}}", values(dice, own)),
        format!("kind: ConfigMap, metadata: {{name: web}}, data: {{{}}}", values(dice, own)),
        format!("kind: Pod, metadata: {{name: web, labels: {{app: web}}}}, spec: {}", pod(dice, own)),
        format!(
            "kind: Service, metadata: {{name: web}}, spec: {{{}ports: [{{port: 80}}]}}",
            dice.seldom(
                Part::Services,
                &[
                    "selector: {app: web}, ",
                    "",
                    "selector: {app: web}, externalIPs: [10.1.2.3], ",
                    "selector: {app: web}, type: NodePort, ",
                    "type: ExternalName, externalName: web.production.svc.cluster.local, ",
                ]
            )
        ),
    ];
    let (ingress, egress) = (peers(dice, own), peers(dice, own));
    let mut written: Vec<String> =
        objects.drain(..).map(|object| format!("{{apiVersion: v1, {object}}}")).collect();
    written.push(format!(
        "{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: web}}, spec: {{podSelector: {{}}, \
         policyTypes: [Ingress, Egress], ingress: [{{from: {ingress}}}], egress: [{{to: {egress}}}]}}}}"
    ));
    let odd = dice.seldom(Part::Others,
        &[
            "",
            "{apiVersion: v1, kind: Endpoints, metadata: {name: other}, subsets: [{addresses: [{ip: 10.9.9.9}], ports: [{port: 80}]}]}",
            "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: web}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}, subjects: [{kind: ServiceAccount, name: web, namespace: staging}]}",
            "{apiVersion: v1, kind: Secret, type: kubernetes.io/service-account-token, metadata: {name: t, annotations: {kubernetes.io/service-account.name: web}}}",
        ],
    );
    written.extend((!odd.is_empty()).then(|| odd.to_owned()));
    format!(
        "apiVersion: v1\nkind: List\nitems:\n{}",
        written.iter().map(|it| format!("  - {it}\n")).collect::<String>()
    )
}

fn compiled(staging: &str, production: &str) -> Compiled {
    let source = |name: &str, text: &str| Source { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
    let sources = [
        source("watertight.yaml", INTENT),
        source("staging.yaml", staging),
        source("production.yaml", production),
    ];
    let today = Date::new(2026, 11, 20).unwrap();
    let intent = watertight_intent::read(SourceId(0), &sources[0], today).intent.unwrap();
    let given = |(index, name): (usize, &str)| Given {
        application: ApplicationId(0),
        environment: EnvironmentId(index),
        files: vec![GivenFile { source: SourceId(u32::try_from(index).unwrap() + 1), from: name.to_owned() }],
    };
    let given: Vec<Given> = ["staging.yaml", "production.yaml"].into_iter().enumerate().map(given).collect();
    compile(Wanted { intent: &intent, sources: &sources, given: &given, beside: &[] })
}

fn verdict(files: &[Source], from: &str, to: &str) -> Verdict {
    let options = Options { values: true, ..Options::default() };
    let snapshot = read(files, &options).snapshot;
    let question = Question { channels: vec![Channel::Network, Channel::Api], ..Question::between(from, to) };
    prove(&snapshot, &question).unwrap().boundaries[0].verdict
}

#[test]
fn what_is_accepted_is_isolated_and_enough_of_both_was_tried() {
    let (mut accepted, mut refused) = (0, 0);
    for seed in 0..600 {
        let mut dice =
            Dice { rng: Rng::with_seed(seed), odd: PARTS[usize::try_from(seed).unwrap() % PARTS.len()] };
        let (staging, production) = (manifests(&mut dice, "staging"), manifests(&mut dice, "production"));
        let compiled = compiled(&staging, &production);
        if compiled.diagnostics.iter().any(|found| found.severity == Severity::Error) {
            refused += 1;
            continue;
        }
        accepted += 1;
        let files: Vec<Source> = compiled
            .files
            .into_iter()
            .filter(|file| file.path.contains('/'))
            .map(|file| Source { name: file.path, bytes: file.text.into_bytes() })
            .collect();
        for (from, to) in [("staging", "production"), ("production", "staging")] {
            let verdict = verdict(&files, from, to);
            assert_eq!(verdict, Verdict::Isolated, "seed {seed}, from {from}\n{staging}---\n{production}");
        }
    }
    assert!(accepted > 80 && refused > 80, "{accepted} accepted, {refused} refused");
}
