//! Lists: `List` of anything, typed lists such as `PodList`, whose elements may leave out what they are, and whatever else
//! has `items`, which kubectl takes for a list, whatever its kind.

use super::{Object, Reader};
use crate::tree::Node;

/// How deep lists may stand in lists.
const MAX_DEPTH: usize = 8;

/// The elements, if the object is a list. Source: `UnstructuredJSONScheme` of `k8s.io/apimachinery`.
pub(super) fn items<'a>(object: &Object<'a>) -> Option<Vec<Node<'a>>> {
    if !object.kind.ends_with("List") {
        return object.mapping.get("items")?.sequence();
    }
    let Some(items) = object.mapping.get("items") else {
        return (object.kind == "List").then(Vec::new);
    };
    if items.is_null() { Some(Vec::new()) } else { items.sequence() }
}

impl Reader<'_> {
    /// Reads the elements of a list.
    pub(super) fn list(&mut self, list: &Object<'_>, items: Vec<Node<'_>>, depth: usize) {
        let kind = list.kind.strip_suffix("List").unwrap_or_default();
        let inherited = (!kind.is_empty()).then_some((list.api_version.as_str(), kind));
        for item in items {
            if depth < MAX_DEPTH {
                self.object(item.apart().node(), inherited, depth + 1);
            } else {
                self.stranger(item.span());
            }
        }
    }
}
