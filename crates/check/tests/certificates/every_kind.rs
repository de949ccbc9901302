//! Of every kind of fact that a certificate may hold, claims that are false: what it says is true of one cluster, and is said of
//! another of which it is not.

use crate::by_hand::{
    CLOSED, accepted, admitting_all_of, binding, facts, forged, question, rejected, right, third, verdict,
};
use crate::pages::OF_EVERY_SERVER;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use watertight_base::Source;
use watertight_check::{Refusal, check};
use watertight_model::Verdict;

/// A cluster of which a kind of fact is true, and others of which it is not, each with what the checker says.
struct Claim {
    kind: &'static str,
    truth: String,
    lies: Vec<(String, &'static str)>,
}

/// What policies refuse, where they do no more than warn.
const WARNS: (&str, &str) = ("[Deny]", "[Warn]");

/// The same manifests with another text in them.
#[track_caller]
fn with(text: &str, (old, new): (&str, &str)) -> String {
    assert!(text.contains(old), "{old}\n{text}");
    text.replace(old, new)
}

const ANYWHERE: &str = "{}";
const IN_STAGING: &str = "{matchLabels: {kubernetes.io/metadata.name: staging}}";

/// A policy about some resource, in force in some namespaces.
fn policy(group: &str, resource: &str, (expressions, place): (&[&str], &str)) -> String {
    let validations: String = expressions.iter().map(|it| format!("  - expression: \"{it}\"\n")).collect();
    format!(
        "---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {{name: keep-{resource}}}
spec:
  matchConstraints:
    resourceRules:
    - {{apiGroups: ['{group}'], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [{resource}, {resource}/status, {resource}/finalize]}}
  validations:
{validations}---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {{name: keep-{resource}-bound}}
spec:
  policyName: keep-{resource}
  validationActions: [Deny]
  matchResources: {{namespaceSelector: {place}}}
"
    )
}

fn closed() -> Claim {
    let truth = CLOSED.to_owned();
    let egress_alone = with(CLOSED, ("policyTypes: [Ingress]", "policyTypes: [Egress]"));
    let of_some = with(CLOSED, ("podSelector: {}", "podSelector: {matchLabels: {app: db}}"));
    let lies = vec![
        (truth.clone() + &admitting_all_of("staging"), "is open"),
        (egress_alone, "is open"),
        (of_some, "is open"),
    ];
    Claim { kind: "closed", truth, lies }
}

fn no_pods() -> Claim {
    // No network policy keeps anybody from a pod on the host network.
    let no_fence = unlevelled("production") + &pod("production", "", "hostNetwork: true, ");
    let refused = policy("", "pods", (&["request.operation == 'DELETE'"], IN_STAGING));
    let truth = no_fence.clone() + &refused;
    let lies = vec![
        (with(&truth, WARNS), "`staging` may have pods"),
        (with(&truth, ("metadata.name: staging}}", "metadata.name: other}}")), "`staging` may have pods"),
        (truth.clone() + &pod("staging", "", ""), "`staging` may have pods"),
    ];
    Claim { kind: "no-pods", truth, lies }
}

/// Both namespaces are kept to a level of Pod Security; one is not.
fn unlevelled(namespace: &str) -> String {
    let of = |level: &str| {
        format!("{{name: {namespace}, labels: {{pod-security.kubernetes.io/enforce: {level}}}}}")
    };
    with(CLOSED, (&of("restricted"), &of("privileged")))
}

fn pod(namespace: &str, metadata: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: web, namespace: {namespace}{metadata}}}\nspec: {{{spec}containers: [{{name: c, image: i}}]}}\n"
    )
}

fn no_host_network() -> Claim {
    let lies = vec![
        (unlevelled("staging"), "pods of `staging` can be on the host network"),
        (unlevelled("production"), "pods of `production` can be on the host network"),
        (
            CLOSED.to_owned() + &pod("staging", "", "hostNetwork: true, "),
            "pods of `staging` can be on the host network",
        ),
    ];
    Claim { kind: "no-host-network", truth: CLOSED.to_owned(), lies }
}

