//! Who somebody is to the API server: a name, and the groups that come with it.

use watertight_model::User;

/// Everybody whose credentials were accepted.
pub(crate) const AUTHENTICATED: &str = "system:authenticated";
/// Everybody else.
const UNAUTHENTICATED: &str = "system:unauthenticated";
/// The name of those without credentials.
const ANONYMOUS: &str = "system:anonymous";
/// Those whom the server asks nothing.
const MASTERS: &str = "system:masters";
/// The kubelets.
const NODES: &str = "system:nodes";
/// What the name of a ServiceAccount begins with.
const SERVICE_ACCOUNT: &str = "system:serviceaccount:";

/// Somebody of this name and in these groups, with those that nobody of this name is without: a ServiceAccount is in the
/// groups of all ServiceAccounts and of those of its namespace, and everybody is authenticated or not.
///
/// This is what impersonation (`kubectl --as`) adds too, except that there a ServiceAccount with other groups loses its
/// own. No real one does.
///
/// Source: <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation>.
#[must_use]
pub fn acting_as(name: &str, groups: &[String]) -> User {
    let mut user = User { name: name.to_owned(), groups: groups.to_vec() };
    let mut add = |group: String| {
        if !user.groups.contains(&group) {
            user.groups.push(group);
        }
    };
    if let Some((namespace, _)) = service_account(name) {
        add("system:serviceaccounts".to_owned());
        add(format!("system:serviceaccounts:{namespace}"));
    }
    if name == ANONYMOUS {
        add(UNAUTHENTICATED.to_owned());
    } else if !groups.iter().any(|group| group == UNAUTHENTICATED) {
        add(AUTHENTICATED.to_owned());
    }
    user
}

/// The user name of a ServiceAccount.
pub(crate) fn service_account_user(namespace: &str, name: &str) -> String {
    format!("{SERVICE_ACCOUNT}{namespace}:{name}")
}

/// The namespace and the name of the ServiceAccount that has this user name, if one can have it.
#[must_use]
pub fn service_account(user: &str) -> Option<(&str, &str)> {
    let (namespace, name) = user.strip_prefix(SERVICE_ACCOUNT)?.split_once(':')?;
    (!namespace.is_empty() && !name.is_empty() && !name.contains(':')).then_some((namespace, name))
}

/// Whether the server lets them do anything, whatever RBAC says.
pub(crate) fn is_master(user: &User) -> bool {
    user.groups.iter().any(|group| group == MASTERS)
}

/// Whether they are a kubelet, about which the Node authorizer decides as well.
///
/// Source: <https://kubernetes.io/docs/reference/access-authn-authz/node/>.
pub(crate) fn is_node(user: &User) -> bool {
    user.name.starts_with("system:node:") && user.groups.iter().any(|group| group == NODES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(name: &str, given: &[&str]) -> Vec<String> {
        acting_as(name, &given.iter().map(|&group| group.to_owned()).collect::<Vec<_>>()).groups
    }

    #[test]
    fn everybody_is_authenticated_or_not() {
        assert_eq!(groups("jane", &[]), [AUTHENTICATED]);
        assert_eq!(groups("jane", &["dev"]), ["dev", AUTHENTICATED]);
        assert_eq!(groups("jane", &[AUTHENTICATED]), [AUTHENTICATED]);
        assert_eq!(groups("jane", &[UNAUTHENTICATED]), [UNAUTHENTICATED]);
        assert_eq!(groups(ANONYMOUS, &[]), [UNAUTHENTICATED]);
    }

    #[test]
    fn a_service_account_is_never_without_its_groups() {
        let own = ["system:serviceaccounts", "system:serviceaccounts:a", AUTHENTICATED];
        assert_eq!(groups("system:serviceaccount:a:b", &[]), own);
        assert_eq!(groups("system:serviceaccount:a:b", &["x"])[1..], own);
        for other in ["system:serviceaccount:a", "system:serviceaccount::b", "system:serviceaccount:a:b:c"] {
            assert_eq!(groups(other, &[]), [AUTHENTICATED], "{other}");
        }
    }
}
