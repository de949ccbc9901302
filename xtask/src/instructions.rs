//! `cargo xtask instructions`: how many instructions the program takes for clusters of a known size, held against bounds.
//! They hardly depend on the machine and on what else runs there, as times do.

use crate::cargo::{cargo, root, run};
use crate::gen_cluster::{self, Format};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::Command;

/// The counts that were taken last, under the root of the repository.
const COUNTS: &str = "benches/instructions.toml";

/// How many percent more than its count a run may take.
const SLACK: u64 = 10;

/// What is counted: a name, what takes the most of it, and the cluster.
const RUNS: [Run; 3] = [
    Run { name: "json", what: "reading JSON", pods: 1000, namespaces: 10, format: Format::Json },
    Run { name: "yaml", what: "reading YAML", pods: 1000, namespaces: 10, format: Format::Yaml },
    Run { name: "policies", what: "the proof", pods: 300, namespaces: 150, format: Format::Json },
];

struct Run {
    name: &'static str,
    what: &'static str,
    pods: u32,
    namespaces: u32,
    format: Format,
}

/// Counts, and compares or notes the counts.
#[expect(clippy::print_stdout, reason = "the counts are what was asked for")]
#[expect(clippy::disallowed_methods, reason = "a task reads and writes files")]
pub(crate) fn instructions(arguments: &[String]) -> Result<()> {
    let update = match arguments {
        [] => false,
        [flag] if flag == "--update" => true,
        _ => bail!("write `cargo xtask instructions [--update]`"),
    };
    let root = root()?;
    let build = ["build", "--quiet", "--release", "--locked", "--package", "watertight", "--target-dir"];
    run(cargo(&root).args(build).arg(root.join("target")))?;
    let mut counts = BTreeMap::new();
    for run in &RUNS {
        counts.insert(run.name, run.count(&root)?);
    }
    let file = root.join(COUNTS);
    if update {
        return fs::write(&file, text(&counts)).with_context(|| format!("{COUNTS} could not be written"));
    }
    let known = fs::read_to_string(&file).with_context(|| format!("{COUNTS} could not be read"))?;
    let known: BTreeMap<String, u64> =
        toml::from_str(&known).with_context(|| format!("{COUNTS} is not a table of counts"))?;
    let mut worse = 0;
    for Run { name, what, .. } in &RUNS {
        let count = counts.get(name).copied().unwrap_or_default();
        let Some(&before) = known.get(*name) else { bail!("{COUNTS} has no count `{name}`") };
        println!(
            "{name:<8} {:>6} million instructions, mostly {what}: {}",
            count / 1_000_000,
            change(before, count)
        );
        worse += usize::from(is_more(before, count));
    }
    if worse > 0 {
        bail!(
            "more than {SLACK} % above the bound: mend it, or if it is worth it, `cargo xtask instructions --update` and say why"
        );
    }
    Ok(())
}

impl Run {
    fn count(&self, root: &Path) -> Result<u64> {
        let folder = root.join("target/instructions");
        fs::create_dir_all(&folder).with_context(|| format!("`{}` could not be made", folder.display()))?;
        let cluster = folder.join(format!("{}.{}", self.name, self.format.extension()));
        let mut out = BufWriter::new(File::create(&cluster).context("no room for a cluster")?);
        gen_cluster::write(self.pods, self.namespaces, self.format, &mut out)?;
        out.flush().context("no room for a cluster")?;
        let mut valgrind = Command::new("valgrind");
        valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
        valgrind.arg(root.join("target/release/watertight")).arg("prove").arg("-f").arg(&cluster);
        valgrind.args(["--from", "staging", "--to", "production"]);
        // How work is shared out between threads changes from run to run.
        let output = valgrind.env("RAYON_NUM_THREADS", "1").output();
        let output =
            output.context("`valgrind` could not be started; `apt-get install valgrind` brings it")?;
        let talk = String::from_utf8_lossy(&output.stderr);
        match collected(&talk) {
            Some(count) if output.status.success() => Ok(count),
            _ => bail!("the run `{}` failed: {}\n{talk}", self.name, output.status),
        }
    }
}

/// The number behind `Collected :` in what callgrind says.
fn collected(talk: &str) -> Option<u64> {
    let (_, behind) = talk.split_once("Collected : ")?;
    behind.split_whitespace().next()?.parse().ok()
}

fn is_more(before: u64, count: u64) -> bool {
    count > before + before / 100 * SLACK
}

fn change(before: u64, count: u64) -> String {
    let (before, count) = (i128::from(before), i128::from(count));
    format!("{:+} %", (count - before) * 100 / before.max(1))
}

fn text(counts: &BTreeMap<&str, u64>) -> String {
    let mut text = format!(
        "# Instructions that a proof takes, by `cargo xtask instructions --update`. More than {SLACK} % above fails.\n"
    );
    for (name, count) in counts {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{name} = {count}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_found_in_what_callgrind_says() {
        let talk = "==1== Events    : Ir\n==1== Collected : 8123456\n==1== \n";
        assert_eq!(collected(talk), Some(8_123_456));
        assert_eq!(collected("==1== valgrind: no such file"), None);
    }

    #[test]
    fn a_tenth_more_is_let_pass_and_beyond_is_not() {
        assert!(!is_more(1000, 1100));
        assert!(is_more(1000, 1101));
        assert!(!is_more(1000, 10));
        assert_eq!((change(1000, 1250), change(1000, 900)), ("+25 %".to_owned(), "-10 %".to_owned()));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let counts = BTreeMap::from([("json", 12), ("yaml", 34)]);
        let again: BTreeMap<String, u64> = toml::from_str(&text(&counts)).unwrap();
        assert_eq!(again, counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect());
    }
}
