//! The functions that expressions may call, with their types: those that every server with ValidatingAdmissionPolicies
//! takes (1.30 and later). A function that came later is not known here.
//!
//! Sources: `common/stdlib` and `ext` of cel-go, `pkg/cel/library` of `k8s.io/apiserver`.

use super::types::Type;

/// `name: (types of arguments) -> type`. A name with a dot at its beginning is a method, whose first argument is what
/// it is called on.
const SIGNATURES: &[&str] = &[
    "_+_: (int, int) -> int",
    "_+_: (uint, uint) -> uint",
    "_+_: (double, double) -> double",
    "_+_: (string, string) -> string",
    "_+_: (bytes, bytes) -> bytes",
    "_+_: (list<A>, list<A>) -> list<A>",
    "_+_: (duration, duration) -> duration",
    "_+_: (duration, timestamp) -> timestamp",
    "_+_: (timestamp, duration) -> timestamp",
    "_-_: (int, int) -> int",
    "_-_: (uint, uint) -> uint",
    "_-_: (double, double) -> double",
    "_-_: (duration, duration) -> duration",
    "_-_: (timestamp, duration) -> timestamp",
    "_-_: (timestamp, timestamp) -> duration",
    "_*_: (int, int) -> int",
    "_*_: (uint, uint) -> uint",
    "_*_: (double, double) -> double",
    "_%_: (int, int) -> int",
    "_%_: (uint, uint) -> uint",
    "-_: (int) -> int",
    "-_: (double) -> double",
    "_==_: (A, A) -> bool",
    "_<_: (bool, bool) -> bool",
    "_<_: (int, int) -> bool",
    "_<_: (int, double) -> bool",
    "_<_: (int, uint) -> bool",
    "_<_: (uint, uint) -> bool",
    "_<_: (uint, int) -> bool",
    "_<_: (uint, double) -> bool",
    "_<_: (double, double) -> bool",
    "_<_: (double, int) -> bool",
    "_<_: (double, uint) -> bool",
    "_<_: (string, string) -> bool",
    "_<_: (bytes, bytes) -> bool",
    "_<_: (timestamp, timestamp) -> bool",
    "_<_: (duration, duration) -> bool",
    "_in_: (A, list<A>) -> bool",
    "_in_: (A, map<A, B>) -> bool",
    "_[_]: (list<A>, int) -> A",
    "_[_]: (map<A, B>, A) -> B",
    "_[_]: (optional<list<A>>, int) -> optional<A>",
    "_[_]: (optional<map<A, B>>, A) -> optional<B>",
    "_[?_]: (list<A>, int) -> optional<A>",
    "_[?_]: (map<A, B>, A) -> optional<B>",
    "_[?_]: (optional<list<A>>, int) -> optional<A>",
    "_[?_]: (optional<map<A, B>>, A) -> optional<B>",
    "_?_:_: (bool, A, A) -> A",
    "size: (string) -> int",
    "size: (bytes) -> int",
    "size: (list<A>) -> int",
    "size: (map<A, B>) -> int",
    ".size: (string) -> int",
    ".size: (bytes) -> int",
    ".size: (list<A>) -> int",
    ".size: (map<A, B>) -> int",
    ".contains: (string, string) -> bool",
    ".endsWith: (string, string) -> bool",
    ".startsWith: (string, string) -> bool",
    ".matches: (string, string) -> bool",
    "matches: (string, string) -> bool",
    "dyn: (A) -> dyn",
    "bool: (string) -> bool",
    "bool: (bool) -> bool",
    "double: (double) -> double",
    "double: (int) -> double",
    "double: (string) -> double",
    "int: (int) -> int",
    "int: (double) -> int",
    "int: (string) -> int",
    "int: (timestamp) -> int",
    "string: (string) -> string",
    "string: (bool) -> string",
    "string: (bytes) -> string",
    "string: (double) -> string",
    "string: (int) -> string",
    "string: (timestamp) -> string",
    "string: (duration) -> string",
    ".charAt: (string, int) -> string",
    ".indexOf: (string, string) -> int",
    ".indexOf: (string, string, int) -> int",
    ".lastIndexOf: (string, string) -> int",
    ".lastIndexOf: (string, string, int) -> int",
    ".join: (list<string>) -> string",
    ".join: (list<string>, string) -> string",
    ".lowerAscii: (string) -> string",
    ".upperAscii: (string) -> string",
    ".replace: (string, string, string) -> string",
    ".replace: (string, string, string, int) -> string",
    ".split: (string, string) -> list<string>",
    ".split: (string, string, int) -> list<string>",
    ".substring: (string, int) -> string",
    ".substring: (string, int, int) -> string",
    ".trim: (string) -> string",
    ".format: (string, list<dyn>) -> string",
    ".find: (string, string) -> string",
    ".findAll: (string, string) -> list<string>",
    ".findAll: (string, string, int) -> list<string>",
    ".indexOf: (list<A>, A) -> int",
    ".lastIndexOf: (list<A>, A) -> int",
    ".sum: (list<int>) -> int",
    ".sum: (list<double>) -> double",
    ".isSorted: (list<int>) -> bool",
    ".isSorted: (list<string>) -> bool",
    ".min: (list<int>) -> int",
    ".max: (list<int>) -> int",
    "sets.contains: (list<A>, list<A>) -> bool",
    "sets.equivalent: (list<A>, list<A>) -> bool",
    "sets.intersects: (list<A>, list<A>) -> bool",
    "url: (string) -> URL",
    "isURL: (string) -> bool",
    ".getScheme: (URL) -> string",
    ".getHost: (URL) -> string",
    ".getHostname: (URL) -> string",
    ".getPort: (URL) -> string",
    ".getEscapedPath: (URL) -> string",
    "quantity: (string) -> Quantity",
    "isQuantity: (string) -> bool",
    ".isLessThan: (Quantity, Quantity) -> bool",
    ".isGreaterThan: (Quantity, Quantity) -> bool",
    ".compareTo: (Quantity, Quantity) -> int",
    ".isInteger: (Quantity) -> bool",
    ".asInteger: (Quantity) -> int",
    ".add: (Quantity, Quantity) -> Quantity",
    ".sub: (Quantity, Quantity) -> Quantity",
    ".sign: (Quantity) -> int",
    ".path: (Authorizer, string) -> PathCheck",
    ".group: (Authorizer, string) -> GroupCheck",
    ".serviceAccount: (Authorizer, string, string) -> Authorizer",
    ".resource: (GroupCheck, string) -> ResourceCheck",
    ".subresource: (ResourceCheck, string) -> ResourceCheck",
    ".namespace: (ResourceCheck, string) -> ResourceCheck",
    ".name: (ResourceCheck, string) -> ResourceCheck",
    ".check: (ResourceCheck, string) -> Decision",
    ".check: (PathCheck, string) -> Decision",
    ".allowed: (Decision) -> bool",
    ".reason: (Decision) -> string",
    ".errored: (Decision) -> bool",
    ".error: (Decision) -> string",
    "optional.of: (A) -> optional<A>",
    "optional.none: () -> optional<A>",
    ".hasValue: (optional<A>) -> bool",
    ".value: (optional<A>) -> A",
    ".or: (optional<A>, optional<A>) -> optional<A>",
    ".orValue: (optional<A>, A) -> A",
];

