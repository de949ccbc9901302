//! The whole program, run as people run it.

mod common;
mod input;
mod prove;
mod usage;
