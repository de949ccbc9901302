//! What each server is told.

use crate::binaries::{Binaries, Program};
use crate::modules::crate_folder;
use crate::process::Recipe;
use anyhow::{Context, Result};
use std::ffi::OsString;
use std::net::TcpListener;
use std::path::Path;

/// The ports on which servers listen; those that need none have none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ports {
    pub(crate) etcd: u16,
    pub(crate) apiserver: u16,
}

impl Ports {
    /// Ports that are free now, as the kernel says.
    pub(crate) fn choose() -> Result<Self> {
        // Both are held until both are known, so that they differ.
        let listeners = [TcpListener::bind("127.0.0.1:0"), TcpListener::bind("127.0.0.1:0")];
        let [etcd, apiserver] =
            listeners.map(|listener| Ok::<_, std::io::Error>(listener?.local_addr()?.port()));
        let context = "no port is free on the loopback interface";
        Ok(Self { etcd: etcd.context(context)?, apiserver: apiserver.context(context)? })
    }
}

/// The recipes for the servers of one control plane.
pub(crate) struct Recipes<'a> {
    /// Its folder.
    pub(crate) folder: &'a Path,
    pub(crate) ports: Ports,
    pub(crate) binaries: &'a Binaries,
}

impl Recipes<'_> {
    /// The store. What it holds is thrown away in the end, so that it need not reach the disk.
    pub(crate) fn etcd(&self) -> Result<Recipe> {
        let url = format!("https://127.0.0.1:{}", self.ports.etcd);
        let mut flags = Flags::default();
        flags.path("data-dir", &self.folder.join("data"));
        flags.text("listen-client-urls", &url);
        flags.text("advertise-client-urls", &url);
        // There are no peers, and nobody is to find this port.
        flags.text("listen-peer-urls", "http://127.0.0.1:0");
        flags.path("cert-file", &self.pki("etcd.crt"));
        flags.path("key-file", &self.pki("etcd.key"));
        flags.path("trusted-ca-file", &self.pki("etcd-ca.crt"));
        flags.switch("client-cert-auth");
        flags.switch("unsafe-no-fsync");
        self.recipe(Program::Etcd, flags)
    }

    /// The API server, with the admission of a managed cluster.
    pub(crate) fn apiserver(&self) -> Result<Recipe> {
        let mut flags = Flags::default();
        flags.text("etcd-servers", &format!("https://127.0.0.1:{}", self.ports.etcd));
        flags.path("etcd-cafile", &self.pki("etcd-ca.crt"));
        flags.path("etcd-certfile", &self.pki("apiserver-etcd-client.crt"));
        flags.path("etcd-keyfile", &self.pki("apiserver-etcd-client.key"));
        flags.text("bind-address", "127.0.0.1");
        // What `endpoints kubernetes` says; the loopback address is refused there. The nodes count on from it.
        flags.text("advertise-address", "10.0.0.1");
        flags.text("secure-port", &self.ports.apiserver.to_string());
        flags.path("tls-cert-file", &self.pki("apiserver.crt"));
        flags.path("tls-private-key-file", &self.pki("apiserver.key"));
        flags.path("client-ca-file", &self.pki("ca.crt"));
        flags.path("requestheader-client-ca-file", &self.pki("front-proxy-ca.crt"));
        flags.text("requestheader-allowed-names", "front-proxy-client");
        flags.text("requestheader-username-headers", "X-Remote-User");
        flags.text("requestheader-group-headers", "X-Remote-Group");
        flags.text("requestheader-extra-headers-prefix", "X-Remote-Extra-");
        flags.path("proxy-client-cert-file", &self.pki("front-proxy-client.crt"));
        flags.path("proxy-client-key-file", &self.pki("front-proxy-client.key"));
        flags.text("service-account-issuer", "https://kubernetes.default.svc.cluster.local");
        flags.path("service-account-key-file", &self.pki("service-accounts.pub"));
        flags.path("service-account-signing-key-file", &self.pki("service-accounts.key"));
        flags.text("authorization-mode", "Node,RBAC");
        flags.text("enable-admission-plugins", "NodeRestriction,ExtendedResourceToleration");
        flags.text("enable-priority-and-fairness", "true");
        flags.text("service-cluster-ip-range", SERVICES);
        flags.text("allow-privileged", "true");
        self.recipe(Program::KubeApiserver, flags)
    }

    /// The controllers, each with the rights of its own ServiceAccount.
    pub(crate) fn controller_manager(&self) -> Result<Recipe> {
        let mut flags = Flags::default();
        flags.path("kubeconfig", &self.folder.join("kube-controller-manager.kubeconfig"));
        flags.switch("use-service-account-credentials");
        flags.path("service-account-private-key-file", &self.pki("service-accounts.key"));
        flags.path("root-ca-file", &self.pki("ca.crt"));
        flags.path("cluster-signing-cert-file", &self.pki("ca.crt"));
        flags.path("cluster-signing-key-file", &self.pki("ca.key"));
        flags.switch("allocate-node-cidrs");
        flags.text("cluster-cidr", PODS);
        // Its usual thrift would make every start four seconds longer.
        flags.text("kube-api-qps", "1000");
        flags.text("kube-api-burst", "2000");
        flags.text("service-cluster-ip-range", SERVICES);
        flags.text("leader-elect", "false");
        flags.text("secure-port", "0");
        self.recipe(Program::KubeControllerManager, flags)
    }

    /// The scheduler.
    pub(crate) fn scheduler(&self) -> Result<Recipe> {
        let mut flags = Flags::default();
        flags.path("kubeconfig", &self.folder.join("kube-scheduler.kubeconfig"));
        flags.text("leader-elect", "false");
        flags.text("secure-port", "0");
        self.recipe(Program::KubeScheduler, flags)
    }

    /// Every node's kubelet in one.
    pub(crate) fn kwok(&self) -> Result<Recipe> {
        let mut flags = Flags::default();
        flags.path("kubeconfig", &self.folder.join("kwok.kubeconfig"));
        flags.path("config", &crate_folder().join("kwok/stages.yaml"));
        flags.switch("manage-all-nodes");
        flags.text("node-lease-duration-seconds", "40");
        // For nodes that have no range of their own.
        flags.text("cidr", "10.245.0.1/16");
        self.recipe(Program::Kwok, flags)
    }

    fn pki(&self, file: &str) -> std::path::PathBuf {
        self.folder.join("pki").join(file)
    }

    fn recipe(&self, program: Program, flags: Flags) -> Result<Recipe> {
        Ok(Recipe {
            name: program.name(),
            program: self.binaries.of(program)?.to_owned(),
            arguments: flags.0,
            // Tests have small clusters: to collect garbage often costs little time, and saves much memory.
            environment: vec![("GOGC", "25")],
        })
    }
}

/// The addresses of Services.
const SERVICES: &str = "10.96.0.0/16";

/// The addresses of pods, of which each node has a part.
pub(crate) const PODS: &str = "10.244.0.0/16";

/// The flags of a server.
#[derive(Default)]
struct Flags(Vec<OsString>);

impl Flags {
    fn switch(&mut self, name: &str) {
        self.0.push(format!("--{name}").into());
    }

    fn text(&mut self, name: &str, value: &str) {
        self.0.push(format!("--{name}={value}").into());
    }

    fn path(&mut self, name: &str, value: &Path) {
        let mut flag = OsString::from(format!("--{name}="));
        flag.push(value);
        self.0.push(flag);
    }
}
