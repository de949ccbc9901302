//! A verdict into repairs: the objects to add and the edits to make, so that the breaches that they are for are gone, and what
//! surely worked and was no breach still does.
//!
//! Repairs are edits of the users' own text, which keeps its comments and its layout (`text`, `change`), and new policies
//! (`fence`). Which repair could close a breach is read off its derivation (`candidates`); whether it does, the prover says, of
//! the edited text (`judge`). Of what suffices, the fewest objects are taken (`search`).

mod binding;
mod candidates;
mod carried;
mod change;
mod fence;
mod grant;
mod input;
mod judge;
mod kept;
mod kustomize;
mod level;
mod losses;
mod patch;
mod refusal;
mod search;
mod state;
mod text;
mod words;
mod workload;

pub use change::NewObject;
pub use patch::{FileChange, FilePatch};

use candidates::Ground;
use input::Input;
use judge::{Judge, breaches};
use search::{Losses, Refused};
use state::State;
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{Source, Span};
use watertight_ingest::{Ingested, Options};
use watertight_model::{ObjectRef, Principal, Relation, Report};
use watertight_network::connectivity;
use watertight_prove::{QuestionError, prove};

/// How many repaired inputs are read and proved at most: fewer where each of them takes long.
fn tries_max(sources: &[Source]) -> usize {
    let megabytes = sources.iter().map(|source| source.bytes.len()).sum::<usize>() >> 20;
    (400 / (1 + megabytes)).max(40)
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The files.
    pub sources: &'a [Source],
    /// What was read from them.
    pub ingested: &'a Ingested,
    /// How they were read.
    pub options: &'a Options,
    /// The boundary.
    pub boundary: &'a watertight_prove::Question,
    /// Whether repairs may lose what surely worked, where no other closes the same.
    pub accepts_losses: bool,
}

/// What there is to do.
#[derive(Debug, Clone)]
pub struct Fix {
    /// The report on the input as it is.
    pub before: Report,
    /// The report on the input with all repairs.
    pub after: Report,
    /// The repairs, object by object.
    pub repairs: Vec<Repair>,
    /// What no repair of an object does: ways across and blind spots that are left.
    pub left: Vec<Left>,
    /// Whether each smaller set of the candidates was ruled out.
    pub is_smallest: bool,
    /// The diffs of all files.
    pub patches: Vec<FilePatch>,
    /// The objects to add.
    pub new: Vec<NewObject>,
    /// The files with all repairs; one that holds no object any more is empty.
    pub sources: Vec<Source>,
}

/// Who has to list the file of a new object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listing {
    /// Nobody: there are no kustomizations.
    Nobody,
    /// This kustomization, in which the patch lists it.
    In(String),
    /// A kustomization, and none of the input says that it lists what is in that folder.
    Unknown,
}

impl Listing {
    fn of(input: &Input<'_>, file: &str) -> Self {
        match kustomize::listing(input, file).and_then(|(index, _)| input.sources.get(index)) {
            Some(source) => Self::In(source.name.clone()),
            None if kustomize::is_used(input) => Self::Unknown,
            None => Self::Nobody,
        }
    }
}

/// The repair of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// The object.
    pub object: ObjectRef,
    /// The file in which it is added, if it is new.
    pub added_in: Option<String>,
    /// Whether it goes.
    pub is_removed: bool,
    /// Of a new object: who has to list its file.
    pub listed: Listing,
    /// What is changed, each with its place.
    pub changes: Vec<(String, Option<Span>)>,
    /// What gets across without it: the rule, and a sentence.
    pub closes: Vec<(String, String)>,
    /// A connection that would be lost without it.
    pub keeps: Option<String>,
    /// What is lost by it; nothing, unless losses are accepted.
    pub loses: Vec<String>,
}

/// What is left for a person to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The rule.
    pub rule: String,
    /// Whether it is a way across; else it is something that was not seen.
    pub is_breach: bool,
    /// What it is, in one sentence.
    pub message: String,
    /// What is to be done.
    pub help: String,
    /// What an edit that closes it would lose, if there is one.
    pub would_lose: Option<String>,
    /// Where it shows in the input.
    pub place: Option<Span>,
}

