//! The ends of a need: pods, nodes and addresses, as far as the input shows them.

use std::collections::BTreeSet;
use std::net::IpAddr;
use watertight_base::Protocol;
use watertight_model::{
    Because, BlindSpot, Evidence, EvidenceRole, Host, NamespaceId, Origin, Pod, PodState, Service, Snapshot,
};
use watertight_network::{Between, End, pods_named};

/// Why a need is not open, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reason {
    /// One sentence.
    pub(crate) why: String,
    /// How to mend it.
    pub(crate) help: String,
    /// The objects that it rests on.
    pub(crate) because: Vec<Because>,
}

impl Reason {
    /// A reason that stands in an object.
    pub(crate) fn of(why: String, help: impl Into<String>, role: EvidenceRole, origin: &Origin) -> Self {
        Self { why, help: help.into(), because: vec![because(role, origin)] }
    }
}

/// Who opens a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sources {
    /// The ends that are seen.
    pub(crate) ends: Vec<End>,
    /// What is not seen of them.
    pub(crate) doubts: Vec<Reason>,
}

/// Who accepts it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Targets {
    /// The ends that are seen, each with the port that must be open there.
    pub(crate) reached: Vec<(End, (Protocol, u16))>,
    /// What is not seen of them.
    pub(crate) doubts: Vec<Reason>,
    /// What holds every connection back, whoever opens it.
    pub(crate) obstacles: Vec<Reason>,
}

/// The address that a name is, with or without brackets.
pub(crate) fn address(name: &str) -> Option<IpAddr> {
    let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    bare.parse().ok()
}

/// Whether the input knows the name as that of an end, Services aside.
pub(crate) fn is_known(snapshot: &Snapshot, name: &str) -> bool {
    address(name).is_some() || node(snapshot, name).is_some() || !pods_named(snapshot, name).is_empty()
}

/// The ends that a name means.
pub(crate) fn sources(snapshot: &Snapshot, between: &Between<'_>, name: &str) -> Sources {
    if let Some(address) = address(name) {
        return at_address(snapshot, between, address);
    }
    match node(snapshot, name) {
        Some(node) => Sources { ends: vec![End::Node(node)], doubts: Vec::new() },
        None => pods(snapshot, pods_named(snapshot, name), &format!("`{name}`")),
    }
}

/// `node/NAME`, if there is one of that name.
fn node(snapshot: &Snapshot, name: &str) -> Option<usize> {
    let (kind, name) = name.split_once('/')?;
    let of_that_name = || snapshot.nodes.iter().position(|node| node.name == name);
    kind.eq_ignore_ascii_case("node").then(of_that_name)?
}

/// The pods that take part (rule N55). One that has no address yet is none that something is open to for certain.
pub(crate) fn pods(snapshot: &Snapshot, indices: Vec<usize>, what: &str) -> Sources {
    let mut sources = Sources::default();
    for index in indices {
        let pod = &snapshot.pods[index];
        match pod.state {
            PodState::Active => sources.ends.push(End::Pod(index)),
            PodState::Finished => {}
            PodState::NoAddress => sources.doubts.push(Reason::of(
                format!("{} has no address yet, and takes no part until it has (N55)", pod.origin.object),
                "ask again when it runs",
                EvidenceRole::Absent,
                &pod.origin,
            )),
        }
    }
    if sources == Sources::default() {
        sources.doubts.push(Reason {
            why: format!("{what} has no pod in the input that runs"),
            help: "add the manifests of its workloads to the input".to_owned(),
            because: Vec::new(),
        });
    }
    sources
}

/// Who has an address: pods and nodes that are known by it, else the outside, unless a pod could have it.
fn at_address(snapshot: &Snapshot, between: &Between<'_>, address: IpAddr) -> Sources {
    let doubt = |why: String, help: String| Sources {
        ends: Vec::new(),
        doubts: vec![Reason { why, help, because: Vec::new() }],
    };
    if address.is_loopback() || address.is_unspecified() || address.is_multicast() {
        return doubt(
            format!("`{address}` is the address of no single peer"),
            "name a workload, a node or the address of a peer".to_owned(),
        );
    }
    if let Some(service) = snapshot.services.iter().find(|service| has_address(service, address)) {
        let object = &service.origin.object;
        let namespace = object.namespace.as_deref().unwrap_or_default();
        return doubt(
            format!("`{address}` is an address of {object}"),
            format!("name the Service as the destination: `{namespace}/service/{}`", object.name),
        );
    }
    let with_address = |pod: &&Pod| pod.addresses.contains(&address);
    if snapshot.pods.iter().filter(with_address).any(|pod| pod.host_network.is_none()) {
        let found = snapshot.pods.iter().enumerate().filter(|(_, pod)| with_address(pod));
        return pods(snapshot, found.map(|(index, _)| index).collect(), &format!("`{address}`"));
    }
    let nodes = snapshot.nodes.iter().enumerate().filter(|(_, node)| node.addresses.contains(&address));
    let nodes: Vec<usize> = nodes.map(|(index, _)| index).collect();
    if !nodes.is_empty() {
        // Whatever is on the host network there may be the one that answers.
        let on_one = |pod: &Pod| match &pod.scheduling.node_name {
            Some(name) => nodes.iter().any(|&node| snapshot.nodes[node].name == *name),
            None => true,
        };
        let shares = |pod: &Pod| pod.host_network.is_some() && on_one(pod);
        let live = |pod: &Pod| pod.state == PodState::Active && shares(pod);
        let hosts = snapshot.pods.iter().enumerate().filter(|(_, pod)| live(pod));
        let hosts = hosts.map(|(index, _)| End::Pod(index));
        let ends = nodes.iter().map(|&node| End::Node(node)).chain(hosts).collect();
        return Sources { ends, doubts: Vec::new() };
    }
    if snapshot.pods.iter().any(|pod| with_address(&pod)) || between.may_be_inside(address) {
        return doubt(
            format!("`{address}` may be the address of a pod or node that the input does not show (N43)"),
            "add the cluster's pods and nodes, which show where its addresses are: `kubectl get nodes,pods -A -o yaml`"
                .to_owned(),
        );
    }
    Sources { ends: vec![End::Outside(address)], doubts: Vec::new() }
}

