//! Pods: none that gets at its node, comes before those of others, gets onto nodes that are set aside, or has its node dial
//! anywhere.
//!
//! Policies are asked about pods, and not about Deployments and their like, since pods are what runs: a controller's attempt to
//! make one is refused too, and shows in its events. What Kubernetes itself puts into pods passes: the priority of a class, the
//! tolerations of `node.kubernetes.io/` taints, and the node that the scheduler binds to, which is no field of the pod that is
//! created.

use super::{About, CHANGED, CREATED, Guard, WRITTEN, list};
use crate::manifest::Serves;
use crate::namespaces::refuses_probe_hosts;
use watertight_intent::{Environment, Intent, Preemption};

pub(super) fn guards(intent: &Intent, environment: &Environment) -> Vec<Guard> {
    let mut guards = vec![privileged(environment), priority(intent, environment)];
    if !environment.production.value {
        guards.push(nodes(environment));
    }
    // A server that does not know the check of Pod Security passes over its version.
    if !refuses_probe_hosts(intent, environment) {
        guards.push(probes(environment));
    }
    guards
}

fn about(operations: &'static [&'static str]) -> Vec<About> {
    vec![About { group: "", version: "v1", resources: &["pods"], operations }]
}

/// No pod gets at its node. Pod Security refuses all of this and more; but who is exempt from it is said in a file of the API
/// server, and which level a namespace enforces by its labels. Ephemeral containers come to pods that are there.
///
/// Source: <https://kubernetes.io/docs/concepts/security/pod-security-admission/#exemptions>.
fn privileged(environment: &Environment) -> Guard {
    let mut about = about(CREATED);
    about.push(About {
        group: "",
        version: "v1",
        resources: &["pods/ephemeralcontainers"],
        operations: CHANGED,
    });
    let each = |lists: &[&str], none: &str| {
        let of_list = |list: &&str| format!("{list}.all(c, {none})");
        lists.iter().map(of_list).collect::<Vec<_>>().join(" && ")
    };
    let [containers, before, debugging] = [
        "object.spec.containers",
        "object.spec.?initContainers.orValue([])",
        "object.spec.?ephemeralContainers.orValue([])",
    ];
    let validations = [
        (
            ["hostNetwork", "hostPID", "hostIPC"]
                .map(|field| format!("!object.spec.?{field}.orValue(false)"))
                .join(" && "),
            "a pod may not use the network, the processes or the memory of its node",
        ),
        (
            each(&[containers, before, debugging], "!c.?securityContext.?privileged.orValue(false)"),
            "a container may not be privileged, which makes it master of its node",
        ),
        (
            each(&[containers, before], "c.?ports.orValue([]).all(p, p.?hostPort.orValue(0) == 0)"),
            "a container may not take a port of its node",
        ),
        (
            "object.spec.?volumes.orValue([]).all(v, !has(v.hostPath))".to_owned(),
            "a pod may not have a folder of its node as a volume",
        ),
    ];
    Guard {
        concern: "privileged",
        serves: Serves::Network,
        asked_by: environment.pod_security.span,
        about,
        validations: validations.into_iter().map(|(expression, why)| (expression, why.to_owned())).collect(),
    }
}

/// No pod has a priority above the environment's own. Admission of priorities has filled in the number of the class before any
/// policy is asked. Pods without a class have 0, and may, where that comes before nobody to whom the environment gives way.
///
/// Source: <https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#pod-priority>.
fn priority(intent: &Intent, environment: &Environment) -> Guard {
    let own = environment.priority.value;
    let in_cluster = intent.environments.iter().filter(|other| other.cluster == environment.cluster);
    let mut higher = in_cluster.map(|other| other.priority.value.value).filter(|other| *other > own.value);
    let bound = if own.value < 0 && higher.all(|other| other > 0) { 0 } else { own.value };
    let mut validations = vec![(
        format!("object.spec.?priority.orValue(0) <= {bound}"),
        format!("a pod may not have a priority above {bound}, by its PriorityClass"),
    )];
    // Pods without a class take the place of others, where there are some to which they are preferred.
    let is_other =
        |other: &&Environment| other.cluster == environment.cluster && other.name != environment.name;
    let mut others = intent.environments.iter().filter(is_other);
    let waits = environment.priority.preemption_policy.value == Preemption::Never;
    if waits && others.any(|other| other.priority.value.value < bound) {
        validations.push((
            "object.spec.?preemptionPolicy.orValue('PreemptLowerPriority') == 'Never'".to_owned(),
            "a pod may not take the place of others: name the PriorityClass of the environment".to_owned(),
        ));
    }
    Guard {
        concern: "priority",
        serves: Serves::Capacity,
        asked_by: own.span,
        about: about(CREATED),
        validations,
    }
}

/// How the keys of the taints of Kubernetes itself begin.
///
/// Source: <https://kubernetes.io/docs/reference/labels-annotations-taints/>.
pub(crate) const OWN_TAINTS: &str = "node.kubernetes.io/";

/// No pod goes past the scheduler, or tolerates taints by which nodes are set aside for somebody. Outside of production, whose
/// nodes they may be.
///
/// Source: <https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodename>.
fn nodes(environment: &Environment) -> Guard {
    let own = list(environment.tolerations.iter().map(|key| key.value.as_str()));
    let of_intent = if environment.tolerations.is_empty() {
        String::new()
    } else {
        format!(" || t.?key.orValue('') in {own}")
    };
    Guard {
        concern: "nodes",
        serves: Serves::Capacity,
        asked_by: environment.tolerations.first().map_or(environment.name.span, |first| first.span),
        about: about(WRITTEN),
        validations: vec![
            (
                "request.operation == 'UPDATE' || !has(object.spec.nodeName)".to_owned(),
                "a pod may not name its node, which goes past the scheduler and past taints".to_owned(),
            ),
            (
                format!(
                    "object.spec.?tolerations.orValue([]).all(t, t.?key.orValue('').startsWith('{OWN_TAINTS}'){of_intent} \
                     || request.operation == 'UPDATE' && t in oldObject.spec.?tolerations.orValue([]))"
                ),
                "a pod may not tolerate taints that are not in `tolerations` of the environment".to_owned(),
            ),
        ],
    }
}

/// The fields by which the kubelet calls, and what they are.
const CALLS: [(&str, &str); 5] = [
    ("livenessProbe", "a liveness probe"),
    ("readinessProbe", "a readiness probe"),
    ("startupProbe", "a startup probe"),
    ("lifecycle.?postStart", "a postStart hook"),
    ("lifecycle.?preStop", "a preStop hook"),
];

/// No probe and no hook names a host, which the node would dial. Both lists are asked one by one: joined, `prove` would not
/// know what comes of a list that may be missing.
///
/// Source: <https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline>, "Host Probes / Lifecycle Hooks".
fn probes(environment: &Environment) -> Guard {
    let validation = |(call, what): &(&str, &str)| {
        let none = |containers: &str| {
            format!(
                "{containers}.all(c, c.?{call}.?httpGet.?host.orValue('') == '' && c.?{call}.?tcpSocket.?host.orValue('') == '')"
            )
        };
        (
            format!(
                "{} && {}",
                none("object.spec.containers"),
                none("object.spec.?initContainers.orValue([])")
            ),
            format!("{what} may not name a host, which the node would dial"),
        )
    };
    Guard {
        concern: "probes",
        serves: Serves::Network,
        asked_by: environment.name.span,
        about: about(CREATED),
        validations: CALLS.iter().map(validation).collect(),
    }
}
