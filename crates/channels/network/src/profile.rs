//! CNI profiles as data: how each point that the specification leaves open is read.

/// A reading of the points that the specification leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// Its name on the command line.
    pub name: &'static str,
    /// One line for `--help`.
    pub summary: &'static str,
}

impl Profile {
    /// Every implementation-defined point permissive, within the conventions.
    pub const CONSERVATIVE: Self = Self {
        name: "conservative",
        summary: "every point that implementations differ on, read permissively",
    };
    /// Nothing enforces policies.
    pub const NONE: Self = Self { name: "none", summary: "nothing enforces NetworkPolicy" };
    /// What the policies say, read alone.
    pub const DECLARED: Self = Self { name: "declared", summary: "what the policies say, read alone" };

    /// All profiles, the default first.
    pub const ALL: [Self; 3] = [Self::CONSERVATIVE, Self::NONE, Self::DECLARED];

    /// The profile of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name == name)
    }
}
