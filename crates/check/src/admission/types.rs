//! What the API server takes when a policy is written. It refuses a policy of which it cannot take an expression, and one that
//! may be refused refuses nothing: so only what is surely taken counts, of the part of the language that is followed here.
//!
//! Source: <https://github.com/google/cel-spec/blob/master/doc/langdef.md>, `BuildRequestType` and `BuildNamespaceType` of
//! `k8s.io/apiserver`.

use watertight_cel::{Expression, Literal, Macro, Operator};

/// A type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Type {
    /// What it is shows when it is evaluated.
    Dyn,
    Null,
    Bool,
    Int,
    String,
    List(Box<Self>),
    Map(Box<Self>, Box<Self>),
    Optional(Box<Self>),
    /// Fields with types.
    Struct(&'static str),
}

/// Names with their types: those of macros last.
#[derive(Debug, Clone)]
pub(super) struct Types {
    names: Vec<(String, Type)>,
    variables: Vec<(String, Type)>,
}

impl Types {
    /// What each expression of a policy may name; parameters only if it takes any.
    pub(super) fn new(params: bool) -> Self {
        let names = [
            ("object", Type::Dyn),
            ("oldObject", Type::Dyn),
            ("request", Type::Struct("request")),
            ("namespaceObject", Type::Struct("namespace")),
        ];
        let names = names.into_iter().chain(params.then_some(("params", Type::Dyn)));
        Self { names: names.map(|(name, of)| (name.to_owned(), of)).collect(), variables: Vec::new() }
    }

    /// Adds a variable of the policy.
    pub(super) fn add_variable(&mut self, name: &str, of: Type) {
        if self.variables.is_empty() {
            self.names.push(("variables".to_owned(), Type::Struct("variables")));
        }
        self.variables.push((name.to_owned(), of));
    }

    /// The type of an expression; `None` if it may not be taken.
    pub(super) fn of(&mut self, expression: &Expression) -> Option<Type> {
        Some(match expression {
            Expression::Literal(literal) => match literal {
                Literal::Null => Type::Null,
                Literal::Bool(_) => Type::Bool,
                Literal::Int(_) => Type::Int,
                Literal::Text(_) => Type::String,
                Literal::Uint(_) | Literal::Double(_) | Literal::Bytes => return None,
            },
            Expression::Name(name) => self.names.iter().rev().find(|(known, _)| known == name)?.1.clone(),
            Expression::List(parts) => Type::List(Box::new(self.alike(parts)?)),
            Expression::Map(entries) if entries.is_empty() => {
                Type::Map(Box::new(Type::Dyn), Box::new(Type::Dyn))
            }
            Expression::Select { of, field, optional } => match self.select(of, field)? {
                selected @ Type::Optional(_) => selected,
                selected if *optional => Type::Optional(Box::new(selected)),
                selected => selected,
            },
            Expression::Has { of, field } => self.select(of, field).map(|_| Type::Bool)?,
            Expression::Index { of, index, optional } => {
                let (whole, index) = (self.of(of)?, self.of(index)?);
                match whole {
                    Type::Optional(inner) => Type::Optional(Box::new(at(&inner, &index)?)),
                    whole if *optional => Type::Optional(Box::new(at(&whole, &index)?)),
                    whole => at(&whole, &index)?,
                }
            }
            Expression::Not(part) => self.truths(std::slice::from_ref(&**part))?,
            Expression::And(parts) | Expression::Or(parts) => self.truths(parts)?,
            Expression::Choice(parts) => {
                self.truths(&parts[..1])?;
                joined(&self.of(&parts[1])?, &self.of(&parts[2])?)?
            }
            Expression::Binary(operator, sides) => {
                binary(*operator, &self.of(&sides[0])?, &self.of(&sides[1])?)?
            }
            Expression::Macro { kind: Macro::All | Macro::Exists, range, variable, body, keep: None } => {
                let element = match self.of(range)? {
                    Type::List(of) | Type::Map(of, _) => *of,
                    Type::Dyn => Type::Dyn,
                    _ => return None,
                };
                if variable.starts_with("__") {
                    return None;
                }
                self.names.push((variable.clone(), element));
                let truth = self.truths(std::slice::from_ref(&**body));
                self.names.pop();
                truth?
            }
            Expression::Call { target, function, arguments } => {
                let is_method = target.is_some();
                let all = target.iter().map(|it| &**it).chain(arguments);
                let types = all.map(|part| self.of(part)).collect::<Option<Vec<_>>>()?;
                called(is_method, function, &types)?
            }
            Expression::Map(_) | Expression::Minus(_) | Expression::Macro { .. } => return None,
        })
    }

    fn truths(&mut self, parts: &[Expression]) -> Option<Type> {
        parts.iter().all(|part| matches!(self.of(part), Some(Type::Bool | Type::Dyn))).then_some(Type::Bool)
    }

