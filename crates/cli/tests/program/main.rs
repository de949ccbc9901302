//! The whole program, run as people run it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod accepted;
mod action;
mod browser;
mod can;
mod can_batch;
mod certificate;
mod common;
mod compile;
mod compile_sources;
mod completions;
mod fix;
mod fleet;
mod formats;
mod image;
mod import;
mod init;
mod init_overlays;
mod input;
mod krew;
mod kubectl;
mod man;
mod needs;
mod pictures;
mod pre_commit;
mod profiles;
mod promised;
mod prove;
mod pseudo_terminal;
mod readme;
mod routes;
#[cfg(unix)]
mod screen;
mod secrets;
mod team;
mod usage;
mod volume;
mod who_can;
