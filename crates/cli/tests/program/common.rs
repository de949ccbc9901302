//! Runs the program as people do, on folders of their own.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// The schema of `prove -o json`.
pub(crate) const VERDICT: &str = include_str!("../../../../schemas/verdict-v1.schema.json");
/// The schema of `prove --profile all -o json`.
pub(crate) const PROFILES: &str = include_str!("../../../../schemas/profiles-v1.schema.json");
/// The schema of `map -o json`.
pub(crate) const MAP: &str = include_str!("../../../../schemas/map-v1.schema.json");
/// The schema of `can -o json`.
pub(crate) const CAN: &str = include_str!("../../../../schemas/can-v1.schema.json");
/// The schema of a line of `can --batch`.
pub(crate) const CAN_BATCH: &str = include_str!("../../../../schemas/can-batch-v1.schema.json");
/// The schema of `can --list -o json`.
pub(crate) const CAN_LIST: &str = include_str!("../../../../schemas/can-list-v1.schema.json");
/// The schema of `who-can -o json`.
pub(crate) const WHO_CAN: &str = include_str!("../../../../schemas/who-can-v1.schema.json");
/// The schema of `fix -o json`.
pub(crate) const FIX: &str = include_str!("../../../../schemas/fix-v1.schema.json");
/// The schema of `rules -o json`.
pub(crate) const RULES: &str = include_str!("../../../../schemas/rules-v1.schema.json");

/// The schema of what `prove --certificate` writes.
pub(crate) const CERTIFICATE: &str = include_str!("../../../../schemas/certificate-v1.schema.json");
/// The schema of `check-certificate -o json`.
pub(crate) const CHECK: &str = include_str!("../../../../schemas/check-v1.schema.json");

/// A temporary folder with files.
pub(crate) struct Folder(TempDir);

impl Folder {
    /// A folder with these files, by path below it.
    pub(crate) fn with(files: &[(&str, &[u8])]) -> Self {
        let folder = Self(TempDir::new().unwrap());
        for (path, content) in files {
            folder.write(path, content);
        }
        folder
    }

    /// Writes one more file, and the folders above it.
    pub(crate) fn write(&self, path: &str, content: &[u8]) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        File::create(path).unwrap().write_all(content).unwrap();
    }

    /// Copies a folder with all that is below it.
    #[expect(clippy::disallowed_methods, reason = "what is in a test is no core")]
    pub(crate) fn copy(&self, from: &Path, to: &str) {
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap().path();
            let to = format!("{to}/{}", entry.file_name().unwrap().to_str().unwrap());
            if entry.is_dir() {
                self.copy(&entry, &to);
            } else {
                self.write(&to, &std::fs::read(&entry).unwrap());
            }
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

/// What a run left behind.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The exit code.
    pub code: i32,
    /// The data.
    pub stdout: String,
    /// The talk.
    pub stderr: String,
}

impl Outcome {
    /// The data as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// Each line of the data as JSON, checked against a schema.
    pub(crate) fn valid_lines(&self, schema: &str) -> Vec<serde_json::Value> {
        let line = |line: &str| Self { stdout: line.to_owned(), stderr: String::new(), ..*self };
        self.stdout.lines().map(|text| line(text).valid_json(schema)).collect()
    }

    /// The data as JSON, checked against a schema.
    pub(crate) fn valid_json(&self, schema: &str) -> serde_json::Value {
        let schema = serde_json::from_str(schema).unwrap();
        let document = self.json();
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        document
    }
}

/// The program, started in `folder` with nothing in its environment that could change its output.
pub(crate) fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_watertight"));
    command.current_dir(folder).args(arguments).env_clear();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the program in `folder` with nothing on standard input.
pub(crate) fn run(folder: &Folder, arguments: &[&str]) -> Outcome {
    run_with(folder, arguments, b"")
}

/// Runs the program in `folder` with `input` on standard input.
pub(crate) fn run_with(folder: &Folder, arguments: &[&str], input: &[u8]) -> Outcome {
    run_in(folder.path(), arguments, input)
}

/// Runs the program in the folder that is there, with `input` on standard input.
pub(crate) fn run_in(folder: &Path, arguments: &[&str], input: &[u8]) -> Outcome {
    let mut child = program(folder, arguments).spawn().unwrap();
    // The program may end before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    Outcome {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A file of the repository.
#[expect(clippy::disallowed_methods, reason = "tests read what people install by")]
pub(crate) fn repository_file(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

/// A YAML file of the repository.
pub(crate) fn repository_yaml(path: &str) -> serde_json::Value {
    serde_saphyr::from_str(&repository_file(path)).unwrap()
}

/// The commands that the help lists, but `help` itself.
pub(crate) fn commands() -> Vec<String> {
    let help = run(&Folder::with(&[]), &["-h"]).stdout;
    let (_, list) = help.split_once("\nCommands:\n").unwrap();
    let lines = list.lines().take_while(|line| !line.is_empty());
    // What a command does may go on in further lines, which are indented more.
    let entries = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = entries.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

/// Whether a program is installed, and runs.
pub(crate) fn is_installed(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .is_ok_and(|output| output.status.success())
}

/// What a program prints that gets `input`, which has to succeed and to complain about nothing.
pub(crate) fn through(program: &str, arguments: &[&str], input: &str) -> String {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Both ends would wait for each other if the output filled its pipe before the input is written.
    let output = std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input.as_bytes()).unwrap());
        child.wait_with_output().unwrap()
    });
    assert!(output.status.success() && output.stderr.is_empty(), "{program} {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// A folder of `examples/` at the root of the repository.
pub(crate) fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name).canonicalize().unwrap()
}

/// Both environments, and a fence around production that admits nobody else.
pub(crate) const ISOLATED: &str = "\
apiVersion: v1
kind: Namespace
metadata:
  name: staging
  labels: {pod-security.kubernetes.io/enforce: restricted}
---
apiVersion: v1
kind: Namespace
metadata:
  name: production
  labels: {pod-security.kubernetes.io/enforce: restricted}
---
apiVersion: v1
kind: Pod
metadata: {name: api, namespace: staging, labels: {app: api}}
spec: {containers: [{name: api, image: api}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: production, labels: {app: db}}
spec: {containers: [{name: db, image: db}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: fence, namespace: production}
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector: {}
";

/// A hole in that fence.
pub(crate) const HOLE: &str = "\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: hole, namespace: production}
spec:
  podSelector:
    matchLabels: {app: db}
  ingress:
    - from:
        - namespaceSelector: {}
      ports:
        - port: 5432
";

/// A kind that nobody knows.
pub(crate) const ODD: &str = "\
apiVersion: example.com/v1
kind: Portal
metadata: {name: odd, namespace: production}
";
