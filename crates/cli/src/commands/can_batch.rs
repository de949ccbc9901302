//! `watertight can --batch`: many questions, one line of JSON each, and as many answers.

use super::Read;
use crate::access::{Server, review, warn};
use crate::exit;
use crate::failure::Failure;
use crate::input;
use crate::options::{AccessOptions, Reading};
use crate::terminal::Terminal;
use rayon::prelude::*;
use watertight_api::Access;
use watertight_model::Decision;
use watertight_render::{AnswerLines, Inputs, note_text};

/// How many lines that are no question are named.
const NAMED_MAX: usize = 20;

/// Answers every line.
pub(super) fn batch(
    questions: &str,
    reading: &Reading,
    options: &AccessOptions,
    terminal: &mut Terminal<'_>,
) -> Result<u8, Failure> {
    if questions == input::STDIN && reading.filename.iter().any(|filename| filename == input::STDIN) {
        return Err(Failure::new("both `-f` and `--batch` are to read standard input")
            .help("write one of them to a file"));
    }
    // Before anything is read: that a file is not there is told at once.
    let mut lines = input::lines(questions)?;
    let read = Read::for_access(reading, options, terminal)?;
    let Server { access, warnings, .. } = Server::new(&read.ingested.snapshot, options);
    warn(&warnings, terminal);
    let inputs = Inputs::new(&read.sources, &read.ingested.hidden);
    let written = AnswerLines::new(&inputs);
    let phase = terminal.begin("answering");
    let mut tally = Tally::default();
    while let Some(block) = lines.some(terminal.stdin)? {
        let numbered: Vec<(usize, &[u8])> =
            (tally.lines + 1..).zip(block.split(|&byte| byte == b'\n')).collect();
        tally.lines += block.iter().filter(|&&byte| byte == b'\n').count();
        let answers: Vec<Answer> = numbered
            .into_par_iter()
            .filter(|(_, line)| !line.trim_ascii().is_empty())
            .map(|(number, line)| Answer::to(number, line, &access, &written))
            .collect::<Result<_, _>>()?;
        let text: String = answers.iter().map(|answer| answer.text.as_str()).collect();
        answers.iter().for_each(|answer| tally.count(answer, terminal));
        if !terminal.stream(&text)? {
            break;
        }
    }
    terminal.end(phase);
    tally.close(terminal);
    Ok(tally.code())
}

/// The answer to one line.
struct Answer {
    /// As it is printed.
    text: String,
    /// What was decided, or why the line is no question.
    outcome: Result<Decision, String>,
}

impl Answer {
    fn to(
        number: usize,
        line: &[u8],
        access: &Access<'_>,
        written: &AnswerLines<'_>,
    ) -> Result<Self, serde_json::Error> {
        match review::question(line) {
            Ok((user, asked)) => {
                let answer = access.decide(&user, &asked);
                Ok(Self { text: written.answer(&answer)?, outcome: Ok(answer.decision) })
            }
            Err(why) => {
                let why = format!("line {number}: {why}");
                Ok(Self { text: written.no_question(&why)?, outcome: Err(why) })
            }
        }
    }
}

/// What came of all lines so far.
#[derive(Debug, Default)]
struct Tally {
    lines: usize,
    malformed: usize,
    unknown: usize,
}

impl Tally {
    /// Counts an answer, and names a line that is no question.
    fn count(&mut self, answer: &Answer, terminal: &mut Terminal<'_>) {
        match &answer.outcome {
            Ok(Decision::Unknown) => self.unknown += 1,
            Ok(Decision::Allowed | Decision::Denied) => {}
            Err(why) => {
                self.malformed += 1;
                if self.malformed <= NAMED_MAX {
                    terminal.complain(|colour| note_text("error", why, colour));
                }
            }
        }
    }

    /// Says how many lines were not named.
    fn close(&self, terminal: &mut Terminal<'_>) {
        if let Some(more @ 1..) = self.malformed.checked_sub(NAMED_MAX) {
            let text = format!("and {more} more lines that are no question, as their answers say");
            terminal.complain(|colour| note_text("error", &text, colour));
        }
    }

    fn code(&self) -> u8 {
        match (self.malformed, self.unknown) {
            (0, 0) => exit::ISOLATED,
            (0, _) => exit::UNKNOWN,
            _ => exit::FAILED,
        }
    }
}
