//! The hooks of pre-commit.

use crate::common::{Folder, HOLE, ISOLATED, is_installed, repository_file, repository_yaml, run};
use serde_json::json;
use std::process::Command;

#[test]
fn each_hook_runs_the_program_once_for_all_manifests() {
    let hooks = repository_yaml(".pre-commit-hooks.yaml");
    let hooks = hooks.as_array().unwrap();
    let of = |key: &str| -> Vec<_> { hooks.iter().map(|hook| hook[key].clone()).collect() };
    assert_eq!(of("id"), ["watertight", "watertight-system"]);
    assert_eq!(of("language"), ["python", "system"]);
    for hook in hooks {
        // The name is as long as pre-commit's lines of dots leave room for.
        assert!(hook["name"].as_str().unwrap().len() < 60);
        assert_eq!(hook["types_or"], json!(["yaml", "json"]));
        // A proof of the files that changed alone would be none.
        assert_eq!(hook["pass_filenames"], json!(false));
    }
}

/// pre-commit puts the arguments of the user's file behind the entry, and a hook that ends with 0 passes.
#[test]
fn a_hook_passes_only_where_the_boundary_holds() {
    let hooks = repository_yaml(".pre-commit-hooks.yaml");
    let folder = Folder::with(&[("k8s/a.yaml", ISOLATED.as_bytes())]);
    for (number, code) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
        if code == 1 {
            folder.write("k8s/hole.yaml", HOLE.as_bytes());
        }
        let entry: Vec<&str> = hooks[number]["entry"].as_str().unwrap().split(' ').collect();
        assert_eq!(entry[0], "watertight");
        let arguments = [&entry[1..], &["-f", "k8s/", "--from", "staging", "--to", "production"]].concat();
        assert_eq!(run(&folder, &arguments).code, code);
    }
}

#[test]
fn pre_commit_takes_the_hooks_where_it_is_installed() {
    if !is_installed("pre-commit") {
        return;
    }
    let folder = Folder::with(&[("hooks.yaml", repository_file(".pre-commit-hooks.yaml").as_bytes())]);
    let mut command = Command::new("pre-commit");
    let output =
        command.args(["validate-manifest", "hooks.yaml"]).current_dir(folder.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// The first hook is installed by `pip`, which finds the program by this file.
#[test]
fn pip_builds_the_crate_of_the_program() {
    let project: toml::Table = repository_file("pyproject.toml").parse().unwrap();
    let maturin = project["tool"]["maturin"].as_table().unwrap();
    assert_eq!(maturin["bindings"].as_str(), Some("bin"));
    let manifest: toml::Table = repository_file(maturin["manifest-path"].as_str().unwrap()).parse().unwrap();
    assert_eq!(manifest["package"]["name"].as_str(), Some(env!("CARGO_PKG_NAME")));
    for key in ["name", "description"] {
        assert_eq!(project["project"][key], manifest["package"][key], "{key}");
    }
}
