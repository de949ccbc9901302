//! What certificates follow of expressions is what the engine writes them by.

use super::types::Types;
use watertight_cel::parse;

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
        assert!(expression.is_plain(), "{text}");
        assert!(Types::new(false).of(&expression).is_some(), "{text}");
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
        assert_eq!(Types::new(false).of(&parse(text).unwrap()), None, "{text}");
    }
}
