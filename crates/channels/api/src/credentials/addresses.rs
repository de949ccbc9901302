//! Addresses of the `to` side in what the `from` side holds: with a password they are a login, without one they are only a
//! finding of lesser rank, as is a store that both sides log in to.

use super::{Place, places};
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{Sealed, Span, fingerprint};
use watertight_model::{
    Because, Breach, Channel, Evidence, EvidenceRole, Fact, Host, NamespaceId, ObjectRef, Root, Snapshot,
    Step, ValuePlace, When,
};

/// A password of its own for a host of the `to` side.
const LOGIN: &str = "login-to-production";
/// The address alone. It is of lesser rank.
const ADDRESS: &str = "shared-address";

/// What a host belongs to.
#[derive(Debug, Clone)]
struct Owner {
    object: ObjectRef,
    path: String,
    span: Option<Span>,
    /// Whether it is a store outside of the cluster that both may well have a part of.
    is_store: bool,
}

/// The hosts of the `to` side.
struct Hosts {
    named: BTreeMap<Sealed, Owner>,
    /// The namespaces, by which the cluster's DNS names Services and pods.
    namespaces: BTreeMap<Sealed, Owner>,
}

/// Addresses of the `to` side in values that the `from` side holds: first those with a password, then those without one, which are of
/// lesser rank. A password that the `to` side holds too is a finding of its own.
pub(super) fn breaches(
    snapshot: &Snapshot,
    held: &[Place<'_>],
    [from, to]: [&BTreeSet<&str>; 2],
    is_theirs: impl Fn(&Sealed) -> bool,
) -> (Vec<Breach>, Vec<Breach>) {
    let mut hosts = Hosts::of(snapshot, to);
    let own = Hosts::of(snapshot, from);
    // What both sides publish is found elsewhere, and says nothing here.
    hosts.named.retain(|host, _| !own.named.contains_key(host));
    hosts.add_stores(snapshot, to);
    let mut groups: BTreeMap<(&str, &ObjectRef, ObjectRef), (Place<'_>, Owner, usize)> = BTreeMap::new();
    for &place in held {
        let value = place.held.value.trimmed();
        let mut found: Vec<(&str, Owner)> = Vec::new();
        for login in value.logins_of_urls().into_iter().filter(|login| !is_theirs(&login.password)) {
            let owner = hosts.first_owner(&login.hosts);
            let rule = |owner: &Owner| if owner.is_store { ADDRESS } else { LOGIN };
            found.extend(owner.map(|owner| (rule(&owner), owner)));
        }
        if found.is_empty() {
            let mentioned = hosts.first_owner(&value.hosts());
            found.extend(mentioned.filter(|owner| !owner.is_store).map(|owner| (ADDRESS, owner)));
        }
        for (rule, owner) in found {
            let key = (rule, place.object, owner.object.clone());
            groups.entry(key).or_insert_with(|| (place, owner, 0)).2 += 1;
        }
    }
    let found =
        groups.into_iter().map(|((rule, ..), (place, owner, count))| breach(rule, place, &owner, count));
    found.partition(|breach| breach.rule == LOGIN)
}

impl Hosts {
    fn of(snapshot: &Snapshot, namespaces: &BTreeSet<&str>) -> Self {
        let mut hosts = Self { named: BTreeMap::new(), namespaces: BTreeMap::new() };
        let is_of = |id: NamespaceId| namespaces.contains(snapshot.namespace(id).name.as_str());
        for &name in namespaces {
            let object = ObjectRef {
                api_version: "v1".to_owned(),
                kind: "Namespace".to_owned(),
                namespace: None,
                name: name.to_owned(),
                uid: None,
            };
            let span = snapshot.namespace_named(name).and_then(|id| snapshot.namespace(id).origin.as_ref());
            let span = span.map(|origin| origin.span);
            let owner = Owner { object, path: String::new(), span, is_store: false };
            hosts.namespaces.insert(Sealed::from(name), owner);
        }
        for service in snapshot.services.iter().filter(|service| is_of(service.namespace)) {
            let object = &service.origin.object;
            let namespace = object.namespace.as_deref().unwrap_or_default();
            let (path, span) = ("/metadata/name", service.origin.span);
            hosts.add(&format!("{}.{namespace}", object.name), (object, path, span));
            let balancers = service.load_balancers.iter().map(Host::to_string);
            let addresses = service.cluster_ips.iter().chain(&service.external_ips).map(ToString::to_string);
            for host in balancers.chain(addresses) {
                hosts.add(&host, (object, "/spec", span));
            }
        }
        for ingress in snapshot.ingresses.iter().filter(|ingress| is_of(ingress.namespace)) {
            for host in ingress.rules.iter().filter_map(|rule| rule.host.as_deref()) {
                hosts.add(host, (&ingress.origin.object, "/spec/rules", ingress.origin.span));
            }
        }
        for route in snapshot.routes.iter().filter(|route| is_of(route.namespace)) {
            for host in &route.hostnames {
                hosts.add(host, (&route.origin.object, "/spec/hostnames", route.origin.span));
            }
        }
        hosts
    }

    fn add(&mut self, host: &str, (object, path, span): (&ObjectRef, &str, Span)) {
        let owner =
            Owner { object: object.clone(), path: path.to_owned(), span: Some(span), is_store: false };
        self.named.entry(Sealed::from(host.to_ascii_lowercase().as_str())).or_insert(owner);
    }

    /// The hosts to which URLs of the `to` side log in.
    fn add_stores(&mut self, snapshot: &Snapshot, to: &BTreeSet<&str>) {
        for place in places(snapshot, to) {
            for host in place.held.value.logins_of_urls().into_iter().flat_map(|login| login.hosts) {
                self.named.entry(host).or_insert_with(|| Owner {
                    object: place.object.clone(),
                    path: place.held.path.clone(),
                    span: Some(place.held.span),
                    is_store: true,
                });
            }
        }
    }

    /// Whose the first of these is that is the `to` side's own, or else the first that it logs in to.
    fn first_owner(&self, hosts: &[Sealed]) -> Option<Owner> {
        let owners: Vec<Owner> = hosts.iter().filter_map(|host| self.owner(host)).collect();
        owners.iter().find(|owner| !owner.is_store).or(owners.first()).cloned()
    }

    /// Whose a host is: what the `to` side logs in to may be its own. The cluster's DNS names what is in a namespace `….NAMESPACE.svc.…`.
    fn owner(&self, host: &Sealed) -> Option<Owner> {
        let by_namespace = || {
            let service = Sealed::from("svc");
            let labels: Vec<Sealed> = host.labels_of_host().collect();
            let named = labels.windows(2).skip(1).find(|pair| pair[1] == service)?;
            self.namespaces.get(&named[0])
        };
        let named = self.named.get(host);
        named.filter(|owner| !owner.is_store).or_else(by_namespace).or(named).cloned()
    }
}

fn breach(rule: &'static str, place: Place<'_>, owner: &Owner, count: usize) -> Breach {
    let key = &place.held.key;
    let message = match (rule, owner.is_store) {
        (LOGIN, _) => {
            format!("{} holds a password for a host of {} under `{key}`", place.object, owner.object)
        }
        (_, true) => {
            format!("{} logs in to the host to which {} does, under `{key}`", place.object, owner.object)
        }
        (_, false) => format!("{} names a host of {} under `{key}`", place.object, owner.object),
    };
    let help = match (rule, owner.is_store) {
        (LOGIN, _) => "let staging log in to stores of its own, and take this password out of force",
        (_, true) => {
            "give each side a store of its own, or check that its account sees nothing of the other side"
        }
        (_, false) => "let staging name what is its own",
    };
    let at = |object: &ObjectRef, path: &str| ValuePlace { object: object.clone(), path: path.to_owned() };
    let because = |object: &ObjectRef, path: &str, span: Option<Span>| Because {
        role: EvidenceRole::Selects,
        object: object.clone(),
        path: path.to_owned(),
        evidence: span.map(Evidence::File),
    };
    let step = Step {
        id: 1,
        channel: Channel::Api,
        rule,
        fact: Fact::SameValue {
            held: at(place.object, &place.held.path),
            of: at(&owner.object, &owner.path),
        },
        text: message.clone(),
        uses: Vec::new(),
        because: vec![
            because(place.object, &place.held.path, Some(place.held.span)),
            because(&owner.object, &owner.path, owner.span),
        ],
    };
    Breach {
        id: fingerprint(&format!("{rule} {message}")),
        rule,
        root: Root { object: Some(place.object.clone()), part: place.held.path.clone() },
        when: When::Now,
        message,
        help: help.to_owned(),
        count,
        reached: BTreeSet::new(),
        steps: vec![step],
        highlight: Some((place.held.span, "production's host".to_owned())),
    }
}
