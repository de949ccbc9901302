//! Ingress.

use super::field;
use super::policy_port;
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::{Mapping, Node};
use std::collections::BTreeMap;
use std::net::IpAddr;
use watertight_model::{
    BackendPort, Ingress, IngressBackend, IngressBackendKind, IngressPath, IngressRule, NamespaceId, Origin,
    PathType, Written,
};

/// The annotation that names a class, from before there was a field.
const CLASS: &str = "kubernetes.io/ingress.class";
/// What kubectl keeps in annotations, which no controller looks at.
const KUBECTL: &str = "kubectl.kubernetes.io/";

/// Reads an Ingress. Its namespace is filled in when all namespaces are known.
pub(crate) fn read(context: &mut Context, object: &Mapping<'_>, origin: Origin) -> Result<Ingress, Unclear> {
    let mut ingress = Ingress {
        origin,
        namespace: NamespaceId(0),
        class: None,
        class_annotation: None,
        annotations: annotations(object),
        default_backend: None,
        rules: Vec::new(),
        published_at: field::reported_hosts(
            object,
            &["status", "loadBalancer", "ingress"],
            &["ip", "hostname"],
        ),
        admission: field::admission(context),
    };
    ingress.class_annotation = ingress.annotations.get(CLASS).cloned();
    if let Some(spec) = context.mapping(object.entry("spec"))? {
        context.unknown_fields(&spec, &["defaultBackend", "ingressClassName", "rules", "tls"]);
        ingress.class = field::written(context, &spec, "ingressClassName")?;
        if let Some(mapping) = context.mapping(spec.entry("defaultBackend"))? {
            ingress.default_backend = Some(backend(context, &mapping)?);
        }
        for node in context.list(spec.entry("rules"))? {
            ingress.rules.push(ingress_rule(context, node)?);
        }
    }
    check(context, object, &ingress);
    ingress.admission = field::admission(context);
    Ok(ingress)
}

/// The annotations. Their values are free text, so that nothing in them is looked at here.
fn annotations(object: &Mapping<'_>) -> BTreeMap<String, Written> {
    let written = object.path(&["metadata", "annotations"]).and_then(Node::mapping);
    let entries = written.iter().flat_map(|mapping| mapping.entries());
    entries
        .filter(|entry| !entry.key.starts_with(KUBECTL))
        .filter_map(|entry| {
            let text = entry.value.written()?.into_owned();
            Some((entry.key.clone().into_owned(), Written { text, span: entry.value.span() }))
        })
        .collect()
}

fn ingress_rule(context: &mut Context, node: Node<'_>) -> Result<IngressRule, Unclear> {
    let mut rule = IngressRule { span: node.span(), host: None, paths: Vec::new() };
    let Some(mapping) = context.mapping_of(node, "rules")? else { return Ok(rule) };
    context.unknown_fields(&mapping, &["host", "http"]);
    if let Some(host) = field::written(context, &mapping, "host")? {
        if host.text.parse::<IpAddr>().is_ok() {
            let message = format!("the host `{}` is an address", host.text);
            let help = "write a DNS name, or remove the host";
            context.refuse(rules::INVALID_VALUE, message, host.span, "no DNS name", help);
        }
        rule.host = Some(host.text);
    }
    let Some(http) = context.mapping(mapping.entry("http"))? else { return Ok(rule) };
    context.unknown_fields(&http, &["paths"]);
    for node in context.list(http.entry("paths"))? {
        if let Some(mapping) = context.mapping_of(node, "paths")? {
            rule.paths.push(path(context, &mapping)?);
        }
    }
    Ok(rule)
}

fn path(context: &mut Context, mapping: &Mapping<'_>) -> Result<IngressPath, Unclear> {
    context.unknown_fields(mapping, &["backend", "path", "pathType"]);
    let path = field::text(context, mapping, "path")?.unwrap_or_default();
    let kind = path_type(context, mapping, &path)?;
    let Some(target) = context.mapping(mapping.entry("backend"))? else {
        return Err(field::missing(context, mapping.span, "backend", "a path of an Ingress"));
    };
    let backend = backend(context, &target)?;
    Ok(IngressPath { span: mapping.span, path, kind, backend })
}

