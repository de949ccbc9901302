//! What the API server takes when a policy is written. An expression that it may refuse keeps the whole policy from being
//! there, so that only what it surely takes counts.

use super::constants::Constant;
use super::pattern::pattern;
use super::signatures;
use super::types::{Letters, Type, fits, resolved};
use std::fmt;
use watertight_cel::{Expression, Literal, Macro, Operator, Refused};

/// Why it is not sure that the server takes an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotTaken(String);

impl NotTaken {
    pub(crate) fn new(reason: &str) -> Self {
        Self(reason.to_owned())
    }
}

impl fmt::Display for NotTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Refused> for NotTaken {
    fn from(refused: Refused) -> Self {
        Self(refused.to_string())
    }
}

/// What stands before the dots of names of functions.
const PREFIXES: [&str; 2] = ["optional", "sets"];

type Checked = Result<Type, NotTaken>;

/// What names stand for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Checker {
    names: Vec<(String, Type)>,
    variables: Vec<(String, Type)>,
}

impl Checker {
    /// What every expression of a policy may name. Parameters only if the policy has any, and the authorizer not in
    /// messages.
    pub(crate) fn new(params: bool, authorizer: bool) -> Self {
        let mut names = vec![
            ("object", Type::Dyn),
            ("oldObject", Type::Dyn),
            ("request", Type::Struct("request")),
            ("namespaceObject", Type::Struct("namespace")),
        ];
        names.extend(params.then_some(("params", Type::Dyn)));
        names.extend(authorizer.then(|| ("authorizer", Type::Named("Authorizer".to_owned()))));
        let names = names.into_iter().map(|(name, of)| (name.to_owned(), of)).collect();
        Self { names, variables: Vec::new() }
    }

    /// The same, with variables of the policy. Each sees those before it.
    pub(crate) fn with_variables(mut self, variables: &[(String, Type)]) -> Self {
        if !variables.is_empty() {
            self.names.push(("variables".to_owned(), Type::Struct("variables")));
        }
        self.variables = variables.to_vec();
        self
    }

    /// The expression of a text, with its type.
    pub(crate) fn read(&mut self, text: &str) -> Result<(Expression, Type), NotTaken> {
        let expression = watertight_cel::parse(text)?;
        let of = self.check(&expression)?;
        Ok((expression, of.at_last()))
    }

    fn check(&mut self, expression: &Expression) -> Checked {
        match expression {
            Expression::Literal(literal) => Ok(match literal {
                Literal::Null => Type::Null,
                Literal::Bool(_) => Type::Bool,
                Literal::Int(_) => Type::Int,
                Literal::Uint(_) => Type::Uint,
                Literal::Double(_) => Type::Double,
                Literal::Text(_) => Type::String,
                Literal::Bytes => Type::Bytes,
            }),
            Expression::Name(name) => match self.names.iter().rev().find(|(known, _)| known == name) {
                Some((_, of)) => Ok(of.clone()),
                None => Err(NotTaken(format!("there is no `{name}`"))),
            },
            Expression::List(elements) => Ok(Type::list(self.alike(elements)?)),
            Expression::Map(entries) => {
                let (keys, values): (Vec<_>, Vec<_>) =
                    entries.iter().map(|(key, value)| (key, value)).unzip();
                let keys = self.alike(keys)?;
                if matches!(keys, Type::List(_) | Type::Map(..) | Type::Optional(_) | Type::Struct(_)) {
                    return Err(NotTaken("a key of a map is no plain value".to_owned()));
                }
                Ok(Type::map(keys, self.alike(values)?))
            }
            Expression::Select { of, field, optional } => {
                let selected = self.select(of, field, *optional)?;
                Ok(match selected {
                    Type::Optional(_) => selected,
                    _ if *optional => Type::Optional(Box::new(selected)),
                    _ => selected,
                })
            }
            Expression::Has { of, field } => self.select(of, field, true).map(|_| Type::Bool),
            Expression::Index { of, index, optional } => {
                if Constant::of(index) == Some(Constant::Other) {
                    return Err(NotTaken("what is written is no place in anything".to_owned()));
                }
                let name = if *optional { "_[?_]" } else { "_[_]" };
                self.call(name, [&**of, &**index])
            }
            Expression::Not(of) => {
                self.is_bool(of)?;
                Ok(Type::Bool)
            }
            Expression::Minus(of) => self.call("-_", [&**of]),
            Expression::And(parts) | Expression::Or(parts) => {
                parts.iter().try_for_each(|part| self.is_bool(part))?;
                Ok(Type::Bool)
            }
            Expression::Choice(parts) => self.call("_?_:_", parts.iter()),
            Expression::Binary(operator, sides) => self.call(signature(*operator), sides.iter()),
            Expression::Macro { kind, range, variable, body, keep } => {
                self.quantified(*kind, range, variable, body, keep.as_deref())
            }
            Expression::Call { target, function, arguments } => {
                self.function(target.as_deref(), function, arguments)
            }
        }
    }

