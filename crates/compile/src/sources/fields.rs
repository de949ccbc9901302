//! What objects may not say: fields by which a Service, a policy, a route or a claim leads through the wall.

use super::object::Object;
use crate::guards::REFERENCES;
use crate::rules;
use watertight_base::{Diagnostic, Span};
use watertight_ingest::{Content, Tree};
use watertight_intent::Environment;

/// What is refused of an object, and what to do in its place.
struct Refused {
    span: Span,
    what: String,
    help: String,
    /// What to leave out, so that the rest may come; all of the object if nothing is said.
    without: Vec<Span>,
}

/// What is wrong with the fields of an object. `others` are the namespaces of other environments.
pub(crate) fn check(object: &Object<'_>, environment: &Environment, others: &[&str]) -> Vec<Diagnostic> {
    let mut refused = Vec::new();
    match object.kind.name {
        "Service" => service(object, &mut refused),
        "Secret" => secret(object, &mut refused),
        "NetworkPolicy" => policy(object, environment, &mut refused),
        "Ingress" => ingress(object, environment, &mut refused),
        "HTTPRoute" | "GRPCRoute" => route(object, environment, others, &mut refused),
        "ServiceMonitor" | "PodMonitor" => monitor(object, environment, &mut refused),
        "PersistentVolumeClaim" => claim(object.tree, environment, &mut refused),
        "StatefulSet" => {
            let claims = object.at(&["spec", "volumeClaimTemplates"]).map(Tree::elements).unwrap_or_default();
            claims.iter().for_each(|template| claim(template, environment, &mut refused));
        }
        _ => {}
    }
    let diagnostic = |Refused { span, what, help, without }| {
        let message = format!("{} {what}", object.label());
        let without = if without.is_empty() { vec![object.tree.span] } else { without };
        Diagnostic::error(rules::UNFIT_OBJECT, message).at(span, "refused").help(help).without(without)
    };
    refused.into_iter().map(diagnostic).collect()
}

/// Refuses an object.
fn refuse(refused: &mut Vec<Refused>, span: Span, what: impl Into<String>, help: impl Into<String>) {
    refuse_part(refused, span, what, help, []);
}

/// Refuses a part of an object, without which the rest may come.
fn refuse_part(
    refused: &mut Vec<Refused>,
    span: Span,
    what: impl Into<String>,
    help: impl Into<String>,
    without: impl IntoIterator<Item = Span>,
) {
    let without = without.into_iter().collect();
    refused.push(Refused { span, what: what.into(), help: help.into(), without });
}

/// A Service inside the environment: one that selects pods and has no address outside.
fn service(object: &Object<'_>, refused: &mut Vec<Refused>) {
    let kind = object.at(&["spec", "type"]).filter(|kind| kind.content != Content::Null);
    if let Some(kind) = kind.filter(|kind| kind.text() != Some("ClusterIP")) {
        let name = kind.text().unwrap_or_default();
        let help = match name {
            "ExternalName" => {
                "let pods call the name itself, and say in `egress` or `stores` what they may reach"
            }
            _ => "leave `type` out, and publish the application by an Ingress or a route",
        };
        let what = format!("is of the type `{name}`, which leads through the wall");
        let without = if name == "ExternalName" { Vec::new() } else { of_outside(object, kind) };
        refuse_part(refused, kind.span, what, help, without);
        return;
    }
    if let Some(addresses) = object.at(&["spec", "externalIPs"]).filter(|ips| !ips.elements().is_empty()) {
        let what = "claims addresses, and every node would send it what is meant for them";
        refuse_part(refused, addresses.span, what, "leave `externalIPs` out", [addresses.span]);
    }
    let selector = object.at(&["spec", "selector"]);
    if selector.is_none_or(|selector| selector.members().is_empty()) {
        let what = "selects no pods, so that somebody else says where it leads";
        let help = "give it a `selector`, or say in `egress` or `stores` what is outside of the clusters";
        refuse(refused, selector.map_or(object.name_span, |selector| selector.span), what, help);
    }
}

/// Fields of a Service that servers take only beside the types `NodePort` and `LoadBalancer`.
///
/// Source: <https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/>.
const OF_OUTSIDE: [&str; 7] = [
    "allocateLoadBalancerNodePorts",
    "externalTrafficPolicy",
    "healthCheckNodePort",
    "loadBalancerClass",
    "loadBalancerIP",
    "loadBalancerSourceRanges",
    "externalIPs",
];

/// What makes a Service one that leads outside: its type, and what goes with it.
fn of_outside(object: &Object<'_>, kind: &Tree) -> Vec<Span> {
    let beside = OF_OUTSIDE.iter().filter_map(|field| object.at(&["spec", field]));
    let ports = object.at(&["spec", "ports"]).map(Tree::elements).unwrap_or_default();
    let node_ports = ports.iter().filter_map(|port| port.get("nodePort"));
    std::iter::once(kind).chain(beside).chain(node_ports).map(|tree| tree.span).collect()
}

