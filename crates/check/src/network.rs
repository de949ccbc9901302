//! The network channel: every way across that there could be, worked out from the input, and each of them closed by a fact.

use crate::Rejection;
use crate::admission::{Kind, Written, refused_object};
use crate::cases::{Space, Under, verify, verify_refused};
use crate::ends::{Cluster, End, Share};
use crate::evaluate::World;
use crate::format::{Case, Fact, RefusedObject};
use crate::networks::shares_a_network;
use crate::pod_security::{
    admits_host_network, admits_probe_hosts, keeps_a_level, on_host_network, with_probe_host,
};
use crate::proxies;
use crate::relaying::Relaying;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use watertight_base::{AddressSet, ConnectionSet, Selector};
use watertight_model::{
    Action, ClusterPolicy, DialedFor, Host, Namespace, NamespaceId, NamespaceScope, PeerKind, Pod,
    PodSecurity, ServiceType, TierPeerKind,
};

/// A way into one namespace that has to be closed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Way {
    /// `from`, `proxy …` or `unseen-proxy`.
    source: String,
    /// `direct`, `behind-node`, `node-port` or `host-network`.
    way: &'static str,
    /// The name of the namespace.
    to: String,
}

/// The side that opens connections, and what it can do to the cluster.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hostile<'h> {
    /// The namespaces whose pods are hostile.
    pub(crate) from: &'h [NamespaceId],
    /// Those whose policies may go.
    pub(crate) unfenced: &'h [NamespaceId],
    /// Those besides in which it writes what proxies go by.
    pub(crate) published: &'h [NamespaceId],
    /// What it may write, if that is known.
    pub(crate) written: Option<&'h Written>,
}

/// What has to be closed.
struct Channel<'c> {
    cluster: &'c Cluster<'c>,
    from: &'c [NamespaceId],
    to: &'c [NamespaceId],
    /// The namespaces that have no pod, and get none.
    empty: BTreeSet<NamespaceId>,
    /// Those whose policies do not count: they may go.
    hostile: &'c [NamespaceId],
    /// Those besides in which the hostile side writes what proxies go by.
    published: &'c [NamespaceId],
    worlds: BTreeSet<World>,
    /// Who opens connections, by their name in facts.
    sources: BTreeMap<String, Vec<End>>,
    /// What policies refuse, where Pod Security does not.
    refused: BTreeSet<(Free, NamespaceId)>,
}

