//! The only place that writes files, and takes away what was written: what `--output-dir`, `--output-file` and `--certificate`
//! ask for.
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

/// Writes one file, and makes the folders above it that are not there.
///
/// # Errors
/// A folder cannot be made, or the file cannot be written.
pub(crate) fn write_below(path: &Path, text: &str) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    }
    write_one(path, text)
}

/// Takes a file below a folder away, and the folders between that are empty then.
///
/// # Errors
/// It cannot be taken away.
pub(crate) fn remove(folder: &Path, path: &Path) -> Result<(), Failure> {
    fs::remove_file(path).map_err(|error| {
        Failure::new(format!("`{}` could not be removed", path.display())).because(&error)
    })?;
    // A folder that is not empty stays.
    let _ = path.ancestors().skip(1).take_while(|above| *above != folder).try_for_each(fs::remove_dir);
    Ok(())
}

fn failed(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("`{}` could not be written", path.display())).because(error)
}
