//! ReferenceGrants of the `to` side for namespaces of the other (`rules/staging-granted.md`).

use super::Sides;

pub(super) fn reason(sides: &Sides<'_>) -> Option<String> {
    for grant in sides.snapshot.reference_grants.iter().filter(|grant| sides.is_to(grant.namespace)) {
        let from = grant.from.iter().find(|from| sides.is_named_from(&from.namespace));
        if let Some((from, to)) = from.zip(grant.to.first()) {
            return Some(format!(
                "{} lets any {} of `{}` refer to a {}",
                grant.origin.object, from.kind.kind, from.namespace, to.kind.kind
            ));
        }
    }
    None
}
