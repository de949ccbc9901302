//! The objects that a statement rests on, one short line each.

use crate::Inputs;
use watertight_model::{Because, Evidence, Role};

/// `NetworkPolicy production/allow-db, spec.podSelector (k8s/policies.yaml:14:11)`. The object is left out if
/// `statement` names it already.
pub(crate) fn because_text(because: &Because, statement: &str, inputs: &Inputs<'_>) -> String {
    let Because { role, object, path, evidence } = because;
    let place = evidence.as_ref().and_then(|Evidence::File(span)| inputs.place(*span));
    let named = object.to_string();
    let field = field_text(path);
    let what = match role {
        Role::Absent => format!("looked in {named}"),
        _ if field.is_empty() => named,
        _ if statement.contains(&named) => field,
        _ => format!("{named}, {field}"),
    };
    match place {
        Some(place) => format!("{what} ({place})"),
        None => what,
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
    use super::field_text;

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
