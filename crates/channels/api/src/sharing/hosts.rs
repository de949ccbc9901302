//! Hosts that Ingresses of both sides name where one controller serves both: it joins their rules, or lets the older one
//! win, and the `from` side gets requests that are meant for the other, with their cookies and certificates.
//!
//! Source: <https://kubernetes.io/docs/concepts/services-networking/ingress/>, which leaves open who wins.

use super::nginx;
use super::{Finding, Sides, because, may_write, takes_traffic};
use watertight_base::Span;
use watertight_model::{Admission, BlindScope, BlindSpot, Channel, Ingress, IngressClass, When};

/// A host that an Ingress names, `None` for every one, and where.
type Claim<'s> = (Option<&'s str>, String, Span);

/// An Ingress, and its place in the snapshot.
type Numbered<'s> = (usize, &'s Ingress);

pub(super) fn findings(sides: &Sides<'_>) -> Vec<Finding> {
    let ingresses = sides.snapshot.ingresses.iter().enumerate();
    let (of_to, others): (Vec<Numbered<'_>>, Vec<Numbered<'_>>) =
        ingresses.partition(|(_, ingress)| sides.is_to(ingress.namespace));
    let mut findings = Vec::new();
    for theirs in others.into_iter().filter(|(_, ingress)| sides.is_from(ingress.namespace)) {
        for &ours in of_to.iter().filter(|ours| may_be_served_by_one(sides, theirs, **ours)) {
            let ((_, theirs), (_, ours)) = (theirs, ours);
            let (claimed, owned) = (claims(theirs), claims(ours));
            for claim in &claimed {
                let taken = owned.iter().find(|(host, ..)| takes(claim.0, *host));
                findings.extend(taken.map(|owned| there(sides, theirs, claim, ours, owned)));
            }
        }
    }
    if findings.is_empty() {
        findings.extend(
            of_to
                .iter()
                .filter(|(_, ours)| !ours.rules.is_empty())
                .find_map(|(_, ours)| possible(sides, ours)),
        );
    }
    findings
}

/// Whether a host takes requests from another: it is the same, or one below its wildcard. A rule without a host takes what no
/// other rule wants.
pub(super) fn takes(claimed: Option<&str>, owned: Option<&str>) -> bool {
    match (claimed, owned) {
        (None, None) => true,
        (Some(claimed), Some(owned)) => {
            let (claimed, owned) = (claimed.to_ascii_lowercase(), owned.to_ascii_lowercase());
            let below = owned.strip_prefix('*').is_some_and(|end| claimed.ends_with(end));
            claimed == owned || below
        }
        _ => false,
    }
}

/// Whether one controller may serve both: by their classes, and by what the known proxies watch.
fn may_be_served_by_one(sides: &Sides<'_>, one: Numbered<'_>, other: Numbered<'_>) -> bool {
    let is_one_class = match (class(sides, one.1), class(sides, other.1)) {
        (Some(one), Some(other)) => one == other || may_be_of_one_controller(sides, [one, other]),
        // Who serves what has no class is not known.
        _ => true,
    };
    is_one_class && sides.proxies.may_be_shared([one.0, other.0])
}

/// Whether two classes may be of one controller. What is not there to stay may be of another one soon.
fn may_be_of_one_controller(sides: &Sides<'_>, names: [&str; 2]) -> bool {
    let [Some(one), Some(other)] = names.map(|name| class_named(sides, name)) else { return false };
    let stay = [one, other].iter().all(|class| class.admission == Admission::Accepted);
    !stay || one.controller == other.controller
}

/// The class of an Ingress; without one it is the default, if there is one.
fn class<'s>(sides: &Sides<'s>, ingress: &'s Ingress) -> Option<&'s str> {
    let named = ingress.class.as_ref().or(ingress.class_annotation.as_ref());
    let stays = |class: &&IngressClass| class.admission == Admission::Accepted;
    let default = || sides.snapshot.ingress_classes.iter().find(|class| class.is_default).filter(stays);
    named.map(|class| class.text.as_str()).or_else(|| Some(default()?.origin.object.name.as_str()))
}

fn class_named<'s>(sides: &Sides<'s>, name: &str) -> Option<&'s IngressClass> {
    sides.snapshot.ingress_classes.iter().find(|class| class.origin.object.name == name)
}

fn claims(ingress: &Ingress) -> Vec<Claim<'_>> {
    let rules = ingress
        .rules
        .iter()
        .enumerate()
        .map(|(number, rule)| (rule.host.as_deref(), format!("/spec/rules/{number}"), rule.span));
    let default = ingress.default_backend.iter();
    let default = default.map(|backend| (None, "/spec/defaultBackend".to_owned(), backend.span));
    rules.chain(default).collect()
}

