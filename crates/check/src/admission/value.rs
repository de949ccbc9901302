//! What an expression may come out as, over all objects of which only a part is known: a list of possibilities, each by itself.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that something may be. Nothing else is possible.
pub(super) type May = Vec<Item>;

/// How many possibilities are told apart. Beyond, it may be anything.
const MAX_ITEMS: usize = 64;

/// One possibility.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item {
    /// It cannot be evaluated. Of a field: there is none.
    Error,
    /// Any value.
    Unknown,
    Null,
    Bool(bool),
    Int(i64),
    /// An integer that is this one or greater.
    AtLeast(i64),
    Double(f64),
    Text(String),
    /// A text that is none of these.
    OtherText(BTreeSet<String>),
    List(List),
    Map(Map),
    /// An optional, with what is in it.
    Optional(Option<Box<Item>>),
}

/// These elements in this order; if it is open, more between them.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct List {
    pub(super) elements: Vec<May>,
    pub(super) open: bool,
}

/// These fields; if it is open, more. One that may be an error may be missing.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Map {
    pub(super) fields: BTreeMap<String, May>,
    pub(super) open: bool,
}

impl Item {
    /// How much it holds, itself included.
    pub(super) fn size(&self) -> usize {
        let of = |may: &May| may.iter().map(Self::size).sum::<usize>();
        1 + match self {
            Self::Text(text) => text.len() / 64,
            Self::OtherText(texts) => texts.len(),
            Self::List(list) => list.elements.iter().map(of).sum(),
            Self::Map(map) => map.fields.values().map(of).sum(),
            Self::Optional(Some(inner)) => inner.size(),
            _ => 0,
        }
    }
}

impl Map {
    pub(super) fn field(&self, name: &str) -> May {
        match self.fields.get(name) {
            Some(field) => field.clone(),
            None if self.open => anything(),
            None => vec![Item::Error],
        }
    }
}

/// Nothing is known: it may be any value, or an error.
pub(super) fn anything() -> May {
    vec![Item::Unknown, Item::Error]
}

pub(super) fn text(text: impl Into<String>) -> May {
    vec![Item::Text(text.into())]
}

/// What it may be if it is there, or comes out as something at all.
pub(super) fn there(may: &[Item]) -> May {
    may.iter().filter(|item| **item != Item::Error).cloned().collect()
}

pub(super) fn is_there(may: &[Item]) -> bool {
    may.iter().any(|item| *item != Item::Error)
}

pub(super) fn may_fail(may: &[Item]) -> bool {
    may.contains(&Item::Error)
}

/// Several possibilities together, each once.
pub(super) fn together(all: impl IntoIterator<Item = Item>) -> May {
    let mut may = May::new();
    for item in all {
        if !may.contains(&item) {
            may.push(item);
        }
        if may.len() > MAX_ITEMS {
            return anything();
        }
    }
    may
}

/// Which truth values something may be, and whether it may be an error. Whatever is no truth value counts as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Truth {
    pub(super) yes: bool,
    pub(super) no: bool,
    pub(super) error: bool,
}

impl Truth {
    pub(super) const EITHER: Self = Self { yes: true, no: true, error: false };

    pub(super) fn sure(holds: bool) -> Self {
        Self { yes: holds, no: !holds, error: false }
    }

    pub(super) fn of(may: &[Item]) -> Self {
        may.iter().fold(Self::default(), |all, item| {
            all.or(match item {
                Item::Bool(holds) => Self::sure(*holds),
                Item::Unknown => Self { error: true, ..Self::EITHER },
                _ => Self { error: true, ..Self::default() },
            })
        })
    }

    pub(super) fn may(self) -> May {
        let all = [(self.yes, Item::Bool(true)), (self.no, Item::Bool(false)), (self.error, Item::Error)];
        all.into_iter().filter(|(is_possible, _)| *is_possible).map(|(_, item)| item).collect()
    }

    pub(super) fn not(self) -> Self {
        Self { yes: self.no, no: self.yes, ..self }
    }

    /// One or the other: which is not known.
    pub(super) fn or(self, other: Self) -> Self {
        Self { yes: self.yes || other.yes, no: self.no || other.no, error: self.error || other.error }
    }