/// Checks the facts of the channel: each way across is closed by one of them, and each of them closes one.
///
/// # Errors
/// Something gets across, or a fact is missing, wrong, or about nothing.
pub(crate) fn check(
    cluster: &Cluster<'_>,
    (hostile, to): (&Hostile<'_>, &[NamespaceId]),
    facts: &[Fact],
) -> Result<(), Rejection> {
    let Hostile { from, unfenced: hostile, published, written } = *hostile;
    let worlds = World::all(cluster);
    let (empty, sources, refused) = (BTreeSet::new(), BTreeMap::new(), BTreeSet::new());
    let mut channel = Channel { cluster, from, to, empty, hostile, published, worlds, sources, refused };
    let is_quiet =
        |name: &str| facts.iter().any(|it| matches!(it, Fact::CarriesNothing { proxy, .. } if proxy == name));
    for (number, fact) in facts.iter().enumerate() {
        channel.refuse(fact).map_err(|why| Rejection::of_fact(number, why))?;
        channel.empty(fact).map_err(|why| Rejection::of_fact(number, why))?;
    }
    channel.find_sources(&is_quiet)?;
    let mut ways = channel.ways();
    let mut free = channel.must_be_free(&is_quiet)?;
    for (number, fact) in facts.iter().enumerate() {
        let reject = |why: String| Rejection::of_fact(number, why);
        match fact {
            Fact::Closed { .. } if !cluster.profile.enforces() => {
                return Err(reject("nothing enforces NetworkPolicy under this profile".to_owned()));
            }
            Fact::Closed { source, way, to, cases } => {
                for name in to {
                    let known =
                        ways.iter().find(|it| it.source == *source && it.way == way && it.to == *name);
                    let Some(way) = known.cloned() else {
                        let why = format!("no way {way} from {source} into `{name}` is left to be closed");
                        return Err(reject(why));
                    };
                    channel.check_way(&way, cases).map_err(reject)?;
                    ways.remove(&way);
                }
            }
            Fact::NoPods { namespace, .. } if !channel.must_be_empty(namespace) => {
                return Err(reject(format!(
                    "that `{namespace}` has no pods is nothing that has to be shown"
                )));
            }
            // By it nothing starts or ends there.
            Fact::NoPods { .. } => {}
            Fact::NoHostNetwork { namespaces, .. } => {
                discharge(&mut free, Free::HostNetwork, namespaces).map_err(reject)?;
            }
            Fact::NoDialedHost { namespaces, .. } => {
                discharge(&mut free, Free::DialedHost, namespaces).map_err(reject)?;
            }
            Fact::NoSharedNetwork { namespaces } => {
                discharge(&mut free, Free::SharedNetwork, namespaces).map_err(reject)?;
            }
            // By it the cluster is as it is.
            Fact::KeepsLabels { .. } => {}
            Fact::CarriesNothing { proxy, refused } => {
                channel.carries_nothing(proxy, refused, written).map_err(reject)?;
                let before = ways.len();
                ways.retain(|way| way.source != format!("proxy {proxy}"));
                if ways.len() == before {
                    return Err(reject(format!("no way from the proxy {proxy} is left to be closed")));
                }
            }
            Fact::ActsAs { .. } | Fact::Gains { .. } | Fact::Refused { .. } => {
                return Err(reject("it is none of the channel `network`".to_owned()));
            }
        }
    }
    if let Some(Way { source, way, to }) = ways.first() {
        return Err(Rejection::of_set(format!("no fact closes the way {way} from {source} into `{to}`")));
    }
    match free.first() {
        Some((what, name)) => Err(Rejection::of_set(format!("no fact says that `{name}` {}", what.text()))),
        None => Ok(()),
    }
}

/// The policies that the facts name as refusing something.
pub(crate) fn policies(facts: &[Fact]) -> BTreeSet<String> {
    let mut by = Vec::new();
    for fact in facts {
        match fact {
            Fact::Closed { cases, .. } | Fact::NoPods { cases, .. } => {
                let refused = cases.iter().flat_map(|case| &case.refused);
                by.extend(refused.flat_map(|refused| refused.by.iter().chain(&refused.bare)));
            }
            Fact::NoHostNetwork { refused, .. }
            | Fact::NoDialedHost { refused, .. }
            | Fact::KeepsLabels { refused, .. }
            | Fact::CarriesNothing { refused, .. } => {
                by.extend(refused.iter().flat_map(|object| &object.by));
            }
            _ => {}
        }
    }
    by.into_iter().map(|by| by.policy.clone()).collect()
}

/// What the facts rest on, if they make use of policies, or of what a proxy goes by.
pub(crate) fn resting_on(facts: &[Fact]) -> Vec<&'static str> {
    let mut needed = Vec::new();
    for fact in facts {
        let of_pods = match fact {
            Fact::Closed { cases, .. } => cases.iter().any(|case| !case.refused.is_empty()),
            Fact::NoPods { .. } => true,
            Fact::NoHostNetwork { refused, .. } | Fact::NoDialedHost { refused, .. } => !refused.is_empty(),
            _ => false,
        };
        if of_pods {
            needed.extend(["admission-policies", "labels-by-pods-alone"]);
        }
        needed.extend(matches!(fact, Fact::KeepsLabels { .. }).then_some("admission-policies"));
        if let Fact::CarriesNothing { refused, .. } = fact {
            needed.push("proxies-go-by-objects");
            needed.extend((!refused.is_empty()).then_some("admission-policies"));
        }
    }
    needed
}

/// What some namespaces have to be free of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Free {
    HostNetwork,
    DialedHost,
    SharedNetwork,
}

impl Free {
    fn text(self) -> &'static str {
        match self {
            Self::HostNetwork => "keeps its pods off the host network",
            Self::DialedHost => "has no probe of another host",
            Self::SharedNetwork => "shares no further network",
        }
    }
}

fn discharge(free: &mut BTreeSet<(Free, String)>, what: Free, namespaces: &[String]) -> Result<(), String> {
    for name in namespaces {
        if !free.remove(&(what, name.clone())) {
            return Err(format!("that `{name}` {} is nothing that has to be shown", what.text()));
        }
    }
    Ok(())
}

