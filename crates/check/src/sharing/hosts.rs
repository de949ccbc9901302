//! Hosts that Ingresses of both sides name, or could (`rules/taken-host.md`).

use super::{Sides, nginx};
use crate::classes;
use watertight_model::{Admission, Ingress, IngressClass, NamespaceId};

pub(super) fn reason<'a>(sides: &Sides<'a>) -> Option<String> {
    let of = |side: &'a [NamespaceId]| {
        sides.snapshot.ingresses.iter().filter(|ingress| side.contains(&ingress.namespace))
    };
    for theirs in of(sides.to) {
        for ours in of(sides.from)
            .filter(|ours| sides.proxy_may_be_shared([ours, theirs]) && may_be_of_one(sides, ours, theirs))
        {
            let owned = hosts(theirs);
            if hosts(ours).iter().any(|claimed| owned.iter().any(|owned| takes(*claimed, *owned))) {
                let (ours, theirs) = (&ours.origin.object, &theirs.origin.object);
                return Some(format!("{ours} takes requests for a host that {theirs} publishes"));
            }
        }
    }
    let shared = sides.shared_proxies().into_iter().next();
    of(sides.to).find_map(|theirs| {
        // What is not seen may serve both sides, and go by more than rules.
        let unseen = !classes::serves(sides.snapshot, theirs);
        let serving = match shared {
            _ if unseen => "what serves it is not seen".to_owned(),
            Some(proxy) if !theirs.rules.is_empty() => format!("{} serves both sides", proxy.origin.object),
            _ => return None,
        };
        let by_rules = !unseen && nginx::goes_by_rules_alone(sides);
        // All of them are asked about: each that is refused is needed.
        let takes_one = |namespace: &str| {
            let asked = hosts(theirs).into_iter().map(|host| sides.may_publish(namespace, host, by_rules));
            asked.fold(false, |any, may| any | may)
        };
        let namespace = sides.may_somewhere("change-ingresses", takes_one)?;
        Some(format!(
            "whoever may write Ingresses in `{namespace}` takes requests from {}: {serving}",
            theirs.origin.object
        ))
    })
}

/// Whether requests for a host go to whoever claims another: the same, or one below its wildcard. Whoever claims none in
/// particular gets what nobody else wants.
pub(super) fn takes(claimed: Option<&str>, owned: Option<&str>) -> bool {
    let [Some(claimed), Some(owned)] = [claimed, owned] else {
        return claimed.is_none() && owned.is_none();
    };
    let (claimed, owned) = (claimed.to_ascii_lowercase(), owned.to_ascii_lowercase());
    match owned.strip_prefix('*') {
        Some(end) => claimed.ends_with(end),
        None => claimed == owned,
    }
}

/// The hosts of an Ingress; `None` is every one.
fn hosts(ingress: &Ingress) -> Vec<Option<&str>> {
    let rules = ingress.rules.iter().map(|rule| rule.host.as_deref());
    rules.chain(ingress.default_backend.iter().map(|_| None)).collect()
}

/// Whether one controller may serve both by their classes. Who serves what has none is not known.
fn may_be_of_one(sides: &Sides<'_>, one: &Ingress, other: &Ingress) -> bool {
    let Some((one, other)) = class(sides, one).zip(class(sides, other)) else { return true };
    let defined = |name: &str| {
        let mut classes = sides.snapshot.ingress_classes.iter();
        classes.find(|class| class.origin.object.name == name)
    };
    let is_one = |one: &IngressClass, other: &IngressClass| {
        let stay = [one, other].iter().all(|class| class.admission == Admission::Accepted);
        one.controller == other.controller || !stay
    };
    one == other || defined(one).zip(defined(other)).is_some_and(|(one, other)| is_one(one, other))
}

/// The class that an Ingress names, or else the default one.
fn class<'a>(sides: &Sides<'a>, ingress: &'a Ingress) -> Option<&'a str> {
    let named = ingress.class.as_ref().or(ingress.class_annotation.as_ref()).map(|class| class.text.as_str());
    let mut classes = sides.snapshot.ingress_classes.iter();
    let stays = |class: &&IngressClass| class.admission == Admission::Accepted;
    named.or_else(|| Some(&classes.find(|class| class.is_default).filter(stays)?.origin.object.name))
}
