//! Where everything stands: groups in columns, boxes below one another, and between the columns room for arrows.
//!
//! The page has rows of [`ROW`]. An arrow meets the side of a box or of a group in a row of its own, on the left in the
//! upper part of the row and on the right in the lower one, so that no two lines between two columns lie on each other
//! and every label has its place above its own line.

use super::legend::{footing, heading};
use super::routes::{Ends, Route, Routes};
use super::{Arrow, Picture, Says, Setting, Tree};
use std::collections::BTreeMap;
use unicode_width::UnicodeWidthStr as _;

/// The height of a row.
pub(crate) const ROW: i32 = 16;
/// From a box to the group around it.
const PADDING: i32 = 12;
/// Around the page.
pub(crate) const MARGIN: i32 = 16;
/// The most columns of text that a line has before it is cut.
const LINE_MAX: usize = 46;
/// The same of what an arrow says.
const SAYS_MAX: usize = 30;
/// A rectangle; its right and bottom edges are not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rect {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) width: i32,
    pub(crate) height: i32,
}

/// A box or a group on the page.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// Which.
    pub(crate) node: usize,
    /// Where.
    pub(crate) rect: Rect,
}

/// What a label is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// The title of the page.
    Heading,
    /// What the page is to be read by.
    Legend,
    /// The same about red arrows.
    LegendRed,
    /// The title of a group.
    Title,
    /// A name in a box.
    Name,
    /// What passes among those in a group or box.
    Note,
    /// The ports of an arrow.
    Ports,
    /// Those of a red one.
    PortsRed,
}

/// A line of text on the page.
#[derive(Debug, Clone)]
pub(crate) struct Label {
    /// The room that it takes.
    pub(crate) rect: Rect,
    /// The text, cut to its room.
    pub(crate) text: String,
    /// The whole text.
    pub(crate) full: String,
    /// What it is.
    pub(crate) tone: Tone,
}

/// A picture with places.
pub(crate) struct Layout {
    /// The size of the page.
    pub(crate) width: i32,
    pub(crate) height: i32,
    /// The groups and boxes, each before those in it.
    pub(crate) frames: Vec<Frame>,
    /// The arrows, in the order of the picture.
    pub(crate) routes: Vec<Route>,
    /// All text.
    pub(crate) labels: Vec<Label>,
}

impl Tone {
    /// The size of the letters.
    pub(crate) fn size(self) -> i32 {
        match self {
            Self::Heading => 14,
            Self::Title => 12,
            _ => 11,
        }
    }
}

impl Label {
    /// A label with its upper left corner at a place.
    pub(crate) fn at(x: i32, y: i32, text: &str, longest: usize, tone: Tone) -> Self {
        let cut = cut(text, longest);
        let rect = Rect { x, y, width: width(&cut, tone), height: tone.size() + 2 };
        Self { rect, text: cut, full: text.to_owned(), tone }
    }
}