    /// `&&` of all of them: one that is surely false takes the errors of the others away.
    pub(super) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::sure(true);
        let mut is_decided = false;
        for part in parts {
            is_decided |= part.no && !part.yes && !part.error;
            all = Self { yes: all.yes && part.yes, no: all.no || part.no, error: all.error || part.error };
        }
        Self { error: all.error && !is_decided, ..all }
    }
}

/// Whether two values are equal. Values of different types never are.
pub(super) fn equal(one: &Item, other: &Item) -> Truth {
    match (one, other) {
        (Item::Unknown, _) | (_, Item::Unknown) => Truth::EITHER,
        (Item::AtLeast(least), Item::Int(int)) | (Item::Int(int), Item::AtLeast(least)) => {
            Truth { yes: int >= least, no: true, error: false }
        }
        (Item::AtLeast(_), Item::AtLeast(_) | Item::Double(_))
        | (Item::Double(_), Item::AtLeast(_))
        | (Item::OtherText(_), Item::OtherText(_)) => Truth::EITHER,
        (Item::Optional(_), Item::Optional(_)) => Truth::EITHER,
        (Item::Int(int), Item::Double(double)) | (Item::Double(double), Item::Int(int)) => {
            of_number(*int, *double).map_or(Truth::EITHER, |order| Truth::sure(order.is_eq()))
        }
        (Item::OtherText(left), Item::Text(text)) | (Item::Text(text), Item::OtherText(left)) => {
            Truth { yes: !left.contains(text), no: true, error: false }
        }
        (Item::List(one), Item::List(other)) => equal_lists(one, other),
        (Item::Map(one), Item::Map(other)) => equal_maps(one, other),
        (one, other) => Truth::sure(one == other),
    }
}

/// How an integer and another number lie to each other, if the integer is one that the other kind can have too: others the
/// server rounds.
pub(super) fn of_number(int: i64, double: f64) -> Option<Ordering> {
    const EXACT: i64 = 1 << 53;
    #[expect(clippy::cast_precision_loss, reason = "up to this size a double is exact")]
    let exact = (-EXACT..=EXACT).contains(&int).then_some(int as f64);
    exact?.partial_cmp(&double)
}

fn equal_lists(one: &List, other: &List) -> Truth {
    let (few, more) = if one.elements.len() > other.elements.len() { (other, one) } else { (one, other) };
    match (few.open, more.open) {
        (false, _) if few.elements.len() < more.elements.len() => Truth::sure(false),
        (false, false) => {
            let pairs = one.elements.iter().zip(&other.elements);
            Truth::all(pairs.map(|(one, other)| equal_of(one, other)))
        }
        _ => Truth::EITHER,
    }
}

/// What may be equal of what is there; whether it is there is another question.
fn equal_of(one: &[Item], other: &[Item]) -> Truth {
    let (one, other) = (there(one), there(other));
    let pairs = one.iter().flat_map(|one| other.iter().map(move |other| equal(one, other)));
    pairs.fold(Truth::default(), Truth::or)
}

fn equal_maps(one: &Map, other: &Map) -> Truth {
    let names: BTreeSet<&String> = one.fields.keys().chain(other.fields.keys()).collect();
    let of_fields = names.into_iter().map(|name| {
        let (here, there) = (one.field(name), other.field(name));
        let same = equal_of(&here, &there);
        Truth {
            yes: same.yes || may_fail(&here) && may_fail(&there),
            no: same.no || may_fail(&here) && is_there(&there) || is_there(&here) && may_fail(&there),
            error: false,
        }
    });
    let known = Truth::all(of_fields);
    if one.open || other.open { Truth { no: true, ..known } } else { known }
}

/// Whether a value is an element of a list, or a key of a map.
pub(super) fn contained(value: &Item, container: &Item) -> Truth {
    match container {
        Item::List(List { elements, open }) => {
            let each = elements.iter().map(|element| equal_of(std::slice::from_ref(value), element));
            let none = Truth::all(each.map(Truth::not));
            Truth { yes: none.no || *open, no: none.yes, error: false }
        }
        Item::Map(map) => match value {
            Item::Text(name) => {
                let field = map.field(name);
                Truth { yes: is_there(&field), no: may_fail(&field), error: false }
            }
            Item::OtherText(_) | Item::Unknown => Truth::EITHER,
            _ => Truth::sure(false),
        },
        Item::Unknown => Truth { error: true, ..Truth::EITHER },
        _ => Truth { error: true, ..Truth::default() },
    }
}