impl<'c> Channel<'c> {
    fn name(&self, id: NamespaceId) -> String {
        self.cluster.snapshot.namespace(id).name.clone()
    }

    /// Those of some namespaces that have pods, or may get some.
    fn left(&self, ids: &[NamespaceId]) -> Vec<NamespaceId> {
        ids.iter().copied().filter(|id| !self.empty.contains(id)).collect()
    }

    /// Notes the namespace of which a fact says that it has no pod and gets none, if that is so.
    fn empty(&mut self, fact: &Fact) -> Result<(), String> {
        let Fact::NoPods { namespace, cases } = fact else { return Ok(()) };
        let cluster = self.cluster;
        let id = cluster.snapshot.namespace_named(namespace).ok_or("the namespace is not there")?;
        verify_refused(cluster, cluster.any_pod(id), cases)
            .map_err(|why| format!("`{namespace}` may have pods: {why}"))?;
        match self.empty.insert(id) {
            true => Ok(()),
            false => Err(format!("that `{namespace}` has no pods is said twice")),
        }
    }

    /// Whether something would get across if a namespace had pods: where it is kept, from some source; otherwise it is one, and
    /// some are kept that have pods.
    fn must_be_empty(&self, namespace: &str) -> bool {
        let Some(id) = self.cluster.snapshot.namespace_named(namespace) else { return false };
        let is_kept = !self.left(self.to).is_empty();
        if self.to.contains(&id) {
            return !is_kept || !self.sources.is_empty();
        }
        let (places, _) = proxies::unseen_places(self.cluster.snapshot, self.published, self.from, self.to);
        is_kept && (self.from.contains(&id) || places.contains(&id))
    }

    /// Notes what a fact says that policies refuse, if they do: all such pods of a namespace, when they are created. What they are
    /// like never changes.
    fn refuse(&mut self, fact: &Fact) -> Result<(), String> {
        let server = self.cluster.snapshot.minor_version();
        let (what, namespaces, refused, pods) = match fact {
            Fact::NoHostNetwork { namespaces, refused } => {
                (Free::HostNetwork, namespaces, refused, on_host_network())
            }
            Fact::NoDialedHost { namespaces, refused } => {
                (Free::DialedHost, namespaces, refused, with_probe_host())
            }
            _ => return Ok(()),
        };
        for objects in refused.chunks(pods.len()) {
            let name = &objects[0].namespace;
            let id = self.cluster.snapshot.namespace_named(name).filter(|_| namespaces.contains(name));
            let id = id.ok_or_else(|| format!("it is not about `{name}`"))?;
            let admits = self.pod_security(id).is_none_or(|level| match what {
                Free::DialedHost => admits_probe_hosts(level, server),
                _ => admits_host_network(level, server),
            });
            if !admits || !self.refused.insert((what, id)) {
                return Err(format!("that `{name}` {} needs no policy", what.text()));
            }
            let is_each = objects.len() == pods.len()
                && objects.iter().zip(&pods).all(|(object, pod)| {
                    let kind = [&object.group, &object.version, &object.kind, &object.resource];
                    Kind::new(kind.map(String::as_str)) == Kind::pods()
                        && object.namespace == *name
                        && object.fields == [pod.clone()]
                });
            if !is_each {
                return Err(format!("it does not say of each such pod of `{name}` what refuses it"));
            }
            for object in objects {
                refused_object(self.cluster.snapshot, object, &[("CREATE", "")])?;
            }
        }
        Ok(())
    }

    /// Checks that a proxy can be made to connect nowhere else.
    fn carries_nothing(
        &self,
        proxy: &str,
        refused: &[RefusedObject],
        written: Option<&Written>,
    ) -> Result<(), String> {
        let (cluster, from, to) = (self.cluster, self.from, self.to);
        let written = written.ok_or("who may write what it goes by is not known")?;
        let serving = proxies::serving(cluster, from, self.published).into_iter();
        let pods: Vec<&Pod> = serving.filter(|pod| self.workload(pod) == proxy).collect();
        if pods.is_empty() {
            return Err(format!("no proxy {proxy} serves the other side"));
        }
        let server = cluster.snapshot.minor_version();
        let admitting = |id| self.pod_security(id).is_none_or(|level| admits_host_network(level, server));
        Relaying { cluster, from, to, written, admitting: &admitting }.check(&pods, refused)
    }

