//! Servers start, do not collide, and leave nothing.

use anyhow::{Context, Result};
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use watertight_testbed::{ControlPlane, Options};

/// What is left of a control plane after its end.
struct Trace {
    folder: PathBuf,
    servers: Vec<(String, u32)>,
}

impl Trace {
    fn of(plane: &ControlPlane) -> Result<Self> {
        let folder = plane.folder().context("it is shared")?.to_owned();
        let trace = Self { folder, servers: plane.servers().to_vec() };
        assert_eq!(trace.servers.len(), 5);
        assert!(trace.folder.exists());
        for (name, id) in &trace.servers {
            assert!(is_there(*id), "{name} is not there");
        }
        Ok(trace)
    }

    fn assert_nothing_is_left(&self) {
        assert!(!self.folder.exists(), "{} is left", self.folder.display());
        for (name, id) in &self.servers {
            assert!(!is_there(*id), "{name} is left");
        }
    }
}

fn is_there(process: u32) -> bool {
    Command::new("kill").args(["-0", &process.to_string()]).output().is_ok_and(|kill| kill.status.success())
}

#[tokio::test]
async fn a_client_is_told_the_version_that_was_asked_for() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    let version = plane.client().await?.apiserver_version().await?;
    assert_eq!(version.git_version, format!("v{}", plane.version()));
    assert_eq!(format!("{}.{}", version.major, version.minor), Options::default().kubernetes);
    Ok(())
}

#[test]
fn two_at_once_are_two_and_leave_nothing() -> Result<()> {
    let (first, second) = thread::scope(|scope| {
        let first = scope.spawn(ControlPlane::start);
        let second = ControlPlane::start();
        (first.join().unwrap(), second)
    });
    let (Some(first), Some(second)) = (first?, second?) else { return Ok(()) };
    assert_ne!(first.url(), second.url());
    first.kubectl(&["create", "namespace", "of-the-first"])?;
    let namespaces = ["get", "namespaces", "-o", "name"];
    assert!(first.kubectl(&namespaces)?.contains("of-the-first"));
    assert!(!second.kubectl(&namespaces)?.contains("of-the-first"));

    let (of_first, of_second) = (Trace::of(&first)?, Trace::of(&second)?);
    drop(first);
    of_first.assert_nothing_is_left();
    assert!(second.kubectl(&namespaces)?.contains("default"), "the second went with the first");
    drop(second);
    of_second.assert_nothing_is_left();
    Ok(())
}

#[test]
fn a_panic_leaves_nothing() -> Result<()> {
    let Some(plane) = ControlPlane::start()? else { return Ok(()) };
    let trace = Trace::of(&plane)?;
    let panic = catch_unwind(move || {
        assert!(plane.url().is_empty(), "as planned");
    });
    assert!(panic.is_err());
    trace.assert_nothing_is_left();
    Ok(())
}

#[test]
fn every_command_line_tells_whose_server_it_is() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    for (name, id) in plane.servers() {
        let line = Command::new("ps").args(["-ww", "-o", "command=", "-p", &id.to_string()]).output()?.stdout;
        let line = String::from_utf8(line)?;
        assert!(line.contains("/testbed/"), "{name}: {line}");
        assert!(
            line.contains(&*plane.kubeconfig().parent().unwrap_or(Path::new("?")).to_string_lossy()),
            "{line}"
        );
    }
    Ok(())
}
