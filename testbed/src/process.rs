//! A server as a process: started, watched, and certain to end.

use crate::talk::say;
use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

/// Whether a server ends when the process that started it ends, however that ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bond {
    /// It ends with its owner.
    Owner,
    /// It stays until somebody stops it.
    None,
}

/// What is run, and where its traces go.
pub(crate) struct Recipe {
    /// What the server is called; also the name of its log.
    pub(crate) name: &'static str,
    /// Where its program is.
    pub(crate) program: PathBuf,
    /// What it is told.
    pub(crate) arguments: Vec<OsString>,
    /// What its environment holds, and nothing else.
    pub(crate) environment: Vec<(&'static str, &'static str)>,
}

/// A server that was started by this process.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) log: PathBuf,
    child: Child,
}

impl Server {
    /// Starts a server; its output goes to `logs/NAME.log` of a folder, and its number to `pids/NAME`.
    pub(crate) fn start(recipe: Recipe, folder: &Path, bond: Bond) -> Result<Self> {
        let name = recipe.name;
        let log = folder.join("logs").join(format!("{name}.log"));
        let context = || format!("cannot start {name}");
        let output = File::create(&log).with_context(context)?;
        let mut command = match (bond, &*SETPRIV) {
            (Bond::Owner, Some(setpriv)) => {
                let mut command = Command::new(setpriv);
                command.args(["--pdeathsig", "KILL", "--"]).arg(&recipe.program);
                command
            }
            _ => Command::new(&recipe.program),
        };
        command
            .args(&recipe.arguments)
            .env_clear()
            .envs(recipe.environment)
            .stdin(Stdio::null())
            .stdout(output.try_clone().with_context(context)?)
            .stderr(output)
            // A group of its own: an interrupt from the terminal is for the owner, which then stops the servers.
            .process_group(0);
        let child = spawn(command).with_context(context)?;
        let server = Self { name, log, child };
        std::fs::write(folder.join("pids").join(name), server.id().to_string()).with_context(context)?;
        Ok(server)
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
    }

    /// The last lines of its log.
    pub(crate) fn last_lines(&self, count: usize) -> String {
        last_lines(&self.log, count)
    }
}

impl Drop for Server {
    /// Nothing that a server knows is kept, so that it need not end in order.
    fn drop(&mut self) {
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait()) {
            say(format!("{} could not be stopped: {error}", self.name));
        }
    }
}

/// The last lines of a log.
pub(crate) fn last_lines(log: &Path, count: usize) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

/// The program of util-linux that asks the kernel to end a process together with its parent.
static SETPRIV: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let path = std::env::var_os("PATH")?;
    let places = std::env::split_paths(&path).map(|folder| folder.join("setpriv"));
    places.into_iter().find(|place| cfg!(target_os = "linux") && place.is_file())
});

type Order = (Command, Sender<io::Result<Child>>);

/// The thread that starts all servers. To the kernel, a parent is the thread that started a process: this one lives as
/// long as our own process, and a test's thread does not.
static SPAWNER: LazyLock<Mutex<Sender<Order>>> = LazyLock::new(|| {
    let (orders, inbox) = channel::<Order>();
    std::thread::spawn(move || {
        for (mut command, answer) in inbox {
            // Whoever ordered may be gone, and dropping a child does not end it; nobody goes before the answer.
            drop(answer.send(command.spawn()));
        }
    });
    Mutex::new(orders)
});

fn spawn(command: Command) -> io::Result<Child> {
    let (answer, answered) = channel();
    let gone = || io::Error::other("the thread that starts servers is gone");
    SPAWNER.lock().map_err(|_| gone())?.send((command, answer)).map_err(|_| gone())?;
    answered.recv().map_err(|_| gone())?
}

/// A process that may be a server of a folder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate<'a> {
    /// Its number, which may meanwhile be another's.
    pub(crate) id: u32,
    /// The folder, which stands in the command line of each of its servers.
    pub(crate) folder: &'a Path,
}

impl Candidate<'_> {
    /// Whether the process is there, and is a server of the folder.
    pub(crate) fn is_there(self) -> bool {
        command_line(self.id).is_some_and(|line| line.contains(&*self.folder.to_string_lossy()))
    }

    /// Ends it, if it is what it is taken for, and waits until it is gone.
    pub(crate) fn end(self) -> Result<()> {
        let start = Instant::now();
        while self.is_there() {
            let Some(pid) = i32::try_from(self.id).ok().and_then(Pid::from_raw) else { return Ok(()) };
            match kill_process(pid, Signal::KILL) {
                Ok(()) | Err(rustix::io::Errno::SRCH) => {}
                Err(error) => return Err(error).with_context(|| format!("cannot end process {}", self.id)),
            }
            if start.elapsed() > Duration::from_secs(10) {
                anyhow::bail!("process {} does not end", self.id);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

/// The command line of a running process; `None` if there is none, or only what its parent has not yet taken note of.
fn command_line(id: u32) -> Option<String> {
    if Path::new("/proc/self/cmdline").exists() {
        let line = std::fs::read(format!("/proc/{id}/cmdline")).ok()?;
        return Some(String::from_utf8_lossy(&line).replace('\0', " "));
    }
    ps(id, "command=")
}

/// The resident memory of a process, in bytes.
pub(crate) fn memory_bytes(id: u32) -> Option<u64> {
    let kibibytes = match std::fs::read_to_string(format!("/proc/{id}/status")) {
        Ok(status) => {
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
            line.trim().trim_end_matches(" kB").parse::<u64>().ok()?
        }
        Err(_) => ps(id, "rss=")?.trim().parse().ok()?,
    };
    Some(kibibytes * 1024)
}

/// What `ps` says of a process, where there is no `/proc`.
fn ps(id: u32, column: &str) -> Option<String> {
    let output = Command::new("ps").args(["-ww", "-o", column, "-p", &id.to_string()]).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