fn has_address(service: &Service, address: IpAddr) -> bool {
    let balancers = service.load_balancers.contains(&Host::Address(address));
    balancers || service.cluster_ips.contains(&address) || service.external_ips.contains(&address)
}

/// The namespaces of the pods among some ends.
pub(crate) fn namespaces<'e>(
    snapshot: &Snapshot,
    ends: impl IntoIterator<Item = &'e End>,
) -> BTreeSet<NamespaceId> {
    let namespace = |end: &End| match end {
        End::Pod(index) => snapshot.pods.get(*index).map(|pod| pod.namespace),
        _ => None,
    };
    ends.into_iter().filter_map(namespace).collect()
}

/// How people know an end: `Deployment production/web`.
pub(crate) fn name(snapshot: &Snapshot, end: End) -> String {
    match end {
        End::Pod(index) => snapshot.pods.get(index).map_or_else(String::new, |pod| {
            let namespace = &snapshot.namespace(pod.namespace).name;
            format!("{} {namespace}/{}", pod.workload.kind, pod.workload.name)
        }),
        End::Node(index) => {
            snapshot.nodes.get(index).map_or_else(String::new, |node| format!("node {}", node.name))
        }
        End::Outside(address) => address.to_string(),
        End::OwnNode(address) => format!("{address} of its own node"),
    }
}

/// How `map --explain` knows an end.
pub(crate) fn argument(snapshot: &Snapshot, end: End) -> String {
    match end {
        End::Pod(index) => snapshot.pods.get(index).map_or_else(String::new, |pod| {
            let namespace = &snapshot.namespace(pod.namespace).name;
            format!("{namespace}/{}/{}", pod.workload.kind, pod.workload.name)
        }),
        End::Node(index) => {
            snapshot.nodes.get(index).map_or_else(String::new, |node| format!("node/{}", node.name))
        }
        End::Outside(address) | End::OwnNode(address) => address.to_string(),
    }
}

/// One end by its name, or how many there are.
pub(crate) fn several<'e>(snapshot: &Snapshot, ends: impl IntoIterator<Item = &'e End>) -> String {
    let names: BTreeSet<String> = ends.into_iter().map(|&end| name(snapshot, end)).collect();
    match names.first() {
        Some(first) if names.len() == 1 => first.clone(),
        Some(first) => format!("{first} and {} more", names.len() - 1),
        None => "nobody".to_owned(),
    }
}

/// What was not seen or not understood, and could close a need. To accept a kind that is known to hold policies says
/// that it opens nothing, which is not enough here.
pub(crate) fn unseen(spot: &BlindSpot, accepted: &[(String, String)]) -> Reason {
    let kind = spot.object.as_ref().map(|object| object.kind.as_str());
    let help = match accepted.iter().find(|(accepted, _)| Some(accepted.as_str()) == kind) {
        Some((kind, _)) => format!(
            "`--accept {kind}` says that it opens nothing, not that it closes nothing; try the connection in the cluster"
        ),
        None if spot.rule == "unevaluated-kind" => {
            "it could close this: try the connection in the cluster".to_owned()
        }
        None => spot.help.clone(),
    };
    let because = spot.object.as_ref().map(|object| Because {
        role: EvidenceRole::Denies,
        object: object.clone(),
        path: String::new(),
        evidence: spot.span.map(Evidence::File),
    });
    Reason { why: spot.reason.clone(), help, because: because.into_iter().collect() }
}

/// An object as a whole.
pub(crate) fn because(role: EvidenceRole, origin: &Origin) -> Because {
    Because {
        role,
        object: origin.object.clone(),
        path: String::new(),
        evidence: Some(Evidence::File(origin.span)),
    }
}
