//! Tokens into trees, by recursive descent. How deep one goes is bounded, and so is how big a tree becomes.

use super::lexer::{Token, tokens};
use super::syntax::{Expression, Literal, Macro, Operator};
use std::fmt;

/// Why a text is no expression, or is more than is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(String);

impl Refused {
    pub(crate) fn new(reason: String) -> Self {
        Self(reason)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How deep expressions may stand in each other. The server reads deeper ones.
const MAX_DEPTH: usize = 48;
/// How many bytes are read. The server reads more.
const MAX_BYTES: usize = 64 * 1024;

/// Words that are no names. The first four are no fields either.
const RESERVED: [&str; 21] = [
    "false",
    "in",
    "null",
    "true",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// The expression that a text is.
///
/// # Errors
/// It is none, or more than is read.
pub fn parse(text: &str) -> Result<Expression, Refused> {
    if text.len() > MAX_BYTES {
        return Err(Refused::new(format!("it is longer than {MAX_BYTES} bytes")));
    }
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, depth: 0 };
    let expression = parser.expression()?;
    match parser.tokens.first() {
        None => Ok(expression),
        Some(token) => Err(Refused::new(format!("{} is not expected", named(token)))),
    }
}

fn named(token: &Token) -> String {
    match token {
        Token::Name(name) => format!("`{name}`"),
        Token::Sign(sign) => format!("`{sign}`"),
        Token::Text(_) | Token::Bytes => "a text".to_owned(),
        Token::Int(_) | Token::Uint(_) | Token::Double(_) => "a number".to_owned(),
    }
}

struct Parser<'t> {
    tokens: &'t [Token],
    depth: usize,
}

type Parsed = Result<Expression, Refused>;

impl Parser<'_> {
    fn take(&mut self, sign: &str) -> bool {
        let is_next = matches!(self.tokens.first(), Some(Token::Sign(next)) if *next == sign);
        if is_next {
            self.tokens = &self.tokens[1..];
        }
        is_next
    }

    fn expect(&mut self, sign: &str) -> Result<(), Refused> {
        if self.take(sign) { Ok(()) } else { Err(Refused::new(format!("`{sign}` is missing"))) }
    }

