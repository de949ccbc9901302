//! One control plane: its keys, its servers, and the moment from which on it answers.

use crate::binaries::{Binaries, Program};
use crate::kubeconfig::Kubeconfig;
use crate::nodes;
use crate::pki::{Authority, Purpose, signing_keys};
use crate::process::{Bond, Server};
use crate::servers::{Ports, Recipes};
use crate::state::ClusterState;
use crate::talk::say;
use crate::testbed::Options;
use anyhow::{Context, Result, bail};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often a start is tried, each time with other ports: somebody may take one between its choice and its use.
const ATTEMPTS: usize = 4;

/// How long a control plane may take until it answers, on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(90);

/// A running control plane.
#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) name: String,
    pub(crate) url: String,
    folder: PathBuf,
    kubectl: PathBuf,
    /// The last one started comes last, and is stopped first.
    servers: Vec<Server>,
}

impl Cluster {
    /// Starts a control plane whose files are in `FOLDER/NAME`, and waits until it answers.
    pub(crate) fn start(
        folder: &Path,
        name: &str,
        options: &Options,
        binaries: &Binaries,
        bond: Bond,
    ) -> Result<Self> {
        Self::start_at(Ports::choose, folder, name, options, binaries, bond)
    }

    fn start_at(
        mut choose: impl FnMut() -> Result<Ports>,
        folder: &Path,
        name: &str,
        options: &Options,
        binaries: &Binaries,
        bond: Bond,
    ) -> Result<Self> {
        let folder = folder.join(name);
        for part in ["pki", "logs", "pids"] {
            std::fs::create_dir_all(folder.join(part))
                .with_context(|| format!("cannot make {}", folder.display()))?;
        }
        write_keys(&folder.join("pki"))?;
        let mut attempt = 1;
        loop {
            let mut cluster = Self {
                name: name.to_owned(),
                url: String::new(),
                folder: folder.clone(),
                kubectl: binaries.of(Program::Kubectl)?.to_owned(),
                servers: Vec::new(),
            };
            match cluster.bring_up(choose()?, options, binaries, bond) {
                Ok(()) => return Ok(cluster),
                Err(_) if attempt < ATTEMPTS && cluster.lost_a_port() => attempt += 1,
                Err(error) => return Err(error.context(format!("the control plane `{name}` does not start"))),
            }
        }
    }

    fn bring_up(&mut self, ports: Ports, options: &Options, binaries: &Binaries, bond: Bond) -> Result<()> {
        self.url = format!("https://127.0.0.1:{}", ports.apiserver);
        let folder = self.folder.clone();
        let recipes = Recipes { folder: &folder, ports, binaries };
        for user in ["admin", "kube-controller-manager", "kube-scheduler", "kwok"] {
            let kubeconfig = Kubeconfig::of(&self.name, &self.url, &folder, user);
            kubeconfig.write(&folder.join(format!("{user}.kubeconfig")))?;
        }
        for recipe in [recipes.etcd()?, recipes.apiserver()?] {
            self.servers.push(Server::start(recipe, &folder, bond)?);
        }
        self.wait_for("the API server is ready", |cluster| {
            cluster.kubectl(&["get", "--raw", "/readyz"]).is_ok_and(|answer| answer == "ok")
        })?;
        for resources in &options.custom_resources {
            resources.install(&self.kubectl, &folder.join("admin.kubeconfig"))?;
        }
        for recipe in [recipes.controller_manager()?, recipes.scheduler()?, recipes.kwok()?] {
            self.servers.push(Server::start(recipe, &folder, bond)?);
        }
        if options.nodes > 0 {
            let nodes = nodes::manifests(options.nodes, &binaries.kubernetes);
            self.kubectl_with_input(&["create", "-f", "-"], &nodes)?;
        }
        self.wait_for("namespaces have their ServiceAccount", |cluster| {
            cluster.kubectl(&["get", "serviceaccount", "default", "-n", "default"]).is_ok()
        })?;
        self.wait_for("its nodes are ready and have a range for their pods", |cluster| {
            let each = r#"{.spec.podCIDR} {.status.conditions[?(@.type=="Ready")].status}"#;
            let answer =
                cluster.kubectl(&["get", "nodes", &format!("-o=jsonpath={{range .items[*]}}{each};{{end}}")]);
            let is_done = |node: &&str| node.starts_with("10.") && node.ends_with(" True");
            answer.is_ok_and(|answer| answer.split(';').filter(is_done).count() == options.nodes)
        })
    }

