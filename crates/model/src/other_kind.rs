//! Kinds of which no channel knows what their objects do.

use crate::Channel;

/// A kind, or all those of a group, whose objects would be a blind spot (convention 5): the input shows that the cluster has it, or
/// a role names it. Whoever may create such objects may open what nobody sees.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OtherKind {
    /// The API group; `*` where a role names a resource in any.
    pub group: String,
    /// The resource, as it stands in the rules of roles; `*` for all of the group.
    pub resource: String,
    /// The kind, by which it can be accepted; the resource if the kind is not known, and `*.GROUP` for all of a group.
    pub kind: String,
    /// Why its objects matter; `None` if nothing is known of them.
    pub how: Option<&'static str>,
    /// From which channels its objects would hide something.
    pub hides: &'static [Channel],
    /// Whether the input shows that the cluster has it. Else a role names it, and only what names it counts.
    pub is_installed: bool,
}
