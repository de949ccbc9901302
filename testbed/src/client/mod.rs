//! The face for tests: a control plane to talk to, shared by all tests or of a test's own.

mod autopsy;
mod namespace;
mod wait;

pub use namespace::Namespace;
pub use wait::eventually;

use crate::can_test;
use crate::cluster::kubectl;
use crate::resources::CustomResources;
use crate::run::VARIABLE;
use crate::state::{ClusterState, State};
use crate::testbed::{Options, Testbed};
use anyhow::{Context, Error, Result};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A control plane that answers.
#[derive(Debug)]
pub struct ControlPlane {
    state: State,
    cluster: ClusterState,
    /// Ends the servers with this value, if it was what started them.
    testbed: Option<Testbed>,
}

impl ControlPlane {
    /// The control plane that all tests share: that of the testbed in which they are run (`cargo xtask testbed run`),
    /// or else one for this process. Work in a namespace of your own there, and look at no other.
    ///
    /// `None` says that the programs are missing, and the test cannot be made.
    ///
    /// # Errors
    ///
    /// If it does not start; where `CI` is set, also if the programs are missing.
    pub fn shared() -> Result<Option<&'static Self>> {
        static SHARED: OnceLock<Result<Option<ControlPlane>, String>> = OnceLock::new();
        let shared = SHARED.get_or_init(|| {
            let plane = match std::env::var_os(VARIABLE) {
                Some(folder) => Self::attach(Path::new(&folder)).map(Some),
                None => Self::start(),
            };
            plane.map_err(|error| format!("{error:#}"))
        });
        shared.as_ref().map(Option::as_ref).map_err(Error::msg)
    }

    /// A control plane of a test's own, for tests that change or look at what is in no namespace. It ends with the
    /// value.
    ///
    /// `None` says that the programs are missing, and the test cannot be made.
    ///
    /// # Errors
    ///
    /// As [`ControlPlane::shared`].
    pub fn start() -> Result<Option<Self>> {
        Self::start_with(&Options::default())
    }

    /// As [`ControlPlane::start`], of another version or with other nodes.
    ///
    /// # Errors
    ///
    /// As [`ControlPlane::shared`].
    pub fn start_with(options: &Options) -> Result<Option<Self>> {
        if !can_test(&options.kubernetes)? {
            return Ok(None);
        }
        let testbed = Testbed::start(options)?;
        Ok(Some(Self::of(testbed.state().clone(), Some(testbed))?))
    }

    /// The control plane of a testbed that somebody else started; the first, if there are several.
    fn attach(folder: &Path) -> Result<Self> {
        let state = State::read(folder).with_context(|| format!("{VARIABLE} names no running testbed"))?;
        Self::of(state, None)
    }

    fn of(state: State, testbed: Option<Testbed>) -> Result<Self> {
        let cluster = state.clusters.first().context("the testbed has no cluster")?.clone();
        Ok(Self { state, cluster, testbed })
    }

    /// The version of Kubernetes, such as `1.36.3`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.state.kubernetes
    }

    /// The minor version of Kubernetes, such as 36.
    ///
    /// # Errors
    ///
    /// If the version has none.
    pub fn minor(&self) -> Result<u32> {
        let minor = self.version().split('.').nth(1).and_then(|minor| minor.parse().ok());
        minor.with_context(|| format!("`{}` has no minor version", self.version()))
    }

    /// Where the API server answers.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.cluster.url
    }

    /// The kubeconfig of its administrator.
    #[must_use]
    pub fn kubeconfig(&self) -> PathBuf {
        self.cluster.folder.join("admin.kubeconfig")
    }

    /// The servers, and the numbers of their processes.
    #[must_use]
    pub fn servers(&self) -> &[(String, u32)] {
        &self.cluster.servers
    }

    /// The folder that goes with it, if it is not shared with other processes.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        self.testbed.as_ref().map(Testbed::folder)
    }

    /// An administrator's client. Each test has a client of its own, since a client belongs to a test's executor.
    ///
    /// # Errors
    ///
    /// If the kubeconfig cannot be used.
    pub async fn client(&self) -> Result<Client> {
        let kubeconfig = Kubeconfig::read_from(self.kubeconfig())?;
        let mut config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
        // A refusal for now (a budget that forbids an eviction, a server that is full) is an answer that tests look at.
        config.default_retry = false;
        Ok(Client::try_from(config)?)
    }

    /// Runs kubectl of the same version, and gives what it prints.
    ///
    /// # Errors
    ///
    /// What it prints on stderr, if it fails.
    pub fn kubectl(&self, arguments: &[&str]) -> Result<String> {
        self.kubectl_with_input(arguments, "")
    }

    /// As [`ControlPlane::kubectl`], with something on its standard input.
    ///
    /// # Errors
    ///
    /// What it prints on stderr, if it fails.
    pub fn kubectl_with_input(&self, arguments: &[&str], input: &str) -> Result<String> {
        kubectl(&self.state.kubectl, &self.kubeconfig(), arguments, input)
    }

    /// Installs custom resources, and waits until the API server knows them. To do so twice does no harm.
    ///
    /// # Errors
    ///
    /// If their definitions were not fetched, or the API server refuses them.
    pub fn install(&self, resources: CustomResources) -> Result<()> {
        resources.install(&self.state.kubectl, &self.kubeconfig())
    }
}
