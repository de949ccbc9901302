//! Who may do something in an environment.

use crate::fields::Fields;
use crate::findings::Findings;
use crate::intent::{Access, Party, Role, ServiceAccountRef, Spanned};
use crate::names::repeated;
use crate::rules;

/// Reads who may do something in an environment.
pub(super) fn read(fields: Option<Fields<'_>>, production: bool, findings: &mut Findings) -> Access {
    let Some(fields) = fields else { return Access::default() };
    let mut parties = |name: &str, role: Role| -> Vec<Party> {
        fields.objects(name).into_iter().map(|party| self::party(party, role, findings)).collect()
    };
    let access = Access {
        teams: parties("teams", if production { Role::View } else { Role::Edit }),
        ci: parties("ci", Role::Edit),
        operators: parties("operators", Role::Edit),
        on_call: parties("onCall", Role::Edit),
    };
    let names: Vec<Spanned<String>> = access.parties().map(|party| party.name.clone()).collect();
    repeated(&names, "party", findings);
    access
}

fn party(fields: Fields<'_>, role: Role, findings: &mut Findings) -> Party {
    let name = fields.required("name");
    let party = Party {
        users: fields.texts("users"),
        groups: fields.texts("groups"),
        service_accounts: fields
            .objects("serviceAccounts")
            .into_iter()
            .map(|fields| Spanned::new(service_account(fields), fields.span()))
            .collect(),
        role: self::role(fields).unwrap_or(Spanned::new(role, name.span)),
        name,
    };
    for everybody in party.users.iter().chain(&party.groups) {
        is_somebody(everybody, findings);
    }
    for account in &party.service_accounts {
        let ServiceAccountRef { namespace, name } = &account.value;
        let user = format!("system:serviceaccount:{namespace}:{name}");
        is_somebody(&Spanned::new(user, account.span), findings);
    }
    if party.users.is_empty() && party.groups.is_empty() && party.service_accounts.is_empty() {
        findings.error(
            rules::MISSING_FIELD,
            format!("the party `{}` is nobody", party.name.value),
            party.name.span,
            "nobody is listed",
            "give it `users`, `groups` or `serviceAccounts`",
        );
    }
    party
}

/// Reports names that stand for everybody, or for the administrators, whom no wall holds.
///
/// Source: <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings>.
pub(super) fn is_somebody(name: &Spanned<String>, findings: &mut Findings) {
    let who = match name.value.as_str() {
        "system:authenticated" | "system:serviceaccounts" => "stands for others too",
        "system:unauthenticated" | "system:anonymous" => "stands for everybody",
        "system:masters" | "kubeadm:cluster-admins" => "may do everything, whatever is written here",
        name => {
            let of_accounts = name
                .strip_prefix("system:serviceaccounts:")
                .or_else(|| name.strip_prefix("system:serviceaccount:"));
            let namespace = of_accounts.map(|rest| rest.split(':').next().unwrap_or_default());
            // What the cluster itself acts as does so on both sides of every wall.
            let is_of_cluster = name.starts_with("system:") && namespace.is_none_or(|it| it == "kube-system");
            if !is_of_cluster {
                return;
            }
            "is a part of the cluster, which acts on both sides"
        }
    };
    let message = format!("`{}` {who}", name.value);
    findings.error(rules::INVALID_VALUE, message, name.span, who, "name a group of the people who are meant");
}

/// The ServiceAccount that fields name.
pub(super) fn service_account(fields: Fields<'_>) -> ServiceAccountRef {
    ServiceAccountRef { namespace: fields.required("namespace").value, name: fields.required("name").value }
}

/// The role in a field.
pub(super) fn role(fields: Fields<'_>) -> Option<Spanned<Role>> {
    fields.parsed("role", |word| match word {
        "view" => Some(Role::View),
        "edit" => Some(Role::Edit),
        _ => None,
    })
}
