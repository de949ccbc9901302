//! The need `dns`: every pod of both environments reaches the cluster's DNS, on UDP 53 and TCP 53.

use super::ends::{self, Reason, Sources, Targets};
use super::{Pairs, service};
use crate::environments::Environment;
use std::net::{IpAddr, Ipv4Addr};
use watertight_base::Protocol;
use watertight_model::{NamespaceId, Pod, Service, Snapshot};
use watertight_network::End;

/// Where the DNS of a cluster is, by convention: every installer labels CoreDNS so, for the sake of the addon that it
/// came after.
const NAMESPACE: &str = "kube-system";
const LABEL: (&str, &str) = ("k8s-app", "kube-dns");
/// What names must be asked on.
const PORTS: [(Protocol, u16); 2] = [(Protocol::Udp, 53), (Protocol::Tcp, 53)];
/// The label of NodeLocal DNSCache, and its address if its flag does not say otherwise.
///
/// Source: <https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/>.
const NODE_LOCAL: (&str, &str) = ("k8s-app", "node-local-dns");
const NODE_LOCAL_ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(169, 254, 20, 10));
const NODE_LOCAL_FLAG: &str = "localip";

/// Who asks, and who is asked.
pub(crate) fn pairs(snapshot: &Snapshot, from: &Environment, to: &Environment) -> Pairs {
    let mut sources = Sources::default();
    for environment in [from, to] {
        let within = |pod: &Pod| environment.namespaces.contains(&pod.namespace);
        let Sources { ends, doubts } =
            ends::pods(snapshot, indices(snapshot, within), &format!("`{}`", environment.report.name));
        sources.ends.extend(ends);
        sources.doubts.extend(doubts);
        sources.doubts.extend(environment.unseen.iter().map(|spot| ends::unseen(spot, &[])));
    }
    let dns = snapshot.namespace_named(NAMESPACE);
    let targets = dns.map_or_else(Targets::default, |namespace| targets(snapshot, namespace, &sources.ends));
    let targets = if targets == Targets::default() { not_shown() } else { targets };
    let sides = from.namespaces.iter().chain(&to.namespaces);
    Pairs { sources, targets, namespaces: sides.copied().chain(dns).collect() }
}

fn targets(snapshot: &Snapshot, namespace: NamespaceId, sources: &[End]) -> Targets {
    let labelled = |pod: &Pod, (key, value): (&str, &str)| {
        pod.namespace == namespace && pod.labels.get(key).is_some_and(|found| found == value)
    };
    let is_dns = |service: &&Service| {
        let by_label =
            |selector: &watertight_base::Labels| selector.get(LABEL.0).is_some_and(|value| value == LABEL.1);
        service.namespace == namespace
            && (service.origin.object.name == LABEL.1 || service.selector.as_ref().is_some_and(by_label))
    };
    let mut targets = Targets::default();
    let services: Vec<&Service> = snapshot.services.iter().filter(is_dns).collect();
    // One that leads to the same pods on other ports alone is there for their metrics.
    let answers = |service: &Service| service.ports.iter().any(|port| port.port == PORTS[0].1);
    let any_answers = services.iter().any(|service| answers(service));
    let asked = services.iter().filter(|service| !any_answers || answers(service));
    for (service, port) in asked.flat_map(|service| PORTS.map(|port| (service, port))) {
        let Targets { reached, doubts, obstacles } = service::targets(snapshot, service, port);
        let on_the_way = service::on_the_way(snapshot, service, sources, &reached);
        for doubt in doubts.into_iter().chain(on_the_way) {
            // Both ports doubt the same of the Service.
            if !targets.doubts.contains(&doubt) {
                targets.doubts.push(doubt);
            }
        }
        targets.reached.extend(reached);
        targets.obstacles.extend(obstacles);
    }
    if services.is_empty() {
        let found = indices(snapshot, |pod| labelled(pod, LABEL));
        if !found.is_empty() {
            let Sources { ends, doubts } = ends::pods(snapshot, found, "the cluster's DNS");
            targets.reached.extend(ends.into_iter().flat_map(|end| PORTS.map(|port| (end, port))));
            targets.doubts.extend(doubts);
        }
    }
    for pod in snapshot.pods.iter().filter(|pod| labelled(pod, NODE_LOCAL)) {
        let each = node_local_addresses(pod).into_iter();
        let ends = each.flat_map(|address| PORTS.map(|port| (End::OwnNode(address), port)));
        let new: Vec<_> = ends.filter(|target| !targets.reached.contains(target)).collect();
        targets.reached.extend(new);
    }
    targets
}

/// The addresses on which NodeLocal DNSCache listens, as its flag says: `-localip 169.254.20.10,10.96.0.10`.
fn node_local_addresses(pod: &Pod) -> Vec<IpAddr> {
    let said = pod.containers.iter().filter_map(|container| {
        let mut arguments = container.arguments.iter().map(|argument| argument.trim_start_matches('-'));
        let flag = arguments.find(|argument| argument.split('=').next() == Some(NODE_LOCAL_FLAG))?;
        flag.split_once('=').map(|(_, list)| list).or_else(|| arguments.next())
    });
    let addresses = said.flat_map(|list| list.split(',')).filter_map(|text| text.trim().parse().ok());
    let addresses: Vec<IpAddr> = addresses.collect();
    if addresses.is_empty() { vec![NODE_LOCAL_ADDRESS] } else { addresses }
}

fn indices(snapshot: &Snapshot, is_meant: impl Fn(&Pod) -> bool) -> Vec<usize> {
    let pods = snapshot.pods.iter().enumerate();
    pods.filter(|(_, pod)| is_meant(pod)).map(|(index, _)| index).collect()
}

fn not_shown() -> Targets {
    let unshown = Reason {
        why: format!(
            "the input does not show the cluster's DNS: no Service and no pod of `{NAMESPACE}` is labelled `{}={}`",
            LABEL.0, LABEL.1
        ),
        help: format!(
            "add its manifests: `kubectl get services,deployments,daemonsets,networkpolicies -n {NAMESPACE} -o yaml`"
        ),
        because: Vec::new(),
    };
    Targets { doubts: vec![unshown], ..Targets::default() }
}
