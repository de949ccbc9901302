//! The namespaces that exist: by an object of their own, or since something lives in them (rule N17, convention 9).

use crate::read::{Body, Found};
use std::collections::BTreeMap;
use watertight_model::{Admission, Namespace, Origin};

/// All namespaces, sorted by name.
pub(crate) fn collect(found: &[Found]) -> Vec<Namespace> {
    let mut namespaces: BTreeMap<&str, Namespace> = BTreeMap::new();
    for object in found {
        if let Some(name) = object.origin.object.namespace.as_deref().filter(|_| object.shows_namespace) {
            let namespace = namespaces.entry(name).or_insert_with(|| unknown(name));
            see(namespace, &object.origin);
        }
        let name = object.origin.object.name.as_str();
        match &object.body {
            Body::Namespace(labels, admission) => {
                let namespace = namespaces.entry(name).or_insert_with(|| unknown(name));
                namespace.labels = Some(labels.labels.clone());
                namespace.admission = *admission;
                namespace.label_spans = labels.spans.clone();
                namespace.origin = Some(object.origin.clone());
            }
            // It exists, whatever its labels may be.
            Body::Unclear(_) if object.origin.object.kind == "Namespace" && !name.is_empty() => {
                see(namespaces.entry(name).or_insert_with(|| unknown(name)), &object.origin);
            }
            _ => {}
        }
    }
    let mut all: Vec<Namespace> = namespaces.into_values().collect();
    for namespace in &mut all {
        if namespace.origin.is_some() {
            namespace.first_seen = None;
        }
    }
    all
}

fn unknown(name: &str) -> Namespace {
    Namespace {
        name: name.to_owned(),
        labels: None,
        admission: Admission::Accepted,
        label_spans: BTreeMap::new(),
        origin: None,
        first_seen: None,
    }
}

fn see(namespace: &mut Namespace, origin: &Origin) {
    if namespace.first_seen.as_ref().is_none_or(|seen| origin.span < seen.span) {
        namespace.first_seen = Some(origin.clone());
    }
}
