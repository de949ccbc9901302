//! The API channel on roles and bindings as people write them.

#[cfg(test)]
mod attack;
#[cfg(test)]
mod cluster;
#[cfg(test)]
mod decisions;
#[cfg(test)]
mod holders;