    fn is_bool(&mut self, expression: &Expression) -> Result<(), NotTaken> {
        match self.check(expression)? {
            Type::Bool | Type::Dyn | Type::Free => Ok(()),
            _ => Err(NotTaken("a truth value is missing".to_owned())),
        }
    }

    /// The type of all of these: that of the first, as the server asks for one in lists and maps.
    fn alike<'e>(&mut self, parts: impl IntoIterator<Item = &'e Expression>) -> Checked {
        let mut all: Option<Type> = None;
        for part in parts {
            let of = self.check(part)?;
            if all.as_ref().is_some_and(|known| *known != of) {
                return Err(NotTaken("elements of a list or a map are of several types".to_owned()));
            }
            all = Some(of);
        }
        Ok(all.unwrap_or(Type::Free))
    }

    fn select(&mut self, of: &Expression, field: &str, is_asked_for: bool) -> Checked {
        let whole = self.check(of)?;
        let (inner, is_optional) = match whole {
            Type::Optional(inner) => (*inner, true),
            other => (other, false),
        };
        let found = match &inner {
            Type::Dyn | Type::Free => Some(Type::Dyn),
            Type::Map(_, value) => Some((**value).clone()),
            Type::Struct("variables") => {
                self.variables.iter().find(|(name, _)| name == field).map(|(_, of)| of.clone())
            }
            Type::Struct(structure) => Type::field_of(structure, field),
            // That is one name with a dot in it, and no field.
            Type::Named(name) if name == "Authorizer" && field == "requestResource" && !is_asked_for => {
                matches!(of, Expression::Name(_)).then(|| Type::Named("ResourceCheck".to_owned()))
            }
            _ => None,
        };
        let found = found.ok_or_else(|| NotTaken(format!("there is no field `{field}`")))?;
        Ok(if is_optional { Type::Optional(Box::new(found)) } else { found })
    }

    fn call<'e>(&mut self, name: &str, arguments: impl IntoIterator<Item = &'e Expression>) -> Checked {
        let types =
            arguments.into_iter().map(|argument| self.check(argument)).collect::<Result<Vec<_>, _>>()?;
        let mut result: Option<Type> = None;
        for (asked, gives) in signatures::named(name) {
            let mut letters = Letters::new();
            let matches = asked.len() == types.len()
                && types.iter().zip(&asked).all(|(given, asked)| fits(given, asked, &mut letters));
            if !matches {
                continue;
            }
            let gives = resolved(&gives, &letters);
            result = Some(match result {
                // The first that fits settles it, and which one the server tries first is not followed.
                Some(_) if types.iter().any(Type::is_free) => {
                    return Err(NotTaken("it is not known of what type something is".to_owned()));
                }
                Some(known) if known != gives || gives.is_free() => Type::Dyn,
                _ => gives,
            });
        }
        let name = name.trim_start_matches('.');
        result.ok_or_else(|| NotTaken(format!("`{name}` is not known for what it is given")))
    }

    fn function(&mut self, target: Option<&Expression>, name: &str, arguments: &[Expression]) -> Checked {
        let Some(target) = target else { return self.called(name, arguments.iter().collect()) };
        // `sets.contains` is a name.
        if let Expression::Name(first) = target
            && PREFIXES.contains(&first.as_str())
        {
            return self.called(&format!("{first}.{name}"), arguments.iter().collect());
        }
        if name == "format" {
            return self.format(target, arguments);
        }
        self.called(&format!(".{name}"), [target].into_iter().chain(arguments).collect())
    }

    fn called(&mut self, name: &str, arguments: Vec<&Expression>) -> Checked {
        let is_pattern = matches!(name, ".matches" | "matches" | ".find" | ".findAll");
        if let (true, Some(Constant::Text(text))) =
            (is_pattern, arguments.get(1).and_then(|it| Constant::of(it)))
            && pattern(text).is_none()
        {
            return Err(NotTaken("a regular expression is not a simple one".to_owned()));
        }
        if arguments.first().and_then(|it| Constant::of(it)).is_some_and(|it| it.may_break(name)) {
            return Err(NotTaken(format!("`{name}` of what is written may fail")));
        }
        self.call(name, arguments)
    }

    /// `format` with nothing but `%s`, as often as there are arguments.
    fn format(&mut self, target: &Expression, arguments: &[Expression]) -> Checked {
        let unknown = || NotTaken("`format` is more than `%s`".to_owned());
        let (Expression::Literal(Literal::Text(text)), [Expression::List(given)]) = (target, arguments)
        else {
            return Err(unknown());
        };
        let plain = text.replace("%%", "").replace("%s", "");
        if plain.contains('%') || text.replace("%%", "").matches("%s").count() != given.len() {
            return Err(unknown());
        }
        let types = given.iter().map(|part| self.check(part)).collect::<Result<Vec<_>, _>>()?;
        let mut all = Type::Dyn;
        for of in types.into_iter().filter(|of| *of != Type::Dyn) {
            if !matches!(of, Type::String | Type::Int | Type::Bool) || (all != Type::Dyn && all != of) {
                return Err(unknown());
            }
            all = of;
        }
        Ok(Type::String)
    }

    fn quantified(
        &mut self,
        kind: Macro,
        range: &Expression,
        variable: &str,
        body: &Expression,
        keep: Option<&Expression>,
    ) -> Checked {
        let range = self.check(range)?;
        let element = match &range {
            Type::List(of) => (**of).clone(),
            Type::Map(key, _) => (**key).clone(),
            Type::Dyn | Type::Free => Type::Dyn,
            _ => return Err(NotTaken("a macro is asked of what is no list and no map".to_owned())),
        };
        if element.is_free() {
            return Err(NotTaken("it is not known of what type elements are".to_owned()));
        }
        if variable.starts_with("__") || variable == "authorizer" || PREFIXES.contains(&variable) {
            return Err(NotTaken(format!("`{variable}` is no name of one's own")));
        }
        self.names.push((variable.to_owned(), element.clone()));
        let truth = |checker: &mut Self, part: &Expression| checker.is_bool(part);
        let of = match kind {
            Macro::All | Macro::Exists | Macro::ExistsOne => truth(self, body).map(|()| Type::Bool),
            Macro::Filter => truth(self, body).map(|()| Type::list(element)),
            Macro::Map => match keep.map(|keep| truth(self, keep)) {
                Some(Err(refused)) => Err(refused),
                _ => self.check(body).map(Type::list),
            },
        };
        self.names.pop();
        of
    }
}

fn signature(operator: Operator) -> &'static str {
    match operator {
        Operator::Equal | Operator::Different => "_==_",
        Operator::Less | Operator::LessOrEqual | Operator::More | Operator::MoreOrEqual => "_<_",
        Operator::In => "_in_",
        Operator::Add => "_+_",
        Operator::Subtract => "_-_",
        Operator::Multiply | Operator::Divide => "_*_",
        Operator::Remainder => "_%_",
    }
}
