//! Writes down why nothing gets across, so that somebody else can check it: for each way across a box of all that could
//! take it, cut until every part is closed by policies that are named.
//!
//! This is no second search. Each part is judged by what policies are about all of it, or nothing, which is what the
//! checker does too; so what is written here is either right or rejected.

mod closing;
mod empty;
mod hosts;
mod kept;
mod points;
mod space;

use crate::crossing::Sorts;
use crate::direction::Direction;
use crate::ends::future_on_host_network;
use crate::namespace_labels::KeptLabels;
use crate::proxy;
use crate::region::EndSpace;
use crate::relaying::{self, Rights};
use crate::unseen::{unseen_places, with_stranger};
use crate::view::View;
use crate::ways::{Across, Ways};
use crate::{Profile, Reading, Refused};
use closing::{Closing, Half, NotClosed, Pair};
use kept::Futures;
use space::Space;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use watertight_admission::{Admission, Known, Wanted};
use watertight_base::ConnectionSet;
use watertight_model::{
    Case, CertifiedSource, CertifiedWay, ClosedFact, NamespaceId, Pod, RefusedObject, Relation, Snapshot,
};

/// How many cases a certificate may have: far more than real clusters need.
const CASES_MAX: usize = 50_000;

/// Of how much that policies keep from namespaces it is tried what a certificate needs: beyond, all of it is written.
const TRIED_MAX: usize = 64;

/// Why there is no certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uncertified {
    /// It would have too many cases.
    TooMany,
    /// Something gets across, or cannot be told.
    Passes,
}

/// The side that opens connections, and what it can do to the cluster.
#[derive(Debug, Clone, Copy)]
pub struct Hostile<'q> {
    /// The namespaces whose pods are hostile.
    pub from: &'q [NamespaceId],
    /// Those whose policies may go.
    pub unfenced: &'q [NamespaceId],
    /// Those besides in which it writes what proxies go by.
    pub published: &'q [NamespaceId],
    /// Those that may get other labels, each with what it never gets.
    pub relabelled: &'q [KeptLabels],
    /// Who may write what proxies go by, if that is known.
    pub rights: Option<&'q Arc<Rights>>,
}

impl<'q> Hostile<'q> {
    /// These namespaces, of which nobody knows whether the fence that they own stays.
    #[must_use]
    pub fn without_own_fence(from: &'q [NamespaceId]) -> Self {
        Self { from, unfenced: from, published: &[], relabelled: &[], rights: None }
    }
}

/// What proves that nothing gets from some namespaces into others; for a snapshot of which [`crate::crossings`] found no
/// way across, with and without the policies of the `unfenced` namespaces, and [`crate::blind_spots`] nothing unseen.
///
/// # Errors
/// Something does get across, or what proves that nothing does would be too long.
pub fn certificate(
    snapshot: &Snapshot,
    profile: Profile,
    hostile: &Hostile<'_>,
    to: &[NamespaceId],
) -> Result<Vec<ClosedFact>, Uncertified> {
    let written = |empty: &[NamespaceId]| {
        with_fewest(hostile.relabelled, |relabelled: &[KeptLabels]| {
            let hostile = Hostile { relabelled, ..*hostile };
            let closing = Closing { cases_left: CASES_MAX, errs: false };
            write(snapshot, profile, (&hostile, to, empty), closing)
        })
    };
    empty::with_fewest(|| empty::empty(snapshot, hostile, to), written)
}

/// What is written with as little of what policies keep from namespaces as suffices: without any of it, more would pass.
fn with_fewest(
    kept: &[KeptLabels],
    write: impl Fn(&[KeptLabels]) -> Result<Vec<ClosedFact>, Uncertified>,
) -> Result<Vec<ClosedFact>, Uncertified> {
    let none: Vec<KeptLabels> = kept.iter().map(KeptLabels::none).collect();
    let without = write(&none);
    if without.is_ok() || kept == none {
        return without;
    }
    let (mut needed, mut facts) = (kept.to_vec(), write(kept)?);
    if kept.iter().map(KeptLabels::len).sum::<usize>() > TRIED_MAX {
        return Ok(facts);
    }
    for place in 0..needed.len() {
        let mut index = 0;
        while let Some(one) = needed.get(place).filter(|one| index < one.len()) {
            let mut fewer = needed.clone();
            fewer[place] = one.without(index);
            match write(&fewer) {
                Ok(still) => (needed, facts) = (fewer, still),
                Err(_) => index += 1,
            }
        }
    }
    Ok(facts)
}