    /// The type of all elements: the server asks for one.
    fn alike(&mut self, parts: &[Expression]) -> Option<Type> {
        let types = parts.iter().map(|part| self.of(part)).collect::<Option<Vec<_>>>()?;
        let first = types.first().cloned().unwrap_or(Type::Dyn);
        types.iter().all(|of| *of == first).then_some(first)
    }

    fn select(&mut self, of: &Expression, field: &str) -> Option<Type> {
        let of_variable = |variables: &[(String, Type)]| {
            variables.iter().find(|(name, _)| name == field).map(|(_, of)| of.clone())
        };
        let found = |whole: &Type| match whole {
            Type::Dyn => Some(Type::Dyn),
            Type::Map(_, value) => Some((**value).clone()),
            Type::Struct("variables") => of_variable(&self.variables),
            Type::Struct(structure) => field_of(structure, field),
            _ => None,
        };
        match self.clone().of(of)? {
            Type::Optional(inner) => Some(Type::Optional(Box::new(found(&inner)?))),
            whole => found(&whole),
        }
    }
}

fn field_of(structure: &str, field: &str) -> Option<Type> {
    let strings = || Type::List(Box::new(Type::String));
    Some(match (structure, field) {
        ("request", "kind" | "requestKind") => Type::Struct("kind"),
        ("request", "resource" | "requestResource") => Type::Struct("resource"),
        ("request", "subResource" | "requestSubResource" | "name" | "namespace" | "operation") => {
            Type::String
        }
        ("request", "userInfo") => Type::Struct("userInfo"),
        ("request", "dryRun") => Type::Bool,
        ("kind", "group" | "version" | "kind") => Type::String,
        ("resource", "group" | "version" | "resource") => Type::String,
        ("userInfo", "username" | "uid") => Type::String,
        ("userInfo", "groups") => strings(),
        ("namespace", "metadata") => Type::Struct("namespace.metadata"),
        ("namespace.metadata", "name") => Type::String,
        ("namespace.metadata", "labels" | "annotations") => {
            Type::Map(Box::new(Type::String), Box::new(Type::String))
        }
        _ => return None,
    })
}

/// The type that both are, if one can stand for the other.
fn joined(one: &Type, other: &Type) -> Option<Type> {
    Some(match (one, other) {
        (Type::Dyn, _) | (_, Type::Dyn) => Type::Dyn,
        (Type::List(one), Type::List(other)) => Type::List(Box::new(joined(one, other)?)),
        (Type::Optional(one), Type::Optional(other)) => Type::Optional(Box::new(joined(one, other)?)),
        (Type::Map(key, value), Type::Map(other_key, other_value)) => {
            Type::Map(Box::new(joined(key, other_key)?), Box::new(joined(value, other_value)?))
        }
        (one, other) if one == other => one.clone(),
        _ => return None,
    })
}

fn at(whole: &Type, index: &Type) -> Option<Type> {
    match whole {
        Type::Dyn => Some(Type::Dyn),
        Type::List(of) => joined(index, &Type::Int).map(|_| (**of).clone()),
        Type::Map(key, value) => joined(index, key).map(|_| (**value).clone()),
        _ => None,
    }
}

fn binary(operator: Operator, one: &Type, other: &Type) -> Option<Type> {
    match operator {
        Operator::Equal | Operator::Different => joined(one, other).map(|_| Type::Bool),
        Operator::In => match other {
            Type::Dyn => Some(Type::Bool),
            Type::List(of) | Type::Map(of, _) => joined(one, of).map(|_| Type::Bool),
            _ => None,
        },
        Operator::Less | Operator::LessOrEqual | Operator::More | Operator::MoreOrEqual => {
            let of = joined(one, other)?;
            [Type::Dyn, Type::Int, Type::String].contains(&of).then_some(Type::Bool)
        }
        Operator::Add => match (one, other) {
            (Type::Dyn, of) | (of, Type::Dyn) => adds(of).then(|| of.clone()),
            (one, other) => joined(one, other).filter(adds),
        },
        Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Remainder => None,
    }
}

fn adds(of: &Type) -> bool {
    matches!(of, Type::Dyn | Type::Int | Type::String | Type::List(_))
}

fn called(is_method: bool, function: &str, types: &[Type]) -> Option<Type> {
    let is_text = |of: &Type| [Type::Dyn, Type::String].contains(of);
    match (is_method, function, types) {
        (_, "size", [Type::Dyn | Type::String | Type::List(_) | Type::Map(..)]) => Some(Type::Int),
        (false, "string", [Type::Dyn | Type::String | Type::Int | Type::Bool]) => Some(Type::String),
        (true, "hasValue", [Type::Optional(_)]) => Some(Type::Bool),
        (true, "orValue", [Type::Optional(of), other]) => joined(of, other),
        (true, "startsWith" | "endsWith" | "contains", [of, with]) if is_text(of) && is_text(with) => {
            Some(Type::Bool)
        }
        _ => None,
    }
}