/// The repairs for a boundary.
///
/// # Errors
/// The question has no answer, as [`watertight_prove::prove`] says.
pub fn fix(question: Question<'_>) -> Result<Fix, QuestionError> {
    let Question { sources, ingested, options, boundary, accepts_losses } = question;
    let snapshot = &ingested.snapshot;
    let before = prove(snapshot, boundary)?;
    let names = |index: usize| -> BTreeSet<String> {
        let environment = before.environments.get(index);
        environment.iter().flat_map(|side| &side.namespaces).map(|choice| choice.name.clone()).collect()
    };
    let hostile: Vec<Principal> = before
        .environments
        .first()
        .iter()
        .flat_map(|side| &side.principals)
        .map(|choice| choice.principal.clone())
        .collect();
    let input = Input::new(sources, snapshot, names(0), names(1));
    let open = connectivity(snapshot, boundary.profile, Relation::Must);
    let ground = Ground { input: &input, before: &open, hostile: &hostile };
    let mut judge = Judge::new(&input, options, boundary, &open, ingested, tries_max(sources));
    let losses = if accepts_losses { Losses::Accepted } else { Losses::Refused };
    let (found, refused) = if breaches(&before).is_empty() {
        (None, Refused::new())
    } else {
        search::search(&ground, &mut judge, losses)
    };
    let Some(found) = found else {
        let left = words::left(&before, &before, &refused);
        let sources = sources.to_vec();
        let after = before.clone();
        let (repairs, patches, new) = (Vec::new(), Vec::new(), Vec::new());
        return Ok(Fix { before, after, repairs, left, is_smallest: true, patches, new, sources });
    };
    let repairs = repairs(&input, &mut judge, &found);
    Ok(Fix {
        left: words::left(&before, &found.mended.report, &refused),
        repairs,
        is_smallest: found.is_smallest,
        patches: found.mended.patches,
        new: found.state.added(&input),
        sources: found.mended.sources,
        after: found.mended.report,
        before,
    })
}

/// Each object's repair, with what gets across if it alone is left out.
fn repairs(input: &Input<'_>, judge: &mut Judge<'_>, found: &search::Found) -> Vec<Repair> {
    let mut repairs = Vec::new();
    let mut losses = match found.losses {
        Losses::Refused => BTreeMap::new(),
        Losses::Accepted => losses::by_object(input, judge, &found.state, &found.mended),
    };
    let accepted = losses::connections(judge.losses(&found.mended));
    for object in candidates::objects(&found.state) {
        let mut less: State = found.state.clone();
        let changes = less.changes.remove(object);
        let new = less.new.remove(object);
        let without = judge.mend(&less);
        let lost = without.iter().flat_map(|without| judge.losses(without)).map(|lost| words::lost(&lost));
        let keeps = lost.into_iter().find(|ends| !accepted.contains_key(ends));
        // A fence goes with its gates: each of them isolates its own workload too.
        if new.as_ref().is_some_and(NewObject::selects_all) {
            less.new.retain(|other, _| other.namespace != object.namespace);
        }
        let without = if less.new.len() + 1 < found.state.new.len() { judge.mend(&less) } else { without };
        let closes = without.map(|without| words::closed(&without, &found.goal)).unwrap_or_default();
        let is_removed = changes
            .as_ref()
            .is_some_and(|changes| input.place(object).is_some_and(|place| changes.removes(place.tree)));
        let texts = match (&changes, &new) {
            (Some(changes), _) => words::changes(input, object, changes),
            (None, Some(new)) => vec![(words::added(new), None)],
            (None, None) => Vec::new(),
        };
        for kept in changes.iter().flat_map(|changes| binding::at_home(input, object, changes)) {
            let what = format!("what {object} grants to the hostile side, in {}", kept.namespace());
            repairs.push(Repair {
                changes: vec![(words::added(&kept), None)],
                closes: Vec::new(),
                keeps: Some(what),
                loses: Vec::new(),
                is_removed: false,
                listed: Listing::of(input, &kept.file),
                object: kept.object,
                added_in: Some(kept.file),
            });
        }
        repairs.push(Repair {
            object: object.clone(),
            is_removed,
            listed: new.as_ref().map_or(Listing::Nobody, |new| Listing::of(input, &new.file)),
            added_in: new.map(|new| new.file),
            changes: texts,
            closes,
            keeps,
            loses: losses.remove(object).unwrap_or_default(),
        });
    }
    repairs
}

#[cfg(test)]
mod tests;
