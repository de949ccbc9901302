//! How long the program takes to compile big intents.
//!
//! `cargo bench --bench intents` tries 20 environments with 200 applications and 200 with 2,000; `-- 50:500` others. Each
//! application runs in one environment and has a Service, a route or a store now and then. Every two environments of a cluster are
//! a boundary.
//!
//! - *compile*: the program, as a process, from its start to its end, into a folder that is empty.
//! - *again*: the same into the folder that it has written.
//!
//! Times are the best of three runs.
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock and files")]
#![expect(clippy::print_stdout, reason = "the figures are what was asked for")]

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const RUNS: usize = 3;

const IMAGE: &str =
    "registry.example.com/shop/app@sha256:8d9001d32c6a703d95921a77115050f33dd823d3f1730bd35215dcbecad6dc20";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with("--")).collect();
    let mut sizes = arguments.iter().map(|size| sizes(size)).collect::<Result<Vec<_>>>()?;
    if sizes.is_empty() {
        sizes = vec![(20, 200), (200, 2000)];
    }
    let program = built()?;
    println!(
        "{:>12} {:>12} {:>7} {:>10} {:>8}",
        "environments", "applications", "files", "compile s", "again s"
    );
    for (environments, applications) in sizes {
        measure(&program, environments, applications)?;
    }
    Ok(())
}

/// `ENVIRONMENTS:APPLICATIONS`.
fn sizes(text: &str) -> Result<(usize, usize)> {
    let (environments, applications) =
        text.split_once(':').ok_or("a size is ENVIRONMENTS:APPLICATIONS, such as 200:2000")?;
    Ok((environments.parse()?, applications.parse()?))
}

fn measure(program: &Path, environments: usize, applications: usize) -> Result<()> {
    let folder = target().join("intents").join(format!("{environments}-{applications}"));
    fs::create_dir_all(&folder)?;
    let file = folder.join("watertight.yaml");
    fs::write(&file, intent(environments, applications)?)?;
    let compiled = folder.join("compiled");
    let mut first = Duration::MAX;
    for _ in 0..RUNS {
        if compiled.exists() {
            fs::remove_dir_all(&compiled)?;
        }
        first = first.min(run(program, &file, &compiled)?);
    }
    let mut again = Duration::MAX;
    for _ in 0..RUNS {
        again = again.min(run(program, &file, &compiled)?);
    }
    println!(
        "{environments:>12} {applications:>12} {:>7} {:>10.3} {:>8.3}",
        files(&compiled)?,
        first.as_secs_f64(),
        again.as_secs_f64()
    );
    Ok(())
}

/// An intent of so many environments in one cluster.
fn intent(environments: usize, applications: usize) -> Result<String> {
    let mut text = String::from(
        "apiVersion: watertight.dev/v1alpha1\nkind: Fleet\nmetadata: {name: big}\nspec:\n  environments:\n",
    );
    for number in 0..environments {
        writeln!(
            text,
            "    - name: env-{number}\n      quota: {{objects: {{pods: 1000}}, requests: {{cpu: 500, memory: 500Gi}}, limits: {{cpu: 1000, memory: 1000Gi}}}}\n      access: {{teams: [{{name: team, groups: [team-{number}]}}]}}"
        )?;
    }
    text.push_str("  stores:\n    - name: db\n      engine: postgresql\n      endpoints:\n");
    for number in 0..environments {
        writeln!(
            text,
            "        - {{environment: env-{number}, host: db-{number}.example.com, cidrs: [10.{}.{}.0/28]}}",
            number / 256,
            number % 256
        )?;
    }
    text.push_str("  applications:\n");
    for number in 0..applications {
        writeln!(
            text,
            "    - name: app-{number}\n      environments: [env-{}]\n      image: {IMAGE}\n      ports: [{{name: http, containerPort: 8080, port: 80}}]\n      env: [{{name: LOG_LEVEL, value: info}}]\n      probes: {{readiness: {{port: http}}}}",
            number % environments
        )?;
        if number % 3 == 0 {
            text.push_str("      stores: [db]\n");
        }
    }
    Ok(text)
}

fn run(program: &Path, file: &Path, folder: &Path) -> Result<Duration> {
    let start = Instant::now();
    let mut command = Command::new(program);
    command.args(["--quiet", "compile", "--today", "2026-11-20", "-f"]).arg(file);
    let status = command.arg("--output-dir").arg(folder).stdout(Stdio::null()).status()?;
    let time = start.elapsed();
    if status.success() { Ok(time) } else { Err(format!("the intent was not compiled: {status}").into()) }
}

/// How many files are below a folder.
fn files(folder: &Path) -> Result<usize> {
    let mut count = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        count += if entry.file_type()?.is_dir() { files(&entry.path())? } else { 1 };
    }
    Ok(count)
}

/// Cargo's folder for what it builds.
fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("")
}

/// The program as it is released.
fn built() -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let build = ["build", "--quiet", "--release", "--locked", "--package", "watertight"];
    let status = Command::new(cargo).args(build).current_dir(env!("CARGO_MANIFEST_DIR")).status()?;
    if status.success() {
        Ok(target().join("release").join("watertight"))
    } else {
        Err("the program could not be built".into())
    }
}
