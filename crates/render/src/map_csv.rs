//! A map as comma-separated values (RFC 4180), for spreadsheets and for `grep`: a line for each protocol of each
//! connection.

use crate::map_lines::lines;
use crate::map_text::peer_text;
use std::io;
use watertight_base::Protocol;
use watertight_model::{ConnectivityMap, Peer};

/// The first line. Columns are only ever added behind the last.
const COLUMNS: [&str; 5] = ["from", "to", "protocol", "ports", "via"];

/// The map with its columns `from`, `to`, `protocol`, `ports`, and `via` for the object that carries it on.
///
/// # Errors
/// Only if the writer does, which writes to memory.
pub fn map_csv(map: &ConnectivityMap) -> io::Result<String> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for line in lines(map) {
        let (from, to) = (name(line.from), name(line.to));
        let via = line.via.map(ToString::to_string).unwrap_or_default();
        for protocol in Protocol::ALL {
            let ports = line.allow.ports(protocol);
            if !ports.is_empty() {
                let ranges: Vec<String> = ports
                    .ranges()
                    .iter()
                    .map(
                        |(first, last)| {
                            if first == last { first.to_string() } else { format!("{first}-{last}") }
                        },
                    )
                    .collect();
                writer.write_record([&from, &to, protocol.name(), &ranges.join(","), &via])?;
            }
        }
    }
    writer.flush()?;
    let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The peer; of addresses, every single network.
fn name(peer: &Peer) -> String {
    match peer {
        Peer::Cidrs(cidrs) => cidrs.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        _ => peer_text(peer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use proptest::prelude::*;
    use watertight_base::PortSet;

    fn records(text: &str) -> Vec<Vec<String>> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        assert_eq!(reader.headers().unwrap(), &COLUMNS[..]);
        reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn a_line_for_each_protocol_of_each_connection() {
        let text = map_csv(&fixtures::map()).unwrap();
        insta::assert_snapshot!(text.replace('\r', ""));
        let records = records(&text);
        let web: Vec<&[String]> = records
            .iter()
            .filter(|record| record[0] == "staging/Deployment/api" && record[1] == "staging/Deployment/api")
            .map(|record| &record[2..])
            .collect();
        assert_eq!(web, [["TCP", "8000-8080", ""], ["UDP", "1-65535", ""]]);
        assert!(records.iter().any(|record| record[3..] == ["30432", "Service production/db"]));
        assert!(records.iter().any(|record| record[0] == "0.0.0.0/5 8.0.0.0/7 11.0.0.0/8 12.0.0.0/6"));
        assert!(
            text.lines().count() > 7 && text.split('\n').all(|line| line.is_empty() || line.ends_with('\r'))
        );
    }

    #[test]
    fn several_ports_are_one_field() {
        let mut map = fixtures::map();
        let two = PortSet::single(80).union(&PortSet::single(443));
        map.edges[0].allow = watertight_base::ConnectionSet::of(Protocol::Tcp, two);
        assert_eq!(records(&map_csv(&map).unwrap())[0][3], "80,443");
    }

    proptest! {
        #[test]
        fn any_name_comes_back(name in "(\\PC|[\",;\r\n'])*") {
            let mut map = fixtures::map();
            map.edges.truncate(1);
            map.paths.clear();
            map.edges[0].from = Peer::Node { name: name.clone() };
            let records = records(&map_csv(&map).unwrap());
            prop_assert_eq!(records.len(), 3);
            prop_assert_eq!(&records[0][0], &format!("node {name}"));
        }
    }
}
