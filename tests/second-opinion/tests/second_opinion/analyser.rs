//! Runs network-config-analyzer on many clusters in one process, by `analyse.py`.

use crate::answer::{Answer, Edge, Peers};
use ipnet::IpNet;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use watertight_base::{AddressSet, ConnectionSet, PortSet, Protocol};

/// Where `./test` says that the analyser is: the Python that has it.
const VARIABLE: &str = "WATERTIGHT_SECOND_OPINION";

/// The analyser, installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Analyser {
    python: PathBuf,
}

/// One entry of what `analyse.py` prints; that file says what each field means.
#[derive(Deserialize)]
#[serde(untagged)]
enum Printed {
    Refused { refused: String },
    Answered { pods: BTreeSet<String>, edges: Vec<PrintedEdge> },
}

#[derive(Deserialize)]
struct PrintedEdge {
    from: PrintedPeers,
    to: PrintedPeers,
    allow: BTreeMap<String, Vec<(u16, u16)>>,
}

#[derive(Deserialize)]
struct PrintedPeers {
    pods: BTreeSet<String>,
    cidrs: Vec<String>,
}

impl Analyser {
    /// The analyser that the environment names. `None` on a machine without it, which has then said so; it must be
    /// there in continuous integration.
    pub(crate) fn installed() -> Option<Self> {
        if let Some(python) = env::var_os(VARIABLE) {
            return Some(Self { python: python.into() });
        }
        assert!(
            env::var_os("CI").is_none(),
            "{VARIABLE} is not set: run `./test`, which installs the analyser"
        );
        // Past the capture of passing tests' output, so that a test that tested nothing does not go unseen.
        let _ = writeln!(
            io::stderr(),
            "skipped: {VARIABLE} is not set; `./test` installs the analyser and sets it"
        );
        None
    }

    /// What it says of each cluster, or why it refuses its YAML. The files are kept under `folder` for a closer look.
    pub(crate) fn analyse(&self, folder: &str, yamls: &[String]) -> Vec<Result<Answer, String>> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
        fs::create_dir_all(&folder).unwrap();
        let write = |(number, yaml): (usize, &String)| {
            let file = folder.join(format!("{number:04}.yaml"));
            fs::write(&file, yaml).unwrap();
            file
        };
        let files: Vec<PathBuf> = yamls.iter().enumerate().map(write).collect();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("analyse.py");
        // One process for each core, since the analyser uses one.
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let share = files.len().div_ceil(cores).max(1);
        let start = |files: &[PathBuf]| {
            let mut command = Command::new(&self.python);
            command.arg("-B").arg(&script).args(files).stdout(Stdio::piped()).stderr(Stdio::null());
            command
                .spawn()
                .unwrap_or_else(|error| panic!("{} does not start: {error}", self.python.display()))
        };
        let started: Vec<_> = files.chunks(share).map(start).collect();
        let mut answers = Vec::new();
        for process in started {
            let output = process.wait_with_output().unwrap();
            assert!(output.status.success(), "analyse.py failed: {}", output.status);
            let printed: Vec<Printed> = serde_json::from_slice(&output.stdout).unwrap();
            answers.extend(printed.into_iter().map(Printed::answer));
        }
        assert_eq!(answers.len(), yamls.len());
        answers
    }
}

impl Printed {
    fn answer(self) -> Result<Answer, String> {
        match self {
            Self::Refused { refused } => Err(refused),
            Self::Answered { pods, edges } => {
                Ok(Answer { pods, edges: edges.into_iter().map(PrintedEdge::edge).collect() })
            }
        }
    }
}

impl PrintedEdge {
    fn edge(self) -> Edge {
        let sets = self.allow.into_iter().map(|(protocol, ranges)| {
            let ranges = ranges.into_iter().map(|(first, last)| PortSet::range(first, last));
            let ports = ranges.fold(PortSet::empty(), |all, range| all.union(&range));
            ConnectionSet::of(Protocol::from_name(&protocol).unwrap(), ports)
        });
        let allow = sets.fold(ConnectionSet::empty(), |all, set| all.union(&set));
        Edge { from: self.from.peers(), to: self.to.peers(), allow }
    }
}

impl PrintedPeers {
    fn peers(self) -> Peers {
        let cidrs = self.cidrs.iter().map(|cidr| AddressSet::cidr(cidr.parse::<IpNet>().unwrap()));
        let addresses = cidrs.fold(AddressSet::empty(), |all, cidr| all.union(&cidr));
        Peers { pods: self.pods, addresses }
    }
}
