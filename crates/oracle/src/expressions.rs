//! Expressions of admission policies by chance, as texts. Many are of types that do not fit together.
//!
//! They name `object.spec` with the fields `a` to `d`, the variables `v` and `list`, and `k`, which macros give to elements.

use crate::Random;

fn some(random: &mut Random, of: &[&'static str]) -> &'static str {
    of[random.below(of.len())]
}

/// One that comes out as a value of whatever type, so deep.
#[must_use]
pub fn value(random: &mut Random, depth: usize) -> String {
    const PLAIN: [&str; 34] = [
        "object.spec.a",
        "object.spec.b",
        "object.spec.c.a",
        "object.spec.d",
        "object.spec['b']",
        "object.spec[?'a']",
        "object.spec.d[0]",
        "object.spec",
        "object.spec.?c.?a",
        "oldObject.spec.a",
        "request.namespace",
        "request.operation",
        "request.userInfo.username",
        "request.userInfo.groups",
        "namespaceObject.metadata.labels",
        "variables.v",
        "variables.list",
        "'x'",
        "'y'",
        "'z.example'",
        "1",
        "0",
        "2.5",
        "3u",
        "b'x'",
        "true",
        "null",
        "[]",
        "{}",
        "['x', 'y']",
        "{'a': 'x', 'b': 'y'}",
        "{1: 'x'}",
        "optional.none()",
        "authorizer.group('').resource('pods').check('get').allowed()",
    ];
    let Some(depth) = depth.checked_sub(1) else { return some(random, &PLAIN).to_owned() };
    let one = value(random, depth);
    let two = |random: &mut Random| value(random, depth);
    match random.below(24) {
        0 => format!("({one} {} {})", random.one_of(["+", "-", "*", "/", "%"]), two(random)),
        1 => format!("size({one})"),
        2 => format!("{one}.size()"),
        3 => format!("string({one})"),
        4 => format!("dyn({one})"),
        5 => format!("{one}.lowerAscii()"),
        6 => format!("optional.of({one})"),
        7 | 8 => format!("{one}.orValue({})", two(random)),
        9 => format!("{one}.or({})", two(random)),
        10 => format!("{one}.value()"),
        11 | 12 => format!("{one}.filter(k, {})", truth(random, depth)),
        13 => format!("{one}.map(k, {})", two(random)),
        14 => format!("{one}.map(k, {}, {})", truth(random, depth), two(random)),
        15 => format!("({} ? {one} : {})", truth(random, depth), two(random)),
        16 => format!("[{one}, {}]", two(random)),
        17 => format!("{{'a': {one}, 'b': {}}}", two(random)),
        18 => format!("{one}.?a"),
        19 => format!("{one}[{}]", two(random)),
        20 => format!("{one}[?{}]", two(random)),
        21 => some(random, &["-(1)", "{'a': 'x', 'a': 'y'}", "int(1)", "bool(true)", "'a,b'.split(',')"])
            .to_owned(),
        22 => format!("{one}.a"),
        _ => one,
    }
}

/// One that is true or false, most often.
#[must_use]
pub fn truth(random: &mut Random, depth: usize) -> String {
    const PLAIN: [&str; 26] = [
        "has(object.spec.a)",
        "has(object.spec.c.a)",
        "object.spec.a == 'x'",
        "object.spec.b != 'y'",
        "object.spec.a in ['x', 'xy']",
        "'a' in object.spec",
        "object.spec.a.matches('^x')",
        "object.spec.b.matches('^[^y]*$|z')",
        "object.spec.a.startsWith('x')",
        "object.spec.?b.orValue('y') == 'y'",
        "object.spec.?b.orValue(object.spec.a) == 'y'",
        "object.spec.?a.orValue(oldObject.spec.a) != 'x'",
        "object.spec.d.all(k, k != 'x')",
        "object.spec.d.exists(k, k == 'y')",
        "object.spec.d.exists_one(k, k == 'x')",
        "object.spec.d.filter(k, k.matches('x')).size() == 0",
        "object.spec.d.map(k, k + '!').exists(k, k == 'x!')",
        "object.spec.map(k, k) == ['a']",
        "object.spec == {'a': 'x'}",
        "size(object.spec.d) > 0",
        "request.operation == 'CREATE'",
        "request.userInfo.username == 'admin'",
        "oldObject == null",
        "1 < 2.5",
        "variables.v == 'x'",
        "k == 'x'",
    ];
    let Some(depth) = depth.checked_sub(1) else { return some(random, &PLAIN).to_owned() };
    match random.below(16) {
        0 | 1 => format!("({} && {})", truth(random, depth), truth(random, depth)),
        2 | 3 => format!("({} || {})", truth(random, depth), truth(random, depth)),
        4 => format!("!({})", truth(random, depth)),
        5 => format!("({} ? {} : {})", truth(random, depth), truth(random, depth), truth(random, depth)),
        6 | 7 => {
            let sign = random.one_of(["==", "!=", "<", "<=", ">", ">=", "in"]);
            format!("{} {sign} {}", value(random, depth), value(random, depth))
        }
        8 | 9 => {
            let kind = random.one_of(["all", "exists", "exists_one"]);
            format!("{}.{kind}(k, {})", value(random, depth), truth(random, depth))
        }
        10 => {
            let name = random.one_of(["matches", "contains", "endsWith"]);
            let with = random.one_of(["'x'", "'[a-x]+$'", "'('", "'a|b*'", r"'\\.ex'"]);
            format!("{}.{name}({with})", value(random, depth))
        }
        11 => format!("{}.hasValue()", value(random, depth)),
        12 => format!("has({}.a)", value(random, depth)),
        _ => some(random, &PLAIN).to_owned(),
    }
}
