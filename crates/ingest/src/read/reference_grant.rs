//! ReferenceGrant: who of another namespace may refer to what is in this one.

use super::field;
use super::reference;
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::{Mapping, Node};
use watertight_model::{GrantFrom, GrantTo, KindName, NamespaceId, Origin, ReferenceGrant};

/// Reads a ReferenceGrant. Its namespace is filled in when all namespaces are known.
pub(crate) fn read(
    context: &mut Context,
    object: &Mapping<'_>,
    origin: Origin,
) -> Result<ReferenceGrant, Unclear> {
    let Some(spec) = context.mapping(object.entry("spec"))? else {
        return Err(field::missing(context, object.span, "spec", "a ReferenceGrant"));
    };
    context.unknown_fields(&spec, &["from", "to"]);
    let mut grant = ReferenceGrant {
        origin,
        namespace: NamespaceId(0),
        from: Vec::new(),
        to: Vec::new(),
        admission: field::admission(context),
    };
    for node in context.list(spec.entry("from"))? {
        let (mapping, kind) = element(context, node, "from", &["group", "kind", "namespace"])?;
        let namespace = field::required(context, &mapping, "namespace", "an element of `from`")?.text;
        grant.from.push(GrantFrom { span: mapping.span, kind, namespace });
    }
    for node in context.list(spec.entry("to"))? {
        let (mapping, kind) = element(context, node, "to", &["group", "kind", "name"])?;
        let name = field::text(context, &mapping, "name")?;
        grant.to.push(GrantTo { span: mapping.span, kind, name });
    }
    for (list, is_empty) in [("from", grant.from.is_empty()), ("to", grant.to.is_empty())] {
        if is_empty {
            context.refuse(
                rules::MISSING_FIELD,
                format!("a ReferenceGrant has no `{list}`"),
                field::span(&spec, list),
                "grants nothing",
                format!("give it an element of `{list}`"),
            );
        }
    }
    grant.admission = field::admission(context);
    Ok(grant)
}

/// One element of a list, and the kind that it names.
fn element<'a>(
    context: &mut Context,
    node: Node<'a>,
    list: &str,
    fields: &[&str],
) -> Result<(Mapping<'a>, KindName), Unclear> {
    let holder = format!("an element of `{list}`");
    let Some(mapping) = context.mapping_of(node, list)? else {
        return Err(field::missing(context, node.span(), "kind", &holder));
    };
    context.unknown_fields(&mapping, fields);
    // The core group has an empty name, which must be written: without it nobody knows which kind is meant.
    if mapping.get("group").is_none_or(Node::is_null) {
        return Err(field::missing(context, mapping.span, "group", &holder));
    }
    field::required(context, &mapping, "kind", &holder)?;
    let kind = reference::kind_name(context, &mapping, "", "")?;
    Ok((mapping, kind))
}
