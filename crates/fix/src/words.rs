//! What is said of repairs and of what is left.

use crate::change::{Changes, NewObject, PeerChange, SubjectChange, claims_by};
use crate::input::Input;
use crate::judge::{Left as Counted, Mended, breaches, key};
use crate::kept::Lost;
use crate::text::{at, member};
use crate::{Left, input, workload};
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{AddressSet, ConnectionSet, Span};
use watertight_ingest::Tree;
use watertight_model::{ObjectRef, Peer, Report};
use watertight_yaml::Value;

/// What is closed by the hostile side's own policies alone.
pub(crate) const FENCE_ON_FROM_SIDE: &str = "fence-on-from-side";

/// What addresses that no pod or node has are called.
const OUTSIDE: &str = "addresses outside";

/// Of each family, the smallest network that holds all of some addresses, unless that is the whole family.
fn around(nets: &AddressSet) -> Vec<IpNet> {
    let all = nets.cidrs();
    let of = |v4: bool| {
        let mut family = all.iter().filter(|net| net.addr().is_ipv4() == v4);
        let first = *family.next()?;
        let last = family.next_back().copied().unwrap_or(first);
        let mut around = first;
        while !around.contains(&last) {
            around = around.supernet()?;
        }
        (around.prefix_len() > 0).then_some(around)
    };
    [of(true), of(false)].into_iter().flatten().collect()
}

/// The ways across that are there, and were to be gone.
pub(crate) fn closed(without: &Mended, goal: &Counted) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for breach in without.breaches() {
        let key = key(breach);
        let count = without.left.get(&key).copied().unwrap_or_default();
        if goal.get(&key).is_none_or(|most| *most < count) {
            all.push((breach.rule.to_owned(), breach.message.clone()));
        }
    }
    all
}

/// What the report on the repaired input still has. A way across that was there before is shown where it stood.
pub(crate) fn left(
    before: &Report,
    after: &Report,
    refused: &BTreeMap<(String, String), String>,
) -> Vec<Left> {
    let known = breaches(before);
    let mut all: Vec<Left> = Vec::new();
    for breach in breaches(after) {
        let place = known.iter().find(|old| old.id == breach.id).and_then(|old| old.highlight.as_ref());
        all.push(Left {
            rule: breach.rule.to_owned(),
            is_breach: true,
            message: breach.message.clone(),
            help: breach.help.clone(),
            would_lose: refused.get(&key(breach)).cloned(),
            place: place.map(|(span, _)| *span),
        });
    }
    let spots = after.boundaries.iter().flat_map(|boundary| &boundary.channels);
    for spot in spots.flat_map(|channel| &channel.blind_spots) {
        all.push(Left {
            rule: spot.rule.to_owned(),
            is_breach: false,
            message: spot.reason.clone(),
            help: spot.help.clone(),
            would_lose: known
                .iter()
                .find(|old| spot.rule == FENCE_ON_FROM_SIDE && spot.reason.contains(&old.message))
                .and_then(|old| refused.get(&key(old)).cloned()),
            place: None,
        });
    }
    all.dedup();
    all
}

/// A connection, for people.
pub(crate) fn lost(lost: &Lost) -> String {
    let name = |peer: &Peer| match peer {
        Peer::Workload { namespace, kind, name, .. } => format!("{kind} {namespace}/{name}"),
        Peer::Cidrs(_) => OUTSIDE.to_owned(),
        Peer::Node { name } => format!("Node {name}"),
        Peer::Future { namespace, .. } => format!("a new pod in {namespace}"),
    };
    match lost {
        Lost::Way(way) => format!("{} to {}", name(&way.from), name(&way.to)),
        Lost::ThroughNodes { service } => format!("clients of {service} under the addresses of nodes"),
    }
}

