//! Embeds every page of `rules/` at the root of the repository, whatever pages there are.
#![expect(clippy::disallowed_methods, reason = "a build script reads the files that it embeds")]

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../..").canonicalize()?;
    let folder = root.join("rules");
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut list = String::from("&[\n");
    for (rule, page) in pages(&folder)? {
        writeln!(list, "    RulePage {{ name: {rule:?}, markdown: include_str!({page:?}) }},")?;
    }
    list.push_str("]\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("rules.rs"), list)?;
    Ok(())
}

/// The rules and their pages, sorted by name. A file whose name is not in the letters of rules (`README.md`) is no page.
fn pages(folder: &Path) -> Result<Vec<(String, PathBuf)>, Box<dyn Error>> {
    let mut pages = Vec::new();
    if !folder.is_dir() {
        return Ok(pages);
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let is_rule = !name.is_empty()
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if is_rule && path.extension().is_some_and(|extension| extension == "md") {
            println!("cargo:rerun-if-changed={}", path.display());
            pages.push((name.to_owned(), path));
        }
    }
    pages.sort();
    Ok(pages)
}
