//! The API channel against a second opinion: what RBAC decides, what an attacker comes to by playing, and whether every
//! derivation holds step by step.

#![expect(clippy::unwrap_used, reason = "a cluster without an answer is to be loud here")]

mod access;
mod cluster;
