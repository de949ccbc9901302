//! As whom the attacker can act, and whether by headers of impersonation alone.

use super::{Next, Search};
use crate::attack::fact::Derived;
use crate::user::service_account;
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
}

/// Somebody under their own name: a user with the name of a ServiceAccount is that ServiceAccount.
pub(super) fn identity(principal: Principal) -> Principal {
    match (&principal.kind, service_account(&principal.name)) {
        (SubjectKind::User, Some((namespace, name))) => Principal::service_account(namespace, name),
        _ => principal,
    }
}
