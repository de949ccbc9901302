//! Holds two answers against each other as functions: the same question to both, for every pair of pods and for every
//! address at which either could change its mind.

use crate::answer::{Answer, Edge, End, Peers};
use crate::ours::another_replica;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use watertight_base::ConnectionSet;

/// Every question to which the two say different things, one line each.
pub(crate) fn disagreements(ours: &Answer, theirs: &Answer) -> Vec<String> {
    let mut lines = Vec::new();
    let workloads: BTreeSet<&str> = theirs.pods.iter().map(|pod| workload(pod)).collect();
    let seen: BTreeSet<&str> = ours.pods.iter().map(String::as_str).collect();
    if workloads != seen {
        lines.push(format!("workloads: we see {seen:?}, they see {workloads:?}"));
    }
    for from in &theirs.pods {
        for to in theirs.pods.iter().filter(|to| !n32_itself(from, to)) {
            let (source, mut target) = (workload(from), workload(to).to_owned());
            if source == target {
                target = another_replica(source);
            }
            let we_say = ours.allowed(End::Pod(source), End::Pod(&target));
            lines.extend(disagreement(End::Pod(from), End::Pod(to), we_say, theirs));
        }
    }
    for address in addresses(ours, theirs) {
        for pod in &theirs.pods {
            let (outside, ours_of_it) = (End::Outside(address), End::Pod(workload(pod)));
            let (inward, outward) = (ours.allowed(outside, ours_of_it), ours.allowed(ours_of_it, outside));
            lines.extend(disagreement(outside, End::Pod(pod), inward, theirs));
            lines.extend(disagreement(End::Pod(pod), outside, outward, theirs));
        }
    }
    lines
}

fn disagreement(from: End<'_>, to: End<'_>, we_say: ConnectionSet, theirs: &Answer) -> Option<String> {
    let they_say = theirs.allowed(from, to);
    (we_say != they_say).then(|| format!("{from} → {to}: we say {we_say}, they say {they_say}"))
}

/// Whether some question is answered by anything, and some by nothing.
pub(crate) fn says_yes_and_no(answer: &Answer) -> bool {
    let pairs = answer.pods.iter().flat_map(|from| answer.pods.iter().map(move |to| (from, to)));
    let said: Vec<ConnectionSet> =
        pairs.map(|(from, to)| answer.allowed(End::Pod(from), End::Pod(to))).collect();
    said.iter().any(|allowed| !allowed.is_empty()) && said.iter().any(ConnectionSet::is_empty)
}

/// N32: a pod always reaches itself, whatever the policies say. The other program reads the policies there too.
fn n32_itself(from: &str, to: &str) -> bool {
    from == to
}

/// `NAMESPACE/KIND/WORKLOAD` of `NAMESPACE/KIND/WORKLOAD/POD`.
pub(crate) fn workload(pod: &str) -> &str {
    pod.rsplit_once('/').map_or(pod, |(workload, _)| workload)
}

/// The ends of every network that either answer names, and the addresses next to them: between these no answer changes.
/// IPv4 alone, since `declared` leaves IPv6 out.
fn addresses(ours: &Answer, theirs: &Answer) -> BTreeSet<IpAddr> {
    let sides = |edge: &'_ Edge| [edge.from.clone(), edge.to.clone()];
    let sides = ours.edges.iter().chain(&theirs.edges).flat_map(sides);
    let mut addresses = BTreeSet::from([Ipv4Addr::UNSPECIFIED, Ipv4Addr::BROADCAST]);
    for Peers { addresses: outside, .. } in sides {
        for net in outside.cidrs() {
            if let (IpAddr::V4(first), IpAddr::V4(last)) = (net.network(), net.broadcast()) {
                let (before, after) = (first.to_bits().checked_sub(1), last.to_bits().checked_add(1));
                addresses.extend([first, last]);
                addresses.extend(before.into_iter().chain(after).map(Ipv4Addr::from_bits));
            }
        }
    }
    addresses.into_iter().map(IpAddr::V4).collect()
}
