//! The walls between the crates: who may see whom, and who is pure. `ARCHITECTURE.md` says why.

use super::Problem;
use super::manifest::{self, Dependency, Manifest};
use crate::repository::Repository;

/// Where a crate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layer {
    /// Vocabulary with laws.
    Base,
    /// Pure types.
    Model,
    /// Bytes into a snapshot.
    Ingest,
    /// What is known of Kubernetes as data.
    Kubernetes,
    /// Values as YAML.
    Yaml,
    /// `watertight.yaml` into an intent.
    Intent,
    /// What others wrote into an intent.
    Import,
    /// An intent into manifests.
    Compile,
    /// Expressions into trees.
    Cel,
    /// What the API server admits.
    Admission,
    /// One way across a boundary; there are several.
    Channel,
    /// All channels into a verdict.
    Prove,
    /// A verdict into edits of the input.
    Fix,
    /// A certificate is accepted or rejected, without the engine.
    Check,
    /// A verdict into text.
    Render,
    /// The program.
    Cli,
    /// The plain evaluator that tests hold the engine against.
    Oracle,
    /// The comparison with a real control plane: tests and nothing else.
    ControlPlane,
    /// The comparison with another project's analyser: tests and nothing else.
    SecondOpinion,
    /// What is compiled against what is proved: tests and nothing else.
    Loop,
    /// What starts the real servers that tests need.
    Testbed,
    /// Measurements of the program as it is released.
    Benches,
    /// Development tasks.
    Xtask,
}

impl Layer {
    /// The layer of the crate with this manifest; `None` for a crate that the walls do not know yet.
    fn of(file: &str) -> Option<Self> {
        Some(match file.strip_suffix("/Cargo.toml")? {
            "crates/base" => Self::Base,
            "crates/model" => Self::Model,
            "crates/ingest" => Self::Ingest,
            "crates/kubernetes" => Self::Kubernetes,
            "crates/yaml" => Self::Yaml,
            "crates/intent" => Self::Intent,
            "crates/import" => Self::Import,
            "crates/compile" => Self::Compile,
            "crates/cel" => Self::Cel,
            "crates/admission" => Self::Admission,
            "crates/prove" => Self::Prove,
            "crates/fix" => Self::Fix,
            "crates/check" => Self::Check,
            "crates/render" => Self::Render,
            "crates/cli" => Self::Cli,
            "crates/oracle" => Self::Oracle,
            "tests/control-plane" => Self::ControlPlane,
            "tests/second-opinion" => Self::SecondOpinion,
            "tests/loop" => Self::Loop,
            "testbed" => Self::Testbed,
            "benches" => Self::Benches,
            "xtask" => Self::Xtask,
            folder if folder.starts_with("crates/channels/") => Self::Channel,
            _ => return None,
        })
    }

