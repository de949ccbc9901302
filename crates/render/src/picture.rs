//! A map as a picture: peers as boxes in groups, what passes between them as few arrows as possible, all of it with
//! places on a page. [`crate::map_svg`] writes it down.

mod arrows;
mod boxes;
mod layout;
mod routes;
mod tree;

#[cfg(test)]
mod tests;

pub(crate) use arrows::{Arrow, Note};
pub(crate) use boxes::Level;
pub(crate) use layout::{Frame, Label, Layout, Rect, Tone, is_red};
pub(crate) use tree::Tree;

use boxes::Boxes;
use watertight_model::{ConnectivityMap, EnvironmentReport};

/// How many boxes a picture has at most, before it shows less.
const BOXES_MAX: usize = 60;
/// How many arrows a picture has at most, before it shows less.
const ARROWS_MAX: usize = 120;

/// What a picture knows beside the map: the environments, and which two a boundary lies between.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'a> {
    /// The environments with their namespaces: at most two.
    pub environments: &'a [EnvironmentReport],
    /// From which environment to which a connection is red.
    pub boundary: Option<(&'a str, &'a str)>,
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
}

impl Picture {
    /// That of a map: with a box for peers that no connection tells apart; if those are too many, for a namespace; if
    /// those are too many, for a side.
    pub(crate) fn of(map: &ConnectivityMap, sides: Sides<'_>) -> Self {
        let at = |level| {
            let boxes = Boxes::of(map, sides, level);
            let tree = Tree::of(&boxes, sides);
            let (arrows, notes) = if boxes.boxes.len() > BOXES_MAX {
                Default::default()
            } else {
                arrows::bundled(&tree, &boxes)
            };
            (boxes.boxes.len(), Self { tree, arrows, notes, level })
        };
        for level in [Level::Peers, Level::Namespaces] {
            let (count, picture) = at(level);
            if count <= BOXES_MAX && picture.arrows.len() <= ARROWS_MAX {
                return picture;
            }
        }
        at(Level::Sides).1
    }
}