impl Layout {
    /// The places of a picture.
    pub(crate) fn of(picture: &Picture, setting: Setting<'_>) -> Self {
        let tree = &picture.tree;
        let columns = columns(tree, setting);
        let column_of = column_of(tree, &columns);
        let red = |arrow: &Arrow| picture.is_red(arrow, setting);
        let ends = Ends::of(&picture.arrows, &column_of, columns.len());
        let heads = Heads::of(picture, &ends);
        let any_red = picture.arrows.iter().any(red);
        let mut labels = heading(picture, setting, any_red);
        let above = labels.iter().map(|label| label.rect.y + label.rect.height).max().unwrap_or(0);
        let top = rows(above + ROW + ends.corridors() * Ends::LANE) * ROW;

        // Rows do not depend on where columns are, but the room between columns on the rows of arrows.
        let mut frames: Vec<Frame> = Vec::new();
        let mut widths = Vec::new();
        for roots in &columns {
            let width = roots.iter().map(|&root| heads.width(tree, root)).max().unwrap_or(0);
            let mut y = top;
            for &root in roots {
                y += heads.place(tree, root, Rect { x: 0, y, width, height: 0 }, &mut frames) + ROW;
            }
            widths.push(width);
        }
        let rows_of: BTreeMap<usize, (i32, i32)> =
            frames.iter().map(|frame| (frame.node, (frame.rect.y, heads.rows(frame.node)))).collect();
        let label_widths: Vec<i32> = picture.arrows.iter().map(|arrow| says_width(&arrow.says)).collect();
        let routes = Routes::of(&picture.arrows, ends, &rows_of, &label_widths, above + ROW / 2);

        // Now the columns have their places.
        let mut x = MARGIN;
        let mut lefts = Vec::new();
        for (column, width) in widths.iter().enumerate() {
            x += routes.room(column);
            lefts.push(x);
            x += width;
        }
        x += routes.room(widths.len());
        for frame in &mut frames {
            frame.rect.x += lefts.get(column_of.get(frame.node).copied().unwrap_or(0)).copied().unwrap_or(0);
        }
        for frame in &frames {
            heads.labels(tree, frame, &mut labels);
        }
        let edges: BTreeMap<usize, (i32, i32)> = frames
            .iter()
            .map(|frame| (frame.node, (frame.rect.x, frame.rect.x + frame.rect.width)))
            .collect();
        let columns: Vec<(i32, i32)> =
            lefts.iter().zip(&widths).map(|(&left, &width)| (left, left + width)).collect();
        let placed = routes.placed(&picture.arrows, &edges, &columns);
        for (arrow, route) in picture.arrows.iter().zip(&placed) {
            let tone = if red(arrow) { Tone::PortsRed } else { Tone::Ports };
            let (x, y) = route.label;
            labels.push(Label::at(x, y - tone.size() - 3, &arrow.says.to_string(), SAYS_MAX, tone));
        }
        let bottom = frames.iter().map(|frame| frame.rect.y + frame.rect.height).max().unwrap_or(above);
        labels.extend(footing(picture, bottom + ROW));
        let right = labels.iter().map(|label| label.rect.x + label.rect.width).max().unwrap_or(0);
        let bottom = labels.iter().map(|label| label.rect.y + label.rect.height).fold(bottom, i32::max);
        Self { width: x.max(right) + MARGIN, height: bottom + MARGIN, frames, routes: placed, labels }
    }
}

/// The roots by column: two environments stand on either side of all else.
fn columns(tree: &Tree, setting: Setting<'_>) -> Vec<Vec<usize>> {
    let of = |wanted: Option<usize>| {
        let roots = tree.roots.iter().copied();
        roots
            .filter(move |&root| tree.nodes.get(root).is_some_and(|node| node.environment == wanted))
            .collect::<Vec<_>>()
    };
    let columns = match setting.environments.len() {
        0 => balanced(tree, &of(None)),
        1 => vec![of(Some(0)), of(None)],
        _ => vec![of(Some(0)), of(None), of(Some(1))],
    };
    columns.into_iter().filter(|column| !column.is_empty()).collect()
}

/// The roots, in their order, in up to three columns of about the same number of boxes.
fn balanced(tree: &Tree, roots: &[usize]) -> Vec<Vec<usize>> {
    let total: usize = roots.iter().map(|&root| tree.leaves(root).len() + 1).sum();
    let share = total.div_ceil(3).max(1);
    let mut columns: Vec<(usize, Vec<usize>)> = Vec::new();
    for &root in roots {
        let size = tree.leaves(root).len() + 1;
        match columns.last_mut().filter(|(taken, _)| *taken + size / 2 <= share) {
            Some((taken, column)) => {
                *taken += size;
                column.push(root);
            }
            None => columns.push((size, vec![root])),
        }
    }
    columns.into_iter().map(|(_, column)| column).collect()
}

fn column_of(tree: &Tree, columns: &[Vec<usize>]) -> Vec<usize> {
    let mut of = vec![0; tree.nodes.len()];
    let mut todo: Vec<(usize, usize)> = columns
        .iter()
        .enumerate()
        .flat_map(|(column, roots)| roots.iter().map(move |&root| (root, column)))
        .collect();
    while let Some((node, column)) = todo.pop() {
        if let Some(of) = of.get_mut(node) {
            *of = column;
        }
        todo.extend(
            tree.nodes.get(node).into_iter().flat_map(|node| &node.children).map(|&child| (child, column)),
        );
    }
    of
}

