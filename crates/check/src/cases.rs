//! The cases of one fact: that together they are the whole box, and that each is closed.

use crate::admission::{Kind, Object, refused_ways};
use crate::ends::{Cluster, End, LabelSet};
use crate::evaluate::{Names, Question, World};
use crate::format::{
    Case, Closer, Cut, OfAddresses, OfLabels, OfPods, OfPorts, Operator, RefusedBy, RefusedPods, Side,
};
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{AddressSet, ConnectionSet, Labels, PortSet, Protocol, Requirement};
use watertight_model::NamespaceId;

/// A box of connections: each end, times each other, times ports.
#[derive(Debug, Clone)]
pub(crate) struct Space {
    pub(crate) sources: Vec<End>,
    pub(crate) targets: Vec<End>,
    /// The node that is dialled in the target's place, at these ports of it.
    pub(crate) dialed: Option<(Vec<End>, ConnectionSet)>,
    /// The node under whose address it arrives.
    pub(crate) arrival: Option<Vec<End>>,
    pub(crate) ports: ConnectionSet,
    pub(crate) names: Names,
}

/// What all parts of a box are looked at under.
pub(crate) struct Under<'u> {
    pub(crate) cluster: &'u Cluster<'u>,
    pub(crate) worlds: &'u BTreeSet<World>,
    /// The namespaces whose own policies do not count.
    pub(crate) hostile: &'u [NamespaceId],
}

/// Goes through the cases from the whole box down.
///
/// # Errors
/// A case is missing, or given twice, or leads nowhere, or is not closed; or there is one too many.
pub(crate) fn verify(under: &Under<'_>, whole: Space, cases: &[Case]) -> Result<(), String> {
    go_through(whole, cases, |space, closers, refused| {
        closed(under, &without(under.cluster, space, refused)?, &closers.iter().cloned().collect())
    })
}

/// Goes through cases of which policies of admission refuse each: none of these pods can come to be.
///
/// # Errors
/// The same; or some of them may, or are there.
pub(crate) fn verify_refused(cluster: &Cluster<'_>, pods: End, cases: &[Case]) -> Result<(), String> {
    let (sources, ports) = (vec![pods], ConnectionSet::full());
    let (targets, names) = (Vec::new(), BTreeMap::new());
    let whole = Space { sources, targets, dialed: None, arrival: None, ports, names };
    go_through(whole, cases, |space, closers, refused| {
        if !closers.is_empty() {
            return Err("a network policy keeps no pod from being there".to_owned());
        }
        match without(cluster, space, refused)?.sources.first() {
            None => Ok(()),
            Some(pods) => Err(format!("nothing is said to refuse pods of {}", name_of(cluster, pods))),
        }
    })
}

/// Looks at each part that is not cut any further: what is said to close it, and what to refuse some of it.
fn go_through(
    whole: Space,
    cases: &[Case],
    look: impl Fn(Space, &[Closer], &[RefusedPods]) -> Result<(), String>,
) -> Result<(), String> {
    let mut by_number = BTreeMap::new();
    for case in cases {
        if by_number.insert(case.case, case).is_some() {
            return Err(format!("the case {} is there twice", case.case));
        }
    }
    let mut left = vec![(0, whole)];
    while let Some((number, space)) = left.pop() {
        // Taken out, so that no case can lead back to itself.
        let case = by_number.remove(&number).ok_or_else(|| format!("the case {number} is missing"))?;
        match case {
            Case { closed_by: Some(closers), refused, cut: None, yes: None, no: None, .. } => {
                look(space, closers, refused).map_err(|why| format!("the case {number} is open: {why}"))?;
            }
            Case { closed_by: None, cut: Some(cut), yes: Some(yes), no: Some(no), refused, .. }
                if refused.is_empty() =>
            {
                let part = |holds| {
                    part(&space, cut, holds)
                        .ok_or_else(|| format!("the case {number} is cut by what is no cut of it"))
                };
                left.push((*no, part(false)?));
                left.push((*yes, part(true)?));
            }
            _ => return Err(format!("the case {number} is neither closed nor cut in two")),
        }
    }
    match by_number.keys().next() {
        Some(number) => Err(format!("the case {number} is part of no other")),
        None => Ok(()),
    }
}

/// What is left of a box without the pods that policies refuse: no pod of today may be among them.
fn without(cluster: &Cluster<'_>, mut space: Space, refused: &[RefusedPods]) -> Result<Space, String> {
    let snapshot = cluster.snapshot;
    for RefusedPods { of, namespace, by, bare } in refused {
        let id = snapshot.namespace_named(namespace);
        let ends = match of {
            OfPods::Source => &mut space.sources,
            OfPods::Target => &mut space.targets,
        };
        // Of all that could be created, labels are a set; of a pod of today they are known.
        let is_meant = |end: &End| !end.is_node && end.namespace.is_some() && end.namespace == id;
        let place = ends.iter().position(|end| is_meant(end) && matches!(end.labels, LabelSet::Any(_)));
        let gone = place.map(|place| ends.remove(place));
        let Some(End { labels: LabelSet::Any(labels), namespace: Some(id), .. }) = gone else {
            return Err(format!("it has no pods of `{namespace}` to refuse"));
        };
        if let Some(pod) = cluster.pods(id).find(|pod| labels.contains(&pod.labels)) {
            return Err(format!("{} is there already", pod.origin.object));
        }
        let ways = [("CREATE", ""), ("UPDATE", "")];
        let refused = |pods: &Object, by: &[RefusedBy]| {
            refused_ways(snapshot, (&Kind::pods(), namespace), pods, (&ways, by))
                .map_err(|why| format!("pods of `{namespace}` may have such labels: {why}"))
        };
        match bare.as_slice() {
            [] => refused(&Object::labelled(&labels), by)?,
            bare if labels.contains(&Labels::new()) => {
                refused(&Object::with_some_labels(&labels), by)?;
                refused(&Object::without_labels(), bare)?;
            }
            _ => return Err(format!("pods of `{namespace}` without labels are none of it")),
        }
    }
    Ok(space)
}