/// A lost connection in full: its ends, the addresses outside, the ports and what carried it on.
pub(crate) fn connection(
    ends: &str,
    nets: &AddressSet,
    ports: &ConnectionSet,
    via: &BTreeSet<ObjectRef>,
) -> String {
    let mut text = ends.to_owned();
    let within: Vec<String> = around(nets).iter().map(ToString::to_string).collect();
    if !within.is_empty() {
        text = text.replacen(OUTSIDE, &format!("{OUTSIDE} within {}", within.join(" and ")), 1);
    }
    if !ports.is_empty() {
        text += &if ports.is_full() { " on every port".to_owned() } else { format!(" on {ports}") };
    }
    if !via.is_empty() {
        let via: Vec<String> = via.iter().map(ToString::to_string).collect();
        text += &format!(", by {}", via.join(" and "));
    }
    text
}

/// What a new policy does, and what else it keeps out.
pub(crate) fn added(new: &NewObject) -> String {
    if new.object.kind == "RoleBinding" {
        return "grants here what a ClusterRoleBinding granted everywhere".to_owned();
    }
    if let Some(text) = crate::refusal::words(new) {
        return text.to_owned();
    }
    let spec = new.value_at("spec");
    let rules = spec.iter().find(|(key, _)| key == "ingress" || key == "egress").map(|(_, rules)| rules);
    let what = match (new.selects_all(), rules) {
        (true, None) => "isolates every pod of the namespace: what no policy lets pass is out",
        (true, Some(_)) => {
            "isolates every pod of the namespace, and lets pass what surely passed and was no breach"
        }
        (false, _) => "lets in what surely got in before and was no breach",
    };
    let mut nets = Vec::new();
    rules.into_iter().for_each(|rules| excepted(rules, &mut nets));
    let but = if nets.is_empty() {
        String::new()
    } else {
        format!(
            "; addresses outside in {} are left out, since pods or nodes may have them: add those that you need",
            nets.join(", ")
        )
    };
    format!("{what}{but}")
}

/// The addresses that blocks leave out.
fn excepted(value: &Value, nets: &mut Vec<String>) {
    match value {
        Value::List(elements) => elements.iter().for_each(|element| excepted(element, nets)),
        Value::Mapping(members) => {
            for (key, member) in members {
                match member {
                    Value::List(all) if key == "except" => {
                        nets.extend(all.iter().filter_map(|net| match net {
                            Value::Text(net) => Some(net.clone()),
                            _ => None,
                        }));
                    }
                    other => excepted(other, nets),
                }
            }
        }
        _ => {}
    }
}

/// What becomes of what a binding granted to those that it loses.
fn granted<'c>(
    input: &Input<'_>,
    tree: &Tree,
    mut changes: impl Iterator<Item = &'c SubjectChange>,
) -> String {
    let of = |field| tree.get("roleRef").and_then(|role| role.get(field)).and_then(Tree::text);
    let role = format!("{} {}", of("kind").unwrap_or("role"), of("name").unwrap_or_default());
    if changes.any(|change| change.at_home) {
        let names: Vec<&str> = input.from.iter().map(String::as_str).collect();
        format!("; what {role} grants stays theirs in {}, by RoleBindings", names.join(", "))
    } else {
        format!("; what {role} grants by it is no more theirs")
    }
}

