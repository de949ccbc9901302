//! How long a proof takes on big clusters, beside the time that only parsing takes.
//!
//! `cargo bench` tries clusters of 1,000 and 10,000 pods, `cargo bench -- 50000 100000` others, and `--yaml` the same
//! clusters as YAML. Clusters are made by `cargo xtask gen-cluster`, once, and stay under `target/clusters/`.
//!
//! - *parse*: `serde_json` makes a `Value` of the file, which is in memory already.
//! - *proof*: the program, as a process, from its start to its end; it opens the file and prints the verdict.
//! - *map*: the same for `map -o classes`.
//! - *peak*: the most memory that the proof held, and what of it is beyond the size of the file.
//!
//! Times are the best of three runs. Seconds are of this machine; the ratio is what to compare.
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock and files")]
#![expect(clippy::print_stdout, reason = "the figures are what was asked for")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const RUNS: usize = 3;

const PROOF: &[&str] = &["prove", "--from", "staging", "--to", "production", "-f"];
const MAP: &[&str] = &["map", "-o", "classes", "-f"];

/// How often a process is asked how much memory it holds.
const PULSE: Duration = Duration::from_millis(1);

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let yaml = arguments.iter().any(|argument| argument == "--yaml");
    let sizes = arguments.iter().filter(|argument| !argument.starts_with("--")).map(|size| size.parse());
    let mut sizes = sizes.collect::<std::result::Result<Vec<usize>, _>>()?;
    if sizes.is_empty() {
        sizes = vec![1_000, 10_000];
    }
    println!(
        "{:>7} {:>5} {:>8} {:>8} {:>8} {:>6} {:>8} {:>8} {:>8}",
        "pods", "input", "MB", "parse s", "proof s", "ratio", "map s", "peak MB", "beyond"
    );
    let program = built("watertight")?;
    for pods in sizes {
        measure(&program, pods, "json")?;
        if yaml {
            measure(&program, pods, "yaml")?;
        }
    }
    Ok(())
}

fn measure(program: &Path, pods: usize, format: &str) -> Result<()> {
    let file = cluster(pods, format)?;
    let size = fs::metadata(&file)?.len();
    let parse = if format == "json" { Some(best(|| parse(&file))?) } else { None };
    let mut peak = 0;
    let proof = best(|| {
        let (time, memory) = run(program, PROOF, &file)?;
        peak = peak.max(memory);
        Ok(time)
    })?;
    let map = best(|| Ok(run(program, MAP, &file)?.0))?;
    let seconds = |time: Duration| format!("{:.3}", time.as_secs_f64());
    let ratio = parse.map(|parse| format!("{:.2}", proof.as_secs_f64() / parse.as_secs_f64()));
    println!(
        "{pods:>7} {format:>5} {:>8.1} {:>8} {:>8} {:>6} {:>8} {:>8.0} {:>8.0}",
        size as f64 / 1e6,
        parse.map_or_else(|| "-".to_owned(), seconds),
        seconds(proof),
        ratio.as_deref().unwrap_or("-"),
        seconds(map),
        peak as f64 / 1e6,
        peak.saturating_sub(size) as f64 / 1e6,
    );
    Ok(())
}

fn best(mut run: impl FnMut() -> Result<Duration>) -> Result<Duration> {
    let times = (0..RUNS).map(|_| run()).collect::<Result<Vec<_>>>()?;
    times.into_iter().min().ok_or_else(|| "nothing was run".into())
}

/// The file with a cluster of this size, made if it is not there.
fn cluster(pods: usize, format: &str) -> Result<PathBuf> {
    let folder = target().join("clusters");
    fs::create_dir_all(&folder)?;
    let file = folder.join(format!("{pods}.{format}"));
    if !file.exists() {
        let unfinished = file.with_extension("part");
        let mut make = Command::new(built("xtask")?);
        make.args(["gen-cluster", "--pods", &pods.to_string(), "--output", format]);
        if !make.stdout(File::create(&unfinished)?).status()?.success() {
            return Err("the cluster could not be made".into());
        }
        fs::rename(unfinished, &file)?;
    }
    Ok(file)
}

/// Cargo's folder for what it builds.
fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("")
}

/// A program of the workspace as it is released.
fn built(package: &str) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let build = ["build", "--quiet", "--release", "--locked", "--package", package];
    let status = Command::new(cargo).args(build).current_dir(env!("CARGO_MANIFEST_DIR")).status()?;
    if status.success() {
        Ok(target().join("release").join(package))
    } else {
        Err(format!("`{package}` could not be built").into())
    }
}

fn parse(file: &Path) -> Result<Duration> {
    let bytes = fs::read(file)?;
    let start = Instant::now();
    let value: serde_json::Value = serde_json::from_slice(&bytes)?;
    let time = start.elapsed();
    if value["items"].as_array().is_none_or(Vec::is_empty) {
        return Err("the file holds no list".into());
    }
    Ok(time)
}

/// The time of a command about a file, and the most memory that it held.
fn run(program: &Path, arguments: &[&str], file: &Path) -> Result<(Duration, u64)> {
    let start = Instant::now();
    let mut process = Command::new(program).args(arguments).arg(file).stdout(Stdio::null()).spawn()?;
    let mut peak = 0;
    let status = loop {
        peak = memory(&process).unwrap_or(peak);
        if let Some(status) = process.try_wait()? {
            break status;
        }
        std::thread::sleep(PULSE);
    };
    let time = start.elapsed();
    // Another answer takes other work.
    if status.success() { Ok((time, peak)) } else { Err(format!("{arguments:?} ended with {status}").into()) }
}

/// The most memory that a process has held so far, in bytes, where the system tells.
fn memory(process: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", process.id())).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}
