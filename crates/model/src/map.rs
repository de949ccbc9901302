//! Who can open a connection to whom.

use crate::Action;
use crate::Because;
use crate::ObjectRef;
use crate::Tier;
use ipnet::IpNet;
use watertight_base::{ConnectionSet, Labels};

/// Which of the two relations: what is not fixed by the specification resolved permissively or strictly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// Everything that some conforming implementation would let pass. It proves isolation.
    May,
    /// Only what every implementation lets pass. It proves that what should work does.
    Must,
}

impl Relation {
    /// `may` or `must`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::May => "may",
            Self::Must => "must",
        }
    }
}

/// One end of an edge.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Peer {
    /// The pods of a workload.
    Workload {
        /// The namespace's name.
        namespace: String,
        /// `Deployment`, `Pod`…
        kind: String,
        /// The workload's name.
        name: String,
        /// The labels, only where pods of one workload differ and so are two peers.
        labels: Option<Labels>,
    },
    /// Addresses outside the cluster. The sets of one map are disjoint.
    Cidrs(Vec<IpNet>),
    /// A node.
    Node {
        /// Its name.
        name: String,
    },
    /// A pod that could be created.
    Future {
        /// The namespace's name.
        namespace: String,
        /// Labels that it could carry.
        labels: Labels,
    },
}

/// What one peer may open to another; never empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// Who opens.
    pub from: Peer,
    /// Who accepts.
    pub to: Peer,
    /// The destination ports.
    pub allow: ConnectionSet,
}

/// What one peer may open to another by an object that carries it on: a Service with a node port, an Ingress, a route, a
/// pod with a `hostPort`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    /// Who opens.
    pub from: Peer,
    /// Where it leads.
    pub to: Peer,
    /// The object that carries it on.
    pub via: ObjectRef,
    /// The ports at which it begins: those of a node, a load balancer or a proxy.
    pub allow: ConnectionSet,
}

/// Who can open a connection to whom. A pair that is absent has no connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectivityMap {
    /// Which relation.
    pub relation: Relation,
    /// The edges, sorted.
    pub edges: Vec<Edge>,
    /// What objects carry on, sorted. Within the cluster only where there is no edge that does the same.
    pub paths: Vec<Path>,
}

/// Who can open a connection to whom, where peers that nothing tells apart are one class: the same as a
/// [`ConnectivityMap`], and much shorter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassMap {
    /// Which relation.
    pub relation: Relation,
    /// The peers, sorted.
    pub peers: Vec<Peer>,
    /// The classes, each a sorted list of indices into the peers. A peer can be in several: what passes between two peers
    /// is what passes between all of their classes together.
    pub classes: Vec<Vec<usize>>,
    /// What passes between peers of two classes, or of one. Sorted.
    pub edges: Vec<ClassEdge>,
    /// What each peer of a class may open to itself: two pods of it, or one pod. Sorted.
    pub own: Vec<(usize, ConnectionSet)>,
    /// What objects carry on. Sorted.
    pub paths: Vec<ClassPath>,
}

/// Connections that an object carries on from each peer of one class to each other peer of another; never empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClassPath {
    /// Who opens: an index into the classes.
    pub from: usize,
    /// Where it leads: an index into the classes.
    pub to: usize,
    /// The object that carries it on.
    pub via: ObjectRef,
    /// The ports at which it begins.
    pub allow: ConnectionSet,
}

/// What each peer of one class may open to each other peer of some classes; never empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClassEdge {
    /// Who opens: an index into the classes.
    pub from: usize,
    /// Who accepts: indices into the classes, sorted.
    pub to: Vec<usize>,
    /// The destination ports.
    pub allow: ConnectionSet,
}

impl ClassMap {
    /// The same, peer by peer.
    #[must_use]
    pub fn expand(&self) -> ConnectivityMap {
        let peers = |class: usize| self.classes.get(class).map_or(&[][..], Vec::as_slice);
        let mut pairs: Vec<(usize, usize, &ConnectionSet)> = Vec::new();
        for edge in &self.edges {
            for &from in peers(edge.from) {
                let others = edge.to.iter().flat_map(|&to| peers(to)).filter(|&&to| to != from);
                pairs.extend(others.map(|&to| (from, to, &edge.allow)));
            }
        }
        for (class, allow) in &self.own {
            pairs.extend(peers(*class).iter().map(|&peer| (peer, peer, allow)));
        }
        pairs.sort_unstable_by_key(|&(from, to, _)| (from, to));
        let same = |one: &(usize, usize, _), other: &(usize, usize, _)| (one.0, one.1) == (other.0, other.1);
        let edges = pairs.chunk_by(same).filter_map(|pair| {
            let &(from, to, first) = pair.first()?;
            let allow = pair.iter().skip(1).fold(first.clone(), |all, (_, _, allow)| all.union(allow));
            Some(Edge { from: self.peers.get(from)?.clone(), to: self.peers.get(to)?.clone(), allow })
        });
        let paths = self.paths.iter().flat_map(|path| {
            let pairs =
                peers(path.from).iter().flat_map(|&from| peers(path.to).iter().map(move |&to| (from, to)));
            let pairs = pairs.filter(|(from, to)| from != to);
            pairs.filter_map(|(from, to)| {
                let (from, to) = (self.peers.get(from)?.clone(), self.peers.get(to)?.clone());
                Some(Path { from, to, via: path.via.clone(), allow: path.allow.clone() })
            })
        });
        let mut paths: Vec<Path> = paths.collect();
        paths.sort();
        ConnectivityMap { relation: self.relation, edges: edges.collect(), paths }
    }
}

/// Why one peer can or cannot open connections to another: every rule that has a say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Who opens.
    pub from: Peer,
    /// Who accepts.
    pub to: Peer,
    /// What passes in the end.
    pub allow: ConnectionSet,
    /// A rule that decides before any policy does (self traffic, a shared node, a profile that enforces nothing): its
    /// number in the semantics (`N32`) and one sentence. The directions are explained all the same.
    pub before_policies: Option<(&'static str, String)>,
    /// The source's side.
    pub egress: DirectionExplanation,
    /// The destination's side.
    pub ingress: DirectionExplanation,
}

/// What the policies of one side say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectionExplanation {
    /// The NetworkPolicies that isolate the pod in this direction; none means that whatever no rule denies passes.
    pub isolated_by: Vec<Because>,
    /// Each rule of the policies about the pod, those of the Admin tier first and those of the Baseline tier last.
    pub rules: Vec<RuleEffect>,
    /// What this side lets pass.
    pub allow: ConnectionSet,
}

/// One policy rule and its effect on a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleEffect {
    /// The rule.
    pub because: Because,
    /// The tier of its policy; `None` for a NetworkPolicy.
    pub tier: Option<Tier>,
    /// What it decides: a NetworkPolicy's rule only accepts.
    pub action: Action,
    /// What it decides that about; empty if it does not match the other side, or is not asked.
    pub matches: ConnectionSet,
    /// One sentence: what it does, or why it does not match.
    pub text: String,
}
