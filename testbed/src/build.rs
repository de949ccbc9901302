//! Building what is missing, once, into the user's cache, with the Go toolchain at hand.

use crate::binaries::{Binaries, Modules, Program, cache_folder, helm};
use crate::modules::Module;
use crate::resources::CustomResources;
use crate::talk::say;
use anyhow::{Context, Result, bail};
use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Builds the programs for a minor version of Kubernetes that are nowhere yet, and Helm, and fetches the manifests of custom
/// resources.
pub fn build(kubernetes: &str) -> Result<()> {
    if let Err(missing) = Binaries::find(kubernetes)? {
        check_go().with_context(|| missing.to_string())?;
        let modules = Modules::for_kubernetes(kubernetes)?;
        for (place, program) in (1..).zip(&missing.programs) {
            let of = format!("{place} of {}", missing.programs.len());
            build_program(*program, modules.of(*program), kubernetes, &of)?;
        }
    }
    if helm()?.is_none() {
        check_go()?;
        build_program(Program::Helm, &Modules::for_kubernetes(kubernetes)?.helm, kubernetes, "1 of 1")?;
    }
    for resources in CustomResources::ALL {
        fetch(resources)?;
    }
    Ok(())
}

/// Checks that Go is there, and new enough for what is pinned.
fn check_go() -> Result<()> {
    const HELP: &str = "install Go 1.26 or later by https://go.dev/doc/install";
    let output = Command::new("go").args(["env", "GOVERSION"]).output();
    let output = output.with_context(|| format!("`go` could not be started: {HELP}"))?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if !is_new_enough(&version) {
        bail!("`go` is {version}, which is too old: {HELP}");
    }
    Ok(())
}

fn is_new_enough(go: &str) -> bool {
    let mut numbers = go.trim_start_matches("go").split('.').map(|number| {
        let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u32>().unwrap_or(0)
    });
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (1, 26)
}

/// Builds one program, unless somebody else did so while this waited for the lock.
fn build_program(program: Program, module: &Module, kubernetes: &str, of: &str) -> Result<()> {
    let (name, folder) = (program.name(), cache_folder(module)?);
    let _lock = lock(&folder)?;
    if folder.join(name).is_file() {
        return Ok(());
    }
    say(format!("building {name} {} ({of})…", module.version));
    let start = Instant::now();
    let partial = folder.join(format!(".{name}.partial"));
    let mut flags = "-s -w".to_owned();
    if let Some((major, minor)) = kubernetes.split_once('.')
        && !matches!(program, Program::Etcd | Program::Kwok | Program::Helm)
    {
        // Clients ask for the version, and rules depend on it.
        let prefix = "-X k8s.io/component-base/version.git";
        flags += &format!(" {prefix}Version=v{} {prefix}Major={major} {prefix}Minor={minor}", module.version);
    }
    let status = Command::new("go")
        .current_dir(&module.folder)
        .env("CGO_ENABLED", "0")
        .env("GOWORK", "off")
        .args(["build", "-trimpath", "-ldflags", &flags, "-o"])
        .arg(&partial)
        .arg(package(program))
        .status()
        .context("`go` could not be started")?;
    if !status.success() {
        bail!("building {name} failed: {status}");
    }
    std::fs::rename(&partial, folder.join(name))
        .with_context(|| format!("cannot move {name} into {}", folder.display()))?;
    say(format!("built {name} in {} s", start.elapsed().as_secs()));
    Ok(())
}

fn package(program: Program) -> &'static str {
    match program {
        Program::KubeApiserver => "k8s.io/kubernetes/cmd/kube-apiserver",
        Program::KubeControllerManager => "k8s.io/kubernetes/cmd/kube-controller-manager",
        Program::KubeScheduler => "k8s.io/kubernetes/cmd/kube-scheduler",
        Program::Kubectl => "k8s.io/kubernetes/cmd/kubectl",
        Program::Etcd => "go.etcd.io/etcd/server/v3",
        Program::Kwok => "sigs.k8s.io/kwok/cmd/kwok",
        Program::Helm => "helm.sh/helm/v4/cmd/helm",
    }
}

/// Copies the manifests of custom resources out of the Go module that ships them.
fn fetch(resources: CustomResources) -> Result<()> {
    let module = resources.module()?;
    let folder = cache_folder(&module)?;
    let _lock = lock(&folder)?;
    if folder.join(resources.file()).is_file() {
        return Ok(());
    }
    check_go()?;
    say(format!("fetching the custom resources of {} {}…", resources.requires(), module.version));
    let output = Command::new("go")
        .current_dir(&module.folder)
        .env("GOWORK", "off")
        .args(["mod", "download", "-json", resources.requires()])
        .output()
        .context("`go` could not be started")?;
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("`go mod download` said: {}", String::from_utf8_lossy(&output.stderr)))?;
    let source = answer.get("Dir").and_then(serde_json::Value::as_str);
    let source = source.with_context(|| format!("`go mod download` has no folder: {answer}"))?;
    let text = definitions_in(&Path::new(source).join("config/crd/experimental"))?;
    let partial = folder.join(format!(".{}.partial", resources.file()));
    write(&partial, &text)?;
    std::fs::rename(&partial, folder.join(resources.file()))
        .context("cannot move the manifests into the cache")
}

/// Every CustomResourceDefinition in a folder, as one text.
fn definitions_in(folder: &Path) -> Result<String> {
    let context = || format!("cannot read {}", folder.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(context)? {
        files.push(entry.with_context(context)?.path());
    }
    files.sort();
    let mut all = String::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "yaml")) {
        let text =
            std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        if text.lines().any(|line| line == "kind: CustomResourceDefinition") {
            all += "---\n";
            all += &text;
        }
    }
    if all.is_empty() {
        bail!("{} holds no CustomResourceDefinition", folder.display());
    }
    Ok(all)
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// Waits until nobody else makes something in a folder of the cache, for as long as the file is held.
fn lock(folder: &Path) -> Result<File> {
    let context = || format!("cannot lock {}", folder.display());
    std::fs::create_dir_all(folder).with_context(context)?;
    let file = File::create(folder.join(".lock")).with_context(context)?;
    if file.try_lock().is_err() {
        say(format!("waiting for another build in {}…", folder.display()));
        file.lock().with_context(context)?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_is_new_enough_from_1_26_on() {
        assert!(is_new_enough("go1.26.8"));
        assert!(is_new_enough("go1.26rc1"));
        assert!(is_new_enough("go2.0"));
        assert!(!is_new_enough("go1.25.9"));
        assert!(!is_new_enough(""));
    }
}
