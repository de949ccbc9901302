//! Webhook configurations, mutating policies and their bindings, APIServices, and conversion webhooks.

mod support;

use std::net::{IpAddr, Ipv4Addr};
use support::{Read, read};
use watertight_model::{
    Admission, BlindScope, Callee, Channel, Host, ParamKind, ResourceScope, Webhook, WebhookConfiguration,
};

/// A configuration with one webhook, which has these fields beside those that every webhook needs.
fn webhook(kind: &str, fields: &str) -> Read {
    read(&format!(
        "apiVersion: admissionregistration.k8s.io/v1\nkind: {kind}\nmetadata: {{name: w}}\n\
         webhooks: [{{name: w.example.com, sideEffects: None, admissionReviewVersions: [v1], {fields}}}]\n"
    ))
}

const SERVICE: &str = "clientConfig: {service: {namespace: staging, name: hook}}";

#[track_caller]
fn configuration(read: &Read) -> &WebhookConfiguration {
    assert_eq!(read.blind_spots(), []);
    let found = &read.snapshot().webhook_configurations;
    assert_eq!(found.len(), 1, "{:?}", read.diagnostics());
    &found[0]
}

#[track_caller]
fn only(read: &Read) -> &Webhook {
    assert_eq!(read.rules(), Vec::<&str>::new());
    &configuration(read).webhooks[0]
}

#[test]
fn a_webhook_says_whom_it_asks_about_what() {
    let read = webhook(
        "MutatingWebhookConfiguration",
        &format!(
            "{SERVICE}, failurePolicy: Ignore, namespaceSelector: {{matchLabels: {{env: production}}}}, \
             matchConditions: [{{name: a, expression: 'true'}}], \
             rules: [{{operations: [CREATE], apiGroups: [''], apiVersions: [v1], resources: [pods, pods/exec], scope: Namespaced}}]"
        ),
    );
    assert!(configuration(&read).mutates);
    let webhook = only(&read);
    assert_eq!(webhook.called.callee, Callee::Service { namespace: "staging".into(), name: "hook".into() });
    assert!(webhook.is_ignored_on_failure && webhook.about.has_conditions);
    assert_eq!(webhook.about.namespaces.to_string(), "env=production");
    assert!(webhook.about.objects.is_everything());
    let rule = &webhook.about.rules[0];
    assert_eq!(
        (rule.resources.as_slice(), rule.scope),
        (&["pods".to_owned(), "pods/exec".to_owned()][..], ResourceScope::Namespaced)
    );
}

#[test]
fn what_is_not_written_is_the_default() {
    let read = webhook("ValidatingWebhookConfiguration", SERVICE);
    assert!(!configuration(&read).mutates);
    let webhook = only(&read);
    assert!(!webhook.is_ignored_on_failure && !webhook.about.has_conditions);
    assert!(webhook.about.rules.is_empty() && webhook.about.namespaces.is_everything());
}

#[test]
fn a_url_names_a_host_or_an_address() {
    let callee = |url: &str| {
        only(&webhook("ValidatingWebhookConfiguration", &format!("clientConfig: {{url: '{url}'}}")))
            .called
            .callee
            .clone()
    };
    let name = |name: &str| Callee::Url(Host::Name(name.to_owned()));
    assert_eq!(callee("https://hook.staging.svc:8443/a"), name("hook.staging.svc"));
    assert_eq!(callee("https://hook.example.com"), name("hook.example.com"));
    assert_eq!(
        callee("https://10.0.0.7/a"),
        Callee::Url(Host::Address(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 7))))
    );
    assert_eq!(callee("https://[fd00::1]:443"), Callee::Url(Host::of("fd00::1")));
}

#[test]
fn what_the_server_refuses_of_a_webhook_is_reported_and_its_meaning_is_kept() {
    for (fields, rule) in [
        ("timeoutSeconds: 31", "invalid-value"),
        (
            "rules: [{operations: [READ], apiGroups: ['*'], apiVersions: ['*'], resources: ['*']}]",
            "invalid-value",
        ),
        (
            "rules: [{operations: ['*', CREATE], apiGroups: ['*'], apiVersions: ['*'], resources: ['*']}]",
            "invalid-value",
        ),
        (
            "rules: [{operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*', pods]}]",
            "invalid-value",
        ),
        (
            "rules: [{operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['pods/*', pods/exec]}]",
            "invalid-value",
        ),
        ("rules: [{operations: ['*'], apiGroups: ['*'], apiVersions: ['*']}]", "invalid-value"),
    ] {
        let read = webhook("ValidatingWebhookConfiguration", &format!("{SERVICE}, {fields}"));
        assert_eq!(read.rules(), [rule], "{fields}");
        assert_eq!(configuration(&read).admission, Admission::Refused, "{fields}");
    }
    let read = support::read(
        "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: w}\n\
         webhooks: [{name: w, clientConfig: {service: {namespace: staging, name: hook}}}]\n",
    );
    assert_eq!(read.rules(), ["missing-field", "missing-field", "invalid-name"]);
    assert_eq!(configuration(&read).admission, Admission::Refused);
}

