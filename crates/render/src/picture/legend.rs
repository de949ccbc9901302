//! What a picture is to be read by: its title and what its signs mean above it, and the objects that carry connections on
//! below it.

use super::layout::{MARGIN, ROW};
use super::tree::caveat;
use super::{Label, Picture, Setting, Tone};
use crate::page::{clean, counted};
use unicode_width::UnicodeWidthStr as _;
use watertight_model::Relation;

/// The most columns of text that a line has.
const LINE_MAX: usize = 100;
/// How many ways are listed below the picture.
const WAYS_MAX: usize = 40;

/// What stands above the picture.
pub(super) fn heading(picture: &Picture, setting: Setting<'_>, any_red: bool) -> Vec<Label> {
    let Setting { boundary, focus, blind_spots, .. } = setting;
    let title = match picture.relation {
        Relation::May => "Who can open a connection to whom",
        Relation::Must => "Who can open a connection to whom for certain",
    };
    let mut lines = vec![(Tone::Heading, title.to_owned())];
    lines.extend(focus.map(|name| (Tone::Legend, format!("only what touches {name}"))));
    if blind_spots > 0 {
        let count = counted(blind_spots, "blind spot", "blind spots");
        lines.push((Tone::LegendRed, format!("{count}: connections may be missing here, or too many shown")));
    }
    lines.extend(caveat(picture.level, picture.peers).map(|caveat| (Tone::LegendRed, caveat)));
    lines.push((
        Tone::Legend,
        "an arrow to or from a group is about each box in it; ↻ is what passes among those in a group or box"
            .to_owned(),
    ));
    if !picture.ways.is_empty() {
        let published = match boundary {
            Some((_, to)) => format!("; what {to} publishes is not red"),
            None => String::new(),
        };
        let dashed = format!("dashed: what an object carries on, numbered below{published}");
        lines.push((Tone::Legend, dashed));
    }
    if let Some((from, to)) = boundary {
        lines.push(match any_red {
            true => (Tone::LegendRed, format!("red: from {from} to {to}")),
            false => (
                Tone::Legend,
                format!("red would be from {from} to {to}: no arrow here is; pods to come are not shown, only those of today"),
            ),
        });
    }
    stacked(lines, MARGIN)
}

/// What stands below the picture: the objects that carry connections on.
pub(super) fn footing(picture: &Picture, top: i32) -> Vec<Label> {
    let ways = picture.ways.iter().enumerate().take(WAYS_MAX);
    let mut lines: Vec<_> =
        ways.map(|(way, text)| (Tone::Legend, clean(&format!("{}: {text}", way + 1)))).collect();
    let more = picture.ways.len().saturating_sub(WAYS_MAX);
    if more > 0 {
        lines.push((Tone::Legend, format!("and {more} more: `-o csv` lists them")));
    }
    stacked(lines, top)
}

/// Lines below one another.
fn stacked(lines: Vec<(Tone, String)>, top: i32) -> Vec<Label> {
    let mut y = top;
    let mut labels = Vec::new();
    for (tone, line) in lines {
        for line in wrapped(&line, LINE_MAX) {
            labels.push(Label::at(MARGIN, y, &line, LINE_MAX, tone));
            y += ROW + if tone == Tone::Heading { 4 } else { 0 };
        }
    }
    labels
}

/// The text in lines of so many columns.
fn wrapped(text: &str, longest: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut().filter(|line| line.width() + 1 + word.width() <= longest) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
}
