//! Labels and label selectors, as `metav1.LabelSelector` means them.

use std::collections::BTreeMap;
use std::fmt;

/// An object's labels.
pub type Labels = BTreeMap<String, String>;

/// What a requirement asks of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operator {
    /// The key is there, with one of the values.
    In,
    /// The key is missing, or has none of the values (rule N16).
    NotIn,
    /// The key is there.
    Exists,
    /// The key is missing (rule N16).
    DoesNotExist,
}

/// One condition on one key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Requirement {
    /// The label key.
    pub key: String,
    /// What is asked of it.
    pub operator: Operator,
    /// The values of `In` and `NotIn`; empty for the others.
    pub values: Vec<String>,
}

impl Requirement {
    /// Whether an object with these labels meets the condition.
    #[must_use]
    pub fn matches(&self, labels: &Labels) -> bool {
        let value = labels.get(&self.key);
        match self.operator {
            Operator::In => value.is_some_and(|value| self.values.contains(value)),
            Operator::NotIn => value.is_none_or(|value| !self.values.contains(value)),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
        }
    }
}

/// A label selector: all of its requirements must hold (rule N16). One without requirements selects everything.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Selector {
    /// `matchLabels` (each an `In` with one value) and `matchExpressions` together.
    pub requirements: Vec<Requirement>,
}

impl Selector {
    /// The selector that selects everything: `{}`.
    #[must_use]
    pub fn everything() -> Self {
        Self::default()
    }

    /// The selector of one `matchLabels` entry.
    #[must_use]
    pub fn label(key: &str, value: &str) -> Self {
        let requirement =
            Requirement { key: key.to_owned(), operator: Operator::In, values: vec![value.to_owned()] };
        Self { requirements: vec![requirement] }
    }

    /// Whether the selector is `{}`.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.requirements.is_empty()
    }

    /// Whether an object with these labels is selected.
    #[must_use]
    pub fn matches(&self, labels: &Labels) -> bool {
        self.requirements.iter().all(|requirement| requirement.matches(labels))
    }
}

impl fmt::Display for Requirement {
    /// As kubectl writes it: `app=db`, `env in (a,b)`, `env notin (a)`, `env`, `!env`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, operator, values } = self;
        match (operator, values.as_slice()) {
            (Operator::In, [value]) => write!(f, "{key}={value}"),
            (Operator::In, _) => write!(f, "{key} in ({})", values.join(",")),
            (Operator::NotIn, [value]) => write!(f, "{key}!={value}"),
            (Operator::NotIn, _) => write!(f, "{key} notin ({})", values.join(",")),
            (Operator::Exists, _) => write!(f, "{key}"),
            (Operator::DoesNotExist, _) => write!(f, "!{key}"),
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_everything() {
            return f.write_str("{}");
        }
        for (index, requirement) in self.requirements.iter().enumerate() {
            let separator = if index > 0 { "," } else { "" };
            write!(f, "{separator}{requirement}")?;
        }
        Ok(())
    }
}
