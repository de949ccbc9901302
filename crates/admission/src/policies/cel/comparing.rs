//! Equality, order and containment.

use super::value::{Field, Outcome, Texts, Truth, Value};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Whether two values are equal. Values of different types never are; numbers are one type.
pub(super) fn equal(one: &Value, two: &Value) -> Truth {
    match (one, two) {
        (Value::Anything, _) | (_, Value::Anything) => Truth::EITHER,
        (Value::Null, Value::Null) => Truth::YES,
        (Value::Bool(one), Value::Bool(two)) => Truth {
            yes: (one.yes && two.yes) || (one.no && two.no),
            no: (one.yes && two.no) || (one.no && two.yes),
        },
        (Value::Int(one), Value::Int(two)) => Truth::of(one == two),
        (Value::AtLeast(least), Value::Int(int)) | (Value::Int(int), Value::AtLeast(least)) => {
            Truth { yes: int >= least, no: true }
        }
        (Value::AtLeast(_), Value::AtLeast(_) | Value::Double(_)) | (Value::Double(_), Value::AtLeast(_)) => {
            Truth::EITHER
        }
        (Value::Double(one), Value::Double(two)) => Truth::of(one == two),
        (Value::Int(int), Value::Double(double)) | (Value::Double(double), Value::Int(int)) => {
            numbers(*int, *double).map_or(Truth::EITHER, |order| Truth::of(order == Ordering::Equal))
        }
        (Value::Text(one), Value::Text(two)) => equal_texts(one, two),
        (Value::List { elements: one, others: false }, Value::List { elements: two, others: false }) => {
            if one.len() != two.len() {
                return Truth::NO;
            }
            every(one.iter().zip(two).map(|(one, two)| equal(one, two)))
        }
        (Value::List { elements: few, others: false }, Value::List { elements: more, .. })
        | (Value::List { elements: more, .. }, Value::List { elements: few, others: false })
            if more.len() > few.len() =>
        {
            Truth::NO
        }
        (Value::List { .. }, Value::List { .. }) => Truth::EITHER,
        (Value::Map { fields: one, others: more }, Value::Map { fields: two, others: also }) => {
            equal_maps((one, *more), (two, *also))
        }
        (Value::Optional { .. }, Value::Optional { .. }) => Truth::EITHER,
        _ => Truth::NO,
    }
}

fn equal_texts(one: &Texts, two: &Texts) -> Truth {
    match (one, two) {
        (Texts::OneOf(one), Texts::OneOf(two)) => Truth {
            yes: one.intersection(two).next().is_some(),
            no: one.len() > 1 || two.len() > 1 || one != two,
        },
        (Texts::OneOf(some), Texts::NoneOf(left)) | (Texts::NoneOf(left), Texts::OneOf(some)) => {
            Truth { yes: some.iter().any(|text| !left.contains(text)), no: true }
        }
        (Texts::NoneOf(_), Texts::NoneOf(_)) => Truth::EITHER,
    }
}

type Fields<'f> = (&'f BTreeMap<String, Field>, bool);

fn equal_maps((one, more): Fields<'_>, (two, also): Fields<'_>) -> Truth {
    let names = one.keys().chain(two.keys());
    let of_fields = names.map(|name| {
        let (here, there) = (Value::field(one, more, name), Value::field(two, also, name));
        let both_missing = here.missing && there.missing;
        let one_missing = (here.missing && there.value.is_some()) || (there.missing && here.value.is_some());
        let of_values = match (&here.value, &there.value) {
            (Some(here), Some(there)) => equal(here, there),
            _ => Truth { yes: false, no: false },
        };
        Truth { yes: of_values.yes || both_missing, no: of_values.no || one_missing }
    });
    let known = every(of_fields);
    if more || also { Truth { no: true, ..known } } else { known }
}

/// Whether all of these are so.
fn every(truths: impl Iterator<Item = Truth>) -> Truth {
    truths.fold(Truth::YES, |all, one| Truth { yes: all.yes && one.yes, no: all.no || one.no })
}

