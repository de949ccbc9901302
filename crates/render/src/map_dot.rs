//! A map as a drawing by Graphviz: `watertight map -o dot | dot -Tsvg`.

use crate::map_graph::{Arrow, Dot, Graph};
use watertight_model::ConnectivityMap;

/// The map in the DOT language, with a cluster for each namespace.
#[must_use]
pub fn map_dot(map: &ConnectivityMap) -> String {
    let Graph { groups, others, arrows } = Graph::of(map);
    let mut out = String::from("digraph map {\n  rankdir=LR;\n  node [shape=box];\n");
    for (index, (name, dots)) in groups.iter().enumerate() {
        out += &format!("  subgraph cluster_{index} {{\n    label={};\n", quoted(name));
        for Dot { id, label } in dots {
            out += &format!("    {id} [label={}];\n", quoted(label));
        }
        out += "  }\n";
    }
    for Dot { id, label } in &others {
        out += &format!("  {id} [label={}];\n", quoted(label));
    }
    for Arrow { from, to, label, is_carried } in &arrows {
        let style = if *is_carried { " style=dashed" } else { "" };
        out += &format!("  {from} -> {to} [label={}{style}];\n", quoted(label));
    }
    out + "}\n"
}

/// A string that a label shows as it is. Within the quotes a backslash and an ampersand mean something to labels.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('&', "&amp;"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use crate::map_lines::lines;
    use crate::page::clean;
    use proptest::prelude::*;
    use watertight_model::Peer;

    /// The tokens of a DOT file; a quoted string is what a label shows.
    fn tokens(text: &str) -> Vec<String> {
        let mut tokens = Vec::new();
        let mut rest = text.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = if first == '"' {
                let mut shown = String::new();
                let mut end = None;
                let mut characters = rest.char_indices().skip(1);
                while let Some((at, character)) = characters.next() {
                    match character {
                        '"' => {
                            end = Some(at + 1);
                            break;
                        }
                        '\\' => shown.push(characters.next().expect("a character behind the backslash").1),
                        _ => shown.push(character),
                    }
                }
                tokens.push(shown.replace("&amp;", "&"));
                end.expect("a closing quote")
            } else if rest.starts_with("->") {
                tokens.push("->".to_owned());
                2
            } else {
                let word = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                assert!(word > 0 || "{}[]=;".contains(first), "{first:?} is no token");
                tokens.push(rest[..word.max(1)].to_owned());
                word.max(1)
            };
            rest = rest[length..].trim_start();
        }
        tokens
    }

    #[test]
    fn a_namespace_is_a_cluster_and_a_connection_an_arrow() {
        let dot = map_dot(&fixtures::map());
        insta::assert_snapshot!(dot);
        let tokens = tokens(&dot);
        let count = |token: &str| tokens.iter().filter(|other| *other == token).count();
        assert_eq!(count("->"), lines(&fixtures::map()).len());
        assert_eq!(count("dashed"), fixtures::map().paths.len());
        assert_eq!(count("subgraph"), 3);
        assert_eq!(count("{"), count("}"));
    }

    proptest! {
        #[test]
        fn any_name_is_one_string_that_shows_it(name in "(\\PC|[\"\\\\&\n<>{};])*") {
            let mut map = fixtures::map();
            map.edges[0].from = Peer::Node { name: name.clone() };
            let with_a_node = tokens(&map_dot(&map));
            let shown = clean(&format!("node {name}"));
            prop_assert!(with_a_node.contains(&shown));
            map.edges[0].from = Peer::Node { name: "plain".to_owned() };
            prop_assert_eq!(with_a_node.len(), tokens(&map_dot(&map)).len());
        }
    }
}
