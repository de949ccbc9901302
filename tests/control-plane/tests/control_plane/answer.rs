//! What `prove` and `map` say of a snapshot, as a set of facts that can be held against another set.

use anyhow::Result;
use std::collections::BTreeSet;
use watertight_base::ConnectionSet;
use watertight_model::{Channel, Fact, Peer, Relation, Snapshot};
use watertight_network::{Profile, connectivity};
use watertight_prove::{Question, prove};

/// One thing that is said under a profile.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Said {
    Verdict(&'static str),
    Breach { rule: &'static str, when: &'static str, from: String, reached: BTreeSet<String>, count: usize },
    Public(String),
    BlindSpot(&'static str, String),
    Assumption(String),
    Edge { relation: &'static str, from: Peer, to: Peer, allow: String },
}

/// Everything that is said, with the name of the profile.
pub(crate) type Answer = BTreeSet<(&'static str, Said)>;

/// Asks a snapshot under every profile, for the boundary between two namespaces and for both relations of the map.
pub(crate) fn answer(snapshot: &Snapshot, from: &str, to: &str) -> Result<Answer> {
    let mut answer = Answer::new();
    for profile in Profile::ALL {
        let of_the_map = [Relation::May, Relation::Must].into_iter().flat_map(|relation| {
            let map = connectivity(snapshot, profile, relation);
            map.edges.into_iter().map(move |edge| Said::Edge {
                relation: relation.name(),
                from: edge.from,
                to: edge.to,
                allow: written(&edge.allow),
            })
        });
        answer.extend(
            of_the_map.chain(of_the_proof(snapshot, profile, from, to)?).map(|said| (profile.name, said)),
        );
    }
    Ok(answer)
}

fn written(allow: &ConnectionSet) -> String {
    allow.to_string()
}

fn of_the_proof(snapshot: &Snapshot, profile: Profile, from: &str, to: &str) -> Result<Vec<Said>> {
    let environment = |name: &str| (name.to_owned(), name.to_owned());
    let question = Question {
        from: from.to_owned(),
        to: to.to_owned(),
        environments: vec![environment(from), environment(to)],
        profile,
        channels: vec![Channel::Network],
        ..Question::between("staging", "production")
    };
    let mut all = Vec::new();
    for boundary in prove(snapshot, &question)?.boundaries {
        all.push(Said::Verdict(boundary.verdict.name()));
        for channel in boundary.channels {
            all.extend(channel.breaches.into_iter().map(|breach| Said::Breach {
                rule: breach.rule,
                when: breach.when.name(),
                from: breach.steps.last().map(|step| source(&step.fact)).unwrap_or_default(),
                reached: breach.reached,
                count: breach.count,
            }));
            all.extend(channel.public.into_iter().map(|entry| Said::Public(entry.message)));
            all.extend(channel.blind_spots.into_iter().map(|spot| Said::BlindSpot(spot.rule, spot.reason)));
            all.extend(channel.assumptions.into_iter().map(|assumption| Said::Assumption(assumption.id)));
        }
    }
    Ok(all)
}

/// The namespace from which a derivation starts.
fn source(last: &Fact) -> String {
    match last {
        Fact::Runs { pod } | Fact::Target { pod } => pod.namespace.clone(),
        Fact::Relays { namespace, .. } => namespace.clone(),
        Fact::EgressAllowed { from, .. }
        | Fact::IngressAllowed { from, .. }
        | Fact::SharedNode { from, .. }
        | Fact::SharedNetwork { from, .. }
        | Fact::LeavesForNode { from, .. }
        | Fact::Connects { from, .. } => from.namespace.clone(),
        Fact::ActsAs { .. }
        | Fact::Granted { .. }
        | Fact::Gains { .. }
        | Fact::Answers { .. }
        | Fact::SameValue { .. } => String::new(),
    }
}