    /// The name of a proxy in facts.
    fn workload(&self, pod: &Pod) -> String {
        format!("{}/{}/{}", self.name(pod.namespace), pod.workload.kind, pod.workload.name)
    }

    /// Who could open connections.
    fn find_sources(&mut self, is_quiet: &dyn Fn(&str) -> bool) -> Result<(), Rejection> {
        let cluster = self.cluster;
        if self.left(self.to).is_empty() {
            return Ok(());
        }
        if !self.left(self.from).is_empty() {
            self.sources.insert("from".to_owned(), self.pods_of_from());
        }
        for pod in proxies::serving(cluster, self.from, self.published) {
            let name = self.workload(pod);
            if cluster.is_on_host_network(pod) && !is_quiet(&name) {
                let why =
                    format!("the proxy {name} is on the host network, and reaches every pod on its node");
                return Err(Rejection::of_input(why));
            }
            self.sources.entry(format!("proxy {name}")).or_default().push(cluster.this_pod(pod));
        }
        let (places, anywhere) = proxies::unseen_places(cluster.snapshot, self.published, self.from, self.to);
        let mut unseen: Vec<End> = self.left(&places).into_iter().map(|id| cluster.any_pod(id)).collect();
        if anywhere {
            self.admits_nobody_unknown()?;
            unseen.push(cluster.any_stranger());
        }
        if !unseen.is_empty() {
            self.sources.insert("unseen-proxy".to_owned(), unseen);
        }
        Ok(())
    }

    /// All pods of the hostile side. Namespaces of which every policy sees the same, and whose own do not count, are looked at
    /// once.
    fn pods_of_from(&self) -> Vec<End> {
        let selectors = self.namespace_selectors();
        // What policies refuse may differ by namespace.
        let has_policies = !self.cluster.snapshot.admission_policies.is_empty();
        let mut seen: BTreeSet<Vec<Share>> = BTreeSet::new();
        let ends = self.left(self.from).into_iter().map(|id| (id, self.cluster.any_pod(id)));
        let differs = ends.filter(|(id, end)| {
            let shares = selectors.iter().map(|selector| end.namespace_labels.share(selector));
            let is_its_own =
                has_policies || self.cluster.known_labels(*id).is_none() || !self.hostile.contains(id);
            is_its_own || seen.insert(shares.collect())
        });
        differs.map(|(_, end)| end).collect()
    }

