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
    // Without them, as with `Items`, it is an object of a kind that no server has.
    let items = object.mapping.get("items")?;
    if items.is_null() { Some(Vec::new()) } else { items.sequence() }
}

/// How many elements are read in one go. Few enough that all cores have something to do.
const CHUNK: usize = 256;

impl Reader<'_> {
    /// Reads the elements of a list: side by side, and put together in their order.
    pub(super) fn list(&mut self, list: &Object<'_>, items: &[Node<'_>], depth: usize) {
        let kind = list.kind.strip_suffix("List").unwrap_or_default();
        let inherited = (!kind.is_empty()).then_some((list.api_version.as_str(), kind));
        self.chunks(items, inherited, depth, CHUNK);
    }

    fn chunks(&mut self, items: &[Node<'_>], inherited: Option<(&str, &str)>, depth: usize, size: usize) {
        if items.len() <= size {
            self.elements(items, inherited, depth);
            return;
        }
        let reader: &Self = self;
        let read = |items: &[Node<'_>]| {
            let mut reader = reader.another();
            reader.elements(items, inherited, depth);
            reader.into_read()
        };
        let parts: Vec<Read> = items.par_chunks(size).map(read).collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kustomization::SourceNames;
    use crate::tree::json_documents;
    use watertight_base::{Source, SourceId};

    /// All that is read of a list, in chunks of this size.
    fn told(text: &str, size: usize) -> String {
        let source = Source { name: "x.json".to_owned(), bytes: text.as_bytes().to_vec() };
        let names = SourceNames::new(std::slice::from_ref(&source));
        let options = crate::Options::default();
        let mut reader = Reader::new(&source, &names, &options);
        let (documents, error) = json_documents(SourceId(0), text);
        assert_eq!(error, None);
        let items = documents[0].root().sequence().unwrap();
        reader.chunks(&items, Some(("v1", "Pod")), 0, size);
        let Read { found, blind_spots, diagnostics, template, strangers, .. } = reader.into_read();
        assert!(found.len() > 10 && !diagnostics.is_empty() && strangers.is_some() && template.is_some());
        format!("{found:?} {blind_spots:?} {diagnostics:?} {template:?} {strangers:?}")
    }

    #[test]
    fn chunks_say_what_the_whole_says() {
        let pod = r#"{"metadata": {"name": "p", "labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}"#;
        let odd = [
            r#"{"metadata": {"name": "P_", "name": "q"}, "spec": {"hostNetwork": "yes"}}"#,
            r#"{"apiVersion": "x/v1", "kind": "Odd", "metadata": {"name": "{{ .Values.name }}"}}"#,
            r#"{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"ports": [{"port": 0}]}}"#,
            r#"{"apiVersion": "v1"}"#,
            "3",
            r#"{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": 1}}]}"#,
        ];
        let items = (0..40).map(|number| if number % 3 == 0 { odd[number / 3 % odd.len()] } else { pod });
        let text = format!("[{}]", items.collect::<Vec<_>>().join(",\n"));
        let whole = told(&text, 100);
        for size in [1, 2, 7, 39] {
            assert_eq!(told(&text, size), whole, "{size}");
        }
    }
}
