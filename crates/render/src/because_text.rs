//! The objects that a statement rests on, one short line each.

use crate::Inputs;
use watertight_model::{Because, Evidence, EvidenceRole};

/// `selected by spec.podSelector (k8s/policies.yaml:14:11)`: what the place does in the step that says `statement`, and
/// where it stands. The object is left out if the statement names it already.
pub(crate) fn because_text(because: &Because, statement: &str, inputs: &Inputs<'_>) -> String {
    let Because { role, object, path, .. } = because;
    let place = place_text(because, statement, inputs);
    match role {
        EvidenceRole::Absent if path.is_empty() => {
            format!("none in {}", located(&object.to_string(), because, inputs))
        }
        EvidenceRole::Absent => {
            let what = format!("{} of {object}", field_text(path));
            format!("none in {}", located(&what, because, inputs))
        }
        _ if path.is_empty() => place,
        EvidenceRole::Selects if object.kind == "NetworkPolicy" => format!("selected by {place}"),
        EvidenceRole::Selects => format!("given by {place}"),
        EvidenceRole::Allows => format!("allowed by {place}"),
        EvidenceRole::Denies => format!("denied by {place}"),
    }
}

/// `NetworkPolicy production/allow-db, spec.podSelector (k8s/policies.yaml:14:11)`: the object, unless `statement` names
/// it already, the field, and where it stands.
pub(crate) fn place_text(because: &Because, statement: &str, inputs: &Inputs<'_>) -> String {
    let Because { object, path, .. } = because;
    let named = object.to_string();
    let field = field_text(path);
    let what = if field.is_empty() {
        named
    } else if statement.contains(&named) {
        field
    } else {
        format!("{named}, {field}")
    };
    located(&what, because, inputs)
}

/// Only a namespace can be without a place: objects may be in one that has no Namespace object in the input.
fn located(what: &str, because: &Because, inputs: &Inputs<'_>) -> String {
    match because.evidence.as_ref().and_then(|Evidence::File(span)| inputs.place(*span)) {
        Some(place) => format!("{what} ({place})"),
        None => format!("{what} (which the input does not hold)"),
    }
}

/// A JSON Pointer as people write it: `/spec/ingress/0/from/1` is `spec.ingress[0].from[1]`.
fn field_text(pointer: &str) -> String {
    let mut text = String::new();
    for part in pointer.split('/').skip(1) {
        if !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) {
            text.push_str(&format!("[{part}]"));
        } else {
            let part = part.replace("~1", "/").replace("~0", "~");
            let dot = if text.is_empty() { "" } else { "." };
            text.push_str(&format!("{dot}{part}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use watertight_model::ObjectRef;

    fn text(role: EvidenceRole, kind: &str, path: &str) -> String {
        let object = ObjectRef {
            api_version: "v1".into(),
            kind: kind.into(),
            namespace: None,
            name: "x".into(),
            uid: None,
        };
        let because = Because { role, object, path: path.into(), evidence: None };
        fixtures::with_inputs(|inputs| because_text(&because, &format!("{kind} x is there"), inputs))
            .replace(" (which the input does not hold)", "")
    }

    #[test]
    fn a_place_says_what_it_does() {
        assert_eq!(
            text(EvidenceRole::Selects, "NetworkPolicy", "/spec/podSelector"),
            "selected by spec.podSelector"
        );
        assert_eq!(
            text(EvidenceRole::Allows, "NetworkPolicy", "/spec/ingress/0"),
            "allowed by spec.ingress[0]"
        );
        assert_eq!(
            text(EvidenceRole::Denies, "NetworkPolicy", "/spec/ingress/0"),
            "denied by spec.ingress[0]"
        );
        assert_eq!(text(EvidenceRole::Selects, "Pod", "/metadata/labels"), "given by metadata.labels");
        assert_eq!(text(EvidenceRole::Allows, "Node", ""), "Node x");
        assert_eq!(text(EvidenceRole::Absent, "Namespace", ""), "none in Namespace x");
        assert_eq!(
            text(EvidenceRole::Absent, "Namespace", "/metadata/labels"),
            "none in metadata.labels of Namespace x"
        );
    }

    #[test]
    fn fields_read_as_people_write_them() {
        assert_eq!(field_text(""), "");
        assert_eq!(field_text("/spec/ingress/0/from/1"), "spec.ingress[0].from[1]");
        assert_eq!(
            field_text("/metadata/labels/app.kubernetes.io~1name"),
            "metadata.labels.app.kubernetes.io/name"
        );
    }
}