/// Secrets that the API server fills with the token of a ServiceAccount.
fn secret(object: &Object<'_>, refused: &mut Vec<Refused>) {
    if let Some(kind) = object.at(&["type"])
        && kind.text() == Some("kubernetes.io/service-account-token")
    {
        let what = "is filled with a token that never ends";
        refuse(
            refused,
            kind.span,
            what,
            "take it away: a pod gets a token that ends, and `kubectl create token` gives others",
        );
    }
}

/// A policy whose peers are all of the environment.
///
/// Source: <https://kubernetes.io/docs/concepts/services-networking/network-policies/>: what one policy admits, no other takes
/// back.
fn policy(object: &Object<'_>, environment: &Environment, refused: &mut Vec<Refused>) {
    let own: Vec<&str> = environment.namespaces.iter().map(|namespace| namespace.value.as_str()).collect();
    for (field, peers) in [("ingress", "from"), ("egress", "to")] {
        let rules = object.at(&["spec", field]).map(Tree::elements).unwrap_or_default();
        for rule in rules {
            let listed = rule.get(peers).filter(|peers| !peers.elements().is_empty());
            let Some(listed) = listed else {
                let span = rule.members().first().map_or(rule.span, |member| member.key_span);
                let what = format!("has a rule in `{field}` without `{peers}`, which opens the wall to all");
                let help = match field {
                    "ingress" => "name who may connect, or leave the rule out: pods of the environment may",
                    _ => {
                        "leave the rule out: pods of the environment and DNS may be reached, and what is in `egress` and `stores`"
                    }
                };
                refuse_part(refused, span, what, help, [rule.span]);
                continue;
            };
            for peer in listed.elements() {
                if let Some(block) = peer.get("ipBlock") {
                    let what = format!(
                        "has a block of addresses in `{field}`, which no environment is known to have"
                    );
                    let help =
                        "leave it out, and say in `egress` or `stores` what is outside of the clusters";
                    refuse_part(refused, block.span, what, help, [peer.span]);
                } else if let Some(selector) =
                    peer.get("namespaceSelector").filter(|tree| tree.content != Content::Null)
                    && !selects_only(selector, &own)
                {
                    let what = format!("selects namespaces in `{field}` that other environments may have");
                    let help = "select by `kubernetes.io/metadata.name` what is of the environment, or leave the peer out";
                    let span = selector.members().first().map_or(selector.span, |member| member.key_span);
                    refuse_part(refused, span, what, help, [peer.span]);
                }
            }
        }
    }
}

/// The label that every namespace has, with its name.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// Whether a selector selects only some of these namespaces, by their names.
fn selects_only(selector: &Tree, own: &[&str]) -> bool {
    let is_own = |name: &Tree| name.text().is_some_and(|name| own.contains(&name));
    let by_label = selector.get("matchLabels").and_then(|labels| labels.get(NAME_LABEL)).is_some_and(is_own);
    let requirements = selector.get("matchExpressions").map(Tree::elements).unwrap_or_default();
    let by_requirement = requirements.iter().any(|requirement| {
        let text = |key: &str| requirement.get(key).and_then(Tree::text);
        let values = requirement.get("values").map(Tree::elements).unwrap_or_default();
        text("key") == Some(NAME_LABEL)
            && text("operator") == Some("In")
            && !values.is_empty()
            && values.iter().all(is_own)
    });
    by_label || by_requirement
}

/// Ends of annotations by which an Ingress tells ingress-nginx more than its rules say: what it is to run, and whom to ask.
///
/// Source: <https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/>.
const OF_PROXY: [&str; 5] = ["-snippet", "/auth-url", "/mirror-target", "/mirror-host", "/server-alias"];

/// An Ingress that names its hosts, and nothing of others. Guards refuse the same (`guards/hosts.rs`).
fn ingress(object: &Object<'_>, environment: &Environment, refused: &mut Vec<Refused>) {
    if let Some(backend) = object.at(&["spec", "defaultBackend"]).filter(|tree| tree.content != Content::Null)
    {
        let what = "takes all requests that nobody else wants, those of other environments too";
        let help = "leave `defaultBackend` out, and name hosts in `rules`";
        let has_rules = object.at(&["spec", "rules"]).is_some_and(|rules| !rules.elements().is_empty());
        refuse_part(refused, backend.span, what, help, has_rules.then_some(backend.span));
    }
    for rule in object.at(&["spec", "rules"]).map(Tree::elements).unwrap_or_default() {
        let host = rule.get("host");
        if host.and_then(Tree::text).is_none_or(str::is_empty) {
            let span = rule.members().first().map_or(rule.span, |member| member.key_span);
            let what = "has a rule without a host, which takes requests of other environments too";
            refuse(refused, span, what, "name a `host` that only this environment has");
        }
    }
    for annotation in object.at(&["metadata", "annotations"]).map(Tree::members).unwrap_or_default() {
        if OF_PROXY.iter().any(|end| annotation.key.ends_with(end)) {
            let what =
                "tells the proxy, which others use too, what to run, whom to ask, or to take further hosts";
            let without = [annotation.value.span];
            refuse_part(refused, annotation.key_span, what, "leave the annotation out", without);
        }
        let names_object = REFERENCES
            .iter()
            .any(|name| annotation.key.strip_suffix(name).is_some_and(|it| it.ends_with('/')));
        let namespace = annotation.value.text().and_then(|text| text.split_once('/')).map(|(it, _)| it);
        let is_own = |name: &str| environment.namespaces.iter().any(|own| own.value == name);
        if names_object && namespace.is_some_and(|name| !is_own(name)) {
            let what =
                format!("names something in a namespace that `{}` does not have", environment.name.value);
            refuse(refused, annotation.value.span, what, "name a Secret or a ConfigMap of the environment");
        }
    }
}

