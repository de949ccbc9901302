//! A map as a table in GitHub's Markdown, with what could not be seen below it.

use crate::map_lines::lines;
use crate::map_text::peer_text;
use crate::markdown::{cell, code, text};
use crate::page::counted;
use crate::{Inputs, Provenance};
use watertight_model::{BlindSpot, Channel, ConnectivityMap};

/// The map as a table.
#[must_use]
pub fn map_markdown(map: &ConnectivityMap, provenance: Provenance<'_>) -> String {
    let mut out = String::from("| from | to | connections |\n|---|---|---|\n");
    for line in lines(map) {
        let (from, to) = (peer_text(line.from), peer_text(line.to));
        out += &format!("| {} | {} | {} |\n", cell(&from), cell(&to), cell(&line.text()));
    }
    let spots: Vec<&BlindSpot> = provenance.snapshot.blind_spots_of(Channel::Network).collect();
    if !spots.is_empty() {
        let count = counted(spots.len(), "blind spot", "blind spots");
        out += &format!("\n{count}: the map may lack connections, or show too many\n\n");
        out.extend(spots.iter().map(|spot| blind_spot(spot, provenance.inputs)));
    }
    out
}

fn blind_spot(spot: &BlindSpot, inputs: &Inputs<'_>) -> String {
    let BlindSpot { rule, reason, span, help, .. } = spot;
    let place = span.and_then(|span| inputs.place(span)).map(|place| format!(" ({})", code(&place)));
    format!("- {}: {}{}\n  - help: {}\n", code(rule), text(reason), place.unwrap_or_default(), text(help))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag};
    use watertight_model::Peer;

    fn markdown(map: &ConnectivityMap) -> String {
        fixtures::with_provenance(|provenance| map_markdown(map, provenance))
    }

    fn rows(markdown: &str) -> usize {
        let events = Parser::new_ext(markdown, Options::ENABLE_TABLES);
        events.filter(|event| matches!(event, Event::Start(Tag::TableRow))).count()
    }

    #[test]
    fn a_connection_is_a_row() {
        let text = markdown(&fixtures::map());
        insta::assert_snapshot!(text);
        assert_eq!(rows(&text), lines(&fixtures::map()).len());
    }

    proptest! {
        #[test]
        fn no_name_breaks_the_table(name in "(\\PC|[|`\\\\\n])*") {
            let mut map = fixtures::map();
            map.edges[0].from = Peer::Node { name };
            prop_assert_eq!(rows(&markdown(&map)), lines(&map).len());
        }
    }
}
