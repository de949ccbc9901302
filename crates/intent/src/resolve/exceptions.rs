//! An exception is about applications that run on its two sides, about ports that they have, and about what one cluster can
//! let through: neither pods nor ServiceAccounts of another cluster are known to it.

use crate::findings::Findings;
use crate::intent::{
    ApplicationId, Boundary, EnvironmentId, Exception, ExceptionAllows, Intent, PlacedSource, Placement,
    Spanned, Subject,
};
use crate::rules;

pub(super) fn check(intent: &Intent, findings: &mut Findings) {
    for boundary in &intent.boundaries {
        for exception in &boundary.exceptions {
            is_of_one_cluster(intent, boundary, exception, findings);
            let ExceptionAllows::Connection { from, to, ports, .. } = &exception.allows else { continue };
            if let Some(from) = from {
                placement(intent, from, boundary.from, findings);
            }
            let Some(placement) = placement(intent, to, boundary.to, findings) else { continue };
            let PlacedSource::Workload(workload) = &placement.source else { continue };
            for port in ports {
                if !workload.ports.iter().any(|own| own.container_port.value == port.value) {
                    let own: Vec<String> =
                        workload.ports.iter().map(|own| format!("`{}`", own.container_port.value)).collect();
                    let help = match own.is_empty() {
                        true => "the application lists no `ports`".to_owned(),
                        false => format!("its ports are {}", own.join(", ")),
                    };
                    let message = format!("an exception is for the port {}, which nobody serves", port.value);
                    findings.error(rules::UNKNOWN_NAME, message, port.span, "no such port", help);
                }
            }
        }
    }
}

/// Reports what only means something in one cluster, for environments in two.
fn is_of_one_cluster(intent: &Intent, boundary: &Boundary, exception: &Exception, findings: &mut Findings) {
    let cluster = |id: EnvironmentId| intent.environments.get(id.0).map(|environment| environment.cluster);
    if cluster(boundary.from) == cluster(boundary.to) {
        return;
    }
    let (what, span) = match &exception.allows {
        ExceptionAllows::Connection { to, .. } => ("no policy of a cluster selects pods of another", to.span),
        ExceptionAllows::Access { subject, .. } => match subject.value {
            Subject::ServiceAccount(_) => ("no cluster knows a ServiceAccount of another", subject.span),
            Subject::User(_) | Subject::Group(_) => return,
        },
    };
    findings.error(
        rules::INVALID_VALUE,
        format!("the two sides of an exception are in two clusters, and {what}"),
        span,
        "in another cluster",
        "name a user or a group, or go through what the other side publishes",
    );
}

/// What an application is in an environment. That it is not there is reported.
fn placement<'i>(
    intent: &'i Intent,
    application: &Spanned<ApplicationId>,
    environment: EnvironmentId,
    findings: &mut Findings,
) -> Option<&'i Placement> {
    let known = intent.applications.get(application.value.0)?;
    let found = known.placements.iter().find(|placement| placement.environment == environment);
    if found.is_none() {
        let name = &known.name.value;
        let place = &intent.environments.get(environment.0)?.name.value;
        let message = format!("the application `{name}` does not run in `{place}`");
        let help = "name an application that runs on that side";
        findings.error(rules::UNKNOWN_NAME, message, application.span, format!("not in `{place}`"), help);
    }
    found
}