/// How an integer and another number lie to each other, where a double can tell.
fn numbers(int: i64, double: f64) -> Option<Ordering> {
    const EXACT: i64 = 1 << 53;
    #[expect(clippy::cast_precision_loss, reason = "up to this size a double is exact")]
    let exact = (-EXACT..=EXACT).contains(&int).then_some(int as f64);
    exact?.partial_cmp(&double)
}

/// Whether two values are in an order. Values of different types have none, which is an error.
pub(super) fn ordered(one: &Value, two: &Value, wanted: fn(Ordering) -> bool) -> Outcome {
    let decided = |order: Option<Ordering>| order.map_or(Truth::EITHER, |order| Truth::of(wanted(order)));
    let truth = match (one, two) {
        (Value::Int(one), Value::Int(two)) => Truth::of(wanted(one.cmp(two))),
        (Value::AtLeast(least), Value::Int(int)) => at_least(least.cmp(int), Ordering::Greater, wanted),
        (Value::Int(int), Value::AtLeast(least)) => at_least(int.cmp(least), Ordering::Less, wanted),
        (Value::AtLeast(_), Value::AtLeast(_) | Value::Double(_)) | (Value::Double(_), Value::AtLeast(_)) => {
            Truth::EITHER
        }
        (Value::Double(one), Value::Double(two)) => decided(one.partial_cmp(two)),
        (Value::Int(int), Value::Double(double)) => decided(numbers(*int, *double)),
        (Value::Double(double), Value::Int(int)) => decided(numbers(*int, *double).map(Ordering::reverse)),
        (Value::Text(Texts::OneOf(one)), Value::Text(Texts::OneOf(two))) => {
            let pairs = one.iter().flat_map(|one| two.iter().map(move |two| Truth::of(wanted(one.cmp(two)))));
            pairs.fold(Truth { yes: false, no: false }, Truth::or_else)
        }
        (Value::Bool(one), Value::Bool(two)) => {
            let pairs =
                one.values().flat_map(|one| two.values().map(move |two| Truth::of(wanted(one.cmp(&two)))));
            pairs.fold(Truth { yes: false, no: false }, Truth::or_else)
        }
        (Value::Text(_), Value::Text(_)) => Truth::EITHER,
        (Value::Anything, _) | (_, Value::Anything) => {
            return Outcome { value: Some(Value::Bool(Truth::EITHER)), error: true };
        }
        _ => return Outcome::ERROR,
    };
    Outcome::truth(truth)
}

/// How an integer that may be greater than its bound lies to another: as the bound does, or in any way from there to `end`.
fn at_least(of_bound: Ordering, end: Ordering, wanted: fn(Ordering) -> bool) -> Truth {
    let on_the_way = match (of_bound, end) {
        (bound, end) if bound == end => &[][..],
        (Ordering::Equal, _) => &[Ordering::Equal],
        (bound, _) => &[bound, Ordering::Equal],
    };
    let all = on_the_way.iter().copied().chain([end]).map(|order| Truth::of(wanted(order)));
    all.fold(Truth { yes: false, no: false }, Truth::or_else)
}

/// Whether a value is an element of a list or a key of a map.
pub(super) fn contained(value: &Value, container: &Value) -> Outcome {
    match container {
        Value::List { elements, others } => {
            let among = elements.iter().map(|element| equal(value, element));
            let among =
                among.fold(Truth::NO, |any, one| Truth { yes: any.yes || one.yes, no: any.no && one.no });
            Outcome::truth(Truth { yes: among.yes || *others, ..among })
        }
        Value::Map { fields, others } => Outcome::truth(match value {
            Value::Text(Texts::OneOf(names)) => {
                let each = names.iter().map(|name| {
                    let field = Value::field(fields, *others, name);
                    Truth { yes: field.value.is_some(), no: field.missing }
                });
                each.fold(Truth { yes: false, no: false }, Truth::or_else)
            }
            Value::Text(Texts::NoneOf(_)) | Value::Anything => Truth::EITHER,
            // Objects of the API have no other keys.
            _ => Truth::NO,
        }),
        Value::Anything => Outcome { value: Some(Value::Bool(Truth::EITHER)), error: true },
        _ => Outcome::ERROR,
    }
}
