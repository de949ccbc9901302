//! Who can open a connection to whom, as lines that each stand alone.

use crate::colour::Tone;
use crate::page::{Page, counted};
use crate::verdict_text::blind_spots;
use crate::{Colour, Detail, Inputs};
use ipnet::IpNet;
use std::collections::BTreeSet;
use watertight_base::{AddressSet, Diagnostic};
use watertight_model::{BlindSpot, ConnectivityMap, Edge, Peer};

/// How wide a column may grow before longer entries stick out of it.
const COLUMN_MAX: usize = 48;
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

/// What could not be seen, for people who read a map: empty if there is nothing of the sort. What `diagnostics` say
/// already is counted and not said again.
#[must_use]
pub fn blind_spots_text(
    spots: &[BlindSpot],
    diagnostics: &[Diagnostic],
    inputs: &Inputs<'_>,
    detail: Detail,
    colour: Colour,
) -> String {
    let mut page = Page::new(colour);
    if spots.is_empty() {
        return page.finish();
    }
    let said: BTreeSet<_> = diagnostics
        .iter()
        .filter_map(|diagnostic| Some((diagnostic.rule, diagnostic.at.as_ref()?.0)))
        .collect();
    let unsaid: Vec<BlindSpot> = spots
        .iter()
        .filter(|spot| spot.span.is_none_or(|span| !said.contains(&(spot.rule, span))))
        .cloned()
        .collect();
    let count = counted(spots.len(), "blind spot", "blind spots");
    let above = match spots.len() - unsaid.len() {
        0 => String::new(),
        above if above == spots.len() => ", shown above".to_owned(),
        above => format!(", {above} of them shown above"),
    };
    let text = format!("{count}{above}: the map may lack connections, or show too many");
    page.entry(0, Tone::Doubtful, "warning: ", &text);
    blind_spots(&mut page, &unsaid, inputs, detail);
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
        Peer::Cidrs(cidrs) => format!("outside ({})", cidrs_text(cidrs)),
        Peer::Node { name } => format!("node {name}"),
        Peer::Future { namespace, labels } => format!("new pod in {namespace} {}", labels_text(labels)),
    }
}

/// The networks, or those that are missing where that is shorter: `10.0.0.0/8`, `all IPv4 but 10.0.0.0/8`.
fn cidrs_text(cidrs: &[IpNet]) -> String {
    let all_v4 = AddressSet::all_v4();
    let all_v6 = AddressSet::full().difference(&all_v4);
    let set = cidrs.iter().fold(AddressSet::empty(), |set, net| set.union(&AddressSet::cidr(*net)));
    let (family, all) = match (set.meets(&all_v4), set.meets(&all_v6)) {
        (true, true) => ("all", AddressSet::full()),
        (true, false) => ("all IPv4", all_v4),
        _ => ("all IPv6", all_v6),
    };
    let missing = all.difference(&set).cidrs();
    if missing.is_empty() {
        family.to_owned()
    } else if missing.len() < cidrs.len() {
        format!("{family} but {}", few_cidrs(&missing))
    } else {
        few_cidrs(cidrs)
    }
}

fn few_cidrs(cidrs: &[IpNet]) -> String {
    let named: Vec<String> = cidrs.iter().take(CIDRS_MAX).map(ToString::to_string).collect();
    let more = match cidrs.len().saturating_sub(CIDRS_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", named.join(", "))
}

/// `{app=web,tier=front}`.
pub(crate) fn labels_text(labels: &watertight_base::Labels) -> String {
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
    fn what_was_not_seen_is_said_beside_the_map_and_only_once() {
        let spots = [fixtures::blind_spot()];
        let text = |diagnostics: &[Diagnostic]| {
            fixtures::with_inputs(|inputs| {
                blind_spots_text(&spots, diagnostics, inputs, Detail::Summary, Colour::Plain)
            })
        };
        insta::assert_snapshot!(text(&[]));
        let said = Diagnostic::error(spots[0].rule, "the same").at(spots[0].span.unwrap(), "here");
        assert_eq!(
            text(&[said]),
            "warning: 1 blind spot, shown above: the map may lack connections, or show too\n         many\n"
        );
    }

    #[test]
    fn addresses_are_named_the_shorter_way() {
        let text = |cidrs: &[&str]| {
            let set = cidrs.iter().map(|cidr| AddressSet::cidr(cidr.parse().unwrap()));
            cidrs_text(&set.fold(AddressSet::empty(), |all, one| all.union(&one)).cidrs())
        };
        assert_eq!(text(&["10.0.0.0/8"]), "10.0.0.0/8");
        assert_eq!(text(&["0.0.0.0/0"]), "all IPv4");
        assert_eq!(text(&["0.0.0.0/0", "::/0"]), "all");
        let but_ten = AddressSet::all_v4().difference(&AddressSet::cidr("10.0.0.0/8".parse().unwrap()));
        assert_eq!(cidrs_text(&but_ten.cidrs()), "all IPv4 but 10.0.0.0/8");
        assert_eq!(
            text(&["1.0.0.0/8", "3.0.0.0/8", "5.0.0.0/8", "7.0.0.0/8"]),
            "1.0.0.0/8, 3.0.0.0/8, 5.0.0.0/8 and 1 more"
        );
    }
}
