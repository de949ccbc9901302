//! The pods of an application: hardened as the level `restricted` of the Pod Security Standards asks, and nothing beyond it that
//! usual images could not bear.
//!
//! Source: <https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted>.

use super::identity;
use super::placed::Placed;
use crate::amounts::amounts;
use std::collections::BTreeSet;
use watertight_intent::{Isolation, Job, Probe, Requirements, Resources, Spanned, Workload};
use watertight_yaml::{Value, mapping, texts};

/// The template of the pods that serve the ports of an application.
pub(super) fn server(placed: &Placed<'_>) -> Value {
    let workload = placed.workload;
    let mut container = container(placed, placed.name(), &workload.command, &workload.args);
    if !workload.ports.is_empty() {
        let port = |port: &watertight_intent::Port| {
            mapping([
                ("name", port.name.value.as_str().into()),
                ("containerPort", number(port.container_port.value)),
                ("protocol", port.protocol.value.name().into()),
            ])
        };
        container.push(("ports", Value::List(workload.ports.iter().map(port).collect())));
    }
    hardened(&mut container, workload.resources);
    let probes = [
        ("readinessProbe", &workload.probes.readiness),
        ("livenessProbe", &workload.probes.liveness),
        ("startupProbe", &workload.probes.startup),
    ];
    for (key, probe) in probes {
        container.extend(probe.as_ref().and_then(|it| Some((key, self::probe(workload, it)?))));
    }
    template(placed, None, container)
}

/// The template of the pods of a job: the same image, with the same variables.
pub(super) fn job(placed: &Placed<'_>, job: &Job) -> Value {
    let mut container = container(placed, &job.name.value, &job.command, &job.args);
    hardened(&mut container, job.resources);
    template(placed, Some(&job.name.value), container)
}

/// A number in a manifest.
pub(super) fn number(number: impl Into<i64>) -> Value {
    Value::Integer(number.into())
}

fn template(placed: &Placed<'_>, job: Option<&str>, container: Vec<(&'static str, Value)>) -> Value {
    let mut labels = placed.pod_labels(job);
    labels.extend(identity::pod_labels(placed.cluster, placed.environment));
    labels.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut spec: Vec<(&str, Value)> = vec![
        ("serviceAccountName", placed.name().into()),
        ("automountServiceAccountToken", false.into()),
        ("enableServiceLinks", false.into()),
    ];
    // Alone in its cluster, an environment has no PriorityClass.
    if placed.environment.isolation.value == Isolation::Namespace {
        spec.push(("priorityClassName", placed.environment.name.value.as_str().into()));
    }
    if job.is_some() {
        spec.push(("restartPolicy", "Never".into()));
    }
    let seccomp = mapping([("type", "RuntimeDefault".into())]);
    spec.push(("securityContext", mapping([("runAsNonRoot", true.into()), ("seccompProfile", seccomp)])));
    spec.push(("containers", Value::List(vec![members(container)])));
    mapping([("metadata", mapping([("labels", Value::Mapping(labels))])), ("spec", members(spec))])
}

/// A mapping of members whose number is not known before.
pub(super) fn members(members: Vec<(&str, Value)>) -> Value {
    Value::Mapping(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn container(
    placed: &Placed<'_>,
    name: &str,
    command: &[Spanned<String>],
    args: &[Spanned<String>],
) -> Vec<(&'static str, Value)> {
    let mut container = vec![("name", name.into()), ("image", placed.workload.image.value.as_str().into())];
    for (key, words) in [("command", command), ("args", args)] {
        if !words.is_empty() {
            container.push((key, texts(words.iter().map(|word| word.value.as_str()))));
        }
    }
    let variables = variables(placed);
    if !variables.is_empty() {
        container.push(("env", Value::List(variables)));
    }
    container
}

fn hardened(container: &mut Vec<(&'static str, Value)>, resources: Requirements) {
    let sides = [("requests", resources.requests), ("limits", resources.limits)];
    let said: Vec<(&str, Value)> = sides
        .into_iter()
        .filter(|(_, resources)| *resources != Resources::default())
        .map(|(side, resources)| (side, amounts(&resources)))
        .collect();
    if !said.is_empty() {
        container.push(("resources", members(said)));
    }
    let capabilities = mapping([("drop", texts(["ALL"]))]);
    let context = mapping([("allowPrivilegeEscalation", false.into()), ("capabilities", capabilities)]);
    container.push(("securityContext", context));
}

/// The variables of a container: where its stores are, then those in Secrets, then those with a value, which may name the
/// others as `$(NAME)`. What the intent says by the name of a store's variable stands in its place.
///
/// Source: <https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/>.
fn variables(placed: &Placed<'_>) -> Vec<Value> {
    let Workload { env, secrets, .. } = placed.workload;
    let named = |name: &str, value: (&str, Value)| mapping([("name", name.into()), value]);
    let said: BTreeSet<&str> = env
        .iter()
        .map(|it| &it.name)
        .chain(secrets.iter().map(|it| &it.name))
        .map(|it| it.value.as_str())
        .collect();
    let of_stores = of_stores(placed).into_iter().filter(|(name, _)| !said.contains(name.as_str()));
    let mut variables: Vec<Value> =
        of_stores.map(|(name, value)| named(&name, ("value", value.into()))).collect();
    variables.extend(secrets.iter().map(|secret| {
        let key = mapping([
            ("name", secret.secret.value.as_str().into()),
            ("key", secret.key.value.as_str().into()),
        ]);
        named(&secret.name.value, ("valueFrom", mapping([("secretKeyRef", key)])))
    }));
    variables.extend(env.iter().map(|it| named(&it.name.value, ("value", it.value.value.as_str().into()))));
    variables
}

/// `<STORE>_HOST` and `<STORE>_PORT` of each store that the application uses.
fn of_stores(placed: &Placed<'_>) -> Vec<(String, String)> {
    let mut variables = Vec::new();
    for used in &placed.workload.stores {
        let Some(store) = placed.intent.stores.get(used.value.0) else { continue };
        let endpoint =
            store.endpoints.iter().find(|endpoint| endpoint.environment.value == placed.environment_id);
        let Some(endpoint) = endpoint else { continue };
        let prefix = store.name.value.to_ascii_uppercase().replace('-', "_");
        variables.push((format!("{prefix}_HOST"), endpoint.host.value.clone()));
        variables.push((format!("{prefix}_PORT"), endpoint.port.value.to_string()));
    }
    variables
}

fn probe(workload: &Workload, probe: &Probe) -> Option<Value> {
    let port = workload.ports.iter().find(|port| port.name.value == probe.port.value)?;
    let port = ("port", number(port.container_port.value));
    let question = match &probe.path {
        Some(path) => ("httpGet", mapping([("path", path.value.as_str().into()), port])),
        None => ("tcpSocket", mapping([port])),
    };
    Some(mapping([
        question,
        ("periodSeconds", number(probe.period_seconds.value)),
        ("timeoutSeconds", number(probe.timeout_seconds.value)),
        ("failureThreshold", number(probe.failure_threshold.value)),
    ]))
}
