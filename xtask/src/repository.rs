//! The text files of this repository as a value, so that every check is a pure function that a test can feed.

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::Path;

/// Folders that hold nothing of ours.
const SKIPPED: [&str; 4] = ["target", ".git", ".venv", "node_modules"];

/// Folders that hold what fuzzing made up.
const MADE_UP: [&str; 2] = ["fuzz/artifacts", "fuzz/corpus"];

/// Every text file, by its path from the root with `/` between the parts.
#[derive(Debug, Default)]
pub(crate) struct Repository {
    pub(crate) files: BTreeMap<String, String>,
}

impl Repository {
    /// Reads the repository that this crate belongs to.
    pub(crate) fn read() -> Result<Self> {
        let mut repository = Self::default();
        repository.read_folder(root()?, "")?;
        Ok(repository)
    }

    /// Writes a file of the repository that this crate belongs to.
    #[expect(clippy::disallowed_methods, reason = "this is the one place of xtask that writes files of ours")]
    pub(crate) fn write(path: &str, text: &str) -> Result<()> {
        std::fs::write(root()?.join(path), text).with_context(|| format!("cannot write {path}"))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place of xtask that reads files")]
    fn read_folder(&mut self, folder: &Path, prefix: &str) -> Result<()> {
        let context = || format!("cannot read {}", folder.display());
        for entry in std::fs::read_dir(folder).with_context(context)? {
            let entry = entry.with_context(context)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            if entry.file_type().with_context(context)?.is_dir() {
                if !SKIPPED.contains(&name.as_str()) && !MADE_UP.contains(&path.as_str()) {
                    self.read_folder(&entry.path(), &format!("{path}/"))?;
                }
            } else if let Ok(text) = std::fs::read_to_string(entry.path()) {
                // What is not UTF-8 is no text, and no check speaks of it.
                self.files.insert(path, text);
            }
        }
        Ok(())
    }

    /// The files whose path ends so.
    pub(crate) fn with_ending<'a>(&'a self, ending: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let all = self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        all.filter(move |(path, _)| path.ends_with(ending))
    }

    /// Whether a file or a folder is there.
    pub(crate) fn holds(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        path.is_empty()
            || self.files.contains_key(path)
            || self.files.range(folder.clone()..).next().is_some_and(|(next, _)| next.starts_with(&folder))
    }
}

fn root() -> Result<&'static Path> {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has no parent folder")
}

#[cfg(test)]
impl Repository {
    /// A repository for a test.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Self { files: files.iter().map(|&(path, text)| (path.to_owned(), text.to_owned())).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_held_if_a_file_is_in_it() {
        let repository = Repository::of(&[("rules/open-rule.md", ""), ("README.md", "")]);
        assert!(repository.holds("rules"));
        assert!(repository.holds("README.md"));
        assert!(!repository.holds("rule"));
        assert!(!repository.holds("rules/other.md"));
    }
}
