//! `watertight fix`: the objects to add and the edits to make, so that the breaches of a boundary are gone.

use super::{BoundaryOf, Read};
use crate::failure::Failure;
use crate::input::STDIN;
use crate::options::{Belonging, Ends, FixOutput, NetworkOptions, OutputFormat as _, Reading};
use crate::terminal::Terminal;
use crate::{exit, output_files};
use std::path::PathBuf;
use watertight_base::{Source, Span};
use watertight_fix::{FileChange, FilePatch, Fix, Listing, Repair};
use watertight_ingest::Options;
use watertight_model::{Report, Verdict};
use watertight_prove::Question;
use watertight_render::{Inputs, LeftOver, PatchOf, RepairAction, RepairOf, Repairs, fix_json, note_text};
use watertight_yaml::document;

/// Find what to add and to edit in existing manifests, so that nothing in one
/// environment gets into another and what worked still does.
///
/// Repairs are tried: they are applied in memory, read and proved. What surely
/// passed and was no breach still passes. Nothing is written without
/// `--output-dir`, and never into the manifests themselves.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(flatten)]
    ends: Ends,
    #[command(flatten)]
    reading: Reading<FixOutput>,
    #[command(flatten)]
    network: NetworkOptions,
    #[command(flatten)]
    belonging: Belonging,
    /// Write the repairs into this folder: a file for each object to add, and the edits as `fix.patch`.
    #[arg(long, value_name = "DIR")]
    output_dir: Option<PathBuf>,
    /// Where no repair closes a way across without a loss, take one that loses something, and say at it what is lost.
    #[arg(long)]
    accept_losses: bool,
}

const AFTER_HELP: &str = "\
Examples:
  # What to add and to edit, and what is left for a person
  watertight fix -f k8s/ --from staging --to production

  # Into a folder: new objects, and `fix.patch` with the edits
  watertight fix -f k8s/ --from staging --to production --output-dir fix/

  # Where nothing else helps, also edits that take something away
  watertight fix -f k8s/ --from staging --to production --accept-losses

  # For machines: what, why, the patches and what is left
  watertight fix -f k8s/ --from staging --to production -o json

  # Onto the files, and the proof of them
  watertight fix -f k8s/ --from staging --to production -o diff | git apply
  watertight prove -f k8s/ --from staging --to production

Exit codes: 0 nothing to do, 1 there are repairs, and with them it is isolated,
2 the command failed, 3 something is left that no repair closes, or unknown.";

/// Looks for repairs and shows them.
pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> Result<u8, Failure> {
    let Arguments { ends: Ends { from, to }, reading, network, belonging, output_dir, accept_losses } =
        arguments;
    arguments.ends.check(belonging)?;
    let profile = network.profile.one()?;
    let boundary = BoundaryOf { from, to, values: true };
    let read = Read::with(reading, &network.namespace, network.detail(), Some(boundary), terminal)?;
    if read.sides.stands_for.is_some() {
        return Err(Failure::new(format!(
            "`{from}` is in another cluster than `{to}`, and `fix` is for one cluster"
        ))
        .help("`prove` says what gets across"));
    }
    let question = Question {
        environments: read.environments(&belonging.env),
        profile,
        principals: read.principals(&belonging.principal),
        ..Question::between(from, to)
    };
    let phase = terminal.begin("looking for repairs");
    let options = Options { default_namespace: network.namespace.clone(), values: true };
    let fix = watertight_fix::fix(watertight_fix::Question {
        sources: &read.sources,
        ingested: &read.ingested,
        options: &options,
        boundary: &question,
        accepts_losses: *accept_losses,
    })?;
    terminal.end(phase);
    let page = Page {
        fix: &fix,
        accepts_losses: *accept_losses,
        sources: &read.sources,
        working_directory: &read.working_directory,
    };
    if let Some(folder) = output_dir {
        output_files::write(folder, page.files())?;
    }
    match reading.output {
        FixOutput::Diff => terminal.data(&page.patch(|_| true))?,
        FixOutput::Text => terminal.data(&page.text(from, to))?,
        FixOutput::Json => {
            let inputs = Inputs::new(&read.sources, &read.ingested.hidden);
            let digest = read.digest_for(reading.output);
            let label = profile.label();
            let repairs = page.values(from, to, &label);
            terminal.data(&fix_json(&repairs, read.provenance(&inputs, &digest))?)?;
        }
    }
    if read.sources.iter().any(|source| source.name == STDIN) && reading.output.leaves_out_the_input() {
        terminal.talk(|style| note_text("note", STDIN_NOTE, style));
    }
    Ok(match verdict(&fix.after) {
        Verdict::Isolated if fix.repairs.is_empty() => exit::ISOLATED,
        Verdict::Isolated => exit::BREACHED,
        _ => exit::UNKNOWN,
    })
}

