//! What the API server takes when a policy is written. It refuses a policy of which it cannot take an expression, and one that
//! may be refused refuses nothing: so only what is surely taken counts.
//!
//! Source: <https://github.com/google/cel-spec/blob/master/doc/langdef.md>, `checker` of cel-go, `BuildRequestType` and
//! `BuildNamespaceType` of `k8s.io/apiserver`.

use super::constants;
use super::pattern::Pattern;
use super::settled::{Settled, Type};
use super::signatures;
use watertight_cel::{Expression, Literal, Macro, Operator};

pub(super) const NULL: Type = Type::Is("null");
pub(super) const BOOL: Type = Type::Is("bool");
pub(super) const STRING: Type = Type::Is("string");
const INT: Type = Type::Is("int");

/// Names with their types: those of macros last.
#[derive(Debug, Clone)]
pub(super) struct Types {
    names: Vec<(String, Type)>,
    variables: Vec<(String, Type)>,
    settled: Settled,
}

impl Types {
    /// What each expression of a policy may name; parameters only if it takes any.
    pub(super) fn new(params: bool) -> Self {
        let names = [
            ("object", Type::Dyn),
            ("oldObject", Type::Dyn),
            ("request", Type::Struct("request")),
            ("namespaceObject", Type::Struct("namespace")),
            ("authorizer", Type::Is("Authorizer")),
        ];
        let names = names.into_iter().chain(params.then_some(("params", Type::Dyn)));
        let names = names.map(|(name, of)| (name.to_owned(), of)).collect();
        Self { names, variables: Vec::new(), settled: Settled::default() }
    }

    /// The same without `authorizer`, which messages do not see.
    pub(super) fn of_messages(&self) -> Self {
        let names = self.names.iter().filter(|(name, _)| name != "authorizer");
        Self { names: names.cloned().collect(), ..self.clone() }
    }

    /// Adds a variable of the policy.
    pub(super) fn add_variable(&mut self, name: &str, of: Type) {
        if self.variables.is_empty() {
            self.names.push(("variables".to_owned(), Type::Struct("variables")));
        }
        self.variables.push((name.to_owned(), of));
    }

    /// The type of a whole expression; `None` if it may not be taken.
    pub(super) fn of_whole(&mut self, expression: &Expression) -> Option<Type> {
        self.settled = Settled::default();
        let of = self.of(expression)?;
        Some(self.settled.at_last(&of))
    }

    fn of(&mut self, expression: &Expression) -> Option<Type> {
        Some(match expression {
            Expression::Literal(literal) => Type::Is(match literal {
                Literal::Null => "null",
                Literal::Bool(_) => "bool",
                Literal::Int(_) => "int",
                Literal::Uint(_) => "uint",
                Literal::Double(_) => "double",
                Literal::Text(_) => "string",
                Literal::Bytes => "bytes",
            }),
            Expression::Name(name) => {
                self.names.iter().rev().find(|(known, _)| known == name).map(|(_, of)| of.clone())?
            }
            Expression::List(parts) => Type::list(self.alike(parts)?),
            Expression::Map(entries) => {
                let keys = self.alike(entries.iter().map(|(key, _)| key))?;
                let values = self.alike(entries.iter().map(|(_, value)| value))?;
                // Nothing else is a key.
                matches!(keys, Type::Dyn | Type::Open(_) | Type::Is(_)).then(|| Type::map(keys, values))?
            }
            Expression::Select { of, field, optional } => match self.select(of, field, *optional)? {
                selected if *optional && selected.within().is_none() => Type::optional(selected),
                selected => selected,
            },
            Expression::Has { of, field } => self.select(of, field, true).map(|_| BOOL)?,
            // No list, map, bytes or null that is written is a place in something.
            Expression::Index { index, .. } if constants::written(index) == Some("other") => return None,
            Expression::Index { of, index, optional } => {
                self.asked(if *optional { "[?]" } else { "[]" }, [&**of, &**index])?
            }
            Expression::Not(part) => self.truths([&**part])?,
            Expression::Minus(part) => self.asked("-", [&**part])?,
            Expression::And(parts) | Expression::Or(parts) => self.truths(parts)?,
            Expression::Choice(parts) => self.asked("?:", parts.iter())?,
            Expression::Binary(operator, sides) => self.asked(name_of(*operator), sides.iter())?,
            Expression::Macro { kind, range, variable, body, keep } => {
                self.macroed(*kind, range, variable, body, keep.as_deref())?
            }
            Expression::Call { target, function, arguments } => {
                self.called(target.as_deref(), function, arguments)?
            }
        })
    }