#[test]
fn what_is_not_clear_is_a_blind_spot() {
    for fields in [
        "clientConfig: {}",
        "clientConfig: {url: 'https://a.example.com', service: {namespace: staging, name: hook}}",
        "clientConfig: {service: {name: hook}}",
        "clientConfig: {url: hook}",
        "clientConfig: {service: {namespace: staging, name: hook}}, failurePolicy: Sometimes",
        "clientConfig: {service: {namespace: staging, name: hook}}, namespaceSelector: [a]",
    ] {
        let read = webhook("ValidatingWebhookConfiguration", fields);
        assert!(read.ingested.snapshot.webhook_configurations.is_empty(), "{fields}");
        let spots = &read.ingested.snapshot.blind_spots;
        assert_eq!(spots.len(), 1, "{fields}");
        assert_eq!(
            (&spots[0].scope, spots[0].hides),
            (&BlindScope::Everything, &[Channel::Api][..]),
            "{fields}"
        );
        let mutating = webhook("MutatingWebhookConfiguration", fields).ingested.snapshot.blind_spots;
        assert_eq!(mutating[0].hides, &[Channel::Network, Channel::Api][..], "{fields}");
    }
}

#[test]
fn a_mutating_policy_and_its_binding_say_what_they_are_about_and_where_parameters_are() {
    let read = read(
        "apiVersion: admissionregistration.k8s.io/v1beta1\nkind: MutatingAdmissionPolicy\nmetadata: {name: p}\n\
         spec: {reinvocationPolicy: Never, paramKind: {apiVersion: v1, kind: ConfigMap}, mutations: [{patchType: JSONPatch}], \
         matchConstraints: {resourceRules: [{operations: [CREATE], apiGroups: [''], apiVersions: [v1], resources: [pods], resourceNames: [a]}]}}\n\
         ---\n\
         apiVersion: admissionregistration.k8s.io/v1beta1\nkind: MutatingAdmissionPolicyBinding\nmetadata: {name: b}\n\
         spec: {policyName: p, paramRef: {name: c, namespace: shared, parameterNotFoundAction: Deny}, \
         matchResources: {namespaceSelector: {matchLabels: {env: production}}}}\n",
    );
    assert_eq!(read.rules(), Vec::<&str>::new());
    assert_eq!(read.blind_spots(), []);
    let snapshot = &read.ingested.snapshot;
    let policy = &snapshot.mutating_policies[0];
    assert_eq!(policy.param_kind, Some(ParamKind { group: String::new(), kind: "ConfigMap".into() }));
    assert_eq!(policy.about.rules[0].names, ["a"]);
    let binding = &snapshot.mutating_policy_bindings[0];
    let params = binding.params.as_ref().unwrap();
    assert_eq!(
        (binding.policy.as_str(), params.name.as_deref(), params.namespace.as_deref()),
        ("p", Some("c"), Some("shared"))
    );
    let narrowed = binding.about.as_ref().unwrap();
    assert_eq!(narrowed.namespaces.to_string(), "env=production");
    // A policy that names no resources is about all of them.
    assert_eq!(narrowed.rules[0].resources, ["*/*"]);
}

/// An APIService with these fields beside those that each needs.
fn api_service(fields: &str) -> Read {
    read(&format!(
        "apiVersion: apiregistration.k8s.io/v1\nkind: APIService\nmetadata: {{name: v1.example.com}}\n\
         spec: {{group: example.com, version: v1, groupPriorityMinimum: 100, versionPriority: 10, {fields}}}\n"
    ))
}

#[test]
fn an_api_service_is_answered_by_the_server_or_by_a_service() {
    let read = api_service("");
    assert_eq!((read.rules(), read.blind_spots().len()), (Vec::new(), 0));
    assert_eq!(read.ingested.snapshot.api_services[0].called, None);
    let read = api_service("insecureSkipTLSVerify: true, service: {namespace: staging, name: adapter}");
    assert_eq!(read.rules(), Vec::<&str>::new());
    let service = &read.ingested.snapshot.api_services[0];
    assert!(service.skips_verification);
    assert!(
        matches!(&service.called.as_ref().unwrap().callee, Callee::Service { namespace, .. } if namespace == "staging")
    );
    let read = api_service("insecureSkipTLSVerify: true, caBundle: aGk=, service: {namespace: a, name: b}");
    assert_eq!(read.rules(), ["invalid-value"]);
    assert_eq!(read.ingested.snapshot.api_services[0].admission, Admission::Refused);
}

#[test]
fn a_definition_names_the_webhook_that_converts() {
    let definition = |conversion: &str| {
        read(&format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: widgets.example.com}}\n\
             spec: {{group: example.com, scope: Namespaced, names: {{plural: widgets, kind: Widget}}, \
             versions: [{{name: v1, served: true, storage: true}}], conversion: {conversion}}}\n"
        ))
    };
    let read = definition(
        "{strategy: Webhook, webhook: {conversionReviewVersions: [v1], clientConfig: {service: {namespace: staging, name: c}}}}",
    );
    assert_eq!(read.rules(), Vec::<&str>::new());
    assert!(read.ingested.snapshot.custom_resources[0].conversion.is_some());
    let read = definition("{strategy: None}");
    assert_eq!(read.rules(), Vec::<&str>::new());
    assert_eq!(read.ingested.snapshot.custom_resources[0].conversion, None);
    let read = definition("{strategy: Webhook}");
    assert_eq!(read.blind_spots().len(), 1);
}