    fn namespace_selectors(&self) -> BTreeSet<&'c Selector> {
        let snapshot = self.cluster.snapshot;
        let rules = snapshot.policies.iter().flat_map(|policy| policy.ingress.iter().chain(&policy.egress));
        let scopes = rules.flat_map(|rule| rule.peers.iter().flatten()).filter_map(|peer| match &peer.kind {
            PeerKind::Pods { namespaces: NamespaceScope::Selected(selector), .. } => Some(selector),
            PeerKind::Pods { .. } | PeerKind::IpBlock { .. } => None,
        });
        let of_tiers = snapshot.cluster_policies.iter().flat_map(|policy| {
            let rules = policy.ingress.iter().chain(&policy.egress);
            let peers = rules.flat_map(|rule| &rule.peers).filter_map(|peer| match &peer.kind {
                TierPeerKind::Pods { namespaces, .. } => Some(namespaces),
                _ => None,
            });
            peers.chain([&policy.subject.namespaces])
        });
        scopes.chain(of_tiers).collect()
    }

    /// The namespaces that a proxy may be in and that the input does not hold may have any labels: so nothing that they may
    /// carry lets anybody in.
    fn admits_nobody_unknown(&self) -> Result<(), Rejection> {
        let cluster = self.cluster;
        let stranger = [(Namespace::NAME_LABEL.to_owned(), "*".to_owned())].into();
        let is_dangling = |selector: &Selector| {
            let known = || cluster.snapshot.namespace_ids().map(|id| cluster.any_pod(id).namespace_labels);
            selector.matches(&stranger) || known().all(|labels| labels.share(selector) == Share::None)
        };
        let own = cluster.snapshot.policies.iter().filter(|policy| self.to.contains(&policy.namespace));
        let own = own.filter(|policy| policy.types.ingress || !policy.ingress.is_empty());
        let own = own.flat_map(|policy| {
            let peers = policy.ingress.iter().flat_map(|rule| rule.peers.iter().flatten());
            peers.filter_map(|peer| match &peer.kind {
                PeerKind::Pods { namespaces: NamespaceScope::Selected(selector), .. } => Some(selector),
                PeerKind::Pods { .. } | PeerKind::IpBlock { .. } => None,
            })
        });
        let about = |policy: &&ClusterPolicy| {
            let labels = |&id: &NamespaceId| cluster.any_pod(id).namespace_labels;
            let is_read = self.worlds.iter().any(|world| world.reads(policy));
            is_read
                && self.to.iter().map(labels).any(|it| it.share(&policy.subject.namespaces) != Share::None)
        };
        let of_tiers = cluster.snapshot.cluster_policies.iter().filter(about).flat_map(|policy| {
            let opening = policy.ingress.iter().filter(|rule| rule.action != Action::Deny);
            opening.flat_map(|rule| &rule.peers).filter_map(|peer| match &peer.kind {
                TierPeerKind::Pods { namespaces, .. } => Some(namespaces),
                _ => None,
            })
        });
        match own.chain(of_tiers).find(|selector| is_dangling(selector)) {
            None => Ok(()),
            Some(selector) => Err(Rejection::of_input(format!(
                "a proxy that is not in the input may be in a namespace that `{selector}` admits"
            ))),
        }
    }

    /// Every way that has to be closed by cases.
    fn ways(&self) -> BTreeSet<Way> {
        let by_nodes = self.cluster.has_nodes() && self.cluster.profile.axis("rewrites-sources").may();
        let mut ways = BTreeSet::new();
        for source in self.sources.keys() {
            let is_known_proxy = source.starts_with("proxy ");
            for id in self.left(self.to) {
                let mut add = |way| ways.insert(Way { source: source.clone(), way, to: self.name(id) });
                add("direct");
                if by_nodes && !is_known_proxy {
                    add("behind-node");
                    add("node-port");
                }
                if self.cluster.has_nodes() && !self.is_off_host_network(id) {
                    add("host-network");
                }
            }
        }
        ways
    }

    /// What namespaces have to be free of, since it would get across whatever policies say.
    fn must_be_free(&self, is_quiet: &dyn Fn(&str) -> bool) -> Result<BTreeSet<(Free, String)>, Rejection> {
        let cluster = self.cluster;
        let mut free = BTreeSet::new();
        let (from, to) = (self.left(self.from), self.left(self.to));
        // What a proxy that carries nothing would reach is no matter.
        let connects = |source: &String| !source.strip_prefix("proxy ").is_some_and(is_quiet);
        if !self.sources.keys().any(connects) {
            return Ok(free);
        }
        for &id in to.iter().filter(|_| !from.is_empty()) {
            if let Some(network) = shares_a_network(cluster.snapshot, &from, id) {
                let why = format!(
                    "`{}` is on the network `{network}`, and so may be the other side",
                    self.name(id)
                );
                return Err(Rejection::of_input(why));
            }
            free.insert((Free::SharedNetwork, self.name(id)));
        }
        if !cluster.has_nodes() {
            return Ok(free);
        }
        for id in from {
            if !self.is_off_host_network(id) {
                let why = format!(
                    "pods of `{}` can be on the host network, and reach every pod there",
                    self.name(id)
                );
                return Err(Rejection::of_input(why));
            }
            if self.may_dial(id) {
                let why = format!(
                    "probes, images or volumes of pods of `{}` can name another host, which their node dials",
                    self.name(id)
                );
                return Err(Rejection::of_input(why));
            }
            free.insert((Free::HostNetwork, self.name(id)));
            free.insert((Free::DialedHost, self.name(id)));
        }
        for id in to {
            if self.is_off_host_network(id) {
                free.insert((Free::HostNetwork, self.name(id)));
            } else if cluster.profile.axis("pod-to-own-node").may() {
                let why = format!(
                    "pods of `{}` can be on the host network, where every pod reaches them",
                    self.name(id)
                );
                return Err(Rejection::of_input(why));
            }
        }
        Ok(free)
    }

    /// What Pod Security keeps out of a namespace, at the least. Labels that are not shown keep nothing out.
    fn pod_security(&self, id: NamespaceId) -> Option<PodSecurity> {
        match self.cluster.labels_to_come(id) {
            Some(labels) => keeps_a_level(labels),
            None => self.cluster.known_labels(id).map(PodSecurity::of),
        }
    }

    fn admits_host_network(&self, id: NamespaceId) -> bool {
        let server = self.cluster.snapshot.minor_version();
        let is_refused = self.refused.contains(&(Free::HostNetwork, id));
        !is_refused && self.pod_security(id).is_none_or(|level| admits_host_network(level, server))
    }

    /// Whether nobody of a namespace is on the host network, or could be (rules N35, N37).
    fn is_off_host_network(&self, id: NamespaceId) -> bool {
        !self.admits_host_network(id)
            && !self.cluster.pods(id).any(|pod| self.cluster.is_on_host_network(pod))
    }

    /// Whether a node dials what may be a pod for a pod of a namespace, or could.
    fn may_dial(&self, id: NamespaceId) -> bool {
        let server = self.cluster.snapshot.minor_version();
        let is_refused = self.refused.contains(&(Free::DialedHost, id));
        let admits =
            !is_refused && self.pod_security(id).is_none_or(|level| admits_probe_hosts(level, server));
        let dials = |pod: &Pod| {
            pod.dialed.iter().any(|dialed| match &dialed.host {
                Host::Address(address) if self.cluster.may_be_a_pod(*address) => true,
                Host::Address(address) => {
                    dialed.purpose == DialedFor::Contents && self.may_be_a_service(*address)
                }
                Host::Name(_) => true,
            })
        };
        admits || self.cluster.pods(id).any(dials)
    }

    /// Whether an address may lead to a Service of the `to` side: one that it has, one that is not shown, or a node's.
    fn may_be_a_service(&self, address: IpAddr) -> bool {
        let services = &self.cluster.snapshot.services;
        services.iter().filter(|service| self.to.contains(&service.namespace)).any(|service| {
            let own = service.cluster_ips.iter().chain(&service.external_ips).any(|&ip| ip == address);
            let is_outside = service.load_balancers.contains(&Host::Address(address));
            let has_no_address = service.is_headless || service.kind == ServiceType::ExternalName;
            let is_not_shown = service.cluster_ips.is_empty() && !has_no_address;
            let has_node_ports = [ServiceType::NodePort, ServiceType::LoadBalancer].contains(&service.kind);
            own || is_outside
                || (is_not_shown && AddressSet::private().contains(address))
                || (has_node_ports && self.cluster.may_be_a_node(address))
        })
    }

    fn check_way(&self, way: &Way, cases: &[Case]) -> Result<(), String> {
        let cluster = self.cluster;
        let id = cluster.snapshot.namespace_named(&way.to).ok_or("the namespace is not there")?;
        let sources = self.sources.get(&way.source).cloned().unwrap_or_default();
        let node = || vec![cluster.any_node()];
        let by_node = ["behind-node", "node-port"].contains(&way.way);
        let whole = Space {
            sources,
            targets: self.targets(way.way, id),
            dialed: (way.way == "node-port").then(|| (node(), ConnectionSet::full())),
            arrival: by_node.then(node),
            ports: ConnectionSet::full(),
            names: BTreeMap::new(),
        };
        let under = Under { cluster, worlds: &self.worlds, hostile: self.hostile };
        verify(&under, whole, cases).map_err(|why| format!("into `{}`, {why}", way.to))
    }

    /// Where connections may go in a namespace. Whatever a pod of today is, one that could be created may be too; where the
    /// files are read alone, all but its address.
    fn targets(&self, way: &str, id: NamespaceId) -> Vec<End> {
        let cluster = self.cluster;
        if way == "host-network" {
            let there = cluster.pods(id).filter(|pod| cluster.is_on_host_network(pod));
            let admits = self.admits_host_network(id);
            return there
                .map(|pod| cluster.on_its_node(pod))
                .chain(admits.then(|| cluster.any_node()))
                .collect();
        }
        let mut targets = vec![cluster.any_pod(id)];
        if cluster.profile.reads_files_alone() {
            targets.extend(cluster.pods(id).map(|pod| cluster.this_pod(pod)));
        }
        targets
    }
}
