//! Intents as people write them.

#[cfg(test)]
mod arbitrary;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod objects;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod support;
