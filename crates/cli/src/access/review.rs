//! The question that the `spec` of a SubjectAccessReview asks, as JSON.

use serde::de::value::MapAccessDeserializer;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::marker::PhantomData;
use watertight_model::{Attributes, NonResourceAttributes, ResourceAttributes, User};

/// The `spec` of a SubjectAccessReview. A field that is null is as good as missing.
///
/// Source: <https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/subject-access-review-v1/>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Spec {
    user: Option<String>,
    groups: Option<Vec<String>>,
    /// RBAC does not look at it, nor at the next.
    #[serde(rename = "uid")]
    _uid: Option<String>,
    #[serde(rename = "extra")]
    _extra: Option<IgnoredAny>,
    resource_attributes: Option<Object<Resource>>,
    non_resource_attributes: Option<Object<NonResource>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Resource {
    namespace: Option<String>,
    verb: Option<String>,
    group: Option<String>,
    resource: Option<String>,
    subresource: Option<String>,
    name: Option<String>,
    /// RBAC does not look at it, nor at the next two.
    #[serde(rename = "version")]
    _version: Option<String>,
    #[serde(rename = "fieldSelector")]
    _field_selector: Option<IgnoredAny>,
    #[serde(rename = "labelSelector")]
    _label_selector: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NonResource {
    path: Option<String>,
    verb: Option<String>,
}

/// What is written as an object. By itself, serde takes a list of all fields too.
#[derive(Debug)]
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Fields(PhantomData)).map(Object)
    }
}

/// Reads the fields of an object.
struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields))
    }
}

/// The question that a line asks.
///
/// # Errors
/// It is none: why, in one lower-case sentence.
pub(crate) fn question(line: &[u8]) -> Result<(User, Attributes), String> {
    let Object(spec): Object<Spec> = serde_json::from_slice(line).map_err(|error| shape(&error))?;
    let asked = match (spec.resource_attributes, spec.non_resource_attributes) {
        (Some(Object(resource)), None) => Attributes::Resource(ResourceAttributes {
            verb: resource.verb.unwrap_or_default(),
            group: resource.group.unwrap_or_default(),
            resource: resource.resource.unwrap_or_default(),
            subresource: resource.subresource.unwrap_or_default(),
            namespace: resource.namespace.unwrap_or_default(),
            name: resource.name.unwrap_or_default(),
        }),
        (None, Some(Object(path))) => Attributes::NonResource(NonResourceAttributes {
            verb: path.verb.unwrap_or_default(),
            path: path.path.unwrap_or_default(),
        }),
        (Some(_), Some(_)) => {
            return Err("both `resourceAttributes` and `nonResourceAttributes` are given".to_owned());
        }
        (None, None) => {
            return Err("one of `resourceAttributes` and `nonResourceAttributes` is needed".to_owned());
        }
    };
    let user = User { name: spec.user.unwrap_or_default(), groups: spec.groups.unwrap_or_default() };
    if user.name.is_empty() && user.groups.is_empty() {
        return Err("a `user` or `groups` are needed".to_owned());
    }
    Ok((user, asked))
}

/// What is wrong with the shape of a line. The number of the line, which the parser counts within it, is always 1.
fn shape(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or(&text);
    format!("it is not the `spec` of a SubjectAccessReview: {text} (column {})", error.column())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(line: &str) -> String {
        question(line.as_bytes()).unwrap_err()
    }

    #[test]
    fn all_fields_of_the_api_are_taken_and_null_is_nothing() {
        let line = r#"{"user": "jane", "groups": ["dev"], "uid": "1", "extra": {"a": ["b"]}, "nonResourceAttributes": null,
            "resourceAttributes": {"namespace": "shop", "verb": "get", "group": "apps", "version": "v1",
            "resource": "deployments", "subresource": "scale", "name": "web",
            "fieldSelector": {"rawSelector": "a=b"}, "labelSelector": {"requirements": []}}}"#;
        let (user, asked) = question(line.as_bytes()).unwrap();
        assert_eq!(user, User { name: "jane".to_owned(), groups: vec!["dev".to_owned()] });
        assert_eq!(asked.to_string(), "get deployments.apps/scale web in shop");
        let line =
            r#"{"groups": ["dev"], "user": null, "nonResourceAttributes": {"path": "/x", "verb": "get"}}"#;
        let (user, asked) = question(line.as_bytes()).unwrap();
        assert_eq!((user.name.as_str(), asked.to_string().as_str()), ("", "get /x"));
    }

    #[test]
    fn what_the_server_refuses_is_no_question() {
        let (one, other) = (r#""resourceAttributes": {}"#, r#""nonResourceAttributes": {}"#);
        assert_eq!(
            why(&format!(r#"{{"user": "a", {one}, {other}}}"#)),
            "both `resourceAttributes` and `nonResourceAttributes` are given"
        );
        assert_eq!(
            why(r#"{"user": "a"}"#),
            "one of `resourceAttributes` and `nonResourceAttributes` is needed"
        );
        for nobody in ["", r#""user": "", "#, r#""groups": [], "#, r#""user": null, "groups": null, "#] {
            assert_eq!(why(&format!("{{{nobody}{one}}}")), "a `user` or `groups` are needed");
        }
    }

    #[test]
    fn what_has_another_shape_says_where() {
        let start = "it is not the `spec` of a SubjectAccessReview: ";
        for (line, rest) in [
            ("x", "expected value (column 1)"),
            ("{", "EOF while parsing an object (column 1)"),
            ("[]", "invalid type: sequence, expected an object (column 0)"),
            (
                r#"{"user": "a", "resourceAttributes": {"verb": 1}}"#,
                "invalid type: integer `1`, expected a string",
            ),
            (
                r#"{"user": "a", "resourceAttribute": {}}"#,
                "unknown field `resourceAttribute`, expected one of",
            ),
            (r#"{"spec": {}}"#, "unknown field `spec`, expected one of"),
            (r#"{"user": "a", "resourceAttributes": {}} {}"#, "trailing characters (column 41)"),
        ] {
            let why = why(line);
            let said = why.strip_prefix(start).unwrap_or_else(|| panic!("{line}: {why}"));
            assert!(said.starts_with(rest), "{line}: {why}");
        }
    }
}
