//! Functions that every server with ValidatingAdmissionPolicies knows (1.30 and later), with the types that they take.
//!
//! Source: `common/stdlib`, `cel/library.go` and `ext` of cel-go at 0.17, `pkg/cel/library` of `k8s.io/apiserver` at 1.29.

use super::settled::{Settled, Type};

/// A name with a dot is a method. Behind it, alternatives: what it takes, and what comes of that. `A*` is a list of whatever,
/// `A:B` a map, and `A?` an optional.
const FUNCTIONS: &[(&str, &str)] = &[
    ("==", "A A -> bool"),
    ("in", "A A* -> bool, A A:B -> bool"),
    ("[]", "A* int -> A, A:B A -> B, A*? int -> A?, A:B? A -> B?"),
    ("[?]", "A* int -> A?, A:B A -> B?, A*? int -> A?, A:B? A -> B?"),
    ("?:", "bool A A -> A"),
    ("<", "int int -> bool, int uint -> bool, int double -> bool"),
    ("<", "uint int -> bool, uint uint -> bool, uint double -> bool"),
    ("<", "double int -> bool, double uint -> bool, double double -> bool"),
    ("<", "bool bool -> bool, string string -> bool, bytes bytes -> bool"),
    ("<", "timestamp timestamp -> bool, duration duration -> bool"),
    ("+", "A* A* -> A*"),
    ("+", "int int -> int, uint uint -> uint, double double -> double, string string -> string"),
    ("+", "bytes bytes -> bytes, duration duration -> duration"),
    ("+", "duration timestamp -> timestamp, timestamp duration -> timestamp"),
    ("-", "int int -> int, uint uint -> uint, double double -> double"),
    ("-", "duration duration -> duration, timestamp duration -> timestamp, timestamp timestamp -> duration"),
    ("-", "int -> int, double -> double"),
    ("*", "int int -> int, uint uint -> uint, double double -> double"),
    ("%", "int int -> int, uint uint -> uint"),
    ("size", "string -> int, bytes -> int, A* -> int, A:B -> int"),
    (".size", "string -> int, bytes -> int, A* -> int, A:B -> int"),
    ("dyn", "A -> dyn"),
    ("bool", "string -> bool, bool -> bool"),
    ("double", "double -> double, int -> double, string -> double"),
    ("int", "int -> int, double -> int, string -> int, timestamp -> int"),
    ("string", "string -> string, bool -> string, bytes -> string, double -> string, int -> string"),
    ("string", "timestamp -> string, duration -> string"),
    (".contains", "string string -> bool"),
    (".startsWith", "string string -> bool"),
    (".endsWith", "string string -> bool"),
    (".matches", "string string -> bool"),
    ("matches", "string string -> bool"),
    (".find", "string string -> string"),
    (".findAll", "string string -> string*, string string int -> string*"),
    (".charAt", "string int -> string"),
    (".indexOf", "string string -> int, string string int -> int, A* A -> int"),
    (".lastIndexOf", "string string -> int, string string int -> int, A* A -> int"),
    (".join", "string* -> string, string* string -> string"),
    (".lowerAscii", "string -> string"),
    (".upperAscii", "string -> string"),
    (".replace", "string string string -> string, string string string int -> string"),
    (".split", "string string -> string*, string string int -> string*"),
    (".substring", "string int -> string, string int int -> string"),
    (".trim", "string -> string"),
    (".sum", "int* -> int, double* -> double"),
    (".min", "int* -> int, double* -> double, string* -> string"),
    (".max", "int* -> int, double* -> double, string* -> string"),
    (".isSorted", "int* -> bool, double* -> bool, string* -> bool"),
    ("sets.contains", "A* A* -> bool"),
    ("sets.equivalent", "A* A* -> bool"),
    ("sets.intersects", "A* A* -> bool"),
    ("optional.of", "A -> A?"),
    ("optional.none", "-> A?"),
    (".hasValue", "A? -> bool"),
    (".value", "A? -> A"),
    (".or", "A? A? -> A?"),
    (".orValue", "A? A -> A"),
    ("url", "string -> URL"),
    ("isURL", "string -> bool"),
    (".getScheme", "URL -> string"),
    (".getHost", "URL -> string"),
    (".getHostname", "URL -> string"),
    (".getPort", "URL -> string"),
    (".getEscapedPath", "URL -> string"),
    ("quantity", "string -> Quantity"),
    ("isQuantity", "string -> bool"),
    (".isLessThan", "Quantity Quantity -> bool"),
    (".isGreaterThan", "Quantity Quantity -> bool"),
    (".compareTo", "Quantity Quantity -> int"),
    (".isInteger", "Quantity -> bool"),
    (".asInteger", "Quantity -> int"),
    (".add", "Quantity Quantity -> Quantity, Quantity int -> Quantity"),
    (".sub", "Quantity Quantity -> Quantity, Quantity int -> Quantity"),
    (".sign", "Quantity -> int"),
    (".path", "Authorizer string -> PathCheck"),
    (".group", "Authorizer string -> GroupCheck"),
    (".serviceAccount", "Authorizer string string -> Authorizer"),
    (".resource", "GroupCheck string -> ResourceCheck"),
    (".subresource", "ResourceCheck string -> ResourceCheck"),
    (".namespace", "ResourceCheck string -> ResourceCheck"),
    (".name", "ResourceCheck string -> ResourceCheck"),
    (".check", "ResourceCheck string -> Decision, PathCheck string -> Decision"),
    (".allowed", "Decision -> bool"),
    (".reason", "Decision -> string"),
    (".errored", "Decision -> bool"),
    (".error", "Decision -> string"),
];

/// The alternatives of a function.
pub(super) fn named(name: &str) -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().filter(move |(known, _)| *known == name).flat_map(|(_, rows)| rows.split(", "))
}

/// The types that an alternative takes, and of what comes of that. Its letters are open.
pub(super) fn read(row: &'static str, settled: &mut Settled) -> Option<(Vec<Type>, Type)> {
    let (takes, gives) = row.split_once("-> ")?;
    let letters = [settled.open(), settled.open()];
    Some((takes.split_whitespace().map(|word| of_word(word, &letters)).collect(), of_word(gives, &letters)))
}

fn of_word(word: &'static str, letters: &[Type; 2]) -> Type {
    let of = |word| of_word(word, letters);
    if let Some(inner) = word.strip_suffix('?') {
        return Type::optional(of(inner));
    }
    if let Some(element) = word.strip_suffix('*') {
        return Type::list(of(element));
    }
    match (word, word.split_once(':')) {
        (_, Some((key, value))) => Type::map(of(key), of(value)),
        ("A", _) => letters[0].clone(),
        ("B", _) => letters[1].clone(),
        ("dyn", _) => Type::Dyn,
        (word, None) => Type::Is(word),
    }
}