fn no_dialed_host() -> Claim {
    // Before 1.34, no level keeps a host out of probes.
    let earlier = "restricted, pod-security.kubernetes.io/enforce-version: v1.33}}\n---";
    let lies = vec![(CLOSED.replacen("restricted}}\n---", earlier, 1), "can name another host")];
    Claim { kind: "no-dialed-host", truth: CLOSED.to_owned(), lies }
}

fn no_shared_network() -> Claim {
    let attached = pod("production", ", annotations: {k8s.v1.cni.cncf.io/networks: other/storage}", "");
    let lies = vec![(CLOSED.to_owned() + &attached, "`production` is on the network `other/storage`")];
    Claim { kind: "no-shared-network", truth: CLOSED.to_owned(), lies }
}

fn keeps_labels() -> Claim {
    let relabels = right("staging", "{apiGroups: [''], resources: [namespaces], verbs: [patch]}");
    let kept = [
        "object.?metadata.?labels.?env.orValue('') != 'production'",
        "object.?metadata.?labels[?'pod-security.kubernetes.io/enforce'].orValue('') in ['baseline', 'restricted']",
        "!has(object.metadata.labels) || !('pod-security.kubernetes.io/enforce-version' in object.metadata.labels)",
    ];
    let policy = policy("", "namespaces", (&kept, ANYWHERE));
    let truth = CLOSED.to_owned()
        + &crate::by_hand::admitting("{env: production}")
        + &relabels
        + &policy
        + "---"
        + OF_EVERY_SERVER;
    let lies = vec![
        (with(&truth, WARNS), "does not surely put `keep-namespaces` in force"),
        (with(&truth, (kept[0], "true")), "`keep-namespaces` does not surely refuse it"),
        (
            with(&truth, ("operations: [CREATE, UPDATE]", "operations: [CREATE]")),
            "is not surely asked about it",
        ),
        (with(&truth, (", namespaces/status", "")), "is not surely asked about it"),
    ];
    Claim { kind: "keeps-labels", truth, lies }
}

/// A mended ingress-nginx, which production admits and which serves both sides.
fn proxied() -> String {
    let proxy = "---
apiVersion: apps/v1
kind: Deployment
metadata: {name: proxy, namespace: ingress}
spec:
  selector: {matchLabels: {app: proxy}}
  template:
    metadata: {labels: {app: proxy}}
    spec:
      containers:
      - {name: c, image: 'registry.k8s.io/ingress-nginx/controller:v1.15.1', args: [--v=2]}
";
    CLOSED.to_owned() + &third("ingress") + &third("shared") + &admitting_all_of("ingress") + proxy
}

