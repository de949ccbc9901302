//! What is known of a draft holds for every object that fits it; and known expressions on known objects.

use super::check::Checker;
use super::evaluate::{Inputs, evaluate};
use super::types::Type;
use super::value::{Outcome, Truth, Value};
use crate::{Known, Others};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use watertight_cel::parse;

const FIELDS: [&str; 3] = ["a", "b", "c"];
const TEXTS: [&str; 4] = ["x", "y", "xy", "z"];

/// Values of which all is known. They are few, so that expressions meet what they ask for.
fn whole() -> impl Strategy<Value = Known> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Known::Bool),
        (0i64..3).prop_map(Known::Integer),
        prop::sample::select(TEXTS.to_vec()).prop_map(Known::text),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3)
                .prop_map(|elements| Known::List { elements, others: Others::None }),
            prop::collection::btree_map(
                prop::sample::select(FIELDS.map(str::to_owned).to_vec()),
                inner,
                0..4
            )
            .prop_map(|fields| Known::Map { fields, others: Others::None }),
        ]
    })
}

fn object() -> impl Strategy<Value = Known> {
    prop::collection::btree_map(prop::sample::select(FIELDS.map(str::to_owned).to_vec()), whole(), 0..4)
        .prop_map(|fields| Known::Map { fields, others: Others::None })
}

/// Something that a value fits: less is known of it. What is left out is drawn from `choices`.
fn less_known(known: &Known, choices: &mut impl FnMut() -> u8) -> Known {
    match (choices(), known) {
        (0, _) => Known::Nothing,
        (1, Known::Text(texts)) => {
            let more = TEXTS.iter().take(usize::from(choices())).map(|&text| text.to_owned());
            Known::Text(texts.iter().cloned().chain(more).collect())
        }
        (2, Known::Text(texts)) => {
            let others = TEXTS.iter().map(|&text| text.to_owned()).filter(|text| !texts.contains(text));
            Known::OtherText(others.take(usize::from(choices())).collect())
        }
        (choice, Known::List { elements, others }) => {
            let kept = elements.iter().filter_map(|element| {
                let known = less_known(element, choices);
                (choice != 1 || choices() > 2).then_some(known)
            });
            let elements: Vec<Known> = kept.collect();
            let others = if choice == 1 { Others::Any } else { *others };
            Known::List { elements, others }
        }
        (choice, Known::Map { fields, others }) => {
            let mut left: BTreeMap<String, Known> = BTreeMap::new();
            for (name, field) in fields {
                let known = less_known(field, choices);
                if choice > 1 || choices() > 2 {
                    left.insert(name.clone(), known);
                }
            }
            let mut others = *others;
            if choice <= 1 {
                others = Others::Any;
                let missing: Vec<&str> =
                    FIELDS.into_iter().filter(|name| !fields.contains_key(*name)).collect();
                for name in missing {
                    match choices() {
                        0 | 1 => drop(left.insert(name.to_owned(), Known::Absent)),
                        2 => drop(left.insert(name.to_owned(), Known::Nothing)),
                        _ => {}
                    }
                }
            }
            Known::Map { fields: left, others }
        }
        (_, known) => known.clone(),
    }
}

