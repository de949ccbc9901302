//! Blind spots of objects: those whose meaning is not clear, networks of pods and hosts of probes, one by one, and those
//! of kinds that are not evaluated, one per kind.

use crate::context::{Unclear, shortened};
use crate::kinds;
use crate::read::{Body, Found, LivePod, Other, PodBody, Workload};
use crate::rules;
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::Span;
use watertight_model::{
    BlindScope, BlindSpot, Channel, DialedFor, DialedHost, FurtherNetworks, NetworkName, ObjectRef, Origin,
};

/// Adds the blind spots of all objects.
pub(crate) fn collect(found: &[Found], blind_spots: &mut Vec<BlindSpot>) {
    let mut kinds: BTreeMap<(&str, &str), (&Origin, Option<&str>, usize)> = BTreeMap::new();
    let without_interface = without_interface(found);
    for object in found {
        let mut of_kind = |how| {
            let name = &object.origin.object;
            kinds.entry((&name.kind, &name.api_version)).or_insert((&object.origin, how, 0)).2 += 1;
        };
        // The kind hides more than one object of it could, understood or not.
        if let Some(how) = object.not_evaluated {
            of_kind(Some(how));
            continue;
        }
        match &object.body {
            Body::Unclear(unclear) => blind_spots.push(of_unclear(&object.origin, unclear)),
            Body::ClusterPolicy(read) => {
                blind_spots.extend(read.unknown_peers.iter().map(|peer| of_unclear(&object.origin, peer)));
            }
            Body::Other(Other::Unknown) => of_kind(None),
            Body::Pod(LivePod { body, .. }) | Body::Workload(Workload { body, .. }) => {
                blind_spots.extend(further_networks(&object.origin, body, &without_interface));
                blind_spots.extend(probed(body).map(|dialed| dialed_host(&object.origin, dialed)));
            }
            Body::NetworkAttachment(network) if network.gives_interface => {
                blind_spots.push(network_for_anyone(&object.origin));
            }
            _ => {}
        }
    }
    blind_spots.extend(kinds.into_values().map(|(first, how, count)| of_kind(first, how, count)));
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
        hides: hides_without(origin),
    }
}

/// The networks by namespace and name that are known to give no interface, and so lead nowhere.
fn without_interface(found: &[Found]) -> BTreeSet<(&str, &str)> {
    let named = found.iter().filter_map(|object| match &object.body {
        Body::NetworkAttachment(network) if !network.gives_interface => {
            let name = &object.origin.object;
            Some((name.namespace.as_deref()?, name.name.as_str()))
        }
        _ => None,
    });
    named.collect()
}

/// The networks of a pod that NetworkPolicy does not govern (rule N56). They are what is accepted, not the pod.
fn further_networks(
    origin: &Origin,
    body: &PodBody,
    without_interface: &BTreeSet<(&str, &str)>,
) -> Option<BlindSpot> {
    let own = origin.object.namespace.as_deref();
    let leads_nowhere = |asked: &FurtherNetworks| {
        let is_known = |name: &NetworkName| {
            let own = own.filter(|_| !asked.replaces_default);
            let namespace = name.namespace.as_deref().or(own);
            namespace.is_some_and(|namespace| without_interface.contains(&(namespace, name.name.as_str())))
        };
        asked.names.as_ref().is_some_and(|names| names.iter().all(is_known))
    };
    let asked = body.networks.iter().find(|asked| !leads_nowhere(asked))?;
    let reason = format!(
        "{} asks for the network `{}`, which NetworkPolicy does not govern",
        origin.object,
        shortened(asked.text.clone())
    );
    Some(of_networks(reason, asked.span, scope(origin)))
}

/// A network that is there, and that pods of today and tomorrow may ask for.
fn network_for_anyone(origin: &Origin) -> BlindSpot {
    let reason = format!(
        "{} gives pods that ask for it a further network, which NetworkPolicy does not govern; who may ask, and where it leads, is not in the input",
        origin.object
    );
    of_networks(reason, origin.span, BlindScope::Everything)
}

fn of_networks(reason: String, span: Span, scope: BlindScope) -> BlindSpot {
    let kind = "NetworkAttachmentDefinition";
    BlindSpot {
        rule: rules::UNEVALUATED_KIND,
        reason,
        object: Some(ObjectRef {
            api_version: "k8s.cni.cncf.io/v1".to_owned(),
            kind: kind.to_owned(),
            namespace: None,
            name: String::new(),
            uid: None,
        }),
        span: Some(span),
        help: format!("if nobody of the other side is on that network, say so: `--accept {kind}=REASON`"),
        scope,
        hides: &[Channel::Network],
    }
}

/// The hosts that probes name. What is dialed for images and volumes matters where it may be a pod's, which the network channel knows.
fn probed(body: &PodBody) -> impl Iterator<Item = &DialedHost> {
    body.dialed.iter().filter(|dialed| dialed.purpose == DialedFor::Probe)
}

