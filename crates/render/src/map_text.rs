//! Who can open a connection to whom, as lines that each stand alone.

use crate::colour::Tone;
use crate::page::{Page, counted};
use crate::verdict_text::blind_spots;
use crate::{Colour, Detail, Inputs};
use watertight_model::{BlindSpot, ConnectivityMap, Edge, Peer};

/// How wide a column may grow before longer entries stick out of it.
const COLUMN_MAX: usize = 36;
/// How many networks of a set of addresses are named.
const CIDRS_MAX: usize = 3;

/// The edges, grouped by the namespace of their source and aligned within each group.
#[must_use]
pub fn map_text(map: &ConnectivityMap, colour: Colour) -> String {
    let mut page = Page::new(colour);
    for group in map.edges.chunk_by(|a, b| group_of(&a.from) == group_of(&b.from)) {
        page.gap();
        let rows: Vec<[String; 3]> = group.iter().map(row).collect();
        let width = |column: usize| {
            let lengths = rows.iter().map(|row| row[column].chars().count());
            lengths.max().unwrap_or(0).min(COLUMN_MAX)
        };
        let (from_width, to_width) = (width(0), width(1));
        for [from, to, allow] in &rows {
            page.line(0, Tone::Plain, "", &format!("{from:from_width$} → {to:to_width$}   {allow}"));
        }
    }
    page.finish()
}

/// What could not be seen, for people who read a map: empty if there is nothing of the sort.
#[must_use]
pub fn blind_spots_text(spots: &[BlindSpot], inputs: &Inputs<'_>, detail: Detail, colour: Colour) -> String {
    let mut page = Page::new(colour);
    if !spots.is_empty() {
        let count = counted(spots.len(), "blind spot", "blind spots");
        page.entry(
            0,
            Tone::Doubtful,
            "warning: ",
            &format!("{count}: the map may lack edges, or have too many"),
        );
        blind_spots(&mut page, spots, inputs, detail);
    }
    page.finish()
}

fn row(edge: &Edge) -> [String; 3] {
    [peer_text(&edge.from), peer_text(&edge.to), edge.allow.to_string()]
}

/// What keeps the lines of one namespace together.
fn group_of(peer: &Peer) -> (u8, &str) {
    match peer {
        Peer::Workload { namespace, .. } => (0, namespace),
        Peer::Cidrs(_) => (1, ""),
        Peer::Node { .. } => (2, ""),
        Peer::Future { namespace, .. } => (3, namespace),
    }
}

/// `staging/Deployment/api`, `outside (0.0.0.0/0)`, `node worker-1`, `any new pod in staging {app=web}`.
pub(crate) fn peer_text(peer: &Peer) -> String {
    match peer {
        Peer::Workload { namespace, kind, name, labels } => {
            let labels =
                labels.as_ref().map(|labels| format!(" {}", labels_text(labels))).unwrap_or_default();
            format!("{namespace}/{kind}/{name}{labels}")
        }
        Peer::Cidrs(cidrs) => {
            let named: Vec<String> = cidrs.iter().take(CIDRS_MAX).map(ToString::to_string).collect();
            let more = match cidrs.len().saturating_sub(CIDRS_MAX) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("outside ({}{more})", named.join(", "))
        }
        Peer::Node { name } => format!("node {name}"),
        Peer::Future { namespace, labels } => format!("new pod in {namespace} {}", labels_text(labels)),
    }
}

fn labels_text(labels: &watertight_base::Labels) -> String {
    let pairs: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    format!("{{{}}}", pairs.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn a_map_is_lines_that_stand_alone() {
        insta::assert_snapshot!(map_text(&fixtures::map(), Colour::Plain));
    }

    #[test]
    fn what_was_not_seen_is_said_beside_the_map() {
        let spots = [fixtures::blind_spot()];
        insta::assert_snapshot!(fixtures::with_inputs(|inputs| {
            blind_spots_text(&spots, inputs, Detail::Summary, Colour::Plain)
        }));
    }
}
