//! The shape of a store.

use super::environment::PORT;
use crate::formats::Format;
use crate::shape::{Field, Object, Shape};

/// The engines, each with its usual port.
pub(crate) const ENGINES: [(&str, u16); 5] =
    [("mongodb", 27017), ("mysql", 3306), ("postgresql", 5432), ("redis", 6379), ("valkey", 6379)];

/// The names of the engines.
const ENGINE_NAMES: &[&str] = &[ENGINES[0].0, ENGINES[1].0, ENGINES[2].0, ENGINES[3].0, ENGINES[4].0];

pub(super) const STORE: Object = Object {
    name: "Store",
    noun: "store",
    about: "A database or a cache that applications use.",
    fields: &[
        Field::required("name", Shape::Text(Format::Name), "What applications call it."),
        Field::required("engine", Shape::word(ENGINE_NAMES), "What it is."),
        Field::required(
            "endpoints",
            Shape::some(&Shape::Object(&ENDPOINT)),
            "Where it is for each environment that uses it.",
        ),
    ],
    one_of: &[],
    needs: &[],
};

const ENDPOINT: Object = Object {
    name: "Endpoint",
    noun: "endpoint",
    about: "Where a store is for one environment.",
    fields: &[
        Field::required("environment", Shape::Text(Format::Name), "The environment."),
        Field::required(
            "host",
            Shape::Text(Format::Subdomain),
            "The name or the address by which pods call it.",
        ),
        Field::required(
            "cidrs",
            Shape::some(&Shape::Text(Format::Cidr)),
            "Its addresses: what pods may reach. A NetworkPolicy knows no names.",
        ),
        Field::default(
            "port",
            PORT,
            "Its port.",
            "that of the engine: 5432 for postgresql, 3306 for mysql, 27017 for mongodb, 6379 for redis and valkey",
        ),
    ],
    one_of: &[],
    needs: &[],
};
