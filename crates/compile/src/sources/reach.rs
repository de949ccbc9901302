//! Ways for the ingress controller of an environment to what Ingresses and routes publish: without one, the wall keeps it out.

use super::object::Object;
use crate::manifest::{Kind, Manifest, Serves};
use crate::rules;
use std::collections::BTreeMap;
use watertight_base::Diagnostic;
use watertight_ingest::{Content, Tree};
use watertight_intent::{Environment, IngressController, Intent, RoutesOf};
use watertight_yaml::{Value, mapping};

/// The NetworkPolicies that let the controller to the pods behind what an object publishes. `all` are the objects of the
/// environment.
///
/// # Errors
/// The environment has no controller, or the object leads to a Service that nothing makes.
pub(crate) fn policies(
    intent: &Intent,
    environment: &Environment,
    object: &Object<'_>,
    all: &[&Object<'_>],
) -> Result<Vec<Manifest>, Diagnostic> {
    let backends = backends(object);
    let Some(controller) = &environment.ingress else {
        let name = &environment.name.value;
        let message = format!("{} is served by nobody in `{name}`", object.label());
        let help =
            format!("give `{name}` or its cluster an `ingress`, with the `namespace` of its controller");
        return Err(Diagnostic::error(rules::UNFIT_OBJECT, message)
            .at(object.name_span, "served by nobody")
            .help(help)
            .without([object.tree.span]));
    };
    is_served(object, environment, controller)?;
    let mut policies = Vec::new();
    // Each Service once, with all ports by which it is called.
    let mut called: BTreeMap<&str, Vec<&Backend<'_>>> = BTreeMap::new();
    for backend in &backends {
        called.entry(backend.service).or_default().push(backend);
    }
    for (name, backends) in called {
        let service = all
            .iter()
            .find(|other| other.is("Service") && other.name == name && other.namespace == object.namespace);
        let Some(service) = service else {
            let message =
                format!("{} leads to the Service `{name}`, which no application gives", object.label());
            let span = backends.first().map_or(object.name_span, |backend| backend.span);
            let help = "name a Service that is among the manifests";
            return Err(Diagnostic::error(rules::UNFIT_OBJECT, message)
                .at(span, "nothing of this name")
                .help(help)
                .without([object.tree.span]));
        };
        let Some(selector) = selector(service) else { continue };
        let ports: Option<Vec<Value>> =
            backends.iter().map(|backend| port(service, backend.port, all)).collect();
        let application = intent.applications.get(object.application.0);
        let application = application.map_or("", |application| &application.name.value);
        policies.push(policy(
            format!("allow-routes-{application}-{}-{name}", object.name),
            object,
            environment,
            admits(selector, controller, ports),
        ));
    }
    Ok(policies)
}

/// Whether it is what the controller of its environment serves, and nobody else does: that of another environment would be let in
/// by both.
fn is_served(
    object: &Object<'_>,
    environment: &Environment,
    controller: &IngressController,
) -> Result<(), Diagnostic> {
    let spec = |key: &str| object.at(&["spec", key]);
    let other = |span: watertight_base::Span, help: String| {
        let message =
            format!("{} is not for who serves routes of `{}`", object.label(), environment.name.value);
        Err(Diagnostic::error(rules::UNFIT_OBJECT, message)
            .at(span, "served by another, or by nobody")
            .help(help)
            .without([object.tree.span]))
    };
    match &controller.serves {
        RoutesOf::Class(class) => {
            let help = format!("write an Ingress with `ingressClassName: {}`", class.value);
            if !object.is("Ingress") {
                return other(object.name_span, help);
            }
            let written = spec("ingressClassName");
            // The older way to name a class, which some controllers still go by.
            let annotated = object.annotation("kubernetes.io/ingress.class");
            let is_another = |tree: &&Tree| tree.text() != Some(class.value.as_str());
            match (written, annotated.filter(is_another)) {
                (_, Some(annotated)) => other(annotated.span, help),
                (Some(written), None) if is_another(&written) => other(written.span, help),
                (None, None) if annotated.is_none() => other(object.name_span, help),
                _ => Ok(()),
            }
        }
        RoutesOf::Gateway { namespace, name } => {
            let (namespace, name) = (namespace.value.as_str(), name.value.as_str());
            let help = format!("write a route with `parentRefs: [{{namespace: {namespace}, name: {name}}}]`");
            if object.is("Ingress") {
                return other(object.name_span, help);
            }
            let parents = spec("parentRefs").map(Tree::elements).unwrap_or_default();
            let is_ours = |parent: &&Tree| {
                let text = |key: &str| parent.get(key).and_then(Tree::text);
                text("name") == Some(name)
                    && text("namespace").unwrap_or(&object.namespace) == namespace
                    && text("kind").unwrap_or("Gateway") == "Gateway"
            };
            match parents.iter().find(|parent| !is_ours(parent)) {
                Some(parent) => other(parent.span, help),
                None if parents.is_empty() => other(object.name_span, help),
                None => Ok(()),
            }
        }
    }
}

/// A Service that an object leads to, and the port by which it calls it.
struct Backend<'q> {
    service: &'q str,
    port: Option<&'q Tree>,
    span: watertight_base::Span,
}

