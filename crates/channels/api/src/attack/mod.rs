//! What an attacker comes to through the API: from whom they can act as, right by right, until nothing new appears.
//!
//! RBAC only adds up, so that an attacker who can act as several principals may do what each of them may, and a principal
//! that is held once is held for good: the search is a fixpoint over facts that never go away. Facts are found in the order
//! of how many others they follow from, and each keeps the first way in which it was found.

mod answering;
mod apply;
mod asking;
mod certified;
mod closure;
mod combine;
mod derivation;
mod fact;
mod holding;
mod meets;
mod needs;
mod objects;
mod params;
mod tokens;
mod written;

pub use closure::{Closure, Doubtful, Start};
pub use derivation::{Power, Rank};
pub(crate) use holding::Holding;
pub(crate) use written::resources_of;
