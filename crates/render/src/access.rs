//! A question to the API channel as it was understood, for the forms of its answers.

use watertight_model::{Attributes, User};

/// A question to the API channel: what every form of its answer begins with.
#[derive(Debug, Clone, Copy)]
pub struct AccessQuestion<'a> {
    /// What is asked for.
    pub asked: &'a Attributes,
    /// Where.
    pub place: AskedIn,
    /// The version of the server whose own roles and resources are taken: `1.36`.
    pub kubernetes_version: &'a str,
    /// What is odd about the question: one lower-case sentence each.
    pub warnings: &'a [String],
}

/// Where something is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedIn {
    /// In one namespace, which the question names.
    Namespace,
    /// In all namespaces together.
    AllNamespaces,
    /// In some namespace, or everywhere.
    Anywhere,
    /// Outside the namespaces: resources that live in none, and paths.
    Cluster,
}

impl AskedIn {
    /// `namespace`, `allNamespaces`, `anywhere`, `cluster`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Namespace => "namespace",
            Self::AllNamespaces => "allNamespaces",
            Self::Anywhere => "anywhere",
            Self::Cluster => "cluster",
        }
    }
}

impl AccessQuestion<'_> {
    /// `get pods/log db in staging`, `list pods in all namespaces`, `get nodes`.
    pub(crate) fn text(&self) -> String {
        let behind = match self.place {
            // The attributes name it.
            AskedIn::Namespace | AskedIn::Cluster => "",
            AskedIn::AllNamespaces => " in all namespaces",
            AskedIn::Anywhere => " anywhere",
        };
        format!("{}{behind}", self.asked)
    }
}

/// `jane in the groups dev, system:authenticated`.
pub(crate) fn user_text(user: &User) -> String {
    let User { name, groups } = user;
    let name = if name.is_empty() { "somebody without a name" } else { name };
    match groups.as_slice() {
        [] => format!("{name} in no group"),
        [group] => format!("{name} in the group {group}"),
        groups => format!("{name} in the groups {}", groups.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_named_with_their_groups() {
        let text = |groups: &[&str]| {
            user_text(&User {
                name: "jane".to_owned(),
                groups: groups.iter().map(|&group| group.to_owned()).collect(),
            })
        };
        assert_eq!(text(&[]), "jane in no group");
        assert_eq!(text(&["dev"]), "jane in the group dev");
        assert_eq!(text(&["dev", "ops"]), "jane in the groups dev, ops");
    }
}