    fn truths<'e>(&mut self, parts: impl IntoIterator<Item = &'e Expression>) -> Option<Type> {
        let mut parts = parts.into_iter();
        let is_truth = |part| self.of(part).is_some_and(|of| self.settled.takes(&of, &BOOL));
        parts.all(is_truth).then_some(BOOL)
    }

    /// The type of all elements: the server asks for one.
    fn alike<'e>(&mut self, parts: impl IntoIterator<Item = &'e Expression>) -> Option<Type> {
        let mut all: Option<Type> = None;
        for part in parts {
            let of = self.of(part)?;
            if let Some(known) = &all {
                let is_alike =
                    self.settled.takes(&of, known) && self.settled.of(&of) == self.settled.of(known);
                is_alike.then_some(())?;
            }
            all = Some(of);
        }
        Some(all.unwrap_or_else(|| self.settled.open()))
    }

    fn select(&mut self, of: &Expression, field: &str, is_asked_for: bool) -> Option<Type> {
        let whole = self.of(of)?;
        let whole = self.settled.of(&whole);
        let inner = whole.within().unwrap_or(&whole);
        let found = match inner {
            Type::Dyn => Type::Dyn,
            Type::Open(_) => self.settled.takes(&Type::Dyn, inner).then_some(Type::Dyn)?,
            Type::Of("map", parts) => parts.get(1)?.clone(),
            Type::Struct("variables") => {
                self.variables.iter().find(|(name, _)| name == field).map(|(_, of)| of.clone())?
            }
            Type::Struct(structure) => field_of(structure, field)?,
            // This is one name with a dot in it, and no field.
            Type::Is("Authorizer") if field == "requestResource" && !is_asked_for => {
                matches!(of, Expression::Name(_)).then_some(Type::Is("ResourceCheck"))?
            }
            _ => return None,
        };
        Some(if whole.within().is_some() { Type::optional(found) } else { found })
    }

    fn asked<'e>(&mut self, name: &str, parts: impl IntoIterator<Item = &'e Expression>) -> Option<Type> {
        let given = parts.into_iter().map(|part| self.of(part)).collect::<Option<Vec<_>>>()?;
        // What is open is settled by the first that fits, and which one the server tries first is not followed.
        let is_open = given.iter().any(|of| self.settled.is_open(of));
        let mut found: Option<Type> = None;
        for row in signatures::named(name) {
            let mut settled = self.settled.clone();
            let (takes, gives) = signatures::read(row, &mut settled)?;
            let fits = takes.len() == given.len()
                && given.iter().zip(&takes).all(|(given, asked)| settled.takes(given, asked));
            if !fits {
                continue;
            }
            let gives = settled.of(&gives);
            found = Some(match found {
                Some(_) if is_open => return None,
                Some(known) if known != gives => Type::Dyn,
                _ => gives,
            });
            self.settled = settled;
        }
        found
    }

    fn macroed(
        &mut self,
        kind: Macro,
        range: &Expression,
        variable: &str,
        body: &Expression,
        keep: Option<&Expression>,
    ) -> Option<Type> {
        let range = self.of(range)?;
        let element = match self.settled.of(&range) {
            Type::Of("list" | "map", parts) => parts.into_iter().next()?,
            Type::Dyn => Type::Dyn,
            open @ Type::Open(_) => self.settled.takes(&Type::Dyn, &open).then_some(Type::Dyn)?,
            _ => return None,
        };
        // These are parts of names with a dot in them.
        let is_a_part = ["authorizer", "optional", "sets"].contains(&variable);
        if variable.starts_with("__") || is_a_part {
            return None;
        }
        self.names.push((variable.to_owned(), element.clone()));
        let of = match kind {
            Macro::All | Macro::Exists | Macro::ExistsOne => self.truths([body]),
            Macro::Filter => self.truths([body]).map(|_| Type::list(element)),
            Macro::Map => self.truths(keep).and_then(|_| self.of(body)).map(Type::list),
        };
        self.names.pop();
        of
    }

    fn called(
        &mut self,
        target: Option<&Expression>,
        function: &str,
        arguments: &[Expression],
    ) -> Option<Type> {
        let (name, target) = match target {
            Some(Expression::Name(first)) if ["optional", "sets"].contains(&first.as_str()) => {
                (format!("{first}.{function}"), None)
            }
            Some(target) => (format!(".{function}"), Some(target)),
            None => (function.to_owned(), None),
        };
        if name == ".format" {
            return self.formatted(target?, arguments);
        }
        let all: Vec<&Expression> = target.into_iter().chain(arguments).collect();
        let is_of_patterns = [".matches", "matches", ".find", ".findAll"].contains(&name.as_str());
        if let (true, Some(text)) = (is_of_patterns, all.get(1).and_then(|it| constants::text(it))) {
            Pattern::read(text)?;
        }
        if all.first().is_some_and(|of| constants::may_fail(&name, of)) {
            return None;
        }
        self.asked(&name, all)
    }

    /// `format` of a text with nothing but `%s`, as often as there are arguments.
    fn formatted(&mut self, target: &Expression, arguments: &[Expression]) -> Option<Type> {
        let (Expression::Literal(Literal::Text(text)), [Expression::List(parts)]) = (target, arguments)
        else {
            return None;
        };
        let text = text.replace("%%", "");
        let places = text.matches("%s").count();
        if places != parts.len() || text.matches('%').count() != places {
            return None;
        }
        let types = parts.iter().map(|part| self.of(part)).collect::<Option<Vec<_>>>()?;
        let mut known: Vec<Type> = types.into_iter().filter(|of| *of != Type::Dyn).collect();
        known.dedup();
        (known.len() < 2 && known.iter().all(|of| [STRING, INT, BOOL].contains(of))).then_some(STRING)
    }
}

