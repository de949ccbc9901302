//! Lists: `List` of anything, typed lists such as `PodList`, whose elements may leave out what they are, and whatever else
//! has `items`, which kubectl takes for a list, whatever its kind.

use super::{Object, Read, Reader};
use crate::tree::Node;
use rayon::prelude::*;

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

/// How many elements are read in one go. Few enough that all cores have something to do.
const CHUNK: usize = 256;

impl Reader<'_> {
    /// Reads the elements of a list: side by side, and put together in their order.
    pub(super) fn list(&mut self, list: &Object<'_>, items: &[Node<'_>], depth: usize) {
        let kind = list.kind.strip_suffix("List").unwrap_or_default();
        let inherited = (!kind.is_empty()).then_some((list.api_version.as_str(), kind));
        if items.len() <= CHUNK {
            self.elements(items, inherited, depth);
            return;
        }
        let reader: &Self = self;
        let read = |items: &[Node<'_>]| {
            let mut reader = reader.another();
            reader.elements(items, inherited, depth);
            reader.into_read()
        };
        let parts: Vec<Read> = items.par_chunks(CHUNK).map(read).collect();
        for part in parts {
            self.add(part);
        }
    }

    fn elements(&mut self, items: &[Node<'_>], inherited: Option<(&str, &str)>, depth: usize) {
        for item in items {
            if depth < MAX_DEPTH {
                self.object(item.apart().node(), inherited, depth + 1);
            } else {
                self.stranger(item.span());
            }
        }
    }
}
