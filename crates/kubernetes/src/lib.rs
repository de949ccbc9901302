//! What is known of Kubernetes, as data: the roles, bindings and resources that API servers have by themselves, and what
//! rights on the API yield.
//!
//! Nothing is decided here. What decides by it stands on it twice, each for itself: the API channel, and the checker of
//! certificates. Both take it as true.

mod bootstrap;
pub mod catalogue;
mod data;
mod not_objects;
mod primitive;
mod resources;

pub use bootstrap::{Bootstrap, bootstrap};
pub use data::SUPPORTED;
pub use not_objects::{
    IN_NO_NAMESPACE, NOT_OBJECTS, OF_METRICS, OF_REVIEWS, PARTS_THAT_READ, PARTS_THAT_TELL,
};
pub use primitive::{
    AGGREGATED, ALTER, ActsAs, BOUND, CHANGE, CONNECT, CREATE, DANGLING, DELETE, EDIT, EVER, Need, Of, Place,
    Primitive, READ, WRITE,
};
pub use resources::{Resource, Resources, Subresource};