/// What an engine that errs would write: every part of a box of which it cannot tell that it is closed is written down as
/// closed by all policies that there are. Where none are enforced, the hostile side is said to have no pods. For tests of whoever checks certificates.
///
/// # Errors
/// It would be too long.
pub fn forged_certificate(
    snapshot: &Snapshot,
    profile: Profile,
    hostile: &Hostile<'_>,
    to: &[NamespaceId],
) -> Result<Vec<ClosedFact>, Uncertified> {
    let empty = if profile.enforces { &[] } else { hostile.from };
    write(snapshot, profile, (hostile, to, empty), Closing { cases_left: CASES_MAX, errs: true })
}

fn write(
    snapshot: &Snapshot,
    profile: Profile,
    (hostile, to, empty): (&Hostile<'_>, &[NamespaceId], &[NamespaceId]),
    mut closing: Closing,
) -> Result<Vec<ClosedFact>, Uncertified> {
    let Hostile { from, unfenced, published, relabelled, rights } = *hostile;
    let original = snapshot;
    // Of pods that could be created, those that policies refuse are asked about where something would be open.
    let policies = &Admission::new(snapshot);
    let unrefused;
    let snapshot = match snapshot.admission_policies.as_slice() {
        [] => snapshot,
        _ => {
            unrefused = Snapshot { admission_policies: Vec::new(), ..snapshot.clone() };
            &unrefused
        }
    };
    let places = unseen_places(snapshot, published, from, to);
    let anywhere = places.as_ref().is_some_and(|places| places.anywhere);
    let places = places.map(|places| places.namespaces).unwrap_or_default();
    let mut unseen = left(&places, empty);
    let imagined;
    let snapshot = if anywhere {
        unseen.push(NamespaceId(snapshot.namespaces.len()));
        imagined = Snapshot { namespaces: with_stranger(&snapshot.namespaces), ..snapshot.clone() };
        &imagined
    } else {
        snapshot
    };
    // Without the policies that may go, and with doubtful ones as they open most: whatever passes under another reading passes
    // here too.
    let reading = Reading {
        refused: Refused::Either,
        without_policies_of: unfenced.to_vec(),
        published: published.to_vec(),
        labels_within: relabelled.iter().map(|kept| (kept.namespace, kept.labels())).collect(),
        ..Reading::new(profile, Relation::May)
    };
    let view = View::new(snapshot, &reading);
    let whole = View::new(original, &Reading { rights: rights.cloned(), ..reading.clone() });
    let barred = || {
        let ids = from.iter().chain(to).chain(&places);
        let without_pods = ids.filter(|&&id| whole.creatable.labels(id).is_none());
        without_pods.filter_map(|&id| Some((id, whole.creatable.barred(id)?))).collect()
    };
    let barred = if policies.is_open() { BTreeMap::new() } else { barred() };
    let closed = BTreeMap::new();
    let no_pods = empty::facts(snapshot, &reading, (policies, &barred), empty, &mut closing);
    let mut facts = no_pods.map_err(Uncertified::from)?;
    let (running, kept) = (left(from, empty), left(to, empty));
    let sides = Sides { from, to, running: &running, kept: &kept, unfenced };
    let mut writer = Writer { view: &view, whole: &whole, policies, barred: &barred, sides, closing, closed };
    facts.extend(writer.facts(&unseen).map_err(Uncertified::from)?);
    facts.extend(relabelled.iter().filter(|kept| kept.len() > 0).map(|kept| ClosedFact::KeepsLabels {
        namespace: original.namespace(kept.namespace).name.clone(),
        refused: kept.objects(),
    }));
    Ok(facts)
}

/// Those of some namespaces that are not among others.
fn left(ids: &[NamespaceId], without: &[NamespaceId]) -> Vec<NamespaceId> {
    ids.iter().copied().filter(|id| !without.contains(id)).collect()
}

impl From<NotClosed> for Uncertified {
    fn from(why: NotClosed) -> Self {
        match why {
            NotClosed::TooMany => Self::TooMany,
            NotClosed::Passes => Self::Passes,
        }
    }
}

/// What a certificate repeats of a profile: what it says of each open point, by name.
#[must_use]
pub fn certified_points(profile: &Profile) -> Vec<(String, String)> {
    points::points(profile)
}

struct Writer<'v, 'a> {
    view: &'v View<'a>,
    // The view knows of no policies. This one does, and of rights.
    whole: &'v View<'v>,
    policies: &'v Admission<'v>,
    // A label of which nothing is left, for namespaces of which policies leave no pod.
    barred: &'v BTreeMap<NamespaceId, String>,
    sides: Sides<'v>,
    closing: Closing,
    // What is closed for the same reasons, with the namespaces for which it is.
    closed: BTreeMap<(CertifiedSource, CertifiedWay, Vec<Case>), Vec<String>>,
}

/// The namespaces of both sides.
#[derive(Clone, Copy)]
struct Sides<'v> {
    from: &'v [NamespaceId],
    to: &'v [NamespaceId],
    /// Those of `from` that are not said to be empty.
    running: &'v [NamespaceId],
    /// The same of `to`.
    kept: &'v [NamespaceId],
    /// Those whose policies may go.
    unfenced: &'v [NamespaceId],
}

