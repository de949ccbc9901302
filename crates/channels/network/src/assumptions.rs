//! What an answer of this channel rests on, with the command that checks it.

use crate::Reading;
use crate::direction::Direction;
use crate::ends::today;
use crate::kinds::{pod_selectors_of_cluster_policy, pod_selectors_of_policy};
use crate::pair::Endpoint;
use crate::proxy;
use crate::relaying::may_carry;
use crate::view::{Certainty, View, block_addresses};
use ipnet::IpNet;
use std::collections::BTreeSet;
use watertight_base::AddressSet;
use watertight_model::{
    Assumption, ClusterPolicy, NamespaceId, ObjectRef, PeerKind, PolicyPeer, Snapshot, TierPeerKind,
};

/// The assumptions behind an answer about connections between two sets of namespaces.
pub(crate) fn assumptions(
    snapshot: &Snapshot,
    reading: &Reading,
    from: &[NamespaceId],
    to: &[NamespaceId],
) -> Vec<Assumption> {
    let assume = |id: &str, text: &str, check: &str| Assumption {
        id: id.into(),
        text: text.into(),
        check: check.into(),
    };
    let view = View::new(snapshot, reading);
    let mut all = vec![
        assume(
            "input-complete",
            &input_complete(snapshot),
            "kubectl api-resources -o name | grep -Ei 'polic|ingress|route|gateway|network'",
        ),
        assume(
            "namespaces-fixed",
            "nobody on the `from` side can create or relabel namespaces, or change objects of other namespaces (where the input holds bindings, the api channel looks for such rights)",
            "kubectl auth can-i patch namespaces --as=system:serviceaccount:NAMESPACE:NAME",
        ),
        assume(
            "shared-pods-forward-as-declared",
            "pods of namespaces on neither side (DNS, monitoring) do not forward connections for the `from` side, unless they are known as ingress controllers or gateways (N48)",
            "kubectl get ingresses,httproutes,services -A",
        ),
        assume(
            "other-protocols",
            "the promise covers TCP, UDP and SCTP; ICMP and other protocols are outside it (N31)",
            "ask your network plugin's documentation what it does with ICMP",
        ),
        assume(
            "kubelet-bypass",
            "nobody on the `from` side may exec into pods of the `to` side, attach, forward ports or proxy to them: the API server and the kubelet open those connections, past every policy (where the input holds bindings, the api channel looks for such rights) (N47, N50)",
            "kubectl auth can-i create pods/portforward -n NAMESPACE --as=system:serviceaccount:NAMESPACE:NAME",
        ),
    ];
    if reading.profile.enforces {
        all.push(assume(
            "cni-enforces",
            "the network plugin enforces NetworkPolicy on every node, from a pod's start on (N53, N54)",
            "kubectl get pods -n kube-system -o wide",
        ));
        all.push(assume(
            "existing-connections",
            "no connection is left from before a policy was in force: network plugins differ in whether they cut those (N52)",
            "kubectl get pods,networkpolicies -A --sort-by=.metadata.creationTimestamp",
        ));
    }
    if reading.profile.may_keep_old_labels() && asks_for_pod_labels(&view, from, to) {
        all.push(assume(
            "labels-settled",
            "no pod's labels changed in the last 30 seconds: Cilium may take a pod for what it was for that long (N22)",
            "kubectl get pods -A --show-labels; kubectl get ciliumendpoints -A -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,LABELS:.status.identity.labels",
        ));
    }
    if reading.profile.enforces && !reading.profile.nodes {
        all.push(assume(
            "policies-read-alone",
            "ipBlocks hold no pods, pods on the host network are ordinary ones, nodes and IPv6 take no part, and labels that the input does not show are none",
            "leave out `--profile declared`: the default assumes none of this",
        ));
    }
    all.extend(on_admission(&view, from, to));
    all.extend(on_proxies(&view, from, to));
    let fenced =
        |id: &NamespaceId| !view.standards.admit(snapshot.namespace(*id).labels.as_ref()).host_network;
    if reading.profile.nodes && from.iter().chain(to).any(fenced) {
        all.push(assume(
            "pod-security-admission",
            "the PodSecurity admission plugin is on, exempts nobody of the `from` side, and takes the latest version where a namespace names none",
            "kubectl auth whoami; kubectl get --raw /metrics | grep pod_security_evaluations_total",
        ));
    }
    let by_nodes = reading.profile.nodes && reading.profile.enforces;
    if by_nodes {
        all.push(assume(
            "contents-from-outside",
            "nodes pull images and mount volumes for new pods of the `from` side only from servers that are no pods of the `to` side, nor lead to any: Pod Security asks nobody where an image is from, and `baseline` not where a volume is, and a node always reaches the pods on it (N35, N50)",
            "kubectl get pods -n NAMESPACE -o json | jq -c '.items[].spec | [.containers[].image, .volumes]'",
        ));
    }
    if by_nodes && reading.profile.rewrites_sources.holds(view.permissive) && snapshot.has_node_ports(to) {
        all.push(assume(
            "node-ports-are-no-probes",
            "what comes to a pod by a node port of its own node is not taken for what the node itself sends, which always gets in (N35, N40)",
            "ask your network plugin's documentation whether policies see addresses before or after node ports rewrite them; `externalTrafficPolicy` changes nothing for what comes from pods",
        ));
    }
    if by_nodes && snapshot.minor_version().is_none() && from.iter().any(fenced) {
        all.push(assume(
            "pod-security-version",
            "the API server is 1.34 or newer, so that Pod Security keeps probes and hooks from naming another host, which their node would dial",
            "kubectl version",
        ));
    }
    if reading.profile.enforces && snapshot.pods.iter().any(|pod| !pod.addresses.is_empty()) {
        all.push(assume(
            "pod-network",
            "pods get their addresses from the networks in which the input shows them, widened as N43 says",
            "kubectl get pods,nodes -A -o wide; kubectl cluster-info dump | grep -m1 cluster-cidr",
        ));
    }
    if admits_shared_host_network(&view, from, to) {
        all.push(assume(
            "node-addresses-are-nodes",
            "a selector that means a pod on the host network of a namespace on neither side admits that pod alone, and not whatever comes from its node's address (N38, N40)",
            "ask your network plugin's documentation how it matches pods on the host network",
        ));
    }
    if let Some(policy) = of_the_experimental_channel(&view, from, to) {
        let object = &policy.origin.object;
        all.push(assume(
            "experimental-policy-api",
            &format!(
                "the definition of {} in the cluster is that of the experimental channel, which knows `nodes` and `domainNames`; under that of the standard channel `{object}` would be refused or mean something else (N66, N70)",
                object.kind
            ),
            &format!("kubectl explain {}.spec.egress.to", object.kind.to_lowercase()),
        ));
    }
    if reading.profile.enforces && admits_public_addresses(snapshot, to) {
        all.push(assume(
            "no-public-pod-addresses",
            "no pod and no node has an address in the public ranges that ipBlocks admit",
            "kubectl get pods,nodes -A -o wide",
        ));
    }
    all.sort();
    all.dedup();
    all
}

