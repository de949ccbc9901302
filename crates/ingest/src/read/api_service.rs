//! APIService: which server answers for a version of an API group.
//!
//! Source of what is refused: `ValidateAPIService` of `k8s.io/kube-aggregator` 1.36.

use super::custom_resource_definition::check_name;
use super::{called, field, passing};
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::Mapping;
use crate::validate::names;
use watertight_base::dns_subdomain;
use watertight_model::{ApiService, Called, Origin};

/// The fields of an APIService.
pub(super) const FIELDS: &[&str] = &["apiVersion", "kind", "metadata", "spec", "status"];

const SPEC: &[&str] = &[
    "caBundle",
    "group",
    "groupPriorityMinimum",
    "insecureSkipTLSVerify",
    "service",
    "version",
    "versionPriority",
];

/// Reads an APIService.
pub(crate) fn read(
    context: &mut Context,
    object: &Mapping<'_>,
    origin: Origin,
) -> Result<ApiService, Unclear> {
    let holder = "an APIService";
    let Some(spec) = context.mapping(object.entry("spec"))? else {
        return Err(field::missing(context, object.span, "spec", holder));
    };
    context.unknown_fields(&spec, SPEC);
    let group = field::text(context, &spec, "group")?.unwrap_or_default();
    let version = field::required(context, &spec, "version", holder)?;
    names::check_resource(context, &version.text, version.span);
    if group.is_empty() && version.text != "v1" {
        refuse(context, &spec, "group", "`group` is empty", "only `v1` of Kubernetes itself has no group");
    } else if !group.is_empty()
        && let Err(error) = dns_subdomain(&group)
    {
        let message = format!("the group `{group}` {error}");
        names::dns_problem(context, &message, field::span(&spec, "group"));
    }
    let wanted = format!("{}.{group}", version.text);
    check_name(context, object, &origin, &wanted, "not its version and its group");
    for (number, max) in [("groupPriorityMinimum", 20_000), ("versionPriority", 1000)] {
        if !context.integer(spec.entry(number))?.is_some_and(|value| (1..=max).contains(&value)) {
            let message = format!("`{number}` is not between 1 and {max}");
            refuse(context, &spec, number, &message, "give it a number such as 100");
        }
    }
    let has_bundle = called::ca_bundle(context, &spec)?;
    let skips_verification = context.boolean(spec.entry("insecureSkipTLSVerify"))?.unwrap_or(false);
    let called = match context.mapping(spec.entry("service"))? {
        Some(service) => {
            let callee = called::service(context, &service, &["name", "namespace", "port"])?;
            Some(Called { span: service.span, callee })
        }
        None => None,
    };
    match (&called, has_bundle, skips_verification) {
        (Some(_), true, true) => {
            let message = "`insecureSkipTLSVerify` stands beside `caBundle`";
            refuse(context, &spec, "insecureSkipTLSVerify", message, "keep `caBundle`");
        }
        (None, true, _) | (None, _, true) => {
            let message =
                "an APIService that the server answers itself has `caBundle` or `insecureSkipTLSVerify`";
            refuse(context, &spec, "service", message, "give it a `service`, or remove them");
        }
        _ => {}
    }
    let metadata = context.mapping(object.entry("metadata"))?;
    let admission = passing::admission(context, metadata.as_ref())?;
    Ok(ApiService { origin, group, version: version.text, called, skips_verification, admission })
}

fn refuse(context: &mut Context, spec: &Mapping<'_>, part: &str, message: &str, help: &str) {
    context.refuse(rules::INVALID_VALUE, message, field::span(spec, part), "refused", help);
}