    /// The layers that a crate of this one may depend on.
    fn sees(self) -> &'static [Self] {
        match self {
            Self::Base
            | Self::Cel
            | Self::Benches
            | Self::ControlPlane
            | Self::Loop
            | Self::SecondOpinion
            | Self::Testbed
            | Self::Yaml => &[],
            Self::Xtask => &[Self::Testbed],
            Self::Model => &[Self::Base],
            Self::Ingest | Self::Kubernetes | Self::Render | Self::Oracle => &[Self::Base, Self::Model],
            Self::Admission => &[Self::Base, Self::Cel, Self::Model],
            Self::Intent => &[Self::Base, Self::Ingest],
            Self::Import => &[Self::Base, Self::Model, Self::Ingest, Self::Intent, Self::Yaml],
            Self::Compile => &[Self::Base, Self::Ingest, Self::Intent, Self::Yaml],
            Self::Channel => &[Self::Base, Self::Model, Self::Kubernetes, Self::Admission],
            Self::Prove => &[Self::Base, Self::Model, Self::Admission, Self::Channel],
            Self::Fix => &[
                Self::Base,
                Self::Admission,
                Self::Model,
                Self::Ingest,
                Self::Channel,
                Self::Prove,
                Self::Yaml,
            ],
            Self::Check => &[Self::Base, Self::Cel, Self::Model, Self::Kubernetes, Self::Ingest],
            Self::Cli => &[
                Self::Base,
                Self::Model,
                Self::Ingest,
                Self::Intent,
                Self::Yaml,
                Self::Import,
                Self::Compile,
                Self::Channel,
                Self::Prove,
                Self::Fix,
                Self::Check,
                Self::Render,
            ],
        }
    }

    /// The layers that a crate's tests may depend on besides: real input for the engine, and the oracle beside it. The
    /// oracle's own tests see nothing of the engine, or it would no longer be a second opinion.
    fn tests_see(self) -> &'static [Self] {
        match self {
            Self::Channel => &[Self::Ingest, Self::Oracle],
            Self::Prove => &[Self::Ingest, Self::Oracle, Self::Render],
            Self::Fix => &[Self::Oracle],
            Self::Check => &[Self::Admission, Self::Channel, Self::Prove, Self::Oracle, Self::Render],
            Self::Cli => &[Self::Ingest, Self::Oracle, Self::Render, Self::Testbed],
            Self::Ingest => &[Self::Testbed],
            Self::Intent => &[Self::Compile, Self::Render],
            Self::Admission | Self::Compile | Self::Oracle | Self::Render => &[Self::Ingest],
            Self::Yaml => &[Self::Base, Self::Ingest],
            Self::Import => &[Self::Compile, Self::Prove, Self::Render],
            Self::SecondOpinion => &[Self::Base, Self::Model, Self::Ingest, Self::Channel, Self::Oracle],
            Self::ControlPlane => &[
                Self::Base,
                Self::Model,
                Self::Ingest,
                Self::Intent,
                Self::Compile,
                Self::Admission,
                Self::Channel,
                Self::Prove,
                Self::Oracle,
                Self::Testbed,
            ],
            // The compiler and the proof do not see each other: here both are seen.
            Self::Loop => &[
                Self::Base,
                Self::Model,
                Self::Ingest,
                Self::Intent,
                Self::Compile,
                Self::Channel,
                Self::Prove,
                Self::Check,
                Self::Render,
                Self::Oracle,
            ],
            // To its own tests, the testbed shows the face that it shows to others.
            Self::Testbed => &[Self::Testbed],
            Self::Base | Self::Cel | Self::Kubernetes | Self::Benches | Self::Model | Self::Xtask => &[],
        }
    }

    /// Whether the crate may touch files, the environment, the network or the clock.
    fn is_pure(self) -> bool {
        !matches!(
            self,
            Self::Benches
                | Self::Cli
                | Self::ControlPlane
                | Self::Loop
                | Self::SecondOpinion
                | Self::Testbed
                | Self::Xtask
        )
    }

    /// The packages from outside that a crate of this layer may depend on, where that is a short list. The vocabulary
    /// and the model know no Kubernetes crate and no parser, so that neither moves them.
    fn outside(self) -> Option<&'static [&'static str]> {
        matches!(self, Self::Base | Self::Model).then_some(&["ipnet"])
    }
}

/// Packages that do input and output, or bring an executor. A name that ends in `-` stands for a family.
const IMPURE: [&str; 22] = [
    "async-std",
    "futures",
    "glob",
    "hyper",
    "hyper-",
    "ignore",
    "k8s-openapi",
    "kube",
    "kube-",
    "memmap2",
    "mio",
    "notify",
    "redis",
    "reqwest",
    "rustls",
    "smol",
    "sqlx",
    "sqlx-",
    "tempfile",
    "tokio",
    "tokio-",
    "walkdir",
];

/// What code of a pure crate does not name.
const IMPURE_PATHS: [&str; 5] =
    ["std::fs", "std::env", "std::process", "std::time::SystemTime", "std::time::Instant"];

