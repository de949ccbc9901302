//! Edits as unified diffs, which `git apply` and `patch -p1` take.

use similar::TextDiff;
use watertight_base::{Source, Span};

/// The diff of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePatch {
    /// The file, as it was named.
    pub file: String,
    /// What becomes of it.
    pub change: FileChange,
    hunks: String,
}

/// What becomes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileChange {
    /// It is not there yet.
    Add,
    /// It says something else.
    Edit,
    /// It holds nothing any more.
    Delete,
}

impl FilePatch {
    /// The diff with its head, for a file at this path.
    #[must_use]
    pub fn text(&self, path: &str) -> String {
        let path = path.trim_start_matches("./").trim_start_matches('/');
        let (old, new) = (format!("a/{path}"), format!("b/{path}"));
        let (old, new) = match self.change {
            FileChange::Add => ("/dev/null", new.as_str()),
            FileChange::Edit => (old.as_str(), new.as_str()),
            FileChange::Delete => (old.as_str(), "/dev/null"),
        };
        // A path with white space in it ends where a tab says so.
        let end = if path.contains(' ') { "\t" } else { "" };
        let end_of = |name: &str| if name == "/dev/null" { "" } else { end };
        format!("--- {old}{}\n+++ {new}{}\n{}", end_of(old), end_of(new), self.hunks)
    }
}

/// The diffs of all files that changed; those after the last old one are new. `None` if one is no text, or would show what no
/// output shows.
pub(crate) fn of(old: &[Source], new: &[Source], hidden: &[Span]) -> Option<Vec<FilePatch>> {
    let mut patches = Vec::new();
    for (index, source) in new.iter().enumerate() {
        let before = old.get(index).map_or(&[][..], |source| &source.bytes);
        if before == source.bytes {
            continue;
        }
        let (before, after) = (std::str::from_utf8(before).ok()?, std::str::from_utf8(&source.bytes).ok()?);
        let secret: Vec<&Span> =
            hidden.iter().filter(|span| usize::try_from(span.source.0) == Ok(index)).collect();
        let diff = TextDiff::from_lines(before, after);
        let lines = line_starts(before);
        // Fewer lines around an edit may leave a secret beside it out.
        let radius = [3, 2, 1].into_iter().find(|&radius| {
            let shown = diff.grouped_ops(radius).into_iter().flatten().map(|op| op.old_range());
            shown.into_iter().all(|range| {
                let at = |line: usize| lines.get(line).copied().unwrap_or(before.len());
                let (start, end) = (at(range.start), at(range.end));
                secret.iter().all(|span| span.end <= start || span.start >= end)
            })
        })?;
        let change = if index >= old.len() {
            FileChange::Add
        } else if after.is_empty() {
            FileChange::Delete
        } else {
            FileChange::Edit
        };
        let hunks = diff.unified_diff().context_radius(radius).to_string();
        patches.push(FilePatch { file: source.name.clone(), change, hunks });
    }
    Some(patches)
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}
