//! What kubectl makes of documents, without a server.

use anyhow::{Context, Result, bail};
use serde_json::{Deserializer, Value};
use std::collections::{BTreeMap, BTreeSet};
use watertight_testbed::ControlPlane;

/// The annotation that kubectl is asked to add, so that it prints what it read.
const ASKED: &str = "asked=yes";

/// The objects that kubectl reads from documents, each a file of its own; `None` for those that it cannot parse. The
/// objects are named `p-0`, `p-1` and so on.
pub(super) fn read(plane: &ControlPlane, documents: &[&str]) -> Result<Vec<Option<Value>>> {
    let folder = tempfile::tempdir()?;
    let path = |index: usize| folder.path().join(format!("{index}.yaml"));
    for (index, text) in documents.iter().enumerate() {
        std::fs::write(path(index), text)?;
    }
    let name = folder.path().to_string_lossy();
    let ask = || plane.kubectl(&["annotate", "--local", "-f", &name, "-o", "json", ASKED]);
    // It goes on after a file that it cannot parse, but nothing is had of a call that fails.
    let printed = match ask() {
        Ok(printed) => printed,
        Err(error) => {
            let said = error.to_string();
            let begin = format!("parsing {}", path(0).with_file_name("").display());
            let names = said.split(begin.as_str()).skip(1).filter_map(|rest| rest.split_once(".yaml:"));
            let refused: BTreeSet<&str> = names.map(|(name, _)| name).collect();
            if refused.is_empty() {
                bail!("{said}");
            }
            for index in refused {
                std::fs::remove_file(path(index.parse()?))?;
            }
            ask().context("without the files that it cannot parse")?
        }
    };
    let mut objects = BTreeMap::new();
    for object in Deserializer::from_str(&printed).into_iter::<Value>() {
        let object = object?;
        let name = object["metadata"]["name"].as_str().context("an object has no name")?.to_owned();
        objects.insert(name, object);
    }
    let left = (0..documents.len()).filter(|index| path(*index).exists()).count();
    assert_eq!(objects.len(), left, "kubectl printed something else than it was given");
    Ok((0..documents.len()).map(|index| objects.remove(&format!("p-{index}"))).collect())
}
