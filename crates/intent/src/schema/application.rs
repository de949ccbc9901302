//! The shape of an application: where it comes from, and what differs from environment to environment.

use super::resources::REQUIREMENTS;
use super::workload::{CRON, ENV, JOB, PORTS, PROBES, ROUTE, SCALING, SECRET};
use crate::formats::Format;
use crate::shape::{Field, Object, Shape};

const VALUES: Shape = Shape::list(&Shape::Text(Format::FilePath));
const ARGUMENTS: Shape = Shape::list(&Shape::Text(Format::AnyText));

pub(super) const APPLICATION: Object = Object {
    name: "Application",
    noun: "application",
    about: "What runs in environments. Its manifests come from one of four places, of which the short form is one: an image.",
    fields: &[
        Field::required("name", Shape::Text(Format::Name), "Its name."),
        Field::default(
            "environments",
            Shape::some(&Shape::Text(Format::Name)),
            "The environments in which it runs.",
            "all",
        ),
        Field::default(
            "namespace",
            Shape::Text(Format::Name),
            "The namespace in which it runs.",
            "the first of the environment",
        ),
        Field::optional(
            "dependsOn",
            Shape::list(&Shape::Text(Format::Name)),
            "Applications that are there before it, and that it calls.",
        ),
        Field::optional("manifests", Shape::Text(Format::FilePath), "A file or folder of manifests."),
        Field::optional("kustomization", Shape::Text(Format::FilePath), "The folder of a kustomization."),
        Field::optional("helm", Shape::Object(&HELM), "A Helm chart, which `helm` renders."),
        Field::optional(
            "image",
            Shape::Text(Format::Image),
            "An image, by digest: the same in every environment.",
        ),
        Field::default("command", ARGUMENTS, "The program.", "that of the image"),
        Field::default("args", ARGUMENTS, "Its arguments.", "those of the image"),
        Field::optional(
            "ports",
            Shape::list(&Shape::Object(&PORTS)),
            "The ports that it serves, by a Service of its name.",
        ),
        Field::optional("env", Shape::list(&Shape::Object(&ENV)), "Environment variables."),
        Field::optional(
            "secrets",
            Shape::list(&Shape::Object(&SECRET)),
            "Environment variables whose values are in Secrets of the namespace. No value stands in an intent.",
        ),
        Field::optional("resources", Shape::Object(&REQUIREMENTS), "What each pod asks for and may take."),
        Field::optional("scaling", Shape::Object(&SCALING), "How many pods there are."),
        Field::optional("probes", Shape::Object(&PROBES), "How the kubelet asks whether it is well."),
        Field::optional("routes", Shape::list(&Shape::Object(&ROUTE)), "Where it is reached from outside."),
        Field::optional(
            "jobs",
            Shape::list(&Shape::Object(&JOB)),
            "What runs once before each version of it.",
        ),
        Field::optional("cron", Shape::list(&Shape::Object(&CRON)), "What runs at certain times."),
        Field::optional("stores", Shape::list(&Shape::Text(Format::Name)), "The stores that it uses."),
        Field::optional(
            "without",
            Shape::list(&Shape::Object(&LEFT_OUT)),
            "What of the manifests, the kustomization or the chart is left out.",
        ),
        Field::optional(
            "overrides",
            Shape::list(&Shape::Object(&OVERRIDE)),
            "What differs in one environment. All else is the same in each.",
        ),
    ],
    one_of: &["manifests", "kustomization", "helm", "image"],
    needs: &[
        ("command", "image"),
        ("args", "image"),
        ("ports", "image"),
        ("env", "image"),
        ("secrets", "image"),
        ("resources", "image"),
        ("scaling", "image"),
        ("probes", "image"),
        ("routes", "image"),
        ("jobs", "image"),
        ("cron", "image"),
        ("stores", "image"),
    ],
};

const HELM: Object = Object {
    name: "Helm",
    noun: "chart",
    about: "A Helm chart.",
    fields: &[
        Field::required("chart", Shape::Text(Format::FilePath), "The folder or the archive of the chart."),
        Field::default(
            "releaseName",
            Shape::Text(Format::Name),
            "The name of the release.",
            "the application's name",
        ),
        Field::optional("values", VALUES, "Files of values, of which a later one wins."),
    ],
    one_of: &[],
    needs: &[],
};

const LEFT_OUT: Object = Object {
    name: "LeftOut",
    noun: "object",
    about: "An object of an application that is left out, or that is taken without some of its fields.",
    fields: &[
        Field::required("kind", Shape::Text(Format::Text), "Its kind."),
        Field::required("name", Shape::Text(Format::Text), "Its name."),
        Field::default(
            "fields",
            Shape::some(&Shape::Text(Format::Pointer)),
            "The fields and elements of lists that are left out, as JSON Pointers.",
            "all of it",
        ),
    ],
    one_of: &[],
    needs: &[],
};

const OVERRIDE: Object = Object {
    name: "Override",
    noun: "override",
    about: "What differs in one environment. The image never does.",
    fields: &[
        Field::required("environment", Shape::Text(Format::Name), "The environment."),
        Field::default(
            "namespace",
            Shape::Text(Format::Name),
            "The namespace in which it runs there.",
            "that of the application",
        ),
        Field::optional(
            "manifests",
            Shape::Text(Format::FilePath),
            "The manifests there, in place of the application's.",
        ),
        Field::optional("kustomization", Shape::Text(Format::FilePath), "The overlay there."),
        Field::optional("values", VALUES, "Files of values that come behind those of the chart."),
        Field::optional("without", Shape::list(&Shape::Object(&LEFT_OUT)), "What else is left out there."),
        Field::optional(
            "env",
            Shape::list(&Shape::Object(&ENV)),
            "Variables that are added, or replace one of the same name.",
        ),
        Field::optional("secrets", Shape::list(&Shape::Object(&SECRET)), "Likewise."),
        Field::optional(
            "resources",
            Shape::Object(&REQUIREMENTS),
            "What each pod asks for there, resource by resource.",
        ),
        Field::optional("scaling", Shape::Object(&SCALING), "How many pods there are there, field by field."),
        Field::optional(
            "routes",
            Shape::list(&Shape::Object(&ROUTE)),
            "The routes there, in place of the application's.",
        ),
    ],
    one_of: &[],
    needs: &[],
};
