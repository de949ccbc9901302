//! MutatingWebhookConfiguration and ValidatingWebhookConfiguration: whom the server asks about which objects.
//!
//! Source of what is refused: `ValidateMutatingWebhookConfiguration` and `ValidateValidatingWebhookConfiguration` of
//! Kubernetes 1.36.

use super::{admission_scope, called, field, passing};
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::{Mapping, Node};
use crate::validate::names;
use watertight_base::{Span, dns_subdomain};
use watertight_model::{Origin, Webhook, WebhookConfiguration};

/// The fields of a configuration.
pub(super) const FIELDS: &[&str] = &["apiVersion", "kind", "metadata", "webhooks"];

const WEBHOOK: &[&str] = &[
    "admissionReviewVersions",
    "clientConfig",
    "failurePolicy",
    "matchConditions",
    "matchPolicy",
    "name",
    "namespaceSelector",
    "objectSelector",
    "rules",
    "sideEffects",
    "timeoutSeconds",
];

/// Reads a configuration of webhooks that change objects, or of such that only refuse them.
pub(crate) fn read(
    context: &mut Context,
    object: &Mapping<'_>,
    origin: Origin,
    mutates: bool,
) -> Result<WebhookConfiguration, Unclear> {
    let mut webhooks: Vec<Webhook> = Vec::new();
    for node in context.list(object.entry("webhooks"))? {
        let webhook = webhook(context, node, mutates)?;
        if !webhook.name.is_empty() && webhooks.iter().any(|known| known.name == webhook.name) {
            let message = format!("there are two webhooks of the name `{}`", webhook.name);
            context.refuse(rules::INVALID_VALUE, message, webhook.span, "the second one", "give it another");
        }
        webhooks.push(webhook);
    }
    let metadata = context.mapping(object.entry("metadata"))?;
    let admission = passing::admission(context, metadata.as_ref())?;
    Ok(WebhookConfiguration { origin, mutates, webhooks, admission })
}

fn webhook(context: &mut Context, node: Node<'_>, mutates: bool) -> Result<Webhook, Unclear> {
    let Some(mapping) = context.mapping_of(node, "webhooks")? else {
        return Err(field::missing(context, node.span(), "clientConfig", "a webhook"));
    };
    if mutates {
        let known: Vec<&str> = WEBHOOK.iter().copied().chain(["reinvocationPolicy"]).collect();
        context.unknown_fields(&mapping, &known);
        admission_scope::word(context, &mapping, "reinvocationPolicy", &[("Never", ()), ("IfNeeded", ())])?;
    } else {
        context.unknown_fields(&mapping, WEBHOOK);
    }
    let name = name(context, &mapping)?;
    let effects = [("None", true), ("NoneOnDryRun", true), ("Some", false), ("Unknown", false)];
    match field::one_of(context, &mapping, "sideEffects", &effects)? {
        Some(true) => {}
        Some(false) => {
            refuse(context, rules::INVALID_VALUE, field::span(&mapping, "sideEffects"), "it has side effects")
        }
        None => refuse(context, rules::MISSING_FIELD, mapping.span, "a webhook has no `sideEffects`"),
    }
    let seconds = context.integer(mapping.entry("timeoutSeconds"))?;
    if seconds.is_some_and(|seconds| !(1..=30).contains(&seconds)) {
        let span = field::span(&mapping, "timeoutSeconds");
        refuse(context, rules::INVALID_VALUE, span, "`timeoutSeconds` is not between 1 and 30");
    }
    review_versions(context, &mapping, "admissionReviewVersions")?;
    let policies = [("Fail", false), ("Ignore", true)];
    let ignored = admission_scope::word(context, &mapping, "failurePolicy", &policies)?;
    let mut about = admission_scope::of_webhook(context, &mapping)?;
    about.has_conditions = admission_scope::conditions(context, &mapping)?;
    Ok(Webhook {
        span: mapping.span,
        name,
        called: called::client_config(context, &mapping)?,
        about,
        is_ignored_on_failure: ignored.unwrap_or(false),
    })
}

/// A domain of three parts at least.
fn name(context: &mut Context, webhook: &Mapping<'_>) -> Result<String, Unclear> {
    let Some(name) = field::written(context, webhook, "name")? else {
        refuse(context, rules::MISSING_FIELD, webhook.span, "a webhook has no `name`");
        return Ok(String::new());
    };
    if let Err(error) = dns_subdomain(&name.text) {
        names::dns_problem(context, &format!("the name `{}` of a webhook {error}", name.text), name.span);
    } else if name.text.split('.').count() < 3 {
        let message = format!("the name `{}` of a webhook has fewer than three parts", name.text);
        names::dns_problem(context, &message, name.span);
    }
    Ok(name.text)
}

/// The versions of the question that a webhook understands: one at least of those that the server has.
pub(super) fn review_versions(
    context: &mut Context,
    holder: &Mapping<'_>,
    list: &str,
) -> Result<(), Unclear> {
    let versions = field::texts(context, holder, list)?;
    let span = field::span(holder, list);
    for (index, version) in versions.iter().enumerate() {
        names::check_resource(context, version, span);
        if versions[..index].contains(version) {
            refuse(context, rules::INVALID_VALUE, span, &format!("`{list}` has an element twice"));
        }
    }
    if versions.is_empty() {
        refuse(context, rules::MISSING_FIELD, span, &format!("a webhook has no `{list}`"));
    } else if !versions.iter().any(|version| version == "v1" || version == "v1beta1") {
        refuse(context, rules::INVALID_VALUE, span, &format!("`{list}` holds none that the server has"));
    }
    Ok(())
}

fn refuse(context: &mut Context, rule: &'static str, span: Span, message: &str) {
    let help = "write `sideEffects: None`, `admissionReviewVersions: [v1]` and a timeout of up to 30 seconds";
    context.refuse(rule, message, span, "the API server refuses this webhook", help);
}
