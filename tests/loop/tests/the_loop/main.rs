//! The loop: what an intent compiles to, read again as a cluster, is proved isolated; and where a part of it is taken away, it
//! is not. The compiler and the proof see nothing of each other but here.
#![expect(clippy::disallowed_methods, reason = "a longer run is asked for by the environment")]

#[cfg(test)]
mod attacker;
#[cfg(test)]
mod certificates;
#[cfg(test)]
mod cluster;
#[cfg(test)]
mod exceptions;
#[cfg(test)]
mod fleet;
#[cfg(test)]
mod generate;
#[cfg(test)]
mod mutations;
#[cfg(test)]
mod needs;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod shared;
#[cfg(test)]
mod surroundings;
#[cfg(test)]
mod unread;
#[cfg(test)]
mod walls;