fn verdict(report: &Report) -> Verdict {
    report.boundaries.iter().map(|boundary| boundary.verdict).max().unwrap_or(Verdict::Unknown)
}

const STDIN_NOTE: &str = "standard input is no file that a patch could edit: of what it holds, only new objects are proposed, for the \
    folder that the command was started in; give files and folders by `-f` for edits";

/// What is printed and written of repairs.
struct Page<'a> {
    fix: &'a Fix,
    accepts_losses: bool,
    sources: &'a [Source],
    working_directory: &'a str,
}

impl Page<'_> {
    /// A file as a patch names it: from the folder that the command was started in.
    fn path<'f>(&self, file: &'f str) -> &'f str {
        let below = file.strip_prefix(self.working_directory).and_then(|rest| rest.strip_prefix('/'));
        below.filter(|_| !self.working_directory.is_empty()).unwrap_or(file)
    }

    /// The diffs of some files.
    fn patch(&self, wanted: impl Fn(FileChange) -> bool) -> String {
        let patches = self.fix.patches.iter().filter(|patch| wanted(patch.change));
        patches.map(|patch| patch.text(self.path(&patch.file))).collect()
    }

    /// What was found, as plain values.
    fn values<'v>(&'v self, from: &'v str, to: &'v str, profile: &'v str) -> Repairs<'v> {
        let Fix { before, after, repairs, left, is_smallest, patches, .. } = self.fix;
        let repair = |repair: &'v Repair| RepairOf {
            object: &repair.object,
            action: match (&repair.added_in, repair.is_removed) {
                (Some(_), _) => RepairAction::Add,
                (None, true) => RepairAction::Remove,
                (None, false) => RepairAction::Edit,
            },
            file: repair.added_in.as_deref().map(|file| self.path(file)),
            listed_in: match &repair.listed {
                Listing::In(file) => Some(self.path(file)),
                Listing::Nobody | Listing::Unknown => None,
            },
            changes: &repair.changes,
            closes: &repair.closes,
            keeps: repair.keeps.as_deref(),
            loses: &repair.loses,
        };
        let patch = |patch: &'v FilePatch| PatchOf {
            file: self.path(&patch.file),
            action: match patch.change {
                FileChange::Add => RepairAction::Add,
                FileChange::Edit => RepairAction::Edit,
                FileChange::Delete => RepairAction::Remove,
            },
            diff: patch.text(self.path(&patch.file)),
        };
        let left = left.iter().map(|left| LeftOver {
            rule: &left.rule,
            is_breach: left.is_breach,
            message: &left.message,
            help: &left.help,
            would_lose: left.would_lose.as_deref(),
            place: left.place,
        });
        Repairs {
            from,
            to,
            profile,
            before: verdict(before),
            after: verdict(after),
            accepts_losses: self.accepts_losses,
            is_smallest: *is_smallest,
            repairs: repairs.iter().map(repair).collect(),
            patches: patches.iter().map(patch).collect(),
            left: left.collect(),
        }
    }

    /// The new objects, each in a file, and the edits.
    fn files(&self) -> Vec<(String, String)> {
        let name = |file: &str| file.rsplit('/').next().unwrap_or(file).to_owned();
        let new = self.fix.new.iter().map(|new| (name(&new.file), document(&new.value)));
        let edits = self.patch(|change| change != FileChange::Add);
        let edits = (!edits.is_empty()).then(|| ("fix.patch".to_owned(), edits));
        new.chain(edits).collect()
    }

    fn place(&self, span: Span) -> String {
        let source = usize::try_from(span.source.0).ok().and_then(|index| self.sources.get(index));
        source.map_or_else(String::new, |source| {
            let at = source.position(span.start);
            format!("{}:{}:{}", source.name, at.line, at.column)
        })
    }

    fn text(&self, from: &str, to: &str) -> String {
        let Fix { repairs, left, .. } = self.fix;
        let mut text = String::new();
        if repairs.is_empty() && left.is_empty() {
            return format!("nothing to do: nothing gets from {from} to {to}\n");
        }
        for (title, new) in [("add", true), ("edit", false)] {
            let of_sort: Vec<_> = repairs.iter().filter(|repair| repair.added_in.is_some() == new).collect();
            if of_sort.is_empty() {
                continue;
            }
            text += &format!("{title}\n");
            for repair in of_sort {
                text += &format!("  {}\n", repair.object);
                for (change, span) in &repair.changes {
                    text += &paragraph("    - ", change);
                    let place = span.map(|span| self.place(span)).or_else(|| repair.added_in.clone());
                    text += &place.map(|place| format!("      {place}\n")).unwrap_or_default();
                }
                match &repair.listed {
                    Listing::Nobody => {}
                    Listing::In(file) => {
                        text += &paragraph("    - ", &format!("list its file in {}", self.path(file)));
                    }
                    Listing::Unknown => {
                        text += &paragraph(
                            "    - ",
                            "no kustomization here lists files of that folder: list its file where it is to be made from",
                        );
                    }
                }
                if let Some(keeps) = &repair.keeps {
                    text += &paragraph("    keeps open: ", keeps);
                }
                for (rule, message) in &repair.closes {
                    text += &paragraph("    closes ", &format!("{rule}: {message}"));
                }
                for lost in &repair.loses {
                    text += &paragraph("    loses: ", lost);
                }
            }
            text.push('\n');
        }
        let for_people = if self.accepts_losses {
            "for a person to do: no repair of an object closes it"
        } else {
            "for a person to do: no repair of an object closes it and loses nothing"
        };
        for (title, breach) in [(for_people, true), ("not seen", false)] {
            let of_sort: Vec<_> = left.iter().filter(|left| left.is_breach == breach).collect();
            if of_sort.is_empty() {
                continue;
            }
            text += &format!("{title}\n");
            for left in of_sort {
                text += &paragraph("  ", &format!("{}: {}", left.rule, left.message));
                text += &left.place.map(|span| format!("    {}\n", self.place(span))).unwrap_or_default();
                text += &paragraph("    help: ", &left.help);
                if let Some(lost) = &left.would_lose {
                    text += &paragraph("    an edit closes it, and would lose: ", lost);
                }
            }
            text.push('\n');
        }
        text + &self.hint() + &self.summary(from, to)
    }

    /// That there are edits which would lose something, and how to have them.
    fn hint(&self) -> String {
        let count = self.fix.left.iter().filter(|left| left.would_lose.is_some()).count();
        if self.accepts_losses || count == 0 {
            return String::new();
        }
        let which = if count == 1 { "one of these".to_owned() } else { format!("{count} of these") };
        paragraph(
            "help: ",
            &format!("`--accept-losses` takes edits that close {which} too, and says at each what it loses"),
        ) + "\n"
    }

    /// What the repairs come to: no more than the proof of the repaired input says.
    fn summary(&self, from: &str, to: &str) -> String {
        let Fix { repairs, after, is_smallest, .. } = self.fix;
        let verdict = verdict(after);
        if repairs.is_empty() {
            return format!("{verdict}  {from} → {to}: nothing that can be added or edited changes that\n");
        }
        let objects =
            if repairs.len() == 1 { "an object".to_owned() } else { format!("{} objects", repairs.len()) };
        let smallest = if *is_smallest {
            "proved smallest: no smaller set of the repairs that were found does the same"
        } else {
            "not proved smallest: a smaller set of the repairs that were found may do the same"
        };
        let lost = match repairs.iter().map(|repair| repair.loses.len()).sum::<usize>() {
            0 => String::new(),
            1 => paragraph("", "something is lost by them: it stands at the repair as `loses`"),
            count => paragraph(
                "",
                &format!("{count} things are lost by them: each stands at its repair as `loses`"),
            ),
        };
        paragraph("", &format!("with repairs of {objects}: {verdict}  {from} → {to}"))
            + &lost
            + &paragraph("", smallest)
    }
}

/// A sentence in lines of 80 columns, those after the first indented as far as the head goes.
fn paragraph(head: &str, sentence: &str) -> String {
    let width = 80 - head.chars().count();
    let mut lines = vec![String::new()];
    for word in sentence.split_whitespace() {
        let line = lines.last().map_or(0, |line| line.chars().count());
        if line > 0 && line + 1 + word.chars().count() > width {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    let indent = format!("\n{}", " ".repeat(head.chars().count()));
    format!("{head}{}\n", lines.join(&indent))
}
