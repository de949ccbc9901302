//! What an expression may come out as: part by part, for every possibility of each. What two parts have to do with each other is
//! lost, so that more may seem possible than is.
//!
//! Source: <https://github.com/google/cel-spec/blob/master/doc/langdef.md>.

use super::calls::{called, or_else};
use super::value::{
    Item, List, Map, May, Truth, anything, contained, equal, is_there, may_fail, of_number, text, there,
    together,
};
use std::cell::Cell;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use watertight_cel::{Expression, Literal, Macro, Operator};

/// How much is looked at for one request. Beyond, nothing is known.
const MAX_WORK: usize = 1_000_000;

/// The longest text, in bytes, that is put together. Beyond, it is any.
const MAX_BYTES: usize = 10_000;

/// What names stand for.
#[derive(Debug)]
pub(super) struct Names {
    names: BTreeMap<String, May>,
    /// Those of a policy.
    variables: BTreeMap<String, May>,
    left: Cell<usize>,
}

/// What a macro calls an element, and what outer ones do.
#[derive(Clone, Copy)]
struct Locals<'l> {
    name: &'l str,
    may: &'l May,
    outer: Option<&'l Self>,
}

impl Names {
    pub(super) fn new(names: impl IntoIterator<Item = (&'static str, May)>) -> Self {
        let names = names.into_iter().map(|(name, may)| (name.to_owned(), may)).collect();
        Self { names, variables: BTreeMap::new(), left: Cell::new(MAX_WORK) }
    }

    /// The same with the variables of a policy, each of which sees those before it.
    pub(super) fn with_variables(mut self, variables: &[(String, Expression)]) -> Self {
        for (name, expression) in variables {
            let may = self.evaluate(expression);
            self.variables.insert(name.clone(), may);
        }
        self
    }

    /// What an expression may come out as.
    pub(super) fn evaluate(&self, expression: &Expression) -> May {
        self.of(expression, None)
    }

    /// Takes from the work that is left; whether there was so much.
    fn affords(&self, work: usize) -> bool {
        let left = self.left.get().checked_sub(work);
        self.left.set(left.unwrap_or_default());
        left.is_some()
    }

    fn named(&self, may: Option<&May>) -> May {
        let may = may.filter(|may| self.affords(size(may)));
        may.cloned().unwrap_or_else(anything)
    }

    /// The same, where macros have given names to elements.
    fn of(&self, expression: &Expression, locals: Option<&Locals<'_>>) -> May {
        if !self.affords(1) {
            return anything();
        }
        let of = |part: &Expression| self.of(part, locals);
        match expression {
            Expression::Literal(literal) => vec![written(literal)],
            Expression::Name(name) => match local(locals, name) {
                Some(may) => self.named(Some(may)),
                None => self.named(self.names.get(name)),
            },
            Expression::List(parts) => {
                let elements: Vec<May> = parts.iter().map(of).collect();
                whole(&elements, |elements| Item::List(List { elements, open: false })).collect()
            }
            Expression::Map(entries) => map(entries, of),
            Expression::Select { of: whole, field, optional } => match &**whole {
                Expression::Name(name) if name == "variables" && local(locals, name).is_none() => {
                    match optional {
                        true => anything(),
                        false => self.named(self.variables.get(field)),
                    }
                }
                whole => each(&of(whole), |whole| select(whole, field, *optional)),
            },
            Expression::Has { of: whole, field } => each(&of(whole), |whole| has(whole, field)),
            Expression::Index { of: whole, index, optional } => {
                pairs(&of(whole), &of(index), |whole, index| at(whole, index, *optional))
            }
            Expression::Not(part) => Truth::of(&of(part)).not().may(),
            Expression::Minus(part) => each(&of(part), |part| {
                vec![match part {
                    Item::Int(number) => number.checked_neg().map_or(Item::Error, Item::Int),
                    Item::Double(number) => Item::Double(-number),
                    Item::AtLeast(_) | Item::Unknown => return anything(),
                    _ => Item::Error,
                }]
            }),
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
                let [one, other] = [of(&sides[0]), of(&sides[1])];
                match self.affords(size(&one) * other.len() + size(&other) * one.len()) {
                    true => pairs(&one, &other, |one, other| binary(*operator, one, other)),
                    false => anything(),
                }
            }
            Expression::Macro { kind, range, variable, body, keep } => {
                let asked = |part: &Expression, may: &May| {
                    self.of(part, Some(&Locals { name: variable, may, outer: locals }))
                };
                let body = |may: &May| asked(body, may);
                let keep = keep.as_ref().map(|keep| move |may: &May| asked(keep, may));
                each(&of(range), |range| quantified(*kind, range, &body, keep.as_ref()))
            }
            Expression::Call { target, function, arguments } => match (target, arguments.as_slice()) {
                // What stands behind is asked only if there is nothing before it.
                (Some(target), [other]) if ["or", "orValue"].contains(&function.as_str()) => {
                    or_else(function, &of(target), || of(other))
                }
                (Some(target), _) if is_optional(target) => {
                    called(&format!("optional.{function}"), &arguments.iter().map(of).collect::<Vec<_>>())
                }
                (target, arguments) => {
                    let all = target.iter().map(|it| &**it).chain(arguments);
                    called(function, &all.map(of).collect::<Vec<_>>())
                }
            },
        }
    }
}

