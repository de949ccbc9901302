//! ReferenceGrants by which the `to` side lets objects of the other refer to its own: routes to its Services, Gateways to its
//! certificates, claims to its volumes.
//!
//! Sources: <https://gateway-api.sigs.k8s.io/api-types/referencegrant/>, and
//! <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#cross-namespace-data-sources>.

use super::{Finding, Sides, because};
use watertight_model::{Fact, Gain, GrantFrom, GrantTo, ReferenceGrant, When};

pub(super) fn findings(sides: &Sides<'_>) -> Vec<Finding> {
    let grants = sides.snapshot.reference_grants.iter().filter(|grant| sides.is_to(grant.namespace));
    let named = grants.flat_map(|grant| {
        let from = grant.from.iter().filter(|from| sides.from.contains(from.namespace.as_str()));
        from.flat_map(move |from| grant.to.iter().map(move |to| (grant, from, to)))
    });
    named.map(|(grant, from, to)| finding(sides, grant, from, to)).collect()
}

fn finding(sides: &Sides<'_>, grant: &ReferenceGrant, from: &GrantFrom, to: &GrantTo) -> Finding {
    let (gain, what) = match to.kind.kind.as_str() {
        "Service" => (Gain::DialsPods, "lead to"),
        "Secret" => (Gain::TakesTraffic, "use"),
        _ => (Gain::ReadsVolumes, "copy"),
    };
    let scope = sides.name(grant.namespace);
    let names: Vec<String> = to.name.iter().cloned().collect();
    let which = match &to.name {
        Some(name) => format!("{} {scope}/{name}", to.kind.kind),
        None => format!("every {} of `{scope}`", to.kind.kind),
    };
    Finding {
        rule: "staging-granted",
        when: When::Possible,
        message: format!(
            "{} lets any {} of `{}` {what} {which}",
            grant.origin.object, from.kind.kind, from.namespace
        ),
        help: format!("take `{}` out of `from` of the ReferenceGrant", from.namespace),
        fact: Fact::Gains { gain, scope: Some(scope.to_owned()), names },
        by: None,
        because: vec![
            because(&grant.origin, "/spec/from", from.span),
            because(&grant.origin, "/spec/to", to.span),
        ],
        highlight: Some((from.span, "staging is named here".to_owned())),
        similar: format!("{} {}", grant.origin.object, to.kind.kind),
    }
}
