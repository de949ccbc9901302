//! A real Kubernetes control plane to test against, or to try things on.

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use std::ffi::OsString;
use std::process::ExitCode;
use watertight_testbed::{DEFAULT_KUBERNETES, Options, Up, kubernetes_minors};

/// Starts and stops real Kubernetes control planes, on loopback.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask testbed", no_binary_name = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts a testbed that stays until `down`
    Up {
        /// Loads the examples, each into a cluster of its own, and prints the commands to try
        #[arg(long)]
        demo: bool,
        #[command(flatten)]
        what: What,
    },
    /// Stops what `up` started
    Down,
    /// Shows what `up` started
    Status,
    /// Builds the programs that are missing
    Build {
        #[command(flatten)]
        version: Version,
    },
    /// Runs a command with a testbed around it, by KUBECONFIG and with kubectl on PATH
    Run {
        #[command(flatten)]
        what: What,
        /// The command and its arguments, behind `--`
        #[arg(last = true, required = true, value_name = "CMD")]
        command: Vec<OsString>,
    },
}

#[derive(Debug, Args)]
struct Version {
    /// The minor version of Kubernetes
    #[arg(long, value_name = "MINOR", default_value = DEFAULT_KUBERNETES, value_parser = minor)]
    kubernetes: String,
}

#[derive(Debug, Args)]
struct What {
    #[command(flatten)]
    version: Version,
    /// How many clusters [default: 1; with --demo, one for each example]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=9))]
    clusters: Option<u8>,
    /// How many nodes each cluster has [default: 2; with --demo, those of the examples]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(..=1000))]
    nodes: Option<u16>,
}

impl What {
    fn options(self, clusters: usize, nodes: usize) -> Options {
        Options {
            kubernetes: self.version.kubernetes,
            clusters: self.clusters.map_or(clusters, usize::from),
            nodes: self.nodes.map_or(nodes, usize::from),
            ..Options::default()
        }
    }
}

/// A version that can be built, or which ones can.
fn minor(text: &str) -> Result<String, String> {
    let minors = kubernetes_minors().map_err(|error| format!("{error:#}"))?;
    match minors.iter().any(|minor| minor == text) {
        true => Ok(text.to_owned()),
        false => Err(format!("there are {}", minors.join(", "))),
    }
}

pub(crate) fn testbed(arguments: &[String]) -> Result<ExitCode> {
    let command = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments.command,
        Err(error) => {
            error.print()?;
            return Ok(ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2)));
        }
    };
    let Options { clusters, nodes, .. } = Options::default();
    match command {
        Command::Build { version } => watertight_testbed::build(&version.kubernetes)?,
        Command::Run { what, command } => {
            return Ok(watertight_testbed::run(&what.options(clusters, nodes), &command)?.into());
        }
        Command::Up { demo: false, what } => show(&watertight_testbed::up(&what.options(clusters, nodes))?),
        Command::Up { demo: true, what } => {
            let up = watertight_testbed::up(&what.options(watertight_testbed::EXAMPLES.len(), 0))?;
            if let Err(error) = demonstrate(&up) {
                watertight_testbed::down()?;
                return Err(error);
            }
        }
        Command::Down => down()?,
        Command::Status => return status(),
    }
    Ok(ExitCode::SUCCESS)
}

/// What a shell needs in order to talk to a testbed, to be read or to be evaluated.
#[expect(clippy::print_stdout, reason = "how to reach it is what was asked for")]
fn show(up: &Up) {
    for cluster in &up.state.clusters {
        println!("# {}: Kubernetes {} at {}", cluster.name, up.state.kubernetes, cluster.url);
    }
    println!("export KUBECONFIG='{}'", up.kubeconfig.display());
    println!("export PATH='{}':\"$PATH\"", up.bin.display());
}

#[expect(clippy::print_stdout, reason = "what to try is what was asked for")]
fn demonstrate(up: &Up) -> Result<()> {
    let loaded = watertight_testbed::load_examples(up)?;
    show(up);
    println!("# try:");
    for (cluster, example) in loaded {
        println!("\n# examples/{example} is in {cluster}");
        println!("kubectl --context {cluster} get pods -A -o wide");
        println!(
            "kubectl --context {cluster} get namespaces,nodes,pods,services,networkpolicies,ingresses -A -o json |\n    \
             cargo run --quiet -- prove -f - --from staging --to production"
        );
    }
    println!("\n# in the end:\ncargo xtask testbed down");
    Ok(())
}

#[expect(clippy::print_stderr, reason = "what was done is talk")]
fn down() -> Result<()> {
    match watertight_testbed::down()? {
        true => eprintln!("stopped"),
        false => eprintln!("nothing was up"),
    }
    Ok(())
}

/// Ends with 1 if nothing is up, or if a server is gone.
#[expect(clippy::print_stdout, reason = "the status is what was asked for")]
fn status() -> Result<ExitCode> {
    let Some((up, servers)) = watertight_testbed::status()? else {
        println!("nothing is up");
        return Ok(ExitCode::FAILURE);
    };
    show(&up);
    let mut all_there = true;
    for server in servers {
        all_there &= server.memory_bytes.is_some();
        let memory = match server.memory_bytes {
            Some(bytes) => format!("{:>4} MB", bytes / 1_000_000),
            None => "gone".to_owned(),
        };
        println!("{:<10} {:<24} {:>8} {memory}", server.cluster, server.name, server.id);
    }
    Ok(if all_there { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