/// Who opens connections: each with its namespace.
type Sources<'a> = Vec<(NamespaceId, EndSpace<'a>)>;

impl<'a> Writer<'_, 'a> {
    fn facts(&mut self, unseen: &[NamespaceId]) -> Result<Vec<ClosedFact>, NotClosed> {
        let mut facts = Vec::new();
        let (view, Sides { running, kept, .. }) = (self.view, self.sides);
        if kept.is_empty() {
            return Ok(facts);
        }
        let on_hosts = self.on_hosts();
        let mut needs_hosts = !running.is_empty();
        if !running.is_empty() {
            if !view.profile.enforces {
                return Err(NotClosed::Passes);
            }
            if view.profile.nodes {
                self.without_host_network(&mut facts)?;
            }
            facts.push(ClosedFact::NoSharedNetwork { namespaces: self.names(kept) });
            let from = self.hostile_sources();
            for &target in kept {
                self.through_policies(&CertifiedSource::From, &from, target)?;
            }
            self.onto_hosts(&CertifiedSource::From, &from, &on_hosts)?;
        }
        for (workload, pods) in self.proxies() {
            let plain = &view.worlds[0];
            let sources: Sources<'a> =
                pods.iter().map(|(id, pod)| (*id, EndSpace::today((view, plain), pod))).collect();
            let source = CertifiedSource::Proxy(workload.clone());
            let on_host = |(_, pod): &(NamespaceId, &Pod)| view.on_host_network(pod);
            let mut targets = kept.iter();
            let passes = pods.iter().any(on_host) || !view.profile.enforces;
            let closed = match passes && !self.closing.errs {
                // It reaches every pod, or those on its node.
                true => Err(NotClosed::Passes),
                false => targets
                    .try_for_each(|&id| self.close(source.clone(), &sources, CertifiedWay::Direct, id))
                    .and_then(|()| self.onto_hosts(&source, &sources, &on_hosts)),
            };
            match (closed, self.kept_away(&workload)) {
                (Ok(()), _) => needs_hosts = true,
                (Err(NotClosed::Passes), Some(refused)) => {
                    self.closed.retain(|(of, ..), _| *of != source);
                    facts.push(ClosedFact::CarriesNothing { proxy: workload, refused });
                }
                (Err(why), _) => return Err(why),
            }
        }
        let unseen = self.futures(unseen.iter().copied());
        if !unseen.is_empty() {
            if !view.profile.enforces && !self.closing.errs {
                return Err(NotClosed::Passes);
            }
            for &target in kept {
                self.through_policies(&CertifiedSource::UnseenProxy, &unseen, target)?;
            }
            self.onto_hosts(&CertifiedSource::UnseenProxy, &unseen, &on_hosts)?;
            needs_hosts = true;
        }
        if needs_hosts && view.profile.nodes {
            self.off_hosts(&mut facts, &on_hosts?);
        }
        let closed = std::mem::take(&mut self.closed).into_iter();
        facts.extend(closed.map(|((source, way, cases), to)| ClosedFact::Closed { source, way, to, cases }));
        Ok(facts)
    }

    fn names(&self, namespaces: &[NamespaceId]) -> Vec<String> {
        namespaces.iter().map(|&id| self.view.snapshot.namespace(id).name.clone()).collect()
    }

    /// The pods of the hostile side: one namespace for all that no policy tells apart and whose own do not count.
    fn hostile_sources(&self) -> Sources<'a> {
        let sorts = Sorts::of(self.view);
        let mut seen = BTreeSet::new();
        let counts = |id: NamespaceId| !self.sides.unfenced.contains(&id) || !self.policies.is_open();
        let first =
            self.sides.running.iter().filter(|&&id| counts(id) || seen.insert(sorts.of_namespace(id)));
        self.futures(first.copied())
    }

    fn futures(&self, namespaces: impl Iterator<Item = NamespaceId>) -> Sources<'a> {
        let (view, plain) = (self.view, &self.view.worlds[0]);
        namespaces.filter_map(|id| Some((id, EndSpace::future((view, plain), id)?))).collect()
    }

    /// The pods of each proxy that serves the hostile side, each with its namespace.
    fn proxies(&self) -> BTreeMap<String, Vec<(NamespaceId, &'a Pod)>> {
        let mut proxies: BTreeMap<String, Vec<(NamespaceId, &'a Pod)>> = BTreeMap::new();
        for index in proxy::serving(self.view.snapshot, self.sides.from, &self.view.published) {
            let pod = &self.view.snapshot.pods[index];
            proxies.entry(workload(self.view, index)).or_default().push((pod.namespace, pod));
        }
        proxies
    }

    /// What policies refuse without which a proxy could be made to connect elsewhere; `None` if it can be, or certificates cannot
    /// say it.
    fn kept_away(&self, of: &str) -> Option<Vec<RefusedObject>> {
        let view = self.whole;
        let Sides { from, to, .. } = self.sides;
        let serving = proxy::serving(view.snapshot, from, &view.published);
        let mut all: Vec<Wanted> = Vec::new();
        for index in serving.into_iter().filter(|&index| workload(view, index) == of) {
            for wanted in relaying::kept_away(view, index, from, to)? {
                if !all.contains(&wanted) {
                    all.push(wanted);
                }
            }
        }
        all.iter().map(|wanted| self.policies.certified(wanted)).collect()
    }

    /// The ways of pods with networks of their own.
    fn through_policies(
        &mut self,
        source: &CertifiedSource,
        sources: &Sources<'a>,
        target: NamespaceId,
    ) -> Result<(), NotClosed> {
        self.close(source.clone(), sources, CertifiedWay::Direct, target)?;
        let profile = &self.view.profile;
        if profile.nodes && profile.rewrites_sources.holds(self.view.permissive) {
            self.close(source.clone(), sources, CertifiedWay::BehindNode, target)?;
            self.close(source.clone(), sources, CertifiedWay::NodePort, target)?;
        }
        Ok(())
    }

    /// What refuses each of these pods when it is created; `None` if one may be.
    fn refused(&self, id: NamespaceId, pods: Vec<Known>) -> Option<Vec<RefusedObject>> {
        let namespace = &self.view.snapshot.namespace(id).name;
        let pods = pods.into_iter().map(|pod| self.policies.certified(&Wanted::pod(namespace, pod, false)));
        pods.collect()
    }

    /// Cuts the box of one way into a namespace, and keeps its cases.
    fn close(
        &mut self,
        source: CertifiedSource,
        sources: &Sources<'a>,
        way: CertifiedWay,
        target: NamespaceId,
    ) -> Result<(), NotClosed> {
        let view = self.view;
        let mut pairs = Vec::new();
        for world in &view.worlds {
            let inward = Rc::new(Ways::of(view, world, target, Direction::Ingress));
            let mut outward: BTreeMap<NamespaceId, Rc<Ways<'a>>> = BTreeMap::new();
            for (number, (namespace, _)) in sources.iter().enumerate() {
                let out = || Rc::new(Ways::of(view, world, *namespace, Direction::Egress));
                let ways = Rc::clone(outward.entry(*namespace).or_insert_with(out));
                let (dials, arrives) = match way {
                    CertifiedWay::Direct => (Across::Pod(target), Some(Across::Pod(*namespace))),
                    CertifiedWay::BehindNode => (Across::Pod(target), Some(Across::Node)),
                    CertifiedWay::NodePort => (Across::Node, Some(Across::Node)),
                    CertifiedWay::HostNetwork => (Across::Node, None),
                };
                let ingress = arrives.map(|across| {
                    let blocks = inward.resolve(view, world, across);
                    Half { ways: Rc::clone(&inward), blocks }
                });
                let blocks = ways.resolve(view, world, dials);
                pairs.push(Pair { world, source: number, egress: Half { ways, blocks }, ingress });
            }
        }
        let node = || EndSpace::node(view);
        let whole = Space {
            sources: sources.iter().map(|(_, end)| Some(end.clone())).collect(),
            targets: self.targets(way, target),
            dialed: (way == CertifiedWay::NodePort).then(|| (node(), ConnectionSet::full())),
            arrival: matches!(way, CertifiedWay::BehindNode | CertifiedWay::NodePort).then(node),
            ports: ConnectionSet::full(),
            names: BTreeMap::new(),
        };
        let by_pods = |is_future: bool, id: NamespaceId| Some(id).filter(|_| is_future);
        let futures = Futures {
            policies: self.policies,
            sources: sources
                .iter()
                .map(|(id, _)| by_pods(!matches!(source, CertifiedSource::Proxy(_)), *id))
                .collect(),
            // The first is all that could be created; on the host network policies see no pod.
            target: by_pods(way != CertifiedWay::HostNetwork, target),
            barred: self.barred,
        };
        let cases = self.closing.cases(view, &pairs, &futures, whole)?;
        let name = self.view.snapshot.namespace(target).name.clone();
        self.closed.entry((source, way, cases)).or_default().push(name);
        Ok(())
    }

    /// What may be a target in a namespace. Whatever a pod of today is, one that could be created may be too; where the files
    /// are read alone, all but its address.
    fn targets(&self, way: CertifiedWay, namespace: NamespaceId) -> Vec<Option<EndSpace<'a>>> {
        let (view, plain) = (self.view, &self.view.worlds[0]);
        let pods = view.snapshot.pods.iter().filter(|pod| pod.namespace == namespace);
        let pods = pods.filter(|pod| pod.state != watertight_model::PodState::Finished);
        if way == CertifiedWay::HostNetwork {
            let there = pods.filter(|pod| view.on_host_network(pod));
            let future = future_on_host_network(view, namespace).map(|_| EndSpace::node(view));
            return there.map(|pod| EndSpace::on_host(view, pod)).chain(future).map(Some).collect();
        }
        let future = EndSpace::future((view, plain), namespace);
        let today = pods.filter(|pod| !view.profile.two_relations && !pod.addresses.is_empty());
        let today = today.map(|pod| EndSpace::today((view, plain), pod));
        future.into_iter().chain(today).map(Some).collect()
    }
}

