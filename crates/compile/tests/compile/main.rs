//! What intents compile to.

#[cfg(test)]
mod examples;
#[cfg(test)]
mod guards;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod support;
#[cfg(test)]
mod workloads;
