//! The program on a pseudo-terminal of 80 columns: what people see who run it in a terminal, and that nobody else does.
#![cfg(unix)]
#![expect(clippy::disallowed_methods, reason = "it reads the files that links lead to")]

use crate::common::{Folder, HOLE, ISOLATED, ODD, example, program};
use crate::screen::{Link, Screen};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// How wide the terminal is.
const COLUMNS: usize = 80;
/// How long the program may take to do what is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Which streams are the terminal. The others are pipes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum On {
    Both,
    Stdout,
    Stderr,
    Neither,
}

impl On {
    fn stdout(self) -> bool {
        matches!(self, Self::Both | Self::Stdout)
    }

    fn stderr(self) -> bool {
        matches!(self, Self::Both | Self::Stderr)
    }
}

/// A terminal that shows colours and links.
const ABLE: [(&str, &str); 2] = [("TERM", "xterm-256color"), ("VTE_VERSION", "7600")];

/// The program, while it runs at a terminal.
struct Session {
    child: Child,
    /// What the terminal gets, as it comes.
    shown: Receiver<Vec<u8>>,
    /// What it got so far.
    seen: Vec<u8>,
}

/// What a run left behind.
struct Ended {
    code: i32,
    /// What the terminal got.
    terminal: Vec<u8>,
    /// What stdout got, if it is a pipe.
    stdout: String,
    /// What stderr got, if it is a pipe.
    stderr: String,
}