/// The types of the arguments, and of what comes out.
pub(super) type Signature = (Vec<Type>, Type);

/// The signatures of a function.
pub(super) fn named(name: &str) -> Vec<Signature> {
    let lines = SIGNATURES.iter().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    lines.filter_map(read).collect()
}

fn read(line: &str) -> Option<Signature> {
    let (arguments, result) = line.rsplit_once(" -> ")?;
    let mut rest = arguments.strip_prefix('(')?.strip_suffix(')')?;
    let mut types = Vec::new();
    while !rest.is_empty() {
        let (argument, after) = read_type(rest)?;
        types.push(argument);
        rest = after.strip_prefix(", ").unwrap_or(after);
    }
    Some((types, read_type(result)?.0))
}

fn read_type(text: &str) -> Option<(Type, &str)> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let Some(inner) = rest.strip_prefix('<') else { return Some((plain(name)?, rest)) };
    let (first, rest) = read_type(inner)?;
    Some(match name {
        "list" => (Type::list(first), rest.strip_prefix('>')?),
        "optional" => (Type::Optional(Box::new(first)), rest.strip_prefix('>')?),
        "map" => {
            let (second, rest) = read_type(rest.strip_prefix(", ")?)?;
            (Type::map(first, second), rest.strip_prefix('>')?)
        }
        _ => return None,
    })
}

fn plain(name: &str) -> Option<Type> {
    Some(match name {
        "dyn" => Type::Dyn,
        "bool" => Type::Bool,
        "int" => Type::Int,
        "uint" => Type::Uint,
        "double" => Type::Double,
        "string" => Type::String,
        "bytes" => Type::Bytes,
        "A" => Type::Letter('A'),
        "B" => Type::Letter('B'),
        "" => return None,
        other => Type::Named(other.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_signature_is_one() {
        for line in SIGNATURES {
            let (name, types) = line.split_once(": ").unwrap();
            assert!(read(types).is_some(), "{line}");
            assert!(!named(name).is_empty(), "{line}");
        }
    }
}
