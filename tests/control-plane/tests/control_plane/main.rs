//! A real control plane is the judge: what it serves must read as what was given to it, and what kubectl understands
//! must mean the same to the reader.
#![expect(clippy::disallowed_methods, reason = "it reads the examples, and runs kubectl on files")]

#[cfg(test)]
mod access;
#[cfg(test)]
mod admission;
#[cfg(test)]
mod answer;
#[cfg(test)]
mod by_itself;
#[cfg(test)]
mod compiled;
#[cfg(test)]
mod compiled_admin_tier;
#[cfg(test)]
mod compiled_seats;
#[cfg(test)]
mod compiled_workloads;
#[cfg(test)]
mod guarded;
#[cfg(test)]
mod input;
#[cfg(test)]
mod pod_security;
#[cfg(test)]
mod quantities;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod rights;
#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod spellings;
#[cfg(test)]
mod validation;
