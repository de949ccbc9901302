//! Real Kubernetes control planes to test against: built once, started on loopback, and certain to end.
//!
//! The start and the stop of servers need no client; what tests talk to a control plane with is the feature `client`.

#![expect(
    clippy::disallowed_methods,
    reason = "the testbed starts processes, reads and writes files, and looks at the clock and the environment"
)]

mod binaries;
mod build;
#[cfg(feature = "client")]
mod client;
mod cluster;
mod kubeconfig;
mod modules;
mod nodes;
mod pki;
mod process;
mod resources;
mod run;
mod servers;
mod state;
mod talk;
mod testbed;
mod up;

pub use binaries::{Missing, can_test};
pub use build::build;
#[cfg(feature = "client")]
pub use client::{ControlPlane, Namespace, eventually};
pub use modules::{DEFAULT_KUBERNETES, kubernetes_minors};
pub use resources::{CustomResources, established};
pub use run::run;
pub use state::{ClusterState, State};
pub use testbed::{Options, Testbed};
pub use up::{EXAMPLES, ServerStatus, Up, down, load_examples, status, up};
