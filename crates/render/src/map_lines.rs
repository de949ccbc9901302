//! The lines of a map: what peers can open themselves, and what objects carry on for them.

use watertight_base::ConnectionSet;
use watertight_model::{ConnectivityMap, ObjectRef, Peer};

/// One line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Line<'m> {
    /// Who opens.
    pub(crate) from: &'m Peer,
    /// Who accepts, or where it leads.
    pub(crate) to: &'m Peer,
    /// The object that carries it on, if one does.
    pub(crate) via: Option<&'m ObjectRef>,
    /// The ports, those at which it begins where an object carries it on.
    pub(crate) allow: &'m ConnectionSet,
}

impl Line<'_> {
    /// The ports, and the object: `TCP 30432 via Service production/db`.
    pub(crate) fn text(&self) -> String {
        match self.via {
            None => self.allow.to_string(),
            Some(object) => format!("{} via {object}", self.allow),
        }
    }
}

/// All lines of a map, sorted.
pub(crate) fn lines(map: &ConnectivityMap) -> Vec<Line<'_>> {
    let edges =
        map.edges.iter().map(|edge| Line { from: &edge.from, to: &edge.to, via: None, allow: &edge.allow });
    let paths = map.paths.iter().map(|path| Line {
        from: &path.from,
        to: &path.to,
        via: Some(&path.via),
        allow: &path.allow,
    });
    let mut lines: Vec<Line<'_>> = edges.chain(paths).collect();
    lines.sort();
    lines
}