fn carries_nothing() -> Claim {
    let truth = proxied();
    let of_core = |resource: &str| format!("{{apiGroups: [''], resources: [{resource}], verbs: [update]}}");
    let of_ingresses = |resource: &str| {
        format!("{{apiGroups: [networking.k8s.io], resources: [{resource}], verbs: [update]}}")
    };
    let object = |text: &str| format!("{truth}---\n{text}\n");
    let ingress = |name: &str| {
        object(&format!(
            "apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: web, namespace: staging, annotations: {{nginx.ingress.kubernetes.io/{name}: a}}}}
spec: {{ingressClassName: nginx, defaultBackend: {{service: {{name: web, port: {{number: 80}}}}}}}}"
        ))
    };
    let runs = |old: &str, new: &str| with(&truth, (old, new));
    let unknown = "may be made to carry is not known";
    let mut lies = vec![
        (runs("ingress-nginx/controller:v1.15.1", "ingress-nginx/controller:v1.15.0"), unknown),
        (runs("ingress-nginx/controller:v1.15.1", "ingress-nginx/controller"), unknown),
        (runs("registry.k8s.io/ingress-nginx/controller:v1.15.1", "traefik:v3"), unknown),
        (runs("      containers:\n", "      containers:\n      - {name: d, image: i}\n"), unknown),
        (
            runs(
                "      containers:\n",
                "      initContainers: [{name: d, image: i, restartPolicy: Always}]\n      containers:\n",
            ),
            unknown,
        ),
        (runs("args: [--v=2]", "args: [--annotations-prefix=a]"), unknown),
        (runs("args: [--v=2]", "args: [--annotations-prefix, a]"), unknown),
        (runs("args: [--v=2]", "args: [--configmap=shared/a]"), unknown),
        (runs("args: [--v=2]", "args: [--tcp-services-configmap=shared/a]"), "may forward ports"),
        (runs("args: [--v=2]", "args: [--udp-services-configmap, shared/a]"), "may forward ports"),
        // What a shell passes on, and what is filled in when the container starts, is not seen.
        (
            runs(
                "args: [--v=2]",
                "command: [sh, -c, 'exec /nginx-ingress-controller --annotations-prefix=a']",
            ),
            unknown,
        ),
        (runs("args: [--v=2]", "command: [/usr/bin/dumb-init, --, /start.sh]"), unknown),
        (runs("args: [--v=2]", "args: [$(FLAGS)]"), unknown),
        (runs("args: [--v=2]", "args: [--v, $(FLAGS)]"), unknown),
        (runs("args: [--v=2]", "args: ['--$(FLAG)=a']"), unknown),
        (
            object(
                "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: staging}\nspec: {type: ExternalName, externalName: db.production.svc}",
            ),
            "by a Service of the type ExternalName",
        ),
        (
            object(
                "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: web, namespace: staging}\naddressType: IPv4\nendpoints: [{addresses: [10.244.1.7]}]",
            ),
            "by endpoints",
        ),
        (truth.clone() + &right("staging", &of_core("pods/status")), "by the status of pods"),
        (truth.clone() + &right("staging", &of_core("services")), "by Services that could be made"),
        (truth.clone() + &right("staging", &of_core("endpoints")), "by endpoints that could be made"),
        (
            truth.clone() + &right("staging", &of_ingresses("ingresses")),
            "by annotations that Ingresses could get",
        ),
        (
            truth.clone() + &right("staging", &of_ingresses("ingresses/status")),
            "by annotations that Ingresses could get",
        ),
        (
            truth.clone() + &right("shared", &of_core("services")),
            "by Services that could be made of `shared`",
        ),
    ];
    let dialing = [
        "auth-snippet",
        "auth-url",
        "configuration-snippet",
        "mirror-target",
        "modsecurity-snippet",
        "server-snippet",
        "stream-snippet",
    ];
    lies.extend(dialing.map(|name| (ingress(name), "by annotations of Ingresses")));
    Claim { kind: "carries-nothing", truth, lies }
}

const WRITES: &str = "{apiGroups: [''], resources: [configmaps], verbs: [patch]}";
const DEPLOYER: &str = "{kind: ServiceAccount, name: deployer, namespace: shared}";

fn acts_as() -> Claim {
    let truth = CLOSED.to_owned() + &third("shared") + &right("shared", WRITES);
    let admin = truth.clone() + &binding("production", "ClusterRole", "edit", DEPLOYER);
    let who = "no fact says that it can act as ServiceAccount shared/deployer";
    Claim { kind: "acts-as", truth, lies: vec![(admin, who)] }
}

fn gains() -> Claim {
    let reads = |namespace: &str, names: &str| {
        right(namespace, &format!("{{apiGroups: [''], resources: [secrets], verbs: [get]{names}}}"))
    };
    let cluster = CLOSED.to_owned() + &third("shared");
    let truth = cluster.clone() + &reads("shared", ", resourceNames: [a]");
    let more = "no fact says what rights yield by `read-secrets";
    let lies = vec![
        (cluster.clone() + &reads("production", ", resourceNames: [a]"), more),
        (
            cluster.clone()
                + &reads("shared", ", resourceNames: [a, b]")
                + &reads("production", "").replace("given", "more"),
            more,
        ),
    ];
    Claim { kind: "gains", truth, lies }
}

