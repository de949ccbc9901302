//! Which moves the proof knows: for each there is a cluster in which it is the only way to production.

use crate::cluster::{api, question, world};
use watertight_base::Source;
use watertight_ingest::{Options, read};
use watertight_model::Verdict;
use watertight_oracle::Random;
use watertight_oracle::attacker::{Move, play};
use watertight_prove::prove;

/// Moves that the proof does not follow yet. Whoever adds one to the catalogue takes it out here.
const NOT_YET: [Move; 0] = [];

/// The moves that it follows.
pub(crate) fn known() -> Vec<Move> {
    Move::ALL.into_iter().filter(|what| !NOT_YET.contains(what)).collect()
}

/// Three namespaces with a workload, a pod and a fence in production. `shared/operator` may create pods there, and so may
/// the user `keeper`, the group `keepers`, and `shared/ghost`, who is not there.
const WORLD: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: staging}
---
apiVersion: v1
kind: Namespace
metadata: {name: shared}
---
apiVersion: v1
kind: Namespace
metadata: {name: production}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: ci, namespace: staging}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: operator, namespace: shared}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: production, labels: {app: db}}
spec: {containers: [{name: c, image: example.com/db}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: production}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec: {containers: [{name: c, image: example.com/api}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: default-deny, namespace: production}
spec: {podSelector: {}, policyTypes: [Ingress]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: keeper, namespace: production}
rules: [{apiGroups: [''], resources: [pods], verbs: [create]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: keeper, namespace: production}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: keeper}
subjects:
- {kind: ServiceAccount, name: operator, namespace: shared}
- {kind: ServiceAccount, name: ghost, namespace: shared}
- {kind: User, apiGroup: rbac.authorization.k8s.io, name: keeper}
- {kind: Group, apiGroup: rbac.authorization.k8s.io, name: keepers}
";

/// A webhook of staging that is asked about pods of production.
const WEBHOOK: &str = "---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: hook}
webhooks:
- name: hook.example.com
  sideEffects: None
  admissionReviewVersions: [v1]
  clientConfig: {service: {namespace: staging, name: hook}}
  rules: [{operations: [CREATE], apiGroups: [''], apiVersions: [v1], resources: [pods]}]
";

/// What both sides have together, where a move takes that.
fn together(what: Move) -> &'static str {
    match what {
        Move::AnswerWebhook => WEBHOOK,
        Move::UseCredential => {
            "---
{apiVersion: v1, kind: Secret, metadata: {name: db, namespace: staging}, stringData: {password: correct-horse-71}}
---
{apiVersion: v1, kind: Secret, metadata: {name: db, namespace: production}, stringData: {password: correct-horse-71}}
"
        }
        Move::AssumeIdentity => {
            "---
apiVersion: v1
kind: ServiceAccount
metadata: {name: a, namespace: staging, annotations: {eks.amazonaws.com/role-arn: 'arn:aws:iam::123456789012:role/a'}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: b, namespace: production, annotations: {eks.amazonaws.com/role-arn: 'arn:aws:iam::123456789012:role/a'}}
"
        }
        Move::PublishHost => {
            "---
apiVersion: v1
kind: Pod
metadata: {name: proxy, namespace: shared}
spec: {containers: [{name: c, image: 'registry.k8s.io/ingress-nginx/controller:v1.15.1'}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: production}
spec:
  ingressClassName: nginx
  rules:
  - host: shop.example.com
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
"
        }
        Move::WriteSnippet => {
            "---
apiVersion: v1
kind: Pod
metadata: {name: proxy, namespace: shared}
spec: {containers: [{name: c, image: 'registry.k8s.io/ingress-nginx/controller:v1.15.1'}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: proxy, namespace: shared}
data: {allow-snippet-annotations: 'true', annotations-risk-level: Critical}
"
        }
        Move::AttachRoute => {
            "---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shared}
spec:
  gatewayClassName: c
  listeners: [{name: web, protocol: HTTP, port: 80, allowedRoutes: {namespaces: {from: All}}}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: production}
spec:
  hostnames: [shop.example.com]
  parentRefs: [{name: edge, namespace: shared}]
  rules: [{backendRefs: [{name: web, port: 80}]}]
"
        }
        Move::FollowGrant => {
            "---
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: {name: lets, namespace: production}
spec:
  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: staging}]
  to: [{group: '', kind: Service}]
"
        }
        Move::TakeTraffic => {
            "---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: staging}
spec: {clusterIP: 10.96.1.1, externalIPs: [192.0.2.1], ports: [{port: 80}], selector: {app: web}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: production}
spec: {clusterIP: 10.96.1.2, externalIPs: [192.0.2.1], ports: [{port: 80}], selector: {app: web}}
"
        }
        _ => "",
    }
}

/// Where staging's `ci` is granted something, and the rules, one line each.
fn witness(what: Move) -> (&'static str, &'static [&'static str]) {
    match what {
        Move::CreatePod => ("production", &["{apiGroups: [''], resources: [pods], verbs: [create]}"]),
        Move::ApplyPod => (
            "production",
            &["{apiGroups: [''], resources: [pods], verbs: [create, patch], resourceNames: [mine]}"],
        ),
        Move::CreateWorkload => ("production", &["{apiGroups: [batch], resources: [jobs], verbs: [create]}"]),
        Move::ChangeWorkload => {
            ("production", &["{apiGroups: [apps], resources: [deployments], verbs: [patch]}"])
        }
        Move::Exec => ("production", &["{apiGroups: [''], resources: [pods/exec], verbs: [create]}"]),
        Move::ChangePod => ("production", &["{apiGroups: [''], resources: [pods], verbs: [update]}"]),
        Move::Debug => {
            ("production", &["{apiGroups: [''], resources: [pods/ephemeralcontainers], verbs: [patch]}"])
        }
        Move::Attach => ("production", &["{apiGroups: [''], resources: [pods/attach], verbs: [create]}"]),
        Move::ReadSecret => ("production", &["{apiGroups: [''], resources: [secrets], verbs: [watch]}"]),
        Move::ForgeToken => ("shared", &["{apiGroups: [''], resources: [secrets], verbs: [create, get]}"]),
        Move::RequestToken => {
            ("production", &["{apiGroups: [''], resources: [serviceaccounts/token], verbs: [create]}"])
        }
        Move::CreateAccount => (
            "shared",
            &[
                "{apiGroups: [''], resources: [serviceaccounts], verbs: [create]}",
                "{apiGroups: [''], resources: [serviceaccounts/token], verbs: [create], resourceNames: [ghost]}",
            ],
        ),
        Move::ImpersonateUser => {
            ("", &["{apiGroups: [''], resources: [users], verbs: [impersonate], resourceNames: [keeper]}"])
        }
        Move::ImpersonateGroup => (
            "",
            &[
                "{apiGroups: [''], resources: [users], verbs: [impersonate], resourceNames: [nobody]}",
                "{apiGroups: [''], resources: [groups], verbs: [impersonate], resourceNames: [keepers]}",
            ],
        ),
        Move::ImpersonateAccount => {
            ("shared", &["{apiGroups: [''], resources: [serviceaccounts], verbs: [impersonate]}"])
        }
        Move::BindRole => (
            "production",
            &[
                "{apiGroups: [rbac.authorization.k8s.io], resources: [rolebindings], verbs: [create]}",
                "{apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], verbs: [bind]}",
            ],
        ),
        Move::EscalateRole => (
            "production",
            &["{apiGroups: [rbac.authorization.k8s.io], resources: [roles], verbs: [escalate, update]}"],
        ),
        Move::SignCertificate => (
            "",
            &[
                "{apiGroups: [certificates.k8s.io], resources: [certificatesigningrequests], verbs: [create]}",
                "{apiGroups: [certificates.k8s.io], resources: [certificatesigningrequests/approval], verbs: [update]}",
                "{apiGroups: [certificates.k8s.io], resources: [signers], verbs: [approve]}",
            ],
        ),
        Move::NodeProxy => ("", &["{apiGroups: [''], resources: [nodes/proxy], verbs: [get]}"]),
        Move::DialPod => {
            ("production", &["{apiGroups: [''], resources: [pods/portforward], verbs: [create]}"])
        }
        Move::RelabelNamespace => {
            ("production", &["{apiGroups: [''], resources: [namespaces], verbs: [patch]}"])
        }
        Move::ChangeFence => (
            "production",
            &["{apiGroups: [networking.k8s.io], resources: [networkpolicies], verbs: [delete]}"],
        ),
        Move::ChangeObject => {
            ("production", &["{apiGroups: [apps], resources: [deployments/scale], verbs: [patch]}"])
        }
        Move::AddWebhook => (
            "",
            &[
                "{apiGroups: [admissionregistration.k8s.io], resources: [mutatingwebhookconfigurations], verbs: [create]}",
            ],
        ),
        Move::PublishHost | Move::WriteSnippet => {
            ("staging", &["{apiGroups: [networking.k8s.io], resources: [ingresses], verbs: [create]}"])
        }
        Move::AttachRoute | Move::FollowGrant => (
            "staging",
            &["{apiGroups: [gateway.networking.k8s.io], resources: [httproutes], verbs: [create]}"],
        ),
        // To serve it, and to have what is there, takes no right.
        Move::AnswerWebhook | Move::UseCredential | Move::AssumeIdentity | Move::TakeTraffic => {
            ("staging", &["{apiGroups: [''], resources: [configmaps], verbs: [get]}"])
        }
    }
}

/// The cluster in which a move is the way to production.
fn cluster(what: Move) -> String {
    let (namespace, rules) = witness(what);
    let (prefix, place) = match namespace {
        "" => ("Cluster", String::new()),
        namespace => ("", format!(", namespace: {namespace}")),
    };
    let together = together(what);
    format!(
        "{WORLD}{together}---
apiVersion: rbac.authorization.k8s.io/v1
kind: {prefix}Role
metadata: {{name: given{place}}}
rules: [{}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {prefix}RoleBinding
metadata: {{name: given{place}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {prefix}Role, name: given}}
subjects: [{{kind: ServiceAccount, name: ci, namespace: staging}}]
",
        rules.join(", ")
    )
}

#[test]
fn the_list_of_moves_that_are_not_followed_is_right() {
    for what in Move::ALL {
        let text = cluster(what);
        let source = Source { name: "cluster.yaml".to_owned(), bytes: text.clone().into_bytes() };
        let ingested = read(&[source], &Options { values: true, ..Options::default() });
        assert!(ingested.diagnostics.is_empty(), "{what:?}: {:?}", ingested.diagnostics);
        let question = question();
        let report = prove(&ingested.snapshot, &question).unwrap();
        let mut random = Random::new(0);
        let world = world(&ingested.snapshot, &question, &report, &mut random);
        let mut moves = known();
        moves.retain(|other| *other != what);
        let without = play(world.clone(), &moves, &mut random);
        assert!(without.reached.is_empty(), "{what:?} is not needed: {:#?}", without.played);
        moves.push(what);
        let with = play(world, &moves, &mut random);
        assert!(!with.reached.is_empty(), "{what:?} reaches nothing\n{text}");
        let is_followed = api(&report).verdict == Verdict::Breached;
        assert_eq!(is_followed, !NOT_YET.contains(&what), "whether {what:?} is followed\n{text}");
    }
}