/// That policies are there, and stay.
pub(crate) fn on_policies(policies: &[&ObjectRef]) -> Assumption {
    let names: Vec<String> = policies.iter().map(|policy| format!("`{}`", policy.name)).collect();
    Assumption {
        id: "admission-policies".into(),
        text: format!(
            "the admission plugin ValidatingAdmissionPolicy is on, and nobody of the `from` side can change the policies {} or their bindings",
            names.join(", ")
        ),
        check: "kubectl get validatingadmissionpolicies,validatingadmissionpolicybindings".into(),
    }
}

/// What it rests on that policies keep some pods from being created.
fn on_admission(view: &View<'_>, from: &[NamespaceId], to: &[NamespaceId]) -> Vec<Assumption> {
    let both: Vec<NamespaceId> = from.iter().chain(to).copied().collect();
    let policies = view.creatable.rests_on(&both);
    if policies.is_empty() {
        return Vec::new();
    }
    on_pods(&policies)
}

/// That policies are there, and that they are asked about all that changes pods.
pub(crate) fn on_pods(policies: &[&ObjectRef]) -> Vec<Assumption> {
    vec![
        on_policies(policies),
        Assumption {
            id: "labels-by-pods-alone".into(),
            text: "nobody of the `from` side may update pods/status or create pods/binding, by which labels come to a pod past policies that are about pods alone".into(),
            check: "kubectl auth can-i update pods/status -n NAMESPACE --as=system:serviceaccount:NAMESPACE:NAME; kubectl auth can-i create pods/binding -n NAMESPACE --as=system:serviceaccount:NAMESPACE:NAME".into(),
        },
    ]
}

