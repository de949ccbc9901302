//! What both sides have together, read plainly from their objects: what opens something of the other side to whoever reads it,
//! acts as an account, or writes an object at a proxy that serves both.

use std::collections::BTreeSet;
use watertight_base::{Protocol, Sealed};
use watertight_model::{
    HeldValue, Host, Ingress, Namespace, Pod, Principal, Route, RouteNamespaces, Snapshot,
};

/// All of it.
#[derive(Debug, Clone, Default)]
pub struct Together {
    /// Secrets and ConfigMaps that open something.
    pub holders: Vec<Holder>,
    /// ServiceAccounts that are the same to a cloud as one of the other side: namespace, name, and the other's namespace.
    pub accounts: Vec<(String, String, String)>,
    /// Where an object of some resource takes requests of a namespace of the other side.
    pub writable: Vec<Writable>,
    /// What is there and takes traffic of a namespace of the other side, and that namespace.
    pub taken: Vec<(String, String)>,
}

/// A Secret or a ConfigMap that opens something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Whether it is a Secret.
    pub is_secret: bool,
    /// Where it is.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What it opens.
    pub opens: Opens,
}

/// What a Secret or a ConfigMap opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opens {
    /// What the same credential opens in a namespace of the other side.
    Same(String),
    /// An account on something in a namespace of the other side.
    Login(String),
    /// Whatever somebody may.
    Acts(Principal),
}

/// A namespace in which an object of a resource is as good as one of the other side's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writable {
    /// The API group and the resource.
    pub resource: (&'static str, &'static str),
    /// Where it is to be.
    pub namespace: String,
    /// Of which namespace of the other side it takes something.
    pub of: String,
    /// What is taken.
    pub what: Taken,
}

/// What an object takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Taken {
    /// Requests for a host.
    Requests,
    /// What a proxy may read: it runs what the object says.
    Secrets,
    /// Connections to a Service, which a grant lets it lead to.
    Connections,
}

const NETWORKING: &str = "networking.k8s.io";
const GATEWAYS: &str = "gateway.networking.k8s.io";

impl Together {
    /// What is there together of some namespaces and others.
    #[must_use]
    pub fn new(snapshot: &Snapshot, from: &BTreeSet<String>, to: &BTreeSet<String>) -> Self {
        let reader = Reader { snapshot, from, to };
        let mut together = Self { holders: reader.holders(), accounts: reader.accounts(), ..Self::default() };
        reader.at_proxies(&mut together);
        reader.at_gateways(&mut together);
        reader.by_grants(&mut together);
        reader.addresses(&mut together);
        together
    }
}

struct Reader<'a> {
    snapshot: &'a Snapshot,
    from: &'a BTreeSet<String>,
    to: &'a BTreeSet<String>,
}

