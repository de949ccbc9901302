//! The names of everything that is said about what an intent is written from. Each has a page in the project's rules.

pub(crate) const IMPORT_GAP: &str = "import-gap";
pub(crate) const INVALID_VALUE: &str = "invalid-value";
pub(crate) const MISSING_FIELD: &str = "missing-field";
pub(crate) const NOT_CARRIED_OVER: &str = "not-carried-over";
pub(crate) const NOT_IMPORTABLE: &str = "not-importable";
pub(crate) const PLAIN_CREDENTIAL: &str = "plain-credential";
pub(crate) const REPEATED_NAME: &str = "repeated-name";
pub(crate) const REPLACED_BY_WALL: &str = "replaced-by-wall";
pub(crate) const TAKEN_BY_WALL: &str = "taken-by-wall";
pub(crate) const UNKNOWN_NAME: &str = "unknown-name";
pub(crate) const WRONG_TYPE: &str = "wrong-type";

/// Every rule name that this crate can put into a diagnostic, sorted. What `watertight_ingest::trees` and
/// `watertight_intent::read` find comes besides.
pub const RULES: &[&str] = &[
    IMPORT_GAP,
    INVALID_VALUE,
    MISSING_FIELD,
    NOT_CARRIED_OVER,
    NOT_IMPORTABLE,
    PLAIN_CREDENTIAL,
    REPEATED_NAME,
    REPLACED_BY_WALL,
    TAKEN_BY_WALL,
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
