//! The ways of arrows: out of a side in a row of its own, along a track between two columns, and into a side. Between
//! columns that are no neighbours an arrow passes above all boxes.

use super::Arrow;
use super::layout::ROW;
use std::collections::BTreeMap;

/// Between two tracks.
const TRACK: i32 = 8;
/// Between a column and a label, where the arrow has its head.
const HEAD: i32 = 12;

/// A side of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Left,
    Right,
}

/// One end of an arrow.
#[derive(Debug, Clone, Copy)]
struct End {
    node: usize,
    side: Side,
    /// The gutter that it leads into; the first is left of the first column.
    gutter: usize,
}

/// Both ends of each arrow.
pub(crate) struct Ends {
    ends: Vec<[End; 2]>,
    most: BTreeMap<(usize, Side), i32>,
}

impl Ends {
    /// Between two arrows that pass above the boxes.
    pub(crate) const LANE: i32 = 8;

    /// Which side each arrow leaves and meets.
    pub(crate) fn of(arrows: &[Arrow], column_of: &[usize], columns: usize) -> Self {
        let column = |node: usize| column_of.get(node).copied().unwrap_or(0);
        let ends: Vec<[End; 2]> = arrows
            .iter()
            .map(|arrow| {
                let (from, to) = (column(arrow.from), column(arrow.to));
                let setting = match from.cmp(&to) {
                    std::cmp::Ordering::Less => [Side::Right, Side::Left],
                    std::cmp::Ordering::Greater => [Side::Left, Side::Right],
                    // Within a column the way is on its outer side.
                    std::cmp::Ordering::Equal if from == 0 && columns > 1 => [Side::Left; 2],
                    std::cmp::Ordering::Equal => [Side::Right; 2],
                };
                let end = |node: usize, side: Side| End {
                    node,
                    side,
                    gutter: column(node) + usize::from(side == Side::Right),
                };
                [end(arrow.from, setting[0]), end(arrow.to, setting[1])]
            })
            .collect();
        let mut most: BTreeMap<(usize, Side), i32> = BTreeMap::new();
        for end in ends.iter().flatten() {
            *most.entry((end.node, end.side)).or_default() += 1;
        }
        Self { ends, most }
    }

    /// How many arrows a side of a node has at most.
    pub(crate) fn most(&self, node: usize) -> i32 {
        let of = |side| self.most.get(&(node, side)).copied().unwrap_or(0);
        of(Side::Left).max(of(Side::Right))
    }

    /// How many arrows pass above the boxes.
    pub(crate) fn corridors(&self) -> i32 {
        i32::try_from(self.ends.iter().filter(|[from, to]| from.gutter != to.gutter).count()).unwrap_or(0)
    }
}

/// A piece of an arrow that runs up or down in a gutter.
#[derive(Debug, Clone)]
struct Piece {
    arrow: usize,
    low: i32,
    high: i32,
    /// The heights at which it goes on to the left and to the right.
    left: Vec<i32>,
    right: Vec<i32>,
    track: i32,
}

/// The ways of all arrows, as far as they do not depend on where the columns are.
pub(crate) struct Routes {
    ends: Vec<[End; 2]>,
    /// The heights of both ends.
    heights: Vec<[i32; 2]>,
    /// The height at which an arrow passes above the boxes.
    lanes: Vec<Option<i32>>,
    gutters: Vec<Gutter>,
}

/// The room between two columns, or beside one.
#[derive(Debug, Default)]
struct Gutter {
    /// Room for labels at its left and right.
    left: i32,
    right: i32,
    tracks: i32,
    pieces: Vec<Piece>,
}

/// Where an end of an arrow leads, the arrow, and which end of it that is.
type Leading = (i32, usize, usize);

/// The way of one arrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    /// Its corners.
    pub(crate) points: Vec<(i32, i32)>,
    /// Where its label stands: the left end, and the height of its line.
    pub(crate) label: (i32, i32),
}

impl Routes {
    /// The ways of arrows between nodes whose heads begin at some height and have some rows. `lanes` is the height of the
    /// first lane above the boxes.
    pub(crate) fn of(
        arrows: &[Arrow],
        ends: Ends,
        rows: &BTreeMap<usize, (i32, i32)>,
        label_widths: &[i32],
        lanes: i32,
    ) -> Self {
        let Ends { ends, most } = ends;
        let middle = |node: usize| rows.get(&node).map_or(0, |&(y, rows)| y + rows * ROW / 2);
        // What leads up leaves above what leads down, so that the two do not cross.
        let mut at_side: BTreeMap<(usize, Side), Vec<Leading>> = BTreeMap::new();
        for (arrow, [from, to]) in ends.iter().enumerate() {
            let above = from.gutter != to.gutter;
            for (which, (own, other)) in [(from, to), (to, from)].into_iter().enumerate() {
                let towards = if above { i32::MIN } else { middle(other.node) };
                at_side.entry((own.node, own.side)).or_default().push((towards, arrow, which));
            }
        }
        let mut heights = vec![[0; 2]; arrows.len()];
        for (&(node, side), leading) in &mut at_side {
            leading.sort_unstable();
            let (y, rows) = rows.get(&node).copied().unwrap_or_default();
            let spare = (rows - most.get(&(node, side)).copied().unwrap_or(0)).max(0) / 2;
            let part = if side == Side::Left { ROW / 4 } else { ROW * 3 / 4 };
            for (&(_, arrow, which), row) in leading.iter().zip(spare..) {
                if let Some(height) = heights.get_mut(arrow).and_then(|ends| ends.get_mut(which)) {
                    *height = y + row * ROW + part;
                }
            }
        }
        let mut lane = lanes;
        let lanes: Vec<Option<i32>> = ends
            .iter()
            .map(|[from, to]| {
                (from.gutter != to.gutter).then(|| {
                    lane += Ends::LANE;
                    lane - Ends::LANE
                })
            })
            .collect();
        let mut routes = Self { gutters: Vec::new(), ends, heights, lanes };
        routes.fill(label_widths);
        routes
    }

