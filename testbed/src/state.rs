//! The folder of a testbed: everything that it writes is in there, and goes with it.

use crate::process::Candidate;
use crate::talk::say;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// What is running, for whoever attaches: `state.json` of the folder. It is written when all is ready.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct State {
    /// The version of Kubernetes, such as `1.36.3`.
    pub kubernetes: String,
    /// Where `kubectl` of that version is.
    pub kubectl: PathBuf,
    /// The clusters.
    pub clusters: Vec<ClusterState>,
}

/// One cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClusterState {
    /// Its name, and that of its context in the kubeconfig.
    pub name: String,
    /// Where its API server answers.
    pub url: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Its servers and the numbers of their processes.
    pub servers: Vec<(String, u32)>,
}

impl State {
    /// Reads what is running in a folder.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let file = folder.join("state.json");
        let context = || format!("cannot read {}", file.display());
        serde_json::from_slice(&std::fs::read(&file).with_context(context)?).with_context(context)
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let file = folder.join("state.json");
        let text = serde_json::to_string_pretty(self)?;
        std::fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
    }
}

/// A folder that is ours for as long as this value lives, and is removed with it.
#[derive(Debug)]
pub(crate) struct StateFolder {
    pub(crate) path: PathBuf,
    /// Locked. Who can lock it knows that the owner is gone; the folder of `up` has no owner, and no lock.
    owner: Option<File>,
}

/// The name of the folder that `up` writes to.
const UP: &str = "up";

/// The file whose lock says that the owner lives.
const OWNER: &str = "owner.lock";

impl StateFolder {
    /// A new folder for an owner that lives. Folders whose owners are gone are swept first.
    pub(crate) fn new() -> Result<Self> {
        Self::new_in(&root()?)
    }

    pub(crate) fn new_in(root: &Path) -> Result<Self> {
        // Nobody sweeps between the making of the folder and its lock.
        let _lock = lock(root)?;
        sweep(root);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let path = root.join(format!("{}-{}", std::process::id(), now.as_nanos()));
        std::fs::create_dir(&path).with_context(|| format!("cannot make {}", path.display()))?;
        let owner = File::create(path.join(OWNER)).context("cannot make the owner's lock")?;
        owner.lock().context("cannot take the owner's lock")?;
        Ok(Self { path, owner: Some(owner) })
    }

    /// The folder that `up` writes to, which nobody owns.
    pub(crate) fn for_up() -> Result<Self> {
        let path = up_folder()?;
        std::fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self { path, owner: None })
    }

    /// Leaves the folder behind.
    pub(crate) fn leave(mut self) {
        self.path = PathBuf::new();
    }
}

impl Drop for StateFolder {
    fn drop(&mut self) {
        if self.path.as_os_str().is_empty() {
            return;
        }
        if let Err(error) = std::fs::remove_dir_all(&self.path) {
            say(format!("{} could not be removed: {error}", self.path.display()));
        }
        drop(self.owner.take());
    }
}

/// The folder that `up` writes to.
pub(crate) fn up_folder() -> Result<PathBuf> {
    Ok(root()?.join(UP))
}

/// Holds off everybody else who would start or stop what `up` starts.
pub(crate) fn lock_up() -> Result<File> {
    let root = root()?;
    std::fs::create_dir_all(&root).with_context(|| format!("cannot make {}", root.display()))?;
    let file = File::create(root.join(".up.lock")).context("cannot make the lock of `up`")?;
    file.lock().context("cannot take the lock of `up`")?;
    Ok(file)
}

/// The folder of all testbeds, in the target folder that our own program was built into.
pub(crate) fn root() -> Result<PathBuf> {
    let program = std::env::current_exe().context("cannot tell where this program is")?;
    // Cargo marks a target folder that it makes with the first of these, and keeps the second in any.
    let marks = ["CACHEDIR.TAG", ".rustc_info.json"];
    let is_target = |folder: &&Path| marks.iter().any(|mark| folder.join(mark).is_file());
    let target = program.ancestors().find(is_target);
    let target = target.with_context(|| format!("{} is in no target folder", program.display()))?;
    Ok(target.join("testbed"))
}

