//! Webhook configurations as manifests.

use super::flow::{Value, text};
use super::{expression, head};
use watertight_base::Selector;
use watertight_model::{AdmissionRule, Callee, ResourceScope, Webhook, WebhookConfiguration};

pub(super) fn configuration(configuration: &WebhookConfiguration) -> Vec<(&'static str, Value)> {
    let object = &configuration.origin.object;
    let metadata = vec![("name", text(&object.name))];
    let mut fields = head("admissionregistration.k8s.io/v1", &object.kind, metadata);
    fields.push(("webhooks", Value::List(configuration.webhooks.iter().map(webhook).collect())));
    fields
}

fn webhook(webhook: &Webhook) -> Value {
    let called = match &webhook.called.callee {
        Callee::Service { namespace, name } => {
            ("service", Value::Map(vec![("namespace", text(namespace)), ("name", text(name))]))
        }
        Callee::Url(host) => ("url", text(format!("https://{host}"))),
    };
    let failure = if webhook.is_ignored_on_failure { "Ignore" } else { "Fail" };
    Value::Map(vec![
        ("name", text(&webhook.name)),
        ("sideEffects", text("None")),
        ("admissionReviewVersions", Value::List(vec![text("v1")])),
        ("failurePolicy", text(failure)),
        ("clientConfig", Value::Map(vec![called])),
        ("namespaceSelector", selector(&webhook.about.namespaces)),
        ("objectSelector", selector(&webhook.about.objects)),
        ("rules", Value::List(webhook.about.rules.iter().map(rule).collect())),
    ])
}

fn rule(rule: &AdmissionRule) -> Value {
    let texts = |list: &[String]| Value::List(list.iter().map(text).collect());
    let scope = match rule.scope {
        ResourceScope::Any => "*",
        ResourceScope::Namespaced => "Namespaced",
        ResourceScope::Cluster => "Cluster",
    };
    Value::Map(vec![
        ("operations", texts(&rule.operations)),
        ("apiGroups", texts(&rule.api_groups)),
        ("apiVersions", Value::List(vec![text("*")])),
        ("resources", texts(&rule.resources)),
        ("scope", text(scope)),
    ])
}

fn selector(selector: &Selector) -> Value {
    let expressions = selector.requirements.iter().map(expression).collect();
    Value::Map(vec![("matchExpressions", Value::List(expressions))])
}