pub(super) fn check(repository: &Repository) -> Vec<Problem> {
    let (manifests, mut problems) = manifest::read(repository);
    for manifest in &manifests {
        let Some(layer) = Layer::of(&manifest.file) else {
            let what =
                "is in no layer: give it a row in xtask/src/tidy/layers.rs and a place in ARCHITECTURE.md";
            problems.push(Problem::in_file(&manifest.file, what));
            continue;
        };
        for dependency in &manifest.dependencies {
            problems.extend(
                fault(layer, dependency, &manifests).map(|what| Problem::in_file(&manifest.file, what)),
            );
        }
        if layer.is_pure() {
            let folder = manifest.file.trim_end_matches("Cargo.toml");
            problems.extend(impure_paths(repository, &format!("{folder}src/")));
        }
    }
    problems
}

/// What is wrong with a dependency of a crate of this layer.
fn fault(layer: Layer, dependency: &Dependency, manifests: &[Manifest]) -> Option<String> {
    let name = &dependency.name;
    if let Some(ours) = manifests.iter().find(|manifest| manifest.name == *name) {
        let seen = Layer::of(&ours.file)?;
        let allowed = layer.sees().contains(&seen) || (dependency.dev && layer.tests_see().contains(&seen));
        return (!allowed).then(|| match seen {
            Layer::Oracle | Layer::Testbed => format!("depends on `{name}`, which is for tests alone"),
            _ => format!("depends on `{name}`, which is behind a wall"),
        });
    }
    if dependency.dev {
        return None;
    }
    if layer.outside().is_some_and(|allowed| !allowed.contains(&name.as_str())) {
        return Some(format!(
            "depends on `{name}`: the vocabulary and the model know no parser and no Kubernetes"
        ));
    }
    let impure = |family: &&str| *family == name || (family.ends_with('-') && name.starts_with(family));
    (layer.is_pure() && IMPURE.iter().any(impure))
        .then(|| format!("depends on `{name}`, which does input and output: this crate is pure"))
}