/// An expression, as a text. Most are well typed.
fn expression() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        4 => prop::sample::select(vec![
            "object.a", "object.b", "object.a.b", "object['b']", "object.a[0]", "object.c", "object.b.c", "object[object.a]",
        ])
        .prop_map(str::to_owned),
        2 => prop::sample::select(vec!["'x'", "'y'", "1", "0", "true", "null", "['x', 'y']", "{'a': 'x'}", "oldObject"])
            .prop_map(str::to_owned),
        1 => prop::sample::select(vec![
            "object.?a.?b.orValue('x')", "object.?a.orValue(1)", "object.?a.orValue(object.b)", "object.?c.or(object.?b).orValue('z')", "size(object)", "variables.v", "string(object.a)",
            "object.a.map(k, k)", "object.filter(k, k == 'a')", "object.a.map(k, k == 'x', 'y')", "object[?'a'].orValue('y')",
        ])
        .prop_map(str::to_owned),
    ];
    let sum = (value.clone(), value.clone()).prop_map(|(one, two)| format!("({one} + {two})"));
    let value = prop_oneof![4 => value, 1 => sum];
    let leaf = prop_oneof![
        (value.clone(), prop::sample::select(vec!["==", "!=", "<", ">=", "in"]), value.clone())
            .prop_map(|(one, operator, two)| format!("{one} {operator} {two}")),
        prop::sample::select(vec![
            "has(object.a)",
            "has(object.a.b)",
            "'a' in object",
            "'x' in object.b",
            "object.a == object.b",
            "size(object.a) == 1",
            "object.?a.?b.hasValue()",
            "dyn(object.c)",
            "object.a.matches('^x.*$')",
        ])
        .prop_map(str::to_owned),
        (value.clone(), prop::sample::select(vec!["startsWith", "endsWith", "contains", "matches"]))
            .prop_map(|(of, name)| format!("{of}.{name}('x')")),
    ];
    leaf.prop_recursive(4, 24, 3, move |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(one, two)| format!("({one} && {two})")),
            (inner.clone(), inner.clone()).prop_map(|(one, two)| format!("({one} || {two})")),
            inner.clone().prop_map(|one| format!("!({one})")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(one, two, three)| format!("({one} ? {two} : {three})")),
            (
                prop::sample::select(vec!["object", "object.a", "object.b", "['a', 'b']"]),
                prop::sample::select(vec!["all", "exists", "exists_one"]),
                prop::sample::select(vec![
                    "k == 'a'",
                    "k == 'x'",
                    "object[k] == 'x'",
                    "k.a == 'x'",
                    "k.startsWith('x')"
                ]),
                inner.clone(),
            )
                .prop_map(|(range, name, asks, more)| format!("{range}.{name}(k, {asks} || ({more}))")),
        ]
    })
}

fn inputs(object: &Known) -> Inputs {
    let names = [("object", Value::of(object)), ("oldObject", Value::Null)];
    let variable = parse("object.a == 'x' ? object.b : 'y'").unwrap();
    Inputs::new(names).with_variables(&[("v".to_owned(), variable)])
}

fn asked(text: &str, object: &Known) -> Outcome {
    evaluate(&parse(text).unwrap(), &inputs(object))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn what_may_be_of_an_object_may_be_of_every_draft_that_it_fits(
        text in expression(),
        object in object(),
        choices in prop::collection::vec(0u8..8, 1..40),
    ) {
        let mut next = choices.iter().cycle().copied();
        let draft = less_known(&object, &mut || next.next().unwrap_or_default());
        let (exact, exact_error) = asked(&text, &object).truths();
        let (truth, error) = asked(&text, &draft).truths();
        prop_assert!(truth.yes || !exact.yes, "{text} of {object:?} is true, of {draft:?} never");
        prop_assert!(truth.no || !exact.no, "{text} of {object:?} is false, of {draft:?} never");
        prop_assert!(error || !exact_error, "{text} of {object:?} is an error, of {draft:?} never");
    }

    #[test]
    fn of_a_whole_object_all_is_known(text in expression(), object in object()) {
        let outcome = asked(&text, &object);
        let (truth, error) = outcome.truths();
        let possible = usize::from(truth.yes) + usize::from(truth.no) + usize::from(error);
        // What is not followed are a sum of anything and a part of an optional of what has no fields.
        let followed = !text.contains('?') && !text.contains("string(");
        prop_assert!(possible >= 1);
        // `has` of what has no fields is open.
        prop_assert!(possible == 1 || !followed || text.contains("has("), "{text} of {object:?}: {outcome:?}");
    }

    #[test]
    fn no_text_breaks_the_parser(text in "[a-z0-9\"'\\\\.\\[\\]{}()?:&|!<>=+*/% ,-]{0,60}", any in "\\PC{0,40}") {
        let mut checker = Checker::new(true, true);
        let _ = checker.read(&text);
        let _ = checker.read(&any);
    }

    #[test]
    fn no_row_of_signs_breaks_the_parser(sign in prop::sample::select(vec!["!", "-", "(", "[", "{", "a.", "a[", "a?b:", "a+", "a||", "a&&", "has(", "'"]), count in 0usize..2000) {
        let _ = parse(&sign.repeat(count));
        let _ = parse(&format!("{}a", sign.repeat(count)));
    }
}

