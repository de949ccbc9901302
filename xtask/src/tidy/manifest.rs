//! The parts of the crates' manifests that the checks look at.

use super::Problem;
use crate::repository::Repository;
use toml::{Table, Value};

/// One crate of the workspace.
pub(super) struct Manifest {
    /// The path of its `Cargo.toml`.
    pub(super) file: String,
    /// The package's name.
    pub(super) name: String,
    /// Its dependencies of every sort.
    pub(super) dependencies: Vec<Dependency>,
}

/// One dependency of a crate.
pub(super) struct Dependency {
    /// The package's name, whatever it is called inside the crate.
    pub(super) name: String,
    /// Whether it is for tests alone.
    pub(super) dev: bool,
    /// Whether it is inherited from the workspace.
    pub(super) workspace: bool,
}

/// The manifests of all crates, and what is wrong with those that cannot be read.
pub(super) fn read(repository: &Repository) -> (Vec<Manifest>, Vec<Problem>) {
    let mut manifests = Vec::new();
    let mut problems = Vec::new();
    for (file, text) in repository.with_ending("/Cargo.toml") {
        match text.parse::<Table>() {
            Ok(table) => manifests.extend(manifest(file, &table)),
            Err(error) => problems.push(Problem::in_file(file, format!("is not TOML: {}", error.message()))),
        }
    }
    (manifests, problems)
}

/// The crate of a manifest; `None` for a workspace without a package, and for a package that is a workspace of its own,
/// such as `fuzz`: no crate of ours can depend on it.
fn manifest(file: &str, table: &Table) -> Option<Manifest> {
    if table.contains_key("workspace") {
        return None;
    }
    let name = table.get("package")?.get("name")?.as_str()?.to_owned();
    let targets = table.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values);
    let tables = std::iter::once(table).chain(targets.filter_map(Value::as_table));
    let dependencies = tables.flat_map(dependencies_of).collect();
    Some(Manifest { file: file.to_owned(), name, dependencies })
}

fn dependencies_of(table: &Table) -> Vec<Dependency> {
    let sections = [("dependencies", false), ("build-dependencies", false), ("dev-dependencies", true)];
    let mut all = Vec::new();
    for (section, dev) in sections {
        for (key, value) in table.get(section).and_then(Value::as_table).into_iter().flatten() {
            let name = value.get("package").and_then(Value::as_str).unwrap_or(key).to_owned();
            let workspace = value.get("workspace").and_then(Value::as_bool).unwrap_or(false);
            all.push(Dependency { name, dev, workspace });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_of_every_sort_are_seen() {
        let text = "
            [package]
            name = 'a'
            [dependencies]
            b.workspace = true
            c = { package = 'real-c', version = '1' }
            [dev-dependencies]
            d = '1'
            [target.'cfg(unix)'.dependencies]
            e = '1'
        ";
        let (manifests, problems) = read(&Repository::of(&[("crates/a/Cargo.toml", text)]));
        assert_eq!(problems, []);
        let seen: Vec<_> =
            manifests[0].dependencies.iter().map(|d| (d.name.as_str(), d.dev, d.workspace)).collect();
        assert_eq!(
            seen,
            [("b", false, true), ("real-c", false, false), ("d", true, false), ("e", false, false)]
        );
    }

    #[test]
    fn a_package_that_is_a_workspace_of_its_own_is_left_aside() {
        let text = "workspace = {}\npackage.name = 'fuzz'\ndependencies.a = '1'";
        assert!(read(&Repository::of(&[("fuzz/Cargo.toml", text)])).0.is_empty());
    }

    #[test]
    fn what_is_not_toml_is_a_problem() {
        let (manifests, problems) = read(&Repository::of(&[("crates/a/Cargo.toml", "[package")]));
        assert!(manifests.is_empty());
        assert_eq!(problems.len(), 1);
    }
}
