//! Kustomizations that list the files of the input: new files have to be listed too, and those that go no more.

use crate::input::Input;
use crate::text::{Edit, Page, member};
use std::collections::BTreeMap;
use watertight_ingest::Tree;
use watertight_yaml::{Value, mapping, texts};

/// What a kustomization's file is called.
///
/// Source: <https://kubectl.docs.kubernetes.io/references/kustomize/glossary/#kustomization>.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Whether a file is one.
fn is_kustomization(name: &str) -> bool {
    NAMES.contains(&name.rsplit('/').next().unwrap_or(name))
}

/// The folder of a file, with a slash at its end unless it is empty.
fn folder(name: &str) -> &str {
    name.rfind('/').map_or("", |slash| &name[..=slash])
}

/// Whether the input has kustomizations.
pub(crate) fn is_used(input: &Input<'_>) -> bool {
    input.sources.iter().any(|source| is_kustomization(&source.name))
}

/// The kustomization that has to list a new file, with the file's path from there: the one in its folder, or else the nearest
/// one above that lists a file beside it.
pub(crate) fn listing<'f>(input: &Input<'_>, file: &'f str) -> Option<(usize, &'f str)> {
    let own = folder(file);
    let all = input.sources.iter().enumerate().filter(|(_, source)| is_kustomization(&source.name));
    let above = all.filter_map(|(index, source)| {
        let path = file.strip_prefix(folder(&source.name))?;
        let lists_one_beside = || {
            let entries = resources(input, index).map_or(&[][..], Tree::elements);
            let prefix = folder(path);
            entries
                .iter()
                .filter_map(Tree::text)
                .any(|entry| folder(entry.trim_start_matches("./")) == prefix && !entry.ends_with('/'))
        };
        (folder(&source.name) == own || lists_one_beside()).then_some((index, path))
    });
    above.min_by_key(|(_, path)| path.len())
}

fn resources<'i>(input: &'i Input<'_>, source: usize) -> Option<&'i Tree> {
    input.document(source)?.get("resources")
}

/// The edits of kustomizations for files that are added and files that go, by source; `None` if one cannot be made.
pub(crate) fn edits(input: &Input<'_>, added: &[&str], gone: &[usize]) -> Option<BTreeMap<usize, Vec<Edit>>> {
    let mut new: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for file in added {
        if let Some((index, path)) = listing(input, file) {
            new.entry(index).or_default().push(path);
        }
    }
    let mut edits = BTreeMap::new();
    for (index, source) in input.sources.iter().enumerate() {
        if !is_kustomization(&source.name) || gone.contains(&index) {
            continue;
        }
        let is_gone = |entry: &Tree| {
            let path = entry.text().map(|entry| entry.trim_start_matches("./"));
            gone.iter().filter_map(|gone| input.sources.get(*gone)).any(|file| {
                file.name.strip_prefix(folder(&source.name)).is_some_and(|name| Some(name) == path)
            })
        };
        let entries = resources(input, index).map_or(&[][..], Tree::elements);
        let gone = (0..entries.len()).filter(|&entry| is_gone(&entries[entry])).collect();
        let new = new.remove(&index).unwrap_or_default();
        let of_file = one(input, index, &new, gone)?;
        if !of_file.is_empty() {
            edits.insert(index, of_file);
        }
    }
    Some(edits)
}

/// The edits of one kustomization.
fn one(input: &Input<'_>, source: usize, new: &[&str], mut gone: Vec<usize>) -> Option<Vec<Edit>> {
    if new.is_empty() && gone.is_empty() {
        return Some(Vec::new());
    }
    let (tree, page) = (input.document(source)?, Page::of(&input.sources[source]));
    let list = member(tree, "resources").filter(|list| !list.value.elements().is_empty());
    let Some(list) = list else {
        let names = texts(new.iter().copied());
        return Some(vec![match member(tree, "resources") {
            Some(empty) => page.replace_member(empty, page.is_flow(tree), &names),
            None if tree.members().is_empty() => page.replace(tree, &mapping([("resources", names)])),
            None => page.add_member(tree, "resources", &names)?,
        }]);
    };
    let values: Vec<Value> = new.iter().map(|name| Value::from(*name)).collect();
    if values.is_empty() {
        return if gone.len() == list.value.elements().len() {
            Some(vec![page.empty_list(list)])
        } else {
            page.remove_elements(&list.value, &gone)
        };
    }
    // The new ones stand where one goes, or behind the last one.
    let Some(place) = gone.pop() else { return Some(vec![page.add_elements(&list.value, &values)?]) };
    let mut edits = page.remove_elements(&list.value, &gone)?;
    edits.push(page.replace_element(&list.value, place, &values)?);
    Some(edits)
}