fn backends<'q>(object: &Object<'q>) -> Vec<Backend<'q>> {
    let mut backends = Vec::new();
    let rules = object.at(&["spec", "rules"]).map(Tree::elements).unwrap_or_default();
    for rule in rules {
        let paths =
            rule.get("http").and_then(|http| http.get("paths")).map(Tree::elements).unwrap_or_default();
        for service in paths.iter().filter_map(|path| path.get("backend")?.get("service")) {
            if let Some(name) = service.get("name")
                && let Some(text) = name.text()
            {
                let port =
                    service.get("port").and_then(|port| port.get("number").or_else(|| port.get("name")));
                backends.push(Backend { service: text, port, span: name.span });
            }
        }
        for reference in rule.get("backendRefs").map(Tree::elements).unwrap_or_default() {
            let is_service = reference.get("kind").and_then(Tree::text).is_none_or(|kind| kind == "Service");
            if let Some(name) = reference.get("name")
                && let Some(text) = name.text().filter(|_| is_service)
            {
                backends.push(Backend { service: text, port: reference.get("port"), span: name.span });
            }
        }
    }
    backends
}

/// The labels of the pods that a Service selects.
fn selector(service: &Object<'_>) -> Option<Vec<(String, Value)>> {
    let selector = service.at(&["spec", "selector"])?.members();
    let label =
        |member: &watertight_ingest::Member| Some((member.key.clone(), Value::from(member.value.text()?)));
    selector.iter().map(label).collect()
}

/// The port of the pods behind a port of a Service, with its protocol; `None` if that is not known, and so may be any.
fn port(service: &Object<'_>, called: Option<&Tree>, all: &[&Object<'_>]) -> Option<Value> {
    let ports = service.at(&["spec", "ports"]).map(Tree::elements).unwrap_or_default();
    let called = called?;
    let is_called = |port: &&Tree| match &called.content {
        Content::Number { whole, .. } => {
            matches!(port.get("port").map(|port| &port.content), Some(Content::Number { whole: of, .. }) if of == whole)
        }
        Content::Text(name) => port.get("name").and_then(Tree::text) == Some(name),
        _ => false,
    };
    let port = ports.iter().find(is_called)?;
    let target = port.get("targetPort").or_else(|| port.get("port"))?;
    let number = match &target.content {
        Content::Number { whole: Some(number), .. } => i64::try_from(*number).ok()?,
        Content::Text(name) => named(service, name, all)?,
        _ => return None,
    };
    let protocol = port.get("protocol").and_then(Tree::text).unwrap_or("TCP");
    Some(mapping([("protocol", protocol.into()), ("port", Value::Integer(number))]))
}

/// The number of a port that containers name: the same one in all pods that the Service selects, or none.
fn named(service: &Object<'_>, name: &str, all: &[&Object<'_>]) -> Option<i64> {
    let selector = service.at(&["spec", "selector"])?.members();
    let is_selected = |template: &&Tree| {
        let labels = super::object::at(template, &["metadata", "labels"]);
        selector.iter().all(|wanted| {
            labels.and_then(|labels| labels.get(&wanted.key)).and_then(Tree::text) == wanted.value.text()
        })
    };
    let beside = all.iter().filter(|other| other.namespace == service.namespace);
    let templates = beside.filter_map(|other| other.template()).filter(is_selected);
    let containers =
        templates.filter_map(|template| template.get("spec")).flat_map(super::object::containers);
    let ports = containers.filter_map(|container| container.get("ports")).flat_map(Tree::elements);
    let mut numbers = ports.filter(|port| port.get("name").and_then(Tree::text) == Some(name)).map(|port| {
        match port.get("containerPort").map(|port| &port.content) {
            Some(Content::Number { whole: Some(number), .. }) => i64::try_from(*number).ok(),
            _ => None,
        }
    });
    let first = numbers.next()??;
    numbers.all(|other| other == Some(first)).then_some(first)
}

fn admits(
    selector: Vec<(String, Value)>,
    controller: &IngressController,
    ports: Option<Vec<Value>>,
) -> Value {
    let namespace = mapping([("kubernetes.io/metadata.name", controller.namespace.value.as_str().into())]);
    let peer = mapping([("namespaceSelector", mapping([("matchLabels", namespace)]))]);
    let mut rule = vec![("from".to_owned(), Value::List(vec![peer]))];
    let mut ports = ports.unwrap_or_default();
    ports.dedup();
    if !ports.is_empty() {
        rule.push(("ports".to_owned(), Value::List(ports)));
    }
    mapping([
        ("podSelector", mapping([("matchLabels", Value::Mapping(selector))])),
        ("policyTypes", watertight_yaml::texts(["Ingress"])),
        ("ingress", Value::List(vec![Value::Mapping(rule)])),
    ])
}

fn policy(name: String, object: &Object<'_>, environment: &Environment, spec: Value) -> Manifest {
    Manifest {
        kind: Kind::NetworkPolicy,
        namespace: Some(object.namespace.clone()),
        name,
        environment: environment.name.value.clone(),
        labels: Vec::new(),
        annotations: Vec::new(),
        serves: Serves::Network,
        asked_by: object.asked_by,
        body: vec![("spec", spec)],
    }
}
