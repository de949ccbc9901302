//! Breaches by what has to change for them to go: the order in which they are mended.

use crate::{Breach, ObjectRef};

/// What has to change for a breach to go. All breaches with the same root go together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Root {
    /// The object, if it is one: the binding that grants a right, the policy that lets a connection pass.
    pub object: Option<ObjectRef>,
    /// Which part of it, or without an object, what it is; empty for all of the object.
    pub part: String,
}

impl Root {
    /// An object as a whole.
    #[must_use]
    pub fn object(object: ObjectRef) -> Self {
        Self { object: Some(object), part: String::new() }
    }

    /// What is no object by itself: the lack of a policy, something that both sides share.
    #[must_use]
    pub fn pattern(part: String) -> Self {
        Self { object: None, part }
    }
}

/// The breaches with one root, on whichever channel they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause<'b> {
    /// The worst of them.
    pub worst: &'b Breach,
    /// The others, the worst first.
    pub others: Vec<&'b Breach>,
}

impl<'b> Cause<'b> {
    /// All causes of some breaches, that with the worst breach first. What is worse is what yields more; of what yields the
    /// same, what is there now comes before what is possible, and else the order is that of the breaches.
    #[must_use]
    pub fn of(breaches: impl IntoIterator<Item = &'b Breach>) -> Vec<Self> {
        let mut breaches: Vec<&Breach> = breaches.into_iter().collect();
        breaches.sort_by_key(|breach| (breach.gain(), breach.when));
        let mut causes: Vec<Self> = Vec::new();
        for breach in breaches {
            match causes.iter_mut().find(|cause| cause.worst.root == breach.root) {
                Some(cause) => cause.others.push(breach),
                None => causes.push(Self { worst: breach, others: Vec::new() }),
            }
        }
        causes
    }

    /// All breaches, the worst first.
    pub fn breaches(&self) -> impl Iterator<Item = &'b Breach> {
        std::iter::once(self.worst).chain(self.others.iter().copied())
    }

    /// How many ways across there are by it.
    #[must_use]
    pub fn count(&self) -> usize {
        self.breaches().map(|breach| breach.count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Channel, Fact, Gain, Step, When};
    use std::collections::BTreeSet;

    fn breach(id: &str, root: &str, gain: Gain, when: When) -> Breach {
        let step = Step {
            id: 1,
            channel: Channel::Api,
            rule: "rule",
            fact: Fact::Gains { gain, scope: None, names: Vec::new() },
            text: String::new(),
            uses: Vec::new(),
            because: Vec::new(),
        };
        Breach {
            id: id.to_owned(),
            rule: "rule",
            root: Root::pattern(root.to_owned()),
            when,
            message: String::new(),
            help: String::new(),
            count: 2,
            reached: BTreeSet::new(),
            steps: vec![step],
            highlight: None,
        }
    }

    #[test]
    fn a_cause_stands_where_its_worst_breach_does() {
        let breaches = [
            breach("dials", "policy", Gain::DialsPods, When::Now),
            breach("changes", "binding", Gain::ChangesObjects, When::Now),
            breach("may dial", "binding", Gain::DialsPods, When::Possible),
            breach("runs", "role", Gain::RunsPods, When::Possible),
            breach("dials too", "binding", Gain::DialsPods, When::Now),
        ];
        let causes = Cause::of(&breaches);
        let ids = causes.iter().map(|cause| cause.breaches().map(|breach| breach.id.as_str()).collect());
        let ids: Vec<Vec<&str>> = ids.collect();
        assert_eq!(ids, [vec!["runs"], vec!["dials"], vec!["dials too", "may dial", "changes"]]);
        assert_eq!(causes.iter().map(Cause::count).collect::<Vec<_>>(), [2, 2, 6]);
    }
}
