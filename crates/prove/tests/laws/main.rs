//! Laws of the verdict, on generated clusters: what a change can do to it, and what it never can.
//!
//! No evaluator stands beside the engine here. A law says how two answers of the engine lie to each other, so that it
//! holds whatever the evaluator believes. `WATERTIGHT_CLUSTERS` sets how many clusters are tried.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a longer run is asked for by the environment, and a test fails where a cluster cannot be asked about"
)]

mod cluster;
mod doubts;
mod edits;
mod naming;
mod needs;
mod objects;
mod order;
mod policies;
