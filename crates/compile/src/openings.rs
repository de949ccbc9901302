//! Doors in the fence: what applications in short form need, and what boundaries let through for a time. Each is for pods by
//! their application and for single ports.

use crate::manifest::{Kind, Manifest, Serves};
use crate::network_policies::{named_namespace, own_namespaces};
use crate::rules;
use crate::workloads::{Placed, placed_in, pods_of, servers_of};
use std::collections::BTreeSet;
use watertight_base::{Diagnostic, Span};
use watertight_intent::{
    Application, ApplicationId, Boundary, Environment, EnvironmentId, Exception, ExceptionAllows, Inside,
    Intent, PlacedSource, Placement, Protocol, Spanned,
};
use watertight_yaml::{Value, mapping, texts};

/// The direction of a policy, with its keys.
#[derive(Clone, Copy)]
enum Direction {
    In,
    Out,
}

/// The policies beside those of the fence.
pub(crate) fn openings(intent: &Intent, id: EnvironmentId) -> Vec<Manifest> {
    let Some(environment) = intent.environments.get(id.0) else { return Vec::new() };
    let placed = placed_in(intent, id);
    let mut manifests: Vec<Manifest> = placed.iter().filter_map(routes).collect();
    manifests.extend(placed.iter().filter_map(stores));
    if environment.inside.value == Inside::Declared {
        manifests.extend(placed.iter().flat_map(|callee| calls(callee, &placed)));
    }
    for boundary in &intent.boundaries {
        for (number, exception) in (1..).zip(&boundary.exceptions) {
            let of_boundary = Excepted { intent, boundary, number, exception };
            if boundary.from == id {
                manifests.extend(of_boundary.outward(environment));
            }
            if boundary.to == id {
                manifests.extend(of_boundary.inward(environment));
            }
        }
    }
    manifests
}

/// Exceptions for pods that nobody can tell from others here.
pub(crate) fn diagnostics(intent: &Intent) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for boundary in &intent.boundaries {
        for exception in &boundary.exceptions {
            let ExceptionAllows::Connection { from, to, .. } = &exception.allows else { continue };
            let ends = [(from.as_ref(), boundary.from), (Some(to), boundary.to)];
            for (application, environment) in ends {
                let Some(application) = application else { continue };
                let source =
                    placement(intent, application.value, environment).map(|placement| &placement.source);
                let Some(
                    PlacedSource::Manifests(_) | PlacedSource::Kustomization(_) | PlacedSource::Helm { .. },
                ) = source
                else {
                    continue;
                };
                let name = name(intent, application.value);
                diagnostics.push(
                    Diagnostic::error(
                        rules::UNKNOWN_PODS,
                        format!("a connection is for pods of `{name}`, and which those are is not known"),
                    )
                    .at(application.span, "comes from manifests")
                    .help("write the application in its short form, with `image`: then its pods have a label of its own"),
                );
            }
        }
    }
    diagnostics.extend(intent.applications.iter().flat_map(|application| unseen(intent, application)));
    diagnostics
}

/// Applications of others' manifests in environments that are open only as declared.
fn unseen(intent: &Intent, application: &Application) -> Option<Diagnostic> {
    let is_unseen = |placement: &&Placement| {
        let environment = intent.environments.get(placement.environment.0);
        !matches!(placement.source, PlacedSource::Workload(_))
            && environment.is_some_and(|environment| environment.inside.value == Inside::Declared)
    };
    let placement = application.placements.iter().find(is_unseen)?;
    let environment = &intent.environments.get(placement.environment.0)?;
    let (name, place) = (&application.name.value, &environment.name.value);
    let message =
        format!("whom `{name}` calls in `{place}` is to be declared, and which pods are its is not known");
    Some(
        Diagnostic::error(rules::UNKNOWN_PODS, message)
            .at(application.name.span, "comes from manifests")
            .help("write the application in its short form, with `image`, or leave the environment `inside: open`"),
    )
}

fn name(intent: &Intent, ApplicationId(index): ApplicationId) -> &str {
    intent.applications.get(index).map_or("", |application| application.name.value.as_str())
}

fn placement(
    intent: &Intent,
    ApplicationId(index): ApplicationId,
    environment: EnvironmentId,
) -> Option<&Placement> {
    intent.applications.get(index)?.placements.iter().find(|placement| placement.environment == environment)
}

