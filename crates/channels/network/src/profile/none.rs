//! The profile `none`: no enforcer.

use super::Profile;

impl Profile {
    /// Nothing enforces policies.
    pub const NONE: Self = Self {
        name: "none",
        title: "a cluster without an enforcer",
        summary: "nothing enforces NetworkPolicy",
        enforces: false,
        ..Self::OPEN
    };
}
