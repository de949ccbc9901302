//! Everybody who may do something.

use crate::access::{Access, Applies, Bound, Held, Standing};
use crate::matching;
use crate::user::service_account;
use std::collections::{BTreeMap, BTreeSet};
use watertight_model::{
    Attributes, Holder, Presence, ResourceAttributes, RoleRule, Subject, SubjectKind, WhoCan,
};

/// Where somebody has to be able to do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope<'a> {
    /// Anywhere: in some namespace, or everywhere.
    Anywhere,
    /// In this namespace, be it alone or everywhere.
    Namespace(&'a str),
    /// In the whole cluster.
    Cluster,
}

/// Who somebody is, for everybody to be there once: where they may, what they are, and their name.
type Key = (Option<String>, SubjectKind, String);

impl Access<'_> {
    /// Everybody who may do something. The namespace of a request about resources is not looked at: the scope says where.
    ///
    /// Without a name, those who may do it to objects of some names are there as well, with the names. Who is in the
    /// group `system:masters` may do everything, and is there by the binding that every server has for it.
    #[must_use]
    pub fn who_can(&self, asked: &Attributes, scope: Scope<'_>) -> WhoCan {
        let mut holders: BTreeMap<Key, Holder> = BTreeMap::new();
        let mut notes = BTreeSet::new();
        let mut is_complete = true;
        for (index, bound) in self.bindings.iter().enumerate() {
            let namespace = bound.binding.object.namespace.as_deref();
            let is_asked = match (scope, namespace) {
                (_, None) | (Scope::Anywhere, _) => true,
                (Scope::Namespace(asked), Some(namespace)) => asked == namespace,
                (Scope::Cluster, Some(_)) => false,
            };
            if !is_asked || namespace.is_some() && matches!(asked, Attributes::NonResource(_)) {
                continue;
            }
            for &rule in self.granted(index) {
                let Some(names) = allows(self.rule(rule), asked) else { continue };
                for subject in 0..bound.binding.subjects.len() {
                    let held = Held { applies: Applies { binding: index, subject }, rule };
                    match self.standing(held) {
                        Standing::Unseen => {
                            notes.extend(self.dangling(held.applies));
                            is_complete = false;
                        }
                        Standing::InForce => self.add(&mut holders, bound, held, names, asked),
                        Standing::Refused => {
                            let of = self.not_in_force(held);
                            notes.insert(format!(
                                "{of} would allow it to more, but the API server refuses it"
                            ));
                        }
                        Standing::Passing => {
                            let of = self.not_in_force(held);
                            notes.insert(format!(
                                "{of} allows it to more, and is there for a moment only, or not at all"
                            ));
                            is_complete = false;
                        }
                    }
                }
            }
        }
        let namespace = match scope {
            Scope::Namespace(namespace) => Some(namespace),
            Scope::Anywhere | Scope::Cluster => None,
        };
        let blind_spots = match scope {
            Scope::Cluster => self.unseen(None),
            Scope::Anywhere | Scope::Namespace(_) => self.unseen_anywhere(namespace),
        };
        WhoCan {
            holders: holders.into_values().collect(),
            is_complete: is_complete && blind_spots.is_empty(),
            notes: notes.into_iter().collect(),
            blind_spots,
        }
    }

    fn add(
        &self,
        holders: &mut BTreeMap<Key, Holder>,
        bound: &Bound<'_>,
        held: Held,
        names: &[String],
        asked: &Attributes,
    ) {
        let subject = &bound.binding.subjects[held.applies.subject];
        let (kind, name) = identity(subject);
        let scope = bound.binding.object.namespace.clone();
        let presence = self.presence(&kind, &name, bound);
        let holder = holders.entry((scope.clone(), kind.clone(), name.clone()));
        let mut is_new = false;
        let holder = holder.or_insert_with(|| {
            is_new = true;
            let grant = self.grant(held, Some(asked));
            Holder { scope, kind, name, presence, names: names.to_vec(), grant, further: 0 }
        });
        if is_new {
            return;
        }
        holder.further += 1;
        holder.presence = holder.presence.min(presence);
        if names.is_empty() || holder.names.is_empty() {
            holder.names.clear();
        } else {
            holder.names.extend_from_slice(names);
            holder.names.sort_unstable();
            holder.names.dedup();
        }
    }

    fn presence(&self, kind: &SubjectKind, name: &str, bound: &Bound<'_>) -> Presence {
        let SubjectKind::ServiceAccount(namespace) = kind else { return Presence::External };
        let is_held = self.snapshot.service_accounts.iter().any(|account| {
            account.object.namespace.as_deref() == Some(namespace) && account.object.name == name
        });
        // A controller makes one of this name in each namespace; those of its own bindings, the server makes itself.
        let is_made =
            name == "default" && self.namespace(namespace).is_some() || bound.binding.span.is_none();
        if is_held || is_made { Presence::Present } else { Presence::Absent }
    }
}

/// Who a subject is. A user with the name of a ServiceAccount is that ServiceAccount.
fn identity(subject: &Subject) -> (SubjectKind, String) {
    match (&subject.kind, service_account(&subject.name)) {
        (SubjectKind::User, Some((namespace, name))) => {
            (SubjectKind::ServiceAccount(namespace.to_owned()), name.to_owned())
        }
        _ => (subject.kind.clone(), subject.name.clone()),
    }
}

/// The names of objects to which a rule allows it; empty for all, or for the one that was asked for.
fn allows<'r>(rule: &'r RoleRule, asked: &Attributes) -> Option<&'r [String]> {
    if matching::allows(rule, asked) {
        return Some(&[]);
    }
    let Attributes::Resource(resource) = asked else { return None };
    // Those requests carry no name.
    if !resource.name.is_empty() || resource.verb == "deletecollection" {
        return None;
    }
    let name = rule.resource_names.first()?;
    let named = Attributes::Resource(ResourceAttributes { name: name.clone(), ..resource.clone() });
    matching::allows(rule, &named).then_some(&rule.resource_names)
}