/// The places of a pure crate's own code, its tests left aside, that reach outside.
fn impure_paths(repository: &Repository, folder: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (file, text) in repository.with_ending(".rs") {
        if !file.starts_with(folder) || file.ends_with("/tests.rs") || file.contains("/tests/") {
            continue;
        }
        let code = (1..).zip(text.lines()).take_while(|(_, line)| !line.starts_with("#[cfg(test)]"));
        for (number, line) in code {
            for path in IMPURE_PATHS {
                if line.contains(path) && !line.trim_start().starts_with("//") {
                    problems.push(Problem::at(file, number, format!("names `{path}`: this crate is pure")));
                }
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whats(files: &[(&str, &str)]) -> Vec<String> {
        check(&Repository::of(files)).into_iter().map(|problem| problem.what).collect()
    }

    const BASE: (&str, &str) = ("crates/base/Cargo.toml", "package.name = 'base'");
    const MODEL: (&str, &str) =
        ("crates/model/Cargo.toml", "package.name = 'model'\ndependencies.base.workspace = true");
    const NETWORK: (&str, &str) = (
        "crates/channels/network/Cargo.toml",
        "package.name = 'network'\ndependencies.model.workspace = true",
    );
    const ORACLE: (&str, &str) =
        ("crates/oracle/Cargo.toml", "package.name = 'oracle'\ndependencies.model.workspace = true");

    #[test]
    fn the_layers_that_are_meant_are_allowed() {
        let prove = (
            "crates/prove/Cargo.toml",
            "package.name = 'prove'\ndependencies.network.workspace = true\ndev-dependencies.oracle.workspace = true",
        );
        assert_eq!(whats(&[BASE, MODEL, NETWORK, ORACLE, prove]), Vec::<String>::new());
    }

    #[test]
    fn base_depends_on_nothing_of_ours() {
        let base = ("crates/base/Cargo.toml", "package.name = 'base'\ndependencies.model.workspace = true");
        assert_eq!(whats(&[base, MODEL]), ["depends on `model`, which is behind a wall"]);
    }

    #[test]
    fn channels_do_not_see_each_other_even_in_tests() {
        let api = (
            "crates/channels/api/Cargo.toml",
            "package.name = 'api'\ndev-dependencies.network.workspace = true",
        );
        assert_eq!(whats(&[MODEL, BASE, NETWORK, api]), ["depends on `network`, which is behind a wall"]);
    }

    #[test]
    fn the_reader_does_not_see_the_engine() {
        let ingest =
            ("crates/ingest/Cargo.toml", "package.name = 'ingest'\ndependencies.network.workspace = true");
        assert_eq!(whats(&[BASE, MODEL, NETWORK, ingest]), ["depends on `network`, which is behind a wall"]);
    }

    #[test]
    fn the_checker_sees_nothing_of_the_engine_but_in_tests() {
        let check = |section| {
            let text = format!("package.name = 'check'\n{section}.network.workspace = true");
            whats(&[MODEL, BASE, NETWORK, ("crates/check/Cargo.toml", &text)])
        };
        assert_eq!(check("dependencies"), ["depends on `network`, which is behind a wall"]);
        assert_eq!(check("dev-dependencies"), Vec::<String>::new());
    }

    #[test]
    fn the_oracle_is_for_tests_alone() {
        let cli = ("crates/cli/Cargo.toml", "package.name = 'cli'\ndependencies.oracle.workspace = true");
        let expected = ["depends on `oracle`, which is for tests alone"];
        assert_eq!(whats(&[BASE, MODEL, ORACLE, cli]), expected);
    }

    #[test]
    fn the_testbed_is_for_tests_and_tasks_alone() {
        let testbed = ("testbed/Cargo.toml", "package.name = 'testbed'");
        let with = |file, section| {
            let text = format!("package.name = 'user'\n{section}.testbed.workspace = true");
            whats(&[testbed, (file, &text)])
        };
        assert_eq!(with("xtask/Cargo.toml", "dependencies"), Vec::<String>::new());
        assert_eq!(with("crates/cli/Cargo.toml", "dev-dependencies"), Vec::<String>::new());
        let refused = ["depends on `testbed`, which is for tests alone"];
        assert_eq!(with("crates/cli/Cargo.toml", "dependencies"), refused);
        assert_eq!(with("crates/prove/Cargo.toml", "dev-dependencies"), refused);
    }

    #[test]
    fn the_oracle_sees_nothing_of_the_engine() {
        let oracle = (
            "crates/oracle/Cargo.toml",
            "package.name = 'oracle'\ndev-dependencies.network.workspace = true",
        );
        assert_eq!(whats(&[BASE, MODEL, NETWORK, oracle]), ["depends on `network`, which is behind a wall"]);
    }

    #[test]
    fn the_model_knows_no_parser() {
        let model = ("crates/model/Cargo.toml", "package.name = 'model'\ndependencies.serde_json = '1'");
        assert_eq!(whats(&[model]).len(), 1);
    }

    #[test]
    fn pure_crates_do_no_input_and_output() {
        let render = ("crates/render/Cargo.toml", "package.name = 'render'\ndependencies.tokio-stream = '1'");
        assert_eq!(whats(&[render]).len(), 1);
        let render = ("crates/render/Cargo.toml", "package.name = 'render'");
        let code =
            "//! R.\nuse std::fs;\n// std::env is not used\n#[cfg(test)]\nmod tests { use std::fs; }\n";
        let problems = check(&Repository::of(&[render, ("crates/render/src/lib.rs", code)]));
        assert_eq!(problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn a_new_crate_needs_a_layer() {
        assert_eq!(whats(&[("crates/new/Cargo.toml", "package.name = 'new'")]).len(), 1);
    }
}
