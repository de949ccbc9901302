//! The parts of a run that take time: how long each took, and a sign of life on a terminal while one takes long.

use indicatif::ProgressBar;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// After this long, people want to know that something goes on.
const LONG: Duration = Duration::from_secs(1);
/// How often the sign moves.
const TICK: Duration = Duration::from_millis(120);

/// A part of a run that has begun. The sign goes away when it ends, by whatever way.
pub(crate) struct Phase {
    name: String,
    began: Instant,
    sign: Option<Sign>,
}

/// A thread that shows that something goes on, once it takes long.
struct Sign {
    ended: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Phase {
    /// Begins a part, which is called `reading` or so. `progress` says whether stderr is a terminal to draw on.
    #[expect(
        clippy::disallowed_methods,
        reason = "how long something took is told to people, and decides nothing"
    )]
    pub(crate) fn begin(name: impl Into<String>, progress: bool) -> Self {
        let name = name.into();
        let sign = progress.then(|| Sign::after(LONG, name.clone()));
        Self { name, began: Instant::now(), sign }
    }

    /// Ends it: `reading took 12 ms`.
    pub(crate) fn end(mut self) -> String {
        self.sign.take();
        let took = self.began.elapsed();
        let time = if took < LONG {
            format!("{} ms", took.as_millis())
        } else {
            format!("{:.1} s", took.as_secs_f64())
        };
        format!("{} took {time}", self.name)
    }
}

impl Sign {
    fn after(delay: Duration, name: String) -> Self {
        let (ended, end) = channel::<()>();
        let thread = std::thread::spawn(move || {
            // The other side sends nothing: it hangs up.
            if end.recv_timeout(delay) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                let bar = ProgressBar::new_spinner().with_message(format!("{name}…"));
                bar.enable_steady_tick(TICK);
                let _hung_up = end.recv();
                bar.finish_and_clear();
            }
        });
        Self { ended: Some(ended), thread: Some(thread) }
    }
}

impl Drop for Sign {
    fn drop(&mut self) {
        self.ended.take();
        if let Some(thread) = self.thread.take() {
            // A sign that failed is not worth a word.
            let _failed = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phase_says_how_long_it_took() {
        let phase = Phase::begin("reading", false);
        std::thread::sleep(Duration::from_millis(3));
        let said = phase.end();
        let time = said.strip_prefix("reading took ").and_then(|time| time.strip_suffix(" ms"));
        assert!(time.unwrap().parse::<u64>().unwrap() >= 3, "{said}");
    }

    #[test]
    fn a_short_phase_shows_no_sign_and_a_long_one_ends_it() {
        let began = Phase::begin("reading", false).began;
        drop(Sign::after(Duration::from_secs(3600), "reading".to_owned()));
        assert!(began.elapsed() < Duration::from_secs(60), "the end of the phase ends the wait");
        drop(Sign::after(Duration::ZERO, "reading".to_owned()));
    }
}
