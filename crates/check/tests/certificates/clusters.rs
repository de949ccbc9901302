//! Clusters of which many are isolated, for different reasons, and others nearly.

use watertight_base::{Operator, Protocol, Requirement, Selector};
use watertight_model::{
    Action, ClusterPolicy, Namespace, NamespaceId, NetworkPolicy, PolicyTypes, PortMatch, Snapshot, Tier,
    TierPeerKind, TierPortKind,
};
use watertight_oracle::Random;
use watertight_oracle::build;
use watertight_oracle::generate::{Size, snapshot};

/// A cluster with some fence, under which there may be holes.
pub(crate) fn fenced(seed: u64) -> Snapshot {
    let size = if seed.is_multiple_of(2) { Size::default() } else { Size::default().with_tiers() };
    let mut cluster = snapshot(seed, size);
    let mut random = Random::new(seed ^ 0x0ce7_71f1);
    if random.chance(90) {
        without_host_network(&mut cluster, &mut random);
    }
    fewer_rules(&mut cluster, &mut random);
    let production: Vec<NamespaceId> =
        cluster.namespace_ids().filter(|&id| name(&cluster, id).starts_with("production")).collect();
    for id in production {
        for fence in fences(&mut random) {
            let mut origin = fence.origin.clone();
            origin.object.namespace = Some(name(&cluster, id));
            cluster.policies.push(NetworkPolicy { namespace: id, origin, ..fence });
        }
    }
    cluster.policies.sort_by(|one, other| {
        let key = |policy: &NetworkPolicy| (policy.namespace, policy.origin.object.name.clone());
        key(one).cmp(&key(other))
    });
    if random.chance(25) {
        cluster.cluster_policies.push(admin_fence(&mut random));
    }
    cluster
}

fn name(cluster: &Snapshot, id: NamespaceId) -> String {
    cluster.namespace(id).name.clone()
}

/// Policies that together isolate every pod, or nearly: all at once, or by labels, or by ports of what they admit.
fn fences(random: &mut Random) -> Vec<NetworkPolicy> {
    let isolating = |name: &str, subject: Selector| NetworkPolicy {
        subject,
        types: PolicyTypes { ingress: true, egress: false },
        ..build::policy(name)
    };
    let asks =
        |operator, values: &[&str]| -> Vec<Requirement> { vec![build::require("app", operator, values)] };
    match random.below(6) {
        0..3 => vec![isolating("fence", Selector::everything())],
        3 => vec![
            isolating("fence-a", build::selecting(asks(Operator::Exists, &[]))),
            isolating("fence-b", build::selecting(asks(Operator::DoesNotExist, &[]))),
        ],
        4 => vec![
            isolating("fence-a", build::selecting(asks(Operator::In, &["web", "db"]))),
            isolating("fence-b", build::selecting(asks(Operator::NotIn, &["web", "db"]))),
        ],
        _ => {
            let both = [asks(Operator::Exists, &[]), vec![build::require("role", Operator::Exists, &[])]];
            vec![
                isolating("fence-a", build::selecting(both.concat())),
                isolating("fence-b", build::selecting(asks(Operator::DoesNotExist, &[]))),
                isolating(
                    "fence-c",
                    build::selecting(vec![build::require("role", Operator::DoesNotExist, &[])]),
                ),
            ]
        }
    }
}