#[test]
fn some_answers_on_drafts_are_sure() {
    let object = Known::with([("a", Known::text("x")), ("b", Known::Absent)]);
    for (text, truth, error) in [
        ("object.a == 'x'", Truth::YES, false),
        ("object.a != 'x'", Truth::NO, false),
        ("has(object.b)", Truth::NO, false),
        ("!has(object.b) || object.b == 'y'", Truth::YES, false),
        ("object.c == 'x'", Truth::EITHER, true),
        ("object.c == 'x' && object.a == 'y'", Truth::NO, false),
        ("object.all(k, k != 'a')", Truth::NO, false),
        ("object.exists(k, k == 'a')", Truth::YES, false),
        ("object.a in ['y', 'z']", Truth::NO, false),
        ("variables.v == 'y'", Truth { yes: false, no: false }, true),
        ("object.?b.orValue('q') == 'q'", Truth::YES, false),
        // What is behind `orValue` and `or` is asked only if there is nothing before it.
        ("object.?c.orValue(oldObject.c) == 'x'", Truth::EITHER, true),
        ("object.?a.orValue(oldObject.a) == 'x'", Truth::YES, false),
        ("object.?a.or(oldObject.?a.b).value() == 'x'", Truth::YES, false),
        ("object.?b.orValue(oldObject.b) == 'x'", Truth { yes: false, no: false }, true),
        ("oldObject == null", Truth::YES, false),
        ("object.a.startsWith('x') && object.a.matches('^[a-x]$')", Truth::YES, false),
    ] {
        assert_eq!(asked(text, &object).truths(), (truth, error), "{text}");
    }
    let left = Known::with([("a", Known::OtherText(BTreeSet::from(["x".to_owned()])))]);
    assert_eq!(asked("object.a == 'x'", &left).truths(), (Truth::NO, false));
    assert_eq!(asked("object.a == 'y'", &left).truths(), (Truth::EITHER, false));
}

#[test]
fn of_a_list_of_which_a_part_is_known_the_least_size_is_known() {
    let elements = vec![Known::text("x"), Known::Nothing];
    let some = Known::List { elements, others: Others::Any };
    let named = Known::OtherText(BTreeSet::from([String::new()]));
    let object = Known::with([("a", some), ("b", named), ("c", Known::with([("x", Known::Bool(true))]))]);
    for (text, truth) in [
        ("object.a.size() == 0", Truth::NO),
        ("object.a.size() > 0", Truth::YES),
        ("object.a.size() >= 2", Truth::YES),
        ("object.a.size() > 2", Truth::EITHER),
        ("object.a.size() < 2", Truth::NO),
        ("object.a.size() <= 2", Truth::EITHER),
        ("object.a.size() != 1", Truth::YES),
        ("object.a.size() == 2", Truth::EITHER),
        ("2 > object.a.size()", Truth::NO),
        ("2 >= object.a.size()", Truth::EITHER),
        ("1 < size(object.a)", Truth::YES),
        ("object.a.size() == object.a.size()", Truth::EITHER),
        ("object.b.size() > 0", Truth::YES),
        ("object.c.size() == 0", Truth::NO),
    ] {
        assert_eq!(asked(text, &object).truths(), (truth, false), "{text}");
    }
    for text in ["object.a.size() + 1 == 1", "-object.a.size() == 0", "object.a[object.a.size() - 2] == 'y'"]
    {
        assert_eq!(asked(text, &object).truths().0, Truth::EITHER, "{text}");
    }
}

