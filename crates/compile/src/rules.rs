//! The names of what is said about an intent when it is compiled. Each has a page in the project's rules.

pub(crate) const EXCEPTION: &str = "exception";
pub(crate) const SHARED_INGRESS: &str = "shared-ingress";
pub(crate) const UNENFORCED_POLICIES: &str = "unenforced-policies";
pub(crate) const UNKNOWN_PODS: &str = "unknown-pods";

/// Every rule name that this crate can put into a diagnostic, sorted.
pub const RULES: &[&str] = &[EXCEPTION, SHARED_INGRESS, UNENFORCED_POLICIES, UNKNOWN_PODS];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_sorted() {
        assert!(RULES.is_sorted());
    }
}
