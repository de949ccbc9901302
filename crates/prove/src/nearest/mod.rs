//! What is nearest to a way across where there is none (`--why-not`), and what stands in it.

mod api;
mod network;

pub(crate) use api::of_api;
pub(crate) use network::of_network;

/// How many ways are told of a channel.
const SHOWN: usize = 10;
