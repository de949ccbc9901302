//! The API channel: who may do what through the API server, exactly as it decides by RBAC.
//!
//! What the server decides by is in three plain steps: which rules a role has ([`aggregation`]), which bindings grant it
//! to somebody ([`Access`]), and whether a rule is about a request ([`matching`]). Everything else asks those.
//!
//! Other authorizers than RBAC (webhooks, that of the nodes) can only allow more; where it is known that one has a say,
//! the answer is `unknown` instead of `no`.

mod access;
mod aggregation;
mod attack;
mod credentials;
mod findings;
mod grant;
mod list;
mod matching;
mod near;
mod restored;
mod sharing;
mod user;
mod who_can;

pub use access::Access;
pub use attack::{Closure, Doubtful, Power, Rank, Start};
pub use credentials::{Bearer, Credentials, TOKEN, bearers, credential_words};
pub use sharing::{
    Proxies, Sides, kept_away, mended_ingress_nginx, perhaps_shared, shared, unversioned_controllers,
    written_ingresses,
};
pub use user::{acting_as, service_account};
pub use watertight_kubernetes::{Bootstrap, Resource, Resources, SUPPORTED, Subresource, bootstrap};
pub use who_can::Scope;
