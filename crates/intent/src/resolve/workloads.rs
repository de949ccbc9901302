//! What the API server would refuse of pods and Services: ports that are there twice, probes that speak no TCP, and names that
//! no variable has.

use crate::findings::Findings;
use crate::intent::{Intent, PlacedSource, Port, Probe, Protocol, Spanned, Workload};
use crate::rules;

pub(super) fn check(intent: &Intent, findings: &mut Findings) {
    for placement in intent.applications.iter().flat_map(|application| &application.placements) {
        let PlacedSource::Workload(workload) = &placement.source else { continue };
        // A list of a Pod or a Service has one element for a number and a protocol: both are its keys in server-side apply.
        has_each_once(&workload.ports, "port of the container", |port| port.container_port, findings);
        has_each_once(&workload.ports, "port of the Service", |port| port.port, findings);
        let probes = &workload.probes;
        for probe in [&probes.readiness, &probes.liveness, &probes.startup].into_iter().flatten() {
            speaks_tcp(workload, probe, findings);
        }
        for used in &workload.stores {
            let Some(store) = intent.stores.get(used.value.0) else { continue };
            if store.name.value.starts_with(|first: char| first.is_ascii_digit()) {
                findings.error(
                    rules::INVALID_VALUE,
                    format!("the store `{}` begins with a digit, as no variable does", store.name.value),
                    store.name.span,
                    "no name of variables",
                    "begin it with a letter: its address is told in variables of its name",
                );
            }
        }
    }
}

fn has_each_once(ports: &[Port], what: &str, of: fn(&Port) -> Spanned<u16>, findings: &mut Findings) {
    for (index, port) in ports.iter().enumerate() {
        let number = of(port);
        let same =
            |other: &Port| of(other).value == number.value && other.protocol.value == port.protocol.value;
        // What is no number has been reported, and is 0 here.
        if number.value > 0 && ports.get(..index).is_some_and(|before| before.iter().any(same)) {
            findings.error(
                rules::REPEATED_NAME,
                format!("the {what} {}/{} is there more than once", number.value, port.protocol.value.name()),
                number.span,
                "the same again",
                "keep one of the two",
            );
        }
    }
}

fn speaks_tcp(workload: &Workload, probe: &Probe, findings: &mut Findings) {
    let port = workload.ports.iter().find(|port| port.name.value == probe.port.value);
    let Some(port) = port.filter(|port| port.protocol.value != Protocol::Tcp) else { return };
    findings.error(
        rules::INVALID_VALUE,
        format!(
            "a probe asks the port `{}`, which is one of {}",
            probe.port.value,
            port.protocol.value.name()
        ),
        probe.port.span,
        "not TCP",
        "name a port of the protocol TCP: the kubelet asks by no other",
    );
}
