//! Where the servers' programs are: each is looked up by itself, and nothing is built here.

use crate::modules::Module;
use crate::talk::say;
use anyhow::{Context, Result};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program that the testbed runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    /// The API server.
    KubeApiserver,
    /// The controllers that Kubernetes comes with.
    KubeControllerManager,
    /// The scheduler.
    KubeScheduler,
    /// The client for the command line.
    Kubectl,
    /// The store.
    Etcd,
    /// The nodes.
    Kwok,
    /// What renders charts. No server needs it, and so it is none of [`Self::ALL`].
    Helm,
}

impl Program {
    /// All that a control plane needs, in the order in which they are built: what compiles the common part comes first.
    pub(crate) const ALL: [Self; 6] = [
        Self::KubeApiserver,
        Self::KubeControllerManager,
        Self::KubeScheduler,
        Self::Kubectl,
        Self::Etcd,
        Self::Kwok,
    ];

    /// The name of its file.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::KubeApiserver => "kube-apiserver",
            Self::KubeControllerManager => "kube-controller-manager",
            Self::KubeScheduler => "kube-scheduler",
            Self::Kubectl => "kubectl",
            Self::Etcd => "etcd",
            Self::Kwok => "kwok",
            Self::Helm => "helm",
        }
    }

    /// Whether its version is that of Kubernetes.
    fn is_kubernetes(self) -> bool {
        !matches!(self, Self::Etcd | Self::Kwok | Self::Helm)
    }

    /// What makes it say its version.
    fn version_arguments(self) -> &'static [&'static str] {
        match self {
            Self::Kubectl => &["version", "--client"],
            Self::Helm => &["version", "--short"],
            _ => &["--version"],
        }
    }
}

/// What the programs are built from.
#[derive(Debug, Clone)]
pub(crate) struct Modules {
    /// Kubernetes itself.
    pub(crate) kubernetes: Module,
    etcd: Module,
    kwok: Module,
    pub(crate) helm: Module,
}

impl Modules {
    /// The modules for a minor version of Kubernetes.
    pub(crate) fn for_kubernetes(minor: &str) -> Result<Self> {
        Ok(Self {
            kubernetes: Module::kubernetes(minor)?,
            etcd: Module::etcd()?,
            kwok: Module::kwok()?,
            helm: Module::helm()?,
        })
    }

    /// The module that a program is built from.
    pub(crate) fn of(&self, program: Program) -> &Module {
        match program {
            Program::Etcd => &self.etcd,
            Program::Kwok => &self.kwok,
            Program::Helm => &self.helm,
            _ => &self.kubernetes,
        }
    }
}

/// Where each program is.
#[derive(Debug, Clone)]
pub(crate) struct Binaries {
    places: Vec<(Program, PathBuf)>,
    /// The version of Kubernetes, such as `1.36.3`; what `$KUBEBUILDER_ASSETS` holds may be another patch of it.
    pub(crate) kubernetes: String,
}

/// The programs that are nowhere.
#[derive(Debug, Clone)]
pub struct Missing {
    minor: String,
    pub(crate) programs: Vec<Program>,
}

impl std::error::Error for Missing {}

impl std::fmt::Display for Missing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.programs.iter().map(|program| program.name()).collect();
        let mut build = "cargo xtask testbed build".to_owned();
        if self.minor != crate::modules::DEFAULT_KUBERNETES {
            write!(build, " --kubernetes {}", self.minor)?;
        }
        write!(
            formatter,
            "the testbed needs {}, which {} neither in $KUBEBUILDER_ASSETS nor in the cache: `{build}` builds what is \
             missing (with Go 1.26 or later, in a few minutes), or set KUBEBUILDER_ASSETS to a folder that holds it",
            names.join(", "),
            if names.len() == 1 { "is" } else { "are" },
        )
    }
}

impl Binaries {
    /// Where the programs for a minor version of Kubernetes are. The inner error says which are nowhere.
    pub(crate) fn find(minor: &str) -> Result<Result<Self, Missing>> {
        let modules = Modules::for_kubernetes(minor)?;
        let (mut places, mut programs) = (Vec::new(), Vec::new());
        for program in Program::ALL {
            match find(program, modules.of(program), minor)? {
                Some(place) => places.push((program, place)),
                None => programs.push(program),
            }
        }
        if !programs.is_empty() {
            return Ok(Err(Missing { minor: minor.to_owned(), programs }));
        }
        Ok(Ok(Self { places, kubernetes: modules.kubernetes.version }))
    }

