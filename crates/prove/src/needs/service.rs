//! A Service as the destination of a need: the pods behind it, each with the port that its Service port leads to.

use super::ends::{self, Reason, Sources, Targets};
use watertight_base::Protocol;
use watertight_model::{
    Admission, ContainerRole, EndpointsWriter, EvidenceRole, Pod, Service, ServicePort, ServiceType,
    Snapshot, TargetPort,
};
use watertight_network::End;

/// The Service that a name means: `NAMESPACE/service/NAME` or `NAMESPACE/NAME`.
pub(crate) fn named<'a>(snapshot: &'a Snapshot, name: &str) -> Option<&'a Service> {
    let parts: Vec<&str> = name.split('/').collect();
    let (namespace, name) = match parts[..] {
        [namespace, name] => (namespace, name),
        [namespace, kind, name] if kind.eq_ignore_ascii_case("service") => (namespace, name),
        _ => return None,
    };
    let namespace = snapshot.namespace_named(namespace)?;
    let is_meant = |service: &&Service| service.namespace == namespace && service.origin.object.name == name;
    snapshot.services.iter().find(is_meant)
}

/// The pods behind a port of a Service. Policies decide on these and on their own port (rule N39).
pub(crate) fn targets(snapshot: &Snapshot, service: &Service, port: (Protocol, u16)) -> Targets {
    let object = &service.origin.object;
    let doubt = |why: String, help: &str| Reason::of(why, help, EvidenceRole::Allows, &service.origin);
    let mut targets = Targets::default();
    if service.admission != Admission::Accepted {
        targets.doubts.push(doubt(
            format!("{object} may not be there, as the diagnostics say"),
            "mend what the diagnostics name",
        ));
    }
    if service.kind == ServiceType::ExternalName {
        let why = format!("{object} is another name for a host, whose addresses the input does not show");
        targets.doubts.push(doubt(why, "name an address of the host in its place"));
        return targets;
    }
    let Some(selector) = &service.selector else {
        let why = format!("{object} has no selector: what is behind it is written by hand");
        targets.doubts.push(doubt(why, "name a workload or an address in its place"));
        return targets;
    };
    targets.doubts.extend(further_endpoints(snapshot, service));
    if service.stays_on_node {
        let why = format!(
            "{object} leads to pods of the same node alone (`internalTrafficPolicy: Local`), and whether each node has one is not seen"
        );
        targets.doubts.push(doubt(why, "name the workload behind it in its place"));
    }
    // A headless Service is a name for its pods: they are dialled on whatever port is asked for.
    let found = service.ports.iter().find(|known| (known.protocol, known.port) == port);
    if found.is_none() && !service.is_headless {
        targets.obstacles.push(no_port(service, port));
        return targets;
    }
    let selects = |pod: &Pod| {
        pod.namespace == service.namespace
            && selector.iter().all(|(key, value)| pod.labels.get(key) == Some(value))
    };
    let selected = snapshot.pods.iter().enumerate().filter(|(_, pod)| selects(pod));
    let selected = selected.map(|(index, _)| index).collect();
    let Sources { ends, doubts } = ends::pods(snapshot, selected, &object.to_string());
    targets.doubts.extend(doubts);
    for &end in &ends {
        let End::Pod(index) = end else { continue };
        let numbers = match found.filter(|_| !service.is_headless) {
            Some(found) => numbers(&snapshot.pods[index], found),
            None => vec![port.1],
        };
        targets.reached.extend(numbers.into_iter().map(|number| (end, (port.0, number))));
    }
    if targets.reached.is_empty() && !ends.is_empty() {
        let why = format!("no pod behind {object} has a container port of the name that it leads to");
        targets.doubts.push(doubt(why, "give the container port that name, or a number to `targetPort`"));
    }
    targets
}

/// The ports of a pod that a Service port leads to. A name that several containers give may mean any of theirs.
fn numbers(pod: &Pod, port: &ServicePort) -> Vec<u16> {
    match &port.target {
        TargetPort::Number(number) => vec![*number],
        TargetPort::Named(name) => {
            let ports = pod.ports.iter().filter(|known| {
                known.name.as_ref() == Some(name)
                    && known.protocol == port.protocol
                    && known.container != ContainerRole::Init
            });
            ports.map(|known| known.number).collect()
        }
    }
}

fn no_port(service: &Service, (protocol, port): (Protocol, u16)) -> Reason {
    let known: Vec<String> =
        service.ports.iter().map(|port| format!("{} {}", port.protocol.name(), port.port)).collect();
    let has = if known.is_empty() { "none at all".to_owned() } else { known.join(", ") };
    Reason::of(
        format!("{} has no port {} {port}", service.origin.object, protocol.name()),
        format!("it has {has}: ask for one of these, or add the port to the Service"),
        EvidenceRole::Absent,
        &service.origin,
    )
}

/// EndpointSlices of the Service that its selector did not make: what they lead to is not among its pods.
fn further_endpoints(snapshot: &Snapshot, service: &Service) -> Option<Reason> {
    let is_further = |slice: &&watertight_model::Endpoints| {
        slice.namespace == service.namespace
            && slice.origin.object.kind == "EndpointSlice"
            && slice.service.as_ref() == Some(&service.origin.object.name)
            && slice.writer != EndpointsWriter::Controller
    };
    let slice = snapshot.endpoints.iter().find(is_further)?;
    let object = &slice.origin.object;
    Some(Reason::of(
        format!("{object} leads {} to more than its own pods", service.origin.object),
        "name the workload in place of the Service, or remove that EndpointSlice",
        EvidenceRole::Allows,
        &slice.origin,
    ))
}

/// What the way through a Service leaves open, whatever policies say of its pods: a pod that reaches itself through it
/// (rule N33), and who is seen to come where somebody outside dials it (rule N40).
pub(crate) fn on_the_way(
    snapshot: &Snapshot,
    service: &Service,
    sources: &[End],
    reached: &[(End, (Protocol, u16))],
) -> Option<Reason> {
    let object = &service.origin.object;
    let doubt = |why: String| {
        Some(Reason::of(
            why,
            "name the workload behind it in its place",
            EvidenceRole::Allows,
            &service.origin,
        ))
    };
    let is_behind = |end: &End| reached.iter().any(|(target, _)| target == end);
    if sources.iter().any(|end| matches!(end, End::Outside(_))) {
        return doubt(format!(
            "how a connection from outside comes to {object}, and under which address it arrives, differs (N40)"
        ));
    }
    let itself = sources.iter().copied().find(|end| !service.is_headless && is_behind(end))?;
    let name = ends::name(snapshot, itself);
    doubt(format!(
        "{name} is itself behind {object}, and whether a pod reaches itself that way differs (N33)"
    ))
}