fn lock(root: &Path) -> Result<File> {
    let context = || format!("cannot lock {}", root.display());
    std::fs::create_dir_all(root).with_context(context)?;
    let file = File::create(root.join(".lock")).with_context(context)?;
    file.lock().with_context(context)?;
    Ok(file)
}

/// Stops and removes what owners left that are gone. What cannot be swept is said, and hinders nobody.
fn sweep(root: &Path) {
    let Ok(entries) = std::fs::read_dir(root) else { return };
    for folder in entries.flatten().map(|entry| entry.path()) {
        let stale = File::open(folder.join(OWNER)).is_ok_and(|owner| owner.try_lock().is_ok());
        if stale && let Err(error) = clear(&folder) {
            say(format!("{} could not be swept: {error:#}", folder.display()));
        }
    }
}

/// Ends the servers of a folder, and removes it.
pub(crate) fn clear(folder: &Path) -> Result<()> {
    for id in server_ids(folder) {
        Candidate { id, folder }.end()?;
    }
    std::fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))
}

/// The numbers that the servers of a folder had, as their files say.
fn server_ids(folder: &Path) -> Vec<u32> {
    let list = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten();
    let files = list(folder).flat_map(|cluster| list(&cluster.path().join("pids")));
    files.filter_map(|file| std::fs::read_to_string(file.path()).ok()?.trim().parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    /// A folder with a server in it, as an owner leaves it that was killed where nothing ends servers with it.
    fn left_behind(root: &Path, name: &str) -> (PathBuf, std::process::Child) {
        let folder = root.join(name);
        std::fs::create_dir_all(folder.join("testbed/pids")).unwrap();
        File::create(folder.join(OWNER)).unwrap();
        let script = folder.join("server.sh");
        std::fs::write(&script, "while :; do sleep 0.1; done").unwrap();
        let server = Command::new("sh").arg(&script).spawn().unwrap();
        std::fs::write(folder.join("testbed/pids/server"), server.id().to_string()).unwrap();
        (folder, server)
    }

    #[test]
    fn what_a_dead_owner_left_is_swept_by_the_next() {
        let root = tempfile::tempdir().unwrap();
        let (folder, mut server) = left_behind(root.path(), "1-1");
        // The servers' parent is this test, which has to take note of the end.
        let end = std::thread::spawn(move || server.wait().unwrap());
        let ours = StateFolder::new_in(root.path()).unwrap();
        assert!(!end.join().unwrap().success());
        assert!(!folder.exists());
        assert!(ours.path.exists());
    }

    #[test]
    fn a_living_owner_is_left_alone() {
        let root = tempfile::tempdir().unwrap();
        let first = StateFolder::new_in(root.path()).unwrap();
        let second = StateFolder::new_in(root.path()).unwrap();
        assert!(first.path.exists() && second.path.exists());
        assert_ne!(first.path, second.path);
        let path = first.path.clone();
        drop(first);
        assert!(!path.exists());
    }

    #[test]
    fn a_number_that_is_now_anothers_is_left_alone() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("1-1");
        std::fs::create_dir_all(folder.join("testbed/pids")).unwrap();
        File::create(folder.join(OWNER)).unwrap();
        let mut stranger = Command::new("sleep").arg("60").spawn().unwrap();
        std::fs::write(folder.join("testbed/pids/etcd"), stranger.id().to_string()).unwrap();
        drop(StateFolder::new_in(root.path()).unwrap());
        assert!(!folder.exists());
        assert!(stranger.try_wait().unwrap().is_none(), "the stranger was ended");
        stranger.kill().unwrap();
        stranger.wait().unwrap();
    }
}
