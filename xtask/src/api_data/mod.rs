//! `cargo xtask api-data`: what an API server of each version has by itself, as files that `watertight-kubernetes` embeds.

mod bootstrap;
mod lines;
mod resources;

use crate::repository::Repository;
use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use watertight_testbed::{Options, Testbed};

/// The folder of the files, under the root of the repository.
const FOLDER: &str = "crates/kubernetes/data";

/// Asks a server of each version that the testbed knows, or of those that are named, and writes what it says.
pub(crate) fn api_data(arguments: &[String]) -> Result<()> {
    let known = watertight_testbed::kubernetes_minors()?;
    if let Some(unknown) = arguments.iter().find(|minor| !known.contains(minor)) {
        bail!("there is no version `{unknown}`; there are {}", known.join(", "));
    }
    for minor in known.iter().filter(|minor| arguments.is_empty() || arguments.contains(minor)) {
        write(minor).with_context(|| format!("the data of Kubernetes {minor}"))?;
    }
    Ok(())
}

fn write(minor: &str) -> Result<()> {
    watertight_testbed::build(minor)?;
    // A server that is ready has made its roles. Nothing else of the testbed makes any, or serves more resources.
    let server = Testbed::start(&Options { kubernetes: minor.to_owned(), nodes: 0, ..Options::default() })?;
    Repository::write(&format!("{FOLDER}/bootstrap-{minor}.json"), &bootstrap::text(&server)?)?;
    Repository::write(&format!("{FOLDER}/resources-{minor}.json"), &resources::text(&server)?)
}

/// What a server answers to a call of kubectl.
fn ask<T: DeserializeOwned>(server: &Testbed, call: &[&str]) -> Result<T> {
    let answer = server.kubectl(call)?;
    serde_json::from_str(&answer)
        .with_context(|| format!("`kubectl {}` printed something else", call.join(" ")))
}
