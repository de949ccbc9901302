//! A second opinion: network-config-analyzer, another project's analyser of NetworkPolicies, must say of the same YAML
//! what the network channel says under the profile `declared`, but for the differences that `DIFFERENCES.md` lists.
#![expect(
    clippy::disallowed_methods,
    reason = "it runs another program on files, and the environment says where"
)]

#[cfg(test)]
mod analyser;
#[cfg(test)]
mod answer;
#[cfg(test)]
mod compare;
#[cfg(test)]
mod differences;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod listed;
#[cfg(test)]
mod ours;
#[cfg(test)]
mod random;
#[cfg(test)]
mod real;
#[cfg(test)]
mod spellings;
