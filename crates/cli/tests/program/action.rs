//! The GitHub Action: its steps, run under bash with the environment that GitHub sets, with programs on the path that
//! write down how they are called.
#![cfg(unix)]

use crate::common::{Folder, HOLE, ISOLATED, repository_yaml, run};
use serde_json::Value;
use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const SCHEMA: &str = include_str!("../schemas/github-action.schema.json");
const INSTALL: usize = 0;
const PROVE: usize = 1;

/// Makes a program at `$program` that says how it came about.
const MAKE: &str = r#"make() { printf '#!/bin/bash\necho %s\n' "$1" >"$program"; chmod +x "$program"; }"#;

fn steps() -> Vec<Value> {
    repository_yaml("action.yml")["runs"]["steps"].as_array().unwrap().clone()
}

/// A machine that runs steps: programs in `bin`, and the files to which a step writes.
struct Runner(Folder);

impl Runner {
    fn new() -> Self {
        let runner = Self(Folder::with(&[("temp/.keep", b"")]));
        // Nothing else is on the path, whatever this machine has.
        for tool in ["bash", "chmod", "gzip", "mkdir", "tar"] {
            let places = ["/bin", "/usr/bin", "/usr/local/bin"].map(|folder| Path::new(folder).join(tool));
            let place = places.iter().find(|place| place.exists()).unwrap_or_else(|| panic!("no {tool}"));
            std::fs::create_dir_all(runner.file("bin")).unwrap();
            symlink(place, runner.file("bin").join(tool)).unwrap();
        }
        runner
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// What a file holds; nothing if it is not there.
    #[expect(clippy::disallowed_methods, reason = "the tests read what a step wrote")]
    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.file(name)).unwrap_or_default()
    }

    /// A program on the path that adds how it is called to `calls`, and then does what `script` says.
    fn program(&self, name: &str, script: &str) {
        let text =
            format!("#!/bin/bash\necho \"{name} $*\" >>'{}'\n{script}\n", self.file("calls").display());
        self.0.write(&format!("bin/{name}"), text.as_bytes());
        std::fs::set_permissions(self.file("bin").join(name), Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs a step as GitHub runs what says `shell: bash`.
    fn step(&self, number: usize, environment: &[(&str, &str)]) -> Output {
        self.0.write("temp/step.sh", steps()[number]["run"].as_str().unwrap().as_bytes());
        Command::new(self.file("bin/bash"))
            .args(["--noprofile", "--norc", "-eo", "pipefail", "temp/step.sh"])
            .current_dir(self.0.path())
            .env_clear()
            .env("PATH", self.file("bin"))
            .env("RUNNER_TEMP", self.file("temp"))
            .env("RUNNER_OS", "Linux")
            .env("RUNNER_ARCH", "X64")
            .env("GITHUB_STEP_SUMMARY", self.file("summary.md"))
            .env("GITHUB_OUTPUT", self.file("output"))
            .env("GITHUB_PATH", self.file("path"))
            .envs(environment.iter().copied())
            .output()
            .unwrap()
    }

    /// Installs, with `gh` and `cargo` that do what they are called for. `has_release` says whether there is a release.
    fn install(&self, version: &str, reference: &str, has_release: bool) -> Output {
        let gh = if has_release {
            format!("{MAKE}\nshift 2\nprogram=$PWD/watertight\nmake released\ntar -czf \"$7/$5\" watertight")
        } else {
            "exit 1".to_owned()
        };
        self.program("gh", &gh);
        self.program("cargo", &format!("{MAKE}\nprogram=$6/bin/watertight\nmake built"));
        self.step(
            INSTALL,
            &[
                ("VERSION", version),
                ("ACTION_REF", reference),
                ("ACTION_REPOSITORY", "owner/watertight"),
                ("ACTION_PATH", "/action"),
            ],
        )
    }

    /// The names of the programs that were called, and in what order.
    fn called(&self) -> Vec<String> {
        let calls = self.text("calls");
        calls.lines().filter_map(|call| Some(call.split_once(' ')?.0.to_owned())).collect()
    }
}

fn stdout(output: &Output) -> &str {
    str::from_utf8(&output.stdout).unwrap()
}

#[test]
fn the_action_fits_its_schema_and_no_input_is_pasted_into_a_script() {
    let schema = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::draft7::new(&schema).unwrap();
    let action = repository_yaml("action.yml");
    let errors: Vec<String> = validator.iter_errors(&action).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    for step in steps() {
        // What stands in an input would be run as a part of the script.
        assert!(!step["run"].as_str().unwrap().contains("${{"), "{step}");
    }
    let inputs = action["inputs"].as_object().unwrap();
    let read: Vec<String> = steps()
        .iter()
        .flat_map(|step| step["env"].as_object().unwrap().values().cloned().collect::<Vec<_>>())
        .filter_map(|value| {
            value.as_str()?.strip_prefix("${{ inputs.")?.strip_suffix(" }}").map(str::to_owned)
        })
        .collect();
    assert!(inputs.keys().all(|input| read.contains(input)), "{read:?}");
    assert_eq!(inputs.len(), read.len());
}

#[test]
fn a_release_is_taken_where_there_is_one() {
    for (version, reference) in [("", "v1.2.3"), ("1.2.3", "main"), ("v1.2.3", "v9.9.9")] {
        let runner = Runner::new();
        let output = runner.install(version, reference, true);
        assert!(output.status.success(), "{output:?}");
        assert!(stdout(&output).ends_with("released\n"), "{output:?}");
        let root = runner.file("temp/watertight");
        assert_eq!(
            runner.text("calls"),
            format!(
                "gh release download v1.2.3 --repo owner/watertight \
                 --pattern watertight-x86_64-unknown-linux-musl.tar.gz --dir {} --clobber\n",
                root.display()
            )
        );
        assert_eq!(runner.text("path"), format!("{}/bin\n", root.display()));
    }
}

#[test]
fn without_a_release_the_program_is_built_from_the_source_of_the_action() {
    for (reference, called) in
        [("main", &["cargo"][..]), ("v1", &["cargo"]), ("", &["cargo"]), ("v1.2.3", &["gh", "cargo"])]
    {
        let runner = Runner::new();
        let output = runner.install("", reference, false);
        assert!(output.status.success(), "{output:?}");
        assert!(stdout(&output).ends_with("built\n"), "{output:?}");
        assert_eq!(runner.called(), called);
        let root = runner.file("temp/watertight");
        let last = format!("cargo install --locked --path /action/crates/cli --root {}", root.display());
        assert_eq!(runner.text("calls").lines().last(), Some(last.as_str()));
    }
}

/// Another version than was asked for would answer as if it were that one.
#[test]
fn a_version_without_a_release_is_an_error() {
    for (version, called) in [("9.9.9", &["gh"][..]), ("newest", &[])] {
        let runner = Runner::new();
        let output = runner.install(version, "v1.2.3", false);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(stdout(&output).starts_with("::error title=watertight::there is no release"), "{output:?}");
        assert_eq!(runner.called(), called);
        assert_eq!(runner.text("path"), "");
    }
}

#[test]
fn the_step_has_the_exit_code_of_the_answer_and_writes_it_in_every_form() {
    for code in ["0", "1", "3"] {
        let runner = Runner::new();
        runner.program("watertight", &format!("echo \"as ${{!#}}\"; exit {code}"));
        let output = runner.step(
            PROVE,
            &[
                ("FROM", "staging"),
                ("TO", "production"),
                ("FILES", "k8s/\n\nthe others/*.yaml\n"),
                ("PROFILE", "cilium"),
                ("ARGUMENTS", "--must=dns"),
                ("FORMAT", "sarif"),
                ("REPORT", "a report.sarif"),
            ],
        );
        assert_eq!(output.status.code(), code.parse().ok(), "{output:?}");
        let question = "watertight prove --from=staging --to=production --profile=cilium --filename=k8s/ \
                        --filename=the others/*.yaml --must=dns";
        assert_eq!(
            runner.text("calls").lines().collect::<Vec<_>>(),
            ["github", "markdown", "sarif"].map(|form| format!("{question} --output={form}"))
        );
        assert_eq!(stdout(&output), "as --output=github\n");
        assert_eq!(runner.text("summary.md"), "as --output=markdown\n");
        assert_eq!(runner.text("a report.sarif"), "as --output=sarif\n");
        assert_eq!(runner.text("output"), format!("exit-code={code}\n"));
    }
}

#[test]
fn a_command_that_fails_ends_the_step() {
    for code in ["2", "101"] {
        let runner = Runner::new();
        runner.program("watertight", &format!("exit {code}"));
        let environment =
            [("FROM", "staging"), ("TO", "production"), ("FILES", "k8s/"), ("PROFILE", "conservative")];
        let output = runner.step(PROVE, &environment);
        assert_eq!(output.status.code(), code.parse().ok(), "{output:?}");
        assert_eq!(runner.called(), ["watertight"]);
        assert_eq!(runner.text("output"), format!("exit-code={code}\n"));
    }
}

#[test]
fn of_all_profiles_there_is_a_summary_and_no_annotation() {
    let runner = Runner::new();
    runner.program("watertight", "echo answer");
    let environment = [("FROM", "staging"), ("TO", "production"), ("FILES", "k8s/"), ("PROFILE", "all")];
    let output = runner.step(PROVE, &environment);
    assert_eq!((output.status.code(), stdout(&output)), (Some(0), ""), "{output:?}");
    assert_eq!(runner.text("summary.md"), "answer\n");
    assert_eq!(runner.called(), ["watertight"]);
}

#[test]
fn a_form_without_a_file_is_an_error_and_a_file_without_a_form() {
    for (format, report) in [("sarif", ""), ("", "report.sarif")] {
        let runner = Runner::new();
        runner.program("watertight", "");
        let output =
            runner.step(PROVE, &[("FORMAT", format), ("REPORT", report), ("PROFILE", "conservative")]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(stdout(&output).starts_with("::error title=watertight::"), "{output:?}");
        assert_eq!(runner.called(), [""; 0]);
    }
}

#[test]
fn the_program_itself_takes_what_the_step_asks() {
    for (files, code) in
        [(&[("k8s/a.yaml", ISOLATED)][..], 0), (&[("k8s/a.yaml", ISOLATED), ("k8s/hole.yaml", HOLE)], 1)]
    {
        let runner = Runner::new();
        symlink(env!("CARGO_BIN_EXE_watertight"), runner.file("bin/watertight")).unwrap();
        for (path, text) in files {
            runner.0.write(path, text.as_bytes());
        }
        let environment =
            [("FROM", "staging"), ("TO", "production"), ("FILES", "k8s/"), ("PROFILE", "conservative")];
        let output = runner.step(PROVE, &environment);
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        let question = ["prove", "-f", "k8s/", "--from", "staging", "--to", "production", "-o"];
        let printed = |form: &str| run(&runner.0, &[&question[..], &[form]].concat()).stdout;
        assert_eq!(stdout(&output), printed("github"));
        assert_eq!(runner.text("summary.md"), printed("markdown"));
    }
}