/// What serves routes may reach the pods to which they lead, at the ports to which they lead.
fn routes(placed: &Placed<'_>) -> Option<Manifest> {
    let first = placed.workload.routes.first()?;
    let namespace = &placed.environment.ingress.as_ref()?.namespace.value;
    let to = |name: &str| placed.workload.ports.iter().find(|port| port.name.value == name);
    let ports: BTreeSet<(Protocol, u16)> = placed
        .workload
        .routes
        .iter()
        .filter_map(|route| to(&route.port.value))
        .map(|port| (port.protocol.value, port.container_port.value))
        .collect();
    let peer = mapping([("namespaceSelector", named_namespace(namespace))]);
    let rules = vec![lets(Direction::In, vec![peer], ports)];
    let spec = spec(servers_of(placed.name()), Direction::In, rules);
    Some(policy(placed, format!("allow-routes-{}", placed.name()), first.span, spec))
}

/// The pods of an application reach the stores that it uses, where those are for its environment.
fn stores(placed: &Placed<'_>) -> Option<Manifest> {
    let mut rules = Vec::new();
    for used in &placed.workload.stores {
        let endpoints = &placed.intent.stores.get(used.value.0)?.endpoints;
        for endpoint in endpoints.iter().filter(|it| it.environment.value == placed.environment_id) {
            let block = |cidr: &Spanned<String>| {
                mapping([("ipBlock", mapping([("cidr", cidr.value.as_str().into())]))])
            };
            let peers = endpoint.cidrs.iter().map(block).collect();
            rules.push(lets(Direction::Out, peers, [(Protocol::Tcp, endpoint.port.value)]));
        }
    }
    let first = placed.workload.stores.first()?;
    let spec = spec(pods_of(placed.name()), Direction::Out, rules);
    Some(policy(placed, format!("allow-stores-{}", placed.name()), first.span, spec))
}

/// Where an environment is open only as declared: an application's pods are reached by those of the applications that depend on
/// it, and by each other, at its ports. Each side has a door.
fn calls(callee: &Placed<'_>, placed: &[Placed<'_>]) -> Vec<Manifest> {
    let ports = callee.workload.ports.iter();
    let ports: BTreeSet<(Protocol, u16)> =
        ports.map(|port| (port.protocol.value, port.container_port.value)).collect();
    if ports.is_empty() {
        return Vec::new();
    }
    let depends = |caller: &Placed<'_>| {
        let on = caller.application.depends_on.iter();
        on.into_iter().any(|on| name(caller.intent, on.value) == callee.name())
    };
    let callers = || placed.iter().filter(|caller| caller.name() == callee.name() || depends(caller));
    let peer = |placed: &Placed<'_>, pods: Value| {
        mapping([("namespaceSelector", named_namespace(placed.namespace)), ("podSelector", pods)])
    };
    let peers = callers().map(|caller| peer(caller, pods_of(caller.name()))).collect();
    let inward = lets(Direction::In, peers, ports.iter().copied());
    let inward = spec(servers_of(callee.name()), Direction::In, vec![inward]);
    let asked_by = callee.application.name.span;
    let mut doors = vec![policy(callee, format!("allow-calls-of-{}", callee.name()), asked_by, inward)];
    for caller in callers() {
        let outward =
            lets(Direction::Out, vec![peer(callee, servers_of(callee.name()))], ports.iter().copied());
        let outward = spec(pods_of(caller.name()), Direction::Out, vec![outward]);
        let name = format!("allow-{}-to-{}", caller.name(), callee.name());
        doors.push(policy(caller, name, caller.application.name.span, outward));
    }
    doors
}

fn policy(placed: &Placed<'_>, name: String, asked_by: Span, spec: Value) -> Manifest {
    let mut policy = placed.manifest(Kind::NetworkPolicy, Serves::MustReach, asked_by, vec![("spec", spec)]);
    policy.name = name;
    policy
}

fn spec(pods: Value, direction: Direction, rules: Vec<Value>) -> Value {
    let (kind, key) = match direction {
        Direction::In => ("Ingress", "ingress"),
        Direction::Out => ("Egress", "egress"),
    };
    mapping([("podSelector", pods), ("policyTypes", texts([kind])), (key, Value::List(rules))])
}

