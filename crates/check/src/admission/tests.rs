//! What certificates follow of expressions is what the engine writes them by.

mod agreement;

use super::Object;
use super::draft::{Kind, Request};
use super::types::Types;
use super::value::Truth;
use crate::format::{KnownField, Word};
use watertight_cel::parse;
use watertight_model::Snapshot;

#[test]
fn an_expression_that_the_server_may_refuse_has_no_type() {
    for text in [
        "object.spec.a == 1 && has(object.metadata.labels)",
        "object.spec.?a.orValue([]).all(x, x.?b.orValue('') in ['c', 'd'])",
        "request.userInfo.groups.exists(g, g == 'a') ? 'b' == request.namespace : size(object.a) > 0",
        "namespaceObject.metadata.labels['a'] == 'b' || 'a' in namespaceObject.metadata.labels",
        "(object.spec.containers + object.spec.?initContainers.orValue([])).all(c, c.name != 'x')",
        "'a: ' + string(object.spec.b)",
    ] {
        let expression = parse(text).unwrap();
        assert!(Types::new(false).of_whole(&expression).is_some(), "{text}");
    }
    for text in [
        "1 == 'a'",
        "nobody.spec == 1",
        "request.nothing == 'a'",
        "namespaceObject.metadata.other == 'a'",
        "request.namespace in 'a'",
        "[1, 'a'] == []",
        "!request.namespace",
        "params.a == 1",
        "request.userInfo.groups.all(g, g)",
        "request.namespace.all(g, true)",
        "object.all(__g, true)",
        "quux(object)",
        "'a'.size(1)",
        "request.namespace ? true : false",
    ] {
        assert_eq!(Types::new(false).of_whole(&parse(text).unwrap()), None, "{text}");
    }
}

/// What an expression may come out as, of an Ingress that has these fields: true, false, an error.
fn truth(expression: &str, fields: &[KnownField]) -> [bool; 3] {
    let object = Object::with(fields).unwrap();
    let kind = Kind::new(["networking.k8s.io", "v1", "Ingress", "ingresses"]);
    let (operation, subresource, namespace) = ("CREATE", "", "staging");
    let request = Request { kind: &kind, operation, subresource, namespace, object: &object };
    let names = request.names(&Snapshot::default(), false);
    let Truth { yes, no, error } = Truth::of(&names.evaluate(&parse(expression).unwrap()));
    [yes, no, error]
}

fn field(path: &str) -> KnownField {
    let path = path.split('.').map(str::to_owned).collect();
    KnownField { path, one_of: None, other_than: None, is: None }
}

#[test]
fn what_is_not_known_may_be_anything() {
    let host = KnownField { one_of: Some(["a.example".to_owned()].into()), ..field("spec.rules.*.host") };
    let (absent, empty) = (Some(Word::Absent), Some(Word::Empty));
    let absent = KnownField { is: absent, ..field("spec.tls") };
    let empty = KnownField { is: empty, ..field("spec.tls") };
    let any = [true, true, true];
    let (yes, no, error) = ([true, false, false], [false, true, false], [false, false, true]);
    let (perhaps_no, perhaps) = ([false, true, false], [true, true, false]);
    for (expression, fields, expected) in [
        ("object.spec.rules.all(r, r.host != 'a.example')", std::slice::from_ref(&host), perhaps_no),
        ("object.spec.rules.exists(r, r.host == 'a.example')", std::slice::from_ref(&host), yes),
        ("object.spec.rules.all(r, r.host.endsWith('.example'))", std::slice::from_ref(&host), any),
        ("object.spec.rules.size() > 0", std::slice::from_ref(&host), yes),
        ("object.spec.rules.size() > 1", std::slice::from_ref(&host), perhaps),
        ("object.spec.other == 1", std::slice::from_ref(&host), any),
        ("has(object.spec.tls)", std::slice::from_ref(&absent), no),
        ("object.spec.tls == []", std::slice::from_ref(&absent), error),
        ("has(object.spec.tls) && object.spec.tls.all(t, true)", std::slice::from_ref(&absent), no),
        ("object.spec.?tls.orValue([]).all(t, t.hosts == [])", std::slice::from_ref(&absent), yes),
        ("object.spec.tls == []", std::slice::from_ref(&empty), yes),
        ("object.spec.tls.exists(t, true)", std::slice::from_ref(&empty), no),
        ("request.operation == 'UPDATE' || request.namespace == 'staging'", &[], yes),
        ("oldObject == null && request.resource.resource in ['ingresses']", &[], yes),
        ("request.userInfo.username == 'admin'", &[], any),
        ("request.userInfo.groups.exists(g, g == 'x') && false", &[], no),
        ("namespaceObject.metadata.name == 'staging'", &[], yes),
        ("namespaceObject.metadata.labels['env'] == 'x'", &[], any),
        ("object.spec.name == 1 || true", &[], yes),
    ] {
        assert_eq!(truth(expression, fields), expected, "{expression}");
    }
}

#[test]
fn fields_that_say_nothing_are_refused() {
    let nothing = KnownField { one_of: Some([].into()), ..field("spec.a") };
    let both = KnownField { is: Some(Word::True), other_than: Some([].into()), ..field("spec.a") };
    let element = KnownField { is: Some(Word::Absent), ..field("spec.a.*") };
    let anything = KnownField { is: Some(Word::Anything), ..field("spec.a") };
    for known in [field("spec.a"), nothing, both, element, anything] {
        assert!(Object::with(std::slice::from_ref(&known)).is_none(), "{known:?}");
    }
    let known = KnownField { is: Some(Word::True), ..field("spec.a") };
    assert!(Object::with(&[known.clone(), known]).is_none(), "one field is there twice");
}
