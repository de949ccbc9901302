//! The part of the language that certificates follow. It is a list of words and says nothing of what they mean: whoever writes
//! a certificate keeps to it, and whoever checks one follows it, or what of it the checker knows.

use crate::{Expression, Literal, Macro, Operator};

/// The functions.
const FUNCTIONS: [&str; 7] = ["contains", "endsWith", "hasValue", "orValue", "size", "startsWith", "string"];

impl Expression {
    /// Whether certificates follow it.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        let is_plain = match self {
            Self::Literal(Literal::Uint(_) | Literal::Double(_) | Literal::Bytes) | Self::Minus(_) => false,
            Self::Name(name) => name != "authorizer",
            Self::Map(entries) => entries.is_empty(),
            Self::Macro { kind, .. } => matches!(kind, Macro::All | Macro::Exists),
            Self::Binary(operator, _) => !matches!(
                operator,
                Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Remainder
            ),
            Self::Call { function, .. } => FUNCTIONS.contains(&function.as_str()),
            _ => true,
        };
        is_plain && self.parts().into_iter().all(Self::is_plain)
    }
}