    /// Where a program is.
    pub(crate) fn of(&self, program: Program) -> Result<&Path> {
        let place = self.places.iter().find(|(other, _)| *other == program);
        Ok(place.with_context(|| format!("{} was not looked for", program.name()))?.1.as_path())
    }
}

fn find(program: Program, module: &Module, minor: &str) -> Result<Option<PathBuf>> {
    if let Some(assets) = std::env::var_os("KUBEBUILDER_ASSETS") {
        let place = Path::new(&assets).join(program.name());
        if place.is_file() {
            match version_of(program, &place) {
                Some(version) if !program.is_kubernetes() || is_of_minor(&version, minor) => {
                    return Ok(Some(place));
                }
                Some(version) => {
                    say(format!("passing over {} of version {version}: {minor} is wanted", place.display()));
                }
                None => say(format!("passing over {}: it does not say its version", place.display())),
            }
        }
    }
    let place = cache_folder(module)?.join(program.name());
    Ok(place.is_file().then_some(place))
}

/// Where Helm is, if it was built.
pub(crate) fn helm() -> Result<Option<PathBuf>> {
    find(Program::Helm, &Module::helm()?, "")
}

/// What a program says of its version, such as `1.36.3`.
fn version_of(program: Program, place: &Path) -> Option<String> {
    let output = Command::new(place).args(program.version_arguments()).output().ok()?;
    version_in(&String::from_utf8_lossy(&output.stdout))
}

/// The first thing in a text that looks like a version.
fn version_in(text: &str) -> Option<String> {
    text.split_whitespace().find_map(|word| {
        let version = word.trim_start_matches('v');
        let starts = version.starts_with(|first: char| first.is_ascii_digit());
        (starts && version.contains('.')).then(|| version.to_owned())
    })
}

fn is_of_minor(version: &str, minor: &str) -> bool {
    version.strip_prefix(minor).is_some_and(|rest| rest.starts_with('.'))
}

/// The folder in the user's cache that holds what was made from a module.
pub(crate) fn cache_folder(module: &Module) -> Result<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = absolute("XDG_CACHE_HOME")
        .or_else(|| Some(absolute("HOME")?.join(".cache")))
        .context("neither XDG_CACHE_HOME nor HOME says where the cache is")?;
    Ok(cache.join("watertight/testbed").join(&module.cache_name))
}

/// Whether tests can be made that need the programs. Where they are missing, a test fails if `CI` is set; elsewhere it
/// says that it was not made, and what would make it, and is over. A build within a test would take minutes that nobody
/// expects. So would builds of every other version: tests of these are made where they are, in CI too.
///
/// # Errors
///
/// If programs are missing of the version that `./test` builds, and `CI` is set.
pub fn can_test(kubernetes: &str) -> Result<bool> {
    match Binaries::find(kubernetes)? {
        Ok(_) => Ok(true),
        Err(missing)
            if kubernetes == crate::modules::DEFAULT_KUBERNETES
                && std::env::var_os("CI").is_some_and(|ci| !ci.is_empty()) =>
        {
            Err(missing.into())
        }
        Err(missing) => {
            say(format!("not tested: {missing}"));
            Ok(false)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_says_its_version_in_words_of_its_own() {
        let version = |text| version_in(text).unwrap();
        assert_eq!(version("Kubernetes v1.36.3\n"), "1.36.3");
        assert_eq!(version("Client Version: v1.33.13\nKustomize Version: v5.6.0\n"), "1.33.13");
        assert_eq!(version("etcd Version: 3.6.16\nGit SHA: Not provided\n"), "3.6.16");
        assert_eq!(version("kwok version v0.8.0 go1.26.8 (linux/amd64)\n"), "0.8.0");
        assert_eq!(version_in("usage: etcd"), None);
    }

    #[test]
    fn a_minor_version_is_no_prefix_of_digits() {
        assert!(is_of_minor("1.36.3", "1.36"));
        assert!(!is_of_minor("1.36.3", "1.3"));
    }
}
