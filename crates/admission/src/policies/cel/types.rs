//! The types by which the API server checks expressions when a policy is written.

/// A type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Type {
    /// Any; what it is shows when it is evaluated.
    Dyn,
    /// What the server settles by what it is used for, such as the type of the elements of `[]`. That is followed no further
    /// than to one use.
    Free,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    List(Box<Self>),
    Map(Box<Self>, Box<Self>),
    Optional(Box<Self>),
    /// A type with a name and nothing in it that is looked into: `timestamp`, `kubernetes.authorization.Decision`…
    Named(String),
    /// What a request, a namespace and the variables of a policy are: fields with types.
    Struct(&'static str),
    /// A letter of a signature.
    Letter(char),
}

impl Type {
    pub(super) fn list(of: Self) -> Self {
        Self::List(Box::new(of))
    }

    pub(super) fn map(key: Self, value: Self) -> Self {
        Self::Map(Box::new(key), Box::new(value))
    }

    /// The type of a field of a [`Type::Struct`]; `None` if there is no such field.
    ///
    /// Source: `BuildRequestType` and `BuildNamespaceType` of `k8s.io/apiserver`.
    pub(super) fn field_of(structure: &str, field: &str) -> Option<Self> {
        let strings = || Self::list(Self::String);
        let timestamp = || Self::Named("timestamp".to_owned());
        Some(match (structure, field) {
            ("request", "kind" | "requestKind") => Self::Struct("kind"),
            ("request", "resource" | "requestResource") => Self::Struct("resource"),
            ("request", "subResource" | "requestSubResource" | "name" | "namespace" | "operation") => {
                Self::String
            }
            ("request", "userInfo") => Self::Struct("userInfo"),
            ("request", "dryRun") => Self::Bool,
            ("request", "options") => Self::Dyn,
            ("kind", "group" | "version" | "kind") => Self::String,
            ("resource", "group" | "version" | "resource") => Self::String,
            ("userInfo", "username" | "uid") => Self::String,
            ("userInfo", "groups") => strings(),
            ("userInfo", "extra") => Self::map(Self::String, strings()),
            ("namespace", "metadata") => Self::Struct("namespace.metadata"),
            ("namespace", "spec") => Self::Struct("namespace.spec"),
            ("namespace", "status") => Self::Struct("namespace.status"),
            ("namespace.spec", "finalizers") => strings(),
            ("namespace.status", "phase") => Self::String,
            ("namespace.metadata", "name" | "generateName" | "namespace" | "UID" | "resourceVersion") => {
                Self::String
            }
            ("namespace.metadata", "labels" | "annotations") => Self::map(Self::String, Self::String),
            ("namespace.metadata", "creationTimestamp" | "deletionTimestamp") => timestamp(),
            ("namespace.metadata", "deletionGracePeriodSeconds" | "generation") => Self::Int,
            ("namespace.metadata", "finalizers") => strings(),
            _ => return None,
        })
    }

    /// Whether something in it is settled by what it is used for.
    pub(super) fn is_free(&self) -> bool {
        match self {
            Self::Free => true,
            Self::List(of) | Self::Optional(of) => of.is_free(),
            Self::Map(key, value) => key.is_free() || value.is_free(),
            _ => false,
        }
    }

    /// The same, of a whole expression: nothing settles it any more.
    pub(super) fn at_last(self) -> Self {
        match self {
            Self::Free => Self::Dyn,
            Self::List(of) => Self::list(of.at_last()),
            Self::Optional(of) => Self::Optional(Box::new(of.at_last())),
            Self::Map(key, value) => Self::map(key.at_last(), value.at_last()),
            other => other,
        }
    }

    /// The type that both are, if one can stand for the other.
    pub(super) fn joined(&self, other: &Self) -> Option<Self> {
        Some(match (self, other) {
            (Self::Dyn, _) | (_, Self::Dyn) => Self::Dyn,
            (Self::Free, of) | (of, Self::Free) => of.clone(),
            (Self::List(one), Self::List(two)) => Self::list(one.joined(two)?),
            (Self::Optional(one), Self::Optional(two)) => Self::Optional(Box::new(one.joined(two)?)),
            (Self::Map(key, value), Self::Map(other_key, other_value)) => {
                Self::map(key.joined(other_key)?, value.joined(other_value)?)
            }
            (one, two) if one == two => one.clone(),
            _ => return None,
        })
    }
}

/// What the letters of a signature stand for.
pub(super) type Letters = Vec<(char, Type)>;

/// Whether something of a type can be given where a signature asks for another.
pub(super) fn fits(given: &Type, asked: &Type, letters: &mut Letters) -> bool {
    match (given, asked) {
        (_, Type::Letter(letter)) => match letters.iter_mut().find(|(known, _)| known == letter) {
            Some((_, known)) => match known.joined(given) {
                Some(joined) => {
                    *known = joined;
                    true
                }
                None => false,
            },
            None => {
                letters.push((*letter, given.clone()));
                true
            }
        },
        (Type::Dyn | Type::Free, _) | (_, Type::Dyn) => true,
        (Type::List(given), Type::List(asked)) | (Type::Optional(given), Type::Optional(asked)) => {
            fits(given, asked, letters)
        }
        (Type::Map(key, value), Type::Map(asked_key, asked_value)) => {
            fits(key, asked_key, letters) && fits(value, asked_value, letters)
        }
        (given, asked) => given == asked,
    }
}

/// The type without letters.
pub(super) fn resolved(of: &Type, letters: &Letters) -> Type {
    match of {
        Type::Letter(letter) => {
            letters.iter().find(|(known, _)| known == letter).map_or(Type::Free, |(_, known)| known.clone())
        }
        Type::List(of) => Type::list(resolved(of, letters)),
        Type::Optional(of) => Type::Optional(Box::new(resolved(of, letters))),
        Type::Map(key, value) => Type::map(resolved(key, letters), resolved(value, letters)),
        other => other.clone(),
    }
}
