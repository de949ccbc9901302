//! The shape of a boundary, and of what is let through one for a time.

use super::access::{ROLES, SERVICE_ACCOUNT};
use super::environment::PORT;
use crate::formats::Format;
use crate::shape::{Field, Object, Shape, Words};

/// The channels on which something can be promised.
pub(crate) const PROMISES: Words = Words {
    words: &["network", "api"],
    later: &[
        ("node", "the channel `node` is not examined yet, so that nobody could hold the promise"),
        ("identity", "the channel `identity` is not examined yet, so that nobody could hold the promise"),
        ("data", "the channel `data` is not examined yet, so that nobody could hold the promise"),
        ("capacity", "the channel `capacity` is not examined yet, so that nobody could hold the promise"),
        ("deputy", "the channel `deputy` is not examined yet, so that nobody could hold the promise"),
    ],
};

pub(super) const BOUNDARY: Object = Object {
    name: "Boundary",
    noun: "boundary",
    about: "One wall, in one direction.",
    fields: &[
        Field::required("from", Shape::Text(Format::Name), "The environment that is taken as hostile."),
        Field::required("to", Shape::Text(Format::Name), "The environment that is kept."),
        Field::default(
            "promises",
            Shape::List { of: &Shape::Word(PROMISES), min: 1, max: 7 },
            "The channels on which nothing gets across.",
            "all channels that are examined: `network` and `api`",
        ),
        Field::optional(
            "exceptions",
            Shape::list(&Shape::Object(&EXCEPTION)),
            "What is let through for a time.",
        ),
    ],
    one_of: &[],
    needs: &[],
};

const EXCEPTION: Object = Object {
    name: "Exception",
    noun: "exception",
    about: "What is let through a wall for a time, and who answers for it.",
    fields: &[
        Field::optional("connection", Shape::Object(&CONNECTION), "A connection, on the channel `network`."),
        Field::optional("access", Shape::Object(&GRANT), "A right, on the channel `api`."),
        Field::required("reason", Shape::Text(Format::Text), "Why."),
        Field::required("owner", Shape::Text(Format::Text), "Who answers for it."),
        Field::required(
            "expires",
            Shape::Text(Format::Date),
            "The last day on which it holds. From the next day on the intent is refused.",
        ),
    ],
    one_of: &["connection", "access"],
    needs: &[],
};

const CONNECTION: Object = Object {
    name: "Connection",
    noun: "connection",
    about: "A connection that may be opened.",
    fields: &[
        Field::default(
            "from",
            Shape::Text(Format::Name),
            "The application that opens it.",
            "any pod of the `from` side",
        ),
        Field::required("to", Shape::Text(Format::Name), "The application that is called."),
        Field::required("ports", Shape::some(&PORT), "The ports of its containers."),
        Field::default(
            "protocol",
            Shape::word(super::environment::PROTOCOLS),
            "The protocol.",
            "`TCP`, as in a NetworkPolicy",
        ),
    ],
    one_of: &[],
    needs: &[],
};

const GRANT: Object = Object {
    name: "Grant",
    noun: "grant",
    about: "Somebody of the `from` side who may do something on the `to` side.",
    fields: &[
        Field::optional("user", Shape::Text(Format::Text), "A user."),
        Field::optional("group", Shape::Text(Format::Text), "A group."),
        Field::optional("serviceAccount", Shape::Object(&SERVICE_ACCOUNT), "A ServiceAccount."),
        Field::required("role", Shape::word(ROLES), "What they may do there."),
    ],
    one_of: &["user", "group", "serviceAccount"],
    needs: &[],
};
