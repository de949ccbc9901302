//! The names of everything that the reader can report. Each has a page in the project's rules.

pub(crate) const ALIAS_BOMB: &str = "alias-bomb";
pub(crate) const AMBIGUOUS_OBJECT: &str = "ambiguous-object";
pub(crate) const DEAD_ROLE_RULE: &str = "dead-role-rule";
pub(crate) const DUPLICATE_KEY: &str = "duplicate-key";
pub(crate) const DUPLICATE_OBJECT: &str = "duplicate-object";
pub(crate) const HELM_TEMPLATE: &str = "helm-template";
pub(crate) const HOST_BITS_IN_CIDR: &str = "host-bits-in-cidr";
pub(crate) const INVALID_CIDR: &str = "invalid-cidr";
pub(crate) const INVALID_LABEL: &str = "invalid-label";
pub(crate) const INVALID_NAME: &str = "invalid-name";
pub(crate) const INVALID_PEER: &str = "invalid-peer";
pub(crate) const INVALID_PORT_RANGE: &str = "invalid-port-range";
pub(crate) const INVALID_SELECTOR: &str = "invalid-selector";
pub(crate) const INVALID_VALUE: &str = "invalid-value";
pub(crate) const FORWARDED_PORTS: &str = "forwarded-ports";
pub(crate) const KUSTOMIZATION: &str = "kustomization";
pub(crate) const MISSING_FIELD: &str = "missing-field";
pub(crate) const NOT_KUBERNETES: &str = "not-kubernetes";
pub(crate) const NOT_TEXT: &str = "not-text";
pub(crate) const PASSING_POLICY: &str = "passing-policy";
pub(crate) const PROBE_HOST: &str = "probe-host";
pub(crate) const SHARED_PRIORITY: &str = "shared-priority";
pub(crate) const TOO_DEEP: &str = "too-deep";
pub(crate) const UNEVALUATED_KIND: &str = "unevaluated-kind";
pub(crate) const UNKNOWN_API_VERSION: &str = "unknown-api-version";
pub(crate) const UNKNOWN_FIELD: &str = "unknown-field";
pub(crate) const UNKNOWN_KIND: &str = "unknown-kind";
pub(crate) const UNPARSABLE: &str = "unparsable";
pub(crate) const UNREAD_FILES: &str = "unread-files";
pub(crate) const WRONG_TYPE: &str = "wrong-type";

/// Every rule name that this crate can put into a diagnostic or a blind spot, sorted.
pub const RULES: &[&str] = &[
    ALIAS_BOMB,
    AMBIGUOUS_OBJECT,
    DEAD_ROLE_RULE,
    DUPLICATE_KEY,
    DUPLICATE_OBJECT,
    FORWARDED_PORTS,
    HELM_TEMPLATE,
    HOST_BITS_IN_CIDR,
    INVALID_CIDR,
    INVALID_LABEL,
    INVALID_NAME,
    INVALID_PEER,
    INVALID_PORT_RANGE,
    INVALID_SELECTOR,
    INVALID_VALUE,
    KUSTOMIZATION,
    MISSING_FIELD,
    NOT_KUBERNETES,
    NOT_TEXT,
    PASSING_POLICY,
    PROBE_HOST,
    SHARED_PRIORITY,
    TOO_DEEP,
    UNEVALUATED_KIND,
    UNKNOWN_API_VERSION,
    UNKNOWN_FIELD,
    UNKNOWN_KIND,
    UNPARSABLE,
    UNREAD_FILES,
    WRONG_TYPE,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_sorted_and_kebab_case() {
        assert!(RULES.is_sorted());
        for rule in RULES {
            assert!(rule.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{rule}");
        }
    }
}
