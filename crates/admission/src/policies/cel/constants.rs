//! What the server works out when a policy is written: conversions of what is written down. It refuses what fails then.
//!
//! Source: `decOptimize` and `NewQualifier` in `interpreter` of cel-go.

use watertight_cel::{Expression, Literal};

/// What is written down, by itself or behind conversions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Constant<'e> {
    Text(&'e str),
    Bool,
    Int,
    Double,
    /// What is no place in a list or a map, and cannot be converted.
    Other,
}

const CONVERSIONS: [&str; 5] = ["bool", "double", "dyn", "int", "string"];

impl<'e> Constant<'e> {
    /// The constant that an expression is, if it is one.
    pub(super) fn of(expression: &'e Expression) -> Option<Self> {
        match expression {
            Expression::Literal(literal) => Some(match literal {
                Literal::Text(text) => Self::Text(text),
                Literal::Bool(_) => Self::Bool,
                Literal::Int(_) | Literal::Uint(_) => Self::Int,
                Literal::Double(_) => Self::Double,
                Literal::Null | Literal::Bytes => Self::Other,
            }),
            Expression::List(_) | Expression::Map(_) => Some(Self::Other),
            Expression::Call { target: None, function, arguments } => {
                let [argument] = arguments.as_slice() else { return None };
                let of = Self::of(argument)?;
                match function.as_str() {
                    "dyn" => Some(of),
                    "string" => Some(if matches!(of, Self::Text(_)) { of } else { Self::Text("") }),
                    "bool" => Some(Self::Bool),
                    "int" => Some(Self::Int),
                    "double" => Some(Self::Double),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Whether a function may fail of it, and with it the whole policy.
    pub(super) fn may_break(self, function: &str) -> bool {
        let is_converted = matches!(
            (function, self),
            ("dyn", _)
                | ("bool", Self::Bool)
                | ("int", Self::Int)
                | ("double", Self::Double | Self::Int)
                | ("string", Self::Text(_) | Self::Bool | Self::Int | Self::Double)
        );
        CONVERSIONS.contains(&function) && !is_converted
    }
}
