//! A map as a picture: peers as boxes in groups, what passes between them as few arrows as possible, all of it with
//! places on a page. [`crate::map_svg`] writes it down.

mod arrows;
mod boxes;
mod layout;
mod legend;
mod peers;
mod routes;
mod tree;
mod ways;

#[cfg(test)]
mod tests;

pub(crate) use arrows::{Arrow, Note};
pub(crate) use boxes::Level;
pub(crate) use layout::{Frame, Label, Layout, Rect, Tone};
pub(crate) use tree::Tree;
pub(crate) use ways::{Says, Way};

use boxes::Boxes;
use peers::Peers;
use watertight_model::{ConnectivityMap, EnvironmentReport, Relation};

/// How many boxes a picture has at most, before it shows less.
const BOXES_MAX: usize = 60;
/// How many arrows a picture has at most, before it shows less.
const ARROWS_MAX: usize = 120;

/// What a picture knows beside the map.
#[derive(Debug, Clone, Copy, Default)]
pub struct Setting<'a> {
    /// The environments with their namespaces: at most two.
    pub environments: &'a [EnvironmentReport],
    /// From which environment to which a connection is red.
    pub boundary: Option<(&'a str, &'a str)>,
    /// What the map was narrowed to, if it was: it has no connection that does not touch this.
    pub focus: Option<&'a str>,
    /// How many blind spots the input has: the map may lack connections, or show too many.
    pub blind_spots: usize,
}

/// A picture before it has places.
pub(crate) struct Picture {
    /// The groups and the boxes in them.
    pub(crate) tree: Tree,
    /// What passes between two of them.
    pub(crate) arrows: Vec<Arrow>,
    /// What passes among those of one.
    pub(crate) notes: Vec<Note>,
    /// What a box stands for.
    pub(crate) level: Level,
    /// How many peers there are.
    pub(crate) peers: usize,
    /// Which relation the map is.
    pub(crate) relation: Relation,
    /// The ways on which objects carry connections on, as arrows and notes number them.
    pub(crate) ways: Vec<Way>,
}

impl Picture {
    /// That of a map: with a box for peers that no connection tells apart; if those are too many, for a namespace; if
    /// those are too many, for a side.
    pub(crate) fn of(map: &ConnectivityMap, setting: Setting<'_>) -> Self {
        let peers = Peers::of(map);
        let at = |level| {
            let boxes = Boxes::of(&peers, setting, level);
            let tree = Tree::of(&boxes, setting);
            let (arrows, notes) = if boxes.boxes.len() > BOXES_MAX {
                Default::default()
            } else {
                arrows::bundled(&tree, &boxes)
            };
            let (ways, peers) = (peers.ways.clone(), peers.all.len());
            let picture = Self { tree, arrows, notes, level, peers, relation: map.relation, ways };
            (boxes.boxes.len(), picture)
        };
        for level in [Level::Peers, Level::Namespaces] {
            let (count, picture) = at(level);
            if count <= BOXES_MAX && picture.arrows.len() <= ARROWS_MAX {
                return picture;
            }
        }
        at(Level::Sides).1
    }

    /// Whether an arrow crosses the boundary in the direction that is not to be. What everybody may take anyway does not.
    pub(crate) fn is_red(&self, arrow: &Arrow, setting: Setting<'_>) -> bool {
        let name = |node: usize| {
            let environment = self.tree.nodes.get(node).and_then(|node| node.environment)?;
            Some(setting.environments.get(environment)?.name.as_str())
        };
        let crosses = setting
            .boundary
            .is_some_and(|(from, to)| name(arrow.from) == Some(from) && name(arrow.to) == Some(to));
        crosses
            && match &arrow.says {
                Says::Open(_) => true,
                Says::Carried(ways) => {
                    let mut ways = ways.0.iter().filter_map(|&way| self.ways.get(way));
                    ways.any(|way| !way.is_published(setting))
                }
            }
    }
}
