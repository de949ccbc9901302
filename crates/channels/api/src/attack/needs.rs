//! Which needs of which rows a rule could meet at all: those of its resources, and those that list none.

use super::meets::Meets;
use super::objects::Objects;
use crate::aggregation::RuleAt;
use crate::attack::apply::Part;
use crate::matching::ALL;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use watertight_kubernetes::{Of, Primitive};
use watertight_model::RoleRule;

/// The needs that a rule meets: which primitive, which of its needs, and the part of the rule that counts.
pub(super) type Met = Vec<(usize, usize, Part)>;

/// The same by rules, each asked about once however often it is written.
#[derive(Debug, Default)]
pub(super) struct MetByRules {
    by_place: HashMap<RuleAt, Rc<Met>>,
    by_rule: HashMap<RoleRule, Rc<Met>>,
}

impl MetByRules {
    /// What a rule meets. The parts say nothing of where it is written.
    pub(super) fn of(&mut self, at: RuleAt, rule: &RoleRule, needs: &Needs, objects: &Objects) -> Rc<Met> {
        let met = self.by_place.entry(at).or_insert_with(|| {
            let rule = RoleRule { span: None, ..rule.clone() };
            let met = || Rc::new(needs.met_by(&rule, objects));
            Rc::clone(self.by_rule.entry(rule.clone()).or_insert_with(met))
        });
        Rc::clone(met)
    }
}

/// The needs of some rows, by what they are about.
#[derive(Debug)]
pub(super) struct Needs {
    primitives: Vec<&'static Primitive>,
    /// By resource, with its subresource behind a slash.
    by_resource: HashMap<&'static str, Vec<(usize, usize)>>,
    /// Those that list no resources.
    others: Vec<(usize, usize)>,
}

impl Needs {
    pub(super) fn new(primitives: &[&'static Primitive]) -> Self {
        let mut needs =
            Self { primitives: primitives.to_vec(), by_resource: HashMap::new(), others: Vec::new() };
        for (index, primitive) in primitives.iter().enumerate() {
            for (number, need) in primitive.needs.iter().enumerate() {
                if need.of != Of::Listed {
                    needs.others.push((index, number));
                    continue;
                }
                for &(_, resource) in need.resources {
                    needs.by_resource.entry(resource).or_default().push((index, number));
                }
            }
        }
        needs
    }

    /// Those that a rule meets.
    pub(super) fn met_by(&self, rule: &RoleRule, objects: &Objects) -> Met {
        let met = |&(index, number): &(usize, usize)| {
            let part = self.primitives[index].needs[number].met_by(rule, objects)?;
            Some((index, number, part))
        };
        self.of_resources(rule).iter().filter_map(met).collect()
    }

    fn of_resources(&self, rule: &RoleRule) -> BTreeSet<(usize, usize)> {
        let means_many = |written: &String| written == ALL || written.starts_with("*/");
        let mut found: BTreeSet<(usize, usize)> = self.others.iter().copied().collect();
        if rule.resources.iter().any(means_many) {
            found.extend(self.by_resource.values().flatten());
        } else {
            let listed = rule.resources.iter().filter_map(|resource| self.by_resource.get(resource.as_str()));
            found.extend(listed.flatten());
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watertight_kubernetes::catalogue;

    #[test]
    fn whatever_a_rule_meets_is_looked_at() {
        let primitives: Vec<&'static Primitive> = catalogue::all().collect();
        let (needs, objects) = (Needs::new(&primitives), Objects::new(36, &[], &[]));
        let resources = primitives.iter().flat_map(|row| row.needs).flat_map(|need| need.resources);
        let words: BTreeSet<&str> =
            resources.map(|&(_, resource)| resource).chain(["*", "*/exec", "*/status", "x"]).collect();
        let mut count = 0;
        for word in words {
            for verbs in [&["*"][..], &["create"], &["patch"], &["get", "delete"]] {
                let rule = RoleRule {
                    verbs: verbs.iter().map(|&verb| verb.to_owned()).collect(),
                    api_groups: vec![ALL.to_owned()],
                    resources: vec!["unknown".to_owned(), word.to_owned()],
                    ..RoleRule::default()
                };
                let one_by_one = primitives.iter().enumerate().flat_map(|(index, row)| {
                    let met = row.needs.iter().enumerate();
                    met.filter_map(|(number, need)| Some((index, number, need.met_by(&rule, &objects)?)))
                        .collect::<Vec<_>>()
                });
                let places =
                    |met: Met| met.into_iter().map(|(index, number, _)| (index, number)).collect::<Vec<_>>();
                let expected = places(one_by_one.collect());
                count += expected.len();
                assert_eq!(places(needs.met_by(&rule, &objects)), expected, "{word} {verbs:?}");
            }
        }
        assert!(count > 1000, "{count}");
    }
}
