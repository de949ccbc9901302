//! Macros over the elements of lists and the keys of maps.

use super::evaluate::Scope;
use super::value::{Outcome, Truth, Value};
use watertight_cel::{Expression, Macro};

/// A macro without the range.
pub(super) struct Body<'e> {
    pub(super) kind: Macro,
    pub(super) variable: &'e str,
    pub(super) body: &'e Expression,
    pub(super) keep: Option<&'e Expression>,
}

/// Something that the macro looks at, and whether it is surely there.
type Element = (Value, bool);

/// What a macro comes out as.
pub(super) fn quantified(of: &Body<'_>, range: Value, scope: &Scope<'_>) -> Outcome {
    let (elements, others) = match range {
        Value::List { elements, others } => {
            (elements.into_iter().map(|element| (element, true)).collect::<Vec<Element>>(), others)
        }
        Value::Map { fields, others } => {
            let there = fields.into_iter().filter(|(_, field)| field.value.is_some());
            (there.map(|(name, field)| (Value::text(name), !field.missing)).collect(), others)
        }
        Value::Anything => return open(of.kind),
        _ => return Outcome::ERROR,
    };
    let mut elements = elements;
    elements.extend(others.then_some((Value::Anything, false)));
    match of.kind {
        Macro::All => folded(of, &elements, scope, true),
        Macro::Exists => folded(of, &elements, scope, false),
        Macro::ExistsOne => exists_one(of, &elements, scope),
        Macro::Filter | Macro::Map => listed(of, elements, scope),
    }
}

/// What a macro may come out as, if nothing is known of its range.
fn open(kind: Macro) -> Outcome {
    let value = match kind {
        Macro::All | Macro::Exists | Macro::ExistsOne => Value::Bool(Truth::EITHER),
        Macro::Filter | Macro::Map => Value::List { elements: Vec::new(), others: true },
    };
    Outcome { value: Some(value), error: true }
}

fn asked(of: &Body<'_>, part: &Expression, element: &Value, scope: &Scope<'_>) -> Outcome {
    scope.with(of.variable, scope.copy(element), part)
}

/// `all` and `exists`: one element that decides takes the errors of all others away.
fn folded(of: &Body<'_>, elements: &[Element], scope: &Scope<'_>, all: bool) -> Outcome {
    let mut may_be_decided = false;
    let mut is_decided = false;
    let mut may_be_undecided = true;
    let mut error = false;
    for (element, is_there) in elements {
        let (truth, fails) = asked(of, of.body, element, scope).truths();
        let (decides, passes) = if all { (truth.no, truth.yes) } else { (truth.yes, truth.no) };
        may_be_decided |= decides;
        is_decided |= *is_there && decides && !passes && !fails;
        may_be_undecided &= passes || !is_there;
        error |= fails;
    }
    let (yes, no) = (may_be_undecided && !is_decided, may_be_decided);
    let truth = if all { Truth { yes, no } } else { Truth { yes: no, no: yes } };
    let value = (truth.yes || truth.no).then_some(Value::Bool(truth));
    Outcome { value, error: error && !is_decided }
}

fn exists_one(of: &Body<'_>, elements: &[Element], scope: &Scope<'_>) -> Outcome {
    let mut count = 0;
    let (mut sure, mut error, mut fails) = (true, false, false);
    for (element, is_there) in elements {
        let (truth, may_fail) = asked(of, of.body, element, scope).truths();
        error |= may_fail;
        fails |= *is_there && may_fail && !truth.yes && !truth.no;
        sure &= *is_there && !(truth.yes && truth.no);
        count += usize::from(truth.yes);
    }
    if fails {
        return Outcome::ERROR;
    }
    let truth = if sure { Truth::of(count == 1) } else { Truth { yes: count > 0, no: true } };
    Outcome { value: Some(Value::Bool(truth)), error }
}

/// `filter` and `map`: whatever may be left out is one of the others.
fn listed(of: &Body<'_>, all: Vec<Element>, scope: &Scope<'_>) -> Outcome {
    let condition = if of.kind == Macro::Filter { Some(of.body) } else { of.keep };
    let mut elements = Vec::new();
    let (mut others, mut error) = (false, false);
    for (element, is_there) in all {
        let (kept, fails) = match condition {
            Some(condition) => asked(of, condition, &element, scope).truths(),
            None => (Truth::YES, false),
        };
        error |= fails;
        if !kept.yes {
            if is_there && !kept.no {
                return Outcome::ERROR;
            }
            continue;
        }
        let made = match of.kind {
            Macro::Map => asked(of, of.body, &element, scope),
            _ => Outcome::of(element),
        };
        error |= made.error;
        let is_sure = is_there && !kept.no && !fails;
        match made.value {
            Some(value) if is_sure => elements.push(value),
            Some(_) => others = true,
            None if is_sure => return Outcome::ERROR,
            None => {}
        }
    }
    Outcome { value: Some(Value::List { elements, others }), error }
}
