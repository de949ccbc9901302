//! Hosts outside of the cluster that the manifests of an environment name, such as those of databases: where they are, nobody
//! says but DNS, so that neither `stores` nor `egress` can be written of them.

use super::Found;
use super::inventory::{EnvironmentIndex, Inventory, Object, at};
use super::network::lets_out_to;
use crate::notes::Notes;
use std::collections::BTreeSet;
use std::net::IpAddr;
use watertight_base::Span;
use watertight_base::words::listed;
use watertight_ingest::Tree;

/// How many hosts a message names.
const NAMED_MAX: usize = 6;

/// Last words of variables whose value is a host, alone or with a port.
const OF_HOSTS: [&str; 7] = ["addr", "address", "broker", "endpoint", "host", "hostname", "server"];

/// Ends of names that DNS of the cluster answers by itself, or that lead back to the pod.
const OF_CLUSTER: [&str; 4] = [".svc", ".cluster.local", ".local", ".localhost"];

/// Where the pods of workloads are written.
const PODS: [&[&str]; 3] =
    [&["spec"], &["spec", "template", "spec"], &["spec", "jobTemplate", "spec", "template", "spec"]];

/// Says once which hosts outside are named, if any is.
pub(crate) fn outside(
    found: &Found<'_>,
    inventory: &Inventory<'_>,
    environment: EnvironmentIndex,
    notes: &mut Notes,
) {
    let mut hosts: BTreeSet<String> = BTreeSet::new();
    let mut first: Option<Span> = None;
    for object in inventory.of(environment) {
        for host in named(object) {
            let is_let_out =
                host.parse::<IpAddr>().is_ok_and(|address| lets_out_to(found, environment, address));
            if is_outside(found, &host) && !is_let_out {
                first.get_or_insert(object.span);
                hosts.insert(host);
            }
        }
    }
    let Some(first) = first else { return };
    let shown = listed(&hosts.iter().take(NAMED_MAX).map(String::as_str).collect::<Vec<_>>());
    let more = match hosts.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let name = &found.environments[environment].name;
    let message = format!(
        "`{name}` names hosts outside of the cluster, which its pods do not reach behind the wall: {shown}{more}"
    );
    let help = "where pods call them, write `stores` for databases and `egress` for all else, by addresses: a NetworkPolicy knows no names";
    notes.left_out(first, message, help);
}

/// Hosts that an object names: an ExternalName, and variables and settings with one. Of a Secret, nothing is looked at.
fn named(object: &Object<'_>) -> Vec<String> {
    if object.is("", "Service") {
        let name = object.at(&["spec", "externalName"]).and_then(Tree::text);
        return name.and_then(host).into_iter().collect();
    }
    if object.is("", "ConfigMap") {
        let settings = object.at(&["data"]).map(Tree::members).unwrap_or_default();
        let settings = settings.iter().filter_map(|member| Some((member.key.as_str(), member.value.text()?)));
        return settings.flat_map(|(name, value)| of_variable(name, value)).collect();
    }
    let containers = PODS.iter().filter_map(|path| object.at(path)).flat_map(|pod| {
        let lists = ["initContainers", "containers"].into_iter().filter_map(|key| pod.get(key));
        lists.flat_map(Tree::elements)
    });
    let variables = containers.filter_map(|container| container.get("env")).flat_map(Tree::elements);
    let text = |variable, key| at(variable, &[key]).and_then(Tree::text);
    variables
        .filter_map(|variable| Some((text(variable, "name")?, text(variable, "value")?)))
        .flat_map(|(name, value)| of_variable(name, value))
        .collect()
}

/// Hosts in the value of a variable: those of URLs, and the value itself where the name says that it is one.
fn of_variable(name: &str, value: &str) -> Vec<String> {
    let authorities = value.split("://").skip(1).filter_map(|rest| {
        let url = rest.split([' ', '"', '\'', '\n']).next()?;
        let (authority, behind) = url.split_at(url.find(['/', '?', '#']).unwrap_or(url.len()));
        // What stands before the host may be a credential, also one with such a character in it.
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        (!behind.contains('@')).then_some(host)
    });
    let mut hosts: Vec<String> = authorities.flat_map(|hosts| hosts.split(',')).filter_map(host).collect();
    let last = name.rsplit(['_', '-', '.']).next().unwrap_or_default().to_ascii_lowercase();
    if hosts.is_empty()
        && OF_HOSTS.iter().any(|word| last.trim_end_matches('s') == word.trim_end_matches('s'))
    {
        hosts.extend(value.split(',').filter_map(host));
    }
    hosts
}

/// A host, without its port: a name of at least two labels, or an address.
fn host(text: &str) -> Option<String> {
    let text = text.trim();
    let bracketed = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let without_port = text.rsplit_once(':').map(|(host, _)| host).filter(|host| !host.contains(':'));
    let host = bracketed.map(|(host, _)| host).or(without_port).unwrap_or(text);
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let is_label = |label: &str| {
        let usual = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&label.len()) && label.bytes().all(usual)
    };
    let ends_in_word =
        || host.rsplit('.').next().is_some_and(|last| last.bytes().any(|it| it.is_ascii_alphabetic()));
    let is_name = host.contains('.') && host.len() <= 253 && host.split('.').all(is_label) && ends_in_word();
    (is_name || host.parse::<IpAddr>().is_ok()).then_some(host)
}

/// Whether a host is surely none of the cluster: neither a Service, nor the pod itself.
fn is_outside(found: &Found<'_>, host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(address) => !address.is_loopback() && !address.is_unspecified(),
        Err(_) => {
            let last = host.rsplit('.').next().unwrap_or_default();
            let is_service = host.matches('.').count() == 1
                && (found.environment_of(last).is_some()
                    || found.snapshot.namespaces.iter().any(|namespace| namespace.name == last));
            !is_service && !OF_CLUSTER.iter().any(|end| host.ends_with(end))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_without_what_is_around_them() {
        for (name, value, hosts) in [
            ("DATABASE_URL", "postgres://shop:hunter2@db.example.com:5432/shop", vec!["db.example.com"]),
            (
                "MONGO",
                "mongodb://u:p@a.example.com:1,b.example.com:2/x",
                vec!["a.example.com", "b.example.com"],
            ),
            ("DB_HOST", "DB.example.com.", vec!["db.example.com"]),
            ("REDIS_ADDR", "10.20.0.7:6379", vec!["10.20.0.7"]),
            ("REDIS_ADDR", "[2001:db8::7]:6379", vec!["2001:db8::7"]),
            ("BROKER", "amqp://hunter.two/x@mq.example.com", vec![]),
            ("DB_HOST", "db", vec![]),
            ("DB_HOST", "$(DB)", vec![]),
            ("VERSION", "v1.2.rc", vec![]),
            ("SERVER", "1.2", vec![]),
            ("GREETING", "db.example.com", vec![]),
        ] {
            assert_eq!(of_variable(name, value), hosts, "{name}={value}");
        }
    }
}