fn refused() -> Claim {
    let host = "has(r.host) && r.host.endsWith('.staging.example.com')";
    let kept = format!(
        "object.spec.rules.all(r, {host}) && object.spec.?tls.orValue([]).all(t, t.?hosts.orValue([]).all(h, h.endsWith('.staging.example.com'))) && !has(object.metadata.annotations)"
    );
    let published = "---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: production}
spec: {ingressClassName: nginx, rules: [{host: shop.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}
";
    let writes =
        right("staging", "{apiGroups: [networking.k8s.io], resources: [ingresses], verbs: [create, update]}");
    let truth =
        proxied() + published + &writes + &policy("networking.k8s.io", "ingresses", (&[&kept], IN_STAGING));
    let lies = vec![
        (with(&truth, WARNS), "takes requests from Ingress production/web"),
        (with(&truth, (host, "true")), "takes requests from Ingress production/web"),
        (
            with(&truth, ("operations: [CREATE, UPDATE]", "operations: [UPDATE]")),
            "takes requests from Ingress production/web",
        ),
    ];
    Claim { kind: "refused", truth, lies }
}

fn claims() -> Vec<Claim> {
    vec![
        closed(),
        no_pods(),
        no_host_network(),
        no_dialed_host(),
        no_shared_network(),
        keeps_labels(),
        carries_nothing(),
        acts_as(),
        gains(),
        refused(),
    ]
}

/// What the reader of certificates knows as facts, as it names them where one is none of them.
fn kinds() -> BTreeSet<String> {
    let mut certificate = accepted(&question(), CLOSED);
    facts(&mut certificate, "network").push(json!({"fact": "?"}));
    let source = Source { name: "a.yaml".to_owned(), bytes: CLOSED.as_bytes().to_vec() };
    let Err(Refusal::Unreadable(why)) =
        check(certificate.to_string().as_bytes(), &[source], crate::common::DIGEST)
    else {
        panic!("it is read")
    };
    let (_, known) = why.split_once("expected one of ").unwrap();
    known.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// What an engine would write that errs about one kind of fact: the rights as they are, and of the network what was true.
fn claimed(claim: &Claim, truth: &Value, lie: &str) -> Value {
    if ["acts-as", "gains", "refused"].contains(&claim.kind) {
        return truth.clone();
    }
    let mut certificate = forged(&question(), lie);
    let mut said = facts(&mut truth.clone(), "network").clone();
    said.sort_by_key(|fact| fact["fact"] != claim.kind);
    *facts(&mut certificate, "network") = said;
    // That a further network is not seen may be accepted, and yet nobody accepts that it is shared.
    let accepted = if claim.kind == "no-shared-network" {
        json!([{"kind": "NetworkAttachmentDefinition", "reason": "known"}])
    } else {
        json!([])
    };
    certificate["accepted"] = accepted;
    certificate
}

#[test]
fn of_every_kind_of_fact_a_false_claim_is_rejected() {
    let claims = claims();
    let tried: BTreeSet<String> = claims.iter().map(|claim| claim.kind.to_owned()).collect();
    assert_eq!(tried, kinds());
    for claim in &claims {
        let truth = accepted(&question(), &claim.truth);
        let mut all = truth.clone();
        let said = ["api", "network"]
            .iter()
            .flat_map(|channel| facts(&mut all, channel).clone())
            .any(|fact| fact["fact"] == claim.kind);
        assert!(said, "no `{}`: {truth:#}", claim.kind);
        for (lie, reason) in &claim.lies {
            assert_ne!(verdict(&question(), lie), Verdict::Isolated, "{lie}");
            rejected(&claimed(claim, &truth, lie), lie, reason);
        }
    }
}