/// Whether each connection of a box is closed by one of its sides, in every world.
fn closed(under: &Under<'_>, space: &Space, closers: &BTreeSet<Closer>) -> Result<(), String> {
    for world in under.worlds {
        for source in &space.sources {
            for target in &space.targets {
                if !is_closed(under, world, space, closers, (source, target)) {
                    let from = name_of(under.cluster, source);
                    return Err(match closers.is_empty() {
                        true => format!("nothing is said to close it for pods of {from}"),
                        false => format!("what is said to close it does not, for pods of {from}"),
                    });
                }
            }
        }
    }
    Ok(())
}

fn is_closed(
    under: &Under<'_>,
    world: &World,
    space: &Space,
    closers: &BTreeSet<Closer>,
    (source, target): (&End, &End),
) -> bool {
    let Under { cluster, hostile, .. } = *under;
    let ask = |side, subject, other, ports, names| {
        Question { cluster, world, hostile, side, subject, other, ports, names, closers }.is_closed()
    };
    let names = Some(&space.names);
    let leaves = match &space.dialed {
        Some((nodes, ports)) => !nodes.iter().all(|node| ask(Side::Egress, source, node, ports, None)),
        None => !ask(Side::Egress, source, target, &space.ports, names),
    };
    // No policy fences a pod on the host network (rule N37).
    let fenced = !target.is_node;
    let enters = || match &space.arrival {
        Some(nodes) => !nodes.iter().all(|node| ask(Side::Ingress, target, node, &space.ports, names)),
        None => !ask(Side::Ingress, target, source, &space.ports, names),
    };
    !(leaves && (!fenced || enters()))
}

fn name_of(cluster: &Cluster<'_>, end: &End) -> String {
    match end.namespace {
        Some(id) => format!("`{}`", cluster.snapshot.namespace(id).name),
        None => "a namespace that is not in the input".to_owned(),
    }
}

/// The part of a box of which something is so, or is not; `None` if it is not about the box.
fn part(space: &Space, cut: &Cut, holds: bool) -> Option<Space> {
    let mut part = space.clone();
    match cut {
        Cut::Labels { of, key, operator, values } => {
            let operator = match operator {
                Operator::In => watertight_base::Operator::In,
                Operator::NotIn => watertight_base::Operator::NotIn,
                Operator::Exists => watertight_base::Operator::Exists,
                Operator::DoesNotExist => watertight_base::Operator::DoesNotExist,
            };
            let asked = Requirement { key: key.clone(), operator, values: values.clone() };
            match of {
                OfLabels::Source => keep(&mut part.sources, |end| end.by_label(&asked, holds)),
                OfLabels::Target => keep(&mut part.targets, |end| end.by_label(&asked, holds)),
                OfLabels::SourceNamespace => {
                    keep(&mut part.sources, |end| end.by_namespace_label(&asked, holds));
                }
                OfLabels::TargetNamespace => {
                    keep(&mut part.targets, |end| end.by_namespace_label(&asked, holds));
                }
            }
        }
        Cut::Addresses { of, cidrs } => {
            let mut addresses = AddressSet::empty();
            for cidr in cidrs {
                addresses = addresses.union(&AddressSet::cidr(cidr.parse::<IpNet>().ok()?));
            }
            let ends = match of {
                OfAddresses::Source => &mut part.sources,
                OfAddresses::Target => &mut part.targets,
                OfAddresses::DialedNode => &mut part.dialed.as_mut()?.0,
                OfAddresses::ArrivalNode => part.arrival.as_mut()?,
            };
            keep(ends, |end| end.by_address(&addresses, holds));
        }
        Cut::Ports { of, ports } => {
            let mut asked = ConnectionSet::empty();
            for (protocol, ranges) in ports {
                let protocol = Protocol::from_name(protocol)?;
                for &(first, last) in ranges {
                    let range = (first <= last).then(|| PortSet::range(first, last))?;
                    asked = asked.union(&ConnectionSet::of(protocol, range));
                }
            }
            let own = match of {
                OfPorts::Target => &mut part.ports,
                OfPorts::DialedNode => &mut part.dialed.as_mut()?.1,
            };
            *own = if holds { own.intersection(&asked) } else { own.difference(&asked) };
        }
        Cut::PortName { of, name } => {
            part.names.insert((*of, name.clone()), holds);
        }
    }
    Some(part)
}

/// The parts of some ends that are left.
fn keep(ends: &mut Vec<End>, part: impl Fn(End) -> Option<End>) {
    *ends = std::mem::take(ends).into_iter().filter_map(part).collect();
}
