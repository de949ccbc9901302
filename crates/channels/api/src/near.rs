//! What comes nearest to a request that is not allowed, and what it lacks.

use crate::access::{Access, Applies, Held, Standing, namespace_of};
use crate::grant::{quoted, subject_text};
use crate::matching;
use watertight_model::{Attributes, NearMiss, ResourceAttributes, RoleRule, User};

/// How many are given.
const SHOWN_MAX: usize = 3;

/// What something that lacks more than this is not near to.
const FAR: u32 = 9;

/// Something that a rule lacks: how far that is, and in words.
type Lack = (u32, String);

impl Access<'_> {
    /// The rules that lack least, the nearest first.
    pub(crate) fn near(&self, user: &User, asked: &Attributes) -> Vec<NearMiss> {
        let mut found: Vec<(u32, Held, Vec<Lack>)> = Vec::new();
        for (index, bound) in self.bindings.iter().enumerate() {
            let (subject, of_binding) = self.of_binding(index, user, asked);
            let is_granted_to_others = subject.is_none();
            for &rule in self.granted(index) {
                let mut lacks = of_rule(self.rule(rule), asked);
                let is_about_others = lacks.iter().any(|(far, _)| *far >= OTHER_RESOURCE);
                // What every server grants to its own parts, or to everybody, is no news unless it is close.
                if bound.binding.span.is_none() && (is_granted_to_others || is_about_others) {
                    continue;
                }
                lacks.extend(of_binding.iter().cloned());
                let held = Held { applies: Applies { binding: index, subject: subject.unwrap_or(0) }, rule };
                match self.standing(held) {
                    Standing::InForce => {}
                    Standing::Unseen => continue,
                    Standing::Passing => lacks.push((1, "it is there for a moment only".to_owned())),
                    Standing::Refused => lacks.push((1, "the API server refuses it".to_owned())),
                }
                let far = lacks.iter().map(|(far, _)| far).sum();
                if far <= FAR && !lacks.is_empty() {
                    found.push((far, held, lacks));
                }
            }
        }
        found.sort_by_key(|(far, held, _)| (*far, held.applies, held.rule));
        found.dedup_by_key(|(_, held, _)| held.applies.binding);
        let near = found.into_iter().take(SHOWN_MAX).map(|(_, held, lacks)| NearMiss {
            grant: self.grant(held, None),
            lacks: lacks.into_iter().map(|(_, text)| text).collect(),
        });
        near.collect()
    }

    /// The subject by which a binding applies to somebody, if one does, and what the binding lacks.
    fn of_binding(&self, index: usize, user: &User, asked: &Attributes) -> (Option<usize>, Vec<Lack>) {
        let binding = &self.bindings[index].binding;
        let namespace = binding.object.namespace.as_deref();
        let applies = self.applying(user, namespace).into_iter().find(|applies| applies.binding == index);
        let mut lacks = Vec::new();
        if applies.is_none() {
            let to: Vec<String> = binding.subjects.iter().take(3).map(subject_text).collect();
            let to = if to.is_empty() { "nobody".to_owned() } else { to.join(", ") };
            lacks.push((4, format!("it is granted to {to}, not to {}", user.name)));
        }
        match (namespace, namespace_of(asked)) {
            (None, _) => {}
            (Some(granted), Some(asked)) if granted == asked => {}
            (Some(granted), Some(asked)) => lacks.push((2, format!("it holds in {granted}, not in {asked}"))),
            (Some(granted), None) => {
                lacks.push((2, format!("it holds in {granted}, and not in the whole cluster")));
            }
        }
        (applies.map(|applies| applies.subject), lacks)
    }
}

/// How far a rule about another resource is.
const OTHER_RESOURCE: u32 = 5;

fn of_rule(rule: &RoleRule, asked: &Attributes) -> Vec<Lack> {
    let mut lacks = Vec::new();
    let verb = match asked {
        Attributes::Resource(asked) => {
            of_resource(rule, asked, &mut lacks);
            &asked.verb
        }
        Attributes::NonResource(asked) => {
            if matching::path(rule, &asked.path).is_none() {
                lacks.push((OTHER_RESOURCE, format!("it is not about the path {}", asked.path)));
            }
            &asked.verb
        }
    };
    if matching::verb(rule, verb).is_none() {
        lacks.push((2, format!("it has no verb {verb}")));
    }
    lacks
}

fn of_resource(rule: &RoleRule, asked: &ResourceAttributes, lacks: &mut Vec<Lack>) {
    if matching::resource(rule, asked).is_none() {
        let is_subresource = !asked.subresource.is_empty();
        let whole = ResourceAttributes { subresource: String::new(), ..asked.clone() };
        if is_subresource && matching::resource(rule, &whole).is_some() {
            lacks.push((2, format!("it is about {}, and not about its subresource", asked.resource)));
        } else {
            lacks.push((OTHER_RESOURCE, format!("it is not about {}", resource_text(asked))));
        }
    }
    if !matching::group(rule, &asked.group) {
        let group = if asked.group.is_empty() { "the core group".to_owned() } else { asked.group.clone() };
        lacks.push((3, format!("it is not about {group}")));
    }
    if !matching::name(rule, &asked.name) {
        let names = quoted(&rule.resource_names);
        lacks.push((
            1,
            if asked.name.is_empty() {
                format!("it is about {names} alone, and the request carries no name")
            } else {
                format!("it is about {names} alone")
            },
        ));
    }
}

fn resource_text(asked: &ResourceAttributes) -> String {
    if asked.subresource.is_empty() {
        asked.resource.clone()
    } else {
        format!("{}/{}", asked.resource, asked.subresource)
    }
}
