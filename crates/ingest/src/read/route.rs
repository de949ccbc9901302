//! Routes of the Gateway API, of all kinds.

use super::field;
use super::reference;
use crate::context::{Context, Unclear};
use crate::tree::{Mapping, Node};
use watertight_model::{
    BackendRole, KindName, NamespaceId, Origin, Route, RouteExtension, RouteKind, RouteRule,
};

/// The fields of a rule. What is matched is not read: whoever reaches the proxy may send any request.
const RULE_FIELDS: &[&str] =
    &["backendRefs", "filters", "matches", "name", "retry", "sessionPersistence", "timeouts"];
/// The fields of a filter that send nothing elsewhere: a redirect tells the client where to go.
const PLAIN_FILTERS: &[&str] =
    &["cors", "requestHeaderModifier", "requestRedirect", "responseHeaderModifier", "urlRewrite"];
/// The types of filters, each of which has a field of nearly that name.
const FILTER_TYPES: &[&str] = &[
    "CORS",
    "ExtensionRef",
    "ExternalAuth",
    "RequestHeaderModifier",
    "RequestMirror",
    "RequestRedirect",
    "ResponseHeaderModifier",
    "URLRewrite",
];

/// Reads a route. Its namespace is filled in when all namespaces are known.
pub(crate) fn read(
    context: &mut Context,
    kind: RouteKind,
    object: &Mapping<'_>,
    origin: Origin,
) -> Result<Route, Unclear> {
    let namespace = origin.object.namespace.clone().unwrap_or_default();
    let mut route = Route {
        origin,
        namespace: NamespaceId(0),
        kind,
        parents: Vec::new(),
        default_gateways: None,
        hostnames: Vec::new(),
        rules: Vec::new(),
        admission: field::admission(context),
    };
    let Some(spec) = context.mapping(object.entry("spec"))? else {
        return Err(field::missing(context, object.span, "spec", "a route"));
    };
    context.unknown_fields(&spec, &["hostnames", "parentRefs", "rules", "useDefaultGateways"]);
    for node in context.list(spec.entry("parentRefs"))? {
        route.parents.push(reference::parent(context, node, &namespace)?);
    }
    if field::one_of(context, &spec, "useDefaultGateways", &[("All", true), ("None", false)])? == Some(true) {
        route.default_gateways = spec.get("useDefaultGateways").map(Node::span);
    }
    for node in context.list(spec.entry("hostnames"))? {
        route.hostnames.extend(context.text_of(node, "hostnames")?.map(|name| name.into_owned()));
    }
    for node in context.list(spec.entry("rules"))? {
        if let Some(mapping) = context.mapping_of(node, "rules")? {
            route.rules.push(route_rule(context, &mapping, &namespace)?);
        }
    }
    route.admission = field::admission(context);
    Ok(route)
}

fn route_rule(context: &mut Context, mapping: &Mapping<'_>, namespace: &str) -> Result<RouteRule, Unclear> {
    context.unknown_fields(mapping, RULE_FIELDS);
    let mut rule = RouteRule { span: mapping.span, backends: Vec::new(), extensions: Vec::new() };
    for node in context.list(mapping.entry("backendRefs"))? {
        let Some(backend) = context.mapping_of(node, "backendRefs")? else { continue };
        rule.backends.push(reference::backend(context, &backend, BackendRole::Forward, namespace)?);
        filters(context, &backend, namespace, &mut rule)?;
    }
    filters(context, mapping, namespace, &mut rule)?;
    Ok(rule)
}

/// Adds where the filters of a rule or of a backend lead.
fn filters(
    context: &mut Context,
    holder: &Mapping<'_>,
    namespace: &str,
    rule: &mut RouteRule,
) -> Result<(), Unclear> {
    for node in context.list(holder.entry("filters"))? {
        let Some(filter) = context.mapping_of(node, "filters")? else { continue };
        let name = field::required(context, &filter, "type", "a filter")?;
        if !FILTER_TYPES.contains(&name.text.as_str()) {
            rule.extensions.push(RouteExtension { span: name.span, filter: name.text, target: None });
        }
        for entry in filter.entries() {
            match entry.key.as_ref() {
                "type" => {}
                "requestMirror" => leads(context, entry.value, BackendRole::Mirror, namespace, rule)?,
                "externalAuth" => leads(context, entry.value, BackendRole::Authorize, namespace, rule)?,
                "extensionRef" => rule.extensions.extend(extension(context, entry.value)?),
                plain if PLAIN_FILTERS.contains(&plain) => {}
                unknown => rule.extensions.push(RouteExtension {
                    span: entry.key_span,
                    filter: unknown.to_owned(),
                    target: None,
                }),
            }
        }
    }
    Ok(())
}

/// Adds the `backendRef` of a filter.
fn leads(
    context: &mut Context,
    node: Node<'_>,
    role: BackendRole,
    namespace: &str,
    rule: &mut RouteRule,
) -> Result<(), Unclear> {
    let Some(filter) = context.mapping_of(node, "filters")? else { return Ok(()) };
    let Some(backend) = context.mapping(filter.entry("backendRef"))? else {
        return Err(field::missing(context, filter.span, "backendRef", "a filter"));
    };
    rule.backends.push(reference::backend(context, &backend, role, namespace)?);
    Ok(())
}

fn extension(context: &mut Context, node: Node<'_>) -> Result<Option<RouteExtension>, Unclear> {
    let Some(mapping) = context.mapping_of(node, "extensionRef")? else { return Ok(None) };
    let kind: KindName = reference::kind_name(context, &mapping, "", "")?;
    let name = field::required(context, &mapping, "name", "a filter")?.text;
    let filter = "ExtensionRef".to_owned();
    Ok(Some(RouteExtension { span: mapping.span, filter, target: Some((kind, name)) }))
}
