//! What an intent asks for and no manifest can give, or what it lets through on purpose.

use crate::neighbours;
use crate::rules;
use std::collections::BTreeSet;
use watertight_base::Diagnostic;
use watertight_intent::{
    Boundary, Cluster, ClusterId, EnvironmentId, ExceptionAllows, Intent, Promise, Role,
};

/// The profile of clusters in which nobody enforces NetworkPolicies.
const NO_ENFORCER: &str = "none";

/// What follows from most exceptions.
const BREACHED: &str = "so `prove` calls this boundary breached";

/// From this minor version on, servers have ValidatingAdmissionPolicies without a flag.
///
/// Source: <https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/>, stable since 1.30.
const GUARDED_MINOR: u16 = 30;

/// What cannot be promised is an error; what is let through is said.
pub(crate) fn diagnostics(intent: &Intent) -> Vec<Diagnostic> {
    let mut diagnostics = unenforced(intent);
    diagnostics.extend(unguarded(intent));
    diagnostics.extend((0..intent.clusters.len()).filter_map(|index| unread(intent, ClusterId(index))));
    diagnostics.extend(intent.boundaries.iter().flat_map(|boundary| exceptions(intent, boundary)));
    diagnostics
}

/// Clusters that two environments share between which something is promised, on one of these channels.
fn shared(intent: &Intent, on: impl Fn(Promise) -> bool) -> Vec<&Cluster> {
    let cluster = |boundary: &Boundary| {
        let of = |id: EnvironmentId| intent.environments.get(id.0).map(|it| it.cluster);
        let promised = boundary.promises.iter().any(|promise| on(promise.value));
        of(boundary.from).filter(|from| promised && of(boundary.to) == Some(*from))
    };
    let shared: BTreeSet<ClusterId> = intent.boundaries.iter().filter_map(cluster).collect();
    shared.into_iter().filter_map(|ClusterId(cluster)| intent.clusters.get(cluster)).collect()
}

/// Clusters behind whose walls no policy is enforced.
fn unenforced(intent: &Intent) -> Vec<Diagnostic> {
    shared(intent, |promise| promise == Promise::Network)
        .into_iter()
        .filter(|cluster| cluster.cni_profile.value.split(',').next() == Some(NO_ENFORCER))
        .map(|cluster| {
            let name = &cluster.name.value;
            Diagnostic::error(
                rules::UNENFORCED_POLICIES,
                format!("nobody enforces NetworkPolicies in the cluster `{name}`, which environments share"),
            )
            .at(cluster.cni_profile.span, "no wall on the network stands here")
            .help("install a network plugin that enforces them and name its profile, or give the environments clusters of their own: `isolation: cluster`")
        })
        .collect()
}

/// Clusters that environments share and whose servers do not know the kind of which guards are made.
fn unguarded(intent: &Intent) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for cluster in shared(intent, |_| true) {
        let Some(version) = cluster.kubernetes_version.filter(|version| version.value.minor < GUARDED_MINOR)
        else {
            continue;
        };
        let name = &cluster.name.value;
        let message = format!(
            "the cluster `{name}`, which environments share, is of {}, which has no ValidatingAdmissionPolicies",
            version.value
        );
        diagnostics.push(
            Diagnostic::error(rules::NO_ADMISSION_POLICIES, message)
                .at(version.span, "nothing keeps Services, Ingresses and pods of one environment off the others")
                .help(format!(
                    "update the cluster to 1.{GUARDED_MINOR} or later, or give the environments clusters of their own: `isolation: cluster`"
                )),
        );
    }
    diagnostics
}

/// A shared cluster that is said to have ClusterNetworkPolicy, although its network plugin reads none.
fn unread(intent: &Intent, id: ClusterId) -> Option<Diagnostic> {
    let cluster = intent.clusters.get(id.0)?;
    let mut settings = cluster.cni_profile.value.split(',');
    let plugin = settings.next()?;
    let settings: Vec<&str> = settings.collect();
    let reads = match plugin {
        "cilium" => settings.contains(&"cluster-network-policy=true"),
        _ => plugin != "kube-router" && !settings.contains(&"admin-policies=false"),
    };
    if reads || !cluster.cluster_network_policy.value {
        return None;
    }
    let first = intent.environments.iter().position(|environment| environment.cluster == id)?;
    let environment = &intent.environments.get(first)?.name.value;
    let others = neighbours::names(intent, EnvironmentId(first));
    if others.is_empty() {
        return None;
    }
    let name = &cluster.name.value;
    let message = format!("the network plugin of the cluster `{name}` reads no ClusterNetworkPolicy");
    let so = format!("so NetworkPolicies are the only fence between {environment} and {others}");
    Some(
        Diagnostic::warning(rules::UNREAD_CLUSTER_POLICIES, message)
            .at(cluster.cni_profile.span, so)
            .help("say in `cniProfile` how the plugin is set up, or leave `clusterNetworkPolicy` out"),
    )
}

/// What a boundary lets through.
fn exceptions(intent: &Intent, boundary: &Boundary) -> Vec<Diagnostic> {
    let name = |id: EnvironmentId| {
        intent.environments.get(id.0).map_or("", |environment| environment.name.value.as_str())
    };
    let (from, to) = (name(boundary.from), name(boundary.to));
    let warning = |exception: &watertight_intent::Exception| {
        let (what, so) = match &exception.allows {
            ExceptionAllows::Connection { .. } => ("a connection", BREACHED),
            ExceptionAllows::Access { role, .. } if role.value == Role::Edit => ("a right", BREACHED),
            // To read what holds no credentials is of lesser rank.
            ExceptionAllows::Access { .. } => ("a right", "so `prove --strict` calls this boundary breached"),
        };
        let until = exception.expires.value;
        let owner = &exception.owner.value;
        Diagnostic::warning(
            rules::EXCEPTION,
            format!("{what} from `{from}` to `{to}` is let through until {until}, as `{owner}` asked"),
        )
        .at(exception.span, so)
    };
    boundary.exceptions.iter().map(warning).collect()
}
