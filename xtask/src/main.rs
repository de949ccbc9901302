//! Development tasks: `cargo xtask help` lists them.

mod agree;
mod api_data;
mod cargo;
mod fuzz;
mod gen_cluster;
mod instructions;
mod repository;
mod testbed;
mod tidy;

use anyhow::{Result, bail};
use repository::Repository;
use std::process::ExitCode;

/// A task: its name, what it does in one line, and the work, given what stands behind the name.
type Task = (&'static str, &'static str, fn(&[String]) -> Result<ExitCode>);

const TASKS: [Task; 9] = [
    ("help", "lists the tasks", |_| done(help)),
    ("agree", "holds the engine against evaluator and laws on many clusters: `--clusters N`", |arguments| {
        done(|| agree::agree(arguments))
    }),
    ("api-data", "writes what API servers have by themselves, as they say: `[MINOR…]`", |arguments| {
        done(|| api_data::api_data(arguments))
    }),
    ("fuzz", "fuzzes the reader, guided by coverage: `[TARGET] [-- OPTIONS OF LIBFUZZER]`", |arguments| {
        done(|| fuzz::fuzz(arguments))
    }),
    ("rule-index", "writes `rules/README.md`, the index of the rules", |_| done(rule_index)),
    (
        "gen-cluster",
        "prints a big cluster, to measure speed with: `--pods N --namespaces N --seed SEED`",
        |arguments| done(|| gen_cluster::gen_cluster(arguments)),
    ),
    (
        "instructions",
        "counts the instructions of proofs, and holds them against bounds: `[--update]`",
        |arguments| done(|| instructions::instructions(arguments)),
    ),
    ("testbed", "starts real Kubernetes control planes: `up|down|status|build|run -- CMD`", testbed::testbed),
    ("tidy", "checks what neither the compiler nor clippy sees: layers, rule pages, links, layout", |_| {
        done(tidy)
    }),
];

/// Does a task that has no exit code of its own.
fn done(task: impl FnOnce() -> Result<()>) -> Result<ExitCode> {
    task().map(|()| ExitCode::SUCCESS)
}

#[expect(clippy::print_stderr, reason = "why a task failed is talk")]
fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_else(|| "help".to_owned());
    match run(&name, &arguments.collect::<Vec<_>>()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(name: &str, arguments: &[String]) -> Result<ExitCode> {
    match TASKS.iter().find(|(task, _, _)| *task == name) {
        Some((_, _, run)) => run(arguments),
        None => bail!("there is no task `{name}`; `cargo xtask help` lists them"),
    }
}

#[expect(clippy::print_stdout, reason = "the list is what was asked for")]
#[expect(clippy::unnecessary_wraps, reason = "every task has the same signature")]
fn help() -> Result<()> {
    for (name, what, _) in TASKS {
        println!("cargo xtask {name:<12} {what}");
    }
    Ok(())
}

fn rule_index() -> Result<()> {
    let repository = Repository::read()?;
    Repository::write(tidy::rule_index::FILE, &tidy::rule_index::index(&repository))
}

#[expect(clippy::print_stdout, reason = "the findings are what was asked for")]
fn tidy() -> Result<()> {
    let problems = tidy::check(&Repository::read()?);
    for problem in &problems {
        println!("{problem}");
    }
    match problems.len() {
        0 => Ok(()),
        1 => bail!("one thing is untidy"),
        count => bail!("{count} things are untidy"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_is_tidy() {
        let problems = tidy::check(&Repository::read().unwrap());
        let listed: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(listed.is_empty(), "\n{}\n", listed.join("\n"));
    }
}
