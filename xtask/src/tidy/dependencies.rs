//! A dependency that two crates share is declared once, in the workspace, so that there is one version of it.

use super::{Problem, manifest};
use crate::repository::Repository;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(repository: &Repository) -> Vec<Problem> {
    // Manifests that cannot be read are reported by the check of the layers.
    let (manifests, _) = manifest::read(repository);
    let mut users: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for manifest in &manifests {
        for dependency in &manifest.dependencies {
            users.entry(&dependency.name).or_default().insert(&manifest.name);
        }
    }
    let mut problems = Vec::new();
    for manifest in &manifests {
        for dependency in &manifest.dependencies {
            if !dependency.workspace && users[dependency.name.as_str()].len() > 1 {
                let what = format!(
                    "`{}` has several users: declare it in the workspace, and here as `{}.workspace = true`",
                    dependency.name, dependency.name
                );
                problems.push(Problem::in_file(&manifest.file, what));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_dependency_is_a_workspace_dependency() {
        let of = |b: &str| {
            let a = (
                "crates/a/Cargo.toml",
                "package.name = 'a'\ndependencies.x.workspace = true\ndependencies.y = '1'",
            );
            check(&Repository::of(&[a, ("crates/b/Cargo.toml", b)]))
        };
        assert_eq!(of("package.name = 'b'\ndependencies.x.workspace = true"), []);
        let problems = of("package.name = 'b'\ndev-dependencies.x = '1'");
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].file, "crates/b/Cargo.toml");
    }
}