#[test]
fn what_the_server_refuses_is_not_taken() {
    let mut checker = Checker::new(false, true);
    for text in [
        "1 == 'a'",
        "object.spec",
        "foo",
        "params.x",
        "variables.x",
        "request.object",
        "has(object)",
        "1 + 'a'",
        "[1, 'a'] == []",
        "object.all(1, true)",
        "'a'.nope()",
        "namespace == 'x'",
        "object.in == 1",
        "size(1) == 1",
        "'a' in 'b'",
        "'x'.matches('(')",
        "namespaceObject.metadata.foo == 'x'",
        "true &&",
        "1 < 'a'",
        "!1",
        "true ? 1 : 'a'",
        "[].all(x, x == 1 || x == 'a')",
        "(true ? [] : ['a']).all(x, x == 1)",
        "(object.a + [1]).all(x, x == 'a')",
        "[].sum() == 'a'",
        "object.a.orValue('a') == 1",
        "object.?a[?'b'].orValue('') == 1",
        "has(authorizer.requestResource)",
        "authorizer.?requestResource.hasValue()",
        "[authorizer].all(a, a.requestResource == a.requestResource) && authorizer.x",
        "['a'].all(sets, sets.contains('a'))",
        "{[1]: 1} == {}",
        "object.a[null] == 1",
        "object.a[?dyn(['x'])].hasValue()",
        "int('x') == 1",
        "string(dyn(null)) == ''",
        "object.a.matches(dyn('('))",
        "'x'.matches('((a{40})b{9}){40}')",
    ] {
        let taken = checker.read(text).is_ok_and(|(_, of)| of == Type::Bool);
        assert!(!taken, "{text}");
    }
    for text in [
        "object.spec == 'x'",
        "request.operation == 'CREATE'",
        "has(object.spec.x) ? object.spec.x == 1 : false",
        "object.metadata.labels.all(k, k != 'a' || object.metadata.labels[k] == 'b')",
        "'a' in request.userInfo.groups",
        "authorizer.group('').resource('pods').check('create').allowed()",
        "object.spec.namespace == r'\\d'",
        "size(object.spec.containers) > 0 && object.spec.replicas < 5",
        "\"\"\"a\"b\"\"\" != '\\u0041\\x41\\101' // told",
        "namespaceObject.metadata.labels['env'] in ['a', 'b']",
        "authorizer.requestResource.check('x').allowed()",
        "quantity(object.spec.size).isLessThan(quantity('1Gi'))",
        "object.?metadata.labels[?'a'].orValue('') == ''",
        "object.metadata.?labels[?'a'].value() == 'x'",
        "object.?a[?'b'].?c.orValue([]).all(x, x == 'a')",
        "(has(object.a) ? object.a : []).all(x, x == 'a' || x == 1)",
        "object.?spec.?a.orValue({}).size() == 0 && [] == ['a']",
        "namespaceObject.metadata.?labels.orValue({}).all(k, k != 'a')",
    ] {
        let taken = checker.read(text);
        assert!(taken.as_ref().is_ok_and(|(_, of)| *of == Type::Bool), "{text}: {taken:?}");
    }
}

#[test]
fn work_is_bounded() {
    let nested = (0..20).fold("true".to_owned(), |inner, depth| format!("[1, 2, 3].all(x{depth}, {inner})"));
    let (truth, error) = asked(&nested, &Known::with([])).truths();
    assert_eq!((truth, error), (Truth::EITHER, true));
    let double = |name: &str| parse(&format!("variables.{name} + variables.{name}")).unwrap();
    let mut variables = vec![("v0".to_owned(), parse("[1]").unwrap())];
    variables.extend((1..60).map(|index| (format!("v{index}"), double(&format!("v{}", index - 1)))));
    let inputs = Inputs::new([]).with_variables(&variables);
    assert_eq!(evaluate(&parse("size(variables.v59) == 3").unwrap(), &inputs).truths().0, Truth::EITHER);
}
