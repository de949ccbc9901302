//! The whole program, run as people run it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod browser;
mod common;
mod formats;
mod input;
mod needs;
mod pictures;
mod profiles;
mod prove;
mod readme;
mod usage;
mod volume;
