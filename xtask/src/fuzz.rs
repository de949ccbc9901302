//! `cargo xtask fuzz`: coverage-guided fuzzing of what reads bytes, on the toolchain that builds everything else.
//!
//! The instrumentation is LLVM's, and the flags for it are stable ones, so that neither `cargo fuzz` nor a nightly
//! compiler is needed. What those would add is AddressSanitizer, which finds little where unsafe code is forbidden.

use crate::cargo::{cargo, output, root, run};
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

/// Counts edges and reports comparisons to libFuzzer, with checks that a release build leaves out.
const FLAGS: [&str; 8] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
    "-Cdebug-assertions=yes",
];

/// How long one target runs if nothing is said.
const USUAL: &str = "-max_total_time=60";

/// What is asked.
#[derive(Debug, PartialEq, Eq)]
struct Asked<'a> {
    /// One target, or all of them.
    target: Option<&'a str>,
    /// What goes to libFuzzer: flags, and inputs to run instead of making new ones.
    options: &'a [String],
}

/// Builds the fuzz targets and runs one of them, or each for a while. What was found before stays in `fuzz/corpus/`.
pub(crate) fn fuzz(arguments: &[String]) -> Result<()> {
    let asked = asked(arguments)?;
    let folder = root()?.join("fuzz");
    let targets = targets(&folder)?;
    let chosen: Vec<&String> =
        targets.iter().filter(|target| asked.target.is_none_or(|asked| asked == **target)).collect();
    if chosen.is_empty() {
        bail!("there is no such target; there are: {}", targets.join(", "));
    }
    if !has_cxx_compiler() {
        bail!(
            "libFuzzer is C++, and no C++ compiler was found; install one (`apt-get install g++`, `dnf install gcc-c++`, `xcode-select --install`), or name yours in the variable `CXX`"
        );
    }
    let host = host()?;
    for target in chosen {
        let mut build = cargo(&folder);
        // With `--target`, build scripts are compiled without the flags.
        build.args(["build", "--release", "--locked", "--target", &host, "--bin", target]);
        run(build.env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}")))?;
        let corpus = folder.join("corpus").join(target);
        let artifacts = folder.join("artifacts").join(target);
        make_folder(&corpus)?;
        make_folder(&artifacts)?;
        let mut fuzzer = Command::new(folder.join("target").join(&host).join("release").join(target));
        // Logs of parallel jobs are written to where it runs.
        fuzzer.current_dir(&artifacts);
        // The slash at the end makes it a folder.
        fuzzer.arg(format!("-artifact_prefix={}/", artifacts.display()));
        let (flags, inputs): (Vec<&String>, Vec<&String>) =
            asked.options.iter().partition(|option| option.starts_with('-'));
        if inputs.is_empty() {
            fuzzer.arg(&corpus);
        }
        for input in &inputs {
            fuzzer.arg(std::path::absolute(input).with_context(|| format!("`{input}` is no path"))?);
        }
        if asked.options.is_empty() {
            fuzzer.arg(USUAL);
        }
        run(fuzzer.args(flags))
            .with_context(|| format!("the target `{target}`: what broke it is in {}", artifacts.display()))?;
    }
    Ok(())
}

fn asked(arguments: &[String]) -> Result<Asked<'_>> {
    let (own, options) = match arguments.iter().position(|argument| argument == "--") {
        Some(at) => (&arguments[..at], &arguments[at + 1..]),
        None => (arguments, &[][..]),
    };
    match own {
        [] => Ok(Asked { target: None, options }),
        [target] if !target.starts_with('-') => Ok(Asked { target: Some(target), options }),
        _ => bail!("write `cargo xtask fuzz [TARGET] [-- OPTIONS OF LIBFUZZER]`"),
    }
}

/// The names of the binaries in `fuzz/Cargo.toml`.
#[expect(clippy::disallowed_methods, reason = "tasks read files")]
fn targets(folder: &Path) -> Result<Vec<String>> {
    let path = folder.join("Cargo.toml");
    let context = || format!("cannot read {}", path.display());
    let manifest: toml::Table =
        std::fs::read_to_string(&path).with_context(context)?.parse().with_context(context)?;
    let binaries = manifest.get("bin").and_then(toml::Value::as_array);
    let names = binaries.into_iter().flatten().filter_map(|binary| binary.get("name")?.as_str());
    Ok(names.map(str::to_owned).collect())
}

#[expect(clippy::disallowed_methods, reason = "tasks read the environment")]
fn has_cxx_compiler() -> bool {
    let named = std::env::var("CXX").ok();
    let usual = ["c++", "g++", "clang++"].map(str::to_owned);
    let compilers = named.map_or(usual.to_vec(), |named| vec![named]);
    compilers.iter().any(|compiler| output(Command::new(compiler).arg("--version")).is_ok())
}

/// The target triple of this machine.
fn host() -> Result<String> {
    let version = output(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("`rustc -vV` names no host")?.to_owned())
}

fn make_folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).with_context(|| format!("cannot make {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_behind_two_dashes_goes_to_the_fuzzer() {
        let arguments: Vec<String> = ["yaml", "--", "-runs=1"].map(str::to_owned).to_vec();
        assert_eq!(
            asked(&arguments).unwrap(),
            Asked { target: Some("yaml"), options: &["-runs=1".to_owned()] }
        );
        assert_eq!(asked(&arguments[1..]).unwrap().target, None);
        assert_eq!(asked(&[]).unwrap(), Asked { target: None, options: &[] });
        assert!(asked(&["yaml".to_owned(), "json".to_owned()]).is_err());
        assert!(asked(&["-runs=1".to_owned()]).is_err());
    }

    #[test]
    fn the_targets_are_those_of_the_manifest() {
        assert_eq!(targets(&root().unwrap().join("fuzz")).unwrap(), ["yaml", "json", "intent", "import"]);
    }
}