fn lets(direction: Direction, peers: Vec<Value>, ports: impl IntoIterator<Item = (Protocol, u16)>) -> Value {
    let key = match direction {
        Direction::In => "from",
        Direction::Out => "to",
    };
    let port = |(protocol, number): (Protocol, u16)| {
        mapping([("protocol", protocol.name().into()), ("port", Value::Integer(i64::from(number)))])
    };
    mapping([(key, Value::List(peers)), ("ports", Value::List(ports.into_iter().map(port).collect()))])
}

/// One exception of a boundary. Both sides have a fence, and so it is a door in each.
struct Excepted<'i> {
    intent: &'i Intent,
    boundary: &'i Boundary,
    number: usize,
    exception: &'i Exception,
}

impl Excepted<'_> {
    /// The doors out of the `from` side: in the namespace of the application, or in all of its namespaces.
    fn outward(&self, environment: &Environment) -> Vec<Manifest> {
        let ExceptionAllows::Connection { from, to, .. } = &self.exception.allows else { return Vec::new() };
        let Some(peer) = self.servers(to) else { return Vec::new() };
        let sources: Vec<(&str, Value)> = match from {
            Some(from) => placement(self.intent, from.value, self.boundary.from)
                .map(|it| (it.namespace.value.as_str(), pods_of(name(self.intent, from.value))))
                .into_iter()
                .collect(),
            None => environment.namespaces.iter().map(|it| (it.value.as_str(), mapping([]))).collect(),
        };
        let other = self.environment(self.boundary.to);
        let door = |(namespace, pods): (&str, Value)| {
            let rules = vec![lets(Direction::Out, vec![peer.clone()], self.ports())];
            let name = format!("exception-to-{other}-{}", self.number);
            self.policy(environment, namespace, name, spec(pods, Direction::Out, rules))
        };
        sources.into_iter().map(door).collect()
    }

    /// The door into the `to` side.
    fn inward(&self, environment: &Environment) -> Option<Manifest> {
        let ExceptionAllows::Connection { from, to, .. } = &self.exception.allows else { return None };
        let peer = match from {
            Some(from) => {
                let namespace = &placement(self.intent, from.value, self.boundary.from)?.namespace.value;
                mapping([
                    ("namespaceSelector", named_namespace(namespace)),
                    ("podSelector", pods_of(name(self.intent, from.value))),
                ])
            }
            None => {
                let from = self.intent.environments.get(self.boundary.from.0)?;
                mapping([("namespaceSelector", own_namespaces(from))])
            }
        };
        let namespace = &placement(self.intent, to.value, self.boundary.to)?.namespace.value;
        let rules = vec![lets(Direction::In, vec![peer], self.ports())];
        let other = self.environment(self.boundary.from);
        let pods = servers_of(name(self.intent, to.value));
        let name = format!("exception-from-{other}-{}", self.number);
        Some(self.policy(environment, namespace, name, spec(pods, Direction::In, rules)))
    }

    /// The peer that is called.
    fn servers(&self, to: &Spanned<ApplicationId>) -> Option<Value> {
        let namespace = &placement(self.intent, to.value, self.boundary.to)?.namespace.value;
        Some(mapping([
            ("namespaceSelector", named_namespace(namespace)),
            ("podSelector", servers_of(name(self.intent, to.value))),
        ]))
    }

    fn ports(&self) -> BTreeSet<(Protocol, u16)> {
        match &self.exception.allows {
            ExceptionAllows::Connection { ports, protocol, .. } => {
                ports.iter().map(|port| (protocol.value, port.value)).collect()
            }
            ExceptionAllows::Access { .. } => BTreeSet::new(),
        }
    }

    fn environment(&self, id: EnvironmentId) -> &str {
        self.intent.environments.get(id.0).map_or("", |environment| environment.name.value.as_str())
    }

    fn policy(&self, environment: &Environment, namespace: &str, name: String, spec: Value) -> Manifest {
        Manifest {
            kind: Kind::NetworkPolicy,
            namespace: Some(namespace.to_owned()),
            name,
            environment: environment.name.value.clone(),
            labels: Vec::new(),
            annotations: vec![
                ("watertight.dev/expires", self.exception.expires.value.to_string()),
                ("watertight.dev/owner", self.exception.owner.value.clone()),
                ("watertight.dev/reason", self.exception.reason.value.clone()),
            ],
            serves: Serves::MustReach,
            asked_by: self.exception.span,
            body: vec![("spec", spec)],
        }
    }
}