/// A policy of the administrator that keeps the two sides apart, sometimes on some ports alone.
fn admin_fence(random: &mut Random) -> ClusterPolicy {
    let kind = random.one_of([Tier::Admin, Tier::Baseline]);
    let names = |operator| build::selecting(vec![build::require("env", operator, &["staging"])]);
    let own = build::matching(&[("env", "production")]);
    let mut rule = build::tier_rule(
        Action::Deny,
        vec![build::tier_pods(names(random.one_of([Operator::In, Operator::NotIn])), Selector::everything())],
    );
    if random.chance(30) {
        rule = build::tier_on(rule, vec![TierPortKind::Range(Protocol::Tcp, 1, 8000)]);
    }
    let mut policy = ClusterPolicy {
        subject: build::subject(own, Selector::everything()),
        ingress: vec![rule],
        ..build::cluster_policy("fence", kind, u16::try_from(random.below(1000)).unwrap_or(0))
    };
    if random.chance(40) {
        let everywhere = ["0.0.0.0/0", "::/0"].map(|net| net.parse().unwrap()).to_vec();
        policy.subject = build::subject(Selector::everything(), Selector::everything());
        policy.ingress.clear();
        policy.egress = vec![build::tier_rule(Action::Deny, vec![TierPeerKind::Networks(everywhere)])];
    }
    policy
}

fn without_host_network(cluster: &mut Snapshot, random: &mut Random) {
    let leaves_one = random.chance(10);
    for namespace in &mut cluster.namespaces {
        let labels = namespace.labels.get_or_insert_default();
        labels.insert(Namespace::NAME_LABEL.to_owned(), namespace.name.clone());
        if !(leaves_one && namespace.name == "production") {
            labels.insert("pod-security.kubernetes.io/enforce".to_owned(), "restricted".to_owned());
            labels.remove("pod-security.kubernetes.io/enforce-version");
        }
    }
    for pod in &mut cluster.pods {
        pod.host_network = None;
    }
}

/// Most rules that would let somebody in are taken out of production, and of some the ports are changed.
fn fewer_rules(cluster: &mut Snapshot, random: &mut Random) {
    for policy in &mut cluster.policies {
        policy.ingress.retain(|rule| rule.peers.is_some() && random.chance(45));
        for rule in &mut policy.ingress {
            for port in rule.ports.iter_mut().flatten() {
                if random.chance(15) {
                    port.port = PortMatch::Named("http".to_owned());
                }
            }
        }
    }
}

/// What some clusters have besides: Ingresses, and proxies that serve them, or do not, or are not to be seen.
pub(crate) fn proxies(seed: u64) -> &'static str {
    let turns = ["", "", INGRESS, PROXY, PROXY_AND_INGRESS, OWN_PROXY, GATEWAY, NETWORKS];
    turns[usize::try_from(seed / 2).unwrap() % turns.len()]
}

const INGRESS: &str = "\
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: production}
spec: {defaultBackend: {service: {name: shop, port: {number: 80}}}}
";

const PROXY: &str = "\
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: proxy, namespace: shared}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, role: client}}
    spec: {containers: [{name: c, image: traefik:v3}]}
";

const PROXY_AND_INGRESS: &str = "\
---
apiVersion: v1
kind: Pod
metadata: {name: proxy-0, namespace: monitoring, labels: {app: proxy}}
spec: {containers: [{name: c, image: registry.k8s.io/ingress-nginx/controller:v1.12}]}
status: {podIP: 10.244.9.7}
---
apiVersion: v1
kind: Pod
metadata: {name: proxy-1, namespace: shared, labels: {app: api}}
spec: {containers: [{name: c, image: registry.k8s.io/ingress-nginx/controller:v1.12}]}
status: {podIP: 192.168.0.1}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: k8s.io/ingress-nginx}
";

const OWN_PROXY: &str = "\
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: proxy, namespace: production}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: traefik:v3}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: other, namespace: shared}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: c, image: haproxy-ingress, args: [--watch-namespace=production]}]
";

const GATEWAY: &str = "\
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: maker, namespace: shared}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: docker.io/envoyproxy/gateway:v1}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: envoy}
spec: {controllerName: gateway.envoyproxy.io/gatewayclass-controller}
";

const NETWORKS: &str = "\
---
apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata: {name: storage, namespace: production}
spec: {config: '{\"cniVersion\": \"1.0.0\", \"type\": \"macvlan\"}'}
---
apiVersion: v1
kind: Pod
metadata: {name: stored, namespace: production, annotations: {k8s.v1.cni.cncf.io/networks: storage}}
spec: {containers: [{name: c, image: i}]}
";
