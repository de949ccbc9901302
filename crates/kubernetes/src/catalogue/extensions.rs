//! Extensions of the API: definitions of kinds, and servers of groups.

use crate::primitive::{ALTER, ActsAs, EVER, Need, Primitive, WRITE};
use watertight_model::Gain;

pub(super) const ROWS: &[Primitive] = &[
    // A34. A new definition changes no object that is there.
    Primitive {
        rule: "change-definitions",
        needs: &[Need::cluster(ALTER, DEFINITIONS)],
        gain: Gain::ChangesObjects,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "read and rewrite custom resources through a conversion webhook, or delete all of a kind",
        fix: "let administrators alone change CustomResourceDefinitions",
    },
    // A35.
    Primitive {
        rule: "change-apiservices",
        needs: &[Need::cluster(WRITE, SERVICES)],
        gain: Gain::TakesTraffic,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "answer in the place of a group of the API",
        fix: "let administrators alone write APIServices",
    },
];

const DEFINITIONS: &[(&str, &str)] = &[
    ("apiextensions.k8s.io", "customresourcedefinitions"),
    ("apiextensions.k8s.io", "customresourcedefinitions/status"),
];
const SERVICES: &[(&str, &str)] =
    &[("apiregistration.k8s.io", "apiservices"), ("apiregistration.k8s.io", "apiservices/status")];
