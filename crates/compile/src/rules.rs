//! The names of what is said about an intent when it is compiled. Each has a page in the project's rules.

pub(crate) const DIFFERENT_IMAGES: &str = "different-images";
pub(crate) const EXCEPTION: &str = "exception";
pub(crate) const FOREIGN_NAMESPACE: &str = "foreign-namespace";
pub(crate) const IMPOSSIBLE_QUOTA: &str = "impossible-quota";
pub(crate) const LEFT_OUT: &str = "left-out";
pub(crate) const LOGIN_TO_PRODUCTION: &str = "login-to-production";
pub(crate) const MUTABLE_IMAGE: &str = "mutable-image";
pub(crate) const NO_ADMISSION_POLICIES: &str = "no-admission-policies";
pub(crate) const NOT_AN_OBJECT: &str = "not-an-object";
pub(crate) const REFUSED_KIND: &str = "refused-kind";
pub(crate) const SAME_CLOUD_IDENTITY: &str = "same-cloud-identity";
pub(crate) const SAME_CREDENTIAL: &str = "same-credential";
pub(crate) const SAME_OBJECT: &str = "same-object";
pub(crate) const SHARED_INGRESS: &str = "shared-ingress";
pub(crate) const SHARED_ROUTE: &str = "shared-route";
pub(crate) const SHARED_STORE: &str = "shared-store";
pub(crate) const UNENFORCED_POLICIES: &str = "unenforced-policies";
pub(crate) const UNFIT_OBJECT: &str = "unfit-object";
pub(crate) const UNFIT_POD: &str = "unfit-pod";
pub(crate) const UNKNOWN_PODS: &str = "unknown-pods";
pub(crate) const UNREAD_CLUSTER_POLICIES: &str = "unread-cluster-policies";

/// Every rule name that this crate can put into a diagnostic, sorted. What `watertight_ingest::trees` finds comes besides.
pub const RULES: &[&str] = &[
    DIFFERENT_IMAGES,
    EXCEPTION,
    FOREIGN_NAMESPACE,
    IMPOSSIBLE_QUOTA,
    LEFT_OUT,
    LOGIN_TO_PRODUCTION,
    MUTABLE_IMAGE,
    NO_ADMISSION_POLICIES,
    NOT_AN_OBJECT,
    REFUSED_KIND,
    SAME_CLOUD_IDENTITY,
    SAME_CREDENTIAL,
    SAME_OBJECT,
    SHARED_INGRESS,
    SHARED_ROUTE,
    SHARED_STORE,
    UNENFORCED_POLICIES,
    UNFIT_OBJECT,
    UNFIT_POD,
    UNKNOWN_PODS,
    UNREAD_CLUSTER_POLICIES,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_sorted() {
        assert!(RULES.is_sorted());
    }
}
