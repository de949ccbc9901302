//! The ends of connections and the ports between them, as people type them: `--explain` and `--must`.

use crate::failure::Failure;
use crate::rules::suggestions;
use std::net::Ipv6Addr;
use watertight_base::Protocol;
use watertight_model::Snapshot;
use watertight_prove::NeedQuestion;

/// `80`, `tcp/80` or `80/udp`.
pub(crate) fn port(text: &str) -> Result<(Protocol, u16), Failure> {
    let (protocol, number) = match text.split_once('/') {
        None => ("TCP", text),
        Some((number, protocol)) if number.bytes().all(|byte| byte.is_ascii_digit()) => (protocol, number),
        Some((protocol, number)) => (protocol, number),
    };
    let number = number.parse().ok().filter(|&number: &u16| number > 0);
    let protocol = Protocol::from_name(&protocol.to_uppercase());
    protocol.zip(number).ok_or_else(|| {
        Failure::new(format!("`{text}` is no port"))
            .help("write `80`, `tcp/80` or `80/udp`; ports are 1 to 65535")
    })
}

/// One `--must`: `dns`, or `SRC=DST:PORT[/PROTOCOL]`.
pub(crate) fn need(text: &str) -> Result<NeedQuestion, Failure> {
    if text == "dns" {
        return Ok(NeedQuestion::Dns);
    }
    let wrong = |why: &str| {
        Failure::new(format!("`{text}` is no need: {why}"))
            .help("write `dns`, or `SRC=DST:PORT` as in `production/web=production/db:5432`, `staging/api=[2001:db8::1]:443` or `production/web=production/dns:53/udp`")
    };
    let (from, to) = text.split_once('=').ok_or_else(|| wrong("it has no `=` between two ends"))?;
    let (to, number) = to.rsplit_once(':').ok_or_else(|| wrong("it has no `:PORT` at its end"))?;
    let bare = |name: &str| match name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) if address.parse::<Ipv6Addr>().is_ok() => Ok(address.to_owned()),
        Some(_) => Err(wrong("what stands in brackets is no IPv6 address")),
        None if name.is_empty() => Err(wrong("an end is missing")),
        None => Ok(name.to_owned()),
    };
    if to.contains(':') && !to.starts_with('[') {
        return Err(wrong("an IPv6 address before a port stands in brackets"));
    }
    let (protocol, port) = port(number)?;
    Ok(NeedQuestion::Connection { from: bare(from)?, to: bare(to)?, protocol, port })
}

/// Nothing has that name. What was meant is the end of a need, which may be a Service and is no namespace, or else
/// whatever a map is narrowed to.
pub(crate) fn not_there(snapshot: &Snapshot, name: &str, of_need: bool) -> Failure {
    let workloads = snapshot
        .pods
        .iter()
        .map(|pod| format!("{}/{}", snapshot.namespace(pod.namespace).name, pod.workload.name));
    if snapshot.namespaces.iter().any(|namespace| namespace.name == name) {
        let within = workloads.into_iter().find(|workload| workload.starts_with(&format!("{name}/")));
        let such = within.map(|workload| format!(", such as `{workload}`")).unwrap_or_default();
        return Failure::new(format!("`{name}` is a namespace, and an end is one workload"))
            .help(format!("name a workload of it{such}"));
    }
    let namespaces = snapshot.namespaces.iter().filter(|_| !of_need).map(|namespace| namespace.name.clone());
    let of_services = snapshot.services.iter().filter(|_| of_need).map(|service| {
        format!("{}/{}", snapshot.namespace(service.namespace).name, service.origin.object.name)
    });
    let names: Vec<String> = workloads.chain(of_services).chain(namespaces).collect();
    let alike = suggestions(name, names.iter().map(String::as_str));
    let alike: Vec<String> = alike.into_iter().map(|name| format!("`{name}`")).collect();
    let help = match alike.as_slice() {
        [] => "write `NAMESPACE/NAME`, `NAMESPACE/KIND/NAME` or an address; `watertight map` lists them"
            .to_owned(),
        alike => format!("did you mean {}?", alike.join(" or ")),
    };
    Failure::new(format!("nothing in the input is called `{name}`")).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_written_either_way_round() {
        assert_eq!(port("80"), Ok((Protocol::Tcp, 80)));
        assert_eq!(port("tcp/80"), Ok((Protocol::Tcp, 80)));
        assert_eq!(port("53/udp"), Ok((Protocol::Udp, 53)));
        assert_eq!(port("SCTP/9"), Ok((Protocol::Sctp, 9)));
        for bad in ["", "0", "65536", "http", "tcp/", "/80", "icmp/1", "80/80", "-1"] {
            assert!(port(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_need_is_dns_or_two_ends_and_a_port() {
        let connection = |from: &str, to: &str, protocol, port| {
            Ok(NeedQuestion::Connection { from: from.into(), to: to.into(), protocol, port })
        };
        assert_eq!(need("dns"), Ok(NeedQuestion::Dns));
        for (text, read) in [
            ("a/web=a/db:5432", connection("a/web", "a/db", Protocol::Tcp, 5432)),
            ("a/web=a/dns:53/udp", connection("a/web", "a/dns", Protocol::Udp, 53)),
            ("a/api=198.51.100.7:443", connection("a/api", "198.51.100.7", Protocol::Tcp, 443)),
            ("a/api=[2001:db8::1]:443", connection("a/api", "2001:db8::1", Protocol::Tcp, 443)),
            ("2001:db8::1=a/api:443", connection("2001:db8::1", "a/api", Protocol::Tcp, 443)),
        ] {
            assert_eq!(need(text), read, "{text}");
        }
        for bad in [
            "",
            "DNS",
            "a/web",
            "a/web=a/db",
            "a/web=a/db:",
            "a/web=:80",
            "=a/db:80",
            "a/web=a/db:http",
            "a/web=2001:db8::1:443",
            "a/web=[a/db]:443",
            "a/web=a/db:0",
            "a/web=a/db:80/icmp",
        ] {
            assert!(need(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_need_is_printed_as_it_is_written() {
        for text in ["dns", "a/web=a/db:5432", "a/web=a/dns:53/udp", "a/api=[2001:db8::1]:443"] {
            assert_eq!(need(text).map(|need| need.to_string()), Ok(text.to_owned()));
        }
    }
}
