//! Who can open a connection to whom, as people read it: each source, and below it what it reaches. Lines that each
//! stand alone are in `map_csv.rs`.

use crate::colour::Tone;
use crate::map_lines::{Line, lines};
use crate::page::{Page, WIDTH, clean, counted};
use crate::verdict_text::blind_spots;
use crate::{Colour, Detail, Inputs, Style};
use ipnet::IpNet;
use std::collections::BTreeSet;
use watertight_base::{AddressSet, Diagnostic};
use watertight_model::{BlindSpot, ConnectivityMap, Peer};

/// How wide the column of destinations may grow before longer ones stick out of it.
const COLUMN_MAX: usize = 52;
/// What stands before a destination.
const ARROW: &str = "  → ";
/// What stands between a destination and its ports.
const BETWEEN: usize = 3;
/// How many networks of a set of addresses are named.
const CIDRS_MAX: usize = 3;

/// The edges, below their sources. Where the ports do not fit behind a destination, they follow on a line of their own.
#[must_use]
pub fn map_text(map: &ConnectivityMap, colour: Colour) -> String {
    let mut page = Page::new(colour);
    for group in lines(map).chunk_by(|a, b| a.from == b.from) {
        page.gap();
        let Some(Line { from, .. }) = group.first() else { continue };
        page.hanging(0, Tone::Strong, "", &peer_text(from), 2);
        let rows: Vec<(String, String)> =
            group.iter().map(|line| (clean(&peer_text(line.to)), clean(&line.text()))).collect();
        let lengths = rows.iter().map(|(to, _)| to.chars().count()).filter(|&length| length <= COLUMN_MAX);
        let width = lengths.max().unwrap_or(0);
        let indent = ARROW.chars().count();
        for (to, allow) in &rows {
            let length = indent + to.chars().count().max(width) + BETWEEN + allow.chars().count();
            if length <= WIDTH {
                page.line(0, Tone::Plain, ARROW, &format!("{to:width$}{:BETWEEN$}{allow}", ""));
            } else {
                page.hanging(0, Tone::Plain, ARROW, to, indent + 2);
                // With spaces, so that a long list of ports wraps.
                page.hanging(indent + 2, Tone::Plain, "", &allow.replace(',', ", "), indent + 4);
            }
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
    style: impl Into<Style>,
) -> String {
    let mut page = Page::new(style);
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
pub(crate) fn cidrs_text(cidrs: &[IpNet]) -> String {
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
    use watertight_base::{ConnectionSet, PortSet, Protocol};
    use watertight_model::Edge;

    #[test]
    fn a_map_is_sources_with_what_each_reaches() {
        insta::assert_snapshot!(map_text(&fixtures::map(), Colour::Plain));
    }

    #[test]
    fn long_names_and_many_ports_stay_within_the_page() {
        let mut map = fixtures::map();
        let long = |length: usize| Peer::Node { name: "x".repeat(length) };
        let many = (1..60).fold(PortSet::empty(), |ports, port| ports.union(&PortSet::single(port * 2)));
        let many =
            ConnectionSet::of(Protocol::Tcp, many.clone()).union(&ConnectionSet::of(Protocol::Udp, many));
        map.edges[0] = Edge { from: long(70), to: long(60), allow: ConnectionSet::full() };
        map.edges[1].to = long(53);
        map.edges[2] = Edge { allow: many, ..map.edges[2].clone() };
        let text = map_text(&map, Colour::Plain);
        let wide: Vec<&str> = text.lines().filter(|line| line.chars().count() > WIDTH).collect();
        assert_eq!(wide, Vec::<&str>::new());
        assert_eq!(text.lines().filter(|line| line.starts_with(ARROW)).count(), lines(&map).len());
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
