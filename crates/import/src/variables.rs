//! Texts with placeholders, as `score.yaml` has them: `${metadata.name}` is known, `${resources.db.host}` is not known before
//! somebody has provided the resource, and `$${` is `${`.
//!
//! Source: <https://docs.score.dev/docs/score-specification/score-spec-reference/>.

use watertight_ingest::{Content, Tree};

/// What a text means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resolved {
    /// This text.
    Text(String),
    /// Something that is known when a resource is there: its name.
    Resource(String),
    /// Something that nobody knows.
    Unknown(String),
}

/// What a text means, in a file with this metadata.
pub(crate) fn resolve(text: &str, metadata: Option<&Tree>) -> Resolved {
    let mut resolved = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, from) = rest.split_at(start);
        if let Some(before) = before.strip_suffix('$') {
            resolved += before;
            resolved += "${";
            rest = &from[2..];
            continue;
        }
        resolved += before;
        let Some(end) = from.find('}') else {
            return Resolved::Unknown(from.to_owned());
        };
        let path = &from[2..end];
        let mut parts = path.split('.');
        match (parts.next(), parts.next()) {
            (Some("resources"), Some(name)) => return Resolved::Resource(name.to_owned()),
            (Some("metadata"), Some(_)) => match known(path, metadata) {
                Some(text) => resolved += text,
                None => return Resolved::Unknown(format!("${{{path}}}")),
            },
            _ => return Resolved::Unknown(format!("${{{path}}}")),
        }
        rest = &from[end + 1..];
    }
    Resolved::Text(resolved + rest)
}

/// A text of the metadata, by its path.
fn known<'t>(path: &str, metadata: Option<&'t Tree>) -> Option<&'t str> {
    let tree = path.split('.').skip(1).try_fold(metadata?, |tree, key| tree.get(key))?;
    match &tree.content {
        Content::Text(text) => Some(text),
        Content::Number { written, .. } => Some(written),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watertight_base::{Source, SourceId};
    use watertight_ingest::trees;

    #[test]
    fn what_is_known_is_put_in() {
        let source = Source { name: "x".to_owned(), bytes: b"{name: shop, team: {id: 7}}".to_vec() };
        let metadata = trees(SourceId(0), &source).documents.remove(0);
        let of = |text: &str| resolve(text, Some(&metadata));
        assert_eq!(of("a ${metadata.name}-${metadata.team.id} b"), Resolved::Text("a shop-7 b".to_owned()));
        assert_eq!(of("$${HOME} $HOME"), Resolved::Text("${HOME} $HOME".to_owned()));
        assert_eq!(of("x${resources.db.host}"), Resolved::Resource("db".to_owned()));
        assert_eq!(of("${metadata.owner}"), Resolved::Unknown("${metadata.owner}".to_owned()));
        assert_eq!(of("${HOME}"), Resolved::Unknown("${HOME}".to_owned()));
        assert_eq!(of("${"), Resolved::Unknown("${".to_owned()));
    }
}
