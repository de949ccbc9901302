//! `up`, `down` and `status`: a testbed that stays until somebody stops it.

use crate::binaries::Binaries;
use crate::build::build;
use crate::cluster::kubectl;
use crate::modules::crate_folder;
use crate::process::{Bond, Candidate, memory_bytes};
use crate::resources::CustomResources;
use crate::run::put_off_signals;
use crate::state::{State, StateFolder, clear, lock_up, up_folder};
use crate::testbed::{Options, Testbed};
use anyhow::{Result, bail};
use std::path::PathBuf;

/// A testbed that `up` started.
#[derive(Debug)]
pub struct Up {
    /// What was started.
    pub state: State,
    /// The kubeconfig of its administrator.
    pub kubeconfig: PathBuf,
    /// The folder with its `kubectl` alone.
    pub bin: PathBuf,
}

/// The examples, each of which `--demo` loads into a cluster of its own: they have their namespaces in common.
pub const EXAMPLES: [&str; 2] = ["shop-leaky", "shop-watertight"];

/// Builds what is missing, and starts a testbed that stays.
///
/// # Errors
///
/// If one is up already, or cannot be started.
pub fn up(options: &Options) -> Result<Up> {
    build(&options.kubernetes)?;
    let _lock = lock_up()?;
    let folder = up_folder()?;
    if folder.exists() {
        if servers(&folder).iter().any(|server| server.memory_bytes.is_some()) {
            bail!("a testbed is up already: `cargo xtask testbed status` shows it, and `down` stops it");
        }
        clear(&folder)?;
    }
    let binaries = Binaries::find(&options.kubernetes)??;
    let mut signals = put_off_signals()?;
    let testbed = Testbed::start_in(StateFolder::for_up()?, options, &binaries, Bond::None)?;
    if signals.pending().next().is_some() {
        bail!("interrupted");
    }
    testbed.leave();
    attach(folder)
}

fn attach(folder: PathBuf) -> Result<Up> {
    let state = State::read(&folder)?;
    Ok(Up { state, kubeconfig: folder.join("kubeconfig"), bin: folder.join("bin") })
}

/// Loads an example into each cluster, as far as there are clusters; says which went where.
///
/// # Errors
///
/// If a cluster refuses something.
pub fn load_examples(up: &Up) -> Result<Vec<(String, &'static str)>> {
    let mut loaded = Vec::new();
    for (cluster, example) in up.state.clusters.iter().zip(EXAMPLES) {
        let folder = crate_folder().join("../examples").join(example);
        let folder = folder.to_string_lossy();
        let kubeconfig = cluster.folder.join("admin.kubeconfig");
        // Files are read in the order of their names, and so a `namespace.yaml` comes before what is in it.
        CustomResources::NetworkPolicyApi.install(&up.state.kubectl, &kubeconfig)?;
        kubectl(&up.state.kubectl, &kubeconfig, &["apply", "-R", "-f", &folder], "")?;
        loaded.push((cluster.name.clone(), example));
    }
    Ok(loaded)
}

/// Stops what `up` started, and removes its folder; says whether anything was there.
///
/// # Errors
///
/// If a server does not end.
pub fn down() -> Result<bool> {
    let _lock = lock_up()?;
    let folder = up_folder()?;
    if !folder.exists() {
        return Ok(false);
    }
    clear(&folder)?;
    Ok(true)
}

/// A server that `up` started.
#[derive(Debug)]
pub struct ServerStatus {
    /// The cluster that it belongs to.
    pub cluster: String,
    /// Its name.
    pub name: String,
    /// The number of its process.
    pub id: u32,
    /// Its resident memory; `None` if it is gone.
    pub memory_bytes: Option<u64>,
}

/// What `up` started, if anything, and how each server is.
///
/// # Errors
///
/// If the state cannot be read.
pub fn status() -> Result<Option<(Up, Vec<ServerStatus>)>> {
    let folder = up_folder()?;
    if !folder.join("state.json").exists() {
        return Ok(None);
    }
    let servers = servers(&folder);
    Ok(Some((attach(folder)?, servers)))
}

fn servers(folder: &std::path::Path) -> Vec<ServerStatus> {
    let clusters = State::read(folder).map(|state| state.clusters).unwrap_or_default();
    let mut all = Vec::new();
    for cluster in clusters {
        for (name, id) in cluster.servers {
            let is_there = Candidate { id, folder }.is_there();
            let memory_bytes = is_there.then(|| memory_bytes(id).unwrap_or(0));
            all.push(ServerStatus { cluster: cluster.name.clone(), name, id, memory_bytes });
        }
    }
    all
}
