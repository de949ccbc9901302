//! References of the Gateway API from one object to another, with the defaults that the API server fills in.

use super::field;
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::{Mapping, Node};
use watertight_model::{BackendRole, KindName, ParentRef, RouteBackend};

/// The group of the Gateway API.
pub(super) const GATEWAY_API: &str = "gateway.networking.k8s.io";

/// `group` and `kind`, with their defaults. An empty group is the core group.
pub(super) fn kind_name(
    context: &mut Context,
    mapping: &Mapping<'_>,
    group: &str,
    kind: &str,
) -> Result<KindName, Unclear> {
    let written = context.text(mapping.entry("group"))?;
    Ok(KindName {
        group: written.map_or_else(|| group.to_owned(), |text| text.into_owned()),
        kind: field::text(context, mapping, "kind")?.unwrap_or_else(|| kind.to_owned()),
    })
}

/// One element of `parentRefs`, or a `parentRef`, in an object of this namespace.
pub(super) fn parent(context: &mut Context, node: Node<'_>, namespace: &str) -> Result<ParentRef, Unclear> {
    let Some(mapping) = context.mapping_of(node, "parentRef")? else {
        return Err(field::missing(context, node.span(), "name", "a parent"));
    };
    context.unknown_fields(&mapping, &["group", "kind", "name", "namespace", "port", "sectionName"]);
    Ok(ParentRef {
        span: mapping.span,
        kind: kind_name(context, &mapping, GATEWAY_API, "Gateway")?,
        namespace: field::text(context, &mapping, "namespace")?.unwrap_or_else(|| namespace.to_owned()),
        name: field::required(context, &mapping, "name", "a parent")?.text,
        section: field::text(context, &mapping, "sectionName")?,
        port: field::port(context, &mapping, "port")?,
    })
}

/// One element of `backendRefs`, or the `backendRef` of a filter, in a route of this namespace.
pub(super) fn backend(
    context: &mut Context,
    mapping: &Mapping<'_>,
    role: BackendRole,
    namespace: &str,
) -> Result<RouteBackend, Unclear> {
    context.unknown_fields(mapping, &["filters", "group", "kind", "name", "namespace", "port", "weight"]);
    let backend = RouteBackend {
        span: mapping.span,
        role,
        kind: kind_name(context, mapping, "", "Service")?,
        namespace: field::text(context, mapping, "namespace")?.unwrap_or_else(|| namespace.to_owned()),
        name: field::required(context, mapping, "name", "a backend")?.text,
        port: field::port(context, mapping, "port")?,
        weight: weight(context, mapping)?,
    };
    if backend.kind.is_service() && backend.port.is_none() {
        context.refuse(
            rules::MISSING_FIELD,
            "a backend that is a Service has no `port`",
            mapping.span,
            "no `port` here",
            "give it a port of the Service",
        );
    }
    Ok(backend)
}

fn weight(context: &mut Context, mapping: &Mapping<'_>) -> Result<u32, Unclear> {
    let Some(weight) = context.integer(mapping.entry("weight"))? else { return Ok(1) };
    match u32::try_from(weight) {
        Ok(weight) if weight <= 1_000_000 => Ok(weight),
        _ => {
            context.refuse(
                rules::INVALID_VALUE,
                format!("the weight of a backend is {weight}"),
                field::span(mapping, "weight"),
                "read as 1",
                "write a number from 0 to 1000000",
            );
            Ok(1)
        }
    }
}
