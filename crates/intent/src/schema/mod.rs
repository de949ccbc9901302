//! The shape of an intent, one file for each part of it.

mod access;
mod application;
mod boundary;
mod cluster;
mod environment;
mod resources;
mod store;
mod workload;

pub use resources::OBJECT_COUNTS;
pub(crate) use store::ENGINES;

use crate::formats::Format;
use crate::shape::{Field, Object, Shape};

/// The only version of the format that there is.
pub(crate) const API_VERSION: &str = "watertight.dev/v1alpha1";
/// The kind of an intent.
pub(crate) const KIND: &str = "Fleet";

/// An intent.
pub(crate) const FLEET: Object = Object {
    name: "Fleet",
    noun: "intent",
    about: "Environments, the walls between them, and what runs in them.",
    fields: &[
        Field::required("apiVersion", Shape::word(&[API_VERSION]), "The version of this format."),
        Field::required("kind", Shape::word(&[KIND]), "What the document is."),
        Field::required("metadata", Shape::Object(&METADATA), "What the fleet is called."),
        Field::required("spec", Shape::Object(&SPEC), "What is wanted."),
    ],
    one_of: &[],
    needs: &[],
};

const METADATA: Object = Object {
    name: "Metadata",
    noun: "metadata",
    about: "What the fleet is called.",
    fields: &[Field::required("name", Shape::Text(Format::Name), "The name of the fleet: a DNS label.")],
    one_of: &[],
    needs: &[],
};

const SPEC: Object = Object {
    name: "Spec",
    noun: "spec",
    about: "What is wanted.",
    fields: &[
        Field::default(
            "clusters",
            Shape::List { of: &Shape::Object(&cluster::CLUSTER), min: 1, max: 100 },
            "The clusters that there are.",
            "one cluster `default`, of the files or the context that a command is given",
        ),
        Field::required(
            "environments",
            Shape::List { of: &Shape::Object(&environment::ENVIRONMENT), min: 1, max: 1000 },
            "The environments. Each is walled off from every other.",
        ),
        Field::optional(
            "applications",
            Shape::List { of: &Shape::Object(&application::APPLICATION), min: 0, max: 10_000 },
            "What runs in the environments: the same in each, but for what `overrides` says.",
        ),
        Field::optional(
            "stores",
            Shape::list(&Shape::Object(&store::STORE)),
            "Databases and caches that applications use.",
        ),
        Field::optional(
            "boundaries",
            Shape::list(&Shape::Object(&boundary::BOUNDARY)),
            "What is to be said about single walls. A pair of environments that is not listed is walled all the same.",
        ),
    ],
    one_of: &[],
    needs: &[],
};
