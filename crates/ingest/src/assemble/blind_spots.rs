//! Blind spots of objects: those whose meaning is not clear, networks of pods and hosts of probes, one by one, and those
//! of kinds that are not evaluated, one per kind.

use crate::context::{Unclear, shortened};
use crate::read::{Body, DialedHost, Found, LivePod, Other, PodBody, Workload};
use crate::rules;
use std::collections::BTreeMap;
use watertight_model::{BlindScope, BlindSpot, ObjectRef, Origin};

/// What the administrator's policies are until a channel evaluates them: they are in the snapshot already.
const UNEVALUATED_TIERS: &Other = &Other::Matters("it stands above and below NetworkPolicy");

/// Adds the blind spots of all objects.
pub(crate) fn collect(found: &[Found], blind_spots: &mut Vec<BlindSpot>) {
    let mut kinds = Kinds::default();
    for object in found {
        match &object.body {
            Body::Unclear(unclear) => blind_spots.push(of_unclear(&object.origin, unclear)),
            Body::Other(other @ (Other::Matters(_) | Other::Unknown)) => kinds.count(&object.origin, other),
            Body::ClusterPolicy(read) => {
                kinds.count(&object.origin, UNEVALUATED_TIERS);
                blind_spots.extend(read.unknown_peers.iter().map(|peer| of_unclear(&object.origin, peer)));
            }
            Body::Pod(LivePod { body, .. }) | Body::Workload(Workload { body, .. }) => {
                blind_spots.extend(further_networks(&object.origin, body));
                blind_spots.extend(body.dialed.iter().map(|dialed| dialed_host(&object.origin, dialed)));
            }
            _ => {}
        }
    }
    blind_spots.extend(kinds.0.into_values().map(|(first, other, count)| of_kind(first, other, count)));
}

/// Objects of kinds that are not evaluated, by kind and version: the first, what is known of it, and how many.
#[derive(Default)]
struct Kinds<'f>(BTreeMap<(&'f str, &'f str), (&'f Origin, &'f Other, usize)>);

impl<'f> Kinds<'f> {
    fn count(&mut self, origin: &'f Origin, other: &'f Other) {
        let name = &origin.object;
        self.0.entry((&name.kind, &name.api_version)).or_insert((origin, other, 0)).2 += 1;
    }
}

/// An object, or a part of it, whose meaning is not clear.
pub(super) fn of_unclear(origin: &Origin, unclear: &Unclear) -> BlindSpot {
    BlindSpot {
        rule: unclear.rule,
        reason: unclear.reason.clone(),
        object: Some(origin.object.clone()),
        span: Some(unclear.span),
        help: unclear.help.clone(),
        scope: scope_without(origin),
    }
}

/// The networks of a pod that NetworkPolicy does not govern (rule N56). They are what is accepted, not the pod.
fn further_networks(origin: &Origin, body: &PodBody) -> Option<BlindSpot> {
    let (span, names) = body.networks.as_ref()?;
    let kind = "NetworkAttachmentDefinition";
    Some(BlindSpot {
        rule: rules::UNEVALUATED_KIND,
        reason: format!(
            "{} asks for the network `{}`, which NetworkPolicy does not govern",
            origin.object,
            shortened(names.clone())
        ),
        object: Some(ObjectRef {
            api_version: "k8s.cni.cncf.io/v1".to_owned(),
            kind: kind.to_owned(),
            namespace: None,
            name: String::new(),
            uid: None,
        }),
        span: Some(*span),
        help: format!("if nobody of the other side is on that network, say so: `--accept {kind}=REASON`"),
        scope: scope(origin),
    })
}

/// A host that a node dials for a pod: what a node sends to the pods on it is always let through (rule N35), and who wrote
/// the probe chose the address.
fn dialed_host(origin: &Origin, dialed: &DialedHost) -> BlindSpot {
    BlindSpot {
        rule: rules::PROBE_HOST,
        reason: format!(
            "{} has its node dial `{}` (`{}`), and NetworkPolicy does not keep a node from the pods on it",
            origin.object,
            shortened(dialed.host.clone()),
            dialed.field
        ),
        object: Some(origin.object.clone()),
        span: Some(dialed.span),
        help: "remove the `host`: without one, the pod itself is asked".to_owned(),
        scope: scope(origin),
    }
}

/// What an object that is left out could change: as [`scope`] says, but of a pod anything. Its address tells where pods
/// are, those of all namespaces, and so which ipBlocks may hold them (convention 13).
pub(crate) fn scope_without(origin: &Origin) -> BlindScope {
    if origin.object.kind == "Pod" { BlindScope::Everything } else { scope(origin) }
}

/// What an object could change by itself: what lives in its namespace or, if it has none, anything.
pub(crate) fn scope(origin: &Origin) -> BlindScope {
    match &origin.object.namespace {
        Some(namespace) => BlindScope::Namespace(namespace.clone()),
        None => BlindScope::Everything,
    }
}

fn of_kind(first: &Origin, other: &Other, count: usize) -> BlindSpot {
    let kind = &first.object.kind;
    let api_version = &first.object.api_version;
    let (rule, reason) = match (other, count) {
        (Other::Matters(how), 1) => (
            rules::UNEVALUATED_KIND,
            format!("1 object of kind {kind} (`{api_version}`) is not evaluated: {how}"),
        ),
        (Other::Matters(how), _) => {
            let reason = format!("{count} objects of kind {kind} (`{api_version}`) are not evaluated: {how}");
            (rules::UNEVALUATED_KIND, reason)
        }
        (_, 1) => (
            rules::UNKNOWN_KIND,
            format!("nothing is known of the 1 object of kind {kind} (`{api_version}`)"),
        ),
        _ => {
            let reason = format!("nothing is known of the {count} objects of kind {kind} (`{api_version}`)");
            (rules::UNKNOWN_KIND, reason)
        }
    };
    BlindSpot {
        rule,
        reason,
        object: Some(first.object.clone()),
        span: Some(first.span),
        help: format!("if {kind} cannot change who connects to whom, say so: `--accept {kind}=REASON`"),
        scope: BlindScope::Everything,
    }
}
