//! The rules of `docs/semantics.md`, one test each, named by the rule's number. Every answer is asked of the engine and
//! of the plain evaluator.

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod explained;
#[cfg(test)]
mod network_policies;
#[cfg(test)]
mod network_policy_tables;
#[cfg(test)]
mod networks;
#[cfg(test)]
mod outside_policies;
#[cfg(test)]
mod pairs;
#[cfg(test)]
mod paths;
#[cfg(test)]
#[path = "../support/plain.rs"]
mod plain;
#[cfg(test)]
mod profiles;
#[cfg(test)]
mod public;
#[cfg(test)]
mod services;
#[cfg(test)]
mod tiers;
#[cfg(test)]
mod to_come;
#[cfg(test)]
mod unseen;
#[cfg(test)]
mod world;