/// How a path is matched does not change where it leads, so that a refused type stays clear.
fn path_type(context: &mut Context, mapping: &Mapping<'_>, path: &str) -> Result<PathType, Unclear> {
    let written = field::written(context, mapping, "pathType")?;
    let kind = match written.as_ref().map(|written| written.text.as_str()) {
        Some("Exact") => PathType::Exact,
        Some("Prefix") => PathType::Prefix,
        Some("ImplementationSpecific") => PathType::ImplementationSpecific,
        other => {
            let message = match other {
                Some(other) => format!("there is no path type `{other}`"),
                None => "a path of an Ingress has no `pathType`".to_owned(),
            };
            let span = written.as_ref().map_or(mapping.span, |written| written.span);
            let label = "read as `ImplementationSpecific`";
            let help = "the path types are `Exact`, `Prefix` and `ImplementationSpecific`";
            context.refuse(rules::INVALID_VALUE, message, span, label, help);
            PathType::ImplementationSpecific
        }
    };
    let may_be_missing = kind == PathType::ImplementationSpecific && path.is_empty();
    if !may_be_missing && !path.starts_with('/') {
        context.refuse(
            rules::INVALID_VALUE,
            format!("the path `{path}` does not begin with `/`"),
            field::span(mapping, "path"),
            "no absolute path",
            "begin it with `/`",
        );
    }
    Ok(kind)
}

fn backend(context: &mut Context, mapping: &Mapping<'_>) -> Result<IngressBackend, Unclear> {
    context.unknown_fields(mapping, &["resource", "service"]);
    let service = context.mapping(mapping.entry("service"))?;
    let resource = context.mapping(mapping.entry("resource"))?;
    let kind = match (service, resource) {
        (Some(service), None) => service_backend(context, &service)?,
        (None, Some(resource)) => {
            context.unknown_fields(&resource, &["apiGroup", "kind", "name"]);
            IngressBackendKind::Resource {
                group: field::text(context, &resource, "apiGroup")?.unwrap_or_default(),
                kind: field::required(context, &resource, "kind", "a backend of an Ingress")?.text,
                name: field::required(context, &resource, "name", "a backend of an Ingress")?.text,
            }
        }
        (None, None) => {
            return Err(field::missing(context, mapping.span, "service", "a backend of an Ingress"));
        }
        (Some(_), Some(_)) => {
            return Err(context.unclear(
                rules::INVALID_VALUE,
                "a backend of an Ingress has `service` and `resource`",
                mapping.span,
                "two backends",
                "remove one of them",
            ));
        }
    };
    Ok(IngressBackend { span: mapping.span, kind })
}

fn service_backend(context: &mut Context, service: &Mapping<'_>) -> Result<IngressBackendKind, Unclear> {
    context.unknown_fields(service, &["name", "port"]);
    let name = field::required(context, service, "name", "a backend of an Ingress")?.text;
    let Some(port) = context.mapping(service.entry("port"))? else {
        return Err(field::missing(context, service.span, "port", "a backend of an Ingress"));
    };
    context.unknown_fields(&port, &["name", "number"]);
    let by_name = field::written(context, &port, "name")?;
    let number = context.integer(port.entry("number"))?.filter(|number| *number != 0);
    let port = match (by_name, number) {
        (Some(name), None) => {
            policy_port::check_port_name(context, &name.text, name.span);
            BackendPort::Named(name.text)
        }
        (None, Some(number)) => {
            BackendPort::Number(policy_port::port_number(context, number, field::span(&port, "number"))?)
        }
        (None, None) => return Err(field::missing(context, port.span, "number", "the port of a backend")),
        (Some(_), Some(_)) => {
            return Err(context.unclear(
                rules::INVALID_VALUE,
                "the port of a backend has `name` and `number`",
                port.span,
                "two ports",
                "remove one of them",
            ));
        }
    };
    Ok(IngressBackendKind::Service { name, port })
}

/// What the server refuses although the meaning is clear.
fn check(context: &mut Context, object: &Mapping<'_>, ingress: &Ingress) {
    if ingress.rules.is_empty() && ingress.default_backend.is_none() {
        context.refuse(
            rules::MISSING_FIELD,
            "an Ingress has neither `rules` nor `defaultBackend`",
            field::span(object, "spec"),
            "leads nowhere",
            "give it `rules`",
        );
    }
    if let (Some(_), Some(annotation)) = (&ingress.class, &ingress.class_annotation) {
        context.refuse(
            rules::INVALID_VALUE,
            format!("an Ingress has `ingressClassName` and the annotation `{CLASS}`"),
            annotation.span,
            "a second class",
            "remove the annotation",
        );
    }
}
