//! What the server works out when a policy is written: conversions of what is written down. It refuses a policy of which one fails.
//!
//! Source: `decOptimize` and `NewQualifier` in `interpreter` of cel-go.

use watertight_cel::{Expression, Literal};

/// The functions, with the types of what is written that they surely convert.
const CONVERSIONS: [(&str, &[&str]); 4] = [
    ("bool", &["bool"]),
    ("double", &["double", "int"]),
    ("int", &["int"]),
    ("string", &["bool", "double", "int", "string"]),
];

/// The type of what an expression is worked out to, if it is made of what is written alone.
pub(super) fn written(expression: &Expression) -> Option<&str> {
    match expression {
        Expression::Literal(literal) => Some(match literal {
            Literal::Bool(_) => "bool",
            Literal::Int(_) | Literal::Uint(_) => "int",
            Literal::Double(_) => "double",
            Literal::Text(_) => "string",
            Literal::Null | Literal::Bytes => "other",
        }),
        Expression::List(_) | Expression::Map(_) => Some("other"),
        Expression::Call { target: None, function, arguments } => {
            let [of] = arguments.as_slice() else { return None };
            let of = written(of)?;
            match function.as_str() {
                "dyn" => Some(of),
                name => CONVERSIONS.iter().find(|(known, _)| *known == name).map(|(known, _)| *known),
            }
        }
        _ => None,
    }
}

/// The text that an expression is worked out to. Of what is converted to one it is not known.
pub(super) fn text(expression: &Expression) -> Option<&str> {
    match expression {
        Expression::Literal(Literal::Text(text)) => Some(text),
        Expression::Call { target: None, function, arguments }
            if ["dyn", "string"].contains(&function.as_str()) =>
        {
            arguments.first().and_then(text)
        }
        _ => None,
    }
}

/// Whether a conversion may fail of what is written.
pub(super) fn may_fail(function: &str, of: &Expression) -> bool {
    let known = CONVERSIONS.iter().find(|(known, _)| *known == function);
    known.is_some_and(|(_, surely)| written(of).is_some_and(|kind| !surely.contains(&kind)))
}
