//! Pods that have something of their nodes: the network, or a node that dials a host for them. Their workload does without, and
//! its namespace refuses the next ones. What they have of it is lost.

use crate::candidates::kept_off;
use crate::change::Changes;
use crate::input::Input;
use crate::state::State;
use crate::text::{Edit, Page, at, member};
use watertight_ingest::{Content, Tree};
use watertight_model::{FactPeer, ObjectRef, Pod};

/// The fields of a pod by which it has something of its node; with the first goes the way to ask for names that is for it.
/// Pod Security refuses each of them from `baseline` on, and each `hostPort`.
///
/// Source: <https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline>.
const OF_THE_HOST: [&str; 3] = ["hostNetwork", "hostPID", "hostIPC"];
/// Source: <https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy>.
const DNS_OF_THE_HOST: &str = "ClusterFirstWithHostNet";
const CONTAINERS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// The pods of a namespace without what this one has of its node: alone, and with a label that keeps the next ones from it.
pub(crate) fn without_the_host(input: &Input<'_>, pod: &FactPeer) -> Vec<State> {
    let Some(id) = input.snapshot.namespace_named(&pod.namespace) else { return Vec::new() };
    let has_it = |other: &&Pod| {
        let of_host =
            if pod.opened_by_node { !other.dialed.is_empty() } else { other.host_network.is_some() };
        other.namespace == id && of_host
    };
    let there: Vec<&Pod> = input.snapshot.pods.iter().filter(has_it).collect();
    // Of a pod that a controller makes, nothing can be edited but the controller's template.
    let is_written = |pod: &&Pod| {
        pod.origin.object.kind == pod.workload.kind && pod.origin.object.name == pod.workload.name
    };
    if there.is_empty() || !there.iter().all(is_written) {
        return Vec::new();
    }
    let changes =
        Changes { leaves_host: pod.host_network, asks_itself: pod.opened_by_node, ..Changes::default() };
    let edited = there
        .into_iter()
        .fold(State::default(), |all, pod| all.with(&State::of(&pod.origin.object, changes.clone())));
    let with_label = kept_off(input, pod, id).map(|label| edited.with(&label));
    std::iter::once(edited).chain(with_label).collect()
}

fn pods<'a>(input: &'a Input<'_>, object: &'a ObjectRef) -> impl Iterator<Item = &'a Pod> {
    input.snapshot.pods.iter().filter(move |pod| pod.origin.object == *object)
}

/// The specification of the pods that an object makes.
fn spec<'t>(input: &Input<'_>, object: &ObjectRef, tree: &'t Tree) -> Option<&'t Tree> {
    at(tree, &format!("{}/spec", pods(input, object).next()?.template))
}

fn containers(spec: &Tree) -> impl Iterator<Item = &Tree> {
    CONTAINERS.into_iter().filter_map(|list| spec.get(list)).flat_map(Tree::elements)
}

fn is_true(tree: &Tree) -> bool {
    matches!(tree.content, Content::Boolean(true))
}

/// The edits that take what a workload's pods have of the host away.
pub(crate) fn off_the_host(
    input: &Input<'_>,
    page: Page<'_>,
    object: &ObjectRef,
    tree: &Tree,
) -> Option<Vec<Edit>> {
    let spec = spec(input, object, tree)?;
    let mut edits = page.remove_members(spec, |member| {
        OF_THE_HOST.contains(&member.key.as_str())
            || (member.key == "dnsPolicy" && member.value.text() == Some(DNS_OF_THE_HOST))
    })?;
    for port in containers(spec).filter_map(|container| container.get("ports")).flat_map(Tree::elements) {
        edits.extend(
            page.remove_members(port, |member| ["hostPort", "hostIP"].contains(&member.key.as_str()))?,
        );
    }
    Some(edits)
}

/// What the pods of a workload have of the host, as its fields say it.
pub(crate) fn of_the_host(input: &Input<'_>, object: &ObjectRef) -> Vec<String> {
    let place = input.place(object);
    let Some(spec) = place.and_then(|place| spec(input, object, place.tree)) else { return Vec::new() };
    let fields = OF_THE_HOST.into_iter().filter(|field| spec.get(field).is_some_and(is_true));
    let ports = containers(spec).filter_map(|container| container.get("ports")).flat_map(Tree::elements);
    let ports = ports.filter_map(|port| match &port.get("hostPort")?.content {
        Content::Number { written, .. } => Some(format!("`hostPort: {written}`")),
        _ => None,
    });
    fields.map(|field| format!("`{field}`")).chain(ports).collect()
}

/// The edits after which the probes and hooks of a workload's pods name no host.
pub(crate) fn asking_itself(
    input: &Input<'_>,
    page: Page<'_>,
    object: &ObjectRef,
    tree: &Tree,
) -> Option<Vec<Edit>> {
    let spans: Vec<_> = pods(input, object).flat_map(|pod| &pod.dialed).map(|dialed| dialed.span).collect();
    let mut edits = Vec::new();
    for container in containers(spec(input, object, tree)?) {
        let probes = container.members().iter().filter(|member| member.key.ends_with("Probe"));
        let hooks = container.get("lifecycle").map_or(&[][..], Tree::members);
        for action in probes.chain(hooks).flat_map(|handler| handler.value.members()) {
            let names_one = member(&action.value, "host").filter(|host| spans.contains(&host.value.span));
            if names_one.is_some() {
                edits.extend(page.remove_members(&action.value, |member| member.key == "host")?);
            }
        }
    }
    Some(edits)
}

/// The hosts that nodes dial for the pods of a workload, each with the field that says so.
pub(crate) fn dialed(input: &Input<'_>, object: &ObjectRef) -> Vec<(String, String)> {
    let dialed = pods(input, object).flat_map(|pod| &pod.dialed);
    dialed.map(|dialed| (dialed.host.to_string(), dialed.field.clone())).collect()
}
