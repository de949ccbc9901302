//! What an expression may come out as: part by part, for every possibility of each. What two parts have to do with each other is
//! lost, so that more may seem possible than is.
//!
//! Source: <https://github.com/google/cel-spec/blob/master/doc/langdef.md>.

use super::value::{Item, List, Map, May, Truth, anything, contained, equal, text, together};
use std::cell::Cell;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use watertight_cel::{Expression, Literal, Macro, Operator};

/// How many parts are looked at for one request. Beyond, nothing is known.
const MAX_STEPS: usize = 100_000;

/// What names stand for.
#[derive(Debug)]
pub(super) struct Names {
    names: BTreeMap<String, May>,
    steps: Cell<usize>,
}

impl Names {
    pub(super) fn new(names: impl IntoIterator<Item = (&'static str, May)>) -> Self {
        let names = names.into_iter().map(|(name, may)| (name.to_owned(), may)).collect();
        Self { names, steps: Cell::new(MAX_STEPS) }
    }

    /// The same with the variables of a policy, each of which sees those before it.
    pub(super) fn with_variables(mut self, variables: &[(String, Expression)]) -> Self {
        let mut known = Map::default();
        for (name, expression) in variables {
            self.names.insert("variables".to_owned(), vec![Item::Map(known.clone())]);
            let may = self.evaluate(expression);
            known.fields.insert(name.clone(), may);
        }
        self.names.insert("variables".to_owned(), vec![Item::Map(known)]);
        self
    }

    /// What an expression may come out as.
    pub(super) fn evaluate(&self, expression: &Expression) -> May {
        self.of(expression, &[])
    }

    /// The same, where macros have given names to elements: the inner ones last.
    fn of(&self, expression: &Expression, locals: &[(&str, May)]) -> May {
        let Some(left) = self.steps.get().checked_sub(1) else { return anything() };
        self.steps.set(left);
        let of = |part: &Expression| self.of(part, locals);
        match expression {
            Expression::Literal(literal) => vec![written(literal)],
            Expression::Name(name) => {
                let local = locals.iter().rev().find(|(local, _)| local == name).map(|(_, may)| may);
                local.or_else(|| self.names.get(name)).cloned().unwrap_or_else(anything)
            }
            Expression::List(parts) => {
                let elements: Vec<May> = parts.iter().map(of).collect();
                let may_fail = elements.iter().any(|element| element.contains(&Item::Error));
                let there = |may: May| may.into_iter().filter(|item| *item != Item::Error).collect();
                let elements = elements.into_iter().map(there).collect();
                let list = Item::List(List { elements, open: false });
                together([Some(list), may_fail.then_some(Item::Error)].into_iter().flatten())
            }
            // One with entries is asked by key; which are there is not followed.
            Expression::Map(entries) if entries.is_empty() => vec![Item::Map(Map::default())],
            Expression::Map(_) => anything(),
            Expression::Select { of: whole, field, optional } => {
                each(&of(whole), |whole| select(whole, field, *optional))
            }
            Expression::Has { of: whole, field } => each(&of(whole), |whole| has(whole, field)),
            Expression::Index { of: whole, index, optional } => {
                pairs(&of(whole), &of(index), |whole, index| at(whole, index, *optional))
            }
            Expression::Not(part) => Truth::of(&of(part)).not().may(),
            Expression::And(parts) => Truth::all(parts.iter().map(|part| Truth::of(&of(part)))).may(),
            Expression::Or(parts) => {
                Truth::all(parts.iter().map(|part| Truth::of(&of(part)).not())).not().may()
            }
            Expression::Choice(parts) => {
                let [condition, then, otherwise] = &**parts;
                let asked = Truth::of(&of(condition));
                let then = if asked.yes { of(then) } else { May::new() };
                let otherwise = if asked.no { of(otherwise) } else { May::new() };
                together(then.into_iter().chain(otherwise).chain(asked.error.then_some(Item::Error)))
            }
            Expression::Binary(operator, sides) => {
                let [one, other] = &**sides;
                pairs(&of(one), &of(other), |one, other| binary(*operator, one, other))
            }
            Expression::Macro { kind, range, variable, body, .. } => {
                let asked = |element: &May| {
                    let inner: Vec<(&str, May)> =
                        locals.iter().cloned().chain([(variable.as_str(), element.clone())]).collect();
                    Truth::of(&self.of(body, &inner))
                };
                each(&of(range), |range| quantified(*kind, range, &asked))
            }
            Expression::Call { target, function, arguments } => {
                let arguments: Vec<May> = target.iter().map(|it| &**it).chain(arguments).map(of).collect();
                called(function, &arguments)
            }
            Expression::Minus(_) => anything(),
        }
    }
}

fn written(literal: &Literal) -> Item {
    match literal {
        Literal::Null => Item::Null,
        Literal::Bool(holds) => Item::Bool(*holds),
        Literal::Int(number) => Item::Int(*number),
        Literal::Text(text) => Item::Text(text.clone()),
        Literal::Uint(_) | Literal::Double(_) | Literal::Bytes => Item::Unknown,
    }
}

/// What follows from each possibility; from an error an error follows.
fn each(of: &[Item], next: impl Fn(&Item) -> May) -> May {
    let next = |item: &Item| if *item == Item::Error { vec![Item::Error] } else { next(item) };
    together(of.iter().flat_map(next))
}

fn pairs(one: &[Item], other: &[Item], next: impl Fn(&Item, &Item) -> May) -> May {
    each(one, |one| each(other, |other| next(one, other)))
}

/// A field as an optional: empty where there is none.
fn perhaps(field: May) -> May {
    let of = |item: Item| match item {
        Item::Error => Item::Optional(None),
        there => Item::Optional(Some(Box::new(there))),
    };
    together(field.into_iter().map(of))
}

fn select(of: &Item, field: &str, optional: bool) -> May {
    match of {
        Item::Map(map) if optional => perhaps(map.field(field)),
        Item::Map(map) => map.field(field),
        Item::Optional(Some(inner)) => select(inner, field, true),
        Item::Optional(None) => vec![Item::Optional(None)],
        Item::Unknown => anything(),
        _ if optional => anything(),
        _ => vec![Item::Error],
    }
}

fn has(of: &Item, field: &str) -> May {
    match of {
        Item::Map(map) => contained(&Item::Text(field.to_owned()), &Item::Map(map.clone())).may(),
        Item::Unknown | Item::Optional(_) => Truth { error: true, ..Truth::EITHER }.may(),
        // What has no fields has not this one, or cannot be asked.
        _ => vec![Item::Bool(false), Item::Error],
    }
}

fn at(of: &Item, index: &Item, optional: bool) -> May {
    let found = match (of, index) {
        (Item::Map(map), Item::Text(name)) => map.field(name),
        (Item::List(List { elements, open: false }), Item::Int(index)) => {
            let element = usize::try_from(*index).ok().and_then(|index| elements.get(index));
            element.cloned().unwrap_or_else(|| vec![Item::Error])
        }
        (Item::Optional(Some(inner)), index) => return at(inner, index, true),
        (Item::Optional(None), _) => return vec![Item::Optional(None)],
        (Item::Map(_), Item::Int(_) | Item::Bool(_)) if !optional => return vec![Item::Error],
        _ => return anything(),
    };
    if optional { perhaps(found) } else { found }
}

fn binary(operator: Operator, one: &Item, other: &Item) -> May {
    match operator {
        Operator::Equal => equal(one, other).may(),
        Operator::Different => equal(one, other).not().may(),
        Operator::In => contained(one, other).may(),
        Operator::Less => ordered(one, other, Ordering::is_lt),
        Operator::LessOrEqual => ordered(one, other, Ordering::is_le),
        Operator::More => ordered(one, other, Ordering::is_gt),
        Operator::MoreOrEqual => ordered(one, other, Ordering::is_ge),
        Operator::Add => sum(one, other),
        Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Remainder => anything(),
    }
}

fn ordered(one: &Item, other: &Item, wanted: fn(Ordering) -> bool) -> May {
    let sure = |order: Ordering| Truth::sure(wanted(order)).may();
    // An integer that may be greater than its bound: as the bound, or in any way from there up.
    let from = |bound: Ordering, end: Ordering| {
        let between = if bound == end { bound } else { Ordering::Equal };
        [bound, between, end]
            .map(|order| Truth::sure(wanted(order)))
            .into_iter()
            .fold(Truth::default(), Truth::or)
    };
    match (one, other) {
        (Item::Int(one), Item::Int(other)) => sure(one.cmp(other)),
        (Item::AtLeast(least), Item::Int(int)) => from(least.cmp(int), Ordering::Greater).may(),
        (Item::Int(int), Item::AtLeast(least)) => from(int.cmp(least), Ordering::Less).may(),
        (Item::Text(one), Item::Text(other)) => sure(one.cmp(other)),
        (Item::AtLeast(_), Item::AtLeast(_)) => Truth::EITHER.may(),
        (Item::Text(_) | Item::OtherText(_), Item::Text(_) | Item::OtherText(_)) => Truth::EITHER.may(),
        _ => Truth { error: true, ..Truth::EITHER }.may(),
    }
}

fn sum(one: &Item, other: &Item) -> May {
    match (one, other) {
        (Item::Text(one), Item::Text(other)) => text(format!("{one}{other}")),
        (Item::List(one), Item::List(other)) => {
            let elements = one.elements.iter().chain(&other.elements).cloned().collect();
            vec![Item::List(List { elements, open: one.open || other.open })]
        }
        _ => anything(),
    }
}

/// `all` and `exists`: one element that decides takes the errors of all others away.
fn quantified(kind: Macro, range: &Item, asked: &impl Fn(&May) -> Truth) -> May {
    // Each element, and whether it is surely there.
    let (mut elements, open): (Vec<(May, bool)>, bool) = match range {
        Item::List(List { elements, open }) => {
            (elements.iter().map(|element| (element.clone(), true)).collect(), *open)
        }
        Item::Map(Map { fields, open }) => {
            let there = fields.iter().filter(|(_, may)| may.iter().any(|item| *item != Item::Error));
            (there.map(|(name, may)| (text(name), !may.contains(&Item::Error))).collect(), *open)
        }
        Item::Unknown => return Truth { error: true, ..Truth::EITHER }.may(),
        _ => return vec![Item::Error],
    };
    elements.extend(open.then(|| (vec![Item::Unknown], false)));
    let parts = elements.iter().map(|(element, is_there)| {
        let truth = asked(element);
        let truth = if kind == Macro::All { truth } else { truth.not() };
        // What may not be there may as well hold.
        if *is_there { truth } else { truth.or(Truth::sure(true)) }
    });
    let all = Truth::all(parts);
    match kind {
        Macro::All => all.may(),
        Macro::Exists => all.not().may(),
        Macro::ExistsOne | Macro::Filter | Macro::Map => anything(),
    }
}

fn called(function: &str, arguments: &[May]) -> May {
    match (function, arguments) {
        ("size", [of]) => each(of, size),
        ("string", [of]) => each(of, |of| match of {
            Item::Text(_) => vec![of.clone()],
            Item::Int(number) => text(number.to_string()),
            _ => anything(),
        }),
        ("hasValue", [of]) => each(of, |of| match of {
            Item::Optional(inner) => vec![Item::Bool(inner.is_some())],
            _ => anything(),
        }),
        ("orValue", [of, other]) => pairs(of, other, |of, other| match of {
            Item::Optional(Some(inner)) => vec![(**inner).clone()],
            Item::Optional(None) => vec![other.clone()],
            _ => anything(),
        }),
        ("startsWith" | "endsWith" | "contains", [of, with]) => {
            pairs(of, with, |of, with| match (of, with) {
                (Item::Text(of), Item::Text(with)) => vec![Item::Bool(match function {
                    "startsWith" => of.starts_with(with),
                    "endsWith" => of.ends_with(with),
                    _ => of.contains(with),
                })],
                (Item::Text(_) | Item::OtherText(_), Item::Text(_) | Item::OtherText(_)) => {
                    Truth::EITHER.may()
                }
                (Item::Unknown, _) | (_, Item::Unknown) => Truth { error: true, ..Truth::EITHER }.may(),
                _ => vec![Item::Error],
            })
        }
        _ => anything(),
    }
}

/// How long a text, a list or a map is: exactly, or at least.
fn size(of: &Item) -> May {
    let (least, is_exact) = match of {
        Item::Text(text) => (text.chars().count(), true),
        Item::OtherText(texts) => (usize::from(texts.contains("")), false),
        Item::List(List { elements, open }) => (elements.len(), !open),
        Item::Map(Map { fields, open }) => {
            let there = fields.values().filter(|may| may.iter().any(|item| *item != Item::Error));
            let sure = there.clone().filter(|may| !may.contains(&Item::Error)).count();
            (sure, !open && sure == there.count())
        }
        Item::Unknown => return anything(),
        _ => return vec![Item::Error],
    };
    match i64::try_from(least) {
        Ok(least) if is_exact => vec![Item::Int(least)],
        Ok(least) => vec![Item::AtLeast(least)],
        Err(_) => anything(),
    }
}