/// What stands at the top of each group and in each box, and how many rows that takes.
struct Heads {
    lines: Vec<Vec<(Tone, String)>>,
    rows: Vec<i32>,
}

impl Heads {
    fn of(picture: &Picture, ends: &Ends) -> Self {
        let nodes = &picture.tree.nodes;
        let lines: Vec<Vec<(Tone, String)>> = nodes
            .iter()
            .enumerate()
            .map(|(index, node)| {
                let title = Some((Tone::Title, node.title.clone())).filter(|_| node.of.is_none());
                let names = node.lines.iter().map(|line| (Tone::Name, line.clone()));
                let notes = picture.notes.iter().filter(|note| note.within(&picture.tree) == index);
                let notes = notes.map(|note| (Tone::Note, note.text(&picture.tree)));
                title.into_iter().chain(names).chain(notes).collect()
            })
            .collect();
        let height =
            |lines: &Vec<_>| i32::try_from(lines.len()).unwrap_or(i32::MAX / ROW - 1) * ROW + ROW / 2;
        let heads = lines.iter().enumerate().map(|(node, lines)| rows(height(lines)).max(ends.most(node)));
        Self { rows: heads.collect(), lines }
    }

    fn rows(&self, node: usize) -> i32 {
        self.rows.get(node).copied().unwrap_or(0)
    }

    /// How wide a node has to be.
    fn width(&self, tree: &Tree, node: usize) -> i32 {
        let lines = self.lines.get(node).into_iter().flatten();
        let own = lines.map(|(tone, line)| width(&cut(line, LINE_MAX), *tone)).max().unwrap_or(0);
        let children = tree.nodes.get(node).into_iter().flat_map(|node| &node.children);
        let inner = children.map(|&child| self.width(tree, child)).max().unwrap_or(0);
        own.max(inner) + 2 * PADDING
    }

    /// Places a node and those in it, and gives its height.
    fn place(&self, tree: &Tree, node: usize, rect: Rect, frames: &mut Vec<Frame>) -> i32 {
        let index = frames.len();
        frames.push(Frame { node, rect });
        let mut height = self.rows(node) * ROW;
        for &child in tree.nodes.get(node).into_iter().flat_map(|node| &node.children) {
            let inner =
                Rect { x: rect.x + PADDING, y: rect.y + height, width: rect.width - 2 * PADDING, height: 0 };
            height += self.place(tree, child, inner, frames) + ROW;
        }
        if let Some(frame) = frames.get_mut(index) {
            frame.rect.height = height;
        }
        height
    }

    fn labels(&self, tree: &Tree, frame: &Frame, labels: &mut Vec<Label>) {
        let lines = self.lines.get(frame.node).into_iter().flatten();
        let is_box = tree.nodes.get(frame.node).is_some_and(|node| node.of.is_some());
        let count = i32::try_from(self.lines.get(frame.node).map_or(0, Vec::len)).unwrap_or(0);
        // Text stands in the middle of a box, and at the top of a group.
        let spare = if is_box { frame.rect.height - count * ROW } else { ROW / 2 };
        let mut y = frame.rect.y + spare / 2 + 1;
        for (tone, line) in lines {
            labels.push(Label::at(frame.rect.x + PADDING, y, line, LINE_MAX, *tone));
            y += ROW;
        }
    }
}

/// How many rows a height takes.
fn rows(height: i32) -> i32 {
    (height + ROW - 1) / ROW
}

fn says_width(says: &Says) -> i32 {
    width(&cut(&says.to_string(), SAYS_MAX), Tone::Ports)
}

/// How wide a text is: in a font of one width a letter is at most 0.61 of its size wide.
fn width(text: &str, tone: Tone) -> i32 {
    let columns = i32::try_from(text.width()).unwrap_or(i32::MAX / 100);
    (columns * tone.size() * 61 + 99) / 100
}

/// The text, cut to so many columns.
fn cut(text: &str, longest: usize) -> String {
    if text.width() <= longest {
        return text.to_owned();
    }
    let mut cut = String::new();
    for character in text.chars() {
        cut.push(character);
        if cut.width() >= longest {
            cut.pop();
            break;
        }
    }
    cut.push('…');
    cut
}