/// How much there is in all that something may be.
fn size(may: &May) -> usize {
    may.iter().map(Item::size).sum()
}

fn local<'l>(mut locals: Option<&Locals<'l>>, name: &str) -> Option<&'l May> {
    while let Some(found) = locals {
        if found.name == name {
            return Some(found.may);
        }
        locals = found.outer;
    }
    None
}

fn is_optional(target: &Expression) -> bool {
    matches!(target, Expression::Name(name) if name == "optional")
}

/// What is made of parts that all come out as something; and an error, if one may fail.
fn whole(parts: &[May], made: impl FnOnce(Vec<May>) -> Item) -> impl Iterator<Item = Item> {
    let is_possible = parts.iter().all(|part| is_there(part));
    let error = parts.iter().any(|part| may_fail(part)).then_some(Item::Error);
    let made = is_possible.then(|| made(parts.iter().map(|part| there(part)).collect()));
    made.into_iter().chain(error)
}

/// One whose keys are texts that are written.
fn map(entries: &[(Expression, Expression)], of: impl Fn(&Expression) -> May) -> May {
    let key = |(key, _): &(Expression, Expression)| match key {
        Expression::Literal(Literal::Text(key)) => Some(key.clone()),
        _ => None,
    };
    let Some(keys) = entries.iter().map(key).collect::<Option<Vec<_>>>() else { return anything() };
    let values: Vec<May> = entries.iter().map(|(_, value)| of(value)).collect();
    // What becomes of a key that is there twice is not followed.
    if keys.iter().collect::<BTreeSet<_>>().len() < keys.len() {
        return anything();
    }
    let made = whole(&values, |values| {
        Item::Map(Map { fields: keys.iter().cloned().zip(values).collect(), open: false })
    });
    together(made)
}

fn written(literal: &Literal) -> Item {
    match literal {
        Literal::Null => Item::Null,
        Literal::Bool(holds) => Item::Bool(*holds),
        Literal::Int(number) => Item::Int(*number),
        Literal::Text(text) => Item::Text(text.clone()),
        Literal::Double(number) => Item::Double(*number),
        Literal::Uint(_) | Literal::Bytes => Item::Unknown,
    }
}

/// What follows from each possibility; from an error an error follows.
pub(super) fn each(of: &[Item], next: impl Fn(&Item) -> May) -> May {
    let next = |item: &Item| if *item == Item::Error { vec![Item::Error] } else { next(item) };
    together(of.iter().flat_map(next))
}

pub(super) fn pairs(one: &[Item], other: &[Item], next: impl Fn(&Item, &Item) -> May) -> May {
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
        (Item::Unknown, _) | (_, Item::Unknown | Item::AtLeast(_)) => return anything(),
        // A whole number is a place in a list, however it is written.
        (Item::Map(_), Item::OtherText(_)) | (Item::List(_), Item::Int(_) | Item::Double(_)) => {
            return anything();
        }
        // What has no such places has this one neither.
        _ if optional => return anything(),
        _ => return vec![Item::Error],
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
        Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Remainder => {
            calculated(operator, one, other)
        }
    }
}

fn calculated(operator: Operator, one: &Item, other: &Item) -> May {
    use Operator::{Add, Divide, Multiply, Remainder, Subtract};
    match (operator, one, other) {
        (_, Item::Int(one), Item::Int(other)) => {
            let number = match operator {
                Add => one.checked_add(*other),
                Subtract => one.checked_sub(*other),
                Multiply => one.checked_mul(*other),
                Divide => one.checked_div(*other),
                Remainder => one.checked_rem(*other),
                _ => return anything(),
            };
            vec![number.map_or(Item::Error, Item::Int)]
        }
        (Add, Item::Text(one), Item::Text(other)) if one.len() + other.len() <= MAX_BYTES => {
            text(format!("{one}{other}"))
        }
        (Add, Item::Text(_) | Item::OtherText(_), Item::Text(_) | Item::OtherText(_)) => {
            vec![Item::OtherText(BTreeSet::new())]
        }
        (Add, Item::List(one), Item::List(other)) => {
            let elements = one.elements.iter().chain(&other.elements).cloned().collect();
            vec![Item::List(List { elements, open: one.open || other.open })]
        }
        (_, Item::Double(_) | Item::AtLeast(_) | Item::Unknown, _)
        | (_, _, Item::Double(_) | Item::AtLeast(_) | Item::Unknown) => anything(),
        _ => vec![Item::Error],
    }
}

