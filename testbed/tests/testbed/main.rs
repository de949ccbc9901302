//! Holds the testbed to what it promises to the tests that use it.

mod resources;
mod servers;
mod workloads;
