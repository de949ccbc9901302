//! As whom the attacker can act, and whether by headers of impersonation alone.

use super::{Next, Search};
use crate::attack::fact::Derived;
use crate::user::service_account;
use watertight_kubernetes::ActsAs;
use watertight_model::{Fact, Principal, SubjectKind};

impl Search<'_, '_> {
    /// The attacker can act as somebody; nothing happens if that is known. Who was held by headers alone is followed again,
    /// since only now can they impersonate others.
    pub(super) fn hold(&mut self, principal: Principal, derived: Derived, by_headers: bool) {
        let principal = identity(principal);
        if self.held.get(&principal).is_some_and(|fact| by_headers || !self.by_headers.contains(fact)) {
            return;
        }
        let fact = self.add(Derived { fact: Fact::ActsAs { principal: principal.clone() }, ..derived });
        self.held.insert(principal, fact);
        if by_headers {
            self.by_headers.insert(fact);
        }
        self.queue.push_back(Next::Follow(fact));
    }

    /// Somebody as whom the attacker can act without headers: to whom it would bind a role.
    pub(super) fn without_headers(&self, principal: Principal) -> Principal {
        let is_plain = |fact: &&usize| !self.by_headers.contains(fact);
        if self.held.get(&principal).as_ref().is_none_or(is_plain) {
            return principal;
        }
        let first = self.held.iter().filter(|(_, fact)| is_plain(fact)).min_by_key(|(_, fact)| **fact);
        first.map_or(principal, |(first, _)| first.clone())
    }

    /// Whom a gain lets one act as, and how.
    pub(super) fn lets_act_as(
        &self,
        acts_as: ActsAs,
        scope: Option<&str>,
        names: &[String],
    ) -> Vec<(Principal, String)> {
        let how = |principal: Principal| {
            let text = format!("so it can act as {principal}");
            (principal, text)
        };
        match (acts_as, names) {
            (
                ActsAs::Nobody
                | ActsAs::HoldersOfClusterRoles
                | ActsAs::HoldersOfRoles
                | ActsAs::HoldersOfEverything,
                _,
            ) => Vec::new(),
            // To act as a ServiceAccount is another right, whatever users are named.
            (ActsAs::NamedUsers, names) => names
                .iter()
                .filter(|name| service_account(name).is_none())
                .map(|name| how(Principal::user(name)))
                .collect(),
            (ActsAs::NamedGroups, names) => names.iter().map(|name| how(Principal::group(name))).collect(),
            (ActsAs::NamedServiceAccounts, names) if !names.is_empty() => {
                let namespaces = self.namespaces(scope);
                let named = namespaces.flat_map(|namespace| {
                    names.iter().map(move |name| how(Principal::service_account(namespace, name)))
                });
                named.chain(self.groups(scope).map(how)).collect()
            }
            (ActsAs::ServiceAccounts | ActsAs::NamedServiceAccounts, _) => {
                let accounts = self
                    .accounts
                    .iter()
                    .filter(|(namespace, _)| scope.is_none_or(|scope| scope == *namespace));
                let accounts = accounts.flat_map(|(namespace, names)| {
                    names.iter().map(move |name| how(Principal::service_account(namespace, name)))
                });
                accounts.chain(self.groups(scope).map(how)).collect()
            }
        }
    }

    /// The namespaces of a scope that bindings know ServiceAccounts of.
    fn namespaces(&self, scope: Option<&str>) -> impl Iterator<Item = &str> {
        let all = self.accounts.keys().map(String::as_str);
        all.filter(move |namespace| scope.is_none_or(|scope| scope == *namespace))
    }

    /// The groups in which every ServiceAccount of a scope is.
    fn groups(&self, scope: Option<&str>) -> impl Iterator<Item = Principal> {
        let of_namespaces = self
            .access
            .snapshot
            .namespaces
            .iter()
            .map(|namespace| namespace.name.as_str())
            .filter(move |namespace| scope.is_none_or(|scope| scope == *namespace));
        let of_namespaces = of_namespaces.map(|namespace| format!("system:serviceaccounts:{namespace}"));
        of_namespaces.chain(["system:serviceaccounts".to_owned()]).map(|name| Principal::group(&name))
    }
}

/// Somebody under their own name: a user with the name of a ServiceAccount is that ServiceAccount.
pub(super) fn identity(principal: Principal) -> Principal {
    match (&principal.kind, service_account(&principal.name)) {
        (SubjectKind::User, Some((namespace, name))) => Principal::service_account(namespace, name),
        _ => principal,
    }
}
