//! The Go modules in `testbed/go/`: they say what is built, and in which version.

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// The minor version of Kubernetes that is started unless another is asked for.
pub const DEFAULT_KUBERNETES: &str = "1.36";

/// One of our Go modules, of which each exists to pin one thing from outside and what that is built from.
#[derive(Debug, Clone)]
pub(crate) struct Module {
    /// Where its `go.mod` is.
    pub(crate) folder: PathBuf,
    /// The version of what it pins, without the `v`.
    pub(crate) version: String,
    /// What its files are called in the user's cache: what it pins, the version, and a hash of the pins.
    pub(crate) cache_name: String,
}

impl Module {
    /// Kubernetes of a minor version, such as `1.36`.
    pub(crate) fn kubernetes(minor: &str) -> Result<Self> {
        let folder = modules_folder().join(format!("kubernetes-{minor}"));
        if !folder.join("go.mod").is_file() {
            bail!("there is no Kubernetes {minor} here, only {}", kubernetes_minors()?.join(", "));
        }
        Self::read(folder, "kubernetes", "k8s.io/kubernetes")
    }

    /// The store behind the API server.
    pub(crate) fn etcd() -> Result<Self> {
        Self::read(modules_folder().join("etcd"), "etcd", "go.etcd.io/etcd/server/v3")
    }

    /// What nodes and pods come from.
    pub(crate) fn kwok() -> Result<Self> {
        Self::read(modules_folder().join("kwok"), "kwok", "sigs.k8s.io/kwok")
    }

    /// What renders charts, for tests of what is made of them.
    pub(crate) fn helm() -> Result<Self> {
        Self::read(modules_folder().join("helm"), "helm", "helm.sh/helm/v4")
    }

    /// A module that is there for the manifests in one of the modules that it requires.
    pub(crate) fn of_manifests(folder: &str, requires: &str) -> Result<Self> {
        let name = requires.rsplit('/').next().unwrap_or(requires);
        Self::read(modules_folder().join(folder), name, requires)
    }

    fn read(folder: PathBuf, name: &str, pinned: &str) -> Result<Self> {
        let read = |file: &str| {
            let path = folder.join(file);
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
        };
        let (requirements, sums) = (read("go.mod")?, read("go.sum")?);
        let version = required(&requirements, pinned)
            .with_context(|| format!("{}/go.mod does not require {pinned}", folder.display()))?;
        let hash = Sha256::digest(format!("{requirements}\0{sums}"));
        let hash: String = hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let cache_name = format!("{name}-{version}-{hash}");
        Ok(Self { version, cache_name, folder })
    }
}

/// The minor versions of Kubernetes that can be built, the newest first.
pub fn kubernetes_minors() -> Result<Vec<String>> {
    let folder = modules_folder();
    let context = || format!("cannot read {}", folder.display());
    let mut minors = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(context)? {
        let name = entry.with_context(context)?.file_name().to_string_lossy().into_owned();
        minors.extend(name.strip_prefix("kubernetes-").map(str::to_owned));
    }
    minors.sort_by_key(|minor| {
        std::cmp::Reverse(minor.split('.').map(str::parse::<u32>).map(Result::ok).collect::<Vec<_>>())
    });
    Ok(minors)
}

/// The version in which a `go.mod` requires a module.
fn required(requirements: &str, module: &str) -> Option<String> {
    requirements.lines().find_map(|line| {
        let line = line.trim().trim_start_matches("require ");
        let version = line.strip_prefix(module)?.strip_prefix(" v")?;
        Some(version.split_whitespace().next()?.to_owned())
    })
}

/// The folder of this crate, which the testbed reads its own files from: it runs only where it was built.
pub(crate) fn crate_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn modules_folder() -> PathBuf {
    crate_folder().join("go")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirement_is_found_alone_in_a_block_and_with_a_remark() {
        let text = "require a.b/alone v1.2.3\nrequire (\n\ta.b/c v0.1.0\n\ta.b/c/d v2.0.0 // indirect\n)\n";
        assert_eq!(required(text, "a.b/alone").as_deref(), Some("1.2.3"));
        assert_eq!(required(text, "a.b/c").as_deref(), Some("0.1.0"));
        assert_eq!(required(text, "a.b/c/d").as_deref(), Some("2.0.0"));
        assert_eq!(required(text, "a.b"), None);
    }

    #[test]
    fn every_module_says_what_it_pins() {
        for minor in kubernetes_minors().unwrap() {
            let module = Module::kubernetes(&minor).unwrap();
            assert!(module.version.starts_with(&format!("{minor}.")), "{module:?}");
            assert!(module.cache_name.starts_with(&format!("kubernetes-{}-", module.version)), "{module:?}");
        }
        assert!(Module::etcd().unwrap().version.starts_with("3.6."));
        assert!(Module::kwok().unwrap().version.starts_with("0.8."));
        assert!(Module::helm().unwrap().version.starts_with("4."));
    }

    #[test]
    fn the_default_is_the_newest() {
        assert_eq!(kubernetes_minors().unwrap().first().map(String::as_str), Some(DEFAULT_KUBERNETES));
    }

    #[test]
    fn a_version_that_is_not_there_is_refused_with_those_that_are() {
        let error = Module::kubernetes("1.2").unwrap_err().to_string();
        assert!(error.contains("only 1.36"), "{error}");
    }
}
