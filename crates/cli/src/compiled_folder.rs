//! The folder into which is compiled: which of its files are ours, and what changes.

use crate::failure::Failure;
use crate::{input, output_files};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use watertight_compile::HEAD;

/// What becomes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// It is not there yet.
    Add,
    /// It says something else.
    Replace,
    /// It was written by an earlier run, and is not asked for any more.
    Remove,
}

/// A folder, as it is and as it is to be.
pub(crate) struct CompiledFolder {
    folder: PathBuf,
    /// The files that are to be there, by their paths from the folder.
    wanted: BTreeMap<String, String>,
    changes: BTreeMap<String, Change>,
}

impl CompiledFolder {
    /// Compares a folder with the files that are to be in it, each by its path and its text.
    ///
    /// # Errors
    /// The folder cannot be read, or a file that somebody else wrote stands where one is to be written.
    pub(crate) fn open(folder: &Path, wanted: BTreeMap<String, String>) -> Result<Self, Failure> {
        let mut changes: BTreeMap<String, Change> =
            wanted.keys().map(|path| (path.clone(), Change::Add)).collect();
        for (path, text) in input::texts_below(folder)? {
            let is_ours = text.starts_with(HEAD.as_bytes());
            match wanted.get(&path) {
                Some(wanted) if wanted.as_bytes() == text => drop(changes.remove(&path)),
                Some(_) if is_ours => drop(changes.insert(path, Change::Replace)),
                Some(_) => {
                    let at = folder.join(&path);
                    return Err(Failure::new(format!(
                        "`{}` was not compiled from an intent, and is not written over",
                        at.display()
                    ))
                    .help("move it away, or choose another folder with `--output-dir`"));
                }
                None if is_ours => drop(changes.insert(path, Change::Remove)),
                None => {}
            }
        }
        Ok(Self { folder: folder.to_owned(), wanted, changes })
    }

    /// What is to be done, by path.
    pub(crate) fn changes(&self) -> &BTreeMap<String, Change> {
        &self.changes
    }

    /// Does it.
    ///
    /// # Errors
    /// A file cannot be written or taken away.
    pub(crate) fn write(&self) -> Result<(), Failure> {
        for (path, change) in &self.changes {
            let at = self.folder.join(path);
            match (change, self.wanted.get(path)) {
                (Change::Remove, _) => output_files::remove(&self.folder, &at)?,
                (_, Some(text)) => output_files::write_below(&at, text)?,
                (_, None) => {}
            }
        }
        Ok(())
    }
}
