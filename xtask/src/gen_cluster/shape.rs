//! The shape of a cluster: which namespaces and workloads there are, and how large. It is small, and decides the rest.

use super::Options;
use fastrand::Rng;

/// A cluster before its objects are written.
pub(super) struct Shape {
    pub(super) nodes: usize,
    pub(super) namespaces: Vec<Namespace>,
    /// Whether a policy lets staging into production.
    pub(super) leak: bool,
    pub(super) seed: u64,
}

/// Whose a namespace is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Staging,
    Production,
    Shared,
}

pub(super) struct Namespace {
    pub(super) name: String,
    pub(super) side: Side,
    pub(super) team: &'static str,
    pub(super) workloads: Vec<Workload>,
}

/// Who makes pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Deployment,
    StatefulSet,
    DaemonSet,
    Job,
}

pub(super) struct Workload {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) pods: usize,
    /// What its pods have in common, and where its random numbers begin.
    pub(super) seed: u64,
    /// The number of its first pod in the cluster.
    pub(super) first_pod: usize,
}

/// Pods that a node carries.
const PODS_OF_A_NODE: usize = 40;

const TEAMS: [&str; 12] = [
    "basket", "catalog", "checkout", "fraud", "identity", "ledger", "loyalty", "media", "orders", "pricing",
    "search", "shipping",
];

const ROLES: [&str; 16] = [
    "gateway",
    "api",
    "worker",
    "web",
    "cache",
    "store",
    "indexer",
    "mailer",
    "notifier",
    "scheduler",
    "importer",
    "exporter",
    "broker",
    "relay",
    "reports",
    "sync",
];

/// The namespaces that both environments use, and what runs in them once, and on each node.
const SHARED: [(&str, &[&str], &[&str]); 4] = [
    ("kube-system", &["coredns", "metrics-server"], &["calico-node", "kube-proxy"]),
    ("monitoring", &["prometheus", "grafana", "alertmanager"], &["node-exporter"]),
    ("cert-manager", &["cert-manager", "cainjector"], &[]),
    ("logging", &["loki", "fluentd"], &[]),
];

impl Shape {
    pub(super) fn new(options: &Options) -> Self {
        let mut rng = Rng::with_seed(options.seed);
        let pods = options.pods as usize;
        let count = options.namespaces.map_or(pods / 100, |count| count as usize).max(6);
        let nodes = pods.div_ceil(PODS_OF_A_NODE).max(2);
        let mut namespaces: Vec<Namespace> =
            SHARED.iter().map(|&(name, once, on_each)| shared(name, once, on_each, nodes)).collect();
        let taken: usize = namespaces.iter().flat_map(|namespace| &namespace.workloads).map(|w| w.pods).sum();
        let of_sides = count - namespaces.len();
        let sizes = zipf(pods.saturating_sub(taken), of_sides, 0.8);
        for (index, pods) in sizes.into_iter().enumerate() {
            // One application after the other: first its production, which is the larger, then its staging.
            let side = if index % 2 == 0 { Side::Production } else { Side::Staging };
            namespaces.push(of_a_side(index / 2, side, pods, &mut rng));
        }
        let mut first_pod = 0;
        for workload in namespaces.iter_mut().flat_map(|namespace| &mut namespace.workloads) {
            workload.first_pod = first_pod;
            workload.seed = rng.u64(..);
            first_pod += workload.pods;
        }
        Self { nodes, namespaces, leak: options.leak, seed: options.seed }
    }
}

impl Side {
    /// The value of the label `environment`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Staging => "staging",
            Self::Production => "production",
            Self::Shared => "shared",
        }
    }
}

fn shared(name: &str, once: &[&str], on_each: &[&str], nodes: usize) -> Namespace {
    let of = |kind, pods| move |name: &&str| workload(kind, (*name).to_owned(), pods);
    let workloads =
        once.iter().map(of(Kind::Deployment, 2)).chain(on_each.iter().map(of(Kind::DaemonSet, nodes)));
    Namespace { name: name.to_owned(), side: Side::Shared, team: "platform", workloads: workloads.collect() }
}

fn of_a_side(application: usize, side: Side, pods: usize, rng: &mut Rng) -> Namespace {
    let team = TEAMS[application % TEAMS.len()];
    let number = application / TEAMS.len();
    let name = if number == 0 {
        format!("{team}-{}", side.name())
    } else {
        format!("{team}-{}-{}", ROLES[number % ROLES.len()], side.name())
    };
    // The same name may come up again in a cluster of many namespaces.
    let name = if number < ROLES.len() { name } else { format!("{team}-{number}-{}", side.name()) };
    let mut workloads = Vec::new();
    let mut left = pods;
    while left > 0 {
        let kind = match rng.u8(0..20) {
            0..14 => Kind::Deployment,
            14..17 => Kind::StatefulSet,
            _ => Kind::Job,
        };
        let pods = match kind {
            Kind::Job => 1,
            _ => size(rng),
        };
        let index = workloads.len();
        let name = match index / ROLES.len() {
            0 => ROLES[index].to_owned(),
            more => format!("{}-{more}", ROLES[index % ROLES.len()]),
        };
        workloads.push(workload(kind, name, pods.min(left)));
        left -= pods.min(left);
    }
    Namespace { name, side, team, workloads }
}

fn workload(kind: Kind, name: String, pods: usize) -> Workload {
    Workload { kind, name, pods, seed: 0, first_pod: 0 }
}

/// How many replicas a workload has: mostly few, rarely many.
fn size(rng: &mut Rng) -> usize {
    let share = 1.0 - rng.f64();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 200")]
    let size = (4.0 * share.powf(-0.8)).min(200.0) as usize;
    size.max(1)
}

/// A number cut into parts as sizes are in life: the n-th is about 1/n^`exponent` of the first.
fn zipf(total: usize, parts: usize, exponent: f64) -> Vec<usize> {
    #[expect(clippy::cast_precision_loss, reason = "weights need no more precision")]
    let weights: Vec<f64> = (1..=parts).map(|rank| (rank as f64).powf(-exponent)).collect();
    let sum: f64 = weights.iter().sum();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a part is between 0 and the total"
    )]
    let mut sizes: Vec<usize> = weights.iter().map(|weight| (weight / sum * total as f64) as usize).collect();
    let left = total - sizes.iter().sum::<usize>().min(total);
    for size in sizes.iter_mut().take(left) {
        *size += 1;
    }
    sizes
}
