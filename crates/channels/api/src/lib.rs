//! The API channel: who may do what through the API server, exactly as it decides by RBAC.

mod bootstrap;
mod data;
mod resources;

pub use bootstrap::{Bootstrap, bootstrap};
pub use data::SUPPORTED;
pub use resources::{Resource, Resources, Subresource};