/// The name of the workload of a pod.
fn workload(view: &View<'_>, pod: usize) -> String {
    let pod = &view.snapshot.pods[pod];
    let namespace = &view.snapshot.namespace(pod.namespace).name;
    format!("{namespace}/{}/{}", pod.workload.kind, pod.workload.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use watertight_base::{Operator, Selector};
    use watertight_model::{Cut, CutLabels, NetworkPolicy};
    use watertight_oracle::build::{self, Cluster};

    /// Two namespaces, and these policies in the one that is kept.
    fn snapshot(policies: Vec<NetworkPolicy>) -> Snapshot {
        let restricted = [("pod-security.kubernetes.io/enforce", "restricted")];
        let namespaces = ["production", "staging"].map(|name| build::namespace(name, &restricted));
        let cluster = namespaces.into_iter().fold(Cluster::new(), Cluster::namespace);
        policies.into_iter().fold(cluster, |cluster, policy| cluster.policy("production", policy)).snapshot()
    }

    fn isolating(name: &str, operator: Operator) -> NetworkPolicy {
        let subject = build::selecting(vec![build::require("app", operator, &[])]);
        NetworkPolicy { subject, ..build::ingress(name, Vec::new()) }
    }

    fn written(snapshot: &Snapshot, cases_left: usize) -> Result<Vec<ClosedFact>, Uncertified> {
        let (from, to) = ([NamespaceId(1)], [NamespaceId(0)]);
        let closing = Closing { cases_left, errs: false };
        let hostile = Hostile { unfenced: &[], ..Hostile::without_own_fence(&from) };
        write(snapshot, Profile::CONSERVATIVE, (&hostile, &to, &[]), closing)
    }

    #[test]
    fn what_passes_has_no_certificate() {
        assert_eq!(written(&snapshot(Vec::new()), 1000), Err(Uncertified::Passes));
        let some = snapshot(vec![isolating("some", Operator::Exists)]);
        assert_eq!(written(&some, 1000), Err(Uncertified::Passes));
    }

    #[test]
    fn a_box_is_cut_by_what_its_policies_select() {
        let halves = [isolating("with", Operator::Exists), isolating("without", Operator::DoesNotExist)];
        let facts = written(&snapshot(halves.to_vec()), 1000).unwrap();
        let direct = facts.iter().find_map(|fact| match fact {
            ClosedFact::Closed { way: CertifiedWay::Direct, cases, .. } => Some(cases),
            _ => None,
        });
        let [Case::Cut { by, yes: 1, no: 2 }, Case::Closed(with), Case::Closed(without)] =
            direct.unwrap().as_slice()
        else {
            panic!("{direct:#?}")
        };
        assert_eq!(*by, Cut::Labels(CutLabels::Target, build::require("app", Operator::Exists, &[])));
        assert_eq!([&with[0].name, &without[0].name], ["with", "without"]);
    }

    #[test]
    fn a_certificate_that_would_be_too_long_is_none() {
        let halves = [isolating("with", Operator::Exists), isolating("without", Operator::DoesNotExist)];
        let snapshot = snapshot(halves.to_vec());
        let needed = (0..100).find(|&cases| written(&snapshot, cases).is_ok()).unwrap();
        assert!(needed > 6, "three ways with three cases each");
        assert_eq!(written(&snapshot, needed - 1), Err(Uncertified::TooMany));
    }

    #[test]
    fn one_policy_for_all_pods_is_the_only_reason() {
        let fence = build::ingress("fence", Vec::new());
        let other = NetworkPolicy { subject: Selector::everything(), ..isolating("other", Operator::Exists) };
        let facts = written(&snapshot(vec![fence, other]), 1000).unwrap();
        for fact in &facts {
            if let ClosedFact::Closed { cases, .. } = fact {
                let [Case::Closed(closers)] = cases.as_slice() else { panic!("{cases:#?}") };
                assert_eq!(closers.len(), 1, "{closers:#?}");
            }
        }
    }
}
