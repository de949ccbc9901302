//! The Common Expression Language, in which admission policies are written: text into trees. What an expression means is said
//! elsewhere, and twice: by who evaluates it for the engine, and by who checks certificates.
//!
//! Source: <https://github.com/google/cel-spec/blob/master/doc/langdef.md>.

mod lexer;
mod parser;
mod syntax;

pub use parser::{Refused, parse};
pub use syntax::{Expression, Literal, Macro, Operator};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_bind_as_the_language_has_it() {
        let text = "!a || b && c == d in e ? x.?y : [1, -2]";
        let Expression::Choice(parts) = parse(text).unwrap() else { panic!("{text}") };
        let Expression::Or(either) = &parts[0] else { panic!("{:?}", parts[0]) };
        assert!(matches!(&either[..], [Expression::Not(_), Expression::And(_)]));
        assert!(matches!(&parts[1], Expression::Select { field, optional: true, .. } if field == "y"));
        let numbers = [Literal::Int(1), Literal::Int(-2)].map(Expression::Literal);
        assert_eq!(parts[2], Expression::List(numbers.to_vec()));
    }

    #[test]
    fn what_is_no_expression_is_none() {
        for text in ["", "a b", "has(a)", "a.all(1, true)", "'a", "a ? b", "f(a,)", "if", "a[", "1.", "a =="]
        {
            assert!(parse(text).is_err(), "{text}");
        }
        for sign in ["(", "[", "{1:", "!", "-", "a.", "a&&", "a+", "a?", "f("] {
            assert!(parse(&sign.repeat(5000)).is_err(), "{sign}");
        }
    }
}