/// What it rests on that a proxy serves both sides and carries nothing across. Upgraded clusters keep what `edit` granted when
/// they were made: <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#write-access-for-endpoints>.
fn on_proxies(view: &View<'_>, from: &[NamespaceId], to: &[NamespaceId]) -> Vec<Assumption> {
    let serving = proxy::serving(view.snapshot, from, &view.published).into_iter();
    let closed = serving.filter(|&proxy| !may_carry(view, proxy, from, to));
    let names: BTreeSet<String> = closed.map(|proxy| format!("`{}`", today(view, proxy).name)).collect();
    if names.is_empty() {
        return Vec::new();
    }
    let names: Vec<String> = names.into_iter().collect();
    let by_objects = Assumption {
        id: "proxies-go-by-objects".into(),
        text: format!(
            "{}, which serves both sides, connects only to where Services, EndpointSlices and annotations of Ingresses say; nobody of the `from` side may write EndpointSlices, Endpoints or pods/status there, as the roles and bindings of the input have it: where the roles `edit` and `admin` are not in it, the cluster was made by 1.22 or later, and they do not grant that",
            names.join(", ")
        ),
        check: "kubectl get clusterroles edit admin -o yaml | grep -i endpoint; kubectl auth can-i create endpointslices -n NAMESPACE --as=system:serviceaccount:NAMESPACE:NAME; kubectl auth can-i update pods/status -n NAMESPACE --as=system:serviceaccount:NAMESPACE:NAME".into(),
    };
    let policies = view.creatable.in_force();
    let on_policies = (!policies.is_empty()).then(|| on_policies(&policies));
    std::iter::once(by_objects).chain(on_policies).collect()
}

/// Kinds that matter to this channel and that a cluster may well have (convention 4). Other kinds of network plugins and
/// meshes are as many as there are of those.
const KINDS_THAT_MATTER: [&str; 10] = [
    "NetworkPolicy",
    "Node",
    "Service",
    "Ingress",
    "Gateway",
    "ClusterNetworkPolicy",
    "AdminNetworkPolicy",
    "CiliumNetworkPolicy",
    "GlobalNetworkPolicy",
    "NetworkAttachmentDefinition",
];

/// The input is taken as complete for the kinds that it holds, and kinds of which it holds nothing are named once.
fn input_complete(snapshot: &Snapshot) -> String {
    let missing = KINDS_THAT_MATTER.into_iter().filter(|kind| !snapshot.kinds.contains_key(*kind));
    let missing: Vec<&str> = missing.collect();
    let of_others = if missing.is_empty() { String::new() } else { format!(": {}", missing.join(", ")) };
    format!(
        "the input holds every object of the kinds that it holds, and the cluster has none of those that matter and are not in it{of_others}"
    )
}

