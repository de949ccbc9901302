//! Ports that an ingress controller forwards as a ConfigMap says: whoever reaches the controller is at what stands there, and no channel
//! follows that yet.
//!
//! Source: <https://kubernetes.github.io/ingress-nginx/user-guide/exposing-tcp-udp-services/>.

use crate::read::{Body, Found, LivePod, Workload};
use crate::rules;
use std::collections::BTreeSet;
use watertight_model::{BlindScope, BlindSpot, Channel, Container, Origin, Settings};

/// The flags of ingress-nginx that name such ConfigMaps, as `NAMESPACE/NAME`.
const FLAGS: [&str; 2] = ["--tcp-services-configmap", "--udp-services-configmap"];

/// What is not followed: each namespace that such a ConfigMap names, and ConfigMaps that the input does not hold.
pub(super) fn collect(found: &[Found], blind_spots: &mut Vec<BlindSpot>) {
    for object in found {
        let (Body::Pod(LivePod { body, .. }) | Body::Workload(Workload { body, .. })) = &object.body else {
            continue;
        };
        let own = object.origin.object.namespace.as_deref().unwrap_or_default();
        for named in body.containers.iter().flat_map(named) {
            let named = named.replace("$(POD_NAMESPACE)", own);
            let scopes = match settings(found, &named) {
                Some(settings) => scopes(found, settings),
                None => vec![BlindScope::Everything],
            };
            blind_spots.extend(scopes.into_iter().map(|scope| spot(&object.origin, &named, scope)));
        }
    }
}

/// The ConfigMaps that a container is given.
fn named(container: &Container) -> impl Iterator<Item = &str> {
    let arguments = &container.arguments;
    arguments.iter().enumerate().filter_map(|(index, argument)| {
        let (flag, value) = match argument.split_once('=') {
            Some(pair) => pair,
            None => (argument.as_str(), arguments.get(index + 1).map_or("", String::as_str)),
        };
        (FLAGS.contains(&flag) && !value.is_empty()).then_some(value)
    })
}

fn settings<'f>(found: &'f [Found], named: &str) -> Option<&'f Settings> {
    let (namespace, name) = named.split_once('/')?;
    found.iter().find_map(|object| match &object.body {
        Body::ConfigMap(settings)
            if object.origin.object.namespace.as_deref() == Some(namespace)
                && object.origin.object.name == name =>
        {
            Some(settings)
        }
        _ => None,
    })
}

/// What it is about: each entry is `PORT: NAMESPACE/SERVICE:PORT`. Of a namespace that nothing else names, nothing is known.
fn scopes(found: &[Found], settings: &Settings) -> Vec<BlindScope> {
    let mut names: BTreeSet<&str> =
        found.iter().filter_map(|object| object.origin.object.namespace.as_deref()).collect();
    let namespaces = found.iter().filter(|object| object.origin.object.kind == "Namespace");
    names.extend(namespaces.map(|object| object.origin.object.name.as_str()));
    let mut scopes = Vec::new();
    for entry in &settings.values {
        let before = scopes.len();
        let of = names.iter().filter(|name| entry.value.holds(&format!("{name}/")));
        scopes.extend(of.map(|name| BlindScope::Namespace((*name).to_owned())));
        if scopes.len() == before {
            scopes.push(BlindScope::Everything);
        }
    }
    scopes.sort();
    scopes.dedup();
    scopes
}

fn spot(origin: &Origin, named: &str, scope: BlindScope) -> BlindSpot {
    let what = match &scope {
        BlindScope::Namespace(name) => format!("forwards ports to `{name}`"),
        _ => "may forward ports to any Service".to_owned(),
    };
    BlindSpot {
        rule: rules::FORWARDED_PORTS,
        reason: format!(
            "{} {what}, as ConfigMap `{named}` says: whoever reaches it is there, and that is not followed",
            origin.object
        ),
        object: Some(origin.object.clone()),
        span: Some(origin.span),
        help: "give the input that ConfigMap, with the values, and take entries for the `to` side out of it: let clients come by a Service and a NetworkPolicy".to_owned(),
        scope,
        hides: &[Channel::Network],
    }
}
