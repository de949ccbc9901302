//! Laws of the map, on generated clusters: what a change of the policies can do to it, and what it never can.
//!
//! No evaluator stands beside the engine here. A law says how two answers of the engine lie to each other, so that it
//! holds whatever the evaluator believes. `WATERTIGHT_CLUSTERS` sets how many clusters are tried.

#[cfg(test)]
mod law;
#[cfg(test)]
mod network_policies;
#[cfg(test)]
mod tiers;
