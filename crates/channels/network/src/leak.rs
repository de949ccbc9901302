//! The patterns behind breaches: which rule of `rules/` a crossing is an instance of, and how to close it.

use crate::profile::Fault;
use crate::rule::{PeerRef, PolicyRef, Rule};
use crate::view::{NamespaceMatch, View};
use crate::ways::Gate;
use crate::world::World;
use watertight_base::{Operator, Selector};
use watertight_model::{Action, FactPeer, NamespaceId, NamespaceScope, PeerKind, Tier};

/// A pattern that lets connections across.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Leak {
    NotEnforced,
    UnfencedIngress,
    OpenRule,
    SplitPeer,
    BroadNamespaceSelector,
    IpblockHoldsPods,
    StagingAdmitted,
    HostNetworkSource,
    HostNetworkTarget,
    IpblockHoldsNodes,
    UnknownNamespaceLabels,
    UnfencedFuturePod,
    AdminAdmits,
    AdminUnread,
    BaselineSkipped,
    NetworksMissPods,
    NodeAddressUnmatched,
    ProbeHost,
    SharedProxy,
    SharedNetwork,
    /// What only an enforcer's fault lets pass, with the enforcer's name.
    Faulty(Fault, &'static str),
}

impl Leak {
    /// The rule's name.
    pub(crate) fn rule(self) -> &'static str {
        match self {
            Self::NotEnforced => "not-enforced",
            Self::UnfencedIngress => "unfenced-ingress",
            Self::OpenRule => "open-rule",
            Self::SplitPeer => "split-peer",
            Self::BroadNamespaceSelector => "broad-namespace-selector",
            Self::IpblockHoldsPods => "ipblock-holds-pods",
            Self::StagingAdmitted => "staging-admitted",
            Self::HostNetworkSource => "host-network-source",
            Self::HostNetworkTarget => "host-network-target",
            Self::IpblockHoldsNodes => "ipblock-holds-nodes",
            Self::UnknownNamespaceLabels => "unknown-namespace-labels",
            Self::UnfencedFuturePod => "unfenced-future-pod",
            Self::AdminAdmits => "admin-policy-admits",
            Self::AdminUnread => "admin-policy-unread",
            Self::BaselineSkipped => "baseline-skipped",
            Self::NetworksMissPods => "networks-miss-pods",
            Self::NodeAddressUnmatched => "node-address-unmatched",
            Self::ProbeHost => "probe-host",
            Self::SharedProxy => "shared-proxy",
            Self::SharedNetwork => "shared-network",
            Self::Faulty(Fault::UnlistedRules, _) => "unlisted-policy-type",
            Self::Faulty(Fault::UnreliablePortNames, _) => "unreliable-port-name",
            Self::Faulty(Fault::HiddenLabels(_), _) => "label-not-seen",
            Self::Faulty(Fault::BaselineOverrides, _) => "baseline-overrides",
            Self::Faulty(Fault::DropsPoliciesWithNodesOrNames, _) => "admin-policy-dropped",
        }
    }

    /// The pattern behind a gate into `target`, through which pods of `source` come.
    pub(crate) fn behind(view: &View<'_>, gate: &Gate<'_>, source: NamespaceId, target: NamespaceId) -> Self {
        let rule = match gate {
            Gate::Unfenced => return Self::UnfencedIngress,
            Gate::Spared(_) => return Self::BaselineSkipped,
            Gate::Rule(rule) => rule,
        };
        if matches!(rule.policy, PolicyRef::Cluster(_)) {
            return Self::AdminAdmits;
        }
        let Some((_, peer)) = rule.peer else { return Self::OpenRule };
        let PeerRef::Network(PeerKind::Pods { namespaces, pods_written, .. }) = peer.kind else {
            return Self::IpblockHoldsPods;
        };
        let NamespaceScope::Selected(selector) = namespaces else { return Self::StagingAdmitted };
        if matches!(view.namespace_match(selector, source), Some(NamespaceMatch::Assumed(_))) {
            return Self::UnknownNamespaceLabels;
        }
        if !pods_written && stands_beside_a_pod_selector(rule) {
            return Self::SplitPeer;
        }
        let meant_own = view.namespace_match(selector, target) == Some(NamespaceMatch::Known);
        if meant_own || !names_something(selector) {
            Self::BroadNamespaceSelector
        } else {
            Self::StagingAdmitted
        }
    }

    /// The pattern as it is in a world of its own: what only that world lets pass, its way of treating policies lets pass.
    pub(crate) fn in_world(self, world: &World<'_>) -> Self {
        match (world.for_the_sake_of, world.reads_tiers, world.networks_match_cluster) {
            (Some((enforcer, fault)), _, _) => Self::Faulty(fault, enforcer),
            (None, false, _) => Self::AdminUnread,
            (None, true, false) => Self::NetworksMissPods,
            (None, true, true) => self,
        }
    }

    /// How to close it.
    pub(crate) fn help(self, gate: Option<&Gate<'_>>, from: &FactPeer, to: &FactPeer) -> String {
        let (source, target) = (&from.namespace, &to.namespace);
        let policy = match gate {
            Some(Gate::Rule(rule)) => format!("`{}`", rule.policy.origin().object),
            Some(Gate::Spared(policy)) => format!("`{}`", policy.origin.object),
            Some(Gate::Unfenced) | None => "the policy".to_owned(),
        };
        match self {
            Self::NotEnforced => {
                "install a network plugin that enforces NetworkPolicy, and prove again with its profile"
                    .into()
            }
            Self::UnfencedIngress | Self::UnfencedFuturePod => format!(
                "add a NetworkPolicy to `{target}` that isolates every pod: `podSelector: {{}}`, `policyTypes: [Ingress]`, no rules"
            ),
            Self::OpenRule => format!("give the rule of {policy} a `from` that names who may connect"),
            Self::SplitPeer => format!(
                "join the two elements of {policy} into one, without the `-` before `podSelector`, and select only the namespace that is meant, by `kubernetes.io/metadata.name`"
            ),
            Self::BroadNamespaceSelector => format!(
                "select in {policy} the namespaces that are meant, by a label that only they carry: `kubernetes.io/metadata.name`"
            ),
            Self::IpblockHoldsPods => format!(
                "leave the pod network out of the block in {policy} by `except`, or admit pods by selectors and only outside addresses by blocks"
            ),
            Self::StagingAdmitted => format!("remove the peer that means `{source}` from {policy}"),
            Self::HostNetworkSource => format!(
                "keep pods off the host network in `{source}`: label the namespace `pod-security.kubernetes.io/enforce: baseline`, and remove or move those that use it"
            ),
            Self::ProbeHost => format!(
                "keep probes of other hosts out of `{source}`: label it `pod-security.kubernetes.io/enforce: baseline`, at `enforce-version` v1.34 or later, and remove those that are there, and images and volumes from addresses of pods"
            ),
            Self::SharedProxy => format!(
                "give each environment a proxy of its own that watches its namespaces alone, and admit only that one to `{target}`"
            ),
            Self::SharedNetwork => format!(
                "give `{target}` networks of its own, in NetworkAttachmentDefinitions of its own namespaces, and turn on Multus' `namespaceIsolation`"
            ),
            Self::HostNetworkTarget => format!(
                "no NetworkPolicy fences the host network: label `{target}` `pod-security.kubernetes.io/enforce: baseline`, and take pods there off it"
            ),
            Self::IpblockHoldsNodes => format!(
                "leave the node network out of the block in {policy} by `except`; a Service with `externalTrafficPolicy: Local` still brings clients in under their own addresses"
            ),
            Self::AdminAdmits if tier_rule(gate).is_some_and(|(_, tier)| tier == Tier::Admin) => format!(
                "remove the peer that means `{source}` from {policy}, or let a rule that denies it come first"
            ),
            Self::AdminUnread | Self::NetworksMissPods | Self::NodeAddressUnmatched
                if matches!(gate, Some(Gate::Rule(_))) =>
            {
                format!("let {policy} admit only those who may connect, and not `{source}`")
            }
            Self::Faulty(Fault::UnlistedRules, _) => {
                "remove the rules of a direction that `policyTypes` does not list, or list the direction"
                    .into()
            }
            Self::Faulty(Fault::UnreliablePortNames, _) => {
                format!("write the ports of {policy} as numbers")
            }
            Self::Faulty(Fault::HiddenLabels(_), _) => {
                "select pods by labels of your own, and by none that a controller sets".into()
            }
            Self::Faulty(Fault::BaselineOverrides, _) => {
                "let the Baseline tier accept only what NetworkPolicies allow too, or deny in the Admin tier"
                    .into()
            }
            Self::Faulty(Fault::DropsPoliciesWithNodesOrNames, _) => {
                "put peers by `nodes` and `domainNames` into policies of their own, without rules that deny"
                    .into()
            }
            Self::AdminAdmits
            | Self::AdminUnread
            | Self::BaselineSkipped
            | Self::NetworksMissPods
            | Self::NodeAddressUnmatched => format!(
                "add a NetworkPolicy to `{target}` that isolates every pod for ingress: `podSelector: {{}}`, `policyTypes: [Ingress]`, and rules for those who may connect"
            ),
            Self::UnknownNamespaceLabels => {
                format!(
                    "add the Namespace object of `{source}` to the input, or select by `kubernetes.io/metadata.name` in {policy}"
                )
            }
        }
    }

    /// Why the connection passes: a phrase that ends the headline.
    pub(crate) fn why(self, gate: Option<&Gate<'_>>, from: &FactPeer, to: &FactPeer) -> String {
        let (source, target) = (&from.namespace, &to.namespace);
        let policy = match gate {
            Some(Gate::Rule(rule)) => format!("`{}`", rule.policy.origin().object),
            Some(Gate::Spared(policy)) => format!("`{}`", policy.origin.object),
            Some(Gate::Unfenced) | None => String::new(),
        };
        let admits = matches!(gate, Some(Gate::Rule(_)));
        let admitted = if admits { format!("{policy} admits it, and ") } else { String::new() };
        match self {
            Self::NotEnforced => "nothing enforces NetworkPolicy".into(),
            Self::UnfencedIngress => "no NetworkPolicy isolates it for ingress".into(),
            Self::UnfencedFuturePod => format!("the policies of `{target}` select only some pods"),
            Self::OpenRule => format!("{policy} admits everyone"),
            Self::SplitPeer => {
                format!("{policy} admits all of `{source}`, its two selectors being two list elements")
            }
            Self::BroadNamespaceSelector => {
                format!("the namespaceSelector of {policy} selects `{source}` too")
            }
            Self::IpblockHoldsPods => format!("an ipBlock of {policy} covers addresses that pods may have"),
            Self::StagingAdmitted => format!("{policy} admits it"),
            Self::HostNetworkSource => "a pod on the host network reaches every pod on its node".into(),
            Self::ProbeHost => {
                "its node dials the host that a probe, an image or a volume names, and reaches every pod on it".into()
            }
            Self::SharedProxy => {
                "it serves routes of the hostile side too, which can lead to any address".into()
            }
            Self::SharedNetwork => {
                "NetworkPolicy governs the cluster's network, and not further ones that both are on".into()
            }
            Self::HostNetworkTarget => "no NetworkPolicy fences a pod on the host network".into(),
            Self::IpblockHoldsNodes => {
                format!("an ipBlock of {policy} covers node addresses, under which pods can come")
            }
            Self::AdminAdmits => match tier_rule(gate) {
                Some((rule, Tier::Baseline)) if rule.action == Action::Pass => {
                    format!(
                        "{policy} takes it past the Baseline tier, and no NetworkPolicy isolates it for ingress"
                    )
                }
                Some((_, Tier::Baseline)) => {
                    format!("{policy} accepts it, and no NetworkPolicy isolates it for ingress")
                }
                _ => format!("{policy} accepts it, whatever NetworkPolicies say"),
            },
            Self::AdminUnread => {
                format!(
                    "{admitted}only a policy of the administrator holds it back, which not every network plugin reads"
                )
            }
            Self::BaselineSkipped => format!(
                "only the Baseline tier holds it back, which some network plugins do not ask about a pod that a NetworkPolicy selects, as {policy} does"
            ),
            Self::NetworksMissPods => format!(
                "{admitted}only `networks` in a policy of the administrator hold it back, in which not every network plugin finds pods"
            ),
            Self::NodeAddressUnmatched => format!(
                "{}, and a node port brings pods in under a node's address, which no ingress rule of the administrator means",
                if admits {
                    format!("{policy} admits everyone")
                } else {
                    "no NetworkPolicy isolates it for ingress".into()
                }
            ),
            Self::Faulty(fault, enforcer) => format!("on {enforcer}, {}", fault.title()),
            Self::UnknownNamespaceLabels => {
                format!("{policy} admits it if the namespace carries labels that the input does not show")
            }
        }
    }
}

/// The rule of an administrator's policy that a gate is.
fn tier_rule<'g, 'a>(gate: Option<&'g Gate<'a>>) -> Option<(&'g Rule<'a>, Tier)> {
    let Some(Gate::Rule(rule)) = gate else { return None };
    let PolicyRef::Cluster(policy) = rule.policy else { return None };
    Some((rule, policy.tier))
}

/// Whether the list of peers also holds a lone podSelector: two elements where one was meant (rule N13).
fn stands_beside_a_pod_selector(rule: &Rule<'_>) -> bool {
    let PolicyRef::Network(policy) = rule.policy else { return false };
    let rules = policy.ingress.iter().chain(&policy.egress).filter(|of| of.span == rule.span);
    let mut peers = rules.flat_map(|rule| rule.peers.iter().flatten());
    peers.any(|peer| {
        matches!(&peer.kind, PeerKind::Pods { namespaces: NamespaceScope::Own, pods, .. } if !pods.is_everything())
    })
}

/// Whether a selector names values that it wants, rather than ones that it does not want, or none (rule N16).
fn names_something(selector: &Selector) -> bool {
    selector.requirements.iter().any(|requirement| requirement.operator == Operator::In)
}
