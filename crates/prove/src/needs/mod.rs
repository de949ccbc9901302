//! Whether what staging and production need still works: connections that must pass under every reading of the profile
//! (relation `must`), for the pods of today.
//!
//! A need is `open` only if every pod of one end may open the port to every pod of the other, and nothing that was not
//! seen could close it. Where something is known to hold it back, it is `closed`, whatever else was not seen.

mod dns;
mod ends;
mod held_back;
mod service;

use crate::blindness::{self, Closing};
use crate::environments::Environment;
use crate::{Question, QuestionError};
use ends::{Reason, Sources, Targets};
use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;
use watertight_base::{ConnectionSet, PortSet, Protocol};
use watertight_model::{NamespaceId, Need, NeedState, Relation, Snapshot};
use watertight_network::{Between, End};

/// Something that must work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NeedQuestion {
    /// Every pod of both environments reaches the cluster's DNS. Pods whose `dnsPolicy` is `Default` or `None` do not use
    /// it; the snapshot does not hold that field, and so it is asked for all of them.
    Dns,
    /// One port, from each pod of one end to each pod of the other.
    Connection {
        /// Who opens: `NAMESPACE/NAME`, `NAMESPACE/KIND/NAME`, `node/NAME` or an address.
        from: String,
        /// Who accepts: the same, or a Service.
        to: String,
        /// The protocol.
        protocol: Protocol,
        /// The port; of the Service, where `to` is one.
        port: u16,
    },
}

impl fmt::Display for NeedQuestion {
    /// As it is written on the command line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Connection { from, to, protocol, port } = self else { return f.write_str("dns") };
        match to.parse::<IpAddr>() {
            Ok(IpAddr::V6(_)) => write!(f, "{from}=[{to}]:{port}")?,
            _ => write!(f, "{from}={to}:{port}")?,
        }
        match protocol {
            Protocol::Tcp => Ok(()),
            other => write!(f, "/{}", other.name().to_lowercase()),
        }
    }
}

impl NeedQuestion {
    /// The end of it that the input does not know, if there is one.
    #[must_use]
    pub fn unknown_end(&self, snapshot: &Snapshot) -> Option<&str> {
        let Self::Connection { from, to, .. } = self else { return None };
        let is_known =
            |name: &&String| ends::is_known(snapshot, name) || service::named(snapshot, name).is_some();
        [from, to].into_iter().find(|name| !is_known(name)).map(String::as_str)
    }
}

/// What is known of both ends of a need.
struct Pairs {
    sources: Sources,
    targets: Targets,
    /// The namespaces in which something could close it.
    namespaces: BTreeSet<NamespaceId>,
}

/// Answers each need, in the order in which they were asked.
///
/// # Errors
/// The input does not know an end of a need, or neither end is in the cluster.
pub(crate) fn answer(
    snapshot: &Snapshot,
    question: &Question,
    from: &Environment,
    to: &Environment,
) -> Result<Vec<Need>, QuestionError> {
    if question.needs.is_empty() {
        return Ok(Vec::new());
    }
    let must = Between::new(snapshot, question.profile, Relation::Must);
    let may = Between::new(snapshot, question.profile, Relation::May);
    let answer = |need: &NeedQuestion| {
        let mut pairs = match need {
            NeedQuestion::Dns => dns::pairs(snapshot, from, to),
            NeedQuestion::Connection { from, to, protocol, port } => {
                connection(snapshot, &must, need, (from, to), (*protocol, *port))?
            }
        };
        let Closing { blind_spots, accepted } =
            blindness::closing(snapshot, &question.accepted, &pairs.namespaces);
        pairs.targets.doubts.extend(blind_spots.iter().map(|spot| ends::unseen(spot, &question.accepted)));
        Ok(state(snapshot, &must, &may, need, &pairs, &accepted))
    };
    question.needs.iter().map(answer).collect()
}

