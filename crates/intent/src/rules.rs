//! The names of everything that an intent can be refused for. Each has a page in the project's rules.

pub(crate) const DEPENDENCY_CYCLE: &str = "dependency-cycle";
pub(crate) const EXPIRED_EXCEPTION: &str = "expired-exception";
pub(crate) const IMPOSSIBLE_QUOTA: &str = "impossible-quota";
pub(crate) const INVALID_VALUE: &str = "invalid-value";
pub(crate) const INVERTED_PRIORITY: &str = "inverted-priority";
pub(crate) const MISSING_FIELD: &str = "missing-field";
pub(crate) const MUTABLE_IMAGE: &str = "mutable-image";
pub(crate) const NOT_AN_INTENT: &str = "not-an-intent";
pub(crate) const NOT_YET: &str = "not-yet";
pub(crate) const REPEATED_NAME: &str = "repeated-name";
pub(crate) const SHARED_IDENTITY: &str = "shared-identity";
pub(crate) const SHARED_NAMESPACE: &str = "shared-namespace";
pub(crate) const SHARED_PRINCIPAL: &str = "shared-principal";
pub(crate) const SHARED_ROUTE: &str = "shared-route";
pub(crate) const UNKNOWN_FIELD: &str = "unknown-field";
pub(crate) const UNKNOWN_NAME: &str = "unknown-name";
pub(crate) const WRONG_TYPE: &str = "wrong-type";

/// Every rule name that this crate can put into a diagnostic, sorted. What `watertight_ingest::trees` finds comes besides.
pub const RULES: &[&str] = &[
    DEPENDENCY_CYCLE,
    EXPIRED_EXCEPTION,
    IMPOSSIBLE_QUOTA,
    INVALID_VALUE,
    INVERTED_PRIORITY,
    MISSING_FIELD,
    MUTABLE_IMAGE,
    NOT_AN_INTENT,
    NOT_YET,
    REPEATED_NAME,
    SHARED_IDENTITY,
    SHARED_NAMESPACE,
    SHARED_PRINCIPAL,
    SHARED_ROUTE,
    UNKNOWN_FIELD,
    UNKNOWN_NAME,
    WRONG_TYPE,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_sorted() {
        assert!(RULES.is_sorted());
    }
}