    /// Waits until something holds; a server that ends by itself ends the waiting.
    fn wait_for(&mut self, what: &str, holds: impl Fn(&Self) -> bool) -> Result<()> {
        let start = Instant::now();
        while !holds(self) {
            if let Some(server) =
                self.servers.iter_mut().find_map(|server| server.has_ended().then_some(server))
            {
                bail!("{} ended by itself; the end of its log:\n{}", server.name, server.last_lines(20));
            }
            if start.elapsed() > PATIENCE {
                let logs = self.folder.join("logs");
                say(self.last_lines(10));
                bail!("not within {} s: {what}; its logs are in {}", PATIENCE.as_secs(), logs.display());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Whether a server found its port taken by another.
    fn lost_a_port(&self) -> bool {
        self.servers.iter().any(|server| server.last_lines(50).contains("address already in use"))
    }

    /// The last lines of each server's log.
    pub(crate) fn last_lines(&self, count: usize) -> String {
        let parts =
            self.servers.iter().map(|server| format!("{}:\n{}\n", server.name, server.last_lines(count)));
        parts.collect()
    }

    /// What others may know of it.
    pub(crate) fn state(&self) -> ClusterState {
        ClusterState {
            name: self.name.clone(),
            url: self.url.clone(),
            folder: self.folder.clone(),
            servers: self.servers.iter().map(|server| (server.name.to_owned(), server.id())).collect(),
        }
    }

    /// Leaves the servers running.
    pub(crate) fn leave(mut self) {
        self.servers.drain(..).for_each(std::mem::forget);
    }

    /// Ends the servers, the last one started first.
    pub(crate) fn stop(&mut self) {
        while let Some(server) = self.servers.pop() {
            drop(server);
        }
    }

    fn kubectl(&self, arguments: &[&str]) -> Result<String> {
        self.kubectl_with_input(arguments, "")
    }

    fn kubectl_with_input(&self, arguments: &[&str], input: &str) -> Result<String> {
        kubectl(&self.kubectl, &self.folder.join("admin.kubeconfig"), arguments, input)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Runs kubectl to its end; what it prints on stderr is the error.
pub(crate) fn kubectl(program: &Path, kubeconfig: &Path, arguments: &[&str], input: &str) -> Result<String> {
    let mut command = Command::new(program);
    command.arg("--kubeconfig").arg(kubeconfig).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().context("kubectl could not be started")?;
    let stdin = child.stdin.take();
    // It may print before it has read everything, and then waits for whoever reads that.
    let output = std::thread::scope(|scope| {
        scope.spawn(move || {
            // What ends before it has read everything says why on stderr.
            drop(stdin.map(|mut stdin| stdin.write_all(input.as_bytes())));
        });
        child.wait_with_output()
    });
    let output = output.context("kubectl could not be waited for")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`kubectl {}` failed: {}", arguments.join(" "), said.trim_end());
    }
    String::from_utf8(output.stdout).context("kubectl printed what is no UTF-8")
}

/// Makes every key and certificate of a control plane. Each of its three authorities vouches for one thing only: a user
/// of the API is no client of the store, and nobody but the API server speaks for others to extension servers.
fn write_keys(pki: &Path) -> Result<()> {
    let store = Authority::new(pki, "etcd-ca")?;
    store.issue(pki, "etcd", "etcd", &Purpose::Server(&["localhost", "127.0.0.1"]))?;
    store.issue(pki, "apiserver-etcd-client", "kube-apiserver", &Purpose::Client(None))?;

    let proxy = Authority::new(pki, "front-proxy-ca")?;
    proxy.issue(pki, "front-proxy-client", "front-proxy-client", &Purpose::Client(None))?;

    let cluster = Authority::new(pki, "ca")?;
    // The controllers sign certificates in its name.
    cluster.write_key(pki, "ca")?;
    let names = [
        "localhost",
        "127.0.0.1",
        "10.96.0.1",
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
    ];
    cluster.issue(pki, "apiserver", "kube-apiserver", &Purpose::Server(&names))?;
    cluster.issue(pki, "admin", "testbed-admin", &Purpose::Client(Some("system:masters")))?;
    for user in ["kube-controller-manager", "kube-scheduler"] {
        cluster.issue(pki, user, &format!("system:{user}"), &Purpose::Client(None))?;
    }
    // It plays every kubelet at once.
    cluster.issue(pki, "kwok", "testbed-kwok", &Purpose::Client(Some("system:masters")))?;
    signing_keys(pki, "service-accounts")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DEFAULT_KUBERNETES, can_test};
    use std::net::TcpListener;

    #[test]
    fn a_port_that_is_taken_meanwhile_is_chosen_anew() -> Result<()> {
        if !can_test(DEFAULT_KUBERNETES)? {
            return Ok(());
        }
        let binaries = Binaries::find(DEFAULT_KUBERNETES)??;
        let folder = tempfile::tempdir()?;
        let stranger = TcpListener::bind("127.0.0.1:0")?;
        let taken = stranger.local_addr()?.port();
        let mut attempt = 0;
        let choose = || {
            attempt += 1;
            let free = Ports::choose()?;
            Ok(match attempt {
                1 => Ports { etcd: taken, ..free },
                2 => Ports { apiserver: taken, ..free },
                _ => free,
            })
        };
        let options = Options { nodes: 0, ..Options::default() };
        let cluster = Cluster::start_at(choose, folder.path(), "taken", &options, &binaries, Bond::Owner)?;
        assert_eq!(cluster.kubectl(&["get", "--raw", "/readyz"])?, "ok");
        assert_ne!(cluster.url, format!("https://127.0.0.1:{taken}"));
        drop(cluster);
        assert_eq!(attempt, 3);
        Ok(())
    }
}