fn there(
    sides: &Sides<'_>,
    theirs: &Ingress,
    (claimed, path, span): &Claim<'_>,
    ours: &Ingress,
    (owned, of, at): &Claim<'_>,
) -> Finding {
    let host = claimed.map_or("no host in particular".to_owned(), |host| format!("`{host}`"));
    let below = match (claimed, owned) {
        (Some(claimed), Some(owned)) if claimed != owned => format!(" as `{owned}`"),
        _ => String::new(),
    };
    Finding {
        rule: "taken-host",
        when: When::Now,
        message: format!(
            "{} takes requests for {host}, which {} publishes{below}",
            theirs.origin.object, ours.origin.object
        ),
        help: HELP.to_owned(),
        fact: takes_traffic(sides.name(ours.namespace)),
        by: None,
        because: vec![because(&theirs.origin, path, *span), because(&ours.origin, of, *at)],
        highlight: Some((*span, "production's host".to_owned())),
        similar: format!("{} {}", theirs.origin.object, ours.origin.object),
    }
}

/// What the `from` side could make, where a proxy that is known serves both.
fn possible(sides: &Sides<'_>, ours: &Ingress) -> Option<Finding> {
    let proxy = sides.proxies.shared().next().map(|index| &sides.snapshot.pods[index])?;
    let by_rules = nginx::goes_by_rules_alone(sides);
    let takes_one =
        |scope: &str| claims(ours).iter().any(|(host, ..)| sides.may_publish(scope, *host, by_rules));
    let power = sides.may("change-ingresses", takes_one)?;
    let host = ours.rules.iter().find_map(|rule| rule.host.as_deref());
    let host = host.map_or("its requests".to_owned(), |host| format!("requests for `{host}`"));
    Some(Finding {
        rule: "taken-host",
        when: When::Possible,
        message: format!(
            "{}, and so take {host} from {}: one proxy serves both sides ({})",
            may_write(&power, "Ingresses"),
            ours.origin.object,
            proxy.origin.object
        ),
        help: HELP.to_owned(),
        fact: takes_traffic(sides.name(ours.namespace)),
        because: vec![
            because(&ours.origin, "/spec/rules", ours.origin.span),
            because(&proxy.origin, "", proxy.origin.span),
        ],
        highlight: Some((ours.origin.span, "the proxy serves staging too".to_owned())),
        similar: "possible".to_owned(),
        by: Some(power),
    })
}

/// What the `from` side could make, where it is not seen what serves the Ingresses of the other: it may serve both sides, and
/// go by more than rules.
pub(super) fn doubts(sides: &Sides<'_>) -> Vec<BlindSpot> {
    // What is asked about is what a certificate has to show.
    let of_to = sides.snapshot.ingresses.iter().enumerate();
    let mut of_to = of_to.filter(|(_, ingress)| sides.is_to(ingress.namespace));
    let doubt = of_to.find_map(|(index, ours)| {
        if !sides.proxies.unserved.contains(&index) {
            return None;
        }
        let takes_one = |scope: &str| claims(ours).iter().any(|(host, ..)| sides.may_publish(scope, *host, false));
        let power = sides.may("change-ingresses", takes_one)?;
        Some(BlindSpot {
            rule: "taken-host",
            reason: format!(
                "{}, and what serves {} is not in the input, or not known: if it serves both sides, requests can be taken",
                may_write(&power, "Ingresses"),
                ours.origin.object
            ),
            object: Some(ours.origin.object.clone()),
            span: Some(ours.origin.span),
            help: "add the manifests of the ingress controller to the input".to_owned(),
            scope: BlindScope::Everything,
            hides: &[Channel::Api],
        })
    });
    doubt.into_iter().collect()
}

const HELP: &str = "give each side an ingress controller of its own, which watches its namespaces alone, or let admission refuse \
                    hosts that are not staging's";

#[cfg(test)]
mod tests {
    use super::takes;

    #[test]
    fn a_host_is_taken_by_the_same_one_and_by_one_below_a_wildcard() {
        for (claimed, owned) in [
            (Some("shop.example.com"), Some("Shop.example.com")),
            (Some("a.example.com"), Some("*.example.com")),
            (Some("*.example.com"), Some("*.example.com")),
            (None, None),
        ] {
            assert!(takes(claimed, owned), "{claimed:?} {owned:?}");
        }
        for (claimed, owned) in [
            (Some("staging.example.com"), Some("shop.example.com")),
            (Some("*.example.com"), Some("shop.example.com")),
            (Some("example.com"), Some("*.example.com")),
            (Some("a-example.com"), Some("*.example.com")),
            (None, Some("shop.example.com")),
            (Some("shop.example.com"), None),
        ] {
            assert!(!takes(claimed, owned), "{claimed:?} {owned:?}");
        }
    }
}
