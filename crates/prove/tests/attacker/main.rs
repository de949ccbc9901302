//! The API channel against a second opinion: what RBAC decides, what an attacker comes to by playing, and whether every
//! derivation holds step by step.

#![expect(clippy::unwrap_used, reason = "a cluster without an answer is to be loud here")]
#![expect(
    clippy::disallowed_methods,
    reason = "`cargo xtask agree` says by the environment how many clusters to try"
)]

mod access;
mod cluster;
mod derivations;
mod moves;
#[path = "../../../channels/network/tests/support/plain.rs"]
mod plain;
mod reach;
