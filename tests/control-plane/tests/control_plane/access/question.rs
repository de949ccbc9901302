//! Random questions: who, and what they want to do.

use crate::access::world::{
    ACCOUNTS, GROUPS, MEMBERSHIPS, NAMES, NAMESPACES, PATHS, RESOURCES, SUBRESOURCES, USERS, VERBS,
};
use serde_json::{Value, json};
use watertight_model::{Attributes, NonResourceAttributes, ResourceAttributes, User};
use watertight_oracle::Random;

/// A question, as both are asked it.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) user: User,
    pub(crate) asked: Attributes,
}

/// The question of a seed.
pub(crate) fn question(seed: u64) -> Question {
    let mut random = Random::new(seed);
    let user = user(&mut random);
    let asked = if random.chance(15) {
        Attributes::NonResource(NonResourceAttributes {
            verb: random.one_of(VERBS).to_owned(),
            path: random.one_of(PATHS).to_owned(),
        })
    } else {
        let mut maybe = |percent: usize, choose: fn(&mut Random) -> &'static str| {
            if random.chance(percent) { choose(&mut random).to_owned() } else { String::new() }
        };
        Attributes::Resource(ResourceAttributes {
            verb: maybe(100, |random| random.one_of(VERBS)),
            group: maybe(100, |random| random.one_of(GROUPS)),
            resource: maybe(98, |random| random.one_of(RESOURCES)),
            subresource: maybe(40, |random| random.one_of(SUBRESOURCES)),
            namespace: maybe(75, |random| random.one_of(NAMESPACES)),
            name: maybe(50, |random| random.one_of(NAMES)),
        })
    };
    Question { user, asked }
}

fn user(random: &mut Random) -> User {
    let name = match random.below(6) {
        0 => format!("system:serviceaccount:{}:{}", random.one_of(NAMESPACES), random.one_of(ACCOUNTS)),
        1 => "nobody".to_owned(),
        2 => String::new(),
        _ => random.one_of(USERS).to_owned(),
    };
    let at_least = usize::from(name.is_empty());
    let groups = (0..at_least + random.below(3)).map(|_| random.one_of(MEMBERSHIPS).to_owned()).collect();
    User { name, groups }
}

impl Question {
    /// The same as a SubjectAccessReview.
    pub(crate) fn review(&self) -> Value {
        let mut spec = json!({"user": self.user.name, "groups": self.user.groups});
        match &self.asked {
            Attributes::Resource(asked) => {
                spec["resourceAttributes"] = json!({
                    "verb": asked.verb, "group": asked.group, "resource": asked.resource,
                    "subresource": asked.subresource, "namespace": asked.namespace, "name": asked.name,
                });
            }
            Attributes::NonResource(asked) => {
                spec["nonResourceAttributes"] = json!({"verb": asked.verb, "path": asked.path});
            }
        }
        json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec})
    }
}
