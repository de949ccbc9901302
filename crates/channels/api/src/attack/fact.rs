//! A fact of the closure, and what it follows from.

use watertight_model::{Because, Fact};

/// Something that holds.
#[derive(Debug, Clone)]
pub(crate) struct Derived {
    pub(crate) fact: Fact,
    /// The rule by which it follows.
    pub(crate) rule: &'static str,
    /// The same in one lower-case sentence.
    pub(crate) text: String,
    /// The facts from which it follows, by their indices.
    pub(crate) uses: Vec<usize>,
    /// The objects on which it rests.
    pub(crate) because: Vec<Because>,
}
