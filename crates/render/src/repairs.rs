//! Repairs as plain values: what `fix` found, for its forms.

use watertight_base::Span;
use watertight_model::{ObjectRef, Verdict};

/// All that is said of repairs.
#[derive(Debug, Clone)]
pub struct Repairs<'a> {
    /// The hostile side.
    pub from: &'a str,
    /// The side that is to be kept.
    pub to: &'a str,
    /// The profile, as it is named.
    pub profile: &'a str,
    /// The verdict on the input as it is.
    pub before: Verdict,
    /// The verdict on the input with all repairs.
    pub after: Verdict,
    /// Whether repairs that lose something were looked for.
    pub accepts_losses: bool,
    /// Whether each smaller set of the candidates was ruled out.
    pub is_smallest: bool,
    /// Object by object.
    pub repairs: Vec<RepairOf<'a>>,
    /// File by file.
    pub patches: Vec<PatchOf<'a>>,
    /// What is left.
    pub left: Vec<LeftOver<'a>>,
}

/// What is done to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepairAction {
    /// It is new.
    Add,
    /// It is changed.
    Edit,
    /// It goes.
    Remove,
}

/// The repair of one object.
#[derive(Debug, Clone, Copy)]
pub struct RepairOf<'a> {
    /// The object.
    pub object: &'a ObjectRef,
    /// What is done to it.
    pub action: RepairAction,
    /// Of a new one, its file.
    pub file: Option<&'a str>,
    /// Of a new one, the kustomization in which the patch lists its file.
    pub listed_in: Option<&'a str>,
    /// What is changed, and where.
    pub changes: &'a [(String, Option<Span>)],
    /// What gets across without it: the rule, and a sentence.
    pub closes: &'a [(String, String)],
    /// What would be lost without it.
    pub keeps: Option<&'a str>,
    /// What is lost by it.
    pub loses: &'a [String],
}

/// The patch of one file.
#[derive(Debug, Clone)]
pub struct PatchOf<'a> {
    /// The file, as the patch names it.
    pub file: &'a str,
    /// What becomes of it.
    pub action: RepairAction,
    /// The unified diff, with its head.
    pub diff: String,
}

/// What no repair closes.
#[derive(Debug, Clone, Copy)]
pub struct LeftOver<'a> {
    /// The rule.
    pub rule: &'a str,
    /// Whether it is a way across; else it is something that was not seen.
    pub is_breach: bool,
    /// What it is.
    pub message: &'a str,
    /// What is to be done.
    pub help: &'a str,
    /// What an edit that closes it would lose.
    pub would_lose: Option<&'a str>,
    /// Where it shows.
    pub place: Option<Span>,
}
