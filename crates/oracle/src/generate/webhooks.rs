//! Random mutating webhooks in a cluster that is there: served from any namespace, and asked about the pods of all of them
//! or of one.

use crate::build;
use crate::random::Random;
use watertight_base::Selector;
use watertight_model::{
    Admission, AdmissionRule, AdmissionScope, Called, Callee, Namespace, ResourceScope, Snapshot, Webhook,
    WebhookConfiguration,
};

const KIND: &str = "MutatingWebhookConfiguration";

/// The same cluster, in some cases with a webhook.
#[must_use]
pub fn add(snapshot: &Snapshot, seed: u64) -> Snapshot {
    let mut snapshot = snapshot.clone();
    let mut random = Random::new(seed ^ 0x0068_6f6f_6b73);
    let names: Vec<String> = snapshot.namespaces.iter().map(|namespace| namespace.name.clone()).collect();
    let (Some(served), Some(asked)) = (random.pick(&names), random.pick(&names)) else { return snapshot };
    if !random.chance(20) {
        return snapshot;
    }
    let namespaces = if random.chance(60) {
        Selector::everything()
    } else {
        Selector::label(Namespace::NAME_LABEL, asked)
    };
    let texts = |text: &str| vec![text.to_owned()];
    let rule = AdmissionRule {
        operations: texts("CREATE"),
        api_groups: texts(""),
        api_versions: texts("*"),
        resources: texts("pods"),
        names: Vec::new(),
        scope: ResourceScope::Any,
    };
    let about = AdmissionScope { rules: vec![rule], namespaces, ..AdmissionScope::default() };
    let callee = Callee::Service { namespace: served.clone(), name: "hook".to_owned() };
    snapshot.webhook_configurations.push(WebhookConfiguration {
        origin: build::origin("admissionregistration.k8s.io/v1", KIND, "", "hook"),
        mutates: true,
        webhooks: vec![Webhook {
            span: build::place(),
            name: "hook.example.com".to_owned(),
            called: Called { span: build::place(), callee },
            about,
            is_ignored_on_failure: random.chance(50),
        }],
        admission: Admission::Accepted,
    });
    *snapshot.kinds.entry(KIND.to_owned()).or_default() += 1;
    snapshot
}
