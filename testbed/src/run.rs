//! `run`: a command with a testbed around it.

use crate::binaries::helm;
use crate::build::build;
use crate::testbed::{Options, Testbed};
use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

/// The variable by which tests find the testbed that they are run in: its folder.
pub(crate) const VARIABLE: &str = "WATERTIGHT_TESTBED";

/// Builds what is missing, starts a testbed, runs a command that finds it by `KUBECONFIG`, on `PATH` and by
/// `WATERTIGHT_TESTBED`, stops the testbed, and says how the command ended: its exit code, or 128 and the number of the
/// signal that ended it.
///
/// # Errors
///
/// If the testbed or the command cannot be started.
pub fn run(options: &Options, command: &[OsString]) -> Result<u8> {
    build(&options.kubernetes)?;
    let mut signals = put_off_signals()?;
    let testbed = Testbed::start(options)?;
    if let Some(signal) = signals.pending().next() {
        return Ok(killed_by(signal));
    }
    let mut child = start(&testbed, command)?;
    let status = wait(&mut child, &mut signals)?;
    drop(testbed);
    Ok(status.code().map_or_else(|| killed_by(status.signal().unwrap_or(0)), byte))
}

/// From here on, what asks this process to end is kept, to be asked for: servers are to be stopped before.
pub(crate) fn put_off_signals() -> Result<Signals> {
    Signals::new([SIGHUP, SIGINT, SIGTERM]).context("cannot receive signals")
}

/// The exit code that stands for a signal, as shells have it.
pub(crate) fn killed_by(signal: i32) -> u8 {
    byte(128 + signal)
}

fn byte(code: i32) -> u8 {
    u8::try_from(code).unwrap_or(1)
}

fn start(testbed: &Testbed, command: &[OsString]) -> Result<Child> {
    let (program, arguments) = command.split_first().context("there is no command to run")?;
    let mut child = Command::new(program);
    child.args(arguments);
    child.env("KUBECONFIG", testbed.kubeconfig());
    let helm = helm()?.and_then(|helm| Some(helm.parent()?.to_owned()));
    child.env("PATH", path_with(std::iter::once(testbed.folder().join("bin")).chain(helm))?);
    child.env(VARIABLE, testbed.folder());
    child.spawn().with_context(|| format!("`{}` could not be started", program.to_string_lossy()))
}

/// Waits for a command, and hands on to it whatever asks this process to end.
fn wait(child: &mut Child, signals: &mut Signals) -> Result<ExitStatus> {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).context("the command has no number")?;
    loop {
        if let Some(status) = child.try_wait().context("the command could not be waited for")? {
            return Ok(status);
        }
        for signal in signals.pending() {
            // An interrupt from the terminal reaches the command without us.
            if signal == SIGINT && std::io::stdin().is_terminal() {
                continue;
            }
            if let Some(signal) = Signal::from_named_raw(signal) {
                kill_process(pid, signal).context("a signal could not be handed on")?;
            }
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn path_with(first: impl Iterator<Item = PathBuf>) -> Result<OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(first.chain(std::env::split_paths(&path))).context("a folder cannot stand in PATH")
}
