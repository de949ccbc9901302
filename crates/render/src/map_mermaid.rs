//! A map as a Mermaid flowchart, which GitHub and GitLab draw within Markdown.

use crate::map_graph::{Arrow, Dot, Graph};
use watertight_model::ConnectivityMap;

/// How many arrows Mermaid draws, unless it is told otherwise.
pub const MERMAID_ARROWS_MAX: usize = 500;

/// The map as a flowchart, with a subgraph for each namespace.
#[must_use]
pub fn map_mermaid(map: &ConnectivityMap) -> String {
    let Graph { groups, others, arrows } = Graph::of(map);
    let mut out = String::from("flowchart LR\n");
    for (index, (name, dots)) in groups.iter().enumerate() {
        out += &format!("  subgraph g{index}[{}]\n", quoted(name));
        for Dot { id, label } in dots {
            out += &format!("    {id}[{}]\n", quoted(label));
        }
        out += "  end\n";
    }
    for Dot { id, label } in &others {
        out += &format!("  {id}[{}]\n", quoted(label));
    }
    for Arrow { from, to, label, is_carried } in &arrows {
        let arrow = if *is_carried { "-.->" } else { "-->" };
        out += &format!("  {from} {arrow}|{}| {to}\n", quoted(label));
    }
    out
}

/// A label, in which all that could mean something to Mermaid, Markdown or HTML is written as the number of its
/// character.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        if character.is_alphanumeric() || " -_./,:=".contains(character) {
            out.push(character);
        } else {
            out += &format!("#{};", u32::from(character));
        }
    }
    out + "\""
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use crate::page::clean;
    use proptest::prelude::*;
    use watertight_model::Peer;

    /// What a label shows.
    fn shown(label: &str) -> String {
        let mut out = String::new();
        let mut rest = label;
        while let Some((before, escape)) = rest.split_once('#') {
            let (number, after) = escape.split_once(';').expect("a number ends in a semicolon");
            out += before;
            out.push(char::from_u32(number.parse().expect("a number")).expect("a character"));
            rest = after;
        }
        out + rest
    }

    /// The labels of all lines, each of which must be of a form that we write.
    fn labels(text: &str) -> Vec<String> {
        let lines = text.lines().skip(1).map(str::trim).filter(|line| *line != "end");
        let label = |line: &str| {
            let parts: Vec<&str> = line.split('"').collect();
            let [before, label, after] = parts[..] else { panic!("{line}") };
            let known = match (before.split(' ').next(), after) {
                (Some("subgraph"), "]") => before.starts_with("subgraph g") && before.ends_with('['),
                (Some(_), "]") => before.starts_with('p') && before.ends_with('['),
                _ => (before.ends_with(" -->|") || before.ends_with(" -.->|")) && after.starts_with("| p"),
            };
            assert!(known, "{line}");
            shown(label)
        };
        lines.map(label).collect()
    }

    #[test]
    fn a_namespace_is_a_subgraph_and_a_connection_an_arrow() {
        let text = map_mermaid(&fixtures::map());
        insta::assert_snapshot!(text);
        let labels = labels(&text);
        assert!(labels.contains(&"namespace production".to_owned()));
        assert!(labels.contains(&"Deployment/api {track=canary}".to_owned()));
        let count = |arrow: &str| text.lines().filter(|line| line.contains(arrow)).count();
        let map = fixtures::map();
        assert_eq!((count(" -->|"), count(" -.->|")), (map.edges.len(), map.paths.len()));
    }

    proptest! {
        #[test]
        fn any_name_is_one_label_that_shows_it(name in "(\\PC|[\"#;`|<>{}\\[\\]%\n])*") {
            let mut map = fixtures::map();
            map.edges[0].from = Peer::Node { name: name.clone() };
            let shown = clean(&format!("node {name}"));
            prop_assert!(labels(&map_mermaid(&map)).contains(&shown));
        }
    }
}