    fn expression(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Refused::new("it is nested too deep".to_owned()));
        }
        let condition = self.any()?;
        let choice = if self.take("?") {
            let then = self.any()?;
            self.expect(":")?;
            let otherwise = self.expression()?;
            Expression::Choice(Box::new([condition, then, otherwise]))
        } else {
            condition
        };
        self.depth -= 1;
        Ok(choice)
    }

    fn any(&mut self) -> Parsed {
        let mut parts = vec![self.every()?];
        while self.take("||") {
            parts.push(self.every()?);
        }
        Ok(alone(parts, Expression::Or))
    }

    fn every(&mut self) -> Parsed {
        let mut parts = vec![self.relation()?];
        while self.take("&&") {
            parts.push(self.relation()?);
        }
        Ok(alone(parts, Expression::And))
    }

    fn relation(&mut self) -> Parsed {
        const OPERATORS: [(&str, Operator); 6] = [
            ("==", Operator::Equal),
            ("!=", Operator::Different),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::MoreOrEqual),
            ("<", Operator::Less),
            (">", Operator::More),
        ];
        let found = |parser: &mut Self| {
            if matches!(parser.tokens.first(), Some(Token::Name(name)) if name == "in") {
                parser.tokens = &parser.tokens[1..];
                return Some(Operator::In);
            }
            OPERATORS.into_iter().find(|(sign, _)| parser.take(sign)).map(|(_, operator)| operator)
        };
        self.chain(Self::sum, found)
    }

    fn sum(&mut self) -> Parsed {
        let operators = [("+", Operator::Add), ("-", Operator::Subtract)];
        let found = |parser: &mut Self| {
            operators.into_iter().find(|(sign, _)| parser.take(sign)).map(|(_, found)| found)
        };
        self.chain(Self::product, found)
    }

    fn product(&mut self) -> Parsed {
        let operators = [("*", Operator::Multiply), ("/", Operator::Divide), ("%", Operator::Remainder)];
        let found = |parser: &mut Self| {
            operators.into_iter().find(|(sign, _)| parser.take(sign)).map(|(_, found)| found)
        };
        self.chain(Self::unary, found)
    }

    /// Operators of one rank, from the left.
    fn chain(
        &mut self,
        part: fn(&mut Self) -> Parsed,
        operator: impl Fn(&mut Self) -> Option<Operator>,
    ) -> Parsed {
        let mut left = part(self)?;
        let mut length = 0;
        while let Some(operator) = operator(self) {
            length += 1;
            if length > MAX_DEPTH {
                return Err(Refused::new("too much stands in one row".to_owned()));
            }
            left = Expression::Binary(operator, Box::new([left, part(self)?]));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed {
        for (sign, wrap) in
            [("!", Expression::Not as fn(Box<Expression>) -> Expression), ("-", Expression::Minus)]
        {
            let mut count = 0;
            while self.take(sign) {
                count += 1;
            }
            if count == 0 {
                continue;
            }
            if count > MAX_DEPTH {
                return Err(Refused::new("too much stands in one row".to_owned()));
            }
            // A minus before a number belongs to it.
            let negative = if sign == "-" { self.negative()? } else { None };
            let (inner, count) = match negative {
                Some(literal) => (self.members(literal)?, count - 1),
                None => (self.member()?, count),
            };
            return Ok((0..count).fold(inner, |inner, _| wrap(Box::new(inner))));
        }
        self.member()
    }

    fn negative(&mut self) -> Result<Option<Expression>, Refused> {
        let literal = match self.tokens.first() {
            Some(Token::Int(value)) => {
                let value = i64::try_from(-i128::from(*value));
                Literal::Int(value.map_err(|_| Refused::new("a number is too big".to_owned()))?)
            }
            Some(Token::Double(value)) => Literal::Double(-value),
            _ => return Ok(None),
        };
        self.tokens = &self.tokens[1..];
        Ok(Some(Expression::Literal(literal)))
    }

    fn member(&mut self) -> Parsed {
        let primary = self.primary()?;
        self.members(primary)
    }

    /// What stands behind something: fields, indices and calls.
    fn members(&mut self, mut of: Expression) -> Parsed {
        let mut length = 0;
        loop {
            length += 1;
            if length > MAX_DEPTH {
                return Err(Refused::new("too much stands in one row".to_owned()));
            }
            if self.take("[") {
                let optional = self.take("?");
                let index = Box::new(self.expression()?);
                self.expect("]")?;
                of = Expression::Index { of: Box::new(of), index, optional };
            } else if self.take(".") {
                let optional = self.take("?");
                let field = self.name(&RESERVED[..4])?;
                if !optional && self.take("(") {
                    let arguments = self.elements(")")?;
                    of = method(of, field, arguments)?;
                } else {
                    of = Expression::Select { of: Box::new(of), field, optional };
                }
            } else {
                return Ok(of);
            }
        }
    }

    fn name(&mut self, reserved: &[&str]) -> Result<String, Refused> {
        match self.tokens.first() {
            Some(Token::Name(name)) if !reserved.contains(&name.as_str()) => {
                self.tokens = &self.tokens[1..];
                Ok(name.clone())
            }
            Some(token) => Err(Refused::new(format!("{} stands where a name is expected", named(token)))),
            None => Err(Refused::new("it ends where a name is expected".to_owned())),
        }
    }

    fn primary(&mut self) -> Parsed {
        let Some(token) = self.tokens.first() else {
            return Err(Refused::new("it ends too early".to_owned()));
        };
        let literal = match token {
            Token::Text(text) => Literal::Text(text.clone()),
            Token::Bytes => Literal::Bytes,
            Token::Int(value) => {
                let value = i64::try_from(*value);
                Literal::Int(value.map_err(|_| Refused::new("a number is too big".to_owned()))?)
            }
            Token::Uint(value) => Literal::Uint(*value),
            Token::Double(value) => Literal::Double(*value),
            Token::Name(name) => match name.as_str() {
                "null" => Literal::Null,
                "true" => Literal::Bool(true),
                "false" => Literal::Bool(false),
                _ => return self.named(),
            },
            Token::Sign(_) => return self.bracketed(),
        };
        self.tokens = &self.tokens[1..];
        Ok(Expression::Literal(literal))
    }

    fn named(&mut self) -> Parsed {
        let name = self.name(&RESERVED)?;
        if !self.take("(") {
            return Ok(Expression::Name(name));
        }
        let mut arguments = self.elements(")")?;
        if name != "has" {
            return Ok(Expression::Call { target: None, function: name, arguments });
        }
        match (arguments.pop(), arguments.is_empty()) {
            (Some(Expression::Select { of, field, optional: false }), true) => {
                Ok(Expression::Has { of, field })
            }
            _ => Err(Refused::new("`has` is asked of what is no field".to_owned())),
        }
    }

    fn bracketed(&mut self) -> Parsed {
        if self.take("(") {
            let inner = self.expression()?;
            self.expect(")")?;
            return Ok(inner);
        }
        if self.take("[") {
            return Ok(Expression::List(self.elements("]")?));
        }
        if self.take("{") {
            let mut entries = Vec::new();
            while !self.take("}") {
                let key = self.expression()?;
                self.expect(":")?;
                entries.push((key, self.expression()?));
                if !self.take(",") {
                    self.expect("}")?;
                    break;
                }
            }
            return Ok(Expression::Map(entries));
        }
        match self.tokens.first() {
            Some(token) => Err(Refused::new(format!("{} is not expected", named(token)))),
            None => Err(Refused::new("it ends too early".to_owned())),
        }
    }

    /// Expressions with commas between them, up to a bracket. Behind the last one of a list a comma may stand.
    fn elements(&mut self, end: &str) -> Result<Vec<Expression>, Refused> {
        let mut elements = Vec::new();
        while !self.take(end) {
            elements.push(self.expression()?);
            let more = self.take(",");
            if !more || (end == ")" && matches!(self.tokens.first(), Some(Token::Sign(")")))) {
                if more {
                    return Err(Refused::new("`)` is not expected".to_owned()));
                }
                self.expect(end)?;
                break;
            }
        }
        Ok(elements)
    }
}

fn alone(mut parts: Vec<Expression>, several: fn(Vec<Expression>) -> Expression) -> Expression {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            several(parts)
        }
    }
}

/// A call of a method, or a macro that looks like one.
fn method(target: Expression, function: String, mut arguments: Vec<Expression>) -> Parsed {
    let kind = match (function.as_str(), arguments.len()) {
        ("all", 2) => Macro::All,
        ("exists", 2) => Macro::Exists,
        ("exists_one", 2) => Macro::ExistsOne,
        ("filter", 2) => Macro::Filter,
        ("map", 2 | 3) => Macro::Map,
        _ => return Ok(Expression::Call { target: Some(Box::new(target)), function, arguments }),
    };
    let body = arguments.pop().map(Box::new);
    let keep = (arguments.len() > 1).then(|| arguments.pop()).flatten().map(Box::new);
    match (arguments.pop(), body) {
        (Some(Expression::Name(variable)), Some(body)) => {
            Ok(Expression::Macro { kind, range: Box::new(target), variable, body, keep })
        }
        _ => Err(Refused::new(format!("the first argument of `{function}` is no name"))),
    }
}