fn name_of(operator: Operator) -> &'static str {
    match operator {
        Operator::Equal | Operator::Different => "==",
        Operator::Less | Operator::LessOrEqual | Operator::More | Operator::MoreOrEqual => "<",
        Operator::In => "in",
        Operator::Add => "+",
        Operator::Subtract => "-",
        Operator::Multiply | Operator::Divide => "*",
        Operator::Remainder => "%",
    }
}

fn field_of(structure: &str, field: &str) -> Option<Type> {
    let strings = || Type::list(STRING);
    Some(match (structure, field) {
        ("request", "kind" | "requestKind") => Type::Struct("kind"),
        ("request", "resource" | "requestResource") => Type::Struct("resource"),
        ("request", "subResource" | "requestSubResource" | "name" | "namespace" | "operation") => STRING,
        ("request", "userInfo") => Type::Struct("userInfo"),
        ("request", "dryRun") => BOOL,
        ("request", "options") => Type::Dyn,
        ("kind", "group" | "version" | "kind") => STRING,
        ("resource", "group" | "version" | "resource") => STRING,
        ("userInfo", "username" | "uid") => STRING,
        ("userInfo", "groups") => strings(),
        ("userInfo", "extra") => Type::map(STRING, strings()),
        ("namespace", "metadata") => Type::Struct("namespace.metadata"),
        ("namespace", "spec") => Type::Struct("namespace.spec"),
        ("namespace", "status") => Type::Struct("namespace.status"),
        ("namespace.spec", "finalizers") => strings(),
        ("namespace.status", "phase") => STRING,
        ("namespace.metadata", "name" | "generateName" | "namespace" | "UID" | "resourceVersion") => STRING,
        ("namespace.metadata", "labels" | "annotations") => Type::map(STRING, STRING),
        ("namespace.metadata", "creationTimestamp" | "deletionTimestamp") => Type::Is("timestamp"),
        ("namespace.metadata", "deletionGracePeriodSeconds" | "generation") => INT,
        ("namespace.metadata", "finalizers") => strings(),
        _ => return None,
    })
}
