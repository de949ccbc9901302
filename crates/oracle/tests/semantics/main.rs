//! Hand-written truths about each rule of the semantics, so that the oracle itself is shown right.

#[cfg(test)]
mod addresses;
#[cfg(test)]
mod ask;
#[cfg(test)]
mod hosts;
#[cfg(test)]
mod network_policy_tables;
#[cfg(test)]
mod ports;
#[cfg(test)]
mod selection;
#[cfg(test)]
mod tier_laws;
#[cfg(test)]
mod tiers;