impl<'a> Reader<'a> {
    fn name(&self, id: watertight_model::NamespaceId) -> &'a str {
        &self.snapshot.namespace(id).name
    }

    /// The namespaces that are not the other side's.
    fn others(&self) -> impl Iterator<Item = &'a str> {
        let names = self.snapshot.namespaces.iter().map(|namespace| namespace.name.as_str());
        names.filter(|name| !self.to.contains(*name))
    }

    /// A value under one of these names opens whatever the same value opens elsewhere. URLs log in to hosts of the cluster's DNS.
    fn holders(&self) -> Vec<Holder> {
        let is_credential = |held: &&HeldValue| ["password", "api-key"].contains(&held.key.as_str());
        let mut theirs: Vec<(&Sealed, &str)> = Vec::new();
        for secret in &self.snapshot.secrets {
            let namespace = secret.object.namespace.as_deref().unwrap_or_default();
            if self.to.contains(namespace) {
                theirs
                    .extend(secret.values.iter().filter(is_credential).map(|held| (&held.value, namespace)));
            }
        }
        let mut found = Vec::new();
        let secrets = self.snapshot.secrets.iter();
        let secrets = secrets.map(|secret| (&secret.object, &secret.values, secret.token_of.as_ref()));
        let maps = self.snapshot.settings.iter().filter(|settings| settings.object.kind == "ConfigMap");
        let maps = maps.map(|map| (&map.object, &map.values, None));
        for (object, values, token_of) in secrets.chain(maps) {
            let namespace = object.namespace.clone().unwrap_or_default();
            if self.to.contains(&namespace) {
                continue;
            }
            let mut opens = |opens| {
                let is_secret = object.kind == "Secret";
                let (namespace, name) = (namespace.clone(), object.name.clone());
                found.push(Holder { is_secret, namespace, name, opens });
            };
            for held in values {
                for (value, of) in theirs.iter().filter(|_| is_credential(&held)) {
                    if **value == held.value {
                        opens(Opens::Same((*of).to_owned()));
                    }
                }
                for host in held.value.logins_of_urls().into_iter().flat_map(|login| login.hosts) {
                    for of in self.to {
                        if host == Sealed::from(format!("db.{of}.svc.cluster.local").as_str()) {
                            opens(Opens::Login(of.clone()));
                        }
                    }
                }
                for principal in &held.bearers {
                    opens(Opens::Acts(principal.clone()));
                }
            }
            if let Some(account) = token_of {
                opens(Opens::Acts(Principal::service_account(&namespace, account)));
            }
        }
        found
    }

    fn accounts(&self) -> Vec<(String, String, String)> {
        let mut found = Vec::new();
        let all = || self.snapshot.service_accounts.iter();
        for theirs in all() {
            let of = theirs.object.namespace.clone().unwrap_or_default();
            for other in all().filter(|_| self.to.contains(&of)) {
                let namespace = other.object.namespace.clone().unwrap_or_default();
                let is_same = other.identities.iter().any(|one| {
                    theirs
                        .identities
                        .iter()
                        .any(|it| (it.cloud, &it.name.text) == (one.cloud, &one.name.text))
                });
                if is_same && !self.to.contains(&namespace) {
                    found.push((namespace, other.object.name.clone(), of.clone()));
                }
            }
        }
        found
    }

    /// An ingress-nginx without a flag watches everything, and serves the class of its name. Of two Ingresses for one host the
    /// older one wins each path, and every path that the other does not name is free.
    fn at_proxies(&self, together: &mut Together) {
        for proxy in &self.snapshot.pods {
            let Some(version) = version_of_nginx(proxy) else { continue };
            let theirs: Vec<&Ingress> =
                self.snapshot.ingresses.iter().filter(|it| self.is_theirs(proxy, it)).collect();
            for namespace in self.others().filter(|name| watches(proxy, name)) {
                for it in &theirs {
                    together.writable.push(Writable {
                        resource: (NETWORKING, "ingresses"),
                        namespace: namespace.to_owned(),
                        of: self.name(it.namespace).to_owned(),
                        what: Taken::Requests,
                    });
                }
                // It reads the Secrets of all that it watches.
                for of in
                    self.to.iter().filter(|of| watches(proxy, of) && self.takes_snippets(proxy, version))
                {
                    together.writable.push(Writable {
                        resource: (NETWORKING, "ingresses"),
                        namespace: namespace.to_owned(),
                        of: of.clone(),
                        what: Taken::Secrets,
                    });
                }
            }
            for own in &self.snapshot.ingresses {
                let namespace = self.name(own.namespace);
                let is_own = self.from.contains(namespace) && watches(proxy, namespace) && is_of_nginx(own);
                for it in theirs.iter().filter(|it| is_own && share_a_host(own, it)) {
                    let of = self.name(it.namespace).to_owned();
                    together.taken.push((own.origin.object.to_string(), of));
                }
            }
        }
    }

    fn is_theirs(&self, proxy: &Pod, ingress: &Ingress) -> bool {
        let namespace = self.name(ingress.namespace);
        self.to.contains(namespace) && watches(proxy, namespace) && is_of_nginx(ingress)
    }

    /// Snippets are on before 1.9. After that a setting turns them on, and from 1.12 on another one too.
    fn takes_snippets(&self, proxy: &Pod, (major, minor): (u32, u32)) -> bool {
        let namespace = Some(self.name(proxy.namespace).to_owned());
        let mut maps =
            self.snapshot.settings.iter().filter(|settings| settings.object.namespace == namespace);
        (major, minor) < (1, 9)
            || maps.any(|map| {
                let says = |key: &str, value: &str| {
                    map.values.iter().any(|held| held.key == key && held.value == Sealed::from(value))
                };
                let is_critical = (major, minor) < (1, 12) || says("annotations-risk-level", "Critical");
                says("allow-snippet-annotations", "true") && is_critical
            })
    }

    /// A route takes requests of another one at a listener that lets both in.
    fn at_gateways(&self, together: &mut Together) {
        for gateway in &self.snapshot.gateways {
            let attaches = |route: &&Route| {
                route.parents.iter().any(|parent| {
                    parent.name == gateway.origin.object.name
                        && parent.namespace == self.name(gateway.namespace)
                })
            };
            for listener in &gateway.listeners {
                let lets_in = |name: &str| match &listener.routes.namespaces {
                    RouteNamespaces::All => true,
                    RouteNamespaces::None => false,
                    RouteNamespaces::Same => name == self.name(gateway.namespace),
                    RouteNamespaces::Selected(selector) => {
                        let id = self.snapshot.namespace_named(name);
                        let labels = id.and_then(|id| self.snapshot.namespace(id).labels.clone());
                        let mut labels = labels.unwrap_or_default();
                        labels.insert(Namespace::NAME_LABEL.to_owned(), name.to_owned());
                        crate::matching::selects(selector, &labels)
                    }
                };
                let routes = || self.snapshot.routes.iter().filter(attaches);
                for theirs in routes().filter(|it| self.to.contains(self.name(it.namespace))) {
                    let of = self.name(theirs.namespace);
                    if !lets_in(of) {
                        continue;
                    }
                    for namespace in self.others().filter(|name| lets_in(name)) {
                        together.writable.push(Writable {
                            resource: (GATEWAYS, "httproutes"),
                            namespace: namespace.to_owned(),
                            of: of.to_owned(),
                            what: Taken::Requests,
                        });
                    }
                    let own = routes().filter(|it| self.from.contains(self.name(it.namespace)));
                    for own in own.filter(|it| lets_in(self.name(it.namespace))) {
                        if own.hostnames.iter().any(|host| theirs.hostnames.contains(host)) {
                            together.taken.push((own.origin.object.to_string(), of.to_owned()));
                        }
                    }
                }
            }
        }
    }

    /// A route of the namespace that a grant names leads to Services of the grant's.
    fn by_grants(&self, together: &mut Together) {
        for grant in &self.snapshot.reference_grants {
            let of = self.name(grant.namespace);
            for from in grant.from.iter().filter(|_| self.to.contains(of)) {
                if from.kind.kind == "HTTPRoute" && self.from.contains(&from.namespace) {
                    together.writable.push(Writable {
                        resource: (GATEWAYS, "httproutes"),
                        namespace: from.namespace.clone(),
                        of: of.to_owned(),
                        what: Taken::Connections,
                    });
                }
            }
        }
    }

    /// Nodes send what is for an external address to the Service that claims it, whosever it is (CVE-2020-8554), and controllers
    /// write such Services for Gateways.
    fn addresses(&self, together: &mut Together) {
        self.addresses_of_gateways(together);
        for own in self.snapshot.services.iter().filter(|it| self.from.contains(self.name(it.namespace))) {
            for theirs in &self.snapshot.services {
                let of = self.name(theirs.namespace);
                let balanced = theirs.load_balancers.iter().filter_map(|host| match host {
                    Host::Address(address) => Some(*address),
                    Host::Name(_) => None,
                });
                let mut has = theirs.cluster_ips.iter().chain(&theirs.external_ips).copied().chain(balanced);
                let is_taken = has.any(|address| own.external_ips.contains(&address));
                let is_on_one_port = theirs.ports.iter().any(|port| {
                    own.ports.iter().any(|it| (it.port, it.protocol) == (port.port, port.protocol))
                });
                if self.to.contains(of) && is_taken && is_on_one_port {
                    together.taken.push((own.origin.object.to_string(), of.to_owned()));
                }
            }
        }
    }

    /// A Gateway that asks for an address for which the other's Gateway asks too, or of its Service at a port of that one.
    fn addresses_of_gateways(&self, together: &mut Together) {
        for own in self.snapshot.gateways.iter().filter(|it| self.from.contains(self.name(it.namespace))) {
            for theirs in self.snapshot.gateways.iter().filter(|it| self.to.contains(self.name(it.namespace)))
            {
                if theirs.asked.iter().any(|host| own.asked.contains(host)) {
                    let of = self.name(theirs.namespace).to_owned();
                    together.taken.push((own.origin.object.to_string(), of));
                }
            }
            for theirs in self.snapshot.services.iter().filter(|it| self.to.contains(self.name(it.namespace)))
            {
                let claimed = theirs.external_ips.iter().map(|&address| Host::Address(address));
                let mut has = claimed.chain(theirs.load_balancers.iter().cloned());
                let is_taken = has.any(|host| own.asked.contains(&host));
                let listens = |port: u16| own.listeners.iter().any(|listener| listener.port == port);
                let mut ports = theirs.ports.iter().filter(|port| port.protocol == Protocol::Tcp);
                if is_taken && ports.any(|port| listens(port.port)) {
                    let of = self.name(theirs.namespace).to_owned();
                    together.taken.push((own.origin.object.to_string(), of));
                }
            }
        }
    }
}

/// The major and minor version of a pod that is an ingress-nginx.
fn version_of_nginx(pod: &Pod) -> Option<(u32, u32)> {
    let mut images = pod.containers.iter().map(|container| container.image.as_str());
    let tag = images.find_map(|image| image.strip_prefix("registry.k8s.io/ingress-nginx/controller:v"))?;
    let mut numbers = tag.split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

fn watches(proxy: &Pod, namespace: &str) -> bool {
    let flags = proxy.containers.iter().flat_map(|container| &container.arguments);
    let watched: Vec<&str> = flags.filter_map(|flag| flag.strip_prefix("--watch-namespace=")).collect();
    watched.is_empty() || watched.contains(&namespace)
}

fn is_of_nginx(ingress: &Ingress) -> bool {
    ingress.class.as_ref().is_some_and(|class| class.text == "nginx")
}

fn share_a_host(one: &Ingress, other: &Ingress) -> bool {
    one.rules.iter().any(|rule| rule.host.is_some() && other.rules.iter().any(|it| it.host == rule.host))
}
