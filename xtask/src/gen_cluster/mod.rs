//! `cargo xtask gen-cluster`: a big cluster, as `kubectl get -o json` would print it, to measure speed with.

mod access;
mod edge;
mod metadata;
mod pod;
mod policy;
mod shape;
mod workload;
mod write;

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use serde_json::Value;
use shape::Shape;
use std::io::{self, BufWriter, Write};

/// Prints a believable cluster: environments `staging` and `production` that stay apart, and namespaces that they share.
/// The same arguments print the same bytes.
#[derive(Debug, Clone, Parser)]
#[command(name = "cargo xtask gen-cluster", no_binary_name = true)]
struct Options {
    /// How many pods, fifty at least
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(50..=10_000_000))]
    pods: u32,
    /// How many namespaces, six at least [default: one for every hundred pods]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(6..=100_000))]
    namespaces: Option<u32>,
    /// What the rest follows from
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
    /// Plants policies that let staging into production
    #[arg(long)]
    leak: bool,
    /// One JSON list, or a stream of YAML documents
    #[arg(long, short, value_enum, default_value_t = Format::Json)]
    output: Format,
}

/// In which language a cluster is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Json,
    Yaml,
}

impl Format {
    /// How names of such files end.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Yaml => "yaml",
        }
    }
}

/// Prints a cluster to standard output.
pub(crate) fn gen_cluster(arguments: &[String]) -> Result<()> {
    let options = match Options::try_parse_from(arguments) {
        Ok(options) => options,
        Err(error) => error.exit(),
    };
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    match print(&options, &mut out).and_then(|()| Ok(out.flush()?)) {
        // Whoever reads has seen enough.
        Err(error) if is_closed_pipe(&error) => Ok(()),
        outcome => outcome.context("the cluster could not be printed"),
    }
}

/// Writes a cluster whose environments stay apart.
pub(crate) fn write(pods: u32, namespaces: u32, format: Format, out: &mut dyn Write) -> Result<()> {
    let options = Options { pods, namespaces: Some(namespaces), seed: 1, leak: false, output: format };
    print(&options, out)
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let kind = error.chain().find_map(|cause| match cause.downcast_ref::<io::Error>() {
        Some(error) => Some(error.kind()),
        None => cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind),
    });
    kind == Some(io::ErrorKind::BrokenPipe)
}

fn print(options: &Options, out: &mut dyn Write) -> Result<()> {
    let shape = Shape::new(options);
    match options.output {
        Format::Json => write::json(out, objects(&shape)),
        Format::Yaml => write::yaml(out, objects(&shape)),
    }
}

/// The objects, one after the other: no more than one of them is in memory.
fn objects(shape: &Shape) -> impl Iterator<Item = Value> + '_ {
    let namespaces = shape.namespaces.iter();
    edge::nodes(shape)
        .chain(policy::cluster_policies())
        .chain(access::of_cluster(shape))
        .chain(namespaces.clone().map(edge::namespace))
        .chain(namespaces.clone().flat_map(move |namespace| access::of_namespace(shape, namespace)))
        .chain(namespaces.clone().flat_map(move |namespace| policy::network_policies(shape, namespace)))
        .chain(namespaces.clone().flat_map(move |namespace| edge::services(shape, namespace)))
        .chain(namespaces.clone().flat_map(move |namespace| workload::workloads(shape, namespace)))
        .chain(namespaces.flat_map(move |namespace| pod::pods(shape, namespace)))
}

#[cfg(test)]
mod tests;
