//! What intents compile to.

#[cfg(test)]
mod examples;