/// A host that a node dials for a pod: what a node sends to the pods on it is always let through (rule N35), and who wrote
/// the probe chose the address.
fn dialed_host(origin: &Origin, dialed: &DialedHost) -> BlindSpot {
    BlindSpot {
        rule: rules::PROBE_HOST,
        reason: format!(
            "{} has its node dial `{}` (`{}`), and NetworkPolicy does not keep a node from the pods on it",
            origin.object,
            shortened(dialed.host.to_string()),
            dialed.field
        ),
        object: Some(origin.object.clone()),
        span: Some(dialed.span),
        help: "remove the `host`: without one, the pod itself is asked".to_owned(),
        scope: scope(origin),
        hides: &[Channel::Network],
    }
}

/// Kinds of objects that change more than what lives in their namespace. The address of a pod tells where pods are, those
/// of all namespaces, and so which ipBlocks may hold them (convention 13); endpoints, routes and what they attach to lead
/// traffic from one namespace to another.
const REACHING_OUT: [&str; 12] = [
    "Pod",
    "Endpoints",
    "EndpointSlice",
    "Ingress",
    "Gateway",
    "ListenerSet",
    "HTTPRoute",
    "GRPCRoute",
    "TLSRoute",
    "TCPRoute",
    "UDPRoute",
    "ReferenceGrant",
];

/// Kinds of objects that do nothing but refuse others: without them more can be created, and nothing else changes.
const ONLY_REFUSING: [&str; 2] = ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"];

/// What an object that is left out could change: as [`scope`] says, but of some kinds anything.
pub(crate) fn scope_without(origin: &Origin) -> BlindScope {
    let kind = origin.object.kind.as_str();
    if REACHING_OUT.contains(&kind) {
        BlindScope::Everything
    } else if ONLY_REFUSING.contains(&kind) {
        BlindScope::Nothing
    } else {
        scope(origin)
    }
}

/// From which channels an object of an evaluated kind hides something by being left out. What changes objects while they are
/// written may change what the network's fences are made of.
fn hides_without(origin: &Origin) -> &'static [Channel] {
    let kind = &origin.object.kind;
    if kind.starts_with("Mutating") {
        &[Channel::Network, Channel::Api]
    } else if kinds::is_of_the_api(kind) {
        &[Channel::Api]
    } else {
        &[Channel::Network]
    }
}

/// From which channels a kind hides something that is not evaluated (convention 5).
fn hides_kind(first: &Origin) -> &'static [Channel] {
    let ObjectRef { api_version, kind, .. } = &first.object;
    // A list whose elements could not be read may hold anything.
    if kind.ends_with("List") { &Channel::ALL } else { kinds::hides(kinds::group(api_version)) }
}

/// What an object could change by itself: what lives in its namespace or, if it has none, anything.
pub(crate) fn scope(origin: &Origin) -> BlindScope {
    match &origin.object.namespace {
        Some(namespace) => BlindScope::Namespace(namespace.clone()),
        None => BlindScope::Everything,
    }
}

fn of_kind(first: &Origin, how: Option<&str>, count: usize) -> BlindSpot {
    let kind = &first.object.kind;
    let api_version = &first.object.api_version;
    let (rule, reason) = match (how, count) {
        (Some(how), 1) => (
            rules::UNEVALUATED_KIND,
            format!("1 object of kind {kind} (`{api_version}`) is not evaluated: {how}"),
        ),
        (Some(how), _) => {
            let reason = format!("{count} objects of kind {kind} (`{api_version}`) are not evaluated: {how}");
            (rules::UNEVALUATED_KIND, reason)
        }
        (None, 1) => (
            rules::UNKNOWN_KIND,
            format!("nothing is known of the 1 object of kind {kind} (`{api_version}`)"),
        ),
        (None, _) => {
            let reason = format!("nothing is known of the {count} objects of kind {kind} (`{api_version}`)");
            (rules::UNKNOWN_KIND, reason)
        }
    };
    let hides = hides_kind(first);
    let of_rights = if hides.contains(&Channel::Api) { " or may do what" } else { "" };
    let help = if kinds::group(api_version) == kinds::RBAC_GROUP {
        "the kinds of this group are Role, ClusterRole, RoleBinding and ClusterRoleBinding".to_owned()
    } else {
        format!("if {kind} cannot change who connects to whom{of_rights}, say so: `--accept {kind}=REASON`")
    };
    BlindSpot {
        rule,
        reason,
        object: Some(first.object.clone()),
        span: Some(first.span),
        help,
        scope: BlindScope::Everything,
        hides,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watertight_base::{SourceId, Span};

    fn without(kind: &str, namespace: Option<&str>) -> BlindScope {
        let object = ObjectRef {
            api_version: String::new(),
            kind: kind.to_owned(),
            namespace: namespace.map(str::to_owned),
            name: "o".to_owned(),
            uid: None,
        };
        scope_without(&Origin { object, span: Span::new(SourceId(0), 0, 0) })
    }

    #[test]
    fn what_leads_from_one_namespace_to_another_hides_everything() {
        for kind in ["Pod", "Endpoints", "EndpointSlice", "Ingress", "HTTPRoute", "ReferenceGrant"] {
            assert_eq!(without(kind, Some("a")), BlindScope::Everything, "{kind}");
        }
        assert_eq!(without("IngressClass", None), BlindScope::Everything);
        assert_eq!(without("ValidatingAdmissionPolicy", None), BlindScope::Nothing);
        assert_eq!(without("NetworkPolicy", Some("a")), BlindScope::Namespace("a".to_owned()));
    }
}
