//! Development tasks: `cargo xtask help` lists them.

mod repository;
mod tidy;

use anyhow::{Result, bail};
use repository::Repository;
use std::process::ExitCode;

/// A task: its name, what it does in one line, and the work.
type Task = (&'static str, &'static str, fn() -> Result<()>);

const TASKS: [Task; 2] = [
    ("help", "lists the tasks", help),
    ("tidy", "checks what neither the compiler nor clippy sees: layers, rule pages, links, layout", tidy),
];

#[expect(clippy::print_stderr, reason = "why a task failed is talk")]
fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_else(|| "help".to_owned());
    match run(&name) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(name: &str) -> Result<()> {
    match TASKS.iter().find(|(task, _, _)| *task == name) {
        Some((_, _, run)) => run(),
        None => bail!("there is no task `{name}`; `cargo xtask help` lists them"),
    }
}

#[expect(clippy::print_stdout, reason = "the list is what was asked for")]
#[expect(clippy::unnecessary_wraps, reason = "every task has the same signature")]
fn help() -> Result<()> {
    for (name, what, _) in TASKS {
        println!("cargo xtask {name:<6} {what}");
    }
    Ok(())
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
