//! Truth tables: small clusters, and what the specifications say about connections in them.
//!
//! Those about NetworkPolicy cover what the end-to-end tests of Kubernetes ask of an implementation, those about the admin
//! tiers what the conformance suite of the network-policy-api project asks, and both what the texts leave undefined, in
//! words and cases of our own. Whoever evaluates policies can be held against them: a plugin that follows the text lets
//! pass what a table says passes, and nothing that it says does not; where it says `?`, either.
//!
//! A profile that doubts more than the text does (whether the tiers are read at all, say) lets pass in may at least what
//! passes here or is undefined, and in must at most what passes here.

mod network_policy;
mod tiers;

use crate::candidates::seen_as;
use crate::endpoint::{ConcretePod, Endpoint};
use watertight_base::Protocol;
use watertight_model::Snapshot;

/// What the specification says about a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It can be opened: `yes`.
    Passes,
    /// It cannot: `no`.
    Blocked,
    /// Conforming implementations may do either: `?`.
    Undefined,
}

/// One cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// `NAMESPACE/POD`, `node/NAME` or an address outside.
    pub from: String,
    /// The same for the destination.
    pub to: String,
    /// The protocol.
    pub protocol: Protocol,
    /// The destination port.
    pub port: u16,
    /// What must come out.
    pub answer: Answer,
}

/// One cluster with what is known about it.
#[derive(Debug, Clone)]
pub struct Table {
    /// A sentence that says what it is about.
    pub name: &'static str,
    /// The cluster.
    pub snapshot: Snapshot,
    /// The heading `from to TCP/80 …`, and below it a row for each pair of ends.
    pub text: &'static str,
}

impl Table {
    /// Every cell.
    ///
    /// # Errors
    /// Says what is wrong with the text.
    pub fn questions(&self) -> Result<Vec<Question>, String> {
        let mut lines = self.text.lines().filter(|line| !line.trim().is_empty());
        let heading: Vec<&str> = lines.next().unwrap_or_default().split_whitespace().collect();
        let mut questions = Vec::new();
        for line in lines {
            let words: Vec<&str> = line.split_whitespace().collect();
            let (["from", "to", ports @ ..], [from, to, answers @ ..]) = (&heading[..], &words[..]) else {
                return Err(format!("`{line}` does not say from and to"));
            };
            if ports.len() != answers.len() {
                return Err(format!("`{line}` has not one answer for each port"));
            }
            for (port, answer) in ports.iter().zip(answers) {
                let (protocol, port) = connection(port).ok_or_else(|| format!("`{port}` is no port"))?;
                let answer = match *answer {
                    "yes" => Answer::Passes,
                    "no" => Answer::Blocked,
                    "?" => Answer::Undefined,
                    other => return Err(format!("`{other}` is no answer")),
                };
                let (from, to) = ((*from).to_owned(), (*to).to_owned());
                questions.push(Question { from, to, protocol, port, answer });
            }
        }
        Ok(questions)
    }

    /// The end that a table means by a name. A pod is on the node that it is bound to.
    ///
    /// # Errors
    /// Says that there is no such end.
    pub fn endpoint(&self, name: &str) -> Result<Endpoint, String> {
        if let Ok(address) = name.parse() {
            return Ok(Endpoint::Outside(address));
        }
        if let Some(node) = name.strip_prefix("node/") {
            return Ok(Endpoint::node(node));
        }
        let snapshot = &self.snapshot;
        let is_named = |index: &usize| {
            let pod = &snapshot.pods[*index];
            format!("{}/{}", snapshot.namespace(pod.namespace).name, pod.origin.object.name) == name
        };
        let index = (0..snapshot.pods.len()).find(is_named);
        let pod = index.and_then(|index| ConcretePod::existing(snapshot, index, 0));
        pod.map(Endpoint::Pod).ok_or_else(|| format!("there is no `{name}`"))
    }

    /// The same end in each of the worlds in which it can be.
    ///
    /// # Errors
    /// Says that there is no such end.
    pub fn endpoints(&self, name: &str) -> Result<Vec<Endpoint>, String> {
        Ok(seen_as(&self.snapshot, &self.endpoint(name)?))
    }
}

fn connection(text: &str) -> Option<(Protocol, u16)> {
    let (protocol, port) = text.split_once('/')?;
    Some((Protocol::from_name(protocol)?, port.parse().ok()?))
}

/// Every table about the admin tiers.
#[must_use]
pub fn tier_tables() -> Vec<Table> {
    tiers::tables()
}

/// Every table about NetworkPolicy alone. A `?` is what the specification leaves open there, and nothing else is.
#[must_use]
pub fn network_policy_tables() -> Vec<Table> {
    network_policy::tables()
}
