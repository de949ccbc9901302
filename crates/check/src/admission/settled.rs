//! Types, and what becomes of those that are settled only by what they are used for.
//!
//! Source: `checker/types.go` of cel-go.

/// A type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Type {
    /// What it is shows when it is evaluated.
    Dyn,
    /// One that is settled by what it is used for, such as that of the elements of `[]`.
    Open(usize),
    /// One that is no more than a word.
    Is(&'static str),
    /// A list, a map or an optional, of these.
    Of(&'static str, Vec<Self>),
    /// Fields with types.
    Struct(&'static str),
}

impl Type {
    pub(super) fn list(of: Self) -> Self {
        Self::Of("list", vec![of])
    }

    pub(super) fn map(key: Self, value: Self) -> Self {
        Self::Of("map", vec![key, value])
    }

    pub(super) fn optional(of: Self) -> Self {
        Self::Of("optional", vec![of])
    }

    /// What is in it, if it is an optional.
    pub(super) fn within(&self) -> Option<&Self> {
        match self {
            Self::Of("optional", of) => of.first(),
            _ => None,
        }
    }

    /// Whether another is the same, or says more.
    fn is_as_general_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Dyn | Self::Open(_), _) => true,
            (Self::Of(one, parts), Self::Of(other, others)) if one == other => {
                parts.iter().zip(others).all(|(one, other)| one.is_as_general_as(other))
            }
            (one, other) => one == other,
        }
    }
}

/// What open types are, by their number.
#[derive(Debug, Clone, Default)]
pub(super) struct Settled(Vec<Option<Type>>);

impl Settled {
    /// A new one.
    pub(super) fn open(&mut self) -> Type {
        self.0.push(None);
        Type::Open(self.0.len() - 1)
    }

    fn known(&self, number: usize) -> Option<&Type> {
        self.0.get(number)?.as_ref()
    }

    /// A type, with all that is settled of it.
    pub(super) fn of(&self, of: &Type) -> Type {
        match of {
            Type::Open(number) => self.known(*number).map_or_else(|| of.clone(), |known| self.of(known)),
            Type::Of(kind, parts) => Type::Of(kind, parts.iter().map(|part| self.of(part)).collect()),
            other => other.clone(),
        }
    }

    /// The same, where nothing else will settle what is open.
    pub(super) fn at_last(&self, of: &Type) -> Type {
        match self.of(of) {
            Type::Open(_) => Type::Dyn,
            Type::Of(kind, parts) => Type::Of(kind, parts.iter().map(|part| self.at_last(part)).collect()),
            other => other,
        }
    }

    pub(super) fn is_open(&self, of: &Type) -> bool {
        self.of(of) != self.at_last(of)
    }

    /// Whether something of a type can be given where another is asked for; what is open in either is settled by that.
    pub(super) fn takes(&mut self, given: &Type, asked: &Type) -> bool {
        if let Type::Open(number) = asked {
            let was_known = self.known(*number).is_some();
            if self.settles(*number, given) {
                return true;
            }
            if was_known {
                return false;
            }
        }
        match (given, asked) {
            (Type::Open(number), _) => self.settles(*number, asked),
            (Type::Dyn, _) | (_, Type::Dyn) => true,
            (Type::Of(one, given), Type::Of(other, asked)) if one == other => {
                given.iter().zip(asked).all(|(given, asked)| self.takes(given, asked))
            }
            (given, asked) => given == asked,
        }
    }

    /// Whether an open type can be another. Of two that it was used for, it is the more general one.
    fn settles(&mut self, number: usize, by: &Type) -> bool {
        let known = self.known(number).cloned();
        if *by == Type::Open(number) || known.as_ref() == Some(by) {
            return true;
        }
        let Some(known) = known else {
            let is_new = !self.mentions(by, number);
            if is_new && let Some(place) = self.0.get_mut(number) {
                *place = Some(by.clone());
            }
            return is_new;
        };
        if !self.takes(by, &known) {
            return false;
        }
        let general = if by.is_as_general_as(&known) { by.clone() } else { known };
        if !self.mentions(&general, number)
            && let Some(place) = self.0.get_mut(number)
        {
            *place = Some(general);
        }
        true
    }

    fn mentions(&self, of: &Type, number: usize) -> bool {
        match of {
            Type::Open(open) => {
                *open == number || self.known(*open).is_some_and(|known| self.mentions(known, number))
            }
            Type::Of(_, parts) => parts.iter().any(|part| self.mentions(part, number)),
            Type::Dyn | Type::Is(_) | Type::Struct(_) => false,
        }
    }
}
