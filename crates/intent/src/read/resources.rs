//! Amounts: of containers, of namespaces, and what both are by default.

use crate::fields::Fields;
use crate::intent::{Limits, Quota, Requirements, Resources, Spanned};
use crate::schema::OBJECT_COUNTS;
use watertight_base::{Quantity, Span};

/// The amounts in a field.
pub(super) fn resources(fields: Option<Fields<'_>>) -> Resources {
    let Some(fields) = fields else { return Resources::default() };
    Resources {
        cpu: fields.quantity("cpu"),
        memory: fields.quantity("memory"),
        ephemeral_storage: fields.quantity("ephemeral-storage"),
    }
}

/// What a container asks for and may take, as far as it is said.
pub(super) fn requirements(fields: Option<Fields<'_>>) -> Requirements {
    let Some(fields) = fields else { return Requirements::default() };
    Requirements {
        requests: resources(fields.object("requests")),
        limits: resources(fields.object("limits")),
    }
}

/// Millicores, mebibytes of memory and mebibytes on the node's disk, all standing at one place.
fn amounts(at: Span, milli_cpu: u64, memory: u32, ephemeral_storage: u32) -> Resources {
    let spanned = |quantity| Some(Spanned::new(quantity, at));
    Resources {
        cpu: spanned(Quantity::milli(milli_cpu)),
        memory: spanned(Quantity::mebi(memory)),
        ephemeral_storage: spanned(Quantity::mebi(ephemeral_storage)),
    }
}

/// How many objects of each sort there may be outside of production: enough for fifty applications, and nothing that is
/// reached from outside or paid for by itself. The order is that of [`OBJECT_COUNTS`].
const COUNTS: [u64; OBJECT_COUNTS.len()] =
    [100, 20, 10, 50, 50, 50, 50, 50, 100, 50, 20, 50, 100, 600, 100, 50, 0, 0, 50, 50];

/// The quota of an environment. Outside of production nothing is without a bound: what is not said is by default one node
/// of usual size, 4 cores and 8 GiB, and limits twice as large.
pub(super) fn quota(fields: Option<Fields<'_>>, production: bool, at: Span) -> Quota {
    let given = Quota {
        requests: resources(fields.and_then(|fields| fields.object("requests"))),
        limits: resources(fields.and_then(|fields| fields.object("limits"))),
        storage: fields.and_then(|fields| fields.quantity("storage")),
        objects: counts(fields.and_then(|fields| fields.object("objects")), (!production).then_some(at)),
    };
    if production {
        return given;
    }
    Quota {
        requests: given.requests.or(amounts(at, 4000, 8 << 10, 20 << 10)),
        limits: given.limits.or(amounts(at, 8000, 16 << 10, 40 << 10)),
        storage: given.storage.or(Some(Spanned::new(Quantity::mebi(100 << 10), at))),
        objects: given.objects,
    }
}

/// The counts that are given and, at a place, those that are not.
fn counts(fields: Option<Fields<'_>>, default_at: Option<Span>) -> Vec<(&'static str, Spanned<u64>)> {
    let count = |(name, default): (&'static str, u64)| {
        let given = fields.and_then(|fields| fields.integer(name));
        Some((name, given.or(default_at.map(|at| Spanned::new(default, at)))?))
    };
    OBJECT_COUNTS.into_iter().zip(COUNTS).filter_map(count).collect()
}

/// The limits of a container: by default half a core and 512 MiB, of which a fifth and a quarter are sure.
pub(super) fn limits(fields: Option<Fields<'_>>, at: Span) -> Limits {
    let given = |name: &str| resources(fields.and_then(|fields| fields.object(name)));
    Limits {
        default: given("default").or(amounts(at, 500, 512, 1 << 10)),
        default_request: given("defaultRequest").or(amounts(at, 100, 128, 256)),
        max: given("max"),
    }
}