/// What is changed of an object, each with its place.
pub(crate) fn changes(
    input: &Input<'_>,
    object: &ObjectRef,
    changes: &Changes,
) -> Vec<(String, Option<Span>)> {
    let Some(place) = input.place(object) else { return Vec::new() };
    let tree = place.tree;
    let whole = input::span_of(input.snapshot, object);
    if changes.removes(tree) {
        let text = if changes.removed {
            "remove it".to_owned()
        } else if changes.subjects.is_empty() {
            "remove it: it is for nobody else".to_owned()
        } else {
            format!("remove it: it binds nobody else{}", granted(input, tree, changes.subjects.values()))
        };
        return vec![(text, whole)];
    }
    let mut all = Vec::new();
    for ((rule, peer), change) in &changes.peers {
        let path = format!("/spec/ingress/{rule}/from/{peer}");
        let text = match change {
            PeerChange::Remove => "remove this peer".to_owned(),
            PeerChange::Names(names) => format!("select namespaces by name: {}", names.join(", ")),
            PeerChange::Except(nets) => {
                let nets: Vec<String> = nets.iter().map(ToString::to_string).collect();
                format!("leave out {}, where pods or nodes may be", nets.join(", "))
            }
        };
        all.push((text, at(tree, &path).map(|node| node.span)));
    }
    for (rule, peers) in &changes.open_rules {
        let node = at(tree, &format!("/spec/ingress/{rule}"));
        let mut nets = Vec::new();
        excepted(peers, &mut nets);
        let mut text =
            "name who may connect: each namespace but those of the hostile side, and addresses outside"
                .to_owned();
        if !nets.is_empty() {
            text += &format!(
                " but for {}, which pods or nodes may have: add those that you need",
                nets.join(", ")
            );
        }
        all.push((text, node.map(|node| node.span)));
    }
    for (subject, change) in &changes.subjects {
        let node = at(tree, &format!("/subjects/{subject}"));
        let name = node.and_then(|node| node.get("name")).and_then(Tree::text);
        let kind = node.and_then(|node| node.get("kind")).and_then(Tree::text);
        let who = format!("{} {}", kind.unwrap_or("subject"), name.unwrap_or_default());
        let kept = granted(input, tree, std::iter::once(change));
        let text = if change.others.is_empty() {
            format!("remove the subject {who}{kept}")
        } else {
            format!(
                "put {} in place of the subject {who}{kept}; users that need it have to be named",
                change.others.join(", ")
            )
        };
        all.push((text, node.map(|node| node.span)));
    }
    if changes.claims_nothing {
        let field = claims_by(object);
        let claim = tree.get("spec").and_then(|spec| member(spec, field));
        all.push((format!("claim no `{field}`"), claim.map(|claim| claim.key_span)));
    }
    if changes.leaves_host {
        let spans = input.snapshot.pods.iter().filter(|pod| pod.origin.object == *object);
        let fields = workload::of_the_host(input, object).join(", ");
        let text = format!("remove {fields}: its pods get a network of their own");
        all.push((text, spans.filter_map(|pod| pod.host_network).next()));
    }
    if changes.asks_itself {
        let dialed = input.snapshot.pods.iter().filter(|pod| pod.origin.object == *object);
        for dialed in dialed.flat_map(|pod| &pod.dialed) {
            let text = format!("remove `{}`: its node asks the pod itself", dialed.field);
            all.push((text, Some(dialed.span)));
        }
    }
    for &index in &changes.grantees {
        let node = at(tree, &format!("/spec/from/{index}"));
        all.push(("remove this element of `from`".to_owned(), node.map(|node| node.span)));
    }
    for &(rule, resource) in &changes.rights {
        let node = at(tree, &format!("/rules/{rule}/resources/{resource}"));
        let name = node.and_then(Tree::text).unwrap_or_default();
        let text = format!("remove the resource `{name}`, and a rule of which none stays");
        all.push((text, node.map(|node| node.span)));
    }
    if changes.keeps_clients {
        let text = "set `externalTrafficPolicy: Local`: clients come in under their own addresses, and no more under those of nodes, \
                    which are not let in; a load balancer that is a proxy needs its own addresses let in";
        all.push((text.to_owned(), tree.get("spec").map(|spec| spec.span)));
    }
    for (key, value) in &changes.labels {
        let labels = tree.get("metadata").and_then(|metadata| member(metadata, "labels"));
        let text = format!(
            "label it {key}: {value}; pods that need more are refused from their next start on: \
             `kubectl label --dry-run=server` names them"
        );
        all.push((text, labels.map(|labels| labels.key_span).or(whole)));
    }
    all
}
