//! Whom the API server asks about what belongs to the `to` side, and what their answers yield.

use super::answering::{Home, homes};
use super::closure::Doubtful;
use super::objects::Objects;
use crate::matching::ALL;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use watertight_admission::{Asked, Request, asked};
use watertight_base::Span;
use watertight_kubernetes::catalogue::answers::{
    ABOUT_PODS, ANSWERS, About, Answer, CONVERSION, CUT_CLOSED, CUT_GROUP, CUT_OPEN, GROUP, TO_PODS,
};
use watertight_kubernetes::{Primitive, WRITE};
use watertight_model::{
    Admission, AdmissionScope, Called, Callee, Namespace, ObjectRef, Origin, Snapshot, Webhook,
    WebhookConfiguration,
};

/// What somebody comes to somewhere; `None` is everywhere.
pub(super) type Yield = (Option<String>, &'static Primitive);

/// Somebody whom the server asks.
#[derive(Debug, PartialEq)]
pub(super) struct Asking {
    /// The object that has it ask,
    pub(super) object: ObjectRef,
    /// and where in it,
    pub(super) path: String,
    pub(super) span: Span,
    /// Who answers.
    pub(super) homes: Vec<Home>,
    /// The host that answers, if it is none of the cluster's pods.
    pub(super) outside: Option<String>,
    /// Whether whoever answers is believed, without a certificate.
    pub(super) skips_verification: bool,
    /// What the answers yield.
    pub(super) answers: Vec<Yield>,
    /// What it yields that nobody answers.
    pub(super) cut_off: Vec<Yield>,
}

/// Those that are asked, in the order of their objects.
pub(super) fn all(
    snapshot: &Snapshot,
    (objects, versions): (&Objects, &RangeInclusive<u32>),
    sides: [&BTreeSet<String>; 2],
    doubtful: Doubtful,
) -> Vec<Asking> {
    let there = |admission: Admission| doubtful == Doubtful::With || admission == Admission::Accepted;
    let asking = |origin: &Origin, path: String, called: &Called| {
        let homes = homes(snapshot, &called.callee);
        let outside = match &called.callee {
            _ if homes.iter().any(|home| home.answers) => None,
            Callee::Url(host) => Some(host.to_string()),
            Callee::Service { namespace, name } => Some(format!("Service {namespace}/{name}")),
        };
        Asking {
            object: origin.object.clone(),
            path,
            span: called.span,
            homes,
            outside,
            skips_verification: false,
            answers: Vec::new(),
            cut_off: Vec::new(),
        }
    };
    let mut all = Vec::new();
    let scopes = Scopes { snapshot, objects, versions, sides, doubtful };
    for configuration in snapshot.webhook_configurations.iter().filter(|found| there(found.admission)) {
        for (index, webhook) in configuration.webhooks.iter().enumerate() {
            let path = format!("/webhooks/{index}/clientConfig");
            all.push(Asking {
                answers: scopes.answers(configuration, webhook),
                cut_off: scopes.cut_off(webhook),
                ..asking(&configuration.origin, path, &webhook.called)
            });
        }
    }
    for service in snapshot.api_services.iter().filter(|found| there(found.admission)) {
        if let Some(called) = &service.called {
            all.push(Asking {
                skips_verification: service.skips_verification,
                answers: vec![(None, &GROUP)],
                cut_off: vec![(None, &CUT_GROUP)],
                ..asking(&service.origin, "/spec/service".to_owned(), called)
            });
        }
    }
    for definition in &snapshot.custom_resources {
        if let Some(called) = &definition.conversion {
            all.push(Asking {
                answers: vec![(None, &CONVERSION)],
                cut_off: vec![(None, &CUT_GROUP)],
                ..asking(&definition.origin, "/spec/conversion/webhook/clientConfig".to_owned(), called)
            });
        }
    }
    all
}

/// What is needed to tell what webhooks are asked about.
#[derive(Clone, Copy)]
struct Scopes<'a> {
    snapshot: &'a Snapshot,
    objects: &'a Objects,
    /// The minor versions of Kubernetes that the server may be of.
    versions: &'a RangeInclusive<u32>,
    sides: [&'a BTreeSet<String>; 2],
    doubtful: Doubtful,
}

impl<'a> Scopes<'a> {
    /// The namespaces of a side.
    fn namespaces(&self, side: usize) -> impl Iterator<Item = &'a Namespace> {
        let Self { snapshot, sides, .. } = *self;
        snapshot.namespaces.iter().filter(move |namespace| sides[side].contains(&namespace.name))
    }

    /// What a webhook's answers yield, the worst of each place.
    fn answers(&self, configuration: &WebhookConfiguration, webhook: &Webhook) -> Vec<Yield> {
        let is_asked = |answer: &&Answer, namespace: Option<&Namespace>| {
            (configuration.mutates || !answer.rewrites)
                && self.holds(&answer.row)
                && self.is_asked(&webhook.about, answer.operations, answer.about, namespace)
        };
        let of_cluster = ANSWERS.iter().find(|answer| is_asked(answer, None));
        let mut yields: Vec<Yield> = of_cluster.map(|answer| (None, &answer.row)).into_iter().collect();
        for namespace in self.namespaces(1) {
            let worst = ANSWERS.iter().find(|answer| is_asked(answer, Some(namespace)));
            yields.extend(worst.map(|answer| (Some(namespace.name.clone()), &answer.row)));
        }
        yields
    }

    /// What it yields that a webhook does not answer. One that is passed over then may be what keeps the `from` side in.
    fn cut_off(&self, webhook: &Webhook) -> Vec<Yield> {
        let operations = &["CREATE", "UPDATE", "DELETE", "CONNECT"];
        let is_asked = |namespace: &&Namespace| {
            [About::Anything, About::Itself, About::In(ABOUT_PODS), About::In(TO_PODS)]
                .into_iter()
                .any(|about| self.is_asked(&webhook.about, operations, about, Some(namespace)))
        };
        let row = if webhook.is_ignored_on_failure { &CUT_OPEN } else { &CUT_CLOSED };
        let mut yields: Vec<Yield> = self
            .namespaces(1)
            .filter(is_asked)
            .map(|namespace| (Some(namespace.name.clone()), row))
            .collect();
        if yields.is_empty() && webhook.is_ignored_on_failure && self.namespaces(0).any(|one| is_asked(&one))
        {
            yields.push((None, row));
        }
        yields
    }

    /// Whether a row holds in the versions: in all of them, or in any where that counts.
    fn holds(&self, row: &Primitive) -> bool {
        match self.doubtful {
            Doubtful::With => row.is_in_any(self.versions),
            Doubtful::Without => row.is_in_all(self.versions),
        }
    }

    /// Whether a webhook is asked about these: for certain, or possibly where that counts.
    fn is_asked(
        &self,
        scope: &AdmissionScope,
        operations: &[&str],
        about: About,
        namespace: Option<&Namespace>,
    ) -> bool {
        let least = if self.doubtful == Doubtful::With { Asked::Maybe } else { Asked::Yes };
        let asks = |group: &str, resource: &str| {
            let request = Request { operations, group, resource, namespace, labels: None, name: None };
            asked(scope, &request) >= least
        };
        match (about, namespace) {
            (About::In(resources), Some(_)) | (About::OfCluster(resources), None) => {
                resources.iter().any(|&(group, resource)| asks(group, resource))
            }
            (About::Itself, Some(_)) => asks("", "namespaces"),
            (About::Anything, Some(_)) => self.any_objects(scope, true, asks),
            (About::AnythingOfCluster, None) => self.any_objects(scope, false, asks),
            _ => false,
        }
    }

    /// Whether some resource that rules name holds objects, in namespaces or in none, and is asked about.
    fn any_objects(
        &self,
        scope: &AdmissionScope,
        namespaced: bool,
        asks: impl Fn(&str, &str) -> bool,
    ) -> bool {
        let every = [ALL.to_owned()];
        scope.rules.iter().any(|rule| {
            rule.api_groups.iter().any(|group| {
                // Nobody is asked about these.
                group != "admissionregistration.k8s.io"
                    && rule.resources.iter().any(|written| {
                        let resource = written.strip_suffix("/*").unwrap_or(written);
                        // Some group and some resource that no rule means to leave out.
                        let some = |text: &'_ str, other: &'static str| {
                            if text == ALL { other.to_owned() } else { text.to_owned() }
                        };
                        self.objects.means(group, resource, WRITE, &every, namespaced)
                            && asks(&some(group, "example.com"), &some(resource, "objects"))
                    })
            })
        })
    }
}