impl Session {
    fn start(folder: &Path, arguments: &[&str], on: On, environment: &[(&str, &str)]) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let slave = File::options().read(true).write(true).open(name).unwrap();
        let columns = u16::try_from(COLUMNS).unwrap();
        let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&slave, size).unwrap();
        let stream = |is_terminal: bool| {
            if is_terminal { Stdio::from(slave.try_clone().unwrap()) } else { Stdio::piped() }
        };
        let mut command = program(folder, arguments);
        command.envs(environment.iter().copied()).stdout(stream(on.stdout())).stderr(stream(on.stderr()));
        let child = command.spawn().unwrap();
        // The reader is at the end when nobody has the terminal open any more: neither this process nor the other.
        drop((command, slave));
        let (sender, shown) = channel();
        let mut master = File::from(master);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            // Linux says that the other end is gone by an error.
            while let Ok(count @ 1..) = master.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self { child, shown, seen: Vec::new() }
    }

    /// Waits until this was shown.
    fn wait_for(&mut self, text: &str) {
        while !self.seen.windows(text.len()).any(|window| window == text.as_bytes()) {
            let more = self.shown.recv_timeout(PATIENCE);
            self.seen.extend(more.unwrap_or_else(|_| panic!("{:?}", String::from_utf8_lossy(&self.seen))));
        }
    }

    /// Hands it all that stands on stdin, and waits until it ends.
    fn end(mut self, input: &str) -> Ended {
        let _early = self.child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = self.child.wait_with_output().unwrap();
        loop {
            match self.shown.recv_timeout(PATIENCE) {
                Ok(more) => self.seen.extend(more),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("the terminal is still open"),
            }
        }
        Ended {
            code: output.status.code().unwrap(),
            terminal: self.seen,
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

fn at(folder: &Path, arguments: &[&str], on: On, environment: &[(&str, &str)]) -> Ended {
    Session::start(folder, arguments, on, environment).end("")
}

/// Something with places, a breach, a warning and a blind spot in it, for both streams.
fn holed() -> Folder {
    let files = [("a.yaml", ISOLATED), ("again.yaml", ISOLATED), ("odd.yaml", ODD), ("my hole.yaml", HOLE)];
    Folder::with(&files.map(|(name, text)| (name, text.as_bytes())))
}

const PROVE: [&str; 7] = ["prove", "-f", ".", "--from", "staging", "--to", "production"];

/// What a terminal or a pipe got: its colours, and its links.
fn marks(bytes: &[u8]) -> (bool, bool) {
    let screen = Screen::of(bytes);
    (screen.coloured() > 0, !screen.links().is_empty())
}

#[test]
fn colours_and_links_are_where_the_terminal_is_and_nowhere_else() {
    let folder = holed();
    let nothing = (false, false);
    for (on, terminal) in [
        (On::Both, (true, true)),
        (On::Stdout, (true, true)),
        (On::Stderr, (true, true)),
        (On::Neither, nothing),
    ] {
        let ended = at(folder.path(), &PROVE, on, &ABLE);
        assert_eq!(ended.code, 1);
        assert_eq!(marks(&ended.terminal), terminal, "{on:?}");
        for (is_terminal, pipe) in [(on.stdout(), &ended.stdout), (on.stderr(), &ended.stderr)] {
            assert_eq!(pipe.is_empty(), is_terminal, "{on:?}");
            assert!(!pipe.contains('\u{1b}'), "{on:?}: {pipe}");
        }
    }
}

/// What is shown where somebody looks, in an environment.
fn shown(environment: &[(&str, &str)], more: &[&str]) -> (bool, bool) {
    let ended = at(holed().path(), &[&PROVE[..], more].concat(), On::Both, environment);
    assert_eq!(ended.code, 1);
    marks(&ended.terminal)
}

#[test]
fn the_environment_and_the_options_say_what_the_terminal_can_show() {
    const TERM: (&str, &str) = ("TERM", "xterm-256color");
    const VTE: (&str, &str) = ("VTE_VERSION", "7600");
    for (environment, colours_and_links) in [
        (&[TERM, VTE][..], (true, true)),
        (&[TERM], (true, false)),
        (&[("TERM", "alacritty")], (true, true)),
        (&[TERM, ("FORCE_HYPERLINK", "1")], (true, true)),
        (&[TERM, VTE, ("FORCE_HYPERLINK", "0")], (true, false)),
        (&[TERM, VTE, ("NO_COLOR", "1")], (false, false)),
        (&[TERM, VTE, ("NO_COLOR", "")], (true, true)),
        (&[TERM, VTE, ("CLICOLOR", "0")], (false, false)),
        (&[("TERM", "dumb"), VTE, ("FORCE_HYPERLINK", "1")], (false, false)),
        (&[VTE, ("FORCE_HYPERLINK", "1")], (false, false)),
    ] {
        assert_eq!(shown(environment, &[]), colours_and_links, "{environment:?}");
    }
    assert_eq!(shown(&ABLE, &["--color", "never"]), (false, false));
    assert_eq!(shown(&[TERM, VTE, ("NO_COLOR", "1")], &["--color", "always"]), (true, false));
    // Colours can be asked for anywhere. Links are only where somebody can follow them.
    let forced = [TERM, VTE, ("FORCE_HYPERLINK", "1"), ("CLICOLOR_FORCE", "1")];
    let piped = at(holed().path(), &PROVE, On::Neither, &forced);
    assert_eq!(marks(piped.stdout.as_bytes()), (true, false));
    assert_eq!(marks(piped.stderr.as_bytes()), (true, false));
}

#[test]
fn the_terminal_shows_the_letters_that_a_pipe_gets_and_every_link_leads_to_its_line() {
    let folder = holed();
    let plain = at(folder.path(), &PROVE, On::Neither, &ABLE);
    for (on, text) in [(On::Stdout, &plain.stdout), (On::Stderr, &plain.stderr)] {
        let screen = Screen::of(&at(folder.path(), &PROVE, on, &ABLE).terminal);
        assert_eq!(screen.lines(), text.trim_end().lines().map(str::trim_end).collect::<Vec<_>>());
        let links = screen.links();
        assert!(!links.is_empty(), "{on:?}");
        for Link { text, address } in links {
            let (file, place) = text.split_once(':').unwrap();
            let path = address.strip_prefix("file://").unwrap().replace("%20", " ");
            assert_eq!(Path::new(&path), folder.path().join(file.trim_start_matches("./")));
            let lines = BufReader::new(File::open(path).unwrap()).lines().count();
            assert!((1..=lines).contains(&place.split_once(':').unwrap().0.parse().unwrap()), "{text}");
        }
    }
}

#[test]
fn text_fits_a_terminal_of_80_columns() {
    let boundary = ["--from", "staging", "--to", "production"];
    let prove = |more: &[&'static str]| [&["prove", "-f", "."], &boundary[..], more].concat();
    let questions = [
        prove(&[]),
        prove(&["--all"]),
        prove(&["--verbose"]),
        prove(&["--profile", "all"]),
        prove(&["--must", "dns", "--must", "staging/api=staging/db:5432"]),
        vec!["map", "-f", "."],
        vec!["map", "-f", ".", "--relation", "must", "--future"],
        vec!["map", "-f", ".", "--explain", "staging/api", "production/db", "5432"],
        vec!["explain", "split-peer"],
        vec!["explain", "split-peer", "--all"],
        vec!["explain", "N35"],
        vec!["rules"],
        vec!["--help"],
        vec!["prove", "--help"],
        vec!["map", "--help"],
    ];
    for folder in [example("shop-leaky"), example("shop-watertight"), holed().path().to_owned()] {
        for question in &questions {
            let screen = Screen::of(&at(&folder, question, On::Both, &ABLE).terminal);
            let lines = screen.lines();
            assert!(!lines.is_empty(), "{question:?}");
            // A word of a command is never cut, and clap's line on usage neither.
            let is_text = |line: &&String| line.trim().contains(' ') && !line.starts_with("Usage: ");
            let wide: Vec<_> =
                lines.iter().filter(is_text).filter(|line| line.chars().count() > COLUMNS).collect();
            assert!(wide.is_empty(), "{question:?}: {wide:#?}");
        }
    }
}

#[test]
fn what_is_for_machines_is_the_same_on_a_terminal() {
    let prove = |form| [&PROVE[..], &["-o", form]].concat();
    let map = |form| vec!["map", "-f", ".", "-o", form];
    let of_prove = ["json", "markdown", "sarif", "github", "junit", "html"].map(prove);
    let of_map = ["json", "classes", "csv", "markdown", "svg", "dot", "mermaid"].map(map);
    let others = [vec!["rules", "-o", "json"], vec!["completions", "bash"], vec!["man", "prove"]];
    let folder = holed();
    for question in of_prove.into_iter().chain(of_map).chain(others) {
        let plain = at(folder.path(), &question, On::Neither, &ABLE);
        let terminal = at(folder.path(), &question, On::Stdout, &ABLE).terminal;
        // The terminal puts the cursor at the left edge.
        assert_eq!(String::from_utf8(terminal).unwrap().replace("\r\n", "\n"), plain.stdout, "{question:?}");
        assert!(!plain.stdout.is_empty(), "{question:?}");
    }
}

/// What takes long here is that nothing comes from stdin.
const WAITING: [&str; 7] = ["prove", "-f", "-", "--from", "staging", "--to", "production"];

#[test]
fn what_takes_long_shows_a_sign_on_the_terminal_and_wipes_it_away() {
    let folder = Folder::with(&[]);
    let start = |on, environment: &[_], more: &[&str]| {
        Session::start(folder.path(), &[&WAITING[..], more].concat(), on, environment)
    };
    // These begin first: what they showed, they would have shown before the others do.
    let without = [
        start(On::Neither, &ABLE, &[]),
        start(On::Stdout, &ABLE, &[]),
        start(On::Both, &[("TERM", "dumb")], &[]),
        start(On::Both, &[], &[]),
        start(On::Both, &[ABLE[0], ("NO_COLOR", "1")], &[]),
        start(On::Both, &ABLE, &["--quiet"]),
        start(On::Both, &ABLE, &["--color", "never"]),
    ];
    let with = [start(On::Both, &ABLE, &[]), start(On::Stderr, &ABLE, &[]), start(On::Both, &ABLE, &["-v"])];
    for (number, mut session) in with.into_iter().enumerate() {
        session.wait_for("reading…");
        let ended = session.end(ISOLATED);
        assert_eq!(ended.code, 0);
        assert!(!ended.stdout.contains("reading…"));
        let screen = Screen::of(&ended.terminal);
        assert!(screen.wiped > 0);
        let lines = screen.lines();
        assert!(lines.iter().all(|line| !line.contains("reading…")), "{number}: {lines:#?}");
    }
    for (number, session) in without.into_iter().enumerate() {
        let ended = session.end(ISOLATED);
        assert_eq!(ended.code, 0);
        for text in [&String::from_utf8(ended.terminal).unwrap(), &ended.stdout, &ended.stderr] {
            assert!(!text.contains("reading…"), "{number}: {text}");
        }
    }
}
