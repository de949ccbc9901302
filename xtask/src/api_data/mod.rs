//! `cargo xtask api-data`: what an API server of each version has by itself, as files that `watertight-api` embeds.

mod bootstrap;
mod lines;
mod resources;

use crate::repository::Repository;
use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use watertight_testbed::{Options, Testbed};

/// The folder of the files, under the root of the repository.
const FOLDER: &str = "crates/channels/api/data";

/// The minor versions of Kubernetes of which there are files.
const MINORS: [&str; 4] = ["1.33", "1.34", "1.35", "1.36"];

/// Asks a server of each version, and writes what it says.
pub(crate) fn api_data(arguments: &[String]) -> Result<()> {
    if let Some(unknown) = arguments.iter().find(|minor| !MINORS.contains(&minor.as_str())) {
        bail!("there is no version `{unknown}`: write `cargo xtask api-data [{}]`", MINORS.join("|"));
    }
    for minor in MINORS {
        if arguments.is_empty() || arguments.iter().any(|wanted| wanted == minor) {
            write(minor).with_context(|| format!("the data of Kubernetes {minor}"))?;
        }
    }
    Ok(())
}

fn write(minor: &str) -> Result<()> {
    watertight_testbed::build(minor)?;
    // A server that is ready has made its roles. Nothing else of the testbed makes any, or serves more resources.
    let server = Testbed::start(&Options { kubernetes: minor.to_owned(), clusters: 1, nodes: 0 })?;
    Repository::write(&format!("{FOLDER}/bootstrap-{minor}.json"), &bootstrap::text(&server)?)?;
    Repository::write(&format!("{FOLDER}/resources-{minor}.json"), &resources::text(&server)?)
}

/// What a server answers to a call of kubectl.
fn ask<T: DeserializeOwned>(server: &Testbed, call: &[&str]) -> Result<T> {
    let answer = server.kubectl(call)?;
    serde_json::from_str(&answer)
        .with_context(|| format!("`kubectl {}` printed something else", call.join(" ")))
}