fn ordered(one: &Item, other: &Item, wanted: fn(Ordering) -> bool) -> May {
    let sure = |order: Ordering| Truth::sure(wanted(order)).may();
    let either = || Truth::EITHER.may();
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
        (Item::Double(one), Item::Double(other)) => one.partial_cmp(other).map_or(either(), sure),
        (Item::Int(int), Item::Double(double)) => of_number(*int, *double).map_or(either(), sure),
        (Item::Double(double), Item::Int(int)) => {
            of_number(*int, *double).map_or(either(), |order| sure(order.reverse()))
        }
        (Item::Bool(one), Item::Bool(other)) => sure(one.cmp(other)),
        (Item::AtLeast(_) | Item::Double(_), Item::AtLeast(_) | Item::Double(_)) => either(),
        (Item::Text(_) | Item::OtherText(_), Item::Text(_) | Item::OtherText(_)) => either(),
        (Item::Unknown, _) | (_, Item::Unknown) => Truth { error: true, ..Truth::EITHER }.may(),
        _ => vec![Item::Error],
    }
}

/// A macro over each element, or over the names of fields.
fn quantified(
    kind: Macro,
    range: &Item,
    body: &impl Fn(&May) -> May,
    keep: Option<&impl Fn(&May) -> May>,
) -> May {
    // Each element, and whether it is surely there.
    let (mut elements, open): (Vec<(May, bool)>, bool) = match range {
        Item::List(List { elements, open }) => {
            (elements.iter().map(|element| (element.clone(), true)).collect(), *open)
        }
        Item::Map(Map { fields, open }) => {
            let there = fields.iter().filter(|(_, may)| is_there(may));
            (there.map(|(name, may)| (text(name), !may_fail(may))).collect(), *open)
        }
        Item::Unknown => {
            return match kind {
                Macro::All | Macro::Exists | Macro::ExistsOne => Truth { error: true, ..Truth::EITHER }.may(),
                Macro::Filter | Macro::Map => {
                    vec![Item::List(List { open: true, ..List::default() }), Item::Error]
                }
            };
        }
        _ => return vec![Item::Error],
    };
    elements.extend(open.then(|| (vec![Item::Unknown], false)));
    let asked = |element: &May| Truth::of(&body(element));
    match kind {
        Macro::All => every(&elements, asked).may(),
        Macro::Exists => every(&elements, |element| asked(element).not()).not().may(),
        Macro::ExistsOne => just_one(&elements, asked).may(),
        Macro::Filter => listed(elements, asked, |element| element.clone()),
        Macro::Map => match keep {
            Some(keep) => listed(elements, |element| Truth::of(&keep(element)), body),
            None => listed(elements, |_| Truth::sure(true), body),
        },
    }
}

/// Whether something holds for all of them: one for which it surely does not takes the errors of all others away.
fn every(elements: &[(May, bool)], asked: impl Fn(&May) -> Truth) -> Truth {
    Truth::all(elements.iter().map(|(element, is_there)| {
        let truth = asked(element);
        // What may not be there may as well hold.
        if *is_there { truth } else { truth.or(Truth::sure(true)) }
    }))
}

/// Whether it holds for one and no more. Each is asked, and each error is one of all.
fn just_one(elements: &[(May, bool)], asked: impl Fn(&May) -> Truth) -> Truth {
    let mut all = Truth::default();
    let (mut least, mut most) = (0, 0);
    for (element, is_there) in elements {
        let truth = asked(element);
        if *is_there && !truth.yes && !truth.no {
            return Truth { error: true, ..Truth::default() };
        }
        all.error |= truth.error;
        least += usize::from(*is_there && truth.yes && !truth.no);
        most += usize::from(truth.yes);
        // There may be more than one of what is not known.
        most += usize::from(truth.yes && !is_there);
    }
    Truth { yes: least <= 1 && most >= 1, no: least != 1 || most != 1, ..all }
}

/// What is made of those that are kept. Whatever may be left out is more that may be there.
fn listed(elements: Vec<(May, bool)>, kept: impl Fn(&May) -> Truth, made: impl Fn(&May) -> May) -> May {
    let (mut list, mut error) = (List::default(), false);
    for (element, is_there) in elements {
        let truth = kept(&element);
        error |= truth.error;
        if !truth.yes {
            if is_there && !truth.no {
                return vec![Item::Error];
            }
            continue;
        }
        let may = made(&element);
        error |= may_fail(&may);
        let may = super::value::there(&may);
        let is_sure = is_there && !truth.no && !truth.error;
        match (is_sure, may.is_empty()) {
            (true, true) => return vec![Item::Error],
            (true, false) => list.elements.push(may),
            (false, true) => {}
            (false, false) => list.open = true,
        }
    }
    [Some(Item::List(list)), error.then_some(Item::Error)].into_iter().flatten().collect()
}