    /// Puts the pieces of all arrows on tracks.
    fn fill(&mut self, label_widths: &[i32]) {
        let count = self.ends.iter().flatten().map(|end| end.gutter + 1).max().unwrap_or(0);
        self.gutters.resize_with(count, Gutter::default);
        for (arrow, (ends, heights)) in self.ends.iter().zip(&self.heights).enumerate() {
            let lane = self.lanes.get(arrow).copied().flatten();
            let label = label_widths.get(arrow).copied().unwrap_or(0);
            for (which, (end, &height)) in ends.iter().zip(heights).enumerate() {
                let Some(gutter) = self.gutters.get_mut(end.gutter) else { continue };
                // The side of a column that faces the gutter from the left is a right side.
                let room = if end.side == Side::Right { &mut gutter.left } else { &mut gutter.right };
                *room = (*room).max(HEAD + if which == 1 { label + HEAD / 2 } else { 0 });
                let piece =
                    Piece { arrow, low: height, high: height, left: Vec::new(), right: Vec::new(), track: 0 };
                let mut piece = match gutter.pieces.pop_if(|piece| piece.arrow == arrow) {
                    Some(piece) => {
                        Piece { low: piece.low.min(height), high: piece.high.max(height), ..piece }
                    }
                    None => piece,
                };
                let (towards, away) = match end.side {
                    Side::Right => (&mut piece.left, &mut piece.right),
                    Side::Left => (&mut piece.right, &mut piece.left),
                };
                towards.push(height);
                if let Some(lane) = lane {
                    away.push(lane);
                    piece.low = piece.low.min(lane);
                }
                gutter.pieces.push(piece);
            }
        }
        self.gutters.iter_mut().for_each(Gutter::assign);
    }

    /// How wide the gutter is; the last is right of the last column.
    pub(crate) fn room(&self, gutter: usize) -> i32 {
        self.gutters
            .get(gutter)
            .map_or(0, |gutter| match gutter.pieces.is_empty() {
                true => 0,
                false => gutter.left + gutter.right + (gutter.tracks + 1) * TRACK,
            })
            .max(if gutter == 0 { 0 } else { ROW })
    }

    /// The ways on the page. `edges` are the left and right edges of nodes, and `columns` those of columns.
    pub(crate) fn placed(
        &self,
        arrows: &[Arrow],
        edges: &BTreeMap<usize, (i32, i32)>,
        columns: &[(i32, i32)],
    ) -> Vec<Route> {
        let first_left = columns.first().map_or(0, |&(left, _)| left);
        let track = |gutter: usize, arrow: usize| {
            let of = self.gutters.get(gutter)?;
            let piece = of.pieces.iter().find(|piece| piece.arrow == arrow)?;
            let start = match gutter.checked_sub(1).and_then(|column| columns.get(column)) {
                Some(&(_, right)) => right,
                None => first_left - self.room(gutter),
            };
            Some(start + of.left + (piece.track + 1) * TRACK)
        };
        let route = |arrow: usize| {
            let [from, to] = *self.ends.get(arrow)?;
            let [start, end] = *self.heights.get(arrow)?;
            let edge = |end: End| {
                edges.get(&end.node).map(|&(left, right)| if end.side == Side::Left { left } else { right })
            };
            let (first, last) = (track(from.gutter, arrow)?, track(to.gutter, arrow)?);
            let mut points = vec![(edge(from)?, start), (first, start)];
            if let Some(lane) = self.lanes.get(arrow).copied().flatten() {
                points.extend([(first, lane), (last, lane)]);
            }
            points.extend([(last, end), (edge(to)?, end)]);
            let column = if to.side == Side::Left { to.gutter } else { to.gutter.checked_sub(1)? };
            let &(left, right) = columns.get(column)?;
            let gutter = self.gutters.get(to.gutter)?;
            let label = match to.side {
                Side::Left => left - gutter.right + HEAD / 2,
                Side::Right => right + HEAD,
            };
            Some(Route { points, label: (label, end) })
        };
        (0..arrows.len()).filter_map(route).collect()
    }
}

impl Gutter {
    /// Gives each piece a track, from the left, so that few cross and none lies on another.
    fn assign(&mut self) {
        let within = |piece: &Piece, heights: &[i32]| {
            heights.iter().filter(|&&height| piece.low < height && height < piece.high).count()
        };
        // How often two cross if the first is left of the second.
        let crossings =
            |first: &Piece, second: &Piece| within(first, &second.left) + within(second, &first.right);
        let pieces = &mut self.pieces;
        // What leaves and meets one column is best the nearer to it the shorter it is.
        pieces.sort_by_key(|piece| {
            let length = piece.high - piece.low;
            (if piece.left.is_empty() { -length } else { length }, piece.low, piece.arrow)
        });
        for _ in 0..pieces.len() {
            let mut moved = false;
            for at in 1..pieces.len() {
                if let Some([first, second]) = pieces.get_mut(at - 1..=at)
                    && crossings(second, first) < crossings(first, second)
                {
                    std::mem::swap(first, second);
                    moved = true;
                }
            }
            if !moved {
                break;
            }
        }
        for at in 0..pieces.len() {
            let Some((before, [piece, ..])) = pieces.split_at_mut_checked(at) else { continue };
            let beside =
                before.iter().filter(|other| other.low < piece.high + ROW && piece.low < other.high + ROW);
            piece.track = beside.map(|other| other.track + 1).max().unwrap_or(0);
            self.tracks = self.tracks.max(piece.track + 1);
        }
    }
}
