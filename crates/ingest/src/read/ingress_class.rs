//! IngressClass.

use super::field;
use super::passing;
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::{Mapping, Node};
use watertight_model::{IngressClass, Origin};

/// The annotation of the class that Ingresses without one get.
const IS_DEFAULT: &str = "ingressclass.kubernetes.io/is-default-class";

/// Reads an IngressClass.
pub(crate) fn read(
    context: &mut Context,
    object: &Mapping<'_>,
    origin: Origin,
) -> Result<IngressClass, Unclear> {
    let mut controller = String::new();
    if let Some(spec) = context.mapping(object.entry("spec"))? {
        context.unknown_fields(&spec, &["controller", "parameters"]);
        controller = field::text(context, &spec, "controller")?.unwrap_or_default();
    }
    // Who serves a class without a controller nobody knows, and that is what an empty one says.
    if !controller.contains('/') {
        context.refuse(
            rules::INVALID_VALUE,
            format!("the controller `{controller}` has no domain"),
            object.path(&["spec", "controller"]).map_or(object.span, Node::span),
            "the API server refuses this name",
            "write a domain, a slash and a name, such as `example.com/ingress`",
        );
    }
    let annotation = object.path(&["metadata", "annotations"]).and_then(Node::mapping);
    let is_default = annotation.and_then(|all| all.get(IS_DEFAULT)?.written().map(|text| text == "true"));
    Ok(IngressClass {
        origin,
        controller,
        is_default: is_default.unwrap_or(false),
        admission: passing::admission_of(context, object)?,
    })
}
