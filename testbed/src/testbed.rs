//! A testbed: one or more control planes of one version, started and stopped together.

use crate::binaries::{Binaries, Program};
use crate::cluster::{Cluster, kubectl};
use crate::kubeconfig::Kubeconfig;
use crate::modules::DEFAULT_KUBERNETES;
use crate::process::Bond;
use crate::resources::CustomResources;
use crate::state::{State, StateFolder};
use anyhow::{Context, Result, anyhow, bail};
use std::path::{Path, PathBuf};

/// What is to be started.
#[derive(Debug, Clone)]
pub struct Options {
    /// The minor version of Kubernetes.
    pub kubernetes: String,
    /// How many control planes.
    pub clusters: usize,
    /// How many nodes each of them has from the start.
    pub nodes: usize,
    /// The custom resources that each of them serves before its controllers start.
    ///
    /// Controllers look for new ones every half minute only: until then a ResourceQuota that counts one that was
    /// installed later lets nobody create any ("status unknown for quota").
    /// Source: `kube-controller-manager`, the period with which the quota's controller asks what is served.
    pub custom_resources: Vec<CustomResources>,
}

impl Default for Options {
    fn default() -> Self {
        let kubernetes = DEFAULT_KUBERNETES.to_owned();
        Self { kubernetes, clusters: 1, nodes: 2, custom_resources: Vec::new() }
    }
}

/// Running control planes, which end with this value.
#[derive(Debug)]
pub struct Testbed {
    /// Before the folder: the servers are stopped, and then their files go.
    clusters: Vec<Cluster>,
    folder: StateFolder,
    state: State,
}

impl Testbed {
    /// Starts control planes that end with this value, and with this process, however it ends.
    pub fn start(options: &Options) -> Result<Self> {
        let binaries = Binaries::find(&options.kubernetes)??;
        Self::start_in(StateFolder::new()?, options, &binaries, Bond::Owner)
    }

    pub(crate) fn start_in(
        folder: StateFolder,
        options: &Options,
        binaries: &Binaries,
        bond: Bond,
    ) -> Result<Self> {
        let names: Vec<String> = match options.clusters {
            0 => bail!("a testbed has one cluster at least"),
            1 => vec!["testbed".to_owned()],
            count => (1..=count).map(|number| format!("testbed-{number}")).collect(),
        };
        let start = |name: &String| Cluster::start(&folder.path, name, options, binaries, bond);
        let started: Vec<Result<Cluster>> = std::thread::scope(|scope| {
            let threads: Vec<_> = names.iter().map(|name| scope.spawn(move || start(name))).collect();
            let join = |thread: std::thread::ScopedJoinHandle<'_, _>| {
                thread.join().unwrap_or_else(|_| Err(anyhow!("the thread that started it panicked")))
            };
            threads.into_iter().map(join).collect()
        });
        let clusters = started.into_iter().collect::<Result<Vec<_>>>()?;
        let state = State {
            kubernetes: binaries.kubernetes.clone(),
            kubectl: binaries.of(Program::Kubectl)?.to_owned(),
            clusters: clusters.iter().map(Cluster::state).collect(),
        };
        let parts = state.clusters.iter();
        let parts =
            parts.map(|cluster| Kubeconfig::of(&cluster.name, &cluster.url, &cluster.folder, "admin"));
        let kubeconfig = parts.reduce(Kubeconfig::and).context("a testbed has one cluster at least")?;
        kubeconfig.write(&folder.path.join("kubeconfig"))?;
        link_kubectl(&folder.path, &state.kubectl)?;
        state.write(&folder.path)?;
        Ok(Self { clusters, folder, state })
    }

    /// The folder that holds everything it writes.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder.path
    }

    /// What is running.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The kubeconfig of its administrator.
    #[must_use]
    pub fn kubeconfig(&self) -> PathBuf {
        self.folder().join("kubeconfig")
    }

    /// Runs kubectl of the same version as its administrator, and gives what it prints.
    ///
    /// # Errors
    ///
    /// What it prints on stderr, if it fails.
    pub fn kubectl(&self, arguments: &[&str]) -> Result<String> {
        kubectl(&self.state.kubectl, &self.kubeconfig(), arguments, "")
    }

    /// Leaves the servers running, and the folder behind.
    pub(crate) fn leave(self) {
        self.clusters.into_iter().for_each(Cluster::leave);
        self.folder.leave();
    }
}

/// A folder with `kubectl` alone, to be put first on a path.
fn link_kubectl(folder: &Path, kubectl: &Path) -> Result<()> {
    let bin = folder.join("bin");
    std::fs::create_dir_all(&bin).with_context(|| format!("cannot make {}", bin.display()))?;
    let link = bin.join("kubectl");
    std::os::unix::fs::symlink(kubectl, &link).with_context(|| format!("cannot make {}", link.display()))
}
