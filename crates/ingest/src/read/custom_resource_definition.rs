//! CustomResourceDefinition: the names of a kind, and the versions of it that are served. Its schema is not looked at.

use super::{called, field, webhook_configuration};
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::{Mapping, Node};
use crate::validate::names;
use watertight_model::{Called, CustomResource, CustomResourceVersion, Origin};

/// The fields of a CustomResourceDefinition.
pub(super) const FIELDS: &[&str] = &["apiVersion", "kind", "metadata", "spec", "status"];

const HOLDER: &str = "a CustomResourceDefinition";

/// Reads a CustomResourceDefinition.
pub(crate) fn read(
    context: &mut Context,
    object: &Mapping<'_>,
    origin: Origin,
) -> Result<CustomResource, Unclear> {
    let Some(spec) = context.mapping(object.entry("spec"))? else {
        return Err(field::missing(context, object.span, "spec", HOLDER));
    };
    let fields = &["conversion", "group", "names", "preserveUnknownFields", "scope", "versions"];
    context.unknown_fields(&spec, fields);
    let group = field::required(context, &spec, "group", HOLDER)?;
    names::check_group(context, &group.text, group.span);
    let scopes = [("Namespaced", true), ("Cluster", false)];
    let Some(namespaced) = field::one_of(context, &spec, "scope", &scopes)? else {
        return Err(field::missing(context, spec.span, "scope", HOLDER));
    };
    let Some(named) = context.mapping(spec.entry("names"))? else {
        return Err(field::missing(context, spec.span, "names", HOLDER));
    };
    context.unknown_fields(&named, &["categories", "kind", "listKind", "plural", "shortNames", "singular"]);
    let kind = field::required(context, &named, "kind", HOLDER)?;
    let plural = field::required(context, &named, "plural", HOLDER)?;
    names::check_resource(context, &kind.text.to_lowercase(), kind.span);
    names::check_resource(context, &plural.text, plural.span);
    let singular = field::written(context, &named, "singular")?;
    if let Some(singular) = &singular {
        names::check_resource(context, &singular.text, singular.span);
    }
    let short_names = field::texts(context, &named, "shortNames")?;
    for name in &short_names {
        names::check_resource(context, name, field::span(&named, "shortNames"));
    }
    let wanted = format!("{}.{}", plural.text, group.text);
    check_name(context, object, &origin, &wanted, "not its plural and its group");
    Ok(CustomResource {
        origin,
        group: group.text,
        singular: singular.map_or_else(|| kind.text.to_lowercase(), |singular| singular.text),
        kind: kind.text,
        plural: plural.text,
        short_names,
        namespaced,
        versions: versions(context, &spec)?,
        conversion: conversion(context, &spec)?,
    })
}

/// The object must be named as what it defines is. The server asks the same of a prefix, which is added to and so never is.
pub(super) fn check_name(
    context: &mut Context,
    object: &Mapping<'_>,
    origin: &Origin,
    wanted: &str,
    label: &str,
) {
    let of = |field: &str| object.path(&["metadata", field]);
    let prefix = of("generateName").filter(|prefix| prefix.text().is_some_and(|text| !text.is_empty()));
    let odd = match prefix {
        Some(prefix) => Some(prefix.span()),
        None if origin.object.name == wanted => None,
        None => Some(of("name").map_or(object.span, Node::span)),
    };
    if let Some(span) = odd {
        context.refuse(
            rules::INVALID_NAME,
            format!("the name is not `{wanted}`"),
            span,
            label,
            format!("write `name: {wanted}`"),
        );
    }
}

/// The webhook that turns objects from one version into another, if there is one.
///
/// Source of what is refused: `validateCustomResourceConversion` of `k8s.io/apiextensions-apiserver` 1.36.
fn conversion(context: &mut Context, spec: &Mapping<'_>) -> Result<Option<Called>, Unclear> {
    let Some(conversion) = context.mapping(spec.entry("conversion"))? else { return Ok(None) };
    context.unknown_fields(&conversion, &["strategy", "webhook"]);
    let strategies = [("None", false), ("Webhook", true)];
    let Some(asks) = field::one_of(context, &conversion, "strategy", &strategies)? else {
        return Err(field::missing(context, conversion.span, "strategy", "a `conversion`"));
    };
    let webhook = context.mapping(conversion.entry("webhook"))?;
    match (asks, webhook) {
        (true, Some(webhook)) => {
            context.unknown_fields(&webhook, &["clientConfig", "conversionReviewVersions"]);
            webhook_configuration::review_versions(context, &webhook, "conversionReviewVersions")?;
            called::client_config(context, &webhook).map(Some)
        }
        (true, None) => Err(field::missing(context, conversion.span, "webhook", "a `conversion`")),
        (false, Some(webhook)) => {
            let message = "a `conversion` by the strategy `None` has a `webhook`";
            let help = "write `strategy: Webhook`, or remove `webhook`";
            context.refuse(rules::INVALID_VALUE, message, webhook.span, "never asked", help);
            Ok(None)
        }
        (false, None) => Ok(None),
    }
}

/// The versions that are served.
fn versions(context: &mut Context, spec: &Mapping<'_>) -> Result<Vec<CustomResourceVersion>, Unclear> {
    let nodes = context.list(spec.entry("versions"))?;
    if nodes.is_empty() {
        return Err(field::missing(context, field::span(spec, "versions"), "versions", HOLDER));
    }
    let mut versions = Vec::new();
    let mut stored = 0;
    for node in nodes {
        let Some(version) = context.mapping_of(node, "versions")? else {
            return Err(field::missing(context, node.span(), "name", "a version"));
        };
        let name = field::required(context, &version, "name", "a version")?;
        names::check_resource(context, &name.text, name.span);
        let served = context.boolean(version.entry("served"))?.unwrap_or_default();
        stored += usize::from(context.boolean(version.entry("storage"))?.unwrap_or_default());
        let subresources = context.mapping(version.entry("subresources"))?;
        let mut has = |field: &str| -> Result<bool, Unclear> {
            let Some(subresources) = &subresources else { return Ok(false) };
            Ok(context.mapping(subresources.entry(field))?.is_some())
        };
        let (status, scale) = (has("status")?, has("scale")?);
        if served {
            versions.push(CustomResourceVersion { name: name.text, status, scale });
        }
    }
    if stored != 1 {
        context.refuse(
            rules::INVALID_VALUE,
            format!("{stored} versions are marked `storage: true`"),
            field::span(spec, "versions"),
            "one is stored",
            "mark one of them",
        );
    }
    Ok(versions)
}
