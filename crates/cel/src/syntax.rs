//! Expressions, as trees.

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// `"text"`, `3`, `true`, `null`…
    Literal(Literal),
    /// `object`, or a variable of a macro.
    Name(String),
    /// `[a, b]`.
    List(Vec<Self>),
    /// `{"a": b}`.
    Map(Vec<(Self, Self)>),
    /// `of.field`, or `of.?field`.
    Select {
        /// What has the field.
        of: Box<Self>,
        /// Its name.
        field: String,
        /// Whether it is `of.?field`.
        optional: bool,
    },
    /// `has(of.field)`.
    Has {
        /// What may have the field.
        of: Box<Self>,
        /// Its name.
        field: String,
    },
    /// `of[index]`, or `of[?index]`.
    Index {
        /// The list or the map.
        of: Box<Self>,
        /// The place in it.
        index: Box<Self>,
        /// Whether it is `of[?index]`.
        optional: bool,
    },
    /// `!of`.
    Not(Box<Self>),
    /// `-of`.
    Minus(Box<Self>),
    /// `a && b && c`.
    And(Vec<Self>),
    /// `a || b || c`.
    Or(Vec<Self>),
    /// `if ? then : otherwise`.
    Choice(Box<[Self; 3]>),
    /// `a == b`, `a + b`…
    Binary(Operator, Box<[Self; 2]>),
    /// `range.all(variable, body)` and its like.
    Macro {
        /// Which macro.
        kind: Macro,
        /// What it goes through.
        range: Box<Self>,
        /// The name of an element.
        variable: String,
        /// What it asks of each, or makes of it.
        body: Box<Self>,
        /// Of a `map` with three arguments, the condition.
        keep: Option<Box<Self>>,
    },
    /// `function(arguments)` or `target.function(arguments)`.
    Call {
        /// What a method is called on.
        target: Option<Box<Self>>,
        /// Its name.
        function: String,
        /// What it is given.
        arguments: Vec<Self>,
    },
}

/// A value that is written.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// `3`.
    Int(i64),
    /// `3u`.
    Uint(u64),
    /// `3.0`.
    Double(f64),
    /// `"text"`, without quotes and escapes.
    Text(String),
    /// Bytes are known to be some, and no more.
    Bytes,
}

/// An operator with two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `==`.
    Equal,
    /// `!=`.
    Different,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    More,
    /// `>=`.
    MoreOrEqual,
    /// `in`.
    In,
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`.
    Divide,
    /// `%`.
    Remainder,
}

/// A macro over the elements of a list, or the keys of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Macro {
    /// `all`.
    All,
    /// `exists`.
    Exists,
    /// `exists_one`.
    ExistsOne,
    /// `filter`.
    Filter,
    /// `map`: with a condition, in `keep`, or without.
    Map,
}

impl Expression {
    /// The expressions that it is made of.
    #[must_use]
    pub fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Literal(_) | Self::Name(_) => Vec::new(),
            Self::List(parts) | Self::And(parts) | Self::Or(parts) => parts.iter().collect(),
            Self::Map(entries) => entries.iter().flat_map(|(key, value)| [key, value]).collect(),
            Self::Select { of, .. } | Self::Has { of, .. } | Self::Not(of) | Self::Minus(of) => vec![of],
            Self::Index { of, index, .. } => vec![of, index],
            Self::Choice(parts) => parts.iter().collect(),
            Self::Binary(_, sides) => sides.iter().collect(),
            Self::Macro { range, body, keep, .. } => {
                [Some(range), Some(body), keep.as_ref()].into_iter().flatten().map(|part| &**part).collect()
            }
            Self::Call { target, arguments, .. } => {
                target.iter().map(|target| &**target).chain(arguments).collect()
            }
        }
    }

    /// Every text that is written in it.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        let own = match self {
            Self::Literal(Literal::Text(text)) => Some(text.as_str()),
            Self::Select { field, .. } | Self::Has { field, .. } => Some(field.as_str()),
            _ => None,
        };
        own.into_iter().chain(self.parts().into_iter().flat_map(Self::texts)).collect()
    }
}
