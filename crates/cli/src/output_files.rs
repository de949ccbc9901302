//! The only place that writes files: what `--output-dir` and `--certificate` ask for.
#![expect(
    clippy::disallowed_methods,
    reason = "the command line is where files are written, and this is its one file for it"
)]

use crate::failure::Failure;
use std::fs;
use std::path::Path;

/// Writes files, each by its name and its text, into a folder, which is made if it is not there.
///
/// # Errors
/// The folder cannot be made, or a file cannot be written.
pub(crate) fn write(folder: &Path, files: impl IntoIterator<Item = (String, String)>) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    for (name, text) in files {
        write_one(&folder.join(name), &text)?;
    }
    Ok(())
}

/// Writes one file, in place of what was there under its name.
///
/// # Errors
/// It cannot be written.
pub(crate) fn write_one(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|error| failed(path, &error))
}

fn failed(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("`{}` could not be written", path.display())).because(error)
}
