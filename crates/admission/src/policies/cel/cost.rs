//! What evaluation costs. The server gives it up beyond a bound, which is an error; a policy that lets pass what it cannot
//! be asked about is then passed by whoever submits an object that is big enough.
//!
//! Source: `pkg/apis/cel/config.go` and `pkg/cel/library/cost.go` of `k8s.io/apiserver`.

use watertight_cel::{Expression, Operator};

/// The most parts that cheap expressions of one policy have together: each costs a tenth of the size of a text at most, and
/// the bound on one expression is ten times that of the biggest request.
const MAX_PARTS: usize = 300;

/// Whether these expressions together surely stay below the bound, whatever object they are asked about: they go through no
/// list that is not written in them, and through texts only to compare them.
pub(crate) fn is_cheap<'e>(expressions: impl IntoIterator<Item = &'e Expression>) -> bool {
    let mut parts: Vec<&Expression> = expressions.into_iter().collect();
    let mut count = 0;
    while let Some(part) = parts.pop() {
        count += 1;
        if count > MAX_PARTS || !is_cheap_itself(part) {
            return false;
        }
        parts.extend(part.parts());
    }
    true
}

fn is_cheap_itself(part: &Expression) -> bool {
    match part {
        Expression::Macro { .. } => false,
        Expression::Call { function, .. } => {
            matches!(function.as_str(), "dyn" | "startsWith" | "endsWith" | "hasValue" | "orValue" | "value")
        }
        Expression::Binary(Operator::In, sides) => match &sides[1] {
            Expression::List(elements) => {
                elements.iter().all(|element| matches!(element, Expression::Literal(_)))
            }
            Expression::Select { field, .. } => matches!(field.as_str(), "labels" | "annotations"),
            _ => false,
        },
        Expression::Binary(operator, _) => !matches!(
            operator,
            Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Remainder
        ),
        _ => true,
    }
}