fn connection(
    snapshot: &Snapshot,
    must: &Between<'_>,
    need: &NeedQuestion,
    (from, to): (&str, &str),
    port: (Protocol, u16),
) -> Result<Pairs, QuestionError> {
    if let Some(name) = need.unknown_end(snapshot) {
        return Err(QuestionError {
            message: format!("nothing in the input is called `{name}`"),
            help: "write `NAMESPACE/NAME`, `NAMESPACE/KIND/NAME`, `node/NAME` or an address".to_owned(),
        });
    }
    if !ends::is_known(snapshot, from) {
        return Err(QuestionError {
            message: format!("`{from}` is a Service, and a Service opens no connections"),
            help: "name the workload that opens the connection".to_owned(),
        });
    }
    let sources = ends::sources(snapshot, must, from);
    let mut namespaces = ends::namespaces(snapshot, &sources.ends);
    let targets = match service::named(snapshot, to).filter(|_| !ends::is_known(snapshot, to)) {
        Some(service) => {
            namespaces.insert(service.namespace);
            let mut targets = service::targets(snapshot, service, port);
            targets.doubts.extend(service::on_the_way(snapshot, service, &sources.ends, &targets.reached));
            targets
        }
        None => {
            let Sources { ends, doubts } = ends::sources(snapshot, must, to);
            let reached = ends.into_iter().map(|end| (end, port)).collect();
            Targets { reached, doubts, obstacles: Vec::new() }
        }
    };
    if let ([End::Outside(_)], [(End::Outside(_), _)]) = (&sources.ends[..], &targets.reached[..]) {
        return Err(QuestionError {
            message: format!("neither end of `{need}` is in the cluster"),
            help: "name a workload of the input at one end".to_owned(),
        });
    }
    namespaces.extend(ends::namespaces(snapshot, targets.reached.iter().map(|(end, _)| end)));
    Ok(Pairs { sources, targets, namespaces })
}

/// The answer for both ends: the first pair that something holds back closes it.
fn state(
    snapshot: &Snapshot,
    must: &Between<'_>,
    may: &Between<'_>,
    need: &NeedQuestion,
    pairs: &Pairs,
    accepted: &[String],
) -> Need {
    let Pairs { sources, targets, .. } = pairs;
    let each = || sources.ends.iter().flat_map(|&from| targets.reached.iter().map(move |&to| (from, to)));
    let mut closed =
        each().filter(|&(from, (to, (protocol, port)))| !must.allows(from, to).contains(protocol, port));
    let asked = need.to_string();
    if let Some((from, (to, port))) = closed.next() {
        let others: BTreeSet<String> = closed.map(|(from, _)| ends::name(snapshot, from)).collect();
        let others = others.into_iter().filter(|name| *name != ends::name(snapshot, from)).count();
        let Reason { mut why, help, because } = held_back::held_back(snapshot, must, may, from, to, port);
        if others > 0 {
            why.push_str(&format!("; nor can {others} more"));
        }
        return Need { asked, state: NeedState::Closed, why, help, because };
    }
    let of = |state, reasons: &[Reason]| {
        let first = reasons.first()?;
        let more = match reasons.len() - 1 {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        let Reason { why, help, because } = first.clone();
        Some(Need { asked: asked.clone(), state, why: format!("{why}{more}"), help, because })
    };
    let doubts: Vec<Reason> = sources.doubts.iter().chain(&targets.doubts).cloned().collect();
    let held = of(NeedState::Closed, &targets.obstacles).or_else(|| of(NeedState::Unknown, &doubts));
    // Without a pair nothing was shown, and whatever left none has said so above.
    let held = held.or_else(|| each().next().is_none().then(|| nothing_to_ask(&asked)));
    held.unwrap_or_else(|| {
        let (sources, reached) = (&sources.ends, &targets.reached);
        let connections = reached.iter().fold(ConnectionSet::empty(), |all, (_, (protocol, port))| {
            all.union(&ConnectionSet::of(*protocol, PortSet::single(*port)))
        });
        let from = ends::several(snapshot, sources);
        let to = ends::several(snapshot, reached.iter().map(|(end, _)| end));
        let taken = match accepted {
            [] => String::new(),
            kinds => format!(", objects of kind {} taken as harmless, as was accepted", kinds.join(", ")),
        };
        let why = format!("{from} can open {connections} to {to}{taken}");
        Need { asked, state: NeedState::Open, why, help: String::new(), because: Vec::new() }
    })
}

fn nothing_to_ask(asked: &str) -> Need {
    Need {
        asked: asked.to_owned(),
        state: NeedState::Unknown,
        why: "an end has no pod in the input".to_owned(),
        help: "add the manifests of both ends to the input".to_owned(),
        because: Vec::new(),
    }
}
