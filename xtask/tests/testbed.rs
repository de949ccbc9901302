//! `cargo xtask testbed` from outside: what a command sees, and what is left when somebody is killed.

#![expect(clippy::disallowed_methods, reason = "a test looks at files and at the clock")]

use anyhow::{Context, Result};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use watertight_testbed::{DEFAULT_KUBERNETES, can_test};

/// `xtask` in a target folder of its own, so that nobody else's testbeds are in it.
struct Xtask {
    target: TempDir,
}

impl Xtask {
    /// `None` if the servers' programs are missing.
    fn new() -> Result<Option<Self>> {
        if !can_test(DEFAULT_KUBERNETES)? {
            return Ok(None);
        }
        // A link, since a file that was just written cannot be run while another test has it open by a fork.
        let target = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
        std::fs::hard_link(env!("CARGO_BIN_EXE_xtask"), target.path().join("xtask"))?;
        std::fs::File::create(target.path().join("CACHEDIR.TAG"))?;
        Ok(Some(Self { target }))
    }

    fn testbed(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.target.path().join("xtask"));
        command.arg("testbed").args(arguments);
        command
    }

    /// `run -- sh -c SCRIPT`, of which the first line is read: the folder of the testbed.
    fn run(&self, script: &str) -> Result<Running> {
        let script = format!("echo $WATERTIGHT_TESTBED; {script}");
        let mut command = self.testbed(&["run", "--nodes", "0", "--", "sh", "-c", &script]);
        let mut owner = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut output = BufReader::new(owner.stdout.take().context("no output")?);
        let mut folder = String::new();
        output.read_line(&mut folder)?;
        let folder = PathBuf::from(folder.trim());
        let servers = servers(&folder)?;
        let running = Running { owner, output: Box::new(output), folder, servers };
        assert_eq!(running.servers_are_there(), 5, "{:?}", running.servers);
        Ok(running)
    }
}

/// A running `run`.
struct Running {
    owner: Child,
    output: Box<dyn Read>,
    folder: PathBuf,
    servers: Vec<u32>,
}

impl Running {
    fn signal(&self, name: &str) -> Result<()> {
        let id = self.owner.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status()?.success());
        Ok(())
    }

    fn servers_are_there(&self) -> usize {
        self.servers.iter().filter(|server| is_server_of(**server, &self.folder)).count()
    }
}

fn servers(folder: &Path) -> Result<Vec<u32>> {
    let mut all = Vec::new();
    for cluster in std::fs::read_dir(folder)? {
        for file in std::fs::read_dir(cluster?.path().join("pids")).into_iter().flatten() {
            all.push(std::fs::read_to_string(file?.path())?.trim().parse()?);
        }
    }
    Ok(all)
}

