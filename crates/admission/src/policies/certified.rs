//! What keeps an object away, as a certificate has it: its fields, and for each way in which it could come to be the policy, the
//! binding and the validation.

use super::{Admission, Draft, Wanted};
use crate::{Known, Others};
use std::cell::LazyCell;
use watertight_model::{KnownAs, KnownField, RefusedBy, RefusedObject};

impl Admission<'_> {
    /// What refuses an object in every way in which it could come to be, if certificates can say that.
    #[must_use]
    pub fn certified(&self, wanted: &Wanted) -> Option<RefusedObject> {
        let mut fields = Vec::new();
        write(&wanted.object, &mut Vec::new(), &mut fields)?;
        Some(RefusedObject {
            group: wanted.group.clone(),
            version: wanted.version.clone(),
            kind: wanted.kind.clone(),
            resource: wanted.resource.clone(),
            namespace: wanted.namespace.clone()?,
            fields,
            by: self.certified_by(&[wanted])?,
        })
    }

    /// What refuses all of these objects, of one kind and in one namespace, in every way in which they could come to be: for each
    /// way the same for all of them.
    #[must_use]
    pub fn certified_by(&self, wanted: &[&Wanted]) -> Option<Vec<RefusedBy>> {
        let drafts: Vec<Vec<Draft>> = wanted.iter().map(|wanted| wanted.ways()).collect();
        let ways = 0..drafts.first()?.len();
        let of_way = |way| {
            let drafts: Vec<&Draft> = drafts.iter().filter_map(|drafts| drafts.get(way)).collect();
            self.refusing_each(&drafts)
        };
        ways.map(of_way).collect()
    }

    fn refusing_each(&self, drafts: &[&Draft]) -> Option<RefusedBy> {
        if drafts.iter().any(|draft| draft.is_exempt()) {
            return None;
        }
        let inputs = drafts.iter().map(|draft| LazyCell::new(|| draft.inputs(self.snapshot)));
        let drafts: Vec<_> = drafts.iter().zip(inputs).collect();
        self.policies.iter().find_map(|policy| {
            let mut each = drafts.iter().map(|(draft, inputs)| {
                let refusal = self.refused_by(policy, draft, inputs)?;
                Some(RefusedBy {
                    operation: draft.operation.name(),
                    subresource: draft.subresource,
                    policy: refusal.policy.name,
                    binding: refusal.binding.name,
                    validation: refusal.validation,
                })
            });
            let first = each.next()??;
            each.all(|by| by.as_ref() == Some(&first)).then_some(first)
        })
    }
}

/// Writes what is known of a value; `None` if certificates cannot say it.
fn write(known: &Known, path: &mut Vec<String>, fields: &mut Vec<KnownField>) -> Option<()> {
    let is = match known {
        Known::Text(texts) => KnownAs::OneOf(texts.clone()),
        Known::OtherText(texts) => KnownAs::OtherThan(texts.clone()),
        Known::Absent => KnownAs::Absent,
        Known::Bool(true) => KnownAs::True,
        Known::Nothing if path.last().is_some_and(|step| step == "*") => KnownAs::Anything,
        Known::List { elements, others: Others::None } if elements.is_empty() => KnownAs::Empty,
        Known::Map { fields: inner, others: Others::Any } if inner.is_empty() => {
            // Of a whole object of which nothing is known, nothing is said.
            if path.is_empty() {
                return Some(());
            }
            KnownAs::Object
        }
        Known::Map { fields: inner, others: Others::Any } => {
            for (name, known) in inner {
                path.push(name.clone());
                write(known, path, fields)?;
                path.pop();
            }
            return Some(());
        }
        Known::List { elements, others: Others::Any } => {
            let [element] = elements.as_slice() else { return None };
            path.push("*".to_owned());
            write(element, path, fields)?;
            path.pop();
            return Some(());
        }
        _ => return None,
    };
    fields.push(KnownField { path: path.clone(), is });
    Some(())
}