/// A route that names its hosts, and leads into its own environment.
fn route(object: &Object<'_>, environment: &Environment, others: &[&str], refused: &mut Vec<Refused>) {
    let hosts = object.at(&["spec", "hostnames"]);
    let are_named = hosts.is_some_and(|hosts| {
        let mut names = hosts.elements().iter().map(|host| host.text().unwrap_or_default()).peekable();
        names.peek().is_some() && names.all(|name| !name.is_empty())
    });
    if !are_named {
        let what = "names no hosts, and so takes requests of other environments too";
        let span = hosts.map_or(object.name_span, |hosts| hosts.span);
        refuse(refused, span, what, "list in `hostnames` what only this environment has");
    }
    for parent in object.at(&["spec", "parentRefs"]).map(Tree::elements).unwrap_or_default() {
        if let Some(namespace) = parent.get("namespace")
            && namespace.text().is_some_and(|name| others.contains(&name))
        {
            let what = "attaches to a gateway of another environment";
            refuse(refused, namespace.span, what, "name a gateway of this environment, or one that none has");
        }
    }
    let mut named = Vec::new();
    object.at(&["spec", "rules"]).into_iter().for_each(|rules| namespaces(rules, &mut named));
    foreign(&named, environment, refused);
    for rule in object.at(&["spec", "rules"]).map(Tree::elements).unwrap_or_default() {
        for backend in rule.get("backendRefs").map(Tree::elements).unwrap_or_default() {
            let text = |key: &str| backend.get(key).and_then(Tree::text);
            let kind = text("kind").unwrap_or("Service");
            if kind != "Service" || text("group").is_some_and(|group| !group.is_empty()) {
                let what = format!("leads to a `{kind}`, of which nobody knows where it leads");
                refuse(refused, backend.span, what, "name a Service of the environment");
            }
        }
    }
}

/// A monitor of the environment's own pods: another would have Prometheus ask for paths in other environments.
fn monitor(object: &Object<'_>, environment: &Environment, refused: &mut Vec<Refused>) {
    let Some(selector) = object.at(&["spec", "namespaceSelector"]) else { return };
    let is_any = selector.get("any").is_some_and(|any| any.content == Content::Boolean(true));
    let names: Vec<&Tree> =
        selector.get("matchNames").map(Tree::elements).unwrap_or_default().iter().collect();
    if is_any {
        let span = selector.members().first().map_or(selector.span, |member| member.key_span);
        let what = "has Prometheus ask pods of other environments";
        refuse_part(refused, span, what, "leave `namespaceSelector` out", [selector.span]);
    }
    foreign(&names, environment, refused);
}

/// A claim on a volume that nobody else has.
fn claim(claim: &Tree, environment: &Environment, refused: &mut Vec<Refused>) {
    let Some(spec) = claim.get("spec") else { return };
    if let Some(volume) =
        spec.get("volumeName").filter(|name| name.text().is_some_and(|name| !name.is_empty()))
    {
        let what = "claims a volume by its name, which may hold what another environment wrote";
        refuse_part(
            refused,
            volume.span,
            what,
            "leave `volumeName` out, and name a StorageClass",
            [volume.span],
        );
    }
    let mut named = Vec::new();
    for source in ["dataSource", "dataSourceRef"] {
        spec.get(source).into_iter().for_each(|source| namespaces(source, &mut named));
    }
    foreign(&named, environment, refused);
}

/// Namespaces that are named somewhere in a value.
fn namespaces<'q>(tree: &'q Tree, named: &mut Vec<&'q Tree>) {
    tree.elements().iter().for_each(|element| namespaces(element, named));
    for member in tree.members() {
        if member.key == "namespace" && member.value.content != Content::Null {
            named.push(&member.value);
        }
        namespaces(&member.value, named);
    }
}

fn foreign(named: &[&Tree], environment: &Environment, refused: &mut Vec<Refused>) {
    let is_own = |name: &Tree| environment.namespaces.iter().any(|own| name.text() == Some(&own.value));
    for name in named.iter().filter(|name| !is_own(name)) {
        let what = format!("leads into a namespace that `{}` does not have", environment.name.value);
        refuse(refused, name.span, what, "name one of the environment, or leave `namespace` out");
    }
}