fn is_server_of(process: u32, folder: &Path) -> bool {
    let ps = Command::new("ps").args(["-ww", "-o", "command=", "-p", &process.to_string()]).output();
    ps.is_ok_and(|ps| stdout(&ps).contains(&*folder.to_string_lossy()))
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_command_is_given_a_control_plane_and_its_exit_code_is_passed_on() -> Result<()> {
    let Some(xtask) = Xtask::new()? else { return Ok(()) };
    let script = "kubectl config current-context; kubectl version; read line; echo $line; exit 7";
    let mut running = xtask.run(script)?;
    std::io::Write::write_all(&mut running.owner.stdin.take().context("no input")?, b"from stdin\n")?;
    let mut output = String::new();
    running.output.read_to_string(&mut output)?;
    assert_eq!(running.owner.wait()?.code(), Some(7), "{output}");
    let lines: Vec<&str> = output.lines().collect();
    assert_eq!(lines.first(), Some(&"testbed"));
    assert_eq!(lines.last(), Some(&"from stdin"));
    for side in ["Client Version: v", "Server Version: v"] {
        assert!(output.contains(&format!("{side}{DEFAULT_KUBERNETES}.")), "{output}");
    }
    assert!(!running.folder.exists());
    assert_eq!(running.servers_are_there(), 0);
    Ok(())
}

#[test]
fn a_signal_ends_the_command_and_then_the_servers_are_stopped() -> Result<()> {
    let Some(xtask) = Xtask::new()? else { return Ok(()) };
    let mut running = xtask.run("while :; do sleep 0.1; done")?;
    running.signal("TERM")?;
    assert_eq!(running.owner.wait()?.code(), Some(128 + 15));
    assert!(!running.folder.exists());
    assert_eq!(running.servers_are_there(), 0);
    Ok(())
}

/// Only Linux ends processes together with the one that started them.
#[cfg(target_os = "linux")]
#[test]
fn an_owner_that_is_killed_leaves_no_server_and_its_folder_is_swept() -> Result<()> {
    let Some(xtask) = Xtask::new()? else { return Ok(()) };
    // The command ends when its input does, which is when this test closes it.
    let mut running = xtask.run("cat")?;
    running.owner.kill()?;
    running.owner.wait()?;
    let start = Instant::now();
    while running.servers_are_there() > 0 {
        assert!(start.elapsed() < Duration::from_secs(10), "servers are left");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(running.folder.exists());
    let next = xtask.testbed(&["run", "--nodes", "0", "--", "true"]).status()?;
    assert!(next.success());
    assert!(!running.folder.exists());
    Ok(())
}

#[test]
fn the_demo_is_up_until_it_is_taken_down() -> Result<()> {
    let Some(xtask) = Xtask::new()? else { return Ok(()) };
    let up = xtask.testbed(&["up", "--demo"]).output()?;
    assert!(up.status.success(), "{up:?}");
    let folder = xtask.target.path().join("testbed/up");
    let servers = servers(&folder)?;
    assert_eq!(servers.len(), 10);

    // What it prints is meant for a shell, and works in one.
    let setup = stdout(&up).lines().filter(|line| line.starts_with("export ")).collect::<Vec<_>>().join("\n");
    for context in ["testbed-1", "testbed-2"] {
        let get = format!("{setup}\nkubectl --context {context} get deployments -A -o name");
        let got = Command::new("sh").args(["-c", &get]).output()?;
        let deployments = stdout(&got);
        assert_eq!(deployments.matches("deployment.apps/api").count(), 2, "{context}: {got:?}");
    }
    let leak = format!("{setup}\nkubectl --context testbed-1 get daemonset -n staging node-metrics");
    assert!(Command::new("sh").args(["-c", &leak]).output()?.status.success());

    let status = xtask.testbed(&["status"]).output()?;
    assert!(status.status.success(), "{status:?}");
    assert_eq!(stdout(&status).matches(" MB").count(), 10, "{status:?}");
    let again = xtask.testbed(&["up"]).output()?;
    assert_eq!(again.status.code(), Some(1), "{again:?}");
    assert!(servers.iter().all(|server| is_server_of(*server, &folder)));

    assert!(xtask.testbed(&["down"]).status()?.success());
    assert!(!folder.exists());
    assert!(!servers.iter().any(|server| is_server_of(*server, &folder)));
    assert_eq!(xtask.testbed(&["status"]).output()?.status.code(), Some(1));
    assert!(xtask.testbed(&["down"]).status()?.success());
    Ok(())
}

#[test]
fn arguments_that_make_no_sense_are_refused_before_anything_starts() -> Result<()> {
    for (arguments, said) in [
        (&["up", "--kubernetes", "1.2"][..], "there are 1.36"),
        (&["run"], "<CMD>"),
        (&["run", "--clusters", "0", "--", "true"], "0 is not in 1..=9"),
        (&["fly"], "unrecognized subcommand 'fly'"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_xtask")).arg("testbed").args(arguments).output()?;
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(said), "{output:?}");
    }
    Ok(())
}
