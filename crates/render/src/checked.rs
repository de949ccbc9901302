//! What the checker of certificates says, as both forms take it.

/// An assumption: its name, what it says, and the command that checks it.
pub type Assumed = (String, String, String);

/// An answer about a certificate. Of a rejected one nothing else counts.
#[derive(Debug, Clone, Copy)]
pub struct Checked<'a> {
    /// Where it is wrong, and why.
    pub rejection: Option<(&'a str, &'a str)>,
    /// The environment that is taken as hostile, and its namespaces.
    pub from: (&'a str, &'a [String]),
    /// The environment that is kept, and its namespaces.
    pub to: (&'a str, &'a [String]),
    /// The channels on which it is.
    pub channels: &'a [String],
    /// How the network was read.
    pub profile: &'a str,
    /// How many facts there are.
    pub facts: usize,
    /// What it rests on.
    pub assumptions: &'a [Assumed],
}

impl<'a> Checked<'a> {
    /// A certificate that is rejected.
    #[must_use]
    pub fn rejected(place: &'a str, reason: &'a str) -> Self {
        Self {
            rejection: Some((place, reason)),
            from: ("", &[]),
            to: ("", &[]),
            channels: &[],
            profile: "",
            facts: 0,
            assumptions: &[],
        }
    }
}
