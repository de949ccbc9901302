//! The shape of the short form of an application: an image, and what a Deployment says around it.

use super::environment::{PORT, PROTOCOLS};
use super::resources::REQUIREMENTS;
use crate::formats::Format;
use crate::shape::{Field, Object, Shape};

const ARGUMENTS: Shape = Shape::some(&Shape::Text(Format::AnyText));
const SECONDS: Shape = Shape::Integer { min: 1, max: 86_400 };

pub(super) const PORTS: Object = Object {
    name: "Port",
    noun: "port",
    about: "A port that is served.",
    fields: &[
        Field::required("name", Shape::Text(Format::PortName), "Its name."),
        Field::required("containerPort", PORT, "The port on which the container listens."),
        Field::default("port", PORT, "The port of the Service.", "that of the container"),
        Field::default("protocol", Shape::word(PROTOCOLS), "The protocol.", "`TCP`, as in a Pod"),
    ],
    one_of: &[],
    needs: &[],
};

pub(super) const ENV: Object = Object {
    name: "EnvVar",
    noun: "variable",
    about: "An environment variable.",
    fields: &[
        Field::required("name", Shape::Text(Format::VariableName), "Its name."),
        Field::required("value", Shape::Text(Format::AnyText), "Its value. Credentials belong in `secrets`."),
    ],
    one_of: &[],
    needs: &[],
};

pub(super) const SECRET: Object = Object {
    name: "SecretVar",
    noun: "variable",
    about: "An environment variable whose value is in a Secret.",
    fields: &[
        Field::required("name", Shape::Text(Format::VariableName), "The name of the variable."),
        Field::required(
            "secret",
            Shape::Text(Format::Subdomain),
            "The Secret in the namespace of the application.",
        ),
        Field::required("key", Shape::Text(Format::SecretKey), "The key in the Secret."),
    ],
    one_of: &[],
    needs: &[],
};

pub(super) const SCALING: Object = Object {
    name: "Scaling",
    noun: "scaling",
    about: "How many pods there are.",
    fields: &[
        Field::default(
            "min",
            Shape::Integer { min: 1, max: 1000 },
            "How many there are at least.",
            "1, as in a Deployment",
        ),
        Field::default(
            "max",
            Shape::Integer { min: 1, max: 1000 },
            "How many there are at most.",
            "`min`: no autoscaling",
        ),
        Field::default(
            "cpu",
            Shape::Integer { min: 1, max: 100 },
            "The share of the requested cores, in percent, above which pods are added.",
            "80, as in a HorizontalPodAutoscaler",
        ),
    ],
    one_of: &[],
    needs: &[],
};

pub(super) const PROBES: Object = Object {
    name: "Probes",
    noun: "probes",
    about: "How the kubelet asks whether a container is well.",
    fields: &[
        Field::optional("readiness", Shape::Object(&PROBE), "Whether it can be sent requests."),
        Field::optional("liveness", Shape::Object(&PROBE), "Whether it must be restarted."),
        Field::optional("startup", Shape::Object(&PROBE), "Whether it has started."),
    ],
    one_of: &[],
    needs: &[],
};

const PROBE: Object = Object {
    name: "Probe",
    noun: "probe",
    about: "One question: by HTTP if it has a path, else whether the port opens.",
    fields: &[
        Field::required("port", Shape::Text(Format::PortName), "The name of the port that is asked."),
        Field::optional("path", Shape::Text(Format::UrlPath), "The path that answers."),
        Field::default("periodSeconds", SECONDS, "How often it is asked.", "10, as in a Pod"),
        Field::default("timeoutSeconds", SECONDS, "How long an answer may take.", "1, as in a Pod"),
        Field::default(
            "failureThreshold",
            Shape::Integer { min: 1, max: 1000 },
            "After how many failures it counts.",
            "3, as in a Pod",
        ),
    ],
    one_of: &[],
    needs: &[],
};

pub(super) const ROUTE: Object = Object {
    name: "Route",
    noun: "route",
    about: "Where an application is reached from outside. Each environment needs hosts of its own.",
    fields: &[
        Field::required("host", Shape::Text(Format::Host), "The host."),
        Field::default("path", Shape::Text(Format::UrlPath), "The paths that begin so.", "`/`"),
        Field::required("port", Shape::Text(Format::PortName), "The name of the port that answers."),
        Field::optional(
            "tlsSecret",
            Shape::Text(Format::Subdomain),
            "The Secret with the certificate of the host.",
        ),
    ],
    one_of: &[],
    needs: &[],
};

pub(super) const JOB: Object = Object {
    name: "Job",
    noun: "job",
    about: "What runs once, to its end, before a version of the application, in the same image.",
    fields: &[
        Field::required("name", Shape::Text(Format::Name), "Its name."),
        Field::default("command", ARGUMENTS, "The program.", "that of the image"),
        Field::default("args", ARGUMENTS, "Its arguments.", "those of the image"),
        Field::default(
            "resources",
            Shape::Object(&REQUIREMENTS),
            "What its pod asks for and may take.",
            "those of the application",
        ),
    ],
    one_of: &[],
    needs: &[],
};

pub(super) const CRON: Object = Object {
    name: "CronJob",
    noun: "cron job",
    about: "What runs at certain times, in the same image.",
    fields: &[
        Field::required("name", Shape::Text(Format::Name), "Its name."),
        Field::required(
            "schedule",
            Shape::Text(Format::Schedule),
            "When: five fields, or a word such as `@daily`.",
        ),
        Field::default(
            "timeZone",
            Shape::Text(Format::TimeZone),
            "The time zone of the schedule.",
            "`Etc/UTC`",
        ),
        Field::default("command", ARGUMENTS, "The program.", "that of the image"),
        Field::default("args", ARGUMENTS, "Its arguments.", "those of the image"),
        Field::default(
            "resources",
            Shape::Object(&REQUIREMENTS),
            "What its pod asks for and may take.",
            "those of the application",
        ),
    ],
    one_of: &[],
    needs: &[],
};
