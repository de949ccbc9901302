//! What both sides share, as the checker says it, against the engine: one finds a reason where the other does.

#![expect(clippy::disallowed_methods, reason = "the manifests are files, and a test fails without them")]

#[cfg(test)]
mod clusters;
#[cfg(test)]
mod compare;
#[cfg(test)]
#[path = "../../../prove/tests/two_environments/install.rs"]
mod install;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod stacks;