/// Whether an ingress peer of the `to` side means, by selectors, a pod on the host network of a namespace on neither side.
fn admits_shared_host_network(view: &View<'_>, from: &[NamespaceId], to: &[NamespaceId]) -> bool {
    let shared = view.snapshot.pods.iter().filter(|pod| {
        view.on_host_network(pod) && !from.contains(&pod.namespace) && !to.contains(&pod.namespace)
    });
    // The pods of a DaemonSet are alike to every selector: one on each node.
    let mut seen = BTreeSet::new();
    let shared = shared.filter(|pod| seen.insert((pod.namespace, &pod.labels)));
    let shared: Vec<Endpoint<'_>> = shared.map(Endpoint::Pod).collect();
    let Some(world) = view.worlds.first() else { return false };
    let policies = to.iter().flat_map(|&id| view.policies(world, id, Direction::Ingress));
    let mut peers = policies.flat_map(|active| {
        active
            .policy
            .ingress
            .iter()
            .flat_map(|rule| rule.peers.iter().flatten())
            .map(move |peer| (active.policy, peer))
    });
    peers.any(|(policy, peer)| {
        matches!(peer.kind, PeerKind::Pods { .. })
            && shared.iter().any(|&pod| view.peer_is(world, policy, peer, pod))
    })
}

/// Whether a policy about one of the sides asks for labels of pods.
fn asks_for_pod_labels(view: &View<'_>, from: &[NamespaceId], to: &[NamespaceId]) -> bool {
    let sides = || from.iter().chain(to).copied();
    let own = sides().flat_map(|id| view.all_policies(id)).flat_map(pod_selectors_of_policy);
    let read = view.worlds.iter().flat_map(|world| &world.tiers).map(|active| active.policy);
    let tiers = read.filter(|policy| {
        sides().any(|id| view.namespace_certainty(&policy.subject.namespaces, id) != Certainty::No)
    });
    let mut selectors = own.chain(tiers.flat_map(pod_selectors_of_cluster_policy));
    selectors.any(|selector| !selector.requirements.is_empty())
}

/// A policy of the administrator in force on one of the sides that uses what only the experimental channel of its API has.
fn of_the_experimental_channel<'a>(
    view: &View<'a>,
    from: &[NamespaceId],
    to: &[NamespaceId],
) -> Option<&'a ClusterPolicy> {
    let is_about = |policy: &ClusterPolicy, sides: &[NamespaceId]| {
        let namespaces = &policy.subject.namespaces;
        sides.iter().any(|&id| view.namespace_certainty(namespaces, id) != Certainty::No)
    };
    // Where the whole policy is refused, its rules for the other direction are gone as well.
    let matters = |policy: &ClusterPolicy| {
        let experimental = policy
            .egress
            .iter()
            .flat_map(|rule| &rule.peers)
            .any(|peer| matches!(peer.kind, TierPeerKind::Nodes(_) | TierPeerKind::DomainNames(_)));
        experimental && (is_about(policy, from) || (is_about(policy, to) && !policy.ingress.is_empty()))
    };
    let in_force = view.worlds.first().filter(|_| view.profile.enforces)?;
    in_force.tiers.iter().map(|active| active.policy).find(|policy| matters(policy))
}

/// Whether an ingress rule of these namespaces admits public addresses, other than those for documentation, which
/// nobody has.
fn admits_public_addresses(snapshot: &Snapshot, to: &[NamespaceId]) -> bool {
    let policies =
        snapshot.policies.iter().filter(|policy| to.contains(&policy.namespace) && policy.types.ingress);
    let peers = policies.flat_map(|policy| &policy.ingress).flat_map(|rule| rule.peers.iter().flatten());
    let nobodys = documentation().union(&AddressSet::private());
    let public = |peer: &PolicyPeer| match &peer.kind {
        PeerKind::IpBlock { cidr, except } => !block_addresses(*cidr, except).is_subset(&nobodys),
        PeerKind::Pods { .. } => false,
    };
    peers.into_iter().any(public)
}

/// The ranges of RFC 5737 and RFC 3849.
fn documentation() -> AddressSet {
    let nets = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"];
    let nets = nets.into_iter().filter_map(|net| net.parse::<IpNet>().ok());
    nets.fold(AddressSet::empty(), |all, net| all.union(&AddressSet::cidr(net)))
}
